#ifndef PW_STORE_FEED_PRIVATE_H
#define PW_STORE_FEED_PRIVATE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct db;

/*
 * The id of a row that is an event of the instant `at`, or may be one: event, contact, run.
 *
 * Ids hardly tell the time: they are taken in blocks, which several programs use up at once, and clocks are set back. So
 * a mark is left when an event happens FEED_MARK_S or more after the last mark, and nobody gives it, or what is later,
 * an id from before it. Between two marks there may be any order.
 */
#define FEED_MARK_S 900

int feed_new_id(struct db *db, int64_t at, int64_t *ret, struct err *err) PW_CHECK;

#endif
