#include "store_fixture.h"

#include "model/message_id.h"
#include "model/run.h"
#include "store/contact_query.h"
#include "store/in_hand_store.h"
#include "store/contact_store.h"
#include "store/document_store.h"
#include "store/due_store.h"
#include "store/entry_store.h"
#include "store/erase_store.h"
#include "store/event_store.h"
#include "store/message_store.h"
#include "store/page_private.h"
#include "store/prune_store.h"
#include "store/queue_store.h"
#include "store/run_store.h"
#include "store/suppression_store.h"
#include "store/tally_store.h"
#include "store/team_store.h"

/*
 * Every question and every change that the store knows, once; and each of them with the ids of another team, which
 * then finds and changes nothing (S0.21).
 */

/* What team A has of everything. B is there, and has nothing. */
struct two_teams {
	struct place p;
	int64_t a, b;
	int64_t contact, pipeline, lane;
	struct run run;
	struct message message; /* of the run, sending */
	struct message loose;
	struct event event;
	struct claim claim;
};

#define DB  (t->p.db)
#define MEM (&t->p.arena)

static void add_contact(struct two_teams *t)
{
	struct contact_value values[] = { { "company", "Example" }, { "first_name", "Anna" } };
	const char *tags[] = { "fair", "vip" };
	struct contact c = { .email = "Anna@Example.org", .folded = "anna@example.org", .kind = CONTACT_LEAD,
		                 .created_at = 100, .updated_at = 100, .values = values, .n_values = 2,
		                 .tags = { tags, 2 } };

	OK(contact_insert(DB, t->a, &c, &err));
	t->contact = c.id;
}

static void add_pipeline(struct two_teams *t)
{
	struct document_row d = { .kind = "Pipeline", .name = "welcome", .body = "kind: Pipeline", .folder = "/f",
		                      .source = "welcome.yaml", .version = 1, .next_step = 2, .created_at = 100,
		                      .updated_at = 100 };
	struct document_version v = { .version = 1, .kind = d.kind, .name = d.name, .body = d.body, .steps = "1",
		                          .actor = "tess", .created_at = 100 };

	OK(document_insert(DB, t->a, &d, &err));
	v.document = t->pipeline = d.id;
	OK(version_insert(DB, t->a, &v, &err));
}

static void add_run(struct two_teams *t)
{
	struct lane lane;

	OK(lane_get(DB, t->a, "mailbox", "hello", MEM, &lane, &err));
	t->lane = lane.id;
	t->run = (struct run){ .contact = t->contact, .pipeline = t->pipeline, .version = 1, .status = RUN_RUNNING,
		                   .reason = "", .reason_text = "", .step = 1, .visit = 1, .due_at = 200, .lane = lane.id,
		                   .class = 10, .queued_at = 200, .started_at = 100, .mailbox = "hello", .enroller = "tess" };
	IS(1, run_insert(DB, t->a, &t->run, &err));
}

static struct message new_message(struct two_teams *t)
{
	int64_t id;

	OK(db_new_id(DB, "item", &id, &err));
	return (struct message){ .id = id, .visit = 1, .state = MESSAGE_SENDING, .token = 77,
		                     .message_id = message_id_make(MEM, id, (const unsigned char *)"0123456789", "hi@example.com"),
		                     .mail_from = "hello@example.com", .rcpt_to = "anna@example.org", .subject = "Hi",
		                     .text = "Text", .html = "", .headers = "Subject: Hi", .template = "guide",
		                     .created_at = 200, .first_try_at = 200, .changed_at = 200, .reply = "" };
}

static void add_messages(struct two_teams *t)
{
	t->message = new_message(t);
	t->message.contact = t->contact;
	t->message.run = t->run.id;
	t->message.step = 1;
	t->message.lane = t->lane;
	OK(message_insert(DB, t->a, &t->message, &err));
	t->loose = new_message(t);
	t->loose.contact = t->contact;
	t->loose.lane = t->lane;
	t->loose.state = MESSAGE_QUEUED;
	OK(message_insert(DB, t->a, &t->loose, &err));
	t->claim = (struct claim){ .message = t->message.id, .item = t->run.id, .lane = t->lane, .class = 10, .due = 200,
		                       .token = 77, .slot_at = 200, .bytes = "From: x\r\n\0y", .len = 11 };
	OK(claim_insert(DB, t->a, &t->claim, &err));
	OK(attachment_insert(DB, t->a, "abc", "data", 4, &err));
}

static void add_event(struct two_teams *t)
{
	t->event = (struct event){ .contact = t->contact, .run = t->run.id, .step = 1, .message = t->message.id,
		                       .type = "order.placed", .at = 300, .actor = "tess", .source = "manual",
		                       .data = "{\"total\":12}" };
	OK(event_insert(DB, t->a, &t->event, &err));
	OK(event_key_insert(DB, t->a, "key-1", t->event.id, &err));
	OK(suppression_add(DB, t->a, "anna@example.org", SUPPRESS_UNSUBSCRIBED, 300, "manual", &err));
	OK(entry_insert(DB, t->a, t->pipeline, t->contact, t->event.id, &err));
	OK(queue_insert(DB, &(struct queue_row){ t->lane, 10, 200, t->run.id }, &err));
	OK(queue_insert(DB, &(struct queue_row){ t->lane, CLASS_LOOSE, 250, -t->loose.id }, &err));
	OK(quota_insert(DB, t->lane, 200, t->message.id, &err));
}

static int setup(void **state)
{
	static struct two_teams teams, *t = &teams;
	struct member tess = { .account = "tess", .role = ROLE_ADMIN };

	place_open(&t->p);
	place_begin(&t->p);
	OK(team_insert(DB, "alpha", 100, &t->a, &err));
	OK(team_insert(DB, "beta", 100, &t->b, &err));
	OK(team_set_members(DB, t->a, &tess, 1, &err));
	add_contact(t);
	add_pipeline(t);
	add_run(t);
	add_messages(t);
	add_event(t);
	place_commit(&t->p);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct two_teams *t = *state;

	place_close(&t->p);
	return 0;
}

static void teams_and_their_members(void **state)
{
	struct two_teams *t = *state;
	struct member both[] = { { .account = "tess", .role = ROLE_MEMBER }, { .account = "bob", .role = ROLE_ADMIN } };
	struct team_row row, *list;
	enum role *roles;
	int64_t generation = 0;

	IS(1, team_find(DB, "alpha", MEM, &row, &err));
	assert_int_equal(row.id, t->a);
	IS(0, team_find(DB, "Alpha", MEM, &row, &err));
	IS(1, team_load(DB, t->b, MEM, &row, &err));
	assert_string_equal(row.name, "beta");
	IS(0, team_load(DB, 99, MEM, &row, &err));
	IS(2, team_list(DB, MEM, &list, &err));
	assert_string_equal(list[0].name, "alpha");

	IS(1, team_of_account(DB, "tess", MEM, &list, &roles, &err));
	assert_int_equal(roles[0], ROLE_ADMIN);
	IS(0, team_of_account(DB, "nobody", MEM, &list, &roles, &err));
	place_begin(&t->p);
	OK(team_set_members(DB, t->b, both, 2, &err));
	place_commit(&t->p);
	IS(2, team_of_account(DB, "tess", MEM, &list, &roles, &err));
	assert_string_equal(list[1].name, "beta");
	assert_int_equal(roles[0], ROLE_ADMIN);
	assert_int_equal(roles[1], ROLE_MEMBER);

	IS(1, team_generation(DB, t->a, &generation, &err));
	OK(team_touch(DB, t->a, &err));
	IS(1, team_generation(DB, t->a, &row.generation, &err));
	assert_int_equal(row.generation, generation + 1);
	IS(1, team_generation(DB, t->b, &row.generation, &err));
	assert_int_equal(row.generation, generation);
	IS(0, team_generation(DB, 99, &generation, &err));
}

static void a_name_of_a_team_is_taken_once(void **state)
{
	struct two_teams *t = *state;
	int64_t id;

	place_begin(&t->p);
	FAILS(ERR_BUG, team_insert(DB, "alpha", 1, &id, &err));
	txn_release(&t->p.txn);
}

