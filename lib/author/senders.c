#include "author/author_private.h"

#include <string.h>

/* Mails need a sender: without the pipeline's it is the team's. */
static void warn_no_sender(struct author *au, const struct document *d)
{
	const struct team *t = author_team_of(au, d);

	if (d->kind != DOC_PIPELINE || !d->good || d->stored || !t || t->mailbox || d->pipeline->mailboxes.n > 0)
		return;
	for (size_t i = 0; i < d->pipeline->n_steps; i++) {
		const struct step *s = &d->pipeline->steps[i];

		if (s->verb == VERB_EMAIL && !s->mailbox) {
			diag_warning(&au->diags, (struct place){ d->at.file, s->line, s->column },
			             "neither the pipeline nor the team '%s' has a 'mailbox' to send this from", t->name);
			return;
		}
	}
}

static const char *members_without_mailbox(struct author *au, const struct team *t)
{
	const char *list = "";

	for (size_t i = 0; i < t->n_members; i++)
		if (!t->members[i].mailbox)
			list = arena_printf(&au->arena, "%s%s%s", list, *list ? ", " : "", t->members[i].account);
	return list;
}

static bool begins_by_itself(const struct pipeline *p)
{
	return p->enroll.new_contacts || p->enroll.n_starts > 0;
}

/* The same of the whole pipeline: nobody is enrolled then. */
static void warn_pipeline_sender(struct author *au, const struct document *d)
{
	const struct team *t = author_team_of(au, d);
	const struct pipeline *p = d->pipeline;

	if (d->kind != DOC_PIPELINE || !d->good || d->stored || !t || p->mailboxes.n != 1 || !pipeline_sends(p))
		return;
	if (strcmp(p->mailboxes.v[0], "enroller") == 0 && !t->mailbox && begins_by_itself(p))
		diag_warning(&au->diags, d->at, "nobody enrolls who enters by itself: refused when the owner has no 'mailbox', since"
		             " the team '%s' has none", t->name);
}

/* `mailbox: owner` and `enroller` in a step: what can be told before anybody is on the way. */
static void warn_step_sender(struct author *au, const struct document *d, const struct team *t, const struct step *s)
{
	struct place at = { d->at.file, s->line, s->column };
	bool enroller = strcmp(s->mailbox, "enroller") == 0;
	const char *without;

	if (!enroller && strcmp(s->mailbox, "owner") != 0)
		return;
	without = members_without_mailbox(au, t);
	if (*without)
		diag_warning(&au->diags, at, "a run blocks here when its %s has no 'mailbox' in the team '%s', as now: %s",
		             s->mailbox, t->name, without);
	if (enroller && !t->mailbox && begins_by_itself(d->pipeline))
		diag_warning(&au->diags, at, "a run that begins by itself blocks here when its contact's owner has no 'mailbox': it"
		             " has no enroller, and the team '%s' has no 'mailbox'", t->name);
}

static void warn_step_senders(struct author *au, const struct document *d)
{
	const struct team *t = author_team_of(au, d);

	if (d->kind != DOC_PIPELINE || !d->good || d->stored || !t)
		return;
	for (size_t i = 0; i < d->pipeline->n_steps; i++)
		if (d->pipeline->steps[i].mailbox)
			warn_step_sender(au, d, t, &d->pipeline->steps[i]);
}

/* More are counted. */
#define NAMED_MAX 5

/* Names as `a, b and 3 more`. */
struct named {
	const char *text;
	size_t n;
};

static void name_one(struct author *au, struct named *list, const char *name)
{
	if (list->n++ < NAMED_MAX)
		list->text = list->n == 1 ? name : arena_printf(&au->arena, "%s, %s", list->text, name);
}

static const char *names_of(struct author *au, const struct named *list)
{
	return list->n <= NAMED_MAX ? list->text
	                            : arena_printf(&au->arena, "%s and %zu more", list->text, list->n - NAMED_MAX);
}

