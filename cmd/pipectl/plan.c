#include "plan.h"

#include "base/buf.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/table.h"

int plan_begin(struct cli *cli, struct engine *e, const struct sources *sources, struct apply *ret, struct err *err)
{
	struct apply_caller who = {
		.team = cli->team,
		.team_name = cli->team_name,
		.role = cli->who.is_admin ? ROLE_ADMIN : ROLE_MEMBER,
		.owner = cli->who.is_owner,
		.shared = cli->db_shared,
	};

	engine_init(e, cli->db, cli->now, cli->who.account, "manual");
	if (apply_begin(ret, e, &who, err) < 0)
		return -1;
	ret->author.files.read = sources_read_beside;
	for (size_t i = 0; sources && i < sources->n; i++)
		apply_add(ret, sources->v[i].path, sources->v[i].text, sources->v[i].len, sources->v[i].folder);
	for (size_t i = 0; sources && i < sources->folders.n; i++)
		apply_add_folder(ret, sources->folders.v[i]);
	return 0;
}

static const struct cli_column item_columns[] = {
	{ "kind", CLI_TEXT }, { "name", CLI_TEXT }, { "action", CLI_TEXT }, { 0 },
};

void plan_print_items(struct cli *cli, const struct apply *ap)
{
	struct cli_table t;

	for (size_t i = 0; !cli->json && i < ap->n_items; i++)
		cli_say(cli, "%s/%s %s", doc_kind_word(ap->items[i].kind), ap->items[i].name,
		        apply_action_text(ap->items[i].action));
	if (!cli->json)
		return;
	cli_table_begin(&t, cli, item_columns);
	for (size_t i = 0; i < ap->n_items; i++) {
		cli_text(&t, doc_kind_yaml(ap->items[i].kind));
		cli_text(&t, ap->items[i].name);
		cli_text(&t, apply_action_text(ap->items[i].action));
		cli_row_end(&t);
	}
	cli_table_end(&t);
}

const char *plan_people(struct cli *cli, int64_t n)
{
	return arena_printf(&cli->arena, n == 1 ? "%lld person" : "%lld people", (long long)n);
}

static void write_fate(const struct migration_stand *s, struct buf *out)
{
	switch (s->fate) {
	case STEP_KEPT:
		buf_adds(out, "stay there");
		return;
	case STEP_CHANGED:
		buf_adds(out, "stay there; the step is changed");
		return;
	case STEP_MOVED:
		buf_addf(out, "go to '%s'", s->go_on);
		return;
	case STEP_DELETED:
		if (s->go_on)
			buf_addf(out, "the step is deleted; go on at '%s'", s->go_on);
		else
			buf_adds(out, "nothing is left to do; complete");
		return;
	}
}

void plan_write(const struct apply_item *item, const char *before, struct buf *out)
{
	for (size_t i = 0; i < item->plan.n; i++) {
		const struct migration_stand *s = &item->plan.stands[i];

		buf_addf(out, "%s%lld at '%s' of version %d: ", before, (long long)s->people, s->name, s->version);
		write_fate(s, out);
		buf_addc(out, '\n');
	}
}

void plan_report(struct cli *cli, const char *pipeline, const struct migration_count *count)
{
	if (count->moved > 0)
		cli_notice(cli, "%s of pipeline/%s moved to the new steps", plan_people(cli, count->moved), pipeline);
	if (count->completed > 0)
		cli_notice(cli, "%s of pipeline/%s completed: nothing was left to do", plan_people(cli, count->completed), pipeline);
	if (count->left > 0)
		cli_notice(cli, "%s of pipeline/%s stay for now: a mail to them is on its way or in doubt; then: pipectl migrate %s",
		           plan_people(cli, count->left), pipeline, pipeline);
}