static void contacts_with_their_values_and_tags(void **state)
{
	struct two_teams *t = *state;
	const char *email;
	int64_t id, ids[4];
	struct contact c;

	IS(1, contact_find(DB, t->a, "anna@example.org", MEM, &c, &err));
	assert_string_equal(c.email, "Anna@Example.org");
	assert_string_equal(contact_get(&c, "first_name"), "Anna");
	assert_true(contact_has_tag(&c, "vip"));
	IS(1, contact_find_id(DB, t->a, "anna@example.org", &id, &err));
	assert_int_equal(id, t->contact);
	IS(1, contact_email(DB, t->a, id, MEM, &email, &err));
	assert_string_equal(email, "Anna@Example.org");
	IS(0, contact_find(DB, t->a, "Anna@Example.org", MEM, &c, &err));

	IS(1, contact_set_value(DB, t->a, id, "plan", "pro", &err));
	IS(0, contact_set_value(DB, t->a, id, "plan", "pro", &err));
	IS(1, contact_set_value(DB, t->a, id, "plan", "free", &err));
	IS(1, contact_set_value(DB, t->a, id, "company", "", &err));
	IS(0, contact_set_value(DB, t->a, id, "company", "", &err));
	IS(1, contact_add_tag(DB, t->a, id, "hot", &err));
	IS(0, contact_add_tag(DB, t->a, id, "hot", &err));
	IS(1, contact_remove_tag(DB, t->a, id, "fair", &err));
	IS(0, contact_remove_tag(DB, t->a, id, "fair", &err));
	IS(1, contact_load(DB, t->a, id, MEM, &c, &err));
	assert_string_equal(contact_get(&c, "plan"), "free");
	assert_null(contact_get(&c, "company"));
	assert_int_equal(c.tags.n, 2);

	c.kind = CONTACT_CONTACT;
	c.suppressed = SUPPRESS_BOUNCED;
	c.email = c.folded = "anna@example.net";
	c.updated_at = 400;
	OK(contact_update(DB, t->a, &c, &err));
	IS(1, contact_load(DB, t->a, id, MEM, &c, &err));
	assert_int_equal(c.kind, CONTACT_CONTACT);
	assert_int_equal(c.suppressed, SUPPRESS_BOUNCED);
	IS(1, contact_find_id(DB, t->a, "anna@example.net", &id, &err));

	IS(1, contact_ids(DB, t->a, 0, ids, 4, &err));
	IS(0, contact_ids(DB, t->a, ids[0], ids, 4, &err));
	OK(contact_delete(DB, t->a, id, &err));
	IS(0, contact_load(DB, t->a, id, MEM, &c, &err));
	assert_string_equal(place_ask(&t->p, "SELECT (SELECT count(*) FROM contact),"
	                                     " (SELECT count(*) FROM tag_contact), (SELECT count(*) FROM event)"), "0|0|1");
}

/* A contact and a run are themselves the events that began them, in the feed and after the contact is gone. */
static void rows_are_the_events_that_began_them(void **state)
{
	struct two_teams *t = *state;
	struct event created = { .type = "contact.created", .actor = "tess", .source = "import", .at = 400 };
	struct event started = { .type = "run.started", .actor = "tess", .source = "pipeline", .depth = 3 }, list[4];
	struct contact c = { .email = "new@example.org", .folded = "new@example.org", .created_at = 400 };
	struct run r = t->run;
	int64_t at, newest;

	place_begin(&t->p);
	OK(event_occasion(DB, &created, &c.began, &err));
	OK(contact_insert(DB, t->a, &c, &err));
	OK(event_occasion(DB, &started, &r.began, &err));
	r.contact = c.id;
	r.started_at = 500;
	IS(1, run_insert(DB, t->a, &r, &err));
	OK(event_newest(DB, t->a, &newest, &err));
	assert_int_equal(newest, r.id);
	IS(1, event_last_at(DB, t->a, c.id, "contact.created", 0, &at, &err));
	assert_int_equal(at, 400);
	IS(0, event_last_at(DB, t->a, c.id, "contact.created", c.id, &at, &err));
	IS(1, event_last_at(DB, t->a, c.id, "run.started", c.id, &at, &err));
	assert_int_equal(at, 500);
	IS(2, event_list_back(DB, t->a, 0, MEM, list, 2, &err));
	assert_int_equal(list[0].id, r.id);
	assert_int_equal(list[1].id, c.id);
	IS(2, event_list_of_contact(DB, t->a, c.id, 0, MEM, list, 2, &err));
	assert_int_equal(list[0].id, r.id);
	IS(1, event_list_of_contact(DB, t->a, c.id, r.id, MEM, list, 2, &err));
	assert_int_equal(list[0].id, c.id);
	IS(0, event_list_of_contact(DB, t->b, c.id, 0, MEM, list, 2, &err));
	IS(1, contact_query_ids(DB, t->a, &(struct contact_query){ .created_from = 400 }, 0, &newest, 1, &err));
	OK(contact_delete(DB, t->a, c.id, &err));
	IS(2, event_list(DB, t->a, c.id, 0, MEM, list, 4, &err));
	place_commit(&t->p);
	assert_string_equal(list[0].type, "contact.created");
	assert_string_equal(list[0].source, "import");
	assert_string_equal(list[0].data, "{}");
	assert_int_equal(list[1].run, r.id);
	assert_int_equal(list[1].depth, 3);
	assert_string_equal(list[1].data, "{\"pipeline\":\"welcome\"}");
	assert_string_equal(place_ask(&t->p, arena_printf(MEM, "SELECT type || ' ' || data FROM event WHERE contact = %lld"
	                                                       " ORDER BY id", (long long)c.id)),
	                    "contact.created {}\nrun.started {\"pipeline\":\"welcome\"}");
}

/* A row has all values and tags of a contact in one text: what divides them there may stand in them. */
static void any_value_and_tag_comes_back(void **state)
{
	static const char *const texts[] = { "a\nb", "\n", "\\", "\\n", "\\\\n\n", "x\\", "3=4", "#", "=", "\r\n#\\t", "\xc3\xa4" };
	struct two_teams *t = *state;
	struct contact c;

	place_begin(&t->p);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		IS(1, contact_set_value(DB, t->a, t->contact, "plan", texts[i], &err));
		IS(0, contact_set_value(DB, t->a, t->contact, "plan", texts[i], &err));
		IS(1, contact_add_tag(DB, t->a, t->contact, texts[i], &err));
		IS(1, contact_load(DB, t->a, t->contact, MEM, &c, &err));
		assert_string_equal(contact_get(&c, "plan"), texts[i]);
		assert_true(contact_has_tag(&c, texts[i]));
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		IS(1, contact_remove_tag(DB, t->a, t->contact, texts[i], &err));
		IS(0, contact_remove_tag(DB, t->a, t->contact, texts[i], &err));
	}
	IS(1, contact_set_value(DB, t->a, t->contact, "plan", "", &err));
	IS(0, contact_set_value(DB, t->b, t->contact, "plan", "pro", &err));
	place_commit(&t->p);
}

/* The number that a name got in a transaction that came to nothing is another name's afterwards. */
static void words_of_a_rollback_are_forgotten(void **state)
{
	struct two_teams *t = *state;
	struct contact c;

	place_begin(&t->p);
	IS(1, contact_set_value(DB, t->a, t->contact, "never", "1", &err));
	txn_release(&t->p.txn);
	place_begin(&t->p);
	IS(1, contact_set_value(DB, t->a, t->contact, "ever", "2", &err));
	IS(1, contact_set_value(DB, t->a, t->contact, "never", "3", &err));
	place_commit(&t->p);
	IS(1, contact_load(DB, t->a, t->contact, MEM, &c, &err));
	assert_string_equal(contact_get(&c, "ever"), "2");
	assert_string_equal(contact_get(&c, "never"), "3");
}

static void an_address_is_taken_once_in_each_team(void **state)
{
	struct two_teams *t = *state;
	struct contact c = { .email = "anna@example.org", .folded = "anna@example.org" };

	place_begin(&t->p);
	OK(contact_insert(DB, t->b, &c, &err));
	FAILS(ERR_BUG, contact_insert(DB, t->b, &c, &err));
	txn_release(&t->p.txn);
}

