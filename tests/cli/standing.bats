#!/usr/bin/env bats
# How a run stands: one answer in runs, why, queue, list, show of pipectl and in show and list of contactctl.

load runs

setup() {
	runs_setup
}

with_limit() {
	limit="limit: $1"
	write_documents
	do_at 9:00 pipectl apply -q documents.yaml
}

# enroll N [PIPELINE]: p1@example.org and so on.
enroll() {
	for i in $(seq "$1"); do
		echo "{\"email\": \"p$i@example.org\", \"first_name\": \"P$i\"}"
	done >people.jsonl
	"${@:3}" contactctl add -q --enroll "${2:-short}" --now "$monday" - <people.jsonl
}

# run_says TIME ADDR: status, reason, next, moved of the person's newest run, as each command has them.
run_says() {
	local field='import json, sys
row = json.loads(sys.stdin.readline())
row = row["runs"][0] if "runs" in row else row
print(*[row.get(name) for name in ("status", "reason", "next", "moved")])'
	at "$1" pipectl runs --contact "$2" --json
	python3 -c "$field" <<<"$output" >runs.says
	at "$1" pipectl why "$2" --json
	python3 -c "$field" <<<"$output" >why.says
	at "$1" contactctl show "$2" --json
	python3 -c "$field" <<<"$output" >show.says
	cmp runs.says why.says && cmp runs.says show.says || return 1
	cat runs.says
}

# list_says TIME ADDR: running, blocked, reason, next_at in `contactctl list`.
list_says() {
	at "$1" contactctl list -o running,blocked,reason,next_at "$2"
	echo "$output"
}

@test "S2.31 a limit: who is over it is blocked everywhere, with the instant when each one really goes" {
	with_limit '{per_hour: 2}'
	enroll 5
	do_at 9:00 pipe-tick
	[ "$(run_says 9:01 p3@example.org)" = "blocked quota 2026-06-29T08:00:00Z limit" ]
	[ "$(run_says 9:01 p4@example.org)" = "blocked quota 2026-06-29T08:00:00Z limit" ]
	[ "$(run_says 9:01 p5@example.org)" = "blocked quota 2026-06-29T09:00:00Z limit" ]
	[ "$(list_says 9:01 p5@example.org)" = $'0\t1\tquota\t2026-06-29T09:00:00Z' ]
	at 9:01 contactctl show p5@example.org
	[[ $output == *$'\nruns\t0 active, 1 blocked, 0 completed, 0 stopped\n'* ]]
	[[ $output == *"short: blocked, quota: the limit per hour is reached, since 2026-06-29T07:00:00Z; 0 of 1 steps done; e-mails to come: only at 2026-06-29T09:00:00Z" ]]
	at 9:01 contactctl list blocked -o email
	[ "$(paste -sd ' ' <<<"$output")" = "p3@example.org p4@example.org p5@example.org" ]
	at 9:01 pipectl runs --status blocked --reason quota
	[ "$(wc -l <<<"$output")" = 3 ]
	at 9:01 pipectl runs --status active
	[ "$output" = "" ]
	at 9:01 pipectl list pipelines short
	[ "$(cut -f 1,5-7 <<<"$output")" = $'short\t3\t3\t2' ]
	at 9:01 pipectl show short --json
	[[ $output == *'"open":3,"blocked":3,"completed":2,'* ]]
	at 9:01 pipectl queue
	[ "$(cut -f 5,9,10 <<<"$output" | tail -n 1)" = $'p5@example.org\tquota\t2026-06-29T09:00:00Z' ]
	at 9:01 pipectl why p5@example.org
	[[ $output == *"as things stand it goes 2026-06-29T09:00:00Z (in 119 minutes): that is the limit of mailbox hello, and 2 mails of it go before"* ]]
}

