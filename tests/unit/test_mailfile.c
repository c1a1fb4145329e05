#include "transport/mailfile.h"
#include "transport/mbox.h"

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
		assert_int_equal(s.len[0], 6 + len + 11);
		assert_string_equal(s.end[0], " b Mon\n");
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

/* The texts of all mails, each behind "<" and before ">". */
static int add_text(void *ctx, const char *mail, size_t len, struct err *e)
{
	(void)e;
	buf_adds(ctx, "<");
	buf_add(ctx, mail, len);
	buf_adds(ctx, ">");
	return 0;
}

static void reads_as(const char *text, const char *expected)
{
	BUF_AUTO all = BUF_INIT(1 << 16);
	char path[] = "/tmp/mailfile-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	OK(mbox_each(path, add_text, &all, &err));
	unlink(path);
	assert_string_equal(all.s ? all.s : "", expected);
}

#define DATE  "Mon Jun  1 09:00:00 2026"
#define FROM  "From a@far.example " DATE "\n"
#define OTHER "From b@far.example " DATE "\n"

static void a_line_that_begins_with_from_begins_a_mail_only_with_a_date(void **state)
{
	static const char *const no_mail[] = {
		"From now on we use the other address.",
		"From Monday on we are closed.",
		"From Mon to Fri, 09:00:00 to 17:00:00, in 2026",
		"From anna Mon Jun 1",
		"From anna Mon Jun 1 2026",
		"From anna Mon Juni 1 09:00:00 2026",
		"From anna Mon Jun 1 09.00 2026",
		"From anna Jun 1 09:00:00 2026",
		"From anna Mon 1 Jun 09:00:00 2026",
		"From anna Mon Jun x1 09:00:00 2026",
		"From anna Mon Jun 1 09:00:00 26",
		"From " DATE,
		"from b@far.example " DATE,
		"From: b@far.example " DATE,
		"Frommer b@far.example " DATE,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(no_mail); i++) {
		BUF_AUTO box = BUF_INIT(4096);
		BUF_AUTO expected = BUF_INIT(4096);

		buf_addf(&box, FROM "A: 1\n\nHello\n\n%s\nBye\n\n" OTHER "B: 2\n\nHi\n\n", no_mail[i]);
		buf_addf(&expected, "<A: 1\n\nHello\n\n%s\nBye\n><B: 2\n\nHi\n>", no_mail[i]);
		reads_as(box.s, expected.s);
	}
}

static void dates_are_written_in_many_ways(void **state)
{
	static const char *const begins[] = {
		"b@far.example Mon Jun  1 09:00:00 2026",
		"b@far.example  Mon Jun 01 09:00:00 2026",
		"b@far.example Mon Jun  1 09:00 2026",
		"b@far.example Mon Jun  1 9:00:00 2026",
		"b@far.example Mon Jun  1 09:00:00 +0200 2026",
		"b@far.example Mon Jun  1 09:00:00 2026 +0200",
		"b@far.example Mon Jun  1 09:00:00 MET DST 2026",
		"b@far.example Mon Jun  1 09:00:00 2026 remote from far",
		"b@far.example Mon, 1 Jun 2026 09:00:00 +0200",
		"- Mon Jun  1 09:00:00 2026",
		"MAILER-DAEMON Mon Jun  1 09:00:00 2026\r",
		"\"Bob B.\"@far.example\tMon Jun  1 09:00:00 2026",
		"bob at far.example  Mon Jun  1 09:00:00 2026",
		"Mon Mon Jun  1 09:00:00 2026",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
		BUF_AUTO box = BUF_INIT(4096);

		buf_addf(&box, FROM "A: 1\n\nHello\n\nFrom %s\nB: 2\n\nHi\n\n", begins[i]);
		reads_as(box.s, "<A: 1\n\nHello\n><B: 2\n\nHi\n>");
	}
}

