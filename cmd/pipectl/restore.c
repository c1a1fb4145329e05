#include "pipectl.h"

#include "base/buf.h"
#include "cli/confirm.h"
#include "cli/context.h"
#include "cli/input.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "operate/safekeeping.h"
#include "outcome.h"

#include <unistd.h>

struct restore_opts {
	bool accept, yes, dry_run;
};

static const struct opt restore_opts[] = {
	OPT_FLAG(struct restore_opts, accept, 0, "accept", "go on with a restored backup; what was due since it is put in doubt"),
	OPT_YES(struct restore_opts, yes),
	OPT_DRY_RUN(struct restore_opts, dry_run),
	OPT_END,
};

/* Reads with the rights of the caller. */
static int copy(const char *from, const char *to, struct err *err)
{
	char part[65536];
	FILE *in, *out;
	size_t n;

	if (cli_open_input(from, &in, err) < 0)
		return -1;
	if (cli_open_output(to, &out, err) < 0) {
		fclose(in);
		return -1;
	}
	while ((n = fread(part, 1, sizeof part, in)) > 0 && fwrite(part, 1, n, out) == n)
		;
	n = (size_t)ferror(in);
	fclose(in);
	if (cli_close_output(to, &out, err) < 0)
		return -1;
	return n ? err_set(err, ERR_IO, "%s cannot be read", from) : 0;
}

static const char *made_text(struct cli *cli, const struct backup_facts *f)
{
	BUF_AUTO b = BUF_INIT(128);

	if (f->made_at == 0)
		return "a copy of unknown age";
	buf_adds(&b, f->final ? "the final backup of " : "a backup of ");
	cli_add_time(cli, f->made_at, &b);
	return arena_strdup(&cli->arena, b.s);
}

static int put_back(struct cli *cli, struct restoring *r, struct outcomes *out, struct err *err)
{
	const struct restore_opts *o = cli->opts;
	bool there = access(cli->db_path, F_OK) == 0;
	int answer = 1;

	if (safekeep_prepare(cli->db_path, cli->args.v[0], copy, &cli->arena, r, err) < 0)
		return -1;
	if (there && !o->dry_run)
		answer = cli_confirm(cli, o->yes, err, "Replace %s by %s?", cli->db_path, made_text(cli, &r->facts));
	if (answer <= 0)
		return answer < 0 ? -1 : err_set(err, ERR_REFUSED, "nothing was changed");
	if (!o->dry_run && safekeep_restore(r, cli->now, &cli->arena, err) < 0)
		return -1;
	outcome_file(out, "database", cli->db_path, "restored", made_text(cli, &r->facts));
	if (r->kept)
		cli_notice(cli, "what was there is kept as %s", r->kept);
	if (r->facts.schema < db_schema_wanted())
		cli_notice(cli, "it is of an older pipewright; run: pipectl upgrade");
	if (!r->facts.final && !o->accept)
		cli_notice(cli, "nothing is sent from it until you have looked at it and run: pipectl restore --accept");
	return 0;
}

static int restore(struct cli *cli, struct outcomes *out, struct err *err)
{
	struct restoring r = { .lock_fd = -1 };
	int got;

	if (cli_open(cli, CLI_NEEDS_CALLER, err) < 0 || cli_find_own_database(cli, err) < 0)
		return -1;
	got = put_back(cli, &r, out, err);
	safekeep_release(&r);
	cli_close(cli);
	return got;
}

static int accept_it(struct cli *cli, struct outcomes *out, struct err *err)
{
	const struct restore_opts *o = cli->opts;
	struct accept_count count = { 0 };
	ENGINE_AUTO e = { 0 };
	int got;

	if (cli_find_own_database(cli, err) < 0 || cli_open(cli, CLI_NEEDS_DB_WRITE | CLI_NEEDS_OWNER, err) < 0)
		return -1;
	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	got = safekeep_accept(&e, o->dry_run, &count, err);
	if (got < 0)
		return -1;
	outcome_file(out, "database", cli->db_path, got ? "accepted" : "unchanged",
	        got ? arena_printf(&cli->arena, "%lld mail%s in doubt, %lld step%s done", (long long)count.in_doubt,
	                           count.in_doubt == 1 ? "" : "s", (long long)count.moved, count.moved == 1 ? "" : "s")
	            : "no restored backup waits for this");
	if (count.in_doubt)
		cli_notice(cli, "'pipectl runs --reason in-doubt' and 'pipectl queue' list what is in doubt, 'pipectl settle' goes on");
	return 0;
}

static int run(struct cli *cli, struct err *err)
{
	const struct restore_opts *o = cli->opts;
	struct outcomes out;
	int got = 0;

	if (cli->args.n == 0 && !o->accept)
		return err_set(err, ERR_USAGE, "which backup? Name its file, or say --accept for the one that was restored");
	outcomes_begin(&out, cli);
	if (cli->args.n > 0)
		got = restore(cli, &out, err);
	if (got == 0)
		outcomes_say(&out);
	/* What was not put in place cannot be accepted. */
	if (got == 0 && o->accept && !(o->dry_run && cli->args.n > 0))
		got = accept_it(cli, &out, err);
	return outcomes_end(&out, got);
}

const struct cli_cmd restore_cmd = {
	.name = "restore",
	.args = "[FILE]",
	.about = "put a backup in place of the database",
	.max_args = 1,
	.opts = restore_opts,
	.opts_size = sizeof(struct restore_opts),
	.examples = "pipectl restore -n /var/backups/pipewright.2026-07-01\n"
	            "pipectl restore /var/backups/pipewright.2026-07-01\n"
	            "pipectl restore --accept\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = run,
};
