#include "store_fixture.h"

#include "store/page_private.h"
#include "store/team_store.h"

#include <sys/stat.h>
#include <sys/wait.h>

/* The file itself: who may open it, what a transaction keeps, that ids are never used twice. */

static void in_file(struct place *p, const char *path, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	(void)p;
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, page_vfs()), SQLITE_OK);
	page_make_room(db);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
}

static const char *other_path(struct place *p, const char *name)
{
	return arena_printf(&p->arena, "%s/%s", p->folder, name);
}

static void a_new_file_has_the_schema_and_says_whose_it_is(void **state)
{
	struct place *p = *state;
	int version = 0;

	OK(db_schema_version(p->db, &version, &err));
	assert_true(version >= 1);
	assert_int_equal(version, db_schema_wanted());
	assert_string_equal(place_ask(p, "PRAGMA application_id"), "1885958245");
	assert_string_equal(place_ask(p, "PRAGMA journal_mode"), "wal");
	assert_string_equal(db_path(p->db), p->path);
	OK(db_verify(p->db, &err));
}

static void what_is_no_database_of_ours_is_refused_and_left_alone(void **state)
{
	struct place *p = *state;
	static const enum db_mode modes[] = { DB_READ, DB_WRITE, DB_CREATE, DB_UPGRADE };
	const char *foreign = other_path(p, "foreign.db"), *text = other_path(p, "text"), *named = other_path(p, "named.db");
	FILE *f = fopen(text, "w");
	struct db *db;

	fputs("kind: Team\nname: this is longer than the header of a database, so that it is read as one\n", f);
	fclose(f);
	in_file(p, foreign, "CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES ('x')");
	in_file(p, named, "PRAGMA application_id = 7");
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		FAILS(ERR_CONFIG, db_open(text, modes[i], &db, &err));
		FAILS(ERR_CONFIG, db_open(foreign, modes[i], &db, &err));
		FAILS(ERR_CONFIG, db_open(named, modes[i], &db, &err));
	}
	FAILS(ERR_CONFIG, db_open_quick(foreign, &db, &err));
	strcpy(p->path, foreign);
	assert_string_equal(place_ask(p, "SELECT name FROM sqlite_master"), "bookmark");
}

static void a_missing_file_is_made_only_on_request(void **state)
{
	struct place *p = *state;
	const char *path = other_path(p, "none.db"), *nowhere = other_path(p, "no/where.db");
	struct db *db;

	FAILS(ERR_NOINPUT, db_open(path, DB_READ, &db, &err));
	FAILS(ERR_NOINPUT, db_open(path, DB_WRITE, &db, &err));
	FAILS(ERR_NOINPUT, db_open(path, DB_UPGRADE, &db, &err));
	FAILS(ERR_NOINPUT, db_open_quick(path, &db, &err));
	FAILS(ERR_NOINPUT, db_open(nowhere, DB_CREATE, &db, &err));
	assert_int_equal(access(path, F_OK), -1);
	OK(db_open(path, DB_CREATE, &db, &err));
	db_close(db);
	OK(db_open(path, DB_CREATE, &db, &err)); /* it is there now, and ours */
	db_close(db);
	db_close(NULL);
}

static void an_empty_file_may_be_filled(void **state)
{
	struct place *p = *state;
	const char *path = other_path(p, "empty.db");
	struct db *db;

	fclose(fopen(path, "w"));
	FAILS(ERR_CONFIG, db_open(path, DB_WRITE, &db, &err));
	OK(db_open(path, DB_CREATE, &db, &err));
	db_close(db);
}

static void a_newer_file_is_refused_by_every_mode(void **state)
{
	struct place *p = *state;
	static const enum db_mode modes[] = { DB_READ, DB_WRITE, DB_CREATE, DB_UPGRADE };
	struct err why = ERR_INIT;
	struct db *db;

	in_file(p, p->path, "PRAGMA user_version = 99");
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		assert_int_equal(db_open(p->path, modes[i], &db, &why), -1);
		assert_int_equal(why.kind, ERR_CONFIG);
		assert_non_null(strstr(why.text, "newer"));
	}
	FAILS(ERR_CONFIG, db_open_quick(p->path, &db, &err));
}

