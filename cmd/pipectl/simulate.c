#include "pipectl.h"

#include "base/buf.h"
#include "base/near.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "engine/enroll.h"
#include "engine/report.h"
#include "model/when.h"
#include "operand.h"
#include "rehearse/simulate.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_DAYS 90
#define DAY          86400
#define MAILS_MAX    ((size_t)64 << 20)

struct simulate_opts {
	struct names contacts, events;
	int64_t days;
};

static const struct opt simulate_opts[] = {
	OPT_LIST(struct simulate_opts, contacts, 0, "contact", "ADDR", "this contact; without one, anybody"),
	OPT_INT(struct simulate_opts, days, 0, "days", "N", 1, 3650, "so many days; 90 when not given"),
	OPT_LIST(struct simulate_opts, events, 0, "event", "TYPE[:STEP]@TIME", "assume that this happens: replied@+2d, task.done:call@+3d"),
	OPT_END,
};

static const struct cli_column columns[] = {
	{ "contact", CLI_TEXT }, { "at", CLI_TIME },   { "what", CLI_STATE }, { "step", CLI_TEXT },
	{ "text", CLI_TEXT },    { "from", CLI_TEXT }, { "body", CLI_TEXT | CLI_ONLY_JSON }, { 0 },
};

struct output {
	struct cli *cli;
	struct cli_table table;
	const char *contact;
	struct buf mails;
};

/* With -v, mails as they would be, behind the table. */
static void keep_mail(struct output *out, const struct sim_line *l)
{
	sim_write_mail(l, out->contact, cli_time_text(out->cli, l->at), &out->mails);
}

static void show(const struct sim_line *l, void *ctx)
{
	struct output *out = ctx;

	cli_text(&out->table, out->contact);
	cli_time_or_null(&out->table, l->at);
	cli_text(&out->table, sim_word(l));
	cli_text(&out->table, l->step ? l->step->name : NULL);
	cli_text(&out->table, *l->text ? l->text : NULL);
	cli_text(&out->table, l->mailbox && *l->mailbox ? l->mailbox : NULL);
	cli_text(&out->table, l->mail ? l->mail->text : NULL);
	cli_row_end(&out->table);
	if (out->cli->verbose && !out->cli->json && l->mail)
		keep_mail(out, l);
}

/* Short names for what is assumed most: replied -> email.replied. */
static const char *event_type(const char *word)
{
	static const char *const shorts[][2] = {
		{ "replied", "email.replied" },          { "bounced", "email.bounced" },
		{ "complained", "email.complained" },    { "converted", "contact.converted" },
		{ "unsubscribed", "contact.unsubscribed" }, { "deleted", "contact.deleted" },
	};

	for (size_t i = 0; i < ARRAY_LEN(shorts); i++)
		if (strcmp(word, shorts[i][0]) == 0)
			return shorts[i][1];
	return word;
}

