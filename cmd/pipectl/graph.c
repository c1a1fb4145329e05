#include "pipectl.h"

#include "base/buf.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "people/enroll_people.h"
#include "rehearse/graph.h"

#include <string.h>

struct graph_opts {
	const char *as;
};
static const struct opt graph_opts[] = {
	OPT_CHOICE(struct graph_opts, as, 0, "as", "dot|mermaid", "the language of the drawing; dot when not given"),
	OPT_END,
};

static int graph(struct cli *cli, struct err *err)
{
	const struct graph_opts *opts = cli->opts;
	BUF_AUTO out = BUF_INIT((size_t)16 << 20);
	ENGINE_AUTO e = { 0 };
	const struct pipeline *p;
	struct world *w;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	if (engine_world(&e, cli->team, &w, err) < 0 || enroll_pipeline(&e, w, cli->args.v[0], &p, err) < 0)
		return -1;
	if (opts->as && strcmp(opts->as, "mermaid") == 0)
		graph_mermaid(p, &out);
	else
		graph_dot(p, &out);
	cli_put(cli, &out);
	return 0;
}

const struct cli_cmd graph_cmd = {
	.name = "graph",
	.args = "PIPELINE",
	.about = "draw the steps of a pipeline for Graphviz or Mermaid",
	.min_args = 1,
	.max_args = 1,
	.opts = graph_opts,
	.opts_size = sizeof(struct graph_opts),
	.examples = "pipectl graph welcome | dot -Tsvg >welcome.svg\n"
	            "pipectl graph welcome --as mermaid\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = graph,
};
