#include "fixture.h"

#include "engine/letter.h"
#include "engine/message.h"
#include "engine/task.h"
#include "people/people.h"
#include "store/task_store.h"

#include <string.h>

/* What moves a run that waits, and what does not. */

enum { HOUR = 3600, DAY = 24 * HOUR };

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Fields\nname: contact\nfields: {renewal: date, plan: text, city: text}\n"
	                  "---\nkind: Mailbox\nname: bob\nfrom: Bob <bob@example.com>\nmaildir: FOLDER/bob\ninbox: drop\ninbox_max_age: never\n"
	                  "---\nkind: Team\nname: sales\ntimezone: Europe/Berlin\nmailbox: hello\nmembers: {tester: {role: admin, mailbox: hello}, bob: {mailbox: bob}}\n");
	fixture_add(&f, "anna@example.org", "renewal", "2026-09-01", "owner", "tester", NULL);
	*state = &f;
	return 0;
}

static void set(struct fixture *f, const char *const *assignments)
{
	struct person p = { 0 };
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w = NULL;

	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "anna@example.org", &f->arena, &c, &err));
	for (; *assignments; assignments++)
		OK(person_assign(&p, w, *assignments, &f->arena, &err));
	OK(txn_begin(&t, f->db, &err));
	OK(people_update(&f->e, &c, &p, &f->arena, &err));
	OK(txn_commit(&t, &err));
}

#define SET(...) set(f, (const char *const[]){ __VA_ARGS__, NULL })

static int64_t due(struct fixture *f, const char *pipeline)
{
	return fixture_number(f, arena_printf(&f->arena, "SELECT due_at FROM run r JOIN document d ON d.id = r.pipeline WHERE d.name = '%s'", pipeline));
}

static void enter(struct fixture *f, const char *name, const char *lines)
{
	fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: %s\n%s", name, lines));
	assert_true(fixture_enroll(f, name, "anna@example.org", NULL) > 0);
}

static void only_the_field_that_is_waited_for_moves_a_run(void **state)
{
	static const char *const others[] = { "days", "tuesday", "noted", "mailed" };
	struct fixture *f = *state;
	int64_t before[ARRAY_LEN(others)], field;

	enter(f, "field", "steps: [{wait: {until: {field: renewal, before: 3 days}}}, {note: n}]\n");
	enter(f, "days", "steps: [{wait: 2 days}, {note: n}]\n");
	enter(f, "tuesday", "steps: [{wait: {until: 'tue 09:00'}}, {note: n}]\n");
	enter(f, "noted", "steps: [{note: n, after: 1 day}]\n");
	enter(f, "mailed", "steps: [{email: {subject: S, text: x}, after: 1 day}]\n");
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		before[i] = due(f, others[i]);
	field = due(f, "field");
	SET("plan=pro", "city=Berlin");
	assert_int_equal(due(f, "field"), field);
	SET("city=Bonn", "renewal=2026-09-11");
	assert_int_equal(due(f, "field"), field + 10 * DAY);
	SET("renewal=2026-06-01");
	assert_int_equal(due(f, "field"), f->e.now);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_int_equal(due(f, others[i]), before[i]);
}

/* As people say it, by hand or in a table: a lead that becomes a contact is converted, which ends what stops on it. */
static void a_lead_becomes_a_contact_and_back(void **state)
{
	struct fixture *f = *state;
	const char *stands = "SELECT status || ' ' || reason FROM run ORDER BY id DESC LIMIT 1";

	enter(f, "mailed", "steps: [{email: {subject: S, text: x}, after: 1 day}]\n");
	SET("kind=lead");
	assert_string_equal(fixture_text(f, stands), "pending ");
	SET("kind=contact", "city=Bonn");
	assert_string_equal(fixture_text(f, stands), "stopped converted");
	SET("kind=lead");
	assert_string_equal(fixture_text(f, "SELECT kind FROM contact"), "lead");
}

static void another_owner_moves_what_goes_from_the_owner(void **state)
{
	struct fixture *f = *state;
	const char *lanes = "SELECT group_concat(l.name, ' ') FROM run r JOIN lane l ON l.id = r.lane ORDER BY r.id";

	enter(f, "owned", "steps: [{email: {subject: S, text: x}, mailbox: owner, after: 1 day}]\n");
	enter(f, "fixed", "steps: [{email: {subject: S, text: x}, after: 1 day}]\n");
	assert_string_equal(fixture_text(f, lanes), "hello hello");
	SET("city=Bonn");
	assert_string_equal(fixture_text(f, lanes), "hello hello");
	SET("plan=pro", "owner=bob");
	assert_string_equal(fixture_text(f, lanes), "bob hello");
}

static void finish(struct fixture *f, const char *title)
{
	int64_t id = fixture_number(f, arena_printf(&f->arena, "SELECT id FROM task WHERE title = '%s'", title));
	struct txn t = TXN_INIT;
	struct task task;
	struct world *w = NULL;

	OK(engine_world(&f->e, f->team, &w, &err));
	OK(txn_begin(&t, f->db, &err));
	OK(task_load(f->db, f->team, id, &f->arena, &task, &err));
	task.done_at = f->e.now;
	task.done_by = "tester";
	OK(task_finish(&f->e, w, &task, "", &f->arena, &err));
	OK(txn_commit(&t, &err));
}

