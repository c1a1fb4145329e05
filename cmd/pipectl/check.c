#include "pipectl.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "cli/table.h"
#include "model/delay.h"
#include "operate/health.h"

#include <ctype.h>
#include <string.h>

#define TICK_WARNING     180
#define TICK_CRITICAL    600
#define BACKLOG_WARNING  900
#define BACKLOG_CRITICAL 7200

struct check_opts {
	bool full;
	const char *tick, *backlog;
	int64_t blocked;
};

static const struct opt check_opts[] = {
	OPT_FLAG(struct check_opts, full, 0, "full", "read the whole database, too"),
	OPT_STR(struct check_opts, tick, 0, "tick", "WARN,CRIT", "age of the last tick; '3 minutes,10 minutes' if not given"),
	OPT_STR(struct check_opts, backlog, 0, "backlog", "WARN,CRIT",
	        "age of what is due and held by nothing; '15 minutes,2 hours' if not given"),
	OPT_INT(struct check_opts, blocked, 0, "blocked", "N", 1, INT32_MAX, "warn from N blocked runs on; 1 if not given"),
	OPT_END,
};

static const struct cli_column columns[] = {
	{ "status", CLI_TEXT },       { "text", CLI_TEXT },      { "findings", CLI_JSON },
	{ "tick_age", CLI_INT },      { "backlog_age", CLI_INT }, { "due", CLI_INT },
	{ "blocked", CLI_INT },       { "in_doubt", CLI_INT },   { "mailboxes_down", CLI_INT },
	{ "mailboxes_paused", CLI_INT }, { "disk_free", CLI_INT }, { 0 },
};

static int read_age(const char *text, int64_t *ret, struct err *err)
{
	struct delay d;

	if (delay_parse(text, &d, err) < 0)
		return -1;
	if (d.business_days)
		return err_set(err, ERR_USAGE, "'%s': an age has no business days", text);
	*ret = d.seconds + d.days * INT64_C(86400);
	return 0;
}

/* "3 minutes,10 minutes" */
static int read_ages(struct cli *cli, const char *text, int64_t *ret_warning, int64_t *ret_critical, struct err *err)
{
	const char *comma = text ? strchr(text, ',') : NULL;

	if (!text)
		return 0;
	if (!comma)
		return err_set(err, ERR_USAGE, "'%s': write two ages, as '3 minutes,10 minutes'", text);
	if (read_age(arena_strndup(&cli->arena, text, (size_t)(comma - text)), ret_warning, err) < 0 ||
	    read_age(comma + 1, ret_critical, err) < 0) {
		err->kind = ERR_USAGE;
		return -1;
	}
	return 0;
}

/* The owner without --team asks about every team. */
static int open_db(struct cli *cli, struct err *err)
{
	bool named = cli->globals.team || (cli->env.team && *cli->env.team);

	if (!named) {
		if (cli_open(cli, CLI_NEEDS_DB_READ, err) < 0)
			return -1;
		if (cli->who.is_owner)
			return 0;
		cli_close(cli);
	}
	return cli_open(cli, CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM, err);
}

static void add_perf(struct buf *b, const struct health_report *r, const struct health_limits *l)
{
	buf_adds(b, " |");
	if (r->tick_age >= 0)
		buf_addf(b, " tick_age=%llds;%lld;%lld;0", (long long)r->tick_age, (long long)l->tick_warning,
		         (long long)l->tick_critical);
	buf_addf(b, " backlog_age=%llds;%lld;%lld;0", (long long)r->backlog_age, (long long)l->backlog_warning,
	         (long long)l->backlog_critical);
	buf_addf(b, " due=%lld;;;0 blocked=%lld;%lld;;0 in_doubt=%lld;1;;0", (long long)r->due, (long long)r->blocked,
	         (long long)l->blocked, (long long)r->in_doubt);
	buf_addf(b, " mailboxes_down=%lld;;1;0 mailboxes_paused=%lld;;;0 disk_free=%lldB", (long long)r->mailboxes_down,
	         (long long)r->mailboxes_paused, (long long)r->disk_free);
}

