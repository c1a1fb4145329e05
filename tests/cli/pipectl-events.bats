#!/usr/bin/env bats
# pipectl events, history, send-test.

load runs

setup() {
	runs_setup
}

types() {
	cut -f 3 <<<"$output" | paste -sd ' '
}

@test "events: what happened in the team, oldest first, with who did it" {
	with_people
	do_at 9:00 pipe-tick
	at 9:01 pipectl events
	[ "$status" = 0 ]
	[ "$(types)" = "contact.created run.started contact.created run.started run.blocked email.sent" ]
	[ "$(tail -n 1 <<<"$output" | cut -f 2,4,7,8)" = $'2026-06-29T07:00:00Z\tanna@example.org\tpipeline onboarding\tpipeline' ]
}

@test "events: chosen by type, contact, time and number" {
	with_people
	do_at 9:30 pipe-tick
	at 9:31 pipectl events --type 'run.*'
	[ "$(types)" = "run.started run.started run.blocked" ]
	at 9:31 pipectl events --contact bob@example.org --type run.started
	[ "$(types)" = "run.started" ]
	at 9:31 pipectl events --since '2026-06-29 09:30'
	[ "$(types)" = "email.sent" ]
	at 9:31 pipectl events --limit 2
	[ "$(types)" = "run.blocked email.sent" ]
	at 9:31 pipectl events --all --limit 2
	[ "$status" = 64 ]
	at 9:31 pipectl events --contact nobody@example.org
	[ "$status" = 67 ]
}

# All that happened at TIME (UTC) or later, out of all there is.
since() {
	awk -F '\t' -v time="$1" '$2 >= time' all
}

@test "events --since: the same as of all, with many at once, a clock that was set back, and another team" {
	do_at 9:00 pipectl init -q --team support
	for time in 9:00 9:01 13:30 13:30 10:15 10:20 14:00; do
		do_at "$time" contactctl add -q --team sales "p$((n += 1))@example.org"
		do_at "$time" contactctl enroll -q --team sales short "p$n@example.org"
		do_at "$time" contactctl add -q --team support "s$n@example.org"
	done
	at 15:00 pipectl events --team sales --all
	[ "$(wc -l <<<"$output")" = 14 ]
	printf '%s\n' "$output" >all
	for time in 06:59 07:00 07:01 08:15 08:16 08:20 08:21 11:29 11:30 11:31 12:00 12:01; do
		at 15:00 pipectl events --team sales --since "2026-06-29T$time:00Z"
		[ "$output" = "$(since "2026-06-29T$time:00Z")" ] || { echo "since $time: $output"; false; }
	done
	[ "$(sql 'SELECT count(*) FROM feed_mark')" = 3 ]
}

@test "the last 100 events; all with --all" {
	do_at 9:00 contactctl add -q anna@example.org
	sql "INSERT INTO occasion SELECT 1000, 'note.added', actor, source, 0 FROM occasion LIMIT 1"
	sql "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1449)
		INSERT INTO happened SELECT i, team, c.id, 0, 0, 0, 1000, created_at, '' FROM n, contact c"
	at 9:01 pipectl events
	[ "$(wc -l <<<"$output")" = 100 ]
	[ "$(head -n 1 <<<"$output" | cut -f 1)" = 1350 ]
	at 9:01 pipectl events --all
	[ "$(wc -l <<<"$output")" = 451 ]
	at 9:01 pipectl events --type contact.created
	[ "$(wc -l <<<"$output")" = 1 ]
}

@test "B22 events --follow: JSON Lines as things happen, until the reader goes away" {
	do_at 9:00 contactctl add -q anna@example.org
	pipectl events --follow --json >followed &
	follower=$!
	for _ in $(seq 100); do [ -s followed ] && break; sleep 0.05; done
	do_at 9:01 contactctl enroll -q short anna@example.org
	for _ in $(seq 100); do grep -q run.started followed && break; sleep 0.05; done
	kill "$follower"
	wait "$follower" || true
	[ "$(wc -l <followed)" = 2 ]
	[[ $(tail -n 1 followed) == *'"type":"run.started","contact":"anna@example.org","run":'*'"data":{"pipeline":"short"}}' ]]
}

