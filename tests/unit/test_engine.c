#include "fixture.h"

#include "engine/enroll.h"
#include "engine/event.h"
#include "store/contact_store.h"

#include <stdio.h>

#define HOUR 3600
#define DAY  86400

static const char onboarding[] =
	"kind: Template\nname: welcome\nsubject: \"Welcome, {{ contact.first_name }}\"\n"
	"text: |\n  Hi {{ contact.first_name }}, glad to have you.\n"
	"---\nkind: Template\nname: features\nsubject: Features\ntext: |\n  Look at these.\n"
	"---\nkind: Template\nname: check-in\nsubject: How are you?\ntext: |\n  Still there?\n"
	"---\nkind: Pipeline\nname: onboarding\nenroll: {new_contacts: true}\nsteps:\n"
	"  - email: welcome\n  - email: features\n    after: 2 hours\n  - tag: onboarded\n"
	"  - email: check-in\n    after: 3 days\n    thread: welcome\n";

static void onboarding_runs_from_contact_to_completion(void **state)
{
	struct fixture *f = *state;
	int64_t now = MONDAY_9AM;

	fixture_apply(f, onboarding);
	fixture_add(f, "anna@example.org", "first_name", "Anna", NULL);
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "pending");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue"), 1);
	assert_int_equal(fixture_mails(f, "hello"), 0);

	fixture_tick(f, now);
	assert_int_equal(fixture_mails(f, "hello"), 1);
	assert_non_null(fixture_mail_with(f, "hello", "Subject: Welcome, Anna"));
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "running");
	assert_int_equal(fixture_number(f, "SELECT due_at FROM run"), now + 2 * HOUR);

	/* Late by 5 minutes: the next step counts from then (S0.4). */
	now += 2 * HOUR + 300;
	fixture_tick(f, now);
	assert_int_equal(fixture_mails(f, "hello"), 2);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM tag_contact WHERE tag = 'onboarded'"), 1);
	assert_int_equal(fixture_number(f, "SELECT due_at FROM run"), now + 3 * DAY);

	fixture_tick(f, now + 3 * DAY - 1);
	assert_int_equal(fixture_mails(f, "hello"), 2);
	fixture_tick(f, now + 3 * DAY);
	assert_int_equal(fixture_mails(f, "hello"), 3);
	assert_non_null(fixture_mail_with(f, "hello", "Subject: Re: Welcome, Anna"));
	assert_non_null(fixture_mail_with(f, "hello", "In-Reply-To: <"));
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "completed");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM claim"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE state = 'sent'"), 3);
}

static void a_hole_blocks_and_setting_the_field_mends_it(void **state)
{
	struct fixture *f = *state;
	struct arena *a = &f->arena;
	struct change set = { .kind = CHANGE_VALUE, .name = "first_name", .value = "Bob" };
	struct happening h = { .changes = &set, .n_changes = 1, .arena = a };
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	fixture_apply(f, onboarding);
	h.ev.contact = fixture_add(f, "bob@example.org", NULL);
	h.ev.type = "contact.updated";
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason || ' ' || reason_text FROM run"),
	                    "blocked missing contact.first_name");
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 0);

	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	if (event_record(&f->e, f->team, &h, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(txn_commit(&t, &err), 0);
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "pending");
	fixture_tick(f, MONDAY_9AM + 60);
	assert_non_null(fixture_mail_with(f, "hello", "Hi Bob"));
}

static void a_second_open_run_is_refused(void **state)
{
	struct fixture *f = *state;
	int how;

	fixture_apply(f, onboarding);
	fixture_add(f, "anna@example.org", "first_name", "Anna", NULL);
	fixture_enroll(f, "onboarding", "anna@example.org", &how);
	assert_int_equal(how, ENROLL_ACTIVE);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 1);
}

static void new_contacts_enter_all_that_ask_for_them(void **state)
{
	struct fixture *f = *state;

	fixture_add(f, "old@example.org", NULL);
	fixture_apply(f, "kind: Pipeline\nname: a\nenroll: {new_contacts: true}\nsteps: [{tag: in-a}]\n"
	                 "---\nkind: Pipeline\nname: b\nenroll: {new_contacts: true}\nsteps: [{tag: in-b}]\n"
	                 "---\nkind: Pipeline\nname: c\nsteps: [{tag: in-c}]\n"
	                 "---\nkind: Pipeline\nname: draft\nactive: false\nenroll: {new_contacts: true}\nsteps: [{tag: in-d}]\n");
	fixture_add(f, "new@example.org", NULL);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE contact = 1"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE contact = 2"), 2);
	f->e.no_auto_enroll = true;
	fixture_add(f, "third@example.org", NULL);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 2);
}

static void one_person_is_started_by_hand(void **state)
{
	struct fixture *f = *state;
	int how;

	fixture_apply(f, "kind: Pipeline\nname: c\nsteps: [{tag: in-c}]\n");
	fixture_add(f, "anna@example.org", NULL);
	assert_true(fixture_enroll(f, "c", "anna@example.org", &how) > 0);
	assert_int_equal(how, ENROLL_STARTED);
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "completed");
	/* By hand again and again: only an open run refuses. */
	assert_true(fixture_enroll(f, "c", "anna@example.org", &how) > 0);
}

