#include "pipectl.h"

#include "cli/context.h"
#include "cli/notice.h"
#include "engine/absent.h"
#include "operand.h"
#include "outcome.h"
#include "rehearse/trial.h"

#include <string.h>

struct send_test_opts {
	const char *to, *as, *mailbox;
	bool dry_run;
};

static const struct opt send_test_opts[] = {
	OPT_STR(struct send_test_opts, to, 0, "to", "ADDR", "where the test goes"),
	OPT_STR(struct send_test_opts, as, 0, "as", "CONTACT", "put in the values of this contact; else '[first_name]' and so on"),
	OPT_STR(struct send_test_opts, mailbox, 0, "mailbox", "MAILBOX", "send from this mailbox"),
	OPT_DRY_RUN(struct send_test_opts, dry_run),
	OPT_END,
};

/* What the operand names: one of the two. */
struct subject {
	struct world *world;
	const struct template *template;
	const struct pipeline *pipeline;
};

static int no_subject(struct cli *cli, const char *word, struct err *err)
{
	const char *near;
	int n, got = document_nearest(cli->db, cli->team, DOC_TEMPLATE, word, &cli->arena, &near, &n, err);

	if (got == 0)
		got = document_nearest(cli->db, cli->team, DOC_PIPELINE, word, &cli->arena, &near, &n, err);
	if (got < 0)
		return -1;
	return err_set(err, ERR_MISSING, "no template and no pipeline '%s' in team '%s'%s%s%s", word, cli->team_name,
	               got ? "; did you mean '" : "", got ? near : "", got ? "'?" : "");
}

static int find_subject(struct cli *cli, struct engine *e, struct subject *ret, struct err *err)
{
	const char *word = cli->args.v[0];
	struct world *w;

	if (engine_world(e, cli->team, &w, err) < 0)
		return -1;
	ret->world = w;
	if (strncmp(word, "template/", 9) == 0) {
		ret->template = world_template(w, word + 9);
		return ret->template ? 0 : absent_document(cli->db, cli->team, DOC_TEMPLATE, word + 9, err);
	}
	if (strncmp(word, "pipeline/", 9) == 0)
		return operand_pipeline(cli, e, word, &ret->pipeline, err);
	ret->template = world_template(w, word);
	ret->pipeline = world_pipeline(w, word);
	if (ret->template && ret->pipeline)
		return err_set(err, ERR_USAGE, "there are template/%s and pipeline/%s: say which", word, word);
	return ret->template || ret->pipeline ? 0 : no_subject(cli, word, err);
}

static void tell(struct outcomes *out, const struct trial *how, const struct trial_mail *list, int n)
{
	struct arena *a = &out->cli->arena;

	for (int i = 0; i < n; i++) {
		const struct trial_mail *m = &list[i];

		outcome_id(out, "message", m->message, "queued",
		           arena_printf(a, "%s to %s from %s", m->subject, how->to, m->mailbox));
	}
	if (n == 0)
		cli_notice(out->cli, "pipeline '%s' sends nothing", out->cli->args.v[0]);
}

static int send(struct outcomes *out, struct engine *e, struct err *err)
{
	struct cli *cli = out->cli;
	const struct send_test_opts *o = cli->opts;
	struct trial how = { .to = o->to, .mailbox = o->mailbox, .account = cli->who.account };
	struct subject what = { 0 };
	struct trial_mail *list = NULL;
	struct contact as;
	int n;
	TXN_AUTO txn = TXN_INIT;

	if (!o->to)
		return err_set(err, ERR_USAGE, "where does it go? Say --to ADDR");
	if (txn_begin(&txn, cli->db, err) < 0 || find_subject(cli, e, &what, err) < 0 ||
	    (o->mailbox && operand_mailbox(cli, e, o->mailbox, err) < 0) ||
	    (o->as && operand_contact(cli, o->as, &as, err) < 0))
		return -1;
	how.as = o->as ? &as : NULL;
	n = what.template ? trial_template(e, what.world, what.template, &how, &cli->arena, &list, err)
	                  : trial_pipeline(e, what.world, what.pipeline, &how, &cli->arena, &list, err);
	if (n < 0)
		return -1;
	tell(out, &how, list, n);
	return outcomes_commit(out, &txn, o->dry_run, err);
}

static int run(struct cli *cli, struct err *err)
{
	return outcomes_of(cli, send, err);
}

const struct cli_cmd send_test_cmd = {
	.name = "send-test",
	.args = "TEMPLATE|PIPELINE",
	.about = "send a mail, or every mail of a pipeline, to yourself; it counts for nobody",
	.min_args = 1,
	.max_args = 1,
	.opts = send_test_opts,
	.opts_size = sizeof(struct send_test_opts),
	.examples = "pipectl send-test welcome --to me@example.com\n"
	            "pipectl send-test pipeline/onboarding --to me@example.com --as anna@example.com\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
