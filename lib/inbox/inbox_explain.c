#include "inbox/inbox.h"

#include "base/arena.h"
#include "base/buf.h"
#include "format/json.h"
#include "mail/classify.h"
#include "mail/mail.h"

#include <stdio.h>

static void put_recipient(struct json_writer *w, const struct mail_outcome *o)
{
	json_begin_object(w);
	json_key_string(w, "recipient", *o->recipient ? o->recipient : NULL);
	json_key_string(w, "reason", mail_reason_text(o->reason));
	json_key_bool(w, "hard", o->hard);
	json_key_string(w, "status", *o->status ? o->status : NULL);
	json_key_string(w, "action", o->action);
	json_end_object(w);
}

static void put_reading(struct buf *b, const char *file, const struct mail_reading *r)
{
	struct json_writer w = { .buf = b };
	char date[16];

	json_begin_object(&w);
	json_key_string(&w, "file", file);
	json_key_string(&w, "kind", mail_kind_text(r->kind));
	json_key(&w, "recipients");
	json_begin_array(&w);
	for (size_t i = 0; i < r->n_outcomes; i++)
		put_recipient(&w, &r->outcomes[i]);
	json_end_array(&w);
	if (r->kind == MAIL_REPLY || r->kind == MAIL_AUTO_REPLY)
		json_key_string(&w, "reply_text", r->reply);
	if (r->returns) {
		snprintf(date, sizeof date, "%04d-%02d-%02d", r->return_date.year, r->return_date.month, r->return_date.day);
		json_key_string(&w, "return_date", date);
	}
	json_end_object(&w);
	buf_addc(b, '\n');
}

void inbox_explain(const char *file, const struct buf *bytes, int64_t now, struct buf *out)
{
	ARENA_AUTO a = { 0 };
	struct mail mail;
	struct mail_reading reading;

	mail_parse(&a, bytes->s, bytes->len, &mail);
	mail_classify(&mail, now, &reading);
	put_reading(out, file, &reading);
}
