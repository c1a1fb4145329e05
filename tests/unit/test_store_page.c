#include "store_fixture.h"

#include "store/page_private.h"
#include "store/team_store.h"

#include <endian.h>
#include <fcntl.h>
#include <sys/stat.h>

/* Seals of pages: what has changed in the file is an error, whatever wrote the file is told apart, nothing else is in the way. */

#define PAGE 4096

static const char *in_folder(struct place *p, const char *name)
{
	return arena_printf(&p->arena, "%s/%s", p->folder, name);
}

static size_t read_file(const char *path, unsigned char **ret, struct arena *a)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(fstat(fd, &st), 0);
	*ret = arena_alloc(a, (size_t)st.st_size);
	assert_int_equal(read(fd, *ret, (size_t)st.st_size), st.st_size);
	close(fd);
	return (size_t)st.st_size;
}

static void write_file(const char *path, const unsigned char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static uint64_t seal_of(const unsigned char *page)
{
	uint64_t seal;

	memcpy(&seal, page + PAGE - PAGE_SEAL, sizeof seal);
	return le64toh(seal);
}

/* As a program without seals does it. */
static int elsewhere(const char *path, const char *sql)
{
	sqlite3 *db;
	int rc;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_close(db);
	return rc;
}

static const char *file_of(struct place *p, const char *name)
{
	const char *path = in_folder(p, name);

	OK(db_backup(p->db, path, &err));
	return path;
}

static void add_teams(struct place *p, int n)
{
	int64_t id;

	place_begin(p);
	for (int i = 0; i < n; i++)
		OK(team_insert(p->db, arena_printf(&p->arena, "team-%d", i), 1, &id, &err));
	place_commit(p);
}

static void each_bit_and_each_place_counts(void **state)
{
	unsigned char page[PAGE] = "a page";
	uint64_t sum = page_sum(page, PAGE - 8, 7);

	(void)state;
	for (size_t i = 0; i < PAGE - 8; i++)
		for (int bit = 0; bit < 8; bit++) {
			page[i] ^= (unsigned char)(1 << bit);
			if (page_sum(page, PAGE - 8, 7) == sum)
				fail_msg("byte %zu, bit %d", i, bit);
			page[i] ^= (unsigned char)(1 << bit);
		}
	assert_true(page_sum(page, PAGE - 8, 7) == sum);
	assert_true(page_sum(page, PAGE - 8, 8) != sum);
	assert_true(page_sum(page, PAGE - 16, 7) != sum);
}

/* What cancels out where sums are only added up: the highest bits of two words, two words changed for each other. */
static void changes_do_not_cancel_out(void **state)
{
	unsigned char page[PAGE] = { 0 };
	uint64_t sum = page_sum(page, PAGE - 8, 1);

	(void)state;
	for (size_t i = 8; i < PAGE - 8; i += 8) {
		page[7] = page[i + 7] = 0x80;
		assert_true(page_sum(page, PAGE - 8, 1) != sum);
		page[7] = page[i + 7] = 0;
	}
	for (size_t i = 0; i + 16 <= PAGE - 8; i += 8) {
		uint64_t swapped;

		page[i] = 1;
		swapped = page_sum(page, PAGE - 8, 1);
		page[i] = 0;
		page[i + 8] = 1;
		assert_true(page_sum(page, PAGE - 8, 1) != swapped);
		page[i + 8] = 0;
	}
}

static void expect_sealed(struct place *p, const char *path)
{
	unsigned char *bytes;
	size_t n = read_file(path, &bytes, &p->arena);

	assert_true(n > 10 * PAGE);
	for (size_t at = 0; at < n; at += PAGE)
		if (seal_of(bytes + at) != page_sum(bytes + at, PAGE - PAGE_SEAL, (int64_t)(at / PAGE + 1)))
			fail_msg("page %zu of %s", at / PAGE + 1, path);
}

static void all_pages_are_sealed(void **state)
{
	struct place *p = *state;

	add_teams(p, 100);
	assert_int_equal(db_empty_log(p->db, &(struct err)ERR_INIT), 1);
	expect_sealed(p, p->path);
	expect_sealed(p, file_of(p, "copy.db"));
}

/* Each page, somewhere; the header at each byte, but for the one that says who wrote the page. */
static void what_has_changed_is_found(void **state)
{
	struct place *p = *state;
	const char *path = file_of(p, "copy.db");
	struct err why = ERR_INIT;
	unsigned char *bytes;
	size_t n = read_file(path, &bytes, &p->arena);

	for (size_t i = 0; i < n / PAGE + 95; i++) {
		size_t at = i < 95 ? i : (i - 95) * PAGE + 100 + i * 13 % (PAGE - 100);
		struct db *db = NULL;

		bytes[at] ^= 0x20;
		write_file(path, bytes, n);
		if (db_open(path, DB_WRITE, &db, &why) == 0 && db_backup(db, in_folder(p, "no.db"), &why) == 0)
			fail_msg("byte %zu", at);
		assert_int_equal(why.kind, ERR_CONFIG);
		if (at > 100)
			assert_non_null(strstr(why.text, arena_printf(&p->arena, "page %zu is not as it was written", at / PAGE + 1)));
		db_close(db);
		bytes[at] ^= 0x20;
	}
}

static void a_check_says_which_page_it_is(void **state)
{
	struct place *p = *state;
	const char *path = file_of(p, "copy.db");
	struct err why = ERR_INIT;
	unsigned char *bytes;
	size_t n = read_file(path, &bytes, &p->arena);
	struct db *db;

	bytes[5 * PAGE - 100] ^= 1;
	write_file(path, bytes, n);
	OK(db_open(path, DB_WRITE, &db, &err));
	assert_int_equal(db_verify(db, &why), -1);
	assert_non_null(strstr(why.text, "page 5 is not as it was written"));
	db_close(db);
	bytes[5 * PAGE - 100] ^= 1;
	write_file(path, bytes, n);
	OK(db_open(path, DB_WRITE, &db, &err));
	OK(db_verify(db, &err)); /* what was seen before is forgotten */
	db_close(db);
}

static void a_page_in_the_place_of_another_is_found(void **state)
{
	struct place *p = *state;
	const char *path = file_of(p, "copy.db");
	unsigned char *bytes;
	size_t n = read_file(path, &bytes, &p->arena);
	struct db *db;

	memcpy(bytes + 4 * PAGE, bytes + 5 * PAGE, PAGE);
	write_file(path, bytes, n);
	OK(db_open(path, DB_WRITE, &db, &err));
	FAILS(ERR_CONFIG, db_backup(db, in_folder(p, "no.db"), &err));
	db_close(db);
}

static void a_file_that_is_cut_is_found(void **state)
{
	struct place *p = *state;
	const char *path = file_of(p, "copy.db");
	unsigned char *bytes;
	size_t n = read_file(path, &bytes, &p->arena);
	size_t sizes[] = { n - PAGE, n - 1, PAGE, PAGE - 1, 99, 1 };
	struct err why = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct db *db = NULL;

		write_file(path, bytes, sizes[i]);
		if (db_open(path, DB_WRITE, &db, &why) == 0 && db_verify(db, &why) == 0)
			fail_msg("%zu bytes", sizes[i]);
		assert_int_equal(why.kind, ERR_CONFIG);
		db_close(db);
	}
}

