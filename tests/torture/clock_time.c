#include "clock_time.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/zone.h"
#include "engine/guard.h"
#include "model/calendar.h"
#include "stand.h"
#include "store/db.h"
#include "store/message_store.h"
#include "transport/smtp.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define OFFERS_MAX 4096
#define LOOK_MS    100 /* how long a real answer is waited for at once */
#define CONNECT_MS 100 /* a tick that does nothing but connect comes to its end too */

/* In memory that all processes of the rig have. */
struct shared {
	int64_t wall_ms, boot_ms, steady_ms;
	int n_offers;
	struct offer offers[OFFERS_MAX];
};

static struct shared *shared;

static struct {
	bool no_lock, no_token, no_hours, no_guard, no_fence;
} bugs;

/* Of this process: connections with the answers that are on their way, and the accident that it goes towards. */
static struct {
	const struct smtp *smtp;
	int answers;
} awaited[8];
static struct {
	enum accident what;
	int at;
	int64_t by_s;
} plan;

void time_begin(const char *bug)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		stand_die("mmap");
	bugs.no_lock = strcmp(bug, "nolock") == 0;
	bugs.no_token = strcmp(bug, "notoken") == 0;
	bugs.no_hours = strcmp(bug, "nohours") == 0;
	bugs.no_fence = strcmp(bug, "nofence") == 0;
	bugs.no_guard = strcmp(bug, "noguard") == 0;
}

void time_set(int64_t now)
{
	shared->wall_ms = now * 1000;
	shared->boot_ms = shared->steady_ms = INT64_C(1000000000);
}

int64_t time_now(void)
{
	return shared->wall_ms / 1000;
}

void time_pass_ms(int64_t ms)
{
	shared->wall_ms += ms;
	shared->boot_ms += ms;
	shared->steady_ms += ms;
}

void time_suspend(int64_t s)
{
	shared->wall_ms += s * 1000;
	shared->boot_ms += s * 1000;
}

void time_step(int64_t s)
{
	shared->wall_ms += s * 1000;
}

void accident_plan(enum accident what, int at, int64_t by_s)
{
	plan.what = what;
	plan.at = at;
	plan.by_s = by_s;
}

const struct offer *offers(int *ret_n)
{
	*ret_n = shared->n_offers;
	return shared->offers;
}

void offers_forget(void)
{
	shared->n_offers = 0;
}

static void come_by(void)
{
	if (plan.at == 0 || --plan.at > 0)
		return;
	if (plan.what == ACCIDENT_STOP)
		raise(SIGSTOP);
	else if (plan.what == ACCIDENT_SUSPEND)
		time_suspend(plan.by_s);
	else if (plan.what == ACCIDENT_STEP)
		time_step(plan.by_s);
}

int64_t __wrap_clock_now(void);
int64_t __wrap_clock_boottime(void);
int64_t __wrap_clock_monotonic_ms(void);

int64_t __wrap_clock_now(void)
{
	return time_now();
}

int64_t __wrap_clock_boottime(void)
{
	return shared->boot_ms / 1000;
}

int64_t __wrap_clock_monotonic_ms(void)
{
	return shared->steady_ms;
}

/* Where a connection stands; one that is new, where none does. */
static size_t place_of(const struct smtp *c)
{
	size_t place = ARRAY_LEN(awaited);

	for (size_t i = ARRAY_LEN(awaited); i-- > 0;) {
		if (awaited[i].smtp == c)
			return i;
		if (!awaited[i].smtp)
			place = i;
	}
	BUG_ON(place == ARRAY_LEN(awaited));
	return place;
}

/* One answer of a connection more, or less. */
static void await(const struct smtp *c, int more)
{
	size_t i = place_of(c);

	awaited[i].smtp = c;
	awaited[i].answers += more;
}

static void await_nothing(const struct smtp *c)
{
	for (size_t i = 0; i < ARRAY_LEN(awaited); i++) {
		if (awaited[i].smtp == c) {
			awaited[i].smtp = NULL;
			awaited[i].answers = 0;
		}
	}
}

static bool is_awaiting(void)
{
	for (size_t i = 0; i < ARRAY_LEN(awaited); i++)
		if (awaited[i].answers > 0)
			return true;
	return false;
}

int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room); /* what _FORTIFY_SOURCE makes of it */

/* While an answer is on its way time stands nearly still, however slow this machine is now. */
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	bool awaiting = is_awaiting();
	int got;

	come_by();
	got = __real_poll(fds, n, awaiting ? LOOK_MS : 0);
	if (got == 0)
		time_pass_ms(awaiting ? 10 : timeout);
	return got;
}

int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	(void)room;
	return __wrap_poll(fds, n, timeout);
}

