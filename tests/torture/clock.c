/*
 * Time. Ticks work with a clock that the rig moves: it stops ticks where they do not expect it, steals their lock, sets
 * the clock, lets the machine sleep, be off for two weeks, pass the edges of summer time, and start ticks at once or
 * ten in a row. Nothing may go twice, nothing outside its hours, nothing may be lost.
 *
 * clock [--dose TRIALS] [--seed N] [--resume FILE] [--bug nolock|notoken|nohours|noguard]
 */
#include "base/mem.h"
#include "clock_time.h"
#include "clock_world.h"
#include "stand.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MINUTE 60
#define HOUR   3600
#define DAY    86400
#define MONDAY_9AM INT64_C(1782716400) /* 2026-06-29 09:00 in Berlin */

static const char *const zones[] = {
	"Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "America/Santiago", "Pacific/Chatham",
	"Africa/Casablanca", "Asia/Kolkata", "Europe/Dublin", "America/St_Johns", "Pacific/Apia", "Africa/Cairo",
	"America/Sao_Paulo", "Asia/Tehran", "Antarctica/Troll", "America/Nuuk",
};

static void scatter(struct world_rig *w)
{
	for (int i = 0; i < PEOPLE; i++)
		w->zones[i] = zones[dice_below(w->dice, ARRAY_LEN(zones))];
}

/* A tick in a process of its own. */
static pid_t start_tick(struct world_rig *w, enum accident what, int at, int64_t by_s)
{
	pid_t pid = fork();

	if (pid < 0)
		stand_die("fork");
	if (pid == 0) {
		accident_plan(what, at, by_s);
		_exit(world_tick(w) == TICK_FAILED);
	}
	return pid;
}

/* Waits until it has stopped (true) or ended. */
static bool has_stopped(pid_t pid, int *ret_status)
{
	if (waitpid(pid, ret_status, WUNTRACED) != pid)
		stand_die("waitpid");
	return WIFSTOPPED(*ret_status);
}

static int go_on(pid_t pid)
{
	int status;

	kill(pid, SIGCONT);
	if (waitpid(pid, &status, 0) != pid)
		stand_die("waitpid");
	return status;
}

/* Ticks until nothing can be due of what was due: answers that came too late are looked at again after hours. */
static char *settle(struct world_rig *w)
{
	for (int i = 0; i < 3; i++) {
		time_pass_ms(5 * HOUR * INT64_C(1000));
		accident_plan(ACCIDENT_NONE, 0, 0);
		/* Time ran on between two ticks and the clock with it: nothing is held. */
		if (world_tick(w) != TICKED)
			return stand_text("the last ticks did not do their work");
	}
	return world_judge(w);
}

/* Somebody unsubscribes while a tick stands still. *ret: to whom nothing may go from then on; -1 nobody. */
static void unsubscribe_one(struct world_rig *w, int *ret)
{
	char sql[128], *state;
	int who = (int)dice_below(w->dice, PEOPLE);

	*ret = -1;
	if (!dice_percent(w->dice, 40))
		return;
	world_unsubscribe(w, who);
	snprintf(sql, sizeof sql, "SELECT state FROM message WHERE rcpt_to = 'p%d@example.org'", who);
	state = world_text(w, sql);
	if (strcmp(state, "offered") != 0 && strcmp(state, "sent") != 0)
		*ret = who;
	free(state);
}

static char *written_to(const struct world_rig *w, int who)
{
	char *log = stand_read(w->sink_log, NULL), *key = stand_text("\"p%d@example.org\"", who);
	bool there = strstr(log, key) != NULL;

	free(log);
	free(key);
	return there ? stand_text("p%d had unsubscribed before the last byte, and was written to", who) : NULL;
}

/* Most of what happens to a mail is over after some 16 places; a tick has about 40. */
static int choose_place(struct world_rig *w)
{
	return 1 + (int)dice_below(w->dice, dice_percent(w->dice, 60) ? 16 : 40);
}

