#include "fixture.h"

#include "base/buf.h"
#include "engine/pause.h"
#include "engine/progress.h"
#include "operate/runs.h"
#include "operate/why.h"
#include "people/people.h"
#include "store/queue_store.h"
#include "store/run_store.h"

#include <stdio.h>
#include <string.h>

/* What `why` says of a run in each state: which rule holds it, until when, and the command that mends it. */

enum { HOUR = 3600, DAY = 24 * HOUR };

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Fields\nname: contact\nfields: {renewal: date, birthday: date, plan: text}\nevents: {order.placed: {total: number}}\n"
	                  "---\nkind: Calendar\nname: night\nopen: {sat-sun: 01:00-02:00}\n"
	                  "---\nkind: Mailbox\nname: anna\nfrom: Anna <anna@example.com>\nmaildir: FOLDER/anna\n");
	fixture_add(&f, "anna@example.org", "renewal", "2026-09-01", NULL);
	*state = &f;
	return 0;
}

static void add_facts(const struct why *why, struct buf *ret)
{
	for (size_t i = 0; i < why->n_facts; i++) {
		const struct why_fact *fact = &why->facts[i];

		buf_addf(ret, "%s: %s%s%s\n", fact->code, fact->text, fact->command ? " | " : "", fact->command ? fact->command : "");
	}
	for (size_t i = 0; i < why->n_steps; i++) {
		const struct why_step *s = &why->steps[i];

		buf_addf(ret, "then %s%s%s%s%s @%lld\n", s->branch ? s->branch : "", s->branch ? " " : "", s->step, *s->text ? ": " : "", s->text,
		         s->at ? (long long)(s->at - MONDAY_9AM) : -1);
	}
}

static const char *why_run_of(struct fixture *f, int64_t id)
{
	BUF_AUTO out = BUF_INIT(1 << 16);
	struct why_tick tick = { .rehearsal = true, .exact = true };
	struct standings s;
	struct why why;
	struct run r;

	standings_begin(&s, &f->e, f->team);
	OK(run_load(f->db, f->team, id, &f->arena, &r, &err));
	OK(why_run(&s, &r, &tick, &f->arena, &why, &err));
	add_facts(&why, &out);
	standings_end(&s);
	return arena_strdup(&f->arena, out.s);
}

/* The newest run. */
static const char *why(struct fixture *f)
{
	return why_run_of(f, fixture_number(f, "SELECT max(id) FROM run"));
}

static void assert_says(struct fixture *f, const char *part)
{
	const char *all = why(f);

	if (!strstr(all, part))
		fail_msg("there is no '%s' in:\n%s", part, all);
}

static void assert_silent(struct fixture *f, const char *part)
{
	const char *all = why(f);

	if (strstr(all, part))
		fail_msg("there is '%s' in:\n%s", part, all);
}

/* A pipeline of these lines, and anna@ in it. Returns its name. */
static const char *enter(struct fixture *f, const char *lines)
{
	static int n;
	const char *name = arena_printf(&f->arena, "p%d", ++n);

	fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: %s\n%s", name, lines));
	assert_true(fixture_enroll(f, name, "anna@example.org", NULL) > 0);
	return name;
}

#define MAIL "  - email: {subject: S, text: x}\n"

