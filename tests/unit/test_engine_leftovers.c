#include "failing_scene.h"

#include "../torture/failing.h"

#include "engine/event.h"
#include "engine/pause.h"
#include "operate/queued.h"
#include "operate/runs.h"
#include "operate/safekeeping.h"
#include "people/people.h"
#include "store/message_store.h"
#include "tick/work.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * What no version of ours leaves behind, and a database that was mended or damaged may have: rows that speak of something that is
 * not there any more. Whoever looks is told what there is, and a tick goes on with all others.
 */

static void queue_up(struct fixture *f, const char *lane, const char *item)
{
	change(f, arena_printf(&f->arena, "INSERT INTO queue (lane, class, due, item) VALUES ((SELECT id FROM lane WHERE %s), %s, %lld, %s)",
	                       lane, *item == '-' ? "1" : "0", (long long)(f->e.now - 60), item));
}

/* In the queue of a mailbox, and among the steps: nobody, nothing, what is over, what is blocked. */
static void rows_of_nobody_are_swept_away(void **state)
{
	static const char *const items[] = { "987654", "(SELECT max(id) FROM run WHERE status IN ('stopped', 'completed'))",
		                             "(SELECT max(id) FROM run WHERE status = 'blocked')" };
	struct fixture *f = *state;

	change(f, "UPDATE run SET status = 'stopped', ended_at = 1 WHERE id IN (SELECT max(id) FROM run)");
	change(f, "DELETE FROM queue WHERE item NOT IN (SELECT id FROM run WHERE status IN ('pending', 'running'))");
	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		queue_up(f, "kind = 'mailbox' AND name = 'free'", items[i]);
		queue_up(f, "kind = 'local'", items[i]);
	}
	queue_up(f, "kind = 'mailbox' AND name = 'free'", "-987654");
	queue_up(f, "kind = 'mailbox' AND name = 'free'", "-(SELECT max(id) FROM message WHERE state = 'sent')");
	look_at_all(f);
	fixture_tick(f, f->e.now);
	assert_int_equal(count(f, "queue q JOIN lane l ON l.id = q.lane WHERE l.name = 'free' AND q.due < 1782716400"), 0);
	look_at_all(f);
}

static int give_name(struct fixture *f, const char *email, struct err *err)
{
	struct person p = { 0 };
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w;
	int got = txn_begin(&t, f->db, err);

	if (got == 0)
		got = load_person(f, email, &w, &c, err);
	if (got == 0)
		got = person_assign(&p, w, "first_name=Pia", &f->arena, err);
	if (got == 0)
		got = people_update(&f->e, &c, &p, &f->arena, err);
	if (got >= 0)
		got = txn_commit(&t, err);
	txn_release(&t);
	return got;
}

/* That is damage, which is told, whoever comes upon it. */
static void a_version_that_is_lost_is_told(void **state)
{
	struct fixture *f = *state;
	int told = 0;

	change(f, "DELETE FROM document_version WHERE version = 1 AND document IN (SELECT id FROM document WHERE name = 'desk')");
	fixture_apply(f, "kind: Pipeline\nname: far\nmailbox: far\nsteps: [{note: n}]\n");
	for (size_t i = 0; i < scene_reads_count; i++) {
		const struct call *c = &scene_reads[i];
		int64_t id = c->id ? fixture_number(f, c->id) : c->what;
		struct err err = ERR_INIT;

		if ((c->id && id == 0) || c->run(f, id, &err) == 0)
			continue;
		assert_string_equal(err.text, "pipeline desk has no version 1");
		assert_int_equal(err.kind, ERR_CONFIG);
		told++;
	}
	assert_true(told > 3);
}

/* What needs no run of a pipeline that there is. */
static void look_at_rest(struct fixture *f)
{
	static const char *const names[] = { "runs", "person", "happened", "queue", "check" };

	for (size_t i = 0; i < scene_reads_count; i++)
		for (size_t n = 0; n < ARRAY_LEN(names); n++)
			if (strstr(scene_reads[i].name, names[n]))
				fails_everywhere(f, &scene_reads[i]);
}

