#include "contactctl.h"

#include "add_lines.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "intake_result.h"

#include <string.h>

struct add_opts {
	struct names tags, pipelines;
	const char *if_exists;
	bool no_auto_enroll, dry_run;
};

static const struct opt add_opts[] = {
	OPT_LIST(struct add_opts, tags, 't', "tag", "TAG", "give this tag, too"),
	OPT_CHOICE(struct add_opts, if_exists, 0, "if-exists", "update|skip|fail",
	           "what to do when there is such a contact; update when not given"),
	OPT_FLAG(struct add_opts, no_auto_enroll, 0, "no-auto-enroll", "start no pipeline that would start by itself"),
	OPT_LIST(struct add_opts, pipelines, 0, "enroll", "PIPELINE", "start this pipeline"),
	OPT_DRY_RUN(struct add_opts, dry_run),
	OPT_END,
};

static int read_person(struct session *s, const struct add_opts *o, struct person *p, struct err *err)
{
	const struct names *args = &s->cli->args;

	if (address_parse(args->v[0], &p->address, err) < 0)
		return -1;
	for (size_t i = 1; i < args->n; i++)
		if (person_assign(p, s->world, args->v[i], s->arena, err) < 0)
			return -1;
	for (size_t i = 0; i < o->tags.n; i++)
		if (person_tag(p, o->tags.v[i], s->arena, err) < 0)
			return -1;
	return 0;
}

static bool entered_already(const struct session *s, const struct pipeline *p)
{
	for (size_t i = 0; i < s->n_entries; i++)
		if (strcmp(s->entries[i].pipeline, p->name) == 0 && enrolled_ok(s->entries[i].result.how))
			return true;
	return false;
}

/* Starts what --enroll names; ret_refused: one of them was refused. */
static int enroll(struct session *s, const struct names *names, struct contact *c, bool *ret_refused, struct err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct pipeline *p;

		if (enroll_pipeline(&s->engine, s->world, names->v[i], &p, err) < 0)
			return -1;
		if (entered_already(s, p))
			continue;
		ARENA_GROW(s->arena, &s->entries, &s->cap_entries, s->n_entries);
		if (enroll_by_hand(&s->engine, s->world, p, c, s->arena, &s->entries[s->n_entries], err) < 0)
			return -1;
		*ret_refused |= !enrolled_ok(s->entries[s->n_entries++].result.how);
	}
	return 0;
}

static void print(struct session *s, const struct contact *c, enum saved how)
{
	static const struct cli_column columns[] = {
		{ "email", CLI_TEXT },      { "result", CLI_STATE },   { "id", CLI_INT },
		{ "enrolled", CLI_NAMES },  { "blocked", CLI_NAMES },  { 0 },
	};
	struct names enrolled = session_entered(s, ENROLL_STARTED), blocked = session_entered(s, ENROLL_BLOCKED);
	struct cli_table t;

	if (c->suppressed)
		cli_notice(s->cli, "%s is suppressed (%s): stored, but not written to", c->email,
		           suppression_text(c->suppressed, s->arena));
	if (!s->cli->json) {
		cli_say(s->cli, "%s %s", c->email, saved_text(how));
		session_tell_entries(s);
		return;
	}
	cli_table_begin(&t, s->cli, columns);
	cli_text(&t, c->email);
	cli_text(&t, saved_text(how));
	cli_int(&t, c->id);
	cli_names(&t, &enrolled);
	cli_names(&t, &blocked);
	cli_row_end(&t);
	cli_table_end(&t);
}

static int add_one(struct session *s, const struct add_opts *o, struct err *err)
{
	struct person p = { 0 };
	struct contact c;
	TXN_AUTO txn = TXN_INIT;
	bool refused = false;
	int how;

	if (read_person(s, o, &p, err) < 0 || txn_begin(&txn, s->cli->db, err) < 0)
		return -1;
	how = people_save(&s->engine, s->world, &p, if_exists_rule(o->if_exists), s->arena, &c, err);
	if (how < 0 || enroll(s, &o->pipelines, &c, &refused, err) < 0 || session_watched(s, err) < 0)
		return -1;
	if (!o->dry_run && txn_commit(&txn, err) < 0)
		return -1;
	print(s, &c, (enum saved)how);
	return refused;
}

static int add_many(struct session *s, const struct add_opts *o, struct err *err)
{
	struct intake_options options = { .rule = if_exists_rule(o->if_exists), .dry_run = o->dry_run };

	if (s->cli->args.n > 1)
		return err_set(err, ERR_USAGE, "with - everything is on stdin: '%s' is too much", s->cli->args.v[1]);
	if (intake_read(s, &o->tags, &o->pipelines, &options, err) < 0)
		return -1;
	return add_lines(s, &options, err);
}

static int run(struct cli *cli, struct err *err)
{
	const struct add_opts *o = cli->opts;
	SESSION_AUTO s = { 0 };

	if (session_open(&s, cli, err) < 0)
		return -1;
	s.engine.no_auto_enroll = o->no_auto_enroll;
	if (strcmp(cli->args.v[0], "-") == 0)
		return add_many(&s, o, err);
	session_watch(&s);
	return add_one(&s, o, err);
}

const struct cli_cmd add_cmd = {
	.name = "add",
	.group = "People",
	.args = "ADDR|- [FIELD=VALUE]...",
	.about = "add a contact, or what is new about it",
	.min_args = 1,
	.max_args = -1,
	.opts = add_opts,
	.opts_size = sizeof(struct add_opts),
	.examples = "contactctl add anna@example.com first_name=Anna --tag trial\n"
	            "contactctl add bob@example.com plan=pro --enroll welcome\n"
	            "contactctl add bob@example.com phone=       # clears the phone\n"
	            "crm-dump | contactctl add - --tag crm       # JSON Lines: {\"email\": ..., \"plan\": ...}\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
