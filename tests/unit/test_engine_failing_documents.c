#include "failing_scene.h"

#include "apply/apply.h"
#include "base/buf.h"

#include <string.h>

/* Documents that are damaged, lost, or wrong since before: what that means for others, and for those that are applied. */

/* Whoever changes something else is not asked to mend it, and is told what he breaks himself. */
static void what_was_wrong_already_is_nobodys_fault(void **state)
{
	struct fixture *f = *state;

	change(f, "DELETE FROM document WHERE name = 'note'");
	change(f, "UPDATE team SET generation = generation + 1");
	look_anew(f);
	fixture_apply(f, "kind: Fields\nname: contact\nfields: {plan: text, renewal: date, size: number}\nevents: {order.placed: {total: number}}\n");
	assert_int_equal(count(f, "document WHERE name = 'contact' AND body LIKE '%size%'"), 1);
}

/* What is wrong with documents when this one is applied, or the pipeline or template of this name is deleted. */
static int try_documents(struct fixture *f, const char *yaml, enum doc_kind kind, const char *gone, const char **ret_problems, struct err *err)
{
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	BUF_AUTO out = BUF_INIT(1 << 16);
	APPLY_AUTO ap = { 0 };
	int got;

	*ret_problems = "";
	if (apply_begin(&ap, &f->e, &who, err) < 0)
		return -1;
	if (yaml)
		apply_add(&ap, "x.yaml", yaml, strlen(yaml), NULL);
	if (gone && apply_add_delete(&ap, kind, gone, err) < 0)
		return -1;
	got = apply_check(&ap, false, err);
	if (got > 0)
		got = apply_plan_stragglers(&ap, err) < 0 || apply_commit(&ap, err) < 0 ? -1 : 1;
	diags_print(&ap.author.diags, &out);
	*ret_problems = arena_strdup(&f->arena, out.len ? out.s : "");
	return got;
}

/* Of two that are alike one is wrong already, and one becomes so: that one is told, and no more. What is no error is no matter. */
static void what_becomes_wrong_is_told(void **state)
{
	static const char *const documents = "kind: Pipeline\nname: x1\nmailbox: free\nsteps: [{email: note}]\n"
					     "---\nkind: Pipeline\nname: x2\nmailbox: free\nsteps: [{email: news}]\n"
					     "---\nkind: Template\nname: news\nsubject: N\ntext: n\n"
					     "---\nkind: Pipeline\nname: x3\nmailbox: free\nsteps: [{exit: over}, {note: never}]\n";
	struct fixture *f = *state;
	const char *problems;
	struct err err = ERR_INIT;

	fixture_apply(f, documents);
	change(f, "DELETE FROM document WHERE name = 'note'");
	change(f, "UPDATE team SET generation = generation + 1");
	look_anew(f);
	assert_int_equal(try_documents(f, NULL, DOC_TEMPLATE, "news", &problems, &err), 0);
	assert_string_equal(problems, "pipeline/x2:5:12: error: there is no Template 'news'\n");
	assert_int_equal(count(f, "document WHERE name = 'news'"), 1);
}

/* It can be deleted, which mends it, unless something needs it; nothing else can be applied meanwhile. */
static void a_document_that_is_damaged_can_be_deleted(void **state)
{
	struct fixture *f = *state;
	const char *problems;
	struct err err = ERR_INIT;

	fixture_apply(f, "kind: Template\nname: spare\nsubject: S\ntext: s\n---\nkind: Template\nname: other\nsubject: O\ntext: o\n");
	change(f, "UPDATE document SET body = '{ ' || body WHERE name IN ('spare', 'note')");
	look_anew(f);
	assert_int_equal(try_documents(f, NULL, DOC_TEMPLATE, "other", &problems, &err), -1);
	assert_non_null(strstr(err.text, "template/note: stored document"));
	assert_int_equal(try_documents(f, "kind: Template\nname: note\nsubject: S\ntext: s\n", DOC_TEMPLATE, "spare", &problems, &err), -1);
	assert_non_null(strstr(err.text, "template/note: stored document"));
	change(f, "UPDATE document SET body = substr(body, 3) WHERE name = 'note'");
	look_anew(f);
	assert_int_equal(try_documents(f, NULL, DOC_TEMPLATE, "spare", &problems, &err), 1);
	assert_int_equal(count(f, "document WHERE name = 'spare'"), 0);
	change(f, "UPDATE document SET body = '{ ' || body WHERE name = 'note'");
	look_anew(f);
	assert_int_equal(try_documents(f, NULL, DOC_TEMPLATE, "note", &problems, &err), -1);
	assert_non_null(strstr(err.text, "template/note: stored document"));
	change(f, "UPDATE document SET body = '{ ' || body WHERE kind = 'Team'");
	look_anew(f);
	assert_int_equal(try_documents(f, NULL, DOC_TEMPLATE, "note", &problems, &err), -1);
	assert_non_null(strstr(err.text, "stored document"));
}

