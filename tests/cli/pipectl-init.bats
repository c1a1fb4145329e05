#!/usr/bin/env bats
# pipectl init: the database and its teams.

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$BATS_TEST_TMPDIR/t.db PIPEWRIGHT_TEAM='' LC_ALL=C.UTF-8
	me=$(id -un)
}

run_both() {
	status=0
	output=$("$@" 2>err </dev/null) || status=$?
	err=$(cat err)
}

@test "S0.21 init makes the database once, and adds teams to it" {
	run_both pipectl init
	[ "$status" = 0 ]
	[ "$output" = "created database $PIPEWRIGHT_DB
created team main with $me as its admin" ]
	run_both pipectl init --team sales
	[ "$output" = "created team sales with $me as its admin" ]
	run_both pipectl init --team sales
	[ "$status" = 0 ]
	[ "$output$err" = "team/sales unchanged" ]
}

@test "init -n prints the same and makes nothing" {
	run_both pipectl init -n --team sales
	[ "$status" = 0 ]
	[ "$output" = "created database $PIPEWRIGHT_DB
created team sales with $me as its admin" ]
	[ ! -e t.db ]
	pipectl init -q
	run_both pipectl init -n --team sales
	[ "$output" = "created team sales with $me as its admin" ]
	run_both pipectl --team sales list
	[ "$status" = 67 ]
	run_both pipectl init -n --team main
	[ "$output" = "team/main unchanged" ]
}

@test "a name that is none leaves no database behind" {
	run_both pipectl init --team 'Bad Name'
	[ "$status" = 65 ]
	[ "$err" = "pipectl: 'Bad Name' is no name for a team: write small letters, digits and '-'" ]
	run_both pipectl init --team default
	[ "$status" = 65 ]
	[ ! -e t.db ]
	run_both pipectl init --db none/t.db
	[ "$status" = 73 ]
}

@test "B21 only the owner of a database adds teams to it" {
	[ "$(id -u)" = 0 ] || skip "needs another account"
	shared=$(mktemp -d)
	export PIPEWRIGHT_DB=$shared/t.db
	pipectl init -q
	chmod 711 "$shared"
	chmod 666 "$shared/t.db"
	status=0
	output=$(setpriv --reuid nobody --regid nogroup --clear-groups pipectl init --team mine 2>&1) || status=$?
	rm -r "$shared"
	[ "$status" = 77 ]
	[ "$output" = "pipectl: only the owner of '$PIPEWRIGHT_DB' or root may do this" ]
}
