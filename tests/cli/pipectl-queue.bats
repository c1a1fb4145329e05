#!/usr/bin/env bats
# pipectl queue, hold, release, drop.

load runs

setup() {
	runs_setup
}

enroll_short() {
	do_at 9:00 contactctl add -q anna@example.org first_name=Anna --enroll short
	run=$(run_of anna@example.org)
}

@test "queue: what is due, by mailbox, with who, what and why it waits; later ones with --all" {
	with_people
	at 9:00 pipectl queue
	[ "$status" = 0 ]
	tab=$'\t'
	[ "$output" = "$anna${tab}hello${tab}2026-06-29T07:00:00Z${tab}planned${tab}anna@example.org${tab}onboarding${tab}welcome${tab}${tab}${tab}2026-06-29T07:00:00Z${tab}" ]
	do_at 9:00 pipe-tick
	at 9:01 pipectl queue
	[ "$output" = "" ]
	at 9:01 pipectl queue --all --json
	[ "$output" = '{"id":'"$anna"',"mailbox":"hello","due":"2026-07-01T07:00:00Z","state":"planned","to":"anna@example.org","pipeline":"onboarding","step":"features","subject":null,"reason":null,"next":"2026-07-01T07:00:00Z","text":null,"run":'"$anna"',"message":null,"attempts":0,"moved":null}' ] || { echo "$output"; false; }
}

@test "B7 queue: a mail that was put off shows the server's words; flush lets it go at once" {
	with_sendmail
	echo "exit 75" >answer
	enroll_short
	do_at 9:01 pipe-tick
	at 9:02 pipectl queue
	[ "$(cut -f 4,8 <<<"$output")" = $'queued\tOnly one' ]
	[ -n "$(cut -f 11 <<<"$output")" ]
	shown=$output
	at 9:02 pipectl queue --all
	[ "$output" = "$shown" ]
	at 9:30 pipectl queue
	[ "$(cut -f -8 <<<"$output")" = "$(cut -f -8 <<<"$shown")" ]
	at 9:02 pipectl queue --mailbox hello
	[ "$output" = "$shown" ]
	echo "exit 0" >answer
	at 9:02 pipectl queue flush -n
	[ "$output" = "queue/sales flushed (1 mail due now)" ]
	at 9:02 pipectl queue flush
	[ "$output" = "queue/sales flushed (1 mail due now)" ]
	do_at 9:02 pipe-tick
	[ "$(grep -c ^Subject sent)" = 2 ]
	at 9:02 pipectl queue flush --mailbox hello
	[ "$output" = "queue/hello unchanged (no mailbox was closed and no mail put off)" ]
}

@test "queue: a mail of no run that was put off is listed, too" {
	with_sendmail
	echo "exit 75" >answer
	do_at 9:00 pipectl send-test welcome --mailbox hello --to me@example.org
	do_at 9:01 pipe-tick
	at 9:02 pipectl queue
	[ "$(cut -f 4,5 <<<"$output")" = $'queued\tme@example.org' ]
}

@test "flush opens a mailbox that rests after trouble, not one at its limit or paused" {
	with_sendmail
	rm sendmail
	enroll_short
	do_at 9:01 pipe-tick
	at 9:02 pipectl queue
	[ "$(cut -f 9 <<<"$output")" = settings ]
	[ "$(cut -f 10 <<<"$output")" = "" ]
	at 9:02 pipectl queue flush
	[ "$output" = "queue/sales flushed (1 mailbox opened)" ]
	sql "UPDATE lane SET free_at = 9999999999, reason = 'quota' WHERE kind = 'mailbox'"
	at 9:02 pipectl queue flush
	[ "$output" = "queue/sales unchanged (no mailbox was closed and no mail put off)" ]
}

@test "queue: what goes with what" {
	at 9:00 pipectl queue fluhs
	[ "$status" = 64 ]
	at 9:00 pipectl queue flush --all
	[ "$status" = 64 ]
	at 9:00 pipectl queue -n
	[ "$status" = 64 ]
	at 9:00 pipectl queue --mailbox helo
	[ "$status" = 67 ]
}

@test "hold and release: a mail that is planned does not go until it is released" {
	enroll_short
	at 9:00 pipectl hold "$run"
	[ "$status" = 0 ]
	message=$(sql 'SELECT id FROM message')
	[ "$output" = "message/$message held" ]
	do_at 9:01 pipe-tick
	[ "$(mails)" = "" ]
	at 9:02 pipectl runs
	[ "$(cut -f 5,6 <<<"$output")" = $'pending\theld' ]
	at 9:02 pipectl queue
	[ "$(cut -f 1,4 <<<"$output")" = "$message"$'\theld' ]
	at 9:02 pipectl hold "$message"
	[ "$output" = "message/$message unchanged" ]
	at 9:02 pipectl release "message/$message"
	[ "$output" = "message/$message released" ]
	do_at 9:03 pipe-tick
	[ "$(mails)" = "Only one" ]
	at 9:04 pipectl release "$message"
	[ "$status" = 1 ]
	[ "$err" = "pipectl: message $message is sent, not held" ]
	at 9:04 pipectl hold "$message"
	[ "$status" = 1 ]
	[ "$err" = "pipectl: message $message is sent and cannot be held" ]
}

