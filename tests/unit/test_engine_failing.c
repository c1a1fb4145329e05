#include "failing_scene.h"

#include "engine/activity.h"
#include "engine/bounce_guard.h"
#include "engine/dossier.h"
#include "engine/enroll_people.h"
#include "engine/event.h"
#include "engine/filter.h"
#include "engine/health.h"
#include "engine/outlook.h"
#include "engine/parcel.h"
#include "engine/pause.h"
#include "engine/people.h"
#include "engine/progress.h"
#include "engine/queued.h"
#include "engine/record.h"
#include "engine/runs.h"
#include "engine/simulate.h"
#include "engine/stats.h"
#include "engine/task.h"
#include "engine/trial.h"
#include "engine/why.h"
#include "engine/work.h"
#include "store/run_store.h"
#include "store/task_store.h"

#include <string.h>

/* Each statement behind each call of the engine fails: told, and nothing is half done. What people look at, and do. */

/* What only reads. */

static int each_run(const struct run_shown *run, void *ctx, struct err *err)
{
	(void)run;
	(void)ctx;
	(void)err;
	return 0;
}

static int list_runs(struct fixture *f, int64_t id, struct err *err)
{
	struct run_query q = { .states = UINT32_MAX };
	(void)id;

	return runs_each(&f->e, f->team, &q, each_run, NULL, err);
}

static int each_mail(const struct queued *mail, void *ctx, struct err *err)
{
	(void)mail;
	(void)ctx;
	(void)err;
	return 0;
}

static int list_queue(struct fixture *f, int64_t later, struct err *err)
{
	struct queued_query q = { .mailbox = later > 1 ? "hello" : NULL, .later = later > 0 };

	return queued_each(&f->e, f->team, &q, each_mail, NULL, err);
}

static int show_run(struct fixture *f, int64_t id, struct err *err)
{
	struct standings s;
	struct run_shown shown;
	const char *mailbox;
	struct run r;
	int got = found(run_load(f->db, f->team, id, &f->arena, &r, err));

	standings_begin(&s, &f->e, f->team);
	if (got == 0 && (run_mailbox(&f->e, &r, &f->arena, &mailbox, err) < 0 || run_show(&s, &r, &f->arena, &shown, err) < 0))
		got = -1;
	standings_end(&s);
	return got;
}

static int explain_run(struct fixture *f, int64_t id, struct err *err)
{
	struct why_tick tick = { .last = f->e.now };
	struct standings s;
	struct why why;
	struct run r;
	int got = found(run_load(f->db, f->team, id, &f->arena, &r, err));

	standings_begin(&s, &f->e, f->team);
	if (got == 0)
		got = why_run(&s, &r, &tick, &f->arena, &why, err);
	standings_end(&s);
	return got;
}

static int explain_outside(struct fixture *f, int64_t id, struct err *err)
{
	struct why_tick tick = { .last = f->e.now };
	struct contact c;
	struct standings s;
	struct world *w;
	struct why why;
	int got = load_person(f, "anna@example.org", &w, &c, err);
	(void)id;

	standings_begin(&s, &f->e, f->team);
	if (got == 0)
		got = why_outside(&s, world_pipeline(w, "holes"), &c, &tick, &f->arena, &why, err);
	standings_end(&s);
	return got;
}

static int show_person(struct fixture *f, int64_t id, struct err *err)
{
	struct run_summary summary;
	struct run_card *cards;
	struct contact c;
	struct standings s;
	struct world *w;
	int got = load_person(f, id ? "p0@example.org" : "anna@example.org", &w, &c, err);

	standings_begin(&s, &f->e, f->team);
	if (got == 0 && (run_cards(&s, &c, &f->arena, &cards, err) < 0 || run_summary(&s, &c, &f->arena, &summary, err) < 0))
		got = -1;
	standings_end(&s);
	return got;
}

static int count_runs(struct fixture *f, int64_t id, struct err *err)
{
	struct pipeline_stats *all, one;
	struct standings s;
	struct world *w;
	int got = load_world(f, &w, err);
	(void)id;

	standings_begin(&s, &f->e, f->team);
	if (got == 0 && (stats_of_pipeline(&s, world_pipeline(w, "two"), &f->arena, &one, err) < 0 ||
	                 stats_of_team(&s, &f->arena, &all, err) < 0))
		got = -1;
	standings_end(&s);
	return got;
}

static int check(struct fixture *f, int64_t id, struct err *err)
{
	struct health_request what = { .team = f->team, .rehearsal = true };
	struct health_report report;
	(void)id;

	return health_check(&f->e, &what, &f->arena, &report, err);
}

static int write_dossier(struct fixture *f, int64_t id, struct err *err)
{
	BUF_AUTO out = BUF_INIT(1 << 20);
	struct contact c;
	struct world *w;
	(void)id;

	if (load_person(f, "anna@example.org", &w, &c, err) < 0)
		return -1;
	return dossier_write(&f->e, w, &c, DOSSIER_RUNS | DOSSIER_EVENTS | DOSSIER_MESSAGES, &out, err);
}

static int show_mailbox(struct fixture *f, int64_t id, struct err *err)
{
	static const char *const names[] = { "hello", "far", "shell" };
	struct mailbox_standing standing;
	(void)id;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (mailbox_standing(&f->e, f->team, names[i], &f->arena, &standing, err) < 0)
			return -1;
	return 0;
}

static int list_people(struct fixture *f, int64_t blocked, struct err *err)
{
	struct filter filter = { .blocked = blocked };
	struct people_walk walk;
	struct contact c;
	struct world *w;
	int got = load_world(f, &w, err);

	if (got == 0)
		got = filter_add(&filter, &f->e, w, blocked ? "owner=bob" : "enrolled=two", &f->arena, err);
	people_walk_begin(&walk, &f->e, f->team, &filter);
	while (got >= 0 && (got = people_walk_next(&walk, &c, err)) > 0)
		continue;
	people_walk_release(&walk);
	return got;
}

