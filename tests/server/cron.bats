#!/usr/bin/env bats
# The main job in real time: cron itself runs the crontab file that is shipped, a shell script adds a contact, and the
# mails are delivered by a real server. Takes two to three minutes.

load lib.bash

teardown() {
	root_remove
}

mails() {
	[ "$(find "$root/mail/Maildir/new" -type f 2>/dev/null | wc -l)" -ge "$1" ]
}

# The subjects of what was delivered, decoded, in the order of their Date.
subjects() {
	python3 - "$root/mail/Maildir/new" <<-'EOF'
		import email, email.policy, email.utils, pathlib, sys
		mails = [email.message_from_bytes(p.read_bytes(), policy=email.policy.default) for p in pathlib.Path(sys.argv[1]).iterdir()]
		for mail in sorted(mails, key=lambda m: email.utils.parsedate_to_datetime(m["Date"])):
		    print(mail["To"], mail["Subject"], sep=": ")
	EOF
}

completed() {
	as_user pipewright contactctl list --json | grep -q '"completed":1'
}

@test "S0.8 S0.14 S0.15 S0.16 S0.17 S0.19 S0.20 cron runs the shipped file: a contact that a script adds gets both mails, and the run completes" {
	root_or_skip opensmtpd cron
	root_make "$BATS_TEST_TMPDIR/root"
	port=$(free_port)
	start_opensmtpd "$port"
	start_cron
	as_user pipewright pipectl init --db /var/lib/pipewright/pipewright.db --team sales
	cat >"$root/tmp/welcome.yaml" <<-EOF
		kind: Mailbox
		name: hello
		from: Grüße <hello@example.test>
		smtp: {url: 'smtp://127.0.0.1:$port', tls: none}
		---
		kind: Pipeline
		name: welcome
		mailbox: hello
		enroll: {new_contacts: true}
		steps:
		  - email: {subject: "Willkommen, {{ contact.first_name }}", text: "Schön, dass du da bist."}
		  - email: {subject: "Alles gut?", text: "Eine Minute später."}
		    after: 1 minute
	EOF
	as_user pipewright pipectl apply /tmp/welcome.yaml
	cat >"$root/tmp/signup.sh" <<-'EOF'
		#!/bin/sh
		# What a sign-up form would call.
		contactctl add "$1" first_name="$2"
	EOF
	as_user pipewright sh /tmp/signup.sh juergen@example.test Jürgen
	wait_for 75 mails 1
	wait_for 130 mails 2
	wait_for 10 completed
	run subjects
	[ "${lines[0]}" = 'Jürgen <juergen@example.test>: Willkommen, Jürgen' ]
	[ "${lines[1]}" = 'Jürgen <juergen@example.test>: Alles gut?' ]
	[ "${#lines[@]}" = 2 ]
	[ ! -s "$root/log.cron" ]
}
