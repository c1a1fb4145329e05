#include "transport/mbox.h"

#include "base/buf.h"
#include "transport/mailfile.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PIECE     16384
#define MAX_WORDS 32

struct mbox {
	const char *path;
	FILE *f;
	struct buf *mail;
	int (*each)(void *ctx, const char *mail, size_t len, struct err *err);
	void *ctx;
	char blank[3];   /* the blank line before, which is the mail's unless that ends here; "": none */
	int64_t counted; /* Content-Length; -1: none */
	bool begun;      /* there was a "From " line */
	bool dated;      /* and the first one had a date */
	bool in_header;
	bool may_begin;  /* behind a blank line */
	bool whole;      /* the piece before ended its line */
};

struct word {
	const char *s;
	size_t len;
};

static int split(const char *line, size_t len, struct word words[MAX_WORDS])
{
	int n = 0;

	for (size_t i = 0; i < len && n < MAX_WORDS; i++) {
		size_t begin = i;

		while (i < len && !strchr(" \t\r\n", line[i]))
			i++;
		if (i > begin)
			words[n++] = (struct word){ line + begin, i - begin };
	}
	return n;
}

/* Is it like this? '#' is a digit. */
static bool has_form(struct word w, const char *form)
{
	if (w.len != strlen(form))
		return false;
	for (size_t i = 0; i < w.len; i++)
		if (form[i] == '#' ? w.s[i] < '0' || w.s[i] > '9' : w.s[i] != form[i])
			return false;
	return true;
}

/* One of the names of three letters. */
static bool is_name(struct word w, const char *names)
{
	for (; *names; names += 3)
		if (w.len == 3 && strncasecmp(w.s, names, 3) == 0)
			return true;
	return false;
}

static bool is_weekday(struct word w)
{
	if (w.len == 4 && w.s[3] == ',')
		w.len = 3;
	return is_name(w, "MonTueWedThuFriSatSun");
}

static bool is_month(struct word w)
{
	return is_name(w, "JanFebMarAprMayJunJulAugSepOctNovDec");
}

static bool is_day(struct word w)
{
	return has_form(w, "#") || has_form(w, "##");
}

static bool is_time(struct word w)
{
	return has_form(w, "##:##:##") || has_form(w, "##:##") || has_form(w, "#:##:##");
}

/* "Mon Jun  1 09:00:00 2026"; the zone, of one word or two, may stand before the year. */
static bool is_asctime(const struct word *w, int n)
{
	if (n < 5 || !is_month(w[1]) || !is_day(w[2]) || !is_time(w[3]))
		return false;
	for (int i = 4; i < n && i < 7; i++)
		if (has_form(w[i], "####"))
			return true;
	return false;
}

/* "Mon, 1 Jun 2026 09:00:00" */
static bool is_rfc5322(const struct word *w, int n)
{
	return n >= 5 && is_day(w[1]) && is_month(w[2]) && has_form(w[3], "####") && is_time(w[4]);
}

static bool is_from_line(const char *line, size_t len)
{
	return len > 5 && memcmp(line, "From ", 5) == 0;
}

/* Behind "From" and a sender. */
static bool has_date(const char *line, size_t len)
{
	struct word words[MAX_WORDS];
	int n = split(line, len, words);

	for (int i = 2; i < n; i++)
		if (is_weekday(words[i]) && (is_asctime(words + i, n - i) || is_rfc5322(words + i, n - i)))
			return true;
	return false;
}

static bool is_blank(const char *line, size_t len)
{
	return (len == 1 && *line == '\n') || (len == 2 && memcmp(line, "\r\n", 2) == 0);
}

/* The next line, or as much of it as there is room for: nobody says how long a line of a file is. 0 at the end. */
static size_t read_piece(FILE *f, char *piece, size_t size)
{
	size_t n = 0;
	int c = 0;

	while (n < size && c != '\n' && (c = getc_unlocked(f)) != EOF)
		piece[n++] = (char)c;
	return n;
}

static void add_up_to_limit(struct mbox *m, const char *piece, size_t len)
{
	size_t room = MAILFILE_MAX - m->mail->len;

	buf_add(m->mail, piece, len < room ? len : room);
}

static void add_line(struct mbox *m, const char *line, size_t len)
{
	size_t quotes = 0;

	while (quotes < len && line[quotes] == '>')
		quotes++;
	if (quotes > 0 && is_from_line(line + quotes, len - quotes)) {
		line++;
		len--;
	}
	add_up_to_limit(m, line, len);
}

/* The line is terminated. */
static void note_length(struct mbox *m, const char *line, size_t len)
{
	static const char name[] = "Content-Length:";
	char *end;

	if (len < sizeof name || strncasecmp(line, name, sizeof name - 1) != 0)
		return;
	line += sizeof name - 1;
	m->counted = strtoll(line, &end, 10);
	if (end == line || !strchr(" \t\r\n", *end))
		m->counted = -1;
}

