#include "fixture.h"

#include "base/buf.h"
#include "engine/event.h"
#include "random_pipeline.h"
#include "rehearse/simulate.h"
#include "store/contact_store.h"
#include "store/message_store.h"
#include "store/task_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A simulation must equal the real thing. Each pipeline is rehearsed, and then run with a tick at every full
 * minute at which something is due; what both say is one line each: instant, what, and subject, note or
 * reason.
 */

#define HOUR 3600
#define DAY (INT64_C(24) * HOUR)
#define DAYS 60

struct assumed {
	const char *type;
	int64_t after_s; /* from the start */
	const char *step, *data;
};

struct scene {
	const char *name;
	const char *documents; /* besides those of the fixture */
	const char *fields[2]; /* of the contact: name, value */
	int64_t start;         /* after MONDAY_9AM */
	struct assumed events[3];
};

#define MAIL(id, more)                                                                                       \
	"  - email: {subject: \"" id " {{ contact.first_name | default:'x' }}\", text: T}\n    id: " id "\n" more
#define DATES "kind: Fields\nname: contact\nfields: {renewal: date}\nevents: {order.placed: {total: number}}\n---\n"
#define OFFICE "kind: Calendar\nname: office\nopen: {mon-fri: 09:00-17:00}\nclosed: [2026-07-01]\n---\n"

