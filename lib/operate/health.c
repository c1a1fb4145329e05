#include "operate/health.h"

#include "base/buf.h"
#include "engine/guard.h"
#include "engine/hold.h"
#include "engine/inbox_age.h"
#include "format/json.h"
#include "model/mailbox.h"
#include "model/when.h"
#include "store/message_store.h"
#include "store/queue_store.h"
#include "store/run_store.h"
#include "store/team_store.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define DISK_WARNING  (INT64_C(200) << 20)
#define DISK_CRITICAL (INT64_C(50) << 20)

struct checking {
	struct engine *e;
	const struct health_request *what;
	struct arena *arena;
	struct health_report *report;
};

const char *health_text(enum health level)
{
	static const char *const texts[] = { "ok", "warning", "critical", "unknown" };

	return texts[level];
}

static void PW_FORMAT(4, 5) find(struct checking *c, enum health level, const char *code, const char *fmt, ...)
{
	struct health_report *r = c->report;
	BUF_AUTO text = BUF_INIT(4096);
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	ARENA_GROW(c->arena, &r->findings, &r->cap, r->n);
	r->findings[r->n++] = (struct health_finding){ level, code, arena_strdup(c->arena, text.s) };
	if (level > r->level)
		r->level = level;
}

static const char *length_text(struct checking *c, int64_t seconds)
{
	BUF_AUTO b = BUF_INIT(64);

	when_format_length(seconds, &b);
	return arena_strdup(c->arena, b.s);
}

static enum health grade(int64_t value, int64_t warning, int64_t critical)
{
	return value > critical ? HEALTH_CRITICAL : value > warning ? HEALTH_WARNING : HEALTH_OK;
}

static int check_tick(struct checking *c, struct err *err)
{
	const struct health_limits *l = &c->what->limits;
	struct guard g;
	const char *jump;
	enum health level;
	int got;

	c->report->tick_age = -1;
	if (c->what->rehearsal)
		return 0;
	got = guard_look(db_path(c->e->db), &g, err);
	if (got < 0)
		return -1;
	if (got == 0) {
		find(c, HEALTH_CRITICAL, "tick", "no tick has ever run");
		return 0;
	}
	c->report->tick_age = c->e->now > g.last ? c->e->now - g.last : 0;
	level = grade(c->report->tick_age, l->tick_warning, l->tick_critical);
	if (level != HEALTH_OK)
		find(c, level, "tick", "no tick for %s", length_text(c, c->report->tick_age));
	jump = guard_jump(&g, c->e->now);
	if (jump)
		find(c, HEALTH_CRITICAL, "clock", "%s", jump);
	return 0;
}

static int check_hold(struct checking *c, struct err *err)
{
	struct hold h;
	int got = hold_find(c->e->db, c->what->rehearsal, c->arena, &h, err);

	if (got > 0)
		find(c, h.command ? HEALTH_CRITICAL : HEALTH_WARNING, "hold", "nothing is sent: %s", h.why);
	return err_or_none(got);
}

/* The mailbox of a lane; NULL: it is none's, or *ret_gone: there is no such mailbox any more. */
static int find_mailbox(struct checking *c, const struct lane *l, const struct mailbox **ret, bool *ret_gone,
                        struct err *err)
{
	struct world *w;

	*ret = NULL;
	*ret_gone = false;
	if (strcmp(l->kind, "mailbox") != 0)
		return 0;
	if (engine_world(c->e, l->team, &w, err) < 0)
		return -1;
	*ret = world_mailbox(w, l->name);
	*ret_gone = *ret == NULL;
	return 0;
}

/* Limits make a queue wait by design. */
static bool is_limited(const struct mailbox *mb)
{
	return mb && (mb->limit.per_day || mb->limit.per_hour || mb->limit.gap_s);
}

