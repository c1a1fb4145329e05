#include "cli/input.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void set_effective(uid_t uid, gid_t gid)
{
	if (geteuid() != uid && setresuid((uid_t)-1, uid, (uid_t)-1) < 0)
		BUG("the effective user cannot be changed");
	if (getegid() != gid && setresgid((gid_t)-1, gid, (gid_t)-1) < 0)
		BUG("the effective group cannot be changed");
}

static int open_as_caller(const char *path, int flags)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int fd, why;

	set_effective(getuid(), getgid());
	fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
	why = errno;
	set_effective(uid, gid);
	errno = why;
	return fd;
}

static int open_stream(const char *path, int standard, int flags, const char *mode, FILE **ret)
{
	int fd = strcmp(path, "-") == 0 ? fcntl(standard, F_DUPFD_CLOEXEC, 3) : open_as_caller(path, flags);

	if (fd < 0)
		return -1;
	*ret = fdopen(fd, mode);
	if (!*ret)
		close(fd);
	return *ret ? 0 : -1;
}

int cli_open_input(const char *path, FILE **ret, struct err *err)
{
	if (open_stream(path, STDIN_FILENO, O_RDONLY, "r", ret) < 0)
		return err_errno(err, ERR_NOINPUT, "'%s'", path);
	return 0;
}

static int read_all(FILE *in, const char *path, struct buf *b, struct err *err)
{
	char part[65536];
	size_t n;

	while ((n = fread(part, 1, sizeof part, in)) > 0) {
		buf_add(b, part, n);
		if (b->over)
			return err_set(err, ERR_INVALID, "'%s' is larger than %zu bytes", path, b->limit);
	}
	if (ferror(in))
		return err_errno(err, errno == EISDIR ? ERR_NOINPUT : ERR_IO, "'%s'", path);
	return 0;
}

int cli_read_input(const char *path, struct buf *b, struct err *err)
{
	FILE *in;
	int result;

	if (cli_open_input(path, &in, err) < 0)
		return -1;
	result = read_all(in, path, b, err);
	fclose(in);
	return result;
}

int cli_open_output(const char *path, FILE **ret, struct err *err)
{
	if (open_stream(path, STDOUT_FILENO, O_WRONLY | O_CREAT | O_TRUNC, "w", ret) < 0)
		return err_errno(err, ERR_CREATE, "'%s'", path);
	return 0;
}

int cli_close_output(const char *path, FILE **file, struct err *err)
{
	FILE *out = *file;
	bool failed = ferror(out) != 0;

	*file = NULL;
	errno = 0;
	if (fclose(out) != 0 || failed)
		return errno ? err_errno(err, ERR_IO, "'%s'", path)
		             : err_set(err, ERR_IO, "'%s' was not written", path);
	return 0;
}

struct found {
	const char **at;
	size_t n, cap;
};

static bool has_suffix(const char *name, const char *suffixes)
{
	size_t len = strlen(name);

	for (const char *at = suffixes;; at++) {
		size_t n = strcspn(at, "|");

		if (len > n && memcmp(name + len - n, at, n) == 0)
			return true;
		at += n;
		if (!*at)
			return false;
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void keep(struct found *found, const char *path)
{
	GROW(&found->at, &found->cap, found->n);
	found->at[found->n++] = path;
}

/* dir is closed. */
static int list_dir(struct arena *arena, const char *path, DIR *dir, const char *suffixes,
                    struct found *found, struct err *err)
{
	size_t before = found->n, len = strlen(path);
	const char *slash = len && path[len - 1] == '/' ? "" : "/";

	for (const struct dirent *e; (e = readdir(dir));)
		if (e->d_name[0] != '.' && has_suffix(e->d_name, suffixes))
			keep(found, arena_printf(arena, "%s%s%s", path, slash, e->d_name));
	closedir(dir);
	if (found->n == before)
		return err_set(err, ERR_NOINPUT, "'%s' has no file *%s", path, suffixes);
	qsort(found->at + before, found->n - before, sizeof *found->at, by_name);
	return 0;
}

static int list_path(struct arena *arena, const char *path, const char *suffixes, struct found *found,
                     struct err *err)
{
	int fd = strcmp(path, "-") == 0 ? -1 : open_as_caller(path, O_RDONLY | O_DIRECTORY);
	DIR *dir;

	/* Whatever else is wrong with a name is said when it is read. */
	if (fd < 0) {
		keep(found, path);
		return 0;
	}
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return err_errno(err, ERR_NOINPUT, "'%s'", path);
	}
	return list_dir(arena, path, dir, suffixes, found, err);
}

int cli_list_inputs(struct arena *arena, const struct names *paths, const char *suffixes, struct names *ret,
                    struct err *err)
{
	struct found found = { 0 };
	int result = 0;

	for (size_t i = 0; i < paths->n && result == 0; i++)
		result = list_path(arena, paths->v[i], suffixes, &found, err);
	if (result == 0) {
		ret->v = arena_array(arena, found.n + 1, sizeof *ret->v);
		ret->n = found.n;
		for (size_t i = 0; i < found.n; i++)
			ret->v[i] = found.at[i];
	}
	free(found.at);
	return result;
}
