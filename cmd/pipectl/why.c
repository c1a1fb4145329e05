#include "pipectl.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "cli/table.h"
#include "engine/guard.h"
#include "engine/why.h"
#include "model/contact.h"
#include "operand.h"

#include <string.h>

static const struct cli_column columns[] = {
	{ "id", CLI_INT },      { "contact", CLI_TEXT }, { "pipeline", CLI_TEXT }, { "version", CLI_INT },
	{ "status", CLI_TEXT }, { "reason", CLI_TEXT },  { "step", CLI_TEXT },     { "due", CLI_TIME },
	{ "next", CLI_TIME },   { "moved", CLI_TEXT },   { "text", CLI_TEXT },     { "since", CLI_TIME },
	{ "facts", CLI_JSON },  { "steps", CLI_JSON },   { 0 },
};

static void show_json(struct cli *cli, const struct why *why)
{
	const struct run_shown *s = &why->run;
	struct cli_table t;

	cli_table_begin(&t, cli, columns);
	cli_int(&t, s->run.id);
	cli_text(&t, *s->contact ? s->contact : NULL);
	cli_text(&t, s->pipeline);
	cli_int(&t, s->run.version);
	cli_text(&t, run_state_text(s->now.status));
	cli_text(&t, *s->now.reason ? s->now.reason : NULL);
	cli_text(&t, s->step);
	cli_time_or_null(&t, s->run.status == RUN_PENDING || s->run.status == RUN_RUNNING ? s->run.due_at : 0);
	cli_time_or_null(&t, s->now.next);
	cli_text(&t, *s->now.moved ? s->now.moved : NULL);
	cli_text(&t, *s->now.text ? s->now.text : NULL);
	cli_time_or_null(&t, s->now.since);
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

static int find_of_contact(struct cli *cli, struct engine *e, struct run **ret, struct err *err)
{
	const struct pipeline *p = NULL;
	struct contact c;
	int n, kept = 0;

	if (operand_contact(cli, cli->args.v[0], &c, err) < 0 ||
	    (cli->args.n > 1 && operand_pipeline(cli, e, cli->args.v[1], &p, err) < 0))
		return -1;
	n = run_list_of_contact(cli->db, cli->team, c.id, false, &cli->arena, ret, err);
	for (int i = 0; i < n; i++)
		if (!p || (*ret)[i].pipeline == p->id)
			(*ret)[kept++] = (*ret)[i];
	if (n < 0)
		return -1;
	if (kept == 0)
		return err_set(err, ERR_MISSING, "%s was never in %s", c.email, p ? p->name : "any pipeline");
	return keep_open(*ret, kept);
}

static int find_runs(struct cli *cli, struct engine *e, struct run **ret, struct err *err)
{
	int64_t id;

	if (!operand_is_id(cli->args.v[0], &id))
		return find_of_contact(cli, e, ret, err);
	if (cli->args.n > 1)
		return err_set(err, ERR_USAGE, "run %lld is one run: name no pipeline", (long long)id);
	*ret = arena_array(&cli->arena, 1, sizeof **ret);
	return operand_run(cli, cli->args.v[0], *ret, err) < 0 ? -1 : 1;
}

static int run(struct cli *cli, struct err *err)
{
	struct why_tick tick = { .rehearsal = cli->rehearsal, .exact = !cli->out_terminal || cli->json };
	STANDINGS_AUTO standings = { 0 };
	ENGINE_AUTO e = { 0 };
	struct guard g;
	struct run *runs;
	struct why why;
	int n;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (cli_team_to_say(cli, &e.say_team, err) < 0)
		return -1;
	n = find_runs(cli, &e, &runs, err);
	if (n < 0 || guard_look(cli->db_path, &g, err) < 0)
		return -1;
	tick.last = g.last;
	standings_begin(&standings, &e, cli->team);
	for (int i = 0; i < n; i++) {
		if (why_run(&standings, &runs[i], &tick, &cli->arena, &why, err) < 0)
			return -1;
		if (cli->json)
			show_json(cli, &why);
		else
			show_text(cli, &why, i == 0);
	}
	return 0;
}

const struct cli_cmd why_cmd = {
	.name = "why",
	.args = "RUN|ADDR [PIPELINE]",
	.about = "say why a run waits, until when, and what comes after",
	.min_args = 1,
	.max_args = 2,
	.examples = "pipectl why 12\n"
	            "pipectl why anna@example.com\n"
	            "pipectl why anna@example.com welcome --json\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
