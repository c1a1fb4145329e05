#ifndef PW_STORE_CONTACT_QUERY_H
#define PW_STORE_CONTACT_QUERY_H

#include "base/attr.h"
#include "base/err.h"
#include "model/contact.h"

#include <stdbool.h>
#include <stdint.h>

struct db;

/* Which contacts; what an index can tell. Everything that is given must hold. */
struct contact_query {
	const char *tag;             /* has it; NULL: whichever */
	int64_t enrolled;            /* has an open run of this pipeline; 0: whichever */
	int64_t only;                /* this contact alone; 0: whichever */
	bool never_enrolled;         /* has no run and never had one */
	int64_t created_from;        /* UTC, included */
	int64_t created_until;       /* excluded; 0: no end */
	const enum contact_kind *kind; /* NULL: whichever */
};

/*
 * The ids of such contacts behind `after`, in order, at most max; ret has room for max. Returns how many. For
 * work in blocks: what is asked again behind the last one is neither missed nor seen twice.
 */
int contact_query_ids(struct db *db, int64_t team, const struct contact_query *q, int64_t after, int64_t *ret, int max,
                      struct err *err) PW_CHECK;

#endif
