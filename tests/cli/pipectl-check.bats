#!/usr/bin/env bats
# pipectl check, for monitoring; clock.

load runs

setup() {
	runs_setup
}

# As if the last tick had been so many seconds ago, at this run of the machine.
ticked() {
	local up
	up=$(cut -d . -f 1 /proc/uptime)
	echo "$(cat /proc/sys/kernel/random/boot_id) $((up - $1)) $(($(date +%s) - $1))" >t.db.lock
}

@test "B27 all is well: one line with performance data, status 0" {
	ticked 20
	run_both pipectl check
	[ "$status" = 0 ]
	[ "$err" = "" ]
	[[ $output == "PIPEWRIGHT OK - all is well, 0 mails and steps due | tick_age="2?"s;180;600;0 backlog_age=0s;900;7200;0 due=0;;;0 blocked=0;1;;0 in_doubt=0;1;;0 mailboxes_down=0;;1;0 mailboxes_paused=0;;;0 disk_free="*B ]]
	run_both pipectl check --json
	[[ $output == '{"status":"ok","text":"all is well, 0 mails and steps due","findings":[],"tick_age":'* ]]
}

@test "B27 a dead cron: warning, then critical; the limits can be chosen" {
	run_both pipectl check
	[ "$status" = 2 ]
	[[ $output == "PIPEWRIGHT CRITICAL - no tick has ever run |"* ]]
	ticked 300
	run_both pipectl check
	[ "$status" = 1 ]
	[[ $output == "PIPEWRIGHT WARNING - no tick for 5 minutes |"* ]]
	ticked 7200
	run_both pipectl check
	[ "$status" = 2 ]
	run_both pipectl check --tick '1 hour,3 hours'
	[ "$status" = 1 ]
	run_both pipectl check --tick '3 hours,1 day'
	[ "$status" = 0 ]
	ticked 5
	touch -d '1 hour ago' t.db.lock
	run_both pipectl check
	[ "$status" = 2 ]
}

@test "B27 blocked runs and mails in doubt are warnings; from N blocked runs on with --blocked" {
	with_people
	at 9:00 pipectl check
	[ "$status" = 1 ]
	[[ $output == "PIPEWRIGHT WARNING - 1 run is blocked |"*" blocked=1;1;;0 "* ]]
	at 9:00 pipectl check --blocked 2
	[ "$status" = 0 ]
	with_sendmail
	echo 'kill -9 $$' >answer
	do_at 9:01 pipe-tick
	at 9:02 pipectl check
	[ "$status" = 1 ]
	[[ $output == "PIPEWRIGHT WARNING - 1 mail is in doubt; 2 runs are blocked |"* ]]
}

@test "B27 a backlog that nothing holds" {
	with_people
	at 9:20 pipectl check --blocked 9
	[ "$status" = 1 ]
	[[ $output == "PIPEWRIGHT WARNING - something is due for 20 minutes |"* ]]
	at 12:00 pipectl check
	[ "$status" = 2 ]
	[[ $output == "PIPEWRIGHT CRITICAL - something is due for 3 hours; 1 run is blocked |"* ]]
	at 12:00 pipectl check --backlog '1 day,2 days' --blocked 9
	[ "$status" = 0 ]
	do_at 9:21 pipectl pause -q mailbox/hello
	at 12:00 pipectl check --blocked 9
	[ "$status" = 0 ]
	[[ $output == *" due=1;"*" mailboxes_paused=1;"* ]]
}

@test "B27 a mailbox at its limit is no backlog; one that is down is critical" {
	limit='limit: {per_day: 1}'
	write_documents
	do_at 9:00 pipectl apply -q documents.yaml
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	do_at 9:00 pipe-tick
	do_at 9:01 pipe-tick
	at 20:00 pipectl check
	[ "$status" = 0 ]
	limit=''
	with_sendmail
	rm sendmail
	do_at 06-30T9:00 pipe-tick
	at 06-30T9:01 pipectl check
	[ "$status" = 2 ]
	[[ $output == "PIPEWRIGHT CRITICAL - mailbox hello cannot send (settings) |"* ]]
}

@test "B27 files of the spool that could not be read" {
	ticked 5
	mkdir -p t.db.spool/bad
	echo x >t.db.spool/bad/1
	run_both pipectl check
	[ "$status" = 1 ]
	[[ $output == "PIPEWRIGHT WARNING - 1 file of the spool could not be used |"* ]]
}

