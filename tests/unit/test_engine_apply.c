/* Documents on their way into the store, and what a new version of the steps means for people (DESIGN.md 5 "Edits"). */
#include "fixture.h"

#include "apply/apply.h"

#include <stdio.h>
#include <string.h>

#define HOUR 3600
#define DAY  86400

#define MAIL "  - email: {subject: Hello, text: Hello}\n    id: hello\n"

static const char *pipeline(struct fixture *f, const char *steps)
{
	return arena_printf(&f->arena, "kind: Pipeline\nname: p\nsteps:\n%s", steps);
}

/* The run and its row in the queue say the same. */
static void check_queued(struct fixture *f, const char *where)
{
	int64_t open = fixture_number(f, "SELECT count(*) FROM run WHERE status IN ('pending', 'running') AND lane > 0");
	int64_t rows = fixture_number(f, "SELECT count(*) FROM queue q JOIN run r ON r.id = q.item AND r.lane = q.lane"
	                                 " AND r.class = q.class AND r.due_at + r.put_off = q.due");

	if (open != rows || rows != fixture_number(f, "SELECT count(*) FROM queue"))
		fail_msg("%s: runs and queue differ", where);
}

static const struct migration_case {
	const char *name;
	const char *steps;   /* the new version */
	int64_t after;       /* when it is applied, since the run began */
	const char *status;
	int step;            /* where the person stands then; 0: nowhere */
	int64_t due;         /* since the run began */
} migrations[] = {
	/* The first version: hello (1), wait 2 days (2), tag hot (3), wait 5 days (4), note (5). */
	{ "a later step is deleted", MAIL "  - wait: 2 days\n  - tag: hot\n  - note: x\n", DAY, "running", 2, 2 * DAY },
	{ "a longer wait counts from the completion before", MAIL "  - wait: 3 days\n  - tag: hot\n", DAY, "running", 2, 3 * DAY },
	{ "a shorter wait is not planned into the past", MAIL "  - wait: 1 hour\n  - tag: hot\n", DAY, "running", 2, DAY },
	{ "the step is deleted", MAIL "  - tag: hot\n  - wait: 5 days\n    id: long\n  - note: x\n", DAY, "running", 3, DAY },
	{ "the step and the next one are deleted", MAIL "  - wait: 5 days\n    id: long\n  - note: x\n", DAY, "running", 4, 5 * DAY },
	{ "everything behind is deleted", MAIL, DAY, "completed", 2, 2 * DAY },
	{ "a step inserted before is not run", MAIL "  - note: y\n  - wait: 2 days\n  - tag: hot\n", DAY, "running", 2, 2 * DAY },
	{ "another verb is another step", MAIL "  - note: y\n  - tag: hot\n", DAY, "running", 3, DAY },
	{ "the order changes", MAIL "  - tag: hot\n  - wait: 5 days\n    id: long\n  - wait: 2 days\n", DAY, "running", 2, 2 * DAY },
	{ "it moves into a branch", MAIL "  - if: {tag: x}\n    then:\n      - wait: 2 days\n  - tag: hot\n", DAY, "running", 2, 2 * DAY },
	{ "a first step is inserted", "  - note: first\n" MAIL "  - wait: 2 days\n", DAY, "running", 2, 2 * DAY },
};

static const char first_version[] =
	MAIL "  - wait: 2 days\n  - tag: hot\n  - wait: 5 days\n    id: long\n  - note: x\n";

static void migrate_case(const struct migration_case *c)
{
	struct fixture f;
	struct migration_count count;

	fixture_open(&f);
	fixture_apply(&f, pipeline(&f, first_version));
	fixture_add(&f, "anna@example.org", NULL);
	fixture_enroll(&f, "p", "anna@example.org", NULL);
	fixture_tick(&f, MONDAY_9AM);
	assert_int_equal(fixture_number(&f, "SELECT step FROM run"), 2);

	f.e.now = MONDAY_9AM + c->after;
	if (fixture_apply_with(&f, pipeline(&f, c->steps), FIXTURE_NOBODY, &count) != 0)
		fail_msg("%s: nobody was asked", c->name);
	assert_int_equal(fixture_number(&f, "SELECT version FROM document WHERE name = 'p'"), 1);
	fixture_apply_with(&f, pipeline(&f, c->steps), FIXTURE_MIGRATE, &count);
	assert_int_equal(count.moved + count.completed, 1);

	if (strcmp(fixture_text(&f, "SELECT status FROM run"), c->status) != 0 ||
	    fixture_number(&f, "SELECT step FROM run") != c->step ||
	    fixture_number(&f, "SELECT due_at FROM run") != MONDAY_9AM + c->due)
		fail_msg("%s: %s at step %s, due %s", c->name, fixture_text(&f, "SELECT status FROM run"),
		         fixture_text(&f, "SELECT step FROM run"), fixture_text(&f, "SELECT due_at - 1782716400 FROM run"));
	assert_int_equal(fixture_number(&f, "SELECT version FROM run"), 2);
	check_queued(&f, c->name);

	fixture_tick(&f, MONDAY_9AM + 30 * DAY);
	fixture_tick(&f, MONDAY_9AM + 60 * DAY);
	assert_string_equal(fixture_text(&f, "SELECT status FROM run"), "completed");
	assert_int_equal(fixture_mails(&f, "hello"), 1);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM queue"), 0);
	fixture_close(&f);
}

