#ifndef PW_PIPECTL_REFERENCE_H
#define PW_PIPECTL_REFERENCE_H

#include "model/names.h"
#include "store/document_store.h"

struct cli;
struct err;

/* A document as people name it: KIND/NAME, KIND/NAME@VERSION, or KIND. */
struct reference {
	enum doc_kind kind;
	const char *name; /* NULL: only a kind was said */
	int version;      /* 0: the newest */
};

/*
 * Reads one; a word without '/' is a pipeline's name when alone_is_pipeline, else a kind. -1: ERR_USAGE, no such
 * kind or a version that is no number.
 */
int reference_read(struct cli *cli, const char *word, bool alone_is_pipeline, struct reference *ret, struct err *err);

/* The stored document. -1: ERR_MISSING, with the nearest name. In the command's arena. */
int reference_find(struct cli *cli, const struct reference *ref, struct document_row *ret, struct err *err);

/* Its version, as stored then. -1: ERR_MISSING. */
int reference_version(struct cli *cli, const struct document_row *row, int version, struct document_version *ret,
                      struct err *err);

#endif
