#include "fixture.h"

#include "engine/enroll.h"
#include "engine/event.h"
#include "engine/sender.h"
#include "people/enroll_people.h"
#include "people/people.h"

#include <string.h>

/* How people come into pipelines: by hand, by what happens, while they are in, again; and from where mail goes then. */

enum { DAY = 86400 };

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Fields\nname: contact\nfields: {plan: text}\nevents: {order.placed: {total: number}}\n"
	                  "---\nkind: Mailbox\nname: bob\nfrom: Bob <bob@example.com>\nmaildir: FOLDER/bob\n");
	fixture_add(&f, "anna@example.org", NULL);
	*state = &f;
	return 0;
}

static void find(struct fixture *f, const char *email, struct world **ret_world, struct contact *ret)
{
	OK(engine_world(&f->e, f->team, ret_world, &err));
	OK(people_find(&f->e, *ret_world, email, &f->arena, ret, &err));
}

static void happens(struct fixture *f, const char *type, const char *data)
{
	struct happening h = { .ev = { .type = type, .data = data }, .arena = &f->arena };
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w = NULL;

	find(f, "anna@example.org", &w, &c);
	h.ev.contact = c.id;
	h.contact = &c;
	OK(txn_begin(&t, f->db, &err));
	OK(event_record(&f->e, f->team, &h, &err));
	OK(txn_commit(&t, &err));
}

static void order(struct fixture *f, int total)
{
	happens(f, "order.placed", arena_printf(&f->arena, "{\"total\":%d}", total));
}

static const char *runs(struct fixture *f)
{
	return fixture_text(f, "SELECT group_concat(status || ' ' || reason, ',') FROM (SELECT status, reason FROM run ORDER BY id)");
}

#define ORDERED(rule) "kind: Pipeline\nname: p\nenroll: {when: {event: order.placed}" rule "}\n" \
	"steps: [{wait: 1 day}, {email: {subject: \"Order {{ event.total }}\", text: x}}]\n"

static void what_a_second_event_does(void **state)
{
	static const struct {
		const char *yaml, *runs, *over, *subject;
		int mails;
	} rows[] = {
		{ ORDERED(""), "pending ", "completed ", "Subject: Order 1\n", 1 },
		{ ORDERED(", while_active: ignore"), "pending ", "completed ", "Subject: Order 1\n", 1 },
		{ ORDERED(", while_active: update"), "pending ", "completed ", "Subject: Order 2\n", 1 },
		{ ORDERED(", while_active: restart"), "stopped restarted,pending ", "stopped restarted,completed ", "Subject: Order 2\n", 1 },
		{ ORDERED(", while_active: queue"), "pending ", "completed ,completed ", "Subject: Order 2\n", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture *f;
		void *own = NULL;

		setup(&own);
		f = own;
		fixture_apply(f, rows[i].yaml);
		order(f, 1);
		order(f, 2);
		assert_string_equal(runs(f), rows[i].runs);
		fixture_tick(f, MONDAY_9AM + DAY);
		fixture_tick(f, MONDAY_9AM + 2 * DAY);
		fixture_tick(f, MONDAY_9AM + 3 * DAY);
		assert_string_equal(runs(f), rows[i].over);
		assert_int_equal(fixture_mails(f, "hello"), rows[i].mails);
		assert_non_null(fixture_mail_with(f, "hello", rows[i].subject));
		fixture_close(f);
	}
}

#define AGAIN(rule) "kind: Pipeline\nname: p\nenroll: {when: {event: order.placed}, again: " rule "}\nsteps: [{note: n}]\n"

static void who_was_in_it_may_come_again(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, AGAIN("never"));
	order(f, 1);
	fixture_tick(f, MONDAY_9AM);
	order(f, 2);
	assert_string_equal(runs(f), "completed ");
	fixture_apply(f, AGAIN("after 3 days"));
	order(f, 3);
	assert_string_equal(runs(f), "completed ");
	f->e.now = MONDAY_9AM + 3 * DAY;
	order(f, 4);
	assert_string_equal(runs(f), "completed ,pending ");
	fixture_tick(f, f->e.now);
	fixture_apply(f, AGAIN("always"));
	order(f, 5);
	assert_string_equal(runs(f), "completed ,completed ,pending ");
}