static void check_closed(struct checking *c, const struct lane *l)
{
	if (l->paused)
		c->report->mailboxes_paused++;
	if (l->free_at <= c->e->now)
		return;
	if (strcmp(l->reason, "auth") == 0 || strcmp(l->reason, "settings") == 0) {
		c->report->mailboxes_down++;
		find(c, HEALTH_CRITICAL, "mailbox", "mailbox %s cannot send (%s)", l->name, l->reason);
	} else if (strcmp(l->reason, "backoff") == 0) {
		c->report->mailboxes_down++;
		find(c, HEALTH_WARNING, "mailbox", "mailbox %s cannot reach its server", l->name);
	}
}

/* Mails whose pipelines stop on an answer wait when it was not read for too long. */
static int check_inbox(struct checking *c, const struct lane *l, const struct mailbox *mb, struct err *err)
{
	struct inbox_state state;
	int got = inbox_unread(c->e, l->team, mb, c->arena, &state, err);

	if (got > 0)
		find(c, HEALTH_WARNING, "inbox", "%s", inbox_unread_text(mb, &state, c->arena));
	else if (got == 0 && state.failing_since)
		find(c, HEALTH_WARNING, "inbox", "the inbox of mailbox %s cannot be read: %s", mb->name, state.problem);
	return got < 0 ? -1 : 0;
}

/* What is due in a lane and held by nothing makes a backlog. */
static int check_lane(struct checking *c, const struct lane *l, struct err *err)
{
	const struct mailbox *mb;
	struct queue_count count;
	bool gone;

	if (strcmp(l->kind, "parked") == 0)
		return 0;
	check_closed(c, l);
	if (find_mailbox(c, l, &mb, &gone, err) < 0 || (mb && check_inbox(c, l, mb, err) < 0) ||
	    queue_count(c->e->db, l->id, c->e->now, &count, err) < 0)
		return -1;
	c->report->due += count.due;
	if (gone && count.waiting > 0)
		find(c, HEALTH_WARNING, "mailbox", "mailbox %s does not exist any more; %lld mails wait in it", l->name,
		     (long long)count.waiting);
	if (is_limited(mb) || gone || l->paused || l->free_at > c->e->now || count.due == 0)
		return 0;
	if (c->e->now - count.first > c->report->backlog_age)
		c->report->backlog_age = c->e->now - count.first;
	return 0;
}

static int check_queue(struct checking *c, struct err *err)
{
	const struct health_limits *limits = &c->what->limits;
	struct lane *lanes;
	enum health level;
	int n = lane_list(c->e->db, c->what->team, c->arena, &lanes, err);

	for (int i = 0; i < n; i++)
		if (check_lane(c, &lanes[i], err) < 0)
			return -1;
	level = grade(c->report->backlog_age, limits->backlog_warning, limits->backlog_critical);
	if (level != HEALTH_OK)
		find(c, level, "backlog", "something is due for %s", length_text(c, c->report->backlog_age));
	return err_or_none(n);
}

static int check_people(struct checking *c, struct err *err)
{
	struct health_report *r = c->report;

	if (run_count_blocked(c->e->db, c->what->team, &r->blocked, err) < 0 ||
	    message_count_waiting(c->e->db, c->what->team, MESSAGE_IN_DOUBT, &r->in_doubt, err) < 0)
		return -1;
	if (r->in_doubt > 0)
		find(c, HEALTH_WARNING, "in-doubt", "%lld mail%s in doubt", (long long)r->in_doubt,
		     r->in_doubt == 1 ? " is" : "s are");
	if (r->blocked >= c->what->limits.blocked)
		find(c, HEALTH_WARNING, "blocked", "%lld run%s blocked", (long long)r->blocked, r->blocked == 1 ? " is" : "s are");
	return 0;
}

