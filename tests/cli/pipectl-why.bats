#!/usr/bin/env bats
# pipectl why: which rule holds a run, until when, and what mends it.

load runs

setup() {
	runs_setup
}

# The facts of the last --json output: "code" or "code: command", a line each.
facts() {
	python3 -c 'import json, sys
for fact in json.load(sys.stdin)["facts"]:
    print(fact["code"] + (": " + fact["command"] if fact["command"] else ""))' <<<"$output"
}

# fields NAME...: members of the last --json output, divided by blanks.
fields() {
	python3 -c 'import json, sys
found = json.load(sys.stdin)
print(*[found[name] for name in sys.argv[1:]])' "$@" <<<"$output"
}

why() {
	at "$1" pipectl why --json "${@:2}"
	[ "$status" = 0 ] || { echo "$err"; return 1; }
}

@test "S2.29 S2.33 B7 a run that waits: the next step, from what its time was computed, and all that comes after" {
	with_people
	do_at 9:00 pipe-tick
	at 9:01 pipectl why "$anna"
	[ "$status" = 0 ]
	[ "$err" = "" ]
	[ "$output" = "run $anna: anna@example.org in onboarding (version 1), running, begun 2026-06-29T07:00:00Z (60 seconds ago), 1 step done
  next is step 'features' (email from mailbox hello), due 2026-07-01T07:00:00Z (in 48 hours)
  its delay, 2 days, counts from when step 'welcome' was done, 2026-06-29T07:00:00Z (60 seconds ago); days are those in Europe/Berlin
  after that come, as things stand:
      2026-07-01T07:00:00Z  tag 3 (tag)
      2026-07-01T07:00:00Z  if 4 (if): tag is vip
      2026-07-02T07:00:00Z      then: vip-mail (email)
      2026-07-01T07:00:00Z      else: note 6 (note)
      ?                     check-in (email)" ] || { echo "$output"; false; }
}

@test "B7 a blocked run: what is missing, and the very command that mends it" {
	with_people
	at 9:01 pipectl why bob@example.org
	[[ $output == *"
  it lacks contact.first_name, so that no mail of it goes out; it goes on when that is set
      contactctl set bob@example.org first_name=...
"* ]]
	why 9:01 bob@example.org onboarding
	[ "$(fields status reason step due next)" = "blocked missing welcome None None" ]
	[ "$(facts)" = "run
next
missing: contactctl set bob@example.org first_name=..." ]
}

@test "B13 hours: the calendar that is closed, and when it opens" {
	do_at 07-03T18:00 contactctl add -q anna@example.org first_name=Anna --enroll onboarding
	at 07-03T18:01 pipectl why anna@example.org
	[[ $output == *"due 2026-07-06T07:00:00Z (in 3 days)"* ]]
	[[ $output == *"the calendar 'office' is closed 2026-07-03T16:00:00Z (60 seconds ago); it opens 2026-07-06T07:00:00Z (in 3 days)"* ]]
}

@test "B14 a limit: which, when the next slot is, how many wait" {
	limit='limit: {per_hour: 1, gap: 20 seconds}'
	write_documents
	do_at 9:00 pipectl apply -q documents.yaml
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	do_at 9:00 pipe-tick
	do_at 9:01 pipe-tick
	at 9:02 pipectl why carl@example.org
	[[ $output == *", blocked, "* ]]
	[[ $output == *"the limit per hour is reached; the next slot is 2026-06-29T08:00:00Z (in 58 minutes)"* ]]
	[[ $output == *"mailbox hello sends at most 1 per hour, 20 seconds between two; 1 of its mails is due"* ]]
	why 9:02 carl@example.org
	[ "$(fields reason next moved)" = "quota 2026-06-29T08:00:00Z limit" ]
}

@test "B16 a mail that was put off: how often, the server's words, and what hurries it" {
	with_sendmail
	echo "exit 75" >answer
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:01 pipe-tick
	run=$(run_of anna@example.org)
	why 9:02 "$run"
	[ "$(facts)" = "run
next
delay
moved
retry: pipectl retry $run" ]
	[[ $output == *"was tried 1 time and put off: "*"; after 48 hours it counts as undeliverable"* ]]
}

@test "a mailbox that cannot send" {
	with_sendmail
	rm sendmail
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:01 pipe-tick
	why 9:02 anna@example.org
	[ "$(fields status reason)" = "blocked settings" ]
	[ "$(facts | tail -n 1)" = "settings: pipe-tick --login hello" ]
}

@test "paused and drafts: what resumes them, and what late will do" {
	with_people
	do_at 9:00 pipectl pause -q onboarding mailbox/hello
	why 9:02 "$anna"
	[ "$(facts)" = "run
next
delay
paused: pipectl resume onboarding
paused: pipectl resume mailbox/hello" ]
	[[ $output == *"pipeline onboarding is paused since 2026-06-29T07:00:00Z (2 minutes ago); when it goes on after 2026-06-30T07:00:00Z (in 24 hours), the run is blocked as late"* ]]
	do_at 9:03 pipectl resume -q --all
	why 06-30T12:00 "$anna"
	[ "$(facts | tail -n 1)" = late ]
	[[ $output == *"it could go until 2026-06-30T07:00:00Z (3 hours ago); with the next tick the run is blocked as late"* ]]
	do_at 06-30T12:00 pipe-tick
	why 06-30T12:01 "$anna"
	[ "$(facts | tail -n 1)" = "late: pipectl retry $anna" ]
}

@test "in doubt and held: the message and the commands" {
	with_sendmail
	echo 'kill -9 $$' >answer
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:01 pipe-tick
	why 9:02 anna@example.org
	id=$(sql 'SELECT id FROM message')
	[ "$(facts | tail -n 2)" = "in-doubt: pipectl settle $id sent
pipectl settle $id resend" ]
	do_at 9:03 contactctl add -q carl@example.org --enroll short
	do_at 9:03 pipectl hold -q "$(run_of carl@example.org)"
	why 9:04 carl@example.org
	[[ $(facts | tail -n 1) == "held: pipectl release "* ]]
}

@test "refused: the server's words, and the two ways on" {
	with_sendmail
	echo "exit 65" >answer
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:01 pipe-tick
	why 9:02 anna@example.org
	[ "$(facts | tail -n 2)" = "undeliverable: pipectl retry $(run_of anna@example.org)
pipectl drop $(sql 'SELECT id FROM message')" ]
}

@test "B7 ended runs: when and why; of a person the open runs, else the latest" {
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	do_at 9:01 pipe-tick
	at 9:02 pipectl why carl@example.org
	[[ $output == *"  it was completed 2026-06-29T07:01:00Z (60 seconds ago)
  nothing more goes out of it" ]]
	do_at 9:03 contactctl enroll -q onboarding carl@example.org
	at 9:03 pipectl why carl@example.org
	[ "$(grep -c ^run <<<"$output")" = 1 ]
	at 9:03 pipectl why carl@example.org short
	[[ $output == *"it was completed"* ]]
	do_at 9:04 pipectl stop -q "$(pipectl runs --pipeline onboarding | cut -f 1)"
	at 9:05 pipectl why carl@example.org onboarding
	[[ $output == *"it was stopped 2026-06-29T07:04:00Z (60 seconds ago): by hand"* ]]
}

@test "B27 without a tick nothing goes: that is said too" {
	with_people
	run_both pipectl why "$anna"
	[[ $output == *"no tick has ever run: is there a crontab line for pipe-tick?"* ]]
	echo "$(cat /proc/sys/kernel/random/boot_id) 100 $(($(date +%s) - 7200))" >t.db.lock
	run_both pipectl why "$anna"
	[[ $output == *"the last tick ended "*" (2 hours ago): does cron run pipe-tick?"* ]]
	echo "$(cat /proc/sys/kernel/random/boot_id) 100 $(date +%s)" >t.db.lock
	run_both pipectl why "$anna"
	[[ $output != *tick\ ended* ]]
}

@test "who is asked about must exist" {
	at 9:00 pipectl why 99999
	[ "$status" = 67 ]
	at 9:00 pipectl why nobody@example.org
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no contact 'nobody@example.org' in team 'sales'" ]
	with_people
	at 9:00 pipectl why anna@example.org shrot
	[ "$status" = 67 ]
	at 9:00 pipectl why "$anna" onboarding
	[ "$status" = 64 ]
}

@test "B17 a server's words cannot speak to the terminal" {
	with_sendmail
	printf 'printf "\\033[31mred\\n" >&2; exit 65\n' >answer
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:01 pipe-tick
	at 9:02 pipectl why anna@example.org
	[[ $output != *$'\033'* ]]
}

@test "B7 a wait for a field that is empty has no date, and neither has what comes after it" {
	pipectl apply -q - --now "$monday" <<-END
		kind: Fields
		name: contact
		fields: {renewal: date}
		---
		kind: Pipeline
		name: renewals
		steps:
		  - email: features
		    after: 1 day
		  - wait: {until: {field: renewal, before: 3 days}}
		  - email: features
		    id: reminder
	END
	do_at 9:00 contactctl add -q anna@example.org first_name=Anna --enroll renewals
	at 9:01 pipectl why anna@example.org
	[[ $output == *"after that come, as things stand:
      ?                     wait 2 (wait): blocks unless renewal is set by then
      ?                     reminder (email)" ]]
	do_at 9:01 contactctl set -q anna@example.org renewal=2026-12-31
	at 9:01 pipectl why anna@example.org
	[[ $output == *"
      2026-12-2"*"Z  wait 2 (wait)
      2026-12-2"*"Z  reminder (email)" ]]
}

@test "S2.10 S2.30 who is in several teams gets commands that name the team; who is in one does not" {
	at 9:00 contactctl add bob@example.org --enroll onboarding --team sales
	[[ $err == *$'\ncontactctl set bob@example.org first_name=...' ]]
	at 9:00 pipectl init -q --team support
	at 9:00 contactctl add carl@example.org --enroll onboarding --team sales
	[[ $err == *$'\ncontactctl set carl@example.org first_name=... --team sales' ]]
	at 9:01 pipectl why --team sales bob@example.org
	[[ $output == *$'\n      contactctl set bob@example.org first_name=... --team sales\n'* ]]
	PIPEWRIGHT_TEAM=sales at 9:01 pipectl why bob@example.org
	[[ $output == *$'\n      contactctl set bob@example.org first_name=...\n'* ]]
	line=$(at 9:01 pipectl why --team sales bob@example.org; sed -n 's/^      contactctl/contactctl/p' <<<"$output")
	do_at 9:02 ${line/.../Bob}
	at 9:03 pipectl runs --team sales --contact bob@example.org
	[ "$(cut -f 5 <<<"$output")" = pending ]
}

@test "S2.33 somebody who never entered: what stands in the way, with its values, and who enters by itself" {
	cat >>documents.yaml <<-END
		---
		kind: Pipeline
		name: dach
		enroll: {new_contacts: true, if: {field: {lang: [de, fr]}}}
		steps: [{email: welcome}]
	END
	do_at 9:00 contactctl add -q anna@example.org lang=en first_name=Anna
	do_at 9:00 pipectl apply -q documents.yaml
	why 9:01 anna@example.org dach
	[ "$(fields id contact pipeline status reason step next)" = "None anna@example.org dach None None None None" ]
	[ "$(facts)" = $'never\nfiltered\nenroll' ]
	at 9:01 pipectl why anna@example.org dach
	[ "$status" = 0 ]
	[ "$output" = 'anna@example.org was never in dach
  it cannot enter: `enroll.if` is false (lang is de or fr): lang=en
  who enters by itself: new contacts; only if lang is de or fr; only what becomes so counts' ] || { echo "$output"; false; }
	do_at 9:02 contactctl set -q anna@example.org lang=de
	why 9:03 anna@example.org dach
	[ "$(facts | sed -n 2p)" = "free: contactctl enroll dach anna@example.org" ]
	do_at 9:03 contactctl add -q carl@example.org --no-auto-enroll
	at 9:03 pipectl why carl@example.org onboarding
	[[ $output == *$'it would be blocked: it lacks contact.first_name\n      contactctl set carl@example.org first_name=...' ]]
	do_at 9:04 contactctl unsubscribe -q anna@example.org
	at 9:05 pipectl why anna@example.org
	[ "$(grep -c 'must not be written to: unsubscribed' <<<"$output")" = 3 ]
	do_at 9:06 pipectl pause -q short
	at 9:06 pipectl why anna@example.org short
	[[ $output == *'pipeline short is paused since 2026-06-29T07:06:00Z (now): people enter, and nothing goes'* ]]
	[ "$(sql 'SELECT count(*) FROM run')" = 0 ]
}

@test "B6 what the Team document lacks is said to be there, and who lacks it goes on when it is applied" {
	pipectl apply -q --now "$monday" - 2>/dev/null <<-'END'
		kind: Pipeline
		name: signed
		steps: [{email: {subject: Hi, text: "{{ sender.signature }}"}, id: mail}]
	END
	members() {
		pipectl apply -q --now "2026-06-29 $1" - 2>/dev/null <<-END
			kind: Team
			name: sales
			timezone: Europe/Berlin
			mailbox: hello
			members: {$me: {role: admin, mailbox: hello$2}}
		END
	}
	members 9:01 ', signature: Me'
	do_at 9:02 contactctl add -q dan@example.org --enroll signed
	members 9:03 ''
	do_at 9:04 pipe-tick
	at 9:05 pipectl why dan@example.org
	[[ $output == *"it lacks sender.signature, so that no mail of it goes out; it goes on when the Team document says that"* ]] || { echo "$output"; false; }
	members 9:06 ', name: Somebody'
	do_at 9:07 pipe-tick
	[ "$(mails)" = "" ]
	members 9:08 ', signature: I'
	do_at 9:09 pipe-tick
	[ "$(mails)" = Hi ]
}

@test "B6 a mail that nobody can complete is dropped with the command that is shown" {
	pipectl apply -q --now "$monday" - 2>/dev/null <<-'END'
		kind: Fields
		name: contact
		events: {order.placed: {total: number}}
		---
		kind: Pipeline
		name: order
		enroll: {when: {event: order.placed}}
		steps: [{wait: 1 hour}, {email: {subject: Thanks, text: Hi}, id: mail}, note: over]
	END
	do_at 9:00 contactctl add -q dan@example.org
	do_at 9:00 contactctl event dan@example.org order.placed
	pipectl apply -q --migrate --now "$monday" - 2>/dev/null <<-'END'
		kind: Pipeline
		name: order
		enroll: {when: {event: order.placed}}
		steps: [{wait: 1 hour}, {email: {subject: "{{ event.total }}", text: Hi}, id: mail}, note: over]
	END
	do_at 10:00 pipe-tick
	at 10:01 pipectl why dan@example.org
	drop=$(grep -o 'pipectl drop [0-9]*' <<<"$output")
	do_at 10:02 $drop
	do_at 10:03 pipe-tick
	[ "$(sql "SELECT status FROM run")" = completed ]
}
