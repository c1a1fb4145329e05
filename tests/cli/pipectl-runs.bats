#!/usr/bin/env bats
# pipectl runs, stop, goto.

load runs

setup() {
	runs_setup
}

@test "S2.25-S2.30 runs: all there are, latest first, each with status, reason, steps and dates" {
	with_people
	do_at 9:00 pipe-tick
	at 9:01 pipectl runs
	[ "$status" = 0 ]
	[ "$err" = "" ]
	tab=$'\t'
	[ "$output" = "$bob${tab}bob@example.org${tab}onboarding${tab}1${tab}blocked${tab}missing${tab}welcome${tab}${tab}${tab}0${tab}2026-06-29T07:00:00Z${tab}${tab}hello
$anna${tab}anna@example.org${tab}onboarding${tab}1${tab}running${tab}${tab}features${tab}2026-07-01T07:00:00Z${tab}welcome${tab}1${tab}2026-06-29T07:00:00Z${tab}${tab}hello" ] || { echo "$output"; false; }
}

@test "S0.19 pending until the first step was executed, then running, then completed with the date and the steps" {
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	at 9:00 pipectl runs --json
	[[ $output == *'"status":"pending"'*'"step":"only","next":"2026-06-29T07:00:00Z","last_step":null,"steps_done":0'*'"ended":null'* ]]
	do_at 9:05 pipe-tick
	at 9:06 pipectl runs --json
	[[ $output == *'"status":"completed"'*'"step":null,"next":null,"last_step":"only","steps_done":1,'*'"ended":"2026-06-29T07:05:00Z"'* ]]
}

@test "S2.28 runs are chosen by pipeline, contact, status and reason; active and open are words too" {
	with_people
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	carl=$(run_of carl@example.org)
	do_at 9:00 pipe-tick
	ids() { at 9:01 pipectl runs "$@"; [ "$status" = 0 ] || return 1; cut -f 1 <<<"$output" | paste -sd ' '; }
	[ "$(ids --status blocked)" = "$bob" ]
	[ "$(ids --status active)" = "$anna" ]
	[ "$(ids --status open)" = "$bob $anna" ]
	[ "$(ids --status completed)" = "$carl" ]
	[ "$(ids --reason missing)" = "$bob" ]
	[ "$(ids --pipeline onboarding --status running)" = "$anna" ]
	[ "$(ids --pipeline pipeline/short)" = "$carl" ]
	[ "$(ids --contact Carl@EXAMPLE.org)" = "$carl" ]
	[ "$(ids --limit 1)" = "$carl" ]
}

@test "what does not exist is 67, a wrong word 64, each with what may be meant" {
	at 9:00 pipectl runs --pipeline onbording
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no pipeline 'onbording' in team 'sales'; did you mean 'onboarding'?" ]
	at 9:00 pipectl runs --contact nobody@example.org
	[ "$status" = 67 ]
	at 9:00 pipectl runs --status bloked
	[ "$status" = 64 ]
	[ "$err" = "pipectl: no status 'bloked'; did you mean 'blocked'?" ]
	at 9:00 pipectl runs --reason qota
	[ "$status" = 64 ]
	[ "$err" = "pipectl: no reason 'qota'; did you mean 'quota'?" ]
}

@test "S2.31 a due mail whose mailbox is at its limit shows as blocked, quota, and until when; the row does not change" {
	limit='limit: {per_day: 1}'
	write_documents
	do_at 9:00 pipectl apply -q documents.yaml
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	do_at 9:00 pipe-tick
	do_at 9:01 pipe-tick
	at 9:02 pipectl runs --status blocked --json
	[[ $output == *'"contact":"carl@example.org"'*'"status":"blocked","reason":"quota"'*'"next":"2026-06-30T07:00:00Z"'*'"since":"2026-06-29T07:00:00Z","moved":"limit","due":"2026-06-29T07:00:00Z"'* ]]
	[ "$(wc -l <<<"$output")" = 1 ]
	at 9:02 pipectl runs --status active
	[ "$output" = "" ]
	[ "$(sql "SELECT status FROM run WHERE contact = (SELECT id FROM contact WHERE folded = 'carl@example.org')")" = pending ]
	do_at 06-30T9:00 pipe-tick
	at 06-30T9:01 pipectl runs --status blocked
	[ "$output" = "" ]
}

@test "S2.31 a mailbox that cannot send blocks what is due, and clears by itself" {
	with_sendmail
	rm sendmail
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	do_at 9:00 pipe-tick
	at 9:01 pipectl runs --reason settings
	[ "$(cut -f 2,5 <<<"$output")" = $'carl@example.org\tblocked' ]
	with_sendmail
	do_at 9:02 pipectl retry --reason settings
	do_at 9:03 pipe-tick
	at 9:04 pipectl runs --status completed
	[ "$(cut -f 2 <<<"$output")" = carl@example.org ]
}

@test "S2.41 S2.42 stop ends a run at once: nothing planned goes out any more" {
	with_people
	do_at 9:00 pipe-tick
	at 9:01 pipectl stop "$anna"
	[ "$status" = 0 ]
	[ "$output" = "run/$anna stopped" ]
	do_at 07-20T9:00 pipe-tick
	[ "$(mails)" = "Welcome, Anna" ]
	at 9:02 pipectl runs --contact anna@example.org --json
	[[ $output == *'"status":"stopped","reason":"manual"'*'"ended":"2026-06-29T07:01:00Z"'* ]]
}

@test "stop: a run that has ended is unchanged; a number that is none stops nobody" {
	with_people
	at 9:01 pipectl stop "$anna" 99999
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no run 99999 in team 'sales'" ]
	at 9:01 pipectl stop -n "$anna"
	[ "$output" = "run/$anna stopped" ]
	at 9:01 pipectl stop "$anna" "run/$bob"
	[ "$status" = 0 ]
	[ "$output" = "run/$anna stopped
run/$bob stopped" ]
	at 9:01 pipectl stop --json "$anna"
	[ "$status" = 0 ]
	[ "$output" = '{"kind":"run","name":"'"$anna"'","result":"unchanged","text":"it is stopped"}' ]
	at 9:01 pipectl stop anna@example.org
	[ "$status" = 64 ]
	at 9:01 pipectl stop
	[ "$status" = 64 ]
}

# with_waiting: anna is in orders (run $first), and will be once more when that run ends.
with_waiting() {
	write_documents
	cat >>documents.yaml <<-END
		---
		kind: Fields
		name: contact
		events: {order.placed: {total: number}}
		---
		kind: Pipeline
		name: orders
		enroll: {when: {event: order.placed}, while_active: queue}
		steps: [{email: {subject: Thanks, text: x}, after: 1 day, id: thanks}]
	END
	do_at 9:00 pipectl apply -q documents.yaml
	do_at 9:00 contactctl add -q anna@example.org first_name=Anna
	do_at 9:00 contactctl event anna@example.org order.placed
	do_at 9:00 contactctl event anna@example.org order.placed
	first=$(run_of anna@example.org)
	[ "$(sqlite3 "$PIPEWRIGHT_DB" "SELECT count(*) FROM entry")" = 1 ]
}

@test "S2.42 what waits to begin when a run ends is stopped with it" {
	with_waiting
	do_at 9:01 pipectl stop "$first"
	[ "$(sqlite3 "$PIPEWRIGHT_DB" "SELECT group_concat(status) FROM run")" = stopped ]
	[ "$(sqlite3 "$PIPEWRIGHT_DB" "SELECT count(*) FROM entry")" = 0 ]
	do_at 07-05T9:00 pipe-tick
	[ "$(mails)" = "" ]
}

@test "S2.42 nothing begins when a pipeline is deleted" {
	with_waiting
	do_at 9:01 pipectl delete -y pipeline/orders
	[ "$(sqlite3 "$PIPEWRIGHT_DB" "SELECT group_concat(status) FROM run")" = stopped ]
	[ "$(sqlite3 "$PIPEWRIGHT_DB" "SELECT count(*) FROM entry")" = 0 ]
}

@test "S2.41 another run of the same person goes on" {
	with_people
	do_at 9:00 contactctl enroll -q short anna@example.org
	do_at 9:00 pipectl stop -q "$anna"
	do_at 9:00 pipe-tick
	[ "$(mails)" = "Only one" ]
}

@test "goto: forward to a step whose own delay counts from now, or at a time" {
	with_people
	do_at 9:00 pipe-tick
	at 9:01 pipectl goto "$anna" check-in
	[ "$status" = 0 ]
	[ "$output" = "run/$anna goes to check-in (anna@example.org, due 2026-07-02T07:01:00Z)" ]
	at 9:02 pipectl goto "$anna" check-in --at now
	[ "$output" = "run/$anna goes to check-in (anna@example.org, due 2026-06-29T07:02:00Z)" ]
	do_at 9:03 pipe-tick
	[ "$(mails)" = "How are you?,Welcome, Anna" ]
	at 9:04 pipectl runs --contact anna@example.org
	[ "$(cut -f 5,10 <<<"$output")" = $'completed\t2' ]
}

@test "goto --at when the calendar is closed: it says when the mail really goes, and twice is once" {
	do_at 9:00 contactctl add -q anna@example.org first_name=Anna --enroll onboarding
	run=$(run_of anna@example.org)
	at 9:01 pipectl goto "$run" check-in --at '2026-06-29 20:00'
	[ "$output" = "run/$run goes to check-in (anna@example.org, due 2026-06-30T07:00:00Z)" ]
	at 9:01 pipectl goto "$run" check-in --at '2026-06-29 20:00'
	[ "$output" = "run/$run unchanged (anna@example.org, due 2026-06-30T07:00:00Z)" ]
	at 9:01 pipectl runs --json
	[[ $output == *'"next":"2026-06-30T07:00:00Z"'*'"moved":"hours"'* ]] || { echo "$output"; false; }
}

@test "goto back: the steps from there on happen once more" {
	with_people
	do_at 9:00 pipe-tick
	do_at 9:01 pipectl goto "$anna" welcome
	do_at 9:02 pipe-tick
	do_at 07-01T9:02 pipe-tick
	[ "$(mails)" = "Features,Welcome, Anna,Welcome, Anna" ]
}

@test "goto: its own note may end the await where the run waits, and nothing of that is left in the queue" {
	cat >more.yaml <<-END
		kind: Pipeline
		name: noted
		steps:
		  - await: {event: note.added}
		    within: 30 days
		    then:
		      - email: {subject: Noted, text: x}
		        after: 1 day
		  - email: {subject: Later, text: x}
		    id: later
		    after: 5 days
	END
	do_at 9:00 pipectl apply -q more.yaml
	do_at 9:00 contactctl add -q anna@example.org --enroll noted
	run=$(run_of anna@example.org)
	do_at 9:00 pipe-tick
	at 9:01 pipectl goto "$run" later
	[ "$status" = 0 ]
	[ "$output" = "run/$run goes to later (anna@example.org, due 2026-07-04T07:01:00Z)" ] || { echo "$output"; false; }
	[ "$(sql "SELECT count(*) FROM queue WHERE item = $run")" = 1 ]
	do_at 07-02T9:00 pipe-tick
	[ "$(mails)" = "" ]
	do_at 07-04T9:01 pipe-tick
	[ "$(mails)" = Later ]
}

@test "goto: a stop rule that looks at what goto records ends the run, which is told" {
	cat >more.yaml <<-END
		kind: Pipeline
		name: noted
		stop: [{event: note.added}]
		steps:
		  - email: {subject: Never, text: x}
		    id: never
		    after: 1 day
		---
		kind: Pipeline
		name: called
		stop: [{event: task.cancelled}]
		steps:
		  - task: Call
		    hold: done
		  - email: {subject: Never, text: x}
		    id: never
	END
	do_at 9:00 pipectl apply -q more.yaml
	do_at 9:00 contactctl add -q anna@example.org --enroll noted
	do_at 9:00 contactctl add -q bob@example.org --enroll called
	do_at 9:00 pipe-tick
	for who in anna:note.added bob:task.cancelled; do
		run=$(run_of "${who%:*}@example.org")
		at 9:01 pipectl goto "$run" never
		[ "$status" = 1 ]
		[ "$output" = "run/$run ends instead (${who%:*}@example.org, stopped: ${who#*:})" ] || { echo "$output"; false; }
		[ "$(sql "SELECT count(*) FROM queue WHERE item = $run")" = 0 ]
	done
	do_at 07-02T9:00 pipe-tick
	[ "$(mails)" = "" ]
}

@test "goto: a blocked run goes on elsewhere; an ended one and an unknown step are refused; -n changes nothing" {
	with_people
	at 9:01 pipectl goto -n "$bob" features
	[ "$output" = "run/$bob goes to features (bob@example.org, due 2026-07-01T07:01:00Z)" ]
	at 9:01 pipectl runs --contact bob@example.org --status blocked
	[ "$(cut -f 1 <<<"$output")" = "$bob" ]
	do_at 9:01 pipectl goto "$bob" features --at now
	do_at 9:02 pipe-tick
	[[ $(mails) == *Features* ]]
	at 9:01 pipectl goto "$anna" chek-in
	[ "$status" = 67 ]
	[ "$err" = "pipectl: pipeline 'onboarding' has no step 'chek-in'; did you mean 'check-in'?" ]
	do_at 9:01 pipectl stop -q "$anna"
	at 9:01 pipectl goto "$anna" features
	[ "$status" = 1 ]
	[ "$err" = "pipectl: run $anna is stopped: enroll the contact again" ]
	at 9:01 pipectl goto "$anna" features --at nonsense
	[ "$status" = 64 ]
}

@test "S0.21 the runs of another team do not exist" {
	with_people
	do_at 9:00 pipectl init -q --team support
	for verb in stop why retry; do
		at 9:00 pipectl "$verb" --team support "$anna"
		[ "$status" = 67 ]
		[ "$err" = "pipectl: no run $anna in team 'support'" ]
	done
	at 9:00 pipectl goto --team support "$anna" features
	[ "$status" = 67 ]
	at 9:00 pipectl runs --team support
	[ "$output" = "" ]
	at 9:00 pipectl runs --team support --contact anna@example.org
	[ "$status" = 67 ]
	at 9:00 pipectl runs --team sales --contact anna@example.org
	[ "$status" = 0 ]
}

@test "B17 who is marked as bounced or unsubscribed by an import gets nothing any more, and no tick hangs on it" {
	with_people
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	printf 'email,suppressed\nanna@example.org,bounced\ncarl@example.org,unsubscribed\n' >marks.csv
	do_at 9:00 contactctl import -q --no-auto-enroll marks.csv
	at 9:01 pipectl runs --status stopped
	[ "$(cut -f 2,6 <<<"$output")" = $'carl@example.org\tunsubscribed\nanna@example.org\tbounced' ]
	do_at 9:02 pipe-tick
	[ "$(mails)" = "" ]
}

@test "B17 a mark that came by another way stops the run when its mail comes up" {
	with_people
	sql "UPDATE contact SET suppressed = 2 WHERE folded = 'anna@example.org'"
	do_at 9:02 timeout 20 pipe-tick
	at 9:03 pipectl runs --contact anna@example.org
	[ "$(cut -f 5,6 <<<"$output")" = $'stopped\tbounced' ]
	[ "$(mails)" = "" ]
}

@test "S2.8 a member looks after runs; who is in no team may not even look" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	sed -i "s/members: .*/members: {$me: {role: admin}, nobody: {role: member}}/" documents.yaml
	do_at 9:00 pipectl apply -q documents.yaml
	with_people
	open=$(mktemp -d)
	install "$(command -v pipectl)" "$open"
	sql "VACUUM INTO '$open/t.db'"
	sqlite3 "$open/t.db" 'PRAGMA journal_mode = WAL' >/dev/null
	chmod 777 "$open"
	chmod 666 "$open/t.db"
	as() { at 9:01 setpriv --reuid "$1" --clear-groups "$open/pipectl" "${@:2}" --db "$open/t.db"; }
	as nobody runs
	[ "$status" = 0 ] || { echo "$err"; false; }
	[ "$(wc -l <<<"$output")" = 2 ]
	as nobody pause onboarding
	[ "$status" = 0 ]
	as nobody stop "$anna"
	[ "$output" = "run/$anna stopped" ]
	for verb in runs "stop $bob" "why $bob" queue events "history onboarding"; do
		# shellcheck disable=SC2086
		as daemon $verb
		[ "$status" = 77 ] || { echo "$verb: $status $err"; false; }
	done
	rm -rf "$open"
}
