#!/usr/bin/env bats
# Which database and team a program uses, and who may do what there. Tried with cli_sample, as usage.bats.

setup() {
	PATH=$PW_BUILD/tests:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	# LeakSanitizer cannot look into a set-group-id process.
	export ASAN_OPTIONS=detect_leaks=0 HOME=$BATS_TEST_TMPDIR XDG_DATA_HOME='' PIPEWRIGHT_DB=$BATS_TEST_TMPDIR/t.db
	me=$(id -un)
}

run_both() {
	status=0
	output=$("$@" 2>err) || status=$?
	err=$(cat err)
}

@test "the only team of the caller is used, with its zone" {
	cli_sample make sales "$me:member" support nobody:admin
	run_both cli_sample where --now "2026-07-01 09:30"
	[ "$status" = 0 ]
	[[ $output == *$'\nteam sales in Europe/Berlin\nnow 1782891000' ]]
}

@test "a team without a zone is in UTC" {
	cli_sample make utc "$me:admin"
	run_both cli_sample where --now "2026-07-01 09:30"
	[[ $output == *$'\nteam utc in UTC\nnow 1782898200' ]]
}

@test "several teams: 64, naming them; --team and PIPEWRIGHT_TEAM choose, --team first" {
	cli_sample make sales "$me:member" support "$me:admin"
	run_both cli_sample where
	[ "$status" = 64 ]
	[ "$err" = "cli_sample: there are several teams (sales, support): say --team NAME or set PIPEWRIGHT_TEAM" ]
	run_both cli_sample where --team support
	[[ $output == *$'\nteam support in '* ]]
	PIPEWRIGHT_TEAM=sales run_both cli_sample where
	[[ $output == *$'\nteam sales in '* ]]
	PIPEWRIGHT_TEAM=sales run_both cli_sample where --team support
	[[ $output == *$'\nteam support in '* ]]
	PIPEWRIGHT_TEAM='' run_both cli_sample where
	[ "$status" = 64 ]
}

@test "the owner of the database may use every team of it, and has the rights of an admin" {
	cli_sample make sales nobody:member
	run_both cli_sample where
	[[ $output == *"caller $me owner admin"*$'\nteam sales in '* ]]
	run_both cli_sample admin --team sales
	[ "$status" = 0 ]
	run_both cli_sample owner
	[ "$status" = 0 ]
	run_both cli_sample where --team slaes
	[ "$status" = 67 ]
	[ "$err" = "cli_sample: no team 'slaes'; did you mean 'sales'?" ]
}

@test "a database without a team says how to add one, status 78" {
	cli_sample make
	run_both cli_sample where
	[ "$status" = 78 ]
	[ "$err" = "cli_sample: the database has no team; 'pipectl init --team NAME' adds one" ]
}

@test "a file that is no database is refused, and nothing is written to it" {
	echo "a text" >t.db
	run_both cli_sample where
	[ "$status" = 78 ]
	[ "$(cat t.db)" = "a text" ]
}

# as ACCOUNT COMMAND...: on a database that everybody may write
as() {
	run_both setpriv --reuid "$1" --clear-groups "$open/cli_sample" "${@:2}" --db "$open/t.db"
}

open_database() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	open=$(mktemp -d)
	install "$(command -v cli_sample)" "$open"
	cli_sample make --db "$open/t.db" sales daemon:admin support nobody:member
	chmod -R a+rwX "$open"
}

teardown() {
	[ -z "${open:-}" ] || rm -r "$open"
}

