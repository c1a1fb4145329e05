#include "mail/outcome.h"

#include "base/buf.h"
#include "mail/reason.h"
#include "mail/words.h"

#include <string.h>
#include <strings.h>

enum { OUTCOMES_MAX = 200, SAID_MAX = 500 };

struct mail_outcome *outcome_add(const struct mail *m, struct mail_reading *r, const char *recipient)
{
	for (size_t i = 0; i < r->n_outcomes; i++)
		if (strcasecmp(r->outcomes[i].recipient, recipient) == 0)
			return &r->outcomes[i];
	if (r->n_outcomes == OUTCOMES_MAX)
		return &r->outcomes[OUTCOMES_MAX - 1];
	ARENA_GROW(m->arena, &r->outcomes, &r->cap_outcomes, r->n_outcomes);
	r->outcomes[r->n_outcomes] = (struct mail_outcome){ .recipient = recipient, .said = "" };
	return &r->outcomes[r->n_outcomes++];
}

/* The address of "rfc822; anna@example.com", or NULL. */
static const char *field_address(struct arena *a, const char *value)
{
	const char *semicolon = value ? strchr(value, ';') : NULL, *address;

	if (!value)
		return NULL;
	address = words_header_address(a, semicolon && semicolon - value < 20 ? semicolon + 1 : value);
	return *address ? address : NULL;
}

/* RFC 3464 section 2.3.3, and what servers write instead. */
static const char *action_of(const char *value)
{
	static const char *const actions[] = { "failed", "delayed", "delivered", "relayed", "expanded" };

	if (!value)
		return NULL;
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (strncasecmp(value, actions[i], strlen(actions[i])) == 0)
			return actions[i];
	if (strncasecmp(value, "deliverable", 11) == 0)
		return "delivered";
	if (strncasecmp(value, "delay", 5) == 0)
		return "delayed";
	if (strncasecmp(value, "fail", 4) == 0 || strncasecmp(value, "undeliver", 9) == 0)
		return "failed";
	return NULL;
}

static const char *recipient_of(const struct mail *m, const struct mail_headers *f)
{
	static const char *const names[] = { "Final-Recipient", "Original-Recipient", "X-Actual-Recipient" };
	const char *address = NULL;

	for (size_t i = 0; i < sizeof names / sizeof *names && !address; i++)
		address = field_address(m->arena, mail_header(f, names[i]));
	return address;
}

static void take_fields(const struct mail *m, const struct mail_headers *f, struct mail_outcome *o)
{
	const char *status = mail_header(f, "Status"), *said = mail_header(f, "Diagnostic-Code"), *action;
	const char *category = mail_header(f, "X-PowerMTA-BounceCategory");

	action = action_of(mail_header(f, "Action"));
	if (action)
		o->action = action;
	if (!o->original)
		o->original = field_address(m->arena, mail_header(f, "Original-Recipient"));
	if (status && !*o->status)
		reason_find_status(status, strlen(status), o->status);
	if (said && !*o->said)
		o->said = arena_printf(m->arena, "%.*s%s%s", (int)words_cut(said, SAID_MAX), said, category ? " " : "", category ? category : "");
}

/* Some servers leave a blank line between the fields of one recipient. */
static bool continues(const struct mail_headers *f)
{
	return mail_header(f, "Action") || mail_header(f, "Status") || mail_header(f, "Diagnostic-Code");
}

static bool read_fields(const struct mail *m, const char *text, struct mail_reading *r)
{
	struct mail_headers waiting = { 0 };
	struct mail_outcome *last = NULL;
	bool any = false;

	for (size_t blocks = 0; *text && blocks < 4 * OUTCOMES_MAX; blocks++) {
		struct mail_headers f = { 0 };
		const char *recipient;

		text += strspn(text, "\n");
		text += mail_headers_parse(m->arena, text, &f);
		recipient = recipient_of(m, &f);
		if (!recipient && mail_header(&f, "Final-Recipient") && continues(&f)) {
			recipient = ""; /* no address of RFC 5322: a path, X.400 */
		}
		if (recipient) {
			last = outcome_add(m, r, recipient);
			take_fields(m, &f, last);
			take_fields(m, &waiting, last);
			any = true;
		} else if (continues(&f) && last) {
			take_fields(m, &f, last);
		} else if (continues(&f)) {
			waiting = f;
		}
	}
	return any;
}

/* The fields at the place where they begin in a text, or NULL. */
static const char *fields_in(const char *text)
{
	static const char *const begins[] = { "Reporting-MTA:", "Final-Recipient:", "Action:", "Diagnostic-Code:", "Original-Recipient:" };

	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
			if (strncasecmp(line, begins[i], strlen(begins[i])) == 0)
				return line;
	return NULL;
}

bool report_read_status(const struct mail *m, struct mail_reading *r)
{
	bool any = false;

	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].kind == MAIL_PART_STATUS)
			any = read_fields(m, m->parts[i].text, r) || any;
	return any;
}

bool report_read_embedded(const struct mail *m, const char *notice, struct mail_reading *r)
{
	const char *fields = fields_in(notice);

	return fields && strcasestr(fields, "Final-Recipient:") && read_fields(m, fields, r);
}

static bool is_rejection(const struct mail *m, const char *disposition)
{
	const char *submitted = mail_header(&m->headers, "Auto-Submitted"), *path = mail_header(&m->headers, "Return-Path");

	return disposition && strncasecmp(disposition, "automatic-action", 16) == 0 && strcasestr(disposition, "deleted") &&
	       ((submitted && strncasecmp(submitted, "auto-", 5) == 0) || (path && strncmp(path, "<>", 2) == 0));
}

bool report_read_rejection(const struct mail *m, struct mail_reading *r)
{
	for (size_t i = 0; i < m->n_parts; i++) {
		struct mail_headers f = { 0 };
		const char *recipient;

		if (m->parts[i].kind != MAIL_PART_RECEIPT)
			continue;
		mail_headers_parse(m->arena, m->parts[i].text + strspn(m->parts[i].text, "\n"), &f);
		recipient = recipient_of(m, &f);
		if (recipient && is_rejection(m, mail_header(&f, "Disposition"))) {
			outcome_add(m, r, recipient)->action = "failed";
			return true;
		}
	}
	return false;
}