static void migrating_keeps_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(migrations); i++)
		migrate_case(&migrations[i]);
}

static void who_is_kept_finishes_the_steps_that_were_begun(void **state)
{
	struct fixture *f = *state;
	struct migration_count count;

	fixture_apply(f, pipeline(f, first_version));
	fixture_add(f, "anna@example.org", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	fixture_tick(f, MONDAY_9AM);
	fixture_apply_with(f, pipeline(f, "  - note: only\n"), FIXTURE_KEEP, &count);
	assert_int_equal(fixture_number(f, "SELECT version FROM run"), 1);
	fixture_add(f, "bob@example.org", NULL);
	fixture_enroll(f, "p", "bob@example.org", NULL);
	assert_int_equal(fixture_number(f, "SELECT version FROM run ORDER BY id DESC LIMIT 1"), 2);
	fixture_tick(f, MONDAY_9AM + 2 * DAY);
	fixture_tick(f, MONDAY_9AM + 7 * DAY);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM tag_contact WHERE tag = 'hot'"), 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE status = 'completed'"), 2);
	assert_int_equal(fixture_number(f, "SELECT steps_done FROM run ORDER BY id LIMIT 1"), 5);
	assert_int_equal(fixture_number(f, "SELECT steps_done FROM run ORDER BY id DESC LIMIT 1"), 1);
}

