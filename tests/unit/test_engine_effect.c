#include "fixture.h"

#include "engine/event.h"
#include "store/db.h"

#include <string.h>

/* What steps that send nothing do to a person, and what follows from it. */

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Team\nname: sales\nmailbox: hello\nlifecycle: [lead, customer]\n"
	                  "members: {tester: {role: admin}}\n"
	                  "---\nkind: Fields\nname: contact\nfields: {plan: text}\n");
	*state = &f;
	return 0;
}

static void run_steps(struct fixture *f, const char *steps)
{
	fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: p\nsteps:\n%s", steps));
	fixture_add(f, "anna@example.org", "lifecycle", "lead", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	fixture_tick(f, f->e.now);
}

static const char *events(struct fixture *f)
{
	return fixture_text(f, "SELECT group_concat(type || data || source, ' ') FROM (SELECT * FROM event WHERE type LIKE"
	                       " 'contact.%' AND type <> 'contact.created' ORDER BY id)");
}

static void the_kind_is_set_as_by_hand(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Pipeline\nname: bought\nenroll: {when: converted}\nsteps: [{tag: bought}]\n");
	run_steps(f, "  - set: {kind: contact, plan: pro}\n  - set: {kind: contact}\n");
	assert_string_equal(events(f), "contact.updated{\"fields\":\"plan\"}pipeline contact.converted{}pipeline"
	                               " contact.tagged{\"tag\":\"bought\"}pipeline");
	assert_string_equal(fixture_text(f, "SELECT kind FROM contact"), "contact");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM word WHERE text = 'kind'"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE status = 'completed'"), 2);
}

static void a_contact_may_become_a_lead_again(void **state)
{
	struct fixture *f = *state;

	run_steps(f, "  - set: {kind: contact}\n  - set: {kind: lead}\n");
	assert_string_equal(events(f), "contact.converted{}pipeline contact.updated{\"fields\":\"kind\"}pipeline");
	assert_string_equal(fixture_text(f, "SELECT kind FROM contact"), "lead");
}

static void a_lifecycle_stage_has_its_event(void **state)
{
	struct fixture *f = *state;

	run_steps(f, "  - set: {lifecycle: customer}\n  - set: {lifecycle: customer}\n");
	assert_string_equal(events(f), "contact.updated{\"fields\":\"lifecycle\"}pipeline"
	                               " contact.lifecycle{\"lifecycle\":\"customer\"}pipeline");
}

/* What contactctl would not take, a step does not store either. */
static void what_does_not_fit_blocks(void **state)
{
	static const char *const bad[][2] = {
		{ "kind: \"{{ contact.plan }}\"", "set kind: " },
		{ "lifecycle: \"{{ contact.plan }}\"", "set lifecycle: no lifecycle stage 'gold'" },
		{ "timezone: \"{{ contact.plan }}\"", "set timezone: " },
		{ "lang: \"{{ contact.plan }}/\"", "set lang: " },
		{ "kind: \"{{ contact.phone }}\"", "set kind: 'kind' is lead or contact, it cannot be cleared" },
	};
	struct fixture *f = *state;

	fixture_add(f, "bob@example.org", "plan", "gold", NULL);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *pipeline = arena_printf(&f->arena, "b%zu", i), *why;

		fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: %s\nsteps: [{set: {%s}}]\n", pipeline, bad[i][0]));
		fixture_enroll(f, pipeline, "bob@example.org", NULL);
		fixture_tick(f, MONDAY_9AM);
		why = fixture_text(f, "SELECT reason || ' ' || reason_text FROM run ORDER BY id DESC LIMIT 1");
		if (strncmp(why, "template ", 9) != 0 || strncmp(why + 9, bad[i][1], strlen(bad[i][1])) != 0)
			fail_msg("%s: %s", bad[i][0], why);
	}
	assert_string_equal(fixture_text(f, "SELECT substr(fields, 2) FROM contact WHERE fields LIKE '%gold'"), "gold");
}

static void what_is_so_already_is_no_event(void **state)
{
	struct fixture *f = *state;

	run_steps(f, "  - set: {plan: pro}\n  - set: {plan: pro, phone: ''}\n");
	assert_string_equal(events(f), "contact.updated{\"fields\":\"plan\"}pipeline");
}

/*
 * What an event says of a person is so, whoever recorded it.
 */
static void happens(struct fixture *f, int64_t contact, const char *type)
{
	struct happening h = { .ev = { .contact = contact, .type = type }, .arena = &f->arena };
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(event_record(&f->e, f->team, &h, &err));
	OK(txn_commit(&t, &err));
}

static void an_change_of_event_what_it_says(void **state)
{
	static const struct {
		const char *type, *when;
		int bits;
	} rows[] = {
		{ "contact.unsubscribed", "unsubscribed", SUPPRESS_UNSUBSCRIBED },
		{ "email.bounced", "{event: email.bounced}", SUPPRESS_BOUNCED },
		{ "email.complained", "{event: email.complained}", SUPPRESS_COMPLAINED },
		{ "contact.converted", "{all: [converted, {kind: contact}]}", 0 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *name = arena_printf(&f->arena, "r%zu", i);
		int64_t id = fixture_add(f, arena_printf(&f->arena, "%s@example.org", name), NULL);

		fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: %s\npurpose: service\nenroll: {when: %s}\n"
		                                         "steps: [{tag: %s}]\n", name, rows[i].when, name));
		happens(f, id, rows[i].type);
		happens(f, id, rows[i].type);
		fixture_tick(f, MONDAY_9AM);
		assert_int_equal(fixture_number(f, arena_printf(&f->arena, "SELECT suppressed FROM contact WHERE id = %lld",
		                                                (long long)id)), rows[i].bits);
		assert_int_equal(fixture_number(f, arena_printf(&f->arena, "SELECT count(*) FROM suppression WHERE reason = %d",
		                                                rows[i].bits)), rows[i].bits ? 1 : 0);
		assert_int_equal(fixture_number(f, arena_printf(&f->arena, "SELECT count(*) FROM tag_contact WHERE tag = '%s'",
		                                                name)), 1);
	}
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM contact WHERE kind = 'contact'"), 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(the_kind_is_set_as_by_hand),
		T(a_contact_may_become_a_lead_again),
		T(a_lifecycle_stage_has_its_event),
		T(what_does_not_fit_blocks),
		T(what_is_so_already_is_no_event),
		T(an_change_of_event_what_it_says),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
