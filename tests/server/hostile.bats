#!/usr/bin/env bats
# Header and command injection and smuggling through real servers, one of which takes a bare LF for a line end: whatever
# stands in fields and texts, one mail arrives for each that was sent, with the headers that it was given.

load lib.bash

setup() {
	root_or_skip postfix opensmtpd
	root_make "$BATS_TEST_TMPDIR/root"
	port=$(free_port)
	as_pipewright pipectl init -q --db /var/lib/pipewright/pipewright.db --team sales
	python3 "$PW_TOP/tests/server/hostile.py" write "$port" "$root/tmp" >"$BATS_TEST_TMPDIR/wanted"
}

teardown() {
	root_remove
}

as_pipewright() {
	as_user pipewright "$@"
}

# What pipectl refuses goes nowhere; the others are sent, each to its own person.
send_all() {
	local file accepted=0 refused=0
	for file in "$root"/tmp/text-*.yaml; do
		if as_pipewright pipectl apply -q "/tmp/${file##*/}" 2>>"$BATS_TEST_TMPDIR/refused"; then
			accepted=$((accepted + 1))
		else
			refused=$((refused + 1))
		fi
	done
	echo "$accepted texts accepted, $refused refused"
	[ "$accepted" -gt 20 ]
	as_pipewright contactctl add -q - <"$root/tmp/people.jsonl" 2>"$BATS_TEST_TMPDIR/refused" || [ $? = 1 ]
	as_pipewright pipe-tick
	sent=$(as_pipewright pipectl events --all --type email.sent --json | wc -l)
	echo "$sent mails sent"
	[ "$sent" -gt 300 ] || { as_pipewright pipectl runs | cut -c 1-150 | tail; false; }
}

arrived() {
	[ "$(find "$root/mail/Maildir/new" -type f | wc -l)" -ge "$sent" ]
}

# One mail for each, nothing for the victims, and the headers are those that we gave.
nothing_more() {
	wait_for 30 arrived
	as_pipewright pipe-tick
	[ "$(find "$root/mail/Maildir/new" -type f | wc -l)" = "$sent" ]
	python3 "$PW_TOP/tests/server/hostile.py" read "$root/mail/Maildir/new" "$BATS_TEST_TMPDIR/wanted"
}

@test "Postfix that takes a bare LF for a line end: nothing is smuggled, no header or recipient is added" {
	postfix_config='smtpd_forbid_bare_newline = no
smtpd_forbid_unauth_pipelining = no'
	start_postfix "$port"
	send_all
	nothing_more
}

@test "the same Postfix takes a second mail from a sender that lets a bare LF through, and this test sees it" {
	postfix_config='smtpd_forbid_bare_newline = no
smtpd_forbid_unauth_pipelining = no'
	start_postfix "$port"
	python3 "$PW_TOP/tests/server/hostile.py" smuggle "$port"
	sent=2
	wait_for 30 arrived
	run python3 "$PW_TOP/tests/server/hostile.py" read "$root/mail/Maildir/new" "$BATS_TEST_TMPDIR/wanted"
	[ "$status" = 1 ]
	[[ $output == *"it went to or came from a victim"* ]]
}

@test "OpenSMTPD: nothing is smuggled, no header or recipient is added" {
	start_opensmtpd "$port"
	send_all
	nothing_more
}
