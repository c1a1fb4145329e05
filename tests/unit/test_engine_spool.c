#include "fixture.h"

#include "store/db_private.h"
#include "tick/work.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What lies in the spool, and what a tick makes of it. */

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	*state = &f;
	return 0;
}

static const char *in_spool(struct fixture *f, const char *name)
{
	return arena_printf(&f->arena, "%s.spool/%s", f->db_path, name);
}

static void open_spool(struct fixture *f)
{
	fixture_apply(f, "kind: Fields\nname: contact\nevents: {order.placed: {total: number, note: text}}\n");
	fixture_add(f, "anna@example.org", NULL);
	assert_int_equal(mkdir(in_spool(f, ""), 0770), 0);
}

static void spool_bytes(struct fixture *f, const char *name, const void *data, size_t len)
{
	FILE *file = fopen(in_spool(f, name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void spool_text(struct fixture *f, const char *name, const char *text)
{
	spool_bytes(f, name, text, strlen(text));
}

#define ORDER "{\"team\": \"sales\", \"contact\": \"Anna@Example.org\", \"type\": \"order.placed\", \"data\": {\"total\": 7}"

/* Returns how many files were moved away. */
static int64_t drain(struct fixture *f)
{
	struct work_options how = { .max = INT64_MAX };
	struct work_count n;

	OK(work(&f->e, &how, &n, &err));
	return n.bad.n;
}

static int64_t orders(struct fixture *f)
{
	return fixture_number(f, "SELECT count(*) FROM event WHERE type = 'order.placed'");
}

static void good_files_are_recorded_once_and_removed(void **state)
{
	struct fixture *f = *state;
	char name[16];

	open_spool(f);
	for (int i = 0; i < 250; i++) {
		snprintf(name, sizeof name, "%d", i);
		spool_text(f, name, ORDER "}");
	}
	spool_text(f, ".half", ORDER);
	assert_int_equal(drain(f), 0);
	assert_int_equal(orders(f), 250);
	assert_string_equal(fixture_text(f, "SELECT data FROM event WHERE type = 'order.placed'"), "{\"total\":7}");
	assert_int_equal(access(in_spool(f, "0"), F_OK), -1);
	assert_int_equal(access(in_spool(f, ".half"), F_OK), 0);
	assert_int_equal(access(in_spool(f, "bad"), F_OK), -1);
}

/* A crash between the commit and the removal repeats a file: its id, or its name, keeps it from counting twice. */
static void repeated_files_count_once(void **state)
{
	struct fixture *f = *state;

	open_spool(f);
	for (int i = 0; i < 2; i++) {
		spool_text(f, "named", ORDER "}");
		spool_text(f, i ? "second" : "first", ORDER ", \"id\": \"order-1\"}");
		assert_int_equal(drain(f), 0);
	}
	assert_int_equal(orders(f), 2);
}

static volatile sig_atomic_t stop;
static int until_stop;

static int stop_at_event(unsigned kind, void *ctx, void *statement, void *text)
{
	(void)kind, (void)ctx, (void)statement;
	if (strncmp(text, "INSERT INTO event_key ", 22) == 0 && --until_stop == 0)
		stop = 1;
	return 0;
}

/* A tick that is told to stop at its nth event, 0: at its beginning; returns how many files the spool still has. */
static int drain_until(struct fixture *f, int n)
{
	struct work_options how = { .max = INT64_MAX, .stop = &stop };
	struct work_count count;
	int left = 0;

	stop = n == 0;
	until_stop = n;
	sqlite3_trace_v2(f->db->handle, SQLITE_TRACE_STMT, stop_at_event, NULL);
	OK(work(&f->e, &how, &count, &err));
	sqlite3_trace_v2(f->db->handle, 0, NULL, NULL);
	assert_int_equal(count.bad.n, 0);
	for (int i = 0; i < 250; i++)
		left += access(in_spool(f, arena_printf(&f->arena, "%d", i)), F_OK) == 0;
	return left;
}

static void a_tick_that_is_told_to_stop_leaves_the_rest(void **state)
{
	struct fixture *f = *state;

	open_spool(f);
	for (int i = 0; i < 250; i++)
		spool_text(f, arena_printf(&f->arena, "%d", i), ORDER "}");
	assert_int_equal(drain_until(f, 0), 250);
	assert_int_equal(drain_until(f, 1), 249);
	assert_int_equal(orders(f), 1);
	assert_int_equal(drain_until(f, 100), 149);
	assert_int_equal(drain_until(f, 103), 46);
	assert_int_equal(orders(f), 204);
	assert_int_equal(drain(f), 0);
	assert_int_equal(orders(f), 250);
}

static void the_time_of_an_event_is_never_in_the_future(void **state)
{
	struct fixture *f = *state;

	open_spool(f);
	spool_text(f, "1", ORDER ", \"at\": \"2026-06-29T08:00:00+02:00\"}");
	spool_text(f, "2", ORDER ", \"at\": \"2030-01-01T00:00:00Z\"}");
	assert_int_equal(drain(f), 0);
	assert_string_equal(fixture_text(f, "SELECT group_concat(at, ' ') FROM (SELECT at FROM event"
	                                    " WHERE type = 'order.placed' ORDER BY at)"), "1782712800 1782716400");
}

static void bad_files_are_moved_away_and_stop_nobody(void **state)
{
	static const struct {
		const char *name, *text;
		size_t len;
#define F(name, text) { name, text, sizeof(text) - 1 }
	} files[] = {
		F("empty", ""),
		F("nonsense", "nonsense"),
		F("cut", ORDER),
		F("list", "[1, 2]"),
		F("binary", "\x7f" "ELF\0\0\xff\xfe"),
		F("nul", "{\"team\":\"sales\",\"contact\":\"anna@example.org\\u0000.evil\",\"type\":\"order.placed\"}"),
		F("no-team", "{\"contact\": \"anna@example.org\", \"type\": \"order.placed\"}"),
		F("unknown-team", "{\"team\": \"x\", \"contact\": \"anna@example.org\", \"type\": \"order.placed\"}"),
		F("unknown-type", "{\"team\": \"sales\", \"contact\": \"anna@example.org\", \"type\": \"order.lost\"}"),
		F("builtin-type", "{\"team\": \"sales\", \"contact\": \"anna@example.org\", \"type\": \"email.replied\"}"),
		F("unknown-contact", "{\"team\": \"sales\", \"contact\": \"x@example.org\", \"type\": \"order.placed\"}"),
		F("unknown-data", "{\"team\": \"sales\", \"contact\": \"anna@example.org\", \"type\": \"order.placed\", \"data\": {\"x\": 1}}"),
		F("bad-data", "{\"team\": \"sales\", \"contact\": \"anna@example.org\", \"type\": \"order.placed\", \"data\": {\"note\": \"a\\r\\nBcc: x\"}}"),
		F("no-data", "{\"team\": \"sales\", \"contact\": \"anna@example.org\", \"type\": \"order.placed\", \"data\": \"x\"}"),
		F("no-address", "{\"team\": \"sales\", \"contact\": \"anna\\r\\nBcc: x@y.org\", \"type\": \"order.placed\"}"),
		F("bad-time", ORDER ", \"at\": \"yesterday\"}"),
	};
#undef F
	struct fixture *f = *state;

	open_spool(f);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		spool_bytes(f, files[i].name, files[i].text, files[i].len);
	spool_text(f, "good", ORDER "}");
	assert_int_equal(drain(f), ARRAY_LEN(files));
	assert_int_equal(orders(f), 1);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (access(in_spool(f, arena_printf(&f->arena, "bad/%s", files[i].name)), F_OK) < 0)
			fail_msg("%s is not in bad/", files[i].name);
		assert_int_equal(access(in_spool(f, files[i].name), F_OK), -1);
	}
	assert_int_equal(drain(f), 0);
}

static void what_is_no_file_of_its_own_is_not_read(void **state)
{
	struct fixture *f = *state;
	const char *secret = arena_printf(&f->arena, "%s/secret", f->folder);
	FILE *file = fopen(secret, "w");
	char *huge = arena_alloc(&f->arena, 70000);

	fputs(ORDER "}", file);
	fclose(file);
	open_spool(f);
	memset(huge, ' ', 69999);
	memcpy(huge, ORDER "}", sizeof ORDER);
	spool_text(f, "huge", huge);
	assert_int_equal(symlink(secret, in_spool(f, "symlink")), 0);
	assert_int_equal(link(secret, in_spool(f, "hardlink")), 0);
	assert_int_equal(mkfifo(in_spool(f, "fifo"), 0600), 0);
	assert_int_equal(mkdir(in_spool(f, "folder"), 0700), 0);
	spool_text(f, "folder/inside", ORDER "}");
	assert_int_equal(symlink("/dev/zero", in_spool(f, "endless")), 0);
	assert_int_equal(drain(f), 6);
	assert_int_equal(orders(f), 0);
	assert_int_equal(access(secret, F_OK), 0);
	assert_int_equal(drain(f), 0);
}

/* The same bad names again and again, also where the folder of bad files is something else. */
static void the_spool_cannot_be_made_to_stop_ticks(void **state)
{
	struct fixture *f = *state;

	open_spool(f);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mkdir(in_spool(f, "folder"), 0700), 0);
		spool_text(f, "folder/inside", "x");
		spool_text(f, "text", arena_printf(&f->arena, "version %d", i));
		assert_int_equal(drain(f), 2);
	}
	assert_int_equal(access(in_spool(f, "bad/folder.2/inside"), F_OK), 0);
	assert_int_equal(access(in_spool(f, "bad/text"), F_OK), 0);
	assert_int_equal(access(in_spool(f, "bad/text.2"), F_OK), 0);
}

