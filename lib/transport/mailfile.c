#include "transport/mailfile.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const char *path, struct err *err)
{
	return err_errno(err, errno == EACCES || errno == EPERM ? ERR_DENIED : ERR_IO, "%s", path);
}

static void add_stamp(char ret[MAILFILE_STAMP], const struct stat *st)
{
	size_t n = strlen(ret);

	snprintf(ret + n, MAILFILE_STAMP - n, "%s%ju:%jd:%jd.%09ld", n ? " " : "", (uintmax_t)st->st_ino, (intmax_t)st->st_size,
	         (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
}

int maildir_stamp(const char *path, char ret[MAILFILE_STAMP], struct err *err)
{
	static const char *const folders[] = { "new", "cur" };

	*ret = '\0';
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		BUF_AUTO folder = BUF_INIT(4096);
		struct stat st;

		buf_addf(&folder, "%s/%s", path, folders[i]);
		if (stat(folder.s, &st) < 0)
			return errno == ENOENT ? 0 : failed(folder.s, err);
		add_stamp(ret, &st);
	}
	return 1;
}

int mbox_stamp(const char *path, char ret[MAILFILE_STAMP], struct err *err)
{
	struct stat st;

	*ret = '\0';
	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : failed(path, err);
	add_stamp(ret, &st);
	return 1;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int add_folder(const char *path, struct arena *a, struct mailfile_list *ret, struct err *err)
{
	DIR *d = opendir(path);
	struct dirent *entry;

	if (!d)
		return errno == ENOENT ? 0 : failed(path, err);
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		ARENA_GROW(a, &ret->paths, &ret->cap, ret->n);
		ret->paths[ret->n++] = arena_printf(a, "%s/%s", path, entry->d_name);
	}
	closedir(d);
	return 0;
}

/* Flags stand behind ":2," and change when somebody reads the mail. */
static void name_all(struct arena *a, struct mailfile_list *ret)
{
	if (ret->n)
		qsort(ret->paths, ret->n, sizeof *ret->paths, by_name);
	ret->names = arena_array(a, ret->n + 1, sizeof *ret->names);
	for (size_t i = 0; i < ret->n; i++) {
		const char *name = strrchr(ret->paths[i], '/') + 1;

		ret->names[i] = arena_strndup(a, name, strcspn(name, ":"));
	}
}

int maildir_list(const char *path, struct arena *a, struct mailfile_list *ret, struct err *err)
{
	*ret = (struct mailfile_list){ 0 };
	if (add_folder(arena_printf(a, "%s/cur", path), a, ret, err) < 0 ||
	    add_folder(arena_printf(a, "%s/new", path), a, ret, err) < 0)
		return -1;
	name_all(a, ret);
	return 0;
}

int mailfile_list(const char *path, struct arena *a, struct mailfile_list *ret, struct err *err)
{
	*ret = (struct mailfile_list){ 0 };
	if (add_folder(path, a, ret, err) < 0)
		return -1;
	name_all(a, ret);
	return 0;
}

int mailfile_read(const char *path, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	char piece[16384];
	ssize_t n = 0;

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : failed(path, err);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return 0;
	}
	while (out->len < MAILFILE_MAX && (n = read(fd, piece, sizeof piece)) > 0)
		buf_add(out, piece, (size_t)n);
	if (n < 0) {
		int got = failed(path, err);

		close(fd);
		return got;
	}
	close(fd);
	return 1;
}
