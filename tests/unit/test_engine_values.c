#include "fixture.h"

#include "apply/apply.h"
#include "base/buf.h"
#include "engine/message.h"
#include "people/people.h"
#include "rehearse/trial.h"

#include <string.h>

/* What may be written into fields and tags, and what templates make of it. */

enum { DAY = 86400 };

static const char fields[] =
	"kind: Fields\nname: contact\nfields: {employees: number, ratio: number, vip: yes_no, tools: list, plan: text, a: text, ab: text, b: text}\n"
	"events: {order.placed: {total: number}}\n";

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, fields);
	*state = &f;
	return 0;
}

static struct world *load_world(struct fixture *f)
{
	struct world *w = NULL;

	OK(engine_world(&f->e, f->team, &w, &err));
	return w;
}

static void assert_assigned(struct fixture *f, const char *assignment, const char *problem)
{
	struct person p = { 0 };
	struct err err = ERR_INIT;
	int got = person_assign(&p, load_world(f), assignment, &f->arena, &err);

	if (problem && got == 0)
		fail_msg("'%s' is taken", assignment);
	if (!problem && got < 0)
		fail_msg("'%s': %s", assignment, err.text);
	if (problem && !strstr(err.text, problem))
		fail_msg("'%s': '%s', not '%s'", assignment, err.text, problem);
}

