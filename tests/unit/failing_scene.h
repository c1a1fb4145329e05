#ifndef PW_TESTS_FAILING_SCENE_H
#define PW_TESTS_FAILING_SCENE_H

#include "every_failure.h"

#include "store/message_store.h"

/*
 * A fixture in which something of every kind has happened: anna@ is in desk (a task), waits, shell (her mail is in doubt) and
 * far (no server); p0@ to p3@ are in two, and p0@ is blocked in holes. The rest is what calls need of it; each returns 0 or -1.
 */
enum { HOUR = 3600, DAY = 24 * HOUR };

#define LANE_OF(name) "SELECT id FROM lane WHERE kind = 'mailbox' AND name = '" name "'"
#define RUN_OF(pipeline)                                                                                              \
	"SELECT r.id FROM run r JOIN document d ON d.id = r.pipeline WHERE d.name = '" pipeline "' ORDER BY r.id LIMIT 1"
#define MAIL_IN(state)    "SELECT min(id) FROM message WHERE state = '" state "'"
#define MAIL_OF(pipeline) "SELECT max(id) FROM message WHERE run IN (" RUN_OF(pipeline) ")"

int scene_setup(void **state);

int load_world(struct fixture *f, struct world **ret, struct err *err);
int load_person(struct fixture *f, const char *email, struct world **ret_world, struct contact *ret, struct err *err);
int load_message(struct fixture *f, int64_t id, struct message *ret, struct err *err);
int found(int got);

/* To p1@, from the mailbox free, or from far (from > 0). */
int write_letter(struct fixture *f, int64_t from, struct err *err);

/* What only reads: lists, why, stats, check, exports, simulations ... */
extern const struct call scene_reads[];
extern const size_t scene_reads_count;

/* `pipectl queue`; later > 0: all that is planned, > 1: of the mailbox hello. */
int list_queue(struct fixture *f, int64_t later, struct err *err);

/* What somebody did to the file with another program; how many rows there are of something. */
void change(struct fixture *f, const char *sql);
int64_t count(struct fixture *f, const char *what);

/* As the next program does it, at the same instant: no documents are loaded. */
void look_anew(struct fixture *f);

/* All that people look at, of the runs and messages that there are; and of each way to a statement what becomes of a failure. */
void look_at_all(struct fixture *f);

/* For the end: says how many statements failed. */
int report_failures(void **state);

#endif