/* A tick stands still; its lock is stolen, and another tick (which may stand still too) takes over. */
static char *trial_stolen(struct world_rig *w)
{
	int status = 0, second_status = 0, gone;
	pid_t first, second;
	bool stopped, second_stopped;
	char *wrong = NULL;

	world_begin(w, MONDAY_9AM);
	world_people(w, PEOPLE, "free");
	first = start_tick(w, ACCIDENT_STOP, choose_place(w), 0);
	stopped = has_stopped(first, &status);
	time_pass_ms(dice_below(w->dice, 120000));
	unlink(w->lock);
	unsubscribe_one(w, &gone);
	second = start_tick(w, ACCIDENT_STOP, dice_percent(w->dice, 70) ? choose_place(w) : 0, 0);
	second_stopped = has_stopped(second, &second_status);
	if (stopped && second_stopped && dice_percent(w->dice, 50)) {
		second_status = go_on(second);
		second_stopped = false;
	}
	status = stopped ? go_on(first) : status;
	second_status = second_stopped ? go_on(second) : second_status;
	if (status != 0 || second_status != 0)
		wrong = stand_text("ticks ended with %x and %x", (unsigned)status, (unsigned)second_status);
	if (!wrong)
		wrong = settle(w);
	if (!wrong && gone >= 0)
		wrong = written_to(w, gone);
	return wrong;
}

/* Ticks that start while one stands still, or all at once: they leave it alone. */
static char *trial_overlap(struct world_rig *w)
{
	pid_t others[3], first;
	int status = 0, other;
	bool stopped, at_once = dice_percent(w->dice, 30);
	char *wrong = NULL;

	world_begin(w, MONDAY_9AM);
	world_people(w, PEOPLE, "free");
	first = start_tick(w, ACCIDENT_STOP, at_once ? 0 : 1 + (int)dice_below(w->dice, 40), 0);
	stopped = !at_once && has_stopped(first, &status);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		others[i] = start_tick(w, ACCIDENT_NONE, 0, 0);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (has_stopped(others[i], &other) || other != 0)
			wrong = stand_text("a tick that met another ended with %x", (unsigned)other);
	if (stopped || at_once)
		status = go_on(first);
	if (status != 0)
		wrong = stand_text("the tick that was met ended with %x", (unsigned)status);
	if (!wrong && world_number(w, "SELECT count(*) FROM message WHERE state <> 'sent'") != 0)
		wrong = stand_text("ticks that overlapped left a mail unsent or in doubt");
	return wrong ? wrong : settle(w);
}

/* The machine sleeps while a tick is at work, for minutes or for the night. */
static char *trial_suspend(struct world_rig *w)
{
	int64_t sleep_s = MINUTE + dice_below(w->dice, dice_percent(w->dice, 50) ? 30 * MINUTE : 16 * HOUR);
	int status;
	pid_t pid;

	scatter(w);
	world_begin(w, MONDAY_9AM + (int64_t)dice_below(w->dice, 7 * DAY / MINUTE) * MINUTE);
	world_people(w, PEOPLE, NULL);
	pid = start_tick(w, ACCIDENT_SUSPEND, 1 + (int)dice_below(w->dice, 60), sleep_s);
	if (has_stopped(pid, &status) || status != 0)
		return stand_text("a tick that slept ended with %x", (unsigned)status);
	return settle(w);
}

/* Somebody, or a dead battery, sets the clock. More than 5 minutes off: nothing goes until that was accepted. */
static char *trial_step(struct world_rig *w)
{
	static const int64_t most[] = { 290, 3 * HOUR, 30 * DAY, 3650 * INT64_C(86400) };
	size_t kind = dice_below(w->dice, ARRAY_LEN(most));
	int64_t by = (kind ? 400 : 0) + (int64_t)(dice_roll(w->dice) % (uint64_t)(most[kind] - (kind ? 400 : 0)));
	enum ticked ticked;
	int before;

	scatter(w);
	world_begin(w, MONDAY_9AM + (int64_t)dice_below(w->dice, 3000) * DAY);
	world_people(w, 3, NULL);
	if (world_tick(w) != TICKED)
		return stand_text("the first tick did not work");
	before = world_accepted(w);
	time_pass_ms(MINUTE * 1000);
	time_step(dice_percent(w->dice, 50) ? by : -by);
	world_people(w, 0, NULL);
	ticked = world_tick(w);
	if (kind == 0)
		return ticked == TICKED ? settle(w) : stand_text("a step of %d s is held", (int)by);
	if (ticked != TICK_HELD || world_tick(w) != TICK_HELD)
		return stand_text("the clock was set by %lld s, and a tick worked", (long long)by);
	if (world_accepted(w) != before)
		return stand_text("mail went after the clock was set by %lld s", (long long)by);
	world_accept_clock(w);
	if (world_tick(w) != TICKED)
		return stand_text("the clock was accepted, and a tick does not work");
	return settle(w);
}

