#!/usr/bin/env bats
# inbox_max_age: who may have answered is not written to; and what an answered letter starts.

load people

setup() {
	people_setup
	mkdir -p in/new in/cur in/tmp
	apply_with ''
	do_ctl add ada@example.com first_name=Ada
}

# apply_with LINE: of the Mailbox.
apply_with() {
	apply <<-YAML
		kind: Mailbox
		name: hello
		from: Hello <hello@example.com>
		maildir: $BATS_TEST_TMPDIR/out
		inbox: {maildir: $BATS_TEST_TMPDIR/in}
		$1
		---
		kind: Pipeline
		name: p
		steps: [{email: {subject: One, text: One}, id: one}]
		---
		kind: Pipeline
		name: q
		ignore: [replied]
		steps: [{email: {subject: Two, text: Two}, id: two}]
		---
		kind: Pipeline
		name: thanks
		steps: [note: "they answered: {{ event.text }}"]
	YAML
}

# stands PIPELINE: status and reason at the instant.
stands() {
	pipectl runs --pipeline "$1" --now "$2" | cut -f 5,6 | tr '\t' ' '
}

sent() {
	find out/new -type f 2>/dev/null | wc -l
}

@test "a mail waits while its inbox is unread, and goes when it was read" {
	do_ctl enroll p ada@example.com
	do_ctl enroll q ada@example.com
	pipe-tick --now '2026-06-29T09:00:00Z'
	[ "$(sent)" = 1 ]
	[ "$(stands p '2026-06-29T09:00:00Z')" = 'blocked inbox' ]
	[ "$(stands q '2026-06-29T09:00:00Z')" = 'completed ' ]
	pipectl why ada@example.com p --now '2026-06-29T09:00:00Z' >why
	grep -q 'the inbox of mailbox hello was never read: does cron run pipe-inbox?' why
	pipectl runs --status blocked --reason inbox --now '2026-06-29T09:00:00Z' | grep -q ada@example.com
	pipe-inbox --now '2026-06-29T09:00:00Z'
	pipe-tick --now '2026-06-29T09:01:00Z'
	[ "$(sent)" = 2 ]
}

@test "S2.13 the very first to enter is told that the inbox was not read, like everybody behind" {
	do_ctl enroll p ada@example.com
	[ "$output" = "$(row ada@example.com started one '' hello 'later than planned: inbox')" ] || { echo "$output"; false; }
	apply <<-'YAML'
		kind: Pipeline
		name: new
		enroll: {new_contacts: true}
		steps: [{email: {subject: One, text: One}, id: one}]
	YAML
	do_ctl add bob@example.com
	[[ $output == *"bob@example.com enrolled in new, first e-mail one, which waits: inbox" ]]
}

@test "half an hour is the default; never waits for nobody" {
	pipe-inbox --now '2026-06-29T09:00:00Z'
	do_ctl enroll p ada@example.com
	pipe-tick --now '2026-06-29T09:31:00Z'
	[ "$(sent)" = 0 ]
	pipe-inbox --now '2026-06-29T09:31:00Z'
	pipe-tick --now '2026-06-29T09:32:00Z'
	[ "$(sent)" = 1 ]
	apply_with 'inbox_max_age: never'
	do_ctl add eve@example.com
	do_ctl enroll p eve@example.com
	pipe-tick --now '2026-06-29T12:00:00Z'
	[ "$(sent)" = 2 ]
	apply_with 'inbox_max_age: 4 hours'
	do_ctl add bob@example.com
	do_ctl enroll p bob@example.com
	pipe-tick --now '2026-06-29T13:31:00Z'
	[ "$(sent)" = 3 ]
	pipe-tick --now '2026-06-29T13:32:00Z'
	do_ctl add cid@example.com
	do_ctl enroll p cid@example.com
	pipe-tick --now '2026-06-29T13:33:00Z'
	[ "$(sent)" = 3 ]
}

@test "with a gap one tick looks at all that wait for the inbox, and who does not wait goes past them" {
	apply_with 'limit: {gap: 20 seconds}'
	for who in ada bob eve; do
		do_ctl add $who@example.com first_name=$who
		do_ctl enroll p $who@example.com
	done
	do_ctl enroll q ada@example.com
	pipe-tick --now '2026-06-29T09:00:00Z'
	[ "$(sent)" = 1 ]
	[ "$(stands q '2026-06-29T09:00:00Z')" = 'completed ' ]
	[ "$(sql "SELECT count(*) FROM run WHERE reason = 'inbox'")" = 3 ]
}

