#include "pipectl.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "cli/table.h"
#include "engine/guard.h"
#include "model/contact.h"
#include "operand.h"
#include "operate/why.h"

#include <string.h>

static const struct cli_column columns[] = {
	{ "id", CLI_INT },      { "contact", CLI_TEXT }, { "pipeline", CLI_TEXT }, { "version", CLI_INT },
	{ "status", CLI_TEXT }, { "reason", CLI_TEXT },  { "step", CLI_TEXT },     { "due", CLI_TIME },
	{ "next", CLI_TIME },   { "moved", CLI_TEXT },   { "text", CLI_TEXT },     { "since", CLI_TIME },
	{ "facts", CLI_JSON },  { "steps", CLI_JSON },   { 0 },
};

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

/* Of somebody who is in no run there is no more than who and where. */
static void put_run(struct cli_table *t, const struct run_shown *s)
{
	bool planned = s->run.id && (s->run.status == RUN_PENDING || s->run.status == RUN_RUNNING);

	if (s->run.id)
		cli_int(t, s->run.id);
	else
		cli_null(t);
	cli_text(t, or_null(s->contact));
	cli_text(t, s->pipeline);
	if (s->run.id)
		cli_int(t, s->run.version);
	else
		cli_null(t);
	cli_text(t, s->run.id ? run_state_text(s->now.status) : NULL);
	cli_text(t, or_null(s->now.reason));
	cli_text(t, s->step);
	cli_time_or_null(t, planned ? s->run.due_at : 0);
	cli_time_or_null(t, s->now.next);
	cli_text(t, or_null(s->now.moved));
	cli_text(t, or_null(s->now.text));
	cli_time_or_null(t, s->now.since);
}

static void show_json(struct cli *cli, const struct why *why)
{
	struct cli_table t;

	cli_table_begin(&t, cli, columns);
	put_run(&t, &why->run);
	cli_json(&t, why_facts_json(why, &cli->arena));
	cli_json(&t, why_steps_json(why, &cli->arena));
	cli_row_end(&t);
	cli_table_end(&t);
}

/* A command that mends it stands under the sentence, ready to be copied. */
static void add_fact(struct buf *b, const struct why_fact *f, bool first)
{
	buf_addf(b, "%s%s\n", first ? "" : "  ", f->text);
	for (const char *at = f->command; at && *at;) {
		size_t n = strcspn(at, "\n");

		buf_addf(b, "      %.*s\n", (int)n, at);
		at += n + (at[n] == '\n');
	}
}

static void add_step(struct cli *cli, struct buf *b, const struct why_step *s)
{
	int width = (int)strlen(cli_time_text(cli, cli->now));

	buf_addf(b, "      %-*s  %*s", width, s->at ? cli_time_text(cli, s->at) : "?", 4 * s->depth, "");
	if (s->branch)
		buf_addf(b, "%s: ", s->branch);
	buf_addf(b, "%s", s->step);
	if (strcmp(s->verb, s->step) != 0)
		buf_addf(b, " (%s)", s->verb);
	if (*s->text)
		buf_addf(b, ": %s", s->text);
	buf_addc(b, '\n');
}

static void show_text(struct cli *cli, const struct why *why, bool first)
{
	BUF_AUTO b = BUF_INIT(1 << 20), safe = BUF_INIT(1 << 22);

	if (!first)
		buf_addc(&b, '\n');
	for (size_t i = 0; i < why->n_facts; i++)
		add_fact(&b, &why->facts[i], i == 0);
	if (why->n_steps)
		buf_adds(&b, "  after that come, as things stand:\n");
	for (size_t i = 0; i < why->n_steps; i++)
		add_step(cli, &b, &why->steps[i]);
	utf8_safe(&safe, b.s, b.len, true);
	cli_put(cli, &safe);
}

/* Of a contact's runs, latest first, those that are open; none is: the latest. Returns how many are left. */
static int keep_open(struct run *list, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++)
		if (run_state_open(list[i].status))
			list[kept++] = list[i];
	return kept > 0 || n == 0 ? kept : 1;
}