static void the_delay_in_words(void **state)
{
	static const struct {
		const char *steps, *says;
	} rows[] = {
		{ MAIL, "delay: it has no delay: it is due as soon as the run began, " },
		{ MAIL "    after: 90 minutes\n", "delay: its delay, 1 hour 30 minutes, counts from when the run began, 2026-06-29T07:00:00Z (now)\n" },
		{ MAIL "    after: 2 days\n", "delay: its delay, 2 days, counts from when the run began, 2026-06-29T07:00:00Z (now); days are those in Europe/Berlin\n" },
		{ MAIL "    after: 1 business day\n", "delay: its delay, 1 business day, counts from when the run began, 2026-06-29T07:00:00Z (now); days are" },
		{ "  - wait: 2 hours\n", "delay: its delay, 2 hours, counts from " },
		{ "  - wait: 2 hours\n    after: 1 day\n", "delay: its delay, 1 day and then 2 hours, counts from " },
		{ "  - wait: {until: tue 09:00}\n", "delay: it waits until tue 09:00, the first one after the run began, 2026-06-29T07:00:00Z (now); days are those in Europe/Berlin\n" },
		{ "  - wait: {until: day 5 09:00}\n", "delay: it waits until day 5 09:00 of the run, which began 2026-06-29T07:00:00Z (now); days are" },
		{ "  - wait: {until: {field: renewal}}\n", "delay: it waits until the contact's renewal; days are" },
		{ "  - wait: {until: {field: renewal, before: 3 days}}\n", "delay: it waits until 3 days before the contact's renewal; days are" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enter(f, arena_printf(&f->arena, "steps:\n%s", rows[i].steps));
		assert_says(f, rows[i].says);
	}
}

static void the_calendar_that_is_closed(void **state)
{
	struct fixture *f = *state;
	const char *says = "hours: the calendar 'night' is closed 2026-06-29T07:00:00Z (now); it opens 2026-07-03T23:00:00Z (in ";

	enter(f, "steps:\n" MAIL "    hours: night\n");
	assert_says(f, says);
	enter(f, "hours: night\nsteps:\n" MAIL);
	assert_says(f, says);
	fixture_apply(f, "kind: Team\nname: sales\ntimezone: Europe/Berlin\nhours: night\nmailbox: hello\nmembers: {tester: {role: admin}}\n");
	enter(f, "steps:\n" MAIL);
	assert_says(f, says);
}

static int go_to(struct fixture *f, int64_t run, int step, int64_t at)
{
	struct txn t = TXN_INIT;
	struct traveller who;
	int got = -1;

	OK(txn_begin(&t, f->db, &err));
	OK(traveller_load(&f->e, f->team, run, &f->arena, &who, &err));
	OK(got = run_goto(&f->e, &who, step, at, &err));
	OK(txn_commit(&t, &err));
	return got;
}

static void a_time_that_was_planned_anew(void **state)
{
	struct fixture *f = *state;

	enter(f, "steps:\n" MAIL "    after: 1 day\n");
	go_to(f, fixture_number(f, "SELECT max(id) FROM run"), 0, MONDAY_9AM + 3 * DAY);
	assert_says(f, "moved: that was 2026-06-30T07:00:00Z (in 24 hours); it was planned anew since\n");
	enter(f, "steps:\n" MAIL "    after: 1 day\n");
	fixture_number(f, "UPDATE run SET due_at = due_at + 86400, reason = 'away', reason_text = 'Automatic reply' WHERE id IN"
	                  " (SELECT max(id) FROM run) RETURNING id");
	assert_says(f, "away: that was 2026-06-30T07:00:00Z (in 24 hours); it waits because the contact is away: Automatic reply\n");
}

static void a_mail_without_a_sender(void **state)
{
	struct fixture *f = *state;

	enter(f, "steps:\n  - set: {owner: tester}\n    after: 1 hour\n" MAIL "    mailbox: owner\n    after: 1 day\n");
	go_to(f, fixture_number(f, "SELECT max(id) FROM run"), 1, 0);
	assert_says(f, "mailbox: it has no mailbox to send from: no contact.owner | contactctl set anna@example.org owner=...\n");
	fixture_add(f, "bert@example.org", "owner", "tester", NULL);
	fixture_apply(f, "kind: Pipeline\nname: owned\nsteps:\n" MAIL "    mailbox: owner\n    after: 1 day\n");
	fixture_enroll(f, "owned", "bert@example.org", NULL);
	fixture_apply(f, "kind: Team\nname: sales\nmailbox: hello\nmembers: {tester: {role: admin}}\n");
	assert_says(f, "mailbox: it has no mailbox to send from: the owner tester has no 'mailbox' in the Team document\n");
}

static void load_lane(struct fixture *f, struct lane *ret)
{
	OK(lane_get(f->db, f->team, "mailbox", "hello", &f->arena, ret, &err));
}

/* The lane of hello as trouble leaves it. */
static void close_lane(struct fixture *f, const char *reason, const char *text, int64_t until)
{
	struct txn t = TXN_INIT;
	struct lane l;

	OK(txn_begin(&t, f->db, &err));
	load_lane(f, &l);
	l.reason = reason;
	l.reason_text = text;
	l.free_at = until;
	l.closed_since = f->e.now;
	OK(lane_update(f->db, f->team, &l, &err));
	OK(txn_commit(&t, &err));
}

static void a_mailbox_that_rests(void **state)
{
	static const struct {
		const char *reason, *text, *says;
	} rows[] = {
		{ "quota", "400 per day are sent", "quota: 400 per day are sent; the next slot is 2026-06-29T08:00:00Z (in 60 minutes)\n" },
		{ "gap", "a pause", "gap: mailbox hello pauses between two mails until 2026-06-29T08:00:00Z (in 60 minutes)\n" },
		{ "backoff", "nobody there", "backoff: mailbox hello could not reach its server (nobody there); it is tried again 2026-06-29T08:00:00Z"
		  " (in 60 minutes) | pipectl queue flush --mailbox hello\n" },
		{ "auth", "535 no", "auth: mailbox hello cannot send (auth: 535 no); it is tried again 2026-06-29T08:00:00Z (in 60 minutes), and at once"
		  " when that is mended | pipe-tick --login hello\n" },
		{ "settings", "no TLS", "settings: mailbox hello cannot send (settings: no TLS); it is tried again " },
	};
	struct fixture *f = *state;

	enter(f, "steps:\n" MAIL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		close_lane(f, rows[i].reason, rows[i].text, MONDAY_9AM + HOUR);
		assert_says(f, rows[i].says);
		assert_silent(f, "due: nothing holds it");
	}
	close_lane(f, "", "", 0);
	assert_says(f, "due: nothing holds it: it goes with the next tick\n");
}

static void when_it_goes_as_things_stand(void **state)
{
	struct fixture *f = *state;

	enter(f, "steps:\n" MAIL);
	close_lane(f, "backoff", "nobody there", MONDAY_9AM + HOUR);
	assert_says(f, "goes: as things stand it goes 2026-06-29T08:00:00Z (in 60 minutes): that is when mailbox hello is tried again\n");
	close_lane(f, "", "", 0);
	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/hello\nlimit: {per_day: 9, per_hour: 4, gap: 20 seconds}\n");
	assert_says(f, "limit: mailbox hello sends at most 9 per day, 4 per hour, 20 seconds between two; 1 of its mails is due\n");
	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/hello\nlimit: {gap: 20 seconds}\n");
	for (int i = 0; i < 3; i++)
		enter(f, "steps:\n" MAIL);
	assert_says(f, "limit: mailbox hello sends at most 20 seconds between two; 4 of its mails are due\n");
	assert_says(f, "goes: as things stand it goes 2026-06-29T07:01:00Z (in 60 seconds): that is the gap that mailbox hello keeps between two,"
	               " and 3 mails of it go before\n");
	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/hello\nlimit: {per_hour: 1}\n");
	assert_says(f, "limit: mailbox hello sends at most 1 per hour; ");
	assert_says(f, "that is the limit of mailbox hello, and 3 mails of it go before\n");
	fixture_apply(f, "kind: Calendar\nname: morning\nopen: {mon-fri: 09:00-10:00}\n");
	enter(f, "hours: morning\nsteps:\n" MAIL);
	assert_says(f, "goes: as things stand it goes 2026-06-30T07:00:00Z (in 24 hours): that is the hours in which it may go");
}

static void pause_in(struct fixture *f, const char *pipeline)
{
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(pause_pipeline(&f->e, f->team, pipeline, true, &err));
	OK(txn_commit(&t, &err));
}

static void pause_hello(struct fixture *f, bool on)
{
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(pause_mailbox(&f->e, f->team, "hello", on, &err));
	OK(txn_commit(&t, &err));
}

static void what_is_paused_and_what_late_makes_of_it(void **state)
{
	struct fixture *f = *state;
	const char *name = enter(f, "steps:\n" MAIL);

	pause_hello(f, true);
	assert_says(f, "paused: mailbox hello is paused since 2026-06-29T07:00:00Z (now); when it goes on after 2026-06-30T07:00:00Z (in 24 hours), the run is blocked as late | pipectl resume mailbox/hello\n");
	pause_hello(f, false);
	pause_in(f, name);
	assert_says(f, " is paused since 2026-06-29T07:00:00Z (now); when it goes on after 2026-06-30T07:00:00Z (in 24 hours), the run is blocked as late | pipectl resume p");
	pause_in(f, enter(f, "late: {max: 6 hours, then: skip}\nsteps:\n" MAIL));
	assert_says(f, " is paused since 2026-06-29T07:00:00Z (now); when it goes on after 2026-06-29T13:00:00Z (in 6 hours), it is skipped | pipectl resume p");
	pause_in(f, enter(f, "late: {max: 6 hours, then: send}\nsteps:\n" MAIL));
	assert_says(f, " is paused since 2026-06-29T07:00:00Z (now) | pipectl resume p");
	pause_in(f, enter(f, "steps:\n  - note: x\n    after: 1 day\n"));
	assert_says(f, " is paused since 2026-06-29T07:00:00Z (now) | pipectl resume p");
}

static void a_draft(void **state)
{
	struct fixture *f = *state;
	const char *name = enter(f, "steps:\n" MAIL);

	fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: %s\nactive: false\nsteps:\n" MAIL, name));
	assert_says(f, " is a draft (active: false): nothing goes until it is applied as active; when it goes on after ");
}

static void what_is_late_already(void **state)
{
	struct fixture *f = *state;

	enter(f, "late: {max: 6 hours, then: skip}\nsteps:\n" MAIL);
	f->e.now += DAY;
	assert_says(f, "next: next is step 'email 1' (email from mailbox hello), due since 2026-06-29T07:00:00Z (24 hours ago)\n");
	assert_says(f, "late: it could go until 2026-06-29T13:00:00Z (18 hours ago); with the next tick it is skipped\n");
	f->e.now -= DAY;
	enter(f, "steps:\n" MAIL);
	f->e.now += 2 * DAY;
	assert_says(f, "with the next tick the run is blocked as late\n");
	fixture_tick(f, f->e.now);
	assert_says(f, "late: its mail was due 2026-06-29T07:00:00Z (2 days ago), and the pipeline sends nothing that is more than 24 hours late"
	               " | pipectl retry ");
}

/* As a tick has it at this moment. */
static void mail_is(struct fixture *f, const char *state)
{
	fixture_number(f, arena_printf(&f->arena, "UPDATE message SET state = '%s', waits = '%s' = 'held' WHERE id IN (SELECT max(id) FROM message)"
	                               " RETURNING id", state, state));
}

static void a_mail_in_somebodys_hands(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nsmtp: {url: 'smtp://127.0.0.1:1', tls: none}\n");
	enter(f, "steps:\n" MAIL);
	fixture_tick(f, MONDAY_9AM);
	fixture_number(f, "UPDATE message SET reply = '451 later' WHERE id IN (SELECT max(id) FROM message) RETURNING id");
	assert_says(f, "was tried 1 time and put off: 451 later; after 48 hours it counts as undeliverable");
	fixture_number(f, "UPDATE message SET attempts = 2 WHERE id IN (SELECT max(id) FROM message) RETURNING id");
	assert_says(f, "was tried 2 times and put off: 451 later; after 48 hours it counts as undeliverable\n");
	mail_is(f, "held");
	assert_says(f, " is held | pipectl release ");
	mail_is(f, "sending");
	assert_says(f, " is in the hands of a tick\n");
	mail_is(f, "offered");
	assert_says(f, " is with the server; its answer is awaited\n");
	assert_silent(f, "mailbox hello could not");
}

static void a_task_first(void **state)
{
	struct fixture *f = *state;

	enter(f, "steps:\n  - task: Call\n    hold: done\n  - note: n\n");
	fixture_tick(f, MONDAY_9AM);
	assert_says(f, " is done: Call | taskctl done ");
	enter(f, "steps:\n  - task: Call\n    to: tester\n    due: 1 day\n    hold: done\n  - note: n\n");
	fixture_tick(f, MONDAY_9AM);
	assert_says(f, " is done: Call, for tester, due 2026-06-30T07:00:00Z (in 24 hours) | taskctl done ");
	assert_says(f, "then note 2 @-1\n");
}

static void what_blocks(void **state)
{
	static const struct {
		const char *reason, *text, *says;
	} rows[] = {
		{ "quarantined", "it crashed three times", "quarantined: it crashed three times; it is left alone so that the others go | pipectl retry " },
		{ "settings", "no mailbox", "settings: no mailbox; it goes on when the Team document says otherwise | pipectl retry " },
		{ "template", "line 3", "template: its template or time cannot be used: line 3 | pipectl retry " },
		{ "undeliverable", "554 no", "undeliverable: its mail was refused: 554 no | pipectl retry " },
		{ "in-doubt", "no answer came", "in-doubt: message " },
		{ "missing", "contact.plan, contact.a", "| contactctl set anna@example.org plan=... a=...\n" },
		{ "missing", "event.total", "missing: it lacks event.total, so that no mail of it goes out; nobody can set that, so it goes on without the mail or not at all | pipectl drop " },
		{ "missing", "sender.signature", "missing: it lacks sender.signature, so that no mail of it goes out; it goes on when the Team document says that\n" },
		{ "ambiguous", "two deals", "ambiguous: it is blocked: ambiguous two deals | pipectl retry " },
	};
	struct fixture *f = *state;

	enter(f, "steps:\n" MAIL);
	fixture_tick(f, MONDAY_9AM);
	fixture_number(f, "UPDATE run SET step = last_step, ended_at = 0 RETURNING id");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fixture_number(f, arena_printf(&f->arena, "UPDATE run SET status = 'blocked', reason = '%s', reason_text = '%s' RETURNING id",
		                               rows[i].reason, rows[i].text));
		assert_says(f, rows[i].says);
		assert_says(f, "next: it stands before step 'email 1' (email)\n");
	}
}

