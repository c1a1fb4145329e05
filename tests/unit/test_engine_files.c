#include "fixture.h"

#include "base/buf.h"
#include "engine/guard.h"
#include "engine/keys.h"
#include "engine/secret.h"
#include "model/mailbox.h"
#include "operate/safekeeping.h"
#include "store/db_private.h"
#include "tick/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Files beside the database: secrets, keys, the lock, the spool, backups. Each system call fails in turn (ours are in front of
 * the C library's): it is told, or does not matter, and nothing is lost.
 */

static int countdown; /* the call that fails; 0: none */
static int failure;   /* with this errno */

static bool fails(void)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	errno = failure;
	return true;
}

int fsync(int fd)
{
	return fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

int link(const char *from, const char *to)
{
	return fails() ? -1 : (int)syscall(SYS_link, from, to);
}

int rename(const char *from, const char *to)
{
	return fails() ? -1 : (int)syscall(SYS_rename, from, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	return fails() ? -1 : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_mkdirat, dir, path, mode);
}

int unlinkat(int dir, const char *path, int flags)
{
	return fails() ? -1 : (int)syscall(SYS_unlinkat, dir, path, flags);
}

int flock(int fd, int how)
{
	return fails() ? -1 : (int)syscall(SYS_flock, fd, how);
}

int pipe2(int ends[2], int flags)
{
	return fails() ? -1 : (int)syscall(SYS_pipe2, ends, flags);
}

int chmod(const char *path, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_chmod, path, mode);
}

int chown(const char *path, uid_t owner, gid_t group)
{
	return fails() ? -1 : (int)syscall(SYS_chown, path, owner, group);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return fails() ? -1 : syscall(SYS_write, fd, bytes, len);
}

ssize_t read(int fd, void *bytes, size_t room)
{
	return fails() ? -1 : syscall(SYS_read, fd, bytes, room);
}

ssize_t pread(int fd, void *bytes, size_t room, off_t at)
{
	return fails() ? -1 : syscall(SYS_pread64, fd, bytes, room, at);
}

static int polls; /* until one of them waits in vain; 0: none does */

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	return polls > 0 && --polls == 0 ? 0 : (int)syscall(SYS_poll, fds, n, ms);
}

static int setup(void **state)
{
	static struct fixture f;

	countdown = polls = 0;
	fixture_open(&f);
	*state = &f;
	return 0;
}

static const char *path_of(struct fixture *f, const char *name)
{
	return arena_printf(&f->arena, "%s/%s", f->folder, name);
}

