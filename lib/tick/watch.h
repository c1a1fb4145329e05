#ifndef PW_TICK_WATCH_H
#define PW_TICK_WATCH_H

#include "base/attr.h"
#include "base/err.h"

struct db;

/*
 * The files from which mailboxes that rest take their passwords: when one of them changes, its mailbox tries to log in
 * once, before its hour is over. Looking at them is all that an idle tick does besides its one question.
 */

#define WATCH_STAMP 96

/* What tells one state of a file from another: inode, size, times. "" when there is none that can be looked at. */
void watch_stamp(const char *path, char ret[WATCH_STAMP]);

/* Has any of them changed since its mailbox rests? 1, 0, -1. */
int watch_any_changed(struct db *db, struct err *err) PW_CHECK;

#endif
