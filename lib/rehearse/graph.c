#include "rehearse/graph.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "model/step_text.h"

#include <string.h>

#define LABEL_MAX 4000

struct graph {
	const struct pipeline *p;
	struct buf *out;
	bool dot;
};

/* A text of one line within quotes. Mermaid has no escape for a quote but the character's number. */
static void add_quoted(const struct graph *g, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addf(g->out, g->dot ? "\\%c" : "#%d;", *text);
		else if (*text == '#' && !g->dot)
			buf_adds(g->out, "#35;");
		else
			buf_addc(g->out, *text);
	}
}

static void add_label(const struct graph *g, const struct step *st)
{
	BUF_AUTO what = BUF_INIT(LABEL_MAX), safe = BUF_INIT(8 * LABEL_MAX);

	step_describe(st, &what);
	utf8_safe(&safe, what.s, what.len, false);
	if (st->named) {
		add_quoted(g, st->name);
		buf_adds(g->out, g->dot ? "\\n" : "<br>");
	}
	buf_addf(g->out, "%s ", verb_text(st->verb));
	add_quoted(g, safe.s);
}

static void add_node(const struct graph *g, const struct step *st)
{
	bool question = step_branches(st);

	buf_addf(g->out, "  s%d", st->number);
	buf_adds(g->out, g->dot ? " [label=\"" : question ? "{\"" : "[\"");
	add_label(g, st);
	if (g->dot)
		buf_addf(g->out, "\", shape=%s];\n", question ? "diamond" : "box");
	else
		buf_adds(g->out, question ? "\"}\n" : "\"]\n");
}

/* to: an index, STEP_NONE: the end. word: of the branch, or "". */
static void add_arrow(const struct graph *g, const char *from, int to, const char *word)
{
	const struct step *st = pipeline_step(g->p, to);
	BUF_AUTO label = BUF_INIT(LABEL_MAX), target = BUF_INIT(32);

	buf_adds(&label, word);
	if (st && !delay_is_zero(&st->after)) {
		buf_adds(&label, *word ? ", after " : "after ");
		delay_format(&st->after, &label);
	}
	if (st)
		buf_addf(&target, "s%d", st->number);
	else
		buf_adds(&target, "end_");
	buf_addf(g->out, "  %s %s", from, g->dot ? "->" : "-->");
	if (label.len > 0 && !g->dot)
		buf_addf(g->out, "|%s|", label.s);
	buf_addf(g->out, " %s", target.s);
	if (label.len > 0 && g->dot)
		buf_addf(g->out, " [label=\"%s\"]", label.s);
	buf_adds(g->out, g->dot ? ";\n" : "\n");
}

static void add_arrows(const struct graph *g, const struct step *st)
{
	BUF_AUTO from = BUF_INIT(32);

	buf_addf(&from, "s%d", st->number);
	if (step_branches(st)) {
		add_arrow(g, from.s, step_branch(st, true), "yes");
		add_arrow(g, from.s, step_branch(st, false), "no");
	} else {
		add_arrow(g, from.s, st->verb == VERB_EXIT ? STEP_NONE : st->next, "");
	}
}

static void draw(const struct graph *g)
{
	for (size_t i = 0; i < g->p->n_steps; i++)
		add_node(g, &g->p->steps[i]);
	add_arrow(g, "start_", pipeline_first(g->p), "");
	for (size_t i = 0; i < g->p->n_steps; i++)
		add_arrows(g, &g->p->steps[i]);
}

void graph_dot(const struct pipeline *p, struct buf *out)
{
	struct graph g = { p, out, true };

	buf_addf(out, "digraph \"%s\" {\n  rankdir=TB;\n", p->name);
	buf_adds(out, "  start_ [label=\"start\", shape=oval];\n  end_ [label=\"end\", shape=oval];\n");
	draw(&g);
	buf_adds(out, "}\n");
}

void graph_mermaid(const struct pipeline *p, struct buf *out)
{
	struct graph g = { p, out, false };

	buf_adds(out, "flowchart TD\n  start_([start])\n  end_([end])\n");
	draw(&g);
}
