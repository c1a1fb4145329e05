#!/usr/bin/env bats
# contactctl enroll and stop.

load people

setup() {
	people_setup
	with_pipelines
	do_ctl add anna@example.com first_name=Anna plan=pro company=A --tag fair
	do_ctl add bob@example.com --tag fair
	do_ctl add carl@example.com plan=pro company=C
}

@test "S0.18 S2.11 S2.13 S2.17 one person is started, and the first mail's date told" {
	ctl enroll nurture anna@example.com
	says 0 "$(row anna@example.com started intro 2026-06-29T08:00:00Z hello '')" ""
	[ "$(sql "SELECT status || ' ' || enroller FROM run")" = "pending $me" ]
	[ "$(sql "SELECT count(*) FROM queue")" = 1 ]
}

@test "S2.14 S2.15 a second open run is refused with a notice and status 1, in any spelling of the address" {
	do_ctl enroll nurture anna@example.com
	ctl enroll nurture ANNA@EXAMPLE.com
	says 1 "$(row anna@example.com active '' '' '' 'already active in this pipeline since 2026-06-29T07:00:00Z, next intro at 2026-06-29T08:00:00Z')" ""
	[ "$(sql "SELECT count(*) FROM run")" = 1 ]
	do_ctl stop nurture anna@example.com
	ctl enroll nurture anna@example.com
	[ "$status" = 0 ]
}

@test "S2.10 S2.20 who lacks something is blocked: status 0, the names, and the command that mends it" {
	ctl enroll nurture bob@example.com
	says 0 "$(row bob@example.com blocked intro '' hello 'missing: contact.plan, contact.company')" "contactctl: note: bob@example.com is in nurture, but blocked: missing contact.plan, contact.company
contactctl set bob@example.com plan=... company=..."
	ctl set bob@example.com plan=pro
	says 0 "$(row bob@example.com updated '')" ""
	ctl set bob@example.com company=B
	says 0 "$(row bob@example.com updated 'goes on: nurture')" ""
	[ "$(sql "SELECT status FROM run")" = pending ]
}

@test "S2.21-S2.24 many at once: a row for each, with who was refused and why, and a sum" {
	do_ctl enroll nurture anna@example.com
	do_ctl unsubscribe carl@example.com
	ctl enroll nurture anna@example.com bob@example.com carl@example.com
	says 1 "$(row anna@example.com active '' '' '' 'already active in this pipeline since 2026-06-29T07:00:00Z, next intro at 2026-06-29T08:00:00Z')
$(row bob@example.com blocked intro '' hello 'missing: contact.plan, contact.company')
$(row carl@example.com suppressed '' '' '' 'must not be written to: unsubscribed')" "contactctl: note: bob@example.com is in nurture, but blocked: missing contact.plan, contact.company
contactctl set bob@example.com plan=... company=...
contactctl: note: nurture: 1 enrolled, 1 of them blocked; 2 refused"
}

@test "S2.22 everybody of a filter, everybody, addresses on stdin" {
	ctl enroll short --where tag=fair --where plan=pro
	says 0 "$(row anna@example.com started intro 2026-06-29T07:00:00Z hello '')" "contactctl: note: short: 1 enrolled, 0 of them blocked; 0 refused"
	ctl enroll short - < <(printf '# a comment\n\n bob@example.com\r\nnobody@example.com\n' | sed 's/^ //')
	says 1 "$(row bob@example.com started intro 2026-06-29T07:00:00Z hello '')
$(row nobody@example.com unknown '' '' '' "no contact 'nobody@example.com' in team 'sales'")" "contactctl: note: short: 1 enrolled, 0 of them blocked; 1 refused"
	ctl enroll nurture -0 - < <(printf 'anna@example.com\0carl@example.com\0')
	says 0 "$(row anna@example.com started intro 2026-06-29T08:00:00Z hello '')
$(row carl@example.com started intro 2026-06-29T08:00:00Z hello '')" "contactctl: note: nurture: 2 enrolled, 0 of them blocked; 0 refused"
	ctl enroll short --all
	[ "$status" = 1 ]
	[[ $err == *"1 enrolled, 0 of them blocked; 2 refused" ]]
	ctl enroll short --where tag=none
	says 0 "" "contactctl: note: nobody is meant"
}

