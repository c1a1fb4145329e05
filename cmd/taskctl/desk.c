#include "desk.h"

#include "base/buf.h"
#include "cli/notice.h"
#include "operate/activity.h"
#include "store/contact_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct desk_entry {
	const char *email, *pipeline;
	enum enrolled how;
	const char *missing;
};

static void remember(void *ctx, const struct pipeline *p, const struct contact *c, const struct enroll_result *r)
{
	struct desk *d = ctx;
	struct arena *a = &d->cli->arena;

	ARENA_GROW(a, &d->entries, &d->cap_entries, d->n_entries);
	d->entries[d->n_entries++] = (struct desk_entry){ arena_strdup(a, c->email), arena_strdup(a, p->name), r->how,
		                                              arena_strdup(a, r->missing ? r->missing : "") };
}

int desk_open(struct desk *d, struct cli *cli, struct err *err)
{
	*d = (struct desk){ .cli = cli };
	engine_init(&d->engine, cli->db, cli->now, cli->who.account, "manual");
	d->engine.on_entry = remember;
	d->engine.on_entry_ctx = d;
	return engine_world(&d->engine, cli->team, &d->world, err);
}

void desk_close(struct desk *d)
{
	engine_release(&d->engine);
}

void desk_tell_entries(struct desk *d)
{
	for (size_t i = 0; i < d->n_entries; i++) {
		const struct desk_entry *x = &d->entries[i];

		if (x->how == ENROLL_STARTED)
			cli_say(d->cli, "%s enrolled in %s", x->email, x->pipeline);
		else
			cli_notice(d->cli, "%s, %s: %s%s%s", x->email, x->pipeline, enrolled_text(x->how), *x->missing ? ": " : "",
			           x->missing);
	}
}

static int parse_number(const char *word, int64_t *ret)
{
	static const char prefix[] = "task/";
	char *end;

	if (strncmp(word, prefix, sizeof prefix - 1) == 0)
		word += sizeof prefix - 1;
	if (*word < '0' || *word > '9')
		return -1;
	errno = 0;
	*ret = strtoll(word, &end, 10);
	return *end || errno ? -1 : 0;
}

int desk_task(struct desk *d, const char *word, struct task *ret, struct err *err)
{
	int64_t id;
	int got;

	if (parse_number(word, &id) < 0)
		return err_set(err, ERR_USAGE, "'%s' is no number of a task; 'taskctl list' has them", word);
	got = task_load(d->cli->db, d->cli->team, id, &d->cli->arena, ret, err);
	return got != 0 ? (got > 0 ? 0 : -1) : err_set(err, ERR_MISSING, "no task %s in team '%s'", word, d->cli->team_name);
}

const char *desk_text(struct desk *d, const struct task *t)
{
	struct arena *a = &d->cli->arena;

	return arena_printf(a, "%s%s%s%s%s", t->title, *t->assignee ? ", for " : "", t->assignee, t->due_at ? ", due " : "",
	                    t->due_at ? cli_time_text(d->cli, t->due_at) : "");
}

const char *desk_state(const struct desk *d, const struct task *t)
{
	if (t->cancelled)
		return "cancelled";
	if (t->done_at)
		return "done";
	return t->due_at && t->due_at < d->cli->now ? "overdue" : "open";
}

int desk_place(struct desk *d, const struct task *t, struct arena *a, struct task_place *ret, struct err *err)
{
	struct activity_place place;
	struct contact c;
	int got = t->contact ? contact_load(d->cli->db, d->cli->team, t->contact, a, &c, err) : 0;

	if (got < 0 || activity_place(&d->engine, d->cli->team, t->run, t->step, a, &place, err) < 0)
		return -1;
	*ret = (struct task_place){ got > 0 ? c.email : NULL, place.pipeline, place.step };
	return 0;
}
