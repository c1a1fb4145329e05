/* Bad mails of a mailbox in the store. */

#include "store_fixture.h"

#include "store/message_store.h"
#include "store/rate_store.h"

static void bad_mails_are_counted_by_lane_and_kind(void **state)
{
	struct place p;
	int64_t n;

	(void)state;
	place_open(&p);
	OK(txn_begin(&p.txn, p.db, &err));
	OK(bad_mail_insert(p.db, 1, 7, BAD_BOUNCE, 100, 1, &err));
	OK(bad_mail_insert(p.db, 1, 7, BAD_BOUNCE, 100, 1, &err));
	OK(bad_mail_insert(p.db, 1, 7, BAD_BOUNCE, 200, 2, &err));
	OK(bad_mail_insert(p.db, 1, 7, BAD_COMPLAINT, 200, 3, &err));
	OK(bad_mail_insert(p.db, 1, 8, BAD_BOUNCE, 200, 4, &err));
	OK(bad_mail_count(p.db, 1, 7, BAD_BOUNCE, 0, &n, &err));
	assert_int_equal(n, 2);
	OK(bad_mail_count(p.db, 1, 7, BAD_BOUNCE, 100, &n, &err));
	assert_int_equal(n, 1);
	OK(bad_mail_count(p.db, 2, 7, BAD_BOUNCE, 0, &n, &err));
	assert_int_equal(n, 0);
	OK(bad_mail_forget(p.db, 2, 7, 1000, &err));
	OK(bad_mail_forget(p.db, 1, 7, 200, &err));
	OK(bad_mail_count(p.db, 1, 7, BAD_BOUNCE, 0, &n, &err));
	assert_int_equal(n, 1);
	OK(txn_commit(&p.txn, &err));
	place_close(&p);
}

static void answered_mails_since_an_instant(void **state)
{
	struct message m = { .contact = 1, .lane = 7, .visit = 1, .message_id = "", .mail_from = "", .rcpt_to = "", .subject = "",
		                 .text = "", .html = "", .headers = "", .template = "", .reply = "" };
	struct place p;
	int64_t n;

	(void)state;
	place_open(&p);
	OK(txn_begin(&p.txn, p.db, &err));
	for (int i = 0; i < 40; i++) {
		OK(db_new_id(p.db, "item", &m.id, &err));
		m.message_id = arena_printf(&p.arena, "%d@example.com", i);
		m.created_at = 100 + i / 4;
		m.lane = i % 2 ? 7 : 8;
		m.state = i % 4 == 3 ? MESSAGE_QUEUED : MESSAGE_SENT;
		OK(message_insert(p.db, 1, &m, &err));
	}
	OK(mail_count_since(p.db, 1, 7, 0, 1000, &n, &err));
	assert_int_equal(n, 10);
	OK(mail_count_since(p.db, 1, 7, 105, 1000, &n, &err));
	assert_int_equal(n, 5);
	OK(mail_count_since(p.db, 1, 7, 105, 3, &n, &err));
	assert_int_equal(n, 3);
	OK(mail_count_since(p.db, 1, 7, 110, 1000, &n, &err));
	assert_int_equal(n, 0);
	OK(mail_count_since(p.db, 2, 7, 0, 1000, &n, &err));
	assert_int_equal(n, 0);
	OK(txn_commit(&p.txn, &err));
	place_close(&p);
}

static void a_guard_comes_back_as_it_was(void **state)
{
	struct lane_guard g = { .counted_from = 1, .next = { 2, 3 }, .checked_at = { 4, 5 }, .text = "why" }, got;
	struct place p;

	(void)state;
	place_open(&p);
	OK(txn_begin(&p.txn, p.db, &err));
	OK(lane_guard_load(p.db, 1, 7, &p.arena, &got, &err));
	assert_int_equal(got.counted_from, 0);
	assert_string_equal(got.text, "");
	OK(lane_guard_save(p.db, 1, 7, &(struct lane_guard){ .text = "" }, &err));
	OK(lane_guard_save(p.db, 1, 7, &g, &err));
	OK(lane_guard_load(p.db, 1, 7, &p.arena, &got, &err));
	assert_int_equal(got.counted_from, 1);
	assert_int_equal(got.next[BAD_BOUNCE], 2);
	assert_int_equal(got.next[BAD_COMPLAINT], 3);
	assert_int_equal(got.checked_at[BAD_BOUNCE], 4);
	assert_int_equal(got.checked_at[BAD_COMPLAINT], 5);
	assert_string_equal(got.text, "why");
	OK(lane_guard_load(p.db, 2, 7, &p.arena, &got, &err));
	assert_string_equal(got.text, "");
	OK(txn_commit(&p.txn, &err));
	place_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_mails_are_counted_by_lane_and_kind),
		cmocka_unit_test(answered_mails_since_an_instant),
		cmocka_unit_test(a_guard_comes_back_as_it_was),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("bad mails in the store", tests, NULL, NULL);
}
