#include "store_fixture.h"

#include "store/db_private.h"
#include "store/message_store.h"

#include <aio.h>
#include <dlfcn.h>
#include <errno.h>

/* The log is written as one piece: nobody sees less of it, and what cannot be written fails. Below is what counts. */

static sqlite3_vfs *below, counting;
static struct {
	sqlite3_io_methods methods;
	const sqlite3_io_methods *below;
} counted;
static int writes, syncs, failure;

static int counted_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	writes++;
	return failure ? failure : counted.below->xWrite(f, from, n, at);
}

static int counted_sync(sqlite3_file *f, int flags)
{
	syncs++;
	return counted.below->xSync(f, flags);
}

static int counting_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
	int rc = below->xOpen(below, path, f, flags, ret_flags);

	(void)vfs;
	if (rc != SQLITE_OK || !(flags & SQLITE_OPEN_WAL))
		return rc;
	counted.below = f->pMethods;
	counted.methods = *f->pMethods;
	counted.methods.xWrite = counted_write;
	counted.methods.xSync = counted_sync;
	f->pMethods = &counted.methods;
	return rc;
}

static int setup(void **state)
{
	static struct place p;

	if (!below) {
		below = sqlite3_vfs_find(NULL);
		counting = *below;
		counting.zName = "counting";
		counting.xOpen = counting_open;
		counting.pNext = NULL;
		sqlite3_vfs_register(&counting, 1);
	}
	place_open(&p);
	writes = syncs = failure = 0;
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	place_close(*state);
	return 0;
}

/* Each takes a page of its own. */
static void add_pages(struct place *p, int from, int n)
{
	static char data[3000];

	for (int i = from; i < from + n; i++)
		OK(attachment_insert(p->db, 1, arena_printf(&p->arena, "%d", i), data, sizeof data, &err));
}

static const char *seen(struct place *p)
{
	return place_ask(p, "SELECT count(*) FROM attachment");
}

static void a_transaction_is_written_at_once(void **state)
{
	struct place *p = *state;

	place_begin(p);
	add_pages(p, 0, 20);
	assert_int_equal(writes, 0);
	place_commit(p);
	assert_in_range(writes, 1, 3);
	assert_string_equal(seen(p), "20");
	place_begin(p);
	add_pages(p, 20, 200); /* more than is gathered */
	place_commit(p);
	assert_in_range(writes, 8, 20);
	assert_string_equal(seen(p), "220");
}

static void what_cannot_be_written_has_not_happened(void **state)
{
	struct place *p = *state;

	place_begin(p);
	add_pages(p, 0, 20);
	failure = SQLITE_FULL;
	FAILS(ERR_IO, txn_commit(&p->txn, &err));
	txn_release(&p->txn);
	assert_string_equal(seen(p), "0");
	failure = 0;
	place_begin(p);
	add_pages(p, 0, 7);
	place_commit(p);
	assert_string_equal(seen(p), "7");
	assert_string_equal(place_ask(p, "PRAGMA integrity_check"), "ok");
}

/* Whoever turns the syncs off, as a rig does, is still told of nothing that the file has not. */
static void nobody_is_told_before(void **state)
{
	struct place *p = *state;

	OK(db_exec(p->db, "PRAGMA synchronous=OFF", &err));
	place_begin(p);
	add_pages(p, 0, 5);
	place_commit(p);
	assert_true(writes > 0);
	assert_string_equal(seen(p), "5");
}

/* What does not fit into memory is written early, and read back from the log before it is committed. */
static void a_large_transaction_is_read_back(void **state)
{
	struct place *p = *state;
	struct arena a = { 0 };
	const void *data;
	size_t len;

	OK(db_exec(p->db, "PRAGMA cache_size=10", &err));
	place_begin(p);
	add_pages(p, 0, 100);
	assert_true(writes > 0);
	assert_string_equal(seen(p), "0");
	for (int i = 0; i < 100; i++)
		IS(1, attachment_load(p->db, 1, arena_printf(&a, "%d", i), &a, &data, &len, &err));
	arena_release(&a);
	place_commit(p);
	assert_string_equal(seen(p), "100");
	db_close(p->db);
	OK(db_open(p->path, DB_WRITE, &p->db, &err));
	assert_string_equal(seen(p), "100");
}

/* Syncs in the background: by default they are done, and this counts them. */
static int begun, begun_error;
static bool held, refused;