/* Who knows nothing of seals looks at everything and changes nothing. */
static void other_programs_only_look(void **state)
{
	struct place *p = *state;
	const char *path = file_of(p, "copy.db");

	assert_int_equal(elsewhere(path, "SELECT count(*) FROM team; PRAGMA integrity_check"), SQLITE_OK);
	assert_int_equal(elsewhere(path, "UPDATE team SET name = 'x'"), SQLITE_READONLY);
	assert_int_equal(elsewhere(path, "VACUUM"), SQLITE_READONLY);
}

/* A program that died left its log, and who looks at it with SQLite's shell moves it into the file. */
static void a_log_that_another_program_moves_is_taken(void **state)
{
	struct place *p = *state;
	const char *path = in_folder(p, "died.db");
	unsigned char *bytes, *log;
	size_t n = read_file(p->path, &bytes, &p->arena), m;
	struct db *db;

	add_teams(p, 3);
	m = read_file(arena_printf(&p->arena, "%s-wal", p->path), &log, &p->arena);
	write_file(path, bytes, n);
	write_file(arena_printf(&p->arena, "%s-wal", path), log, m);
	assert_int_equal(elsewhere(path, "SELECT count(*) FROM team"), SQLITE_OK);
	assert_int_equal(access(arena_printf(&p->arena, "%s-wal", path), F_OK), -1);
	OK(db_open(path, DB_WRITE, &db, &err));
	OK(db_verify(db, &err));
	db_close(db);
	strcpy(p->path, path);
	assert_string_equal(place_ask(p, "SELECT count(*) FROM team"), "3");
}

