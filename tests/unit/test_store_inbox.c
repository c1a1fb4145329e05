#include "store_fixture.h"

#include "base/token.h"
#include "engine/keys.h"
#include "engine/verp.h"
#include "store/inbox_store.h"
#include "store/prune_store.h"

#include <ctype.h>
#include <sys/stat.h>

/* How far inboxes were read, and the signed addresses that mail comes back to. */

enum { TEAM = 1, OTHER = 2 };

static void a_place_is_kept_as_it_was_saved(void **state)
{
	struct inbox_place p = { .mailbox = "anna", .place = "INBOX", .validity = 7, .last_uid = INT64_C(4294967295), .stamp = "s",
		                     .read_at = 100, .failing_since = 5, .problem = "gone" }, got;
	struct place db;
	(void)state;

	place_open(&db);
	IS(0, inbox_load(db.db, TEAM, "anna", "INBOX", &db.arena, &got, &err));
	assert_string_equal(got.stamp, "");
	assert_int_equal(got.last_uid, 0);
	OK(inbox_save(db.db, TEAM, &p, &err));
	p.last_uid = 9;
	p.problem = "";
	OK(inbox_save(db.db, TEAM, &p, &err));
	IS(1, inbox_load(db.db, TEAM, "anna", "INBOX", &db.arena, &got, &err));
	assert_int_equal(got.validity, 7);
	assert_int_equal(got.last_uid, 9);
	assert_int_equal(got.read_at, 100);
	assert_int_equal(got.failing_since, 5);
	assert_string_equal(got.stamp, "s");
	assert_string_equal(got.problem, "");
	IS(0, inbox_load(db.db, OTHER, "anna", "INBOX", &db.arena, &got, &err));
	IS(0, inbox_load(db.db, TEAM, "bob", "INBOX", &db.arena, &got, &err));
	IS(0, inbox_load(db.db, TEAM, "anna", "Sent", &db.arena, &got, &err));
	place_close(&db);
}

static void a_mail_is_seen_once_in_its_own_mailbox(void **state)
{
	struct place db;
	int64_t at = 0;
	(void)state;

	place_open(&db);
	IS(0, inbox_seen(db.db, TEAM, "anna", "1.a", &at, &err));
	OK(inbox_set_seen(db.db, TEAM, "anna", "1.a", 100, &err));
	OK(inbox_set_seen(db.db, TEAM, "anna", "1.a", 200, &err));
	IS(1, inbox_seen(db.db, TEAM, "anna", "1.a", &at, &err));
	assert_int_equal(at, 200);
	IS(0, inbox_seen(db.db, TEAM, "bob", "1.a", &at, &err));
	IS(0, inbox_seen(db.db, OTHER, "anna", "1.a", &at, &err));
	place_close(&db);
}

static void marks_that_were_not_met_are_forgotten(void **state)
{
	struct place db;
	int64_t at;
	(void)state;

	place_open(&db);
	OK(inbox_set_seen(db.db, TEAM, "anna", "old", 100, &err));
	OK(inbox_set_seen(db.db, TEAM, "anna", "new", 200, &err));
	OK(inbox_set_seen(db.db, TEAM, "bob", "old", 100, &err));
	OK(inbox_set_seen(db.db, OTHER, "anna", "old", 100, &err));
	OK(inbox_forget_seen(db.db, TEAM, "anna", 200, &err));
	IS(0, inbox_seen(db.db, TEAM, "anna", "old", &at, &err));
	IS(1, inbox_seen(db.db, TEAM, "anna", "new", &at, &err));
	IS(1, inbox_seen(db.db, TEAM, "bob", "old", &at, &err));
	IS(1, inbox_seen(db.db, OTHER, "anna", "old", &at, &err));
	place_close(&db);
}

static void of_mailboxes_without_a_document_only_what_is_new_is_kept(void **state)
{
	struct inbox_place p = { .mailbox = "anna", .place = "maildir", .stamp = "", .problem = "", .read_at = 100 };
	struct place db;
	int64_t at;
	(void)state;

	place_open(&db);
	OK(inbox_set_seen(db.db, TEAM, "anna", "old", 100, &err));
	OK(inbox_set_seen(db.db, TEAM, "anna", "new", 200, &err));
	OK(inbox_set_seen(db.db, OTHER, "anna", "old", 100, &err));
	OK(inbox_save(db.db, TEAM, &p, &err));
	OK(prune_inboxes(db.db, TEAM, 200, &err));
	IS(0, inbox_seen(db.db, TEAM, "anna", "old", &at, &err));
	IS(1, inbox_seen(db.db, TEAM, "anna", "new", &at, &err));
	IS(1, inbox_seen(db.db, OTHER, "anna", "old", &at, &err));
	IS(0, inbox_load(db.db, TEAM, "anna", "maildir", &db.arena, &p, &err));
	place_close(&db);
}