static void a_pipeline_that_was_deleted_has_its_last_name(void **state)
{
	struct fixture *f = *state;

	change(f, "UPDATE run SET status = 'stopped', reason = 'manual', ended_at = 1782716400");
	change(f, "DELETE FROM document WHERE name IN ('two', 'desk', 'far')");
	change(f, "UPDATE team SET generation = generation + 1");
	engine_release(&f->e);
	engine_init(&f->e, f->db, f->e.now ? f->e.now : MONDAY_9AM, "tester", "manual");
	f->e.now = MONDAY_9AM;
	look_at_rest(f);
	change(f, "DELETE FROM document_version WHERE document NOT IN (SELECT id FROM document)");
	look_at_rest(f);
}

static void contacts_that_are_gone(void **state)
{
	struct fixture *f = *state;

	change(f, "DELETE FROM contact WHERE folded LIKE 'p1@%' OR folded LIKE 'p2@%'");
	look_at_all(f);
	change(f, "UPDATE run SET contact = contact + 987654 WHERE pipeline IN (SELECT id FROM document WHERE name IN ('two', 'far', 'waits', 'desk', 'local'))");
	look_at_all(f);
	fixture_tick(f, f->e.now + HOUR);
	fixture_tick(f, f->e.now + DAY);
	look_at_all(f);
}

/* Claims of messages that are not in anybody's hands any more. */
static void claims_of_what_is_over_are_dropped(void **state)
{
	struct fixture *f = *state;
	struct accept_count n;

	change(f, "UPDATE claim SET token = 5");
	change(f, "UPDATE message SET state = 'sent', waits = 0 WHERE id IN (SELECT message FROM claim)");
	assert_true(count(f, "claim") > 0);
	change(f, "INSERT INTO meta (name, value) VALUES ('hold.restore', 'x')");
	OK(safekeep_accept(&f->e, false, &n, &err));
	fixture_tick(f, f->e.now);
	look_at_all(f);
}

static void count_nowhere(const struct work_item *item, void *ctx)
{
	int *n = ctx;

	*n += item->run > 0 && *item->step == '\0';
}

/* It has nothing left to do. */
static void who_stands_nowhere_is_done(void **state)
{
	struct fixture *f = *state;
	int n = 0;

	change(f, "UPDATE run SET step = 77, last_step = 78 WHERE status IN ('pending', 'running')");
	look_at_all(f);
	f->e.now += 10 * DAY;
	OK(work_list_due(&f->e, f->team, count_nowhere, &n, &err));
	assert_true(n > 3);
	f->e.now = MONDAY_9AM;
	fixture_apply(f, "kind: Pipeline\nname: two\nmailbox: hello\nsteps: [{wait: 1 hour}, {note: n}]\n");
	look_at_all(f);
	fixture_tick(f, f->e.now + 10 * DAY);
	look_at_all(f);
	assert_int_equal(count(f, arena_printf(&f->arena, "run WHERE step = 77 AND status IN ('pending', 'running') AND due_at <= %lld AND lane IN"
	                                                  " (SELECT id FROM lane WHERE kind = 'local')", (long long)f->e.now)), 0);
}