static const struct scene scenes[] = {
	{ "mails and delays",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") MAIL("b", "    after: 90 minutes\n")
	      MAIL("c", "    after: 2 days\n"),
	  { "first_name", "Anna" },
	  17,
	  { { 0 } } },
	{ "hours and business days of a calendar",
	  OFFICE "kind: Pipeline\nname: p\nhours: office\nsteps:\n" MAIL("a", "")
	      MAIL("b", "    after: 2 business days\n") "  - wait: 1 day\n" MAIL("c", "    hours: always\n")
	          MAIL("d", "    after: 10 hours\n"),
	  { NULL },
	  9 * HOUR,
	  { { 0 } } },
	{ "another zone, over the weekend",
	  OFFICE "kind: Pipeline\nname: p\nhours: office\nsteps:\n" MAIL("a", "")
	      MAIL("b", "    after: 4 days\n"),
	  { "timezone", "Asia/Tokyo" },
	  0,
	  { { 0 } } },
	{ "until a weekday, a day of the run, a field",
	  "kind: Fields\nname: contact\nfields: {renewal: date}\n---\n"
	  "kind: Pipeline\nname: p\nsteps:\n  - wait: {until: thu 08:30}\n" MAIL(
	      "a", "") "  - wait: {until: day 6 10:00}\n" MAIL("b", "") "  - wait: {until: {field: renewal, "
	                                                                "before: 3 days}}\n" MAIL("c", ""),
	  { "renewal", "2026-08-01" },
	  0,
	  { { 0 } } },
	{ "a date that is missing blocks",
	  "kind: Fields\nname: contact\nfields: {renewal: date}\n---\n"
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") "  - wait: {until: {field: renewal}}\n" MAIL("b", ""),
	  { NULL },
	  0,
	  { { 0 } } },
	{ "a hole in a later mail blocks at entry",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL(
	      "a",
	      "") "  - email: {subject: \"{{ contact.company }}\", text: \"{{ contact.phone }}\"}\n    id: b\n",
	  { NULL },
	  0,
	  { { 0 } } },
	{ "a hole that an earlier step fills is none",
	  "kind: Pipeline\nname: p\nsteps:\n  - set: {company: \"{{ contact.first_name }} Ltd\"}\n"
	  "  - email: {subject: \"{{ contact.company }}\", text: T}\n    id: b\n    after: 1 day\n",
	  { "first_name", "Anna" },
	  0,
	  { { 0 } } },
	{ "a hole in a branch blocks when it is reached",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") "  - if: {not: {tag: vip}}\n    then:\n"
	                                                    "      - email: {subject: \"{{ contact.company }}\", "
	                                                    "text: T}\n        id: b\n        after: 1 day\n",
	  { NULL },
	  0,
	  { { 0 } } },
	{ "branches join, tags are seen, notes are written",
	  "kind: Pipeline\nname: p\nsteps:\n  - tag: [one, two]\n  - if: {tag: two}\n    then:\n"
	  "      - note: \"{{ contact.first_name }} has two\"\n      - untag: two\n    else:\n      - exit: "
	  "never\n" MAIL(
	      "a", "") "  - if: {tag: two}\n    then:\n      - note: still\n      - exit: wrong\n  - note: end\n",
	  { "first_name", "Anna" },
	  0,
	  { { 0 } } },
	{ "a mail that is late at once is skipped",
	  "kind: Pipeline\nname: p\nlate: {max: 0 minutes, then: skip}\nsteps:\n" MAIL("a", "") MAIL("b", "    after: 1 day\n") "  - note: end\n",
	  { NULL },
	  17,
	  { { 0 } } },
	{ "a mail that is late at once blocks",
	  "kind: Pipeline\nname: p\nlate: {max: 0 minutes, then: hold}\nsteps:\n" MAIL("a", "") "  - note: never\n",
	  { NULL },
	  17,
	  { { 0 } } },
	{ "an owner who goes before the mail blocks",
	  "kind: Pipeline\nname: p\nsteps:\n  - set: {owner: tester}\n" MAIL("a", "    mailbox: owner\n")
	      "  - set: {owner: \"\"}\n" MAIL("b", "    mailbox: owner\n    after: 1 day\n"),
	  { NULL },
	  0,
	  { { 0 } } },
	{ "an owner without a mailbox blocks",
	  "kind: Team\nname: sales\ntimezone: Europe/Berlin\nmailbox: hello\nmembers: {tester: {role: admin, mailbox: hello}, bob: {}}\n---\n"
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") MAIL("b", "    mailbox: owner\n    after: 1 day\n"),
	  { "owner", "bob" },
	  0,
	  { { 0 } } },
	{ "a template that fails blocks where it stands",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") "  - email: {subject: Share, text: \"{{ 1 | divided_by: 0 }}\"}\n    after: 1 hour\n",
	  { NULL },
	  0,
	  { { 0 } } },
	{ "a note that fails blocks where it stands",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") "  - note: \"{{ 1 | divided_by: 0 }}\"\n    after: 1 hour\n",
	  { NULL },
	  0,
	  { { 0 } } },
	{ "what is set to nothing is empty",
	  "kind: Pipeline\nname: p\nsteps:\n  - set: {first_name: \"\", company: Us}\n" MAIL("a", ""),
	  { "first_name", "Anna" },
	  0,
	  { { 0 } } },
	{ "a calendar that never opens blocks before its mail",
	  "kind: Calendar\nname: closed\nopen: {mon-fri: 09:00-17:00}\nclosed: [2026-06-30..2046-01-01]\n---\n"
	  "kind: Pipeline\nname: p\nhours: closed\nsteps:\n" MAIL("a", "") MAIL("b", "    after: 1 day\n"),
	  { NULL },
	  0,
	  { { 0 } } },
	{ "a thread takes the subject of the mail that it answers",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") MAIL("b", "    thread: a\n    after: 1 day\n")
	      MAIL("c", "    thread: previous\n    after: 1 day\n") "  - set: {first_name: New}\n" MAIL(
	          "d", "    thread: previous\n"),
	  { "first_name", "Old" },
	  0,
	  { { 0 } } },
	{ "a thread whose mail was not sent has its own subject",
	  "kind: Pipeline\nname: p\nsteps:\n  - if: {tag: vip}\n    then:\n      - email: {subject: First, text: T}\n        id: a\n"
	      MAIL("b", "    thread: a\n    after: 1 day\n"),
	  { NULL },
	  0,
	  { { 0 } } },
	{ "a reply stops",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") MAIL("b", "    after: 2 days\n"),
	  { NULL },
	  0,
	  { { "email.replied", DAY, NULL, NULL } } },
	{ "a conversion that is ignored does not, but is seen",
	  "kind: Pipeline\nname: p\nignore: [converted]\nsteps:\n" MAIL("a", "")
	      MAIL("b", "    after: 2 days\n") "  - if: {event: contact.converted}\n    then: [exit: bought]\n",
	  { NULL },
	  0,
	  { { "contact.converted", DAY, NULL, NULL } } },
	{ "an event of one's own stops, and only after it was declared",
	  "kind: Fields\nname: contact\nevents: {order.placed: {total: number}}\n---\n"
	  "kind: Pipeline\nname: p\nstop: [{event: order.placed}]\nsteps:\n" MAIL("a", "")
	      MAIL("b", "    after: 2 days\n"),
	  { NULL },
	  0,
	  { { "order.placed", 3 * HOUR, NULL, NULL } } },
	{ "an event at the very minute comes first",
	  "kind: Fields\nname: contact\nevents: {order.placed: {total: number}}\n---\n"
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") "  - wait: 1 hour\n  - if: {event: order.placed}\n"
	                                                    "    then: [exit: ordered]\n" MAIL("b", ""),
	  { NULL },
	  0,
	  { { "order.placed", HOUR, NULL, NULL } } },
	{ "a run's own tag stops it",
	  "kind: Pipeline\nname: p\nstop: [{tag: hot}]\nsteps:\n" MAIL("a", "") "  - tag: hot\n" MAIL("b", ""),
	  { NULL },
	  0,
	  { { 0 } } },
	{ "a run's own events are seen",
	  "kind: Pipeline\nname: p\nsteps:\n  - note: first\n  - if: {event: note.added}\n    then: [exit: "
	  "seen]\n" MAIL("a", ""),
	  { NULL },
	  0,
	  { { 0 } } },
	{ "what was there already is no event",
	  "kind: Pipeline\nname: p\nsteps:\n  - tag: hot\n  - tag: hot\n"
	  "  - set: {company: \"\"}\n  - if: {event: contact.updated}\n    then: [exit: updated]\n",
	  { NULL },
	  0,
	  { { 0 } } },
	{ "summer time ends",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") MAIL("b", "    after: 2 days\n")
	      MAIL("c", "    after: 24 hours\n") "  - wait: {until: sun 02:30}\n" MAIL("d", ""),
	  { NULL },
	  116 * DAY + 3 * HOUR,
	  { { 0 } } },
	{ "nothing but data",
	  "kind: Pipeline\nname: p\nsteps:\n  - wait: 30 minutes\n  - set: {company: Example}\n  - note: \"{{ "
	  "contact.company }}\"\n",
	  { NULL },
	  59,
	  { { 0 } } },
	{ "the task of the last step completes the run",
	  "kind: Pipeline\nname: p\nsteps:\n  - task: Call\n    id: s1\n    hold: done\n",
	  { NULL },
	  0,
	  { { "task.done", DAY, "s1", "{\"type\":\"other\"}" } } },
	{ "what is open is cancelled with the run that is stopped",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") "  - task: Look\n    id: s2\n  - task: Write\n    id: s3\n"
	      "  - task: Call\n    id: s4\n    hold: done\n",
	  { NULL },
	  0,
	  { { "task.done", HOUR, "s3", "{\"type\":\"other\"}" }, { "email.replied", DAY, NULL, NULL } } },
	{ "what is open when a run completes stays open",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") "  - task: Look\n",
	  { NULL },
	  0,
	  { { "email.replied", DAY, NULL, NULL } } },
	{ "who sends, in letters of any kind, and how to leave",
	  "kind: Mailbox\nname: nippon\nfrom: 日本 <nippon@example.com>\nmaildir: FOLDER/nippon\n---\n"
	  "kind: Team\nname: sales\nmailbox: nippon\nmembers: {bob: {}, tester: {role: admin, name: Tess, mailbox: hello}}\n---\n"
	  "kind: Pipeline\nname: p\nsteps:\n"
	  "  - email: {subject: \"{{ sender.name }} {{ sender.email }} {{ contact.email }} {{ team.timezone }}\", text: T}\n"
	  "  - note: \"{% if contact.first_name %}known{% endif %}\"\n"
	  "  - email: {subject: \"{{ contact.first_name }} {{ sender.name }}\", text: \"{{ event.type | default: 'none' }}\"}\n    mailbox: hello\n    after: 1 day\n",
	  { "first_name", "日" },
	  0,
	  { { 0 } } },
	{ "what comes behind a task that is done may be blocked",
	  DATES "kind: Pipeline\nname: p\nsteps:\n  - task: Call\n    id: s1\n    hold: done\n  - wait: {until: {field: renewal}}\n" MAIL("a", ""),
	  { NULL },
	  0,
	  { { "task.done", DAY, "s1", "{\"type\":\"other\"}" } } },
	{ "what comes behind what was awaited may be blocked",
	  DATES "kind: Pipeline\nname: p\nsteps:\n  - await: {event: order.placed}\n    within: 2 days\n    then: [wait: {until: {field: renewal}}]\n" MAIL("a", ""),
	  { NULL },
	  0,
	  { { "order.placed", DAY, NULL, "{\"total\":3}" } } },
	{ "another task that is done is not the one that is waited for",
	  "kind: Pipeline\nname: p\nsteps:\n  - task: One\n    id: s1\n  - task: Two\n    id: s2\n    hold: done\n" MAIL("a", ""),
	  { NULL },
	  0,
	  { { "task.done", HOUR, "s1", "{\"type\":\"other\"}" }, { "task.done", DAY, "s2", "{\"type\":\"other\"}" } } },
	{ "a task that a run says is done itself may end it",
	  "kind: Pipeline\nname: p\nstop: [{event: task.done}]\nsteps:\n  - task: One\n    id: s1\n  - wait: 1 hour\n  - task: {done: s1}\n" MAIL("a", ""),
	  { NULL },
	  0,
	  { { 0 } } },
	{ "a task that was not made cannot be done",
	  "kind: Pipeline\nname: p\nsteps:\n  - if: {tag: vip}\n    then:\n      - task: One\n        id: s1\n  - task: {done: s1}\n" MAIL("a", ""),
	  { NULL },
	  0,
	  { { 0 } } },
	{ "it takes longer than one looks",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") MAIL("b", "    after: 12 weeks\n"),
	  { NULL },
	  0,
	  { { 0 } } },
};

static void add_line(struct buf *b, int64_t at, const char *what, const char *text)
{
	buf_addf(b, "%+lld %s %s\n", (long long)(at - MONDAY_9AM), what, text);
}

/*
 * What the simulation says.
 */
static void keep_line(const struct sim_line *l, void *ctx)
{
	const char *what_is_missing;

	switch (l->kind) {
	case SIM_MAIL:
		add_line(ctx, l->at, "email.sent", l->text);
		add_line(ctx, l->at, "text", l->mail->text);
		break;
	case SIM_STEP:
		if (l->step->verb == VERB_NOTE)
			add_line(ctx, l->at, "note.added", l->text);
		break;
	case SIM_BLOCKED:
		what_is_missing = strstr(l->text, "missing: ");
		add_line(ctx, l->at, "run.blocked", what_is_missing ? what_is_missing + 9 : l->text);
		break;
	case SIM_COMPLETED:
		add_line(ctx, l->at, "run.completed", l->text);
		break;
	case SIM_CANCELLED:
		add_line(ctx, l->at, "task.cancelled", l->text);
		break;
	case SIM_STOPPED:
		add_line(ctx, l->at, "run.stopped", l->text);
		break;
	case SIM_SKIPPED:
	case SIM_EVENT:
	case SIM_OPEN:
	case SIM_MAYBE:
		break;
	}
}

static void rehearse(struct fixture *f, const struct scene *s, struct buf *out)
{
	struct sim_event events[ARRAY_LEN(s->events)];
	struct simulation how = { .from = MONDAY_9AM + s->start,
		                      .until = MONDAY_9AM + s->start + DAYS * DAY,
		                      .events = events,
		                      .enroller = "tester",
		                      .each = keep_line,
		                      .ctx = out };
	struct err err = ERR_INIT;
	struct contact c;
	struct world *w;

	for (size_t i = 0; s->events[i].type; i++)
		events[how.n_events++] = (struct sim_event){ .type = s->events[i].type, .at = how.from + s->events[i].after_s,
		                                             .step = s->events[i].step };
	assert_int_equal(engine_world(&f->e, f->team, &w, &err), 0);
	assert_int_equal(contact_find(f->db, f->team, "anna@example.org", &f->arena, &c, &err), 1);
	if (simulate(&f->e, w, world_pipeline(w, "p"), &c, &how, &f->arena, &err) < 0)
		fail_msg("%s: %s", s->name, err.text);
	assert_int_equal(f->e.now, MONDAY_9AM + s->start);
}

/*
 * What really happens.
 */
static void finish_task(struct fixture *f, int64_t run, int step)
{
	struct err err = ERR_INIT;
	struct task task;

	if (task_of_step(f->db, f->team, run, step, 0, &f->arena, &task, &err) <= 0)
		return;
	task.done_at = f->e.now;
	assert_true(task_set_done(f->db, f->team, &task, &err) >= 0);
}

static void happen(struct fixture *f, const struct assumed *ev, int64_t at)
{
	struct change convert = { .kind = CHANGE_KIND, .value = "contact" };
	struct happening h = { .ev = { .contact = 1, .type = ev->type, .data = "{}" }, .arena = &f->arena };
	const char *type = ev->type;
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	f->e.now = at;
	if (ev->step) {
		h.ev.run = fixture_number(f, "SELECT max(id) FROM run");
		h.ev.step = atoi(ev->step + 1); /* of the first version: steps are numbered in their order */
		h.ev.data = ev->data;
	}
	if (strcmp(type, "contact.converted") == 0) {
		h.changes = &convert;
		h.n_changes = 1;
	}
	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	if (strcmp(type, "task.done") == 0)
		finish_task(f, h.ev.run, h.ev.step);
	if (event_record(&f->e, f->team, &h, &err) < 0)
		fail_msg("%s: %s", type, err.text);
	assert_int_equal(txn_commit(&t, &err), 0);
}

static void live(struct fixture *f, const struct scene *s)
{
	int64_t from = MONDAY_9AM + s->start, until = from + DAYS * DAY, due;
	size_t next = 0;

	fixture_enroll(f, "p", "anna@example.org", NULL);
	for (int ticks = 0; ticks < 100; ticks++) {
		due = fixture_number(f, "SELECT coalesce(min(due), 0) FROM queue");
		due = (due + 59) / 60 * 60;
		if (s->events[next].type && (due == 0 || from + s->events[next].after_s <= due)) {
			happen(f, &s->events[next], from + s->events[next].after_s);
			next++;
			continue;
		}
		if (due == 0 || due > until)
			return;
		fixture_tick(f, due);
	}
	fail_msg("%s: does not come to an end", s->name);
}

static const char *text_of(struct fixture *f, int64_t message)
{
	struct err err = ERR_INIT;
	struct message m;

	assert_int_equal(message_load(f->db, f->team, message, &f->arena, &m, &err), 1);
	return m.text;
}

static void read_feed(struct fixture *f, struct buf *out)
{
	static const char sql[] =
	    "SELECT e.at, e.type, CASE e.type WHEN 'email.sent' THEN (SELECT subject FROM message m WHERE m.id = "
	    "e.message)"
	    " WHEN 'run.blocked' THEN json_extract(e.data, '$.text') WHEN 'note.added' THEN json_extract(e.data, "
	    "'$.text') WHEN 'task.cancelled' THEN json_extract(e.data, '$.title')"
	    " ELSE json_extract(e.data, '$.reason') END, CASE e.type WHEN 'email.sent' THEN e.message ELSE 0 END"
	    " FROM event e WHERE e.type IN"
	    " ('email.sent', 'note.added', 'run.blocked', 'run.completed', 'run.stopped', 'task.cancelled') ORDER BY e.id";
	sqlite3_stmt *st;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->db_path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		add_line(out, sqlite3_column_int64(st, 0), (const char *)sqlite3_column_text(st, 1),
		         sqlite3_column_text(st, 2) ? (const char *)sqlite3_column_text(st, 2) : "");
		if (sqlite3_column_int64(st, 3))
			add_line(out, sqlite3_column_int64(st, 0), "text", text_of(f, sqlite3_column_int64(st, 3)));
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static bool comes_true(const struct scene *s, bool may_be_empty)
{
	BUF_AUTO simulated = BUF_INIT(1 << 16);
	BUF_AUTO real = BUF_INIT(1 << 16);
	struct fixture f;
	bool same;

	fixture_open(&f);
	fixture_apply(&f, s->documents);
	f.e.now = MONDAY_9AM + s->start;
	fixture_add(&f, "anna@example.org", s->fields[0], s->fields[1], NULL);
	rehearse(&f, s, &simulated);
	live(&f, s);
	read_feed(&f, &real);
	same = strcmp(simulated.s ? simulated.s : "", real.s ? real.s : "") == 0 && (may_be_empty || simulated.len > 0);
	if (!same)
		fprintf(stderr, "%s\n%s\n-- simulated\n%s-- real\n%s", s->name, s->documents, simulated.s, real.s);
	fixture_close(&f);
	return same;
}

static void what_is_simulated_comes_true(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
		assert_true(comes_true(&scenes[i], false));
}

static int by_after(const void *a, const void *b)
{
	const struct assumed *x = a, *y = b;

	return (x->after_s > y->after_s) - (x->after_s < y->after_s);
}

/* Up to three things that happen on the way, one of them perhaps to a task. */
static void random_events(struct random_pipeline *r, struct scene *s, char steps[][16])
{
	unsigned events = dice(r, 4);

	for (unsigned i = 0; i < events && i < ARRAY_LEN(s->events) - 1; i++) {
		struct assumed *ev = &s->events[i];

		ev->data = "{}";
		ev->type = ONE_OF(r, "order.placed", "email.replied", "contact.converted", "order.placed", "task.done");
		ev->after_s = 60 * (int64_t)dice(r, 20 * 24 * 60) + 7;
		if (strcmp(ev->type, "task.done") == 0) {
			unsigned n = 1 + dice(r, (unsigned)r->n_steps);

			snprintf(steps[i], sizeof steps[i], "s%u", n);
			ev->step = steps[i];
			ev->data = n < ARRAY_LEN(r->task_of) && r->task_of[n] ? r->task_of[n] : "{}";
		}
	}
	qsort(s->events, events < ARRAY_LEN(s->events) - 1 ? events : ARRAY_LEN(s->events) - 1, sizeof *s->events, by_after);
}

/* Issue: every instant and every text of pipelines that nobody thought of. */
static void whatever_is_simulated_comes_true(void **state)
{
	int wrong = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		BUF_AUTO documents = BUF_INIT(1 << 16);
		struct random_pipeline r;
		char name[32], steps[4][16];
		struct scene s = { .name = name, .fields = { "timezone", NULL } };

		snprintf(name, sizeof name, "seed %llu", (unsigned long long)seed);
		random_pipeline(&r, seed, &documents);
		s.documents = documents.s;
		s.fields[1] = ONE_OF(&r, "America/New_York", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe");
		s.start = (int64_t)dice(&r, 200 * 24 * 60) * 60 + dice(&r, 60);
		random_events(&r, &s, steps);
		wrong += !comes_true(&s, true);
	}
	assert_int_equal(wrong, 0);
}

/* What people see of it, who may want it to go on behind what would block it (mended). */
static const struct {
	const char *name, *documents;
	bool mended;
	const char *says;
} shown[] = {
	{ "a mail that is too late, and a task that is open when the run ends",
	  "kind: Pipeline\nname: p\nlate: {max: 0 minutes, then: skip}\nstop: [{tag: hot}]\nsteps:\n" MAIL("a", "") "  - task: Look\n  - tag: hot\n",
	  false, "skipped too late\ntask Look\ntag hot\ncancelled Look\nstopped contact.tagged\n" },
	{ "what a mail may lack that comes in a branch alone",
	  "kind: Pipeline\nname: p\nsteps:\n  - if: {tag: vip}\n    then: [{email: {subject: \"{{ contact.company }}\", text: T}}]\n  - note: n\n",
	  false, "if tag is vip: no\nnote n\ncompleted \nblocked may be missing: contact.company\n" },
	{ "nobody can set what is not the contact's",
	  "kind: Pipeline\nname: p\nsteps:\n  - email: {subject: S, text: \"{% assign x = '' %}{{ x }} {{ contact.company }}\"}\n  - note: never\n",
	  true, "blocked missing: x, contact.company\nblocked may be missing: x\n" },
	{ "a template that fails is mended by nothing",
	  "kind: Pipeline\nname: p\nsteps:\n  - email: {subject: S, text: \"{{ 1 | divided_by: 0 }}\"}\n  - note: never\n",
	  true, "blocked line 1: division by zero\n" },
	{ "a task that counts as done may end the run",
	  "kind: Pipeline\nname: p\nstop: [{event: task.done}]\nsteps:\n  - task: Call\n    hold: done\n  - note: never\n",
	  true, "task Call\nwaits until the task is done; what follows as if it were then\nstopped task.done\n" },
	{ "without a mailbox there is no mail",
	  "kind: Pipeline\nname: p\nmailbox: owner\nsteps:\n  - email: {subject: S, text: T}\n  - note: never\n",
	  false, "blocked no mailbox to send from was known when it began\n" },
};

static void show_line(const struct sim_line *l, void *ctx)
{
	buf_addf(ctx, "%s %s\n", sim_word(l), l->text);
}

static void what_is_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		BUF_AUTO said = BUF_INIT(1 << 16);
		struct simulation how = { .from = MONDAY_9AM + 17, .until = MONDAY_9AM + DAYS * DAY, .enroller = "tester",
			                      .mended = shown[i].mended, .each = show_line, .ctx = &said };
		struct fixture f;
		struct contact c;
		struct world *w = NULL;

		fixture_open(&f);
		fixture_apply(&f, shown[i].documents);
		fixture_add(&f, "anna@example.org", NULL);
		OK(engine_world(&f.e, f.team, &w, &err));
		OK(contact_find(f.db, f.team, "anna@example.org", &f.arena, &c, &err));
		OK(simulate(&f.e, w, world_pipeline(w, "p"), &c, &how, &f.arena, &err));
		if (strcmp(said.s, shown[i].says) != 0)
			fail_msg("%s:\n%s", shown[i].name, said.s);
		fixture_close(&f);
	}
}

static void a_simulation_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;
	BUF_AUTO simulated = BUF_INIT(1 << 16);

	fixture_apply(f, scenes[8].documents);
	fixture_add(f, "anna@example.org", "first_name", "Anna", NULL);
	rehearse(f, &(struct scene){ .name = "twice", .documents = "" }, &simulated);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM tag_contact"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM event"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "S0.6 what is simulated comes true, to the minute", what_is_simulated_comes_true, NULL, NULL,
		  NULL },
		{ "B10 whatever is simulated comes true: 200 random pipelines, every instant and every text",
		  whatever_is_simulated_comes_true, NULL, NULL, NULL },
		{ "S2.16 S2.19 what is shown of it", what_is_shown, NULL, NULL, NULL },
		cmocka_unit_test_setup_teardown(a_simulation_leaves_nothing_behind, fixture_setup, fixture_teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
