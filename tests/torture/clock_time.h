#ifndef PW_TORTURE_CLOCK_TIME_H
#define PW_TORTURE_CLOCK_TIME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A clock that the rig moves, in the place of the machine's (lib/base/clock.c, by --wrap), shared by the rig and the
 * ticks that it forks. Waiting (poll) for a time to come costs nothing: the clock is put forward.
 */
void time_begin(const char *bug);           /* bug: nolock notoken nohours noguard nofence, or "" */
void time_set(int64_t now);
int64_t time_now(void);
void time_pass_ms(int64_t ms);              /* everything runs on */
void time_suspend(int64_t s);               /* the machine slept: wall and boot time go on, nothing else */
void time_step(int64_t s);                  /* somebody set the clock */

/* What this process does when it comes by the nth place at which the world may change under it (0: nothing). */
enum accident { ACCIDENT_NONE, ACCIDENT_STOP, ACCIDENT_SUSPEND, ACCIDENT_STEP };
void accident_plan(enum accident what, int at, int64_t by_s);

/* The mails whose fence was passed, when and to whom, since offers_forget(). */
struct offer {
	int64_t at;
	int64_t message;
	bool slow; /* of the mailbox that has limits */
};
const struct offer *offers(int *ret_n);
void offers_forget(void);

#endif
