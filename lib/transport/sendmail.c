#include "transport/sendmail.h"

#include "base/account.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "transport/content.h"
#include "transport/delivery_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum { DEADLINE_MS = 5 * 60 * 1000, CHECK_MS = 50, CLOSE_MS = 1000, ENV_MAX = 6 };

struct sendmail {
	char *program;
	char *from;
	char *rcpt;
	int message_fd;
	int stderr_fd; /* -1 at its end */
	pid_t pid;     /* 0: not running */
	int pid_fd;    /* -1 where the kernel has none: then it is looked after now and then */
	int64_t patience_ms;
	int64_t deadline_ms;
	bool killed;
	bool failed_to_start;
	int64_t now_ms;
	struct delivery start_failure;
	struct buf said; /* of stderr, the first bytes */
};

static struct delivery failure(enum delivery_outcome outcome, const char *what, const char *why)
{
	return delivery_make(outcome, PHASE_RUN, "%s: %s", what, why);
}

static int check_program(const char *program, struct delivery *ret)
{
	struct stat st;

	if (program[0] != '/')
		*ret = failure(DELIVERY_SETTINGS, program, "not an absolute path");
	else if (stat(program, &st) < 0 || access(program, X_OK) < 0)
		*ret = failure(DELIVERY_SETTINGS, program, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		*ret = failure(DELIVERY_SETTINGS, program, "not a program");
	else
		return 0;
	return -1;
}

static int check_job(const struct sendmail_job *job, struct delivery *ret)
{
	const char *what = mail_address_check(job->from, NULL);
	if (what) {
		*ret = delivery_make(DELIVERY_SETTINGS, PHASE_CHECK, "the sender: %s", what);
		return -1;
	}
	what = mail_address_check(job->rcpt, NULL);
	if (!what)
		what = mail_content_check(job->content, job->len, NULL);
	if (what) {
		*ret = delivery_make(DELIVERY_REFUSED, PHASE_CHECK, "%s", what);
		return -1;
	}
	return check_program(job->program, ret);
}

/* The message as a file that has no name, read from its beginning. -1 with errno. */
static int message_file(const char *content, size_t len)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	if (fd >= 0 && (mail_content_write_lf(fd, content, len) < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

struct sendmail *sendmail_prepare(const struct sendmail_job *job, struct delivery *ret)
{
	if (check_job(job, ret) < 0)
		return NULL;
	int fd = message_file(job->content, job->len);
	if (fd < 0) {
		*ret = failure(DELIVERY_RETRY, job->program, strerror(errno));
		return NULL;
	}

	struct sendmail *s = xcalloc(1, sizeof *s);
	s->program = xstrdup(job->program);
	s->from = xstrdup(job->from);
	s->rcpt = xstrdup(job->rcpt);
	s->message_fd = fd;
	s->stderr_fd = -1;
	s->pid_fd = -1;
	s->patience_ms = job->deadline_ms > 0 ? job->deadline_ms : DEADLINE_MS;
	buf_init(&s->said, DELIVERY_TEXT);
	return s;
}

/* PATH as a system has it, and who we are: msmtp finds its configuration by HOME. */
static void make_environment(struct buf *b, char *ret_env[ENV_MAX])
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C.UTF-8";
	const struct passwd *pw = account_find(geteuid());
	size_t at[3] = { 0 };
	size_t n = 0;

	ret_env[n++] = path;
	ret_env[n++] = locale;
	if (pw) {
		const char *const names[] = { "HOME=", "USER=", "LOGNAME=" };
		const char *const values[] = { pw->pw_dir, pw->pw_name, pw->pw_name };
		for (size_t i = 0; i < 3; i++) {
			at[i] = b->len;
			buf_adds(b, names[i]);
			buf_adds(b, values[i]);
			buf_addc(b, '\0');
		}
		for (size_t i = 0; i < 3 && !b->over; i++)
			ret_env[n++] = b->s + at[i];
	}
	ret_env[n] = NULL;
}

static int set_actions(posix_spawn_file_actions_t *a, int message_fd, int stderr_fd)
{
	int rc = posix_spawn_file_actions_adddup2(a, message_fd, 0);
	rc = rc ? rc : posix_spawn_file_actions_addopen(a, 1, "/dev/null", O_WRONLY, 0);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(a, stderr_fd, 2);
	rc = rc ? rc : posix_spawn_file_actions_addclosefrom_np(a, 3);
	return rc ? rc : posix_spawn_file_actions_addchdir_np(a, "/");
}

/* A process group of its own, so that its children can be killed with it; no signal blocked or ignored. */
static int set_attributes(posix_spawnattr_t *a)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	int rc =
	    posix_spawnattr_setflags(a, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = rc ? rc : posix_spawnattr_setpgroup(a, 0);
	rc = rc ? rc : posix_spawnattr_setsigmask(a, &none);
	return rc ? rc : posix_spawnattr_setsigdefault(a, &all);
}

/* Returns an errno, 0 when it runs. */
static int spawn(struct sendmail *s, int stderr_fd)
{
	char dash_i[] = "-i", dash_f[] = "-f", dashes[] = "--";
	char *argv[] = { s->program, dash_i, dash_f, s->from, dashes, s->rcpt, NULL };
	char *env[ENV_MAX];
	BUF_AUTO env_text = BUF_INIT(8192);
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	make_environment(&env_text, env);
	int rc = posix_spawn_file_actions_init(&actions);
	if (rc)
		return rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc) {
		posix_spawn_file_actions_destroy(&actions);
		return rc;
	}
	rc = set_actions(&actions, s->message_fd, stderr_fd);
	rc = rc ? rc : set_attributes(&attributes);
	rc = rc ? rc : posix_spawn(&s->pid, s->program, &actions, &attributes, argv, env);
	if (rc)
		s->pid = 0;
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static bool is_shortage(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE || error == ETXTBSY;
}

void sendmail_run(struct sendmail *s, int64_t now_ms)
{
	int fds[2];
	int rc = pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0 ? errno : 0;

	s->now_ms = now_ms;
	s->deadline_ms = now_ms + s->patience_ms;
	if (rc == 0) {
		s->stderr_fd = fds[0];
		/* The program writes to a pipe that waits, as it may expect. */
		rc = fcntl(fds[1], F_SETFL, 0) < 0 ? errno : spawn(s, fds[1]);
		close(fds[1]);
	}
	if (rc) {
		s->failed_to_start = true;
		s->start_failure =
		    failure(is_shortage(rc) ? DELIVERY_RETRY : DELIVERY_SETTINGS, s->program, strerror(rc));
		return;
	}
	s->pid_fd = pidfd_open(s->pid, 0);
}

size_t sendmail_fds(const struct sendmail *s, struct pollfd *ret)
{
	size_t n = 0;

	if (s->stderr_fd >= 0)
		ret[n++] = (struct pollfd){ .fd = s->stderr_fd, .events = POLLIN };
	if (s->pid_fd >= 0)
		ret[n++] = (struct pollfd){ .fd = s->pid_fd, .events = POLLIN };
	return n;
}

int64_t sendmail_wake_ms(const struct sendmail *s)
{
	if (s->failed_to_start)
		return 0;
	if (s->pid_fd < 0 || s->killed)
		return s->now_ms + CHECK_MS;
	return s->deadline_ms;
}

static void hear(struct sendmail *s)
{
	char bytes[1024];

	while (s->stderr_fd >= 0) {
		ssize_t n = read(s->stderr_fd, bytes, sizeof bytes);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			close(s->stderr_fd);
			s->stderr_fd = -1;
			return;
		}
		size_t room = s->said.limit - s->said.len;
		buf_add(&s->said, bytes, (size_t)n < room ? (size_t)n : room);
	}
}

static const char *const exit_names[] = {
	[EX_USAGE] = "EX_USAGE",
	[EX_DATAERR] = "EX_DATAERR",
	[EX_NOINPUT] = "EX_NOINPUT",
	[EX_NOUSER] = "EX_NOUSER",
	[EX_NOHOST] = "EX_NOHOST",
	[EX_UNAVAILABLE] = "EX_UNAVAILABLE",
	[EX_SOFTWARE] = "EX_SOFTWARE",
	[EX_OSERR] = "EX_OSERR",
	[EX_OSFILE] = "EX_OSFILE",
	[EX_CANTCREAT] = "EX_CANTCREAT",
	[EX_IOERR] = "EX_IOERR",
	[EX_TEMPFAIL] = "EX_TEMPFAIL",
	[EX_PROTOCOL] = "EX_PROTOCOL",
	[EX_NOPERM] = "EX_NOPERM",
	[EX_CONFIG] = "EX_CONFIG",
};

static enum delivery_outcome outcome_of(int status)
{
	switch (status) {
	case EX_OK:
		return DELIVERY_SENT;
	case EX_TEMPFAIL:
		return DELIVERY_RETRY;
	case 126: /* a shell's: not executable, not found */
	case 127:
		return DELIVERY_SETTINGS;
	default:
		return DELIVERY_REFUSED;
	}
}

/* The name of the exit status, and the first line of what was said. */
static void describe_exit(const struct sendmail *s, int status, struct delivery *d)
{
	BUF_AUTO text = BUF_INIT(2 * DELIVERY_TEXT);
	size_t line = strcspn(s->said.s, "\r\n");

	if (status >= EX__BASE && (size_t)status < ARRAY_LEN(exit_names))
		buf_adds(&text, exit_names[status]);
	else if (status != EX_OK)
		buf_addf(&text, "exit status %d", status);
	if (text.len > 0 && line > 0)
		buf_adds(&text, ": ");
	buf_add(&text, s->said.s, line);
	delivery_set_text(d, text.s, text.len);
}

static struct delivery result_of(const struct sendmail *s, int wait_status)
{
	struct delivery d = { .phase = PHASE_RUN };

	if (WIFEXITED(wait_status)) {
		d.code = WEXITSTATUS(wait_status);
		d.outcome = outcome_of(d.code);
		describe_exit(s, d.code, &d);
		return d;
	}
	if (s->killed)
		return failure(DELIVERY_IN_DOUBT, s->program, "did not end in time and was killed");
	return failure(DELIVERY_IN_DOUBT, s->program, "was killed by a signal");
}

int sendmail_step(struct sendmail *s, int64_t now_ms, struct delivery *ret)
{
	int wait_status;

	s->now_ms = now_ms;
	if (s->failed_to_start) {
		*ret = s->start_failure;
		return 1;
	}
	hear(s);
	pid_t got = waitpid(s->pid, &wait_status, WNOHANG);
	if (got == 0) {
		if (now_ms >= s->deadline_ms && !s->killed) {
			kill(-s->pid, SIGKILL);
			s->killed = true;
		}
		return 0;
	}
	hear(s);
	*ret = got < 0 ? failure(DELIVERY_IN_DOUBT, s->program, strerror(errno)) : result_of(s, wait_status);
	s->pid = 0;
	return 1;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void sendmail_close(struct sendmail *s)
{
	if (!s)
		return;
	if (s->pid > 0) {
		struct pollfd gone = { .fd = s->pid_fd, .events = POLLIN };
		kill(-s->pid, SIGKILL);
		if (s->pid_fd >= 0)
			poll(&gone, 1, CLOSE_MS);
		waitpid(s->pid, NULL, WNOHANG);
	}
	close_fd(s->message_fd);
	close_fd(s->stderr_fd);
	close_fd(s->pid_fd);
	buf_release(&s->said);
	free(s->program);
	free(s->from);
	free(s->rcpt);
	free(s);
}