@test "for whom must be said, in one way" {
	ctl enroll short
	says 64 "" "contactctl: for whom? Give addresses, --where FILTER, or - for addresses on stdin"
	ctl enroll short anna@example.com --all
	says 64 "" "contactctl: give either addresses or --where or --all"
	ctl enroll short x@example.com y@example.com
	says 67 "" "contactctl: no contact 'y@example.com' in team 'sales'"
	[ "$(sql "SELECT count(*) FROM run")" = 0 ]
}

@test "S2.21 S2.24 one table: who is enrolled, blocked, refused, and who is nobody; 1 when somebody was refused" {
	apply <<-YAML
		kind: Pipeline
		name: dach
		enroll: {if: {field: {lang: de}, tag: fair}}
		steps: [{email: intro}]
	YAML
	do_ctl set anna@example.com lang=de
	do_ctl tag fair carl@example.com
	do_ctl set carl@example.com lang=en
	do_ctl add dora@example.com lang=de --tag fair
	do_ctl unsubscribe dora@example.com
	rows="$(row anna@example.com started intro 2026-06-29T07:00:00Z hello '')
$(row carl@example.com filtered '' '' '' '`enroll.if` is false (tag is fair and lang is de): tags: fair, lang=en')
$(row nobody@example.com unknown '' '' '' "no contact 'nobody@example.com' in team 'sales'")
$(row dora@example.com suppressed '' '' '' 'must not be written to: unsubscribed')"
	ctl enroll dach anna@example.com carl@example.com nobody@example.com dora@example.com
	says 1 "$rows" "contactctl: note: dach: 1 enrolled, 0 of them blocked; 3 refused"
	ctl enroll -n dach carl@example.com nobody@example.com
	says 1 "$(row carl@example.com 2026-06-29T07:00:00Z refused '' '`enroll.if` is false (tag is fair and lang is de): tags: fair, lang=en' '')
$(row nobody@example.com '' refused '' "no contact 'nobody@example.com' in team 'sales'" '')" ""
}

@test "S2.9 S2.12 a pipeline that is not there: the nearest, or that there is none yet" {
	ctl enroll nurtrue anna@example.com
	says 67 "" "contactctl: no pipeline 'nurtrue' in team 'sales'; did you mean 'nurture'?"
	ctl enroll xyz anna@example.com
	says 67 "" "contactctl: no pipeline 'xyz' in team 'sales'; 'pipectl list pipelines' shows them"
	pipectl init -q --team empty --now "$now"
	ctl enroll nurture anna@example.com --team empty
	says 67 "" "contactctl: no pipeline 'nurture' in team 'empty', which has none yet: its admins ($me) set them up with 'pipectl apply'"
}

@test "S2.13 S2.16 B8 -n shows every step with its date, and writes nothing" {
	ctl enroll -n short anna@example.com
	says 0 "$(row anna@example.com 2026-06-29T07:00:00Z email intro 'Hello Anna' hello)
$(row anna@example.com 2026-06-29T07:00:00Z tag 'tag 2' 'done' '')
$(row anna@example.com 2026-07-02T07:00:00Z email bye Bye hello)
$(row anna@example.com 2026-07-02T07:00:00Z completed '' '' '')" ""
	[ "$(sql "SELECT count(*) FROM run")$(sql "SELECT count(*) FROM queue")" = 00 ]
	[ "$(sql "SELECT count(*) FROM tag_contact WHERE tag = 'done'")" = 0 ]
}

