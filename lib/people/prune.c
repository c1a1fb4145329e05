#include "people/prune.h"

#include "engine/chunk.h"
#include "store/prune_store.h"

#define IDS_AT_ONCE 500

/* One kind of things that grow old. */
struct kind {
	int (*find)(struct db *db, int64_t team, int64_t before, int64_t after, int64_t *ret, int max, struct err *err);
	int (*forget)(struct db *db, int64_t team, int64_t id, struct err *err);
};

static int forget_some(struct engine *e, int64_t team, const struct kind *k, const int64_t *ids, int n,
                       struct err *err)
{
	for (int i = 0; i < n; i++)
		if (k->forget(e->db, team, ids[i], err) < 0)
			return -1;
	return 0;
}

static int forget_old(struct engine *e, int64_t team, const struct kind *k, int64_t before, bool dry_run,
                      int64_t *ret, struct err *err)
{
	CHUNK_AUTO chunk = { 0 };
	int64_t ids[IDS_AT_ONCE], after = 0;
	int n;

	if (chunk_begin(&chunk, e->db, dry_run, err) < 0)
		return -1;
	do {
		n = k->find(e->db, team, before, after, ids, IDS_AT_ONCE, err);
		if (n < 0 || forget_some(e, team, k, ids, n, err) < 0)
			return -1;
		*ret += n;
		after = n > 0 ? ids[n - 1] : after;
		if (chunk_step(&chunk, err) < 0)
			return -1;
	} while (n == IDS_AT_ONCE);
	return chunk_end(&chunk, err);
}

/* What only served to know events again, and inboxes that nobody reads any more. */
static int forget_traces(struct engine *e, int64_t team, int64_t before, bool keys, struct err *err)
{
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, e->db, err) < 0 || (keys && prune_keys(e->db, team, err) < 0) || prune_inboxes(e->db, team, before, err) < 0)
		return -1;
	return txn_commit(&txn, err);
}

int prune_team(struct engine *e, int64_t team, const struct prune_rules *rules, struct prune_count *ret,
               struct err *err)
{
	static const struct kind contents = { prune_find_contents, prune_content };
	static const struct kind events = { prune_find_events, prune_event };
	int64_t before;

	*ret = (struct prune_count){ 0 };
	if (!delay_is_zero(&rules->messages) &&
	    forget_old(e, team, &contents, retention_limit(&rules->messages, e->now), rules->dry_run, &ret->messages, err) < 0)
		return -1;
	if (delay_is_zero(&rules->events))
		return 0;
	before = retention_limit(&rules->events, e->now);
	if (forget_old(e, team, &events, before, rules->dry_run, &ret->events, err) < 0)
		return -1;
	return rules->dry_run ? 0 : forget_traces(e, team, before, ret->events > 0, err);
}
