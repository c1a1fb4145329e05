#include "base/zone_file.h"

#include <stdio.h>
#include <string.h>

#define HEADER 44 /* RFC 9636 section 3.1 */
#define TYPE   6  /* offset, whether it is daylight saving time, where its abbreviation begins */

static uint32_t big_endian(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

/* Takes a header and the data that it announces, times of `width` bytes (section 3.2). Returns where they end; NULL: they do not. */
static char *read_block(char *at, const char *end, size_t width, struct zone_file *ret)
{
	size_t isut, isstd, leaps, length;

	if (end - at < HEADER || memcmp(at, "TZif", 4) != 0)
		return NULL;
	isut = big_endian(at + 20);
	isstd = big_endian(at + 24);
	leaps = big_endian(at + 28);
	*ret = (struct zone_file){ .n_times = big_endian(at + 32), .n_types = big_endian(at + 36),
		                       .n_chars = big_endian(at + 40), .width = width, .rule = "" };
	ret->times = at + HEADER;
	length = ret->n_times * (width + 1) + ret->n_types * TYPE + ret->n_chars + leaps * (width + 4) + isstd + isut;
	if (leaps != 0 || length > (size_t)(end - ret->times))
		return NULL;
	ret->kinds = ret->times + ret->n_times * width;
	ret->types = ret->kinds + ret->n_times;
	ret->abbrs = ret->types + ret->n_types * TYPE;
	return at + HEADER + length;
}

static size_t kind_at(const struct zone_file *f, size_t i)
{
	return (unsigned char)f->kinds[i];
}

static size_t abbr_of(const struct zone_file *f, size_t kind)
{
	return (unsigned char)f->types[kind * TYPE + 5];
}

/* Does it name only types and abbreviations that it has? */
static bool is_sound(const struct zone_file *f)
{
	if (f->n_types == 0 || f->n_chars == 0 || f->abbrs[f->n_chars - 1] != '\0')
		return false;
	for (size_t i = 0; i < f->n_times; i++)
		if (kind_at(f, i) >= f->n_types)
			return false;
	for (size_t i = 0; i < f->n_types; i++)
		if (abbr_of(f, i) >= f->n_chars)
			return false;
	return true;
}

/* Section 3.3: a line of its own, behind the second block. */
static bool read_rule(char *at, const char *end, struct zone_file *ret)
{
	char *line = at < end && *at == '\n' ? strchr(at + 1, '\n') : NULL;

	if (!line)
		return false;
	*line = '\0';
	ret->rule = at + 1;
	return true;
}

bool zone_file_read(char *data, size_t len, struct zone_file *ret)
{
	const char *end = data + len;
	char *behind = read_block(data, end, 4, ret);

	if (!behind)
		return false;
	if (data[4] < '2')
		return is_sound(ret);
	behind = read_block(behind, end, 8, ret);
	return behind && is_sound(ret) && read_rule(behind, end, ret);
}

static int64_t time_at(const struct zone_file *f, size_t i)
{
	const char *p = f->times + i * f->width;

	if (f->width == 4)
		return (int32_t)big_endian(p);
	return (int64_t)((uint64_t)big_endian(p) << 32 | big_endian(p + 4));
}

int64_t zone_file_last(const struct zone_file *f)
{
	return f->n_times > 0 ? time_at(f, f->n_times - 1) : INT64_MIN;
}

/* How many changes have been by then. */
static size_t changes_until(const struct zone_file *f, int64_t instant)
{
	size_t low = 0, high = f->n_times;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (time_at(f, middle) <= instant)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void zone_file_span(const struct zone_file *f, int64_t instant, struct zone_span *ret)
{
	size_t n = changes_until(f, instant), kind = n > 0 ? kind_at(f, n - 1) : 0;

	ret->from = n > 0 ? time_at(f, n - 1) : INT64_MIN;
	ret->to = n < f->n_times ? time_at(f, n) : INT64_MAX;
	ret->offset = (int32_t)big_endian(f->types + kind * TYPE);
	snprintf(ret->abbr, sizeof ret->abbr, "%s", f->abbrs + abbr_of(f, kind));
}
