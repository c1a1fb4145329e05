#include "engine/keys.h"

#include "base/buf.h"
#include "base/folder.h"
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_SIZE = 2 * TOKEN_KEY_SIZE };

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse(const char *text, ssize_t len, struct token_key *ret)
{
	if (len < TEXT_SIZE)
		return -1;
	for (int i = 0; i < TOKEN_KEY_SIZE; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		ret->bytes[i] = (unsigned char)(high * 16 + low);
	}
	return 0;
}

/* 1, 0 there is none, -1. */
static int read_key(const char *path, struct token_key *ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[TEXT_SIZE + 2];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, ERR_CONFIG, "%s", path);
	n = fstat(fd, &st) == 0 ? read(fd, text, sizeof text) : -1;
	close(fd);
	if (n < 0)
		return err_errno(err, ERR_CONFIG, "%s", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(err, ERR_CONFIG, "%s: others may read it; chmod 600", path);
	if (parse(text, n, ret) < 0)
		return err_set(err, ERR_CONFIG, "%s is no key", path);
	explicit_bzero(text, sizeof text);
	return 1;
}

/* Whole from the first moment: made under another name, and linked to its own if nobody was faster. */
static int make_key(const char *path, struct err *err)
{
	BUF_AUTO text = BUF_INIT(TEXT_SIZE + 2);
	BUF_AUTO made = BUF_INIT(4096);
	unsigned char bytes[TOKEN_KEY_SIZE];
	int fd, got = 0;

	random_bytes(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		buf_addf(&text, "%02x", bytes[i]);
	buf_addc(&text, '\n');
	buf_addf(&made, "%s.%ld", path, (long)getpid());
	fd = open(made.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, ERR_CREATE, "%s", made.s);
	if (write(fd, text.s, text.len) != (ssize_t)text.len || fsync(fd) < 0)
		got = err_errno(err, ERR_CREATE, "%s", made.s);
	close(fd);
	if (got == 0 && link(made.s, path) < 0 && errno != EEXIST)
		got = err_errno(err, ERR_CREATE, "%s", path);
	unlink(made.s);
	if (got == 0 && folder_sync(path) < 0 && errno != EACCES) /* before links go out that only this key can read */
		got = err_errno(err, ERR_CREATE, "the folder of %s", path);
	return got;
}

int keys_load(const char *db_path, struct token_key *ret, struct err *err)
{
	BUF_AUTO path = BUF_INIT(4096);
	int got;

	buf_addf(&path, "%s.key", db_path);
	got = read_key(path.s, ret, err);
	if (got == 0 && make_key(path.s, err) == 0)
		got = read_key(path.s, ret, err);
	return got > 0 ? 0 : -1;
}
