#include "pausing.h"

#include "cli/context.h"
#include "engine/pause.h"
#include "engine/parking.h"
#include "operand.h"
#include "outcome.h"
#include "store/document_store.h"

#include <string.h>

const struct opt pausing_opts[] = {
	OPT_FLAG(struct pausing_opts, all, 0, "all", "every pipeline and every mailbox of the team"),
	OPT_DRY_RUN(struct pausing_opts, dry_run),
	OPT_END,
};

struct job {
	struct cli *cli;
	struct engine e;
	struct outcomes out;
	bool paused;
	struct names pipelines, mailboxes;
};

static void add_name(struct arena *a, struct names *list, const char *name)
{
	const char **v = arena_array(a, list->n + 1, sizeof *v);

	if (list->n)
		memcpy(v, list->v, list->n * sizeof *v);
	v[list->n++] = name;
	list->v = v;
}

static int add_all(struct job *j, enum doc_kind kind, struct names *list, struct err *err)
{
	struct document_row *rows;
	int n = document_list(j->cli->db, j->cli->team, doc_kind_yaml(kind), &j->cli->arena, &rows, err);

	for (int i = 0; i < n; i++)
		add_name(&j->cli->arena, list, rows[i].name);
	return n < 0 ? -1 : 0;
}

/* A pipeline; a word that names a mailbox alone gets the hint to say so. */
static int read_pipeline(struct job *j, const char *word, struct err *err)
{
	const struct pipeline *p;
	struct err missing = ERR_INIT;
	struct world *w;

	if (operand_pipeline(j->cli, &j->e, word, &p, &missing) == 0) {
		add_name(&j->cli->arena, &j->pipelines, arena_strdup(&j->cli->arena, p->name));
		return 0;
	}
	if (missing.kind == ERR_MISSING && engine_world(&j->e, j->cli->team, &w, err) == 0 && world_mailbox(w, word))
		return err_set(err, ERR_MISSING, "no pipeline '%s'; did you mean 'mailbox/%s'?", word, word);
	*err = missing;
	return -1;
}

static int read_operands(struct job *j, struct err *err)
{
	const struct pausing_opts *o = j->cli->opts;
	const struct names *words = &j->cli->args;

	if (o->all == (words->n > 0))
		return err_set(err, ERR_USAGE, "name pipelines and mailboxes (mailbox/NAME), or say --all");
	if (o->all)
		return add_all(j, DOC_PIPELINE, &j->pipelines, err) < 0 ? -1 : add_all(j, DOC_MAILBOX, &j->mailboxes, err);
	for (size_t i = 0; i < words->n; i++) {
		if (strncmp(words->v[i], "mailbox/", 8) == 0) {
			if (operand_mailbox(j->cli, &j->e, words->v[i] + 8, err) < 0)
				return -1;
			add_name(&j->cli->arena, &j->mailboxes, words->v[i] + 8);
		} else if (read_pipeline(j, words->v[i], err) < 0) {
			return -1;
		}
	}
	return 0;
}

static const char *result_text(const struct job *j, int changed)
{
	return changed == 0 ? "unchanged" : j->paused ? "paused" : "resumed";
}

/* How many runs came due meanwhile and go on now; NULL: none. */
static int parked_text(struct job *j, const char *name, const char **ret, struct err *err)
{
	int64_t n = 0;

	if (!j->paused && pause_parked(&j->e, j->cli->team, name, &n, err) < 0)
		return -1;
	*ret = n == 0 ? NULL : arena_printf(&j->cli->arena, "%lld run%s came due meanwhile", (long long)n, n == 1 ? "" : "s");
	return 0;
}

/* Everything at once, so that `pause --all` is one act. */
static int change_all(struct job *j, struct err *err)
{
	const struct pausing_opts *o = j->cli->opts;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, j->cli->db, err) < 0)
		return -1;
	for (size_t i = 0; i < j->pipelines.n; i++) {
		int changed = pause_pipeline(&j->e, j->cli->team, j->pipelines.v[i], j->paused, err);
		const char *parked;

		if (changed < 0 || parked_text(j, j->pipelines.v[i], &parked, err) < 0)
			return -1;
		outcome(&j->out, "pipeline", j->pipelines.v[i], result_text(j, changed), parked);
	}
	for (size_t i = 0; i < j->mailboxes.n; i++) {
		int changed = pause_mailbox(&j->e, j->cli->team, j->mailboxes.v[i], j->paused, err);

		if (changed < 0)
			return -1;
		outcome(&j->out, "mailbox", j->mailboxes.v[i], result_text(j, changed), NULL);
	}
	return outcomes_commit(&j->out, &txn, o->dry_run, err);
}

/* Also what an interrupted `resume` left: repeating it goes on. A draft's runs stay where they are. */
static int unpark_all(struct job *j, struct err *err)
{
	const struct pipeline *p;
	struct world *w;
	int64_t n;

	if (engine_refresh(&j->e, err) < 0 || engine_world(&j->e, j->cli->team, &w, err) < 0)
		return -1;
	for (size_t i = 0; i < j->pipelines.n; i++) {
		p = world_pipeline(w, j->pipelines.v[i]);
		if (p && p->active && runs_unpark(&j->e, j->cli->team, j->pipelines.v[i], &n, err) < 0)
			return -1;
	}
	return 0;
}

int pausing(struct cli *cli, bool paused, struct err *err)
{
	const struct pausing_opts *o = cli->opts;
	struct job j = { .cli = cli, .paused = paused };
	int got;

	engine_init(&j.e, cli->db, cli->now, cli->who.account, "manual");
	outcomes_begin(&j.out, cli);
	got = read_operands(&j, err);
	if (got == 0)
		got = change_all(&j, err);
	if (got == 0 && !paused && !o->dry_run)
		got = unpark_all(&j, err);
	engine_release(&j.e);
	return outcomes_end(&j.out, got);
}
