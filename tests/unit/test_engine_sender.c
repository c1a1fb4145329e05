#include "fixture.h"

#include "base/buf.h"
#include "people/people.h"
#include "rehearse/trial.h"

#include <string.h>

/* `mailbox: owner` and `mailbox: enroller` of a step. */

#define DAY 86400

static void apply_team(struct fixture *f, const char *bob)
{
	fixture_apply(f, arena_printf(&f->arena, "kind: Team\nname: sales\nmailbox: hello\nmembers: {tester: {role: admin,"
	                                         " mailbox: hello}, anna: {mailbox: anna, name: Anna}, bob: {%s}}\n", bob));
}

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Mailbox\nname: anna\nfrom: Anna <anna@example.com>\nmaildir: FOLDER/anna\n"
	                  "---\nkind: Mailbox\nname: bob\nfrom: Bob <bob@example.com>\nmaildir: FOLDER/bob\n");
	apply_team(&f, "");
	*state = &f;
	return 0;
}

static void apply_mails(struct fixture *f, const char *mailbox, const char *before)
{
	fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: p\nsteps:\n%s"
	                              "  - email: {subject: One, text: \"Yours, {{ sender.name }}\"}\n    mailbox: %s\n"
	                              "    after: 1 day\n", before, mailbox));
}

static const char *run_says(struct fixture *f)
{
	return fixture_text(f, "SELECT status || ' ' || reason || ' ' || reason_text FROM run ORDER BY id DESC LIMIT 1");
}

/* By hand, as contactctl does it. */
static void set_owner(struct fixture *f, const char *owner)
{
	struct person p = { 0 };
	const struct field *field;
	struct contact c;
	struct world *w = NULL;
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "carl@example.org", &f->arena, &c, &err));
	OK(person_field(w, "owner", &field, &err));
	OK(person_set(&p, w, field, owner, &f->arena, &err));
	OK(people_update(&f->e, &c, &p, &f->arena, &err));
	OK(txn_commit(&t, &err));
}

static void a_mail_goes_from_the_owners_mailbox(void **state)
{
	struct fixture *f = *state;

	apply_mails(f, "owner", "");
	fixture_add(f, "carl@example.org", "owner", "anna", NULL);
	fixture_enroll(f, "p", "carl@example.org", NULL);
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_int_equal(fixture_mails(f, "hello"), 0);
	assert_non_null(fixture_mail_with(f, "anna", "Yours, Anna"));
	assert_non_null(fixture_mail_with(f, "anna", "From: Anna <anna@example.com>"));
}

static void the_owner_counts_who_it_is_then(void **state)
{
	struct fixture *f = *state;

	apply_team(f, "mailbox: bob");
	apply_mails(f, "owner", "");
	fixture_add(f, "carl@example.org", "owner", "anna", NULL);
	fixture_enroll(f, "p", "carl@example.org", NULL);
	set_owner(f, "bob");
	assert_string_equal(fixture_text(f, "SELECT l.name FROM run r JOIN lane l ON l.id = r.lane"), "bob");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue"), 1);
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_int_equal(fixture_mails(f, "anna"), 0);
	assert_int_equal(fixture_mails(f, "bob"), 1);
}

/* The Team document gives the owner another mailbox while the mail is queued in the lane of the first one. */
static void a_members_new_mailbox_counts_at_once(void **state)
{
	struct fixture *f = *state;

	apply_team(f, "mailbox: bob");
	apply_mails(f, "owner", "");
	fixture_add(f, "carl@example.org", "owner", "bob", NULL);
	fixture_enroll(f, "p", "carl@example.org", NULL);
	apply_team(f, "mailbox: anna");
	fixture_tick(f, MONDAY_9AM + DAY);
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_int_equal(fixture_mails(f, "bob"), 0);
	assert_int_equal(fixture_mails(f, "anna"), 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 1);
}

static void without_an_owner_it_blocks_at_entry_until_there_is_one(void **state)
{
	struct fixture *f = *state;

	apply_mails(f, "owner", "");
	fixture_add(f, "carl@example.org", NULL);
	fixture_enroll(f, "p", "carl@example.org", NULL);
	assert_string_equal(run_says(f), "blocked missing contact.owner");
	set_owner(f, "anna");
	assert_string_equal(run_says(f), "pending  ");
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_int_equal(fixture_mails(f, "anna"), 1);
}