@test "members and admins of one team; what is not theirs does not exist" {
	open_database
	as nobody where
	[[ $output == *"caller nobody"$'\nteam support in '* ]]
	as nobody admin
	[ "$status" = 77 ]
	[ "$err" = "cli_sample: only an admin of team 'support' may do this" ]
	as daemon admin
	[ "$status" = 0 ]
	as daemon owner
	[ "$status" = 77 ]
	[ "$err" = "cli_sample: only the owner of '$open/t.db' or root may do this" ]
	for team in sales no-such-team; do
		as nobody where --team "$team"
		[ "$status" = 77 ]
		[ "$err" = "cli_sample: 'nobody' is in no team '$team'" ]
	done
	as games where
	[ "$status" = 77 ]
	[ "$err" = "cli_sample: 'games' is in no team; an admin adds members to the Team document" ]
	as 54321 where
	[ "$status" = 77 ]
	[ "$err" = "cli_sample: the user id 54321 has no account" ]
	as 54321 help
	[ "$status" = 0 ]
}

# A machine of its own as far as /var/lib goes, where cli_sample is installed set-group-id.
set_group_id() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	! ldd "$(command -v cli_sample)" | grep -q libasan || skip "LeakSanitizer cannot look into such a process"
	unshare -m mount -t tmpfs tmpfs /var/lib 2>/dev/null || skip "may not mount"
	# what runs inside prints "STATUS STDOUT STDERR" for each call of `try`
	# shellcheck disable=SC2016 # expanded inside
	unshare -m bash -euc '
		mount -t tmpfs tmpfs /var/lib
		mkdir -m 770 /var/lib/pipewright
		chown games:games /var/lib/pipewright
		install -g games -m 2755 "$1" /var/lib/tool
		install -m 755 "$1" /var/lib/plain
		cd /var/lib
		unset PIPEWRIGHT_DB
		setpriv --reuid games --regid games --clear-groups ./plain make sales nobody:member --db "$PWD/pipewright/pipewright.db"
		chmod 660 pipewright/pipewright.db
		printf "secret" >group-only
		chown root:games group-only
		chmod 640 group-only
		set +e
		call() { (ulimit -c unlimited; setpriv --reuid nobody --regid nogroup --clear-groups "$@" 2>&1; echo "status $?"); }
		eval "$2"
	' - "$(command -v cli_sample)" "$1"
}

@test "set-group-id: the shared database is used with the rights of its group" {
	set_group_id 'call ./tool where; call ./plain where' >got
	cat got
	[ "$(cat got)" = "database /var/lib/pipewright/pipewright.db shared
caller nobody
team sales in Europe/Berlin
now 0
status 0
cli_sample: '/var/lib/pipewright/pipewright.db': Permission denied
status 77" ]
}

@test "set-group-id: files that the caller names are opened with the caller's own rights" {
	set_group_id 'call ./tool read group-only; call ./tool size group-only; chmod o+r group-only; call ./tool read group-only
		call ./tool where --db group-only' >got
	cat got
	[ "$(grep -c "^cli_sample: 'group-only': Permission denied" got)" = 2 ]
	[ "$(grep -c "^status 66" got)" = 2 ]
	grep -q "^group-only 6$" got
	grep -q "^status 78" got
}

@test "set-group-id: the environment is a new one, no core, umask 007; rights are given up where none are needed" {
	set_group_id 'export SQLITE_TMPDIR=/x LD_PRELOAD="" TZ=Mars LANG=de; call ./tool process
		call ./tool free | head -n 2' >got
	cat got
	[ "$(cat got)" = "privileged
umask 007
core none
PATH=/usr/bin:/bin
LC_ALL=C.UTF-8
status 0
unprivileged
umask 077" ]
}

@test "set-group-id: --now and other databases are not for these rights" {
	set_group_id 'call ./tool where --now 2026-07-01; cd /tmp; cp -r /var/lib/pipewright /var/lib/own
		chown -R nobody /var/lib/own; chmod 755 /var/lib/own; chmod 600 /var/lib/own/*
		call /var/lib/tool process --db /var/lib/own/pipewright.db --now 2026-07-01 | head -n 3' >got
	cat got
	[ "$(cat got)" = "cli_sample: '--now' is not for a shared database
status 77
unprivileged
umask 077
core none" ]
}
