#ifndef PW_ENGINE_ENGINE_H
#define PW_ENGINE_ENGINE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "engine/world.h"
#include "store/db.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What a command or a tick works with: the store, now, who acts, and the teams' documents, loaded when first
 * needed. Use cases (enroll, import, apply, a tick) take it first.
 */
struct lane_id;
struct enroll_result;

struct engine {
	struct db *db;
	int64_t now;
	const char *actor;     /* account or program, for the feed */
	const char *source;    /* manual pipeline import sync web inbox */
	int64_t token;         /* tells the claims of this tick from those of one that died: random */
	bool no_deaths;        /* no tick has died over any item: crash.h */
	bool shared;           /* several accounts use the database: see premises.h */
	const char *etc;       /* SHARED_ETC; tests have another */
	bool no_auto_enroll;   /* `--no-auto-enroll`: nothing starts by itself */
	const char *say_team;  /* what commands that are printed for copying name with --team; NULL: no need to */

	/* Told of each entry that was tried by itself; values live as long as the call. NULL: nobody asks. */
	void (*on_entry)(void *ctx, const struct pipeline *p, const struct contact *c, const struct enroll_result *r);
	void *on_entry_ctx;

	uint64_t changes;      /* of people, their runs and documents that were noticed; see below */
	int64_t others;        /* db_others() at the last look */
	struct world **worlds;
	size_t n_worlds, cap_worlds;
	struct lane_id *lanes; /* ids of lanes that were looked up */
	size_t n_lanes, cap_lanes;
};

void engine_init(struct engine *e, struct db *db, int64_t now, const char *actor, const char *source);
void engine_release(struct engine *e);
#define ENGINE_AUTO PW_CLEANUP(engine_release) struct engine

/* What the team's people are made of (engine/world.h), as of now. Owned by the engine. */
int engine_people(struct engine *e, int64_t team, struct world **ret, struct err *err) PW_CHECK;

/* The same, with all the team's documents; loaded again when they changed since. */
int engine_world(struct engine *e, int64_t team, struct world **ret, struct err *err) PW_CHECK;

/*
 * At the beginning of each transaction of a tick: looks whether documents of loaded teams changed, and forgets those
 * teams. As long as e->changes stays the same, a person, a run or a document that was loaded is as it would be loaded
 * now: it counts what other programs did, and what came in by the one door and had consequences. What the caller
 * himself does to the run in hand he knows.
 */
int engine_refresh(struct engine *e, struct err *err) PW_CHECK;

/* The id of a lane (store/queue_store.h), made when it is missing. */
int engine_lane(struct engine *e, int64_t team, const char *kind, const char *name, int64_t *ret, struct err *err)
	PW_CHECK;

/* The name of a pipeline, also of one that was deleted since. In the arena or the world. */
int pipeline_label(struct engine *e, int64_t team, int64_t pipeline, struct arena *a, const char **ret,
                   struct err *err) PW_CHECK;

#endif