/* May what is sent from `sender`, as a pipeline or a step says it, go out of this mailbox? */
static bool may_mean(const struct team *t, const char *sender, const char *mailbox)
{
	if (strcmp(sender, "enroller") != 0 && strcmp(sender, "owner") != 0)
		return strcmp(sender, mailbox) == 0;
	for (size_t i = 0; t && i < t->n_members; i++)
		if (t->members[i].mailbox && strcmp(t->members[i].mailbox, mailbox) == 0)
			return true;
	return strcmp(sender, "enroller") == 0 && t && t->mailbox && strcmp(t->mailbox, mailbox) == 0;
}

static bool pipeline_uses(const struct team *t, const struct pipeline *p, const char *mailbox)
{
	bool own = false;

	for (size_t i = 0; i < p->n_steps; i++) {
		if (p->steps[i].verb != VERB_EMAIL)
			continue;
		own |= !p->steps[i].mailbox;
		if (p->steps[i].mailbox && may_mean(t, p->steps[i].mailbox, mailbox))
			return true;
	}
	for (size_t i = 0; own && i < p->mailboxes.n; i++)
		if (may_mean(t, p->mailboxes.v[i], mailbox))
			return true;
	return own && p->mailboxes.n == 0 && t && t->mailbox && strcmp(t->mailbox, mailbox) == 0;
}

/* What is stored counts unless a file says it anew. */
static bool counts(const struct author *au, const struct document *d)
{
	return d->good && author_find(au, d->kind, d->name, d->team) == d;
}

/* An answer to a mail of this pipeline would end it, and nobody reads what comes back to the mailbox. */
static bool is_deaf(const struct author *au, const struct document *pipeline, const struct document *mailbox)
{
	const struct pipeline *p = pipeline->pipeline;

	if (pipeline->kind != DOC_PIPELINE || mailbox->kind != DOC_MAILBOX || !counts(au, pipeline) || !counts(au, mailbox) ||
	    (pipeline->stored && mailbox->stored) || mailbox->mailbox->inbox.kind != INBOX_NONE)
		return false;
	if (pipeline->team && mailbox->team && strcmp(pipeline->team, mailbox->team) != 0)
		return false;
	return p->active && pipeline_stops_on_reply(p) && pipeline_uses(author_team_of(au, pipeline), p, mailbox->name);
}

/* Is `d`, a pipeline or a mailbox, in such a pair with any other document? */
static bool has_deaf_pair(const struct author *au, const struct document *d)
{
	for (size_t i = 0; i < au->n_docs; i++)
		if (is_deaf(au, d, au->docs[i]) || is_deaf(au, au->docs[i], d))
			return true;
	return false;
}

/* One warning for all, at the first of the files' documents that it is about; not before everything else is right. */
static void warn_no_inbox(struct author *au)
{
	struct named mailboxes = { 0 }, pipelines = { 0 };
	const struct document *first = NULL;

	if (au->diags.errors > 0)
		return;
	for (size_t i = 0; i < au->n_docs; i++) {
		const struct document *d = au->docs[i];

		if ((d->kind != DOC_MAILBOX && d->kind != DOC_PIPELINE) || !has_deaf_pair(au, d))
			continue;
		name_one(au, d->kind == DOC_MAILBOX ? &mailboxes : &pipelines, d->name);
		if (!first && !d->stored)
			first = d;
	}
	if (first)
		diag_warning(&au->diags, first->at, "%s %s %s no 'inbox': nobody sees the answers that would end %s; say where they"
		             " come in ('pipectl explain mailbox.inbox'), or `ignore: [replied]` in the pipeline",
		             mailboxes.n == 1 ? "mailbox" : "mailboxes", names_of(au, &mailboxes),
		             mailboxes.n == 1 ? "has" : "have", names_of(au, &pipelines));
}

void senders_warn(struct author *au)
{
	for (size_t i = 0; i < au->n_docs; i++) {
		warn_no_sender(au, au->docs[i]);
		warn_pipeline_sender(au, au->docs[i]);
		warn_step_senders(au, au->docs[i]);
	}
	warn_no_inbox(au);
}