static void what_is_over(void **state)
{
	struct fixture *f = *state;

	enter(f, "steps:\n  - exit: no answer\n");
	fixture_tick(f, MONDAY_9AM);
	assert_says(f, "completed: it was completed 2026-06-29T07:00:00Z (now): no answer\nover: nothing more goes out of it\n");
	enter(f, "steps:\n  - note: x\n");
	fixture_tick(f, MONDAY_9AM);
	assert_says(f, "completed: it was completed 2026-06-29T07:00:00Z (now)\n");
	fixture_number(f, "UPDATE run SET status = 'stopped', reason = 'bounced' RETURNING id");
	assert_says(f, "stopped: it was stopped 2026-06-29T07:00:00Z (now): the address does not exist (bounce)\n");
	fixture_number(f, "UPDATE run SET reason = 'order.placed' RETURNING id");
	assert_says(f, "stopped: it was stopped 2026-06-29T07:00:00Z (now): order.placed\n");
}

static void a_run_of_somebody_who_is_gone(void **state)
{
	struct fixture *f = *state;
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w = NULL;

	enter(f, "steps:\n" MAIL "  - wait: 2 days\n");
	fixture_tick(f, MONDAY_9AM);
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "anna@example.org", &f->arena, &c, &err));
	OK(txn_begin(&t, f->db, &err));
	OK(people_delete(&f->e, &c, false, &f->arena, &err));
	OK(txn_commit(&t, &err));
	assert_says(f, ": a deleted contact in p");
	assert_says(f, "stopped: it was stopped 2026-06-29T07:00:00Z (now): the contact was deleted\nover: nothing more goes out of it\n");
}