@test "B3 a held mail that is released after days is not late" {
	enroll_short
	do_at 9:00 pipectl hold -q "$run"
	do_at 07-09T9:00 pipectl release -q "$run"
	do_at 07-09T9:01 pipe-tick
	[ "$(mails)" = "Only one" ]
}

@test "drop: the mail never goes, its run goes on behind it" {
	with_people
	do_at 9:00 pipe-tick
	at 9:01 pipectl drop -n "$anna"
	[ "$status" = 0 ]
	[ "$(sql 'SELECT count(*) FROM message')" = 1 ]
	at 9:01 pipectl drop "$anna"
	[[ $output == message/*' dropped' ]]
	at 9:01 pipectl runs --contact anna@example.org
	[ "$(cut -f 5,7,9 <<<"$output")" = $'running\tcheck-in\tnote 6' ]
	do_at 07-09T9:01 pipe-tick
	[[ $(mails) != *Features* ]]
	[ "$(sql "SELECT data FROM event WHERE type = 'note.added' ORDER BY id LIMIT 1")" = "{\"text\":\"mail 'features' dropped by hand\"}" ]
}

@test "drop: said twice with a run's number it does not drop the next mail too" {
	with_people
	do_at 9:00 pipectl drop -q "$anna"
	at 9:00 pipectl drop "$anna"
	[ "$status" = 0 ]
	[[ $output == message/*' unchanged' ]]
	[ "$err" = "pipectl: note: the mail of run $anna was dropped before; 'pipectl drop $anna/STEP' drops the next one" ]
	[ "$(sql "SELECT count(*) FROM message WHERE state = 'dropped'")" = 1 ]
	at 9:00 pipectl drop "$anna/welcome"
	[ "$status" = 1 ]
	[ "$err" = "pipectl: run $anna stands before 'features', not 'welcome'" ]
	at 9:00 pipectl drop "run/$anna/features"
	[[ $output == message/*' dropped' ]]
	at 9:00 pipectl hold 99999/welcome
	[ "$status" = 67 ]
	[ "$(mails)" = "" ]
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	short=$(run_of carl@example.org)
	do_at 9:00 pipectl drop -q "$short"
	at 9:00 pipectl drop "$short"
	[[ $output == message/*' unchanged' ]]
}

@test "drop: a refused mail unblocks its run" {
	with_sendmail
	echo "exit 65" >answer
	enroll_short
	do_at 9:01 pipe-tick
	at 9:02 pipectl drop "$run"
	[ "$status" = 0 ]
	at 9:02 pipectl runs
	[ "$(cut -f 5,6 <<<"$output")" = $'completed\t' ]
}

@test "a mail without a run can be held, released and dropped" {
	do_at 9:00 pipectl send-test welcome --to me@example.org
	message=$(sql 'SELECT id FROM message')
	do_at 9:00 pipectl hold "$message"
	do_at 9:01 pipe-tick
	[ "$(mails)" = "" ]
	do_at 9:02 pipectl release "$message"
	do_at 9:02 pipe-tick
	[ "$(mails)" = "[test] Welcome, [first_name]" ]
	do_at 9:03 pipectl send-test welcome --to me@example.org
	message=$(sql 'SELECT max(id) FROM message')
	do_at 9:03 pipectl drop "$message"
	do_at 9:04 pipe-tick
	[ "$(mails)" = "[test] Welcome, [first_name]" ]
	[ "$(sql 'SELECT count(*) FROM queue')" = 0 ]
}

@test "one that is refused does not stop the others, and makes it 1; a number that is none is 67" {
	with_people
	at 9:00 pipectl hold "$bob" "$anna"
	[ "$status" = 1 ]
	[[ $err == "pipectl: message "*" does not go anyway: its run $bob is blocked (missing)" ]]
	[[ $output == message/*' held' ]]
	at 9:00 pipectl hold 99999
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no message 99999 in team 'sales'" ]
	do_at 9:00 pipectl init -q --team support
	at 9:00 pipectl drop --team support "$anna"
	[ "$status" = 67 ]
	at 9:00 pipectl queue --team support --all
	[ "$output" = "" ]
}
