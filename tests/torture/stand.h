#ifndef PW_TORTURE_STAND_H
#define PW_TORTURE_STAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What rigs stand on: dice, a scratch folder, the programs under test, a sink that takes their mail, and a count that
 * a later run goes on from. What fails here says nothing about pipewright: it ends the rig with status 2.
 */

_Noreturn void stand_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Numbers that the seed decides. */
struct dice {
	uint64_t state;
};
struct dice dice_new(uint64_t seed);
uint64_t dice_roll(struct dice *d);
uint32_t dice_below(struct dice *d, uint32_t n);       /* 0..n-1 */
bool dice_percent(struct dice *d, uint32_t percent);   /* so often true */

/* The command line of a rig. */
struct stand {
	int64_t dose;        /* --dose N: how many trials, or seconds */
	uint64_t seed;       /* --seed N: printed, so that a failure can be repeated */
	const char *resume;  /* --resume FILE: counts are kept there, and a later run goes on from them */
	const char *bug;     /* --bug NAME: a seeded bug that the rig has to catch; "" none */
	const char *build;   /* $PW_BUILD */
	char *folder;        /* scratch, in memory where there is room for that */
};
void stand_begin(struct stand *s, int argc, char **argv, int64_t dose);
void stand_end(struct stand *s); /* removes the folder */

/* Text in memory of its own, never freed: a rig lives for some minutes. */
char *stand_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Trials done and what was found, kept between runs. tally_at() says where to begin, tally_keep() writes now and then
 * (and at the end) what has been counted so far.
 */
#define TALLY_NAMES 12
struct tally {
	int64_t done;
	const char *names[TALLY_NAMES]; /* ended by NULL */
	int64_t counts[TALLY_NAMES];
};
void tally_load(struct tally *t, const struct stand *s);
void tally_keep(const struct tally *t, const struct stand *s, bool now);
void tally_print(const struct tally *t, const char *what);

/* Runs a program and waits. stdout and stderr are in *ret_said, when that is not NULL. The wait status. */
int stand_run(const char *const *argv, const char *input, char **ret_said);

/* An SMTP sink on loopback (tests/tools/smtp_sink.c); each mail is logged before it is answered. */
struct sink {
	pid_t pid;
	int stdin_fd;
	char url[40];
};
void sink_start(struct sink *s, const struct stand *stand, const char *log, const char *const *options);
void sink_stop(struct sink *s);

/* The value of a member of a line of JSON that the sink wrote; NULL: not there. */
char *sink_member(const char *line, const char *name);

void stand_write(const char *path, const void *bytes, size_t len);
char *stand_read(const char *path, size_t *ret_len);
void stand_append(const char *path, const char *line);

#endif
