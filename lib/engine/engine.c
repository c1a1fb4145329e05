#include "engine/engine.h"

#include "base/mem.h"
#include "base/random.h"
#include "store/document_store.h"
#include "store/queue_store.h"
#include "store/team_store.h"

#include <stdlib.h>
#include <string.h>

struct lane_id {
	int64_t team, id;
	char *kind, *name;
};

void engine_init(struct engine *e, struct db *db, int64_t now, const char *actor, const char *source)
{
	*e = (struct engine){ .db = db, .now = now, .actor = actor, .source = source, .token = random_token(), .etc = SHARED_ETC };
}

static void forget_lanes(struct engine *e)
{
	for (size_t i = 0; i < e->n_lanes; i++) {
		free(e->lanes[i].kind);
		free(e->lanes[i].name);
	}
	e->n_lanes = 0;
}

void engine_release(struct engine *e)
{
	for (size_t i = 0; i < e->n_worlds; i++)
		world_free(e->worlds[i]);
	free(e->worlds);
	forget_lanes(e);
	free(e->lanes);
	*e = (struct engine){ 0 };
}

int engine_people(struct engine *e, int64_t team, struct world **ret, struct err *err)
{
	for (size_t i = 0; i < e->n_worlds; i++) {
		if (world_team(e->worlds[i])->id == team) {
			*ret = e->worlds[i];
			return 0;
		}
	}
	GROW(&e->worlds, &e->cap_worlds, e->n_worlds);
	if (world_load_people(e->db, team, &e->worlds[e->n_worlds], err) < 0)
		return -1;
	*ret = e->worlds[e->n_worlds++];
	return 0;
}

int engine_world(struct engine *e, int64_t team, struct world **ret, struct err *err)
{
	return engine_people(e, team, ret, err) < 0 ? -1 : world_complete(*ret, e->db, err);
}

int engine_refresh(struct engine *e, struct err *err)
{
	int64_t others = 0;
	size_t kept = 0;

	if (db_others(e->db, &others, err) < 0)
		return -1;
	if (others != e->others)
		e->changes++;
	e->others = others;
	for (size_t i = 0; i < e->n_worlds; i++) {
		struct world *w = e->worlds[i];
		int64_t generation = 0;

		if (team_generation(e->db, world_team(w)->id, &generation, err) < 0)
			return -1;
		if (generation == world_generation(w)) {
			e->worlds[kept++] = w;
			continue;
		}
		world_free(w);
		e->changes++;
	}
	e->n_worlds = kept;
	return 0;
}

int engine_lane(struct engine *e, int64_t team, const char *kind, const char *name, int64_t *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane lane;

	for (size_t i = 0; i < e->n_lanes; i++) {
		const struct lane_id *l = &e->lanes[i];

		if (l->team == team && strcmp(l->name, name) == 0 && strcmp(l->kind, kind) == 0) {
			*ret = l->id;
			return 0;
		}
	}
	if (lane_get(e->db, team, kind, name, &a, &lane, err) < 0)
		return -1;
	GROW(&e->lanes, &e->cap_lanes, e->n_lanes);
	e->lanes[e->n_lanes++] = (struct lane_id){ team, lane.id, xstrdup(kind), xstrdup(name) };
	*ret = lane.id;
	return 0;
}

int pipeline_label(struct engine *e, int64_t team, int64_t pipeline, struct arena *a, const char **ret,
                   struct err *err)
{
	const struct pipeline *p;
	struct document_version v;
	struct world *w;
	int got = 1;

	if (engine_world(e, team, &w, err) < 0)
		return -1;
	p = world_pipeline_by_id(w, pipeline);
	if (!p)
		got = version_newest(e->db, team, pipeline, a, &v, err);
	*ret = p ? p->name : got > 0 ? v.name : "?";
	return err_or_none(got);
}
