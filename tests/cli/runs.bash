# What tests of runs and mails by hand share: a database with the team sales (Europe/Berlin), a mailbox and pipelines.

monday="2026-06-29T09:00:00+02:00"

runs_setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$BATS_TEST_TMPDIR/t.db PIPEWRIGHT_TEAM='' LC_ALL=C.UTF-8
	me=$(id -un)
	pipectl init -q --team sales --now "$monday"
	write_documents
	pipectl apply -q documents.yaml --now "$monday"
}

run_both() {
	status=0
	output=$("$@" 2>err </dev/null) || status=$?
	err=$(cat err)
}

# at TIME COMMAND...: a time of 2026-06-29 in Berlin as 9:30, of another day of the year as 07-01T9:30.
at() {
	local day=06-29 time=$1
	if [[ $time == *T* ]]; then
		day=${time%T*}
		time=${time#*T}
	fi
	[ ${#time} = 5 ] || time=0$time
	run_both "${@:2}" --now "2026-${day}T$time:00+02:00"
}

# The same for what prepares a test: it must work.
do_at() {
	at "$@"
	[ "$status" = 0 ] || { echo "status $status: $output$err"; return 1; }
}

write_documents() {
	cat >documents.yaml <<-END
		kind: Team
		name: sales
		timezone: Europe/Berlin
		mailbox: hello
		members: {$me: {role: admin}}
		---
		kind: Mailbox
		name: hello
		from: Hello <hello@example.com>
		${transport:-maildir: $BATS_TEST_TMPDIR/out}
		inbox: drop
		inbox_max_age: never
		${limit:-}
		---
		kind: Calendar
		name: office
		open: {mon-fri: 09:00-17:00}
		---
		kind: Template
		name: welcome
		subject: "Welcome, {{ contact.first_name }}"
		text: "Hi {{ contact.first_name }}"
		---
		kind: Template
		name: features
		subject: Features
		text: Look
		---
		kind: Pipeline
		name: onboarding
		hours: office
		steps:
		  - email: welcome
		  - email: features
		    after: 2 days
		  - tag: onboarded
		  - if: {tag: vip}
		    then:
		      - email: {subject: For VIPs, text: Dear}
		        id: vip-mail
		        after: 1 day
		    else:
		      - note: no vip
		  - email: {subject: How are you?, text: Still there?}
		    id: check-in
		    after: 3 business days
		---
		kind: Pipeline
		name: short
		steps:
		  - email: {subject: Only one, text: x}
		    id: only
	END
}

# A sendmail program that does what the file `answer` says: "exit 75", "kill -9 \$\$"; mails are kept in `sent`.
with_sendmail() {
	printf '#!/bin/sh\ncat >>%q\n. %q\n' "$BATS_TEST_TMPDIR/sent" "$BATS_TEST_TMPDIR/answer" >sendmail
	chmod +x sendmail
	echo "exit 0" >answer
	transport="sendmail: $BATS_TEST_TMPDIR/sendmail"
	write_documents
	do_at 9:00 pipectl apply -q documents.yaml
}

# anna (run $anna) is in onboarding, bob (run $bob) too, but blocked: he has no first name.
with_people() {
	do_at 9:00 contactctl add -q anna@example.org first_name=Anna --enroll onboarding
	at 9:00 contactctl add -q bob@example.org --enroll onboarding
	anna=$(run_of anna@example.org)
	bob=$(run_of bob@example.org)
}

run_of() {
	pipectl runs --contact "$1" --limit 1 | cut -f 1
}

# The subjects of the mails that lie in the maildir, sorted.
mails() {
	cat out/new/* 2>/dev/null | sed -n 's/^Subject: //p' | sort | paste -sd ,
}

sql() {
	"$PW_BUILD/tests/sql" "$PIPEWRIGHT_DB" "$1"
}
