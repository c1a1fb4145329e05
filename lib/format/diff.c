#include "format/diff.h"

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <string.h>

#define CONTEXT   3
#define EDITS_MAX 3000 /* memory grows with the square */

struct line {
	const char *s;
	size_t len; /* without the newline */
	bool ended; /* by a newline */
};

struct lines {
	struct line *v;
	int n;
};

/* Two texts; keep_*[i]: the line is in both. */
struct comparison {
	struct lines old, new;
	bool *keep_old, *keep_new;
	struct arena *arena;
};

static struct lines split(const char *text, struct arena *a)
{
	struct lines l = { 0 };
	size_t cap = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");

		ARENA_GROW(a, &l.v, &cap, (size_t)l.n);
		l.v[l.n++] = (struct line){ text, len, text[len] == '\n' };
		text += len + (text[len] == '\n');
	}
	return l;
}

static bool same(const struct comparison *c, int i, int k)
{
	const struct line *a = &c->old.v[i], *b = &c->new.v[k];

	return a->len == b->len && a->ended == b->ended && memcmp(a->s, b->s, a->len) == 0;
}

static void keep(struct comparison *c, int i, int k)
{
	c->keep_old[i] = c->keep_new[k] = true;
}

/* The part that differs: old[from_old, to_old) against new[from_new, to_new). */
struct part {
	int from_old, to_old, from_new, to_new;
};

static struct part trim(struct comparison *c)
{
	struct part p = { 0, c->old.n, 0, c->new.n };

	while (p.from_old < p.to_old && p.from_new < p.to_new && same(c, p.from_old, p.from_new))
		keep(c, p.from_old++, p.from_new++);
	while (p.from_old < p.to_old && p.from_new < p.to_new && same(c, p.to_old - 1, p.to_new - 1))
		keep(c, --p.to_old, --p.to_new);
	return p;
}

/*
 * far[d][k + d] is how far the best path of d edits gets in the old text on diagonal k = x - y. Walks back from the
 * end and marks what is kept.
 */
static void walk_back(struct comparison *c, const struct part *p, int **far, int d)
{
	int x = p->to_old - p->from_old, y = p->to_new - p->from_new;

	for (; d > 0; d--) {
		const int *before = far[d - 1] + d - 1;
		int k = x - y;
		bool down = k == -d || (k != d && before[k - 1] < before[k + 1]);
		int from_k = down ? k + 1 : k - 1, from_x = before[from_k], from_y = from_x - from_k;

		while (x > from_x + (down ? 0 : 1)) {
			x--;
			y--;
			keep(c, p->from_old + x, p->from_new + y);
		}
		x = from_x;
		y = from_y;
	}
	while (x-- > 0)
		keep(c, p->from_old + x, p->from_new + x);
}

/* The furthest point on diagonal k with d edits. */
static int furthest(const struct comparison *c, const struct part *p, const int *before, int d, int k)
{
	int x = 0, y;

	if (d > 0)
		x = k == -d || (k != d && before[k - 1] < before[k + 1]) ? before[k + 1] : before[k - 1] + 1;
	for (y = x - k; x < p->to_old - p->from_old && y < p->to_new - p->from_new && y >= 0 &&
	     same(c, p->from_old + x, p->from_new + y); y++)
		x++;
	return x;
}

static void compare(struct comparison *c)
{
	struct part p = trim(c);
	int n = p.to_old - p.from_old, m = p.to_new - p.from_new;
	int **far = arena_array(c->arena, EDITS_MAX, sizeof *far);

	for (int d = 0; n > 0 && m > 0 && d < EDITS_MAX; d++) {
		far[d] = arena_array(c->arena, 2 * (size_t)d + 1, sizeof **far);
		for (int k = -d; k <= d; k += 2) {
			far[d][k + d] = furthest(c, &p, d > 0 ? far[d - 1] + d - 1 : NULL, d, k);
			if (far[d][k + d] >= n && far[d][k + d] - k >= m && k == n - m) {
				walk_back(c, &p, far, d);
				return;
			}
		}
	}
}

static void write_line(char sign, const struct line *l, struct buf *out)
{
	buf_addc(out, sign);
	buf_add(out, l->s, l->len);
	buf_adds(out, l->ended ? "\n" : "\n\\ No newline at end of file\n");
}

static void write_range(char sign, int from, int n, struct buf *out)
{
	buf_addf(out, " %c%d", sign, n > 0 ? from + 1 : from);
	if (n != 1)
		buf_addf(out, ",%d", n);
}

static void write_hunk(const struct comparison *c, const struct part *h, struct buf *out)
{
	int i = h->from_old, k = h->from_new;

	buf_adds(out, "@@");
	write_range('-', i, h->to_old - i, out);
	write_range('+', k, h->to_new - k, out);
	buf_adds(out, " @@\n");
	while (i < h->to_old || k < h->to_new) {
		if (i < h->to_old && !c->keep_old[i])
			write_line('-', &c->old.v[i++], out);
		else if (k < h->to_new && !c->keep_new[k])
			write_line('+', &c->new.v[k++], out);
		else {
			write_line(' ', &c->old.v[i++], out);
			k++;
		}
	}
}

/* The next hunk from a place on: changes that are at most two contexts apart. False: there is none. */
static bool next_hunk(const struct comparison *c, int *i, int *k, struct part *ret)
{
	int kept = 0;

	while (*i < c->old.n && *k < c->new.n && c->keep_old[*i] && c->keep_new[*k]) {
		++*i;
		++*k;
		kept++;
	}
	if (*i == c->old.n && *k == c->new.n)
		return false;
	kept = kept < CONTEXT ? kept : CONTEXT;
	*ret = (struct part){ *i - kept, *i, *k - kept, *k };
	for (kept = 0; (*i < c->old.n || *k < c->new.n) && kept <= 2 * CONTEXT;) {
		if (*i < c->old.n && !c->keep_old[*i]) {
			++*i;
			kept = 0;
		} else if (*k < c->new.n && !c->keep_new[*k]) {
			++*k;
			kept = 0;
		} else {
			++*i;
			++*k;
			kept++;
		}
	}
	kept = kept > CONTEXT ? kept - CONTEXT : 0;
	*i -= kept;
	*k -= kept;
	ret->to_old = *i;
	ret->to_new = *k;
	return true;
}

void diff_unified(const char *old_name, const char *old_text, const char *new_name, const char *new_text,
                  struct buf *out)
{
	ARENA_AUTO a = { 0 };
	struct comparison c = { .arena = &a };
	struct part hunk;
	int i = 0, k = 0;

	if (strcmp(old_text, new_text) == 0)
		return;
	c.old = split(old_text, &a);
	c.new = split(new_text, &a);
	c.keep_old = arena_array(&a, (size_t)c.old.n + 1, sizeof *c.keep_old);
	c.keep_new = arena_array(&a, (size_t)c.new.n + 1, sizeof *c.keep_new);
	compare(&c);
	buf_addf(out, "--- %s\n+++ %s\n", old_name, new_name);
	while (next_hunk(&c, &i, &k, &hunk))
		write_hunk(&c, &hunk, out);
}