@test "S2.19 -n shows what is missing, and who would be refused" {
	do_ctl enroll nurture anna@example.com
	ctl enroll -n nurture anna@example.com bob@example.com
	[ "$status" = 1 ]
	[ "$output" = "$(row anna@example.com 2026-06-29T07:00:00Z refused '' 'already active in this pipeline since 2026-06-29T07:00:00Z, next intro at 2026-06-29T08:00:00Z' '')
$(row bob@example.com 2026-06-29T07:00:00Z blocked intro 'missing: contact.plan, contact.company' '')
$(row bob@example.com 2026-06-29T08:00:00Z email intro 'Hello there' hello)
$(row bob@example.com 2026-07-01T08:00:00Z email offer 'Your [plan] plan' hello)
$(row bob@example.com 2026-07-01T08:00:00Z completed '' '' '')" ] || { echo "$output"; false; }
	[[ $err == *"bob@example.com would be in nurture, but blocked: missing contact.plan, contact.company"* ]]
	ctl enroll -nv nurture bob@example.com
	[[ $output == *"
Subject: Your [plan] plan

For [company]." ]]
	[ "$(sql "SELECT count(*) FROM run")" = 1 ]
}

@test "S2.16 B8 -nv shows the mails as they would be" {
	ctl enroll -nv nurture carl@example.com
	[ "$status" = 0 ]
	[[ $output == *"

offer to carl@example.com, 2026-07-01T08:00:00Z
Subject: Your pro plan

For C." ]]
}

@test "S2.19 -n: a certain hole, one that a step fills, and one that may be there later are told apart" {
	apply <<-YAML
		kind: Pipeline
		name: holes
		steps:
		  - set: {company: ACME}
		  - if: {tag: vip}
		    then:
		      - set: {plan: pro}
		      - email: {subject: "{{ contact.plan }} {{ contact.phone }}", text: x}
		        id: vip-mail
		    else:
		      - email: {subject: "{{ contact.plan }}", text: x}
		        id: other-mail
		      - set: {phone: "1"}
		  - email: {subject: "{{ contact.company }} {{ contact.phone }}", text: x}
		    id: last-mail
		  - email: {subject: "{{ contact.last_name }}", text: x}
		    id: certain
	YAML
	do_ctl add dora@example.com last_name=D --tag vip
	ctl enroll -n holes dora@example.com
	says 0 "$(row dora@example.com 2026-06-29T07:00:00Z set 'set 1' 'company = ACME' '')
$(row dora@example.com 2026-06-29T07:00:00Z if 'if 2' 'tag is vip: yes' '')
$(row dora@example.com 2026-06-29T07:00:00Z set 'set 3' 'plan = pro' '')
$(row dora@example.com 2026-06-29T07:00:00Z blocked vip-mail 'may be missing: contact.phone' '')
$(row dora@example.com 2026-06-29T07:00:00Z email vip-mail 'pro [phone]' hello)
$(row dora@example.com 2026-06-29T07:00:00Z email last-mail 'ACME [phone]' hello)
$(row dora@example.com 2026-06-29T07:00:00Z email certain D hello)
$(row dora@example.com 2026-06-29T07:00:00Z completed '' '' '')
$(row dora@example.com '' blocked other-mail 'may be missing: contact.plan' '')" ""
	ctl enroll holes dora@example.com
	says 0 "$(row dora@example.com started vip-mail 2026-06-29T07:00:00Z hello '')" ""
	pipe-tick --now "$now"
	[ "$(sql "SELECT status || reason || reason_text FROM run")" = "blockedmissingcontact.phone" ]
	do_ctl set dora@example.com phone=2
	pipe-tick --now "$now"
	[ "$(sql "SELECT status FROM run")" = completed ]
	do_ctl add emil@example.com
	ctl enroll -n holes emil@example.com
	[ "$(cut -f 3-5 <<<"$output")" = "$(row blocked 'set 1' 'missing: contact.last_name')
$(row set 'set 1' 'company = ACME')
$(row if 'if 2' 'tag is vip: no')
$(row blocked other-mail 'may be missing: contact.plan')
$(row email other-mail '[plan]')
$(row set 'set 6' 'phone = 1')
$(row email last-mail 'ACME 1')
$(row email certain '[last_name]')
$(row completed '' '')
$(row blocked vip-mail 'may be missing: contact.phone')" ] || { echo "$output"; false; }
	[ "$err" = "contactctl: note: emil@example.com would be in holes, but blocked: missing contact.last_name
contactctl set emil@example.com last_name=..." ]
}

@test "S2.23 -n for many prints what enrolling would print" {
	ctl enroll -n nurture --all
	dry=$output
	[ "$(sql "SELECT count(*) FROM run")" = 0 ]
	ctl enroll nurture --all
	[ "$output" = "$dry" ]
	[ "$(sql "SELECT count(*) FROM run")" = 3 ]
}

@test "--json has a run's number; drafts and enroll.if refuse" {
	apply <<-YAML
		kind: Pipeline
		name: draft
		active: false
		steps: [{email: intro}]
		---
		kind: Pipeline
		name: dach
		enroll: {if: {field: {lang: de}}}
		steps: [{email: intro}]
	YAML
	ctl enroll draft anna@example.com --json
	says 1 '{"email":"anna@example.com","result":"inactive","first_email":null,"first_at":null,"mailbox":null,"reason":"the pipeline is not active","run":null}' ""
	ctl enroll dach anna@example.com
	[ "$status" = 1 ]
	[[ $output == *"${tab}filtered${tab}"*"\`enroll.if\` is false (lang is de): no lang" ]]
	ctl enroll short anna@example.com --json
	[[ $output == *'"result":"started","first_email":"intro","first_at":"2026-06-29T07:00:00Z","mailbox":"hello","reason":null,"run":'* ]]
}

@test "S2.41 S2.42 stop ends one pipeline of one person at once: no mail goes any more" {
	do_ctl enroll short anna@example.com
	do_ctl enroll nurture anna@example.com
	ctl stop short anna@example.com
	says 0 "$(row anna@example.com stopped 'stopped: short')" ""
	pipe-tick --now "$now"
	[ "$(sql "SELECT count(*) FROM message")" = 0 ]
	[ "$(sql "SELECT count(*) FROM queue")" = 1 ]
	ctl stop short anna@example.com
	says 0 "$(row anna@example.com unchanged 'not enrolled')" ""
	ctl stop --all anna@example.com bob@example.com
	says 0 "$(row anna@example.com stopped 'stopped: nurture')
$(row bob@example.com unchanged 'not enrolled')" ""
	[ "$(sql "SELECT group_concat(DISTINCT reason) FROM run")" = manual ]
}

@test "S2.42 what waits to begin afterwards does not begin when it is stopped by hand" {
	apply <<-YAML
		kind: Pipeline
		name: orders
		enroll: {when: {event: order.placed}, while_active: queue}
		steps: [{email: intro, after: 1 day}]
	YAML
	do_ctl event anna@example.com order.placed
	do_ctl event anna@example.com order.placed
	[ "$(sql "SELECT count(*) FROM entry")" = 1 ]
	ctl stop orders anna@example.com
	says 0 "$(row anna@example.com stopped 'stopped: orders')" ""
	[ "$(sql "SELECT group_concat(status) FROM run")$(sql "SELECT count(*) FROM entry")" = stopped0 ]
}

@test "stop: by filter, in a rehearsal, and what must be said" {
	do_ctl enroll short --all
	ctl stop -n short --where tag=fair
	says 0 "$(row anna@example.com stopped 'stopped: short')
$(row bob@example.com stopped 'stopped: short')" ""
	[ "$(sql "SELECT count(*) FROM run WHERE status = 'stopped'")" = 0 ]
	ctl stop
	says 64 "" "contactctl: which pipeline? Name it, or say --all"
	ctl stop short
	[ "$status" = 64 ]
	ctl stop shrot --where tag=fair
	says 67 "" "contactctl: no pipeline 'shrot' in team 'sales'; did you mean 'short'?"
}

@test "S0.21 S0.23 another team's pipeline does not exist" {
	pipectl init -q --team support --now "$now"
	do_ctl add anna@example.com --team support
	ctl enroll short anna@example.com --team support
	[ "$status" = 67 ]
	do_ctl enroll short anna@example.com --team sales
	[ "$(sql "SELECT count(*) FROM run")" = 1 ]
}

@test "S2.16 S2.43 all steps are shown before the start, those behind a task as if it were done when it is due" {
	apply <<-YAML
		kind: Pipeline
		name: mixed
		steps:
		  - email: intro
		  - {task: Call them, id: call, due: 2 days, hold: done, after: 1 day}
		  - if: {task: call}
		    then: [{email: {subject: Thanks, text: Thanks}, id: thanks, after: 1 day}]
		  - {task: Write a card, id: card, hold: done}
		  - note: end
	YAML
	do_ctl add anna@example.com
	ctl enroll -n mixed anna@example.com
	[ "$status" = 0 ]
	[ "$(cut -f 2-5 <<<"$output")" = "$(row 2026-06-29T07:00:00Z email intro 'Hello Anna')
$(row 2026-06-30T07:00:00Z task call 'Call them, due 2026-07-02T09:00:00+02:00')
$(row 2026-07-02T07:00:00Z waits call 'until the task is done; what follows as if it were then')
$(row 2026-07-02T07:00:00Z if 'if 3' "the task of 'call' is done: yes")
$(row 2026-07-03T07:00:00Z email thanks Thanks)
$(row 2026-07-03T07:00:00Z task card 'Write a card')
$(row 2026-07-03T07:00:00Z waits card 'until the task is done; what follows as if it were then')
$(row 2026-07-03T07:00:00Z note 'note 6' end)
$(row 2026-07-03T07:00:00Z completed '' '')" ] || { cut -f 2-5 <<<"$output"; false; }
}

@test "S2.1 S2.2 a lead and a contact on day 1, 3 and 5, with what was between kept as it was late" {
	apply <<-YAML
		kind: Pipeline
		name: days
		late: {max: 0, then: send}
		steps:
		  - email: intro
		  - {email: {subject: Second, text: Second}, id: second, after: 2 days}
		  - {email: {subject: Third, text: Third}, id: third, after: 2 days}
	YAML
	do_ctl add lead@example.com
	do_ctl add contact@example.com kind=contact
	do_ctl enroll days lead@example.com contact@example.com
	for at in 2026-06-29T09:00 2026-07-01T08:59 2026-07-01T12:00 2026-07-03T09:00 2026-07-03T12:00; do
		pipe-tick --now "$at:00+02:00"
	done
	for who in lead contact; do
		[ "$(grep -l "^To: .*$who@example.com" out/new/* | xargs grep -h '^Date: ' | sort | uniq -c | wc -l)" = 3 ]
		ctl activity $who@example.com
		[ "$(grep email.sent <<<"$output" | cut -f 1,4)" = "$(row 2026-07-03T10:00:00Z third)
$(row 2026-07-01T10:00:00Z second)
$(row 2026-06-29T07:00:00Z intro)" ] || { echo "$output"; false; }
	done
}

@test "B15 S2.18 a pool gives everybody one mailbox, evenly also among addresses that are alike, and keeps it" {
	apply <<-YAML
		kind: Mailbox
		name: two
		from: Two <two@example.com>
		maildir: two
		---
		kind: Pipeline
		name: pool
		mailbox: [hello, two]
		steps:
		  - email: intro
		  - {email: {subject: Again, text: Again}, id: again, after: 1 day}
	YAML
	for i in {1..99}; do
		printf '{"email": "p%d@x%d.example.com"}\n' "$i" "$i"
	done >people.jsonl
	ctl add - -q --no-auto-enroll --enroll pool <people.jsonl
	n=$(pipectl runs --pipeline pool --now "$now" | cut -f 13 | grep -c two)
	[ "$n" -gt 35 ] && [ "$n" -lt 64 ] || { echo "$n"; false; }
	for at in '2026-06-29 09:00' '2026-06-30 09:00'; do
		pipe-tick --now "$at"
	done
	# Each got two mails from one mailbox.
	for folder in out two; do
		grep -h '^To: ' $folder/new/* | sort | uniq -c | awk '$1 != 2 { bad = 1 } END { exit bad }'
	done
}
