#ifndef PW_CONTACTCTL_SESSION_H
#define PW_CONTACTCTL_SESSION_H

#include "cli/context.h"
#include "engine/standing.h"
#include "people/enroll_people.h"
#include "people/people.h"

/* What every verb works with: the engine, acting as the caller, and what the team's people are made of. */
struct session {
	struct cli *cli;
	struct engine engine;
	struct standings standings; /* as of the first look */
	struct world *world;
	struct arena *arena; /* the command's */
	struct enroll_report *entries; /* what started by itself; see session_watch() */
	size_t n_entries, cap_entries;
	struct err entry_err;
	bool entry_failed;
	bool rehearsal; /* what is told would be so */
};
#define SESSION_AUTO PW_CLEANUP(session_close) struct session

int session_open(struct session *s, struct cli *cli, struct err *err) PW_CHECK;
void session_close(struct session *s);

/* From now on s->world has all the team's documents. */
int session_documents(struct session *s, struct err *err) PW_CHECK;

/* From now on entries that pipelines make by themselves are remembered in s->entries. */
void session_watch(struct session *s);

/* Before the transaction ends: -1 when a remembered entry could not be looked at. */
int session_watched(struct session *s, struct err *err) PW_CHECK;

/* Why somebody was refused, in words: "already active in this pipeline since ..., next second at ...". */
const char *session_refusal(struct session *s, const struct enroll_report *r);

/* Says what came of an entry: in words on stdout, what needs care as a notice. */
void session_tell(struct session *s, const struct enroll_report *r);
void session_tell_entries(struct session *s);

/* The names of the pipelines among the entries whose run was started, or is blocked. In the arena. */
struct names session_entered(struct session *s, enum enrolled how);

/* As cli_add_time() has it, in the session's arena. */
const char *session_time(struct session *s, int64_t at);

#endif