static void branches_join_and_exit_ends(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Pipeline\nname: sorter\nsteps:\n"
	                 "  - if: {tag: vip}\n    then:\n      - tag: gold\n    else:\n      - tag: plain\n"
	                 "      - exit: not interesting\n  - set: {company: \"{{ contact.first_name }} Ltd\"}\n"
	                 "  - note: \"{{ contact.first_name }} is gold\"\n  - untag: vip\n");
	fixture_add(f, "anna@example.org", "first_name", "Anna", NULL);
	fixture_add(f, "bob@example.org", "first_name", "Bob", NULL);
	fixture_number(f, "SELECT 1");
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	assert_int_equal(contact_add_tag(f->db, f->team, 1, "vip", &err), 1);
	assert_int_equal(txn_commit(&t, &err), 0);
	fixture_enroll(f, "sorter", "anna@example.org", NULL);
	fixture_enroll(f, "sorter", "bob@example.org", NULL);
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(fixture_text(f, "SELECT group_concat(tag, ' ') FROM tag_contact WHERE contact = 1"), "gold");
	assert_string_equal(fixture_text(f, "SELECT fields FROM contact c, word w WHERE c.id = 1 AND w.text = 'company'"
	                                    " AND fields LIKE '%' || char(65 + w.id) || 'Anna Ltd%'"),
	                    fixture_text(f, "SELECT fields FROM contact WHERE id = 1"));
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason FROM run WHERE contact = 2"),
	                    "completed not interesting");
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason FROM run WHERE contact = 1"), "completed ");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM event WHERE type = 'note.added'"), 1);
}

static void a_conversion_stops_what_sends_mail(void **state)
{
	struct fixture *f = *state;
	struct change convert = { .kind = CHANGE_KIND, .value = "contact" };
	struct happening h = { .changes = &convert, .n_changes = 1, .arena = &f->arena };
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	fixture_apply(f, onboarding);
	h.ev.contact = fixture_add(f, "anna@example.org", "first_name", "Anna", NULL);
	h.ev.type = "contact.converted";
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	assert_int_equal(event_record(&f->e, f->team, &h, &err), 1);
	assert_int_equal(txn_commit(&t, &err), 0);
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason FROM run"), "stopped converted");
	fixture_tick(f, MONDAY_9AM + 30 * DAY);
	assert_int_equal(fixture_mails(f, "hello"), 1);
}

static void limits_hold_exactly(void **state)
{
	struct fixture *f = *state;
	char email[32];

	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/hello\n"
	                 "limit: {per_day: 5, per_hour: 2}\n");
	fixture_apply(f, onboarding);
	for (int i = 0; i < 9; i++) {
		snprintf(email, sizeof email, "p%d@example.org", i);
		fixture_add(f, email, "first_name", "P", NULL);
	}
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 2);
	fixture_tick(f, MONDAY_9AM + 60);
	assert_int_equal(fixture_mails(f, "hello"), 2);
	assert_string_equal(fixture_text(f, "SELECT reason FROM lane WHERE kind = 'mailbox'"), "quota");
	fixture_tick(f, MONDAY_9AM + HOUR - 1);
	assert_int_equal(fixture_mails(f, "hello"), 2);
	fixture_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(fixture_mails(f, "hello"), 4);
	fixture_tick(f, MONDAY_9AM + 2 * HOUR);
	assert_int_equal(fixture_mails(f, "hello"), 5);
	fixture_tick(f, MONDAY_9AM + DAY - 1);
	assert_int_equal(fixture_mails(f, "hello"), 5);
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_int_equal(fixture_mails(f, "hello"), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "S0.1 S0.3 S0.4 S0.6 S0.8 S0.9 S0.15 S0.19 S0.20 S0.24 onboarding runs from contact to completion",
		  onboarding_runs_from_contact_to_completion, fixture_setup, fixture_teardown, NULL },
		{ "S2.10 S2.20 a hole blocks, and setting the field mends it",
		  a_hole_blocks_and_setting_the_field_mends_it, fixture_setup, fixture_teardown, NULL },
		{ "S2.14 a second open run is refused",
		  a_second_open_run_is_refused, fixture_setup, fixture_teardown, NULL },
		{ "S0.16 S0.17 S4.17 new contacts enter all that ask for them",
		  new_contacts_enter_all_that_ask_for_them, fixture_setup, fixture_teardown, NULL },
		{ "S0.18 S2.11 S2.17 one person is started by hand", one_person_is_started_by_hand, fixture_setup, fixture_teardown, NULL },
		{ "S4.8 S4.9 S4.10 S4.12 S4.13 S4.28 branches join, and exit ends",
		  branches_join_and_exit_ends, fixture_setup, fixture_teardown, NULL },
		{ "S2.4 S2.7 a conversion stops what sends mail",
		  a_conversion_stops_what_sends_mail, fixture_setup, fixture_teardown, NULL },
		{ "S2.45 B14 limits hold exactly",
		  limits_hold_exactly, fixture_setup, fixture_teardown, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
