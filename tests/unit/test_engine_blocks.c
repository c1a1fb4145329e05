#include "fixture.h"

#include "apply/apply.h"
#include "base/buf.h"
#include "engine/event.h"
#include "engine/parking.h"
#include "engine/pause.h"
#include "operate/queued.h"
#include "operate/runs.h"
#include "operate/safekeeping.h"
#include "operate/stats.h"
#include "people/dossier.h"
#include "people/filter.h"
#include "people/intake.h"
#include "people/people.h"
#include "people/prune.h"
#include "people/record.h"
#include "store/queue_store.h"
#include "store/run_store.h"
#include "tick/work.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * More people than fit into one block of rows, or into one transaction: all of them, each once. The clock that measures how
 * long a transaction lasts is ours (--wrap): with each look at it some time has passed.
 */
enum { PEOPLE = 1050, HOUR = 3600, DAY = 24 * HOUR };

static int64_t lived_ms = 1000000, look_ms;

int64_t __wrap_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void)
{
	return lived_ms += look_ms;
}

static int waits; /* how often there was nothing to do but wait */

int __real_poll(struct pollfd *fds, nfds_t n, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int ms)
{
	waits += ms > 0;
	return __real_poll(fds, n, ms);
}

int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t room);
int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t room)
{
	(void)room;
	return __wrap_poll(fds, n, ms);
}

static void add_people(struct fixture *f, int from, int to)
{
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	for (int i = from; i < to; i++) {
		struct contact c = { .kind = CONTACT_LEAD, .created_at = f->e.now, .updated_at = f->e.now, .team = f->team };
		struct happening h = { .created = true, .contact = &c, .arena = &f->arena, .ev.type = "contact.created" };

		c.email = c.folded = arena_printf(&f->arena, "p%d@example.org", i);
		OK(event_record(&f->e, f->team, &h, &err));
	}
	OK(txn_commit(&t, &err));
}

#define PIPELINE "kind: Pipeline\nname: crowd\nenroll: {new_contacts: true}\nsteps: [{email: {subject: S, text: x}, id: first}, {wait: 1 day}]\n"

static int setup_people(struct fixture *f, int people)
{
	look_ms = 0;
	fixture_open(f);
	fixture_apply(f, PIPELINE);
	add_people(f, 0, people);
	return 0;
}

static int setup(void **state)
{
	static struct fixture f;

	*state = &f;
	return setup_people(&f, PEOPLE);
}

static int setup_few(void **state)
{
	static struct fixture f;

	*state = &f;
	return setup_people(&f, 30);
}

static int64_t count(struct fixture *f, const char *what)
{
	return fixture_number(f, arena_printf(&f->arena, "SELECT count(*) FROM %s", what));
}

struct seen {
	int64_t n, last;
};

static int see_run(const struct run_shown *run, void *ctx, struct err *err)
{
	struct seen *s = ctx;
	(void)err;

	assert_true(s->n == 0 || run->run.id < s->last);
	s->last = run->run.id;
	s->n++;
	return 0;
}

static int see_mail(const struct queued *mail, void *ctx, struct err *err)
{
	struct seen *s = ctx;
	(void)mail;
	(void)err;

	s->n++;
	return 0;
}

static int64_t count_runs(struct fixture *f, unsigned states)
{
	struct run_query q = { .states = states };
	struct seen s = { 0 };

	OK(runs_each(&f->e, f->team, &q, see_run, &s, &err));
	return s.n;
}

static int64_t count_queue(struct fixture *f, bool later)
{
	struct queued_query q = { .later = later };
	struct seen s = { 0 };

	OK(queued_each(&f->e, f->team, &q, see_mail, &s, &err));
	return s.n;
}

static int64_t count_people(struct fixture *f, bool blocked)
{
	struct filter filter = { .blocked = blocked };
	struct people_walk walk;
	struct contact c;
	int64_t n = 0;
	int got = 0;

	people_walk_begin(&walk, &f->e, f->team, &filter);
	do {
		OK(got = people_walk_next(&walk, &c, &err));
		n += got;
	} while (got > 0);
	people_walk_release(&walk);
	return n;
}

static void lists_are_whole(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(count_runs(f, 0), PEOPLE);
	assert_int_equal(count_runs(f, 1u << RUN_BLOCKED), 0);
	assert_int_equal(count_people(f, false), PEOPLE);
	assert_int_equal(count_people(f, true), 0);
	assert_int_equal(count_queue(f, true), PEOPLE);
	/* A limit makes each of them wait for those before it. */
	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/hello\nlimit: {per_hour: 10}\n");
	assert_int_equal(count_queue(f, true), PEOPLE);
}