/* As it was before the first step: ours, and nothing in it. */
static void an_older_file_wants_an_upgrade(void **state)
{
	struct place *p = *state;
	const char *path = other_path(p, "old.db");
	struct err why = ERR_INIT;
	struct db *db;
	int version;

	in_file(p, path, "PRAGMA application_id = 1885958245");
	assert_int_equal(db_open(path, DB_WRITE, &db, &why), -1);
	assert_int_equal(why.kind, ERR_CONFIG);
	assert_non_null(strstr(why.text, "pipectl upgrade"));
	FAILS(ERR_CONFIG, db_open_quick(path, &db, &err));
	OK(db_open(path, DB_UPGRADE, &db, &err));
	OK(db_schema_version(db, &version, &err));
	assert_int_equal(version, 0);
	assert_true(db_upgrade(db, &why) > 0);
	IS(0, db_upgrade(db, &err));
	db_close(db);
	strcpy(p->path, path);
	assert_string_equal(place_ask(p, "SELECT count(*) FROM team"), "0");
	OK(db_open(path, DB_WRITE, &db, &err));
	db_close(db);
}

static void a_step_that_fails_leaves_the_old_file(void **state)
{
	struct place *p = *state;
	const char *path = other_path(p, "half.db");
	struct err why = ERR_INIT;
	struct db *db;

	in_file(p, path, "PRAGMA application_id = 1885958245; CREATE TABLE message (x TEXT)");
	OK(db_open(path, DB_UPGRADE, &db, &err));
	assert_int_equal(db_upgrade(db, &why), -1);
	assert_non_null(strstr(why.text, "schema step 1"));
	db_close(db);
	strcpy(p->path, path);
	assert_string_equal(place_ask(p, "PRAGMA user_version"), "0");
	assert_string_equal(place_ask(p, "SELECT name FROM sqlite_master"), "message");
}

static void a_handle_for_reading_does_not_write(void **state)
{
	struct place *p = *state;
	struct db *db;
	struct txn t = TXN_INIT;

	OK(db_open(p->path, DB_READ, &db, &err));
	FAILS(ERR_DENIED, txn_begin(&t, db, &err));
	assert_false(db_in_txn(db));
	FAILS(ERR_DENIED, meta_set(db, "hold.clock", "x", &err));
	db_close(db);
}

static void what_is_not_committed_never_was(void **state)
{
	struct place *p = *state;
	int64_t id;

	assert_false(db_in_txn(p->db));
	place_begin(p);
	assert_true(db_in_txn(p->db));
	OK(team_insert(p->db, "gone", 1, &id, &err));
	txn_release(&p->txn);
	assert_false(db_in_txn(p->db));
	assert_string_equal(place_ask(p, "SELECT count(*) FROM team"), "0");
	place_begin(p);
	OK(team_insert(p->db, "kept", 1, &id, &err));
	place_commit(p);
	txn_release(&p->txn); /* nothing is left to do */
	assert_string_equal(place_ask(p, "SELECT name FROM team"), "kept");
}

static int64_t new_id(struct place *p, const char *counter)
{
	int64_t id = 0;

	OK(db_new_id(p->db, counter, &id, &err));
	return id;
}

/* Two handles, blocks, a rollback in the middle of one: no id that was committed comes again. */
static void ids_are_never_used_twice(void **state)
{
	struct place *p = *state, other = *p;
	char seen[400] = { 0 };
	int64_t newest;

	OK(db_open(p->path, DB_WRITE, &other.db, &err));
	for (int round = 0; round < 12; round++) {
		struct place *who = round % 3 == 1 ? &other : p;
		int64_t ids[9];

		OK(db_cache(who->db, round % 2 ? 1 : 16, &err));
		db_id_block(who->db, round % 4 == 3 ? 1 : 7);
		place_begin(who);
		for (int i = 0; i < 9; i++)
			ids[i] = new_id(who, "contact");
		if (round % 4 == 2) {
			txn_release(&who->txn);
			continue;
		}
		place_commit(who);
		for (int i = 0; i < 9; i++) {
			assert_in_range(ids[i], 1, 399);
			assert_int_equal(seen[ids[i]]++, 0);
		}
	}
	db_close(other.db);
	OK(db_newest_id(p->db, "run", &newest, &err));
	assert_int_equal(newest, 0);
	place_begin(p);
	assert_int_equal(new_id(p, "run"), 1); /* each counter counts for itself */
	place_commit(p);
	OK(db_newest_id(p->db, "run", &newest, &err));
	assert_in_range(newest, 1, 7);
}

static void what_others_change_is_noticed(void **state)
{
	struct place *p = *state, other = *p;
	int64_t before = 0, after = 0;

	OK(db_open(p->path, DB_WRITE, &other.db, &err));
	place_begin(p);
	OK(db_others(p->db, &before, &err));
	new_id(p, "run");
	place_commit(p);
	place_begin(p);
	OK(db_others(p->db, &after, &err));
	place_commit(p);
	assert_int_equal(after, before);
	place_begin(&other);
	new_id(&other, "other");
	place_commit(&other);
	place_begin(p);
	OK(db_others(p->db, &after, &err));
	place_commit(p);
	assert_int_not_equal(after, before);
	db_close(other.db);
}

