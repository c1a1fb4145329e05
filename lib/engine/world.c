#include "engine/world.h"

#include "author/author.h"
#include "base/arena.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/zone.h"
#include "engine/awaited.h"
#include "format/liquid.h"
#include "model/calendar.h"
#include "store/db.h"
#include "store/document_store.h"
#include "store/team_store.h"

#include <stdlib.h>
#include <string.h>

/* A version of a pipeline's steps that somebody still follows. */
struct old_version {
	int64_t id;
	int version;
	const struct pipeline *pipeline;
};

struct compiled {
	const char *text;
	const struct liquid *liquid;
};

struct world {
	struct arena arena;
	int64_t generation;
	struct team team;
	const struct fields *fields;
	bool whole;                /* else only what is above is known */
	struct document *docs;
	size_t n_docs;
	const struct pipeline **pipelines;
	size_t n_pipelines;
	struct old_version *old;
	size_t n_old, cap_old;
	struct zone **zones;
	size_t n_zones, cap_zones;
	const struct zone *zone;
	struct compiled *compiled; /* open addressing by the text's address */
	size_t n_compiled, cap_compiled;
	const char **cares;        /* event types, for world_cares() */
	size_t n_cares, cap_cares;
};

static bool cares(const struct world *w, const char *type)
{
	static const char *const always[] = { "email.replied", "email.bounced", "email.complained", "contact.converted",
		                                  "contact.unsubscribed", "contact.deleted" };

	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (strcmp(always[i], type) == 0)
			return true;
	for (size_t i = 0; i < w->n_cares; i++)
		if (strcmp(w->cares[i], type) == 0)
			return true;
	return false;
}

bool world_cares(const struct world *w, const char *event_type)
{
	BUG_ON(!w->whole);
	return cares(w, event_type);
}

static void note_type(const char *type, void *ctx)
{
	struct world *w = ctx;

	if (cares(w, type))
		return;
	ARENA_GROW(&w->arena, &w->cares, &w->cap_cares, w->n_cares);
	w->cares[w->n_cares++] = type;
}

static void note_types(struct world *w, const struct pipeline *p)
{
	for (size_t i = 0; i < p->n_stop; i++)
		cond_event_types(p->stop[i], note_type, w);
	for (size_t i = 0; i < p->enroll.n_starts; i++)
		cond_event_types(p->enroll.starts[i].when, note_type, w);
	awaited_of(p, note_type, w);
}

int pipeline_load_version(struct db *db, int64_t team, int64_t pipeline, int version, struct arena *a,
                          struct pipeline *ret, struct err *err)
{
	struct document_version v;
	struct document doc;
	int got = version_load(db, team, pipeline, version, a, &v, err);

	if (got <= 0)
		return got;
	if (author_read(a, v.body, strlen(v.body), &doc, err) < 0)
		return -1;
	*ret = *doc.pipeline;
	ret->id = pipeline;
	ret->version = version;
	return pipeline_number(ret, a, v.steps, err) < 0 ? -1 : 1;
}

static int load_version(struct world *w, struct db *db, struct pipeline *p, int64_t id, int version, struct err *err)
{
	struct pipeline stored;
	int got = pipeline_load_version(db, w->team.id, id, version, &w->arena, &stored, err);

	if (got <= 0)
		return got;
	p->id = id;
	p->version = version;
	p->steps = stored.steps;
	p->n_steps = stored.n_steps;
	return 1;
}

/* The current version is the text that was read just now: only the numbers of its steps are stored apart. */
static int add_pipeline(struct world *w, const struct document_row *row, const char *numbers, struct pipeline *p,
                        struct err *err)
{
	if (!numbers)
		return err_set(err, ERR_CONFIG, "pipeline %s has no version %d", row->name, row->version);
	if (pipeline_number(p, &w->arena, numbers, err) < 0)
		return -1;
	p->id = row->id;
	p->version = row->version;
	p->paused_at = row->paused;
	note_types(w, p);
	w->pipelines[w->n_pipelines++] = p;
	return 0;
}