/* A run that begins is an event too. */
static void one_pipeline_starts_the_other(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Pipeline\nname: first\nsteps: [{wait: 1 day}, {tag: done}]\n"
	                 "---\nkind: Pipeline\nname: second\nenroll: {when: {event: run.started}, if: {not: {tag: never}}}\nsteps: [{note: n}]\n"
	                 "---\nkind: Pipeline\nname: third\nenroll: {when: {event: run.completed}}\nsteps: [{note: n}]\n");
	fixture_enroll(f, "first", "anna@example.org", NULL);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'second'"), 1);
	fixture_tick(f, MONDAY_9AM);
	assert_true(fixture_number(f, "SELECT count(*) FROM run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'third'") > 0);
}

static void enroll(struct fixture *f, const char *email, const char *pipeline, struct enroll_report *ret)
{
	struct txn t = TXN_INIT;
	struct standings s;
	struct contact c;
	struct world *w = NULL;

	find(f, email, &w, &c);
	OK(txn_begin(&t, f->db, &err));
	OK(enroll_by_hand(&f->e, w, world_pipeline(w, pipeline), &c, &f->arena, ret, &err));
	OK(txn_commit(&t, &err));
	standings_begin(&s, &f->e, f->team);
	OK(enroll_date(&s, f->team, ret, &f->arena, &err));
	standings_end(&s);
}

static void what_enroll_answers(void **state)
{
	struct enroll_report r;
	struct fixture *f = *state;

	fixture_add(f, "bounced@example.org", NULL);
	fixture_number(f, "UPDATE contact SET suppressed = 2 WHERE folded = 'bounced@example.org' RETURNING 1");
	fixture_apply(f, "kind: Calendar\nname: office\nopen: {mon-fri: 08:00-18:00}\n"
	                 "---\nkind: Pipeline\nname: mails\nenroll: {if: {field: {plan: pro}}}\nsteps: [{wait: 1 day}, {email: {subject: S, text: x}}]\n"
	                 "---\nkind: Pipeline\nname: open\nhours: office\nsteps: [{email: {subject: S, text: x}}]\n"
	                 "---\nkind: Pipeline\nname: hole\nsteps: [{email: {subject: \"{{ contact.plan }}\", text: x}}]\n"
	                 "---\nkind: Pipeline\nname: draft\nactive: false\nsteps: [{note: n}]\n");
	enroll(f, "anna@example.org", "mails", &r);
	assert_string_equal(r.why, "`enroll.if` is false (plan is pro): no plan");
	assert_string_equal(enrolled_word(r.result.how), "filtered");
	enroll(f, "bounced@example.org", "open", &r);
	assert_string_equal(r.why, "must not be written to: bounced");
	enroll(f, "anna@example.org", "draft", &r);
	assert_string_equal(r.why, "the pipeline is not active");
	enroll(f, "anna@example.org", "hole", &r);
	assert_int_equal(r.result.how, ENROLL_BLOCKED);
	assert_string_equal(r.result.missing, "contact.plan");
	assert_string_equal(enroll_mend(&f->e, &r, &f->arena), "contactctl set anna@example.org plan=...");
	f->e.say_team = "sales";
	assert_string_equal(enroll_mend(&f->e, &r, &f->arena), "contactctl set anna@example.org plan=... --team sales");
	enroll(f, "anna@example.org", "open", &r);
	assert_int_equal(r.result.how, ENROLL_STARTED);
	assert_string_equal(r.first.step, "email 1");
	enroll(f, "anna@example.org", "open", &r);
	assert_int_equal(r.result.how, ENROLL_ACTIVE);
	assert_string_equal(r.why, "already active in this pipeline");
	assert_string_equal(r.open_step, "email 1");
	for (int how = ENROLL_STARTED; how <= ENROLL_UNKNOWN; how++) {
		assert_true(*enrolled_text((enum enrolled)how) != '\0');
		for (int other = ENROLL_STARTED; other < how; other++)
			assert_string_not_equal(enrolled_text((enum enrolled)how), enrolled_text((enum enrolled)other));
	}
}

static void apply_team(struct fixture *f, const char *mailbox, const char *members)
{
	fixture_apply(f, arena_printf(&f->arena, "kind: Team\nname: sales\n%smembers: {tester: {role: admin}%s}\n", mailbox, members));
}

