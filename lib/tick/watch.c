#include "tick/watch.h"

#include "base/arena.h"
#include "store/queue_store.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void watch_stamp(const char *path, char ret[WATCH_STAMP])
{
	struct stat st;

	*ret = '\0';
	if (stat(path, &st) < 0)
		return;
	snprintf(ret, WATCH_STAMP, "%llx %llx %llx.%lx %llx.%lx", (unsigned long long)st.st_ino,
	         (unsigned long long)st.st_size, (unsigned long long)st.st_mtim.tv_sec, (unsigned long)st.st_mtim.tv_nsec,
	         (unsigned long long)st.st_ctim.tv_sec, (unsigned long)st.st_ctim.tv_nsec);
}

int watch_any_changed(struct db *db, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct lane_watch *list;
	int n = lane_watch_list(db, 0, &a, &list, err);

	for (int i = 0; i < n; i++) {
		char now[WATCH_STAMP];

		watch_stamp(list[i].path, now);
		if (strcmp(now, list[i].stamp) != 0)
			return 1;
	}
	return err_or_none(n);
}
