#include "mail/outcome.h"

#include "base/attr.h"
#include "base/buf.h"
#include "mail/reason.h"
#include "mail/vocabulary.h"
#include "mail/words.h"

#include <string.h>
#include <strings.h>

enum { SECTION_MAX = 8192, SECTION_LINES = 10, SAID_MAX = 300 };

/* Whether the line of len bytes has the word, in any case. */
static bool line_has(const char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; n > 0 && i + n <= len; i++)
		if (strncasecmp(line + i, word, n) == 0)
			return true;
	return false;
}

static bool has_other(const struct mail_reading *r, const struct mail_outcome *o, const char *line, size_t len)
{
	for (size_t i = 0; i < r->n_outcomes && i < 20; i++)
		if (&r->outcomes[i] != o && line_has(line, len, r->outcomes[i].recipient))
			return true;
	return false;
}

/* In a transcript a line says itself what happened; what was said before it belongs to it. */
static bool is_answer_line(const char *line)
{
	return reason_reply_code(line) > 0;
}

static bool is_dialogue(const char *line)
{
	return strncmp(line, ">>>", 3) == 0 || strncmp(line, "<<<", 3) == 0;
}

/* The lines that name this recipient and those that follow, up to the next one's. */
static void add_section(struct buf *b, const char *text, const struct mail_reading *r, const struct mail_outcome *o)
{
	const char *dialogue = NULL;
	int left = 0;

	for (const char *l = text; *o->recipient && *l;) {
		size_t len = strcspn(l, "\n");

		if (line_has(l, len, o->recipient)) {
			left = is_answer_line(l) ? 1 : SECTION_LINES;
			if (dialogue)
				buf_add(b, dialogue, (size_t)(l - dialogue));
		} else if (left > 0 && has_other(r, o, l, len)) {
			left = 0;
		}
		dialogue = !is_dialogue(l) ? NULL : dialogue ? dialogue : l;
		if (left > 0) {
			buf_add(b, l, len);
			buf_addc(b, '\n');
			left--;
		}
		l += len + (l[len] == '\n');
	}
}

/* Lines of a dialogue or of a server: "<<< 550 ...", "Remote host said: 550 ...", "550 5.1.1 ...". */
static void add_server_lines(struct buf *b, const char *text)
{
	bool more = false;

	for (const char *l = text; *l;) {
		size_t len = strcspn(l, "\n");
		const char *s = l + strspn(l, " \t<>#-*|'\"");
		bool blank = s >= l + len;

		if (reason_reply_code(s) > 0)
			more = true;
		else if (blank)
			more = false;
		if (more) {
			buf_add(b, l, len);
			buf_addc(b, '\n');
		}
		l += len + (l[len] == '\n');
	}
}

/* What the server answered to, as mail systems report it. */
static bool after_data(const char *words)
{
	return words_have(words, ">>> data\0end of data\0in reply to data\0smtp command data\0after data\0command data\0after i sent the message\0"
	                         "(state 15)\0(state 16)\0(state 17)\0(state 18)\0");
}

static bool after_rcpt(const char *words)
{
	return words_have(words, "rcpt\0does not like recipient\0(state 13)\0(state 14)\0bad-mailbox\0");
}

static bool after_mail(const char *words)
{
	return words_have(words, "after mail from\0in reply to mail from\0>>> mail from\0sender was rejected\0") && !after_rcpt(words);
}

static bool says_unknown_user(const char *words)
{
	return words_have(words, "user unknown\0unknown user\0no such user\0");
}

/*
 * "User unknown" is believed for ever only of a server that says so of an address alone. One that has seen the mail
 * first, or whose status code says that the mailbox is there but takes nothing (RFC 3463, X.2 and X.7), may mean
 * this mail; one that answers to MAIL FROM means the sender.
 */
static enum mail_reason weigh(enum mail_reason reason, const char *words, const char *context, const char *status)
{
	bool about_user = strstr(status, ".1.") != NULL, about_else = *status && (status[2] == '2' || status[2] == '7');

