#include "mail/classify.h"

#include "base/buf.h"
#include "mail/answer.h"
#include "mail/automatic.h"
#include "mail/outcome.h"
#include "mail/words.h"

#include <gmime/gmime.h>
#include <string.h>
#include <strings.h>

const char *mail_kind_text(enum mail_kind kind)
{
	static const char *const texts[] = {
#define X(name, text) text,
		MAIL_KINDS(X)
#undef X
	};

	return texts[kind];
}

const char *mail_reason_text(enum mail_reason reason)
{
	static const char *const texts[] = {
#define X(name, text, hard) text,
		MAIL_REASONS(X)
#undef X
	};

	return texts[reason];
}

bool mail_reason_is_hard(enum mail_reason reason)
{
	static const bool hard[] = {
#define X(name, text, is_hard) is_hard,
		MAIL_REASONS(X)
#undef X
	};

	return hard[reason];
}

/* Every "<id>" in a value, each ended by a blank. */
static void add_ids(struct buf *b, const char *value)
{
	while (value && (value = strchr(value, '<')) != NULL) {
		size_t n = strcspn(++value, "<> \t");

		if (value[n] == '>' && n > 0) {
			buf_add(b, value, n);
			buf_addc(b, ' ');
		}
	}
}

static const char *first_id(struct arena *a, const char *value)
{
	BUF_AUTO b = BUF_INIT(MAIL_HEADER_VALUE_MAX);

	add_ids(&b, value);
	return arena_strndup(a, b.s, strcspn(b.s, " "));
}

/* Where the mail came to: a return address says which mail comes back. */
static const char *delivered_to(const struct mail *m)
{
	static const char *const names[] = { "X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To", "Cc" };
	BUF_AUTO b = BUF_INIT(MAIL_HEADER_VALUE_MAX);
	const char *value, *address;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t h = 0; (value = mail_header_next(&m->headers, names[i], &h)) != NULL;)
			for (size_t at = 0; (address = words_address(m->arena, value, strlen(value), &at)) != NULL;)
				buf_addf(&b, "%s ", address);
	return arena_strndup(m->arena, b.s, b.len);
}

static void take_headers(const struct mail *m, struct mail_reading *r)
{
	BUF_AUTO ids = BUF_INIT(MAIL_HEADER_VALUE_MAX);
	const char *subject = mail_header(&m->headers, "Subject");

	r->from = words_header_address(m->arena, mail_header(&m->headers, "From"));
	r->subject = subject ? subject : "";
	r->message_id = first_id(m->arena, mail_header(&m->headers, "Message-ID"));
	add_ids(&ids, mail_header(&m->headers, "In-Reply-To"));
	add_ids(&ids, mail_header(&m->headers, "References"));
	r->answers = arena_strndup(m->arena, ids.s, ids.len);
	r->delivered_to = delivered_to(m);
	r->original_id = r->original_to = r->reply = "";
}

static void take_original(const struct mail *m, const struct mail_headers *original, struct mail_reading *r)
{
	r->original_id = first_id(m->arena, mail_header(original, "Message-ID"));
	r->original_to = words_header_address(m->arena, mail_header(original, "To"));
}

/* The mailto form of List-Unsubscribe as we write it: the subject is the word, and perhaps a token. */
static bool is_unsubscribe(const struct mail *m)
{
	const char *subject = mail_header(&m->headers, "Subject"), *to = words_header_address(m->arena, mail_header(&m->headers, "To"));

	if (subject && strncasecmp(subject, "unsubscribe", 11) == 0) {
		subject += 11;
		subject += strspn(subject, " :");
		if (subject[strcspn(subject, " ")] == '\0')
			return true;
	}
	return (strncasecmp(to, "unsubscribe", 11) == 0 && (to[11] == '@' || to[11] == '+' || to[11] == '-')) ||
	       strcasestr(to, "+unsubscribe") || strcasestr(to, "-unsubscribe");
}

static bool is_receipt(const struct mail *m)
{
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].kind == MAIL_PART_RECEIPT)
			return true;
	return false;
}

static bool all_delivered(const struct mail_reading *r)
{
	for (size_t i = 0; i < r->n_outcomes; i++)
		if (r->outcomes[i].reason != MAIL_REASON_DELIVERED)
			return false;
	return r->n_outcomes > 0;
}

/* An outcome whose recipient the report does not name: of a single recipient the mail that came back tells. */
static void name_recipients(struct mail_reading *r, const char *failed)
{
	for (size_t i = 0; i < r->n_outcomes; i++)
		if (!*r->outcomes[i].recipient)
			r->outcomes[i].recipient = *failed && r->n_outcomes == 1 ? failed : r->original_to;
}

static bool read_bounce(const struct mail *m, struct mail_reading *r);

