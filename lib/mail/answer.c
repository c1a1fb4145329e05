#include "mail/answer.h"

#include "base/buf.h"
#include "format/html_text.h"
#include "mail/words.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { ANSWER_MAX = 65536, LINES_MAX = 20000 };

/* "On Mon, 1 June 2026 Anna wrote:", also over two or three lines, as clients and people have it. */
static bool ends_attribution(const char *words, size_t len)
{
	static const char *const ends[] = { "wrote:", "schrieb:", "ha scritto:", "a \xc3\xa9" "crit :", "a \xc3\xa9" "crit:", "escribi\xc3\xb3:",
		"escreveu:", "schreef:", "skrev:", "napisa\xc5\x82:", "writes:", "geschreven:", "ha escrito:", "a ecrit:" };

	while (len > 0 && words[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (len >= strlen(ends[i]) && memcmp(words + len - strlen(ends[i]), ends[i], strlen(ends[i])) == 0)
			return true;
	return false;
}

static bool begins_attribution(const char *words)
{
	return words_begin(words, "on \0am \0il \0le \0el \0em \0op \0den \0den \0@ \0<@\0\"\0von \0da \0de \0in data \0dnia \0") ||
	       (*words >= '0' && *words <= '9') || words_have(words, "@");
}

/* "schrieb Anna Schmidt <anna@example.com>:" ends with the name in German. */
static bool is_attribution(const char *words)
{
	size_t len = strlen(words);

	while (len > 0 && words[len - 1] == ' ')
		len--;
	if (len < 8 || len > 400 || words[len - 1] != ':' || !begins_attribution(words))
		return false;
	return ends_attribution(words, len) || words_have(words, " schrieb \0 wrote \0 ha scritto\0 a \xc3\xa9" "crit\0 escribi\xc3\xb3\0");
}

/* A line behind which only older mail stands. */
static bool begins_quoted(const char *words)
{
	if (words_begin(words, "-----original message\0----- original message\0---- original message\0-------- original message\0"
	                       "-----urspr\xc3\xbcngliche nachricht\0-------- urspr\xc3\xbcngliche nachricht\0-----messaggio originale\0"
	                       "-----message d'origine\0-----mensaje original\0-------- messaggio originale\0"
	                       "-------- message d'origine\0-------- mensaje original\0---------- forwarded message\0"
	                       "-------- forwarded message\0-----original appointment\0begin forwarded message\0"
	                       "________________________________\0----- reply message\0-------- weitergeleitete nachricht\0"))
		return true;
	return false;
}

/* "From: ... Sent: ...", as Outlook puts in front of what it quotes. */
static bool begins_block(const char *words, const char *next)
{
	if (words_begin(words, "from: \0*from:*\0"))
		return words_begin(next, "sent: \0date: \0*sent:*\0*date:*\0to: \0");
	if (words_begin(words, "von: \0*von:*\0"))
		return words_begin(next, "gesendet: \0*gesendet:*\0datum: \0an: \0");
	if (words_begin(words, "da: \0"))
		return words_begin(next, "inviato: \0data: \0a: \0");
	if (words_begin(words, "de : \0de: \0"))
		return words_begin(next, "envoy\xc3\xa9\0date\0enviado\0fecha\0\xc3\xa0 :\0para:\0");
	return false;
}

struct line {
	const char *s;
	size_t len;
	const char *words;
};

static size_t split(struct arena *a, const char *text, struct line **ret)
{
	size_t n = 0, cap = 0;

	*ret = NULL;
	while (*text && n < LINES_MAX) {
		size_t len = strcspn(text, "\n");

		ARENA_GROW(a, ret, &cap, n);
		(*ret)[n++] = (struct line){ text, len, words_of(a, text, len < 500 ? len : 500) };
		text += len + (text[len] == '\n');
	}
	return n;
}

/* Two or three lines joined, for attributions that a client has wrapped. */
static bool is_attribution_at(struct arena *a, const struct line *l, size_t n)
{
	const char *joined = l[0].words;

	if (is_attribution(joined))
		return true;
	if (!begins_attribution(joined))
		return false;
	for (size_t i = 1; i < n && i < 3 && l[i].len > 0; i++) {
		joined = arena_printf(a, "%s %s", joined, l[i].words);
		if (is_attribution(joined))
			return true;
	}
	return false;
}

/* "> On Monday Anna wrote:" stands in front of the quoted lines that follow, after which somebody may go on. */
static bool is_quoted(const struct line *l)
{
	return l->len > 0 && l->s[0] == '>';
}

static bool quote_follows(const struct line *l, size_t n)
{
	size_t i = 1;

	while (i < n && i < 5 && !is_quoted(&l[i]))
		i++;
	return i < n && i < 5;
}

static void add_line(struct buf *b, const struct line *l)
{
	size_t len = l->len;

	while (len > 0 && (l->s[len - 1] == ' ' || l->s[len - 1] == '\t'))
		len--;
	if (len == 0 && (b->len == 0 || (b->len >= 2 && b->s[b->len - 1] == '\n' && b->s[b->len - 2] == '\n')))
		return;
	buf_add(b, l->s, len);
	buf_addc(b, '\n');
}

static size_t attribution_lines(struct arena *a, const struct line *l, size_t n)
{
	for (size_t i = 1; i <= n && i <= 3; i++)
		if (is_attribution_at(a, l, i))
			return i;
	return 1;
}

static void add_answer(struct arena *a, const char *text, struct buf *b)
{
	struct line *l;
	size_t n = split(a, text, &l);

	for (size_t i = 0; i < n; i++) {
		if (begins_quoted(l[i].words) || (i + 1 < n && begins_block(l[i].words, l[i + 1].words)) ||
		    (l[i].len == 3 && memcmp(l[i].s, "-- ", 3) == 0) || (l[i].len == 2 && memcmp(l[i].s, "--", 2) == 0))
			break;
		if (is_quoted(&l[i]))
			continue;
		if (is_attribution_at(a, l + i, n - i)) {
			if (!quote_follows(l + i, n - i))
				break;
			i += attribution_lines(a, l + i, n - i) - 1;
			continue;
		}
		add_line(b, &l[i]);
	}
	while (b->len > 0 && strchr(" \n\t", b->s[b->len - 1]))
		buf_truncate(b, b->len - 1);
}

/* HTML up to where clients put the mail that is answered. */
static size_t html_own_length(const char *html)
{
	static const char *const marks[] = { "<blockquote", "<div class=\"gmail_quote", "<div id=\"divRplyFwdMsg", "<div id=\"appendonsend",
		"<div class=\"moz-cite-prefix", "<div class=\"yahoo_quoted", "<hr tabindex=\"-1\"", "<div id=\"mail-editor-reference-message-container",
		"<div class=\"protonmail_quote", "<div style=\"border:none;border-top:solid" };
	size_t best = strlen(html);

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		const char *at = strcasestr(html, marks[i]);

		if (at && (size_t)(at - html) < best)
			best = (size_t)(at - html);
	}
	return best;
}

static bool has_plain(const struct mail *m)
{
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].kind == MAIL_PART_TEXT && !m->parts[i].attached && m->parts[i].text[strspn(m->parts[i].text, " \t\n")])
			return true;
	return false;
}

const char *answer_text(const struct mail *m)
{
	BUF_AUTO b = BUF_INIT(ANSWER_MAX);
	BUF_AUTO plain = BUF_INIT(4 * MAIL_BYTES_MAX);
	const char *html = mail_html(m);

	if (!has_plain(m) && html) {
		html_text(&plain, html, html_own_length(html));
		add_answer(m->arena, plain.s, &b);
	} else {
		add_answer(m->arena, mail_text(m), &b);
	}
	return arena_strndup(m->arena, b.s, b.len);
}
