#!/usr/bin/env bats
# What comes back, over real servers: Postfix delivers answers and makes bounces, Dovecot serves them by IMAP.

load lib.bash

setup() {
	root_or_skip postfix dovecot-core dovecot-imapd
	root_make "$BATS_TEST_TMPDIR/root"
	smtp=$(free_port)
	imap=$(free_port)
	imaps=$(free_port)
	far=$(free_port)
	as_pipewright pipectl init --db /var/lib/pipewright/pipewright.db --team sales
	mkdir -p "$root/etc/pipewright/secrets/sales"
	printf 'secret\n' >"$root/etc/pipewright/secrets/sales/anna"
	chown -R 900:900 "$root/etc/pipewright"
	chmod 600 "$root/etc/pipewright/secrets/sales/anna"
	# shellcheck disable=SC2034 # of start_postfix
	postfix_config="virtual_mailbox_maps = inline:{anna@example.test=anna/, @example.test=Maildir/}
transport_maps = inline:{ gone@example.test=smtp:[127.0.0.2]:$far, full@example.test=smtp:[127.0.0.2]:$far }
recipient_delimiter = +"
	start_postfix "$smtp"
	start_dovecot "$imap" "$imaps"
}

teardown() {
	[ -z "${refuser:-}" ] || kill "$refuser"
	root_remove
}

as_pipewright() {
	as_user pipewright "$@"
}

# documents IMAP-LINES: the mailbox of anna and a pipeline of two mails.
documents() {
	cat >"$root/tmp/sales.yaml" <<-EOF
		kind: Mailbox
		name: anna
		from: Anna Schmidt <anna@example.test>
		smtp: {url: "smtp://127.0.0.1:$smtp", tls: none}
		inbox: {imap: {$1, user: anna, password_file: anna}}
		inbox_max_age: never
		verp: ${2:-none}
		---
		kind: Pipeline
		name: hi
		mailbox: anna
		enroll: {new_contacts: true}
		steps:
		  - email: {subject: Hello, text: Hi there}
		  - email: {subject: Again, text: Me again}
		    after: 2 days
	EOF
	as_pipewright pipectl apply /tmp/sales.yaml >/dev/null
}

plain() { echo "url: \"imap://127.0.0.1:$imap\", tls: none"; }

people() {
	for name; do as_pipewright contactctl add "$name@example.test" >/dev/null; done
	as_pipewright pipe-tick
}

delivered() { # FOLDER N
	[ "$(find "$root/mail/$1" -type f -path '*/new/*' -o -type f -path '*/cur/*' 2>/dev/null | grep -c "/mail/$1/")" = "$2" ]
}

