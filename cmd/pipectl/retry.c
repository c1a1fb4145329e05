#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "operand.h"
#include "operate/queued.h"
#include "operate/runs.h"
#include "outcome.h"

#include <string.h>

#define RUNS_PER_COMMIT 100

struct retry_opts {
	bool dry_run;
	const char *pipeline, *mailbox, *reason;
};

static const struct opt retry_opts[] = {
	OPT_STR(struct retry_opts, pipeline, 0, "pipeline", "PIPELINE", "the blocked runs of this pipeline"),
	OPT_STR(struct retry_opts, mailbox, 0, "mailbox", "MAILBOX", "those that send from this mailbox"),
	OPT_WORDS(struct retry_opts, reason, 0, "reason", "REASON", RUN_REASONS, "those that are blocked for this reason"),
	OPT_DRY_RUN(struct retry_opts, dry_run),
	OPT_END,
};

/* The runs to retry: those that were named, else those that are blocked. */
struct chosen {
	struct cli *cli;
	struct engine *e;
	int64_t *ids;
	size_t n, cap;
};

static void choose(struct chosen *c, int64_t id)
{
	ARENA_GROW(&c->cli->arena, &c->ids, &c->cap, c->n);
	c->ids[c->n++] = id;
}

static int choose_blocked(const struct run_shown *run, void *ctx, struct err *err)
{
	struct chosen *c = ctx;
	const struct retry_opts *o = c->cli->opts;
	const char *mailbox;

	if (!o->reason && run->now.status != RUN_BLOCKED && strcmp(run->now.reason, "backoff") != 0)
		return 0;
	if (run_mailbox(c->e, &run->run, &c->cli->arena, &mailbox, err) < 0)
		return -1;
	if (!o->mailbox || strcmp(o->mailbox, mailbox) == 0)
		choose(c, run->run.id);
	return 0;
}

static int choose_by_query(struct chosen *c, int64_t contact, struct err *err)
{
	const struct retry_opts *o = c->cli->opts;
	/* With a reason, and of a person, also what is put off without being blocked: `backoff`. */
	const unsigned blocked = 1u << RUN_BLOCKED, open = 1u << RUN_PENDING | 1u << RUN_RUNNING | blocked;
	struct run_query query = {
		.contact = contact,
		.reason = o->reason,
		.states = o->reason || contact ? open : blocked,
	};
	const struct pipeline *p;

	if (o->reason && run_reason_check(o->reason, err) < 0)
		return -1;
	if (o->mailbox && operand_mailbox(c->cli, c->e, o->mailbox, err) < 0)
		return -1;
	if (o->pipeline) {
		if (operand_pipeline(c->cli, c->e, o->pipeline, &p, err) < 0)
			return -1;
		query.pipeline = p->id;
	}
	return runs_each(c->e, c->cli->team, &query, choose_blocked, c, err);
}

static int choose_all(struct chosen *c, struct err *err)
{
	const struct retry_opts *o = c->cli->opts;
	struct contact contact;
	struct run run;
	int64_t id;

	if (c->cli->args.n == 0 && !o->pipeline && !o->mailbox && !o->reason)
		return err_set(err, ERR_USAGE, "which runs? Name runs or contacts, or say --pipeline, --mailbox or --reason");
	if (c->cli->args.n == 0)
		return choose_by_query(c, 0, err);
	for (size_t i = 0; i < c->cli->args.n; i++) {
		const char *word = c->cli->args.v[i];

		if (operand_is_id(word, &id)) {
			if (operand_run(c->cli, word, &run, err) < 0)
				return -1;
			choose(c, run.id);
		} else if (operand_contact(c->cli, word, &contact, err) < 0 || choose_by_query(c, contact.id, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* What is said of each; false: something holds it still. */
static bool tell(struct outcomes *out, int64_t run, const struct retry_result *r)
{
	struct arena *a = &out->cli->arena;

	switch (r->how) {
	case RETRY_DONE:
		outcome_id(out, "run", run, "retried", NULL);
		return true;
	case RETRY_OPENED:
		outcome_id(out, "run", run, "retried", "its mailbox is tried again");
		return true;
	case RETRY_NOTHING:
		outcome_id(out, "run", run, "unchanged", "it is not blocked");
		return true;
	case RETRY_ENDED:
		outcome_id(out, "run", run, "refused", arena_printf(a, "it is %s", r->text));
		return false;
	case RETRY_MISSING:
		outcome_id(out, "run", run, "blocked", arena_printf(a, "missing still: %s", r->text));
		return false;
	case RETRY_IN_DOUBT:
		outcome_id(out, "run", run, "blocked",
		           arena_printf(a, "in doubt; run: pipectl settle %lld sent|resend", (long long)r->message));
		return false;
	case RETRY_HELD:
		outcome_id(out, "run", run, "refused", r->text);
		return false;
	}
	return false;
}

/* As many as fit in one transaction. Sets *all to false when something holds one still. */
static int retry_some(struct chosen *c, size_t from, size_t to, struct outcomes *out, bool *all, struct err *err)
{
	const struct retry_opts *o = c->cli->opts;
	struct retry_result result;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, c->cli->db, err) < 0 || engine_refresh(c->e, err) < 0)
		return -1;
	for (size_t i = from; i < to; i++) {
		ARENA_AUTO a = { 0 };

		if (run_retry_by_hand(c->e, c->cli->team, c->ids[i], &a, &result, err) < 0)
			return -1;
		*all &= tell(out, c->ids[i], &result);
	}
	return outcomes_commit(out, &txn, o->dry_run, err);
}

static int retry_all(struct chosen *c, struct outcomes *out, struct err *err)
{
	bool all = true;

	for (size_t from = 0; from < c->n; from += RUNS_PER_COMMIT) {
		size_t to = c->n - from < RUNS_PER_COMMIT ? c->n : from + RUNS_PER_COMMIT;

		if (retry_some(c, from, to, out, &all, err) < 0)
			return -1;
	}
	if (c->n == 0)
		cli_notice(c->cli, "nothing is blocked there; 'pipectl why' says why somebody waits");
	return all ? 0 : 1;
}

static int run(struct cli *cli, struct err *err)
{
	ENGINE_AUTO e = { 0 };
	struct chosen chosen = { .cli = cli, .e = &e };
	struct outcomes out;
	int got;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	outcomes_begin(&out, cli);
	got = choose_all(&chosen, err);
	if (got >= 0)
		got = retry_all(&chosen, &out, err);
	return outcomes_end(&out, got);
}

const struct cli_cmd retry_cmd = {
	.name = "retry",
	.args = "[RUN|ADDR]...",
	.about = "let blocked runs try their step again",
	.max_args = -1,
	.opts = retry_opts,
	.opts_size = sizeof(struct retry_opts),
	.examples = "pipectl retry 12\n"
	            "pipectl retry anna@example.com\n"
	            "pipectl retry --reason late --pipeline welcome\n"
	            "pipectl retry --mailbox anna\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
