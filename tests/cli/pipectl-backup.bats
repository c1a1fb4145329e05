#!/usr/bin/env bats
# pipectl backup, restore, upgrade.

load runs

setup() {
	runs_setup
}

# anna got her first mail, the second is due on Wednesday at 9; then a backup is made.
with_backup() {
	with_people
	do_at 9:00 pipe-tick
	do_at 9:10 pipectl backup b.db
}

@test "B12 backup: a whole database in one file, while everything goes on" {
	with_people
	at 9:10 pipectl backup b.db
	[ "$status" = 0 ]
	[ "$output" = "backup b.db written" ]
	[ "$(stat -c %a b.db)" = 600 ]
	[ ! -e b.db-wal ]
	at 9:11 pipectl runs --db b.db
	[ "$(wc -l <<<"$output")" = 2 ]
	do_at 9:11 pipe-tick
	[ "$(mails)" = "Welcome, Anna" ]
	at 9:12 pipectl backup b.db
	[ "$status" = 73 ]
	[ "$err" = "pipectl: b.db exists already" ]
	at 9:12 pipectl backup -n c.db
	[ "$output" = "backup c.db written" ]
	[ ! -e c.db ]
}

@test "B12 backup: not of a damaged database, and nothing is left of a copy that failed" {
	root=$(sql "SELECT rootpage FROM sqlite_master WHERE name = 'team'")
	sql 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	printf '\377\377\377\377' | dd of=t.db bs=1 seek=$(((root - 1) * 4096 + 8)) conv=notrunc status=none
	run_both pipectl backup b.db
	[ "$status" != 0 ]
	[ ! -e b.db ]
	run_both pipectl backup missing/b.db
	[ "$status" != 0 ]
}

