#include "transport/maildir.h"

#include "base/attr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Each system call of a delivery into a maildir fails in turn, with each kind of error: either the mail is there whole, or
 * it is told that it is not; and the next attempt delivers it, once.
 */

static int countdown; /* the call that fails; 0: none */
static int failure;   /* with this errno */

static bool fails(void)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	errno = failure;
	return true;
}

/* In front of the C library's. */
int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return fails() ? -1 : (int)syscall(SYS_openat, dir, path, flags, mode);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_mkdirat, dir, path, mode);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
	return fails() ? -1 : (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
}

int unlinkat(int dir, const char *path, int flags)
{
	return fails() ? -1 : (int)syscall(SYS_unlinkat, dir, path, flags);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	return fails() ? -1 : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

int fsync(int fd)
{
	return fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return fails() ? -1 : syscall(SYS_write, fd, bytes, len);
}

static char root[] = "/tmp/maildir_faults.XXXXXX";
static char box[64];
static const char mail_text[] = "Subject: x\r\n\r\n.dot\r\nend\r\n", file_text[] = "Subject: x\n\n.dot\nend\n";

static struct delivery deliver(void)
{
	struct delivery d;
	struct maildir *m = maildir_open(box, &d);

	if (!m)
		return d;
	d = maildir_deliver(m, "<one@example.com>", mail_text, sizeof mail_text - 1);
	maildir_close(m);
	return d;
}

static void assert_whole(const char *folder, const char *name)
{
	char path[512], bytes[200];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s/%s", box, folder, name);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(bytes, 1, sizeof bytes, f), sizeof file_text - 1);
	assert_memory_equal(bytes, file_text, sizeof file_text - 1);
	fclose(f);
}

/* How many mails lie there; each must be whole. */
static int mails(const char *folder)
{
	char path[256];
	int n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/%s", box, folder);
	d = opendir(path);
	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		assert_whole(folder, e->d_name);
		n++;
	}
	if (d)
		closedir(d);
	return n;
}

static void remove_box(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s'", box);
	assert_int_equal(system(command), 0);
}

static void nothing(void)
{
}

static void empty_folders(void)
{
	struct delivery d;
	struct maildir *m = maildir_open(box, &d);

	assert_non_null(m);
	maildir_close(m);
}

static void delivered(void)
{
	assert_int_equal(deliver().outcome, DELIVERY_SENT);
}

static void read_meanwhile(void)
{
	char from[256], to[256];

	delivered();
	snprintf(from, sizeof from, "%s/new/one@example.com", box);
	snprintf(to, sizeof to, "%s/cur/one@example.com:2,S", box);
	assert_int_equal(rename(from, to), 0);
}

static void half_written(void)
{
	char path[256];
	FILE *f;

	empty_folders();
	snprintf(path, sizeof path, "%s/tmp/one@example.com", box);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs("Subj", f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static enum delivery_outcome expected(int error)
{
	return error == EACCES || error == EROFS ? DELIVERY_SETTINGS : DELIVERY_RETRY;
}

/* Returns whether there was such a call. */
static bool try_one(void (*begin)(void), int at, int error)
{
	struct delivery d;
	bool reached;

	remove_box();
	begin();
	countdown = at;
	failure = error;
	d = deliver();
	reached = countdown == 0;
	countdown = 0;
	if (d.outcome == DELIVERY_SENT)
		assert_int_equal(mails("new") + mails("cur"), 1);
	else if (!reached || d.outcome != expected(error))
		fail_msg("call %d, %s: %s", at, strerror(error), d.text);
	assert_true(mails("new") + mails("cur") <= 1);
	assert_int_equal(deliver().outcome, DELIVERY_SENT);
	assert_int_equal(mails("new") + mails("cur"), 1);
	assert_true(mails("tmp") <= 1); /* one that could not be removed stays, for the reader's program to do it */
	return reached;
}

static void each_call_fails_in_turn(void **state)
{
	static void (*const begins[])(void) = { nothing, empty_folders, delivered, read_meanwhile, half_written };
	static const int errors[] = { EIO, EACCES, EDQUOT };
	int n = 0;

	(void)state;
	for (size_t b = 0; b < ARRAY_LEN(begins); b++)
		for (size_t e = 0; e < ARRAY_LEN(errors); e++)
			for (int at = 1; try_one(begins[b], at, errors[e]); at++)
				n++;
	assert_true(n > 90);
}

/* A write that is interrupted goes on; a file system without links has renames. */
static void what_is_no_failure(void **state)
{
	static const int errors[] = { EINTR, EPERM, EOPNOTSUPP, EMLINK };
	int sent = 0;

	(void)state;
	for (size_t e = 0; e < ARRAY_LEN(errors); e++) {
		for (int at = 1; at < 30; at++) {
			remove_box();
			empty_folders();
			countdown = at;
			failure = errors[e];
			sent += deliver().outcome == DELIVERY_SENT && countdown == 0;
			countdown = 0;
			assert_true(mails("new") <= 1);
			assert_int_equal(deliver().outcome, DELIVERY_SENT);
			assert_int_equal(mails("new"), 1);
		}
	}
	assert_true(sent >= 4);
}

static int make_root(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(box, sizeof box, "%s/box", root);
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	remove_box();
	return rmdir(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_fails_in_turn),
		cmocka_unit_test(what_is_no_failure),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("maildir: each system call fails", tests, make_root, remove_root);
}
