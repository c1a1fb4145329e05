#include "contactctl.h"

#include "cli/notice.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "engine/chunk.h"
#include "preview.h"
#include "selection.h"

struct enroll_opts {
	struct names where;
	bool all, nul, dry_run;
};

static const struct opt enroll_opts[] = {
	OPT_LIST(struct enroll_opts, where, 'w', "where", "FILTER", "everybody whom 'contactctl list FILTER' lists"),
	OPT_FLAG(struct enroll_opts, all, 0, "all", "everybody"),
	OPT_FLAG(struct enroll_opts, nul, '0', "null", "addresses on stdin end with a NUL, not with a line"),
	OPT_DRY_RUN(struct enroll_opts, dry_run),
	OPT_END,
};

static const struct cli_column columns[] = {
	{ "email", CLI_TEXT },      { "result", CLI_STATE }, { "first_email", CLI_TEXT }, { "first_at", CLI_TIME },
	{ "mailbox", CLI_TEXT },    { "reason", CLI_TEXT },  { "run", CLI_INT | CLI_ONLY_JSON },
	{ 0 },
};

/* What came of a chunk: shown when it is committed. */
struct batch {
	struct session *session;
	struct cli_table table;
	struct arena arena;
	struct enroll_report *reports;
	size_t n, cap;
	int64_t n_enrolled, n_blocked, n_refused;
};

static void print_row(struct batch *b, const struct enroll_report *r)
{
	struct cli_table *t = &b->table;
	const char *reason = session_refusal(b->session, r);
	bool ok = enrolled_ok(r->result.how);

	cli_text(t, r->email);
	cli_text(t, enrolled_word(r->result.how));
	cli_text(t, r->first.step);
	cli_time_or_null(t, r->first.at);
	cli_text(t, r->result.mailbox);
	cli_text(t, *reason ? reason : NULL);
	if (ok)
		cli_int(t, r->result.run);
	else
		cli_null(t);
	cli_row_end(t);
}

static void flush(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		print_row(b, &b->reports[i]);
	b->reports = NULL;
	b->n = b->cap = 0;
	arena_clear(&b->arena);
}

static void count(struct batch *b, const struct enroll_report *r)
{
	if (!enrolled_ok(r->result.how))
		b->n_refused++;
	else
		b->n_enrolled++;
	b->n_blocked += r->result.how == ENROLL_BLOCKED;
}

static void note_unknown(void *ctx, const char *address, const char *text)
{
	struct batch *b = ctx;

	ARENA_GROW(&b->arena, &b->reports, &b->cap, b->n);
	b->reports[b->n] = (struct enroll_report){
		.email = arena_strdup(&b->arena, address),
		.result = { .how = ENROLL_UNKNOWN, .missing = "" },
		.why = arena_strdup(&b->arena, text),
	};
	count(b, &b->reports[b->n++]);
}

static int enroll_one(struct batch *b, const struct pipeline *p, struct contact *c, struct err *err)
{
	struct session *s = b->session;

	ARENA_GROW(&b->arena, &b->reports, &b->cap, b->n);
	if (enroll_by_hand(&s->engine, s->world, p, c, &b->arena, &b->reports[b->n], err) < 0)
		return -1;
	count(b, &b->reports[b->n++]);
	return 0;
}

/* When their first mails really go; before they are shown, and before a rehearsal is rolled back. */
static int date_all(struct batch *b, struct err *err)
{
	struct session *s = b->session;
	STANDINGS_AUTO standings = { 0 };

	standings_begin(&standings, &s->engine, s->cli->team);
	for (size_t i = 0; i < b->n; i++)
		if (enroll_date(&standings, s->cli->team, &b->reports[i], &b->arena, err) < 0)
			return -1;
	return 0;
}

static int enroll_all(struct batch *b, const struct pipeline *p, struct selection *sel, bool dry_run,
                      struct cli_progress *progress, struct err *err)
{
	CHUNK_AUTO chunk = { 0 };
	struct contact c;
	int got;

