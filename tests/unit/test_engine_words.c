#include "fixture.h"

#include "base/buf.h"
#include "engine/alert.h"
#include "engine/guard.h"
#include "engine/mend.h"
#include "engine/message.h"
#include "engine/salt.h"
#include "engine/verp.h"
#include "operate/activity.h"
#include "operate/health.h"
#include "operate/safekeeping.h"
#include "people/dossier.h"
#include "people/people.h"
#include "rehearse/graph.h"
#include "store/message_store.h"
#include "store/queue_store.h"
#include "tick/spool.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names and texts that people, mails and files bring along, at their edges. */

static void commands_that_mend_can_be_copied(void **state)
{
	static const struct {
		const char *email, *missing, *team, *command;
	} cases[] = {
		{ "a@b.example", "contact.plan", NULL, "contactctl set a@b.example plan=..." },
		{ "o'brien@b.example", "contact.plan, contact.first_name", NULL, "contactctl set 'o'\\''brien@b.example' plan=... first_name=..." },
		{ "a b@b.example", "renewal", NULL, "contactctl set 'a b@b.example' renewal=..." },
		{ "", "renewal", NULL, "contactctl set '' renewal=..." },
		{ "a@b.example", "event.total, contact.plan", "sales", "contactctl set a@b.example plan=... --team sales" },
		{ "a@b.example", "event.total, unsubscribe.x", "sales", "" },
		{ "a@b.example", "contact.", NULL, "" },
		{ "a@b.example", "", "sales", "" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(mend_command(cases[i].email, cases[i].missing, cases[i].team, &a), cases[i].command);
	arena_release(&a);
}

/* What cannot be signed goes out as it is, and what nobody signed is no mail of ours. */
static void return_addresses_are_signed_where_that_is_possible(void **state)
{
	static const char *const kept[] = { "no-address", "\"a b\"@us.example",
		                            "a-local-part-that-is-already-so-long-that-there-is-no-room@us.example" };
	static const char *const strange[] = { "", "b@us.example", "b17@us.example", "b17-@us.example", "b17-aaaaaaaaaaaaaaaa@us.example",
		                               "b9999999999999999999-aaaaaaaaaaaaaaaa@us.example", "x+b17@us.example y@us.example" };
	const struct mailbox plus = { .verp = VERP_PLUS }, domain = { .verp = VERP_DOMAIN, .verp_domain = "bounces.us.example" }, none = { 0 };
	const struct token_key key = { "0123456789012345678901234567890" };
	struct arena a = { 0 };
	const char *at;

	(void)state;
	assert_string_equal(verp_sender(&key, &none, 1, 17, "anna@us.example", &a), "anna@us.example");
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		assert_string_equal(verp_sender(&key, &plus, 1, 17, kept[i], &a), kept[i]);
	at = verp_sender(&key, &plus, 1, 17, "anna@us.example", &a);
	assert_true(strncmp(at, "anna+b17-", 9) == 0);
	assert_int_equal(verp_message(&key, 1, at), 17);
	assert_int_equal(verp_message(&key, 2, at), 0);
	at = verp_sender(&key, &domain, 1, 17, "anna@us.example", &a);
	assert_true(strncmp(at, "b17-", 4) == 0);
	assert_int_equal(verp_message(&key, 1, arena_printf(&a, "x@y.example <%s>", at)), 17);
	for (size_t i = 0; i < ARRAY_LEN(strange); i++)
		assert_int_equal(verp_message(&key, 1, strange[i]), 0);
	arena_release(&a);
}

/* As it stands in a mail, as a number, and as what it is not. */
static void a_message_is_found_by_what_people_copy(void **state)
{
	struct fixture *f = *state;
	const char *id;
	struct message m;
	struct err why = ERR_INIT;

	fixture_apply(f, "kind: Pipeline\nname: p\nsteps: [{email: {subject: S, text: x}, id: one}]\n");
	fixture_add(f, "anna@example.org", NULL);
	fixture_enroll(f, "p", "anna@example.org", NULL);
	fixture_tick(f, MONDAY_9AM);
	id = fixture_text(f, "SELECT message_id FROM message");
	OK(message_find(&f->e, f->team, id, &f->arena, &m, &err));
	OK(message_find(&f->e, f->team, arena_printf(&f->arena, "<%s>", id), &f->arena, &m, &err));
	OK(message_find(&f->e, f->team, arena_printf(&f->arena, "%lld", (long long)m.id), &f->arena, &m, &err));
	assert_int_equal(message_find(&f->e, f->team, arena_printf(&f->arena, "<%s", id), &f->arena, &m, &why), -1);
	assert_int_equal(message_find(&f->e, f->team, "<>", &f->arena, &m, &why), -1);
	assert_int_equal(message_find(&f->e, f->team, "x", &f->arena, &m, &why), -1);
	assert_int_equal(why.kind, ERR_MISSING);
}

static void a_template_of_a_step_has_its_name(void **state)
{
	struct fixture *f = *state;
	struct world *w;

	fixture_apply(f, "kind: Template\nname: own\nsubject: S\ntext: x\n---\nkind: Pipeline\nname: p\nsteps:\n"
	                 "  - email: {subject: S, text: x}\n    id: one\n  - email: own\n    id: two\n  - note: n\n    id: three\n");
	OK(engine_world(&f->e, f->team, &w, &err));
	assert_non_null(template_of_name(w, "own"));
	assert_non_null(template_of_name(w, "p/one"));
	assert_null(template_of_name(w, "p/two"));
	assert_null(template_of_name(w, "p/three"));
	assert_null(template_of_name(w, "p/four"));
	assert_null(template_of_name(w, "q/one"));
	assert_null(template_of_name(w, "other"));
}

static void a_drawing_keeps_its_lines(void **state)
{
	struct fixture *f = *state;
	BUF_AUTO dot = BUF_INIT(1 << 16), flow = BUF_INIT(1 << 16);
	struct world *w;

	fixture_apply(f, "kind: Pipeline\nname: p\nsteps:\n  - note: \"one\\ntwo \\\"four\\\"\"\n");
	OK(engine_world(&f->e, f->team, &w, &err));
	graph_dot(world_pipeline(w, "p"), &dot);
	graph_mermaid(world_pipeline(w, "p"), &flow);
	assert_null(strstr(dot.s, "one\ntwo"));
	assert_null(strstr(flow.s, "one\ntwo"));
	assert_non_null(strstr(dot.s, "two"));
	assert_non_null(strstr(flow.s, "two"));
}

static void who_already_has_an_address_keeps_it(void **state)
{
	struct fixture *f = *state;
	struct person p = { 0 };
	struct err why = ERR_INIT;
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w;

	fixture_add(f, "anna@example.org", NULL);
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "anna@example.org", &f->arena, &c, &err));
	OK(txn_begin(&t, f->db, &err));
	assert_int_equal(people_move(&f->e, &c, "anna@example.org", &f->arena, &why), 0);
	assert_int_equal(people_move(&f->e, &c, "Anna@example.org", &f->arena, &why), 1);
	OK(txn_commit(&t, &err));
	assert_string_equal(fixture_text(f, "SELECT email || ' ' || folded FROM contact"), "Anna@example.org anna@example.org");
	assert_int_equal(person_assign(&p, w, "timezone=Mars/Phobos", &f->arena, &why), -1);
	assert_non_null(strstr(why.text, "Mars/Phobos"));
	OK(person_assign(&p, w, "timezone=Asia/Tokyo", &f->arena, &err));
}

