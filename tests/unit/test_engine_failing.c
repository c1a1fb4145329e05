#include "failing_scene.h"

#include "apply/apply.h"
#include "base/buf.h"
#include "base/token.h"
#include "engine/event.h"
#include "engine/message.h"
#include "engine/parcel.h"
#include "engine/pause.h"
#include "engine/progress.h"
#include "engine/task.h"
#include "operate/queued.h"
#include "operate/runs.h"
#include "people/enroll_people.h"
#include "people/import.h"
#include "people/people.h"
#include "people/record.h"
#include "rehearse/trial.h"
#include "store/task_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Each statement behind each call of the engine fails: told, and nothing is half done. What people look at, and do. */

static void what_only_reads(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < scene_reads_count; i++)
		fails_everywhere(f, &scene_reads[i]);
}

/* What people do about mails and runs, one after the other. */

static int hold(struct fixture *f, int64_t id, struct err *err)
{
	struct message m;

	return load_message(f, id, &m, err) < 0 ? -1 : queued_hold(&f->e, &m, err);
}

static int hold_named(struct fixture *f, int64_t run, struct err *err)
{
	struct queued_name name = { .id = run, .step = "two" };
	struct message m;

	return queued_find_named(&f->e, f->team, &name, &f->arena, &m, err) < 0 ? -1 : queued_hold(&f->e, &m, err);
}

static int label_pipeline(struct fixture *f, int64_t pipeline, struct err *err)
{
	const char *name;

	return pipeline_label(&f->e, f->team, pipeline, &f->arena, &name, err);
}

static int find_named_again(struct fixture *f, int64_t run, struct err *err)
{
	struct queued_name name = { .id = run, .again = true };
	struct message m;

	return queued_find_named(&f->e, f->team, &name, &f->arena, &m, err) < 0 ? -1 : 0;
}

static int release(struct fixture *f, int64_t id, struct err *err)
{
	struct message m;

	return load_message(f, id, &m, err) < 0 ? -1 : queued_release(&f->e, &m, err);
}

static int drop(struct fixture *f, int64_t id, struct err *err)
{
	struct message m;

	return load_message(f, id, &m, err) < 0 ? -1 : queued_drop(&f->e, &m, err);
}

static int flush(struct fixture *f, int64_t id, struct err *err)
{
	struct flush_count n;

	return queued_flush(&f->e, f->team, id ? "far" : NULL, &n, err);
}

static int retry(struct fixture *f, int64_t run, struct err *err)
{
	struct retry_result got;

	return run_retry_by_hand(&f->e, f->team, run, &f->arena, &got, err);
}

static int go_to(struct fixture *f, int64_t run, struct err *err)
{
	struct traveller t;

	if (traveller_load(&f->e, f->team, run, &f->arena, &t, err) <= 0)
		return -1;
	return run_goto(&f->e, &t, 1, f->e.now + HOUR, err);
}

static int stop(struct fixture *f, int64_t run, struct err *err)
{
	struct run_stop how;

	return run_stop(&f->e, f->team, run, &how, err);
}

static int settle(struct fixture *f, int64_t message, struct err *err)
{
	return parcel_settle(&f->e, f->team, message, true, err);
}

static int pause_two(struct fixture *f, int64_t on, struct err *err)
{
	return pause_pipeline(&f->e, f->team, "two", on, err);
}

static int pause_hello(struct fixture *f, int64_t on, struct err *err)
{
	return pause_mailbox(&f->e, f->team, "hello", on, err);
}

static int resume_settings(struct fixture *f, int64_t id, struct err *err)
{
	(void)id;
	return runs_resume_settings(&f->e, f->team, err);
}

static int send_test(struct fixture *f, int64_t id, struct err *err)
{
	struct trial how = { .to = "me@example.com", .account = "tester" };
	struct trial_mail *mails;
	struct contact c;
	struct world *w;

	if (load_person(f, "anna@example.org", &w, &c, err) < 0)
		return -1;
	how.as = &c;
	return id ? trial_template(&f->e, w, template_of_name(w, "note"), &how, &f->arena, &mails, err)
	          : trial_pipeline(&f->e, w, world_pipeline(w, "holes"), &how, &f->arena, &mails, err);
}

