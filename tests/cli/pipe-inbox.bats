#!/usr/bin/env bats
# pipe-inbox and pipe-drop: what comes back ends runs, delays them, or stops all mail to an address.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$PWD/t.db
	export PATH=$PW_BUILD/bin:$PATH
	mkdir -p in/new in/cur in/tmp
	pipectl init --team sales >/dev/null
	now='2026-06-01T09:00:00Z'
}

# The mailbox's other lines on stdin.
documents() {
	cat >d.yaml <<-END
		kind: Mailbox
		name: anna
		from: Anna <anna@us.example>
		maildir: out
		inbox_max_age: never
		$(cat)
		---
		kind: Pipeline
		name: hi
		mailbox: anna
		enroll: {new_contacts: true}
		steps:
		  - email: {subject: Hello, text: Hi there}
		  - email: {subject: Again, text: Me again}
		    after: 2 days
	END
	pipectl apply d.yaml >/dev/null
}

# Contacts who each got the first mail.
people() {
	for name; do contactctl --now "$now" add "$name@far.example" >/dev/null; done
	pipe-tick --now "$now"
}

# The Message-ID of the mail to somebody, with its angle brackets.
id_of() { grep -h -i '^Message-ID:' "$(grep -l "^To: $1@far.example" out/new/*)" | grep -o '<.*>'; }

