#include "store_fixture.h"

#include "store/db_private.h"
#include "store/message_store.h"

/* The log is written as one piece: nobody sees less of it, and what cannot be written fails. Below is what counts. */

static sqlite3_vfs *below, counting;
static struct {
	sqlite3_io_methods methods;
	const sqlite3_io_methods *below;
} counted;
static int writes, failure;

static int counted_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	writes++;
	return failure ? failure : counted.below->xWrite(f, from, n, at);
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
	writes = failure = 0;
	*state = &p;
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

#define T(test) cmocka_unit_test_setup_teardown(test, setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_transaction_is_written_at_once),
		T(what_cannot_be_written_has_not_happened),
		T(nobody_is_told_before),
		T(a_large_transaction_is_read_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
