#include "fixture.h"

#include "store/db_private.h"

#include <string.h>

/* What is read together is of one moment: somebody else may commit between any two statements. */

#define PIPELINE "kind: Pipeline\nname: welcome\nmailbox: hello\nsteps: [{email: {subject: Hello, text: Good day.}}]\n"

struct intruder {
	struct fixture *f;
	int looks; /* statements that ask for documents */
	int at;    /* before this one the pipeline is deleted */
};

/* As another program does it. */
static void delete_pipeline(struct fixture *f)
{
	struct db *other;
	struct txn t = TXN_INIT;

	OK(db_open(f->db_path, DB_WRITE, &other, &err));
	OK(txn_begin(&t, other, &err));
	OK(db_exec(other, "DELETE FROM document_version WHERE kind = 'Pipeline'; DELETE FROM document WHERE kind = 'Pipeline';"
	                  "UPDATE team SET generation = generation + 1", &err));
	OK(txn_commit(&t, &err));
	db_close(other);
}

static int look(unsigned what, void *ctx, void *statement, void *text)
{
	struct intruder *i = ctx;

	(void)what;
	(void)statement;
	if (strstr(text, "FROM document") && ++i->looks == i->at)
		delete_pipeline(i->f);
	return 0;
}

static bool has_pipeline(struct fixture *f)
{
	struct world *w;

	engine_release(&f->e);
	engine_init(&f->e, f->db, MONDAY_9AM, "tester", "manual");
	OK(engine_world(&f->e, f->team, &w, &err));
	return world_pipeline(w, "welcome") != NULL;
}

static void documents_are_of_one_moment(void **state)
{
	struct fixture *f = *state;
	struct intruder i = { .f = f };

	fixture_apply(f, PIPELINE);
	sqlite3_trace_v2(f->db->handle, SQLITE_TRACE_STMT, look, &i);
	assert_true(has_pipeline(f));
	assert_true(i.looks > 3);
	for (int n = i.looks; n > 0; n--) {
		fixture_apply(f, PIPELINE);
		i = (struct intruder){ .f = f, .at = n };
		(void)has_pipeline(f); /* still, or no longer, but nothing is damaged */
		assert_int_equal(fixture_number(f, "SELECT count(*) FROM document WHERE kind = 'Pipeline'"), 0);
		i.at = 0;
		assert_false(has_pipeline(f));
	}
	sqlite3_trace_v2(f->db->handle, 0, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(documents_are_of_one_moment, fixture_setup, fixture_teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
