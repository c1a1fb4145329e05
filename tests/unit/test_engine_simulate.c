#include "fixture.h"

#include "base/buf.h"
#include "engine/event.h"
#include "engine/simulate.h"
#include "store/contact_store.h"

#include <sqlite3.h>
#include <stdio.h>
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
	{ "a thread takes the subject of the mail that it answers",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") MAIL("b", "    thread: a\n    after: 1 day\n")
	      MAIL("c", "    thread: previous\n    after: 1 day\n") "  - set: {first_name: New}\n" MAIL(
	          "d", "    thread: previous\n"),
	  { "first_name", "Old" },
	  0,
	  { { 0 } } },
	{ "a reply stops",
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") MAIL("b", "    after: 2 days\n"),
	  { NULL },
	  0,
	  { { "email.replied", DAY } } },
	{ "a conversion that is ignored does not, but is seen",
	  "kind: Pipeline\nname: p\nignore: [converted]\nsteps:\n" MAIL("a", "")
	      MAIL("b", "    after: 2 days\n") "  - if: {event: contact.converted}\n    then: [exit: bought]\n",
	  { NULL },
	  0,
	  { { "contact.converted", DAY } } },
	{ "an event of one's own stops, and only after it was declared",
	  "kind: Fields\nname: contact\nevents: {order.placed: {total: number}}\n---\n"
	  "kind: Pipeline\nname: p\nstop: [{event: order.placed}]\nsteps:\n" MAIL("a", "")
	      MAIL("b", "    after: 2 days\n"),
	  { NULL },
	  0,
	  { { "order.placed", 3 * HOUR } } },
	{ "an event at the very minute comes first",
	  "kind: Fields\nname: contact\nevents: {order.placed: {total: number}}\n---\n"
	  "kind: Pipeline\nname: p\nsteps:\n" MAIL("a", "") "  - wait: 1 hour\n  - if: {event: order.placed}\n"
	                                                    "    then: [exit: ordered]\n" MAIL("b", ""),
	  { NULL },
	  0,
	  { { "order.placed", HOUR } } },
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
	switch (l->kind) {
	case SIM_MAIL:
		add_line(ctx, l->at, "email.sent", l->text);
		break;
	case SIM_STEP:
		if (l->step->verb == VERB_NOTE)
			add_line(ctx, l->at, "note.added", l->text);
		break;
	case SIM_BLOCKED:
		assert_non_null(strstr(l->text, "missing: "));
		add_line(ctx, l->at, "run.blocked", strstr(l->text, "missing: ") + 9);
		break;
	case SIM_COMPLETED:
		add_line(ctx, l->at, "run.completed", l->text);
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
		events[how.n_events++] = (struct sim_event){ .type = s->events[i].type, .at = how.from + s->events[i].after_s };
	assert_int_equal(engine_world(&f->e, f->team, &w, &err), 0);
	assert_int_equal(contact_find(f->db, f->team, "anna@example.org", &f->arena, &c, &err), 1);
	if (simulate(&f->e, w, world_pipeline(w, "p"), &c, &how, &f->arena, &err) < 0)
		fail_msg("%s: %s", s->name, err.text);
	assert_int_equal(f->e.now, MONDAY_9AM + s->start);
}

/*
 * What really happens.
 */
static void happen(struct fixture *f, const char *type, int64_t at)
{
	struct change convert = { .kind = CHANGE_KIND, .value = "contact" };
	struct happening h = { .ev = { .contact = 1, .type = type, .data = "{}" }, .arena = &f->arena };
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	f->e.now = at;
	if (strcmp(type, "contact.converted") == 0) {
		h.changes = &convert;
		h.n_changes = 1;
	}
	assert_int_equal(txn_begin(&t, f->db, &err), 0);
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
			happen(f, s->events[next].type, from + s->events[next].after_s);
			next++;
			continue;
		}
		if (due == 0 || due > until)
			return;
		fixture_tick(f, due);
	}
	fail_msg("%s: does not come to an end", s->name);
}

static void read_feed(struct fixture *f, struct buf *out)
{
	static const char sql[] =
	    "SELECT e.at, e.type, CASE e.type WHEN 'email.sent' THEN (SELECT subject FROM message m WHERE m.id = "
	    "e.message)"
	    " WHEN 'run.blocked' THEN json_extract(e.data, '$.text') WHEN 'note.added' THEN json_extract(e.data, "
	    "'$.text')"
	    " ELSE json_extract(e.data, '$.reason') END FROM event e WHERE e.type IN"
	    " ('email.sent', 'note.added', 'run.blocked', 'run.completed', 'run.stopped') ORDER BY e.id";
	sqlite3_stmt *st;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->db_path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		add_line(out, sqlite3_column_int64(st, 0), (const char *)sqlite3_column_text(st, 1),
		         sqlite3_column_text(st, 2) ? (const char *)sqlite3_column_text(st, 2) : "");
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static void what_is_simulated_comes_true(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
		BUF_AUTO simulated = BUF_INIT(1 << 16);
		BUF_AUTO real = BUF_INIT(1 << 16);
		const struct scene *s = &scenes[i];
		struct fixture f;

		fixture_open(&f);
		fixture_apply(&f, s->documents);
		f.e.now = MONDAY_9AM + s->start;
		fixture_add(&f, "anna@example.org", s->fields[0], s->fields[1], NULL);
		rehearse(&f, s, &simulated);
		live(&f, s);
		read_feed(&f, &real);
		if (strcmp(simulated.s, real.s) != 0 || simulated.len == 0)
			fail_msg("%s\n-- simulated\n%s-- real\n%s", s->name, simulated.s, real.s);
		fixture_close(&f);
	}
	(void)state;
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
		cmocka_unit_test_setup_teardown(a_simulation_leaves_nothing_behind, fixture_setup, fixture_teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