static void bad_files_do_not_follow_a_link(void **state)
{
	struct fixture *f = *state;
	const char *elsewhere = arena_printf(&f->arena, "%s/elsewhere", f->folder);

	open_spool(f);
	assert_int_equal(mkdir(elsewhere, 0700), 0);
	assert_int_equal(symlink(elsewhere, in_spool(f, "bad")), 0);
	spool_text(f, "x", "nonsense");
	assert_int_equal(drain(f), 1);
	assert_int_equal(access(arena_printf(&f->arena, "%s/x", elsewhere), F_OK), -1);
	assert_int_equal(access(in_spool(f, "bad/x"), F_OK), 0);
	assert_int_equal(rmdir(elsewhere), 0);
}

static void a_file_named_bad_is_no_obstacle(void **state)
{
	struct fixture *f = *state;

	open_spool(f);
	spool_text(f, "bad", "a trick");
	spool_text(f, "x", "nonsense");
	assert_int_equal(drain(f), 1);
	assert_int_equal(access(in_spool(f, "bad/x"), F_OK), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(good_files_are_recorded_once_and_removed),
		T(repeated_files_count_once),
		T(a_tick_that_is_told_to_stop_leaves_the_rest),
		T(the_time_of_an_event_is_never_in_the_future),
		T(bad_files_are_moved_away_and_stop_nobody),
		T(what_is_no_file_of_its_own_is_not_read),
		T(the_spool_cannot_be_made_to_stop_ticks),
		T(bad_files_do_not_follow_a_link),
		T(a_file_named_bad_is_no_obstacle),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