static void a_mail_begins_behind_a_blank_line(void **state)
{
	(void)state;
	reads_as(FROM "A: 1\n\nHello\n" OTHER "B: 2\n\nHi\n", "<A: 1\n\nHello\n" OTHER "B: 2\n\nHi\n>");
	reads_as(FROM "A: 1\n\nHello\n\n\n" OTHER "B: 2\n\nHi\n\n\n", "<A: 1\n\nHello\n\n><B: 2\n\nHi\n\n>");
	reads_as("\n" FROM "A: 1\r\n\r\nHello\r\n\r\n" OTHER "B: 2\n\nHi", "<A: 1\r\n\r\nHello\r\n><B: 2\n\nHi>");
	reads_as(FROM "A: 1\n\n" OTHER "B: 2\n\n\n" OTHER, "<A: 1\n\n><B: 2\n\n><>");
	reads_as("Subject: no mbox\n\nHello\n", "");
	reads_as("", "");
}

static void the_first_line_says_whether_there_are_dates(void **state)
{
	(void)state;
	reads_as("From a\nA: 1\n\nHello\n\nFrom b\nB: 2\n\nHi\n", "<A: 1\n\nHello\n><B: 2\n\nHi\n>");
}

static void writers_quote_from_lines(void **state)
{
	(void)state;
	reads_as(FROM "A: 1\n\n>From me\n\n>" OTHER "\n" OTHER "B: 2\n\nHi\n\n", /* mboxo */
	         "<A: 1\n\nFrom me\n\n" OTHER "><B: 2\n\nHi\n>");
	reads_as(FROM "A: 1\n\n>>From me\n\n>" OTHER "\n>>>From\n\n", /* mboxrd */
	         "<A: 1\n\n>From me\n\n" OTHER "\n>>>From\n>");
}

static void a_body_is_as_long_as_its_header_says(void **state)
{
	static const char *const right[] = { "Content-Length: 55", "content-length:55 \r", "Content-Length:\t055\nX: y" };
	static const char *const wrong[] = { "Content-Length: 54", "Content-Length: 10", "Content-Length: -55",
		                                 "Content-Length: 55x", "Content-Length:", "Content-Length: 0", "X-Content-Length: 55",
		                                 "Content-Length: 99999999999999999999999" };
	static const char body[] = "Hi\n\n" OTHER ">From\n\n";

	(void)state;
	assert_int_equal(sizeof body - 1, 55);
	for (size_t i = 0; i < ARRAY_LEN(right); i++) {
		BUF_AUTO box = BUF_INIT(4096);
		BUF_AUTO expected = BUF_INIT(4096);

		buf_addf(&box, FROM "%s\n\n%s\n" OTHER "B: 2\n\nHi\n\n", right[i], body);
		buf_addf(&expected, "<%s\n\n%s><B: 2\n\nHi\n>", right[i], body);
		reads_as(box.s, expected.s);
		buf_clear(&box); /* the last one */
		buf_clear(&expected);
		buf_addf(&box, FROM "%s\n\n%s", right[i], body);
		buf_addf(&expected, "<%s\n\n%s>", right[i], body);
		reads_as(box.s, expected.s);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		BUF_AUTO box = BUF_INIT(4096);
		BUF_AUTO expected = BUF_INIT(4096);

		buf_addf(&box, FROM "%s\n\n%s\nmore", wrong[i], body);
		buf_addf(&expected, "<%s\n\nHi\n><>From\n\n\nmore>", wrong[i]);
		reads_as(box.s, expected.s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_line_is_a_line),
		cmocka_unit_test(of_an_endless_line_as_much_is_read_as_of_any_mail),
		cmocka_unit_test(quoted_lines_lose_one_sign),
		cmocka_unit_test(a_line_that_begins_with_from_begins_a_mail_only_with_a_date),
		cmocka_unit_test(dates_are_written_in_many_ways),
		cmocka_unit_test(a_mail_begins_behind_a_blank_line),
		cmocka_unit_test(the_first_line_says_whether_there_are_dates),
		cmocka_unit_test(writers_quote_from_lines),
		cmocka_unit_test(a_body_is_as_long_as_its_header_says),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mail in files", tests, NULL, NULL);
}