static void an_owner_that_an_earlier_step_sets_is_there(void **state)
{
	struct fixture *f = *state;

	apply_mails(f, "owner", "  - set: {owner: anna}\n");
	fixture_add(f, "carl@example.org", NULL);
	fixture_enroll(f, "p", "carl@example.org", NULL);
	assert_string_equal(run_says(f), "pending  ");
	fixture_tick(f, MONDAY_9AM);
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_int_equal(fixture_mails(f, "anna"), 1);
}

static void an_owner_who_is_gone_when_it_comes_up_blocks(void **state)
{
	struct fixture *f = *state;

	apply_mails(f, "owner", "");
	fixture_add(f, "carl@example.org", "owner", "anna", NULL);
	fixture_enroll(f, "p", "carl@example.org", NULL);
	set_owner(f, "");
	assert_string_equal(run_says(f), "pending  ");
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_string_equal(run_says(f), "blocked missing contact.owner");
	set_owner(f, "anna");
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_int_equal(fixture_mails(f, "anna"), 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue"), 0);
}

static void an_owner_without_a_mailbox_blocks_until_the_team_says_one(void **state)
{
	struct fixture *f = *state;

	apply_mails(f, "owner", "");
	fixture_add(f, "carl@example.org", "owner", "bob", NULL);
	fixture_enroll(f, "p", "carl@example.org", NULL);
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_string_equal(run_says(f), "blocked settings the owner bob has no 'mailbox' in the Team document");
	apply_team(f, "name: Bobby"); /* it is tried, and blocks again */
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_string_equal(run_says(f), "blocked settings the owner bob has no 'mailbox' in the Team document");
	apply_team(f, "mailbox: bob");
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_int_equal(fixture_mails(f, "bob"), 1);
}

static void the_enroller_sends(void **state)
{
	struct fixture *f = *state;

	apply_mails(f, "enroller", "");
	fixture_add(f, "carl@example.org", NULL);
	fixture_enroll(f, "p", "carl@example.org", NULL);
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_int_equal(fixture_mails(f, "hello"), 1);
}

static void apply_automatic(struct fixture *f, const char *of_pipeline, const char *of_step)
{
	BUF_AUTO b = BUF_INIT(4096);

	buf_addf(&b, "kind: Pipeline\nname: p\n%senroll: {new_contacts: true}\nsteps:\n"
	             "  - email: {subject: One, text: \"Yours, {{ sender.name }}\"}\n%s",
	         of_pipeline, of_step);
	fixture_apply(f, b.s);
}

static void what_begins_by_itself_goes_from_the_owner_or_the_team(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++) {
		apply_automatic(f, i ? "mailbox: enroller\n" : "", i ? "" : "    mailbox: enroller\n");
		fixture_add(f, i ? "d@example.org" : "carl@example.org", "owner", "anna", NULL);
		fixture_add(f, i ? "f@example.org" : "e@example.org", NULL);
		fixture_tick(f, MONDAY_9AM);
		assert_int_equal(fixture_mails(f, "anna"), i + 1);
		assert_int_equal(fixture_mails(f, "hello"), i + 1);
	}
}

static void a_test_mail_goes_from_there_too(void **state)
{
	struct trial how = { .to = "me@example.com", .account = "tester" };
	struct fixture *f = *state;
	struct trial_mail *mails;
	struct contact c;
	struct world *w = NULL;
	struct txn t = TXN_INIT;

	apply_mails(f, "owner", "");
	fixture_add(f, "carl@example.org", "owner", "anna", NULL);
	OK(txn_begin(&t, f->db, &err));
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "carl@example.org", &f->arena, &c, &err));
	how.as = &c;
	OK(trial_pipeline(&f->e, w, world_pipeline(w, "p"), &how, &f->arena, &mails, &err));
	assert_string_equal(mails[0].mailbox, "anna");
	how.mailbox = "hello";
	OK(trial_pipeline(&f->e, w, world_pipeline(w, "p"), &how, &f->arena, &mails, &err));
	assert_string_equal(mails[0].mailbox, "hello");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_mail_goes_from_the_owners_mailbox),
		T(the_owner_counts_who_it_is_then),
		T(a_members_new_mailbox_counts_at_once),
		T(without_an_owner_it_blocks_at_entry_until_there_is_one),
		T(an_owner_that_an_earlier_step_sets_is_there),
		T(an_owner_who_is_gone_when_it_comes_up_blocks),
		T(an_owner_without_a_mailbox_blocks_until_the_team_says_one),
		T(the_enroller_sends),
		T(what_begins_by_itself_goes_from_the_owner_or_the_team),
		T(a_test_mail_goes_from_there_too),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
