#!/usr/bin/env bats
# Many programs on one database at once: ticks, people's commands, and ticks that are killed. Each mail goes once, and
# nobody is told that something is locked.

load two_teams

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$PWD/t.db
	pipectl init -q --team sales --now "$NINE"
	pipectl apply -q --now "$NINE" - <<-END
		kind: Mailbox
		name: hello
		from: Hello <hello@example.com>
		maildir: out
		---
		kind: Pipeline
		name: one
		mailbox: hello
		enroll: {new_contacts: true}
		steps: [{email: {subject: One, text: First.}}, {tag: done}]
	END
}

# people FROM TO: a table of contacts
people() {
	echo email
	seq -f 'p%g@example.org' "$1" "$2"
}

# each_once N: p1 to pN have exactly one mail, and their runs are completed
each_once() {
	grep -h '^To: ' out/new/* | sed 's/^To: //' | sort >got
	people 1 "$1" | tail -n +2 | sort | diff - got
	[ "$(ask "SELECT count(*) FROM run WHERE status = 'completed'")" = "$1" ]
	[ "$(ask "SELECT count(*) FROM message WHERE state = 'sent'")" = "$1" ]
	[ "$(ask "SELECT (SELECT count(*) FROM claim) + (SELECT count(*) FROM queue)")" = 0 ]
	[ "$(ask "PRAGMA integrity_check")" = ok ]
}

@test "S0.1 ten ticks at once send each of 200 mails once, and say nothing" {
	people 1 200 | contactctl import -q --now "$NINE" --auto-enroll -
	for i in {1..10}; do
		{ pipe-tick --now "$NINE" >"said.$i" 2>&1; echo $? >"status.$i"; } &
	done
	wait
	[ "$(cat said.*)" = "" ] || { cat said.*; false; }
	[ "$(sort -u status.*)" = 0 ]
	pipe-tick --now "$NINE"
	each_once 200
}

@test "people's commands and ticks at once: each is done, and nobody sees a lock" {
	people 1 40 | contactctl import -q --now "$NINE" --auto-enroll -
	for i in {41..60}; do
		contactctl add -q --now "$NINE" "p$i@example.org" >"said.$i" 2>&1 &
	done
	for i in 61 81; do
		people $i $((i + 19)) | contactctl import -q --now "$NINE" --auto-enroll - >"said.i$i" 2>&1 &
	done
	for i in {1..8}; do
		pipe-tick --now "$NINE" >"said.t$i" 2>&1 &
		contactctl set -q --now "$NINE" "p$i@example.org" "company=C$i" 2>"said.s$i" >/dev/null &
	done
	wait
	[ "$(cat said.*)" = "" ] || { cat said.*; false; }
	pipe-tick --now "$NINE"
	each_once 100
	for i in {1..8}; do
		[ "$(contactctl list "company=C$i" | wc -l)" = 1 ]
	done
}

# killed_ticks N: ticks that live for some milliseconds; how many of them were killed in $killed
killed_ticks() {
	killed=0
	for ((i = 0; i < $1; i++)); do
		status=0
		printf -v now '2026-06-29T%02d:%02d:00Z' $((9 + i / 60)) $((i % 60))
		printf -v lives '0.%03d' $((RANDOM % 30 + 3))
		timeout -s KILL "$lives" pipe-tick --now "$now" 2>err || status=$?
		[ "$status" = 137 ] && killed=$((killed + 1))
		[ "$status" = 137 ] || [ "$status" = 0 ] || { cat err; false; }
	done
}

@test "ticks that are killed at any instant leave each mail in the Maildir once" {
	people 1 150 | contactctl import -q --now "$NINE" --auto-enroll -
	killed_ticks 60
	[ "$killed" -gt 0 ]
	for hour in 12 16 20; do # what was offered when a tick died is looked for after a pause
		pipe-tick --now "2026-06-29T$hour:00:00Z"
	done
	each_once 150
	[ "$(find out/tmp -type f | wc -l)" -le "$killed" ]
}

@test "killed imports and a repeat have each contact once, with one run" {
	people 1 300 >people.csv
	for i in 1 2 3 4 5 6; do
		timeout -s KILL "0.0$((i * 7 + 10))" contactctl import -q --now "$NINE" --auto-enroll people.csv || true
	done
	contactctl import -q --now "$NINE" --auto-enroll people.csv
	[ "$(ask "SELECT count(*) FROM contact")" = 300 ]
	pipe-tick --now "$NINE"
	each_once 300
}