static void a_signed_address_names_its_message_and_no_other(void **state)
{
	const struct mailbox plus = { .verp = VERP_PLUS }, domain = { .verp = VERP_DOMAIN, .verp_domain = "b.example" }, none = { 0 };
	const struct token_key key = { { 1, 2, 3 } }, other = { { 1, 2, 4 } };
	struct arena a = { 0 };
	const char *address = verp_sender(&key, &plus, TEAM, 17, "anna@us.example", &a);
	char *changed;
	(void)state;

	assert_memory_equal(address, "anna+b17-", 9);
	assert_string_equal(strchr(address, '@'), "@us.example");
	assert_int_equal(verp_message(&key, TEAM, address), 17);
	assert_int_equal(verp_message(&key, TEAM, arena_printf(&a, "x@y.example <%s> ", address)), 17);
	assert_int_equal(verp_message(&key, OTHER, address), 0);
	assert_int_equal(verp_message(&other, TEAM, address), 0);
	changed = arena_strdup(&a, address);
	for (size_t i = 0; changed[i]; i++)
		changed[i] = (char)toupper((unsigned char)changed[i]);
	assert_int_equal(verp_message(&key, TEAM, changed), 17);
	for (size_t i = 5; address[i] != '@'; i++) {
		changed = arena_strdup(&a, address);
		changed[i] = changed[i] == 'a' ? 'c' : 'a';
		assert_int_equal(verp_message(&key, TEAM, changed), 0);
	}
	address = verp_sender(&key, &domain, TEAM, 9, "anna@us.example", &a);
	assert_string_equal(strchr(address, '@'), "@b.example");
	assert_int_equal(verp_message(&key, TEAM, address), 9);
	assert_int_equal(verp_message(&key, TEAM, "b9-aaaa"), 0);
	assert_int_equal(verp_message(&key, TEAM, ""), 0);
	assert_string_equal(verp_sender(&key, &none, TEAM, 9, "anna@us.example", &a), "anna@us.example");
	assert_string_equal(verp_sender(&key, &plus, TEAM, 9, "a-very-long-local-part-that-leaves-no-room-for-a-token@us.example", &a),
	                    "a-very-long-local-part-that-leaves-no-room-for-a-token@us.example");
	arena_release(&a);
}

static struct inbox_state look(struct place *db, int64_t team, const char *place, const char *other, struct arena *a)
{
	struct inbox_places places = { "m", place, other };
	struct inbox_state ret;

	OK(inbox_look(db->db, team, &places, a, &ret, &err));
	return ret;
}

static void a_mailbox_is_read_when_all_its_places_are(void **state)
{
	struct inbox_place inbox = { .mailbox = "m", .place = "INBOX", .stamp = "", .problem = "", .read_at = 100 };
	struct inbox_place sent = { .mailbox = "m", .place = "Sent", .stamp = "", .problem = "no such folder", .read_at = 50,
		                        .failing_since = 60 };
	struct arena a = { 0 };
	struct place db;

	(void)state;
	place_open(&db);
	OK(txn_begin(&db.txn, db.db, &err));
	assert_int_equal(look(&db, 1, "INBOX", "Sent", &a).read_at, 0);
	OK(inbox_save(db.db, 1, &inbox, &err));
	assert_int_equal(look(&db, 1, "INBOX", "Sent", &a).read_at, 100);
	OK(inbox_save(db.db, 1, &sent, &err));
	assert_int_equal(look(&db, 1, "INBOX", "Sent", &a).read_at, 50);
	assert_int_equal(look(&db, 1, "INBOX", "Sent", &a).failing_since, 60);
	assert_string_equal(look(&db, 1, "INBOX", "Sent", &a).problem, "no such folder");
	/* What the mailbox does not have any more neither ages nor fails. */
	assert_int_equal(look(&db, 1, "INBOX", NULL, &a).read_at, 100);
	assert_int_equal(look(&db, 1, "INBOX", NULL, &a).failing_since, 0);
	assert_int_equal(look(&db, 1, "maildir", NULL, &a).read_at, 0);
	assert_int_equal(look(&db, 2, "INBOX", "Sent", &a).read_at, 0);
	OK(txn_commit(&db.txn, &err));
	place_close(&db);
	arena_release(&a);
}

static void the_key_is_made_once_and_nobody_else_reads_it(void **state)
{
	struct token_key first, second;
	struct place db;
	struct stat st;
	char path[128];
	(void)state;

	place_open(&db);
	snprintf(path, sizeof path, "%s.key", db.path);
	OK(keys_load(db.path, &first, &err));
	OK(keys_load(db.path, &second, &err));
	assert_memory_equal(&first, &second, sizeof first);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(chmod(path, 0640), 0);
	FAILS(ERR_CONFIG, keys_load(db.path, &second, &err));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 10), 0);
	FAILS(ERR_CONFIG, keys_load(db.path, &second, &err));
	assert_int_equal(unlink(path), 0);
	place_close(&db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_is_kept_as_it_was_saved),
		cmocka_unit_test(a_mail_is_seen_once_in_its_own_mailbox),
		cmocka_unit_test(marks_that_were_not_met_are_forgotten),
		cmocka_unit_test(of_mailboxes_without_a_document_only_what_is_new_is_kept),
		cmocka_unit_test(a_signed_address_names_its_message_and_no_other),
		cmocka_unit_test(a_mailbox_is_read_when_all_its_places_are),
		cmocka_unit_test(the_key_is_made_once_and_nobody_else_reads_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
