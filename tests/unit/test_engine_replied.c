/* Who answered what: `replied`, `replied: this`, `replied: STEP`, `replied: company` (proposal 17). */

#include "fixture.h"

#include "engine/event.h"
#include "model/public_domain.h"
#include "store/contact_store.h"

#include <string.h>

/* An answer of this person to a mail of a run's step; run 0: to another mail. */
static void answer(struct fixture *f, const char *email, int64_t run, int step)
{
	struct err err = ERR_INIT;
	struct contact c;
	struct txn t = TXN_INIT;
	struct happening h = { .ev = { .type = "email.replied", .run = run, .step = step, .source = "inbox" },
		                   .contact = &c,
		                   .arena = &f->arena };

	assert_int_equal(contact_find(f->db, f->team, email, &f->arena, &c, &err), 1);
	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	if (event_record(&f->e, f->team, &h, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(txn_commit(&t, &err), 0);
}

static int64_t run_of(struct fixture *f, const char *email)
{
	return fixture_number(f, arena_printf(&f->arena, "SELECT max(r.id) FROM run r JOIN contact c ON c.id = r.contact"
	                                                 " WHERE c.folded = '%s'", email));
}

static const char *stands(struct fixture *f, const char *email)
{
	return fixture_text(f, arena_printf(&f->arena, "SELECT status || ' ' || reason FROM run WHERE id = %lld",
	                                    (long long)run_of(f, email)));
}

#define MAIL(id) "  - email: {subject: S, text: T}\n    id: " id "\n"

static void anybody_at_the_company_stops_the_others(void **state)
{
	static const char *const people[] = { "ann@firm.example.com", "bob@firm.example.com", "cid@other.example.com",
		                                  "dan@gmail.com", "eve@gmail.com", "fay@sub.firm.example.com" };
	struct fixture *f = *state;

	fixture_apply(f, "kind: Pipeline\nname: p\nstop: [{replied: company}]\nsteps:\n" MAIL("a") "  - wait: 9 days\n" MAIL("b"));
	for (size_t i = 0; i < ARRAY_LEN(people); i++) {
		fixture_add(f, people[i], NULL, NULL, NULL);
		fixture_enroll(f, "p", people[i], NULL);
	}
	fixture_tick(f, MONDAY_9AM);
	answer(f, "ann@firm.example.com", run_of(f, "ann@firm.example.com"), 1);
	assert_string_equal(stands(f, "ann@firm.example.com"), "stopped replied");
	assert_string_equal(stands(f, "bob@firm.example.com"), "stopped company.replied");
	assert_string_equal(stands(f, "cid@other.example.com"), "running ");
	assert_string_equal(stands(f, "fay@sub.firm.example.com"), "running ");
	/* Whoever writes from a public provider speaks for himself. */
	answer(f, "dan@gmail.com", run_of(f, "dan@gmail.com"), 1);
	assert_string_equal(stands(f, "dan@gmail.com"), "stopped replied");
	assert_string_equal(stands(f, "eve@gmail.com"), "running ");
}

static void a_condition_asks_for_the_company_since_the_run_began(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Pipeline\nname: p\nsteps:\n" MAIL("a") "  - wait: 2 days\n"
	                 "  - if: {replied: company}\n    then: [exit: colleague]\n");
	fixture_add(f, "ann@firm.example.com", NULL, NULL, NULL);
	fixture_add(f, "bob@firm.example.com", NULL, NULL, NULL);
	answer(f, "ann@firm.example.com", 0, 0);
	fixture_enroll(f, "p", "bob@firm.example.com", NULL);
	fixture_tick(f, MONDAY_9AM);
	fixture_tick(f, MONDAY_9AM + 2 * 86400);
	assert_string_equal(stands(f, "bob@firm.example.com"), "completed ");
	fixture_apply(f, "kind: Pipeline\nname: q\nsteps:\n" MAIL("a") "  - wait: 2 days\n"
	                 "  - if: {replied: company}\n    then: [exit: colleague]\n");
	fixture_enroll(f, "q", "bob@firm.example.com", NULL);
	answer(f, "ann@firm.example.com", 0, 0);
	fixture_tick(f, MONDAY_9AM + 2 * 86400 + 60);
	fixture_tick(f, MONDAY_9AM + 4 * 86400 + 60);
	assert_string_equal(stands(f, "bob@firm.example.com"), "completed colleague");
}

static void an_answer_to_one_step_or_one_pipeline(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Pipeline\nname: p\nignore: [replied]\nstop: [{replied: this}]\nsteps:\n" MAIL("a") "  - wait: 9 days\n"
	                 "---\nkind: Pipeline\nname: q\nignore: [replied]\nsteps:\n" MAIL("a") MAIL("b") "  - wait: 2 days\n"
	                 "  - if: {replied: a}\n    then: [exit: to a]\n  - if: {replied: b}\n    then: [exit: to b]\n");
	fixture_add(f, "ann@firm.example.com", NULL, NULL, NULL);
	fixture_enroll(f, "p", "ann@firm.example.com", NULL);
	fixture_enroll(f, "q", "ann@firm.example.com", NULL);
	fixture_tick(f, MONDAY_9AM);
	answer(f, "ann@firm.example.com", run_of(f, "ann@firm.example.com"), 2);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE status = 'running'"), 2);
	fixture_tick(f, MONDAY_9AM + 2 * 86400);
	assert_string_equal(stands(f, "ann@firm.example.com"), "completed to b");
	answer(f, "ann@firm.example.com", fixture_number(f, "SELECT min(id) FROM run"), 1);
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason FROM run ORDER BY id LIMIT 1"), "stopped email.replied");
}

static void public_providers_are_no_companies(void **state)
{
	static const char *const open[] = { "a@gmail.com", "a@gmx.de", "a@yahoo.co.uk", "a@hotmail.fr", "a@outlook.com", "a@web.de",
		                                "a@live.nl", "a@qq.com", "a" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(open); i++)
		assert_null(company_domain(open[i]));
	assert_string_equal(company_domain("a@example.com"), "example.com");
	assert_string_equal(company_domain("a@live.company.example"), "live.company.example");
	assert_string_equal(company_domain("a@mygmail.com"), "mygmail.com");
	assert_string_equal(company_domain("\"x@gmail.com\"@example.com"), "example.com");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(anybody_at_the_company_stops_the_others, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_condition_asks_for_the_company_since_the_run_began, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(an_answer_to_one_step_or_one_pipeline, fixture_setup, fixture_teardown),
		cmocka_unit_test(public_providers_are_no_companies),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("S2.42 answers", tests, NULL, NULL);
}