static void contacts_by_what_holds_for_them(void **state)
{
	struct two_teams *t = *state;
	enum contact_kind lead = CONTACT_LEAD, contact = CONTACT_CONTACT;
	const struct {
		struct contact_query q;
		int n;
	} cases[] = {
		{ { 0 }, 1 },
		{ { .tag = "vip" }, 1 },
		{ { .tag = "cold" }, 0 },
		{ { .enrolled = t->pipeline }, 1 },
		{ { .enrolled = t->pipeline, .tag = "vip" }, 1 },
		{ { .enrolled = t->pipeline + 1 }, 0 },
		{ { .only = t->contact }, 1 },
		{ { .only = t->contact, .tag = "vip" }, 1 },
		{ { .only = t->contact, .tag = "cold" }, 0 },
		{ { .only = t->contact + 1 }, 0 },
		{ { .never_enrolled = true }, 0 },
		{ { .created_from = 100, .created_until = 101 }, 1 },
		{ { .created_from = 101 }, 0 },
		{ { .created_until = 100 }, 0 },
		{ { .kind = &lead }, 1 },
		{ { .kind = &contact }, 0 },
	};
	int64_t ids[4];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		IS(cases[i].n, contact_query_ids(DB, t->a, &cases[i].q, 0, ids, 4, &err));
		IS(0, contact_query_ids(DB, t->a, &cases[i].q, t->contact, ids, 4, &err));
		IS(0, contact_query_ids(DB, t->b, &cases[i].q, 0, ids, 4, &err));
	}
}

static void suppressions_are_bits_that_survive_the_contact(void **state)
{
	static const char *const salts[] = { "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100" };
	struct two_teams *t = *state;
	struct suppression_row rows[4];
	struct veil veil;
	unsigned bits = 0;

	OK(suppression_add(DB, t->a, "anna@example.org", SUPPRESS_BOUNCED, 400, "inbox", &err));
	OK(suppression_add(DB, t->a, "anna@example.org", SUPPRESS_BOUNCED, 500, "inbox", &err));
	OK(contact_delete(DB, t->a, t->contact, &err));
	OK(suppression_get(DB, t->a, "anna@example.org", &bits, &err));
	assert_int_equal(bits, SUPPRESS_UNSUBSCRIBED | SUPPRESS_BOUNCED);
	OK(suppression_remove(DB, t->a, "anna@example.org", SUPPRESS_UNSUBSCRIBED, &err));
	OK(suppression_get(DB, t->a, "anna@example.org", &bits, &err));
	assert_int_equal(bits, SUPPRESS_BOUNCED);
	OK(suppression_get(DB, t->a, "bob@example.org", &bits, &err));
	assert_int_equal(bits, 0);
	OK(suppression_veil(DB, t->a, "anna@example.org", salts[0], &err));
	OK(suppression_add(DB, t->a, "anna@example.org", SUPPRESS_BOUNCED, 600, "inbox", &err));
	OK(suppression_add(DB, t->a, "anna@example.org", SUPPRESS_COMPLAINED, 600, "inbox", &err));
	OK(suppression_veil(DB, t->a, "anna@example.org", salts[1], &err));
	assert_string_equal(place_ask(&t->p, "SELECT count(*) FROM suppression WHERE folded LIKE '%anna%'"), "0");
	OK(suppression_get(DB, t->a, "anna@example.org", &bits, &err));
	assert_int_equal(bits, SUPPRESS_BOUNCED | SUPPRESS_COMPLAINED);
	OK(suppression_add(DB, t->a, "bob@example.org", SUPPRESS_BOUNCED, 600, "inbox", &err));
	IS(3, suppression_list_loose(DB, t->a, "", MEM, rows, 4, &err));
	assert_string_equal(rows[0].folded, "bob@example.org");
	veil_make(salts[0], "anna@example.org", &veil);
	assert_string_equal(rows[1].folded, veil.text);
	assert_int_equal(rows[1].reasons, SUPPRESS_BOUNCED);
	assert_int_equal(rows[2].reasons, SUPPRESS_BOUNCED | SUPPRESS_COMPLAINED);
	IS(1, suppression_list_loose(DB, t->a, rows[1].folded, MEM, rows, 4, &err));
	IS(0, suppression_list_loose(DB, t->b, "sha256;", MEM, rows, 4, &err));
	/* Under every salt, of each of which there is a veil. */
	IS(2, suppression_remove(DB, t->a, "anna@example.org", SUPPRESS_BOUNCED, &err));
	OK(suppression_get(DB, t->a, "anna@example.org", &bits, &err));
	assert_int_equal(bits, SUPPRESS_COMPLAINED);
}

static void a_veil_is_a_salted_hash(void **state)
{
	static const char *const none[] = {
		"", "sha256:", "anna@example.org", "sha256:00112233445566778899aabbccddeeff:",
		"sha256:00112233445566778899aabbccddeef:0c0",
		"sha256:00112233445566778899aabbccddeefg:0000000000000000000000000000000000000000000000000000000000000000",
		"sha256:00112233445566778899aabbccddeeff:00000000000000000000000000000000000000000000000000000000000000000",
		"sha256:00112233445566778899aabbccddeeff.0000000000000000000000000000000000000000000000000000000000000000",
	};
	struct veil v;

	(void)state;
	veil_make("00112233445566778899aabbccddeeff", "anna@example.org", &v);
	/* printf %s SALTanna@example.org | sha256sum */
	assert_string_equal(v.text, "sha256:00112233445566778899aabbccddeeff:"
	                            "3a5684f08d1b75f81b0e698bb052d3ebb2c224e3f3ad2f6df8067159195844ac");
	assert_true(veil_is(v.text));
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_false(veil_is(none[i]));
}

static void documents_and_their_versions(void **state)
{
	struct two_teams *t = *state;
	struct document_row d, *list;
	struct document_version v, *versions;

	IS(1, document_find(DB, t->a, "Pipeline", "welcome", MEM, &d, &err));
	IS(0, document_find(DB, t->a, "Template", "welcome", MEM, &d, &err));
	assert_string_equal(d.folder, "/f");
	d.version = 2;
	d.paused = 7;
	d.body = "kind: Pipeline # two";
	OK(document_update(DB, t->a, &d, &err));
	v = (struct document_version){ .document = d.id, .version = 2, .kind = "Pipeline", .name = "welcome",
		                           .body = d.body, .steps = "1 3", .actor = "bob", .created_at = 500 };
	OK(version_insert(DB, t->a, &v, &err));
	FAILS(ERR_BUG, version_insert(DB, t->a, &v, &err));
	IS(1, version_load(DB, t->a, d.id, 1, MEM, &v, &err));
	assert_string_equal(v.steps, "1");
	IS(0, version_load(DB, t->a, d.id, 3, MEM, &v, &err));
	IS(2, version_list(DB, t->a, d.id, MEM, &versions, &err));
	assert_int_equal(versions[0].version, 2);
	IS(1, document_list(DB, t->a, NULL, MEM, &list, &err));
	assert_int_equal(list[0].paused, 7);
	IS(1, document_list(DB, t->a, "Pipeline", MEM, &list, &err));
	IS(0, document_list(DB, t->a, "Template", MEM, &list, &err));
	OK(document_delete(DB, t->a, d.id, &err));
	IS(0, document_find(DB, t->a, "Pipeline", "welcome", MEM, &d, &err));
	IS(1, version_newest(DB, t->a, t->pipeline, MEM, &v, &err));
	assert_int_equal(v.version, 2);
	assert_string_equal(v.name, "welcome");
}

static void what_is_old_is_forgotten(void **state)
{
	struct two_teams *t = *state;
	struct message m;
	int64_t ids[9];

	IS(0, prune_find_events(DB, t->b, 1, 0, ids, 9, &err));
	IS(0, prune_find_contents(DB, t->a, 1000000, 0, ids, 9, &err)); /* it is on its way */
	IS(1, message_fence(DB, t->a, t->message.id, 77, 300, &err));
	IS(1, message_move(DB, t->a, t->message.id, 77, MESSAGE_OFFERED, MESSAGE_SENT, 301, "250 ok", &err));
	IS(0, prune_find_contents(DB, t->a, 301, 0, ids, 9, &err));
	IS(0, prune_find_contents(DB, t->b, 302, 0, ids, 9, &err));
	IS(1, prune_find_contents(DB, t->a, 302, 0, ids, 9, &err));
	OK(prune_content(DB, t->b, ids[0], &err)); /* another team's stays */
	IS(1, prune_find_contents(DB, t->a, 302, 0, ids, 9, &err));
	OK(prune_content(DB, t->a, ids[0], &err));
	IS(0, prune_find_contents(DB, t->a, 302, 0, ids, 9, &err));
	IS(1, message_load(DB, t->a, t->message.id, MEM, &m, &err));
	assert_string_equal(m.text, "");
}

