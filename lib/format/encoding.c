#include "format/encoding.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

enum { PENDING_MAX = 8 };

struct encoding {
	iconv_t cd;                /* (iconv_t)-1: UTF-8, nothing to convert */
	size_t unit;               /* bytes of the smallest character: what is skipped when it means nothing */
	char pending[PENDING_MAX]; /* the beginning of a character that is not complete yet */
	size_t n_pending;
};

static const struct {
	const char *name, *iconv_name;
	size_t unit;
} names[] = {
	{ "utf-8", NULL, 1 },
	{ "utf8", NULL, 1 },
	{ "windows-1252", "CP1252", 1 },
	{ "cp1252", "CP1252", 1 },
	{ "iso-8859-1", "ISO-8859-1", 1 },
	{ "latin1", "ISO-8859-1", 1 },
	{ "iso-8859-15", "ISO-8859-15", 1 },
	{ "latin9", "ISO-8859-15", 1 },
	{ "utf-16", "UTF-16", 2 },
	{ "utf-16le", "UTF-16LE", 2 },
	{ "utf-16be", "UTF-16BE", 2 },
};

int encoding_open(const char *name, struct encoding **ret, struct err *err)
{
	iconv_t cd = (iconv_t)-1;
	size_t i = 0;

	while (i < ARRAY_LEN(names) && strcasecmp(name, names[i].name) != 0)
		i++;
	if (i == ARRAY_LEN(names))
		return err_set(err, ERR_USAGE,
		               "no encoding '%s'; there are utf-8, windows-1252, iso-8859-1, iso-8859-15, utf-16",
		               name);
	if (names[i].iconv_name) {
		cd = iconv_open("UTF-8", names[i].iconv_name);
		if (cd == (iconv_t)-1)
			return err_errno(err, ERR_CONFIG, "the C library cannot read %s", name);
	}
	*ret = xcalloc(1, sizeof **ret);
	(*ret)->cd = cd;
	(*ret)->unit = names[i].unit;
	return 0;
}

void encoding_close(struct encoding *e)
{
	if (!e)
		return;
	if (e->cd != (iconv_t)-1)
		iconv_close(e->cd);
	free(e);
}

/* Converts what it can; returns how many bytes at the end of s are an incomplete character. */
static size_t convert(struct encoding *e, char *s, size_t len, struct buf *out)
{
	char chunk[4096];

	while (len > 0) {
		char *to = chunk;
		size_t room = sizeof chunk;
		size_t rc = iconv(e->cd, &s, &len, &to, &room);
		int why = errno;

		buf_add(out, chunk, (size_t)(to - chunk));
		if (rc != (size_t)-1 || why == E2BIG)
			continue;
		if (why == EINVAL || len < e->unit)
			return len;
		buf_addc(out, (char)ENCODING_BAD);
		s += e->unit;
		len -= e->unit;
	}
	return 0;
}

static void keep(struct encoding *e, const char *s, size_t len)
{
	BUG_ON(len > PENDING_MAX);
	memmove(e->pending, s, len);
	e->n_pending = len;
}

/* Completes the character whose beginning is pending; returns how many bytes of s that took. */
static size_t complete_pending(struct encoding *e, const char *s, size_t len, struct buf *out)
{
	size_t taken = 0;

	while (e->n_pending > 0 && e->n_pending < PENDING_MAX && taken < len) {
		size_t left;

		e->pending[e->n_pending++] = s[taken++];
		left = convert(e, e->pending, e->n_pending, out);
		keep(e, e->pending + e->n_pending - left, left);
	}
	return taken;
}

void encoding_decode(struct encoding *e, const char *s, size_t len, struct buf *out)
{
	BUF_AUTO copy = BUF_INIT(len);
	size_t taken, left;

	if (e->cd == (iconv_t)-1) {
		buf_add(out, s, len);
		return;
	}
	taken = complete_pending(e, s, len, out);
	if (taken == len)
		return;
	buf_add(&copy, s + taken, len - taken);
	left = convert(e, copy.s, copy.len, out);
	keep(e, copy.s + copy.len - left, left);
}

void encoding_finish(struct encoding *e, struct buf *out)
{
	if (e->n_pending > 0)
		buf_addc(out, (char)ENCODING_BAD);
	e->n_pending = 0;
}
