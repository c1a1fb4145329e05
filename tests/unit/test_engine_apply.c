/* Documents on their way into the store, and what a new version of the steps means for people. */
#include "fixture.h"

#include "apply/apply.h"
#include "apply/install.h"
#include "base/buf.h"
#include "store/team_store.h"

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

/* Whose steps are the same has nothing to move for; a mapping says otherwise, of any version. */
static void who_stands_in_older_versions(void **state)
{
	struct fixture *f = *state;
	struct step_mapping map = { "wait 2", "wait 4" };
	struct migration_request want = { 0 };
	struct migration_count count;
	struct migration_plan plan;
	struct err err = ERR_INIT;
	struct world *w;

	fixture_apply(f, pipeline(f, first_version));
	for (int version = 1; version <= 3; version++) {
		const char *email = arena_printf(&f->arena, "p%d@example.org", version);

		fixture_add(f, email, NULL);
		fixture_enroll(f, "p", email, NULL);
		fixture_tick(f, MONDAY_9AM);
		fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: p\npriority: %d\nsteps:\n%s", version, first_version));
	}
	assert_int_equal(fixture_number(f, "SELECT count(DISTINCT version) FROM run WHERE step = 2"), 3);
	assert_int_equal(engine_world(&f->e, f->team, &w, &err), 0);
	want.now = world_pipeline(w, "p");
	assert_int_equal(migrate_plan(f->db, f->team, want.now->id, &want, &f->arena, &plan, &err), 0);
	assert_int_equal(plan.n, 0);
	want.maps = &map;
	want.n_maps = 1;
	map.to = want.now->steps[3].name;
	assert_int_equal(migrate_plan(f->db, f->team, want.now->id, &want, &f->arena, &plan, &err), 0);
	assert_int_equal(plan.n, 3);
	assert_int_equal(migrate_people(&f->e, f->team, want.now->id, &want, NULL, &count, &err), 0);
	assert_int_equal(count.moved, 3);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE version = 4 AND step = 4"), 3);
	check_queued(f, "older");
}

static void a_pipeline_that_is_deleted_meanwhile_takes_nobody(void **state)
{
	struct fixture *f = *state;
	struct migration_request want = { 0 };
	struct migration_count count;
	struct err err = ERR_INIT;
	struct world *w;

	fixture_apply(f, pipeline(f, first_version));
	assert_int_equal(engine_world(&f->e, f->team, &w, &err), 0);
	want.now = world_pipeline(w, "p");
	fixture_number(f, "DELETE FROM document WHERE name = 'p'");
	fixture_number(f, "UPDATE team SET generation = generation + 1");
	assert_int_equal(migrate_people(&f->e, f->team, want.now->id, &want, NULL, &count, &err), -1);
	assert_int_equal(err.kind, ERR_MISSING);
	assert_string_equal(err.text, "the pipeline was deleted meanwhile");
}

#define DATED    "kind: Fields\nname: contact\nfields: {renewal: date}\nevents: {order.paid: {}}\n---\n"
#define AWAIT(d) "  - await: {event: order.paid}\n    within: " d "\n    id: w\n    after: 1 day\n  - note: x\n"

/* What the place of somebody becomes, whose step is another one now. */
static const struct {
	const char *name, *before, *stop, *after;
	int64_t at;         /* when it is applied, since the run began */
	int64_t ticked;     /* before that there was a tick then; 0: none but the first */
	const char *stands; /* status, reason, step, due since the run began */
} moves[] = {
	{ "an await that has not begun is planned anew", MAIL AWAIT("4 days"), "", MAIL AWAIT("9 days"), HOUR, 0, "running  2 86400" },
	{ "one that has begun ends with its new time", MAIL AWAIT("4 days"), "", MAIL AWAIT("9 days"), 2 * DAY, DAY, "running await 2 864000" },
	{ "another await begins when its turn comes", MAIL "  - wait: 2 days\n" AWAIT("4 days"), "", MAIL AWAIT("4 days"), HOUR, 0,
	  "running  3 86400" },
	{ "a date that is missing blocks", MAIL "  - wait: 2 days\n", "", MAIL "  - wait: {until: {field: renewal}}\n", HOUR, 0,
	  "blocked missing 2 172800" },
	{ "a task that nobody has to do any more may end the run", MAIL "  - task: Call\n    hold: done\n  - wait: 1 day\n",
	  "stop: [{event: task.cancelled}]\n", MAIL "  - wait: 1 day\n", HOUR, 0, "stopped task.cancelled 2 0" },
};

static void places_become_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
		struct migration_count count;
		const char *stands;
		struct fixture f;

		fixture_open(&f);
		fixture_apply(&f, arena_printf(&f.arena, DATED "kind: Pipeline\nname: p\n%ssteps:\n%s", moves[i].stop, moves[i].before));
		fixture_add(&f, "anna@example.org", NULL);
		fixture_enroll(&f, "p", "anna@example.org", NULL);
		fixture_tick(&f, MONDAY_9AM);
		if (moves[i].ticked)
			fixture_tick(&f, MONDAY_9AM + moves[i].ticked);
		f.e.now = MONDAY_9AM + moves[i].at;
		fixture_apply_with(&f, arena_printf(&f.arena, "kind: Pipeline\nname: p\n%ssteps:\n%s", moves[i].stop, moves[i].after), FIXTURE_MIGRATE, &count);
		stands = fixture_text(&f, "SELECT status || ' ' || reason || ' ' || step || ' ' || (due_at - 1782716400) FROM run");
		if (strcmp(stands, moves[i].stands) != 0)
			fail_msg("%s: %s", moves[i].name, stands);
		fixture_close(&f);
	}
}

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