static void what_people_do_about_mails(void **state)
{
	static const struct call calls[] = {
		CALL_OF("hold a mail", IN_TXN, hold_named, "SELECT r.id FROM run r JOIN message m ON m.run = r.id WHERE m.state = 'sent' LIMIT 1"),
		CALL_OF("release it", IN_TXN, release, MAIL_IN("held")),
		CALL("write a letter", IN_TXN, write_letter),
		CALL_OF("hold a letter", IN_TXN, hold, MAIL_IN("queued")),
		CALL_WITH("queue -a with it", READS, list_queue, 1),
		CALL_OF("release a letter", IN_TXN, release, MAIL_IN("held")),
		CALL_WITH("write a letter from far", IN_TXN, write_letter, 1),
		CALL_WITH("flush a mailbox", IN_TXN, flush, 1),
		CALL("flush all", IN_TXN, flush),
		CALL_OF("drop a letter", IN_TXN, drop, "SELECT max(id) FROM message WHERE state = 'queued' AND run = 0"),
		CALL_OF("retry what is put off", IN_TXN, retry, RUN_OF("far")),
		CALL_OF("retry what lacks something", IN_TXN, retry, RUN_OF("holes")),
		CALL_OF("send a run elsewhere", IN_TXN, go_to, RUN_OF("two")),
		CALL_OF("drop a mail", IN_TXN, drop, MAIL_OF("far")),
		CALL_OF("drop it again", IN_TXN, find_named_again, RUN_OF("far")),
		CALL_OF("settle a mail in doubt", IN_TXN, settle, MAIL_IN("in-doubt")),
		CALL_OF("stop a run", IN_TXN, stop, RUN_OF("shell")),
		CALL_WITH("pause a pipeline", IN_TXN, pause_two, 1),
		CALL("resume it", IN_TXN, pause_two),
		CALL_WITH("pause a mailbox", IN_TXN, pause_hello, 1),
		CALL("resume a mailbox", IN_TXN, pause_hello),
		CALL("try those with wrong settings", PARTS, resume_settings),
		CALL_WITH("try a template", IN_TXN, send_test, 1),
		CALL("try a pipeline", IN_TXN, send_test),
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		fails_everywhere(f, &calls[i]);
}

/* Tasks, people, and what is reported of them. */

static int load_task(struct fixture *f, int64_t id, struct world **w, struct task *ret, struct err *err)
{
	return load_world(f, w, err) < 0 || task_load(f->db, f->team, id, &f->arena, ret, err) <= 0 ? -1 : 0;
}

static int add_task(struct fixture *f, int64_t id, struct err *err)
{
	struct task task = { .type = TASK_CALL, .title = "Ring", .assignee = "bob", .created_at = f->e.now, .created_by = "tester",
		             .done_by = "", .outcome = "" };
	struct contact c;
	struct world *w;
	(void)id;

	if (load_person(f, "p1@example.org", &w, &c, err) < 0 || task_check_assignee(&f->e, w, "bob", err) < 0)
		return -1;
	task.contact = c.id;
	task.team = f->team;
	task.on_done = world_pipeline(w, "waits")->id;
	return task_create(&f->e, w, &task, &c, world_pipeline(w, "desk"), &f->arena, err);
}

static int finish_task(struct fixture *f, int64_t id, struct err *err)
{
	struct task task;
	struct world *w;

	if (load_task(f, id, &w, &task, err) < 0)
		return -1;
	task.done_at = f->e.now;
	task.done_by = "tester";
	return task_finish(&f->e, w, &task, "connected", &f->arena, err);
}

static int report(struct fixture *f, const char *key, struct err *err)
{
	struct happening h = { .ev = { .type = "order.placed", .data = "{\"total\":3}" }, .key = key, .arena = &f->arena };
	struct contact c;
	struct world *w;

	if (load_person(f, "anna@example.org", &w, &c, err) < 0)
		return -1;
	h.ev.contact = c.id;
	h.contact = &c;
	return event_record(&f->e, f->team, &h, err) < 0 ? -1 : 0;
}

static int report_order(struct fixture *f, int64_t id, struct err *err)
{
	(void)id;
	return report(f, "order-7", err);
}

/* Whose runs are open: followed, begun anew, queued. */
static int report_again(struct fixture *f, int64_t id, struct err *err)
{
	(void)id;
	return report(f, "order-8", err);
}

/* Somebody at the company answers. */
static int answer(struct fixture *f, int64_t run, struct err *err)
{
	struct happening h = { .ev = { .type = "email.replied", .run = run, .step = 2, .source = "inbox" }, .arena = &f->arena };
	struct contact c;
	struct world *w;

	if (load_person(f, "c0@firm.example.com", &w, &c, err) < 0)
		return -1;
	h.ev.contact = c.id;
	h.contact = &c;
	return event_record(&f->e, f->team, &h, err) < 0 ? -1 : 0;
}

static int record_call(struct fixture *f, int64_t id, struct err *err)
{
	struct recorded what = { .text = "wants an offer", .outcome = "connected" };
	struct contact c;
	struct world *w;
	int64_t event;
	(void)id;

	if (load_person(f, "anna@example.org", &w, &c, err) < 0)
		return -1;
	return record_activity(&f->e, &c, RECORD_CALL, &what, &f->arena, &event, err);
}

static int record_of_call(struct fixture *f, int64_t event, struct err *err)
{
	return record_outcome(&f->e, f->team, event, "connected", &f->arena, err);
}

enum deed { DEED_ENROLL, DEED_MOVE, DEED_SET, DEED_TAG, DEED_UNTAG, DEED_CONVERT, DEED_UNSUBSCRIBE, DEED_RESUBSCRIBE, DEED_STOP,
	    DEED_MERGE, DEED_MERGE_BUSY, DEED_DELETE, DEED_ERASE };

static int change_values(struct fixture *f, struct world *w, struct contact *c, struct err *err)
{
	struct person p = { 0 };

	if (person_assign(&p, w, "first_name=Pia", &f->arena, err) < 0 || person_assign(&p, w, "owner=tester", &f->arena, err) < 0 ||
	    person_assign(&p, w, "renewal=2026-07-04", &f->arena, err) < 0 || person_assign(&p, w, "lifecycle=mql", &f->arena, err) < 0)
		return -1;
	return people_update(&f->e, c, &p, &f->arena, err);
}

static int enroll_and_look(struct fixture *f, struct world *w, struct contact *c, struct err *err)
{
	struct enroll_report report;
	struct standings s;
	int got = enroll_by_hand(&f->e, w, world_pipeline(w, "waits"), c, &f->arena, &report, err);

	standings_begin(&s, &f->e, f->team);
	if (got >= 0)
		got = enroll_date(&s, f->team, &report, &f->arena, err);
	standings_end(&s);
	return got;
}

static int do_deed(struct fixture *f, int64_t deed, struct err *err)
{
	struct contact c, other;
	struct world *w;

	if (load_person(f, deed == DEED_ERASE ? "p3@example.org" : "p0@example.org", &w, &c, err) < 0)
		return -1;
	switch ((enum deed)deed) {
	case DEED_ENROLL:
		return enroll_and_look(f, w, &c, err);
	case DEED_MOVE:
		return people_move(&f->e, &c, "pia@example.org", &f->arena, err);
	case DEED_SET:
		return change_values(f, w, &c, err);
	case DEED_TAG:
		return people_tag(&f->e, &c, "vip", &f->arena, err);
	case DEED_UNTAG:
		return people_untag(&f->e, &c, "vip", &f->arena, err);
	case DEED_CONVERT:
		return people_convert(&f->e, &c, &f->arena, err);
	case DEED_UNSUBSCRIBE:
		return people_unsubscribe(&f->e, &c, &f->arena, err);
	case DEED_RESUBSCRIBE:
		return people_resubscribe(&f->e, &c, "by phone", &f->arena, err);
	case DEED_STOP:
		return people_stop(&f->e, &c, 0, &f->arena, err);
	case DEED_MERGE:
		return load_person(f, "p1@example.org", &w, &other, err) < 0 ? -1 : people_merge(&f->e, &c, &other, &f->arena, err);
	case DEED_MERGE_BUSY:
		return load_person(f, "anna@example.org", &w, &other, err) < 0 ? -1 : people_merge(&f->e, &c, &other, &f->arena, err);
	case DEED_DELETE:
		return people_delete(&f->e, &c, false, &f->arena, err);
	case DEED_ERASE:
		return people_delete(&f->e, &c, true, &f->arena, err);
	}
	return -1;
}

static void what_people_do_about_people(void **state)
{
	static const struct call calls[] = {
		CALL("add a task", IN_TXN, add_task),
		CALL_OF("a task is done", IN_TXN, finish_task, "SELECT min(id) FROM task"),
		CALL_OF("another is done", IN_TXN, finish_task, "SELECT id FROM task WHERE title = 'Ring'"),
		CALL("an order", IN_TXN, report_order),
		CALL("another order", IN_TXN, report_again),
		CALL_OF("an answer", IN_TXN, answer, RUN_OF("colleagues")),
		CALL_OF("the name of a pipeline", READS, label_pipeline, "SELECT id FROM document WHERE name = 'two'"),
		CALL("a call", IN_TXN, record_call),
		CALL_OF("what came of a call", IN_TXN, record_of_call, "SELECT min(id) FROM event WHERE type = 'call.made'"),
		CALL_WITH("enroll", IN_TXN, do_deed, DEED_ENROLL),
		CALL_WITH("set what was missing", IN_TXN, do_deed, DEED_SET),
		CALL_WITH("tag", IN_TXN, do_deed, DEED_TAG),
		CALL_WITH("untag", IN_TXN, do_deed, DEED_UNTAG),
		CALL_WITH("convert", IN_TXN, do_deed, DEED_CONVERT),
		CALL_WITH("unsubscribe", IN_TXN, do_deed, DEED_UNSUBSCRIBE),
		CALL_WITH("resubscribe", IN_TXN, do_deed, DEED_RESUBSCRIBE),
		CALL_WITH("stop all", IN_TXN, do_deed, DEED_STOP),
		CALL_WITH("merge two", IN_TXN, do_deed, DEED_MERGE),
		CALL_WITH("merge one whose mails wait and are in doubt", IN_TXN, do_deed, DEED_MERGE_BUSY),
		CALL_WITH("another address", IN_TXN, do_deed, DEED_MOVE),
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		fails_everywhere(f, &calls[i]);
}

static void import_heard(void *ctx, const char *raw, size_t len)
{
	(void)ctx;
	(void)raw;
	(void)len;
}

static void import_row(void *ctx, int64_t rows)
{
	(void)ctx;
	(void)rows;
}

static void import_problem(void *ctx, size_t line, const char *text, const char *raw, size_t len)
{
	(void)ctx;
	(void)line;
	(void)text;
	(void)raw;
	(void)len;
}

enum { IMPORT, IMPORT_DRY, IMPORT_VEILED };

/* As another database exports whom it must not write to. */
static const char *veil_of(struct fixture *f, const char *email)
{
	static const char salt[] = "00112233445566778899aabbccddeeff";
	const char *salted = arena_printf(&f->arena, "%s%s", salt, email);
	char hash[SHA256_TEXT];

	sha256_hex(salted, strlen(salted), hash);
	return arena_printf(&f->arena, "sha256:%s:%s", salt, hash);
}

/* A table of people, new ones and known ones, with tags, a pipeline, and addresses that must not be written to. */
static int import(struct fixture *f, int64_t how, struct err *err)
{
	static const char table[] = "email,first_name,plan,suppressed,tags\nnew1@example.org,Nina,pro,,\"a, b\"\nnew2@example.org,Nils,,bounced,\n"
	                            "p1@example.org,Paul,free,,a\nnew3@example.org,,,,\n";
	const struct import_listener listener = { NULL, import_problem, import_heard, import_row };
	static const char *const tags[] = { "fair" };
	const char *path = arena_printf(&f->arena, "%s/table.csv", f->folder);
	struct import_options o = { .intake = { .dry_run = how == IMPORT_DRY, .tags = { .v = (const char **)(uintptr_t)tags, .n = 1 } }, .entries_said = true };
	struct intake_counts counts;
	const struct pipeline *p;
	struct world *w;
	FILE *file = fopen(path, "w");
	int fd, got;

	assert_non_null(file);
	fputs(table, file);
	if (how == IMPORT_VEILED)
		fprintf(file, "%s,,,unsubscribed,\n", veil_of(f, "p2@example.org"));
	fclose(file);
	if (load_world(f, &w, err) < 0)
		return -1;
	p = world_pipeline(w, "local");
	o.intake.pipelines = &p;
	o.intake.n_pipelines = 1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = import_table(&f->e, w, fd, &o, &listener, &counts, err);
	close(fd);
	return got;
}

static int save_json(struct fixture *f, int64_t id, struct err *err)
{
	struct person p = { 0 };
	struct contact c;
	struct world *w;
	(void)id;

	if (load_world(f, &w, err) < 0 ||
	    person_read_json(&p, w, "{\"email\": \"json@example.org\", \"first_name\": \"Jo\", \"tags\": [\"x\", \"y\"], \"suppressed\": \"bounced\"}",
	                     &f->arena, err) < 0)
		return -1;
	return people_save(&f->e, w, &p, IF_EXISTS_UPDATE, &f->arena, &c, err);
}

static void who_comes_in(void **state)
{
	static const struct call calls[] = {
		CALL_WITH("import -n", READS, import, IMPORT_DRY),
		CALL("import", PARTS, import),
		CALL("import again", PARTS, import),
		CALL_WITH("import of who must not be written to", PARTS, import, IMPORT_VEILED),
		CALL("a person as JSON", IN_TXN, save_json),
		CALL("the same again", IN_TXN, save_json),
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		fails_everywhere(f, &calls[i]);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM contact WHERE folded LIKE 'new%'"), 3);
}

/* Documents: what changes is stored with its consequences, or not at all; what goes in parts behind it is finished by a repeat. */

static const char changed[] =
	"kind: Team\nname: sales\ntimezone: Europe/Berlin\nmailbox: hello\nmembers: {tester: {role: admin, mailbox: hello}, bob: {mailbox: free}}\n"
	"---\nkind: Pipeline\nname: two\nmailbox: hello\nactive: false\nsteps: [{wait: 1 hour}, {email: {subject: Two, text: y}, id: two}]\n"
	"---\nkind: Pipeline\nname: fresh\nmailbox: free\nenroll: {when: {not: {tag: x}}}\nsteps: [{wait: 1 day}, {email: note}]\n"
	"---\nkind: Template\nname: note\nsubject: Note again\ntext: \"Dear {{ contact.first_name }}\"\nattach: [guide.pdf]\n";

static int read_beside(void *ctx, const char *beside, const char *path, struct buf *out, struct err *err)
{
	(void)ctx;
	(void)beside;
	(void)err;
	buf_adds(out, path);
	return 0;
}

static int apply_all(struct fixture *f, int64_t rehearse, struct err *err)
{
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	APPLY_AUTO ap = { 0 };

	if (apply_begin(&ap, &f->e, &who, err) < 0)
		return -1;
	ap.author.files.read = read_beside;
	apply_add(&ap, "changed.yaml", changed, strlen(changed), NULL);
	if (apply_add_delete(&ap, DOC_PIPELINE, "desk", err) < 0 || apply_check(&ap, false, err) < 0 || apply_plan_stragglers(&ap, err) < 0 ||
	    apply_permitted(&ap, err) < 0 || apply_count_existing(&ap, err) < 0)
		return -1;
	if (rehearse)
		return apply_rehearse(&ap, err);
	return apply_commit(&ap, err) < 0 || apply_enroll_existing(&ap, NULL, err) < 0 ? -1 : 0;
}

/* What was paused goes on. */
static int apply_active(struct fixture *f, int64_t id, struct err *err)
{
	static const char active[] = "kind: Pipeline\nname: two\nmailbox: hello\nsteps: [{wait: 1 hour}, {email: {subject: Two, text: y}, id: two}]\n";
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	APPLY_AUTO ap = { 0 };
	(void)id;

	if (apply_begin(&ap, &f->e, &who, err) < 0)
		return -1;
	apply_add(&ap, "active.yaml", active, strlen(active), NULL);
	return apply_check(&ap, false, err) < 0 || apply_commit(&ap, err) < 0 ? -1 : 0;
}

/* Somebody waits for the Team document. */
static void change_settings(struct fixture *f)
{
	fixture_number(f, "UPDATE run SET status = 'blocked', reason = 'settings', reason_text = 'no mailbox' WHERE id IN"
	                  " (SELECT r.id FROM run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'waits') RETURNING 1");
}

static void what_documents_change(void **state)
{
	static const struct call calls[] = {
		CALL_WITH("apply -n", READS, apply_all, 1),
		CALL("apply", PARTS, apply_all),
		CALL("apply what goes on", PARTS, apply_active),
	};
	struct fixture *f = *state;

	change_settings(f);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		fails_everywhere(f, &calls[i]);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE status = 'blocked' AND reason = 'settings'"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM attachment"), 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, scene_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(what_only_reads),
		T(what_people_do_about_mails),
		T(what_people_do_about_people),
		T(who_comes_in),
		T(what_documents_change),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, report_failures);
}