/* The worst first; all of one level in the order of the checks. */
static const char *summary(struct cli *cli, const struct health_report *r)
{
	BUF_AUTO b = BUF_INIT(1 << 16);

	for (int level = HEALTH_CRITICAL; level > HEALTH_OK; level--)
		for (size_t i = 0; i < r->n; i++)
			if ((int)r->findings[i].level == level)
				buf_addf(&b, "%s%s", b.len ? "; " : "", r->findings[i].text);
	if (b.len == 0)
		buf_addf(&b, "all is well, %lld mail%s and step%s due", (long long)r->due, r->due == 1 ? "" : "s",
		         r->due == 1 ? "" : "s");
	return arena_strdup(&cli->arena, b.s);
}

static void add_line(struct cli *cli, const char *text, enum health level, const char *perf)
{
	BUF_AUTO line = BUF_INIT(1 << 18);

	buf_adds(&line, "PIPEWRIGHT ");
	for (const char *at = health_text(level); *at; at++)
		buf_addc(&line, (char)toupper((unsigned char)*at));
	buf_adds(&line, " - ");
	utf8_safe(&line, text, strlen(text), false);
	buf_addf(&line, "%s\n", perf);
	cli_put(cli, &line);
}

static void show_json(struct cli *cli, const struct health_report *r, const char *text)
{
	struct cli_table t;

	cli_table_begin(&t, cli, columns);
	cli_text(&t, health_text(r->level));
	cli_text(&t, text);
	cli_json(&t, health_findings_json(r, &cli->arena));
	if (r->tick_age >= 0)
		cli_int(&t, r->tick_age);
	else
		cli_null(&t);
	cli_int(&t, r->backlog_age);
	cli_int(&t, r->due);
	cli_int(&t, r->blocked);
	cli_int(&t, r->in_doubt);
	cli_int(&t, r->mailboxes_down);
	cli_int(&t, r->mailboxes_paused);
	cli_int(&t, r->disk_free);
	cli_row_end(&t);
	cli_table_end(&t);
}

/* What cannot be looked at is unknown; a database that does not work is critical. */
static enum health level_of(const struct err *err)
{
	return err->kind == ERR_CONFIG || err->kind == ERR_IO ? HEALTH_CRITICAL : HEALTH_UNKNOWN;
}

static int look(struct cli *cli, struct health_request *what, struct health_report *ret, struct err *err)
{
	ENGINE_AUTO e = { 0 };

	what->team = cli->team;
	what->rehearsal = cli->rehearsal;
	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	return health_check(&e, what, &cli->arena, ret, err);
}

static int run(struct cli *cli, struct err *err)
{
	const struct check_opts *o = cli->opts;
	struct health_request what = {
		.limits = { TICK_WARNING, TICK_CRITICAL, BACKLOG_WARNING, BACKLOG_CRITICAL, o->blocked ? o->blocked : 1 },
		.full = o->full,
	};
	BUF_AUTO perf = BUF_INIT(4096);
	struct health_report r = { 0 };
	const char *text;

	if (read_ages(cli, o->tick, &what.limits.tick_warning, &what.limits.tick_critical, err) < 0 ||
	    read_ages(cli, o->backlog, &what.limits.backlog_warning, &what.limits.backlog_critical, err) < 0)
		return -1;
	if (open_db(cli, err) < 0 || look(cli, &what, &r, err) < 0) {
		r = (struct health_report){ .level = level_of(err), .tick_age = -1 };
		text = err->text;
	} else {
		text = summary(cli, &r);
		add_perf(&perf, &r, &what.limits);
	}
	if (cli->json)
		show_json(cli, &r, text);
	else
		add_line(cli, text, r.level, perf.s);
	return (int)r.level;
}

const struct cli_cmd check_cmd = {
	.name = "check",
	.group = "Keeping",
	.about = "say whether all is well, for monitoring: status 0 ok, 1 warning, 2 critical, 3 unknown",
	.opts = check_opts,
	.opts_size = sizeof(struct check_opts),
	.examples = "pipectl check\n"
	            "pipectl check --full\n"
	            "pipectl check --tick '5 minutes,1 hour' --blocked 20\n",
	.needs = CLI_OPENS_ITSELF,
	.run = run,
};