	if (reason != MAIL_REASON_USERUNKNOWN && reason != MAIL_REASON_HOSTUNKNOWN)
		return reason;
	if (after_mail(context))
		return MAIL_REASON_REJECTED;
	if (reason == MAIL_REASON_HOSTUNKNOWN || !says_unknown_user(words))
		return reason;
	if ((after_data(context) && !about_user) || (about_else && !after_rcpt(context)) || strstr(words, "550 : user unknown"))
		return MAIL_REASON_FILTERED;
	return reason;
}

/* What is looked at to find out why: all words of one recipient's report. */
struct case_of {
	const struct mail *m;
	const struct vocabulary *v;
	const struct mail_outcome *o;
	const char *own[3];  /* words_of() what is said of this recipient: in the report, by a server, in the lines around */
	const char *notice;  /* .. what else the notice says */
	const char *context; /* .. all of it */
};

/* The domain of an address as words_of() would show it, "" when there is none. */
static const char *domain_of(const struct mail *m, const char *address)
{
	const char *sign = address ? strrchr(address, '@') : NULL;

	return sign ? words_of(m->arena, sign + 1, strlen(sign + 1)) : "";
}

static bool names_domain(const char *words, const char *domain)
{
	return *domain && strstr(words, domain);
}

/* A server to which no domain is known but ours means the sender. */
static bool is_own_domain(const struct case_of *c, const char *words)
{
	const char *own = words_header_address(c->m->arena, mail_header(&c->m->headers, "To"));

	return names_domain(words, domain_of(c->m, own)) && !names_domain(words, domain_of(c->m, c->o->recipient));
}

static enum mail_reason look(const struct case_of *c, const char *words)
{
	enum mail_reason reason = reason_of_words(c->m->arena, c->v, words);

	if (reason == MAIL_REASON_HOSTUNKNOWN && words != c->notice && is_own_domain(c, words))
		return MAIL_REASON_REJECTED;
	return weigh(reason, words, c->context, c->o->status);
}

static void find_status(struct mail_outcome *o, const char *section, const char *server, const char *notice)
{
	const char *texts[] = { o->said, section, server, notice };
	bool telling = *o->status && o->status[2] != '0' && o->status[4] != '0';
	char found[16];

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (i > 0 && (*o->status || telling))
			return;
		if (reason_find_status(texts[i], strlen(texts[i]), found) && (!telling || (found[2] != '0' && found[4] != '0'))) {
			memcpy(o->status, found, sizeof found);
			telling = found[2] != '0' && found[4] != '0';
		}
	}
}

/* Reasons that say little: another text of the same report may know better. */
static bool is_vague(enum mail_reason reason)
{
	return reason == MAIL_REASON_UNDEFINED || reason == MAIL_REASON_SYSTEMERROR || reason == MAIL_REASON_SYNTAXERROR;
}

/* A status that speaks of an address or a mailbox is surer than vague words, but not than clear ones. */
static bool is_telling(const char *status)
{
	return *status && (status[2] == '1' || status[2] == '2');
}

/* "Try again", says a class of 4 (RFC 3463 section 3.1): without words that is no last word about an address. */
static enum mail_reason reason_of_telling(const char *status)
{
	enum mail_reason reason = reason_of_status(status);

	return *status == '4' && mail_reason_is_hard(reason) ? MAIL_REASON_ONHOLD : reason;
}

static enum mail_reason find_clear(const struct case_of *c)
{
	const char *const texts[] = { c->own[0], c->own[1], c->own[2], c->notice };
	enum mail_reason reason = reason_of_exact_status(c->o->status);

	if (*c->o->status == '4' && mail_reason_is_hard(reason))
		reason = MAIL_REASON_UNDEFINED;
	for (size_t i = 0; i < ARRAY_LEN(texts) && is_vague(reason); i++) {
		enum mail_reason other = look(c, texts[i]);

		if (reason == MAIL_REASON_UNDEFINED || other == MAIL_REASON_USERUNKNOWN || other == MAIL_REASON_MAILBOXFULL)
			reason = other;
	}
	return reason;
}