static bool begins_mail(const struct mbox *m, const char *line, size_t len)
{
	return is_from_line(line, len) && (!m->dated || has_date(line, len));
}

/* Does a mail, or the end of the file, follow here, behind its blank line and the end of the last line? */
static bool ends_here(struct mbox *m)
{
	char line[PIECE];
	size_t n = 0;

	for (int i = 0; i < 3 && (n = read_piece(m->f, line, sizeof line)) > 0; i++)
		if (!is_blank(line, n))
			return begins_mail(m, line, n);
	return n == 0 && !ferror(m->f);
}

static void take_bytes(struct mbox *m, int64_t len)
{
	char piece[PIECE];

	while (len > 0) {
		size_t n = fread(piece, 1, len < PIECE ? (size_t)len : PIECE, m->f);

		if (n == 0)
			return;
		add_up_to_limit(m, piece, n);
		len -= (int64_t)n;
	}
}

static int go_to(struct mbox *m, int64_t at, int from, struct err *err)
{
	return fseeko(m->f, at, from) < 0 ? err_errno(err, ERR_IO, "%s", m->path) : 0;
}

/* The body, when it is as long as its header says: what looks like the beginning of a mail in there is none. */
static int take_counted(struct mbox *m, struct err *err)
{
	int64_t at = m->counted < 0 ? -1 : ftello(m->f);
	bool right;

	if (at < 0) /* nobody counted, or it is nothing that one can go back in */
		return 0;
	if (go_to(m, 0, SEEK_END, err) < 0)
		return -1;
	right = m->counted <= ftello(m->f) - at;
	if (right) {
		if (go_to(m, at + m->counted, SEEK_SET, err) < 0)
			return -1;
		right = ends_here(m);
	}
	if (go_to(m, at, SEEK_SET, err) < 0)
		return -1;
	if (right)
		take_bytes(m, m->counted);
	return 0;
}

static int take_header_line(struct mbox *m, const char *line, size_t len, struct err *err)
{
	add_line(m, line, len);
	note_length(m, line, len);
	if (!is_blank(line, len))
		return 0;
	m->in_header = false;
	return take_counted(m, err);
}

static void take_body_line(struct mbox *m, const char *line, size_t len)
{
	add_up_to_limit(m, m->blank, strlen(m->blank));
	*m->blank = '\0';
	if (is_blank(line, len))
		memcpy(m->blank, line, len + 1);
	else
		add_line(m, line, len);
}

static int end_mail(struct mbox *m, struct err *err)
{
	return m->begun ? m->each(m->ctx, m->mail->s, m->mail->len, err) : 0;
}

static int begin_mail(struct mbox *m, const char *line, size_t len, struct err *err)
{
	if (end_mail(m, err) < 0)
		return -1;
	if (!m->begun)
		m->dated = has_date(line, len);
	m->begun = m->in_header = true;
	m->counted = -1;
	*m->blank = '\0';
	buf_clear(m->mail);
	return 0;
}

static int take_piece(struct mbox *m, const char *line, size_t len, struct err *err)
{
	bool is_line = m->whole, may_begin = m->may_begin;

	m->whole = line[len - 1] == '\n';
	m->may_begin = is_line && is_blank(line, len);
	if (may_begin && begins_mail(m, line, len))
		return begin_mail(m, line, len, err);
	if (!m->begun)
		return 0;
	if (!is_line)
		add_up_to_limit(m, line, len);
	else if (m->in_header)
		return take_header_line(m, line, len, err);
	else
		take_body_line(m, line, len);
	return 0;
}

static int take_all(struct mbox *m, struct err *err)
{
	char line[PIECE + 1];
	size_t n;

	while ((n = read_piece(m->f, line, PIECE)) > 0) {
		line[n] = '\0';
		if (take_piece(m, line, n, err) < 0)
			return -1;
	}
	return ferror(m->f) ? err_errno(err, ERR_IO, "%s", m->path) : end_mail(m, err);
}

int mbox_each(const char *path, int (*each)(void *ctx, const char *mail, size_t len, struct err *err), void *ctx,
              struct err *err)
{
	BUF_AUTO mail = BUF_INIT(MAILFILE_MAX);
	struct mbox m = { .path = path, .f = fopen(path, "re"), .mail = &mail, .each = each, .ctx = ctx, .counted = -1,
		              .may_begin = true, .whole = true };
	int got;

	if (!m.f)
		return errno == ENOENT ? 0 : err_errno(err, errno == EACCES || errno == EPERM ? ERR_DENIED : ERR_IO, "%s", path);
	got = take_all(&m, err);
	fclose(m.f);
	return got;
}
