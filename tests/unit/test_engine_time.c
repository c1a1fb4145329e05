#include "fixture.h"

#include "engine/event.h"

#include <stdio.h>
#include <string.h>

/* When steps happen: hours, business days, lateness, waits for a field; and entries again. */

#define HOUR 3600
#define DAY  86400

static void record(struct fixture *f, int64_t contact, const char *type, const struct change *changes, size_t n)
{
	struct happening h = { .ev = { .contact = contact, .type = type }, .changes = changes, .n_changes = n,
		                   .arena = &f->arena };
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	if (event_record(&f->e, f->team, &h, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(txn_commit(&t, &err), 0);
}

static const char office[] = "kind: Calendar\nname: office\nopen: {mon-fri: 09:00-17:00}\nclosed: [2026-06-30]\n---\n";

static void hours_hold_mails_back_and_nothing_else(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, arena_printf(&f->arena,
	                              "%skind: Pipeline\nname: p\nhours: office\nsteps:\n  - tag: seen\n    after: 9 hours\n"
	                              "  - email: {subject: One, text: x}\n", office));
	fixture_add(f, "anna@example.org", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	/* 18:00 on Monday: the tag is set, the mail waits over the closed Tuesday for Wednesday 09:00. */
	fixture_tick(f, MONDAY_9AM + 9 * HOUR);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM tag_contact"), 1);
	assert_int_equal(fixture_mails(f, "hello"), 0);
	assert_int_equal(fixture_number(f, "SELECT due_at FROM run"), MONDAY_9AM + 2 * DAY);
	fixture_tick(f, MONDAY_9AM + 2 * DAY - 1);
	assert_int_equal(fixture_mails(f, "hello"), 0);
	fixture_tick(f, MONDAY_9AM + 2 * DAY);
	assert_int_equal(fixture_mails(f, "hello"), 1);
}

static void business_days_are_those_of_the_pipelines_calendar(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, arena_printf(&f->arena,
	                              "%skind: Pipeline\nname: p\nhours: office\nsteps:\n  - tag: a\n"
	                              "  - tag: b\n    after: 2 business days\n", office));
	fixture_add(f, "anna@example.org", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	fixture_tick(f, MONDAY_9AM);
	/* Tuesday is closed: Wednesday is day 1, Thursday day 2. */
	assert_int_equal(fixture_number(f, "SELECT due_at FROM run"), MONDAY_9AM + 3 * DAY);
}

static void late(struct fixture *f, const char *rule)
{
	fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: p\n%ssteps:\n"
	                              "  - email: {subject: One, text: x}\n    id: one\n    after: 1 hour\n"
	                              "  - tag: behind\n", rule));
	fixture_add(f, "anna@example.org", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
}

static void late_by_default_holds_after_a_day(void **state)
{
	struct fixture *f = *state;

	late(f, "");
	fixture_tick(f, MONDAY_9AM + HOUR + DAY + 1);
	assert_int_equal(fixture_mails(f, "hello"), 0);
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason FROM run"), "blocked late");
}

static void late_within_the_limit_still_goes(void **state)
{
	struct fixture *f = *state;

	late(f, "");
	fixture_tick(f, MONDAY_9AM + HOUR + DAY);
	assert_int_equal(fixture_mails(f, "hello"), 1);
}

static void late_may_skip_or_send(void **state)
{
	struct fixture *f = *state;

	late(f, "late: {max: 2 hours, then: skip}\n");
	fixture_tick(f, MONDAY_9AM + 4 * HOUR);
	assert_int_equal(fixture_mails(f, "hello"), 0);
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "completed");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM tag_contact"), 1);
	fixture_apply(f, "kind: Pipeline\nname: q\nlate: {max: 1 minute, then: send}\nsteps:\n"
	                 "  - email: {subject: Two, text: x}\n");
	fixture_enroll(f, "q", "anna@example.org", NULL);
	fixture_tick(f, MONDAY_9AM + 40 * DAY);
	assert_int_equal(fixture_mails(f, "hello"), 1);
}

static void a_wait_for_a_field_moves_with_the_field(void **state)
{
	struct fixture *f = *state;
	struct change set = { .kind = CHANGE_VALUE, .name = "renewal", .value = "2026-07-20" };
	int64_t anna;

	fixture_apply(f, "kind: Fields\nname: contact\nfields: {renewal: date}\n---\nkind: Pipeline\nname: p\nsteps:\n"
	                 "  - wait: {until: {field: renewal, before: 3 days}}\n  - tag: done\n");
	anna = fixture_add(f, "anna@example.org", "renewal", "2026-07-10", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	assert_int_equal(fixture_number(f, "SELECT due_at FROM run"), MONDAY_9AM - 9 * HOUR + 8 * DAY);
	record(f, anna, "contact.updated", &set, 1);
	assert_int_equal(fixture_number(f, "SELECT due_at FROM run"), MONDAY_9AM - 9 * HOUR + 18 * DAY);
	set.value = "2026-01-01";
	record(f, anna, "contact.updated", &set, 1);
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "completed");
}

