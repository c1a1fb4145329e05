/* Answers by mail domain in the store. */

#include "store_fixture.h"

#include "store/company_store.h"

static void the_latest_answer_of_a_domain(void **state)
{
	struct place p;
	int64_t *runs;

	(void)state;
	place_open(&p);
	OK(txn_begin(&p.txn, p.db, &err));
	IS(0, company_replied(p.db, 1, "example.com", 0, &err));
	OK(company_reply_insert(p.db, 1, "example.com", 10, &err));
	OK(company_reply_insert(p.db, 1, "example.com", 20, &err));
	IS(1, company_replied(p.db, 1, "example.com", 19, &err));
	IS(0, company_replied(p.db, 1, "example.com", 20, &err));
	IS(0, company_replied(p.db, 2, "example.com", 0, &err));
	IS(0, company_replied(p.db, 1, "example.org", 0, &err));
	IS(0, run_list_of_domain(p.db, 1, 5, "example.com", &p.arena, &runs, &err));
	OK(txn_commit(&p.txn, &err));
	place_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_latest_answer_of_a_domain),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("answers of companies in the store", tests, NULL, NULL);
}
