#include "pipectl.h"

#include "apply/migrate.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "engine/pause.h"
#include "engine/world.h"
#include "model/step_text.h"
#include "people/census.h"
#include "reference.h"
#include "store/run_store.h"
#include "store/tally_store.h"

#include <string.h>

#define TEXT_MAX ((size_t)1 << 16)

static const struct cli_column pipeline_columns[] = {
	{ "pipeline", CLI_TEXT }, { "state", CLI_STATE }, { "version", CLI_INT },    { "changed_at", CLI_TIME },
	{ "actor", CLI_TEXT },    { "source", CLI_TEXT }, { "purpose", CLI_TEXT },   { "mailbox", CLI_TEXT },
	{ "hours", CLI_TEXT },    { "priority", CLI_INT }, { "enroll", CLI_TEXT },   { "stop", CLI_TEXT },
	{ "late", CLI_TEXT },     { "open", CLI_INT },    { "blocked", CLI_INT },    { "completed", CLI_INT },
	{ "stopped", CLI_INT },   { 0 },
};
static const struct cli_column step_columns[] = {
	{ "number", CLI_INT },   { "name", CLI_TEXT },    { "after", CLI_TEXT },  { "verb", CLI_TEXT },
	{ "what", CLI_TEXT },    { "mailbox", CLI_TEXT }, { "people", CLI_INT },  { "comment", CLI_TEXT },
	{ "branch", CLI_TEXT | CLI_ONLY_JSON }, { 0 },
};
static const struct cli_column document_columns[] = {
	{ "kind", CLI_TEXT },       { "name", CLI_TEXT },  { "version", CLI_INT }, { "source", CLI_TEXT },
	{ "changed_at", CLI_TIME }, { "actor", CLI_TEXT }, { "text", CLI_TEXT },   { 0 },
};

static const struct cli_column mailbox_columns[] = {
	{ "kind", CLI_TEXT },       { "name", CLI_TEXT },  { "version", CLI_INT }, { "source", CLI_TEXT },
	{ "changed_at", CLI_TIME }, { "actor", CLI_TEXT }, { "text", CLI_TEXT },   { "state", CLI_STATE },
	{ "since", CLI_TIME },      { "until", CLI_TIME }, { "reason", CLI_TEXT }, { 0 },
};

/* A pipeline as it is shown: attributes and steps of one version, people as of now. */
struct shown {
	struct document_row row;
	struct document_version version;
	struct pipeline p;
	struct run_stand *stands;
	int n_stands;
	struct run_tally *tallies;
	int n_tallies;
};

static const char *taken(struct cli *cli, struct buf *b)
{
	return b->len > 0 ? arena_strndup(&cli->arena, b->s, b->len) : NULL;
}

static void put_described(struct cli *cli, struct cli_table *t, const struct pipeline *p,
                          void (*describe)(const struct pipeline *p, struct buf *out))
{
	BUF_AUTO text = BUF_INIT(TEXT_MAX);

	describe(p, &text);
	cli_text(t, taken(cli, &text));
}

static int64_t tally(const struct shown *s, enum run_state status)
{
	for (int i = 0; i < s->n_tallies; i++)
		if (s->tallies[i].pipeline == s->row.id && s->tallies[i].status == status)
			return s->tallies[i].runs;
	return 0;
}

