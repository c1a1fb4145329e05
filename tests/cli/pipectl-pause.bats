#!/usr/bin/env bats
# pipectl pause and resume.

load runs

setup() {
	runs_setup
}

@test "B26 a paused pipeline: people enter, nothing goes, and apply does not touch it" {
	at 9:00 pipectl pause onboarding
	[ "$status" = 0 ]
	[ "$output" = "pipeline/onboarding paused" ]
	with_people
	do_at 9:01 pipe-tick
	do_at 9:01 pipectl apply -q documents.yaml
	do_at 9:02 pipe-tick
	[ "$(mails)" = "" ]
	at 9:02 pipectl runs --reason paused
	[ "$(cut -f 2,5 <<<"$output")" = $'anna@example.org\tpending' ]
}

@test "B3 resume: what came due meanwhile goes, when it is not too late" {
	with_people
	do_at 9:00 pipectl pause -q onboarding
	do_at 9:01 pipe-tick
	at 15:00 pipectl resume -n onboarding
	[ "$output" = "pipeline/onboarding resumed (1 run came due meanwhile)" ]
	do_at 15:00 pipe-tick
	[ "$(mails)" = "" ]
	at 15:00 pipectl resume onboarding
	[ "$output" = "pipeline/onboarding resumed (1 run came due meanwhile)" ]
	[ "$(sql 'SELECT due_at FROM run WHERE status = "pending"')" = "$(date -d "$monday" +%s)" ]
	do_at 15:01 pipe-tick
	[ "$(mails)" = "Welcome, Anna" ]
}

@test "B3 resume: what is too late by then is blocked as late" {
	with_people
	do_at 9:00 pipectl pause -q onboarding
	do_at 9:01 pipe-tick
	do_at 06-30T9:30 pipectl resume -q onboarding
	do_at 06-30T9:31 pipe-tick
	[ "$(mails)" = "" ]
	at 06-30T9:32 pipectl runs --reason late
	[ "$(cut -f 1 <<<"$output")" = "$anna" ]
}

@test "a paused pipeline whose runs lie aside wakes no tick, and others go on" {
	with_people
	do_at 9:00 pipectl pause -q onboarding
	do_at 9:00 contactctl enroll -q short anna@example.org
	do_at 9:01 pipe-tick
	[ "$(mails)" = "Only one" ]
	[ "$(sql "SELECT count(*) FROM queue JOIN lane ON lane.id = lane WHERE kind = 'parked'")" = 1 ]
	[ "$(sql "SELECT free_at > 1000000000000 FROM lane WHERE kind = 'parked'")" = 1 ]
}

@test "what an interrupted resume left aside goes on with a tick" {
	with_people
	do_at 9:00 pipectl pause -q onboarding
	do_at 9:01 pipe-tick
	sql "UPDATE document SET paused = 0; UPDATE team SET generation = generation + 1"
	do_at 9:02 contactctl enroll -q short anna@example.org
	do_at 9:02 pipe-tick
	[ "$(mails)" = "Only one,Welcome, Anna" ]
}

@test "B26 a paused mailbox sends nothing and --login does not change that; resume opens it" {
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	at 9:00 pipectl pause mailbox/hello
	[ "$output" = "mailbox/hello paused" ]
	do_at 9:01 pipe-tick --login hello
	[ "$(mails)" = "" ]
	at 9:02 pipectl queue
	[ "$(cut -f 4,9 <<<"$output")" = $'planned\tpaused' ]
	at 9:02 pipectl resume mailbox/hello
	[ "$output" = "mailbox/hello resumed" ]
	do_at 9:03 pipe-tick
	[ "$(mails)" = "Only one" ]
}

@test "B26 pause --all: the big red button, and back" {
	with_people
	at 9:00 pipectl pause --all
	[ "$status" = 0 ]
	[ "$output" = "pipeline/onboarding paused
pipeline/short paused
mailbox/hello paused" ]
	do_at 9:00 pipectl send-test welcome --to me@example.org
	do_at 9:01 pipe-tick
	[ "$(mails)" = "" ]
	at 9:02 pipectl resume --all --json
	[ "$(head -n 1 <<<"$output")" = '{"kind":"pipeline","name":"onboarding","result":"resumed","text":null}' ]
	do_at 9:03 pipe-tick
	[ "$(mails)" = "Welcome, Anna,[test] Welcome, [first_name]" ]
}

@test "what was so already is unchanged; nothing, both, and what does not exist are refused" {
	at 9:00 pipectl resume onboarding
	[ "$status" = 0 ]
	[ "$output" = "pipeline/onboarding unchanged" ]
	at 9:00 pipectl pause
	[ "$status" = 64 ]
	at 9:00 pipectl pause --all onboarding
	[ "$status" = 64 ]
	at 9:00 pipectl pause onboarding mailbox/helo
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no mailbox 'helo' in team 'sales'; did you mean 'hello'?" ]
	at 9:00 pipectl pause hello
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no pipeline 'hello'; did you mean 'mailbox/hello'?" ]
	[ "$(sql 'SELECT sum(paused) FROM document')" = 0 ]
	at 9:00 pipectl pause -n onboarding
	[ "$output" = "pipeline/onboarding paused" ]
	[ "$(sql 'SELECT sum(paused) FROM document')" = 0 ]
}

@test "a draft that is resumed stays a draft" {
	sed -i 's/^name: short/&\nactive: false/' documents.yaml
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:00 pipectl apply -q documents.yaml
	do_at 9:01 pipe-tick
	do_at 9:02 pipectl resume -q short
	do_at 9:03 pipe-tick
	[ "$(mails)" = "" ]
	at 9:04 pipectl runs --reason draft
	[ "$(cut -f 2 <<<"$output")" = anna@example.org ]
}