@test "S2.31 the forecast comes true, and who was blocked by a limit goes on without anybody" {
	with_limit '{per_hour: 2, gap: 90 seconds, jitter: 20 seconds}'
	enroll 5
	do_at 9:00 pipe-tick
	at 9:01 pipectl runs --json
	python3 -c 'import json, sys
for line in sys.stdin:
    r = json.loads(line)
    if r["next"]: print(r["id"], r["next"])' <<<"$output" | sort >foretold
	[ "$(wc -l <foretold)" = 4 ]
	for minute in $(seq 1 150); do
		echo "2026-06-29T$(date -u -d "2026-06-29 07:00 $minute minutes" +%H:%M:00Z)"
	done >minutes
	while read -r minute; do
		pipe-tick --now "$minute"
	done <minutes
	# A tick comes at the full minute.
	sql "SELECT run || ' ' || strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') FROM event WHERE type = 'email.sent' AND run > 0 ORDER BY 1" >happened
	while read -r run at; do
		grep -q "^$run $(date -u -d "$at + 59 seconds" +%Y-%m-%dT%H:%M):00Z" happened || { echo "$run $at"; cat happened; false; }
	done <foretold
	at 12:00 contactctl list blocked
	[ "$output" = "" ]
}

@test "S2.31 the queue's order counts: follow-ups that are due by then go before first mails" {
	with_limit '{per_day: 2}'
	enroll 5 onboarding
	do_at 9:00 pipe-tick
	[ "$(run_says 9:01 p1@example.org)" = "running None 2026-07-01T07:00:00Z None" ]
	[ "$(run_says 9:01 p2@example.org)" = "running None 2026-07-01T07:00:00Z None" ]
	[ "$(run_says 9:01 p4@example.org)" = "blocked quota 2026-06-30T07:00:00Z limit" ]
	[ "$(run_says 9:01 p5@example.org)" = "blocked quota 2026-07-02T07:00:00Z limit" ]
	[ "$(list_says 9:01 p5@example.org)" = $'0\t1\tquota\t2026-07-02T07:00:00Z' ]
}

@test "S2.31 a limit may move a mail out of its hours: it goes when they open" {
	with_limit '{per_hour: 1}'
	for i in 1 2; do
		do_at 16:30 contactctl add -q "p$i@example.org" first_name=P --enroll onboarding
	done
	do_at 16:30 pipe-tick
	[ "$(run_says 16:31 p2@example.org)" = "blocked quota 2026-06-30T07:00:00Z hours" ]
}

@test "S2.31 hours: before its own delay is over a run waits for nothing else; afterwards for the calendar" {
	do_at 07-03T18:00 contactctl add -q anna@example.org first_name=Anna --enroll onboarding
	[ "$(run_says 07-03T18:01 anna@example.org)" = "pending hours 2026-07-06T07:00:00Z hours" ]
	at 07-03T18:01 pipectl runs --reason hours --json
	[[ $output == *"\"text\":\"the calendar 'office' is closed\",\"since\":\"2026-07-03T16:00:00Z\""* ]]
	[ "$(list_says 07-03T18:01 anna@example.org)" = $'1\t0\t\t2026-07-06T07:00:00Z' ]
	do_at 07-06T9:00 pipe-tick
	do_at 07-06T9:05 contactctl set -q anna@example.org first_name=Ann
	[ "$(run_says 07-06T9:06 anna@example.org)" = "running None 2026-07-08T07:00:00Z None" ]
}

@test "B7 B19 who is away until a day on which nothing goes gets the next mail when the calendar opens" {
	do_at 9:00 contactctl add -q anna@example.org first_name=Anna --enroll onboarding
	do_at 9:00 pipe-tick
	printf '%s\n' 'From: anna@example.org' 'Subject: Out of office' 'Auto-Submitted: auto-replied' \
		"In-Reply-To: $(grep -h -i '^message-id:' out/new/* | grep -o '<.*>')" '' 'Back soon.' | pipe-drop sales/hello
	do_at 9:30 pipe-inbox
	[ "$(run_says 9:31 anna@example.org)" = "running away 2026-07-06T07:00:00Z hours" ]
	[ "$(list_says 9:31 anna@example.org)" = $'1\t0\t\t2026-07-06T07:00:00Z' ]
	do_at 07-04T9:30 pipe-tick
	[ "$(run_says 07-04T9:31 anna@example.org)" = "running hours 2026-07-06T07:00:00Z hours" ]
}

