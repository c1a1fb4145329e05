/* What is kept of mails: one copy of what all share (S2.40). */

#include "store_fixture.h"

#include "store/db_private.h"
#include "store/message_store.h"

#define TEXT "This is what the author wrote, in many words, for all who get this mail, whoever they are and wherever they live. "

static const char *const template_a[] = { "Hello {{ contact.first_name }}", TEXT TEXT TEXT, "<p>" TEXT TEXT TEXT "</p>" };
static const char *const template_b[] = { "Hello {{ contact.first_name }}", TEXT "Another one." };

static int64_t insert(struct place *p, int64_t team, const char *name, const char *const *shared, size_t n)
{
	struct message m = { .contact = 1, .visit = 1, .state = MESSAGE_QUEUED, .message_id = "x", .mail_from = "", .rcpt_to = "",
		                 .subject = "", .headers = "To: x\n", .template = "", .reply = "", .attachments = "a.pdf" };

	OK(db_new_id(p->db, "item", &m.id, &err));
	m.text = arena_printf(&p->arena, "Hello %s\n" TEXT TEXT TEXT, name);
	m.html = arena_printf(&p->arena, "<p>Hello %s</p><p>" TEXT TEXT TEXT "</p>", name);
	m.shared = shared;
	m.n_shared = n;
	OK(message_insert(p->db, team, &m, &err));
	return m.id;
}

static void assert_is(struct place *p, int64_t team, int64_t id, const char *name)
{
	struct message m;

	IS(1, message_load(p->db, team, id, &p->arena, &m, &err));
	assert_string_equal(m.text, arena_printf(&p->arena, "Hello %s\n" TEXT TEXT TEXT, name));
	assert_string_equal(m.html, arena_printf(&p->arena, "<p>Hello %s</p><p>" TEXT TEXT TEXT "</p>", name));
	assert_string_equal(m.headers, "To: x\n");
	assert_string_equal(m.attachments, "a.pdf");
}

static const char *ask(struct place *p, const char *sql)
{
	return place_ask(p, sql);
}

static void reopen(struct place *p)
{
	db_close(p->db);
	OK(db_open(p->path, DB_WRITE, &p->db, &err));
}

static void a_hundred_mails_of_a_template_share_one_copy(void **state)
{
	struct place *p = *state;
	int64_t ids[100];

	place_begin(p);
	for (int i = 0; i < 100; i++)
		ids[i] = insert(p, 1, arena_printf(&p->arena, "Person %d", i), template_a, 3);
	place_commit(p);
	assert_string_equal(ask(p, "SELECT count(*) FROM stencil"), "1");
	assert_string_equal(ask(p, "SELECT max(length(content)) < 80 FROM message_body"), "1");
	for (int i = 0; i < 100; i++)
		assert_is(p, 1, ids[i], arena_printf(&p->arena, "Person %d", i));
	reopen(p);
	assert_is(p, 1, ids[42], "Person 42");
}

/* Stencils hold nothing of a person, and no team has another one's. */
static void each_template_of_each_team_has_its_own(void **state)
{
	struct place *p = *state;
	int64_t a, b, other, none;

	place_begin(p);
	a = insert(p, 1, "Anna", template_a, 3);
	b = insert(p, 1, "Ben", template_b, 2);
	other = insert(p, 2, "Carl", template_a, 3);
	none = insert(p, 1, "Dora", NULL, 0);
	place_commit(p);
	assert_string_equal(ask(p, "SELECT count(*) || '/' || sum(team) FROM stencil"), "3/4");
	assert_string_equal(ask(p, "SELECT sum(instr(CAST(content AS TEXT), 'Anna') + instr(CAST(content AS TEXT), 'Ben')) FROM stencil"),
	                    "0");
	reopen(p);
	assert_is(p, 2, other, "Carl");
	assert_is(p, 1, none, "Dora");
	assert_is(p, 1, b, "Ben");
	assert_is(p, 1, a, "Anna");
	place_begin(p);
	insert(p, 1, "Emil", template_a, 3);
	place_commit(p);
	assert_string_equal(ask(p, "SELECT count(*) FROM stencil"), "3");
}

/* Its number may be given to another one by then. */
static void a_stencil_that_was_rolled_back_is_forgotten(void **state)
{
	struct place *p = *state;
	int64_t a, b;

	place_begin(p);
	insert(p, 1, "Anna", template_a, 3);
	txn_release(&p->txn);
	place_begin(p);
	b = insert(p, 1, "Ben", template_b, 2);
	a = insert(p, 1, "Anna", template_a, 3);
	place_commit(p);
	reopen(p);
	assert_is(p, 1, a, "Anna");
	assert_is(p, 1, b, "Ben");
}

static void a_mail_that_is_loaded_and_changed_shares_as_before(void **state)
{
	struct place *p = *state;
	struct message m;
	int64_t id;

	place_begin(p);
	id = insert(p, 1, "Anna", template_a, 3);
	place_commit(p);
	place_begin(p);
	IS(1, message_load(p->db, 1, id, &p->arena, &m, &err));
	m.attempts++;
	OK(message_update(p->db, 1, &m, &err));
	place_commit(p);
	assert_string_equal(ask(p, "SELECT max(length(content)) < 80 FROM message_body"), "1");
	assert_is(p, 1, id, "Anna");
}

/* More templates than are remembered, and one that is longer than a stencil. */
static void many_and_long_templates(void **state)
{
	struct place *p = *state;
	char *longest = arena_alloc(&p->arena, 200001);
	int64_t ids[40], last;

	memset(longest, 'x', 200000);
	longest[200000] = '\0';
	place_begin(p);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 40; i++) {
			const char *one[] = { arena_printf(&p->arena, "%d" TEXT, i) };

			ids[i] = insert(p, 1, arena_printf(&p->arena, "%d", i), one, 1);
		}
	last = insert(p, 1, "Last", (const char *const[]){ TEXT, longest, TEXT }, 3);
	insert(p, 1, "Last", (const char *const[]){ TEXT, longest, TEXT }, 3);
	place_commit(p);
	assert_string_equal(ask(p, "SELECT count(*) || '/' || max(length(content)) FROM stencil"), "41/65536");
	for (int i = 39; i >= 0; i--)
		assert_is(p, 1, ids[i], arena_printf(&p->arena, "%d", i));
	assert_is(p, 1, last, "Last");
}

static void what_is_missing_or_damaged_is_told(void **state)
{
	struct place *p = *state;
	struct err err = ERR_INIT;
	struct message m;
	int64_t id;

	place_begin(p);
	id = insert(p, 1, "Anna", template_a, 3);
	place_commit(p);
	assert_int_equal(db_exec(p->db, "UPDATE message_body SET content = X'01020304'", &err), 0);
	assert_int_equal(message_load(p->db, 1, id, &p->arena, &m, &err), -1);
	assert_non_null(strstr(err.text, "is damaged: the content of mail"));
	reopen(p);
	assert_int_equal(db_exec(p->db, "DELETE FROM stencil", &err), 0);
	assert_int_equal(message_load(p->db, 1, id, &p->arena, &m, &err), -1);
	assert_non_null(strstr(err.text, "what its mails have in common is gone"));
	assert_int_equal(err.kind, ERR_CONFIG);
}

#define T(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_hundred_mails_of_a_template_share_one_copy),
		T(each_template_of_each_team_has_its_own),
		T(a_stencil_that_was_rolled_back_is_forgotten),
		T(a_mail_that_is_loaded_and_changed_shares_as_before),
		T(many_and_long_templates),
		T(what_is_missing_or_damaged_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