static int by_time(const void *a, const void *b)
{
	const struct sim_event *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static int read_step(struct cli *cli, const struct pipeline *p, const char *name, struct err *err)
{
	const char **names = arena_array(&cli->arena, p->n_steps + 1, sizeof *names), *near;

	if (pipeline_find_step(p, name) != STEP_NONE)
		return 0;
	for (size_t i = 0; i < p->n_steps; i++)
		names[i] = p->steps[i].name;
	near = near_match(name, names, p->n_steps);
	return err_set(err, ERR_MISSING, "--event: pipeline '%s' has no step '%s'%s%s%s", p->name, name,
	               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* TYPE[:STEP]@TIME */
static int read_event(struct cli *cli, const struct world *w, const struct pipeline *p, const char *word,
                      struct sim_event *ret, struct err *err)
{
	const char *at = strchr(word, '@');
	char *type, *colon;

	if (!at)
		return err_set(err, ERR_USAGE, "--event '%s': write TYPE@TIME or TYPE:STEP@TIME, as replied@+2d", word);
	type = arena_strndup(&cli->arena, word, (size_t)(at - word));
	colon = strchr(type, ':');
	if (colon)
		*colon = '\0';
	ret->type = event_type(type);
	ret->step = colon ? colon + 1 : NULL;
	if (report_known_type(w, ret->type, err) < 0 || (colon && read_step(cli, p, ret->step, err) < 0))
		return -1;
	return cli_read_time(cli, "--event", at + 1, &ret->at, err);
}

static int read_events(struct cli *cli, const struct world *w, const struct pipeline *p, const struct names *words,
                       struct sim_event *ret, struct err *err)
{
	for (size_t i = 0; i < words->n; i++)
		if (read_event(cli, w, p, words->v[i], &ret[i], err) < 0)
			return -1;
	if (words->n)
		qsort(ret, words->n, sizeof *ret, by_time);
	return 0;
}

/* A rehearsal shows what would happen in the pipeline; whether it lets this person in is said beside it. */
static int tell_refusal(struct cli *cli, struct engine *e, struct world *w, const struct pipeline *p, struct contact *c,
                        struct err *err)
{
	struct enroll_result result;

	if (enroll_start(e, w, p, c, &(struct enrollment){ .by_hand = true, .enroller = cli->who.account, .dry_run = true },
	                 &cli->arena, &result, err) < 0)
		return -1;
	if (result.how == ENROLL_SUPPRESSED || result.how == ENROLL_IF || result.how == ENROLL_NO_MAILBOX)
		cli_notice(cli, "%s would not be enrolled: %s", c->email, enrolled_text(result.how));
	return 0;
}

static int one(struct cli *cli, struct engine *e, struct world *w, const struct pipeline *p, const char *address,
               struct simulation *how, struct err *err)
{
	struct output *out = how->ctx;
	struct contact c;

	if (!address)
		simulate_anybody(w, &c, &cli->arena);
	else if (operand_contact(cli, address, &c, err) < 0)
		return -1;
	out->contact = address ? c.email : "anybody";
	if (address && tell_refusal(cli, e, w, p, &c, err) < 0)
		return -1;
	return simulate(e, w, p, &c, how, &cli->arena, err);
}

static int run(struct cli *cli, struct err *err)
{
	const struct simulate_opts *o = cli->opts;
	struct output out = { .cli = cli, .mails = BUF_INIT(MAILS_MAX) };
	struct simulation how = {
		.from = cli->now,
		.until = cli->now + (o->days ? o->days : DEFAULT_DAYS) * DAY,
		.n_events = o->events.n,
		.enroller = cli->who.account,
		.each = show,
		.ctx = &out,
	};
	struct sim_event *events = arena_array(&cli->arena, o->events.n + 1, sizeof *events);
	ENGINE_AUTO e = { 0 };
	const struct pipeline *p;
	struct world *w;
	int got = 0;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (engine_world(&e, cli->team, &w, err) < 0 || operand_pipeline(cli, &e, cli->args.v[0], &p, err) < 0 ||
	    read_events(cli, w, p, &o->events, events, err) < 0)
		return -1;
	how.events = events;
	cli_table_begin(&out.table, cli, columns);
	for (size_t i = 0; got >= 0 && i < o->contacts.n; i++)
		got = one(cli, &e, w, p, o->contacts.v[i], &how, err);
	if (o->contacts.n == 0)
		got = one(cli, &e, w, p, NULL, &how, err);
	cli_table_end(&out.table);
	cli_put(cli, &out.mails);
	buf_release(&out.mails);
	return got < 0 ? -1 : 0;
}

const struct cli_cmd simulate_cmd = {
	.name = "simulate",
	.group = "Rehearsing",
	.args = "PIPELINE",
	.about = "show what would happen and when, with a virtual clock; nothing is sent",
	.min_args = 1,
	.max_args = 1,
	.opts = simulate_opts,
	.opts_size = sizeof(struct simulate_opts),
	.examples = "pipectl simulate welcome\n"
	            "pipectl simulate welcome --contact anna@example.com --days 30\n"
	            "pipectl simulate welcome --event replied@+2d\n"
	            "pipectl simulate -v welcome --now '2026-12-24 10:00'\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
