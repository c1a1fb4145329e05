/*
 * repeat N COMMAND... [-- COMMAND...]
 *
 * Runs each command N times, in turn, and prints for each a line: the median of its wall time in microseconds, its
 * smallest and largest, the peak memory of any of its runs in kB, and the median of its CPU time in microseconds. A word
 * that begins with {} begins with a name of its own in each round. What they print is thrown away.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct command {
	char **words; /* ended by NULL */
	char **place; /* of the word that begins with {}; NULL: there is none */
	const char *rest; /* of that word */
	double *took, *cpu;
	long peak_kb;
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double since(const struct timeval *user, const struct timeval *system)
{
	return (double)(user->tv_sec + system->tv_sec) * 1e6 + (double)(user->tv_usec + system->tv_usec);
}

static int run(struct command *c, const posix_spawn_file_actions_t *files, int round)
{
	struct timespec a, b;
	struct rusage used;
	char word[256];
	int status;
	pid_t pid;

	if (c->place) {
		snprintf(word, sizeof word, "r%d.%d%s", (int)getpid(), round, c->rest);
		*c->place = word;
	}
	clock_gettime(CLOCK_MONOTONIC, &a);
	if (posix_spawnp(&pid, c->words[0], files, NULL, c->words, environ) != 0 || wait4(pid, &status, 0, &used) < 0 ||
	    status != 0)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &b);
	c->took[round] = (double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3;
	c->cpu[round] = since(&used.ru_utime, &used.ru_stime);
	if (used.ru_maxrss > c->peak_kb)
		c->peak_kb = used.ru_maxrss;
	return 0;
}

static void command_init(struct command *c, char **words, int n)
{
	*c = (struct command){ .words = words, .took = calloc((size_t)n, sizeof *c->took),
		                .cpu = calloc((size_t)n, sizeof *c->cpu) };
	for (char **w = words; *w; w++) {
		if (strncmp(*w, "{}", 2) != 0)
			continue;
		c->place = w;
		c->rest = *w + 2;
	}
}

static void print(const struct command *c, int n)
{
	qsort(c->took, (size_t)n, sizeof *c->took, compare);
	qsort(c->cpu, (size_t)n, sizeof *c->cpu, compare);
	printf("%.0f %.0f %.0f %ld %.0f\n", c->took[n / 2], c->took[0], c->took[n - 1], c->peak_kb, c->cpu[n / 2]);
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0, commands = 1;
	posix_spawn_file_actions_t files;
	struct command list[2];

	if (n < 1)
		return 64;
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0 || commands == 2)
			continue;
		argv[i] = NULL;
		command_init(&list[commands++], argv + i + 1, n);
	}
	command_init(&list[0], argv + 2, n);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	for (int round = 0; round < n; round++)
		for (int i = 0; i < commands; i++)
			if (run(&list[i], &files, round) < 0)
				return 1;
	for (int i = 0; i < commands; i++)
		print(&list[i], n);
	return 0;
}