/* Neither a new text nor the same one can tell what becomes of those who follow it. */
static void a_version_that_is_lost_cannot_be_followed_up(void **state)
{
	static const char *const texts[] = { "kind: Pipeline\nname: holes\nmailbox: free\nsteps: [{note: n}]\n",
					     "kind: Pipeline\nname: holes\nmailbox: free\nsteps: [{email: note}]\n" };
	struct fixture *f = *state;
	const char *problems;
	struct err err = ERR_INIT;

	change(f, "DELETE FROM document_version WHERE document IN (SELECT id FROM document WHERE name = 'holes')");
	look_anew(f);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(try_documents(f, texts[i], DOC_PIPELINE, NULL, &problems, &err), -1);
		assert_non_null(strstr(err.text, "pipeline 'holes' has no version 1"));
	}
	fixture_apply(f, "kind: Pipeline\nname: far\nmailbox: far\nsteps: [{note: n}]\n");
	change(f, "DELETE FROM document_version WHERE version = 1 AND document IN (SELECT id FROM document WHERE name = 'far')");
	look_anew(f);
	assert_int_equal(try_documents(f, "kind: Pipeline\nname: far\nmailbox: far\nsteps: [{note: n}]\n", DOC_PIPELINE, NULL, &problems, &err), -1);
	assert_string_equal(err.text, "the pipeline's version 1 is not stored");
}

/* Who is not there any more is not stopped, and is in nobody's way. */
static void a_pipeline_of_contacts_that_are_gone_is_deleted(void **state)
{
	struct fixture *f = *state;
	const char *problems;
	struct err err = ERR_INIT;

	change(f, "UPDATE run SET contact = contact + 987654 WHERE id IN (SELECT max(r.id) FROM run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'two')");
	assert_int_equal(try_documents(f, NULL, DOC_PIPELINE, "two", &problems, &err), 1);
	assert_int_equal(count(f, "run WHERE status = 'stopped' AND reason = 'manual'"), 3);
	fixture_tick(f, f->e.now + DAY);
	assert_int_equal(count(f, "document WHERE name = 'two'"), 0);
}

/* In its present text and among its versions: it is the same, and no document. */
static void a_document_that_is_none_any_more_is_told(void **state)
{
	static const struct {
		const char *name, *change;
	} cases[] = { { "desk", "body = '{ ' || body" }, { "note", "body = '{ ' || body" }, { "desk", "body = 'name: desk'" } };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *name = cases[i].name;
		const char *body = fixture_text(f, arena_printf(&f->arena, "SELECT body FROM document WHERE name = '%s'", name));
		struct err err = ERR_INIT;
		struct world *w;

		change(f, arena_printf(&f->arena, "UPDATE document SET %s WHERE name = '%s'", cases[i].change, name));
		change(f, arena_printf(&f->arena, "UPDATE document_version SET body = (SELECT body FROM document d WHERE d.id = document) WHERE"
		                                  " document = (SELECT id FROM document WHERE name = '%s')", name));
		look_anew(f);
		assert_int_equal(load_world(f, &w, &err), -1);
		assert_non_null(strstr(err.text, name));
		change(f, arena_printf(&f->arena, "UPDATE document SET body = '%s' WHERE name = '%s'", body, name));
		change(f, arena_printf(&f->arena, "UPDATE document_version SET body = '%s' WHERE document = (SELECT id FROM document WHERE name = '%s')", body, name));
	}
	look_anew(f);
	look_at_all(f);
}

/* The document is well, and the version of it that people follow is not: its text, or what its steps are numbered by. */
static void a_version_that_is_none_any_more_is_told(void **state)
{
	static const char *const changes[] = { "body = '{ ' || body", "steps = 'x'" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct err err = ERR_INIT;
		struct world *w;

		const char *of = "document = (SELECT id FROM document WHERE name = 'desk')";
		const char *body = fixture_text(f, arena_printf(&f->arena, "SELECT body FROM document_version WHERE %s", of));
		const char *steps = fixture_text(f, arena_printf(&f->arena, "SELECT steps FROM document_version WHERE %s", of));

		change(f, arena_printf(&f->arena, "UPDATE document_version SET %s WHERE %s", changes[i], of));
		look_anew(f);
		assert_int_equal(load_world(f, &w, &err), -1);
		assert_true(*err.text != '\0');
		change(f, arena_printf(&f->arena, "UPDATE document_version SET body = '%s', steps = '%s' WHERE %s", body, steps, of));
	}
	look_anew(f);
	look_at_all(f);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, scene_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(what_was_wrong_already_is_nobodys_fault),
		T(what_becomes_wrong_is_told),
		T(a_document_that_is_damaged_can_be_deleted),
		T(a_version_that_is_lost_cannot_be_followed_up),
		T(a_pipeline_of_contacts_that_are_gone_is_deleted),
		T(a_document_that_is_none_any_more_is_told),
		T(a_version_that_is_none_any_more_is_told),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
