#include "base/arena.h"
#include "base/buf.h"
#include "format/diff.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *name, *old, *new, *expected; /* behind the two lines of names */
} cases[] = {
	{ "the same", "a\nb\n", "a\nb\n", "" },
	{ "both empty", "", "", "" },
	{ "from nothing", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n" },
	{ "to nothing", "a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n" },
	{ "one line", "a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n" },
	{ "three lines of context", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
	  "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n" },
	{ "six lines between changes are one hunk", "a\n1\n2\n3\n4\n5\n6\nb\n", "x\n1\n2\n3\n4\n5\n6\ny\n",
	  "@@ -1,8 +1,8 @@\n-a\n+x\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+y\n" },
	{ "seven are two", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "x\n1\n2\n3\n4\n5\n6\n7\ny\n",
	  "@@ -1,4 +1,4 @@\n-a\n+x\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+y\n" },
	{ "an insertion", "a\nb\n", "a\nx\nb\n", "@@ -1,2 +1,3 @@\n a\n+x\n b\n" },
	{ "no newline at the end", "a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n" },
	{ "one line of one", "a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n" },
};

static void edits_as_diff_writes_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		BUF_AUTO out = BUF_INIT(10000);
		const char *hunks;

		diff_unified("old", cases[i].old, "new", cases[i].new, &out);
		hunks = out.len ? out.s + strlen("--- old\n+++ new\n") : "";
		if (strcmp(hunks, cases[i].expected) != 0)
			fail_msg("%s: %s", cases[i].name, out.s);
	}
}

static const char *copy_line(const char *from, struct buf *to)
{
	size_t n = strcspn(from, "\n") + 1;

	if (to)
		buf_add(to, from, n);
	return from + n;
}

/* What patch(1) does: context and removed lines must be where the hunk says. */
static void patch(const char *old, const char *diff, struct buf *out)
{
	int line = 1, from;

	diff = strchr(strchr(diff, '\n') + 1, '\n') + 1;
	while (*diff) {
		if (*diff == '@') {
			assert_int_equal(sscanf(diff, "@@ -%d", &from), 1);
			from += strncmp(strchr(diff, ' ') + 1 + strcspn(strchr(diff, ' ') + 1, ", "), ",0", 2) == 0;
			for (; line < from; line++)
				old = copy_line(old, out);
		} else if (*diff == '+') {
			buf_add(out, diff + 1, strcspn(diff, "\n"));
		} else {
			assert_memory_equal(old, diff + 1, strcspn(diff, "\n"));
			old = copy_line(old, *diff == ' ' ? out : NULL);
			line++;
		}
		diff = copy_line(diff, NULL);
	}
	buf_adds(out, old);
}

static uint32_t seed = 1;

static unsigned below(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % n;
}

static void random_text(struct buf *b, unsigned letters, unsigned lines)
{
	buf_clear(b);
	for (unsigned i = below(lines); i > 0; i--)
		buf_addf(b, "%c\n", 'a' + (int)below(letters));
}

static int changed_lines(const char *diff)
{
	int n = 0;

	for (const char *line = diff; *line; line += strcspn(line, "\n") + 1)
		n += (*line == '+' || *line == '-') && strncmp(line, "+++", 3) != 0 && strncmp(line, "---", 3) != 0;
	return n;
}

/* The length of the shortest edit, from the longest common subsequence. */
static int shortest(const char *old, const char *new)
{
	static int best[64][64];
	int n = (int)strlen(old) / 2, m = (int)strlen(new) / 2;

	for (int i = n; i >= 0; i--) {
		for (int k = m; k >= 0; k--) {
			if (i == n || k == m)
				best[i][k] = n - i + m - k;
			else if (old[2 * i] == new[2 * k])
				best[i][k] = best[i + 1][k + 1];
			else
				best[i][k] = 1 + (best[i + 1][k] < best[i][k + 1] ? best[i + 1][k] : best[i][k + 1]);
		}
	}
	return best[0][0];
}

static void a_patched_text_is_the_new_one_and_no_edit_is_shorter(void **state)
{
	BUF_AUTO old = BUF_INIT(1000), new = BUF_INIT(1000), diff = BUF_INIT(10000), patched = BUF_INIT(1000);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		unsigned letters = 1 + below(5);

		random_text(&old, letters, 60);
		random_text(&new, letters, 60);
		buf_clear(&diff);
		buf_clear(&patched);
		diff_unified("old", old.s, "new", new.s, &diff);
		if (diff.len == 0) {
			assert_string_equal(old.s, new.s);
			continue;
		}
		patch(old.s, diff.s, &patched);
		assert_string_equal(patched.s, new.s);
		assert_int_equal(changed_lines(diff.s), shortest(old.s, new.s));
	}
}

/* Texts that have nothing in common are replaced as a whole, in reasonable time and memory. */
static void long_texts_that_share_nothing(void **state)
{
	BUF_AUTO old = BUF_INIT(1 << 20), new = BUF_INIT(1 << 20), diff = BUF_INIT(1 << 22), patched = BUF_INIT(1 << 20);

	(void)state;
	buf_adds(&old, "first\n");
	buf_adds(&new, "first\n");
	for (int i = 0; i < 20000; i++) {
		buf_addf(&old, "old %d\n", i);
		buf_addf(&new, "new %d\n", i);
	}
	diff_unified("old", old.s, "new", new.s, &diff);
	patch(old.s, diff.s, &patched);
	assert_string_equal(patched.s, new.s);
	assert_int_equal(changed_lines(diff.s), 40000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_as_diff_writes_them),
		cmocka_unit_test(a_patched_text_is_the_new_one_and_no_edit_is_shorter),
		cmocka_unit_test(long_texts_that_share_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