/* A mailbox that is down blocks those whose mail is due, as long as it is: nobody writes that into their rows. */
static void what_a_mailbox_blocks_is_counted(void **state)
{
	struct fixture *f = *state;
	struct pipeline_stats stats;
	struct txn t = TXN_INIT;
	struct standings s;
	struct world *w = NULL;
	struct lane l;

	OK(txn_begin(&t, f->db, &err));
	OK(lane_find(f->db, f->team, "mailbox", "hello", &f->arena, &l, &err));
	l.reason = "auth";
	l.reason_text = "535 no";
	l.free_at = f->e.now + HOUR;
	OK(lane_update(f->db, f->team, &l, &err));
	OK(txn_commit(&t, &err));
	assert_int_equal(count_runs(f, 1u << RUN_BLOCKED), PEOPLE);
	assert_int_equal(count_people(f, true), PEOPLE);
	OK(engine_world(&f->e, f->team, &w, &err));
	standings_begin(&s, &f->e, f->team);
	OK(stats_of_pipeline(&s, world_pipeline(w, "crowd"), &f->arena, &stats, &err));
	standings_end(&s);
	assert_int_equal(stats.entered, PEOPLE);
	assert_int_equal(stats.blocked, PEOPLE);
	assert_int_equal(stats.active, 0);
	assert_string_equal(stats_reasons_text(&stats.blocked_for, &f->arena), "auth 1050");
	assert_int_equal(stats_step_of(&stats, 1).blocked, PEOPLE);
	assert_int_equal(stats_step_of(&stats, 7).blocked, 0);
}

static void set_paused(struct fixture *f, bool on)
{
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(pause_pipeline(&f->e, f->team, "crowd", on, &err));
	OK(txn_commit(&t, &err));
}

static void what_was_set_aside_comes_back(void **state)
{
	struct fixture *f = *state;
	int64_t moved = 0;

	set_paused(f, true);
	waits = 0;
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(waits, 0);
	assert_int_equal(count(f, "queue q JOIN lane l ON l.id = q.lane WHERE l.kind = 'parked'"), PEOPLE);
	set_paused(f, false);
	OK(runs_unpark(&f->e, f->team, "crowd", &moved, &err));
	assert_int_equal(moved, PEOPLE);
	assert_int_equal(count(f, "queue q JOIN lane l ON l.id = q.lane WHERE l.kind = 'mailbox'"), PEOPLE);
}

static void a_backup_that_is_accepted_sends_nothing_twice(void **state)
{
	struct fixture *f = *state;
	struct accept_count n = { 0 };

	fixture_number(f, "INSERT INTO meta (name, value) VALUES ('hold.restore', 'x') RETURNING 1");
	look_ms = 20;
	OK(safekeep_accept(&f->e, true, &n, &err));
	assert_int_equal(n.in_doubt, PEOPLE);
	assert_int_equal(count(f, "message"), 0);
	OK(safekeep_accept(&f->e, false, &n, &err));
	assert_int_equal(n.in_doubt, PEOPLE);
	assert_int_equal(count(f, "message WHERE state = 'in-doubt'"), PEOPLE);
	assert_int_equal(count(f, "run WHERE status = 'blocked' AND reason = 'in-doubt'"), PEOPLE);
}

static void add_notes(struct fixture *f, int n)
{
	struct recorded note = { .text = "again" };
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w = NULL;
	int64_t event;

	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "p7@example.org", &f->arena, &c, &err));
	OK(txn_begin(&t, f->db, &err));
	for (int i = 0; i < n; i++)
		OK(record_activity(&f->e, &c, RECORD_NOTE, &note, &f->arena, &event, &err));
	OK(txn_commit(&t, &err));
}

static void what_is_old_is_forgotten(void **state)
{
	struct prune_rules rules = { .events = { .days = 1 } };
	struct fixture *f = *state;
	struct prune_count n;
	int64_t old;

	add_notes(f, PEOPLE);
	f->e.now += 400 * (int64_t)DAY;
	/* What an open run may still look at is kept. */
	OK(prune_team(&f->e, f->team, &rules, &n, &err));
	assert_int_equal(n.events, 0);
	fixture_number(f, "UPDATE run SET status = 'stopped', ended_at = 1 RETURNING 1");
	old = count(f, "happened");
	assert_true(old >= PEOPLE);
	rules.dry_run = true;
	OK(prune_team(&f->e, f->team, &rules, &n, &err));
	assert_int_equal(n.events, old);
	rules.dry_run = false;
	look_ms = 200;
	OK(prune_team(&f->e, f->team, &rules, &n, &err));
	assert_int_equal(n.events, old);
	assert_int_equal(count(f, "happened"), 0);
}

static void a_long_life_is_exported_whole(void **state)
{
	BUF_AUTO out = BUF_INIT(1 << 20);
	struct fixture *f = *state;
	struct contact c;
	struct world *w = NULL;
	int n = 0;

	add_notes(f, 250);
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "p7@example.org", &f->arena, &c, &err));
	OK(dossier_write(&f->e, w, &c, DOSSIER_EVENTS, &out, &err));
	for (const char *at = out.s; (at = strstr(at, "\"note.added\"")) != NULL; at++)
		n++;
	assert_int_equal(n, 250);
}

static void write_sendmail(struct fixture *f, const char *answer)
{
	const char *path = arena_printf(&f->arena, "%s/sendmail", f->folder);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\nexit %s\n", answer);
	fclose(file);
	assert_int_equal(chmod(path, 0755), 0);
}

