#!/usr/bin/env bats
# A secret goes from its file to the server and nowhere else: not into the database, a log, an argument, the environment of
# a program, what is printed, or a core.

NINE=2026-06-29T09:00:00+02:00 # a Monday

secret=canary-7f3a9c51
plain=AGhlbGxvAGNhbmFyeS03ZjNhOWM1MQ== # of AUTH PLAIN: NUL hello NUL the secret

setup() {
	PATH=$PW_BUILD/bin:$PATH
	command -v strace >/dev/null || skip 'strace is not installed'
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$PWD/t.db
	printf '%s\n' "$secret" >password
	chmod 600 password
	pipectl init -q --team sales --now "$NINE"
}

teardown() {
	exec 7>&- # ends the sink
}

# start_sink USER:PASSWORD OPTION...: the port is in $port
start_sink() {
	mkfifo stop
	"$PW_BUILD/tests/smtp_sink" --until-eof --auth "$@" <stop >port 3>&- 7>&- &
	exec 7>stop
	until [ -s port ]; do :; done
	port=$(head -n 1 port)
}

# mailbox LINE: a pipeline that sends one mail from a mailbox with this line about its login
mailbox() {
	pipectl apply -q --now "$NINE" - <<-END
		kind: Mailbox
		name: hello
		from: hello@example.com
		smtp: {url: 'smtp://127.0.0.1:$port', user: hello, $1, tls: none}
		---
		kind: Pipeline
		name: greet
		mailbox: hello
		enroll: {new_contacts: true}
		steps: [{email: {subject: "Hi", text: "Hello"}}]
	END
	contactctl add -q --now "$NINE" a@example.org
}

# All system calls by which something is written or run, but for what goes to the server; whole. (Who is watched cannot
# look for leaks.)
tick() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -v -s 100000 -e trace=execve,write,writev,pwrite64,pwritev,setrlimit,prlimit64,rename,unlink,openat \
		-o trace pipe-tick -v --now "$NINE" "$@" >said 2>&1
}

nowhere() {
	pipectl export >exported
	pipectl show mailbox/hello >shown
	pipectl events --all --json >events
	pipectl check >checked 2>&1 || true
	pipectl why a@example.org >why 2>&1 || true
	rm -f copy.db*
	pipectl backup -q copy.db
	if grep -l -e "$secret" -e "$plain" -r --exclude=password --exclude=port --exclude-dir=spool . | grep -v '^./password$'; then
		return 1
	fi
	grep -q 'RLIMIT_CORE, {rlim_cur=0' trace
}

@test "a password from a file that logs in" {
	start_sink "hello:$secret"
	mailbox "password_file: $PWD/password"
	tick
	[ "$(pipectl events --all --type email.sent --json | wc -l)" = 1 ]
	grep -q pipe-worker trace
	nowhere
}

@test "a password from a command that logs in" {
	start_sink "hello:$secret"
	mailbox "password_command: cat $PWD/password"
	tick
	[ "$(pipectl events --all --type email.sent --json | wc -l)" = 1 ]
	grep -v 'write(1, "canary' trace >trace.others # the command itself hands it to us through a pipe
	mv trace.others trace
	nowhere
}

@test "a password that the server does not take, and one in a file that others may read" {
	start_sink hello:other
	mailbox "password_file: $PWD/password"
	tick || true
	[ "$(pipectl events --all --type email.sent --json | wc -l)" = 0 ]
	nowhere
	chmod 644 password
	tick --login hello || true
	nowhere
}

@test "this test sees a secret that was written somewhere" {
	start_sink "hello:$secret"
	mailbox "password_file: $PWD/password"
	tick
	contactctl set -q --now "$NINE" a@example.org "last_name=$secret"
	run nowhere
	[ "$status" = 1 ]
	[[ $output == *./exported* || $output == *./t.db* ]]
}
