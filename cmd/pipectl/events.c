#include "pipectl.h"

#include "cli/context.h"
#include "cli/open.h"
#include "cli/table.h"
#include "model/contact.h"
#include "operand.h"
#include "store/contact_store.h"
#include "store/event_store.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define EVENTS_AT_ONCE 200
#define DEFAULT_LIMIT  100
#define POLL_MS        500

struct events_opts {
	bool follow, all;
	const char *type, *contact, *since;
	int64_t limit;
};

static const struct opt events_opts[] = {
	OPT_FLAG(struct events_opts, follow, 'f', "follow", "go on with what happens from now on, until interrupted"),
	OPT_WORDS(struct events_opts, type, 0, "type", "TYPE", "@events", "only this type, as email.sent or 'run.*'"),
	OPT_STR(struct events_opts, contact, 0, "contact", "ADDR", "only what happened to this contact"),
	OPT_STR(struct events_opts, since, 0, "since", "TIME", "all that happened from then on"),
	OPT_INT(struct events_opts, limit, 0, "limit", "N", 1, INT32_MAX, "the last N events; 100 when nothing is said"),
	OPT_FLAG(struct events_opts, all, 'a', "all", "from the very first on"),
	OPT_END,
};

static const struct cli_column columns[] = {
	{ "id", CLI_INT },    { "at", CLI_TIME },     { "type", CLI_TEXT },   { "contact", CLI_TEXT },
	{ "run", CLI_INT },   { "message", CLI_INT }, { "actor", CLI_TEXT },  { "source", CLI_TEXT },
	{ "data", CLI_JSON }, { 0 },
};

/* Which events, and where the reader is. */
struct reading {
	struct cli *cli;
	struct cli_table table;
	const char *type;
	int64_t contact, since;
	int64_t after; /* the newest id that was looked at */
};

/* Who else writes to a mailbox of the team is no matter of everybody. */
static bool is_for_admins(const char *type)
{
	return type && strcmp(type, "email.unmatched") == 0;
}

static bool is_wanted(const struct reading *r, const struct event *ev)
{
	if (is_for_admins(ev->type) && !r->cli->who.is_admin && !r->cli->who.is_owner)
		return false;
	if (r->contact && ev->contact != r->contact)
		return false;
	return ev->at >= r->since && (!r->type || fnmatch(r->type, ev->type, 0) == 0);
}

static void id_or_null(struct cli_table *t, int64_t id)
{
	if (id)
		cli_int(t, id);
	else
		cli_null(t);
}

static int show(struct reading *r, const struct event *ev, struct arena *a, struct err *err)
{
	struct cli_table *t = &r->table;
	const char *email = NULL;

	if (ev->contact && contact_email(r->cli->db, r->cli->team, ev->contact, a, &email, err) < 0)
		return -1;
	cli_int(t, ev->id);
	cli_time(t, ev->at);
	cli_text(t, ev->type);
	cli_text(t, email);
	id_or_null(t, ev->run);
	id_or_null(t, ev->message);
	cli_text(t, *ev->actor ? ev->actor : NULL);
	cli_text(t, *ev->source ? ev->source : NULL);
	cli_json(t, ev->data);
	cli_row_end(t);
	return 0;
}

/* All behind r->after. */
static int show_new(struct reading *r, struct err *err)
{
	struct event list[EVENTS_AT_ONCE];
	int n;

	do {
		ARENA_AUTO a = { 0 };

		n = event_list(r->cli->db, r->cli->team, r->contact, r->after, &a, list, EVENTS_AT_ONCE, err);
		for (int i = 0; i < n; i++) {
			r->after = list[i].id;
			if (is_wanted(r, &list[i]) && show(r, &list[i], &a, err) < 0)
				return -1;
		}
	} while (n == EVENTS_AT_ONCE);
	return n < 0 ? -1 : 0;
}

/* Moves r->after back to where the last `left` wanted events begin. */
static int go_back(struct reading *r, int64_t left, struct err *err)
{
	struct event list[EVENTS_AT_ONCE];
	int64_t before = 0;
	int n;

	do {
		ARENA_AUTO a = { 0 };

		n = event_list_back(r->cli->db, r->cli->team, before, &a, list, EVENTS_AT_ONCE, err);
		for (int i = 0; i < n; i++) {
			before = list[i].id;
			if (is_wanted(r, &list[i]) && --left == 0) {
				r->after = before - 1;
				return 0;
			}
		}
	} while (n == EVENTS_AT_ONCE);
	r->after = 0;
	return n < 0 ? -1 : 0;
}

/* Where the list begins: everything, since a time, or the last so many. */
static int find_start(struct reading *r, struct err *err)
{
	const struct events_opts *o = r->cli->opts;

	if (o->all + (o->since != NULL) + (o->limit > 0) > 1)
		return err_set(err, ERR_USAGE, "say one of --all, --since and --limit");
	if (o->since)
		return event_place_of(r->cli->db, r->since, &r->after, err);
	if (o->all)
		return 0;
	return go_back(r, o->limit ? o->limit : DEFAULT_LIMIT, err);
}

/* A reader that has gone away ends it (SIGPIPE), or the caller does. */
static int follow(struct reading *r, struct err *err)
{
	struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

	for (;;) {
		if (show_new(r, err) < 0)
			return -1;
		if (fflush(r->cli->out) != 0)
			return 0;
		nanosleep(&pause, NULL);
	}
}

/* A terminal shows rows as they come: the table would wait for more to know its widths. */
static void plain_rows(struct cli *cli)
{
	cli->out_terminal = false;
}

static int read_options(struct reading *r, struct err *err)
{
	const struct events_opts *o = r->cli->opts;
	struct contact c;

	if (is_for_admins(o->type) && cli_require_admin(r->cli, err) < 0)
		return -1;
	if (o->since && cli_read_time(r->cli, "--since", o->since, &r->since, err) < 0)
		return -1;
	if (o->contact) {
		if (operand_contact(r->cli, o->contact, &c, err) < 0)
			return -1;
		r->contact = c.id;
	}
	r->type = o->type;
	return find_start(r, err);
}

static int run(struct cli *cli, struct err *err)
{
	const struct events_opts *o = cli->opts;
	struct reading r = { .cli = cli };
	int got;

	if (read_options(&r, err) < 0)
		return -1;
	if (o->follow)
		plain_rows(cli);
	cli_table_begin(&r.table, cli, columns);
	got = o->follow ? follow(&r, err) : show_new(&r, err);
	cli_table_end(&r.table);
	return got;
}

const struct cli_cmd events_cmd = {
	.name = "events",
	.group = "Looking",
	.about = "list what happened in the team, oldest first",
	.opts = events_opts,
	.opts_size = sizeof(struct events_opts),
	.examples = "pipectl events\n"
	            "pipectl events --type 'run.*' --since '2026-07-01'\n"
	            "pipectl events --type email.unmatched --all    # mail that belongs to nobody; for admins\n"
	            "pipectl events --follow --json\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