@test "the events of another team are not seen" {
	with_people
	do_at 9:00 pipectl init -q --team support
	at 9:00 pipectl events --team support --all
	[ "$output" = "" ]
}

@test "B9 history: each version with who applied it and when, and who still follows it" {
	with_people
	sed -i 's/after: 2 days/after: 3 days/; s/^  - tag: onboarded/  - untag: trial\n&/' documents.yaml
	do_at 9:30 pipectl apply -q --keep documents.yaml
	at 9:31 pipectl history onboarding
	[ "$status" = 0 ]
	[ "$output" = "2	2026-06-29T07:30:00Z	$me	8	0
1	2026-06-29T07:00:00Z	$me	7	2" ]
	at 9:31 pipectl history pipeline/short --json
	[ "$output" = '{"version":1,"applied":"2026-06-29T07:00:00Z","by":"'"$me"'","steps":1,"runs":0}' ]
	at 9:31 pipectl history onbording
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no pipeline 'onbording' in team 'sales'; did you mean 'onboarding'?" ]
}

@test "send-test: a template with values made up, marked as a test, counted for nobody" {
	at 9:00 pipectl send-test welcome --to me@example.org
	[ "$status" = 0 ]
	[[ $output == message/*' queued ([test] Welcome, [first_name] to me@example.org from hello)' ]]
	do_at 9:01 pipe-tick
	[ "$(mails)" = "[test] Welcome, [first_name]" ]
	grep -q '^To: me@example.org' out/new/*
	[ "$(sql 'SELECT count(*) FROM event')" = 0 ]
	[ "$(sql 'SELECT contact FROM message')" = 0 ]
}

@test "send-test: every mail of a pipeline, those in branches too, as a contact" {
	with_people
	at 9:00 pipectl send-test -n pipeline/onboarding --to me@example.org --as anna@example.org
	[ "$(wc -l <<<"$output")" = 4 ]
	[ "$(sql 'SELECT count(*) FROM message')" = 0 ]
	do_at 9:00 pipectl send-test onboarding --to me@example.org --as anna@example.org
	do_at 9:00 pipectl pause -q onboarding
	do_at 9:01 pipe-tick
	[ "$(mails)" = "[test] Features,[test] For VIPs,[test] How are you?,[test] Welcome, Anna" ]
	at 9:02 pipectl runs --contact anna@example.org
	[ "$(cut -f 5,10 <<<"$output")" = $'pending\t0' ]
	do_at 9:02 pipectl send-test onboarding --to me@example.org --as anna@example.org
	at 9:02 pipectl queue
	[ "$(cut -f 8 <<<"$output" | grep test | paste -sd ,)" = "[test] Welcome, Anna,[test] Features,[test] For VIPs,[test] How are you?" ]
}

@test "B6 send-test: a hole is refused here too, and nothing is queued" {
	with_people
	at 9:00 pipectl send-test onboarding --to me@example.org --as bob@example.org
	[ "$status" = 1 ]
	[ "$err" = "pipectl: mail 'welcome' lacks contact.first_name; choose another contact with --as ADDR" ]
	[ "$output" = "" ]
	[ "$(sql 'SELECT count(*) FROM message')" = 0 ]
}

@test "send-test: what does not exist, and what it needs" {
	at 9:00 pipectl send-test welcom --to me@example.org
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no template and no pipeline 'welcom' in team 'sales'; did you mean 'welcome'?" ]
	at 9:00 pipectl send-test welcome
	[ "$status" = 64 ]
	at 9:00 pipectl send-test welcome --to nonsense
	[ "$status" = 65 ]
	at 9:00 pipectl send-test welcome --to me@example.org --mailbox helo
	[ "$status" = 67 ]
	at 9:00 pipectl send-test welcome --to me@example.org --as nobody@example.org
	[ "$status" = 67 ]
	do_at 9:00 pipectl init -q --team support
	at 9:00 pipectl send-test --team support welcome --to me@example.org
	[ "$status" = 67 ]
}