/* What is asked. */
struct question {
	struct cli *cli;
	struct engine *e;
	struct standings standings;
	struct why_tick tick;
	bool first;
};

static void answer(struct question *q, const struct why *why)
{
	if (q->cli->json)
		show_json(q->cli, why);
	else
		show_text(q->cli, why, q->first);
	q->first = false;
}

static int ask_runs(struct question *q, const struct run *runs, int n, struct err *err)
{
	struct why why;

	for (int i = 0; i < n; i++) {
		if (why_run(&q->standings, &runs[i], &q->tick, &q->cli->arena, &why, err) < 0)
			return -1;
		answer(q, &why);
	}
	return 0;
}

static int ask_outside(struct question *q, const struct pipeline *p, const struct contact *c, struct err *err)
{
	struct why why;

	if (why_outside(&q->standings, p, c, &q->tick, &q->cli->arena, &why, err) < 0)
		return -1;
	answer(q, &why);
	return 0;
}

/* Somebody who never was in any: all that are there. */
static int ask_every_pipeline(struct question *q, const struct contact *c, struct err *err)
{
	const struct pipeline *const *list;
	struct world *w;
	size_t n;

	if (engine_world(q->e, q->cli->team, &w, err) < 0)
		return -1;
	list = world_pipelines(w, &n);
	if (n == 0)
		return err_set(err, ERR_MISSING, "%s was never in any pipeline: the team has none", c->email);
	for (size_t i = 0; i < n; i++)
		if (ask_outside(q, list[i], c, err) < 0)
			return -1;
	return 0;
}

static int ask_of_contact(struct question *q, struct err *err)
{
	struct cli *cli = q->cli;
	const struct pipeline *p = NULL;
	struct contact c;
	struct run *runs;
	int n, kept = 0;

	if (operand_contact(cli, cli->args.v[0], &c, err) < 0 ||
	    (cli->args.n > 1 && operand_pipeline(cli, q->e, cli->args.v[1], &p, err) < 0))
		return -1;
	n = run_list_of_contact(cli->db, cli->team, c.id, false, &cli->arena, &runs, err);
	for (int i = 0; i < n; i++)
		if (!p || runs[i].pipeline == p->id)
			runs[kept++] = runs[i];
	if (n < 0)
		return -1;
	if (kept > 0)
		return ask_runs(q, runs, keep_open(runs, kept), err);
	return p ? ask_outside(q, p, &c, err) : ask_every_pipeline(q, &c, err);
}

static int ask(struct question *q, struct err *err)
{
	struct cli *cli = q->cli;
	struct run run;
	int64_t id;

	if (!operand_is_id(cli->args.v[0], &id))
		return ask_of_contact(q, err);
	if (cli->args.n > 1)
		return err_set(err, ERR_USAGE, "run %lld is one run: name no pipeline", (long long)id);
	return operand_run(cli, cli->args.v[0], &run, err) < 0 ? -1 : ask_runs(q, &run, 1, err);
}

static int run(struct cli *cli, struct err *err)
{
	ENGINE_AUTO e = { 0 };
	struct question q = {
		.cli = cli,
		.e = &e,
		.tick = { .rehearsal = cli->rehearsal, .exact = !cli->out_terminal || cli->json },
		.first = true,
	};
	struct guard g;
	int got;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (cli_team_to_say(cli, &e.say_team, err) < 0 || guard_look(cli->db_path, &g, err) < 0)
		return -1;
	q.tick.last = g.last;
	standings_begin(&q.standings, &e, cli->team);
	got = ask(&q, err);
	standings_end(&q.standings);
	return got;
}

const struct cli_cmd why_cmd = {
	.name = "why",
	.args = "RUN|ADDR [PIPELINE]",
	.about = "say why a run waits and until when, or why somebody is not in a pipeline",
	.min_args = 1,
	.max_args = 2,
	.examples = "pipectl why 12\n"
	            "pipectl why anna@example.com\n"
	            "pipectl why anna@example.com welcome --json\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