@test "B27 --full reads the whole database" {
	ticked 5
	run_both pipectl check --full
	[ "$status" = 0 ]
	sql 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	root=$(sql "SELECT rootpage FROM sqlite_master WHERE name = 'document'")
	printf '\377\377\377\377' | dd of=t.db bs=1 seek=$(((root - 1) * 4096 + 8)) conv=notrunc status=none
	run_both pipectl check --full
	[ "$status" = 2 ]
	[[ $output == "PIPEWRIGHT CRITICAL - "* ]]
}

@test "B27 mail that was handed to a name that nobody reads is a warning" {
	ticked 20
	echo 'Subject: Yes' | pipe-drop sales/helo
	echo 'Subject: Yes' | pipe-drop sales/hello
	run_both pipectl check
	[ "$status" = 1 ]
	[[ $output == "PIPEWRIGHT WARNING - 1 mail for sales/helo: no such mailbox has 'inbox: drop' |"* ]] || { echo "$output"; false; }
	rm t.db.drop/sales/helo/*
	run_both pipectl check
	[ "$status" = 0 ]
}

@test "B27 --now is read in the zone that all teams share, although check asks for no team" {
	contactctl add -q due@example.com --enroll short --now '2026-07-01 12:00'
	run_both pipectl check --json --now '2026-07-01 12:05'
	[[ $output == *'"backlog_age":300,'* ]] || { echo "$output$err"; false; }
}

@test "B27 what cannot be looked at is unknown, 3; a database that must be upgraded or is none critical" {
	run_both pipectl check --db none.db
	[ "$status" = 3 ]
	[ "$output" = "PIPEWRIGHT UNKNOWN - no database 'none.db'; 'pipectl init' makes one" ]
	sql 'PRAGMA user_version = 99'
	run_both pipectl check
	[ "$status" = 2 ]
	[[ $output == "PIPEWRIGHT CRITICAL - "*"is of a newer pipewright"* ]]
	echo "no database" >text.db
	run_both pipectl check --db text.db
	[ "$status" = 2 ]
	run_both pipectl check --tick 5
	[ "$status" = 64 ]
}

@test "B27 the owner is told about every team, or the one that is named" {
	with_people
	do_at 9:00 pipectl init -q --team support
	at 9:00 pipectl check
	[ "$status" = 1 ]
	at 9:00 pipectl check --team support
	[ "$status" = 0 ]
}

@test "B27 nothing is sent: why is said by check" {
	ticked 5
	sql "INSERT INTO meta VALUES ('hold.clock', 'the clock jumped')"
	run_both pipectl check
	[ "$status" = 2 ]
	[[ $output == "PIPEWRIGHT CRITICAL - nothing is sent: the clock jumped |"* ]]
}

@test "clock: a jump stops the ticks until somebody accepts it" {
	ticked 60
	run_both pipectl clock
	[ "$status" = 0 ]
	[ "$(sed -n 's/^held\t//p' <<<"$output")" = no ]
	run_both pipectl clock accept
	[ "$status" = 0 ]
	[ "$output" = "clock/machine unchanged (nothing was wrong with it)" ]
	echo "$(cat /proc/sys/kernel/random/boot_id) 100 1000000000" >t.db.lock
	run_both pipectl clock
	[ "$status" = 1 ]
	run_both pipe-tick
	[ "$status" = 78 ]
	run_both pipectl clock --json
	[ "$status" = 1 ]
	[[ $output == *'"doubt":"the clock jumped by more than 5 minutes since the last tick","held":true}' ]]
	run_both pipectl clock -n accept
	run_both pipe-tick
	[ "$status" = 75 ]
	run_both pipectl clock accept
	[ "$status" = 0 ]
	[ "$output" = "clock/machine accepted (the clock jumped by more than 5 minutes since the last tick)" ]
	run_both pipe-tick
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
}

@test "clock accept waits for no tick, and takes no other word" {
	run_both flock t.db.lock pipectl clock accept
	[ "$status" = 75 ]
	run_both pipectl clock acept
	[ "$status" = 64 ]
	run_both pipectl clock accept --now '2026-07-01'
	[ "$status" = 64 ]
}
