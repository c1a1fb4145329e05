#ifndef PW_STORE_DOCUMENT_STORE_H
#define PW_STORE_DOCUMENT_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct db;

/* A document as applied. Texts are never NULL. */
struct document_row {
	int64_t id, team;
	const char *kind;     /* "Pipeline" */
	const char *name;
	const char *body;     /* canonical YAML */
	const char *folder;   /* where `apply DIR` found it, for --prune; "" when it came from a file or stdin */
	const char *source;   /* file name, for people */
	int version;          /* grows with each change of the body; pipelines: of the steps too */
	int next_step;        /* the next permanent step number; pipelines only */
	int64_t paused;       /* since then, 0: it is not; run state, not the document's */
	int64_t created_at, updated_at;
};

int document_insert(struct db *db, int64_t team, struct document_row *d, struct err *err) PW_CHECK;
int document_update(struct db *db, int64_t team, const struct document_row *d, struct err *err) PW_CHECK;
int document_delete(struct db *db, int64_t team, int64_t id, struct err *err) PW_CHECK;
int document_find(struct db *db, int64_t team, const char *kind, const char *name, struct arena *a,
                  struct document_row *ret, struct err *err) PW_CHECK; /* 1, 0, -1 */

/* All documents of a team (kind NULL: every kind), by kind and name; *ret in the arena; returns how many. */
int document_list(struct db *db, int64_t team, const char *kind, struct arena *a, struct document_row **ret,
                  struct err *err) PW_CHECK;

/* An immutable version. steps: the permanent numbers of a pipeline's steps in order, divided by blanks. */
struct document_version {
	int64_t document;
	int version;
	const char *kind, *name, *body, *steps, *actor;
	int64_t created_at;
};

int version_insert(struct db *db, int64_t team, const struct document_version *v, struct err *err) PW_CHECK;
int version_load(struct db *db, int64_t team, int64_t document, int version, struct arena *a,
                 struct document_version *ret, struct err *err) PW_CHECK; /* 1, 0, -1 */
int version_list(struct db *db, int64_t team, int64_t document, struct arena *a, struct document_version **ret,
                 struct err *err) PW_CHECK; /* newest first */

/* The newest version of a document that may be deleted by now: its name for finished runs. 1, 0, -1. */
int version_newest(struct db *db, int64_t team, int64_t document, struct arena *a, struct document_version *ret,
                   struct err *err) PW_CHECK;

#endif
