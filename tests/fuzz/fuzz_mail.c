/*
 * Reading mail: whatever comes, a mail has one kind, its texts are UTF-8 without NUL, a bounce is no reply, and only
 * what says so is hard.
 */
#include "fuzz.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "mail/classify.h"

#include <string.h>

/* 2026-06-01 07:00 UTC */
#define NOW INT64_C(1780297200)

static void check_text(const char *s)
{
	HOLD(s && utf8_valid(s, strlen(s)));
}

static void check_outcome(const struct mail_reading *r, const struct mail_outcome *o)
{
	check_text(o->recipient);
	check_text(o->said);
	HOLD(!*o->recipient || (strchr(o->recipient, '@') && !strpbrk(o->recipient, "\n<>")) || r->kind == MAIL_UNSUBSCRIBE);
	HOLD(!*o->status || (strchr("245", o->status[0]) && o->status[1] == '.' && memchr(o->status, '\0', sizeof o->status)));
	HOLD(!o->hard || (r->kind == MAIL_BOUNCE && mail_reason_is_hard(o->reason)));
	HOLD(r->kind != MAIL_DELIVERED || o->reason == MAIL_REASON_DELIVERED);
	if (o->original)
		check_text(o->original);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	ARENA_AUTO a = { 0 };
	struct mail mail;
	struct mail_reading r;

	mail_parse(&a, (const char *)data, len, &mail);
	HOLD(mail.n_parts <= MAIL_PARTS_MAX && mail.headers.n <= MAIL_HEADERS_MAX);
	mail_classify(&mail, NOW, &r);
	check_text(r.from);
	check_text(r.subject);
	check_text(r.reply);
	check_text(r.answers);
	check_text(r.message_id);
	check_text(r.original_id);
	check_text(r.original_to);
	for (size_t i = 0; i < r.n_outcomes; i++)
		check_outcome(&r, &r.outcomes[i]);
	HOLD(r.n_outcomes == 0 || (r.kind != MAIL_REPLY && r.kind != MAIL_AUTO_REPLY && r.kind != MAIL_MESSAGE));
	HOLD(*r.reply == '\0' || r.kind == MAIL_REPLY || r.kind == MAIL_AUTO_REPLY || r.kind == MAIL_MESSAGE);
	HOLD(!r.returns || (r.kind == MAIL_AUTO_REPLY && civil_valid(&r.return_date)));
	return 0;
}
