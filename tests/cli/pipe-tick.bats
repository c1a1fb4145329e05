#!/usr/bin/env bats
# pipe-tick as cron calls it: what it says, and what it leaves to others.

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$BATS_TEST_TMPDIR/t.db
	pipectl init -q --team sales
}

run_both() {
	status=0
	output=$("$@" 2>err) || status=$?
	err=$(cat err)
}

# As if the last tick had been at this second by the clock of the machine.
last_tick() {
	echo "$(cat /proc/sys/kernel/random/boot_id) 100 $1" >t.db.lock
}

@test "nothing to do: silent, 0, and the lock file's time says when" {
	touch -d '2020-01-01' t.db.lock
	run_both pipe-tick
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
	[ -n "$(find t.db.lock -newermt 2021-01-01)" ]
}

@test "another tick has the lock: 0 at once, silent; -v says why" {
	run_both flock t.db.lock pipe-tick
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
	run_both flock t.db.lock pipe-tick -v
	[ "$status" = 0 ]
	[ "$err" = "pipe-tick: another tick is at work" ]
}

@test "no database: 66 and what makes one" {
	run_both pipe-tick --db "$BATS_TEST_TMPDIR/none.db"
	[ "$status" = 66 ]
	[ "$err" = "pipe-tick: no database '$BATS_TEST_TMPDIR/none.db'; 'pipectl init' makes one" ]
	[ ! -e none.db ]
}

@test "a clock that jumped stops it: said once, then silently 75, so that cron does not mail it each minute" {
	last_tick 1000000000
	run_both pipe-tick
	[ "$status" = 78 ]
	[ "$err" = "pipe-tick: the clock jumped by more than 5 minutes since the last tick: nothing is sent; if the clock is right now, run: pipectl clock accept" ]
	run_both pipe-tick
	[ "$status" = 75 ]
	[ "$output$err" = "" ]
	run_both pipe-tick -v
	[ "$status" = 75 ]
	[ "$err" = "pipe-tick: the clock jumped by more than 5 minutes since the last tick; nothing is sent until: pipectl clock accept" ]
}

@test "with --now the clock is no matter, and the guard stays as it was" {
	last_tick 1000000000
	cp t.db.lock before
	run_both pipe-tick --now '2026-06-29 09:00'
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
	cmp <(head -n 1 t.db.lock) before
}

@test "files of the spool that cannot be used are moved away and named once" {
	mkdir t.db.spool
	echo nonsense >t.db.spool/one
	echo half >t.db.spool/.being-written
	run_both pipe-tick
	[ "$status" = 0 ]
	[[ $err == "pipe-tick: note: moved 1 file of the spool to $PIPEWRIGHT_DB.spool/bad: one: "* ]]
	[ -e t.db.spool/bad/one ]
	[ ! -e t.db.spool/one ]
	[ -e t.db.spool/.being-written ]
	run_both pipe-tick
	[ "$output$err" = "" ]
}

@test "--now and the times of -n are in the zone that all teams share, else in UTC" {
	printf 'kind: Team\nname: sales\ntimezone: Europe/Berlin\nmailbox: hello\n---\n%s\n' \
		$'kind: Mailbox\nname: hello\nfrom: hello@example.com\nmaildir: outbox\n---
kind: Pipeline\nname: p\nsteps: [{email: {subject: S, text: T}, id: mail}]' >doc.yaml
	pipectl apply -q doc.yaml
	contactctl add -q anna@example.org --enroll p --now '2026-06-29 09:00'
	run_both pipe-tick -n --now '2026-06-29 08:59'
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
	run_both pipe-tick -n --now '2026-06-29 09:00'
	[ "$output" = $'sales\thello\t2026-06-29T07:00:00Z\tanna@example.org\t2\tp\tmail' ]
	pipectl init -q --team utc
	run_both pipe-tick -n --now '2026-06-29 06:59'
	[ "$output" = "" ]
	run_both pipe-tick -n --now '2026-06-29 07:00'
	[ "${output%%$'\t'*}" = sales ]
	run_both pipe-tick -n --now '2026-06-29 09:00' --team sales
	[ "${output%%$'\t'*}" = sales ]
	run_both pipe-tick -n --now '2026-06-29 08:59' --team sales
	[ "$output" = "" ]
}

@test "--now +2d is two days from now, not four" {
	pipectl apply -q - <<-'EOF'
		kind: Mailbox
		name: hello
		from: hello@example.test
		maildir: outbox
		---
		kind: Pipeline
		name: p
		mailbox: hello
		steps:
		  - email: {subject: one, text: one}
		  - email: {subject: two, text: two}
		    after: 2 days
	EOF
	contactctl add -q a@example.test --enroll p
	pipe-tick
	pipe-tick --now +2d
	run pipectl runs --json
	[[ $output == *'"status":"completed"'* ]]
}