/* The C library's own one, behind ours. */
#define REAL(f)                                        \
	do {                                               \
		void *found = dlsym(RTLD_NEXT, #f);            \
		memcpy(&real, &found, sizeof real);            \
		assert_non_null(found);                        \
	} while (0)

int aio_fsync(int how, struct aiocb *sync)
{
	int (*real)(int, struct aiocb *);

	REAL(aio_fsync);
	begun++;
	return refused ? -1 : real(how, sync);
}

int aio_error(const struct aiocb *sync)
{
	int (*real)(const struct aiocb *);

	REAL(aio_error);
	return held ? EINPROGRESS : real(sync);
}

ssize_t aio_return(struct aiocb *sync)
{
	ssize_t (*real)(struct aiocb *);
	ssize_t got;

	REAL(aio_return);
	got = real(sync);
	return begun_error ? -1 : got;
}

static int setup_begun(void **state)
{
	struct place *p;

	setup(state);
	p = *state;
	place_begin(p);
	add_pages(p, 0, 1);
	place_commit(p);
	syncs = begun = begun_error = 0;
	held = refused = false;
	return 0;
}

static void commit_one(struct place *p, int i)
{
	place_begin(p);
	add_pages(p, i, 1);
	OK(txn_commit_begin(&p->txn, &err));
}

static void a_commit_is_seen_before_it_is_on_the_disk(void **state)
{
	struct place *p = *state;

	held = true;
	commit_one(p, 1);
	assert_string_equal(seen(p), "2");
	IS(0, db_is_settled(p->db, &err));
	held = false;
	OK(db_settle(p->db, &err));
	IS(1, db_is_settled(p->db, &err));
	assert_int_equal(begun, 1);
	assert_int_equal(syncs, 0);
}

/* A loss of power takes the last one at most. */
static void the_next_commit_waits_for_it(void **state)
{
	struct place *p = *state;

	commit_one(p, 1);
	commit_one(p, 2);
	assert_int_equal(begun, 2);
	place_begin(p);
	add_pages(p, 3, 1);
	place_commit(p);
	assert_int_equal(syncs, 1);
	assert_string_equal(seen(p), "4");
}

static void the_disk_says_no_later(void **state)
{
	struct place *p = *state;

	commit_one(p, 1);
	begun_error = 1;
	FAILS(ERR_IO, db_settle(p->db, &err));
	OK(db_settle(p->db, &err)); /* it is told once */
	commit_one(p, 2);
	place_begin(p);
	add_pages(p, 3, 1);
	FAILS(ERR_IO, txn_commit(&p->txn, &err));
	txn_release(&p->txn);
}

static void where_it_cannot_be_begun_it_is_done(void **state)
{
	struct place *p = *state;

	refused = true;
	commit_one(p, 1);
	IS(1, db_is_settled(p->db, &err));
	assert_int_equal(syncs, 1);
}

/* SQLite syncs the folder with the first sync of a log that it has made. */
static void the_first_sync_of_a_log_is_not_begun(void **state)
{
	struct place *p = *state;

	db_close(p->db);
	syncs = begun = 0;
	OK(db_open(p->path, DB_WRITE, &p->db, &err));
	commit_one(p, 1);
	assert_int_equal(begun, 0);
	assert_true(syncs > 0);
	commit_one(p, 2);
	assert_int_equal(begun, 1);
}

static void a_lock_that_somebody_has_is_not_waited_for(void **state)
{
	struct place *p = *state;
	struct txn other = TXN_INIT;
	struct db *db;

	OK(db_open(p->path, DB_WRITE, &db, &err));
	place_begin(p);
	IS(0, txn_try(&other, db, &err));
	place_commit(p);
	IS(1, txn_try(&other, db, &err));
	txn_release(&other);
	db_close(db);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define B(test) cmocka_unit_test_setup_teardown(test, setup_begun, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_transaction_is_written_at_once),
		T(what_cannot_be_written_has_not_happened),
		T(nobody_is_told_before),
		T(a_large_transaction_is_read_back),
		B(a_commit_is_seen_before_it_is_on_the_disk),
		B(the_next_commit_waits_for_it),
		B(the_disk_says_no_later),
		B(where_it_cannot_be_begun_it_is_done),
		B(the_first_sync_of_a_log_is_not_begun),
		T(a_lock_that_somebody_has_is_not_waited_for),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
