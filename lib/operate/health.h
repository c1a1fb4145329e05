#ifndef PW_OPERATE_HEALTH_H
#define PW_OPERATE_HEALTH_H

#include "engine/engine.h"

/* Is all well? For monitoring (FEATURES second list 27): levels and exit statuses as those of monitoring plugins. */
enum health {
	HEALTH_OK,
	HEALTH_WARNING,
	HEALTH_CRITICAL,
	HEALTH_UNKNOWN
};
const char *health_text(enum health level); /* "ok", "warning", ... */

/* From where on something is worth a warning, or critical; ages in seconds. */
struct health_limits {
	int64_t tick_warning, tick_critical;       /* since the last tick ended */
	int64_t backlog_warning, backlog_critical; /* something is due for so long, and nothing holds it */
	int64_t blocked;                           /* so many runs wait for a person */
};

struct health_finding {
	enum health level;
	const char *code; /* tick hold backlog mailbox blocked in-doubt disk spool integrity */
	const char *text; /* for people; in the arena */
};

struct health_report {
	enum health level;     /* the worst */
	struct health_finding *findings;
	size_t n, cap;
	int64_t tick_age;      /* -1: no tick has ever run, or a rehearsal */
	int64_t backlog_age;   /* of the oldest that is due and that nothing holds; 0: none */
	int64_t due;           /* how many are due, held or not */
	int64_t blocked, in_doubt;
	int64_t mailboxes_down, mailboxes_paused;
	int64_t disk_free;     /* bytes that the account may use */
};

struct health_request {
	int64_t team;          /* 0: all teams */
	struct health_limits limits;
	bool rehearsal;        /* --now: ticks and the clock do not matter */
	bool full;             /* reads every page of the database too */
};

/* *ret in the arena. -1 only when that cannot be told. */
int health_check(struct engine *e, const struct health_request *what, struct arena *a, struct health_report *ret,
                 struct err *err) PW_CHECK;

/* A JSON array in the arena: [{"level", "code", "text"}]. */
const char *health_findings_json(const struct health_report *r, struct arena *a);

#endif