/* The same in the midst of a tick. */
static char *trial_step_within(struct world_rig *w)
{
	int64_t by = 400 + (int64_t)dice_below(w->dice, dice_percent(w->dice, 50) ? 3 * HOUR : 60 * DAY);
	int status, before;
	pid_t pid;

	world_begin(w, MONDAY_9AM + (int64_t)dice_below(w->dice, 7 * DAY));
	world_people(w, PEOPLE, NULL);
	/* That the sun rises later than the clock says is what the next tick sees: it only has to have begun before. */
	pid = start_tick(w, ACCIDENT_STEP, 1 + (int)dice_below(w->dice, 30), dice_percent(w->dice, 50) ? by : -by);
	if (has_stopped(pid, &status) || status != 0)
		return stand_text("a tick during which the clock was set ended with %x", (unsigned)status);
	before = world_accepted(w);
	if (world_number(w, "SELECT count(*) FROM meta WHERE name = 'hold.clock'") == 0)
		return stand_text("the clock was set by %lld s during a tick, and nothing is held", (long long)by);
	if (world_tick(w) != TICK_HELD || world_accepted(w) != before)
		return stand_text("the clock was set during a tick, and the next one worked");
	world_accept_clock(w);
	return settle(w);
}

/* The office closes between two mails that have a gap between them. */
static char *trial_closing(struct world_rig *w)
{
	for (int i = 0; i < PEOPLE; i++)
		w->zones[i] = "Europe/Berlin";
	world_begin(w, MONDAY_9AM + 8 * HOUR - 1 - (int64_t)dice_below(w->dice, 90));
	world_people(w, PEOPLE, NULL);
	if (world_tick(w) != TICKED)
		return stand_text("a tick does not work");
	return settle(w);
}

/* Two weeks without ticks. What is late is held, and what may be late does not come as a flood. */
static char *trial_downtime(struct world_rig *w)
{
	int64_t off = 2 * DAY + (int64_t)dice_below(w->dice, 20 * DAY);

	scatter(w);
	world_begin(w, MONDAY_9AM + (int64_t)dice_below(w->dice, 7 * DAY));
	world_people(w, PEOPLE, NULL);
	if (dice_percent(w->dice, 70) && world_tick(w) != TICKED)
		return stand_text("the first tick did not work");
	time_pass_ms(off * 1000);
	for (int i = 0; i < 4; i++, time_pass_ms(MINUTE * 1000))
		if (world_tick(w) != TICKED)
			return stand_text("a tick after %lld s does not work", (long long)off);
	if (world_number(w, "SELECT count(*) FROM message m JOIN run r ON r.id = m.run JOIN document d ON d.id = r.pipeline"
	                    " WHERE d.name = 'free' AND m.state = 'sent' AND m.changed_at - r.due_at > 86400") != 0)
		return stand_text("a mail went that was more than a day late");
	return settle(w);
}

