#include "store/log_private.h"

#include "base/buf.h"
#include "base/mem.h"

#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* sqlite.org/fileformat.html, 4: all numbers are big-endian, but for what is summed up. */
#define HEADER       32
#define FRAME_HEADER 24
#define MAGIC        UINT32_C(0x377f0682) /* its last bit: the sums are of big-endian numbers */
#define SHM_IN_USE   128                  /* who has the log open has a lock on this byte of -shm */

struct sums {
	uint32_t a, b;
};

struct wal {
	int fd;
	bool big_endian;
	size_t page;
	int64_t n; /* frames that the file has room for */
	unsigned char header[HEADER];
	unsigned char *frame;
};

static uint32_t number_at(const unsigned char *s)
{
	uint32_t n;

	memcpy(&n, s, sizeof n);
	return be32toh(n);
}

static struct sums sums_at(const unsigned char *s)
{
	return (struct sums){ number_at(s), number_at(s + 4) };
}

static bool same(struct sums x, struct sums y)
{
	return x.a == y.a && x.b == y.b;
}

static struct sums add_up(const struct wal *w, struct sums s, const unsigned char *data, size_t n)
{
	for (size_t i = 0; i + 8 <= n; i += 8) {
		uint32_t x, y;

		memcpy(&x, data + i, sizeof x);
		memcpy(&y, data + i + 4, sizeof y);
		s.a += (w->big_endian ? be32toh(x) : le32toh(x)) + s.b;
		s.b += (w->big_endian ? be32toh(y) : le32toh(y)) + s.a;
	}
	return s;
}

static bool read_header(struct wal *w)
{
	struct stat st;

	if (fstat(w->fd, &st) < 0 || pread(w->fd, w->header, HEADER, 0) != HEADER || (number_at(w->header) & ~UINT32_C(1)) != MAGIC)
		return false;
	w->big_endian = number_at(w->header) & 1;
	w->page = number_at(w->header + 8);
	if (w->page < 512 || w->page > 65536)
		return false;
	w->n = (st.st_size - HEADER) / (int64_t)(FRAME_HEADER + w->page);
	return same(add_up(w, (struct sums){ 0, 0 }, w->header, HEADER - 8), sums_at(w->header + HEADER - 8));
}

static bool has_our_salt(const struct wal *w)
{
	return memcmp(w->frame + 8, w->header + 16, 8) == 0;
}

static bool ends_transaction(const struct wal *w)
{
	return number_at(w->frame + 4) != 0;
}

/* Reads a frame. *s: the sums up to it become those with it. Is it as it was written? */
static bool read_frame(const struct wal *w, int64_t i, struct sums *s)
{
	size_t len = FRAME_HEADER + w->page;

	if (i >= w->n || pread(w->fd, w->frame, len, HEADER + i * (int64_t)len) != (ssize_t)len)
		return false;
	*s = add_up(w, *s, w->frame, 8);
	*s = add_up(w, *s, w->frame + FRAME_HEADER, w->page);
	return has_our_salt(w) && same(*s, sums_at(w->frame + FRAME_HEADER - 8));
}

/* How many transactions end in the right frames from i on. */
static int count_ends(const struct wal *w, int64_t i, struct sums s)
{
	int n = 0;

	for (; n < 2 && read_frame(w, i, &s); i++)
		n += ends_transaction(w);
	return n;
}

/* The first frame that is not as it was written although whole transactions come behind it; -1: there is none. */
static int64_t find_damage(const struct wal *w)
{
	struct sums s = sums_at(w->header + HEADER - 8), stored;
	int64_t i = 0;
	int ends;

	while (read_frame(w, i, &s))
		i++;
	if (i >= w->n)
		return -1;
	/* Its own sum may be what has changed. */
	stored = sums_at(w->frame + FRAME_HEADER - 8);
	ends = has_our_salt(w) && ends_transaction(w);
	return ends + count_ends(w, i + 1, stored) >= 2 || ends + count_ends(w, i + 1, s) >= 2 ? i : -1;
}

/* Then it has read the log already, and the log grows. */
static bool is_in_use(const char *db_path)
{
	BUF_AUTO path = BUF_INIT(8192);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHM_IN_USE, .l_len = 1 };
	bool used;
	int fd;

	buf_addf(&path, "%s-shm", db_path);
	fd = open(path.s, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	used = fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type != F_UNLCK;
	close(fd);
	return used;
}

int log_check(const char *db_path, struct err *err)
{
	BUF_AUTO path = BUF_INIT(8192);
	struct wal w = { .fd = -1 };
	int64_t damaged = -1;

	buf_addf(&path, "%s-wal", db_path);
	w.fd = open(path.s, O_RDONLY | O_CLOEXEC);
	if (w.fd < 0)
		return 0;
	if (read_header(&w) && w.n > 0 && !is_in_use(db_path)) {
		w.frame = xmalloc(FRAME_HEADER + w.page);
		damaged = find_damage(&w);
		free(w.frame);
	}
	close(w.fd);
	if (damaged < 0)
		return 0;
	return err_set(err, ERR_CONFIG, "%s is damaged: its frame %" PRId64 " is not as it was written; bring a backup back: pipectl restore",
	               path.s, damaged + 1);
}
