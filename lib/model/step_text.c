#include "model/step_text.h"

#include "base/buf.h"

#include <string.h>

const char *pipeline_state(const struct pipeline *p)
{
	if (!p->active)
		return "draft";
	return p->paused_at ? "paused" : "active";
}

static void list(const struct names *names, struct buf *out)
{
	for (size_t i = 0; i < names->n; i++)
		buf_addf(out, i > 0 ? ", %s" : "%s", names->v[i]);
}

static void describe_until(const struct wait_until *u, struct buf *out)
{
	buf_adds(out, "until ");
	if (u->kind != UNTIL_FIELD) {
		wait_until_format(u, out);
		return;
	}
	if (!delay_is_zero(&u->date.before)) {
		delay_format(&u->date.before, out);
		buf_adds(out, " before ");
	}
	buf_adds(out, u->date.field);
	if (u->date.at >= 0)
		buf_addf(out, " at %02d:%02d", u->date.at / 60, u->date.at % 60);
}

static void describe_mail(const struct step *st, struct buf *out)
{
	if (st->template)
		buf_adds(out, st->template);
	else if (st->inline_template && st->inline_template->n_texts > 0 && st->inline_template->texts[0].subject)
		buf_addf(out, "\"%s\"", st->inline_template->texts[0].subject);
	if (st->thread)
		buf_addf(out, " (thread %s)", st->thread);
	if (st->hours)
		buf_addf(out, " (hours %s)", st->hours);
}

static void describe_task(const struct task_plan *t, struct buf *out)
{
	if (t->done) {
		buf_addf(out, "done: %s", t->done);
		return;
	}
	buf_addf(out, "%s (%s", t->title, task_type_text(t->type));
	if (t->to)
		buf_addf(out, ", to %s", t->to);
	if (t->has_due) {
		buf_adds(out, ", due in ");
		delay_format(&t->due, out);
	}
	buf_adds(out, t->hold ? ", waits until done)" : ")");
}

void step_describe(const struct step *st, struct buf *out)
{
	switch (st->verb) {
	case VERB_EMAIL:
		describe_mail(st, out);
		return;
	case VERB_WAIT:
		if (st->until)
			describe_until(st->until, out);
		else
			delay_format(&st->wait, out);
		return;
	case VERB_TAG:
	case VERB_UNTAG:
		list(&st->tags, out);
		return;
	case VERB_SET:
		for (size_t i = 0; i < st->n_set; i++)
			buf_addf(out, "%s%s = %s", i > 0 ? ", " : "", st->set[i].field, st->set[i].value);
		return;
	case VERB_IF:
		cond_describe(st->cond, out);
		return;
	case VERB_AWAIT:
		cond_describe(st->cond, out);
		buf_adds(out, ", within ");
		delay_format(&st->within, out);
		return;
	case VERB_TASK:
		describe_task(st->task, out);
		return;
	case VERB_NOTE:
	case VERB_EXIT:
		buf_adds(out, st->text);
		return;
	}
}

static void separate(struct buf *out)
{
	if (out->len > 0)
		buf_adds(out, "; ");
}

static void describe_again(enum again again, const struct delay *after, struct buf *out)
{
	if (again == AGAIN_ALWAYS)
		buf_adds(out, " (each time)");
	if (again != AGAIN_AFTER)
		return;
	buf_adds(out, " (again after ");
	delay_format(after, out);
	buf_addc(out, ')');
}

void pipeline_describe_entry(const struct pipeline *p, struct buf *out)
{
	if (p->enroll.new_contacts) {
		buf_adds(out, "new contacts");
		describe_again(p->enroll.again, &p->enroll.again_after, out);
	}
	for (size_t i = 0; i < p->enroll.n_starts; i++) {
		const struct start *s = &p->enroll.starts[i];

		separate(out);
		buf_adds(out, "when ");
		cond_describe(s->when, out);
		describe_again(s->again, &s->again_after, out);
	}
	if (out->len == 0)
		buf_adds(out, "by hand");
	if (!p->enroll.only_if)
		return;
	buf_adds(out, "; only if ");
	cond_describe(p->enroll.only_if, out);
}

void pipeline_describe_stop(const struct pipeline *p, struct buf *out)
{
	if (pipeline_sends(p) && !p->ignore_replied)
		buf_adds(out, "replied");
	if (pipeline_sends(p) && !p->ignore_converted) {
		separate(out);
		buf_adds(out, "converted");
	}
	for (size_t i = 0; i < p->n_stop; i++) {
		separate(out);
		cond_describe(p->stop[i], out);
	}
}

void pipeline_describe_late(const struct pipeline *p, struct buf *out)
{
	static const char *const words[] = { "send", "skip", "hold" };

	buf_addf(out, "%s when more than ", words[p->late.then]);
	delay_format(&p->late.max, out);
	buf_adds(out, " late");
}

void pipeline_describe_mailbox(const struct pipeline *p, struct buf *out)
{
	if (p->mailboxes.n > 0)
		list(&p->mailboxes, out);
	else
		buf_adds(out, "of the team");
}
