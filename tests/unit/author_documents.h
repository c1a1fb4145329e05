#ifndef PW_TESTS_AUTHOR_DOCUMENTS_H
#define PW_TESTS_AUTHOR_DOCUMENTS_H

/* Models for tests, from the YAML that people write. */
#include "author/author.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

/* A document as the store hands it out. */
static inline struct document *document_of(struct arena *a, const char *yaml)
{
	struct document *d = ARENA_NEW(a, struct document);
	struct err err = ERR_INIT;

	if (author_read(a, yaml, strlen(yaml), d, &err) < 0)
		fail_msg("%s\n%s", err.text, yaml);
	return d;
}

/* A pipeline with these steps; "" is one without. */
static inline struct pipeline *pipeline_of(struct arena *a, const char *steps)
{
	return document_of(a, arena_printf(a, "kind: Pipeline\nname: p\nsteps:\n%s", steps))->pipeline;
}

/* A condition as it may stand behind `if:`. */
static inline const struct cond *cond_of(struct arena *a, const char *yaml)
{
	return pipeline_of(a, arena_printf(a, "  - if: %s\n    then: [{tag: x}]\n", yaml))->steps[0].cond;
}

#endif