/* A day in which the clocks of some zone change, tick by tick. */
static char *trial_summer_time(struct world_rig *w)
{
	static const int64_t changes[] = {
		1774746000 /* Europe, 2026-03-29 01:00 UTC */,   1792890000 /* 2026-10-25 */,
		1772953200 /* New York, 2026-03-08 07:00 UTC */, 1793512800 /* 2026-11-01 */,
		1775314800 /* Santiago, Lord Howe, 2026-04-04 */, 1788665400 /* Santiago, 2026-09-06 */,
		1791037800 /* Lord Howe, 2026-10-03 15:30 UTC */, 1790431200 /* Chatham, 2026-09-26 */,
		1772330400 /* Casablanca in Ramadan, 2026 */,     2140045200 /* Europe, 2037-10-25 */,
	};
	int64_t middle = changes[dice_below(w->dice, ARRAY_LEN(changes))];
	int64_t step_s = 5 * MINUTE + dice_below(w->dice, 40 * MINUTE), begin = middle - 6 * HOUR - dice_below(w->dice, DAY);

	scatter(w);
	world_begin(w, begin);
	world_people(w, PEOPLE, NULL);
	for (int i = 0; i < 40; i++, time_pass_ms(step_s * 1000))
		if (world_tick(w) != TICKED)
			return stand_text("a tick does not work");
	return settle(w);
}

/* cron starts the missed minutes in a row, or all at once: limits and gaps hold over all of them. */
static char *trial_catch_up(struct world_rig *w)
{
	pid_t pids[10];
	char *wrong = NULL;
	int status;

	scatter(w);
	world_begin(w, MONDAY_9AM + (int64_t)dice_below(w->dice, 2 * DAY));
	world_people(w, PEOPLE, NULL);
	time_pass_ms(10 * MINUTE * 1000);
	if (dice_percent(w->dice, 50)) {
		for (int i = 0; i < 10 && !wrong; i++)
			if (world_tick(w) != TICKED)
				wrong = stand_text("a tick does not work");
		return wrong ? wrong : settle(w);
	}
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		pids[i] = start_tick(w, ACCIDENT_NONE, 0, 0);
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		if (has_stopped(pids[i], &status) || status != 0)
			wrong = stand_text("a tick of ten ended with %x", (unsigned)status);
	return wrong ? wrong : settle(w);
}

static const struct {
	const char *name;
	char *(*run)(struct world_rig *w);
	uint32_t share; /* of 100 */
} trials[] = {
	{ "stolen locks", trial_stolen, 35 },
	{ "overlaps", trial_overlap, 12 },
	{ "suspends", trial_suspend, 16 },
	{ "clock steps", trial_step, 8 },
	{ "steps within", trial_step_within, 8 },
	{ "closing times", trial_closing, 4 },
	{ "downtimes", trial_downtime, 6 },
	{ "changes of summer time", trial_summer_time, 4 },
	{ "catch-ups", trial_catch_up, 7 },
};

static size_t choose(struct dice *d)
{
	uint32_t n = dice_below(d, 100);
	size_t i = 0;

	for (; i + 1 < ARRAY_LEN(trials) && n >= trials[i].share; i++)
		n -= trials[i].share;
	return i;
}

static void one_trial(struct world_rig *w, struct tally *t)
{
	struct dice dice = dice_new(w->stand->seed * 1000003 + (uint64_t)t->done);
	size_t kind;
	char *wrong;

	w->dice = &dice;
	scatter(w);
	kind = choose(&dice);
	wrong = trials[kind].run(w);
	t->counts[1 + kind]++;
	t->counts[0] += wrong != NULL;
	if (wrong && (t->counts[0] <= 5 && !*w->stand->bug))
		printf("# trial %lld (seed %llu), of %s: %s\n", (long long)t->done, (unsigned long long)w->stand->seed,
		       trials[kind].name, wrong);
	free(wrong);
}

int main(int argc, char **argv)
{
	struct stand stand;
	struct world_rig w = { 0 };
	struct tally t = { .names = { "faults" } };

	for (size_t i = 0; i < ARRAY_LEN(trials); i++)
		t.names[1 + i] = trials[i].name;
	stand_begin(&stand, argc, argv, 400);
	time_begin(stand.bug);
	tally_load(&t, &stand);
	world_make(&w, &stand, NULL);
	/* With a seeded bug the first fault is enough. */
	while (t.done < stand.dose && !(*stand.bug && t.counts[0] > 0)) {
		one_trial(&w, &t);
		t.done++;
		tally_keep(&t, &stand, t.done == stand.dose);
	}
	tally_print(&t, "trials with time");
	sink_stop(&w.sink);
	stand_end(&stand);
	return t.counts[0] != 0;
}