static void only_its_own_task_releases_a_run(void **state)
{
	struct fixture *f = *state;
	const char *stands = "SELECT step || ' ' || status FROM run";

	enter(f, "tasks", "steps: [{task: First, id: first}, {task: Second, hold: done, id: second}, {note: n}, {task: {done: first}}, {wait: 1 day}]\n");
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(fixture_text(f, stands), "2 running");
	finish(f, "First");
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(fixture_text(f, stands), "2 running");
	finish(f, "Second");
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(fixture_text(f, stands), "5 running");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM task WHERE done_at > 0"), 2);
}

/* Another task that asks for a pipeline when it is made or done; whose contact is nobody starts nothing. */
static void tasks_start_pipelines(void **state)
{
	struct fixture *f = *state;
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w = NULL;

	fixture_apply(f, "kind: Pipeline\nname: made\nsteps: [{wait: 1 day}]\n---\nkind: Pipeline\nname: finished\nsteps: [{wait: 1 day}]\n");
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "anna@example.org", &f->arena, &c, &err));
	OK(txn_begin(&t, f->db, &err));
	for (int i = 0; i < 2; i++) {
		struct task task = { .team = f->team, .type = TASK_CALL, .title = i ? "Nobody" : "Anna", .assignee = "", .created_at = f->e.now,
			             .created_by = "tester", .done_by = "", .outcome = "", .contact = i ? 0 : c.id,
			             .on_done = world_pipeline(w, "finished")->id };

		OK(task_create(&f->e, w, &task, i ? NULL : &c, world_pipeline(w, "made"), &f->arena, &err));
	}
	OK(txn_commit(&t, &err));
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 1);
	finish(f, "Nobody");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 1);
	finish(f, "Anna");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run"), 2);
}

static const char *write_letter(struct fixture *f, const char *template, const char *on_reply)
{
	struct letter letter = { .subject = "Lunch", .text = "At noon?" };
	struct err why = ERR_INIT;
	struct txn t = TXN_INIT;
	const char *mailbox = "";
	struct contact c;
	struct world *w = NULL;
	int64_t id;
	int got;

	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "anna@example.org", &f->arena, &c, &err));
	letter.template = template ? template_of_name(w, template) : NULL;
	letter.on_reply = on_reply ? world_pipeline(w, on_reply) : NULL;
	OK(txn_begin(&t, f->db, &err));
	got = letter_queue(&f->e, w, &c, &letter, &f->arena, &id, &mailbox, &why);
	if (got >= 0)
		OK(txn_commit(&t, &err));
	txn_release(&t);
	return got < 0 ? arena_strdup(&f->arena, why.text) : mailbox;
}

/* From the writer's mailbox, else the team's; what it lacks is said before anything is queued. */
static void letters_and_what_they_lack(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Template\nname: city\nsubject: City\ntext: \"{{ contact.city }}\"\n"
	                 "---\nkind: Template\nname: broken\nsubject: Broken\ntext: \"{{ 1 | divided_by: contact.city.size }}\"\n"
	                 "---\nkind: Template\nname: counted\nsubject: Counted\ntext: \"{% assign n = 3 %}{{ n }} {{ run.id | default: '-' }}{% for i in (1..2) %}{{ i }}{% endfor %}\"\n"
	                 "---\nkind: Pipeline\nname: answered\nsteps: [{note: n}]\n");
	assert_string_equal(write_letter(f, NULL, NULL), "hello");
	f->e.actor = "bob";
	assert_string_equal(write_letter(f, NULL, "answered"), "bob");
	f->e.actor = "somebody";
	assert_string_equal(write_letter(f, NULL, NULL), "hello");
	assert_string_equal(write_letter(f, NULL, "answered"), "mailbox 'hello' has no 'inbox': nobody would see the answer");
	assert_string_equal(write_letter(f, "city", NULL), "anna@example.org lacks contact.city for template 'city': contactctl set anna@example.org city=...");
	assert_non_null(strstr(write_letter(f, "broken", NULL), "template 'broken': line 1: "));
	assert_string_equal(write_letter(f, "counted", NULL), "hello");
	fixture_tick(f, f->e.now);
	assert_non_null(fixture_mail_with(f, "hello", "3 -12"));
	fixture_apply(f, "kind: Team\nname: sales\nmembers: {tester: {role: admin}}\n");
	assert_string_equal(write_letter(f, NULL, NULL), "no mailbox to send from: say --mailbox, or give yourself or the team one");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(only_the_field_that_is_waited_for_moves_a_run),
		T(a_lead_becomes_a_contact_and_back),
		T(another_owner_moves_what_goes_from_the_owner),
		T(only_its_own_task_releases_a_run),
		T(tasks_start_pipelines),
		T(letters_and_what_they_lack),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