static int check_disk(struct checking *c, struct err *err)
{
	struct statvfs fs;
	int64_t left;

	if (statvfs(db_path(c->e->db), &fs) < 0)
		return err_errno(err, ERR_IO, "%s", db_path(c->e->db));
	left = c->report->disk_free = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	if (left < DISK_WARNING)
		find(c, left < DISK_CRITICAL ? HEALTH_CRITICAL : HEALTH_WARNING, "disk", "%lld MiB are left on the disk",
		     (long long)(left >> 20));
	return 0;
}

/* How much lies in a folder. One that is not there has nothing; one that may not be read is no news. */
static int64_t count_files(const char *folder)
{
	DIR *d = opendir(folder);
	int64_t n = 0;

	if (!d)
		return 0;
	for (struct dirent *entry; (entry = readdir(d)) != NULL;)
		n += entry->d_name[0] != '.' && strcmp(entry->d_name, "kept") != 0;
	closedir(d);
	return n;
}

/* Answers that a mail server hands to a name that nobody reads, by a slip in its aliases. */
static void check_dropped(struct checking *c, struct world *w, const char *team)
{
	const char *folder = arena_printf(c->arena, "%s" DROP_SUFFIX "/%s", db_path(c->e->db), team);
	DIR *d = opendir(folder);

	if (!d)
		return;
	for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
		const struct mailbox *mb = entry->d_name[0] == '.' ? NULL : world_mailbox(w, entry->d_name);
		int64_t n = entry->d_name[0] == '.' || (mb && mb->inbox.kind == INBOX_DROP)
		                    ? 0
		                    : count_files(arena_printf(c->arena, "%s/%s", folder, entry->d_name));

		if (n > 0)
			find(c, HEALTH_WARNING, "drop", "%lld mail%s for %s/%s: no such mailbox has 'inbox: drop'", (long long)n,
			     n == 1 ? "" : "s", team, entry->d_name);
	}
	closedir(d);
}

static int check_drops(struct checking *c, struct err *err)
{
	struct team_row *teams;
	struct world *w;
	int n = team_list(c->e->db, c->arena, &teams, err);

	for (int i = 0; i < n; i++) {
		if (c->what->team && c->what->team != teams[i].id)
			continue;
		if (engine_world(c->e, teams[i].id, &w, err) < 0)
			return -1;
		check_dropped(c, w, teams[i].name);
	}
	return n < 0 ? -1 : 0;
}

/* Files that the spool did not take. */
static void check_spool(struct checking *c)
{
	char *spool = spool_path(db_path(c->e->db));
	int64_t n = count_files(arena_printf(c->arena, "%s/bad", spool));

	free(spool);
	if (n > 0)
		find(c, HEALTH_WARNING, "spool", "%lld file%s of the spool could not be used", (long long)n, n == 1 ? "" : "s");
}

static void check_integrity(struct checking *c)
{
	struct err found = ERR_INIT;

	if (db_verify(c->e->db, &found) < 0)
		find(c, HEALTH_CRITICAL, "integrity", "%s", found.text);
}

int health_check(struct engine *e, const struct health_request *what, struct arena *a, struct health_report *ret,
                 struct err *err)
{
	struct checking c = { e, what, a, ret };

	*ret = (struct health_report){ 0 };
	if (check_tick(&c, err) < 0 || check_hold(&c, err) < 0 || check_queue(&c, err) < 0 || check_people(&c, err) < 0 ||
	    check_disk(&c, err) < 0 || check_drops(&c, err) < 0)
		return -1;
	check_spool(&c);
	if (what->full)
		check_integrity(&c);
	return 0;
}

const char *health_findings_json(const struct health_report *r, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(1 << 18);
	struct json_writer w = { .buf = &b };

	json_begin_array(&w);
	for (size_t i = 0; i < r->n; i++) {
		json_begin_object(&w);
		json_key_string(&w, "level", health_text(r->findings[i].level));
		json_key_string(&w, "code", r->findings[i].code);
		json_key_string(&w, "text", r->findings[i].text);
		json_end_object(&w);
	}
	json_end_array(&w);
	return arena_strdup(a, b.s);
}
