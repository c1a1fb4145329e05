#!/usr/bin/env bats
# pipectl retry and settle: what is blocked goes on.

load runs

setup() {
	runs_setup
}

enroll_short() {
	do_at 9:00 contactctl add -q anna@example.org first_name=Anna --enroll short
	run=$(run_of anna@example.org)
}

# The only message there is.
message() {
	sql "SELECT id FROM message"
}

in_doubt() {
	with_sendmail
	echo 'kill -9 $$' >answer
	enroll_short
	do_at 9:01 pipe-tick
	echo 'exit 0' >answer
}

@test "S2.34 a run that was refused is retried: its mail goes with the next tick" {
	with_sendmail
	echo "exit 65" >answer
	enroll_short
	do_at 9:01 pipe-tick
	at 9:02 pipectl runs
	[ "$(cut -f 5,6 <<<"$output")" = $'blocked\tundeliverable' ]
	echo "exit 0" >answer
	do_at 9:03 pipe-tick
	[ "$(grep -c ^Subject sent)" = 1 ]
	at 9:04 pipectl retry "$run"
	[ "$status" = 0 ]
	[ "$output" = "run/$run retried" ]
	do_at 9:05 pipe-tick
	[ "$(grep -c ^Subject sent)" = 2 ]
	at 9:06 pipectl runs
	[ "$(cut -f 5 <<<"$output")" = completed ]
}

@test "S2.34 one that is late goes when it is retried" {
	with_people
	do_at 9:00 pipe-tick
	do_at 07-04T9:00 pipe-tick
	at 07-04T9:00 pipectl runs --reason late
	[ "$(cut -f 1 <<<"$output")" = "$anna" ]
	at 07-04T9:00 pipectl retry --reason late
	[ "$output" = "run/$anna retried" ]
	do_at 07-04T9:01 pipe-tick
	[ "$(mails)" = "Welcome, Anna" ]
	do_at 07-06T9:00 pipe-tick
	[ "$(mails)" = "Features,Welcome, Anna" ]
}

@test "what is missing still stays blocked, 1; once it is set the run goes on by itself" {
	with_people
	at 9:01 pipectl retry bob@example.org
	[ "$status" = 1 ]
	[ "$output" = "run/$bob blocked (missing still: contact.first_name)" ]
	sql "UPDATE contact SET fields = (SELECT replace(fields, 'Anna', 'Bob') FROM contact WHERE folded LIKE 'anna%')
		WHERE folded LIKE 'bob%'"
	at 9:01 pipectl retry "$bob"
	[ "$status" = 0 ]
	[ "$output" = "run/$bob retried" ]
	do_at 9:02 pipe-tick
	[[ $(mails) == *"Welcome, Bob"* ]]
}

