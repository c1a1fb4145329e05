#include "selection.h"

#include "cli/cmd.h"
#include "cli/input.h"
#include "cli/notice.h"
#include "store/contact_store.h"

#include <stdlib.h>
#include <string.h>

int read_filter(struct session *s, const struct names *texts, struct filter *ret, struct err *err)
{
	for (size_t i = 0; i < texts->n; i++)
		if (filter_add(ret, &s->engine, s->world, texts->v[i], s->arena, err) < 0)
			return -1;
	if (ret->doubt)
		cli_notice(s->cli, "%s", ret->doubt);
	return 0;
}

static int check_usage(const struct selection *sel, const struct wanted *w, struct err *err)
{
	int ways = (sel->addresses.n > 0) + (w->where->n > 0) + w->all;

	if (ways == 0)
		return err_set(err, ERR_USAGE, "for whom? Give addresses, --where FILTER%s",
		               sel->session->cli->cmd->max_args < 0 ? ", or - for addresses on stdin" : "");
	if (ways > 1)
		return err_set(err, ERR_USAGE, "give either addresses or --where or --all");
	return 0;
}

/* Each that is nobody's is told, the last one by the caller. Returns how many are somebody's, or -1. */
static int find_ids(struct selection *sel, int64_t *ids, struct err *unknown, struct err *err)
{
	struct session *s = sel->session;
	int known = 0;

	for (size_t i = 0; i < sel->addresses.n; i++) {
		struct contact c;

		arena_clear(&sel->arena);
		if (people_find(&s->engine, s->world, sel->addresses.v[i], &sel->arena, &c, err) == 0) {
			ids[i] = c.id;
			known++;
			continue;
		}
		if (err->kind != ERR_MISSING)
			return -1;
		if (unknown->kind == ERR_MISSING && !sel->unknown)
			cli_error(s->cli, unknown);
		*unknown = *err;
		sel->reasons[i] = arena_strdup(s->arena, err->text);
	}
	return known;
}

/* All must be there before anything is done, or, where unknown ones have a row, one. */
static int look_up(struct selection *sel, struct err *err)
{
	struct arena *a = sel->session->arena;
	int64_t *ids = arena_array(a, sel->addresses.n, sizeof *ids);
	struct err unknown = ERR_INIT;
	int known;

	sel->reasons = arena_array(a, sel->addresses.n, sizeof *sel->reasons);
	known = find_ids(sel, ids, &unknown, err);
	if (known < 0)
		return -1;
	sel->ids = ids;
	if (unknown.kind != ERR_MISSING || (sel->unknown && known > 0))
		return 0;
	*err = unknown;
	return -1;
}

int selection_open(struct selection *sel, struct session *s, const struct wanted *w, struct err *err)
{
	const struct names *args = &s->cli->args;

	*sel = (struct selection){ .session = s, .unknown = w->unknown, .unknown_ctx = w->unknown_ctx,
		                       .end = w->nul ? '\0' : '\n' };
	if (args->n > w->first)
		sel->addresses = (struct names){ args->v + w->first, args->n - w->first };
	if (check_usage(sel, w, err) < 0)
		return -1;
	if (sel->addresses.n == 1 && strcmp(sel->addresses.v[0], "-") == 0)
		return cli_open_input("-", &sel->input, err);
	if (sel->addresses.n > 0)
		return look_up(sel, err);
	if (read_filter(s, w->where, &sel->filter, err) < 0)
		return -1;
	people_walk_begin(&sel->walk, &s->engine, s->cli->team, &sel->filter);
	sel->walking = true;
	return 0;
}

/* The next line that is not empty and no comment: 1, 0, -1. */
static int next_line(struct selection *sel, char **line, size_t *cap, struct err *err)
{
	ssize_t n;

	while ((n = getdelim(line, cap, sel->end, sel->input)) >= 0) {
		while (n > 0 && strchr(" \t\r\n", (*line)[n - 1]))
			(*line)[--n] = '\0';
		if (n > 0 && **line != '#')
			return 1;
	}
	return ferror(sel->input) ? err_errno(err, ERR_IO, "cannot read stdin") : 0;
}

static int next_from_input(struct selection *sel, struct contact *ret, struct err *err)
{
	struct session *s = sel->session;
	char *line = NULL;
	size_t cap = 0;
	int got;

	while ((got = next_line(sel, &line, &cap, err)) > 0) {
		arena_clear(&sel->arena);
		if (people_find(&s->engine, s->world, line, &sel->arena, ret, err) == 0)
			break;
		got = -1;
		if (err->kind != ERR_MISSING)
			break;
		if (sel->unknown)
			sel->unknown(sel->unknown_ctx, line, err->text);
		else
			cli_error(s->cli, err);
		sel->n_unknown++;
	}
	free(line);
	return got;
}

static int next_named(struct selection *sel, struct contact *ret, struct err *err)
{
	int got = 0;

	while (got == 0 && sel->at < sel->addresses.n) {
		size_t i = sel->at++;

		arena_clear(&sel->arena);
		got = contact_load(sel->session->cli->db, sel->session->cli->team, sel->ids[i], &sel->arena, ret, err);
		if (sel->ids[i] == 0) {
			sel->unknown(sel->unknown_ctx, sel->addresses.v[i], sel->reasons[i]);
			sel->n_unknown++;
		}
	}
	return got;
}

int selection_next(struct selection *sel, struct contact *ret, struct err *err)
{
	if (sel->input)
		return next_from_input(sel, ret, err);
	if (sel->walking)
		return people_walk_next(&sel->walk, ret, err);
	return next_named(sel, ret, err);
}

bool selection_is_named(const struct selection *sel)
{
	return !sel->walking && !sel->input;
}

void selection_release(struct selection *sel)
{
	if (sel->input)
		fclose(sel->input);
	if (sel->walking)
		people_walk_release(&sel->walk);
	arena_release(&sel->arena);
}
