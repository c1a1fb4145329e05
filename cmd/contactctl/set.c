#include "contactctl.h"

#include "bulk.h"

#include <string.h>

struct set_opts {
	bool dry_run;
};

static const struct opt set_opts[] = {
	OPT_DRY_RUN(struct set_opts, dry_run),
	OPT_END,
};

/* What is to be set. */
struct wish {
	struct person person;
	const char *email; /* a new address; NULL: it stays */
};

static int read_wish(struct session *s, struct wish *wish, struct err *err)
{
	static const char email[] = "email=";
	const struct names *args = &s->cli->args;

	for (size_t i = 1; i < args->n; i++) {
		if (strncmp(args->v[i], email, strlen(email)) == 0)
			wish->email = args->v[i] + strlen(email);
		else if (person_assign(&wish->person, s->world, args->v[i], s->arena, err) < 0)
			return -1;
	}
	return 0;
}

static int act(struct session *s, struct contact *c, const void *ctx, const char **ret_note, struct err *err)
{
	const struct wish *wish = ctx;
	int moved = wish->email ? people_move(&s->engine, c, wish->email, s->arena, err) : 0;
	int set = moved < 0 ? -1 : people_update(&s->engine, c, &wish->person, s->arena, err);

	if (moved > 0)
		*ret_note = arena_printf(s->arena, "now %s", c->email);
	return set < 0 ? -1 : moved || set;
}

static int run(struct cli *cli, struct err *err)
{
	const struct set_opts *o = cli->opts;
	const struct names none = { 0 };
	SESSION_AUTO s = { 0 };
	SELECTION_AUTO sel = { 0 };
	struct wish wish = { 0 };
	const struct bulk set = {
		.act = act,
		.ctx = &wish,
		.done = "updated",
		.dry_run = o->dry_run,
	};

	if (session_open(&s, cli, err) < 0 || read_wish(&s, &wish, err) < 0)
		return -1;
	cli->args.n = 1;
	if (selection_open(&sel, &s, &(struct wanted){ .where = &none }, err) < 0)
		return -1;
	return bulk_run(&set, &s, &sel, err);
}

const struct cli_cmd set_cmd = {
	.name = "set",
	.args = "ADDR FIELD=VALUE...",
	.about = "change fields of a contact; email=NEW gives it another address",
	.min_args = 2,
	.max_args = -1,
	.opts = set_opts,
	.opts_size = sizeof(struct set_opts),
	.examples = "contactctl set anna@example.com plan=pro phone='+49 30 1234'\n"
	            "contactctl set anna@example.com phone=          # clears it\n"
	            "contactctl set anna@example.com email=anna@example.org\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
