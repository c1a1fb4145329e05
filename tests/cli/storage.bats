#!/usr/bin/env bats
# Storage that is full, cannot be written, is of another time: what the programs say, and that no mail goes twice.
# Ticks run in real time here: what a tick remembers beside the database is not for rehearsals.

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$PWD/t.db
}

run_both() {
	status=0
	output=$("$@" 2>err </dev/null) || status=$?
	err=$(cat err)
}

ask() {
	sqlite3 "$PIPEWRIGHT_DB" "$1"
}

# A database with a pipeline that writes to everybody who is new.
make_database() {
	pipectl init -q --team sales
	pipectl apply -q - <<-END
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
	contactctl add -q anna@example.org
}

# shellcheck disable=SC2120 # also called in texts that another shell runs
mails() {
	find . -path '*/out/new/*' -type f | wc -l
}

# inside COMMAND: in a file system of its own at disk/, of 700 kB
inside() {
	if ! unshare -m true 2>/dev/null; then
		skip 'needs root, to mount a file system of its own'
	fi
	mkdir -p disk
	unshare -m bash -c "set -e
		mount -t tmpfs -o size=700k,mode=700 none disk
		export PIPEWRIGHT_DB=$PWD/disk/t.db
		$(declare -f make_database mails run_both)
		$1"
}

@test "B12 a copy that is put back by hand holds everything until it is accepted" {
	make_database
	pipe-tick
	cp t.db old.db
	contactctl add -q bob@example.org
	contactctl add -q carl@example.org
	pipe-tick
	[ "$(mails)" = 3 ]
	rm -f t.db t.db-wal t.db-shm
	cp old.db t.db
	contactctl add -q bob@example.org
	run_both pipe-tick
	[ "$status" = 78 ]
	[[ $err == *'older than at the last tick'*'pipectl restore --accept' ]]
	run_both pipe-tick
	[ "$status" = 75 ]
	[ "$err" = '' ]
	[ "$(mails)" = 3 ]
	run_both pipectl restore --accept
	[ "$status" = 0 ]
	pipe-tick
	[ "$(mails)" = 3 ]
	[ "$(ask "SELECT state FROM message WHERE rcpt_to = 'bob@example.org'")" = in-doubt ]
	contactctl add -q dora@example.org
	pipe-tick
	[ "$(mails)" = 4 ]
}

@test "B12 a new database in the place of one that is gone begins anew" {
	make_database
	pipe-tick
	rm -f t.db t.db-wal t.db-shm
	make_database
	run_both pipe-tick
	[ "$status" = 0 ]
	[ "$err" = '' ]
	[ "$(mails)" = 2 ]
}

@test "B12 a full disk is told, nothing is lost of what was told to be done, and it goes on when there is room" {
	inside '
		make_database
		dd if=/dev/zero of=disk/filler bs=1k 2>/dev/null || true
		run_both contactctl add -q bob@example.org
		[ "$status" = 74 ]
		[[ $err == *": the disk is full" ]]
		run_both pipe-tick
		[ "$status" != 0 ]
		rm disk/filler
		contactctl add -q carl@example.org
		pipe-tick
		[ "$(mails)" = 2 ]
		[ "$(sqlite3 disk/t.db "PRAGMA integrity_check")" = ok ]
	'
}

@test "B12 a file system that cannot be written is told" {
	inside '
		make_database
		pipectl runs >/dev/null
		mount -o remount,ro disk
		run_both contactctl add -q bob@example.org
		[ "$status" != 0 ]
		[ -n "$err" ]
		run_both pipe-tick
		[ "$status" != 0 ]
		[ -n "$err" ]
		mount -o remount,rw disk
		pipe-tick
		[ "$(mails)" = 1 ]
	'
}

