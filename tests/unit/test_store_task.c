/* To-dos in the store (S2.43). */

#include "store_fixture.h"

#include "store/event_store.h"
#include "store/task_store.h"

#define TEAM  1
#define OTHER 2

static int64_t insert(struct place *p, struct task task)
{
	task.title = task.title ? task.title : "Call";
	task.assignee = task.assignee ? task.assignee : "";
	task.created_by = task.done_by = task.outcome = "";
	OK(task_insert(p->db, TEAM, &task, &err));
	return task.id;
}

static void begin(struct place *p)
{
	place_open(p);
	OK(txn_begin(&p->txn, p->db, &err));
}

static void end(struct place *p)
{
	OK(txn_commit(&p->txn, &err));
	place_close(p);
}

static void a_task_comes_back_as_it_was(void **state)
{
	struct task made = { .contact = 7, .run = 8, .step = 3, .visit = 2, .hold = true, .type = TASK_CALL,
		                 .title = "Call Ada", .assignee = "bob", .due_at = 500, .on_done = 9, .created_at = 100,
		                 .created_by = "root", .done_by = "", .outcome = "" };
	struct place p;
	struct task t;

	(void)state;
	begin(&p);
	OK(task_insert(p.db, TEAM, &made, &err));
	IS(1, task_load(p.db, TEAM, made.id, &p.arena, &t, &err));
	assert_int_equal(t.contact, 7);
	assert_int_equal(t.run, 8);
	assert_int_equal(t.step, 3);
	assert_int_equal(t.visit, 2);
	assert_true(t.hold);
	assert_int_equal(t.type, TASK_CALL);
	assert_string_equal(t.title, "Call Ada");
	assert_string_equal(t.assignee, "bob");
	assert_int_equal(t.due_at, 500);
	assert_int_equal(t.on_done, 9);
	assert_int_equal(t.created_at, 100);
	assert_string_equal(t.created_by, "root");
	assert_int_equal(t.done_at, 0);
	IS(0, task_load(p.db, OTHER, made.id, &p.arena, &t, &err));
	end(&p);
}

static void a_step_makes_one_task_each_time_it_is_passed(void **state)
{
	struct task again = { .run = 8, .step = 3, .visit = 1, .title = "x", .assignee = "", .created_by = "", .done_by = "",
		                  .outcome = "" };
	struct place p;
	struct task t;
	int64_t first, second;

	(void)state;
	begin(&p);
	first = insert(&p, (struct task){ .run = 8, .step = 3, .visit = 1 });
	FAILS(ERR_BUG, task_insert(p.db, TEAM, &again, &err));
	second = insert(&p, (struct task){ .run = 8, .step = 3, .visit = 2 });
	insert(&p, (struct task){ 0 }); /* those of people are of no step */
	insert(&p, (struct task){ 0 });
	IS(1, task_of_step(p.db, TEAM, 8, 3, 1, &p.arena, &t, &err));
	assert_int_equal(t.id, first);
	IS(1, task_of_step(p.db, TEAM, 8, 3, 0, &p.arena, &t, &err));
	assert_int_equal(t.id, second);
	IS(0, task_of_step(p.db, TEAM, 8, 4, 0, &p.arena, &t, &err));
	IS(0, task_of_step(p.db, TEAM, 0, 0, 0, &p.arena, &t, &err));
	IS(0, task_of_step(p.db, OTHER, 8, 3, 0, &p.arena, &t, &err));
	end(&p);
}

static void a_task_is_done_once(void **state)
{
	struct place p;
	struct task t;
	int64_t id;

	(void)state;
	begin(&p);
	id = insert(&p, (struct task){ .due_at = 5 });
	OK(task_put_off(p.db, OTHER, id, 77, &err));
	OK(task_put_off(p.db, TEAM, id, 50, &err));
	t = (struct task){ .id = id, .done_at = 60, .done_by = "bob", .outcome = "connected" };
	IS(0, task_set_done(p.db, OTHER, &t, &err));
	IS(1, task_set_done(p.db, TEAM, &t, &err));
	t.outcome = "no answer";
	IS(0, task_set_done(p.db, TEAM, &t, &err));
	IS(1, task_load(p.db, TEAM, id, &p.arena, &t, &err));
	assert_int_equal(t.due_at, 50);
	assert_int_equal(t.done_at, 60);
	assert_string_equal(t.done_by, "bob");
	assert_string_equal(t.outcome, "connected");
	end(&p);
}

/* The titles of a list in its order, two at a time. */
static void expect(struct place *p, struct task_query q, const char *want)
{
	struct task two[2], last;
	char got[200] = "";
	bool any = false;
	int n;

	do {
		OK((n = task_list(p->db, TEAM, &q, any ? &last : NULL, &p->arena, two, 2, &err)));
		for (int i = 0; i < n; i++)
			strcat(got, two[i].title);
		if (n > 0)
			last = two[n - 1];
		any |= n > 0;
	} while (n == 2);
	assert_string_equal(got, want);
}