/* Where mail goes from, and why there is nothing where it could. */
static void senders_and_what_they_lack(void **state)
{
	static const struct {
		const char *mailboxes, *enroller, *owner, *from, *problem;
	} rows[] = {
		{ "", "tester", "", "hello", "" },
		{ "mailbox: bob\n", "tester", "", "bob", "" },
		{ "mailbox: enroller\n", "bob", "", "bob", "" },
		{ "mailbox: enroller\n", "tester", "", NULL, "the enroller tester has no `mailbox` in the Team document" },
		{ "mailbox: enroller\n", "gone", "", NULL, "the enroller gone is no member in the Team document" },
		{ "mailbox: enroller\n", "", "bob", "bob", "" },
		{ "mailbox: enroller\n", "", "", "hello", "" },
		{ "mailbox: enroller\n", NULL, "tester", "hello", "" },
		{ "mailbox: owner\n", "bob", "bob", "bob", "" },
		{ "mailbox: owner\n", "bob", "", NULL, "there is no owner to send from" },
		{ "mailbox: owner\n", "bob", "tester", NULL, "the owner tester has no `mailbox` in the Team document" },
	};
	struct fixture *f = *state;
	struct contact c;
	struct world *w = NULL;

	apply_team(f, "mailbox: hello\n", ", bob: {mailbox: bob}");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct pipeline *p;
		const char *from;

		fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: p\n%ssteps: [{email: {subject: S, text: x}}]\n", rows[i].mailboxes));
		find(f, "anna@example.org", &w, &c);
		contact_put(&c, &f->arena, "owner", rows[i].owner);
		p = world_pipeline(w, "p");
		from = sender_of_pipeline(w, p, &c, rows[i].enroller);
		assert_string_equal(from ? from : "-", rows[i].from ? rows[i].from : "-");
		if (!from)
			assert_string_equal(sender_problem(w, p, &c, rows[i].enroller, &f->arena), rows[i].problem);
	}
}

/* As its step comes up: members may have gone since. */
static void senders_of_a_step_and_what_stands_in_the_way(void **state)
{
	static const struct {
		const char *step, *run, *enroller, *owner, *from;
		enum block_reason reason;
		const char *text;
	} rows[] = {
		{ NULL, "bob", "", NULL, "bob", BLOCK_NONE, "" },
		{ "hello", "bob", "", NULL, "hello", BLOCK_NONE, "" },
		{ NULL, "", "", NULL, NULL, BLOCK_SETTINGS, "no mailbox to send from was known when it began" },
		{ "owner", "hello", "", "bob", "bob", BLOCK_NONE, "" },
		{ "owner", "hello", "", "tester", NULL, BLOCK_SETTINGS, "the owner tester has no 'mailbox' in the Team document" },
		{ "owner", "hello", "", "gone", NULL, BLOCK_SETTINGS, "the owner gone is no member in the Team document" },
		{ "owner", "hello", "", "", NULL, BLOCK_MISSING, "contact.owner" },
		{ "owner", "hello", "", NULL, NULL, BLOCK_MISSING, "contact.owner" },
		{ "enroller", "hello", "bob", NULL, "bob", BLOCK_NONE, "" },
		{ "enroller", "hello", "tester", NULL, NULL, BLOCK_SETTINGS, "the enroller tester has no 'mailbox' in the Team document" },
		{ "enroller", "hello", "gone", NULL, NULL, BLOCK_SETTINGS, "the enroller gone is no member in the Team document" },
		{ "enroller", "hello", "", "bob", "bob", BLOCK_NONE, "" },
		{ "enroller", "hello", "", NULL, NULL, BLOCK_SETTINGS,
		  "it began by itself: no enroller, no owner with a mailbox, and the team has none" },
	};
	struct fixture *f = *state;
	struct contact c;
	struct world *w = NULL;

	apply_team(f, "", ", bob: {mailbox: bob}");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct step st = { .verb = VERB_EMAIL, .mailbox = rows[i].step };
		struct traveller t = { .arena = &f->arena };
		struct hurdle h = { BLOCK_NONE, "" };
		const char *from;

		find(f, "anna@example.org", &w, &c);
		if (rows[i].owner)
			contact_put(&c, &f->arena, "owner", rows[i].owner);
		t.world = w;
		t.contact = c;
		t.run.mailbox = rows[i].run;
		t.run.enroller = rows[i].enroller;
		from = sender_of_step(&t, &st, &h);
		assert_string_equal(from ? from : "-", rows[i].from ? rows[i].from : "-");
		assert_int_equal(h.reason, rows[i].reason);
		assert_string_equal(h.text, rows[i].text);
	}
}

