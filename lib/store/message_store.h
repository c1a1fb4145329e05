#ifndef PW_STORE_MESSAGE_STORE_H
#define PW_STORE_MESSAGE_STORE_H

#include "base/attr.h"
#include "base/err.h"
#include "model/run.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;

/* One e-mail of one step (UNIQUE run, step, visit: each step happens once), or one without a run. Texts never NULL. */
struct message {
	int64_t id, team, contact;
	int64_t run;               /* 0: written by hand, a test, an alert */
	int step, visit;
	enum message_state state;
	int64_t token;             /* of the claim that may send it */
	int64_t lane;
	const char *message_id;    /* without <>, fixed before the first try */
	const char *mail_from, *rcpt_to; /* envelope */
	const char *subject, *text, *html, *headers; /* what people can read later (S2.40) */
	const char *attachments;   /* their names, a line each; NULL as "" when it is stored */
	const char *const *shared; /* what mails like this one have in common, without anything of a person: stored once */
	size_t n_shared;           /* 0: nothing, or as it was loaded */
	int64_t stencil;           /* where that was stored */
	const char *template;      /* name, or "" */
	int64_t attempts, crashes;
	int64_t created_at, first_try_at, changed_at;
	const char *reply;         /* the server's last answer */
};

/* Stores a new message, whose id is given. Fails (ERR_BUG) when the step has one already. */
int message_insert(struct db *db, int64_t team, struct message *m, struct err *err) PW_CHECK;

/* Everything that may change before it is offered: state, token, envelope, content, attempts. */
int message_update(struct db *db, int64_t team, const struct message *m, struct err *err) PW_CHECK;

int message_load(struct db *db, int64_t team, int64_t id, struct arena *a, struct message *ret, struct err *err)
	PW_CHECK;
int message_find_mid(struct db *db, int64_t team, const char *message_id, struct arena *a, struct message *ret,
                     struct err *err) PW_CHECK;
int message_of_step(struct db *db, int64_t team, int64_t run, int step, int visit, struct arena *a,
                    struct message *ret, struct err *err) PW_CHECK;

/* The newest message of a run, whatever became of it: 1, 0, -1. */
int message_last_of_run(struct db *db, int64_t team, int64_t run, struct arena *a, struct message *ret, struct err *err)
	PW_CHECK;

/* The newest message of a run that was sent or offered, of one step (0: any): 1, 0, -1. For threads. */
int message_last_sent(struct db *db, int64_t team, int64_t run, int step, struct arena *a, struct message *ret,
                      struct err *err) PW_CHECK;

/*
 * THE FENCE. Commits `offered` before the last byte leaves: our claim still, and the run open and at this step,
 * its pipeline active and not paused, the mailbox not paused, the address not suppressed. 1: go; 0: something
 * changed, write nothing; -1. In the caller's transaction, which must be committed before the content is written.
 */
int message_fence(struct db *db, int64_t team, int64_t id, int64_t token, int64_t now, struct err *err) PW_CHECK;

/* From one state to another, only with our token and from that state. 1, 0 it is not so any more, -1. */
int message_move(struct db *db, int64_t team, int64_t id, int64_t token, enum message_state from,
                 enum message_state to, int64_t now, const char *reply, struct err *err) PW_CHECK;

/* Takes whatever of a run has not been offered out of the way: queued, sending, held become dropped. */
int message_drop_of_run(struct db *db, int64_t team, int64_t run, int64_t now, struct err *err) PW_CHECK;

/* Messages of a team in a state that is not the last, oldest first; *ret in the arena; how many. */
int message_list_open(struct db *db, int64_t team, enum message_state state, int64_t after, int max, struct arena *a,
                      struct message **ret, struct err *err) PW_CHECK;
/* How many messages of a team wait in such a state (message_state_waits()); team 0: of all teams. */
int message_count_waiting(struct db *db, int64_t team, enum message_state state, int64_t *ret, struct err *err) PW_CHECK;

/* Those that went to a contact, oldest first; *ret in the arena; how many. */
int message_list_of_contact(struct db *db, int64_t team, int64_t contact, struct arena *a, struct message **ret,
                            struct err *err) PW_CHECK;

/*
 * A claim of a message, from claim to answer, with the bytes that go out where the message does not give them again.
 */
struct claim {
	int64_t message, team;
	int64_t item, lane;        /* the queue row that was taken */
	int class;
	int64_t due, token;
	int64_t slot_at;           /* quota slot that was taken; 0: none */
	const void *bytes;
	size_t len;
};

int claim_insert(struct db *db, int64_t team, const struct claim *d, struct err *err) PW_CHECK;

/* Only with its token (CLAIM_SET_ASIDE: one that was set aside): 1, 0 there is no such claim any more, -1. */
#define CLAIM_SET_ASIDE 0
int claim_remove(struct db *db, int64_t team, int64_t message, int64_t token, struct err *err) PW_CHECK;

/* It went at another instant than was planned. */
int claim_set_slot(struct db *db, int64_t team, int64_t message, int64_t slot_at, struct err *err) PW_CHECK;

/* An in-doubt message keeps its bytes until it is settled, but no tick looks at them any more. */
int claim_set_aside(struct db *db, int64_t team, int64_t message, struct err *err) PW_CHECK;

/* All that are not set aside, for every team: what a dead tick left (called with the tick's lock held). */
int claim_list(struct db *db, struct arena *a, struct claim **ret, struct err *err) PW_CHECK;
int claim_load(struct db *db, int64_t team, int64_t message, struct arena *a, struct claim *ret,
                  struct err *err) PW_CHECK;

/* Content of an attachment: 1, 0, -1. */
int attachment_load(struct db *db, int64_t team, const char *sha256, struct arena *a, const void **ret,
                    size_t *ret_len, struct err *err) PW_CHECK;
int attachment_insert(struct db *db, int64_t team, const char *sha256, const void *data, size_t len,
                      struct err *err) PW_CHECK;

#endif
