#include "failing_scene.h"

#include "engine/event.h"
#include "engine/progress.h"
#include "people/outlook.h"
#include "people/people.h"
#include "tick/work.h"

#include <string.h>

/*
 * Runs that wait for something to happen, for another owner, for a value: each statement behind what ends the wait fails in turn,
 * told, with nothing half done.
 */

#define AWAITS(within, cond, then)                                                                                             \
	"kind: Pipeline\nname: awaits\nmailbox: hello\nenroll: {when: {event: order.placed}}\nsteps:\n"                               \
	"  - {await: " cond ", within: " within ", id: w, then: [" then "], else: [tag: unpaid]}\n"                                   \
	"  - {email: {subject: \"Order of {{ event.total }}\", text: \"Dear {{ contact.first_name }}\"}, id: thanks, after: 1 hour}\n"

static const char documents[] =
	"kind: Team\nname: sales\ntimezone: Europe/Berlin\nmailbox: hello\n"
	"members: {tester: {role: admin, name: Tess, mailbox: hello}, bob: {mailbox: other}}\n"
	"---\nkind: Mailbox\nname: other\nfrom: Bob <bob@example.com>\nmaildir: FOLDER/other\n"
	"---\nkind: Fields\nname: contact\nfields: {plan: text}\nevents: {order.placed: {total: number}, order.paid: {}}\n"
	"---\nkind: Pipeline\nname: owned\nsteps: [{email: {subject: O, text: \"From {{ sender.name }}: {{ unsubscribe_url }}\"}, mailbox: owner, after: 1 hour}]\n"
	"---\nkind: Pipeline\nname: tagged\nenroll: {when: {tag: paid}}\nsteps: [{wait: 9 days}]\n"
	"---\nkind: Pipeline\nname: queued\nenroll: {when: {event: order.placed}, while_active: queue}\nsteps: [{wait: 30 minutes}, {note: n}]\n"
	"---\nkind: Pipeline\nname: started\nenroll: {when: {event: run.started}}\nsteps: [{wait: 9 days}]\n"
	"---\n" AWAITS("4 days", "{event: order.paid}", "tag: paid");

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, documents);
	fixture_add(&f, "ann@example.org", "first_name", "Ann", "owner", "tester", NULL);
	fixture_add(&f, "bea@example.org", NULL);
	fixture_enroll(&f, "owned", "ann@example.org", NULL);
	fixture_enroll(&f, "owned", "bea@example.org", NULL);
	*state = &f;
	return 0;
}

static int happens(struct fixture *f, const char *email, const char *type, struct err *err)
{
	struct happening h = { .ev = { .type = type, .data = "{\"total\":3}" }, .arena = &f->arena };
	struct contact c;
	struct world *w;

	if (load_person(f, email, &w, &c, err) < 0)
		return -1;
	h.ev.contact = c.id;
	h.contact = &c;
	return event_record(&f->e, f->team, &h, err) < 0 ? -1 : 0;
}

static int order(struct fixture *f, int64_t whose, struct err *err)
{
	return happens(f, whose ? "bea@example.org" : "ann@example.org", "order.placed", err);
}

static int payment(struct fixture *f, int64_t id, struct err *err)
{
	(void)id;
	return happens(f, "ann@example.org", "order.paid", err);
}

static int assign(struct fixture *f, const char *email, const char *what, struct err *err)
{
	struct person p = { 0 };
	struct contact c;
	struct world *w;

	if (load_person(f, email, &w, &c, err) < 0 || person_assign(&p, w, what, &f->arena, err) < 0)
		return -1;
	return people_update(&f->e, &c, &p, &f->arena, err);
}

static int hand_to_bob(struct fixture *f, int64_t id, struct err *err)
{
	(void)id;
	return assign(f, "ann@example.org", "owner=bob", err);
}

static int name_bea(struct fixture *f, int64_t id, struct err *err)
{
	(void)id;
	return assign(f, "bea@example.org", "first_name=Bea", err);
}

static int cards(struct fixture *f, int64_t id, struct err *err)
{
	STANDINGS_AUTO s = { 0 };
	struct run_summary sum;
	struct run_card *list;
	struct contact c;
	struct world *w;
	(void)id;

	if (load_person(f, "ann@example.org", &w, &c, err) < 0)
		return -1;
	standings_begin(&s, &f->e, f->team);
	return run_cards(&s, &c, &f->arena, &list, err) < 0 || run_summary(&s, &c, &f->arena, &sum, err) < 0 ? -1 : 0;
}

static int tick(struct fixture *f, int64_t later, struct err *err)
{
	struct work_options how = { .max = INT64_MAX };
	struct work_count n;
	int64_t now = f->e.now;
	int got;

	f->e.now += later;
	f->e.source = "pipeline";
	got = work(&f->e, &how, &n, err);
	f->e.now = now;
	f->e.source = "manual";
	return got;
}

