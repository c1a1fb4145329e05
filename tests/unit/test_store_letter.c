/* Mails by hand in the store (S1.14). */

#include "store_fixture.h"

#include "store/letter_store.h"

static void a_letter_comes_back_as_it_was(void **state)
{
	struct letter_row row = { .message = 12, .author = "anna", .on_sent = 3, .on_reply = 4 }, got;
	struct place p;

	(void)state;
	place_open(&p);
	OK(txn_begin(&p.txn, p.db, &err));
	OK(letter_insert(p.db, 1, &row, &err));
	IS(1, letter_load(p.db, 1, 12, &p.arena, &got, &err));
	assert_string_equal(got.author, "anna");
	assert_int_equal(got.on_sent, 3);
	assert_int_equal(got.on_reply, 4);
	IS(0, letter_load(p.db, 1, 13, &p.arena, &got, &err));
	IS(0, letter_load(p.db, 2, 12, &p.arena, &got, &err));
	OK(txn_commit(&p.txn, &err));
	place_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_comes_back_as_it_was),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("S1.14 letters in the store", tests, NULL, NULL);
}