static void print_pipeline(struct cli *cli, const struct shown *s)
{
	const struct pipeline *p = &s->p;
	struct cli_table t;

	cli_record_begin(&t, cli, pipeline_columns);
	cli_text(&t, s->row.name);
	cli_text(&t, pipeline_state(p));
	cli_int(&t, s->version.version);
	cli_time(&t, s->version.created_at);
	cli_text(&t, s->version.actor);
	cli_text(&t, *s->row.source ? s->row.source : NULL);
	cli_text(&t, p->purpose == PURPOSE_SERVICE ? "service" : "marketing");
	put_described(cli, &t, p, pipeline_describe_mailbox);
	cli_text(&t, p->hours && *p->hours ? p->hours : "of the team");
	cli_int(&t, p->priority);
	put_described(cli, &t, p, pipeline_describe_entry);
	put_described(cli, &t, p, pipeline_describe_stop);
	put_described(cli, &t, p, pipeline_describe_late);
	cli_int(&t, tally(s, RUN_PENDING) + tally(s, RUN_RUNNING) + tally(s, RUN_BLOCKED));
	cli_int(&t, tally(s, RUN_BLOCKED));
	cli_int(&t, tally(s, RUN_COMPLETED));
	cli_int(&t, tally(s, RUN_STOPPED));
	cli_row_end(&t);
	cli_table_end(&t);
}

/* Who stands there, whatever the version they follow: numbers are for good. */
static int64_t people_at(const struct shown *s, int number)
{
	int64_t n = 0;

	for (int i = 0; i < s->n_stands; i++)
		if (s->stands[i].step == number)
			n += s->stands[i].runs;
	return n;
}

static const char *branch_of(struct cli *cli, const struct shown *s, const struct step *st)
{
	if (st->parent == STEP_NONE)
		return NULL;
	return arena_printf(&cli->arena, "%s of %s", st->in_else ? "else" : "then", s->p.steps[st->parent].name);
}

/* Branches stand to the right of their `if`: + when it is true, - when not. */
static const char *indented(struct cli *cli, const struct step *st)
{
	if (st->depth == 0)
		return st->name;
	return arena_printf(&cli->arena, "%*s%c %s", 2 * (st->depth - 1), "", st->in_else ? '-' : '+', st->name);
}

static void print_step(struct cli *cli, const struct shown *s, const struct step *st, struct cli_table *t)
{
	BUF_AUTO after = BUF_INIT(TEXT_MAX), what = BUF_INIT(TEXT_MAX);

	if (!delay_is_zero(&st->after))
		delay_format(&st->after, &after);
	step_describe(st, &what);
	cli_int(t, st->number);
	cli_text(t, cli->out_terminal && !cli->json ? indented(cli, st) : st->name);
	cli_text(t, taken(cli, &after));
	cli_text(t, verb_text(st->verb));
	cli_text(t, taken(cli, &what));
	cli_text(t, st->mailbox);
	cli_int(t, people_at(s, st->number));
	cli_text(t, st->comment);
	cli_text(t, branch_of(cli, s, st));
	cli_row_end(t);
}

static void print_steps(struct cli *cli, const struct shown *s)
{
	struct cli_table t;

	cli_table_begin(&t, cli, step_columns);
	for (size_t i = 0; i < s->p.n_steps; i++)
		print_step(cli, s, &s->p.steps[i], &t);
	cli_table_end(&t);
}

/* People in versions with steps that are not in this one. */
static void print_others(struct cli *cli, const struct shown *s)
{
	for (int i = 0; i < s->n_stands; i++)
		if (pipeline_step_index(&s->p, s->stands[i].step) == STEP_NONE)
			cli_notice(cli, "%lld at step %d, which only version %d has", (long long)s->stands[i].runs, s->stands[i].step,
			           s->stands[i].version);
}

static int show_pipeline(struct cli *cli, struct engine *e, struct shown *s, struct err *err)
{
	STANDINGS_AUTO standings = { 0 };
	int got = pipeline_load_version(cli->db, cli->team, s->row.id, s->version.version, &cli->arena, &s->p, err);

	if (got <= 0)
		return -1;
	s->p.paused_at = s->row.paused;
	s->n_stands = run_stands(cli->db, cli->team, s->row.id, &cli->arena, &s->stands, err);
	standings_begin(&standings, e, cli->team);
	s->n_tallies = census_tallies(&standings, &cli->arena, &s->tallies, err);
	if (s->n_stands < 0 || s->n_tallies < 0)
		return -1;
	print_pipeline(cli, s);
	if (cli->out_terminal && !cli->json)
		fputc('\n', cli->out);
	print_steps(cli, s);
	print_others(cli, s);
	return 0;
}

