#include "contactctl.h"

#include "base/utf8.h"
#include "cli/outcomes.h"
#include "people/record.h"
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_BYTES 10000

struct record_opts {
	const char *outcome, *at;
	bool dry_run;
};

static const struct opt record_opts[] = {
	OPT_STR(struct record_opts, outcome, 'o', "outcome", "TEXT",
	        "what came of it: connected (a call), completed or no_show (a meeting), or in your words"),
	OPT_STR(struct record_opts, at, 0, "at", "TIME", "when it was, or when it will be"),
	OPT_DRY_RUN(struct record_opts, dry_run),
	OPT_END,
};

/* 12, or as it was printed: call/12. NULL: it is no number of an event. */
static const char *number_in(const char *word)
{
	const char *slash = strchr(word, '/'), *digits = slash ? slash + 1 : word;

	return *digits && strspn(digits, "0123456789") == strlen(digits) ? digits : NULL;
}

static int check_text(const char *what, const char *text, struct err *err)
{
	if (!text || (utf8_valid(text, strlen(text)) && strlen(text) <= TEXT_MAX_BYTES))
		return 0;
	return err_set(err, ERR_USAGE, "%s is not UTF-8, or longer than %d bytes", what, TEXT_MAX_BYTES);
}

/* record ID --outcome O */
static int say_outcome(struct session *s, const struct record_opts *o, struct outcomes *out, struct err *err)
{
	const char *word = s->cli->args.v[0], *number = number_in(word);
	int64_t id;
	int got;

	BUG_ON(!number); /* else it was no outcome that is said */
	errno = 0;
	id = strtoll(number, NULL, 10);
	if (errno)
		return err_set(err, ERR_USAGE, "'%s' is no number of an event", word);
	if (!o->outcome || !*o->outcome)
		return err_set(err, ERR_USAGE, "say with --outcome what came of %s", word);
	if (o->at)
		return err_set(err, ERR_USAGE, "--at does not go with this");
	got = record_outcome(&s->engine, s->cli->team, id, o->outcome, s->arena, err);
	if (got >= 0)
		outcome_id(out, "event", id, got ? "recorded" : "unchanged", got ? o->outcome : "that was said before");
	return got < 0 ? -1 : 0;
}

/* record ADDR KIND [TEXT] */
static int record(struct session *s, const struct record_opts *o, struct outcomes *out, struct err *err)
{
	const struct names *args = &s->cli->args;
	struct recorded what = { .text = args->n > 2 ? args->v[2] : NULL, .outcome = o->outcome };
	enum record_kind kind;
	struct contact c;
	int64_t id;

	if (args->n < 2)
		return err_set(err, ERR_USAGE, "what was it? One of: %s", RECORD_KINDS);
	if (!record_kind_parse(args->v[1], &kind))
		return err_set(err, ERR_USAGE, "'%s' is none of: %s", args->v[1], RECORD_KINDS);
	if (check_text("the text", what.text, err) < 0 ||
	    (o->at && cli_read_time(s->cli, "--at", o->at, &what.at, err) < 0) ||
	    people_find(&s->engine, s->world, args->v[0], s->arena, &c, err) < 0 ||
	    record_activity(&s->engine, &c, kind, &what, s->arena, &id, err) < 0)
		return -1;
	outcome_id(out, args->v[1], id, "recorded", c.email);
	return 0;
}

static int run(struct cli *cli, struct err *err)
{
	const struct record_opts *o = cli->opts;
	SESSION_AUTO s = { 0 };
	struct outcomes out;
	int got;
	TXN_AUTO txn = TXN_INIT;

	if (session_open(&s, cli, err) < 0 || check_text("the outcome", o->outcome, err) < 0 ||
	    txn_begin(&txn, cli->db, err) < 0)
		return -1;
	session_watch(&s);
	outcomes_begin(&out, cli);
	got = cli->args.n == 1 && number_in(cli->args.v[0]) ? say_outcome(&s, o, &out, err) : record(&s, o, &out, err);
	if (got == 0 && (session_watched(&s, err) < 0 || (!o->dry_run && txn_commit(&txn, err) < 0)))
		got = -1;
	if (outcomes_end(&out, got) == 0)
		session_tell_entries(&s);
	return got;
}

const struct cli_cmd record_cmd = {
	.name = "record",
	.args = "ADDR call|meeting|linkedin|note [TEXT] | ID",
	.about = "write down a call, a meeting, a message or a note; or what came of it",
	.min_args = 1,
	.max_args = 3,
	.opts = record_opts,
	.opts_size = sizeof(struct record_opts),
	.examples = "contactctl record anna@example.com call 'wants an offer' --outcome connected\n"
	            "contactctl record anna@example.com meeting --at '2026-12-01 10:00'\n"
	            "contactctl record 4711 --outcome completed\n"
	            "contactctl record anna@example.com note 'prefers mornings'\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
