/*
 * Seeded bug: the fence is committed, but after the last chunk was written.
 *
 * program: pipe-worker
 * wrap: parcel_fence outlet_release_fenced
 */
#include "tick/outlet_private.h"

#include "base/mem.h"

enum { LATE_MAX = 4096 };

static struct {
	struct engine *e;
	int64_t team, message, token;
} late[LATE_MAX];
static size_t n_late;

int __wrap_parcel_fence(struct engine *e, struct parcel *p, struct err *err);
void __wrap_outlet_release_fenced(struct outlet *o, int64_t now_s, int64_t now_ms);
void __real_outlet_release_fenced(struct outlet *o, int64_t now_s, int64_t now_ms);

int __wrap_parcel_fence(struct engine *e, struct parcel *p, struct err *err)
{
	(void)err;
	BUG_ON(n_late == LATE_MAX);
	late[n_late].e = e;
	late[n_late].team = p->claim.team;
	late[n_late].message = p->claim.message;
	late[n_late++].token = p->claim.token;
	p->fenced = true;
	return 1;
}

void __wrap_outlet_release_fenced(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	TXN_AUTO txn = TXN_INIT;
	struct err err = ERR_INIT;

	__real_outlet_release_fenced(o, now_s, now_ms);
	if (n_late == 0)
		return;
	BUG_ON(txn_begin(&txn, late[0].e->db, &err) < 0);
	for (size_t i = 0; i < n_late; i++)
		BUG_ON(message_fence(late[i].e->db, late[i].team, late[i].message, late[i].token, late[i].e->now, &err) < 0);
	BUG_ON(txn_commit(&txn, &err) < 0);
	n_late = 0;
}