static void old_events_but_not_of_open_runs(void **state)
{
	struct two_teams *t = *state;
	struct event ev = { .contact = t->contact, .type = "note.added", .at = 500, .actor = "x", .source = "manual",
		                .data = "{}" };
	int64_t ids[9];
	struct err failure = ERR_INIT;
	int before = prune_find_events(DB, t->a, 501, 0, ids, 9, &failure);

	OK(event_insert(DB, t->a, &ev, &err));
	IS(before, prune_find_events(DB, t->a, 501, 0, ids, 9, &err)); /* since an open run began */
	t->run.status = RUN_COMPLETED;
	t->run.ended_at = 600;
	OK(run_update(DB, t->a, &t->run, &err));
	IS(1, prune_find_events(DB, t->a, 501, ev.id - 1, ids, 9, &err));
	IS(0, prune_find_events(DB, t->a, 500, ev.id - 1, ids, 9, &err));
	OK(prune_event(DB, t->b, ev.id, &err));
	IS(1, prune_find_events(DB, t->a, 501, ev.id - 1, ids, 9, &err));
	OK(prune_event(DB, t->a, ev.id, &err));
	IS(0, prune_find_events(DB, t->a, 501, ev.id - 1, ids, 9, &err));
	OK(prune_keys(DB, t->a, &err));
}

static void admins_of_a_team(void **state)
{
	struct two_teams *t = *state;
	const struct member members[] = { { .account = "carl", .role = ROLE_ADMIN }, { .account = "bob", .role = ROLE_MEMBER },
		                              { .account = "anna", .role = ROLE_ADMIN } };
	struct names admins;

	OK(team_set_members(DB, t->a, members, ARRAY_LEN(members), &err));
	OK(team_admins(DB, t->a, MEM, &admins, &err));
	assert_int_equal(admins.n, 2);
	assert_string_equal(admins.v[0], "anna");
	OK(team_admins(DB, t->b, MEM, &admins, &err));
	for (size_t i = 0; i < admins.n; i++)
		assert_string_not_equal(admins.v[i], "carl");
}

static void runs_of_a_contact_and_a_pipeline(void **state)
{
	struct two_teams *t = *state;
	struct run again = t->run, r, *list;
	struct due_mail due;
	struct run_stand *stands;
	struct reason_tally *reasons;
	struct run_tally *tallies;
	int64_t at, n;

	IS(0, run_insert(DB, t->a, &again, &err)); /* one open run is enough */
	IS(1, run_load(DB, t->a, t->run.id, MEM, &r, &err));
	assert_int_equal(r.status, RUN_RUNNING);
	assert_string_equal(r.mailbox, "hello");
	IS(1, due_mail_load(DB, t->a, t->run.id, MEM, &due, &err));
	assert_true(due.has_message);
	assert_string_equal(due.run.mailbox, "hello");
	assert_string_equal(due.contact.email, "Anna@Example.org");
	IS(1, run_find_open(DB, t->a, t->pipeline, t->contact, MEM, &r, &err));
	IS(1, run_last_start(DB, t->a, t->pipeline, t->contact, &at, &err));
	assert_int_equal(at, 100);
	IS(1, run_stands(DB, t->a, t->pipeline, MEM, &stands, &err));
	assert_int_equal(stands[0].runs, 1);
	IS(1, run_list_open(DB, t->a, t->pipeline, 0, 9, MEM, &list, &err));
	IS(0, run_list_open(DB, t->a, t->pipeline, t->run.id, 9, MEM, &list, &err));
	r.visit = 2;
	r.status = RUN_BLOCKED;
	r.reason = "missing";
	r.reason_text = "contact.plan";
	OK(run_update(DB, t->a, &r, &err));
	IS(1, due_mail_load(DB, t->a, t->run.id, MEM, &due, &err));
	assert_true(!due.has_message);
	OK(run_count_blocked(DB, t->a, &n, &err));
	assert_int_equal(n, 1);
	OK(run_count_blocked(DB, 0, &n, &err));
	assert_int_equal(n, 1);
	r.status = RUN_COMPLETED;
	r.reason = r.reason_text = "";
	r.ended_at = 900;
	OK(run_update(DB, t->a, &r, &err));
	IS(0, run_find_open(DB, t->a, t->pipeline, t->contact, MEM, &r, &err));
	IS(1, run_insert(DB, t->a, &again, &err));
	IS(2, run_list_of_contact(DB, t->a, t->contact, false, MEM, &list, &err));
	assert_int_equal(list[0].id, again.id); /* latest first */
	IS(1, run_list_of_contact(DB, t->a, t->contact, true, MEM, &list, &err));
	IS(2, run_tallies(DB, t->a, MEM, &tallies, &err));
	IS(2, reason_tallies(DB, t->a, 0, MEM, &reasons, &err));
	assert_int_equal(reasons[0].runs, 1);
	IS(2, reason_tallies(DB, t->a, t->pipeline, MEM, &reasons, &err));
	IS(0, reason_tallies(DB, t->a, 99, MEM, &reasons, &err));
	IS(0, reason_tallies(DB, t->b, 0, MEM, &reasons, &err));
	IS(2, run_list(DB, t->a, &(struct run_filter){ .max = 9 }, MEM, &list, &err));
	IS(1, run_list(DB, t->a, &(struct run_filter){ .status = "completed", .max = 9 }, MEM, &list, &err));
	IS(1, run_list(DB, t->a, &(struct run_filter){ .open_only = true, .max = 9 }, MEM, &list, &err));
	IS(1, run_list(DB, t->a, &(struct run_filter){ .before = again.id, .max = 9 }, MEM, &list, &err));
	IS(0, run_list(DB, t->a, &(struct run_filter){ .pipeline = 99, .max = 9 }, MEM, &list, &err));
	IS(0, run_list(DB, t->a, &(struct run_filter){ .contact = 99, .max = 9 }, MEM, &list, &err));
	IS(0, run_list(DB, t->a, &(struct run_filter){ .reason = "late", .max = 9 }, MEM, &list, &err));
	/* What is due in a mailbox may be held by it; what is not due yet may not. */
	IS(1, run_list(DB, t->a, &(struct run_filter){ .status = "blocked", .held_at = 900, .max = 9 }, MEM, &list, &err));
	again.due_at = again.queued_at = 901;
	OK(run_update(DB, t->a, &again, &err));
	IS(0, run_list(DB, t->a, &(struct run_filter){ .status = "blocked", .held_at = 900, .max = 9 }, MEM, &list, &err));
	again.reason = "hours";
	again.held_since = 800;
	OK(run_update(DB, t->a, &again, &err));
	IS(1, run_list(DB, t->a, &(struct run_filter){ .status = "blocked", .held_at = 900, .max = 9 }, MEM, &list, &err));
	assert_int_equal(list[0].held_since, 800);
}

/* The number stays, the secret does not. */
static const char *other_letters(struct two_teams *t)
{
	char *text = arena_strdup(MEM, t->message.message_id);

	strchr(text, '.')[1] ^= 1;
	return text;
}

