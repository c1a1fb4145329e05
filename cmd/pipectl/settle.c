#include "pipectl.h"

#include "cli/context.h"
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

static int settle(struct cli *cli, struct outcomes *out, bool resend, struct err *err)
{
	const struct settle_opts *o = cli->opts;
	ENGINE_AUTO e = { 0 };
	struct message m;
	int64_t id;
	int got;
	TXN_AUTO txn = TXN_INIT;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (operand_message(cli, cli->args.v[0], &id, err) < 0 || txn_begin(&txn, cli->db, err) < 0)
		return -1;
	got = message_load(cli->db, cli->team, id, &cli->arena, &m, err);
	if (got == 0)
		return absent_message_id(cli->db, cli->team, id, err);
	if (got > 0)
		got = parcel_settle(&e, cli->team, id, resend, err);
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

static int run(struct cli *cli, struct err *err)
{
	const char *word = cli->args.v[1];
	bool resend = strcmp(word, "resend") == 0;
	struct outcomes out;

	if (!resend && strcmp(word, "sent") != 0)
		return err_set(err, ERR_USAGE, "'%s': a message is settled as sent or resend", word);
	outcomes_begin(&out, cli);
	return outcomes_end(&out, settle(cli, &out, resend, err));
}

const struct cli_cmd settle_cmd = {
	.name = "settle",
	.args = "MSG sent|resend",
	.about = "say what became of a mail that is in doubt",
	.min_args = 2,
	.max_args = 2,
	.opts = settle_opts,
	.opts_size = sizeof(struct settle_opts),
	.examples = "pipectl queue | grep in-doubt\n"
	            "pipectl settle 17 sent\n"
	            "pipectl settle 17 resend\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