/* numbers: of the version's steps; NULL: no version is stored. */
static int add_document(struct world *w, const struct document_row *row, const char *numbers, struct document *doc,
                        struct err *err)
{
	if (author_read(&w->arena, row->body, strlen(row->body), doc, err) < 0)
		return err_prefix(err, "%s/%s", row->kind, row->name);
	switch (doc->kind) {
	case DOC_TEAM:
		doc->as_team->id = w->team.id;
		w->team = *doc->as_team;
		return 0;
	case DOC_FIELDS:
		if (strcmp(doc->name, "contact") == 0)
			w->fields = doc->fields;
		return 0;
	case DOC_PIPELINE:
		return add_pipeline(w, row, numbers, doc->pipeline, err);
	case DOC_CALENDAR:
		doc->calendar->calendar.zone = doc->calendar->zone ? world_zone(w, doc->calendar->zone) : NULL;
		return 0;
	case DOC_MAILBOX:
	case DOC_SMS_GATEWAY:
	case DOC_SEGMENT:
	case DOC_COUPONS:
	case DOC_FORM:
	case DOC_FUNNEL:
	case DOC_TEMPLATE:
	case DOC_KIND_COUNT:
		return 0;
	}
	return 0;
}

/* The text is stored twice, here and as a version: one that changed on the disk must not be sent. */
static int add_stored(struct world *w, struct db *db, const struct document_row *row, struct document *doc,
                      struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct document_version v;
	int got = version_load(db, row->team, row->id, row->version, &a, &v, err);

	if (got < 0)
		return -1;
	if (got > 0 && strcmp(v.body, row->body) != 0)
		return err_set(err, ERR_CONFIG, "%s is damaged: %s '%s' is not what was applied", db_path(db), row->kind, row->name);
	return add_document(w, row, got > 0 ? v.steps : NULL, doc, err);
}

static int load_row(struct world *w, struct db *db, int64_t team, struct err *err)
{
	struct team_row row;
	int got = team_load(db, team, &w->arena, &row, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, ERR_MISSING, "there is no team %lld", (long long)team);
	w->generation = row.generation;
	w->team = (struct team){ .id = row.id, .name = row.name };
	w->fields = NULL;
	return 0;
}

/* The kinds that say what people are made of. */
static const enum doc_kind of_people[] = { DOC_TEAM, DOC_FIELDS };

static bool is_of_people(const struct document_row *row)
{
	for (size_t i = 0; i < ARRAY_LEN(of_people); i++)
		if (strcmp(row->kind, doc_kind_yaml(of_people[i])) == 0)
			return true;
	return false;
}

static int load_kind(struct world *w, struct db *db, enum doc_kind kind, struct err *err)
{
	struct document_row *rows;
	int n = document_list(db, w->team.id, doc_kind_yaml(kind), &w->arena, &rows, err);

	for (int i = 0; i < n; i++) {
		struct document doc;

		if (add_stored(w, db, &rows[i], &doc, err) < 0)
			return -1;
	}
	return err_or_none(n);
}

