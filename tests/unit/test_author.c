#include "author_documents.h"

#include "author/schema.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#define LIMIT ((size_t)4 << 20)

/* Everything that is wrong with some files, as text; the author is kept for a look. */
struct check {
	struct author au;
	struct buf out;
	int status;
};

static void check_done(struct check *c)
{
	author_release(&c->au);
	buf_release(&c->out);
}
#define CHECK_AUTO PW_CLEANUP(check_done) struct check

static void check_begin(struct check *c)
{
	author_init(&c->au);
	buf_init(&c->out, LIMIT);
}

static void check_end(struct check *c)
{
	c->status = author_check(&c->au);
	diags_print(&c->au.diags, &c->out);
}

static void check_text(struct check *c, const char *yaml)
{
	check_begin(c);
	author_load(&c->au, "x.yaml", yaml, strlen(yaml));
	check_end(c);
	if (c->status < 0)
		fail_msg("%s\n%s", c->out.s, yaml);
}

#define TEMPLATES "---\nkind: Template\nname: a\nsubject: S\ntext: T\n---\nkind: Template\nname: b\nsubject: S\ntext: T\n"

static void test_flow(void **state)
{
	static const char yaml[] =
		"kind: Pipeline\nname: p\nsteps:\n"
		"  - email: a\n"                    /* 0 */
		"  - if: {tag: t}\n"                /* 1 */
		"    then:\n"
		"      - tag: x\n"                  /* 2 */
		"      - if: replied\n"             /* 3 */
		"        else:\n"
		"          - exit: done\n"          /* 4 */
		"    else:\n"
		"      - wait: 1 day\n"             /* 5 */
		"      - {untag: x, after: 2 h}\n"  /* 6 */
		"  - {email: b, thread: a}\n"       /* 7 */
		TEMPLATES;
	static const struct {
		int next, then_first, else_first, parent, depth;
		bool in_else, certain;
		const char *name;
	} wanted[] = {
		{ 1, -1, -1, -1, 0, false, true, "a" },     { 7, 2, 5, -1, 0, false, true, "if 2" },
		{ 3, -1, -1, 1, 1, false, false, "tag 3" },  { 7, 7, 4, 1, 1, false, false, "if 4" },
		{ -1, -1, -1, 3, 2, true, false, "exit 5" }, { 6, -1, -1, 1, 1, true, false, "wait 6" },
		{ 7, -1, -1, 1, 1, true, false, "untag 7" }, { -1, -1, -1, -1, 0, false, false, "b" },
	};
	CHECK_AUTO c;
	const struct pipeline *p;

	(void)state;
	check_text(&c, yaml);
	p = c.au.docs[0]->pipeline;
	assert_int_equal(p->n_steps, ARRAY_LEN(wanted));
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct step *s = &p->steps[i];

		assert_int_equal(s->next, wanted[i].next);
		assert_int_equal(s->then_first, wanted[i].then_first);
		assert_int_equal(s->else_first, wanted[i].else_first);
		assert_int_equal(s->parent, wanted[i].parent);
		assert_int_equal(s->depth, wanted[i].depth);
		assert_int_equal(s->in_else, wanted[i].in_else);
		assert_int_equal(pipeline_step_certain(p, (int)i), wanted[i].certain);
		assert_string_equal(s->name, wanted[i].name);
	}
	assert_int_equal(p->steps[6].after.seconds, 7200);
	assert_string_equal(p->steps[7].thread, "a");
	assert_int_equal(p->steps[6].line, 13);
	assert_true(pipeline_sends(p));
	assert_int_equal(pipeline_find_step(p, "wait 6"), 5);
}

static void test_step_contents(void **state)
{
	static const char yaml[] =
		"kind: Pipeline\nname: p\nsteps:\n"
		"  - {email: {subject: S, text: T, html: H}, id: first, mailbox: m, hours: always, comment: why}\n"
		"  - wait: {until: tue 09:00}\n"
		"  - wait: {until: {field: last_name, before: 3 days}}\n"
		"  - set: {company: ACME, phone: '', source: \"{{ event.from }}\"}\n"
		"  - note: \"{{ contact.email }}\"\n"
		"  - tag: [a, b]\n";
	ARENA_AUTO a = { 0 };
	const struct step *s = document_of(&a, yaml)->pipeline->steps;

	(void)state;
	assert_null(s[0].template);
	assert_string_equal(s[0].inline_template->texts[0].html, "H");
	assert_string_equal(s[0].mailbox, "m");
	assert_string_equal(s[0].hours, "always");
	assert_string_equal(s[0].comment, "why");
	assert_int_equal(s[1].until->kind, UNTIL_WEEKDAY);
	assert_int_equal(s[1].until->at, 540);
	assert_int_equal(s[2].until->kind, UNTIL_FIELD);
	assert_int_equal(s[2].until->date.before.days, 3);
	assert_int_equal(s[3].n_set, 3);
	assert_string_equal(s[3].set[0].field, "company");
	assert_string_equal(s[3].set[1].value, "");
	assert_string_equal(s[3].set[2].value, "{{ event.from }}");
	assert_string_equal(s[4].text, "{{ contact.email }}");
	assert_int_equal(s[5].tags.n, 2);
}

