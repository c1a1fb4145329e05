#include "transport/sendmail.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Each call by which a sendmail program is started and watched fails in turn. What did not start has not sent; what ran
 * and cannot be asked is in doubt; and nothing counts as sent unless the program took the mail.
 */

static int countdown; /* the call that fails; 0: none */
static int failure;   /* with this error */
static const char *failed;

static bool fails(const char *name)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	failed = name;
	errno = failure;
	return true;
}

/* In front of the C library's. */
int memfd_create(const char *name, unsigned flags)
{
	return fails(__func__) ? -1 : (int)syscall(SYS_memfd_create, name, flags);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return fails(__func__) ? -1 : syscall(SYS_write, fd, bytes, len);
}

off_t lseek(int fd, off_t at, int whence)
{
	return fails(__func__) ? -1 : syscall(SYS_lseek, fd, at, whence);
}

int pipe2(int fds[2], int flags)
{
	return fails(__func__) ? -1 : (int)syscall(SYS_pipe2, fds, flags);
}

int pidfd_open(pid_t pid, unsigned flags)
{
	return fails(__func__) ? -1 : (int)syscall(SYS_pidfd_open, pid, flags);
}

/* The C library's own, for what is more than a system call; they return the error. */
#define IN_FRONT(name, parameters, ...)                                   \
	int name parameters                                                   \
	{                                                                     \
		void *found = dlsym(RTLD_NEXT, #name);                            \
		int(*real) parameters;                                            \
                                                                          \
		memcpy(&real, &found, sizeof real);                               \
		return fails(#name) ? failure : real(__VA_ARGS__);                \
	}

IN_FRONT(posix_spawn_file_actions_init, (posix_spawn_file_actions_t *a), a)
IN_FRONT(posix_spawn_file_actions_adddup2, (posix_spawn_file_actions_t *a, int from, int to), a, from, to)
IN_FRONT(posix_spawn_file_actions_addclosefrom_np, (posix_spawn_file_actions_t *a, int from), a, from)
IN_FRONT(posix_spawn_file_actions_addchdir_np, (posix_spawn_file_actions_t *restrict a, const char *restrict path), a, path)
IN_FRONT(posix_spawnattr_init, (posix_spawnattr_t *a), a)
IN_FRONT(posix_spawnattr_setflags, (posix_spawnattr_t *a, short flags), a, flags)
IN_FRONT(posix_spawnattr_setpgroup, (posix_spawnattr_t *a, pid_t group), a, group)
IN_FRONT(posix_spawnattr_setsigmask, (posix_spawnattr_t *restrict a, const sigset_t *restrict set), a, set)
IN_FRONT(posix_spawnattr_setsigdefault, (posix_spawnattr_t *restrict a, const sigset_t *restrict set), a, set)

static char dir[] = "/tmp/sendmail_faults.XXXXXX";
static char program[64], taken[64];
static const char mail_text[] = "Subject: x\r\n\r\nend\r\n";

static struct delivery run(void)
{
	const struct sendmail_job job = { .program = program, .from = "a@x.test", .rcpt = "b@y.test",
		                              .content = mail_text, .len = sizeof mail_text - 1 };
	struct pollfd fds[SENDMAIL_FDS_MAX];
	struct delivery d;
	struct sendmail *s = sendmail_prepare(&job, &d);

	if (!s)
		return d;
	sendmail_run(s, clock_monotonic_ms());
	while (!sendmail_step(s, clock_monotonic_ms(), &d)) {
		int64_t wait = sendmail_wake_ms(s) - clock_monotonic_ms();

		poll(fds, sendmail_fds(s, fds), wait < 0 ? 0 : wait > 5000 ? 5000 : (int)wait);
	}
	sendmail_close(s);
	return d;
}

static bool was_taken(void)
{
	return access(taken, F_OK) == 0;
}

static void try_each(int error, enum delivery_outcome wanted)
{
	for (int at = 1;; at++) {
		struct delivery d;

		unlink(taken);
		countdown = at;
		failure = error;
		failed = NULL;
		d = run();
		countdown = 0;
		if (!failed)
			break;
		if (d.outcome == DELIVERY_SENT ? !was_taken() : was_taken())
			fail_msg("%s, %s: %s, and the program has%s taken it", failed, strerror(error), d.text, was_taken() ? "" : " not");
		/* Without a descriptor of the process it is looked after now and then. */
		if (d.outcome != (strcmp(failed, "pidfd_open") == 0 ? DELIVERY_SENT : wanted) &&
		    !(strstr("memfd_create write lseek", failed) && d.outcome == DELIVERY_RETRY))
			fail_msg("%s, %s: %s", failed, strerror(error), delivery_outcome_text(d.outcome));
	}
	assert_int_equal(run().outcome, DELIVERY_SENT);
}

static void what_is_short_now_is_tried_again(void **state)
{
	static const int errors[] = { ENOMEM, EAGAIN, EMFILE, ENFILE };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		try_each(errors[i], DELIVERY_RETRY);
}

static void what_is_not_allowed_is_a_matter_of_settings(void **state)
{
	(void)state;
	try_each(EPERM, DELIVERY_SETTINGS);
}

static int set_up(void **state)
{
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(program, sizeof program, "%s/sendmail", dir);
	snprintf(taken, sizeof taken, "%s/taken", dir);
	f = fopen(program, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\ncat >%s\n", taken);
	assert_int_equal(fclose(f), 0);
	return chmod(program, 0700);
}

static int tear_down(void **state)
{
	(void)state;
	unlink(taken);
	unlink(program);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_short_now_is_tried_again),
		cmocka_unit_test(what_is_not_allowed_is_a_matter_of_settings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sendmail: each call fails", tests, set_up, tear_down);
}
