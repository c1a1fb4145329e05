#include "mail/outcome.h"

#include "base/buf.h"
#include "format/json.h"
#include "mail/reason.h"
#include "mail/words.h"

#include <string.h>
#include <strings.h>

/* Feedback types that are not a person's complaint (RFC 5965 section 7.3, RFC 6591). */
static bool is_abuse(const char *type)
{
	return !type || (strncasecmp(type, "auth-failure", 12) != 0 && strncasecmp(type, "not-spam", 8) != 0 &&
	                 strncasecmp(type, "dmarc", 5) != 0);
}

static void add_complaint(const struct mail *m, struct mail_reading *r, const char *value)
{
	const char *address = value ? words_header_address(m->arena, value) : "";

	if (*address)
		outcome_add(m, r, address)->reason = MAIL_REASON_FEEDBACK;
}

/* The addresses of a header with a list of them. */
static void add_complaints(const struct mail *m, struct mail_reading *r, const char *value)
{
	const char *address;
	size_t at = 0;

	while (value && (address = words_address(m->arena, value, strlen(value), &at)) != NULL)
		add_complaint(m, r, address);
}

static void read_report(const struct mail *m, const char *text, struct mail_reading *r)
{
	static const char *const names[] = { "Original-Rcpt-To", "Removal-Recipient", "Redacted-Address" };
	struct mail_headers f = { 0 };
	const char *value;

	text += strspn(text, "\n");
	mail_headers_parse(m->arena, text, &f);
	r->abuse = r->abuse || is_abuse(mail_header(&f, "Feedback-Type"));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t at = 0; (value = mail_header_next(&f, names[i], &at)) != NULL;)
			add_complaints(m, r, value);
}

static bool says_complaint(const struct mail *m)
{
	const char *subject = mail_header(&m->headers, "Subject");

	return mail_header(&m->original, "X-HmXmrOriginalRecipient") ||
	       (m->original.n > 0 && subject && strncasecmp(subject, "complaint about message from ", 29) == 0);
}

bool report_read_feedback(const struct mail *m, struct mail_reading *r)
{
	bool any = false;

	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].kind == MAIL_PART_FEEDBACK) {
			read_report(m, m->parts[i].text, r);
			any = true;
		}
	if (!any && says_complaint(m))
		r->abuse = any = true;
	if (any && r->n_outcomes == 0)
		add_complaint(m, r, mail_header(&m->original, "X-HmXmrOriginalRecipient"));
	if (any && r->n_outcomes == 0)
		add_complaints(m, r, mail_header(&m->original, "To"));
	if (any && r->n_outcomes == 0)
		outcome_add(m, r, "")->reason = MAIL_REASON_FEEDBACK;
	return any;
}

/* Member of a map as text, or NULL. */
static const char *member(const struct mail *m, const struct value *map, const char *key)
{
	const struct value *v = map && map->kind == VALUE_MAP ? value_get(map, key) : NULL;

	return v && v->kind == VALUE_STRING ? arena_strndup(m->arena, v->text, v->len) : NULL;
}

static void take_ses_recipients(const struct mail *m, const struct value *about, const char *key, struct mail_reading *r)
{
	const struct value *list = about && about->kind == VALUE_MAP ? value_get(about, key) : NULL;

	for (size_t i = 0; list && list->kind == VALUE_ARRAY && i < list->array->n; i++) {
		const struct value *item = &list->array->items[i];
		const char *address = item->kind == VALUE_STRING ? arena_strndup(m->arena, item->text, item->len) : member(m, item, "emailAddress");
		struct mail_outcome *o;
		const char *text;

		if (!address)
			continue;
		o = outcome_add(m, r, words_header_address(m->arena, address));
		text = member(m, item, "diagnosticCode");
		o->said = text ? text : "";
		text = member(m, item, "status");
		if (text)
			reason_find_status(text, strlen(text), o->status);
		o->action = r->kind == MAIL_BOUNCE ? "failed" : r->kind == MAIL_DELIVERED ? "delivered" : NULL;
	}
}

static bool take_ses(const struct mail *m, const struct value *v, struct mail_reading *r)
{
	static const struct {
		const char *type, *about, *recipients;
		enum mail_kind kind;
	} types[] = {
		{ "Bounce", "bounce", "bouncedRecipients", MAIL_BOUNCE },
		{ "Complaint", "complaint", "complainedRecipients", MAIL_COMPLAINT },
		{ "Delivery", "delivery", "recipients", MAIL_DELIVERED },
	};
	const char *type = member(m, v, "notificationType");

	if (!type)
		type = member(m, v, "eventType");
	for (size_t i = 0; type && i < sizeof types / sizeof *types; i++) {
		if (strcmp(type, types[i].type) != 0)
			continue;
		r->kind = types[i].kind;
		r->abuse = r->kind == MAIL_COMPLAINT;
		take_ses_recipients(m, value_get(v, types[i].about), types[i].recipients, r);
		for (size_t k = 0; k < r->n_outcomes; k++)
			r->outcomes[k].reason = r->kind == MAIL_COMPLAINT   ? MAIL_REASON_FEEDBACK
			                        : r->kind == MAIL_DELIVERED ? MAIL_REASON_DELIVERED
			                                                    : MAIL_REASON_UNDEFINED;
		return true;
	}
	return false;
}

/* Where the JSON text that begins at s ends: strings may have braces. */
static size_t json_length(const char *s)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; s[i]; i++) {
		if (quoted && s[i] == '\\' && s[i + 1])
			i++;
		else if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted && s[i] == '{')
			depth++;
		else if (!quoted && s[i] == '}' && --depth == 0)
			return i + 1;
	}
	return 0;
}

/* Without what sendmail puts where it cuts a long line, "!" LF blank. */
static void add_uncut(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (s[0] == '!' && s[1] == '\n')
			s += s[2] == ' ' ? 2 : 1;
		else
			buf_addc(b, *s);
	}
}

bool report_read_ses(const struct mail *m, struct mail_reading *r)
{
	BUF_AUTO b = BUF_INIT(MAIL_BYTES_MAX);
	const char *text = mail_text(m), *inner;
	struct err err = ERR_INIT;
	struct value v;

	text += strspn(text, " \n\t");
	if (*text != '{' || !(strstr(text, "notificationType") || strstr(text, "eventType")))
		return false;
	add_uncut(&b, text);
	if (json_parse(m->arena, b.s, json_length(b.s), MAIL_BYTES_MAX, &v, &err) < 0)
		return false;
	if (take_ses(m, &v, r))
		return true;
	inner = member(m, &v, "Message");
	if (!inner || json_parse(m->arena, inner, strlen(inner), MAIL_BYTES_MAX, &v, &err) < 0)
		return false;
	return take_ses(m, &v, r);
}