static void show_json(struct cli *cli, const struct shown *s, const struct mailbox_standing *now)
{
	const struct document_version *v = &s->version;
	struct cli_table t;

	cli_record_begin(&t, cli, now ? mailbox_columns : document_columns);
	cli_text(&t, v->kind);
	cli_text(&t, v->name);
	cli_int(&t, v->version);
	cli_text(&t, *s->row.source ? s->row.source : NULL);
	cli_time(&t, v->created_at);
	cli_text(&t, v->actor);
	cli_text(&t, v->body);
	if (now) {
		cli_text(&t, now->state);
		cli_time_or_null(&t, now->since);
		cli_time_or_null(&t, now->until);
		cli_text(&t, now->text);
	}
	cli_row_end(&t);
	cli_table_end(&t);
}

static void write_standing(struct cli *cli, const struct mailbox_standing *now, struct buf *out)
{
	BUF_AUTO text = BUF_INIT(TEXT_MAX);

	if (strcmp(now->state, "open") == 0)
		return;
	if (now->text)
		utf8_safe(&text, now->text, strlen(now->text), false);
	buf_addf(out, "# it is %s", now->state);
	if (now->since)
		buf_addf(out, " since %s", cli_time_text(cli, now->since));
	if (now->until)
		buf_addf(out, " until %s", cli_time_text(cli, now->until));
	buf_addf(out, "%s%s\n", text.len ? ": " : "", text.s);
}

/* Its YAML, under a comment that says where it comes from. */
static void show_document(struct cli *cli, const struct shown *s, enum doc_kind kind, const struct mailbox_standing *now)
{
	const struct document_version *v = &s->version;
	BUF_AUTO out = BUF_INIT((size_t)2 << 20), source = BUF_INIT(TEXT_MAX);

	utf8_safe(&source, s->row.source, strlen(s->row.source), false);
	buf_addf(&out, "# %s/%s, version %d of %d, stored %s by %s", doc_kind_word(kind), v->name, v->version, s->row.version,
	         cli_time_text(cli, v->created_at), v->actor);
	if (source.len > 0)
		buf_addf(&out, "; the newest is from %s", source.s);
	buf_addc(&out, '\n');
	if (now)
		write_standing(cli, now, &out);
	buf_adds(&out, v->body);
	cli_put(cli, &out);
}

static int show(struct cli *cli, struct err *err)
{
	struct mailbox_standing standing, *now = NULL;
	struct shown s = { 0 };
	struct reference ref;
	ENGINE_AUTO e = { 0 };

	if (reference_read(cli, cli->args.v[0], true, &ref, err) < 0 || reference_find(cli, &ref, &s.row, err) < 0 ||
	    reference_version(cli, &s.row, ref.version ? ref.version : s.row.version, &s.version, err) < 0)
		return -1;
	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (ref.kind == DOC_PIPELINE)
		return show_pipeline(cli, &e, &s, err);
	if (ref.kind == DOC_MAILBOX) {
		now = &standing;
		if (mailbox_standing(&e, cli->team, s.row.name, &cli->arena, now, err) < 0)
			return -1;
	}
	if (cli->json)
		show_json(cli, &s, now);
	else
		show_document(cli, &s, ref.kind, now);
	return 0;
}

const struct cli_cmd show_cmd = {
	.name = "show",
	.args = "KIND/NAME[@VERSION]|PIPELINE[@VERSION]",
	.about = "show a document; of a pipeline its steps and who stands where",
	.min_args = 1,
	.max_args = 1,
	.examples = "pipectl show welcome\n"
	            "pipectl show welcome@1\n"
	            "pipectl show template/guide\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = show,
};