static void conditions_start_when_they_become_true(void **state)
{
	struct fixture *f = *state;
	struct change tag = { .kind = CHANGE_TAG, .name = "trial" }, untag = { .kind = CHANGE_UNTAG, .name = "trial" };
	struct change other = { .kind = CHANGE_TAG, .name = "other" };
	int64_t anna;

	anna = fixture_add(f, "anna@example.org", NULL);
	fixture_apply(f, "kind: Pipeline\nname: p\nenroll:\n  when: [{tag: trial}]\n  again: always\nsteps: [{tag: x}]\n"
	                 "---\nkind: Pipeline\nname: q\nenroll: {when: {tag: trial}}\nsteps: [{tag: y}]\n");
	record(f, anna, "contact.tagged", &other, 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 0);
	record(f, anna, "contact.tagged", &tag, 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 2);
	fixture_tick(f, MONDAY_9AM);
	record(f, anna, "contact.tagged", &other, 1);
	record(f, anna, "contact.untagged", &untag, 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 2);
	record(f, anna, "contact.tagged", &tag, 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 3); /* p always, q once */
}

static void an_event_starts_each_time_or_queues(void **state)
{
	struct fixture *f = *state;
	int64_t anna;

	fixture_apply(f, "kind: Fields\nname: contact\nevents: {order.placed: {total: number}}\n---\n"
	                 "kind: Pipeline\nname: p\nenroll: {when: {event: order.placed}, while_active: queue}\nsteps:\n"
	                 "  - wait: 1 hour\n  - note: \"order of {{ event.total }}\"\n");
	anna = fixture_add(f, "anna@example.org", NULL);
	record(f, anna, "order.placed", NULL, 0);
	record(f, anna, "order.placed", NULL, 0);
	record(f, anna, "order.placed", NULL, 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM entry"), 2);
	fixture_tick(f, MONDAY_9AM + HOUR);
	fixture_tick(f, MONDAY_9AM + 2 * HOUR);
	fixture_tick(f, MONDAY_9AM + 3 * HOUR);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE status = 'completed'"), 3);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM entry"), 0);
}

static void a_circle_of_pipelines_is_cut(void **state)
{
	struct fixture *f = *state;
	int64_t anna;
	struct change tag = { .kind = CHANGE_TAG, .name = "a" };

	fixture_apply(f, "kind: Pipeline\nname: p\nenroll: {when: [{event: contact.tagged, tag: a}], while_active: queue}\nsteps:\n"
	                 "  - untag: a\n  - tag: b\n---\n"
	                 "kind: Pipeline\nname: q\nenroll: {when: [{event: contact.tagged, tag: b}], while_active: queue}\nsteps:\n"
	                 "  - untag: b\n  - tag: a\n");
	anna = fixture_add(f, "anna@example.org", NULL);
	record(f, anna, "contact.tagged", &tag, 1);
	fixture_tick(f, MONDAY_9AM);
	fixture_tick(f, MONDAY_9AM + 60);
	assert_in_range(fixture_number(f, "SELECT count(*) FROM run"), 14, 20);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM event WHERE data LIKE '%cut%'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "B13 hours hold mails back and nothing else",
		  hours_hold_mails_back_and_nothing_else, fixture_setup, fixture_teardown, NULL },
		{ "B13 business days are those of the calendar of the pipeline",
		  business_days_are_those_of_the_pipelines_calendar, fixture_setup, fixture_teardown, NULL },
		{ "B3 late by default holds after a day",
		  late_by_default_holds_after_a_day, fixture_setup, fixture_teardown, NULL },
		{ "B3 late within the limit still goes",
		  late_within_the_limit_still_goes, fixture_setup, fixture_teardown, NULL },
		{ "B3 late may skip or send",
		  late_may_skip_or_send, fixture_setup, fixture_teardown, NULL },
		{ "S4.6 a wait for a field moves with the field",
		  a_wait_for_a_field_moves_with_the_field, fixture_setup, fixture_teardown, NULL },
		{ "S1.6 S1.21 S4.3 conditions start when they become true",
		  conditions_start_when_they_become_true, fixture_setup, fixture_teardown, NULL },
		{ "S1.6 S4.24 an event starts each time, or queues",
		  an_event_starts_each_time_or_queues, fixture_setup, fixture_teardown, NULL },
		{ "S4.1 a circle of pipelines is cut",
		  a_circle_of_pipelines_is_cut, fixture_setup, fixture_teardown, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