/* Somebody cut it: there is another one, and what was veiled with it is not known any more. */
static void a_salt_that_is_too_short_is_none(void **state)
{
	struct fixture *f = *state;
	char kept[VEIL_SALT + 1], made[VEIL_SALT + 1];
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(salt_load(&f->e, true, kept, &err));
	OK(salt_load(&f->e, true, made, &err));
	assert_string_equal(kept, made);
	OK(txn_commit(&t, &err));
	fixture_number(f, "UPDATE meta SET value = 'short' WHERE value = (SELECT value FROM meta WHERE length(value) = 32 ORDER BY name LIMIT 1) RETURNING 1");
	OK(salt_load(&f->e, false, made, &err));
	assert_int_equal(strlen(made), VEIL_SALT);
}

static void spool_file(struct fixture *f, const char *name, const char *text)
{
	const char *path = arena_printf(&f->arena, "%s.spool/%s", f->db_path, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* Whatever lies in the spool and is no event is put away, and the rest counts. */
static void what_is_no_event_in_the_spool_is_put_away(void **state)
{
	static const char *const files[] = { "{\"contact\": \"anna@example.org\", \"type\": \"order.placed\"}",
		                             "{\"team\": \"sales\", \"type\": \"order.placed\"}",
		                             "{\"team\": \"sales\", \"contact\": \"anna@example.org\"}",
		                             "{\"team\": 1, \"contact\": \"anna@example.org\", \"type\": \"order.placed\"}",
		                             "{\"team\": \"sales\", \"contact\": \"anna@example.org\", \"type\": \"order.placed\", \"at\": \"noon\"}",
		                             "" };
	struct fixture *f = *state;
	struct spool_bad bad = { 0 };
	char folder[160], linked[200];

	fixture_apply(f, "kind: Fields\nname: contact\nevents: {order.placed: {total: number}}\n");
	fixture_add(f, "anna@example.org", NULL);
	snprintf(folder, sizeof folder, "%s.spool", f->db_path);
	assert_int_equal(mkdir(folder, 0700), 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		spool_file(f, arena_printf(&f->arena, "f%zu", i), files[i]);
	spool_file(f, "good", "{\"team\": \"sales\", \"contact\": \"anna@example.org\", \"type\": \"order.placed\", \"data\": {\"total\": 1}}");
	spool_file(f, "linked", "{\"team\": \"sales\", \"contact\": \"anna@example.org\", \"type\": \"order.placed\", \"data\": {\"total\": 2}}");
	snprintf(linked, sizeof linked, "%s/linked-once-more", f->folder);
	assert_int_equal(link(arena_printf(&f->arena, "%s/linked", folder), linked), 0);
	assert_int_equal(spool_drain(&f->e, NULL, &bad, &(struct err)ERR_INIT), 1);
	assert_int_equal(bad.n, (int)ARRAY_LEN(files) + 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM event WHERE type = 'order.placed'"), 1);
	assert_int_equal(spool_drain(&f->e, NULL, &bad, &(struct err)ERR_INIT), 0);
}

/* Whoever looks for the fault reads why, and not that it is empty. */
static void why_a_file_of_the_spool_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct spool_bad pipe = { 0 }, large = { 0 };
	const char *folder = arena_printf(&f->arena, "%s.spool", f->db_path);

	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(mkfifo(arena_printf(&f->arena, "%s/pipe", folder), 0600), 0);
	assert_int_equal(spool_drain(&f->e, NULL, &pipe, &(struct err)ERR_INIT), 0);
	assert_string_equal(pipe.first, "pipe: it is no regular file of at most 64 KiB");
	spool_file(f, "large", arena_printf(&f->arena, "%65537d", 1));
	assert_int_equal(spool_drain(&f->e, NULL, &large, &(struct err)ERR_INIT), 0);
	assert_string_equal(large.first, "large: it is no regular file of at most 64 KiB");
}

/* Of the types that the team declares, and of what it does not declare any more. */
static void a_dossier_has_values_of_their_types(void **state)
{
	struct fixture *f = *state;
	BUF_AUTO out = BUF_INIT(1 << 16);
	struct contact c;
	struct world *w;

	fixture_apply(f, "kind: Fields\nname: contact\nfields: {size: number, paid: yes_no, likes: list, plan: text, old: number}\n");
	fixture_add(f, "anna@example.org", "size", "12.5", "paid", "yes", "likes", "[\"a\",\"b\"]", "plan", "7", "old", "3", NULL);
	fixture_apply(f, "kind: Fields\nname: contact\nfields: {size: number, paid: yes_no, likes: list, plan: text}\n");
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "anna@example.org", &f->arena, &c, &err));
	OK(dossier_write(&f->e, w, &c, 0, &out, &err));
	assert_non_null(strstr(out.s, "\"size\":12.5"));
	assert_non_null(strstr(out.s, "\"paid\":true"));
	assert_non_null(strstr(out.s, "\"likes\":[\"a\",\"b\"]"));
	assert_non_null(strstr(out.s, "\"plan\":\"7\""));
	assert_non_null(strstr(out.s, "\"old\":\"3\""));
}

/* A look from before the last tick, a spool without anything bad, and then with. */
static void what_check_sees_beside_the_database(void **state)
{
	struct fixture *f = *state;
	const struct health_request what = { .limits = { .tick_warning = 300, .tick_critical = 900, .backlog_warning = 900, .backlog_critical = 9000, .blocked = 1 } };
	const char *bad = arena_printf(&f->arena, "%s.spool/bad", f->db_path);
	struct health_report r;
	struct guard g;

	OK(guard_lock(f->db_path, &g, &err));
	guard_touch(&g, MONDAY_9AM + 60);
	close(g.fd);
	assert_int_equal(mkdir(arena_printf(&f->arena, "%s.spool", f->db_path), 0700), 0);
	assert_int_equal(mkdir(bad, 0700), 0);
	OK(health_check(&f->e, &what, &f->arena, &r, &err));
	assert_int_equal(r.tick_age, 0);
	assert_null(strstr(health_findings_json(&r, &f->arena), "spool"));
	spool_file(f, "bad/one", "x");
	f->e.now = MONDAY_9AM + 3600;
	OK(health_check(&f->e, &what, &f->arena, &r, &err));
	assert_non_null(strstr(health_findings_json(&r, &f->arena), "1 file of the spool could not be used"));
	assert_int_equal(r.tick_age, 3540);
}

static void drop_file(struct fixture *f, const char *mailbox, const char *name)
{
	const char *folder = arena_printf(&f->arena, "%s.drop/sales/%s", f->db_path, mailbox);

	mkdir(arena_printf(&f->arena, "%s.drop", f->db_path), 0700);
	mkdir(arena_printf(&f->arena, "%s.drop/sales", f->db_path), 0700);
	mkdir(folder, 0700);
	fclose(fopen(arena_printf(&f->arena, "%s/%s", folder, name), "w"));
}

/* Answers that nobody reads; what was kept of them before, and those of a mailbox that does read them, are no news. */
static void answers_for_nobody_are_told(void **state)
{
	struct fixture *f = *state;
	const struct health_request what = { .limits = { .backlog_warning = 900, .backlog_critical = 9000, .blocked = 1 }, .rehearsal = true };
	struct health_report r;
	const char *said;

	fixture_apply(f, "kind: Mailbox\nname: free\nfrom: free@example.com\nmaildir: FOLDER/free\ninbox: drop\n");
	drop_file(f, "free", "a");
	drop_file(f, "fre", "kept");
	OK(health_check(&f->e, &what, &f->arena, &r, &err));
	assert_null(strstr(health_findings_json(&r, &f->arena), "drop"));
	drop_file(f, "fre", "a");
	OK(health_check(&f->e, &what, &f->arena, &r, &err));
	said = health_findings_json(&r, &f->arena);
	assert_non_null(strstr(said, "1 mail for sales/fre: no such mailbox has 'inbox: drop'"));
	assert_null(strstr(said, "sales/free"));
	drop_file(f, "fre", "b");
	OK(health_check(&f->e, &what, &f->arena, &r, &err));
	assert_non_null(strstr(health_findings_json(&r, &f->arena), "2 mails for sales/fre:"));
}

/* Whoever needs the lock of the ticks says that he has not got it: a tick has it, or its file is none. */
static void without_the_lock_nothing_is_accepted(void **state)
{
	struct fixture *f = *state;
	const struct health_request what = { 0 };
	const char *lock = arena_printf(&f->arena, "%s.lock", f->db_path);
	struct accept_count count;
	struct health_report r;
	struct guard g;

	OK(guard_lock(f->db_path, &g, &err));
	for (int i = 0; i < 2; i++) {
		struct err why = ERR_INIT;

		assert_int_equal(i ? safekeep_accept_clock(&f->e, &why) : safekeep_accept(&f->e, false, &count, &why), -1);
		assert_int_equal(why.kind, ERR_BUSY);
		assert_non_null(strstr(why.text, "a tick is at work"));
	}
	close(g.fd);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(mkdir(lock, 0700), 0);
	for (int i = 0; i < 3; i++) {
		struct err why = ERR_INIT;

		assert_int_equal(i == 0 ? safekeep_accept_clock(&f->e, &why) : i == 1 ? safekeep_backup(&f->e, "x", true, &why)
		                                                            : health_check(&f->e, &what, &f->arena, &r, &why), -1);
		assert_int_equal(why.kind, ERR_IO);
	}
}

/* Nobody can be told without a mailbox, or from one that is gone; the rest goes on. */
static void a_team_without_a_mailbox_is_not_told(void **state)
{
	struct fixture *f = *state;
	struct txn t = TXN_INIT;

	fixture_apply(f, "kind: Team\nname: sales\nmailbox: hello\nalerts: {to: [ops@example.com]}\nmembers: {tester: {role: admin}}\n");
	OK(txn_begin(&t, f->db, &err));
	OK(alert_mailbox_guarded(&f->e, &(struct lane){ .team = f->team, .kind = "mailbox", .name = "hello" }, "too many bounces", &err));
	OK(txn_commit(&t, &err));
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 1);
	fixture_apply(f, "kind: Team\nname: sales\nalerts: {to: [ops@example.com]}\nmembers: {tester: {role: admin}}\n");
	OK(txn_begin(&t, f->db, &err));
	OK(alert_mailbox_guarded(&f->e, &(struct lane){ .team = f->team, .kind = "mailbox", .name = "hello" }, "too many bounces", &err));
	OK(txn_commit(&t, &err));
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message"), 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_that_mend_can_be_copied),
		cmocka_unit_test(return_addresses_are_signed_where_that_is_possible),
		T(a_message_is_found_by_what_people_copy),
		T(a_template_of_a_step_has_its_name),
		T(a_drawing_keeps_its_lines),
		T(who_already_has_an_address_keeps_it),
		T(a_salt_that_is_too_short_is_none),
		T(a_dossier_has_values_of_their_types),
		T(what_check_sees_beside_the_database),
		T(answers_for_nobody_are_told),
		T(without_the_lock_nothing_is_accepted),
		T(a_team_without_a_mailbox_is_not_told),
		T(what_is_no_event_in_the_spool_is_put_away),
		T(why_a_file_of_the_spool_is_not_read),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
