#include "engine/hold.h"

#include "store/db.h"

int hold_find(struct db *db, bool rehearsal, struct arena *a, struct hold *ret, struct err *err)
{
	static const struct hold kinds[] = {
		{ HOLD_FINAL, "", NULL },
		{ HOLD_RESTORE, "", "pipectl restore --accept" },
		{ HOLD_CLOCK, "", "pipectl clock accept" },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds) - (rehearsal ? 1 : 0); i++) {
		int got;

		*ret = kinds[i];
		got = meta_get(db, kinds[i].name, a, &ret->why, err);
		if (got != 0)
			return got;
	}
	return 0;
}