@test "restore: the old database is kept, and nothing is sent until it is accepted" {
	with_backup
	do_at 9:30 contactctl add -q late@example.org
	at 07-02T8:00 pipectl restore b.db
	[ "$status" = 1 ]
	[ "$err" = "pipectl: Replace $BATS_TEST_TMPDIR/t.db by a backup of 2026-06-29T07:10:00Z? Say -y: nobody can be asked here" ]
	at 07-02T8:00 pipectl restore -n b.db
	[ "$output" = "database $BATS_TEST_TMPDIR/t.db restored (a backup of 2026-06-29T07:10:00Z)" ]
	at 9:31 pipectl events --contact late@example.org
	[ "$status" = 0 ]
	at 07-02T8:00 pipectl restore -y b.db
	[ "$status" = 0 ]
	[ "$output" = "database $BATS_TEST_TMPDIR/t.db restored (a backup of 2026-06-29T07:10:00Z)" ]
	[[ $err == *"what was there is kept as $BATS_TEST_TMPDIR/t.db.2026-07-02T06:00:00Z"* ]]
	[[ $err == *"run: pipectl restore --accept"* ]]
	[ ! -e t.db.restore ]
	at 07-02T8:00 pipectl events --contact late@example.org
	[ "$status" = 67 ]
	at 07-02T8:00 pipectl events --db t.db.2026-07-02T06:00:00Z --contact late@example.org
	[ "$status" = 0 ]
	at 07-02T8:01 pipe-tick
	[ "$status" = 75 ]
	[ "$(mails)" = "Welcome, Anna" ]
	at 07-02T8:01 pipectl why "$anna"
	[[ $output != *"it goes with the next tick"* ]]
	[[ $output == *"a backup of 2026-06-29T07:10:00Z was restored at 2026-07-02T06:00:00Z: nothing at all is sent
      pipectl restore --accept"* ]]
}

@test "B1 restore --accept: what was due since the backup is in doubt, and never sent silently" {
	with_backup
	do_at 07-02T8:00 pipectl restore -y b.db
	do_at 07-02T8:00 pipectl restore -n --accept
	[[ $output == *"(1 mail in doubt, 0 steps done)" ]]
	at 07-02T8:00 pipectl restore --accept
	[ "$status" = 0 ]
	[ "$output" = "database $BATS_TEST_TMPDIR/t.db accepted (1 mail in doubt, 0 steps done)" ]
	do_at 07-02T8:01 pipe-tick
	[ "$(mails)" = "Welcome, Anna" ]
	at 07-02T8:02 pipectl runs --reason in-doubt
	[ "$(cut -f 1,5,7 <<<"$output")" = "$anna"$'\tblocked\tfeatures' ]
	message=$(sql "SELECT id FROM message WHERE state = 'in-doubt'")
	[ "$(sql "SELECT subject FROM message WHERE id = $message")" = Features ]
	do_at 07-02T8:02 pipectl settle "$message" resend
	do_at 07-02T9:03 pipe-tick
	[ "$(mails)" = "Features,Welcome, Anna" ]
	at 07-02T9:04 pipectl restore --accept
	[ "$status" = 0 ]
	[ "$output" = "database $BATS_TEST_TMPDIR/t.db unchanged (no restored backup waits for this)" ]
}

@test "B1 restore --accept: steps without mail that were due are done as of then, up to the mail behind them" {
	sed -i '/^name: short/,$ s/^steps:/&\n  - wait: 1 hour\n  - tag: waited/' documents.yaml
	do_at 9:00 pipectl apply -q documents.yaml
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	do_at 9:00 contactctl add -q dora@example.org
	do_at 9:10 pipectl backup b.db
	do_at 11:00 contactctl enroll -q short dora@example.org
	do_at 12:00 pipectl restore -y --accept b.db
	[ "$output" = "database $BATS_TEST_TMPDIR/t.db restored (a backup of 2026-06-29T07:10:00Z)
database $BATS_TEST_TMPDIR/t.db accepted (1 mail in doubt, 1 step done)" ]
	at 12:00 pipectl events --type contact.tagged
	[ "$(cut -f 2 <<<"$output")" = 2026-06-29T08:00:00Z ]
	at 12:00 pipectl runs
	[ "$(cut -f 2,5,6,7 <<<"$output")" = $'anna@example.org\tblocked\tin-doubt\tonly' ]
	do_at 12:01 pipe-tick
	[ "$(mails)" = "" ]
}

# The lost database resumed the pipeline and sent the mail that was due on Wednesday at 9; then the backup comes back.
lose_what_was_resumed() {
	do_at 07-01T9:20 pipectl resume onboarding
	do_at 07-01T9:21 pipe-tick
	[ "$(mails)" = "Features,Welcome, Anna" ]
	do_at 07-01T10:00 pipectl restore -y --accept b.db
	[[ $output == *"(1 mail in doubt, 0 steps done)" ]]
	at 07-01T10:01 pipectl runs --reason in-doubt
	[ "$(cut -f 5,7 <<<"$output")" = $'blocked\tfeatures' ]
	do_at 07-01T10:01 pipectl resume onboarding
	do_at 07-01T10:02 pipe-tick
	[ "$(mails)" = "Features,Welcome, Anna" ]
}

@test "B1 restore --accept: a pipeline that was paused may have been resumed since" {
	with_people
	do_at 9:00 pipe-tick
	do_at 9:05 pipectl pause onboarding
	do_at 9:10 pipectl backup b.db
	lose_what_was_resumed
}

@test "B1 restore --accept: and so for what had been left aside for it" {
	with_people
	do_at 9:00 pipe-tick
	do_at 9:05 pipectl pause onboarding
	do_at 07-01T9:05 pipe-tick
	[ "$(sql "SELECT count(*) FROM lane l JOIN queue q ON q.lane = l.id WHERE l.kind = 'parked'")" = 1 ]
	do_at 07-01T9:10 pipectl backup b.db
	lose_what_was_resumed
}

@test "B1 restore --accept: what a tick had in hand when the backup was made is in doubt as well" {
	with_sendmail
	do_at 9:00 contactctl add -q anna@example.org --enroll short
	printf 'sqlite3 %q "VACUUM INTO '"'%s'"'"\n' "$PIPEWRIGHT_DB" "$BATS_TEST_TMPDIR/raw.db" >answer
	do_at 9:01 pipe-tick
	sqlite3 raw.db 'PRAGMA journal_mode = WAL' >/dev/null
	[ "$(sqlite3 raw.db 'SELECT state FROM message')" = offered ]
	do_at 9:02 pipectl restore -y --accept raw.db
	[[ $output == *"restored (a copy of unknown age)"*"1 mail in doubt"* ]]
	do_at 9:03 pipe-tick
	[ "$(grep -c ^Subject sent)" = 1 ]
	at 9:04 pipectl runs
	[ "$(cut -f 5,6 <<<"$output")" = $'blocked\tin-doubt' ]
}

@test "backup --final: nothing is sent from the old one any more, the new one goes on without anything in doubt" {
	with_people
	do_at 9:00 pipe-tick
	at 9:10 pipectl backup --final moved.db
	[ "$status" = 0 ]
	[ "$output" = "backup moved.db written (nothing is sent from this database any more)" ]
	at 07-01T9:00 pipe-tick
	[ "$status" = 75 ]
	[ "$(mails)" = "Welcome, Anna" ]
	at 07-01T9:00 pipectl check --blocked 9
	[ "$status" = 1 ]
	[[ $output == *"nothing is sent: this database was handed over by 'pipectl backup --final' at 2026-06-29T07:10:00Z"* ]]
	at 9:11 pipectl backup --final again.db
	[ "$status" = 1 ]
	[ ! -e again.db ]
	do_at 9:12 pipectl restore --db new.db moved.db
	[ "$output" = "database new.db restored (the final backup of 2026-06-29T07:10:00Z)" ]
	[ "$err" = "" ]
	do_at 07-01T9:01 pipe-tick --db new.db
	[ "$(mails)" = "Features,Welcome, Anna" ]
}

@test "restore into a new place; a plain backup waits there too" {
	with_backup
	do_at 9:11 pipectl restore --db new.db b.db
	at 9:12 pipe-tick --db new.db
	[ "$status" = 75 ]
	do_at 9:12 pipectl restore --accept --db new.db
	do_at 9:13 pipe-tick --db new.db
}

@test "restore: when a tick is at work 75; what is no backup, or not a whole one, is refused" {
	with_backup
	run_both flock t.db.lock pipectl restore -y b.db
	[ "$status" = 75 ]
	echo "a text" >text
	run_both pipectl restore -y text
	[ "$status" = 65 ]
	[ "$err" = "pipectl: text is damaged or not a pipewright database: file is not a database" ]
	run_both pipectl restore -y none.db
	[ "$status" = 66 ]
	cp b.db damaged.db
	root=$(sqlite3 b.db "SELECT rootpage FROM sqlite_master WHERE name = 'team'")
	printf '\377\377\377\377' | dd of=damaged.db bs=1 seek=$(((root - 1) * 4096 + 8)) conv=notrunc status=none
	run_both pipectl restore -y damaged.db
	[ "$status" = 65 ]
	[[ $err == "pipectl: damaged.db"* ]]
	cp b.db busy.db
	echo x >busy.db-wal
	run_both pipectl restore -y busy.db
	[ "$status" = 65 ]
	[ ! -e t.db.restore ]
	run_both pipectl restore
	[ "$status" = 64 ]
	at 9:11 pipectl runs --contact anna@example.org
	[ "$status" = 0 ]
}

@test "restore works over a database that is destroyed, and keeps what is left of it" {
	with_backup
	echo "nothing but text" >t.db
	rm -f t.db-wal t.db-shm
	do_at 9:20 pipectl restore -y b.db
	at 9:21 pipectl runs --contact anna@example.org
	[ "$status" = 0 ]
	[ "$(cat t.db.2026-06-29T07:20:00Z)" = "nothing but text" ]
	at 9:21 pipe-tick
	[ "$status" = 75 ]
}

@test "B12 upgrade: nothing to do is said; an older database is backed up and brought up to date" {
	run_both pipectl upgrade
	[ "$status" = 0 ]
	[[ $output == "database $BATS_TEST_TMPDIR/t.db unchanged (schema "*" is the newest)" ]]
	[ ! -e t.db.bak ]
	sqlite3 old.db '.filectrl reserve_bytes 8' 'PRAGMA journal_mode = WAL; PRAGMA application_id = 0x70697065; PRAGMA user_version = 0; CREATE TABLE x (y)' >/dev/null
	run_both pipectl runs --db old.db
	[ "$status" = 78 ]
	[[ $err == *"run: pipectl upgrade" ]]
	run_both pipectl upgrade -n --db old.db
	[[ $output == "database old.db upgraded (schema 0 to "*"; what it was is kept as old.db.bak)" ]]
	[ ! -e old.db.bak ]
	run_both pipectl upgrade --db old.db
	[ "$status" = 0 ]
	[ "$(sqlite3 old.db.bak 'PRAGMA user_version')" = 0 ]
	[ "$(sqlite3 old.db 'PRAGMA user_version')" != 0 ]
	run_both pipectl upgrade --db old.db
	[[ $output == "database old.db unchanged"* ]]
}

@test "B12 upgrade: one that fails changes nothing" {
	sqlite3 old.db '.filectrl reserve_bytes 8' 'PRAGMA journal_mode = WAL; PRAGMA application_id = 0x70697065; PRAGMA user_version = 0; CREATE TABLE contact (y)' >/dev/null
	run_both pipectl upgrade --db old.db
	[ "$status" != 0 ]
	[ "$(sqlite3 old.db 'PRAGMA user_version')" = 0 ]
	[ "$(sqlite3 old.db "SELECT count(*) FROM sqlite_master")" = 1 ]
	run_both pipectl upgrade --db none.db
	[ "$status" = 66 ]
	run_both pipectl upgrade --db old.db
	[ "$status" = 73 ]
	[ "$err" = "pipectl: old.db.bak exists already" ]
}

@test "only the owner of the database or root backs up, restores, upgrades and minds the clock" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	open=$(mktemp -d)
	chmod 755 "$open"
	cp t.db b.db 2>/dev/null || true
	pipectl backup -q b2.db
	cp b2.db "$open/t.db"
	chmod 666 "$open/t.db"
	chmod 777 "$open"
	install "$(command -v pipectl)" "$open"
	for verb in "backup $open/c.db" "restore -y $open/t.db" "restore --accept" upgrade clock "clock accept"; do
		# shellcheck disable=SC2086
		run_both setpriv --reuid nobody --clear-groups "$open/pipectl" $verb --db "$open/t.db"
		[ "$status" = 77 ] || { echo "$verb: $status $err"; false; }
	done
	[ ! -e "$open/c.db" ]
	rm -rf "$open"
}
