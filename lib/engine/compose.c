#include "engine/message.h"

#include "base/zone.h"
#include "engine/view.h"
#include "format/mime.h"
#include "model/address.h"

#include <string.h>
#include <strings.h>

/* What a mail answers to: the ids of the thread, oldest first. */
struct thread {
	const char *subject;
	const char *in_reply_to;
	const char **references;
	size_t n, cap;
};

static void add_reference(struct thread *th, struct arena *a, const char *id, size_t len)
{
	ARENA_GROW(a, &th->references, &th->cap, th->n);
	th->references[th->n++] = arena_strndup(a, id, len);
}

/* The References of a mail that we wrote, from its header block. */
static void read_references(struct thread *th, struct arena *a, const char *headers)
{
	static const char between[] = "> \t\r\n";
	const char *p = strstr(headers, "\nReferences:");

	if (!p)
		return;
	p += strlen("\nReferences:");
	for (p += strspn(p, between); *p == '<'; p += strspn(p, between)) {
		size_t len = strcspn(++p, ">");

		add_reference(th, a, p, len);
		p += len;
	}
}

/* 1: there is a mail to answer to; 0: none was sent; -1. */
static int find_thread(struct engine *e, const struct composing *how, const struct message *m, struct thread *ret,
                       struct err *err)
{
	const struct pipeline *p = how->pipeline;
	const struct step *st = how->step;
	struct arena *a = how->arena;
	struct message before;
	int step = 0, got;

	*ret = (struct thread){ 0 };
	if (!st || !st->thread)
		return 0;
	if (strcmp(st->thread, "previous") != 0)
		step = p->steps[pipeline_find_step(p, st->thread)].number; /* an earlier step of this version */
	got = message_last_sent(e->db, m->team, m->run, step, a, &before, err);
	if (got <= 0)
		return got;
	read_references(ret, a, before.headers);
	add_reference(ret, a, before.message_id, strlen(before.message_id));
	ret->in_reply_to = before.message_id;
	ret->subject = strncasecmp(before.subject, "Re: ", 4) == 0 ? before.subject
	                                                           : arena_printf(a, "Re: %s", before.subject);
	return 1;
}

static int load_attachments(struct engine *e, const struct composing *how, int64_t team, struct mime_message *mail,
                            const char **ret_problem, struct err *err)
{
	const struct template *tpl = how->template;
	struct arena *a = how->arena;
	struct mime_attachment *list = arena_array(a, tpl ? tpl->n_attach + 1 : 1, sizeof *list);

	for (size_t i = 0; tpl && i < tpl->n_attach; i++) {
		const struct attachment *at = &tpl->attach[i];
		int got = attachment_load(e->db, team, at->sha256, a, &list[i].data, &list[i].len, err);

		if (got < 0)
			return -1;
		if (got == 0) {
			*ret_problem = arena_printf(a, "the attachment %s is gone", at->name);
			return 0;
		}
		list[i].filename = at->name;
	}
	mail->attachments = list;
	mail->n_attachments = tpl ? tpl->n_attach : 0;
	return 1;
}

static void fill_body(struct mime_message *mail, const struct message *m)
{
	mail->text = *m->text ? m->text : NULL;
	mail->html = *m->html ? m->html : NULL;
}

static void fill(struct mime_message *mail, const struct mailbox *mb, const struct contact *c, const struct message *m,
                 struct arena *a)
{
	mail->from.name = mb->from_name;
	mail->from.address = m->mail_from;
	mail->to.address = m->rcpt_to;
	if (c && (contact_get(c, "first_name") || contact_get(c, "last_name")))
		mail->to.name = contact_name(c, a);
	mail->subject = m->subject;
	mail->message_id = m->message_id;
	fill_body(mail, m);
}

bool message_can_again(const struct composing *how)
{
	return !how->template || how->template->n_attach == 0;
}

int message_compose_again(const struct message *m, struct buf *out, struct err *err)
{
	struct mime_message mail = { .message_id = m->message_id };

	fill_body(&mail, m);
	return mime_compose_again(&mail, m->headers, out, err);
}

static void set_date(struct mime_message *mail, struct world *w, int64_t now)
{
	mail->date = now;
	mail->zone_offset_minutes = zone_offset(world_zone(w, NULL), now, NULL) / 60;
}

/* As they are kept for people. */
static const char *attachment_names(const struct template *tpl, struct arena *a)
{
	const char *names = "";

	for (size_t i = 0; tpl && i < tpl->n_attach; i++)
		names = arena_printf(a, "%s%s%s", names, i ? "\n" : "", tpl->attach[i].name);
	return names;
}

int message_compose(struct engine *e, struct world *w, const struct composing *how, struct message *m,
                    struct buf *out, const char **ret_problem, struct err *err)
{
	struct arena *a = how->arena;
	struct mime_message mail = { .auto_generated = m->contact == 0 };
	BUF_AUTO headers = BUF_INIT(1 << 20);
	struct err why = ERR_INIT;
	struct address from;
	struct thread th;
	int got;

	if (address_parse(how->mailbox->from_address, &from, &why) < 0) {
		*ret_problem = arena_printf(a, "mailbox %s: %s", how->mailbox->name, why.text);
		return 0;
	}
	m->mail_from = arena_strdup(a, from.wire);
	got = find_thread(e, how, m, &th, err);
	if (got < 0)
		return -1;
	if (got > 0)
		m->subject = th.subject;
	fill(&mail, how->mailbox, how->contact, m, a);
	set_date(&mail, w, e->now);
	mail.in_reply_to = th.in_reply_to;
	mail.references = th.references;
	mail.n_references = th.n;
	if (how->marketing)
		mail.unsubscribe_mailto = view_unsubscribe(how->mailbox, m->message_id, a);
	got = load_attachments(e, how, m->team, &mail, ret_problem, err);
	if (got <= 0)
		return got;
	if (mime_compose(&mail, out, &why) < 0) {
		*ret_problem = arena_strdup(a, why.text);
		return 0;
	}
	mime_headers(out->s, out->len, &headers);
	m->headers = arena_strndup(a, headers.s, headers.len);
	m->attachments = attachment_names(how->template, a);
	return 1;
}
