#ifndef PW_STORE_COMPANY_STORE_H
#define PW_STORE_COMPANY_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct arena;
struct db;

/* Answers by mail domain, for `replied: company`: who else works there is not written to any more. */
int company_reply_insert(struct db *db, int64_t team, const char *domain, int64_t event, struct err *err) PW_CHECK;

/* Did somebody with an address there answer, in an event behind `after`? 1, 0, -1. */
int company_replied(struct db *db, int64_t team, const char *domain, int64_t after, struct err *err) PW_CHECK;

/* The open runs in a pipeline of all people with an address there; *ret in the arena. Returns how many. */
int run_list_of_domain(struct db *db, int64_t team, int64_t pipeline, const char *domain, struct arena *a,
                       int64_t **ret, struct err *err) PW_CHECK;

#endif