static void what_trouble_put_off_goes_at_once(void **state)
{
	struct fixture *f = *state;
	struct flush_count n;
	struct txn t = TXN_INIT;

	write_sendmail(f, "75");
	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nsendmail: FOLDER/sendmail\n");
	add_people(f, 30, 130);
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(count(f, "message WHERE state = 'queued' AND attempts = 1"), 130);
	OK(txn_begin(&t, f->db, &err));
	OK(queued_flush(&f->e, f->team, NULL, &n, &err));
	OK(txn_commit(&t, &err));
	assert_int_equal(n.mails, 130);
	assert_int_equal(count(f, "queue WHERE due <= 1782716400"), 130);
}

/* A transaction that waited long for others has used its time before it began: it still does something, and all is done. */

static int64_t apply_more(struct fixture *f, const char *yaml, bool delete)
{
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	APPLY_AUTO ap = { 0 };
	int64_t existing = 0;

	OK(apply_begin(&ap, &f->e, &who, &err));
	if (delete)
		OK(apply_add_delete(&ap, DOC_PIPELINE, yaml, &err));
	else
		apply_add(&ap, "more.yaml", yaml, strlen(yaml), NULL);
	OK(apply_check(&ap, false, &err));
	assert_int_equal(ap.author.diags.errors, 0);
	OK(apply_commit(&ap, &err));
	if (!delete) {
		OK(apply_enroll_existing(&ap, NULL, &err));
		existing = ap.items[0].existing;
	}
	return existing;
}

static void all_is_done_however_slowly(int64_t slowness)
{
	struct migration_count moved;
	struct fixture f;
	int64_t unparked = 0;

	setup_people(&f, 30);
	look_ms = slowness;
	assert_int_equal(apply_more(&f, "kind: Pipeline\nname: more\nenroll: {when: {not: {tag: x}}}\nsteps: [{wait: 1 day}, {note: n}]\n", false), 30);
	assert_int_equal(count(&f, "run"), 60);
	fixture_apply_with(&f, "kind: Pipeline\nname: more\nsteps: [{wait: 2 days}, {note: n}, {note: m}]\n", FIXTURE_MIGRATE, &moved);
	assert_int_equal(moved.moved, 30);
	set_paused(&f, true);
	look_ms = 0;
	fixture_tick(&f, MONDAY_9AM);
	look_ms = slowness;
	set_paused(&f, false);
	OK(runs_unpark(&f.e, f.team, "crowd", &unparked, &err));
	assert_int_equal(unparked, 30);
	apply_more(&f, "more", true);
	assert_int_equal(count(&f, "run WHERE status = 'stopped'"), 30);
	look_ms = 0;
	fixture_close(&f);
}

static void transactions_are_cut_short_and_nothing_is_left_out(void **state)
{
	(void)state;
	all_is_done_however_slowly(200);
}

static void a_transaction_whose_time_is_over_before_it_begins_does_its_work(void **state)
{
	(void)state;
	all_is_done_however_slowly(600);
}

static void steps_go_on_although_the_lock_was_waited_for(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Pipeline\nname: tags\nsteps: [{tag: a}, {tag: b}]\n");
	for (int i = 0; i < 5; i++)
		fixture_enroll(f, "tags", arena_printf(&f->arena, "p%d@example.org", i), NULL);
	look_ms = 600;
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(count(f, "run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'tags' AND r.status = 'completed'"), 5);
}

static void an_import_goes_in_chunks(void **state)
{
	static struct intake_options options;
	struct fixture *f = *state;
	struct intake in;
	struct world *w = NULL;

	OK(engine_world(&f->e, f->team, &w, &err));
	look_ms = 200;
	OK(intake_begin(&in, &f->e, w, &options, &err));
	for (int i = 0; i < 30; i++) {
		struct person p = { 0 };

		OK(address_parse(arena_printf(&f->arena, "new%d@example.org", i), &p.address, &err));
		OK(intake_take(&in, &p, &f->arena, &err));
		if (i == 20)
			assert_in_range(count(f, "contact WHERE folded LIKE 'new%'"), 10, 21);
	}
	OK(intake_end(&in, &err));
	intake_release(&in);
	assert_int_equal(in.counts.created, 30);
	assert_int_equal(count(f, "contact WHERE folded LIKE 'new%'"), 30);
}

int main(void)
{
#define T(test, setup) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(lists_are_whole, setup),
		T(what_a_mailbox_blocks_is_counted, setup),
		T(what_was_set_aside_comes_back, setup),
		T(a_backup_that_is_accepted_sends_nothing_twice, setup),
		T(what_is_old_is_forgotten, setup_few),
		T(a_long_life_is_exported_whole, setup_few),
		T(what_trouble_put_off_goes_at_once, setup_few),
		cmocka_unit_test(transactions_are_cut_short_and_nothing_is_left_out),
		cmocka_unit_test(a_transaction_whose_time_is_over_before_it_begins_does_its_work),
		T(steps_go_on_although_the_lock_was_waited_for, setup_few),
		T(an_import_goes_in_chunks, setup_few),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
