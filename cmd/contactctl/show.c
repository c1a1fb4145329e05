#include "contactctl.h"

#include "base/buf.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "people/dossier.h"
#include "session.h"

#include <string.h>

#define DOSSIER_MAX (64u << 20)

/* Lines "name: text" in the order in which they are shown. */
struct lines {
	struct session *session;
	struct cli_column *columns;
	const char **texts;
	size_t n, cap_columns, cap_texts;
};

static void add_line(struct lines *l, const char *name, const char *text)
{
	struct arena *a = l->session->arena;

	if (!text)
		return;
	ARENA_GROW(a, &l->columns, &l->cap_columns, l->n);
	ARENA_GROW(a, &l->texts, &l->cap_texts, l->n);
	l->columns[l->n] = (struct cli_column){ name, CLI_TEXT };
	l->texts[l->n++] = text;
}

static void add_person(struct lines *l, const struct contact *c)
{
	struct session *s = l->session;

	add_line(l, "email", c->email);
	add_line(l, "kind", contact_kind_text(c->kind));
	for (size_t i = 0; i < c->n_values; i++)
		add_line(l, c->values[i].name, c->values[i].value);
	for (size_t i = 0; i < c->tags.n; i++)
		add_line(l, "tag", c->tags.v[i]);
	if (c->suppressed)
		add_line(l, "suppressed", suppression_text(c->suppressed, s->arena));
	add_line(l, "created", session_time(s, c->created_at));
	add_line(l, "updated", session_time(s, c->updated_at));
	add_line(l, "id", arena_printf(s->arena, "%lld", (long long)c->id));
}

static const char *steps(struct session *s, const struct run *r)
{
	return arena_printf(s->arena, "%lld step%s done", (long long)r->steps_done, r->steps_done == 1 ? "" : "s");
}

/* Of one that has not ended: a branch that is not taken makes fewer. */
static const char *steps_of(struct session *s, const struct run_card *card)
{
	if (card->n_steps == 0)
		return steps(s, &card->run);
	return arena_printf(s->arena, "%lld of %lld steps done", (long long)card->run.steps_done, (long long)card->n_steps);
}

/* ", quota: the limit per day is reached, since ..." */
static const char *held_text(struct session *s, const struct run_standing *now)
{
	if (!*now->reason)
		return "";
	return arena_printf(s->arena, ", %s%s%s%s%s", now->reason, *now->text ? ": " : "", now->text,
	                    now->since ? ", since " : "", now->since ? session_time(s, now->since) : "");
}

/* What comes next, when it is no mail: those are all listed. */
static const char *next_text(struct session *s, const struct run_card *card)
{
	if (!card->step || (card->n_mails && strcmp(card->mails[0].step, card->step) == 0))
		return "";
	return arena_printf(s->arena, "; next %s%s%s", card->step, card->now.next ? " at " : "",
	                    card->now.next ? session_time(s, card->now.next) : "");
}

static const char *mails_to_come(struct session *s, const struct run_card *card)
{
	const char *text = "";

	for (int i = 0; i < card->n_mails; i++) {
		const struct planned_mail *m = &card->mails[i];

		text = arena_printf(s->arena, "%s%s%s%s%s%s", text, i == 0 ? "; e-mails to come: " : ", ", m->step,
		                    m->at ? " at " : "", m->at ? session_time(s, m->at) : "",
		                    m->may_change ? " (depends)" : "");
	}
	return text;
}

static const char *last_step(struct session *s, const struct run_card *card)
{
	return card->last_step ? arena_printf(s->arena, ", last %s", card->last_step) : "";
}

/* S2.28 to S2.33 in one line. */
static const char *run_text(struct session *s, const struct run_card *card)
{
	const struct run *r = &card->run;

	switch (card->now.status) {
	case RUN_PENDING:
	case RUN_RUNNING:
	case RUN_BLOCKED:
		return arena_printf(s->arena, "%s: %s%s; %s%s%s%s", card->pipeline, run_state_text(card->now.status),
		                    held_text(s, &card->now), steps_of(s, card), last_step(s, card), next_text(s, card),
		                    mails_to_come(s, card));
	case RUN_COMPLETED:
		return arena_printf(s->arena, "%s: completed at %s, %s", card->pipeline, session_time(s, r->ended_at),
		                    steps(s, r));
	case RUN_STOPPED:
		return arena_printf(s->arena, "%s: stopped at %s, %s; %s", card->pipeline, session_time(s, r->ended_at),
		                    r->reason, steps(s, r));
	}
	BUG("run state %d", (int)card->now.status);
}

static const char *summary_text(struct session *s, const struct run_summary *r)
{
	return arena_printf(s->arena, "%lld active, %lld blocked, %lld completed, %lld stopped", (long long)r->active,
	                    (long long)r->blocked, (long long)r->completed, (long long)r->stopped);
}

static int add_runs(struct lines *l, const struct contact *c, struct err *err)
{
	struct session *s = l->session;
	struct run_summary summary;
	struct run_card *cards;
	int n = run_cards(&s->standings, c, s->arena, &cards, err);

	if (n < 0 || run_summary(&s->standings, c, s->arena, &summary, err) < 0)
		return -1;
	add_line(l, "runs", n ? summary_text(s, &summary) : "never enrolled");
	for (int i = 0; i < n; i++)
		add_line(l, "run", run_text(s, &cards[i]));
	return 0;
}

static int show_text(struct session *s, const struct contact *c, struct err *err)
{
	struct lines l = { .session = s };
	struct cli_table t;

	add_person(&l, c);
	if (add_runs(&l, c, err) < 0)
		return -1;
	ARENA_GROW(s->arena, &l.columns, &l.cap_columns, l.n);
	l.columns[l.n] = (struct cli_column){ 0 };
	cli_record_begin(&t, s->cli, l.columns);
	for (size_t i = 0; i < l.n; i++)
		cli_text(&t, l.texts[i]);
	cli_row_end(&t);
	cli_table_end(&t);
	return 0;
}

static int show_json(struct session *s, const struct contact *c, struct err *err)
{
	BUF_AUTO b = BUF_INIT(DOSSIER_MAX);

	if (dossier_write(&s->engine, s->world, c, DOSSIER_RUNS, &b, err) < 0)
		return -1;
	buf_addc(&b, '\n');
	cli_put(s->cli, &b);
	return 0;
}

static int run(struct cli *cli, struct err *err)
{
	SESSION_AUTO s = { 0 };
	struct contact c;

	if (session_open(&s, cli, err) < 0 ||
	    people_find(&s.engine, s.world, cli->args.v[0], s.arena, &c, err) < 0)
		return -1;
	return cli->json ? show_json(&s, &c, err) : show_text(&s, &c, err);
}

const struct cli_cmd show_cmd = {
	.name = "show",
	.args = "ADDR",
	.about = "show a contact: fields, tags, and each pipeline it is or was in",
	.min_args = 1,
	.max_args = 1,
	.examples = "contactctl show anna@example.com\n"
	            "contactctl show anna@example.com --json | jq .runs\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