static void test_defaults(void **state)
{
	ARENA_AUTO a = { 0 };
	const struct pipeline *p = pipeline_of(&a, "  - wait: 0\n");
	const struct mailbox *m =
		document_of(&a, "kind: Mailbox\nname: m\nfrom: A B <a@example.com>\nsendmail: /usr/sbin/sendmail\n")->mailbox;

	(void)state;
	assert_true(p->active);
	assert_int_equal(p->priority, 5);
	assert_int_equal(p->purpose, PURPOSE_MARKETING);
	assert_int_equal(p->late.max.seconds, 86400);
	assert_int_equal(p->late.then, LATE_HOLD);
	assert_int_equal(p->enroll.again, AGAIN_NEVER);
	assert_int_equal(p->enroll.while_active, ACTIVE_IGNORE);
	assert_false(p->enroll.new_contacts || p->ignore_replied || p->ignore_converted || p->hours || p->n_stop);
	assert_int_equal(p->mailboxes.n, 0);
	assert_string_equal(m->from_name, "A B");
	assert_string_equal(m->from_address, "a@example.com");
	assert_int_equal(m->transport, MAILBOX_SENDMAIL);
	assert_int_equal(m->limit.connections, 4);
	assert_int_equal(m->limit.per_day, 0);
	assert_int_equal(m->in_doubt, IN_DOUBT_HOLD);
}