/* What is not about steps counts as of now for everybody, and nobody is asked. */
static void other_changes_ask_nobody(void **state)
{
	struct fixture *f = *state;
	struct migration_count count;

	fixture_apply(f, pipeline(f, first_version));
	fixture_add(f, "anna@example.org", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	assert_int_equal(fixture_apply_with(f, arena_printf(&f->arena, "kind: Pipeline\nname: p\npriority: 2\nsteps:\n%s",
	                                                    first_version),
	                                    FIXTURE_NOBODY, &count), 1);
	assert_int_equal(fixture_number(f, "SELECT version FROM document WHERE name = 'p'"), 2);
	assert_int_equal(fixture_apply_with(f, pipeline(f, "  - email: {subject: Hello, text: Hello}\n    id: hello\n"
	                                                   "    comment: said to everybody\n  - wait: 2 days\n  - tag: hot\n"
	                                                   "  - wait: 5 days\n    id: long\n  - note: x\n"),
	                                    FIXTURE_NOBODY, &count), 1);
	assert_int_equal(fixture_number(f, "SELECT version FROM document WHERE name = 'p'"), 3);
	assert_int_equal(fixture_number(f, "SELECT count(DISTINCT steps) FROM document_version WHERE name = 'p'"), 1);
}

static void blocked_runs_stay_blocked(void **state)
{
	struct fixture *f = *state;
	struct migration_count count;

	fixture_apply(f, pipeline(f, "  - email: {subject: \"{{ contact.first_name }}\", text: x}\n    id: hello\n  - wait: 1 day\n"));
	fixture_add(f, "anna@example.org", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason || ' ' || step FROM run"), "blocked missing 1");
	fixture_apply_with(f, pipeline(f, "  - email: {subject: \"{{ contact.first_name }}\", text: y}\n    id: hello\n  - wait: 1 day\n"),
	                   FIXTURE_MIGRATE, &count);
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason || ' ' || step FROM run"), "blocked missing 1");
	fixture_apply_with(f, pipeline(f, "  - wait: 1 day\n"), FIXTURE_MIGRATE, &count);
	assert_int_equal(count.moved, 1);
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason || ' ' || step FROM run"), "blocked missing 2");
	assert_int_equal(fixture_number(f, "SELECT version FROM run"), 3);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue"), 0);
}

/* Whose mail may have gone out waits for the answer where it stands. */
static void mails_in_flight_are_left_alone(void **state)
{
	static const char *const states[] = { "sending", "offered", "in-doubt" };
	struct fixture *f = *state;
	struct migration_count count;

	fixture_apply(f, pipeline(f, first_version));
	fixture_add(f, "anna@example.org", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	fixture_tick(f, MONDAY_9AM);
	fixture_number(f, "UPDATE run SET step = 1, lane = 0");
	fixture_number(f, "DELETE FROM queue");
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		fixture_number(f, arena_printf(&f->arena, "UPDATE message SET state = '%s', waits = %d", states[i], i == 2));
		fixture_apply_with(f, pipeline(f, arena_printf(&f->arena, "  - note: %zu\n", i)), FIXTURE_MIGRATE, &count);
		assert_int_equal(count.left, 1);
		assert_int_equal(count.moved + count.completed, 0);
		assert_string_equal(fixture_text(f, "SELECT version || ' ' || step || ' ' || lane FROM run"), "1 1 0");
	}
}

static void mapped_steps_take_people_elsewhere(void **state)
{
	struct fixture *f = *state;
	struct step_mapping map = { "wait 2", "note 5" }, wrong = { "wait 3", "note 5" };
	struct migration_request want = { .maps = &map, .n_maps = 1 };
	struct migration_count count;
	struct migration_plan plan;
	struct err err = ERR_INIT;
	struct world *w;

	fixture_apply(f, pipeline(f, first_version));
	fixture_add(f, "anna@example.org", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	fixture_tick(f, MONDAY_9AM);
	fixture_apply_with(f, pipeline(f, MAIL "  - wait: 2 days\n  - tag: hot\n  - note: new\n    after: 9 days\n"), FIXTURE_KEEP,
	                   &count);
	assert_int_equal(engine_world(&f->e, f->team, &w, &err), 0);
	want.now = world_pipeline(w, "p");
	want.maps = &wrong;
	assert_int_equal(migrate_plan(f->db, f->team, want.now->id, &want, &f->arena, &plan, &err), -1);
	assert_string_equal(err.text, "pipeline 'p' has no step 'wait 3' in version 1; did you mean 'wait 2'?");
	want.maps = &map;
	map.to = want.now->steps[3].name;
	assert_int_equal(migrate_plan(f->db, f->team, want.now->id, &want, &f->arena, &plan, &err), 0);
	assert_int_equal(plan.n, 1);
	assert_string_equal(plan.stands[0].go_on, map.to);
	assert_int_equal(migrate_people(&f->e, f->team, want.now->id, &want, NULL, &count, &err), 0);
	assert_int_equal(count.moved, 1);
	assert_int_equal(fixture_number(f, "SELECT due_at FROM run"), MONDAY_9AM + 9 * DAY);
	check_queued(f, "mapped");
}

static void many_people_move_in_chunks_and_a_repeat_finds_nothing(void **state)
{
	struct fixture *f = *state;
	struct migration_request want = { 0 };
	struct migration_count count;
	struct err err = ERR_INIT;
	char email[40];

	fixture_apply(f, "kind: Pipeline\nname: p\nenroll: {new_contacts: true}\nsteps:\n  - wait: 2 days\n  - tag: hot\n");
	for (int i = 0; i < 450; i++) {
		snprintf(email, sizeof email, "p%d@example.org", i);
		fixture_add(f, email, NULL);
	}
	fixture_apply_with(f, pipeline(f, "  - tag: hot\n"), FIXTURE_MIGRATE, &count);
	assert_int_equal(count.moved, 450);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE version = 2 AND step = 2"), 450);
	check_queued(f, "many");
	assert_int_equal(migrate_people(&f->e, f->team, fixture_number(f, "SELECT id FROM document WHERE name = 'p'"), &want,
	                                NULL, &count, &err), 0);
	assert_int_equal(count.moved + count.completed + count.left, 0);
}

static const char new_people[] = "kind: Pipeline\nname: p\nenroll: {new_contacts: true}\nsteps:\n  - tag: hot\n";

/* A rehearsal leaves nothing behind, but knows what there would be. */
static void a_rehearsal_stores_nothing(void **state)
{
	struct fixture *f = *state;
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	struct err err = ERR_INIT;
	APPLY_AUTO ap = { 0 };

	fixture_add(f, "anna@example.org", NULL);
	fixture_add(f, "bob@example.org", NULL);
	assert_int_equal(apply_begin(&ap, &f->e, &who, &err), 0);
	apply_add(&ap, "p.yaml", new_people, strlen(new_people), NULL);
	assert_int_equal(apply_check(&ap, false, &err), 1);
	assert_int_equal(apply_rehearse(&ap, &err), 0);
	assert_int_equal(apply_count_existing(&ap, &err), 0);
	assert_int_equal(ap.items[0].existing, 2);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM document WHERE name = 'p'"), 0);
	assert_int_equal(apply_commit(&ap, &err), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 0);
	assert_int_equal(apply_enroll_existing(&ap, NULL, &err), 0);
	assert_int_equal(ap.items[0].existing, 2);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 2);
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(apply_enroll_existing(&ap, NULL, &err), 0);
	assert_int_equal(ap.items[0].existing, 0);
}

static void two_at_once_do_not_overwrite_each_other(void **state)
{
	struct fixture *f = *state;
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	struct err err = ERR_INIT;
	APPLY_AUTO ap = { 0 };

	assert_int_equal(apply_begin(&ap, &f->e, &who, &err), 0);
	apply_add(&ap, "p.yaml", new_people, strlen(new_people), NULL);
	assert_int_equal(apply_check(&ap, false, &err), 1);
	fixture_apply(f, pipeline(f, "  - tag: first\n"));
	assert_int_equal(apply_commit(&ap, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_non_null(strstr(fixture_text(f, "SELECT body FROM document WHERE name = 'p'"), "first"));
}

/* Nobody was told that it has people in it: they are not stopped. */
static void who_enters_meanwhile_is_not_stopped_unasked(void **state)
{
	struct fixture *f = *state;
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	struct err err = ERR_INIT;
	APPLY_AUTO ap = { 0 };

	fixture_apply(f, pipeline(f, first_version));
	fixture_add(f, "anna@example.org", NULL);
	assert_int_equal(apply_begin(&ap, &f->e, &who, &err), 0);
	assert_int_equal(apply_add_delete(&ap, DOC_PIPELINE, "p", &err), 1);
	assert_int_equal(apply_check(&ap, false, &err), 1);
	assert_int_equal(ap.items[0].people, 0);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	assert_int_equal(apply_commit(&ap, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "pending");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM document WHERE name = 'p'"), 1);
}

/* A version is what it was, whatever comes later (B9). */
static void versions_are_immutable(void **state)
{
	struct fixture *f = *state;
	const char *first;

	fixture_apply(f, pipeline(f, "  - tag: one\n  - wait: 1 day\n"));
	first = fixture_text(f, "SELECT body || steps || actor FROM document_version WHERE name = 'p' AND version = 1");
	fixture_apply(f, pipeline(f, "  - wait: 1 day\n  - tag: two\n"));
	fixture_apply(f, pipeline(f, "  - tag: three\n"));
	assert_string_equal(fixture_text(f, "SELECT body || steps || actor FROM document_version WHERE name = 'p' AND version = 1"),
	                    first);
	assert_non_null(strstr(first, "1 2"));
	assert_string_equal(fixture_text(f, "SELECT group_concat(steps, '|') FROM (SELECT steps FROM document_version"
	                                    " WHERE name = 'p' ORDER BY version)"),
	                    "1 2|2 3|3");
	assert_int_equal(fixture_number(f, "SELECT next_step FROM document WHERE name = 'p'"), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "S4.19 B9 who is migrated keeps the place", migrating_keeps_places, NULL, NULL, NULL },
		{ "B9 who is kept finishes the steps that were begun", who_is_kept_finishes_the_steps_that_were_begun, fixture_setup, fixture_teardown, NULL },
		cmocka_unit_test_setup_teardown(other_changes_ask_nobody, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(blocked_runs_stay_blocked, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(mails_in_flight_are_left_alone, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(mapped_steps_take_people_elsewhere, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(many_people_move_in_chunks_and_a_repeat_finds_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_rehearsal_stores_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(two_at_once_do_not_overwrite_each_other, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(who_enters_meanwhile_is_not_stopped_unasked, fixture_setup, fixture_teardown),
		{ "S0.13 B9 versions are immutable", versions_are_immutable, fixture_setup, fixture_teardown, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