static void what_a_run_left_open_is_cancelled_and_may_be_opened_again(void **state)
{
	struct task *open, t;
	struct place p;
	int64_t first, second;

	(void)state;
	begin(&p);
	first = insert(&p, (struct task){ .run = 8, .step = 3, .visit = 1, .title = "one" });
	second = insert(&p, (struct task){ .run = 8, .step = 4, .visit = 1 });
	insert(&p, (struct task){ .run = 9, .step = 3, .visit = 1 });
	insert(&p, (struct task){ 0 }); /* of no run */
	OK(task_put_off(p.db, TEAM, second, 50, &err));
	IS(0, task_open_of_run(p.db, OTHER, 8, &p.arena, &open, &err));
	IS(0, task_open_of_run(p.db, TEAM, 0, &p.arena, &open, &err));
	IS(2, task_open_of_run(p.db, TEAM, 8, &p.arena, &open, &err));
	assert_int_equal(open[0].id, first);
	assert_false(open[0].taken);
	assert_true(open[1].taken);
	t = open[0];
	t.done_at = 60;
	t.cancelled = true;
	t.outcome = "replied";
	IS(1, task_set_done(p.db, TEAM, &t, &err));
	IS(1, task_open_of_run(p.db, TEAM, 8, &p.arena, &open, &err));
	IS(1, task_load(p.db, TEAM, first, &p.arena, &t, &err));
	assert_true(t.cancelled);
	t.title = "again";
	t.type = TASK_MEETING;
	t.hold = true;
	OK(task_reopen(p.db, &t, &err));
	IS(1, task_load(p.db, TEAM, first, &p.arena, &t, &err));
	assert_int_equal(t.type, TASK_MEETING);
	assert_true(t.hold);
	assert_int_equal(t.done_at, 0);
	assert_false(t.cancelled);
	assert_string_equal(t.title, "again");
	assert_string_equal(t.outcome, "");
	t.title = "open ones stay as they are";
	OK(task_reopen(p.db, &t, &err));
	IS(1, task_load(p.db, TEAM, first, &p.arena, &t, &err));
	assert_string_equal(t.title, "again");
	end(&p);
}

static void lists_are_in_order_and_page_by_page(void **state)
{
	struct task done = { .done_by = "", .outcome = "" };
	struct place p;

	(void)state;
	begin(&p);
	insert(&p, (struct task){ .title = "a", .due_at = 300 });
	insert(&p, (struct task){ .title = "b", .due_at = 100, .assignee = "bob" });
	insert(&p, (struct task){ .title = "c", .assignee = "bob" });
	insert(&p, (struct task){ .title = "d", .due_at = 100, .contact = 7 });
	insert(&p, (struct task){ .title = "e", .due_at = 200, .assignee = "anna", .contact = 7 });
	insert(&p, (struct task){ .title = "f" });
	expect(&p, (struct task_query){ 0 }, "bdeacf");
	expect(&p, (struct task_query){ .assignee = "bob" }, "bc");
	expect(&p, (struct task_query){ .assignee = "bob", .or_nobody = true }, "bdacf");
	expect(&p, (struct task_query){ .contact = 7 }, "de");
	expect(&p, (struct task_query){ .due_from = 1, .due_to = 200 }, "bd");
	expect(&p, (struct task_query){ .due_from = 200, .due_to = 301 }, "ea");
	expect(&p, (struct task_query){ .done = true }, "");
	for (int i = 0; i < 3; i++) {
		done.id = insert(&p, (struct task){ .title = i == 0 ? "x" : i == 1 ? "y" : "z" });
		done.done_at = i == 0 ? 900 : 800;
		IS(1, task_set_done(p.db, TEAM, &done, &err));
	}
	expect(&p, (struct task_query){ .done = true }, "xzy");
	expect(&p, (struct task_query){ 0 }, "bdeacf");
	end(&p);
}

static void tasks_follow_their_contact(void **state)
{
	struct place p;
	struct task t;
	int64_t id;

	(void)state;
	begin(&p);
	id = insert(&p, (struct task){ .contact = 7 });
	OK(task_move(p.db, OTHER, 7, 9, &err));
	OK(task_move(p.db, TEAM, 7, 8, &err));
	IS(1, task_load(p.db, TEAM, id, &p.arena, &t, &err));
	assert_int_equal(t.contact, 8);
	OK(task_delete_of(p.db, OTHER, 8, &err));
	IS(1, task_load(p.db, TEAM, id, &p.arena, &t, &err));
	OK(task_delete_of(p.db, TEAM, 8, &err));
	IS(0, task_load(p.db, TEAM, id, &p.arena, &t, &err));
	end(&p);
}

static void all_events_of_a_type_since_an_event(void **state)
{
	const char *types[] = { "task.done", "task.created", "task.done", "task.done" };
	struct event ev = { .contact = 7, .actor = "root", .source = "manual", .at = 10 }, *list;
	struct place p;
	int64_t ids[4];

	(void)state;
	begin(&p);
	for (int i = 0; i < 4; i++) {
		ev.type = types[i];
		ev.data = i == 2 ? "{\"outcome\":\"connected\"}" : "{}";
		OK(event_insert(p.db, TEAM, &ev, &err));
		ids[i] = ev.id;
	}
	IS(2, event_list_of_type(p.db, TEAM, 7, "task.done", ids[0], &p.arena, &list, &err));
	assert_int_equal(list[0].id, ids[2]);
	assert_string_equal(list[0].data, "{\"outcome\":\"connected\"}");
	assert_int_equal(list[1].id, ids[3]);
	IS(0, event_list_of_type(p.db, TEAM, 8, "task.done", 0, &p.arena, &list, &err));
	IS(0, event_list_of_type(p.db, OTHER, 7, "task.done", 0, &p.arena, &list, &err));
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_comes_back_as_it_was),
		cmocka_unit_test(a_step_makes_one_task_each_time_it_is_passed),
		cmocka_unit_test(a_task_is_done_once),
		cmocka_unit_test(what_a_run_left_open_is_cancelled_and_may_be_opened_again),
		cmocka_unit_test(lists_are_in_order_and_page_by_page),
		cmocka_unit_test(tasks_follow_their_contact),
		cmocka_unit_test(all_events_of_a_type_since_an_event),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("S2.43 tasks in the store", tests, NULL, NULL);
}