/* Everything that needs it says so; nothing is guessed. */
static void a_document_that_cannot_be_read_is_told(void **state)
{
	static const char *const kinds[] = { "pipeline", "mailbox", "fields", "team" };
	struct fixture *f = *state;

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const char *where = arena_printf(&f->arena, "kind LIKE '%s'", kinds[k]);
		const char *body = fixture_text(f, arena_printf(&f->arena, "SELECT body FROM document WHERE %s ORDER BY id LIMIT 1", where));
		int told = 0;

		assert_true(*body != '\0');
		change(f, arena_printf(&f->arena, "UPDATE document SET body = '{ ' || body WHERE id IN (SELECT min(id) FROM document WHERE %s)", where));
		engine_release(&f->e);
		engine_init(&f->e, f->db, MONDAY_9AM, "tester", "manual");
		for (size_t i = 0; i < scene_reads_count; i++) {
			const struct call *c = &scene_reads[i];
			struct err err = ERR_INIT;
			int64_t id = c->id ? fixture_number(f, c->id) : c->what;

			if (c->run(f, id, &err) < 0) {
				assert_true(*err.text != '\0');
				told++;
			}
		}
		assert_true(told > (int)scene_reads_count / 2);
		change(f, arena_printf(&f->arena, "UPDATE document SET body = substr(body, 3) WHERE id IN (SELECT min(id) FROM document WHERE %s)", where));
	}
	engine_release(&f->e);
	engine_init(&f->e, f->db, MONDAY_9AM, "tester", "manual");
	look_at_all(f);
}

/* As if it were loaded for the first time. */
static int tick_says(struct fixture *f, struct err *err)
{
	struct work_options how = { .max = INT64_MAX };
	struct work_count n;

	return work(&f->e, &how, &n, err);
}

/* Whoever needs its text says so: at entry, when what was missing comes, when a mail is due, in a simulation. */
static void a_template_that_is_no_liquid_any_more_is_told(void **state)
{
	static const char *const tables[] = { "document", "document_version" };
	static const char said[] = "a stored template is invalid: line 1: ";
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	int told = 0;

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		change(f, arena_printf(&f->arena, "UPDATE %s SET body = replace(body, 'contact.first_name }}', 'contact.first_name') WHERE %s IN"
		                                  " (SELECT id FROM document WHERE name = 'note')", tables[i], i ? "document" : "id"));
	look_anew(f);
	for (size_t i = 0; i < scene_reads_count; i++) {
		const struct call *c = &scene_reads[i];

		err = (struct err)ERR_INIT;
		if (c->run(f, c->id ? fixture_number(f, c->id) : c->what, &err) >= 0)
			continue;
		assert_non_null(strstr(err.text, said));
		told++;
	}
	assert_true(told >= 2);
	err = (struct err)ERR_INIT;
	assert_int_equal(give_name(f, "p0@example.org", &err), -1);
	assert_non_null(strstr(err.text, said));
	change(f, "UPDATE run SET status = 'pending', reason = '' WHERE status = 'blocked' AND pipeline = (SELECT id FROM document WHERE name = 'holes')");
	queue_up(f, "kind = 'mailbox' AND name = 'free'", "(SELECT r.id FROM run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'holes')");
	assert_int_equal(tick_says(f, &err), -1);
	assert_non_null(strstr(err.text, said));
}

/* Mails go as if no hours were said; nobody is told when without one. */
static void a_calendar_that_is_gone_closes_nothing(void **state)
{
	struct fixture *f = *state;

	change(f, "DELETE FROM document WHERE name = 'office'");
	change(f, "UPDATE team SET generation = generation + 1");
	look_anew(f);
	look_at_all(f);
	f->e.now += 12 * HOUR;
	fixture_tick(f, f->e.now);
	assert_int_equal(count(f, "run WHERE reason = 'hours' AND status IN ('pending', 'running') AND due_at <= 1782716400 + 43200"), 0);
	look_at_all(f);
}

/* It says so, and nothing goes. */
static void a_letter_to_somebody_who_is_gone_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	assert_int_equal(write_letter(f, 0, &err), 0);
	assert_int_equal(txn_commit(&t, &err), 0);
	change(f, "DELETE FROM contact WHERE id IN (SELECT contact FROM message WHERE run = 0 AND state = 'queued')");
	fixture_tick(f, f->e.now + 60);
	assert_string_equal(fixture_text(f, "SELECT state || ': ' || reply FROM message WHERE run = 0"), "refused: the contact was deleted");
	look_at_all(f);
}

