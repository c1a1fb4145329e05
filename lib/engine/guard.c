#include "engine/guard.h"

#include "base/clock.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define JUMP_S 300

static char *beside(const char *db_path, const char *suffix)
{
	size_t n = strlen(db_path), m = strlen(suffix);
	char *path = xmalloc(n + m + 1);

	memcpy(path, db_path, n);
	memcpy(path + n, suffix, m + 1);
	return path;
}

char *guard_path(const char *db_path)
{
	return beside(db_path, ".lock");
}

char *spool_path(const char *db_path)
{
	return beside(db_path, ".spool");
}

static void read_boot(char ret[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, 36);

	ret[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

/* "BOOT_ID BOOTTIME NOW NEWEST", as guard_touch() wrote it; a new file says nothing. */
static int read_text(int fd, struct guard *ret, struct err *err)
{
	char text[128];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);

	if (n < 0)
		return err_errno(err, ERR_IO, "the lock file");
	text[n] = '\0';
	if (sscanf(text, "%39s %" SCNd64 " %" SCNd64 " %" SCNd64, ret->boot, &ret->boottime, &ret->last, &ret->newest) < 3)
		ret->last = 0;
	return 1;
}

int guard_look(const char *db_path, struct guard *ret, struct err *err)
{
	char *path = guard_path(db_path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int got;

	*ret = (struct guard){ .fd = -1 };
	if (fd < 0)
		got = errno == ENOENT ? 0 : err_errno(err, errno == EACCES ? ERR_DENIED : ERR_IO, "%s", path);
	else
		got = read_text(fd, ret, err);
	if (got > 0 && fstat(fd, &st) < 0)
		got = err_errno(err, ERR_IO, "%s", path);
	if (got > 0 && ret->last > st.st_mtime)
		ret->last = st.st_mtime;
	if (fd >= 0)
		close(fd);
	free(path);
	return got > 0 && ret->last == 0 ? 0 : got;
}

int guard_inherit(int fd, struct guard *ret, struct err *err)
{
	*ret = (struct guard){ .fd = fd };
	return read_text(fd, ret, err);
}

int guard_lock(const char *db_path, struct guard *ret, struct err *err)
{
	char *path = guard_path(db_path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	int got = 0;

	if (fd < 0)
		got = err_errno(err, errno == EACCES || errno == EPERM ? ERR_DENIED : ERR_IO, "%s", path);
	else if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		got = guard_inherit(fd, ret, err);
	else if (errno != EWOULDBLOCK)
		got = err_errno(err, ERR_IO, "%s", path);
	if (got <= 0 && fd >= 0)
		close(fd);
	free(path);
	return got;
}

void guard_begin(struct guard *ret, int64_t now)
{
	*ret = (struct guard){ .fd = -1, .last = now, .boottime = clock_boottime() };
}

bool guard_astray(const struct guard *g, int64_t now)
{
	int64_t passed = now - g->last, lived = clock_boottime() - g->boottime;

	return passed - lived > JUMP_S || lived - passed > JUMP_S;
}

const char *guard_jump(const struct guard *g, int64_t now)
{
	char boot[40];

	if (g->last == 0)
		return NULL;
	if (now - g->last < -JUMP_S)
		return "the clock went back by more than 5 minutes since the last tick";
	read_boot(boot);
	if (strcmp(boot, g->boot) == 0 && guard_astray(g, now))
		return "the clock jumped by more than 5 minutes since the last tick";
	return NULL;
}

static bool write_text(const struct guard *g, const char *boot, int64_t boottime, int64_t last, int64_t newest)
{
	char text[128];
	int n = snprintf(text, sizeof text, "%s %" PRId64 " %" PRId64 " %" PRId64 "\n", *boot ? boot : "-", boottime, last,
	                 newest);

	return pwrite(g->fd, text, (size_t)n, 0) == n;
}

void guard_touch(const struct guard *g, int64_t now)
{
	char boot[40];

	read_boot(boot);
	if (write_text(g, boot, clock_boottime(), now, g->newest))
		(void)futimens(g->fd, NULL); /* only monitoring reads it */
}

void guard_set_newest(const struct guard *g, int64_t newest)
{
	if (g->last)
		(void)write_text(g, g->boot, g->boottime, g->last, newest);
}

void guard_forget_newest(const char *db_path)
{
	struct err ignored = ERR_INIT;
	struct guard g;

	if (guard_look(db_path, &g, &ignored) <= 0 || guard_lock(db_path, &g, &ignored) <= 0)
		return;
	guard_set_newest(&g, 0);
	close(g.fd);
}

bool spool_has_any(const char *db_path)
{
	char *path = spool_path(db_path);
	DIR *d = opendir(path);
	struct dirent *entry = NULL;

	free(path);
	if (!d)
		return false;
	while ((entry = readdir(d)) != NULL && (entry->d_name[0] == '.' || strcmp(entry->d_name, "bad") == 0))
		;
	closedir(d);
	return entry != NULL;
}