	if (chunk_begin(&chunk, b->session->cli->db, dry_run, err) < 0)
		return -1;
	while ((got = selection_next(sel, &c, err)) > 0) {
		if (enroll_one(b, p, &c, err) < 0)
			return -1;
		cli_progress_at(progress, b->n_enrolled + b->n_refused);
		got = chunk_step(&chunk, err);
		if (got < 0)
			return -1;
		if (got > 0 && date_all(b, err) < 0)
			return -1;
		if (got > 0)
			flush(b);
	}
	if (got < 0 || date_all(b, err) < 0 || chunk_end(&chunk, err) < 0)
		return -1;
	cli_progress_end(progress);
	return 0;
}

/* Each blocked person who was named is told what mends it; of many, how many there are. */
static void tell(struct batch *b, const struct selection *sel, const struct pipeline *p)
{
	struct cli *cli = b->session->cli;

	for (size_t i = 0; selection_is_named(sel) && i < b->n; i++)
		if (b->reports[i].result.how == ENROLL_BLOCKED)
			session_tell(b->session, &b->reports[i]);
	if (selection_is_named(sel) && b->n_enrolled + b->n_refused == 1)
		return;
	if (b->n_enrolled + b->n_refused == 0)
		cli_notice(cli, "nobody is meant");
	else
		cli_notice(cli, "%s: %lld enrolled, %lld of them blocked; %lld refused", p->name, (long long)b->n_enrolled,
		           (long long)b->n_blocked, (long long)b->n_refused);
}

static int enroll(struct session *s, const struct enroll_opts *o, const struct pipeline *p, struct selection *sel,
                  struct err *err)
{
	struct batch b = { .session = s };
	struct cli_progress progress;
	int got;

	sel->unknown_ctx = &b;
	cli_table_begin(&b.table, s->cli, columns);
	cli_progress_begin(&progress, s->cli, "enrolling", 0);
	got = enroll_all(&b, p, sel, o->dry_run, &progress, err);
	cli_progress_end(&progress);
	if (got == 0) {
		tell(&b, sel, p);
		flush(&b);
	}
	cli_table_end(&b.table);
	arena_release(&b.arena);
	return got < 0 ? -1 : b.n_refused > 0;
}

static int run(struct cli *cli, struct err *err)
{
	const struct enroll_opts *o = cli->opts;
	const struct wanted wanted = { .first = 1, .where = &o->where, .all = o->all, .nul = o->nul,
		                           .unknown = note_unknown };
	SELECTION_AUTO sel = { 0 };
	SESSION_AUTO s = { 0 };
	const struct pipeline *p;

	if (session_open(&s, cli, err) < 0 || enroll_pipeline(&s.engine, s.world, cli->args.v[0], &p, err) < 0 ||
	    selection_open(&sel, &s, &wanted, err) < 0)
		return -1;
	s.rehearsal = o->dry_run;
	if (o->dry_run && (selection_is_named(&sel) || cli->verbose))
		return preview(&s, p, &sel, err);
	return enroll(&s, o, p, &sel, err);
}

const struct cli_cmd enroll_cmd = {
	.name = "enroll",
	.group = "Pipelines",
	.args = "PIPELINE [ADDR]...|-",
	.about = "start people on a pipeline; with -n, show what it would do",
	.min_args = 1,
	.max_args = -1,
	.opts = enroll_opts,
	.opts_size = sizeof(struct enroll_opts),
	.examples = "contactctl enroll welcome anna@example.com\n"
	            "contactctl enroll -n welcome anna@example.com     # every step with its date\n"
	            "contactctl enroll -nv welcome anna@example.com    # and the mails as they would be\n"
	            "contactctl enroll nurture --where tag=fair --where kind=lead\n"
	            "contactctl list never-enrolled -o email | contactctl enroll nurture -\n"
	            "contactctl enroll -0 nurture - <addresses\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