/* What waits of it waits; all others go. */
static void what_was_put_aside_of_a_pipeline_that_is_gone_stays(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;

	assert_int_equal(txn_begin(&t, f->db, &err), 0);
	assert_true(pause_pipeline(&f->e, f->team, "local", true, &err) >= 0);
	assert_int_equal(txn_commit(&t, &err), 0);
	f->e.now += HOUR;
	fixture_tick(f, f->e.now);
	assert_int_equal(count(f, "queue q JOIN lane l ON l.id = q.lane WHERE l.kind = 'parked'"), 1);
	look_at_all(f);
	change(f, "DELETE FROM document WHERE name = 'local'");
	change(f, "UPDATE team SET generation = generation + 1");
	look_anew(f);
	fixture_tick(f, f->e.now);
	assert_int_equal(count(f, "queue q JOIN lane l ON l.id = q.lane WHERE l.kind = 'parked'"), 1);
}

/* What it sent and holds is shown, and what would go next says what is missing; all others go. */
static void a_mailbox_that_is_gone_holds_only_its_own(void **state)
{
	struct fixture *f = *state;

	change(f, "DELETE FROM document WHERE kind = 'Mailbox' AND name IN ('far', 'hello', 'shell')");
	change(f, "UPDATE team SET generation = generation + 1");
	look_anew(f);
	f->e.now += HOUR;
	for (size_t i = 0; i < scene_reads_count; i++) {
		const struct call *c = &scene_reads[i];
		struct err err = ERR_INIT;

		if (c->run(f, c->id ? fixture_number(f, c->id) : c->what, &err) < 0)
			assert_non_null(strstr(err.text, "mailbox"));
	}
	fixture_tick(f, f->e.now);
	assert_int_equal(count(f, "run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'colleagues' AND r.status = 'running'"), 0);
	assert_true(count(f, "run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'far' AND r.status IN ('pending', 'running')") > 0);
}

static int bounce(struct fixture *f, int64_t message, struct err *err)
{
	struct happening h = { .arena = &f->arena };

	h.ev = (struct event){ .type = "email.bounced", .message = message, .data = "{}", .source = "inbox" };
	return event_record(&f->e, f->team, &h, err) < 0 ? -1 : 0;
}

/* Nobody can pause it once more; that the mail came back is known. */
static void a_mail_of_a_mailbox_that_is_paused_or_gone_comes_back(void **state)
{
	static const struct call c = CALL_OF("a bounce", IN_TXN, bounce, MAIL_IN("sent"));
	struct fixture *f = *state;

	change(f, "UPDATE lane SET paused_at = 1 WHERE name = (SELECT l.name FROM lane l JOIN message m ON m.lane = l.id WHERE m.state = 'sent' ORDER BY m.id LIMIT 1)");
	fails_everywhere(f, &c);
	look_at_all(f);
	change(f, "DELETE FROM document WHERE kind = 'Mailbox'");
	change(f, "UPDATE team SET generation = generation + 1");
	look_anew(f);
	fails_everywhere(f, &c);
	assert_int_equal(count(f, "event WHERE type = 'email.bounced'"), 2);
	assert_int_equal(count(f, "bad_mail"), 0);
}

/* Nothing goes until it is mended, and by hand nothing can be done with its mail. */
static void an_address_that_is_none_any_more_is_told(void **state)
{
	struct fixture *f = *state;
	struct queued_name name = { .step = "two" };
	struct err err = ERR_INIT;
	struct message m;

	change(f, "UPDATE contact SET email = 'no address' WHERE folded LIKE 'p%'");
	name.id = fixture_number(f, "SELECT r.id FROM run r JOIN message m ON m.run = r.id WHERE m.state = 'sent' LIMIT 1");
	assert_int_equal(queued_find_named(&f->e, f->team, &name, &f->arena, &m, &err), -1);
	assert_int_equal(err.kind, ERR_REFUSED);
	f->e.now += DAY;
	assert_int_equal(tick_says(f, &err), -1);
	assert_non_null(strstr(err.text, "is damaged: the address of contact "));
	look_at_all(f);
}