@test "all options reach the worker" {
	printf 'kind: Team\nname: sales\nmailbox: hello\n---\n%s\n' \
		$'kind: Mailbox\nname: hello\nfrom: hello@example.com\nmaildir: outbox\n---
kind: Pipeline\nname: p\nsteps: [{email: {subject: S, text: T}, id: mail}]' >doc.yaml
	pipectl apply -q doc.yaml
	for name in anna bob eva; do
		contactctl add -q $name@example.org --enroll p --now '2026-06-29 09:00'
	done
	run_both pipe-tick -n --json --now '2026-06-29 09:00'
	[[ ${output%%$'\n'*} == '{"team":"sales","lane":"hello","due":"2026-06-29T09:00:00Z","contact":"anna@example.org",'* ]]
	run_both pipe-tick --limit 2 -v --now '2026-06-29 09:00'
	[[ $err == *" 2 mails sent, "* ]]
	[ "$(find outbox/new -type f | wc -l)" = 2 ]
	mkdir t.db.spool
	echo x >t.db.spool/x
	run_both pipe-tick -q --login hello --team sales --now '2026-06-29 09:01'
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
	[ -e t.db.spool/bad/x ]
	[ "$(find outbox/new -type f | wc -l)" = 3 ]
	run_both pipe-tick --login nobody --now '2026-06-29 09:02'
	[ "$status" = 67 ]
}

free_at() {
	sqlite3 t.db "SELECT reason || ' ' || free_at FROM lane WHERE name = 'anna'"
}

@test "S2.31 a mailbox that rests for its password tries once when the file has changed; else a tick is idle" {
	pipectl apply -q - <<-YAML
		kind: Mailbox
		name: anna
		from: Anna <anna@example.com>
		smtp: {url: "smtp://127.0.0.1:1", user: anna, password_file: anna.secret, tls: none}
		---
		kind: Pipeline
		name: short
		mailbox: anna
		steps: [{email: {subject: One, text: x}}]
	YAML
	contactctl add -q carl@example.org --enroll short
	pipe-tick
	before=$(free_at)
	[[ $before == settings* ]]
	pipe-tick
	[ "$(free_at)" = "$before" ]
	echo sesame >anna.secret
	chmod 600 anna.secret
	pipe-tick
	[[ $(free_at) == backoff* ]]
}

@test "S2.31 --login tries a mailbox that is down and says what became of it; the team is told once" {
	pipectl apply -q - <<-YAML
		kind: Mailbox
		name: anna
		from: Anna <anna@example.com>
		sendmail: mta
		---
		kind: Mailbox
		name: alerts
		from: Alerts <alerts@example.com>
		maildir: alerts
		---
		kind: Team
		name: sales
		mailbox: alerts
		alerts: {to: [ops@example.com]}
		members: {$(id -un): {role: admin}}
		---
		kind: Pipeline
		name: short
		mailbox: anna
		ignore: [replied]
		steps: [{email: {subject: One, text: x}}]
	YAML
	contactctl add -q carl@example.org --enroll short --now '2026-06-29 09:00'
	run_both pipe-tick --now '2026-06-29 09:00'
	[ "$status$output$err" = 0 ]
	run_both pipe-tick --login anna --now '2026-06-29 09:10'
	[ "$status" = 69 ] && [ "$output" = "" ]
	[[ $err == "pipe-tick: mailbox 'anna' cannot send: settings: "*mta* ]] || { echo "$err"; false; }
	run_both pipectl list mailboxes --now '2026-06-29 09:10'
	[[ $output == *$'anna\tsettings\tanna@example.com\t2026-06-29T09:00:00Z\t2026-06-29T10:10:00Z\t'* ]] || { echo "$output"; false; }
	contactctl stop -q short carl@example.org --now '2026-06-29 09:11'
	run_both pipe-tick --login anna --now '2026-06-29 09:11'
	[ "$status" = 0 ] && [ "$output" = "mailbox/anna is tried with its next mail: nothing is due now" ] || { echo "$status $output"; false; }
	contactctl add -q eva@example.org --enroll short --now '2026-06-29 09:12'
	printf '#!/bin/sh\ncat >>sent\n' >mta
	chmod 755 mta
	run_both pipe-tick --login anna --now '2026-06-29 09:12'
	[ "$status" = 0 ] && [ "$output" = "mailbox/anna works" ] || { echo "$status $output $err"; false; }
	run_both pipe-tick --login anna --now '2026-06-29 09:13'
	[ "$output" = "mailbox/anna unchanged (it was not down)" ]
	[ "$(cat alerts/new/* | grep -c '^Subject: ')" = 2 ]
	cat alerts/new/* | grep '^Subject: The mailbox anna works again'
	exec 8>t.db.lock
	flock 8
	run_both pipe-tick --login anna
	exec 8>&-
	[ "$status" = 75 ] && [ "$err" = "pipe-tick: another tick is at work; try again" ] || { echo "$status $err"; false; }
}

@test "-n lists a mail of no pipeline without run, pipeline and step" {
	pipectl apply -q - <<-'END'
		kind: Mailbox
		name: hello
		from: hello@example.com
		maildir: outbox
		---
		kind: Template
		name: note
		subject: Note
		text: Text
	END
	pipectl send-test -q --to me@example.com --mailbox hello note --now '2026-06-29 09:00'
	run_both pipe-tick -n --json --now '2026-06-29 09:00'
	[[ $output == *'"contact":"me@example.com","run":null,"pipeline":null,"step":null}' ]]
}
