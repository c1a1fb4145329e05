#include "stand.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEEP_EACH 500

/* What a rig holds it holds to its end. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

void stand_die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("# the rig itself: ", stderr);
	vfprintf(stderr, format, ap);
	fprintf(stderr, " (%s)\n", strerror(errno));
	va_end(ap);
	exit(2);
}

struct dice dice_new(uint64_t seed)
{
	return (struct dice){ seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
}

/* splitmix64 */
uint64_t dice_roll(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t dice_below(struct dice *d, uint32_t n)
{
	return (uint32_t)(dice_roll(d) % n);
}

bool dice_percent(struct dice *d, uint32_t percent)
{
	return dice_below(d, 100) < percent;
}

char *stand_text(const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	if (vasprintf(&s, format, ap) < 0)
		stand_die("memory");
	va_end(ap);
	return s;
}

static char *make_folder(void)
{
	const char *tmp = getenv("TMPDIR"), *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	char *folder = stand_text("%s/pw-rig-XXXXXX", tmp ? tmp : memory);

	if (!mkdtemp(folder))
		stand_die("%s", folder);
	return folder;
}

void stand_begin(struct stand *s, int argc, char **argv, int64_t dose)
{
	*s = (struct stand){ .dose = dose, .seed = 1, .bug = "", .build = getenv("PW_BUILD") };
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--dose") == 0)
			s->dose = strtoll(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0)
			s->seed = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--resume") == 0)
			s->resume = argv[i + 1];
		else if (strcmp(argv[i], "--bug") == 0)
			s->bug = argv[i + 1];
		else
			stand_die("what is '%s'? --dose N --seed N --resume FILE --bug NAME", argv[i]);
	}
	if (!s->build)
		stand_die("PW_BUILD is not set");
	s->folder = make_folder();
	setlinebuf(stdout); /* what is in a buffer when a rig forks would be said twice */
}

void stand_end(struct stand *s)
{
	const char *argv[] = { "rm", "-rf", s->folder, NULL };

	stand_run(argv, NULL, NULL);
}

void tally_load(struct tally *t, const struct stand *s)
{
	FILE *f = s->resume ? fopen(s->resume, "r") : NULL;
	bool ok;

	if (!f)
		return;
	ok = fscanf(f, "%" SCNd64, &t->done) == 1;
	for (int i = 0; ok && t->names[i]; i++)
		ok = fscanf(f, "%" SCNd64, &t->counts[i]) == 1;
	if (!ok)
		stand_die("%s is no count of this rig", s->resume);
	fclose(f);
}

void tally_keep(const struct tally *t, const struct stand *s, bool now)
{
	char *new_name;
	FILE *f;

	if (!s->resume || (!now && t->done % KEEP_EACH != 0))
		return;
	new_name = stand_text("%s.new", s->resume);
	f = fopen(new_name, "w");
	if (!f)
		stand_die("%s", new_name);
	fprintf(f, "%" PRId64, t->done);
	for (int i = 0; t->names[i]; i++)
		fprintf(f, " %" PRId64, t->counts[i]);
	fputc('\n', f);
	if (fclose(f) != 0 || rename(new_name, s->resume) < 0)
		stand_die("%s", s->resume);
	free(new_name);
}

void tally_print(const struct tally *t, const char *what)
{
	printf("%" PRId64 " %s:", t->done, what);
	for (int i = 0; t->names[i]; i++)
		printf("%s %" PRId64 " %s", i ? "," : "", t->counts[i], t->names[i]);
	printf("\n");
	fflush(stdout);
}

/* A file without a name, for what a program reads or says. */
static int nameless(const char *content)
{
	int fd = memfd_create("rig", MFD_CLOEXEC);

	if (fd < 0 || write(fd, content, strlen(content)) != (ssize_t)strlen(content) || lseek(fd, 0, SEEK_SET) != 0)
		stand_die("memfd");
	return fd;
}

static char *read_all(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *s = xmalloc((size_t)len + 1);

	if (pread(fd, s, (size_t)len, 0) != len)
		stand_die("memfd");
	s[len] = '\0';
	return s;
}

int stand_run(const char *const *argv, const char *input, char **ret_said)
{
	int in = nameless(input ? input : ""), out = nameless(""), status;
	pid_t pid = fork();

	if (pid < 0)
		stand_die("fork");
	if (pid == 0) {
		if (dup2(in, 0) < 0 || (ret_said && (dup2(out, 1) < 0 || dup2(out, 2) < 0)))
			_exit(126);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		stand_die("waitpid");
	if (ret_said)
		*ret_said = read_all(out);
	close(in);
	close(out);
	return status;
}

/* Runs in the child: the sink's words, and then the sink. */
static void become_sink(const struct stand *stand, const char *log, const char *const *options)
{
	const char *argv[24] = { stand_text("%s/tests/smtp_sink", stand->build), "--until-eof", "--log", log };
	size_t n = 4;

	while (options && *options && n < ARRAY_LEN(argv) - 1)
		argv[n++] = *options++;
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

void sink_start(struct sink *s, const struct stand *stand, const char *log, const char *const *options)
{
	int in[2], out[2];
	char line[32] = "";

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || (s->pid = fork()) < 0)
		stand_die("the sink");
	if (s->pid == 0) {
		if (dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1)
			become_sink(stand, log, options);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	s->stdin_fd = in[1];
	if (read(out[0], line, sizeof line - 1) <= 0)
		stand_die("the sink says no port");
	close(out[0]);
	snprintf(s->url, sizeof s->url, "smtp://127.0.0.1:%ld", strtol(line, NULL, 10));
}

void sink_stop(struct sink *s)
{
	int status;

	close(s->stdin_fd);
	waitpid(s->pid, &status, 0);
}

char *sink_member(const char *line, const char *name)
{
	char *key = stand_text("\"%s\":\"", name);
	const char *at = strstr(line, key), *end = NULL;

	if (at)
		end = strchr(at += strlen(key), '"');
	free(key);
	return end ? xstrndup(at, (size_t)(end - at)) : NULL;
}

void stand_write(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		stand_die("%s", path);
}

char *stand_read(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *s;

	if (fd < 0 || fstat(fd, &st) < 0)
		stand_die("%s", path);
	s = xmalloc((size_t)st.st_size + 1);
	if (read(fd, s, (size_t)st.st_size) != st.st_size)
		stand_die("%s", path);
	s[st.st_size] = '\0';
	if (ret_len)
		*ret_len = (size_t)st.st_size;
	close(fd);
	return s;
}

void stand_append(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	size_t len = strlen(line);

	if (fd < 0 || write(fd, line, len) != (ssize_t)len || close(fd) < 0)
		stand_die("%s", path);
}