reply() { # NAME SUBJECT HEADER...
	local name=$1 subject=$2
	shift 2
	printf 'From: %s@far.example\nTo: anna@us.example\nSubject: %s\nMessage-ID: <%s@far.example>\n' "$name" "$subject" "${id:-r-$name}"
	[ $# = 0 ] || printf '%s\n' "$@"
	printf '\n%s\n\n> Hi there\n' "${text:-Yes, please.}"
}

bounce() { # NAME MESSAGE-ID STATUS [HEADER]
	printf 'Return-Path: <>\nFrom: MAILER-DAEMON@far.example\nTo: %s\nSubject: Undelivered Mail Returned to Sender\n' "${4:-anna@us.example}"
	printf 'Message-ID: <b-%s-%s@far.example>\nMIME-Version: 1.0\n' "$1" "$3"
	printf 'Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n'
	printf 'Final-Recipient: rfc822; %s@far.example\nAction: failed\nStatus: %s\n\n' "$1" "$3"
	[ "$2" = - ] || printf -- '--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: %s\nTo: %s@far.example\n\n' "$2" "$1"
	printf -- '--x--\n'
}

# shellcheck disable=SC2120 # options come through `run`
inbox() { pipe-inbox --now "$now" "$@"; }
state() { pipectl runs --contact "$1@far.example" | cut -f5,6 | sed 's/\t$//; s/\t/ /'; }

@test "S2.3 S2.6 B4 a reply ends the run before its next step, and the feed has what was written" {
	documents <<<'inbox: {maildir: in}'
	people kim lee
	reply kim 'Re: Hello' "In-Reply-To: $(id_of kim)" >in/new/1
	run inbox -v
	[ "$status" = 0 ]
	[ "$output" = 'pipe-inbox: 1 new mails: 1 replies, 0 automatic, 0 bounces, 0 soft, 0 complaints, 0 unsubscribes, 0 of nobody we know' ]
	[ "$(state kim)" = 'stopped replied' ]
	[ "$(state lee)" = running ]
	contactctl activity kim@far.example | grep -q 'email.replied.*text: Yes, please\.'
	[ "$(contactctl activity kim@far.example | grep -c 'text:.*Hi there')" = 0 ]
	pipe-tick --now 2026-06-03T09:00:00Z
	[ "$(grep -l '^Subject: Again' out/new/* | wc -l)" = 1 ]
}

@test "a mail counts once, whatever it is called, and is left as it was" {
	documents <<<'inbox: {maildir: in}'
	people kim
	reply kim 'Re: Hello' "In-Reply-To: $(id_of kim)" >in/new/1
	cp in/new/1 copy
	inbox
	mv in/new/1 'in/cur/1:2,S'
	cp copy in/new/2
	run inbox -v
	[[ $output == *': 1 new mails: 0 replies'* ]]
	cmp copy 'in/cur/1:2,S'
	[ "$(contactctl activity kim@far.example | grep -c email.replied)" = 1 ]
	run inbox -v
	[[ $output == *': 0 new mails'* ]]
}

@test "marks of mails that have gone from the folder are forgotten after a month, those of others never" {
	documents <<<'inbox: {maildir: in}'
	people kim
	reply kim 'Re: Hello' "In-Reply-To: $(id_of kim)" >in/new/1
	id=gone reply kim 'Re: Hello' >in/new/2
	inbox
	rm in/new/2
	[ "$("$PW_BUILD/tests/sql" t.db 'SELECT count(*) FROM inbox_mail')" = 2 ]
	for now in 2026-07-15T09:00:00Z 2026-09-15T09:00:00Z; do
		id=$now reply lee 'Hello' >"in/new/$now"
		inbox
		[ "$("$PW_BUILD/tests/sql" t.db "SELECT count(*) FROM inbox_mail WHERE name IN ('1', '2')")" = 1 ]
	done
	run inbox -v
	[[ $output == *': 0 new mails'* ]]
}

@test "an answer without any reference counts by sender and recipient, one from elsewhere by its reference" {
	documents <<<'inbox: {maildir: in}'
	people kim lee
	reply kim 'Hello too' >in/new/1
	reply other 'Re: Hello' "References: <x@y.example> $(id_of lee)" >in/new/2
	reply stranger 'Re: Hello' >in/new/3
	run inbox -v
	[[ $output == *'3 new mails: 2 replies'* ]]
	[ "$(state kim)" = 'stopped replied' ]
	[ "$(state lee)" = 'stopped replied' ]
	contactctl activity kim@far.example | grep -q 'unverified: yes'
}

@test "B19 an automatic reply is no reply: the run waits until the return date, else five days" {
	documents <<<'inbox: {maildir: in}'
	people kim lee pat
	text='I am back on 12 June 2026.' reply kim 'Automatic reply: Hello' 'Auto-Submitted: auto-replied' "In-Reply-To: $(id_of kim)" >in/new/1
	text='I am away.' reply lee 'Out of Office: Hello' "In-Reply-To: $(id_of lee)" >in/new/2
	inbox
	pipectl --now "$now" runs --contact kim@far.example | grep -q 'running.*away.*2026-06-12T00:00:00Z'
	pipectl --now "$now" runs --contact lee@far.example | grep -q 'running.*away.*2026-06-06T09:00:00Z'
	pipectl --now "$now" runs --contact pat@far.example | grep -q 'running.*2026-06-03T09:00:00Z'
	[ "$(pipectl --now "$now" runs --reason away | wc -l)" = 2 ]
	pipectl --now "$now" why kim@far.example | grep -q 'away.*Automatic reply: Hello'
	pipe-tick --now 2026-06-03T09:00:00Z
	[ "$(grep -l '^Subject: Again' out/new/* | wc -l)" = 1 ]
	pipe-tick --now 2026-06-06T09:00:00Z
	[ "$(grep -l '^Subject: Again' out/new/* | wc -l)" = 2 ]
	pipe-tick --now 2026-06-12T09:00:00Z
	[ "$(grep -l '^Subject: Again' out/new/* | wc -l)" = 3 ]
}

@test "B16 a bounce for ever ends everything, a soft one nothing" {
	documents <<<'inbox: {maildir: in}'
	people kim lee
	bounce kim "$(id_of kim)" 5.1.1 >in/new/1
	bounce lee "$(id_of lee)" 4.2.2 >in/new/2
	run inbox -v
	[[ $output == *'2 new mails: 0 replies, 0 automatic, 1 bounces, 1 soft,'* ]]
	[ "$(state kim)" = 'stopped bounced' ]
	[ "$(state lee)" = running ]
	contactctl show kim@far.example | grep -q bounced
	contactctl activity lee@far.example | grep -q 'email.soft_bounced.*reason: mailboxfull'
	run contactctl enroll hi kim@far.example
	[ "$status" = 1 ]
}

@test "a bounce of an address to which the mail was forwarded is about the person who was written to" {
	documents <<<'inbox: {maildir: in}'
	people kim lee
	bounce other - 5.1.1 | sed 's/^Final-Recipient.*/&\nOriginal-Recipient: rfc822; kim@far.example/' >in/new/1
	bounce next "$(id_of lee)" 5.1.1 >in/new/2
	inbox
	[ "$(state kim)" = 'stopped bounced' ]
	[ "$(state lee)" = 'stopped bounced' ]
}

@test "a bounce of an address that somebody had ends nothing of him, but nothing goes to it any more" {
	documents <<<'inbox: {maildir: in}'
	people kim
	old=$(id_of kim)
	contactctl --now "$now" set kim@far.example email=kim@new.example
	bounce kim "$old" 5.1.1 >in/new/1
	run inbox -v
	[[ $output == *' 1 soft,'* ]]
	[ "$(pipectl runs --contact kim@new.example | cut -f5)" = running ]
	contactctl --now "$now" add kim@far.example >/dev/null
	[ "$(state kim)" != running ]
}

@test "of a bounce that could not be delivered either, the inner one counts" {
	documents <<<'inbox: {maildir: in}'
	people kim
	{
		printf 'From: MAILER-DAEMON@far.example\nTo: postmaster@us.example\nSubject: Postmaster Copy: Undelivered Mail\n'
		printf 'Message-ID: <double@far.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\n\n'
		printf 'The notice below could not be delivered.\n\n--outer\nContent-Type: message/rfc822\n\n'
		bounce kim "$(id_of kim)" 5.1.1 bounces@old.example
		printf -- '\n--outer--\n'
	} >in/new/1
	inbox
	[ "$(state kim)" = 'stopped bounced' ]
}

@test "a bounce that names only the recipient counts, but not where return addresses are signed" {
	documents <<<'inbox: {maildir: in}'
	people kim
	bounce kim - 5.1.1 >in/new/1
	inbox
	[ "$(state kim)" = 'stopped bounced' ]
	printf 'inbox: {maildir: in}\nverp: plus\n' | documents
	people lee pat
	bounce lee - 5.1.1 >in/new/2
	bounce pat - 5.1.2 'anna+b4711-aaaaaaaaaaaaaaaa@us.example' >in/new/3
	run inbox -v
	[[ $output == *'0 bounces, 0 soft, 0 complaints, 0 unsubscribes, 2 of nobody we know' ]]
	[ "$(state lee)" = running ]
	[ "$(pipectl events | grep -c email.unmatched)" = 2 ]
}

@test "a signed return address says which mail came back" {
	printf '#!/bin/sh\necho "$@" >>%s/args\ncat >/dev/null\n' "$PWD" >sendmail
	chmod +x sendmail
	printf 'inbox: {maildir: in}\nverp: bounces.us.example\n' | documents
	sed -i "s|^maildir: out|sendmail: $PWD/sendmail|" d.yaml
	pipectl apply d.yaml >/dev/null
	people kim
	to=$(grep -o 'b[0-9]*-[a-z2-7]\{16\}@bounces.us.example' args)
	bounce kim - 5.1.1 "$(echo "$to" | tr a-z A-Z)" >in/new/1
	inbox
	[ "$(state kim)" = 'stopped bounced' ]
}

@test "a complaint and an unsubscribe by mail" {
	documents <<<'inbox: {maildir: in}'
	people kim lee pat
	printf 'From: fbl@far.example\nTo: anna@us.example\nSubject: FW: Hello\nMessage-ID: <c@far.example>\nContent-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\n--x\nContent-Type: message/rfc822\n\nMessage-ID: %s\nTo: undisclosed\n\nHi\n--x--\n' "$(id_of kim)" >in/new/1
	sed 's/abuse/auth-failure/; s/<c@/<d@/' in/new/1 >in/new/2
	sed -i "s/^Message-ID: <[^c].*us.example>/Message-ID: $(id_of pat)/" in/new/2
	reply lee "unsubscribe $(id_of lee | tr -d '<>')" >in/new/3
	inbox
	[ "$(state kim)" = 'stopped complained' ]
	[ "$(state lee)" = 'stopped unsubscribed' ]
	[ "$(state pat)" = running ]
}

# The mails that are nobody's: kind, sender and subject.
unmatched() {
	pipectl events --type email.unmatched | grep -o '{.*' |
		sed 's/.*"kind":"\([^"]*\)".*"from":"\([^"]*\)","subject":"\([^"]*\)".*/\1 \2 \3/'
}

@test "B4 our own mails are nobody's answer, programs are of no interest, strangers are listed without their text" {
	documents <<<'inbox: {maildir: in}'
	people kim
	printf 'From: Anna <anna@us.example>\nTo: kim@far.example\nSubject: Re: Hello\nMessage-ID: <s@us.example>\nIn-Reply-To: %s\n\nBy the way\n' "$(id_of kim)" >in/new/1
	reply stranger Offer >in/new/2
	reply kim 'Your invoice' 'List-Unsubscribe: <mailto:x@far.example>' 'Precedence: bulk' >in/new/3
	run inbox -v
	[[ $output == *'3 new mails: 0 replies'*' 1 of nobody we know' ]]
	[ "$(state kim)" = running ]
	[ "$(unmatched)" = 'message stranger@far.example Offer' ]
	pipectl events --type email.unmatched | grep -q '"mailbox":"anna",.*"message_id":"r-stranger@far.example"'
	! pipectl events --all | grep -q 'Yes, please' || false
}

@test "B4 answers and absence notes of nobody are listed, but not what is older than a month; prune forgets them" {
	documents <<<'inbox: {maildir: in}'
	people kim
	reply eve 'Re: Lunch' 'In-Reply-To: <lunch@us.example>' 'Date: Sun, 31 May 2026 10:00:00 +0200' >in/new/1
	reply bob 'Out of office' 'Auto-Submitted: auto-replied' >in/new/2
	reply old 'Re: Lunch' 'In-Reply-To: <lunch@us.example>' 'Date: Fri, 1 May 2026 10:00:00 +0200' >in/new/3
	inbox
	[ "$(unmatched | sort)" = $'auto_reply bob@far.example Out of office\nreply eve@far.example Re: Lunch' ]
	mv in/new/1 in/cur/renamed
	inbox
	[ "$(unmatched | wc -l)" = 2 ]
	pipectl prune --events '30 days' --now 2026-08-01 >/dev/null
	[ "$(unmatched)" = '' ]
}

@test "B1 what comes back shows that a mail in doubt was sent" {
	printf '#!/bin/sh\ncat >%s/mail.$$\nkill -9 $$\n' "$PWD" >sendmail
	chmod +x sendmail
	documents <<<'inbox: {maildir: in}'
	sed -i "s|^maildir: out|sendmail: $PWD/sendmail|" d.yaml
	pipectl apply d.yaml >/dev/null
	people kim lee
	[ "$(pipectl runs --reason in-doubt | wc -l)" = 2 ]
	mkdir -p out/new
	mv mail.* out/new
	reply kim 'Re: Hello' "In-Reply-To: $(id_of kim)" >in/new/1
	printf 'From: MAILER-DAEMON@far.example\nReturn-Path: <>\nTo: anna@us.example\nSubject: Successful Mail Delivery Report\nMessage-ID: <ok@far.example>\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; lee@far.example\nAction: delivered\nStatus: 2.0.0\n\n--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: %s\n\n--x--\n' "$(id_of lee)" >in/new/2
	inbox
	[ "$(pipectl runs --reason in-doubt | wc -l)" = 0 ]
	[ "$(state kim)" = 'stopped replied' ]
	[ "$(state lee)" = running ]
	[ "$(contactctl activity lee@far.example | grep -c email.sent)" = 1 ]
}

@test "an mbox, with quoted lines and more than one mail" {
	documents <<<'inbox: {mbox: box}'
	people kim lee
	{
		echo 'From kim@far.example Mon Jun  1 09:00:00 2026'
		text='>From here on: yes' reply kim 'Re: Hello' "In-Reply-To: $(id_of kim)"
		printf '\nFrom lee@far.example Mon Jun  1 09:00:00 2026\n'
		reply lee 'Re: Hello' "In-Reply-To: $(id_of lee)"
	} >box
	cp box kept
	inbox
	[ "$(state kim)" = 'stopped replied' ]
	[ "$(state lee)" = 'stopped replied' ]
	contactctl activity kim@far.example | grep -q 'text: From here on: yes'
	cmp box kept
}

@test "pipe-drop: single mails from a mail server; what is nobody's is kept" {
	documents <<<'inbox: drop'
	people kim
	reply kim 'Re: Hello' "In-Reply-To: $(id_of kim)" | pipe-drop sales/anna
	reply stranger Offer | pipe-drop sales/anna
	[ "$(find t.db.drop/sales/anna -type f | wc -l)" = 2 ]
	inbox
	[ "$(state kim)" = 'stopped replied' ]
	[ "$(find t.db.drop/sales/anna -type f | wc -l)" = 1 ]
	grep -q stranger t.db.drop/sales/anna/kept/*
	run inbox -v
	[[ $output == *': 0 new mails'* ]]
}

@test "pipe-drop ends with 75 when it cannot keep a mail, and 64 for no address" {
	run pipe-drop --db "$PWD/no/such/t.db" sales/anna <<<'x'
	[ "$status" = 75 ]
	[[ $output == *'no/such'* ]]
	run pipe-drop sales <<<'x'
	[ "$status" = 64 ]
	run pipe-drop ../x/anna <<<'x'
	[ "$status" = 64 ]
	[ ! -e t.db.drop ]
}

@test "one broken mailbox does not stop the others, and is told once" {
	documents <<<'inbox: {maildir: in}'
	cat >b.yaml <<-'END'
		kind: Mailbox
		name: aaa
		from: aaa@us.example
		maildir: out
		inbox: {maildir: gone}
	END
	pipectl apply b.yaml >/dev/null
	people kim
	reply kim 'Re: Hello' "In-Reply-To: $(id_of kim)" >in/new/1
	run inbox
	[ "$status" = 78 ]
	[ "$output" = "pipe-inbox: note: sales/aaa: there is no Maildir $PWD/gone" ]
	[ "$(state kim)" = 'stopped replied' ]
	run inbox
	[ "$status" = 75 ]
	[ "$output" = '' ]
	run inbox --mailbox aaa
	[ "$status" = 78 ]
	mkdir -p gone/new gone/cur
	run inbox
	[ "$status" = 0 ]
	run inbox --mailbox bbb
	[ "$status" = 67 ]
}

@test "every mailbox of every team is served by one call, --team and --mailbox narrow" {
	documents <<<'inbox: {maildir: in}'
	pipectl init --team other >/dev/null
	mkdir -p in2/new in2/cur
	sed 's/in}/in2}/; s/us\.example/them.example/' d.yaml >e.yaml
	pipectl --team other apply e.yaml >/dev/null
	export PIPEWRIGHT_TEAM=sales
	people kim
	reply kim 'Re: Hello' "In-Reply-To: $(id_of kim)" | tee in/new/1 >in2/new/1
	unset PIPEWRIGHT_TEAM
	run inbox -v --team other
	[[ $output == *'1 new mails: 0 replies'* ]]
	[ "$(PIPEWRIGHT_TEAM=sales state kim)" = running ]
	run inbox -v
	[[ $output == *'1 new mails: 1 replies'* ]]
	[ "$(PIPEWRIGHT_TEAM=sales state kim)" = 'stopped replied' ]
}

@test "--now is read in the zone that all teams share, else in UTC" {
	documents <<<'inbox: {maildir: in}'
	printf 'kind: Team\nname: sales\ntimezone: Europe/Berlin\n' | pipectl apply -q -
	people carl
	reply carl 'Re: Hello' "In-Reply-To: $(id_of carl)" >in/new/1
	pipe-inbox --now '2026-06-02 12:30'
	[ "$(pipectl events --type email.replied | cut -f 2)" = 2026-06-02T10:30:00Z ]
	pipectl init -q --team other
	id=second reply carl 'Re: Hello' "In-Reply-To: $(id_of carl)" >in/new/2
	pipe-inbox --now '2026-06-02 12:40'
	id=third reply carl 'Re: Hello' "In-Reply-To: $(id_of carl)" >in/new/3
	pipe-inbox --now '2026-06-02 14:50' --team sales
	[ "$(pipectl events --type email.replied --team sales | cut -f 2 | tr '\n' ' ')" = \
		'2026-06-02T10:30:00Z 2026-06-02T12:40:00Z 2026-06-02T12:50:00Z ' ]
}

@test "only the owner of the database reads mail, and --explain asks for files" {
	run pipe-inbox --explain
	[ "$status" = 64 ]
	run pipe-inbox x.eml
	[ "$status" = 64 ]
	run pipe-inbox --explain missing.eml
	[ "$status" = 66 ]
	run pipe-inbox --db "$PWD/none.db"
	[ "$status" = 66 ]
	reply kim 'Re: Hello' 'In-Reply-To: <x@y.example>' >m.eml
	run pipe-inbox --explain - <m.eml
	[ "$output" = '{"file":"-","kind":"reply","recipients":[],"reply_text":"Yes, please."}' ]
}