static int load_people(struct world *w, struct db *db, int64_t team, struct err *err)
{
	if (load_row(w, db, team, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(of_people); i++)
		if (load_kind(w, db, of_people[i], err) < 0)
			return -1;
	w->zone = world_zone(w, w->team.timezone);
	return 0;
}

int world_load_people(struct db *db, int64_t team, struct world **ret, struct err *err)
{
	SNAPSHOT_AUTO snapshot = SNAPSHOT_INIT;
	struct world *w = xcalloc(1, sizeof *w);

	w->zone = zone_utc();
	if (snapshot_begin(&snapshot, db, err) < 0 || load_people(w, db, team, err) < 0) {
		world_free(w);
		return -1;
	}
	*ret = w;
	return 0;
}

/* All must be of one generation. */
static int load_people_again(struct world *w, struct db *db, struct err *err)
{
	int64_t generation;

	if (team_generation(db, w->team.id, &generation, err) < 0)
		return -1;
	return generation == w->generation ? 0 : load_people(w, db, w->team.id, err);
}

static int load_rest(struct world *w, struct db *db, struct err *err)
{
	struct document_row *rows;
	int n = document_list(db, w->team.id, NULL, &w->arena, &rows, err);

	if (n < 0)
		return -1;
	w->docs = arena_array(&w->arena, (size_t)n + 1, sizeof *w->docs);
	w->pipelines = arena_array(&w->arena, (size_t)n + 1, sizeof(struct pipeline *));
	w->n_docs = w->n_pipelines = 0;
	for (int i = 0; i < n; i++)
		if (!is_of_people(&rows[i]) && add_stored(w, db, &rows[i], &w->docs[w->n_docs++], err) < 0)
			return -1;
	return awaited_types(db, w->team.id, &w->arena, note_type, w, err);
}

int world_complete(struct world *w, struct db *db, struct err *err)
{
	SNAPSHOT_AUTO snapshot = SNAPSHOT_INIT;

	if (w->whole)
		return 0;
	if (snapshot_begin(&snapshot, db, err) < 0 || load_people_again(w, db, err) < 0 || load_rest(w, db, err) < 0)
		return -1;
	w->whole = true;
	return 0;
}

void world_free(struct world *w)
{
	for (size_t i = 0; i < w->n_zones; i++)
		zone_free(w->zones[i]);
	free(w->zones);
	free(w->compiled);
	arena_release(&w->arena);
	free(w);
}

int64_t world_generation(const struct world *w)
{
	return w->generation;
}

const struct team *world_team(const struct world *w)
{
	return &w->team;
}

const struct fields *world_fields(const struct world *w)
{
	return w->fields;
}

static const struct document *find(const struct world *w, enum doc_kind kind, const char *name)
{
	BUG_ON(!w->whole);
	if (!name)
		return NULL;
	for (size_t i = 0; i < w->n_docs; i++)
		if (w->docs[i].kind == kind && strcmp(w->docs[i].name, name) == 0)
			return &w->docs[i];
	return NULL;
}

const struct mailbox *world_mailbox(const struct world *w, const char *name)
{
	const struct document *d = find(w, DOC_MAILBOX, name);

	return d ? d->mailbox : NULL;
}

const struct mailbox *world_mailbox_next(const struct world *w, size_t *at)
{
	BUG_ON(!w->whole);
	while (*at < w->n_docs) {
		const struct document *d = &w->docs[(*at)++];

		if (d->kind == DOC_MAILBOX)
			return d->mailbox;
	}
	return NULL;
}

size_t world_mailbox_count(const struct world *w)
{
	size_t n = 0;

	for (size_t at = 0; world_mailbox_next(w, &at) != NULL;)
		n++;
	return n;
}

const struct template *world_template(const struct world *w, const char *name)
{
	const struct document *d = find(w, DOC_TEMPLATE, name);

	return d ? d->template : NULL;
}

static const struct calendar *world_calendar(const struct world *w, const char *name)
{
	const struct document *d = find(w, DOC_CALENDAR, name);

	if (name && strcmp(name, "always") == 0)
		return calendar_always();
	return d ? &d->calendar->calendar : NULL;
}

const struct pipeline *world_pipeline(const struct world *w, const char *name)
{
	BUG_ON(!w->whole);
	for (size_t i = 0; i < w->n_pipelines; i++)
		if (strcmp(w->pipelines[i]->name, name) == 0)
			return w->pipelines[i];
	return NULL;
}

const struct pipeline *const *world_pipelines(const struct world *w, size_t *ret_n)
{
	BUG_ON(!w->whole);
	*ret_n = w->n_pipelines;
	return w->pipelines;
}

const struct pipeline *world_pipeline_by_id(const struct world *w, int64_t id)
{
	BUG_ON(!w->whole);
	for (size_t i = 0; i < w->n_pipelines; i++)
		if (w->pipelines[i]->id == id)
			return w->pipelines[i];
	return NULL;
}

int world_pipeline_version(struct world *w, struct db *db, int64_t id, int version, const struct pipeline **ret,
                           struct err *err)
{
	const struct pipeline *now = world_pipeline_by_id(w, id);
	struct pipeline *p;
	int got;

	if (!now || now->version == version) {
		*ret = now;
		return now != NULL;
	}
	for (size_t i = 0; i < w->n_old; i++) {
		if (w->old[i].id == id && w->old[i].version == version) {
			*ret = w->old[i].pipeline;
			return 1;
		}
	}
	p = ARENA_NEW(&w->arena, struct pipeline);
	*p = *now;
	got = load_version(w, db, p, id, version, err);
	if (got <= 0)
		return got;
	ARENA_GROW(&w->arena, &w->old, &w->cap_old, w->n_old);
	w->old[w->n_old++] = (struct old_version){ id, version, p };
	*ret = p;
	return 1;
}

const struct zone *world_zone(struct world *w, const char *name)
{
	struct err ignored = ERR_INIT;
	struct zone *z;

	if (!name)
		return w->zone;
	for (size_t i = 0; i < w->n_zones; i++)
		if (strcmp(zone_name(w->zones[i]), name) == 0)
			return w->zones[i];
	if (zone_open(name, &z, &ignored) < 0)
		return w->zone;
	GROW(&w->zones, &w->cap_zones, w->n_zones);
	w->zones[w->n_zones++] = z;
	return z;
}

static const struct calendar *calendar_by_name(const void *ctx, const char *name)
{
	return world_calendar(ctx, name);
}

/* Whose open days are business days: `always` names none. */
static const struct calendar *business_calendar(const struct world *w, const char *hours)
{
	return hours && strcmp(hours, "always") != 0 ? world_calendar(w, hours) : NULL;
}

struct surroundings world_surroundings(struct world *w, const struct contact *c)
{
	return (struct surroundings){
		.zone = world_zone(w, contact_get(c, "timezone")),
		.business = business_calendar(w, w->team.hours),
		.calendar = calendar_by_name,
		.ctx = w,
		.team_hours = w->team.hours,
	};
}

struct surroundings world_surroundings_in(struct world *w, const struct pipeline *p, const struct contact *c)
{
	struct surroundings s = world_surroundings(w, c);
	const struct calendar *own = business_calendar(w, p->hours);

	if (own)
		s.business = own;
	return s;
}

static size_t slot_of(const struct world *w, const char *text)
{
	size_t mask = w->cap_compiled - 1, i = hash_bytes(&text, sizeof text) & mask;

	while (w->compiled[i].text && w->compiled[i].text != text)
		i = (i + 1) & mask;
	return i;
}

static void grow_compiled(struct world *w)
{
	struct compiled *old = w->compiled;
	size_t n = w->cap_compiled;

	w->cap_compiled = n ? n * 2 : 64;
	w->compiled = xcalloc(w->cap_compiled, sizeof *w->compiled);
	for (size_t i = 0; i < n; i++)
		if (old[i].text)
			w->compiled[slot_of(w, old[i].text)] = old[i];
	free(old);
}

const struct liquid *world_liquid(struct world *w, const char *text, struct err *err)
{
	struct liquid_problem problem;
	struct compiled *c;

	if (w->n_compiled * 2 >= w->cap_compiled)
		grow_compiled(w);
	c = &w->compiled[slot_of(w, text)];
	if (c->text)
		return c->liquid;
	if (liquid_compile(&w->arena, text, strlen(text), &c->liquid, &problem) < 0) {
		err_set(err, ERR_CONFIG, "a stored template is invalid: line %u: %s", problem.line, problem.message);
		return NULL;
	}
	c->text = text;
	w->n_compiled++;
	return c->liquid;
}