/* Nothing lies ahead of it: what it lacked is no matter. */
static void who_stands_nowhere_lacks_nothing(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	change(f, "UPDATE run SET step = 77 WHERE status = 'blocked' AND reason = 'missing'");
	assert_int_equal(give_name(f, "p0@example.org", &err), 0);
	assert_int_equal(count(f, "run WHERE status = 'blocked' AND reason = 'missing'"), 0);
	fixture_tick(f, f->e.now);
	assert_int_equal(count(f, "run WHERE step = 77 AND status IN ('pending', 'running', 'blocked')"), 0);
}

/* Nothing goes from where return addresses are signed, and it says why; all others go. */
static void a_key_that_is_none_any_more_stops_only_its_mailbox(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	fixture_apply(f, "kind: Mailbox\nname: vera\nfrom: Vera <vera@example.com>\nmaildir: FOLDER/vera\nverp: plus\n"
	                 "---\nkind: Pipeline\nname: signed\nmailbox: vera\nsteps: [{email: {subject: S, text: x}}]\n"
	                 "---\nkind: Pipeline\nname: plain\nmailbox: free\nsteps: [{email: {subject: Plain, text: x}}]\n");
	fixture_enroll(f, "signed", "p1@example.org", NULL);
	fixture_enroll(f, "plain", "p1@example.org", NULL);
	file = fopen(arena_printf(&f->arena, "%s.key", f->db_path), "w");
	assert_non_null(file);
	fputs("rubbish\n", file);
	fclose(file);
	assert_int_equal(chmod(arena_printf(&f->arena, "%s.key", f->db_path), 0600), 0);
	fixture_tick(f, f->e.now);
	assert_int_equal(fixture_mails(f, "vera"), 0);
	assert_non_null(fixture_mail_with(f, "free", "Subject: Plain"));
	assert_non_null(strstr(fixture_text(f, "SELECT reason || ': ' || reason_text FROM lane WHERE name = 'vera'"), "x.db.key is no key"));
	assert_int_equal(count(f, "lane WHERE name = 'vera' AND reason = 'settings'"), 1);
}

/* Its type is known, what else it said is not. */
static void an_event_whose_data_is_lost_still_happened(void **state)
{
	static const char *const data[] = { "no JSON", "[1]", "" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(data); i++) {
		change(f, arena_printf(&f->arena, "UPDATE happened SET data = '%s'", data[i]));
		look_at_all(f);
		fixture_tick(f, f->e.now + HOUR);
	}
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, scene_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(rows_of_nobody_are_swept_away),
		T(a_version_that_is_lost_is_told),
		T(a_pipeline_that_was_deleted_has_its_last_name),
		T(contacts_that_are_gone),
		T(claims_of_what_is_over_are_dropped),
		T(who_stands_nowhere_is_done),
		T(a_document_that_cannot_be_read_is_told),
		T(a_template_that_is_no_liquid_any_more_is_told),
		T(a_calendar_that_is_gone_closes_nothing),
		T(a_letter_to_somebody_who_is_gone_is_refused),
		T(what_was_put_aside_of_a_pipeline_that_is_gone_stays),
		T(a_mailbox_that_is_gone_holds_only_its_own),
		T(a_mail_of_a_mailbox_that_is_paused_or_gone_comes_back),
		T(an_address_that_is_none_any_more_is_told),
		T(who_stands_nowhere_lacks_nothing),
		T(a_key_that_is_none_any_more_stops_only_its_mailbox),
		T(an_event_whose_data_is_lost_still_happened),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