@test "S1.18 the answer to a letter starts the pipeline that waits for it, and is mail.replied" {
	echo Hello >body
	ctl mail ada@example.com -s 'A question' -b body --on-reply thanks
	[ "$status" = 0 ]
	pipe-tick --now '2026-06-29T09:00:00Z'
	id=$(grep -h -i '^message-id:' out/new/* | sed 's/.*<\(.*\)>.*/\1/')
	cat >in/new/answer <<-MAIL
		From: Ada <ada@example.com>
		To: hello@example.com
		Subject: Re: A question
		Message-ID: <answer@example.com>
		In-Reply-To: <$id>
		Date: Mon, 29 Jun 2026 10:00:00 +0200

		Yes, of course.
	MAIL
	pipe-inbox --now '2026-06-29T10:01:00Z'
	pipe-tick --now '2026-06-29T10:02:00Z'
	[ "$(sql "SELECT count(*) FROM event WHERE type = 'mail.replied'")" = 1 ]
	[ "$(sql "SELECT json_extract(data, '\$.text') FROM event WHERE type = 'note.added'")" = 'they answered: Yes, of course.' ]
}

@test "B7 all that is due waits for the inbox everywhere, not only the one that a tick took up; the later one does not" {
	apply_with 'limit: {gap: 20 seconds}'
	for who in ada bob eve; do
		do_ctl add $who@example.com first_name=$who
		do_ctl enroll p $who@example.com
	done
	[ "$(stands p '2026-06-29T09:00:00Z' | sort | uniq -c | xargs)" = '3 blocked inbox' ]
	pipe-tick --now '2026-06-29T09:00:00Z'
	pipe-tick --now '2026-06-29T09:01:00Z'
	[ "$(stands p '2026-06-29T09:01:00Z' | sort | uniq -c | xargs)" = '3 blocked inbox' ]
	[ "$(pipectl runs --status blocked --reason inbox --now '2026-06-29T09:01:00Z' | wc -l)" = 3 ]
	[ "$(contactctl list blocked -o email,reason,next_at --now '2026-06-29T09:01:00Z' | grep -c "	inbox	$")" = 3 ]
	pipectl why eve@example.com p --now '2026-06-29T09:01:00Z' >why
	grep -q 'it waits: the inbox of mailbox hello was never read: does cron run pipe-inbox?' why
	pipectl why eve@example.com p --json --now '2026-06-29T09:01:00Z' >why
	grep -q '"since":"2026-06-29T09:00:00Z"' why
	[ "$(pipectl stats --now '2026-06-29T09:01:00Z' | grep '^p	' | cut -f 8)" = 'inbox 3' ]
	[ "$(pipectl queue -a --json --now '2026-06-29T09:01:00Z' | grep -c '"reason":"inbox"')" = 3 ]
	[ "$(pipectl queue --now '2026-06-29T09:01:00Z' | cut -f 3,9 | sort | uniq -c | xargs)" = '3 2026-06-29T09:00:00Z inbox' ]
	run pipectl check --now '2026-06-29T09:01:00Z'
	[ "$status" = 1 ]
	[[ $output == *"WARNING - the inbox of mailbox hello was never read: does cron run pipe-inbox? |"* ]] || { echo "$output"; false; }
	pipe-inbox --now '2026-06-29T09:01:30Z'
	run pipectl check --now '2026-06-29T09:01:30Z'
	[ "$status" = 0 ]
	[ "$(pipectl queue --now '2026-06-29T09:01:30Z')" = '' ]
	[ "$(stands p '2026-06-29T09:01:30Z' | sort | uniq -c | xargs)" = '3 pending' ]
	pipectl why eve@example.com p --now '2026-06-29T09:01:30Z' >why
	grep -q 'nothing holds it: it goes with the next tick\|as things stand it goes' why
}

@test "a mailbox that reads its answers elsewhere now is not held for what it read before" {
	pipe-inbox --now '2026-06-29T08:00:00Z'
	touch answers
	sed -i 's|inbox: {.*|inbox: {mbox: '"$BATS_TEST_TMPDIR"'/answers}|' more.yaml
	pipectl apply -q more.yaml --now '2026-06-29T08:01:00Z'
	do_ctl enroll p ada@example.com
	[ "$(stands p '2026-06-29T09:00:00Z')" = 'blocked inbox' ]
	pipe-inbox --now '2026-06-29T09:00:00Z'
	pipe-tick --now '2026-06-29T09:00:00Z'
	[ "$(stands p '2026-06-29T09:00:00Z')" = 'completed ' ]
}

@test "an inbox that cannot be read: why and check say what is wrong, and check at once" {
	do_ctl enroll p ada@example.com
	pipe-inbox --now '2026-06-29T09:00:00Z'
	rm -r in
	run pipe-inbox --now '2026-06-29T09:01:00Z'
	[ "$status" = 78 ]
	run pipectl check --now '2026-06-29T09:01:00Z'
	[[ $output == *"the inbox of mailbox hello cannot be read: "*"$BATS_TEST_TMPDIR/in"* ]] || { echo "$output"; false; }
	pipe-tick --now '2026-06-29T09:40:00Z'
	pipectl why ada@example.com p --now '2026-06-29T09:40:00Z' >why
	cat why
	grep -q "it waits: the inbox of mailbox hello was last read 2026-06-29T09:00:00Z: .*$BATS_TEST_TMPDIR/in" why
	mkdir -p in/new in/cur in/tmp
	pipe-inbox --now '2026-06-29T09:41:00Z'
	run pipectl check --now '2026-06-29T09:41:00Z'
	[[ $output != *"inbox of mailbox"* ]]
}