static void append_outcomes(const struct mail *m, struct mail_reading *to, const struct mail_reading *from)
{
	for (size_t i = 0; i < from->n_outcomes; i++) {
		size_t before = to->n_outcomes;
		struct mail_outcome *o = outcome_add(m, to, from->outcomes[i].recipient);

		if (to->n_outcomes > before)
			*o = from->outcomes[i];
	}
}

/*
 * A notice that could not be delivered either: what it says goes first; what became of the notice itself counts only if
 * a report says so.
 */
static void read_enclosed(const struct mail *m, bool reported, struct mail_reading *r)
{
	struct mail_reading inner = { .kind = MAIL_MESSAGE };

	if (!m->enclosed)
		return;
	take_headers(m->enclosed, &inner);
	if (!read_bounce(m->enclosed, &inner))
		return;
	if (reported)
		append_outcomes(m, &inner, r);
	r->outcomes = inner.outcomes;
	r->n_outcomes = inner.n_outcomes;
	r->cap_outcomes = inner.cap_outcomes;
	r->original_id = inner.original_id;
	r->original_to = inner.original_to;
}

static bool read_bounce(const struct mail *m, struct mail_reading *r)
{
	struct mail_headers original;
	bool reported = report_read_status(m, r);
	const char *notice;

	if (!reported && !report_read_rejection(m, r) && (is_receipt(m) || !notice_read(m, r)))
		return false;
	notice = notice_text(m, &original);
	take_original(m, &original, r);
	name_recipients(r, words_header_address(m->arena, mail_header(&m->headers, "X-Failed-Recipients")));
	outcome_judge(m, notice, r);
	read_enclosed(m, reported, r);
	r->kind = all_delivered(r) ? MAIL_DELIVERED : MAIL_BOUNCE;
	return true;
}

/* When the mail was written; *ret_offset: its own clock is so many seconds ahead of UTC. */
static int64_t written_at(const struct mail *m, int64_t now, int64_t *ret_offset)
{
	const char *value = mail_header(&m->headers, "Date");
	GDateTime *date = value ? g_mime_utils_header_decode_date(value) : NULL;
	int64_t at = date ? g_date_time_to_unix(date) : now;

	*ret_offset = date ? g_date_time_get_utc_offset(date) / G_TIME_SPAN_SECOND : 0;
	if (date)
		g_date_time_unref(date);
	return at;
}

/* The day on which the mail was written, by its own clock. */
static struct civil day_of(const struct mail *m, int64_t now)
{
	struct civil day;
	int64_t offset, at = written_at(m, now, &offset);

	civil_from_seconds(at + offset, &day);
	if (!civil_valid(&day))
		civil_from_seconds(now, &day);
	return day;
}

static void read_answer(const struct mail *m, int64_t now, struct mail_reading *r)
{
	r->reply = answer_text(m);
	if (r->kind == MAIL_AUTO_REPLY) {
		struct civil from = day_of(m, now);

		r->returns = automatic_return_date(m->arena, arena_printf(m->arena, "%s\n%s", r->subject, r->reply), &from, &r->return_date);
	}
}

/* Names what it answers, or looks like an answer and is not made by a program. */
static bool is_answer(const struct mail *m, const struct mail_reading *r)
{
	static const char *const prefixes[] = { "re:", "re :", "aw:", "antw:", "antwort:", "r:", "rif:", "ris:", "rép:", "sv:", "odp:", "vs:", "re[" };

	const char *submitted = mail_header(&m->headers, "Auto-Submitted");

	if (submitted && strncasecmp(submitted, "no", 2) != 0)
		return false;
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes && !r->automatic; i++)
		if (strncasecmp(r->subject, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return *r->answers != '\0';
}

void mail_classify(const struct mail *m, int64_t now, struct mail_reading *ret)
{
	int64_t offset;

	*ret = (struct mail_reading){ .kind = MAIL_MESSAGE, .written_at = written_at(m, now, &offset) };
	take_headers(m, ret);
	ret->automatic = automatic_is_machine(m);
	if (report_read_ses(m, ret)) {
		if (ret->kind == MAIL_BOUNCE)
			outcome_judge(m, "", ret);
		return;
	}
	if (report_read_feedback(m, ret)) {
		ret->kind = MAIL_COMPLAINT;
		take_original(m, &m->original, ret);
		return;
	}
	if (read_bounce(m, ret))
		return;
	if (is_unsubscribe(m)) {
		ret->kind = MAIL_UNSUBSCRIBE;
		outcome_add(m, ret, ret->from);
		ret->outcomes[0].reason = MAIL_REASON_FEEDBACK;
	} else if (!is_receipt(m) && automatic_is_reply(m)) {
		ret->kind = MAIL_AUTO_REPLY;
	} else if (!is_receipt(m) && is_answer(m, ret)) {
		ret->kind = MAIL_REPLY;
	}
	if (ret->kind == MAIL_REPLY || ret->kind == MAIL_AUTO_REPLY || ret->kind == MAIL_MESSAGE)
		read_answer(m, now, ret);
}