/* Where a limit, a closed calendar or trouble puts the first mail off, it is said when it goes. */
static void when_the_first_mail_goes(void **state)
{
	struct enroll_report r;
	struct fixture *f = *state;

	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/hello\nlimit: {per_hour: 1}\n"
	                 "---\nkind: Pipeline\nname: p\nsteps: [{email: {subject: S, text: x}}]\n"
	                 "---\nkind: Pipeline\nname: notes\nsteps: [{note: n}]\n"
	                 "---\nkind: Pipeline\nname: q\nsteps: [{email: {subject: S, text: x}}]\n");
	enroll(f, "anna@example.org", "p", &r);
	assert_int_equal(r.first.at, f->e.now);
	enroll(f, "anna@example.org", "q", &r);
	assert_true(r.first.at > f->e.now);
	assert_string_equal(r.moved, "limit");
	enroll(f, "anna@example.org", "notes", &r);
	assert_null(r.first.step);
}

static void a_pool_gives_each_person_always_the_same(void **state)
{
	struct fixture *f = *state;
	int from_hello = 0;
	struct world *w = NULL;
	struct contact c;

	fixture_apply(f, "kind: Pipeline\nname: p\nmailbox: [hello, bob]\nsteps: [{email: {subject: S, text: x}}]\n");
	find(f, "anna@example.org", &w, &c);
	for (int i = 0; i < 40; i++) {
		const char *from;

		c.folded = arena_printf(&f->arena, "p%d@example.org", i);
		from = sender_of_pipeline(w, world_pipeline(w, "p"), &c, NULL);
		assert_ptr_equal(from, sender_of_pipeline(w, world_pipeline(w, "p"), &c, "tester"));
		from_hello += strcmp(from, "hello") == 0;
	}
	assert_in_range(from_hello, 8, 32);
}

static void a_team_without_a_mailbox(void **state)
{
	struct fixture *f = *state;
	struct enroll_report r;
	struct world *w = NULL;
	struct contact c;

	apply_team(f, "", "");
	fixture_apply(f, "kind: Pipeline\nname: p\nsteps: [{note: n}, {email: {subject: S, text: x}}]\n"
	                 "---\nkind: Pipeline\nname: q\nmailbox: enroller\nsteps: [{email: {subject: S, text: x}}]\n"
	                 "---\nkind: Pipeline\nname: notes\nsteps: [{note: n}]\n"
	                 "---\nkind: Pipeline\nname: own\nsteps: [{email: {subject: S, text: x}, mailbox: bob}]\n");
	find(f, "anna@example.org", &w, &c);
	assert_null(sender_of_pipeline(w, world_pipeline(w, "p"), &c, NULL));
	assert_string_equal(sender_problem(w, world_pipeline(w, "p"), &c, "", &f->arena),
	                    "no mailbox to send from: give the pipeline or the team a `mailbox`");
	assert_string_equal(sender_problem(w, world_pipeline(w, "q"), &c, "", &f->arena),
	                    "nobody enrolled this contact, no owner has a mailbox, and the team has none");
	enroll(f, "anna@example.org", "p", &r);
	assert_int_equal(r.result.how, ENROLL_NO_MAILBOX);
	enroll(f, "anna@example.org", "notes", &r);
	assert_int_equal(r.result.how, ENROLL_STARTED);
	enroll(f, "anna@example.org", "own", &r);
	assert_int_equal(r.result.how, ENROLL_STARTED);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_second_event_does),
		T(who_was_in_it_may_come_again),
		T(one_pipeline_starts_the_other),
		T(what_enroll_answers),
		T(senders_and_what_they_lack),
		T(senders_of_a_step_and_what_stands_in_the_way),
		T(when_the_first_mail_goes),
		T(a_pool_gives_each_person_always_the_same),
		T(a_team_without_a_mailbox),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
