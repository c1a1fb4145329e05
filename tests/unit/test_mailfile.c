#include "transport/mailfile.h"

#include "base/buf.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ok.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Mails of an mbox, whatever its lines look like. */

struct seen {
	size_t n, len[4];
	char begin[4][32], end[4][8];
};

static int see(void *ctx, const char *mail, size_t len, struct err *e)
{
	struct seen *s = ctx;

	(void)e;
	assert_in_range(s->n, 0, 3);
	s->len[s->n] = len;
	snprintf(s->begin[s->n], sizeof s->begin[0], "%.*s", (int)len, mail);
	snprintf(s->end[s->n], sizeof s->end[0], "%.*s", 7, len > 7 ? mail + len - 7 : mail);
	s->n++;
	return 0;
}

static struct seen read_mbox(const char *text, size_t len)
{
	char path[] = "/tmp/mailfile-XXXXXX";
	struct seen s = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	OK(mbox_each(path, see, &s, &err));
	unlink(path);
	return s;
}

/* One mail whose second line has so many bytes and no end of its own, and one behind it. */
static struct seen read_long_line(size_t len)
{
	BUF_AUTO b = BUF_INIT(2 * MAILFILE_MAX);
	char *line = xmalloc(len);

	memset(line, 'x', len);
	buf_adds(&b, "From a Mon\nA: 1\n\n");
	buf_add(&b, line, len);
	buf_adds(&b, "From b Mon\n\nFrom c Mon\nB: 2\n");
	free(line);
	return read_mbox(b.s, b.len);
}

static void a_long_line_is_a_line(void **state)
{
	(void)state;
	for (size_t len = 16380; len < 16390; len++) { /* around the size of a piece */
		struct seen s = read_long_line(len);

		assert_int_equal(s.n, 2);
		assert_int_equal(s.len[0], 6 + len + 12);
		assert_string_equal(s.end[0], "b Mon\n\n");
		assert_string_equal(s.begin[1], "B: 2\n");
	}
}

static void of_an_endless_line_as_much_is_read_as_of_any_mail(void **state)
{
	struct seen s = read_long_line(MAILFILE_MAX + 100000);

	(void)state;
	assert_int_equal(s.n, 2);
	assert_int_equal(s.len[0], MAILFILE_MAX);
	assert_string_equal(s.end[0], "xxxxxxx");
	assert_string_equal(s.begin[1], "B: 2\n");
}

static void quoted_lines_lose_one_sign(void **state)
{
	static const char text[] = "From a Mon\n>From 1\n>>From 2\n> From 3\n\nFrom b Mon\nlast";
	struct seen s = read_mbox(text, sizeof text - 1);

	(void)state;
	assert_int_equal(s.n, 2);
	assert_string_equal(s.begin[0], "From 1\n>From 2\n> From 3\n\n");
	assert_string_equal(s.begin[1], "last");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_line_is_a_line),
		cmocka_unit_test(of_an_endless_line_as_much_is_read_as_of_any_mail),
		cmocka_unit_test(quoted_lines_lose_one_sign),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mail in files", tests, NULL, NULL);
}
