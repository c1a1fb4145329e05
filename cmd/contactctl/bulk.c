#include "bulk.h"

#include "cli/notice.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "engine/chunk.h"

#include <string.h>

static const struct cli_column columns[] = {
	{ "email", CLI_TEXT }, { "result", CLI_STATE }, { "note", CLI_TEXT }, { 0 },
};

struct row {
	const char *email, *result, *note;
};

/* Rows of a chunk, which are shown when it is committed. */
struct rows {
	struct cli_table table;
	struct arena arena;
	struct row *list;
	size_t n, cap;
	int64_t n_all;
};

static void flush(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		cli_text(&rows->table, rows->list[i].email);
		cli_text(&rows->table, rows->list[i].result);
		cli_text(&rows->table, rows->list[i].note);
		cli_row_end(&rows->table);
	}
	rows->list = NULL;
	rows->n = rows->cap = 0;
	arena_clear(&rows->arena);
}

static const char *join(struct arena *a, const char *before, const char *word, const char *text)
{
	return before ? arena_printf(a, "%s; %s%s", before, word, text) : arena_printf(a, "%s%s", word, text);
}

/* What became of the runs that were open before. */
static int note_runs(struct session *s, const struct run *before, int n, struct arena *a, const char **note,
                     struct err *err)
{
	for (int i = 0; i < n; i++) {
		const struct pipeline *p = world_pipeline_by_id(s->world, before[i].pipeline);
		struct run now;
		int got = run_load(s->cli->db, before[i].team, before[i].id, a, &now, err);

		if (got < 0)
			return -1;
		if (got == 0 || !p)
			continue;
		if (now.status == RUN_STOPPED)
			*note = join(a, *note, "stopped: ", p->name);
		else if (before[i].status == RUN_BLOCKED && now.status != RUN_BLOCKED)
			*note = join(a, *note, "goes on: ", p->name);
	}
	return 0;
}

/* One entry in words; NULL: not worth a word, as that somebody is in the pipeline already. */
static const char *entry_text(const struct enroll_report *r, struct arena *a)
{
	switch (r->result.how) {
	case ENROLL_STARTED:
		return arena_printf(a, "enrolled: %s", r->pipeline);
	case ENROLL_BLOCKED:
		return arena_printf(a, "blocked: %s", r->pipeline);
	case ENROLL_QUEUED:
		return arena_printf(a, "queued: %s", r->pipeline);
	case ENROLL_UPDATED:
		return arena_printf(a, "updated: %s", r->pipeline);
	case ENROLL_HOLE:
		return arena_printf(a, "not enrolled: %s, missing %s", r->pipeline, r->result.missing);
	case ENROLL_NO_MAILBOX:
		return arena_printf(a, "not enrolled: %s, %s", r->pipeline, r->why);
	case ENROLL_ACTIVE:
	case ENROLL_AGAIN:
	case ENROLL_IF:
	case ENROLL_SUPPRESSED:
	case ENROLL_INACTIVE:
	case ENROLL_UNKNOWN:
		break;
	}
	return NULL;
}

static void note_entries(struct session *s, struct arena *a, const char **note)
{
	for (size_t i = 0; i < s->n_entries; i++) {
		const char *text = entry_text(&s->entries[i], a);

		if (text)
			*note = join(a, *note, "", text);
	}
	s->entries = NULL;
	s->n_entries = s->cap_entries = 0;
}

static int act_on(const struct bulk *b, struct session *s, struct contact *c, struct rows *rows, struct err *err)
{
	struct arena *a = &rows->arena;
	const char *email = arena_strdup(a, c->email), *note = NULL;
	struct run *runs;
	int got, n = run_list_of_contact(s->cli->db, c->team, c->id, true, a, &runs, err);

	if (n < 0 || (n > 0 && session_documents(s, err) < 0))
		return -1;
	s->arena = a;
	got = b->act(s, c, b->ctx, &note, err);
	if (got < 0 || session_watched(s, err) < 0 || note_runs(s, runs, n, a, &note, err) < 0)
		return -1;
	note_entries(s, a, &note);
	ARENA_GROW(a, &rows->list, &rows->cap, rows->n);
	rows->list[rows->n++] = (struct row){ email, got ? b->done : "unchanged", note || got ? note : b->already };
	rows->n_all++;
	return 0;
}

static int act_on_all(const struct bulk *b, struct session *s, struct selection *sel, struct rows *rows,
                      struct cli_progress *progress, struct err *err)
{
	CHUNK_AUTO chunk = { 0 };
	struct contact c;
	int got;

	if (chunk_begin(&chunk, s->cli->db, b->dry_run, err) < 0)
		return -1;
	while ((got = selection_next(sel, &c, err)) > 0) {
		if (act_on(b, s, &c, rows, err) < 0)
			return -1;
		cli_progress_at(progress, rows->n_all);
		got = chunk_step(&chunk, err);
		if (got < 0)
			return -1;
		if (got > 0)
			flush(rows);
	}
	return got < 0 ? -1 : chunk_end(&chunk, err);
}

int bulk_run(const struct bulk *b, struct session *s, struct selection *sel, struct err *err)
{
	struct arena *arena = s->arena;
	struct rows rows = { 0 };
	struct cli_progress progress;
	int got;

	session_watch(s);
	cli_table_begin(&rows.table, s->cli, columns);
	cli_progress_begin(&progress, s->cli, "working", 0);
	got = act_on_all(b, s, sel, &rows, &progress, err);
	cli_progress_end(&progress);
	if (got == 0)
		flush(&rows);
	cli_table_end(&rows.table);
	arena_release(&rows.arena);
	s->arena = arena;
	if (got < 0)
		return -1;
	if (rows.n_all == 0)
		cli_notice(s->cli, "nobody is meant");
	return sel->n_unknown > 0;
}

int bulk_named(const struct bulk *b, struct cli *cli, struct err *err)
{
	const struct names none = { 0 };
	SESSION_AUTO s = { 0 };
	SELECTION_AUTO sel = { 0 };

	if (session_open(&s, cli, err) < 0 || selection_open(&sel, &s, &(struct wanted){ .where = &none }, err) < 0)
		return -1;
	return bulk_run(b, &s, &sel, err);
}