static const char *put(struct fixture *f, const char *name, const char *text, mode_t mode)
{
	const char *path = path_of(f, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

/* Until one comes through. What is told has words. */
static int each_call_fails(struct fixture *f, int (*act)(struct fixture *f, struct err *err), const int *errors, size_t n)
{
	int calls = 0;

	for (size_t i = 0; i < n; i++)
		for (int call = 1;; call++) {
			struct err err = ERR_INIT;
			int got;

			countdown = call;
			failure = errors[i];
			got = act(f, &err);
			if (countdown > 0 || call == 100) {
				countdown = 0;
				if (got < 0)
					fail_msg("nothing failed, and it says: %s", err.text);
				calls += call;
				break;
			}
			if (got < 0 && !err.text[0])
				fail_msg("call %d fails, and there is not a word", call);
		}
	return calls;
}

static const int errors[] = { EIO, EACCES };

static const char *secret(struct fixture *f, const struct mailbox_login *login, size_t room)
{
	struct buf out = BUF_INIT(room);
	struct err err = ERR_INIT;
	const char *ret;
	int got;

	got = secret_read(login, &out, &err);
	ret = got < 0 ? arena_strdup(&f->arena, err.text) : got == 0 ? "(none)" : arena_strdup(&f->arena, out.s);
	secret_wipe(&out);
	return ret;
}

static void where_secrets_come_from(void **state)
{
	struct fixture *f = *state;
	struct mailbox_login none = { .url = "smtp://x" };
	struct {
		struct mailbox_login login;
		const char *says;
	} rows[] = {
		{ { .password_file = put(f, "good", "s3cret\r\nmore\n", 0600) }, "s3cret" },
		{ { .password_file = put(f, "empty", "\nmore\n", 0600) }, "gives no secret: its first line is empty" },
		{ { .password_file = put(f, "open", "x\n", 0640) }, "can be read by others; run: chmod 600" },
		{ { .password_file = put(f, "long", "0123456789012345678901234567890123456789\n", 0600) }, "is too long for a secret" },
		{ { .password_file = "/dev/null" }, "password_file /dev/null is no regular file" },
		{ { .password_file = path_of(f, "missing") }, "No such file or directory" },
		{ { .password_command = "echo s3cret" }, "s3cret" },
		{ { .token_command = "echo token; echo more" }, "token" },
		{ { .password_command = "true" }, "the command for the secret gives no secret: its first line is empty" },
		{ { .password_command = "exit 3" }, "the command for the secret failed (status 3)" },
		{ { .password_command = "kill -9 $$" }, "the command for the secret failed (signal 9)" },
		{ { .password_command = "head -c 100 /dev/zero" }, "the command for the secret is too long for a secret" },
	};

	assert_string_equal(secret(f, &none, 32), "(none)");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = secret(f, &rows[i].login, 32);

		if (!strstr(got, rows[i].says))
			fail_msg("'%s', not '%s'", got, rows[i].says);
	}
}

/* The tick holds its lock meanwhile. */
static void a_command_that_does_not_end_is_ended(void **state)
{
	struct mailbox_login silent = { .password_command = "sleep 5" },
	                     lingers = { .password_command = "echo s3cret; exec >&-; sleep 5" };

	polls = 1;
	assert_string_equal(secret(*state, &silent, 32), "the command for the secret gives no secret within 30 seconds");
	polls = 3; /* for its line, for the end of its output, for its own */
	assert_string_equal(secret(*state, &lingers, 32), "the command for the secret does not end within 30 seconds");
	assert_int_equal(polls, 0);
}

static int read_secrets(struct fixture *f, struct err *err)
{
	struct mailbox_login file = { .password_file = path_of(f, "good") }, command = { .password_command = "echo s3cret" };
	struct buf out = BUF_INIT(4096);
	int got = secret_read(&file, &out, err);

	if (got > 0) {
		assert_string_equal(out.s, "s3cret");
		got = secret_read(&command, &out, err);
	}
	if (got > 0)
		assert_string_equal(out.s, "s3cret");
	secret_wipe(&out);
	return got;
}

static void a_secret_is_whole_or_none(void **state)
{
	static const int with_interrupt[] = { EIO, EMFILE };
	struct fixture *f = *state;

	put(f, "good", "s3cret\n", 0600);
	assert_true(each_call_fails(f, read_secrets, with_interrupt, 2) > 8);
}

static int load_key(struct fixture *f, struct err *err)
{
	struct token_key key, again;
	int got = keys_load(f->db_path, &key, err);

	if (got == 0 && countdown == 0 && keys_load(f->db_path, &again, err) == 0)
		assert_memory_equal(key.bytes, again.bytes, TOKEN_KEY_SIZE);
	return got;
}

static int make_new_key(struct fixture *f, struct err *err)
{
	unlink(arena_printf(&f->arena, "%s.key", f->db_path));
	return load_key(f, err);
}

static void keys_are_made_once_and_kept_to_ourselves(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *says;
	} rows[] = {
		{ "0123", 0600, "is no key" },
		{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg\n", 0600, "is no key" },
		{ "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\n", 0600, "is no key" },
		{ "!123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0600, "is no key" },
		{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0604, "others may read it; chmod 600" },
		{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0600, "" },
	};
	struct fixture *f = *state;
	const char *path = arena_printf(&f->arena, "%s.key", f->db_path);
	struct token_key key;
	struct stat st;

	assert_true(each_call_fails(f, make_new_key, errors, 2) > 8);
	OK(keys_load(f->db_path, &key, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(each_call_fails(f, load_key, errors, 2) > 2);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err why = ERR_INIT;

		put(f, "x.db.key", rows[i].text, rows[i].mode);
		assert_int_equal(keys_load(f->db_path, &key, &why), *rows[i].says ? -1 : 0);
		assert_non_null(strstr(why.text, rows[i].says));
	}
	struct err why = ERR_INIT;
	unlink(path);
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(keys_load(f->db_path, &key, &why), -1);
	assert_int_equal(keys_load("/nonexistent/x.db", &key, &why), -1);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(keys_load(f->db_path, &key, &why), -1);
}

static int take_the_lock(struct fixture *f, struct err *err)
{
	struct guard g, other;
	int got = guard_lock(f->db_path, &g, err);

	if (got <= 0)
		return got;
	guard_touch(&g, f->e.now);
	guard_set_newest(&g, 5);
	if (countdown == 0)
		assert_int_equal(guard_lock(f->db_path, &other, err), 0);
	close(g.fd);
	return guard_look(f->db_path, &g, err) < 0 ? -1 : 0;
}

static void the_lock_and_what_it_says(void **state)
{
	struct fixture *f = *state;
	const char *path = arena_printf(&f->arena, "%s.lock", f->db_path);
	struct err why = ERR_INIT;
	struct guard g = { 0 };

	assert_int_equal(guard_look(f->db_path, &g, &why), 0);
	assert_true(each_call_fails(f, take_the_lock, errors, 2) > 4);
	assert_int_equal(guard_look("/proc/self/mem/x.db", &g, &why), -1);
	assert_int_equal(guard_lock("/nonexistent/x.db", &g, &why), -1);
	unlink(path);
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(guard_look(f->db_path, &g, &why), -1);
	assert_int_equal(guard_lock(f->db_path, &g, &why), -1);
	unlink(path);
	put(f, "x.db.lock", "nonsense\n", 0600);
	assert_int_equal(guard_look(f->db_path, &g, &why), 0);
}

static void a_clock_that_jumps_is_seen(void **state)
{
	struct fixture *f = *state;
	struct err why = ERR_INIT;
	struct guard g;

	assert_true(guard_lock(f->db_path, &g, &why) > 0);
	assert_null(guard_jump(&g, f->e.now));
	guard_touch(&g, f->e.now);
	close(g.fd);
	assert_true(guard_lock(f->db_path, &g, &why) > 0);
	assert_null(guard_jump(&g, f->e.now + 60));
	assert_string_equal(guard_jump(&g, f->e.now + 3600), "the clock jumped by more than 5 minutes since the last tick");
	assert_string_equal(guard_jump(&g, f->e.now - 3600), "the clock went back by more than 5 minutes since the last tick");
	g.boot[0] = '-'; /* the machine was off meanwhile */
	assert_null(guard_jump(&g, f->e.now + 3600));
	close(g.fd);
}

static const char *spool_file(struct fixture *f, const char *name, const char *text)
{
	return put(f, arena_printf(&f->arena, "x.db.spool/%s", name), text, 0600);
}

static void drain_the_rest(struct fixture *f)
{
	struct spool_bad bad;

	OK(spool_drain(&f->e, NULL, &bad, &err));
}

/* An event of anna@: whatever fails, it counts once, or its file lies among the bad ones, of which people hear. */
static int drain(struct fixture *f, struct err *err)
{
	static int n;
	const char *name = arena_printf(&f->arena, "order-%d", ++n);
	struct spool_bad bad = { 0 };
	int64_t before, after;
	int at = countdown, got;

	countdown = 0;
	mkdir(path_of(f, "x.db.spool"), 0700);
	before = fixture_number(f, "SELECT count(*) FROM event WHERE type = 'order.placed'");
	spool_file(f, name, "{\"team\": \"sales\", \"contact\": \"anna@example.org\", \"type\": \"order.placed\", \"data\": {\"total\": 1}}");
	spool_file(f, "bad-one", "no JSON");
	countdown = at;
	got = spool_drain(&f->e, NULL, &bad, err);
	at = countdown;
	countdown = 0;
	if (got < 0) /* the next tick takes what this one left */
		drain_the_rest(f);
	after = fixture_number(f, "SELECT count(*) FROM event WHERE type = 'order.placed'");
	if (after - before + (unlink(path_of(f, arena_printf(&f->arena, "x.db.spool/bad/%s", name))) == 0) != 1)
	fail_msg("%lld events", (long long)(after - before));
	assert_int_not_equal(access(path_of(f, arena_printf(&f->arena, "x.db.spool/%s", name)), F_OK), 0);
	countdown = at;
	return got;
}

static void the_spool_is_drained(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Fields\nname: contact\nevents: {order.placed: {total: number}}\n");
	fixture_add(f, "anna@example.org", NULL);
	assert_true(each_call_fails(f, drain, (const int[]){ ENOSPC }, 1) > 4);
}

static void what_is_bad_is_set_aside_whatever_is_in_the_way(void **state)
{
	struct fixture *f = *state;
	struct spool_bad bad = { 0 };
	const char *folder = path_of(f, "x.db.spool/bad");

	assert_int_equal(mkdir(path_of(f, "x.db.spool"), 0700), 0);
	spool_file(f, "bad", "a file that has the folder's name");
	spool_file(f, "one", "no JSON");
	OK(spool_drain(&f->e, NULL, &bad, &err));
	assert_int_equal(access(arena_printf(&f->arena, "%s/one", folder), F_OK), 0);
	for (int i = 0; i < 2; i++) {
		spool_file(f, "one", "no JSON again");
		OK(spool_drain(&f->e, NULL, &bad, &err));
	}
	assert_int_equal(access(arena_printf(&f->arena, "%s/one.1", folder), F_OK), 0);
	assert_int_equal(access(arena_printf(&f->arena, "%s/one.2", folder), F_OK), 0);
	assert_int_equal(rename(folder, path_of(f, "elsewhere")), 0);
	assert_int_equal(symlink("../elsewhere", folder), 0);
	spool_file(f, "two", "");
	assert_int_equal(symlink("/etc/passwd", path_of(f, "x.db.spool/three")), 0);
	assert_int_equal(mkdir(path_of(f, "x.db.spool/four"), 0700), 0);
	OK(spool_drain(&f->e, NULL, &bad, &err));
	assert_int_equal(access(arena_printf(&f->arena, "%s/two", folder), F_OK), 0);
	assert_int_not_equal(access(path_of(f, "elsewhere/two"), F_OK), 0);
	assert_true(bad.n >= 6);
}

static int copy_file(const char *from, const char *to, struct err *err)
{
	char command[512];
	int at = countdown, got;

	countdown = 0;
	snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
	got = system(command);
	countdown = at;
	return got == 0 ? 0 : err_set(err, ERR_IO, "%s", to);
}

/* Over a database that is damaged beyond reading: there is one with its name at every instant that a failure may leave. */
static int restore(struct fixture *f, struct err *err)
{
	const char *path = path_of(f, "broken.db"), *log = path_of(f, "broken.db-wal");
	struct restoring r;
	char first[16] = "";
	int at = countdown, got;
	FILE *file;

	countdown = 0;
	put(f, "broken.db", "this was a database once, and is not any more", 0600);
	put(f, "broken.db-wal", "and this was its log", 0600);
	countdown = at;
	got = safekeep_prepare(path, path_of(f, "good.db"), copy_file, &f->arena, &r, err);
	if (got == 0)
		got = safekeep_restore(&r, f->e.now, &f->arena, err);
	at = countdown;
	countdown = 0;
	safekeep_release(&r);
	file = fopen(path, "r");
	if (!file)
		fail_msg("there is no database: %s", err->text);
	assert_true(fread(first, 1, 6, file) == 6);
	fclose(file);
	assert_string_equal(first, got < 0 ? "this w" : "SQLite");
	if (access(log, F_OK) == 0 && got == 0)
		fail_msg("the log of the old one lies beside the new one");
	countdown = at;
	return got;
}

static void a_restore_leaves_the_old_or_the_new_one(void **state)
{
	struct fixture *f = *state;

	OK(safekeep_backup(&f->e, path_of(f, "good.db"), false, &err));
	assert_true(each_call_fails(f, restore, (const int[]){ EPERM }, 1) > 6);
}

/* What is held is not handed over. */
static void a_database_that_is_held_is_not_the_last_backup(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	fixture_number(f, "INSERT INTO meta (name, value) VALUES ('hold.restore', 'x') RETURNING 1");
	assert_int_equal(safekeep_backup(&f->e, path_of(f, "last.db"), true, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.text, "; first: pipectl restore --accept"));
	assert_int_equal(access(path_of(f, "last.db"), F_OK), -1);
}

static void die(sqlite3_context *ctx, int n, sqlite3_value **args)
{
	(void)ctx, (void)n, (void)args;
	raise(SIGKILL);
}

static int add_die(sqlite3 *db, const char **message, const void *api)
{
	(void)message, (void)api;
	return sqlite3_create_function(db, "die", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, die, NULL, NULL);
}

static void child_hands_over(struct fixture *f)
{
	struct err err = ERR_INIT;
	struct engine e;
	struct db *db;

	if (sqlite3_auto_extension((void (*)(void))add_die) != SQLITE_OK || db_open(f->db_path, DB_WRITE, &db, &err) < 0)
		_exit(2);
	engine_init(&e, db, f->e.now, "tester", "manual");
	_exit(safekeep_backup(&e, path_of(f, "last.db"), true, &err) < 0 ? 3 : 0);
}

/* Else both would send. */
static void no_copy_is_the_last_one_of_a_database_that_goes_on(void **state)
{
	struct fixture *f = *state;
	struct db *copy;
	const char *ignored;
	pid_t pid;
	int status, got;

	OK(db_exec(f->db, "CREATE TRIGGER dies BEFORE INSERT ON meta WHEN NEW.name = 'hold.final' BEGIN SELECT die(); END", &err));
	pid = fork();
	if (pid == 0)
		child_hands_over(f);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM meta WHERE name = 'hold.final'"), 0);
	OK(db_open(path_of(f, "last.db"), DB_WRITE, &copy, &err));
	OK(got = meta_get(copy, "backup.final", &f->arena, &ignored, &err));
	assert_int_equal(got, 0);
	db_close(copy);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(where_secrets_come_from),
		T(a_command_that_does_not_end_is_ended),
		T(a_secret_is_whole_or_none),
		T(keys_are_made_once_and_kept_to_ourselves),
		T(the_lock_and_what_it_says),
		T(a_clock_that_jumps_is_seen),
		T(the_spool_is_drained),
		T(what_is_bad_is_set_aside_whatever_is_in_the_way),
		T(a_restore_leaves_the_old_or_the_new_one),
		T(a_database_that_is_held_is_not_the_last_backup),
		T(no_copy_is_the_last_one_of_a_database_that_goes_on),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