/* Whether somebody may enter again: of the start, else of enroll, else always for events and never for others. */
static void test_again(void **state)
{
	static const struct {
		const char *enroll;
		enum again of_start, of_enroll;
		int days;
	} cases[] = {
		{ "when: {tag: t}", AGAIN_NEVER, AGAIN_NEVER, 0 },
		{ "when: {event: order.placed}", AGAIN_ALWAYS, AGAIN_NEVER, 0 },
		{ "when: {all: [{tag: t}, {event: order.placed}]}", AGAIN_ALWAYS, AGAIN_NEVER, 0 },
		{ "when: replied", AGAIN_NEVER, AGAIN_NEVER, 0 },
		{ "again: never, when: {event: order.placed}", AGAIN_NEVER, AGAIN_NEVER, 0 },
		{ "when: [{event: order.placed, again: never}], again: always", AGAIN_NEVER, AGAIN_ALWAYS, 0 },
		{ "when: {tag: t, again: after 90 days}, again: always", AGAIN_AFTER, AGAIN_ALWAYS, 90 },
		{ "when: {tag: t}, again: after 1 week", AGAIN_AFTER, AGAIN_AFTER, 7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		const struct pipeline *p =
			document_of(&a, arena_printf(&a, "kind: Pipeline\nname: p\nenroll: {%s}\nsteps: [{wait: 0}]\n", cases[i].enroll))
				->pipeline;

		assert_int_equal(p->enroll.n_starts, 1);
		assert_int_equal(p->enroll.starts[0].again, cases[i].of_start);
		assert_int_equal(p->enroll.starts[0].again_after.days, cases[i].days);
		assert_int_equal(p->enroll.again, cases[i].of_enroll);
	}
}

static void test_templates(void **state)
{
	ARENA_AUTO a = { 0 };
	const struct template *t = document_of(&a, "kind: Template\nname: t\nsubject: Hi\ntext: Hello\nlanguages:\n"
	                                           "  de: {subject: Hallo}\n  de-AT: {html: <p>Servus}\n")->template;
	struct template_text text = template_for(t, "de-AT");

	(void)state;
	assert_string_equal(template_for(t, "fr").subject, "Hi");
	assert_string_equal(template_for(t, "de").subject, "Hallo");
	assert_string_equal(template_for(t, "de").text, "Hello");
	assert_string_equal(text.subject, "Hi");
	assert_string_equal(text.html, "<p>Servus");
	assert_null(text.text);
}

/* Names are looked up in their own team. */
static void test_teams(void **state)
{
	static const char yaml[] =
		"kind: Pipeline\nname: p\nteam: one\nsteps: [{email: t}]\n---\n"
		"kind: Pipeline\nname: p\nteam: two\nsteps: [{email: t}]\n---\n"
		"kind: Template\nname: t\nteam: one\nsubject: S\ntext: T\n---\n"
		"kind: Team\nname: two\nmailbox: m\n---\n"
		"kind: Mailbox\nname: m\nteam: one\nfrom: a@example.com\nmaildir: /m\n";
	CHECK_AUTO c;

	(void)state;
	check_begin(&c);
	author_load(&c.au, "x.yaml", yaml, strlen(yaml));
	check_end(&c);
	assert_string_equal(c.out.s, "x.yaml:9:17: error: there is no Template 't'\n"
	                             "x.yaml:19:10: error: there is no Mailbox 'm'\n");
	assert_ptr_equal(author_find(&c.au, DOC_PIPELINE, "p", "two"), c.au.docs[1]);
	assert_null(author_find(&c.au, DOC_PIPELINE, "p", "three"));
}

static void test_default_team(void **state)
{
	static const char yaml[] = "kind: Pipeline\nname: p\nsteps: [{email: t}]\n---\nkind: Template\nname: t\nteam: sales\n"
	                           "subject: S\ntext: T\n";
	CHECK_AUTO c;

	(void)state;
	check_begin(&c);
	c.au.team = "sales";
	author_load(&c.au, "x.yaml", yaml, strlen(yaml));
	check_end(&c);
	assert_string_equal(c.out.s, "");
	assert_string_equal(c.au.docs[0]->team, "sales");
	assert_null(strstr(c.au.docs[1]->text, "team"));
}

/* What was stored is read as what was written, values as they are stored included. */
static void test_stored(void **state)
{
	static const char yaml[] =
		"kind: Pipeline\nname: p\nsteps:\n"
		"  - if: {field: {size: {at_least: 007}, news: 'TRUE'}}\n    then: [{tag: a}]\n"
		"  - {wait: 90 minutes, after: 2d}\n---\n"
		"kind: Fields\nname: contact\nfields: {size: number, news: yes_no}\n";
	ARENA_AUTO a = { 0 };
	CHECK_AUTO c;
	const struct pipeline *written, *stored;

	(void)state;
	check_text(&c, yaml);
	written = c.au.docs[0]->pipeline;
	stored = document_of(&a, c.au.docs[0]->text)->pipeline;
	assert_string_equal(stored->steps[0].cond->kids[0]->tests[0].values.v[0], "7");
	assert_string_equal(written->steps[0].cond->kids[0]->tests[0].values.v[0], "7");
	assert_string_equal(written->steps[0].cond->kids[1]->tests[0].values.v[0], "yes");
	for (size_t i = 0; i < written->n_steps; i++) {
		assert_string_equal(written->steps[i].signature, stored->steps[i].signature);
		assert_string_equal(written->steps[i].body, stored->steps[i].body);
		assert_string_equal(written->steps[i].name, stored->steps[i].name);
	}
	assert_string_equal(stored->steps[2].signature, "wait: 1 hour 30 minutes\n");
	assert_string_equal(stored->steps[2].body, "wait: 1 hour 30 minutes\nafter: 2 days\n");
}

static void test_damaged(void **state)
{
	static const char *const texts[] = {
		"", "# nothing\n", "kind: Pipeline\n", "kind: Pipeline\nname: p\nsteps: [\n", "a\n", "kind: Segment\nname: s\n",
		"kind: Template\nname: a\nsubject: S\ntext: T\n---\nkind: Template\nname: b\nsubject: S\ntext: T\n",
		"kind: Pipeline\nname: p\nfuture: 1\nsteps: [{wait: 0}]\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		ARENA_AUTO a = { 0 };
		struct document d;
		struct err err = ERR_INIT;

		assert_int_equal(author_read(&a, texts[i], strlen(texts[i]), &d, &err), -1);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_true(strlen(err.text) > 10);
	}
}

static void explain_key(const struct schema_key *key, void *ctx)
{
	BUF_AUTO out = BUF_INIT(LIMIT);
	char path[200];

	snprintf(path, sizeof path, "%s.%s", key->table, key->name);
	if (strncmp(path, "mail.", 5) == 0) /* inline, under step.email */
		snprintf(path, sizeof path, "step.email.%s", key->name);
	if (schema_explain(path, &out) != 1 || !strstr(out.s, key->about) ||
	    (strstr(out.s, "not supported yet") == NULL && key->later))
		fail_msg("%s: %s", path, out.s);
	++*(int *)ctx;
}

static void test_explain(void **state)
{
	static const struct {
		const char *path, *wanted;
		int got;
	} cases[] = {
		{ "", "Pipeline", 1 },
		{ "pipeline", "Pipeline: ", 1 },
		{ "pipelines", "enroll", 1 },
		{ "Pipeline.enroll", "while_active", 1 },
		{ "Team.members.role", "member | admin", 1 },
		{ "events", "email.auto_replied", 1 },
		{ "placeholders", "unsubscribe_url", 1 },
		{ "steps.wait.until.field", "a field with a date", 1 },
		{ "Pipelin", "did you mean 'Pipeline'?", 0 },
		{ "Pipeline.enrol", "did you mean 'enroll'?", 0 },
		{ "Pipeline.name.x", "", 0 },
		{ "Pipeline.", "", 0 },
		{ ".", "", 0 },
	};
	int n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		BUF_AUTO out = BUF_INIT(LIMIT);
		int got = schema_explain(cases[i].path, &out);

		if (got != cases[i].got || !strstr(out.s, cases[i].wanted))
			fail_msg("%s: %d %s", cases[i].path, got, out.s);
	}
	schema_each_key(explain_key, &n);
	assert_true(n > 200);
}

