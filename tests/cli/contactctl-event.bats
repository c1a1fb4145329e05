#!/usr/bin/env bats
# contactctl event, activity, message.

load people

setup() {
	people_setup
	with_pipelines
	do_ctl add anna@example.com first_name=Anna plan=pro company=A
}

data() {
	sql "SELECT data FROM event WHERE type = 'order.placed' ORDER BY id DESC LIMIT 1"
}

@test "S4.24 an event that Fields declares, with typed data" {
	ctl event anna@example.com order.placed total=099.50 items=a,b gift=1
	says 0 "$(row anna@example.com recorded '')" ""
	[ "$(data)" = '{"total":99.5,"items":["a","b"],"gift":true}' ]
	ctl event anna@example.com order.placed
	[ "$(data)" = '{}' ]
	ctl event -n anna@example.com order.placed total=7
	says 0 "$(row anna@example.com recorded '')" ""
	[ "$(data)" = '{}' ]
}

@test "--data is a JSON object from a file or stdin; assignments are added" {
	echo '{"total": 4, "items": ["x"], "gift": false}' >order.json
	ctl event anna@example.com order.placed total=5 --data order.json
	says 0 "$(row anna@example.com recorded '')" ""
	[ "$(data)" = '{"total":5,"items":["x"],"gift":false}' ]
	ctl event anna@example.com order.placed --data - <order.json
	[ "$(data)" = '{"total":4,"items":["x"],"gift":false}' ]
	while IFS='|' read -r json want message; do
		printf '%s' "$json" >bad.json
		ctl event anna@example.com order.placed --data bad.json
		says "$want" "" "contactctl: bad.json: $message"
	done <<-TABLE
		{"total": "much"}|65|'total' must be a number such as 12 or 12.5, not 'much'
		{"totl": 1}|65|event 'order.placed' has no 'totl'; did you mean 'total'?
		[1]|65|the data must be a JSON object
		{"total": 1|65|1:12: the text ends too early
	TABLE
	ctl event anna@example.com order.placed --data nothere.json
	[ "$status" = 66 ]
}

@test "--id: recorded once, however often it is reported" {
	ctl event anna@example.com order.placed total=1 --id order-1
	ctl event anna@example.com order.placed total=1 --id order-1
	says 0 "$(row anna@example.com unchanged 'recorded before')" ""
	[ "$(sql "SELECT count(*) FROM event WHERE type = 'order.placed'")" = 1 ]
}

@test "what is not declared is 67 with the nearest, what is built in is refused" {
	while IFS='|' read -r type want message; do
		ctl event anna@example.com "$type"
		says "$want" "" "contactctl: $message"
	done <<-TABLE
		order.placd|67|no event 'order.placd'; did you mean 'order.placed'?
		zzz|67|no event 'zzz' in the Fields document 'contact'
		email.replied|1|'email.replied' is built in: pipewright records it itself
	TABLE
	ctl event anna@example.com order.placed totl=1
	says 67 "" "contactctl: event 'order.placed' has no 'totl'; did you mean 'total'?"
	ctl event anna@example.com order.placed total
	says 64 "" "contactctl: 'total' is no KEY=VALUE"
	ctl event nobody@example.com order.placed
	says 67 "" "contactctl: no contact 'nobody@example.com' in team 'sales'"
}

@test "an event starts the pipeline that waits for it, and stops the one that stops on it" {
	apply <<-YAML
		kind: Pipeline
		name: thanks
		enroll: {when: {event: order.placed}}
		steps: [{email: {subject: "Thanks for {{ event.total }}", text: Thanks}}]
		---
		kind: Pipeline
		name: remind
		stop: [{event: order.placed}]
		steps: [{email: intro, after: 1 day}]
	YAML
	do_ctl enroll remind anna@example.com
	ctl event anna@example.com order.placed total=5
	says 0 "$(row anna@example.com recorded 'stopped: remind; enrolled: thanks')" ""
	pipe-tick --now "$now"
	grep -q '^Subject: Thanks for 5' out/new/*
}

@test "S2.38 S2.39 S2.40 the feed shows each mail as one of a pipeline, and leads to its content" {
	do_ctl enroll short anna@example.com
	pipe-tick --now "$now"
	ctl activity anna@example.com
	[ "$status" = 0 ]
	[ "$(cut -f 2-4,6,7 <<<"$output")" = "$(row contact.tagged short 'tag 2' 'pipeline short' pipeline)
$(row email.sent short intro 'pipeline short' pipeline)
$(row run.started short '' "$me" manual)
$(row contact.created '' '' "$me" manual)" ]
	ctl activity --limit 1 anna@example.com
	[ "$(cut -f 2 <<<"$output")" = contact.tagged ]
	ctl activity anna@example.com
	message=$(awk -F'\t' '$2 == "email.sent" {print $8}' <<<"$output")
	ctl message "$message"
	[ "$status" = 0 ]
	[[ $output == "Message: $message, sent at 2026-06-29T07:00:00Z
Pipeline: short/intro, run "*"Subject: Hello Anna"*"

Hello." ]]
	id=$(sql "SELECT message_id FROM message")
	ctl message "<$id>" --json
	[ "$status" = 0 ]
	[[ $output == *'"state":"sent"'*'"subject":"Hello Anna","text":"Hello.'*'"pipeline":"short","step":"intro"'* ]]
	ctl message "$id"
	[ "$status" = 0 ]
	ctl message "$message" --html
	says 1 "" "contactctl: message $message has no HTML part"
	ctl message 999
	says 67 "" "contactctl: no message 999 in team 'sales'"
	pipectl init -q --team support --now "$now"
	ctl message "$message" --team support
	says 67 "" "contactctl: no message $message in team 'support'"
}

@test "S2.40 a mail as it was sent: also the HTML part and the attachments by name, whatever the template says now" {
	echo 1 >terms.pdf
	echo 2 >"price list.ods"
	apply <<-YAML
		kind: Template
		name: intro
		subject: Hello {{ contact.first_name | default:'there' }}
		text: Hello.
		html: <p>Hello.</p>
		attach: [terms.pdf, price list.ods]
	YAML
	do_ctl enroll short anna@example.com
	pipe-tick --now "$now"
	apply <<-YAML
		kind: Template
		name: intro
		subject: Other
		text: Other
	YAML
	message=$(sql "SELECT id FROM message")
	ctl message "$message"
	[[ $output == *"
HTML: yes, shown by --html
Attachment: terms.pdf
Attachment: price list.ods

Hello." ]] || { echo "$output"; false; }
	ctl message "$message" --json
	[[ $output == *'"attachments":["terms.pdf","price list.ods"]'* ]]
}

@test "the feed as JSON has the data of each event" {
	do_ctl event anna@example.com order.placed total=5
	ctl activity anna@example.com --limit 1 --json
	[[ $output == *'"type":"order.placed","pipeline":null,"step":null,"text":"total: 5","actor":"'"$me"'","source":"manual","message":null,'*'"data":{"total":5}}' ]]
}

@test "S2.14 S4.24 an open run makes room only for a run that begins" {
	apply <<-YAML
		kind: Pipeline
		name: again
		enroll: {when: {tag: trial}, again: after 2 days, while_active: restart}
		steps: [{wait: 30 days}]
		---
		kind: Pipeline
		name: latest
		enroll: {when: {event: order.placed}, while_active: restart}
		steps: [{wait: 30 days}, {email: {subject: "For {{ event.total }}", text: Thanks}}]
	YAML
	ctl tag trial anna@example.com
	says 0 "$(row anna@example.com tagged 'enrolled: again')" ""
	do_ctl untag trial anna@example.com
	ctl tag trial anna@example.com
	says 0 "$(row anna@example.com tagged '')" ""
	do_ctl event anna@example.com order.placed total=5
	ctl event anna@example.com order.placed
	says 0 "$(row anna@example.com recorded 'not enrolled: latest, missing event.total')" ""
	ctl event anna@example.com order.placed total=6
	says 0 "$(row anna@example.com recorded 'stopped: latest; enrolled: latest')" ""
	[ "$(sql "SELECT count(*) FROM run WHERE status = 'pending'")" = 2 ]
}

@test "S4.24 events queue for an open run, and one that lacks a value does not hold up those behind it" {
	apply <<-YAML
		kind: Pipeline
		name: each
		enroll: {when: {event: order.placed}, while_active: queue}
		steps: [{email: {subject: "For {{ event.total }}", text: Thanks}}]
	YAML
	ctl event anna@example.com order.placed total=1
	says 0 "$(row anna@example.com recorded 'enrolled: each')" ""
	ctl event anna@example.com order.placed
	says 0 "$(row anna@example.com recorded 'queued: each')" ""
	ctl event anna@example.com order.placed total=3
	says 0 "$(row anna@example.com recorded 'queued: each')" ""
	pipe-tick --now "$now"
	pipe-tick --now "$now"
	[ "$(grep -h '^Subject: For' out/new/* | sort)" = "$(printf 'Subject: For 1\nSubject: For 3')" ]
}
