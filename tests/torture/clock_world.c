#include "clock_world.h"

#include "base/mem.h"
#include "clock_time.h"
#include "engine/enroll.h"
#include "engine/event.h"
#include "engine/guard.h"
#include "operate/safekeeping.h"
#include "people/people.h"
#include "store/contact_store.h"
#include "store/team_store.h"
#include "tick/work.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OK(call)                                        \
	do {                                                \
		struct err err = ERR_INIT;                      \
		if ((call) < 0)                                 \
			stand_die("%s: %s", #call, err.text);       \
	} while (0)

static const char documents[] =
	"kind: Team\nname: sales\ntimezone: Europe/Berlin\n"
	"---\nkind: Calendar\nname: office\nopen: {mon-fri: 09:00-17:00}\nzone: contact\n"
	"---\nkind: Calendar\nname: night\nopen: {mon-sun: [01:30-03:30, 22:00-24:00]}\nzone: contact\n"
	"---\nkind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\n"
	"smtp: {url: \"%s\", tls: none}\nlimit: {connections: 2}\n"
	"---\nkind: Mailbox\nname: slow\nfrom: Hello <slow@example.com>\n"
	"smtp: {url: \"%s\", tls: none}\nlimit: {per_day: 5, gap: 7 seconds, connections: 1}\n";

static const char pipeline[] =
	"---\nkind: Pipeline\nname: %s\nmailbox: %s\n%s"
	"steps:\n  - email: {subject: %s-1, text: First.}\n  - email: {subject: %s-2, text: Second.}\n    after: %s\n";

static char *all_documents(const struct world_rig *w)
{
	char *head = stand_text(documents, w->sink.url, w->sink.url);

	head = stand_text("%s%s", head, stand_text(pipeline, "free", "hello", "", "free", "free", "1 hour"));
	head = stand_text("%s%s", head, stand_text(pipeline, "office", "hello", "hours: office\n", "office", "office", "1 day"));
	head = stand_text("%s%s", head, stand_text(pipeline, "night", "hello", "hours: night\n", "night", "night", "1 day"));
	return stand_text("%s%s", head, stand_text(pipeline, "slow", "slow", "hours: office\nlate: {max: 1 hour, then: send}\n", "slow", "slow",
	                                           "3 days"));
}

static void command(const char *input, const char *const *argv)
{
	char *said;

	if (stand_run(argv, input, &said) != 0)
		stand_die("%s: %s", argv[1], said);
	free(said);
}

void world_make(struct world_rig *w, struct stand *stand, struct dice *dice)
{
	char *pipectl = stand_text("%s/bin/pipectl", stand->build);

	w->stand = stand;
	w->dice = dice;
	w->template = stand_text("%s/template.db", stand->folder);
	w->db = stand_text("%s/t.db", stand->folder);
	w->lock = guard_path(w->db);
	w->sink_log = stand_text("%s/sink", stand->folder);
	sink_start(&w->sink, stand, w->sink_log, w->sink_options);
	command(NULL, (const char *const[]){ pipectl, "--db", w->template, "init", "-q", "--team", "sales", NULL });
	command(all_documents(w), (const char *const[]){ pipectl, "--db", w->template, "apply", "-q", "-", NULL });
}

static void drop(const char *path, const char *suffix)
{
	char *name = stand_text("%s%s", path, suffix);

	unlink(name);
	free(name);
}

void world_clear(struct world_rig *w, int64_t now)
{
	drop(w->db, "-wal");
	drop(w->db, "-shm");
	drop(w->db, ".lock");
	stand_write(w->sink_log, "", 0);
	offers_forget();
	time_set(now);
}

void world_begin(struct world_rig *w, int64_t now)
{
	size_t len;
	char *bytes = stand_read(w->template, &len);

	world_clear(w, now);
	stand_write(w->db, bytes, len);
	free(bytes);
}

struct session {
	struct db *db;
	struct engine e;
	int64_t team;
	struct arena arena;
};

static void session_open(struct session *s, const struct world_rig *w)
{
	struct team_row *teams;

	*s = (struct session){ 0 };
	OK(db_open(w->db, DB_WRITE, &s->db, &err));
	engine_init(&s->e, s->db, time_now(), "tester", "manual");
	OK(team_list(s->db, &s->arena, &teams, &err));
	s->team = teams[0].id;
}

static void session_close(struct session *s)
{
	engine_release(&s->e);
	db_close(s->db);
	arena_release(&s->arena);
}

static void add_person(struct session *s, const struct world_rig *w, int i)
{
	struct contact c = { .kind = CONTACT_LEAD, .created_at = s->e.now, .updated_at = s->e.now, .team = s->team };
	struct happening h = { .created = true, .contact = &c, .arena = &s->arena, .ev.type = "contact.created" };

	c.email = c.folded = arena_printf(&s->arena, "p%d@example.org", i);
	contact_put(&c, &s->arena, "timezone", w->zones[i]);
	OK(event_record(&s->e, s->team, &h, &err));
}

static void enroll_person(struct session *s, const char *name, int i)
{
	struct enrollment how = { .by_hand = true, .enroller = "tester" };
	struct enroll_result result = { 0 };
	struct contact c;
	struct world *world = NULL;

	OK(engine_world(&s->e, s->team, &world, &err));
	OK(contact_find(s->db, s->team, arena_printf(&s->arena, "p%d@example.org", i), &s->arena, &c, &err));
	OK(enroll_start(&s->e, world, world_pipeline(world, name), &c, &how, &s->arena, &result, &err));
}

void world_people(struct world_rig *w, int n, const char *only)
{
	static const char *const all[] = { "free", "office", "night", "slow" };
	struct session s;
	struct txn t = TXN_INIT;

	session_open(&s, w);
	OK(txn_begin(&t, s.db, &err));
	for (int i = 0; i < n; i++) {
		add_person(&s, w, i);
		for (size_t k = 0; k < ARRAY_LEN(all); k++)
			if (!only || strcmp(only, all[k]) == 0)
				enroll_person(&s, all[k], i);
	}
	OK(txn_commit(&t, &err));
	session_close(&s);
}

static enum ticked work_once(struct world_rig *w, const struct guard *g)
{
	struct work_options how = { .max = INT64_MAX, .real_time = true, .guard = g };
	struct work_count n = { 0 };
	struct err err = ERR_INIT;
	ENGINE_AUTO e = { 0 };
	struct db *db;
	enum ticked how_it_went;

	if (db_open(w->db, DB_WRITE, &db, &err) < 0)
		return TICK_FAILED;
	engine_init(&e, db, time_now(), "pipe-tick", "pipeline");
	if (work(&e, &how, &n, &err) == 0) {
		struct guard ended = *g;

		how_it_went = TICKED;
		ended.newest = n.newest;
		guard_touch(&ended, time_now());
	} else if (n.told || (err.kind == ERR_CONFIG && strstr(err.text, "clock"))) {
		how_it_went = TICK_HELD;
	} else {
		printf("# a tick failed: %s\n", err.text);
		how_it_went = TICK_FAILED;
	}
	engine_release(&e);
	db_close(db);
	return how_it_went;
}

enum ticked world_tick(struct world_rig *w)
{
	struct err err = ERR_INIT;
	struct guard g;
	int got = guard_lock(w->db, &g, &err);
	enum ticked how_it_went;

	if (got <= 0)
		return got < 0 ? TICK_FAILED : TICK_LOCKED;
	how_it_went = work_once(w, &g);
	close(g.fd);
	return how_it_went;
}

void world_unsubscribe(struct world_rig *w, int person)
{
	struct session s;
	struct contact c;
	struct txn t = TXN_INIT;

	session_open(&s, w);
	OK(txn_begin(&t, s.db, &err));
	OK(contact_find(s.db, s.team, arena_printf(&s.arena, "p%d@example.org", person), &s.arena, &c, &err));
	OK(people_unsubscribe(&s.e, &c, &s.arena, &err));
	OK(txn_commit(&t, &err));
	session_close(&s);
}

void world_accept_clock(struct world_rig *w)
{
	struct session s;

	session_open(&s, w);
	OK(safekeep_accept_clock(&s.e, &err));
	session_close(&s);
}

int world_accepted(const struct world_rig *w)
{
	char *text = stand_read(w->sink_log, NULL);
	int n = 0;

	for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		n++;
	free(text);
	return n;
}

/* Each row of a query; all columns are text. */
static void each_row(const struct world_rig *w, const char *sql, int (*row)(void *, int, char **, char **), void *ctx)
{
	sqlite3 *db;
	int rc;

	if (sqlite3_open(w->db, &db) != SQLITE_OK)
		stand_die("%s", w->db);
	rc = sqlite3_exec(db, sql, row, ctx, NULL);
	if (rc != SQLITE_OK && rc != SQLITE_ABORT)
		stand_die("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static int keep_first(void *ctx, int n, char **values, char **names)
{
	char **ret = ctx;

	(void)names;
	if (n > 0 && !*ret && values[0])
		*ret = xstrdup(values[0]);
	return 0;
}

char *world_text(const struct world_rig *w, const char *sql)
{
	char *ret = NULL;

	each_row(w, sql, keep_first, &ret);
	return ret ? ret : xstrdup("");
}

int64_t world_number(const struct world_rig *w, const char *sql)
{
	char *text = world_text(w, sql);
	int64_t n = strtoll(text, NULL, 10);

	free(text);
	return n;
}

struct judging {
	const struct world_rig *w;
	char *accepted; /* the sink's log */
	const struct offer *offers;
	int n_offers;
	int64_t slow_at[PER_DAY + 1]; /* when the last ones of the slow mailbox went */
	char *wrong;
};

static int times_accepted(const struct judging *j, const char *message_id)
{
	char *key = stand_text("<%s>", message_id);
	int n = 0;

	for (const char *at = j->accepted; (at = strstr(at, key)) != NULL; at++)
		n++;
	free(key);
	return n;
}

static void judge_offers(struct judging *j, const char *id, const char *what, const char *who);

/* A message: Message-ID, subject, state, recipient, id. */
static int judge_message(void *ctx, int n_columns, char **v, char **names)
{
	struct judging *j = ctx;
	int n = times_accepted(j, v[0]);
	const char *state = v[2];
	bool good = strcmp(state, "sent") == 0 ? n == 1
	          : strcmp(state, "in-doubt") == 0 ? n <= 1
	          : strcmp(state, "offered") != 0 && strcmp(state, "sending") != 0 && n == 0;

	(void)n_columns;
	(void)names;
	if (!good)
		j->wrong = stand_text("%s to %s is %s, and was accepted %d times", v[1], v[3], state, n);
	else
		judge_offers(j, v[4], v[1], v[3]);
	return j->wrong != NULL;
}

/* What the C library says the time is there, not what we say. */
static int minute_of_day(const char *zone, int64_t at, int *ret_weekday)
{
	time_t t = (time_t)at;
	struct tm tm;

	setenv("TZ", zone, 1);
	tzset();
	localtime_r(&t, &tm);
	setenv("TZ", "UTC", 1);
	tzset();
	*ret_weekday = tm.tm_wday;
	return tm.tm_hour * 60 + tm.tm_min;
}

static bool is_open(const char *what, const char *zone, int64_t at)
{
	int weekday, minute = minute_of_day(zone, at, &weekday);

	if (strncmp(what, "office", 6) == 0 || strncmp(what, "slow", 4) == 0)
		return weekday >= 1 && weekday <= 5 && minute >= 9 * 60 && minute < 17 * 60;
	if (strncmp(what, "night", 5) == 0)
		return (minute >= 90 && minute < 210) || minute >= 22 * 60;
	return true;
}

/* Slots are a gap apart; a mail goes when its connection is there, which may be the second after. */
static void judge_slow(struct judging *j, int64_t at)
{
	if (j->slow_at[PER_DAY] && at - j->slow_at[PER_DAY] < GAP_S - 1)
		j->wrong = stand_text("two mails of the slow mailbox are %d s apart", (int)(at - j->slow_at[PER_DAY]));
	if (j->slow_at[1] && at - j->slow_at[1] < 86400)
		j->wrong = stand_text("more than %d mails of the slow mailbox in a day", PER_DAY);
	memmove(j->slow_at, j->slow_at + 1, PER_DAY * sizeof *j->slow_at);
	j->slow_at[PER_DAY] = at;
}

/* When a message went, which may have been more than once: what was taken back is another offer. */
static void judge_offers(struct judging *j, const char *id, const char *what, const char *who)
{
	const char *zone = j->w->zones[strtol(who + 1, NULL, 10)];
	int64_t message = strtoll(id, NULL, 10);

	for (int i = 0; i < j->n_offers && !j->wrong; i++)
		if (j->offers[i].message == message && !is_open(what, zone, j->offers[i].at))
			j->wrong = stand_text("%s went to %s at %lld, which is not in its hours in %s", what, who,
			                      (long long)j->offers[i].at, zone);
}

static void judge_limits(struct judging *j)
{
	for (int i = 0; i < j->n_offers && !j->wrong; i++)
		if (j->offers[i].slow)
			judge_slow(j, j->offers[i].at);
}

char *world_judge(const struct world_rig *w)
{
	static const char lost[] =
		"SELECT c.folded || ' in ' || d.name || ' is ' || r.status FROM run r JOIN contact c ON c.id = r.contact"
		" JOIN document d ON d.id = r.pipeline WHERE r.status IN ('pending', 'running')"
		" AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.item = r.id)";
	struct judging j = { .w = w, .accepted = stand_read(w->sink_log, NULL) };
	char *text = world_text(w, lost);

	if (*text)
		j.wrong = stand_text("%s, and nowhere in the queue", text);
	j.offers = offers(&j.n_offers);
	if (!j.wrong)
		each_row(w, "SELECT message_id, subject, state, rcpt_to, id FROM message", judge_message, &j);
	if (!j.wrong)
		judge_limits(&j);
	free(j.accepted);
	free(text);
	return j.wrong;
}