static void messages_from_claim_to_answer(void **state)
{
	struct two_teams *t = *state;
	struct message m, *list;
	struct mail_tally *mails;
	struct in_hand *held;
	int64_t n;

	IS(1, message_load(DB, t->a, t->message.id, MEM, &m, &err));
	IS(1, message_find_mid(DB, t->a, t->message.message_id, MEM, &m, &err));
	assert_int_equal(m.id, t->message.id);
	IS(0, message_find_mid(DB, t->a, other_letters(t), MEM, &m, &err));
	IS(0, message_find_mid(DB, t->a, "one@example.com", MEM, &m, &err));
	IS(1, message_of_step(DB, t->a, t->run.id, 1, 1, MEM, &m, &err));
	IS(0, message_of_step(DB, t->a, t->run.id, 1, 2, MEM, &m, &err));
	IS(0, message_of_step(DB, t->a, 0, 0, 1, MEM, &m, &err)); /* one without a run is of no step */
	IS(0, message_last_sent(DB, t->a, t->run.id, 0, MEM, &m, &err));
	IS(1, message_last_of_run(DB, t->a, t->run.id, MEM, &m, &err));
	assert_int_equal(m.id, t->message.id);
	IS(0, message_last_of_run(DB, t->b, t->run.id, MEM, &m, &err));
	IS(0, message_fence(DB, t->a, t->message.id, 78, 300, &err)); /* another claim's */
	IS(1, message_fence(DB, t->a, t->message.id, 77, 300, &err));
	IS(0, message_fence(DB, t->a, t->message.id, 77, 300, &err)); /* offered once */
	IS(1, in_hand_list(DB, t->a, MEM, &held, &err));
	assert_int_equal(held[0].run, t->run.id);
	assert_int_equal(held[0].state, MESSAGE_OFFERED);
	assert_int_equal(held[0].since, 300);
	IS(0, in_hand_list(DB, t->b, MEM, &held, &err));
	IS(1, message_last_sent(DB, t->a, t->run.id, 1, MEM, &m, &err));
	IS(0, message_last_sent(DB, t->a, t->run.id, 2, MEM, &m, &err));
	IS(1, message_list_open(DB, t->a, MESSAGE_OFFERED, 0, 9, MEM, &list, &err));
	IS(0, message_list_open(DB, t->a, MESSAGE_SENDING, 0, 9, MEM, &list, &err));
	IS(0, message_move(DB, t->a, t->message.id, 77, MESSAGE_SENDING, MESSAGE_SENT, 301, "250 ok", &err));
	IS(1, message_move(DB, t->a, t->message.id, 77, MESSAGE_OFFERED, MESSAGE_SENT, 301, "250 ok", &err));
	IS(1, mail_tallies(DB, t->a, t->pipeline, MEM, &mails, &err));
	assert_int_equal(mails[0].state, MESSAGE_SENT);
	IS(0, mail_tallies(DB, t->b, t->pipeline, MEM, &mails, &err));
	IS(0, message_list_open(DB, t->a, MESSAGE_OFFERED, 0, 9, MEM, &list, &err));
	IS(1, message_list_open(DB, t->a, MESSAGE_QUEUED, 0, 9, MEM, &list, &err));
	IS(0, message_list_open(DB, t->a, MESSAGE_HELD, 0, 9, MEM, &list, &err));
	IS(0, message_list_open(DB, t->a, MESSAGE_QUEUED, t->loose.id, 9, MEM, &list, &err));
	OK(message_count_waiting(DB, t->a, MESSAGE_QUEUED, &n, &err));
	assert_int_equal(n, 1);
	IS(2, message_list_of_contact(DB, t->a, t->contact, MEM, &list, &err));
	assert_string_equal(list[0].reply, "250 ok");
	m = list[1];
	m.state = MESSAGE_HELD;
	m.subject = "Later";
	OK(message_update(DB, t->a, &m, &err));
	IS(1, message_load(DB, t->a, m.id, MEM, &m, &err));
	assert_string_equal(m.subject, "Later");
}

static void a_step_has_one_message(void **state)
{
	struct two_teams *t = *state;
	struct message twin = t->message;

	place_begin(&t->p);
	OK(db_new_id(DB, "item", &twin.id, &err));
	FAILS(ERR_BUG, message_insert(DB, t->a, &twin, &err));
	twin.run = 0;
	OK(message_insert(DB, t->a, &twin, &err));
	txn_release(&t->p.txn);
	place_begin(&t->p);
	OK(message_drop_of_run(DB, t->a, t->run.id, 500, &err));
	place_commit(&t->p);
	assert_string_equal(place_ask(&t->p, "SELECT state FROM message ORDER BY id"), "dropped\nqueued");
}

