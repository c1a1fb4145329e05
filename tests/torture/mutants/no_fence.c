/*
 * Seeded bug: no fence. A mail goes out while it is only claimed; its answer is recorded as usual.
 *
 * program: pipe-worker
 * wrap: message_fence message_move
 */
#include "store/message_store.h"

int __wrap_message_fence(struct db *db, int64_t team, int64_t id, int64_t token, int64_t now, struct err *err);
int __wrap_message_move(struct db *db, int64_t team, int64_t id, int64_t token, enum message_state from,
                        enum message_state to, int64_t now, const char *reply, struct err *err);
int __real_message_move(struct db *db, int64_t team, int64_t id, int64_t token, enum message_state from,
                        enum message_state to, int64_t now, const char *reply, struct err *err);

int __wrap_message_fence(struct db *db, int64_t team, int64_t id, int64_t token, int64_t now, struct err *err)
{
	(void)db;
	(void)team;
	(void)id;
	(void)token;
	(void)now;
	(void)err;
	return 1;
}

int __wrap_message_move(struct db *db, int64_t team, int64_t id, int64_t token, enum message_state from,
                        enum message_state to, int64_t now, const char *reply, struct err *err)
{
	if (from == MESSAGE_OFFERED)
		from = MESSAGE_SENDING;
	return __real_message_move(db, team, id, token, from, to, now, reply, err);
}