struct smtp *__real_smtp_open(const struct smtp_config *config, int64_t now_ms);
struct smtp *__wrap_smtp_open(const struct smtp_config *config, int64_t now_ms);
int __real_smtp_begin(struct smtp *c, const struct smtp_envelope *env, int64_t now_ms, struct delivery *ret);
int __wrap_smtp_begin(struct smtp *c, const struct smtp_envelope *env, int64_t now_ms, struct delivery *ret);
enum smtp_event __real_smtp_feed(struct smtp *c, int64_t now_ms, struct delivery *ret, int64_t *ret_id);
enum smtp_event __wrap_smtp_feed(struct smtp *c, int64_t now_ms, struct delivery *ret, int64_t *ret_id);
int __real_smtp_content(struct smtp *c, const char *content, size_t len, int64_t now_ms, struct delivery *ret);
int __wrap_smtp_content(struct smtp *c, const char *content, size_t len, int64_t now_ms, struct delivery *ret);
void __real_smtp_abandon(struct smtp *c);
void __wrap_smtp_abandon(struct smtp *c);
void __real_smtp_close(struct smtp *c);
void __wrap_smtp_close(struct smtp *c);

struct smtp *__wrap_smtp_open(const struct smtp_config *config, int64_t now_ms)
{
	struct smtp *c = __real_smtp_open(config, now_ms);

	await(c, 1);
	time_pass_ms(CONNECT_MS);
	return c;
}

int __wrap_smtp_begin(struct smtp *c, const struct smtp_envelope *env, int64_t now_ms, struct delivery *ret)
{
	int got = __real_smtp_begin(c, env, now_ms, ret);

	if (got == 0)
		await(c, 1);
	return got;
}

enum smtp_event __wrap_smtp_feed(struct smtp *c, int64_t now_ms, struct delivery *ret, int64_t *ret_id)
{
	enum smtp_event event = __real_smtp_feed(c, now_ms, ret, ret_id);

	if (event == SMTP_CONNECTED || event == SMTP_DONE)
		await(c, -1);
	else if (event == SMTP_CLOSED)
		await_nothing(c);
	return event;
}

void __wrap_smtp_abandon(struct smtp *c)
{
	await_nothing(c);
	__real_smtp_abandon(c);
}

void __wrap_smtp_close(struct smtp *c)
{
	await_nothing(c);
	__real_smtp_close(c);
}

int __wrap_smtp_content(struct smtp *c, const char *content, size_t len, int64_t now_ms, struct delivery *ret)
{
	int got;

	come_by();
	got = __real_smtp_content(c, content, len, now_ms, ret);
	come_by();
	return got;
}

int __real_txn_begin(struct txn *t, struct db *db, struct err *err);
int __wrap_txn_begin(struct txn *t, struct db *db, struct err *err);
int __real_txn_commit(struct txn *t, struct err *err);
int __wrap_txn_commit(struct txn *t, struct err *err);

/* Nobody is stopped inside a transaction: the others could only wait for the lock of the database. */
int __wrap_txn_begin(struct txn *t, struct db *db, struct err *err)
{
	come_by();
	return __real_txn_begin(t, db, err);
}

int __wrap_txn_commit(struct txn *t, struct err *err)
{
	int got = __real_txn_commit(t, err);

	come_by();
	return got;
}

int __real_message_fence(struct db *db, int64_t team, int64_t id, int64_t token, int64_t now, struct err *err);
int __wrap_message_fence(struct db *db, int64_t team, int64_t id, int64_t token, int64_t now, struct err *err);

int __wrap_message_fence(struct db *db, int64_t team, int64_t id, int64_t token, int64_t now, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct message m = { .subject = "" };
	int got;

	if (message_load(db, team, id, &a, &m, err) > 0 && bugs.no_token)
		token = m.token;
	if (bugs.no_fence)
		return 1;
	got = __real_message_fence(db, team, id, token, now, err);
	if (got > 0 && shared->n_offers < OFFERS_MAX)
		shared->offers[shared->n_offers++] = (struct offer){ time_now(), id, strncmp(m.subject, "slow", 4) == 0 };
	return got;
}

int __real_flock(int fd, int how);
int __wrap_flock(int fd, int how);

int __wrap_flock(int fd, int how)
{
	return bugs.no_lock ? 0 : __real_flock(fd, how);
}

int __real_calendar_next_open(const struct calendar *cal, const struct zone *zone, int64_t at, int64_t *ret, struct err *err);
int __wrap_calendar_next_open(const struct calendar *cal, const struct zone *zone, int64_t at, int64_t *ret, struct err *err);

int __wrap_calendar_next_open(const struct calendar *cal, const struct zone *zone, int64_t at, int64_t *ret, struct err *err)
{
	int got = __real_calendar_next_open(cal, zone, at, ret, err);

	if (got == 0 && bugs.no_hours)
		*ret = at;
	return got;
}

const char *__real_guard_jump(const struct guard *g, int64_t now);
const char *__wrap_guard_jump(const struct guard *g, int64_t now);

const char *__wrap_guard_jump(const struct guard *g, int64_t now)
{
	return bugs.no_guard ? NULL : __real_guard_jump(g, now);
}
