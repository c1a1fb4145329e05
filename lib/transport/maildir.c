#include "transport/maildir.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/random.h"
#include "transport/content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * `seen` has the hashes of all names that new/ and cur/ had when this was opened, new/ read first: what
 * another program moves from new/ to cur/ meanwhile is seen in one of them, and what it moves later was seen.
 */
struct maildir {
	char *path;
	int root_fd;
	int tmp_fd;
	int new_fd;
	uint64_t *seen;
	size_t seen_count;
	size_t seen_cap;
};

enum { NAME_MAX_BYTES = 200, NAME_PREFIX_BYTES = 160 };

static bool is_passing(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
	case EROFS:
	case ENOENT:
	case ENOTDIR:
	case EEXIST:
	case ELOOP:
	case ENAMETOOLONG:
		return false;
	default:
		return true;
	}
}

static struct delivery failure(const char *path, int error)
{
	return delivery_make(is_passing(error) ? DELIVERY_RETRY : DELIVERY_SETTINGS, PHASE_RUN, "%s: %s", path,
	                     strerror(error));
}

/* The part of a file name that a reader leaves alone when it sets flags. */
static size_t base_length(const char *name)
{
	return strcspn(name, ":");
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;
	return (*x > *y) - (*x < *y);
}

static DIR *folder_open(const struct maildir *m, const char *name)
{
	int fd = openat(m->root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static int note_names(struct maildir *m, const char *folder)
{
	DIR *dir = folder_open(m, folder);
	if (!dir)
		return -1;
	errno = 0;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		GROW(&m->seen, &m->seen_cap, m->seen_count);
		m->seen[m->seen_count++] = hash_bytes(e->d_name, base_length(e->d_name));
	}
	int error = errno;
	closedir(dir);
	errno = error;
	return error ? -1 : 0;
}

/* -1: cannot tell, with errno. */
static int folder_has(const struct maildir *m, const char *folder, const char *name)
{
	DIR *dir = folder_open(m, folder);
	size_t len = strlen(name);
	bool found = false;

	if (!dir)
		return -1;
	errno = 0;
	for (struct dirent *e = readdir(dir); e && !found; e = found ? e : readdir(dir))
		found = base_length(e->d_name) == len && memcmp(e->d_name, name, len) == 0;
	int error = found ? 0 : errno;
	closedir(dir);
	errno = error;
	return error ? -1 : found;
}

/* The hashes say "perhaps"; then the folders are read again, new/ first for the same reason. */
static int was_delivered(const struct maildir *m, const char *name)
{
	uint64_t key = hash_bytes(name, strlen(name));

	if (m->seen_count == 0 || !bsearch(&key, m->seen, m->seen_count, sizeof key, by_value))
		return 0;
	int found = folder_has(m, "new", name);
	return found != 0 ? found : folder_has(m, "cur", name);
}

static int make_folders(int root_fd)
{
	static const char *const names[] = { "tmp", "new", "cur" };
	bool made = false;

	for (size_t i = 0; i < 3; i++) {
		if (mkdirat(root_fd, names[i], 0700) == 0)
			made = true;
		else if (errno != EEXIST)
			return -1;
	}
	return made ? fsync(root_fd) : 0;
}

/* A new folder lasts when the one above it is on the disk, too. */
static int sync_above(int root_fd)
{
	int fd = openat(root_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int rc = fsync(fd);
	close(fd);
	return rc;
}

static int open_folders(struct maildir *m)
{
	bool made = mkdir(m->path, 0700) == 0;
	if (!made && errno != EEXIST)
		return -1;
	m->root_fd = open(m->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->root_fd < 0 || make_folders(m->root_fd) < 0 || (made && sync_above(m->root_fd) < 0))
		return -1;
	m->tmp_fd = openat(m->root_fd, "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	m->new_fd = openat(m->root_fd, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->tmp_fd < 0 || m->new_fd < 0 || note_names(m, "new") < 0 || note_names(m, "cur") < 0)
		return -1;
	if (m->seen_count > 0)
		qsort(m->seen, m->seen_count, sizeof *m->seen, by_value);
	return 0;
}

struct maildir *maildir_open(const char *path, struct delivery *ret)
{
	struct maildir *m = xcalloc(1, sizeof *m);

	m->path = xstrdup(path);
	m->root_fd = m->tmp_fd = m->new_fd = -1;
	if (open_folders(m) == 0)
		return m;
	*ret = failure(path, errno);
	maildir_close(m);
	return NULL;
}

/* The Message-ID without its brackets; everything but letters, digits and @ . _ + - as =XX; long ones by
 * their hash. */
static int make_name(struct buf *b, const char *id)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@._+-";
	size_t len = strlen(id);

	if (len >= 2 && id[0] == '<' && id[len - 1] == '>') {
		id++;
		len -= 2;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)id[i];
		if (c <= ' ' || c == 0x7F)
			return -1;
		if (strchr(plain, c) && (i > 0 || c != '.'))
			buf_addc(b, (char)c);
		else
			buf_addf(b, "=%02X", c);
	}
	if (len == 0 || b->over)
		return -1;
	if (b->len > NAME_MAX_BYTES) {
		buf_truncate(b, NAME_PREFIX_BYTES);
		buf_addf(b, "=%016" PRIx64, hash_bytes(id, len));
	}
	return 0;
}

/* -1 with errno; then nothing is left of it. */
static int write_tmp(const struct maildir *m, const char *name, const char *content, size_t len)
{
	/* One worker delivers at a time: what is there was left by one that died. */
	if (unlinkat(m->tmp_fd, name, 0) < 0 && errno != ENOENT)
		return -1;
	int fd = openat(m->tmp_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	int rc = mail_content_write_lf(fd, content, len) < 0 || fsync(fd) < 0 ? -1 : 0;
	int error = errno;
	if (close(fd) < 0 && rc == 0) {
		rc = -1;
		error = errno;
	}
	if (rc < 0)
		unlinkat(m->tmp_fd, name, 0);
	errno = error;
	return rc;
}

/* 1: it is in new/ now, 0: it was there, -1 with errno. A link never replaces what is there; not all file
 * systems have it. */
static int move_to_new(const struct maildir *m, const char *name)
{
	int rc = linkat(m->tmp_fd, name, m->new_fd, name, 0);
	int error = rc < 0 ? errno : 0;

	if (error == EPERM || error == EOPNOTSUPP || error == EMLINK) {
		rc = renameat2(m->tmp_fd, name, m->new_fd, name, RENAME_NOREPLACE);
		error = rc < 0 ? errno : 0;
	}
	unlinkat(m->tmp_fd, name, 0);
	if (error != 0 && error != EEXIST) {
		errno = error;
		return -1;
	}
	return fsync(m->new_fd) < 0 ? -1 : error == 0;
}

struct delivery maildir_deliver(struct maildir *m, const char *message_id, const char *content, size_t len)
{
	BUF_AUTO name = BUF_INIT(4096);
	const char *what = mail_content_check(content, len, NULL);

	if (!what && make_name(&name, message_id) < 0)
		what = "the Message-ID is none";
	if (what)
		return delivery_make(DELIVERY_REFUSED, PHASE_CHECK, "%s", what);

	int found = was_delivered(m, name.s);
	if (found > 0 && fsync(m->new_fd) == 0)
		return delivery_make(DELIVERY_SENT, PHASE_RUN, "%s has %s already", m->path, name.s);
	if (found != 0 || write_tmp(m, name.s, content, len) < 0)
		return failure(m->path, errno);
	found = move_to_new(m, name.s);
	if (found < 0)
		return failure(m->path, errno);
	return delivery_make(DELIVERY_SENT, PHASE_RUN, found ? "%s/new/%s" : "%s has %s already", m->path,
	                     name.s);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void maildir_close(struct maildir *m)
{
	if (!m)
		return;
	close_fd(m->root_fd);
	close_fd(m->tmp_fd);
	close_fd(m->new_fd);
	free(m->seen);
	free(m->path);
	free(m);
}