/* Each of these, committed a moment before, keeps the last byte back. */
static void the_fence_holds_for_whatever_has_changed(void **state)
{
	struct two_teams *t = *state;
	static const char *const changes[] = {
		"UPDATE run SET status = 'stopped', ended_at = 5",
		"UPDATE run SET status = 'blocked'",
		"UPDATE run SET step = 2",
		"UPDATE document SET paused = 1",
		"UPDATE lane SET paused_at = 1",
		"UPDATE contact SET suppressed = 2",
		"UPDATE contact SET suppressed = 4",
		"UPDATE message SET state = 'held', waits = 1",
		"UPDATE message SET token = 78",
		"DELETE FROM document",
	};

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const char *copy = arena_printf(MEM, "%s/%zu.db", t->p.folder, i);
		sqlite3 *raw;
		struct db *db;

		OK(db_backup(DB, copy, &err));
		assert_int_equal(sqlite3_open_v2(copy, &raw, SQLITE_OPEN_READWRITE, page_vfs()), SQLITE_OK);
		assert_int_equal(sqlite3_exec(raw, changes[i], NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(raw);
		OK(db_open(copy, DB_WRITE, &db, &err));
		if (message_fence(db, t->a, t->message.id, 77, 300, &(struct err)ERR_INIT) != 0)
			fail_msg("in spite of: %s", changes[i]);
		db_close(db);
	}
}

static void claims_keep_their_bytes(void **state)
{
	struct two_teams *t = *state;
	struct claim c, *list;
	const void *data;
	size_t len;

	IS(1, claim_list(DB, MEM, &list, &err));
	assert_int_equal(list[0].team, t->a);
	assert_int_equal(list[0].len, 11);
	assert_memory_equal(list[0].bytes, "From: x\r\n\0y", 11);
	IS(0, claim_remove(DB, t->a, t->message.id, 78, &err));
	OK(claim_set_aside(DB, t->a, t->message.id, &err));
	IS(0, claim_list(DB, MEM, &list, &err));
	IS(1, claim_load(DB, t->a, t->message.id, MEM, &c, &err));
	assert_int_equal(c.slot_at, 200);
	OK(claim_set_slot(DB, t->a, t->message.id, 207, &err));
	IS(1, claim_load(DB, t->a, t->message.id, MEM, &c, &err));
	assert_int_equal(c.slot_at, 207);
	IS(1, claim_remove(DB, t->a, t->message.id, CLAIM_SET_ASIDE, &err));
	IS(0, claim_load(DB, t->a, t->message.id, MEM, &c, &err));
	IS(1, attachment_load(DB, t->a, "abc", MEM, &data, &len, &err));
	assert_int_equal(len, 4);
	OK(attachment_insert(DB, t->a, "abc", "same", 4, &err)); /* the name says what is in it */
	IS(0, attachment_load(DB, t->a, "abd", MEM, &data, &len, &err));
}

static void events_and_keys(void **state)
{
	struct two_teams *t = *state;
	struct event ev, list[4];
	int64_t id, at;

	IS(1, event_load(DB, t->a, t->event.id, MEM, &ev, &err));
	assert_string_equal(ev.type, "order.placed");
	OK(event_newest(DB, t->a, &id, &err));
	assert_int_equal(id, ev.id);
	IS(1, event_last_at(DB, t->a, t->contact, "order.placed", 0, &at, &err));
	assert_int_equal(at, 300);
	IS(0, event_last_at(DB, t->a, t->contact, "order.placed", ev.id, &at, &err));
	IS(1, event_list(DB, t->a, 0, 0, MEM, list, 4, &err));
	IS(1, event_list(DB, t->a, t->contact, 0, MEM, list, 4, &err));
	IS(0, event_list(DB, t->a, 0, ev.id, MEM, list, 4, &err));
	IS(1, event_list_back(DB, t->a, 0, MEM, list, 4, &err));
	IS(0, event_list_back(DB, t->a, ev.id, MEM, list, 4, &err));
	IS(1, event_key_find(DB, t->a, "key-1", &err));
	IS(0, event_key_find(DB, t->a, "key-2", &err));
	FAILS(ERR_BUG, event_key_insert(DB, t->a, "key-1", 9, &err));
}

static void entries_wait_in_order(void **state)
{
	struct two_teams *t = *state;
	int64_t event = 0;

	OK(entry_insert(DB, t->a, t->pipeline, t->contact, t->event.id + 1, &err));
	OK(entry_insert(DB, t->a, t->pipeline, t->contact, t->event.id + 1, &err));
	IS(1, entry_take(DB, t->a, t->pipeline, t->contact, &event, &err));
	assert_int_equal(event, t->event.id);
	IS(1, entry_take(DB, t->a, t->pipeline, t->contact, &event, &err));
	IS(0, entry_take(DB, t->a, t->pipeline, t->contact, &event, &err));
	OK(entry_insert(DB, t->a, t->pipeline, t->contact, t->event.id, &err));
	OK(entry_remove(DB, t->a, t->pipeline + 1, t->contact, &err));
	OK(entry_remove(DB, t->b, 0, t->contact, &err));
	OK(entry_remove(DB, t->a, 0, t->contact + 1, &err));
	IS(1, entry_take(DB, t->a, t->pipeline, t->contact, &event, &err));
	OK(entry_insert(DB, t->a, t->pipeline, t->contact, t->event.id, &err));
	OK(entry_remove(DB, t->a, t->pipeline, t->contact, &err));
	IS(0, entry_take(DB, t->a, t->pipeline, t->contact, &event, &err));
}

/* More than one letter, and more than two, number the words of their names. */
static void values_of_many_fields_come_back(void **state)
{
	enum { FIELDS = 26 * 26 + 30 };
	struct two_teams *t = *state;
	struct contact c;

	for (int i = 0; i < FIELDS; i++)
		IS(1, contact_set_value(DB, t->a, t->contact, arena_printf(MEM, "field%d", i), arena_printf(MEM, "%d Aa=", i), &err));
	IS(1, contact_load(DB, t->a, t->contact, MEM, &c, &err));
	for (int i = 0; i < FIELDS; i++)
		assert_string_equal(contact_get(&c, arena_printf(MEM, "field%d", i)), arena_printf(MEM, "%d Aa=", i));
}

/* Only what is due and within the number goes, whatever lies beside it. */
static void what_is_taken_leaves_the_queue(void **state)
{
	struct two_teams *t = *state;
	struct queue_row rows[9];

	OK(queue_insert(DB, &(struct queue_row){ t->lane, 10, 199, INT64_MAX }, &err));
	OK(queue_insert(DB, &(struct queue_row){ t->lane, 10, 200, INT64_MAX - 1 }, &err));
	OK(queue_insert(DB, &(struct queue_row){ t->lane, 10, 200, INT64_MAX }, &err));
	OK(queue_insert(DB, &(struct queue_row){ t->lane, 10, 201, 0 }, &err));
	OK(queue_insert(DB, &(struct queue_row){ t->lane, 9, 200, 7 }, &err));
	OK(queue_insert(DB, &(struct queue_row){ t->lane + 1, 10, 200, 7 }, &err));
	IS(4, queue_take(DB, t->lane, 200, rows, 4, &err));
	assert_int_equal(rows[0].class, 9);
	assert_int_equal(rows[1].due, 199);
	assert_int_equal(rows[2].item, t->run.id);
	assert_true(rows[3].item == INT64_MAX - 1);
	IS(1, queue_take(DB, t->lane, 200, rows, 9, &err));
	assert_true(rows[0].item == INT64_MAX);
	IS(0, queue_take(DB, t->lane, 200, rows, 9, &err));
	IS(1, queue_due(DB, t->lane + 1, 200, rows, 9, &err));
	IS(2, queue_due(DB, t->lane, 300, rows, 9, &err));
	assert_int_equal(rows[0].class, CLASS_LOOSE);
	assert_int_equal(rows[1].due, 201);
}

static void the_queue_is_in_order(void **state)
{
	struct two_teams *t = *state;
	struct queue_row rows[9];
	struct queue_count count;
	int64_t first = 0;

	OK(queue_insert(DB, &(struct queue_row){ t->lane, 10, 150, 5 }, &err));
	IS(2, queue_due(DB, t->lane, 200, rows, 9, &err));
	assert_int_equal(rows[0].due, 150);
	IS(1, queue_due(DB, t->lane, 199, rows, 9, &err));
	IS(1, queue_due(DB, t->lane, 200, rows, 1, &err));
	IS(3, queue_due(DB, t->lane, 300, rows, 9, &err));
	assert_int_equal(rows[0].class, CLASS_LOOSE); /* the class comes before the instant */
	IS(3, queue_list(DB, t->lane, NULL, rows, 9, &err));
	assert_int_equal(rows[0].class, CLASS_LOOSE);
	IS(2, queue_list(DB, t->lane, &(struct queue_row){ t->lane, CLASS_LOOSE, 250, -t->loose.id }, rows, 9, &err));
	IS(1, queue_find(DB, t->lane, 10, t->run.id, rows, &err));
	IS(0, queue_find(DB, t->lane, 9, t->run.id, rows, &err));
	OK(queue_count(DB, t->lane, 200, &count, &err));
	assert_int_equal(count.waiting, 3);
	assert_int_equal(count.due, 2);
	assert_int_equal(count.first, 150);
	IS(1, queue_first_due(DB, t->lane, &first, &err));
	assert_int_equal(first, 150);
	IS(1, queue_remove(DB, &(struct queue_row){ t->lane, 10, 150, 5 }, &err));
	IS(0, queue_remove(DB, &(struct queue_row){ t->lane, 10, 150, 5 }, &err));
	IS(0, queue_first_due(DB, 99, &first, &err));
	OK(queue_count(DB, 99, 200, &count, &err));
	assert_int_equal(count.waiting + count.due + count.first, 0);
}

static void an_idle_tick_asks_one_question(void **state)
{
	struct two_teams *t = *state;
	struct lane l;

	IS(1, queue_anything_due(DB, 100, &err)); /* the claim of a dead tick */
	OK(claim_set_aside(DB, t->a, t->message.id, &err));
	IS(0, queue_anything_due(DB, 199, &err));
	IS(1, queue_anything_due(DB, 200, &err));
	IS(1, lane_set_paused(DB, t->a, t->lane, 300, &err));
	IS(0, queue_anything_due(DB, 200, &err));
	IS(1, lane_set_paused(DB, t->a, t->lane, 0, &err));
	IS(1, lane_load(DB, t->a, t->lane, MEM, &l, &err));
	l.free_at = 300;
	OK(lane_update(DB, t->a, &l, &err));
	IS(0, queue_anything_due(DB, 299, &err));
	IS(1, queue_anything_due(DB, 300, &err));
}

static void lanes_are_made_once(void **state)
{
	struct two_teams *t = *state;
	struct lane l, parked, *list;

	OK(lane_get(DB, t->a, "mailbox", "hello", MEM, &l, &err));
	assert_int_equal(l.id, t->lane);
	place_begin(&t->p);
	OK(lane_get(DB, t->a, "parked", "welcome", MEM, &parked, &err));
	OK(lane_get(DB, t->b, "mailbox", "hello", MEM, &l, &err));
	place_commit(&t->p);
	assert_true(parked.free_at == LANE_NEVER);
	assert_int_not_equal(l.id, t->lane);
	IS(1, lane_find(DB, t->a, "parked", "welcome", MEM, &l, &err));
	IS(0, lane_find(DB, t->b, "parked", "welcome", MEM, &l, &err));
	IS(2, lane_list(DB, t->a, MEM, &list, &err));
	IS(1, lane_list(DB, t->b, MEM, &list, &err));
	IS(3, lane_list(DB, 0, MEM, &list, &err));
	IS(1, lane_set_paused(DB, t->a, t->lane, 300, &err));
	IS(0, lane_set_paused(DB, t->a, t->lane, 300, &err));
	IS(1, lane_is_paused(DB, t->a, t->lane, &err));
	IS(1, lane_load(DB, t->a, t->lane, MEM, &l, &err));
	l.paused_at = 0;
	l.failures = 3;
	l.reason = "auth";
	OK(lane_update(DB, t->a, &l, &err)); /* what somebody did meanwhile stays */
	IS(1, lane_load(DB, t->a, t->lane, MEM, &l, &err));
	assert_true(l.paused);
	assert_int_equal(l.paused_at, 300);
	assert_int_equal(l.failures, 3);
	assert_string_equal(l.reason, "auth");
}

static void a_lane_that_rests_watches_one_file(void **state)
{
	struct two_teams *t = *state;
	struct lane_watch w = { .lane = t->lane, .path = "/etc/secret", .stamp = "1" }, *list;

	IS(0, lane_watch_list(DB, 0, MEM, &list, &err));
	OK(lane_watch_set(DB, t->a, &w, &err));
	w.stamp = "2";
	OK(lane_watch_set(DB, t->a, &w, &err));
	w.stamp = "evil";
	OK(lane_watch_set(DB, t->b, &w, &err));
	OK(lane_watch_remove(DB, t->b, t->lane, &err));
	IS(1, lane_watch_list(DB, 0, MEM, &list, &err));
	assert_string_equal(list[0].path, "/etc/secret");
	assert_string_equal(list[0].stamp, "2");
	assert_int_equal(list[0].team, t->a);
	IS(1, lane_watch_list(DB, t->a, MEM, &list, &err));
	IS(0, lane_watch_list(DB, t->b, MEM, &list, &err));
	OK(lane_watch_remove(DB, t->a, t->lane, &err));
	IS(0, lane_watch_list(DB, 0, MEM, &list, &err));
}

static void quota_counts_slots(void **state)
{
	struct two_teams *t = *state;
	int64_t n, at, *slots;

	OK(quota_insert(DB, t->lane, 210, 8, &err));
	OK(quota_insert(DB, t->lane, 210, 9, &err));
	OK(quota_insert(DB, t->lane, 210, 9, &err));
	OK(quota_used(DB, t->lane, 199, &n, &err));
	assert_int_equal(n, 3);
	OK(quota_used(DB, t->lane, 200, &n, &err));
	assert_int_equal(n, 2);
	IS(1, quota_nth(DB, t->lane, 3, &at, &err));
	assert_int_equal(at, 200);
	IS(0, quota_nth(DB, t->lane, 4, &at, &err));
	IS(3, quota_list(DB, t->lane, 199, MEM, &slots, &err));
	assert_int_equal(slots[0], 200);
	assert_int_equal(slots[2], 210);
	IS(2, quota_list(DB, t->lane, 200, MEM, &slots, &err));
	OK(quota_remove(DB, t->lane, 210, 8, &err));
	OK(quota_prune(DB, t->lane, 210, &err));
	OK(quota_used(DB, t->lane, 0, &n, &err));
	assert_int_equal(n, 1);
}

static void a_merged_contact_leaves_its_history(void **state)
{
	struct two_teams *t = *state;
	struct contact c = { .email = "b@example.org", .folded = "b@example.org" };

	place_begin(&t->p);
	OK(contact_insert(DB, t->a, &c, &err));
	OK(contact_move_history(DB, t->a, t->contact, c.id, &err));
	place_commit(&t->p);
	assert_string_equal(place_ask(&t->p, arena_printf(MEM, "SELECT (SELECT count(*) FROM event WHERE contact = %lld),"
	                              " (SELECT count(*) FROM message WHERE contact = %lld),"
	                              " (SELECT count(*) FROM run WHERE contact = %lld)", (long long)c.id, (long long)c.id,
	                              (long long)c.id)), "1|2|1");
}

static void what_was_written_is_forgotten(void **state)
{
	struct two_teams *t = *state;
	struct message *list;

	place_begin(&t->p);
	OK(erase_messages(DB, t->a, t->contact, &err));
	OK(erase_events(DB, t->a, t->contact, &err));
	place_commit(&t->p);
	IS(2, message_list_of_contact(DB, t->a, t->contact, MEM, &list, &err));
	assert_int_equal(list[0].state, MESSAGE_SENDING);
	assert_int_equal(list[1].state, MESSAGE_DROPPED);
	for (int i = 0; i < 2; i++) {
		IS(1, message_load(DB, t->a, list[i].id, MEM, &list[i], &err));
		assert_string_equal(list[i].rcpt_to, "");
		assert_string_equal(list[i].subject, "");
		assert_string_equal(list[i].text, "");
		assert_string_equal(list[i].html, "");
		assert_string_equal(list[i].headers, "");
	}
	assert_string_equal(place_ask(&t->p, "SELECT count(*) FROM claim"), "1"); /* a server may have it */
	assert_string_equal(place_ask(&t->p, "SELECT data FROM event"), "{}");
}

/*
 * The other team.
 */

static const char *rows(struct two_teams *t, const char *table, const char *where)
{
	const char *sql = arena_printf(MEM, "SELECT * FROM %s WHERE %s ORDER BY 1, 2", table, where);

	return arena_printf(MEM, "%s:\n%s\n", table, place_ask(&t->p, sql));
}

/* Everything that is stored, but what B has. */
static const char *all_of_a(struct two_teams *t)
{
	static const char *const shared[] = { "team", "queue", "quota" };
	const char *where = arena_printf(MEM, "team = %lld", (long long)t->a), *text = "";
	char *tables = arena_strdup(MEM, place_ask(&t->p, "SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c"
	                                                  " ON c.name = 'team' WHERE t.type = 'table'"));

	for (char *table = strtok(tables, "\n"); table; table = strtok(NULL, "\n"))
		text = arena_printf(MEM, "%s%s", text, rows(t, table, where));
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		text = arena_printf(MEM, "%s%s", text, rows(t, shared[i], "1"));
	return text;
}

static void with_foreign_ids_contacts_are_not_found(void **state)
{
	struct two_teams *t = *state;
	int64_t id, ids[4];
	const char *email, **near;
	struct contact c;
	unsigned bits;

	IS(0, contact_find(DB, t->b, "anna@example.org", MEM, &c, &err));
	IS(0, contact_load(DB, t->b, t->contact, MEM, &c, &err));
	IS(0, contact_find_id(DB, t->b, "anna@example.org", &id, &err));
	IS(0, contact_email(DB, t->b, t->contact, MEM, &email, &err));
	IS(0, contact_ids(DB, t->b, 0, ids, 4, &err));
	IS(1, contact_neighbours(DB, t->a, "anne@example.org", 4, MEM, &near, &err));
	assert_string_equal(near[0], "anna@example.org");
	IS(1, contact_neighbours(DB, t->a, "ann@example.org", 4, MEM, &near, &err));
	IS(0, contact_neighbours(DB, t->a, "anna@example.org", 4, MEM, &near, &err));
	IS(0, contact_neighbours(DB, t->b, "anne@example.org", 4, MEM, &near, &err));
	OK(suppression_get(DB, t->b, "anna@example.org", &bits, &err));
	assert_int_equal(bits, 0);
}

static void with_foreign_ids_documents_and_events_are_not_found(void **state)
{
	struct two_teams *t = *state;
	struct document_version v, *versions;
	struct document_row d, *docs;
	struct event ev, list[4];
	const void *data;
	int64_t at;
	size_t len;

	IS(0, document_find(DB, t->b, "Pipeline", "welcome", MEM, &d, &err));
	IS(0, document_list(DB, t->b, NULL, MEM, &docs, &err));
	IS(0, version_load(DB, t->b, t->pipeline, 1, MEM, &v, &err));
	IS(0, version_list(DB, t->b, t->pipeline, MEM, &versions, &err));
	IS(0, version_newest(DB, t->b, t->pipeline, MEM, &v, &err));
	IS(0, attachment_load(DB, t->b, "abc", MEM, &data, &len, &err));
	IS(0, event_load(DB, t->b, t->event.id, MEM, &ev, &err));
	IS(0, event_list(DB, t->b, 0, 0, MEM, list, 4, &err));
	IS(0, event_list(DB, t->b, t->contact, 0, MEM, list, 4, &err));
	IS(0, event_list_back(DB, t->b, 0, MEM, list, 4, &err));
	IS(0, event_last_at(DB, t->b, t->contact, "order.placed", 0, &at, &err));
	OK(event_newest(DB, t->b, &at, &err));
	assert_int_equal(at, 0);
	IS(0, event_key_find(DB, t->b, "key-1", &err));
}

static void with_foreign_ids_runs_and_messages_are_not_found(void **state)
{
	struct two_teams *t = *state;
	struct due_mail due;
	struct message m, *messages;
	struct run_tally *tallies;
	struct run_stand *stands;
	struct run r, *runs;
	struct claim c;
	struct lane l;
	int64_t n;

	IS(0, run_load(DB, t->b, t->run.id, MEM, &r, &err));
	IS(0, run_find_open(DB, t->b, t->pipeline, t->contact, MEM, &r, &err));
	IS(0, run_list_of_contact(DB, t->b, t->contact, false, MEM, &runs, &err));
	IS(0, run_last_start(DB, t->b, t->pipeline, t->contact, &n, &err));
	IS(0, run_list(DB, t->b, &(struct run_filter){ .max = 9 }, MEM, &runs, &err));
	IS(0, run_stands(DB, t->b, t->pipeline, MEM, &stands, &err));
	IS(0, run_list_open(DB, t->b, t->pipeline, 0, 9, MEM, &runs, &err));
	IS(0, run_tallies(DB, t->b, MEM, &tallies, &err));
	t->run.status = RUN_BLOCKED;
	OK(run_update(DB, t->a, &t->run, &err));
	OK(run_count_blocked(DB, t->b, &n, &err));
	assert_int_equal(n, 0);
	IS(0, message_load(DB, t->b, t->message.id, MEM, &m, &err));
	IS(0, due_mail_load(DB, t->b, t->run.id, MEM, &due, &err));
	IS(0, message_find_mid(DB, t->b, t->message.message_id, MEM, &m, &err));
	IS(0, message_of_step(DB, t->b, t->run.id, 1, 1, MEM, &m, &err));
	IS(0, message_list_open(DB, t->b, MESSAGE_QUEUED, 0, 9, MEM, &messages, &err));
	IS(0, message_list_open(DB, t->b, MESSAGE_SENDING, 0, 9, MEM, &messages, &err));
	IS(0, message_list_of_contact(DB, t->b, t->contact, MEM, &messages, &err));
	OK(message_count_waiting(DB, t->b, MESSAGE_QUEUED, &n, &err));
	assert_int_equal(n, 0);
	IS(0, claim_load(DB, t->b, t->message.id, MEM, &c, &err));
	IS(0, lane_load(DB, t->b, t->lane, MEM, &l, &err));
	IS(0, lane_find(DB, t->b, "mailbox", "hello", MEM, &l, &err));
	IS(1, lane_set_paused(DB, t->a, t->lane, 300, &err));
	IS(0, lane_is_paused(DB, t->b, t->lane, &err));
	IS(1, message_move(DB, t->a, t->message.id, 77, MESSAGE_SENDING, MESSAGE_SENT, 300, "", &err));
	IS(0, message_last_sent(DB, t->b, t->run.id, 0, MEM, &m, &err));
}

static void change_contacts_of_a(struct two_teams *t)
{
	struct contact c = { .id = t->contact, .email = "evil@example.org", .folded = "evil@example.org" };
	struct contact own = { .email = "anna@example.org", .folded = "anna@example.org" };

	OK(contact_insert(DB, t->b, &own, &err));
	IS(0, contact_set_value(DB, t->b, t->contact, "first_name", "Evil", &err));
	IS(0, contact_set_value(DB, t->b, t->contact, "first_name", "", &err));
	IS(0, contact_add_tag(DB, t->b, t->contact, "evil", &err));
	IS(0, contact_remove_tag(DB, t->b, t->contact, "vip", &err));
	OK(contact_update(DB, t->b, &c, &err));
	OK(contact_delete(DB, t->b, t->contact, &err));
	OK(contact_move_history(DB, t->b, t->contact, own.id, &err));
	OK(erase_messages(DB, t->b, t->contact, &err));
	OK(erase_events(DB, t->b, t->contact, &err));
	OK(suppression_add(DB, t->b, "anna@example.org", SUPPRESS_COMPLAINED, 1, "evil", &err));
	OK(suppression_remove(DB, t->b, "anna@example.org", SUPPRESS_UNSUBSCRIBED, &err));
	OK(suppression_veil(DB, t->b, "anna@example.org", "00112233445566778899aabbccddeeff", &err));
}

static void change_documents_of_a(struct two_teams *t)
{
	struct document_row d = { .id = t->pipeline, .kind = "Pipeline", .name = "welcome", .body = "evil", .folder = "",
		                      .source = "", .version = 9, .paused = 7 };
	int64_t event;

	OK(document_update(DB, t->b, &d, &err));
	OK(document_delete(DB, t->b, t->pipeline, &err));
	OK(attachment_insert(DB, t->b, "abc", "evil", 4, &err));
	OK(event_key_insert(DB, t->b, "key-1", 1, &err));
	IS(0, entry_take(DB, t->b, t->pipeline, t->contact, &event, &err));
	OK(team_set_members(DB, t->b, &(struct member){ .account = "evil", .role = ROLE_ADMIN }, 1, &err));
}

static void change_messages_of_a(struct two_teams *t)
{
	struct message m = t->message;
	struct run r = t->run;
	struct lane l = { .id = t->lane, .reason = "evil", .reason_text = "" };

	r.status = RUN_STOPPED;
	m.state = MESSAGE_DROPPED;
	OK(run_update(DB, t->b, &r, &err));
	OK(message_update(DB, t->b, &m, &err));
	IS(0, message_fence(DB, t->b, t->message.id, 77, 300, &err));
	IS(0, message_move(DB, t->b, t->message.id, 77, MESSAGE_SENDING, MESSAGE_SENT, 300, "", &err));
	OK(message_drop_of_run(DB, t->b, t->run.id, 300, &err));
	IS(0, claim_remove(DB, t->b, t->message.id, 77, &err));
	OK(claim_set_aside(DB, t->b, t->message.id, &err));
	OK(claim_set_slot(DB, t->b, t->message.id, 1, &err));
	OK(lane_update(DB, t->b, &l, &err));
	IS(0, lane_set_paused(DB, t->b, t->lane, 300, &err));
}

static void with_foreign_ids_nothing_changes(void **state)
{
	struct two_teams *t = *state;
	const char *before = all_of_a(t);

	place_begin(&t->p);
	change_contacts_of_a(t);
	change_documents_of_a(t);
	change_messages_of_a(t);
	place_commit(&t->p);
	assert_string_equal(all_of_a(t), before);
}

int main(void)
{
#define T(name, test) { name, test, setup, teardown, NULL }
	const struct CMUnitTest tests[] = {
		T("teams and their members", teams_and_their_members),
		T("a name of a team is taken once", a_name_of_a_team_is_taken_once),
		T("contacts with their values and tags", contacts_with_their_values_and_tags),
		T("rows are the events that began them", rows_are_the_events_that_began_them),
		T("any value and tag comes back", any_value_and_tag_comes_back),
		T("words of a rollback are forgotten", words_of_a_rollback_are_forgotten),
		T("S0.21 an address is taken once in each team", an_address_is_taken_once_in_each_team),
		T("contacts by what holds for them", contacts_by_what_holds_for_them),
		T("suppressions are bits that survive the contact", suppressions_are_bits_that_survive_the_contact),
		T("B17 B28 a veil is a salted hash", a_veil_is_a_salted_hash),
		T("documents and their versions", documents_and_their_versions),
		T("S2.9 admins of a team", admins_of_a_team),
		T("S2.40 what is old is forgotten", what_is_old_is_forgotten),
		T("S2.40 old events, but not of open runs", old_events_but_not_of_open_runs),
		T("runs of a contact and a pipeline", runs_of_a_contact_and_a_pipeline),
		T("messages from claim to answer", messages_from_claim_to_answer),
		T("a step has one message", a_step_has_one_message),
		T("values of many fields come back", values_of_many_fields_come_back),
		T("what is taken leaves the queue", what_is_taken_leaves_the_queue),
		T("the fence holds for whatever has changed", the_fence_holds_for_whatever_has_changed),
		T("claims keep their bytes", claims_keep_their_bytes),
		T("events and keys", events_and_keys),
		T("entries wait in order", entries_wait_in_order),
		T("the queue is in order", the_queue_is_in_order),
		T("an idle tick asks one question", an_idle_tick_asks_one_question),
		T("lanes are made once", lanes_are_made_once),
		T("quota counts slots", a_lane_that_rests_watches_one_file),
		T("quota counts slots", quota_counts_slots),
		T("a merged contact leaves its history", a_merged_contact_leaves_its_history),
		T("what was written is forgotten", what_was_written_is_forgotten),
		T("S0.21 B21 with foreign ids contacts are not found", with_foreign_ids_contacts_are_not_found),
		T("S0.21 B21 with foreign ids documents and events are not found", with_foreign_ids_documents_and_events_are_not_found),
		T("S0.21 B21 with foreign ids runs and messages are not found", with_foreign_ids_runs_and_messages_are_not_found),
		T("S0.21 B21 with foreign ids nothing changes", with_foreign_ids_nothing_changes),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
