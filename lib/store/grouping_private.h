#ifndef PW_STORE_GROUPING_PRIVATE_H
#define PW_STORE_GROUPING_PRIVATE_H

#include "store/stmt_private.h"

/*
 * Rows counted by what they have in common. SQLite would sort all rows in memory for that where no index has them in
 * order; here only the groups are kept, of which there are few.
 */
struct group {
	int64_t a, b;        /* by these numbers */
	const char *s, *t;   /* and these texts */
	int64_t rows, sum;
};

struct groups {
	struct arena *arena; /* for the list and its texts */
	struct group *list;  /* in order: a, b, s, t */
	size_t n, cap;
};

/*
 * Steps through a statement. Its columns are those that `columns` names, a letter each, in this order: numbers "a" and
 * "b", texts "s" and "t", and "+", a number that is added up.
 */
int groups_count(struct groups *g, struct stmt *st, const char *columns, struct err *err) PW_CHECK;

#endif