static void what_a_field_takes(void **state)
{
	static const struct {
		const char *assignment, *problem; /* NULL: it is taken */
	} rows[] = {
		{ "lang=de", NULL },
		{ "lang=de-AT", NULL },
		{ "lang=zh-Hant-TW", NULL },
		{ "lang=d", "'lang' must be a language such as de or de-AT, not 'd'" },
		{ "lang=germ", "'lang' must" },
		{ "lang=de-", "'lang' must" },
		{ "lang=de--AT", "'lang' must" },
		{ "lang=1e", "'lang' must" },
		{ "lang=de-A_", "'lang' must" },
		{ "lang=de-abcdefghi", "'lang' must" },
		{ "timezone=Europe/Berlin", NULL },
		{ "timezone=America/New_York", NULL },
		{ "timezone=Europe/Berlinn", "no time zone 'Europe/Berlinn'; did you mean 'Europe/Berlin'?" },
		{ "lifecycle=anything", NULL },
		{ "owner=tester", NULL },
		{ "owner=testre", "no member 'testre' in team 'sales'; did you mean 'tester'?" },
		{ "kind=", "'kind' is lead or contact, it cannot be cleared" },
		{ "employees=many", "employees" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_assigned(f, rows[i].assignment, rows[i].problem);
	fixture_apply(f, "kind: Team\nname: sales\nlifecycle: [lead, customer]\nmembers: {tester: {role: admin}}\n");
	assert_assigned(f, "lifecycle=customer", NULL);
	assert_assigned(f, "lifecycle=custmer", "no lifecycle stage 'custmer'; did you mean 'customer'?");
	assert_assigned(f, "lifecycle=zzz", "no lifecycle stage 'zzz' in the Team document");
}

static void what_is_said_twice_counts_once(void **state)
{
	struct fixture *f = *state;
	struct person p = { 0 };

	OK(person_assign(&p, load_world(f), "plan=free", &f->arena, &err));
	OK(person_assign(&p, load_world(f), "a=1", &f->arena, &err));
	OK(person_assign(&p, load_world(f), "plan=pro", &f->arena, &err));
	assert_int_equal(p.n_values, 2);
	assert_string_equal(p.values[0].value, "pro");
	OK(person_tag(&p, "fair", &f->arena, &err));
	OK(person_tag_list(&p, "fair, trial ,, vip  ", &f->arena, &err));
	assert_int_equal(p.tags.n, 3);
	assert_string_equal(p.tags.v[1], "trial");
	assert_string_equal(p.tags.v[2], "vip");
}

static void what_a_tag_is(void **state)
{
	static const struct {
		const char *tag, *problem;
	} rows[] = {
		{ "", "a tag cannot be empty" },
		{ " x", "a tag has no comma, and no blank around it" },
		{ "x ", "a tag has no comma, and no blank around it" },
		{ "a,b", "a tag has no comma, and no blank around it" },
		{ "a\nb", "a tag has no control character and is UTF-8" },
		{ "a\xff", "a tag has no control character and is UTF-8" },
	};
	struct fixture *f = *state;
	struct person p = { 0 };
	char big[1000];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(person_tag(&p, rows[i].tag, &f->arena, &err), -1);
		assert_non_null(strstr(err.text, rows[i].problem));
	}
	memset(big, 'x', sizeof big);
	big[sizeof big - 1] = '\0';
	struct err err = ERR_INIT;
	assert_int_equal(person_tag_list(&p, arena_printf(&f->arena, "good, %s", big), &f->arena, &err), -1);
	assert_non_null(strstr(err.text, "a tag has at most"));
	assert_int_equal(p.tags.n, 1);
}

static void why_nothing_goes_to_an_address(void **state)
{
	struct err err = ERR_INIT;
	unsigned bits;
	(void)state;

	assert_int_equal(suppression_parse("bounced, unsubscribed", &bits, &err), 0);
	assert_int_equal(bits, SUPPRESS_BOUNCED | SUPPRESS_UNSUBSCRIBED);
	assert_int_equal(suppression_parse("complained", &bits, &err), 0);
	assert_int_equal(bits, SUPPRESS_COMPLAINED);
	assert_int_equal(suppression_parse("bounced, nonsense", &bits, &err), -1);
	assert_string_equal(err.text, "'nonsense' is none of: unsubscribed, bounced, complained");
}

static const char *run_says(struct fixture *f)
{
	return fixture_text(f, "SELECT status || ' ' || reason || ': ' || reason_text FROM run ORDER BY id DESC LIMIT 1");
}

static void enter(struct fixture *f, const char *lines)
{
	static int n;
	const char *name = arena_printf(&f->arena, "p%d", ++n);

	fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: %s\n%s", name, lines));
	assert_true(fixture_enroll(f, name, "anna@example.org", NULL) > 0);
}

static void values_come_as_what_they_are(void **state)
{
	struct fixture *f = *state;
	const char *mail;

	fixture_apply(f, "kind: Mailbox\nname: plain\nfrom: plain@example.com\nmaildir: FOLDER/plain\nunsubscribe_to: out@example.com\n");
	fixture_add(f, "anna@example.org", "employees", "12", "ratio", "1.5", "vip", "yes", "tools", "[\"saw\",\"axe\"]", "plan", "pro", NULL);
	enter(f, "mailbox: plain\nsteps:\n  - email:\n      subject: Values\n      text: |\n"
	         "        {{ contact.employees | plus: 1 }} {{ contact.ratio | times: 2 }} {% if contact.vip %}VIP{% endif %}\n"
	         "        {{ contact.tools | join: '+' }} {{ contact.plan }}\n"
	         "        run {{ run.id }} {{ team.name }} {{ team.timezone }} {{ sender.name }} {{ sender.email }}\n"
	         "        {{ unsubscribe_url }}\n");
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(run_says(f), "completed : ");
	mail = fixture_mail_with(f, "plain", "Values");
	assert_non_null(mail);
	assert_non_null(strstr(mail, "13 3.0 VIP"));
	assert_non_null(strstr(mail, "saw+axe pro"));
	assert_non_null(strstr(mail, "sales Europe/Berlin plain@example.com plain@example.com"));
	assert_non_null(strstr(mail, "mailto:out@example.com?subject=3Dunsubscribe"));
}

/* A type that changed leaves values behind that are none of it: they are texts. */
static void values_of_an_older_type_are_texts(void **state)
{
	struct fixture *f = *state;
	const char *mail;

	fixture_add(f, "anna@example.org", "plan", "12b", "a", "no list", "b", "old", NULL);
	fixture_apply(f, "kind: Fields\nname: contact\nfields: {plan: number, a: list}\n");
	enter(f, "steps:\n  - email: {subject: Older, text: \"<{{ contact.plan }}> <{{ contact.a }}>\"}\n");
	fixture_tick(f, MONDAY_9AM);
	mail = fixture_mail_with(f, "hello", "Older");
	assert_non_null(mail);
	assert_non_null(strstr(mail, "<12b> <no list>"));
}

static void all_that_is_missing_is_listed(void **state)
{
	struct fixture *f = *state;

	fixture_add(f, "anna@example.org", NULL);
	enter(f, "steps:\n  - email: {subject: \"{{ contact.a }}\", text: \"{{ contact.ab }} {{ contact.b }} {{ contact.a }}\"}\n"
	         "  - email: {subject: Two, text: \"{{ contact.plan }}\"}\n    mailbox: owner\n");
	assert_string_equal(run_says(f), "blocked missing: contact.a, contact.ab, contact.b, contact.plan, contact.owner");
}

static void a_template_that_fails_blocks(void **state)
{
	struct fixture *f = *state;

	fixture_add(f, "anna@example.org", "employees", "0", NULL);
	enter(f, "steps:\n  - email: {subject: Share, text: \"{{ 100 | divided_by: contact.employees }}\"}\n    after: 1 hour\n");
	fixture_tick(f, MONDAY_9AM + DAY / 12);
	assert_non_null(strstr(run_says(f), "blocked template: line 1: "));
	enter(f, "steps:\n  - note: \"{{ 100 | divided_by: contact.employees }}\"\n");
	fixture_tick(f, MONDAY_9AM + DAY / 12);
	assert_non_null(strstr(run_says(f), "blocked template: line 1: "));
	enter(f, "steps:\n  - task: \"{{ 100 | divided_by: contact.employees }}\"\n");
	fixture_tick(f, MONDAY_9AM + DAY / 12);
	assert_non_null(strstr(run_says(f), "blocked template: line 1: "));
	enter(f, "steps:\n  - set: {plan: \"{{ 100 | divided_by: contact.employees }}\"}\n");
	fixture_tick(f, MONDAY_9AM + DAY / 12);
	assert_non_null(strstr(run_says(f), "blocked template: line 1: "));
	enter(f, "steps:\n  - set: {employees: \"{{ contact.email }}\"}\n");
	fixture_tick(f, MONDAY_9AM + DAY / 12);
	assert_non_null(strstr(run_says(f), "blocked template: set employees: "));
}

/* Who follows an old version of the steps may need what the newest does not name any more. */
static void a_template_that_went_blocks(void **state)
{
	struct apply_caller who = { .team_name = "sales", .role = ROLE_ADMIN };
	struct fixture *f = *state;
	APPLY_AUTO ap = { 0 };

	fixture_add(f, "anna@example.org", NULL);
	fixture_apply(f, "kind: Template\nname: gone\nsubject: Gone\ntext: x\n"
	                 "---\nkind: Pipeline\nname: old\nsteps: [{email: gone, after: 1 day}, {note: n}]\n");
	assert_true(fixture_enroll(f, "old", "anna@example.org", NULL) > 0);
	fixture_apply(f, "kind: Pipeline\nname: old\nsteps: [{wait: 1 day}, {note: n}]\n");
	who.team = f->team;
	OK(apply_begin(&ap, &f->e, &who, &err));
	OK(apply_add_delete(&ap, DOC_TEMPLATE, "gone", &err));
	OK(apply_check(&ap, false, &err));
	OK(apply_commit(&ap, &err));
	fixture_tick(f, MONDAY_9AM + DAY);
	assert_string_equal(run_says(f), "blocked template: there is no template 'gone' any more");
}

static const char *try_out(struct fixture *f, const char *template, const char *as)
{
	struct trial how = { .to = "me@example.com", .account = "tester" };
	struct err why = ERR_INIT;
	struct trial_mail *mails;
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w = load_world(f);
	int got;

	if (as) {
		OK(people_find(&f->e, w, as, &f->arena, &c, &err));
		how.as = &c;
	}
	OK(txn_begin(&t, f->db, &err));
	got = template ? trial_template(&f->e, w, template_of_name(w, template), &how, &f->arena, &mails, &why)
	               : trial_pipeline(&f->e, w, world_pipeline(w, "tried"), &how, &f->arena, &mails, &why);
	txn_release(&t);
	return got < 0 ? arena_strdup(&f->arena, why.text) : "";
}

static void what_a_test_mail_lacks(void **state)
{
	struct fixture *f = *state;

	fixture_add(f, "anna@example.org", "plan", "pro", NULL);
	fixture_apply(f, "kind: Fields\nname: contact\nfields: {plan: text, a: text, renewal: date}\n---\nkind: Template\nname: lacking\nsubject: L\ntext: \"{{ contact.a }}\"\n"
	                 "---\nkind: Template\nname: failing\nsubject: F\ntext: \"{{ 1 | divided_by: 0 }}\"\n"
	                 "---\nkind: Template\nname: fine\nsubject: F\ntext: \"{{ contact.plan | default: 'none' }}\"\n"
	                 "---\nkind: Template\nname: dated\nsubject: D\ntext: \"Until {{ contact.renewal }}\"\n"
	                 "---\nkind: Pipeline\nname: tried\nsteps: [{note: n}, {email: fine}, {email: lacking}]\n");
	assert_string_equal(try_out(f, "fine", NULL), "");
	assert_string_equal(try_out(f, "fine", "anna@example.org"), "");
	assert_non_null(strstr(try_out(f, "lacking", "anna@example.org"), "mail 'lacking' lacks contact.a; choose another contact with --as ADDR"));
	assert_non_null(strstr(try_out(f, "dated", NULL), "mail 'dated' lacks contact.renewal; choose a contact that has it with --as ADDR"));
	assert_non_null(strstr(try_out(f, "failing", NULL), "mail 'failing': line 1: "));
	assert_non_null(strstr(try_out(f, NULL, "anna@example.org"), "mail 'lacking' lacks contact.a; choose another contact"));
	fixture_apply(f, "kind: Team\nname: sales\nmembers: {tester: {role: admin}}\n");
	assert_non_null(strstr(try_out(f, NULL, "anna@example.org"), "no mailbox"));
	assert_non_null(strstr(try_out(f, "fine", "anna@example.org"), "no mailbox"));
}

static void answers_name_all_they_answer(void **state)
{
	struct fixture *f = *state;
	const char *mail;

	fixture_add(f, "anna@example.org", NULL);
	enter(f, "steps:\n  - email: {subject: First, text: x}\n    id: one\n"
	         "  - email: {subject: Second, text: x}\n    thread: previous\n    id: two\n    after: 1 day\n"
	         "  - email: {subject: Third, text: x}\n    thread: one\n    id: three\n    after: 1 day\n"
	         "  - email: {subject: Fourth, text: fourth}\n    thread: previous\n    after: 1 day\n");
	for (int day = 0; day < 4; day++)
		fixture_tick(f, MONDAY_9AM + day * DAY);
	assert_int_equal(fixture_mails(f, "hello"), 4);
	mail = fixture_mail_with(f, "hello", "fourth");
	assert_non_null(mail);
	assert_non_null(strstr(mail, "Subject: Re: First\n"));
	assert_non_null(strstr(mail, "In-Reply-To: <"));
	mail = strstr(mail, "References: <");
	assert_non_null(mail);
	for (int n = 0; n < 2; n++) {
		mail = strchr(mail + 1, '<');
		assert_non_null(mail);
	}
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(what_a_field_takes),
		T(what_is_said_twice_counts_once),
		T(what_a_tag_is),
		T(why_nothing_goes_to_an_address),
		T(values_come_as_what_they_are),
		T(values_of_an_older_type_are_texts),
		T(all_that_is_missing_is_listed),
		T(a_template_that_fails_blocks),
		T(a_template_that_went_blocks),
		T(what_a_test_mail_lacks),
		T(answers_name_all_they_answer),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
