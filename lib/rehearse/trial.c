#include "rehearse/trial.h"

#include "engine/alert.h"
#include "engine/message.h"
#include "engine/sender.h"
#include "rehearse/simulate.h"

#include <string.h>

struct trying {
	struct engine *e;
	struct world *world;
	const struct trial *how;
	struct contact contact;
	struct arena *arena;
	struct trial_mail *list;
	struct loose_mail *drafts; /* of each in the list */
	size_t n, cap, cap_drafts;
};

/* What is wrong with a mail, with what can be done about it. */
static int refuse(const struct trying *t, const char *name, const char *missing, const char *problem, struct err *err)
{
	if (problem)
		return err_set(err, ERR_REFUSED, "mail '%s': %s", name, problem);
	return err_set(err, ERR_REFUSED, "mail '%s' lacks %s; %s", name, missing,
	               t->how->as ? "choose another contact with --as ADDR" : "choose a contact that has it with --as ADDR");
}

/* Where the attachments are when the mail goes. */
static const char *name_of_template(const struct trying *t, const struct traveller *who, const struct step *st,
                                    const struct template *tpl)
{
	if (tpl->name)
		return tpl->name;
	return tpl->n_attach ? template_of_step_name(t->arena, who->pipeline, st) : NULL;
}

static void draft(struct trying *t, const char *step, const char *mailbox, const char *template,
                  const struct rendered *mail)
{
	struct loose_mail loose = {
		.mailbox = mailbox,
		.to = t->how->to,
		.subject = arena_printf(t->arena, "[test] %s", mail->subject),
		.text = mail->text,
		.html = mail->html,
		.template = template,
	};
	struct trial_mail done = { step, loose.subject, mailbox, 0 };

	ARENA_GROW(t->arena, &t->list, &t->cap, t->n);
	ARENA_GROW(t->arena, &t->drafts, &t->cap_drafts, t->n);
	t->drafts[t->n] = loose;
	t->list[t->n++] = done;
}

/* Of mails without a run that are queued in one second the last one goes first. */
static int queue(struct trying *t, struct err *err)
{
	for (size_t i = t->n; i-- > 0;)
		if (queue_loose_mail(t->e, t->world, &t->drafts[i], &t->list[i].message, err) < 0)
			return -1;
	return 0;
}

static int no_mailbox(struct err *err)
{
	return err_set(err, ERR_REFUSED, "no mailbox to send from can be told; say --mailbox");
}

/* A run that there is not. */
static struct traveller pretend(const struct trying *t, const struct pipeline *p)
{
	const char *mailbox = sender_of_pipeline(t->world, p, &t->contact, t->how->account);

	return (struct traveller){
		.world = t->world,
		.pipeline = p,
		.contact = t->contact,
		.arena = t->arena,
		.run = {
			.team = world_team(t->world)->id,
			.contact = t->contact.id,
			.pipeline = p->id,
			.version = p->version,
			.reason = "",
			.reason_text = "",
			.started_at = t->e->now,
			.last_done_at = t->e->now,
			.mailbox = t->how->mailbox ? t->how->mailbox : mailbox ? mailbox : "",
			.enroller = t->how->account,
		},
	};
}

static int try_step(struct trying *t, struct traveller *who, int step, struct err *err)
{
	const struct step *st = &who->pipeline->steps[step];
	const struct template *tpl = message_template(t->world, st);
	const char *problem = NULL, *mailbox;
	struct step as_told = *st;
	struct rendered mail;
	struct hurdle ignored;
	int got;

	if (t->how->mailbox)
		as_told.mailbox = NULL;
	mailbox = sender_of_step(who, &as_told, &ignored);
	if (!mailbox)
		return no_mailbox(err);
	got = message_render(t->e, who, step, &mail, &problem, err);
	if (got < 0)
		return -1;
	if (got == 0 || *mail.missing)
		return refuse(t, st->name, mail.missing, problem, err);
	draft(t, st->name, mailbox, name_of_template(t, who, st, tpl), &mail);
	return 0;
}

int trial_pipeline(struct engine *e, struct world *w, const struct pipeline *p, const struct trial *how, struct arena *a,
                   struct trial_mail **ret, struct err *err)
{
	struct trying t = { .e = e, .world = w, .how = how, .arena = a };
	struct traveller who;

	if (how->as)
		t.contact = *how->as;
	else
		simulate_anybody(w, &t.contact, a);
	who = pretend(&t, p);
	for (int i = 0; i < (int)p->n_steps; i++)
		if (p->steps[i].verb == VERB_EMAIL && try_step(&t, &who, i, err) < 0)
			return -1;
	if (queue(&t, err) < 0)
		return -1;
	*ret = t.list;
	return (int)t.n;
}

/* Like a pipeline that only sends this. */
int trial_template(struct engine *e, struct world *w, const struct template *tpl, const struct trial *how, struct arena *a,
                   struct trial_mail **ret, struct err *err)
{
	struct step only = { .number = 1, .name = tpl->name, .verb = VERB_EMAIL, .template = tpl->name, .next = STEP_NONE,
		                 .parent = STEP_NONE };
	struct pipeline p = { .name = "test", .steps = &only, .n_steps = 1 };

	return trial_pipeline(e, w, &p, how, a, ret, err);
}
