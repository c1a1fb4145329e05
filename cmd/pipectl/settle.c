#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "engine/absent.h"
#include "engine/parcel.h"
#include "operand.h"
#include "outcome.h"

#include <string.h>

struct settle_opts {
	bool dry_run;
};

static const struct opt settle_opts[] = {
	OPT_DRY_RUN(struct settle_opts, dry_run),
	OPT_END,
};

/* Is it already as it would be afterwards? */
static bool is_so(const struct message *m, bool resend)
{
	if (resend)
		return m->state == MESSAGE_QUEUED || m->state == MESSAGE_SENDING || m->state == MESSAGE_OFFERED;
	return m->state == MESSAGE_SENT;
}

/* 0; -1, with ERR_REFUSED when it is not in doubt. */
static int settle(struct engine *e, struct outcomes *out, const char *word, bool resend, struct err *err)
{
	struct cli *cli = out->cli;
	const struct settle_opts *o = cli->opts;
	struct message m;
	int64_t id;
	int got;
	TXN_AUTO txn = TXN_INIT;

	if (operand_message(cli, word, &id, err) < 0 || txn_begin(&txn, cli->db, err) < 0)
		return -1;
	got = message_load(cli->db, cli->team, id, &cli->arena, &m, err);
	if (got == 0)
		return absent_message_id(cli->db, cli->team, id, err);
	if (got > 0)
		got = parcel_settle(e, cli->team, id, resend, err);
	if (got < 0)
		return -1;
	if (got == 0 && is_so(&m, resend)) {
		outcome_id(out, "message", id, "unchanged", arena_printf(&cli->arena, "it is %s", message_state_text(m.state)));
		return 0;
	}
	if (got == 0)
		return err_set(err, ERR_REFUSED, "message %lld is %s, not in doubt", (long long)id,
		               message_state_text(m.state));
	outcome_id(out, "message", id, resend ? "goes again" : "counts as sent", *m.subject ? m.subject : NULL);
	return outcomes_commit(out, &txn, o->dry_run, err);
}

/* One after the other: what is not in doubt is told, and the others are settled. */
static int settle_all(struct outcomes *out, bool resend, struct err *err)
{
	struct cli *cli = out->cli;
	ENGINE_AUTO e = { 0 };
	int refused = 0;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	for (size_t i = 0; i + 1 < cli->args.n; i++) {
		if (settle(&e, out, cli->args.v[i], resend, err) == 0)
			continue;
		if (err->kind != ERR_REFUSED)
			return -1;
		cli_error(cli, err);
		refused = 1;
	}
	return refused;
}

static int run(struct cli *cli, struct err *err)
{
	const char *word = cli->args.v[cli->args.n - 1];
	bool resend = strcmp(word, "resend") == 0;
	struct outcomes out;

	if (!resend && strcmp(word, "sent") != 0)
		return err_set(err, ERR_USAGE, "'%s': a message is settled as sent or resend", word);
	outcomes_begin(&out, cli);
	return outcomes_end(&out, settle_all(&out, resend, err));
}

const struct cli_cmd settle_cmd = {
	.name = "settle",
	.args = "MSG... sent|resend",
	.about = "say what became of mails that are in doubt",
	.min_args = 2,
	.max_args = -1,
	.opts = settle_opts,
	.opts_size = sizeof(struct settle_opts),
	.examples = "pipectl queue | grep in-doubt\n"
	            "pipectl settle 17 sent\n"
	            "pipectl settle 17 18 resend\n"
	            "pipectl settle $(pipectl queue | awk -F '\\t' '$4 == \"in-doubt\" { print $1 }') sent\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
