#ifndef PW_ENGINE_AWAITED_H
#define PW_ENGINE_AWAITED_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "model/pipeline.h"

#include <stdint.h>

struct db;

/*
 * Which types of events an `await` of the team waits for. People finish versions of steps that nobody loads any more, so
 * each pipeline that is applied adds its types for good.
 */
int awaited_add(struct db *db, int64_t team, const struct pipeline *p, struct err *err) PW_CHECK;

/* Calls back for each; the texts are in the arena. */
int awaited_types(struct db *db, int64_t team, struct arena *a, void (*each)(const char *type, void *ctx), void *ctx,
                  struct err *err) PW_CHECK;

/* Those of one pipeline as it is. */
void awaited_of(const struct pipeline *p, void (*each)(const char *type, void *ctx), void *ctx);

#endif