@test "what is not blocked is unchanged, what has ended refused, and what was not named at all is 64" {
	with_people
	at 9:01 pipectl retry "$anna"
	[ "$status" = 0 ]
	[ "$output" = "run/$anna unchanged (it is not blocked)" ]
	do_at 9:01 pipectl stop -q "$anna"
	at 9:01 pipectl retry "$anna" "$bob"
	[ "$status" = 1 ]
	[ "$output" = "run/$anna refused (it is stopped)
run/$bob blocked (missing still: contact.first_name)" ]
	at 9:01 pipectl retry
	[ "$status" = 64 ]
	at 9:01 pipectl retry --reason undeliverable
	[ "$status" = 0 ]
	[ "$output" = "" ]
	[ "$err" = "pipectl: note: nothing is blocked there; 'pipectl why' says why somebody waits" ]
}

@test "of a contact also what a server has put off goes with the next tick" {
	with_sendmail
	echo "exit 75" >answer
	enroll_short
	do_at 9:01 pipe-tick
	at 9:02 pipectl runs --contact anna@example.org
	[ "$(cut -f 5,6 <<<"$output")" = $'pending\tbackoff' ]
	at 9:02 pipectl retry anna@example.org
	[ "$status" = 0 ]
	[ "$output" = "run/$run retried" ]
	at 9:02 pipectl runs --contact anna@example.org
	[ "$(cut -f 5,6 <<<"$output")" = $'pending\t' ]
	echo "exit 0" >answer
	do_at 9:03 pipe-tick
	at 9:03 pipectl retry anna@example.org
	[ "$err" = "pipectl: note: nothing is blocked there; 'pipectl why' says why somebody waits" ]
}

@test "retry by pipeline and mailbox; -n tells and changes nothing" {
	with_sendmail
	echo "exit 65" >answer
	enroll_short
	do_at 9:01 pipe-tick
	at 9:02 pipectl retry -n --pipeline short --mailbox hello
	[ "$output" = "run/$run retried" ]
	at 9:02 pipectl runs --status blocked
	[ "$(cut -f 1 <<<"$output")" = "$run" ]
	at 9:02 pipectl retry --pipeline onboarding
	[ "$output" = "" ]
	at 9:02 pipectl retry --mailbox helo
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no mailbox 'helo' in team 'sales'; did you mean 'hello'?" ]
	at 9:02 pipectl retry --pipeline short --mailbox hello --json
	[ "$output" = '{"kind":"run","name":"'"$run"'","result":"retried","text":null}' ]
}

@test "B16 what was put off for a while goes at once when it is retried, and its 48 hours begin anew" {
	with_sendmail
	echo "exit 75" >answer
	enroll_short
	do_at 9:01 pipe-tick
	at 9:02 pipectl runs
	[ "$(cut -f 5 <<<"$output")" = pending ]
	echo "exit 0" >answer
	do_at 9:02 pipe-tick
	[ "$(grep -c ^Subject sent)" = 1 ]
	at 9:02 pipectl retry "$run"
	[ "$output" = "run/$run retried" ]
	[ "$(sql 'SELECT attempts || first_try_at FROM message')" = 00 ]
	do_at 9:02 pipe-tick
	[ "$(grep -c ^Subject sent)" = 2 ]
}

@test "B1 a mail in doubt is not retried, it is settled: sent after all, and the run goes on" {
	in_doubt
	at 9:02 pipectl runs
	[ "$(cut -f 5,6 <<<"$output")" = $'blocked\tin-doubt' ]
	at 9:02 pipectl retry "$run"
	[ "$status" = 1 ]
	[ "$output" = "run/$run blocked (in doubt; run: pipectl settle $(message) sent|resend)" ]
	at 9:02 pipectl settle -n "$(message)" sent
	[ "$output" = "message/$(message) counts as sent (Only one)" ]
	at 9:02 pipectl settle "$(message)" sent
	[ "$status" = 0 ]
	[ "$output" = "message/$(message) counts as sent (Only one)" ]
	do_at 9:03 pipe-tick
	[ "$(grep -c ^Subject sent)" = 1 ]
	at 9:04 pipectl runs
	[ "$(cut -f 5,10 <<<"$output")" = $'completed\t1' ]
	at 9:04 pipectl settle "$(message)" sent
	[ "$status" = 0 ]
	[ "$output" = "message/$(message) unchanged (it is sent)" ]
	at 9:04 pipectl settle "$(message)" resend
	[ "$status" = 1 ]
	[ "$err" = "pipectl: message $(message) is sent, not in doubt" ]
}

@test "B1 several are settled at once; one that is not in doubt is told, and does not keep the others" {
	with_sendmail
	echo 'kill -9 $$' >answer
	for i in 1 2 3; do
		do_at 9:00 contactctl add -q "p$i@example.org" --enroll short
	done
	do_at 9:01 pipe-tick
	mapfile -t all < <(sql "SELECT id FROM message WHERE state = 'in-doubt' ORDER BY id")
	[ ${#all[@]} = 3 ]
	do_at 9:02 pipectl settle "${all[1]}" sent
	at 9:03 pipectl settle "${all[@]}" resend
	[ "$status" = 1 ]
	[ "$output" = "message/${all[0]} goes again (Only one)
message/${all[2]} goes again (Only one)" ]
	[ "$err" = "pipectl: message ${all[1]} is sent, not in doubt" ]
	[ "$(sql "SELECT count(*) FROM message WHERE state = 'in-doubt'")" = 0 ]
	at 9:03 pipectl settle "${all[@]}"
	[ "$status" = 64 ]
}

@test "B1 settle resend: the same bytes with the same Message-ID once more" {
	in_doubt
	at 9:02 pipectl settle "message/$(message)" resend
	[ "$output" = "message/$(message) goes again (Only one)" ]
	do_at 9:03 pipe-tick
	[ "$(grep -c ^Message-ID sent)" = 2 ]
	[ "$(grep ^Message-ID sent | sort -u | wc -l)" = 1 ]
	[ "$(grep ^Date sent | sort -u | wc -l)" = 1 ]
	at 9:04 pipectl runs
	[ "$(cut -f 5 <<<"$output")" = completed ]
}

@test "B1 a test mail in doubt can be sent again too" {
	with_sendmail
	echo 'kill -9 $$' >answer
	do_at 9:00 pipectl send-test welcome --to me@example.org
	do_at 9:01 pipe-tick
	at 9:02 pipectl queue
	[ "$(cut -f 4 <<<"$output")" = in-doubt ]
	echo 'exit 0' >answer
	do_at 9:02 pipectl settle "$(message)" resend
	do_at 9:03 pipe-tick
	[ "$(grep ^Message-ID sent | sort | uniq -c | sed 's/ *//;s/ .*//')" = 2 ]
	[ "$(sql 'SELECT state FROM message')" = sent ]
}

@test "settle: by Message-ID, and what it does not take" {
	in_doubt
	mid=$(sql 'SELECT message_id FROM message')
	at 9:02 pipectl settle "<$mid>" maybe
	[ "$status" = 64 ]
	at 9:02 pipectl settle nonsense sent
	[ "$status" = 64 ]
	[ "$err" = "pipectl: 'nonsense' is not the number of a message" ]
	at 9:02 pipectl settle 99999 sent
	[ "$status" = 67 ]
	at 9:02 pipectl settle "<x@y.example>" sent
	[ "$status" = 67 ]
	at 9:02 pipectl settle "<$mid>" sent
	[ "$status" = 0 ]
}

@test "settle resend is refused when the run is somewhere else by now" {
	in_doubt
	do_at 9:02 pipectl goto "$run" only
	at 9:03 pipectl settle "$(message)" resend
	[ "$status" = 1 ]
	[ "$err" = "pipectl: its run does not wait for it any more" ]
	[ "$(sql "SELECT state FROM message")" = in-doubt ]
	at 9:03 pipectl settle "$(message)" sent
	[ "$status" = 0 ]
}