static void all_that_comes_after(void **state)
{
	struct fixture *f = *state;

	enter(f, "steps:\n  - if: {tag: vip}\n    then: [{note: a}, {exit: rich}]\n    else: [{wait: 1 day}]\n"
	         "  - wait: {until: {field: birthday}}\n  - if: {tag: x}\n    then: [{exit: one}]\n    else: [{exit: two}]\n  - note: never\n");
	assert_says(f, "then then note 2 @0\nthen exit 3: rich @0\nthen else wait 4 @86400\n"
	               "then wait 5: blocks unless birthday is set by then @-1\nthen if 6: tag is x @-1\n"
	               "then then exit 7: one @-1\nthen else exit 8: two @-1\n");
	assert_silent(f, "never");
	enter(f, "steps:\n  - if: {tag: x}\n    then: [{exit: one}]\n    else: [{exit: two}]\n  - note: never\n");
	assert_silent(f, "never");
	enter(f, "steps:\n  - exit: at once\n");
	assert_silent(f, "then");
	enter(f, "steps:\n  - note: a\n  - await: {tag: x}\n    within: 2 days\n    then: [{note: b}]\n    else: [{exit: gone}]\n  - exit: true\n");
	assert_says(f, "then then note 3 @-1\nthen else exit 4: gone @172800\nthen exit 5: true @-1\n");
	enter(f, "steps:\n  - wait: {until: {field: renewal}}\n  - task: Call\n    hold: done\n"
	         "  - await: {tag: x}\n    within: 2 days\n    then: [{task: T, hold: done}]\n  - note: c\n");
	assert_says(f, "then then task 4 @-1\nthen note 5 @-1\n");
}

/* Whoever has several teams must say which one the commands are for. */
static void commands_name_the_team_where_that_is_needed(void **state)
{
	struct fixture *f = *state;

	f->e.say_team = "sales";
	enter(f, "steps:\n" MAIL);
	fixture_tick(f, MONDAY_9AM);
	fixture_number(f, "UPDATE run SET status = 'blocked', reason = 'in-doubt', step = last_step RETURNING id");
	assert_says(f, " sent --team sales\npipectl settle ");
	assert_says(f, " resend --team sales\n");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(the_delay_in_words),
		T(the_calendar_that_is_closed),
		T(a_time_that_was_planned_anew),
		T(a_mail_without_a_sender),
		T(a_mailbox_that_rests),
		T(when_it_goes_as_things_stand),
		T(what_is_paused_and_what_late_makes_of_it),
		T(a_draft),
		T(what_is_late_already),
		T(a_mail_in_somebodys_hands),
		T(a_task_first),
		T(what_blocks),
		T(what_is_over),
		T(a_run_of_somebody_who_is_gone),
		T(all_that_comes_after),
		T(commands_name_the_team_where_that_is_needed),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