static void a_second_writer_gets_busy_after_its_patience(void **state)
{
	struct place *p = *state, other = *p;

	OK(db_open(p->path, DB_WRITE, &other.db, &err));
	db_set_patience(other.db, 20);
	place_begin(p);
	FAILS(ERR_BUSY, txn_begin(&other.txn, other.db, &err));
	assert_false(db_in_txn(other.db));
	place_commit(p);
	place_begin(&other);
	place_commit(&other);
	db_close(other.db);
}

/*
 * The child wants the lock, which the parent only lets go to take it again at once. It is forked before there is a
 * lock: a copy of SQLite's memory would hold it for ever.
 */
static void long_work_gives_way_to_who_waits(void **state)
{
	struct place *p = *state;
	int fds[2], status = -1;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		struct err err = ERR_INIT;
		struct txn t = TXN_INIT;
		struct db *db;

		if (read(fds[0], &(char){ 0 }, 1) != 1 || db_open(p->path, DB_WRITE, &db, &err) < 0 ||
		    txn_begin(&t, db, &err) < 0)
			_exit(2);
		_exit(txn_commit(&t, &err) < 0 ? 3 : 0);
	}
	place_begin(p);
	assert_int_equal(write(fds[1], "x", 1), 1);
	for (int i = 0; i < 60 && waitpid(pid, &status, WNOHANG) == 0; i++) {
		usleep(50000);
		place_commit(p);
		db_give_way(p->db);
		place_begin(p);
	}
	assert_int_equal(status, 0);
	place_commit(p);
	close(fds[0]);
	close(fds[1]);
}

static void a_second_writer_waits_for_the_first(void **state)
{
	struct place *p = *state;
	struct db *db;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		struct err err = ERR_INIT;
		struct txn t = TXN_INIT;

		if (db_open(p->path, DB_WRITE, &db, &err) < 0 || txn_begin(&t, db, &err) < 0 || write(fds[1], "x", 1) != 1)
			_exit(2);
		usleep(100000);
		_exit(txn_commit(&t, &err) < 0 ? 3 : 0);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &(char){ 0 }, 1), 1);
	close(fds[0]);
	place_begin(p);
	place_commit(p);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* While somebody reads what was there before, the log keeps it. */