@test "S2.31 a mailbox that is down: blocked with the server's words and since when; nobody knows until when" {
	with_sendmail
	rm sendmail
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	do_at 9:02 pipe-tick
	[ "$(run_says 9:05 carl@example.org)" = "blocked settings None settings" ]
	[ "$(list_says 9:05 carl@example.org)" = $'0\t1\tsettings\t' ]
	at 9:05 contactctl show carl@example.org
	[[ $output == *"short: blocked, settings: "*", since 2026-06-29T07:02:00Z; 0 of 1 steps done; e-mails to come: only" ]] || { echo "$output"; false; }
	at 9:05 contactctl list blocked -o email
	[ "$output" = carl@example.org ]
	at 9:05 pipectl list mailboxes
	[ "$(cut -f 1,2,4,5 <<<"$output")" = $'hello\tsettings\t2026-06-29T07:02:00Z\t2026-06-29T08:02:00Z' ]
	with_sendmail
	do_at 10:02 pipe-tick
	[ "$(run_says 10:03 carl@example.org)" = "completed None None None" ]
}

@test "a temporary refusal: put off, not blocked, with the server's words, until it is tried again" {
	with_sendmail
	echo "exit 75" >answer
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	do_at 9:00 pipe-tick
	says=$(run_says 9:01 carl@example.org)
	[[ $says == "pending backoff 2026-06-29T07:0"*"Z backoff" ]] || { echo "$says"; false; }
	at 9:01 pipectl runs --reason backoff --json
	[[ $output == *'"since":"2026-06-29T07:00:00Z"'* ]]
	[ "$(list_says 9:01 carl@example.org | cut -f 1-3)" = $'1\t0\t' ]
	echo "exit 0" >answer
	at 9:02 pipectl retry --reason backoff
	[ "$output" = "run/$(run_of carl@example.org) retried" ] || { echo "$output$err"; false; }
	do_at 9:02 pipe-tick
	[ "$(run_says 9:03 carl@example.org)" = "completed None None None" ]
}

@test "paused by hand, pipeline or mailbox: neither blocked nor dated" {
	do_at 9:00 contactctl add -q carl@example.org --enroll short
	do_at 9:01 pipectl pause -q mailbox/hello
	do_at 9:02 pipe-tick
	[ "$(run_says 9:03 carl@example.org)" = "pending paused None None" ]
	[ "$(list_says 9:03 carl@example.org)" = $'1\t0\t\t' ]
	at 9:03 contactctl show carl@example.org
	[[ $output == *"short: pending, paused: the mailbox is paused, since 2026-06-29T07:01:00Z; 0 of 1 steps done; e-mails to come: only" ]]
	do_at 9:04 pipectl resume -q mailbox/hello
	do_at 9:04 pipectl pause -q short
	[ "$(run_says 9:05 carl@example.org)" = "pending paused None None" ]
	do_at 9:06 pipectl resume -q short
	[ "$(run_says 9:07 carl@example.org)" = "pending None 2026-06-29T07:00:00Z None" ]
	at 9:07 pipectl hold -q "$(run_of carl@example.org)"
	[ "$(run_says 9:08 carl@example.org)" = "pending held None None" ]
}

@test "a blocked run: since when, and no date" {
	at 9:00 contactctl add -q bob@example.org --enroll onboarding
	[ "$(run_says 9:30 bob@example.org)" = "blocked missing None None" ]
	at 9:30 pipectl runs --status blocked --json
	[[ $output == *'"since":"2026-06-29T07:00:00Z"'* ]]
	do_at 9:40 contactctl set -q bob@example.org first_name=Bob
	[ "$(run_says 9:40 bob@example.org)" = "pending None 2026-06-29T07:40:00Z None" ]
}

