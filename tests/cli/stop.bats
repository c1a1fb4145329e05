#!/usr/bin/env bats
# A tick that is told to stop: it begins nothing more, waits for what a server has been offered, and ends by the signal.

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$PWD/t.db
}

teardown() {
	eval "exec ${sink[1]}>&-"
}

# begin PEOPLE SINK_OPTION...: so many people with a mail that is due, and a server that writes down each mail before it answers.
begin() {
	local people=$1
	shift
	coproc sink { exec "$PW_BUILD/tests/smtp_sink" --until-eof --log "$PWD/log" "$@"; }
	read -r -u "${sink[0]}" port
	pipectl init -q --team sales
	pipectl apply -q - <<-END
		kind: Mailbox
		name: hello
		from: Hello <hello@example.com>
		smtp: {url: 'smtp://127.0.0.1:$port', tls: none}
		limit: {connections: 2}
		---
		kind: Pipeline
		name: welcome
		mailbox: hello
		ignore: [replied]
		steps: [{email: {subject: Hello, text: Good day.}}]
	END
	for i in $(seq "$people"); do echo "p$i@example.org"; done | sed '1i email' |
		contactctl import -q --no-auto-enroll --enroll welcome -
}

# The tick is at work: the server has a mail that it has not answered.
start_tick() {
	pipe-tick 2>said &
	tick=$!
	until [ -s log ]; do kill -0 $tick; done
}

# ended_by N: the tick did, by that signal.
ended_by() {
	local how=0
	wait $tick || how=$?
	[ $how -eq $((128 + $1)) ]
}

taken() {
	sed 's/.*"rcpt":"\([^"]*\)".*/\1/' log | sort
}

ask() {
	sqlite3 t.db "$1"
}

@test "SIGTERM: what a server was offered is waited for and recorded, the rest is the next tick's" {
	begin 5 --dot-ms 300
	start_tick
	kill -TERM $tick
	ended_by 15
	[ ! -s said ]
	sent=$(taken | wc -l)
	[ "$sent" -le 2 ]
	[ "$(ask "SELECT count(*) FROM message WHERE state = 'sent'")" -eq "$sent" ]
	[ "$(ask "SELECT count(*) FROM claim")" -eq 0 ]
	[ "$(ask "SELECT count(*) FROM run WHERE status = 'completed'")" -eq "$sent" ]
	[ "$(ask "SELECT count(*) FROM queue")" -eq $((5 - sent)) ]
	pipe-tick
	[ "$(taken)" = "$(for i in $(seq 5); do echo "p$i@example.org"; done)" ]
}

@test "SIGINT and SIGHUP do the same; who is told to ignore one goes on" {
	begin 2 --dot-ms 300
	(trap '' HUP; exec pipe-tick) &
	tick=$!
	until [ -s log ]; do kill -0 $tick; done
	kill -HUP $tick
	wait $tick
	[ "$(taken | wc -l)" -eq 2 ]
	contactctl add -q --enroll welcome late@example.org
	: >log
	(trap - INT HUP; exec env --default-signal=INT pipe-tick) &
	tick=$!
	until [ -s log ]; do kill -0 $tick; done
	kill -INT $tick
	ended_by 2
	[ "$(ask "SELECT group_concat(DISTINCT state) FROM message")" = sent ]
}

@test "the same signal again ends it at once; then the mail is in doubt" {
	begin 1 --silent dot
	start_tick
	while kill -TERM $tick 2>/dev/null; do :; done
	ended_by 15
	pipe-tick
	[ "$(ask "SELECT state FROM message")" = in-doubt ]
	[ "$(taken | wc -l)" -eq 1 ]
}
