#ifndef PW_MODEL_RUN_H
#define PW_MODEL_RUN_H

#include <stdbool.h>
#include <stdint.h>

#define RUN_STATES(X)             \
	X(PENDING,   "pending")       \
	X(RUNNING,   "running")       \
	X(BLOCKED,   "blocked")       \
	X(COMPLETED, "completed")     \
	X(STOPPED,   "stopped")

enum run_state {
#define X(state, text) RUN_##state,
	RUN_STATES(X)
#undef X
};

const char *run_state_text(enum run_state s);
int run_state_parse(const char *text, enum run_state *ret); /* 1, or 0 when it is none */
bool run_state_open(enum run_state s);                      /* pending, running or blocked */
bool run_state_active(enum run_state s);                    /* pending or running */

/* Why a run is blocked. Those that clear themselves when the cause goes are marked 1. */
#define BLOCK_REASONS(X)                  \
	X(NONE,          "",              0)  \
	X(MISSING,       "missing",       0)  \
	X(LATE,          "late",          0)  \
	X(TEMPLATE,      "template",      0)  \
	X(UNDELIVERABLE, "undeliverable", 0)  \
	X(AMBIGUOUS,     "ambiguous",     0)  \
	X(IN_DOUBT,      "in-doubt",      0)  \
	X(QUARANTINED,   "quarantined",   0)  \
	X(QUOTA,         "quota",         1)  \
	X(CAP,           "cap",           1)  \
	X(AUTH,          "auth",          1)  \
	X(SETTINGS,      "settings",      1)  \
	X(INBOX,         "inbox",         1)

enum block_reason {
#define X(reason, text, clears) BLOCK_##reason,
	BLOCK_REASONS(X)
#undef X
};

const char *block_reason_text(enum block_reason r);
int block_reason_parse(const char *text, enum block_reason *ret); /* 1, or 0 when it is none */

#define MESSAGE_STATES(X)           \
	X(QUEUED,      "queued")        \
	X(SENDING,     "sending")       \
	X(OFFERED,     "offered")       \
	X(SENT,        "sent")          \
	X(REFUSED,     "refused")       \
	X(IN_DOUBT,    "in-doubt")      \
	X(HELD,        "held")          \
	X(DROPPED,     "dropped")       \
	X(QUARANTINED, "quarantined")   \
	X(BOUNCED,     "bounced")

enum message_state {
#define X(state, text) MESSAGE_##state,
	MESSAGE_STATES(X)
#undef X
};

const char *message_state_text(enum message_state s);
bool message_state_waits(enum message_state s); /* for a tick, or for somebody who decides */
int message_state_parse(const char *text, enum message_state *ret); /* 1, or 0 when it is none */

#endif