@test "filters agree: blocked together with others, and nobody of another team" {
	with_limit '{per_day: 1}'
	enroll 4
	do_at 9:00 contactctl tag -q vip p2@example.org p4@example.org
	do_at 9:00 contactctl add -q b@example.org --tag vip
	at 9:00 contactctl enroll -q onboarding b@example.org
	do_at 9:00 pipe-tick
	at 9:01 contactctl list blocked tag=vip -o email
	[ "$(paste -sd ' ' <<<"$output")" = "p2@example.org p4@example.org b@example.org" ]
	at 9:01 contactctl list blocked enrolled=short -o email
	[ "$(wc -l <<<"$output")" = 3 ]
	at 9:01 contactctl list blocked p4 -o email,reason
	[ "$output" = $'p4@example.org\tquota' ]
	pipectl init -q --team other --now "$monday"
	at 9:01 contactctl --team other list blocked
	[ "$output" = "" ]
	at 9:01 pipectl --team other runs --status blocked
	[ "$output" = "" ]
}

@test "S2.13 S2.23 the date of the first mail that enrolling tells is the one at which it goes" {
	with_limit '{per_hour: 2}'
	for i in 1 2 3 4 5; do
		do_at 9:00 contactctl add -q "p$i@example.org" first_name=P
	done
	foretold=$'p1@example.org\tstarted\tonly\t2026-06-29T07:00:00Z\thello\t
p2@example.org\tstarted\tonly\t2026-06-29T07:00:00Z\thello\t
p3@example.org\tstarted\tonly\t2026-06-29T08:00:00Z\thello\tlater than planned: limit
p4@example.org\tstarted\tonly\t2026-06-29T08:00:00Z\thello\tlater than planned: limit
p5@example.org\tstarted\tonly\t2026-06-29T09:00:00Z\thello\tlater than planned: limit'
	at 9:00 contactctl enroll -n short --all
	[ "$output" = "$foretold" ] || { echo "$output"; false; }
	at 9:00 contactctl enroll short --all
	[ "$output" = "$foretold" ]
	do_at 9:00 pipe-tick
	at 9:00 contactctl add p6@example.org --enroll short
	[[ $output == *"p6@example.org enrolled in short, first e-mail only at 2026-06-29T09:00:00Z"* ]] || { echo "$output"; false; }
	do_at 9:00 contactctl add -q p7@example.org
	at 9:00 contactctl enroll -n short p7@example.org
	[ "$status" = 0 ]
	[ "$err" = "contactctl: note: as things stand, mail only to p7@example.org goes at 2026-06-29T10:00:00Z (limit)" ] || { echo "$err"; false; }
	do_at 9:00 pipectl pause -q mailbox/hello
	at 9:00 contactctl enroll short p7@example.org
	[ "$output" = $'p7@example.org\tstarted\tonly\t\thello\tlater than planned: paused' ] || { echo "$output"; false; }
}

@test "S2.29 B26 a paused pipeline: since when, but not from before the run was there" {
	with_limit '{}'
	enroll 1
	at 9:10 pipectl pause short
	at 9:20 contactctl add -q p2@example.org first_name=P2 --enroll short
	for who in p1 p2; do
		at 9:30 pipectl runs --contact $who@example.org --json
		[[ $output == *'"reason":"paused","step":"only","next":null,'*'"text":"the pipeline is paused","since":"'*'"moved":null'* ]] || { echo "$output"; false; }
		sed 's/.*"since":"\([^"]*\)".*/\1/' <<<"$output" >>since
	done
	[ "$(paste -sd ' ' since)" = "2026-06-29T07:10:00Z 2026-06-29T07:20:00Z" ] || { cat since; false; }
	at 9:30 contactctl show p1@example.org
	[[ $output == *"short: pending, paused: the pipeline is paused, since 2026-06-29T07:10:00Z; 0 of 1 steps done; e-mails to come: only"* ]] || { echo "$output"; false; }
	at 9:30 pipectl why p1@example.org
	[[ $output == *"pipeline short is paused since 2026-06-29T07:10:00Z (20 minutes ago)"* ]] || { echo "$output"; false; }
	at 9:30 pipectl pause short
	at 9:31 pipectl resume short
	at 9:32 pipectl pause short
	at 9:33 pipectl show short
	[[ $output == *$'\nstate\tpaused\n'* ]]
	at 9:33 pipectl why p1@example.org
	[[ $output == *"pipeline short is paused since 2026-06-29T07:32:00Z (60 seconds ago)"* ]] || { echo "$output"; false; }
}
