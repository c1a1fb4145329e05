#!/usr/bin/env bats
# The tutorial of pipewright(7), executed word by word in a fresh folder; what the page shows is what is printed.

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	unset PIPEWRIGHT_DB PIPEWRIGHT_TEAM
}

transcript() {
	python3 "$PW_TOP/tests/cli/transcript.py" "$@"
}

@test "S0.1 S0.3 S0.4 S0.17 S0.19 the tutorial of pipewright(7) does what it shows" {
	transcript 80 "$PW_TOP/man/pipewright.7"
	[ "$(find tutorial/outbox/new -type f | wc -l)" = 5 ]
}

@test "the tutorial's other displays: the mailbox for real is a good document" {
	awk '/^\.Bd -literal -offset indent/ { on = 1; next } /^\.Ed/ { on = 0 } on' "$PW_TOP/man/pipewright.7" >mailbox.yaml
	run pipectl validate mailbox.yaml
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

@test "transcript.py sees what is wrong: another output, a failure without a word, no command at all" {
	printf '.Sh TUTORIAL\n.Bd -literal\n$ echo one\ntwo\n$ false\n$ echo a...c\na...c\n.Ed\n.Sh END\n' >page.1
	run transcript 80 page.1
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "3 commands, 2 wrong" ]
	printf '.Sh TUTORIAL\n.Sh END\n' >empty.1
	run transcript 80 empty.1
	[ "$status" = 1 ]
	printf '$ echo xabcx\nx...x\n$ true\n' >text
	transcript 80 text
	printf '$ true\nsomething\n' >text
	run transcript 80 text
	[ "$status" = 1 ]
}