static void each_item(const struct work_item *item, void *ctx)
{
	(void)item;
	(void)ctx;
}

static int list_due(struct fixture *f, int64_t id, struct err *err)
{
	(void)id;
	return work_list_due(&f->e, f->team, each_item, NULL, err);
}

static void each_line(const struct sim_line *line, void *ctx)
{
	(void)line;
	(void)ctx;
}

static int rehearse(struct fixture *f, int64_t id, struct err *err)
{
	static const char *const names[] = { "two", "desk", "waits", "holes" };
	const struct sim_event events[] = { { "order.placed", f->e.now + HOUR, NULL }, { "task.done", f->e.now + DAY, "call" } };
	struct simulation how = { .from = f->e.now, .until = f->e.now + 30 * DAY, .events = events, .n_events = 2,
		                  .enroller = "tester", .mended = id, .each = each_line };
	struct contact c;
	struct world *w;

	if (load_person(f, "p0@example.org", &w, &c, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (simulate(&f->e, w, world_pipeline(w, names[i]), &c, &how, &f->arena, err) < 0)
			return -1;
	return 0;
}

static int list_activity(struct fixture *f, int64_t id, struct err *err)
{
	struct activity list[50];
	struct contact c;
	struct world *w;
	(void)id;

	if (load_person(f, "anna@example.org", &w, &c, err) < 0)
		return -1;
	return activity_list(&f->e, &c, INT64_MAX, &f->arena, list, 50, err);
}

static int show_message(struct fixture *f, int64_t id, struct err *err)
{
	struct activity_place place;
	struct message m;

	if (message_find(&f->e, f->team, arena_printf(&f->arena, "%lld", (long long)id), &f->arena, &m, err) < 0)
		return -1;
	return activity_place(&f->e, f->team, m.run, m.step, &f->arena, &place, err);
}

static int plan_migration(struct fixture *f, int64_t id, struct err *err)
{
	struct migration_request want = { 0 };
	struct migration_plan plan;
	struct world *w;
	(void)id;

	if (load_world(f, &w, err) < 0)
		return -1;
	want.now = world_pipeline(w, "two");
	return migrate_plan(f->db, f->team, world_pipeline(w, "two")->id, &want, &f->arena, &plan, err);
}

static int look_at_guard(struct fixture *f, int64_t lane, struct err *err)
{
	const char *why;

	return bounce_guard_text(&f->e, f->team, lane, &f->arena, &why, err);
}

static void what_only_reads(void **state)
{
	static const struct call calls[] = {
		CALL("runs", READS, list_runs),
		CALL("queue", READS, list_queue),
		CALL_WITH("queue -a", READS, list_queue, 1),
		CALL_WITH("queue -a of a mailbox", READS, list_queue, 2),
		CALL_OF("a run that waits for a task", READS, show_run, RUN_OF("desk")),
		CALL_OF("a run that is put off", READS, show_run, RUN_OF("far")),
		CALL_OF("a run that goes by owner", READS, show_run, RUN_OF("waits")),
		CALL_OF("why of a run with a task", READS, explain_run, RUN_OF("desk")),
		CALL_OF("why of a run that waits", READS, explain_run, RUN_OF("waits")),
		CALL_OF("why of a run in doubt", READS, explain_run, RUN_OF("shell")),
		CALL_OF("why of a run whose server is away", READS, explain_run, RUN_OF("far")),
		CALL_OF("why of a run that is blocked", READS, explain_run, RUN_OF("holes")),
		CALL_OF("why of a run that waits for its slot", READS, explain_run, "SELECT max(r.id) FROM run r JOIN document d ON d.id = r.pipeline WHERE d.name = 'two'"),
		CALL("why of nobody in it", READS, explain_outside),
		CALL("a person", READS, show_person),
		CALL_WITH("a person that is blocked", READS, show_person, 1),
		CALL("stats", READS, count_runs),
		CALL("check", READS, check),
		CALL("export of a person", READS, write_dossier),
		CALL("mailboxes", READS, show_mailbox),
		CALL("people", READS, list_people),
		CALL_WITH("people who are blocked", READS, list_people, 1),
		CALL("what is due", READS, list_due),
		CALL("a simulation", READS, rehearse),
		CALL_WITH("a simulation of somebody mended", READS, rehearse, 1),
		CALL("what happened", READS, list_activity),
		CALL_OF("a message", READS, show_message, MAIL_IN("sent")),
		CALL("who stands where", READS, plan_migration),
		CALL_OF("the guard of a mailbox", READS, look_at_guard, LANE_OF("hello")),
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		fails_everywhere(f, &calls[i]);
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
	return id ? trial_template(&f->e, f->team, template_of_name(w, "note"), &how, &f->arena, &mails, err)
	          : trial_pipeline(&f->e, f->team, world_pipeline(w, "holes"), &how, &f->arena, &mails, err);
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

static int report_order(struct fixture *f, int64_t id, struct err *err)
{
	struct happening h = { .ev = { .type = "order.placed", .data = "{\"total\":3}" }, .key = "order-7", .arena = &f->arena };
	struct contact c;
	struct world *w;
	(void)id;

	if (load_person(f, "anna@example.org", &w, &c, err) < 0)
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
	    DEED_MERGE, DEED_DELETE, DEED_ERASE };

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
		CALL_WITH("another address", IN_TXN, do_deed, DEED_MOVE),
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		fails_everywhere(f, &calls[i]);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, scene_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(what_only_reads),
		T(what_people_do_about_mails),
		T(what_people_do_about_people),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, report_failures);
}
