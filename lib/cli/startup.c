#include "cli/startup.h"

#include "base/arena.h"
#include "base/err.h"

#include <ctype.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/*
 * A file opened later must not become descriptor 1 and receive our output. The mode is the wrong one on
 * purpose: whoever closed stdout is told that writing failed.
 */
static void open_missing_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(EX_OSERR);
}

static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
}

void cli_forbid_core(void)
{
	if (setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) < 0)
		_exit(EX_OSERR);
}

/* What the caller of a set-group-id program may have left behind for it. */
static void reset_inherited(void)
{
	struct itimerval no_timer = { 0 };

	signal(SIGALRM, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	alarm(0);
	setitimer(ITIMER_REAL, &no_timer, NULL);
	cli_forbid_core();
}

static int read_columns(const char *text)
{
	long n = text && isdigit((unsigned char)text[0]) ? strtol(text, NULL, 10) : 0;

	return n >= 20 && n <= 1000 ? (int)n : 0;
}

static const char *editor(void)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

	if (visual && *visual)
		return visual;
	return plain && *plain ? plain : "vi";
}

static void read_environment(struct arena *arena, struct cli_env *ret)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	*ret = (struct cli_env){
		.db = arena_strdup(arena, getenv("PIPEWRIGHT_DB")),
		.team = arena_strdup(arena, getenv("PIPEWRIGHT_TEAM")),
		.data_home = arena_strdup(arena, getenv("XDG_DATA_HOME")),
		.home = arena_strdup(arena, getenv("HOME")),
		.editor = arena_strdup(arena, editor()),
		.term = arena_strdup(arena, term),
		.columns = read_columns(getenv("COLUMNS")),
		.no_color = (no_color && *no_color) || !term || strcmp(term, "dumb") == 0,
	};
}

static void replace_environment(void)
{
	if (clearenv() != 0 || setenv("PATH", "/usr/bin:/bin", 1) != 0 || setenv("LC_ALL", "C.UTF-8", 1) != 0)
		_exit(EX_OSERR);
}

void cli_startup(int argc, struct arena *arena, struct cli_env *ret)
{
	if (argc < 1)
		_exit(EX_USAGE);
	open_missing_descriptors();
	reset_signals();
	read_environment(arena, ret);
	umask(077);
	if (getauxval(AT_SECURE)) {
		reset_inherited();
		replace_environment();
	}
	/* What terminals show wide or not at all is known to this locale, which the C library has built in. */
	setlocale(LC_CTYPE, "C.UTF-8");
}

bool cli_privileged(void)
{
	return getegid() != getgid() || geteuid() != getuid();
}

void cli_drop_privilege(void)
{
	gid_t gid = getgid();
	uid_t uid = getuid();

	if (!cli_privileged())
		return;
	if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0 || cli_privileged())
		BUG("the rights of the group cannot be given up");
}