/* The power went while the log was moved into the file: page 1 is half of one, and the log has it. */
static void half_a_header_is_made_whole_by_the_log(void **state)
{
	struct place *p = *state;
	const char *path = in_folder(p, "torn.db"), *table = "CREATE TABLE more (x INTEGER)";
	unsigned char *bytes, *log;
	size_t n, m;
	sqlite3 *raw;
	struct db *db;

	assert_int_equal(sqlite3_open_v2(p->path, &raw, SQLITE_OPEN_READWRITE, page_vfs()), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, table, NULL, NULL, NULL), SQLITE_OK);
	n = read_file(p->path, &bytes, &p->arena);
	m = read_file(arena_printf(&p->arena, "%s-wal", p->path), &log, &p->arena);
	memset(bytes, 0x5a, 512);
	write_file(path, bytes, n);
	write_file(arena_printf(&p->arena, "%s-wal", path), log, m);
	OK(db_open(path, DB_WRITE, &db, &err));
	OK(db_verify(db, &err));
	db_close(db);
	expect_sealed(p, path);
	sqlite3_close(raw);
}

static int copy_with_sqlite(const char *from, const char *to)
{
	sqlite3 *source, *target;
	sqlite3_backup *b;
	int rc;

	assert_int_equal(sqlite3_open(from, &source), SQLITE_OK);
	assert_int_equal(sqlite3_open(to, &target), SQLITE_OK);
	b = sqlite3_backup_init(target, "main", source, "main");
	rc = sqlite3_backup_step(b, -1);
	sqlite3_backup_finish(b);
	sqlite3_close(source);
	sqlite3_close(target);
	return rc;
}

static void copies_of_other_programs_are_taken(void **state)
{
	struct place *p = *state;
	const char *copies[] = { in_folder(p, "backup.db"), in_folder(p, "vacuum.db") };
	struct db *db;

	add_teams(p, 3);
	assert_int_equal(copy_with_sqlite(p->path, copies[0]), SQLITE_DONE);
	assert_int_equal(elsewhere(p->path, arena_printf(&p->arena, "VACUUM INTO '%s'", copies[1])), SQLITE_OK);
	for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
		const char *sealed = arena_printf(&p->arena, "%s.sealed", copies[i]);

		OK(db_open(copies[i], DB_WRITE, &db, &err));
		OK(db_verify(db, &err));
		OK(db_backup(db, sealed, &err));
		db_close(db);
		expect_sealed(p, sealed);
	}
}

static void a_file_without_room_is_refused(void **state)
{
	struct place *p = *state;
	const char *path = in_folder(p, "plain.db");
	struct err why = ERR_INIT;
	struct db *db;

	assert_int_equal(elsewhere(path, "PRAGMA application_id = 1885958245; CREATE TABLE x (y); INSERT INTO x VALUES (zeroblob(9000))"),
	                 SQLITE_OK);
	assert_int_equal(db_open(path, DB_UPGRADE, &db, &why), -1);
	assert_int_equal(why.kind, ERR_CONFIG);
	assert_non_null(strstr(why.text, "no room"));
	FAILS(ERR_CONFIG, db_open_quick(path, &db, &err));
	assert_int_equal(elsewhere(path, "PRAGMA integrity_check"), SQLITE_OK);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bit_and_each_place_counts),
		cmocka_unit_test(changes_do_not_cancel_out),
		T(all_pages_are_sealed),
		T(what_has_changed_is_found),
		T(a_check_says_which_page_it_is),
		T(a_page_in_the_place_of_another_is_found),
		T(a_file_that_is_cut_is_found),
		T(other_programs_only_look),
		T(a_log_that_another_program_moves_is_taken),
		T(half_a_header_is_made_whole_by_the_log),
		T(copies_of_other_programs_are_taken),
		T(a_file_without_room_is_refused),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
