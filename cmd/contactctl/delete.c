#include "contactctl.h"

#include "bulk.h"
#include "cli/confirm.h"
#include "cli/notice.h"
#include "store/db.h"
#include "store/run_store.h"

struct delete_opts {
	bool erase, dry_run, yes;
};

static const struct opt delete_opts[] = {
	OPT_FLAG(struct delete_opts, erase, 0, "erase",
	         "forget what was written to them, too; only that they must not be written to is kept"),
	OPT_DRY_RUN(struct delete_opts, dry_run),
	OPT_YES(struct delete_opts, yes),
	OPT_END,
};

static int act(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	const struct delete_opts *o = ctx;

	(void)ret_note;
	return people_delete(&s->engine, c, o->erase, s->arena, err) < 0 ? -1 : 1;
}

static int empty_log(struct cli *cli, struct err *err)
{
	int got = db_empty_log(cli->db, err);

	if (got == 0)
		cli_notice(cli, "another program is reading: until the next tick, copies of what was erased are in %s-wal",
		           cli->db_path);
	return got;
}

static int count_open_runs(const struct session *s, const struct selection *sel, int *ret, struct err *err)
{
	*ret = 0;
	for (size_t i = 0; i < sel->addresses.n; i++) {
		struct run *runs;
		int n = run_list_of_contact(s->cli->db, s->cli->team, sel->ids[i], true, s->arena, &runs, err);

		if (n < 0)
			return -1;
		*ret += n;
	}
	return 0;
}

/* Somebody with whom no pipeline goes on is deleted without a question; those on stdin have not been counted. */
static int ask(const struct session *s, const struct selection *sel, struct err *err)
{
	const struct delete_opts *o = s->cli->opts;
	const char *verb = o->erase ? "Erase" : "Delete";
	int runs;

	if (!selection_is_named(sel))
		return cli_confirm(s->cli, o->yes, err, "%s all whose addresses stdin has?", verb);
	if (count_open_runs(s, sel, &runs, err) < 0)
		return -1;
	if (sel->addresses.n > 1)
		return cli_confirm(s->cli, o->yes, err, "%s %zu contacts, with %d open run%s?", verb, sel->addresses.n, runs,
		                   runs == 1 ? "" : "s");
	return runs == 0 ? 1 : cli_confirm(s->cli, o->yes, err, "%s %s, with %d open run%s?", verb, sel->addresses.v[0], runs,
	                                   runs == 1 ? "" : "s");
}

static int delete_all(struct cli *cli, struct err *err)
{
	const struct delete_opts *o = cli->opts;
	const struct bulk b = { .act = act, .ctx = o, .done = o->erase ? "erased" : "deleted", .dry_run = o->dry_run };
	const struct names none = { 0 };
	SESSION_AUTO s = { 0 };
	SELECTION_AUTO sel = { 0 };
	int answer;

	if (session_open(&s, cli, err) < 0 || selection_open(&sel, &s, &(struct wanted){ .where = &none }, err) < 0)
		return -1;
	answer = o->dry_run ? 1 : ask(&s, &sel, err);
	if (answer <= 0)
		return answer < 0 ? -1 : err_set(err, ERR_REFUSED, "nothing was changed");
	return bulk_run(&b, &s, &sel, err);
}

static int run(struct cli *cli, struct err *err)
{
	const struct delete_opts *o = cli->opts;
	int got = delete_all(cli, err);

	if (got >= 0 && o->erase && !o->dry_run && empty_log(cli, err) < 0)
		return -1;
	return got;
}

const struct cli_cmd delete_cmd = {
	.name = "delete",
	.args = "ADDR...",
	.about = "remove contacts, which ends every pipeline they are in",
	.min_args = 1,
	.max_args = -1,
	.opts = delete_opts,
	.opts_size = sizeof(struct delete_opts),
	.examples = "contactctl delete anna@example.com\n"
	            "contactctl delete -y --erase anna@example.com bob@example.com\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
