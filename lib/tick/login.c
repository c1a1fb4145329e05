#include "tick/login.h"

#include "engine/lanes.h"

#include <stdio.h>
#include <string.h>

static bool is_down(const struct lane *l)
{
	return strcmp(l->reason, "auth") == 0 || strcmp(l->reason, "settings") == 0 || strcmp(l->reason, "backoff") == 0;
}

static bool is_meant(const struct lane *l, const char *mailbox)
{
	return strcmp(l->kind, "mailbox") == 0 && strcmp(l->name, mailbox) == 0;
}

int login_begin(struct engine *e, int64_t team, const char *mailbox, struct login_try *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane *lanes;
	int n, found = 0;
	TXN_AUTO txn = TXN_INIT;

	*ret = (struct login_try){ 0 };
	if (txn_begin(&txn, e->db, err) < 0)
		return -1;
	n = lane_list(e->db, team, &a, &lanes, err);
	for (int i = 0; i < n; i++) {
		if (!is_meant(&lanes[i], mailbox))
			continue;
		found++;
		ret->was_down |= is_down(&lanes[i]);
		if (is_down(&lanes[i]) && lane_try_once(e, &lanes[i], err) < 0)
			return -1;
	}
	if (n < 0 || txn_commit(&txn, err) < 0)
		return -1;
	return found ? 0 : err_set(err, ERR_MISSING, "no mailbox '%s' has ever had anything to send", mailbox);
}

static enum login_outcome outcome_of(const struct lane *l, const struct login_try *t, int64_t now)
{
	if (!is_down(l))
		return t->was_down ? LOGIN_WORKS : LOGIN_OPEN;
	return l->free_at > now ? LOGIN_FAILED : LOGIN_WAITS;
}

int login_end(struct engine *e, int64_t team, const char *mailbox, struct login_try *t, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane *lanes;
	int n = lane_list(e->db, team, &a, &lanes, err);

	for (int i = 0; i < n; i++) {
		enum login_outcome here = outcome_of(&lanes[i], t, e->now);

		if (!is_meant(&lanes[i], mailbox) || here < t->outcome)
			continue;
		t->outcome = here;
		snprintf(t->why, sizeof t->why, "%s: %s", lanes[i].reason, lanes[i].reason_text);
	}
	return err_or_none(n);
}