/* For whom a state holds is enrolled; that something will happen to somebody cannot be known. */
static void whoever_is_so_already_is_enrolled(void **state)
{
	static const char doc[] = "kind: Fields\nname: contact\nfields: {plan: text}\nevents: {order.placed: {}}\n---\n"
				  "kind: Pipeline\nname: p\nenroll: {when: [{event: order.placed}, {field: {plan: pro}}]}\nsteps:\n  - wait: 1 day\n";
	struct fixture *f = *state;
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	struct err err = ERR_INIT;
	APPLY_AUTO ap = { 0 };

	fixture_add(f, "anna@example.org", "plan", "pro", NULL);
	fixture_add(f, "bob@example.org", "plan", "free", NULL);
	assert_int_equal(apply_begin(&ap, &f->e, &who, &err), 0);
	apply_add(&ap, "p.yaml", doc, strlen(doc), NULL);
	assert_int_equal(apply_check(&ap, false, &err), 1);
	assert_int_equal(apply_commit(&ap, &err), 0);
	assert_int_equal(apply_enroll_existing(&ap, NULL, &err), 0);
	assert_string_equal(fixture_text(f, "SELECT group_concat(c.folded) FROM run r JOIN contact c ON c.id = r.contact"), "anna@example.org");
}

/* Each document belongs to the folder that it came with, and goes with it alone. */
static void several_folders_given_whole(void **state)
{
	static const char one[] = "kind: Template\nname: one\nsubject: S\ntext: x\n", two[] = "kind: Template\nname: two\nsubject: S\ntext: x\n";
	struct fixture *f = *state;
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	struct err err = ERR_INIT;
	APPLY_AUTO ap = { 0 };

	for (int round = 0; round < 2; round++) {
		assert_int_equal(apply_begin(&ap, &f->e, &who, &err), 0);
		apply_add_folder(&ap, "/a");
		apply_add_folder(&ap, "/b");
		apply_add(&ap, "/a/one.yaml", one, strlen(one), "/a");
		if (round == 0)
			apply_add(&ap, "/b/two.yaml", two, strlen(two), "/b");
		assert_int_equal(apply_check(&ap, true, &err), 1);
		assert_int_equal(apply_commit(&ap, &err), 0);
		apply_release(&ap);
		assert_string_equal(fixture_text(f, "SELECT group_concat(name || folder || '/' || source) FROM (SELECT * FROM document WHERE kind = 'Template'"
		                                    " ORDER BY name)"), round == 0 ? "one/a/one.yaml,two/b/two.yaml" : "one/a/one.yaml");
	}
}

static const char *complaints(struct fixture *f, const char *yaml)
{
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	BUF_AUTO out = BUF_INIT(1 << 16);
	APPLY_AUTO ap = { 0 };

	OK(apply_begin(&ap, &f->e, &who, &err));
	apply_add(&ap, "x.yaml", yaml, strlen(yaml), NULL);
	OK(apply_check(&ap, false, &err));
	diags_print(&ap.author.diags, &out);
	return arena_strdup(&f->arena, out.s);
}

/* Who may use the other team is told how; who may not does not hear whether there is one. */
static void documents_of_other_teams(void **state)
{
	const struct member tester = { .account = "tester", .role = ROLE_ADMIN };
	struct fixture *f = *state;
	struct txn t = TXN_INIT;
	int64_t support = 0;

	OK(txn_begin(&t, f->db, &err));
	OK(team_insert(f->db, "support", MONDAY_9AM, &support, &err));
	OK(team_set_members(f->db, support, &tester, 1, &err));
	OK(team_insert(f->db, "hidden", MONDAY_9AM, &support, &err));
	OK(txn_commit(&t, &err));
	assert_string_equal(complaints(f, "kind: Team\nname: support\n"),
	                    "x.yaml:1:1: error: this is of team 'support', but 'sales' is meant; say --team support\n");
	assert_string_equal(complaints(f, "kind: Team\nname: hidden\n"),
	                    "x.yaml:1:1: error: this is team 'hidden', but 'sales' is meant; to add it: pipectl init --team hidden\n");
	assert_string_equal(complaints(f, "kind: Team\ntimezone: Europe/Berlin\n"), "x.yaml:1:1: error: a Team needs 'name'\n");
}

/* The team's document says so, and nothing of it is stored. */
static void a_team_in_no_time_zone_is_not_made(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	assert_int_equal(install_team(&f->e, "nowhere", "tester", "Mars/Base", false, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_non_null(strstr(err.text, "Mars/Base"));
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM team"), 1);
	assert_int_equal(install_team(&f->e, "somewhere", "tester", "Europe/Paris", false, &err), 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM team"), 2);
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
		cmocka_unit_test_setup_teardown(who_stands_in_older_versions, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_pipeline_that_is_deleted_meanwhile_takes_nobody, fixture_setup, fixture_teardown),
		cmocka_unit_test(places_become_others),
		cmocka_unit_test_setup_teardown(whoever_is_so_already_is_enrolled, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(several_folders_given_whole, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(documents_of_other_teams, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_team_in_no_time_zone_is_not_made, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_rehearsal_stores_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(two_at_once_do_not_overwrite_each_other, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(who_enters_meanwhile_is_not_stopped_unasked, fixture_setup, fixture_teardown),
		{ "S0.13 B9 versions are immutable", versions_are_immutable, fixture_setup, fixture_teardown, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
