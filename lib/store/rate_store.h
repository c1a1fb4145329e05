#ifndef PW_STORE_RATE_STORE_H
#define PW_STORE_RATE_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct arena;
struct db;

/* Mails of a mailbox's lane that came back or were complained about. */
enum bad_mail { BAD_BOUNCE, BAD_COMPLAINT, BAD_KINDS };

int bad_mail_insert(struct db *db, int64_t team, int64_t lane, enum bad_mail kind, int64_t at, int64_t message,
                    struct err *err) PW_CHECK;

/* How many since an instant. */
int bad_mail_count(struct db *db, int64_t team, int64_t lane, enum bad_mail kind, int64_t since, int64_t *ret,
                   struct err *err) PW_CHECK;

/* Forgets those before an instant. */
int bad_mail_forget(struct db *db, int64_t team, int64_t lane, int64_t before, struct err *err) PW_CHECK;

/* How many mails of the lane the server has answered since an instant: at most `most`, the rest is not looked at. */
int mail_count_since(struct db *db, int64_t team, int64_t lane, int64_t since, int64_t most, int64_t *ret,
                     struct err *err) PW_CHECK;

/* What the guard of a mailbox knows. */
struct lane_guard {
	int64_t counted_from;          /* when somebody resumed it: what was before does not count any more */
	int64_t next[BAD_KINDS];       /* below so many there can be nothing wrong */
	int64_t checked_at[BAD_KINDS]; /* when that was counted */
	const char *text;              /* why it paused itself; "" it did not */
};

/* All zero when there is none yet. */
int lane_guard_load(struct db *db, int64_t team, int64_t lane, struct arena *a, struct lane_guard *ret, struct err *err)
	PW_CHECK;
int lane_guard_save(struct db *db, int64_t team, int64_t lane, const struct lane_guard *g, struct err *err) PW_CHECK;

#endif
