#ifndef PW_STORE_INBOX_STORE_H
#define PW_STORE_INBOX_STORE_H

#include "base/attr.h"
#include "base/err.h"

#include <stdint.h>

struct arena;
struct db;

/* How far a place where answers come in was read: a folder of an IMAP account, a Maildir, a file. */
struct inbox_place {
	const char *mailbox;     /* the Mailbox document's name */
	const char *place;       /* "INBOX", "maildir", .. */
	int64_t validity;        /* UIDVALIDITY of an IMAP folder; 0: never read */
	int64_t last_uid;        /* the highest UID that was read */
	const char *stamp;       /* of a folder or file: while it is the same, nothing new is there */
	int64_t read_at;         /* when it was last read to its end; 0: never */
	int64_t failing_since;   /* 0: it works */
	const char *problem;     /* what is wrong, "" */
};

/* 1, 0 it was never read (then *ret has nothing but the names), -1. Texts in the arena. */
int inbox_load(struct db *db, int64_t team, const char *mailbox, const char *place, struct arena *a,
               struct inbox_place *ret, struct err *err) PW_CHECK;

/* The places of a mailbox as its document has them now: one, or two. */
struct inbox_places {
	const char *mailbox;
	const char *place, *other; /* other: NULL when there is one */
};

/* How they are together; what is known of places that the mailbox had before does not count. */
struct inbox_state {
	int64_t read_at;       /* when all was last read to its end; 0: never */
	int64_t failing_since; /* 0: all of it works */
	const char *problem;   /* of what fails, in the arena; "" */
};
int inbox_look(struct db *db, int64_t team, const struct inbox_places *p, struct arena *a, struct inbox_state *ret,
               struct err *err) PW_CHECK;

int inbox_save(struct db *db, int64_t team, const struct inbox_place *p, struct err *err) PW_CHECK;

/*
 * Mails of a place that have no number: by a name that stays the same. Was it read? 1, and when it was last met in
 * *ret_at; 0, -1.
 */
int inbox_seen(struct db *db, int64_t team, const char *mailbox, const char *name, int64_t *ret_at, struct err *err) PW_CHECK;

/* Marks it as read and met now. */
int inbox_set_seen(struct db *db, int64_t team, const char *mailbox, const char *name, int64_t now, struct err *err) PW_CHECK;

/* Forgets the marks of mails that were not met since an instant. */
int inbox_forget_seen(struct db *db, int64_t team, const char *mailbox, int64_t before, struct err *err) PW_CHECK;

#endif
