#ifndef PW_MODEL_TEAM_H
#define PW_MODEL_TEAM_H

#include "model/delay.h"
#include "model/names.h"

#include <stdbool.h>
#include <stdint.h>

enum role { ROLE_NONE, ROLE_MEMBER, ROLE_ADMIN };

/* A Unix account in a team. */
struct member {
	const char *account;
	enum role role;
	const char *name, *email, *mailbox, *signature; /* NULL: not given */
};

/* What a Team document says. Texts are in the arena of whoever loaded it; NULL: not given. */
struct team {
	int64_t id;              /* of the store; 0 while only a document */
	const char *name;
	const char *timezone;    /* IANA name; NULL: UTC */
	const char *language;    /* NULL: "en" */
	const char *hours;       /* a Calendar */
	const char *mailbox;     /* a Mailbox */
	struct names alerts_to;
	const char *address;     /* of the company, for {{ team.address }} */
	struct names lifecycle;
	struct delay keep_events, keep_messages; /* zero: for ever */
	bool pipelines_admin;    /* only admins change pipelines and templates */
	struct member *members;
	size_t n_members;
};

/* NULL when the account is not in the team. */
const struct member *team_member(const struct team *t, const char *account);

/* May somebody of this role change documents of this kind? */
bool team_may_change(const struct team *t, enum role role, enum doc_kind kind);

#endif