static void the_log_is_emptied_when_nobody_reads(void **state)
{
	struct place *p = *state;
	struct stat st;
	sqlite3 *reader;
	int64_t id;

	assert_int_equal(sqlite3_open(p->path, &reader), SQLITE_OK);
	assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM team", NULL, NULL, NULL), SQLITE_OK);
	place_begin(p);
	OK(team_insert(p->db, "sales", 1, &id, &err));
	place_commit(p);
	db_set_patience(p->db, 0);
	assert_int_equal(db_empty_log(p->db, &(struct err)ERR_INIT), 0);
	db_checkpoint(p->db);
	assert_int_equal(stat(other_path(p, "x.db-wal"), &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(sqlite3_exec(reader, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(db_empty_log(p->db, &(struct err)ERR_INIT), 1);
	assert_int_equal(stat(other_path(p, "x.db-wal"), &st), 0);
	assert_int_equal(st.st_size, 0);
	sqlite3_close(reader);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 0777 : 0;
}

/* Who is in the group cannot make files beside it. */
static void a_shared_file_keeps_its_log_and_it_is_empty(void **state)
{
	struct place *p = *state;
	const char *path = other_path(p, "shared.db"), *log = other_path(p, "shared.db-wal");
	const char *index = other_path(p, "shared.db-shm");
	mode_t before = umask(007);
	struct stat st;
	struct db *db;
	TXN_AUTO txn = TXN_INIT;
	int64_t id;

	OK(db_open(path, DB_CREATE, &db, &err));
	umask(before);
	assert_int_equal(mode_of(path), 0660);
	OK(txn_begin(&txn, db, &err));
	OK(team_insert(db, "sales", 1, &id, &err));
	OK(txn_commit(&txn, &err));
	db_close(db);
	assert_int_equal(mode_of(log), 0660);
	assert_int_equal(mode_of(index), 0660);
	assert_int_equal(stat(log, &st), 0);
	assert_int_equal(st.st_size, 0);
	OK(db_open_quick(path, &db, &err));
	db_close(db);
	assert_int_equal(mode_of(log), 0660);
	OK(db_open(path, DB_READ, &db, &err));
	db_close(db);
	assert_int_equal(mode_of(log), 0660);
	unlink(log);
	unlink(index);
	OK(db_open_quick(path, &db, &err)); /* it comes again, whatever took it away */
	OK(db_schema_version(db, &(int){ 0 }, &err));
	db_close(db);
	assert_int_equal(mode_of(log), 0660);
}

static void a_file_of_ones_own_leaves_nothing_beside_it(void **state)
{
	struct place *p = *state;
	const char *path = other_path(p, "own.db");
	mode_t before = umask(077);
	struct db *db;

	OK(db_open(path, DB_CREATE, &db, &err));
	umask(before);
	db_close(db);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(mode_of(other_path(p, "own.db-wal")), 0);
	assert_int_equal(mode_of(other_path(p, "own.db-shm")), 0);
}

static void a_short_log_is_written_from_its_beginning_again(void **state)
{
	struct place *p = *state;
	char *megabyte = arena_alloc(&p->arena, 1 << 20);
	struct stat st;

	db_keep_wal_short(p->db);
	for (int i = 0; i < 24; i++) {
		memset(megabyte, 'a' + i, (1 << 20) - 1);
		place_begin(p);
		OK(meta_set(p->db, "text", megabyte, &err));
		place_commit(p);
	}
	assert_int_equal(stat(other_path(p, "x.db-wal"), &st), 0);
	assert_in_range(st.st_size, 8 << 20, 12 << 20);
}

static void a_backup_is_whole_and_overwrites_nothing(void **state)
{
	struct place *p = *state;
	const char *path = other_path(p, "copy.db");
	struct stat st;
	struct db *db;
	int64_t id;

	place_begin(p);
	OK(team_insert(p->db, "sales", 1, &id, &err));
	place_commit(p);
	db_checkpoint(p->db);
	OK(db_backup(p->db, path, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	OK(db_open(path, DB_WRITE, &db, &err));
	OK(db_verify(db, &err));
	db_close(db);
	FAILS(ERR_CREATE, db_backup(p->db, path, &err));
	FAILS(ERR_CREATE, db_backup(p->db, other_path(p, "no/where.db"), &err));
	strcpy(p->path, path);
	assert_string_equal(place_ask(p, "SELECT name FROM team"), "sales");
}

static void a_backup_takes_the_place_of_what_is_there(void **state)
{
	struct place *p = *state, other = *p;
	const char *path = other_path(p, "copy.db");
	struct db *db;
	int64_t id;

	place_begin(p);
	OK(team_insert(p->db, "early", 1, &id, &err));
	place_commit(p);
	OK(db_backup(p->db, path, &err));
	place_begin(p);
	OK(team_insert(p->db, "late", 1, &id, &err));
	place_commit(p);
	OK(db_open(p->path, DB_WRITE, &other.db, &err));
	OK(db_open(p->path, DB_UPGRADE, &db, &err));
	OK(db_replace(db, path, &err));
	db_close(db);
	assert_string_equal(place_ask(p, "SELECT name FROM team"), "early");
	place_begin(&other); /* who had it open goes on with the new one */
	OK(team_insert(other.db, "later", 1, &id, &err));
	place_commit(&other);
	assert_string_equal(place_ask(p, "SELECT name FROM team ORDER BY name"), "early\nlater");
	OK(db_verify(other.db, &err));
	db_close(other.db);
}

static void damage_is_found(void **state)
{
	struct place *p = *state;
	const char *path = other_path(p, "damaged.db");
	struct db *db;

	OK(db_backup(p->db, path, &err));
	in_file(p, path, "PRAGMA writable_schema = ON;"
	                 "UPDATE sqlite_master SET rootpage = 3 WHERE name = 'member'; PRAGMA writable_schema = OFF");
	OK(db_open(path, DB_WRITE, &db, &err));
	assert_int_equal(db_verify(db, &(struct err)ERR_INIT), -1);
	db_close(db);
}

static void words_of_the_installation_are_kept_changed_and_forgotten(void **state)
{
	struct place *p = *state;
	const char *value = NULL;

	IS(0, meta_get(p->db, "hold.clock", &p->arena, &value, &err));
	place_begin(p);
	OK(meta_set(p->db, "hold.clock", "one", &err));
	OK(meta_set(p->db, "hold.clock", "two", &err));
	place_commit(p);
	IS(1, meta_get(p->db, "hold.clock", &p->arena, &value, &err));
	assert_string_equal(value, "two");
	IS(1, meta_any(p->db, "hold.", &err));
	IS(0, meta_any(p->db, "hole.", &err));
	IS(0, meta_any(p->db, "hol.", &err));
	OK(meta_delete(p->db, "hold.clock", &err));
	OK(meta_delete(p->db, "hold.clock", &err));
	IS(0, meta_get(p->db, "hold.clock", &p->arena, &value, &err));
}

static void looking_only_needs_the_version(void **state)
{
	struct place *p = *state;
	struct db *db;

	OK(db_open_quick(p->path, &db, &err));
	assert_string_equal(db_path(db), p->path);
	db_close(db);
}

static void what_follows_a_transaction_that_sqlite_rolled_back_is_not_done_one_by_one(void **state)
{
	struct place *p = *state;
	const char *before;
	int64_t id;

	place_begin(p);
	IS(0, team_insert(p->db, "sales", 1, &id, &err));
	place_commit(p);
	before = place_ask(p, "SELECT * FROM team");
	in_file(p, p->path, "CREATE TRIGGER no BEFORE INSERT ON team BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
	place_begin(p);
	FAILS(ERR_BUG, team_insert(p->db, "support", 1, &id, &err));
	FAILS(ERR_BUG, team_touch(p->db, id, &err));
	FAILS(ERR_BUG, txn_commit(&p->txn, &err));
	txn_release(&p->txn);
	assert_string_equal(place_ask(p, "SELECT * FROM team"), before);
	place_begin(p);
	IS(0, team_touch(p->db, id, &err));
	place_commit(p);
	assert_string_not_equal(place_ask(p, "SELECT * FROM team"), before);
}

static void a_statement_that_cannot_be_prepared_says_so_whatever_came_between(void **state)
{
	struct place *p = *state;
	struct err why = ERR_INIT;
	int64_t id;

	in_file(p, p->path, "ALTER TABLE team RENAME COLUMN created_at TO made_at");
	place_begin(p);
	OK(team_touch(p->db, 1, &err)); /* so that the new column is known */
	assert_int_equal(team_insert(p->db, "sales", 1, &id, &why), -1);
	assert_string_equal(why.text, "preparing a statement: SQL logic error (1)");
	txn_release(&p->txn);
}

static void set_meta(struct db *db, const char *value)
{
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, db, &err));
	OK(meta_set(db, "x", value, &err));
	OK(txn_commit(&t, &err));
}

static const char *meta(struct place *p)
{
	const char *value = "";

	IS(1, meta_get(p->db, "x", &p->arena, &value, &err));
	return value;
}

/* Nobody else's commit is seen before its end, and then it is. */
static void a_snapshot_stays_as_it_is(void **state)
{
	struct place *p = *state;
	struct snapshot outer = SNAPSHOT_INIT, inner = SNAPSHOT_INIT;
	struct db *other;

	OK(db_open(p->path, DB_WRITE, &other, &err));
	set_meta(other, "before");
	OK(snapshot_begin(&outer, p->db, &err));
	assert_string_equal(meta(p), "before");
	set_meta(other, "after");
	OK(snapshot_begin(&inner, p->db, &err));
	snapshot_release(&inner);
	assert_string_equal(meta(p), "before");
	snapshot_release(&outer);
	assert_string_equal(meta(p), "after");
	set_meta(p->db, "mine");
	db_close(other);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)
	const struct CMUnitTest tests[] = {
		T(a_new_file_has_the_schema_and_says_whose_it_is),
		T(what_is_no_database_of_ours_is_refused_and_left_alone),
		T(what_follows_a_transaction_that_sqlite_rolled_back_is_not_done_one_by_one),
		T(a_statement_that_cannot_be_prepared_says_so_whatever_came_between),
		T(a_missing_file_is_made_only_on_request),
		T(an_empty_file_may_be_filled),
		T(a_newer_file_is_refused_by_every_mode),
		T(an_older_file_wants_an_upgrade),
		T(a_step_that_fails_leaves_the_old_file),
		T(a_handle_for_reading_does_not_write),
		T(what_is_not_committed_never_was),
		T(ids_are_never_used_twice),
		T(what_others_change_is_noticed),
		T(a_second_writer_gets_busy_after_its_patience),
		T(a_second_writer_waits_for_the_first),
		T(long_work_gives_way_to_who_waits),
		T(the_log_is_emptied_when_nobody_reads),
		T(a_shared_file_keeps_its_log_and_it_is_empty),
		T(a_file_of_ones_own_leaves_nothing_beside_it),
		T(a_snapshot_stays_as_it_is),
		T(a_short_log_is_written_from_its_beginning_again),
		T(a_backup_is_whole_and_overwrites_nothing),
		T(a_backup_takes_the_place_of_what_is_there),
		T(damage_is_found),
		T(words_of_the_installation_are_kept_changed_and_forgotten),
		T(looking_only_needs_the_version),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