static enum mail_reason find_vague(const struct case_of *c)
{
	enum mail_reason reason = MAIL_REASON_UNDEFINED;
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(c->own) && reason == MAIL_REASON_UNDEFINED; i++) {
		reason = reason_of_vague_words(c->own[i]);
		any = any || *c->own[i];
	}
	return any ? reason : reason_of_vague_words(c->notice);
}

static bool has_receipt(const struct mail *m)
{
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].kind == MAIL_PART_RECEIPT)
			return true;
	return false;
}

static enum mail_reason find_reason(const struct case_of *c)
{
	const char *status = c->o->status;
	enum mail_reason reason = find_clear(c);

	if (reason == MAIL_REASON_UNDEFINED && is_telling(status))
		reason = reason_of_telling(status);
	if (reason == MAIL_REASON_UNDEFINED)
		reason = find_vague(c);
	if (reason == MAIL_REASON_UNDEFINED)
		reason = reason_of_telling(status);
	for (size_t i = 0; i < ARRAY_LEN(c->own) && reason == MAIL_REASON_UNDEFINED; i++)
		reason = reason_of_reply(reason_reply_code(c->own[i]));
	if (reason == MAIL_REASON_UNDEFINED && has_receipt(c->m))
		return MAIL_REASON_FILTERED;
	if (reason == MAIL_REASON_UNDEFINED && c->o->action && strcmp(c->o->action, "delayed") == 0)
		return MAIL_REASON_EXPIRED;
	if (reason == MAIL_REASON_UNDEFINED && words_have(c->context, "recipient address rejected\0"))
		return weigh(MAIL_REASON_USERUNKNOWN, c->context, c->context, status);
	return reason;
}

static const char *first_lines(const struct mail *m, const char *text)
{
	return arena_strndup(m->arena, text, words_cut(text, SAID_MAX));
}

/* A warning that the mail is still on its way. */
static bool says_delayed(const struct mail *m, const char *notice)
{
	const char *words = words_of(m->arena, notice, strlen(notice));

	return words_have(words, "not yet been delivered\0still being retried\0will be retried\0will retry\0will continue\0keep trying\0"
	                         "warning message only\0warning only\0no action is required\0delivery is delayed\0has been delayed");
}

/* "smtp; 550 ..", so that the reply code stands in front. */
static const char *without_type(const char *said)
{
	return strncasecmp(said, "smtp;", 5) == 0 ? said + 5 + strspn(said + 5, " ") : said;
}

static const char *words_in(const struct mail *m, const char *text)
{
	return words_of(m->arena, text, strlen(text));
}

static void judge(const struct mail *m, const struct vocabulary *v, const char *notice, const struct mail_reading *r, struct mail_outcome *o)
{
	BUF_AUTO section = BUF_INIT(SECTION_MAX);
	BUF_AUTO server = BUF_INIT(SECTION_MAX);
	bool alone = r->n_outcomes == 1;
	struct case_of c = { .m = m, .v = v, .o = o };

	add_section(&section, notice, r, o);
	if (alone)
		add_server_lines(&server, notice);
	find_status(o, section.s, server.s, alone ? notice : "");
	c.own[0] = words_in(m, without_type(o->said));
	c.own[1] = words_in(m, server.s);
	c.own[2] = words_in(m, section.s);
	c.notice = alone ? words_in(m, notice) : c.own[2];
	c.context = arena_printf(m->arena, "%s %s", c.notice, c.own[0]);
	o->reason = find_reason(&c);
	o->hard = reason_is_hard(o->reason, o->status);
	if (!*o->said)
		o->said = first_lines(m, server.len ? server.s : section.s);
	if (!o->action)
		o->action = o->reason == MAIL_REASON_EXPIRED && says_delayed(m, notice) ? "delayed" : "failed";
}

void outcome_judge(const struct mail *m, const char *notice, struct mail_reading *r)
{
	const struct vocabulary *v = vocabulary_new(m->arena);

	for (size_t i = 0; i < r->n_outcomes; i++) {
		struct mail_outcome *o = &r->outcomes[i];

		if (o->action && *o->action != 'f' && strcmp(o->action, "delayed") != 0)
			o->reason = MAIL_REASON_DELIVERED;
		else
			judge(m, v, notice, r, o);
	}
}