static uint64_t seed;

static size_t draw(size_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(seed >> 33) % below;
}

/* Cuts a piece out of a text, or puts one from another place in. */
static void mutate(struct buf *b, const char *with, size_t with_len)
{
	BUF_AUTO rest = BUF_INIT(LIMIT);
	size_t at = draw(b->len + 1), cut = draw(20), from = draw(with_len), n = draw(20);

	if (cut > b->len - at)
		cut = b->len - at;
	if (n > with_len - from)
		n = with_len - from;
	buf_add(&rest, b->s + at + cut, b->len - at - cut);
	buf_truncate(b, at);
	buf_add(b, with + from, n);
	buf_add(b, rest.s, rest.len);
}

static void slurp(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char part[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(out, part, n);
	fclose(f);
}

/* Documents that are nearly right: no crash, and a canonical text is always its own. */
static void check_mutant(const struct buf *text)
{
	CHECK_AUTO once;
	BUF_AUTO out = BUF_INIT(LIMIT);

	check_begin(&once);
	once.au.validate = true;
	author_load(&once.au, "x.yaml", text->s, text->len);
	check_end(&once);
	assert_int_equal(once.status < 0, once.au.diags.errors > 0);
	for (size_t i = 0; once.status == 0 && i < once.au.n_docs; i++) {
		CHECK_AUTO twice;

		check_begin(&twice);
		twice.au.validate = true;
		author_load(&twice.au, "y.yaml", once.au.docs[i]->text, once.au.docs[i]->text_len);
		check_end(&twice);
		if (twice.status < 0)
			fail_msg("%s\n%s\n%s", text->s, once.au.docs[i]->text, twice.out.s);
		assert_string_equal(once.au.docs[i]->text, twice.au.docs[0]->text);
	}
}

static void test_mutants(void **state)
{
	BUF_AUTO all = BUF_INIT(LIMIT);
	char pattern[4096];
	glob_t files;

	(void)state;
	snprintf(pattern, sizeof pattern, "%s/tests/golden/documents/good/*.yaml", getenv("PW_TOP") ? getenv("PW_TOP") : ".");
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		slurp(files.gl_pathv[i], &all);
	for (size_t i = 0; i < 3000; i++) {
		BUF_AUTO text = BUF_INIT(LIMIT);

		seed = i;
		slurp(files.gl_pathv[draw(files.gl_pathc)], &text);
		for (size_t n = draw(4); n > 0; n--)
			mutate(&text, all.s, all.len);
		check_mutant(&text);
	}
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "S0.1 S4.16 S4.28 steps follow each other, branches join, every path ends", test_flow, NULL, NULL, NULL },
		{ "S0.2 S0.10 S0.11 S3.21 what a step says", test_step_contents, NULL, NULL, NULL },
		cmocka_unit_test(test_defaults),
		{ "B24 whether somebody may enter again", test_again, NULL, NULL, NULL },
		cmocka_unit_test(test_templates),
		{ "S0.23 names are looked up in their own team", test_teams, NULL, NULL, NULL },
		cmocka_unit_test(test_default_team),
		{ "B11 what is stored reads as what was written", test_stored, NULL, NULL, NULL },
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_mutants),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("author: documents become the model", tests, NULL, NULL);
}
