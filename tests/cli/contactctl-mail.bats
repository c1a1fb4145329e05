#!/usr/bin/env bats
# contactctl mail.

load people

setup() {
	people_setup
	with_pipelines
	do_ctl add ada@example.com first_name=Ada plan=pro company=A
	echo 'Hello Ada,' >body
}

tick() {
	pipe-tick --now "$now"
}

# The only mail that is in the maildir.
sent() {
	cat out/new/*
}

feed() {
	sql "SELECT type || ' ' || actor || ' ' || json_extract(data, '\$.subject', '\$.text') FROM event WHERE type IN ('mail.sent', 'email.sent', 'note.added') ORDER BY id"
}

@test "S1.14 a mail written by hand goes with the next tick, and is told apart in the feed" {
	ctl mail ada@example.com --subject 'Your question' --body body
	id=$(printf '%s' "$output" | sed 's|message/\([0-9]*\) .*|\1|')
	says 0 "message/$id queued (to ada@example.com from hello)" ""
	tick
	sent | grep -q '^Subject: Your question$'
	sent | grep -q '^To: Ada <ada@example.com>$'
	[ "$(sent | tail -n 1)" = 'Hello Ada,' ]
	[ "$(sent | grep -ci list-unsubscribe)" = 0 ]
	[ "$(feed)" = "mail.sent $me [\"Your question\",null]" ]
	ctl mail ada@example.com --subject Again --body - <body
	[ "$status" = 0 ]
	ctl mail -n ada@example.com --subject Never --body body
	[ "$status" = 0 ]
	tick
	[ "$(ls out/new | wc -l)" = 2 ]
}

@test "S1.15 a template with the contact's values; what is missing is told" {
	ctl mail ada@example.com --template offer
	[ "$status" = 0 ]
	tick
	sent | grep -q '^Subject: Your pro plan$'
	do_ctl set ada@example.com plan=
	ctl mail ada@example.com --template offer
	says 1 "" "contactctl: ada@example.com lacks contact.plan for template 'offer': contactctl set ada@example.com plan=..."
	ctl mail ada@example.com --template ofer
	says 67 "" "contactctl: no template 'ofer' in team 'sales'; did you mean 'offer'?"
}

@test "S1.16 S1.17 a pipeline starts when the mail was sent, not before" {
	ctl mail ada@example.com -s Hello -b body --on-sent short
	[ "$(sql 'SELECT count(*) FROM run')" = 0 ]
	tick
	[ "$(sql 'SELECT count(*) FROM run')" = 1 ]
	ctl mail ada@example.com -s Hello -b body --on-sent shrt
	[ "$status" = 67 ]
}

@test "S1.18 an answer that nobody would see starts nothing" {
	ctl mail ada@example.com -s Hello -b body --on-reply short
	says 1 "" "contactctl: mailbox 'hello' has no 'inbox': nobody would see the answer"
}

@test "it goes from the writer's mailbox" {
	apply <<-YAML
		kind: Mailbox
		name: mine
		from: Me <me@example.com>
		maildir: mine
		---
		kind: Team
		name: sales
		mailbox: hello
		members: {$me: {role: admin, mailbox: mine}}
	YAML
	ctl mail ada@example.com -s Hello -b body
	[[ $output == *'from mine)' ]]
	ctl mail ada@example.com -s Hello -b body --mailbox hello
	[[ $output == *'from hello)' ]]
	ctl mail ada@example.com -s Hello -b body --mailbox helo
	says 67 "" "contactctl: no mailbox 'helo' in team 'sales'; did you mean 'hello'?"
}

@test "who must not be written to is not written to, also not when that is known only later" {
	ctl mail ada@example.com -s Hello -b body
	do_ctl unsubscribe ada@example.com
	tick
	[ ! -d out/new ] || [ -z "$(ls out/new)" ]
	[ "$(sql "SELECT json_extract(data, '$.text') FROM event WHERE type = 'note.added'")" = \
		"the mail 'Hello' was not delivered: the address must not be written to: unsubscribed" ]
	ctl mail ada@example.com -s Hello -b body
	says 1 "" "contactctl: ada@example.com must not be written to: unsubscribed"
}

@test "without a text the editor opens on a terminal; what is empty or given up is not sent" {
	terminal() { script -qec "contactctl mail ada@example.com -s Hello" /dev/null; }
	EDITOR='echo written >' terminal
	[ "$(pipectl queue | wc -l)" = 1 ]
	VISUAL='echo seen >' EDITOR=false terminal
	[ "$(pipectl queue | wc -l)" = 2 ]
	run env EDITOR=true script -qec "contactctl mail ada@example.com -s Hello" /dev/null
	[ "$status" = 1 ]
	[ "${output%$'\r'}" = 'contactctl: the text is empty: nothing is sent' ]
	run env EDITOR=false script -qec "contactctl mail ada@example.com -s Hello" /dev/null
	[ "$status" = 1 ]
	[ "${output%$'\r'}" = "contactctl: the editor 'false' failed: nothing is sent" ]
	[ "$(pipectl queue | wc -l)" = 2 ]
}

@test "what cannot be a mail is refused" {
	ctl mail ada@example.com
	says 64 "" "contactctl: say --template NAME, or --subject TEXT and --body FILE"
	ctl mail ada@example.com --template offer --subject x
	says 64 "" "contactctl: --template has a subject and a text of its own"
	ctl mail ada@example.com --subject $'a\nBcc: eve@example.com' --body body
	says 64 "" "contactctl: a subject is one line, and not empty"
	ctl mail ada@example.com --subject x --body nofile
	[ "$status" = 66 ]
	ctl mail ada@example.com --subject x </dev/null
	says 64 "" "contactctl: say with --body where the text is; - is stdin"
	ctl mail eve@example.com --subject x --body body
	[ "$status" = 67 ]
	printf 'a\0b' >body
	ctl mail ada@example.com --subject x --body body
	says 65 "" "contactctl: the text is not UTF-8"
	[ -z "$(pipectl queue)" ]
}

@test "S1.16 what cannot be sent is told before the editor opens" {
	terminal() { run env EDITOR='echo written >' script -qec "contactctl mail $*" /dev/null; }
	terminal ada@example.com -s Hello --on-reply short
	[ "$status" = 1 ] && [ "${output%$'\r'}" = "contactctl: mailbox 'hello' has no 'inbox': nobody would see the answer" ]
	terminal ada@example.com -s Hello --on-sent shrt
	[ "$status" = 67 ]
	do_ctl unsubscribe ada@example.com
	terminal ada@example.com -s Hello
	[ "$status" = 1 ] && [ "${output%$'\r'}" = "contactctl: ada@example.com must not be written to: unsubscribed" ]
	[ -z "$(pipectl queue)" ]
}

@test "S1.16 S2.18 who attaches a pipeline to a mail or a task is its enroller, unless there is no mailbox for that" {
	apply <<-YAML
		kind: Mailbox
		name: mine
		from: Me <me@example.com>
		maildir: mine
		---
		kind: Team
		name: sales
		mailbox: hello
		members: {$me: {role: admin, mailbox: mine}}
		---
		kind: Pipeline
		name: follow
		mailbox: enroller
		steps: [{email: intro, after: 1 day}]
	YAML
	do_ctl add bob@example.com
	do_ctl add eve@example.com
	do_ctl mail ada@example.com -s Hello -b body --on-sent follow
	tick
	taskctl add -q Call --contact bob@example.com --on-done follow --now "$now"
	taskctl done -q "$(sql 'SELECT max(id) FROM task')" --now "$now"
	[ "$(pipectl runs --now "$now" --json | grep -c '"mailbox":"mine".*"enroller":"'"$me"'"')" = 2 ]
	apply <<-YAML
		kind: Team
		name: sales
		mailbox: hello
		members: {$me: {role: admin}}
	YAML
	do_ctl mail eve@example.com -s Hello -b body --on-sent follow
	tick
	[ "$(pipectl runs --now "$now" --contact eve@example.com --json | grep -c '"mailbox":"hello".*"enroller":null')" = 1 ] ||
		{ pipectl runs --now "$now" --contact eve@example.com --json; false; }
}
