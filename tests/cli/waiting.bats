#!/usr/bin/env bats
# A tick that waits for an answer keeps all others out: meanwhile it does what they would do. Its clock is hastened
# (tests/torture/preload/haste.c); five minutes are six seconds.

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$PWD/t.db
	coproc sink { exec "$PW_BUILD/tests/smtp_sink" --until-eof --log "$PWD/log" --silent dot/deaf; }
	read -r -u "${sink[0]}" port
	pipectl init -q --team sales
	pipectl apply -q - <<-END
		kind: Mailbox
		name: slow
		from: Slow <slow@example.com>
		smtp: {url: 'smtp://127.0.0.1:$port', tls: none}
		---
		kind: Mailbox
		name: fast
		from: Fast <fast@example.com>
		smtp: {url: 'smtp://127.0.0.1:$port', tls: none}
		---
		kind: Pipeline
		name: at-slow
		ignore: [replied]
		mailbox: slow
		steps: [{email: {subject: One, text: First.}}, {wait: 1 minute}, {email: {subject: Two, text: Second.}}]
		---
		kind: Pipeline
		name: at-fast
		ignore: [replied]
		mailbox: fast
		steps: [{email: {subject: One, text: First.}}, {wait: 2 minutes}, {tag: waited}, {wait: 1 minute}, {email: {subject: Two, text: Second.}}]
	END
}

teardown() {
	eval "exec ${sink[1]}>&-"
}

hastened() {
	PW_HASTE_CLOCK=1 PW_HASTE_LOG=lived LD_PRELOAD=$PW_BUILD/preload/haste.so "$@"
}

# What was taken, in order: recipient and subject.
taken() {
	sed 's/.*"rcpt":"\([^@]*\)@.*"subject":"\([^"]*\)".*/\1 \2/' log
}

ask() {
	sqlite3 t.db "$1"
}

@test "while a server keeps its answer, other lanes and steps go on when they are due, for minutes" {
	contactctl add -q deaf@example.org --enroll at-slow
	contactctl add -q anna@example.org --enroll at-fast
	hastened pipe-tick
	[ "$(taken | sort)" = $'anna One\nanna Two\ndeaf One' ]
	[ "$(ask "SELECT status || ' ' || reason FROM run ORDER BY id")" = $'blocked in-doubt\ncompleted ' ]
	[ "$(cat lived)" -ge 300000 ]
	[ "$(cat lived)" -lt 400000 ]
	[ "$(ask "SELECT max(changed_at) - min(changed_at) BETWEEN 180 AND 190 FROM message WHERE state = 'sent'")" = 1 ]
}

@test "a lane whose server has not answered gets no more; the next tick goes on with it" {
	contactctl add -q anna@example.org --enroll at-slow
	contactctl add -q deaf@example.org --enroll at-slow
	hastened pipe-tick
	[ "$(taken | sort)" = $'anna One\ndeaf One' ]
	[ "$(ask "SELECT status || ' ' || reason FROM run ORDER BY id")" = $'running \nblocked in-doubt' ]
	[ "$(ask "SELECT count(*) FROM queue")" = 1 ]
}
