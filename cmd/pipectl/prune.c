#include "pipectl.h"

#include "base/buf.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "outcome.h"
#include "people/prune.h"

struct prune_opts {
	const char *events, *messages;
	bool dry_run;
};

static const struct opt prune_opts[] = {
	OPT_STR(struct prune_opts, events, 0, "events", "AGE", "forget events that are older, as '2 years'"),
	OPT_STR(struct prune_opts, messages, 0, "messages", "AGE", "forget the contents of messages that are older"),
	OPT_DRY_RUN(struct prune_opts, dry_run),
	OPT_END,
};

static int read_age(const char *option, const char *text, struct delay *ret, struct err *err)
{
	if (!text)
		return 0;
	if (retention_parse(text, ret, err) == 0)
		return 0;
	err->kind = ERR_USAGE;
	return err_prefix(err, "%s", option);
}

static int read_rules(struct cli *cli, struct engine *e, struct prune_rules *ret, struct err *err)
{
	const struct prune_opts *o = cli->opts;
	struct world *w;

	if (engine_world(e, cli->team, &w, err) < 0)
		return -1;
	*ret = (struct prune_rules){
		.events = world_team(w)->keep_events,
		.messages = world_team(w)->keep_messages,
		.dry_run = o->dry_run,
	};
	return read_age("--events", o->events, &ret->events, err) < 0 ||
	       read_age("--messages", o->messages, &ret->messages, err) < 0 ? -1 : 0;
}

static void tell(struct outcomes *out, const char *what, const struct delay *age, int64_t n)
{
	struct cli *cli = out->cli;
	BUF_AUTO text = BUF_INIT(256);

	if (delay_is_zero(age)) {
		outcome(out, what, cli->team_name, "unchanged", "all are kept");
		return;
	}
	buf_addf(&text, "%lld older than ", (long long)n);
	delay_format(age, &text);
	outcome(out, what, cli->team_name, n ? "pruned" : "unchanged", arena_strdup(&cli->arena, text.s));
}

static int run(struct cli *cli, struct err *err)
{
	ENGINE_AUTO e = { 0 };
	struct prune_rules rules;
	struct prune_count n;
	struct outcomes out;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (read_rules(cli, &e, &rules, err) < 0 || prune_team(&e, cli->team, &rules, &n, err) < 0)
		return -1;
	outcomes_begin(&out, cli);
	tell(&out, "events", &rules.events, n.events);
	tell(&out, "messages", &rules.messages, n.messages);
	if (delay_is_zero(&rules.events) && delay_is_zero(&rules.messages))
		cli_notice(cli, "the Team document has no `keep`; say --events or --messages");
	return outcomes_end(&out, 0);
}

const struct cli_cmd prune_cmd = {
	.name = "prune",
	.about = "forget old events and the contents of old messages, as the team's `keep` says",
	.opts = prune_opts,
	.opts_size = sizeof(struct prune_opts),
	.examples = "pipectl prune -n\n"
	            "pipectl prune --messages '400 days'\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM | CLI_NEEDS_OWNER,
	.run = run,
};
