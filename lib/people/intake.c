#include "people/intake.h"

#include "people/unwanted.h"

#define ID_BLOCK 1000
#define CACHE_MB 20 /* most of the index of addresses, in which each row of a table hits another page */

static void take_refusal(struct intake *in, const struct pipeline *p, const struct contact *c,
                         const struct enroll_result *r)
{
	in->counts.refused++;
	if (in->options->refused && !in->failed)
		in->failed = in->options->refused(in->options->ctx, p, c, r, &in->problem) < 0;
}

/* named: the caller asked for this pipeline; else it may be none for everybody. */
static void take_entry(struct intake *in, const struct pipeline *p, const struct contact *c,
                       const struct enroll_result *r, bool named)
{
	switch (r->how) {
	case ENROLL_STARTED:
	case ENROLL_UPDATED:
	case ENROLL_QUEUED:
		in->counts.enrolled++;
		return;
	case ENROLL_BLOCKED:
		in->counts.enrolled++;
		in->counts.blocked++;
		return;
	case ENROLL_SUPPRESSED:
	case ENROLL_HOLE:
	case ENROLL_NO_MAILBOX:
	case ENROLL_ACTIVE:
		take_refusal(in, p, c, r);
		return;
	case ENROLL_AGAIN:
	case ENROLL_IF:
	case ENROLL_INACTIVE:
	case ENROLL_UNKNOWN:
		if (named)
			take_refusal(in, p, c, r);
		return;
	}
}

static void note_entry(void *ctx, const struct pipeline *p, const struct contact *c, const struct enroll_result *r)
{
	take_entry(ctx, p, c, r, false);
}

int intake_begin(struct intake *in, struct engine *e, struct world *w, const struct intake_options *options,
                 struct err *err)
{
	*in = (struct intake){ .engine = e, .world = w, .options = options };
	e->on_entry = note_entry;
	e->on_entry_ctx = in;
	db_id_block(e->db, ID_BLOCK);
	if (db_cache(e->db, CACHE_MB, err) < 0)
		return -1;
	return chunk_begin(&in->chunk, e->db, options->dry_run, err);
}

static int enroll(struct intake *in, struct contact *c, struct arena *a, struct err *err)
{
	const struct enrollment how = { .by_hand = true, .enroller = in->engine->actor };
	struct enroll_result result;

	for (size_t i = 0; i < in->options->n_pipelines; i++) {
		if (enroll_start(in->engine, in->world, in->options->pipelines[i], c, &how, a, &result, err) < 0)
			return -1;
		in->counts.refused_named += !enrolled_ok(result.how);
		take_entry(in, in->options->pipelines[i], c, &result, true);
	}
	return 0;
}

int intake_take(struct intake *in, struct person *p, struct arena *a, struct err *err)
{
	int64_t *const counts[] = { &in->counts.created, &in->counts.updated, &in->counts.unchanged,
		                        &in->counts.skipped };
	struct contact c;
	int how;

	for (size_t i = 0; i < in->options->tags.n; i++)
		if (person_tag(p, in->options->tags.v[i], a, err) < 0)
			return -1;
	how = people_save(in->engine, in->world, p, in->options->rule, a, &c, err);
	if (how < 0)
		return err->kind == ERR_REFUSED ? 0 : -1;
	++*counts[how];
	in->counts.suppressed += c.suppressed != 0;
	if (how != SAVED_SKIPPED && enroll(in, &c, a, err) < 0)
		return -1;
	if (in->failed)
		return *err = in->problem, -1;
	return chunk_step(&in->chunk, err) < 0 ? -1 : 1;
}

int intake_veil(struct intake *in, const char *veil, unsigned reasons, struct err *err)
{
	int added = unwanted_take(in->engine, world_team(in->world)->id, veil, reasons, err);

	if (added < 0)
		return -1;
	in->counts.unwanted += added;
	in->any_veils = true;
	return chunk_step(&in->chunk, err);
}

/* People who are here already may be those whom another database must not write to. */
static int mark_known(struct intake *in, struct err *err)
{
	int64_t marked;

	if (!in->any_veils)
		return 0;
	if (unwanted_mark(in->engine, world_team(in->world)->id, &in->chunk, &marked, err) < 0)
		return -1;
	in->counts.updated += marked;
	in->counts.suppressed += marked;
	return 0;
}

int intake_end(struct intake *in, struct err *err)
{
	if (mark_known(in, err) < 0)
		return -1;
	if (chunk_end(&in->chunk, err) < 0)
		return -1;
	db_checkpoint(in->engine->db);
	return 0;
}

void intake_release(struct intake *in)
{
	chunk_release(&in->chunk);
}