static int move(struct fixture *f, int64_t id, struct err *err)
{
	struct migration_request want = { 0 };
	struct migration_count n;
	struct world *w;
	(void)id;

	if (load_world(f, &w, err) < 0)
		return -1;
	return migrate_people(&f->e, f->team, world_pipeline(w, "awaits")->id, &want, NULL, &n, err);
}

static const char *stands(struct fixture *f, const char *who, const char *pipeline)
{
	return fixture_text(f, arena_printf(&f->arena, "SELECT r.status || ' ' || r.reason || ' ' || r.step FROM run r JOIN contact c ON c.id = r.contact"
	                                               " JOIN document d ON d.id = r.pipeline WHERE c.folded LIKE '%s@%%' AND d.name = '%s'", who, pipeline));
}

static void what_is_awaited_happens(void **state)
{
	static const struct call calls[] = {
		CALL_WITH("an order", IN_TXN, order, 0), CALL_WITH("another", IN_TXN, order, 0), CALL_WITH("an order of somebody without a name", IN_TXN, order, 1),
		CALL("another owner", IN_TXN, hand_to_bob), CALL_WITH("a tick", PARTS, tick, 0), CALL("cards", READS, cards),
		CALL("a payment", IN_TXN, payment), CALL("what was missing", IN_TXN, name_bea), CALL_WITH("a tick", PARTS, tick, 0),
		CALL_WITH("a tick", PARTS, tick, 2 * HOUR),
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		fails_everywhere(f, &calls[i]);
	assert_string_equal(stands(f, "ann", "awaits"), "completed  0");
	assert_string_equal(stands(f, "ann", "tagged"), "pending  1");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM event WHERE type = 'email.sent'"), 2);
	assert_string_equal(fixture_text(f, "SELECT mail_from FROM message WHERE subject = 'O'"), "bob@example.com");
	assert_string_equal(stands(f, "bea", "awaits"), "pending await 1");
	assert_string_equal(fixture_text(f, "SELECT reason_text FROM run WHERE status = 'blocked'"), "contact.owner");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'queued'"), 3);
}

/* What the event said is gone: its mail has a hole, which nobody can mend. */
static void what_an_event_said_is_lost(void **state)
{
	static const char *const data[] = { "no JSON", "[1]" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(data); i++) {
		struct err err = ERR_INIT;
		struct txn t = TXN_INIT;

		assert_int_equal(txn_begin(&t, f->db, &err), 0);
		assert_int_equal(order(f, 0, &err), 0);
		assert_int_equal(payment(f, 0, &err), 0);
		assert_int_equal(txn_commit(&t, &err), 0);
		fixture_number(f, arena_printf(&f->arena, "UPDATE happened SET data = '%s' WHERE id IN (SELECT id FROM event WHERE type = 'order.placed') RETURNING 1", data[i]));
		f->e.now += DAY;
		fixture_tick(f, f->e.now);
		f->e.now += DAY;
		fixture_tick(f, f->e.now);
		assert_string_equal(fixture_text(f, "SELECT r.status || ' ' || r.reason || ' ' || r.reason_text FROM run r JOIN document d ON d.id = r.pipeline"
		                                    " WHERE d.name = 'awaits' ORDER BY r.id DESC LIMIT 1"), "blocked missing event.total");
		fixture_number(f, "UPDATE run SET status = 'stopped', ended_at = 1 WHERE status = 'blocked' RETURNING 1");
	}
}

static void what_is_awaited_changes(void **state)
{
	static const struct call call = CALL("people move", PARTS, move);
	struct fixture *f = *state;
	struct migration_count n;
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	assert_int_equal(order(f, 0, &err), 0);
	assert_int_equal(txn_commit(&t, &err), 0);
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(stands(f, "ann", "awaits"), "pending await 1");
	fixture_apply_with(f, AWAITS("2 days", "{field: {owner: tester}}", "tag: paid"), FIXTURE_KEEP, &n);
	fails_everywhere(f, &call);
	assert_string_equal(stands(f, "ann", "awaits"), "running  2");
}

/* What stands in its place is planned anew, and not in the past, which would be late. */
static void what_was_awaited_is_a_mail_now(void **state)
{
	struct fixture *f = *state;
	struct migration_count n;
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	assert_int_equal(order(f, 0, &err), 0);
	assert_int_equal(txn_commit(&t, &err), 0);
	fixture_tick(f, MONDAY_9AM);
	f->e.now = MONDAY_9AM + 3 * DAY;
	fixture_apply_with(f, "kind: Pipeline\nname: awaits\nmailbox: hello\nenroll: {when: {event: order.placed}}\n"
	                      "steps: [{email: {subject: Now, text: x}, id: w}]\n", FIXTURE_MIGRATE, &n);
	assert_int_equal(n.moved, 1);
	fixture_tick(f, MONDAY_9AM + 3 * DAY);
	assert_string_equal(stands(f, "ann", "awaits"), "completed  0");
	assert_non_null(fixture_mail_with(f, "hello", "Subject: Now"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(what_is_awaited_happens),
		T(what_an_event_said_is_lost),
		T(what_is_awaited_changes),
		T(what_was_awaited_is_a_mail_now),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