mail_to() { grep -l "^To: $1@example.test" "$root"/mail/Maildir/new/*; }

# answer NAME SUBJECT HEADER TEXT: a mail by SMTP that answers the one that came.
answer() {
	python3 - "$smtp" "$(mail_to "$1")" "$@" <<-'EOF'
		import email, smtplib, sys
		port, file, name, subject, header, text = sys.argv[1:]
		came = email.message_from_file(open(file))
		mail = f'From: {name}@example.test\nTo: anna@example.test\nSubject: {subject}\nMessage-ID: <{name}.{abs(hash(text))}@example.test>\n' \
		       f'In-Reply-To: {came["Message-ID"]}\n{header}\n{text}\n\n> Hi there\n'
		with smtplib.SMTP('127.0.0.1', int(port)) as s:
		    s.sendmail(f'{name}@example.test', ['anna@example.test'], mail.replace('\n', '\r\n'))
	EOF
}

state() { as_pipewright pipectl runs --contact "$1@example.test" | cut -f5,6 | sed 's/\t$//; s/\t/ /'; }

@test "S2.3 B4 added, mailed, answered: the run is stopped before its next step, and the answer stays unread" {
	documents "$(plain)"
	people kim lee
	wait_for 20 delivered Maildir 2
	answer kim 'Re: Hello' '' 'Yes, please.'
	wait_for 20 delivered anna 1
	run as_pipewright pipe-inbox -v
	[ "$status" = 0 ]
	[[ $output == *'1 new mails: 1 replies'* ]]
	[ "$(state kim)" = 'stopped replied' ]
	[ "$(state lee)" = running ]
	as_pipewright contactctl activity kim@example.test | grep -q 'text: Yes, please\.'
	[ "$(find "$root/mail/anna" -name '*S*' -path '*cur*' | wc -l)" = 0 ]
	run as_pipewright pipe-inbox -v
	[[ $output == *': 0 new mails'* ]]
}

@test "by TLS from the first byte, and by STARTTLS; a certificate of nobody is refused" {
	documents "url: \"imaps://mx.test:$imaps\""
	people kim lee
	wait_for 20 delivered Maildir 2
	answer kim 'Re: Hello' '' 'Yes.'
	wait_for 20 delivered anna 1
	as_pipewright pipe-inbox
	[ "$(state kim)" = 'stopped replied' ]
	documents "url: \"imap://mx.test:$imap\""
	answer lee 'Re: Hello' '' 'Me too.'
	wait_for 20 delivered anna 2
	as_pipewright pipe-inbox
	[ "$(state lee)" = 'stopped replied' ]
	documents "url: \"imaps://localhost:$imaps\""
	run as_pipewright pipe-inbox
	[ "$status" = 78 ]
	[[ $output == *'sales/anna: '* ]]
}

@test "B16 B19 bounces that Postfix makes, and an automatic reply" {
	documents "$(plain)" plus
	python3 "$PW_TOP/tests/server/refuse.py" "$far" 3>&- &
	refuser=$!
	wait_for 10 bash -c "exec 9<>/dev/tcp/127.0.0.2/$far" 2>/dev/null
	people gone full kim
	wait_for 20 delivered Maildir 1
	answer kim 'Automatic reply: Hello' 'Auto-Submitted: auto-replied
' 'I am on holiday.'
	wait_for 20 delivered anna 3 || { tail -30 "$root/var/log/mail.log"; false; }
	grep -q '^X-Original-To: anna+b[0-9]*-' "$root"/mail/anna/new/*
	run as_pipewright pipe-inbox -v
	[[ $output == *'3 new mails: 0 replies, 1 automatic, 1 bounces, 1 soft,'* ]]
	[ "$(state gone)" = 'stopped bounced' ]
	[ "$(state full)" = running ]
	[ "$(state kim)" = 'running away' ]
}

@test "new numbers on the server (UIDVALIDITY): what was read counts once, what is new is found" {
	documents "$(plain)"
	people kim lee
	wait_for 20 delivered Maildir 2
	answer kim 'Re: Hello' '' 'Yes.'
	wait_for 20 delivered anna 1
	as_pipewright pipe-inbox
	rm -f "$root"/mail/anna/dovecot*
	sleep 1.1 # Dovecot numbers by seconds
	answer lee 'Re: Hello' '' 'Me too.'
	wait_for 20 delivered anna 2
	run as_pipewright pipe-inbox -v
	[[ $output == *'2 new mails: 1 replies'* ]]
	[ "$(state lee)" = 'stopped replied' ]
	[ "$(as_pipewright contactctl activity kim@example.test | grep -c email.replied)" = 1 ]
}

@test "a connection that breaks anywhere loses nothing and counts nothing twice" {
	local door
	documents "$(plain)"
	people kim lee pat
	wait_for 20 delivered Maildir 3
	for name in kim lee pat; do answer "$name" 'Re: Hello' '' 'Yes.'; done
	wait_for 20 delivered anna 3 || { tail -30 "$root/var/log/mail.log"; false; }
	for bytes in 1 50 200 400 800 1200 1600 2000 2500 3000; do
		door=$(free_port)
		python3 "$PW_TOP/tests/server/cut.py" "$door" "$imap" "$bytes" 3>&- &
		local cutter=$!
		wait_for 10 port_open "$door"
		documents "url: \"imap://127.0.0.1:$door\", tls: none"
		run as_pipewright pipe-inbox --mailbox anna
		kill "$cutter"
		[ "$status" = 69 ] || [ "$bytes" -gt 1000 ]
	done
	documents "$(plain)"
	as_pipewright pipe-inbox
	for name in kim lee pat; do
		[ "$(state $name)" = 'stopped replied' ]
		[ "$(as_pipewright contactctl activity "$name@example.test" | grep -c email.replied)" = 1 ]
	done
}

@test "a wrong password, a server that is not there: said once, and the other mailbox is read" {
	documents "$(plain)"
	people kim
	wait_for 20 delivered Maildir 1
	answer kim 'Re: Hello' '' 'Yes.'
	wait_for 20 delivered anna 1
	printf 'wrong\n' >"$root/etc/pipewright/secrets/sales/wrong"
	chown 900:900 "$root/etc/pipewright/secrets/sales/wrong"
	chmod 600 "$root/etc/pipewright/secrets/sales/wrong"
	for name in aaa bbb; do
		cat >"$root/tmp/$name.yaml" <<-EOF
			kind: Mailbox
			name: $name
			from: $name@example.test
			maildir: $name
			inbox: {imap: {url: "imap://127.0.0.1:$([ $name = aaa ] && echo "$imap" || free_port)", tls: none, user: anna, password_file: wrong}}
		EOF
		as_pipewright pipectl apply "/tmp/$name.yaml" >/dev/null
	done
	run as_pipewright pipe-inbox
	[ "$status" = 78 ]
	[[ ${lines[0]} == 'pipe-inbox: note: sales/aaa: the login is refused' ]]
	[[ ${lines[1]} == 'pipe-inbox: note: sales/bbb: '* ]]
	[ "$(state kim)" = 'stopped replied' ]
	run as_pipewright pipe-inbox
	[ "$status" = 75 ]
	[ "$output" = '' ]
}

# dovecot_with MECHANISMS [LINE]: the server now lets in by these only.
dovecot_with() {
	sed -i "s/auth_mechanisms = .*/auth_mechanisms = $1/; s/^disable_plaintext_auth = .*/disable_plaintext_auth = ${2:-no}/" "$root/etc/dovecot/dovecot.conf"
	kill -HUP "$(cat "$root/run/dovecot/master.pid")"
	wait_for 10 offers "${1%% *}" "${2:-no}"
}

offers() {
	python3 -c 'import imaplib, sys
c = imaplib.IMAP4("127.0.0.2", int(sys.argv[1])).capabilities
sys.exit(0 if (("AUTH=" + sys.argv[2].upper() in c) and sys.argv[3] == "no") or ("LOGINDISABLED" in c and sys.argv[3] == "yes") else 1)' "$imap" "$@" 2>/dev/null
}

@test "every way of logging in; a server that takes no password without TLS gets none" {
	documents "url: \"imap://127.0.0.2:$imap\", tls: none"
	for mechanism in plain login cram-md5; do
		dovecot_with "$mechanism"
		run as_pipewright pipe-inbox --mailbox anna
		[ "$status" = 0 ] || { echo "$mechanism: $output"; false; }
	done
	dovecot_with plain yes
	run as_pipewright pipe-inbox --mailbox anna
	[ "$status" = 78 ]
	[[ $output == *'sales/anna: the server takes no password on a connection without TLS' ]] || { echo "$output"; false; }
	documents "url: \"imap://mx.test:$imap\""
	run as_pipewright pipe-inbox --mailbox anna
	[ "$status" = 0 ]
}
