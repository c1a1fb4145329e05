#!/usr/bin/env bats
# From YAML to delivered mail over real servers: the programs as `make install` puts them, in a root of their own.

load lib.bash

setup() {
	root_or_skip postfix libsasl2-modules sasl2-bin opensmtpd
	root_make "$BATS_TEST_TMPDIR/root"
	port=$(free_port)
	as_pipewright pipectl init --db /var/lib/pipewright/pipewright.db --team sales
}

teardown() {
	root_remove
}

as_pipewright() {
	as_user pipewright "$@"
}

mails() {
	[ "$(find "$root/mail/Maildir/new" -type f 2>/dev/null | wc -l)" = "$1" ]
}

# A mailbox at the server of this test, with more lines for it, and a pipeline of two mails two days apart.
apply() {
	cat >"$root/tmp/sales.yaml"
	as_pipewright pipectl apply /tmp/sales.yaml
}

two_mails() {
	cat <<-EOF
		kind: Mailbox
		name: anna
		from: Anna Schmidt <anna@example.test>
		smtp: $1
		---
		kind: Pipeline
		name: welcome
		mailbox: anna
		enroll: {new_contacts: true}
		steps:
		  - email: {subject: "Welcome, {{ contact.first_name }}", text: "Hello {{ contact.first_name }}."}
		  - email: {subject: "How is it going?", text: "It has been two days."}
		    after: 2 days
	EOF
}

# counts ADDR FIELD: running, completed or blocked, as `contactctl list` has it.
counts() {
	as_pipewright contactctl list --json | python3 -c 'import json, sys
print(*(c[sys.argv[2]] for c in map(json.loads, sys.stdin) if c["email"] == sys.argv[1]))' "$1" "$2"
}

@test "S0.9 S0.14 S0.19 over STARTTLS and AUTH: two mails arrive, two days apart, and the run completes" {
	start_postfix "$port" auth
	mkdir -p "$root/etc/pipewright/secrets/sales"
	printf 'secret\n' >"$root/etc/pipewright/secrets/sales/anna"
	chown -R 900:900 "$root/etc/pipewright"
	chmod 600 "$root/etc/pipewright/secrets/sales/anna"
	two_mails "{url: 'smtp://mx.test:$port', user: anna, password_file: anna}" | apply
	as_pipewright contactctl add ada@example.test first_name=Ada
	run as_pipewright pipe-tick
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	wait_for 10 mails 1
	grep -r '^Subject: Welcome, Ada' "$root/mail/Maildir/new"
	grep -rq 'with ESMTPSA' "$root/mail/Maildir/new"
	[ "$(counts ada@example.test running)" = 1 ]
	as_pipewright pipe-tick
	as_pipewright pipe-tick --now +2d
	wait_for 10 mails 2
	[ "$(counts ada@example.test completed)" = 1 ]
}

@test "B16 a password that is refused takes the mailbox down, and the right one brings it back" {
	start_postfix "$port" auth
	mkdir -p "$root/etc/pipewright/secrets/sales"
	echo wrong >"$root/etc/pipewright/secrets/sales/anna"
	chown -R 900:900 "$root/etc/pipewright"
	chmod 600 "$root/etc/pipewright/secrets/sales/anna"
	two_mails "{url: 'smtp://mx.test:$port', user: anna, password_file: anna}" | apply
	as_pipewright contactctl add ada@example.test first_name=Ada
	as_pipewright pipe-tick || :
	mails 0
	run as_pipewright pipectl why ada@example.test
	echo "$output"
	[[ $output == *auth* ]]
	echo secret >"$root/etc/pipewright/secrets/sales/anna"
	as_pipewright pipe-tick --login anna
	wait_for 10 mails 1
}

@test "a certificate of nobody we know is refused: nothing is sent, nothing is lost" {
	start_postfix "$port" auth
	: >"$root/etc/ssl/certs/ca-certificates.crt"
	two_mails "{url: 'smtp://mx.test:$port'}" | apply
	as_pipewright contactctl add ada@example.test first_name=Ada
	as_pipewright pipe-tick || :
	mails 0
	[ "$(counts ada@example.test blocked)" = 1 ]
}

@test "S0.9 over one connection with PIPELINING: fifty people, one mail each" {
	start_postfix "$port"
	two_mails "{url: 'smtp://127.0.0.1:$port', tls: none}" | apply
	for i in $(seq 50); do
		echo "{\"email\": \"p$i@example.test\", \"first_name\": \"P$i\"}"
	done | as_pipewright contactctl add -
	as_pipewright pipe-tick
	wait_for 20 mails 50
	for i in $(seq 50); do
		grep -rq "^Subject: Welcome, P$i\$" "$root/mail/Maildir/new"
	done
	as_pipewright pipe-tick
	sleep 1
	mails 50
}

@test "S2.7 B16 one bad recipient touches nobody else, and its run ends" {
	postfix_config='smtpd_recipient_restrictions = check_recipient_access inline:{{nobody@example.test=550 5.1.1 no such user}}'
	start_postfix "$port"
	two_mails "{url: 'smtp://127.0.0.1:$port', tls: none}" | apply
	for who in first nobody last; do
		as_pipewright contactctl add "$who@example.test" first_name="$who"
	done
	as_pipewright pipe-tick
	wait_for 10 mails 2
	[ "$(counts nobody@example.test running)" = 0 ]
	[ "$(counts first@example.test running)$(counts last@example.test running)" = 11 ]
	as_pipewright pipe-tick --now +2d
	wait_for 10 mails 4
	[ "$(counts last@example.test completed)" = 1 ]
}
