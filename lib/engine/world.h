#ifndef PW_ENGINE_WORLD_H
#define PW_ENGINE_WORLD_H

#include "base/attr.h"
#include "base/err.h"
#include "model/contact.h"
#include "model/decide.h"
#include "model/fields.h"
#include "model/mailbox.h"
#include "model/pipeline.h"
#include "model/team.h"
#include "model/template.h"

#include <stdint.h>

struct db;
struct liquid;
struct world;

/*
 * One team's documents, loaded from the store and linked: what counts as of now. Loaded once per tick or
 * command, again when the team's generation has grown. Everything in it is borrowed by its users.
 *
 * world_load_people() loads only what says of what people are made: the team and its fields, which is all that reading
 * and writing them needs. world_complete() loads the others, if they are not there yet: until then nobody may ask for
 * a mailbox, template, calendar or pipeline, or whether an event is cared for.
 */
int world_load_people(struct db *db, int64_t team, struct world **ret, struct err *err) PW_CHECK;
int world_complete(struct world *w, struct db *db, struct err *err) PW_CHECK;
void world_free(struct world *w);

int64_t world_generation(const struct world *w);
const struct team *world_team(const struct world *w);
const struct fields *world_fields(const struct world *w); /* of contacts; NULL: none declared */

/* By name; NULL: there is none, or the name is NULL. */
const struct mailbox *world_mailbox(const struct world *w, const char *name);
const struct template *world_template(const struct world *w, const char *name);
const struct pipeline *world_pipeline(const struct world *w, const char *name);

/* The next mailbox from *at on, which is moved behind it; NULL: no more. Begin with *at = 0. */
const struct mailbox *world_mailbox_next(const struct world *w, size_t *at);
size_t world_mailbox_count(const struct world *w);

/* All pipelines in the order of their names. */
const struct pipeline *const *world_pipelines(const struct world *w, size_t *ret_n);

/* By the store's id, as of now; NULL: deleted. */
const struct pipeline *world_pipeline_by_id(const struct world *w, int64_t id);

/* A stored version of a pipeline, its steps numbered; everything in the arena. 1, 0 there is no such version, -1. */
int pipeline_load_version(struct db *db, int64_t team, int64_t pipeline, int version, struct arena *a,
                          struct pipeline *ret, struct err *err) PW_CHECK;

/*
 * Everything as of now, but the steps of this version: what a run follows. Loaded when first asked for.
 * 1, 0 there is no such version (or the pipeline was deleted), -1.
 */
int world_pipeline_version(struct world *w, struct db *db, int64_t id, int version, const struct pipeline **ret,
                           struct err *err) PW_CHECK;

/* A time zone by name, kept open; NULL name or an unknown one: the team's. */
const struct zone *world_zone(struct world *w, const char *name);

/* Time as a contact sees it, and as one does who is in this pipeline: its calendar counts business days, else the
 * team's, else Monday to Friday. */
struct surroundings world_surroundings(struct world *w, const struct contact *c);
struct surroundings world_surroundings_in(struct world *w, const struct pipeline *p, const struct contact *c);

/*
 * A text compiled, kept for the next use (the key is the text's address, which lives as long as the world).
 * NULL with *err set when it is no valid Liquid: documents are checked at apply, so this is a program's error.
 */
const struct liquid *world_liquid(struct world *w, const char *text, struct err *err);

/*
 * The name of the team's time zone alone, in the arena; NULL: its document names none. team 0: the one that all teams
 * share, else NULL. For struct cli_program, and for programs that serve all teams.
 */
struct arena;
int world_common_zone(struct db *db, int64_t team, struct arena *arena, const char **ret, struct err *err) PW_CHECK;

/* Does any pipeline's stop rule or start look at events of this type? */
bool world_cares(const struct world *w, const char *event_type);

#endif
