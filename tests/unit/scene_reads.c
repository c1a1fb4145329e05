#include "failing_scene.h"

#include "engine/bounce_guard.h"
#include "engine/pause.h"
#include "operate/activity.h"
#include "operate/health.h"
#include "operate/queued.h"
#include "operate/runs.h"
#include "operate/stats.h"
#include "operate/why.h"
#include "people/dossier.h"
#include "people/filter.h"
#include "people/outlook.h"
#include "rehearse/simulate.h"
#include "store/run_store.h"
#include "tick/work.h"

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

int list_queue(struct fixture *f, int64_t later, struct err *err)
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
	const struct sim_event events[] = { { "order.placed", f->e.now + HOUR, NULL }, { "task.done", f->e.now + 2 * HOUR, "other" },
		                          { "task.done", f->e.now + 3 * HOUR, NULL }, { "task.done", f->e.now + DAY, "call" } };
	struct simulation how = { .from = f->e.now, .until = f->e.now + 30 * DAY, .events = events, .n_events = ARRAY_LEN(events),
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

const struct call scene_reads[] = {
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

const size_t scene_reads_count = ARRAY_LEN(scene_reads);
