#include "pipectl.h"

#include "base/buf.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/progress.h"
#include "people/enroll_people.h"
#include "plan.h"

#include <string.h>

struct migrate_opts {
	struct names maps;
	bool dry_run;
};
static const struct opt migrate_opts[] = {
	OPT_LIST(struct migrate_opts, maps, 0, "map", "OLD=NEW", "who stands at step OLD goes to step NEW (names or numbers)"),
	OPT_DRY_RUN(struct migrate_opts, dry_run),
	OPT_END,
};

static int read_maps(struct cli *cli, const struct names *words, struct migration_request *ret, struct err *err)
{
	struct step_mapping *maps = arena_array(&cli->arena, words->n, sizeof *maps);

	for (size_t i = 0; i < words->n; i++) {
		char *text = arena_strdup(&cli->arena, words->v[i]), *sign = strchr(text, '=');

		if (!sign || sign == text || !sign[1])
			return err_set(err, ERR_USAGE, "'--map %s' is not OLD=NEW", words->v[i]);
		*sign = '\0';
		maps[i] = (struct step_mapping){ text, sign + 1 };
	}
	ret->maps = maps;
	ret->n_maps = words->n;
	return 0;
}

static void print_plan(struct cli *cli, const struct apply_item *item)
{
	BUF_AUTO text = BUF_INIT((size_t)1 << 20);

	plan_write(item, "", &text);
	cli_put(cli, &text);
}

static void show_progress(void *ctx, int64_t seen)
{
	cli_progress_at(ctx, seen);
}

static int move(struct cli *cli, struct engine *e, const struct pipeline *p, const struct migration_request *want,
                struct err *err)
{
	struct cli_progress progress;
	struct watch watch = { show_progress, &progress };
	const char *name = arena_strdup(&cli->arena, p->name);
	struct migration_count count;
	int got;

	cli_progress_begin(&progress, cli, "migrating", 0);
	got = migrate_people(e, cli->team, p->id, want, &watch, &count, err);
	cli_progress_end(&progress);
	if (got == 0)
		plan_report(cli, name, &count);
	return got < 0 ? -1 : count.left > 0;
}

static int migrate(struct cli *cli, struct err *err)
{
	const struct migrate_opts *opts = cli->opts;
	struct apply_item item = { .kind = DOC_PIPELINE };
	struct migration_request want = { 0 };
	ENGINE_AUTO e = { 0 };
	struct world *w;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (read_maps(cli, &opts->maps, &want, err) < 0 || engine_world(&e, cli->team, &w, err) < 0 ||
	    enroll_pipeline(&e, w, cli->args.v[0], &want.now, err) < 0)
		return -1;
	if (!cli->who.is_admin && !team_may_change(world_team(w), ROLE_MEMBER, DOC_PIPELINE))
		return err_set(err, ERR_DENIED, "only an admin of team '%s' may do this", cli->team_name);
	if (migrate_plan(cli->db, cli->team, want.now->id, &want, &cli->arena, &item.plan, err) < 0)
		return -1;
	if (item.plan.n == 0) {
		cli_say(cli, "pipeline/%s unchanged (nobody stands in steps that are not the newest)", want.now->name);
		return 0;
	}
	if (!opts->dry_run)
		return move(cli, &e, want.now, &want, err);
	print_plan(cli, &item);
	return 0;
}

const struct cli_cmd migrate_cmd = {
	.name = "migrate",
	.args = "PIPELINE",
	.about = "move people who stayed on an old version to the newest",
	.min_args = 1,
	.max_args = 1,
	.opts = migrate_opts,
	.opts_size = sizeof(struct migrate_opts),
	.examples = "pipectl migrate -n welcome\n"
	            "pipectl migrate welcome --map features=tour\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = migrate,
};
