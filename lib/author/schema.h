#ifndef PW_AUTHOR_SCHEMA_H
#define PW_AUTHOR_SCHEMA_H

#include "model/names.h"

#include <stdbool.h>

struct buf;

/*
 * What may be written in documents, from the tables that read them: for `pipectl explain` and `schema`, and for
 * the test that compares pipeline(5) with them.
 */

/*
 * Explains a kind, a map in it or one key: `Pipeline`, `pipeline.enroll`, `Team.members.role`, `step.email`,
 * `condition`; also `events` and `placeholders`, and "" for an overview. Kinds may be written small.
 * Returns 1, or 0 when there is nothing of this name: out then has "; did you mean 'x'?" or nothing.
 */
int schema_explain(const char *path, struct buf *out);

/* One thing that is explained: a kind, a key, a type of event, a root of placeholders. Texts live as long as the call. */
struct explained {
	const char *of;    /* the map that a key is in, "Pipeline"; NULL: it is in none */
	const char *name;
	const char *form;  /* what its value may be: "true or false"; NULL: that is not said */
	const char *about; /* NULL for types of events */
	const char *with;  /* the keys that go with it; NULL */
	bool required;
	bool later;        /* not supported yet */
};

/* The same for programs: calls each for each. 1, or 0 with the nearest in near, as above. */
int schema_explain_each(const char *path, void (*each)(const struct explained *x, void *ctx), void *ctx, struct buf *near);

/* Is a kind known, but not supported yet? */
bool schema_kind_later(enum doc_kind kind);

/* Appends the JSON Schema (draft 2020-12) of one document, for editors. */
void schema_json(struct buf *out);

struct schema_key {
	const char *table;  /* "Pipeline.enroll", "step", "condition" */
	const char *name;
	const char *about;
	bool required;
	bool later;         /* known, but not supported by this version */
};

/* Calls back for each key of each table, in their order. */
void schema_each_key(void (*each)(const struct schema_key *key, void *ctx), void *ctx);

#endif
