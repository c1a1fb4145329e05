#include "single_mail.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "operand.h"
#include "outcome.h"

const struct opt single_mail_opts[] = {
	OPT_DRY_RUN(struct single_mail_opts, dry_run),
	OPT_END,
};

struct job {
	struct cli *cli;
	struct engine *e;
	struct outcomes out;
	int (*act)(struct engine *e, const struct message *m, struct err *err);
	const char *done;
};

/* 0; 1: a rule says no, which was told; -1. */
static int do_one(struct job *j, const char *word, struct err *err)
{
	const struct single_mail_opts *o = j->cli->opts;
	struct queued_name name = { .again = j->act == queued_drop };
	struct message m;
	int got;
	TXN_AUTO txn = TXN_INIT;

	if (!operand_is_step(j->cli, word, &name.id, &name.step) && operand_message(j->cli, word, &name.id, err) < 0)
		return -1;
	if (txn_begin(&txn, j->cli->db, err) < 0)
		return -1;
	got = queued_find_named(j->e, j->cli->team, &name, &j->cli->arena, &m, err);
	if (got == 0)
		got = j->act(j->e, &m, err);
	if (got < 0 && err->kind != ERR_REFUSED)
		return -1;
	if (got < 0) {
		cli_error(j->cli, err);
		return 1;
	}
	outcome_id(&j->out, "message", m.id, got ? j->done : "unchanged", *m.subject ? m.subject : NULL);
	if (got == 0 && m.state == MESSAGE_DROPPED && m.run && m.run == name.id)
		cli_notice(j->cli, "the mail of run %lld was dropped before; 'pipectl drop %lld/STEP' drops the next one",
		           (long long)m.run, (long long)m.run);
	return outcomes_commit(&j->out, &txn, o->dry_run, err);
}

int single_mail(struct cli *cli, int (*act)(struct engine *e, const struct message *m, struct err *err),
                const char *done, struct err *err)
{
	ENGINE_AUTO e = { 0 };
	struct job j = { .cli = cli, .e = &e, .act = act, .done = done };
	int refused = 0, got = 0;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	outcomes_begin(&j.out, cli);
	for (size_t i = 0; i < cli->args.n && got >= 0; i++) {
		got = do_one(&j, cli->args.v[i], err);
		refused |= got > 0;
	}
	return outcomes_end(&j.out, got < 0 ? -1 : refused);
}
