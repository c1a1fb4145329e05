#!/usr/bin/env bats
# The servers of the other tests, each tried by a client that is not ours: when one of these fails, look here first.

load lib.bash

teardown() {
	root_remove
}

mails() {
	[ "$(find "$root/mail/Maildir/new" -type f 2>/dev/null | wc -l)" = "$1" ]
}

submit() {
	python3 "$PW_TOP/tests/server/submit.py" "$@"
}

@test "Postfix asks for STARTTLS and AUTH, and keeps the mail" {
	root_or_skip postfix libsasl2-modules sasl2-bin
	root_make "$BATS_TEST_TMPDIR/root"
	port=$(free_port)
	start_postfix "$port" auth
	authority=$root/etc/ssl/certs/ca-certificates.crt
	run submit "$port"
	[ "$status" -eq 1 ]
	run submit "$port" "$authority" anna wrong
	[ "$status" -eq 67 ]
	submit "$port" "$authority" anna secret
	wait_for 10 mails 1
	grep -r 'Subject: harness' "$root/mail/Maildir/new"
}

@test "Postfix offers PIPELINING, and keeps the mail" {
	root_or_skip postfix
	root_make "$BATS_TEST_TMPDIR/root"
	port=$(free_port)
	start_postfix "$port"
	run submit "$port"
	[ "$status" -eq 0 ]
	[[ $output == *pipelining* ]]
	wait_for 10 mails 1
	grep -r 'Subject: harness' "$root/mail/Maildir/new"
}

@test "OpenSMTPD keeps the mail" {
	root_or_skip opensmtpd
	root_make "$BATS_TEST_TMPDIR/root"
	port=$(free_port)
	start_opensmtpd "$port"
	submit "$port"
	wait_for 10 mails 1
	grep -r 'Subject: harness' "$root/mail/Maildir/new"
}