@test "B12 the database of a newer version is refused and left as it is" {
	make_database
	"$PW_BUILD/tests/sql" t.db 'PRAGMA user_version = 99'
	for program in 'contactctl list' 'pipectl runs' 'contactctl add x@example.org' pipe-tick; do
		run_both $program
		[ "$status" = 78 ]
		[[ $err == *'is of a newer pipewright'* ]]
	done
	[ "$(ask 'PRAGMA user_version')" = 99 ]
	[ "$(ask 'SELECT count(*) FROM contact')" = 1 ]
}

@test "a page that is not as it was written: all say so, nothing is sent; what can be read is saved and put back" {
	make_database
	page=$(ask "SELECT rootpage FROM sqlite_master WHERE name = 'queue'")
	printf 'x' | dd of=t.db bs=1 seek=$(((page - 1) * 4096 + 2000)) conv=notrunc status=none
	for program in pipe-tick 'pipectl queue' 'pipectl backup x.db'; do
		run_both $program
		[ "$status" = 78 ]
		[[ $err == *"t.db is damaged: page $page is not as it was written; bring a backup back: pipectl restore" ]]
	done
	run_both pipectl check --full
	[ "$status" = 2 ]
	[[ $output == *"page $page is not as it was written"* ]]
	[ "$(mails)" = 0 ]
	[ ! -e x.db ]
	sqlite3 t.db "VACUUM INTO 'mended.db'"
	run_both pipectl restore -y mended.db
	[ "$status" = 0 ]
	run_both pipectl check --full
	[[ $output != *damaged* ]]
}

@test "another program looks at the database and does not write into it" {
	make_database
	run_both sqlite3 t.db "UPDATE contact SET suppressed = 1"
	[ "$status" != 0 ]
	[[ $err == *readonly* ]]
	[ "$(ask 'SELECT suppressed FROM contact')" = 0 ]
	pipe-tick
	[ "$(mails)" = 1 ]
}

@test "a log of dead programs that has changed is told, and nothing is lost without a word" {
	make_database
	coproc reader { sqlite3 t.db; }
	echo 'SELECT 1 FROM contact LIMIT 1;' >&"${reader[1]}"
	read -r -u "${reader[0]}" _
	for n in 1 2 3; do
		contactctl add -q "p$n@example.org"
	done
	mkdir left
	cp t.db t.db-wal left
	eval "exec ${reader[1]}>&-"
	cp -r left changed
	printf 'x' | dd of=changed/t.db-wal bs=1 seek=3000 conv=notrunc status=none
	for program in pipe-tick 'contactctl list'; do
		run_both $program --db changed/t.db
		[ "$status" = 78 ]
		[[ $err == *"changed/t.db-wal is damaged: its frame 1 is not as it was written; bring a backup back: pipectl restore" ]]
	done
	[ "$(mails)" = 0 ]
	run_both pipectl backup --db t.db b.db
	run_both pipectl restore --db changed/t.db -y b.db
	[ "$status" = 0 ]
	run_both contactctl list --db left/t.db
	[ "$(wc -l <<<"$output")" = 4 ]
}

@test "who may not write is told which file it is: the database, what an earlier program left beside it, or the folder" {
	[ "$(id -u)" = 0 ] || skip "needs another account"
	folder=$(mktemp -d)
	chown nobody "$folder"
	as_nobody() {
		run_both setpriv --reuid nobody --regid nogroup --clear-groups env PIPEWRIGHT_DB="$folder/t.db" "$@"
	}
	as_nobody pipectl init -q
	chmod 444 "$folder/t.db"
	as_nobody contactctl add a@example.com
	first="$status $err"
	chmod 600 "$folder/t.db"
	as_nobody contactctl add a@example.com
	second="$status $err"
	rm -f "$folder"/t.db-*
	chmod 555 "$folder"
	as_nobody contactctl add a@example.com
	third="$status $err"
	rm -r "$folder"
	[ "$first" = "77 contactctl: $folder/t.db may not be written: Permission denied" ]
	[[ $second == "77 contactctl: $folder/t.db-"???" may not be written: Permission denied" ]]
	[ "$third" = "77 contactctl: $folder/ may not be written: Permission denied" ]
}
