#include "fixture.h"

#include "base/buf.h"
#include "engine/pause.h"
#include "operate/health.h"
#include "operate/stats.h"
#include "people/dossier.h"
#include "people/filter.h"
#include "people/outlook.h"
#include "people/people.h"
#include "people/record.h"
#include "rehearse/graph.h"
#include "store/queue_store.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What people are shown: health, counts, one person's data, pipelines as pictures, and what is wrong with what they asked. */

enum { HOUR = 3600, DAY = 24 * HOUR };

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Fields\nname: contact\nfields: {employees: number, vip: yes_no, tools: list, plan: text}\n"
	                  "---\nkind: Mailbox\nname: far\nfrom: Far <far@example.com>\nsmtp: {url: 'smtp://127.0.0.1:1', tls: none}\n");
	fixture_add(&f, "anna@example.org", "employees", "12", "vip", "yes", "tools", "[\"saw\"]", "plan", "pro", NULL);
	*state = &f;
	return 0;
}

static void change(struct fixture *f, const char *sql)
{
	fixture_number(f, arena_printf(&f->arena, "%s RETURNING 1", sql));
}

static const char *check(struct fixture *f, bool rehearsal)
{
	struct health_request what = { .rehearsal = rehearsal,
		                       .limits = { .tick_warning = 180, .tick_critical = 600, .backlog_warning = HOUR,
		                                   .backlog_critical = 4 * HOUR, .blocked = 1 } };
	BUF_AUTO out = BUF_INIT(1 << 16);
	struct health_report report;

	OK(health_check(&f->e, &what, &f->arena, &report, &err));
	for (size_t i = 0; i < report.n; i++)
		buf_addf(&out, "%s %s: %s\n", health_text(report.findings[i].level), report.findings[i].code, report.findings[i].text);
	assert_true(strlen(health_findings_json(&report, &f->arena)) >= 2);
	return arena_strdup(&f->arena, out.s);
}

static void assert_has(const char *all, const char *part)
{
	if (!strstr(all, part))
		fail_msg("there is no '%s' in:\n%s", part, all);
}

static void assert_lacks(const char *all, const char *part)
{
	if (strstr(all, part))
		fail_msg("there is '%s' in:\n%s", part, all);
}

static void enter(struct fixture *f, const char *name, const char *lines)
{
	fixture_apply(f, arena_printf(&f->arena, "kind: Pipeline\nname: %s\n%s", name, lines));
	assert_true(fixture_enroll(f, name, "anna@example.org", NULL) > 0);
}

static void close_lane(struct fixture *f, const char *mailbox, const char *reason)
{
	struct txn t = TXN_INIT;
	struct lane l;

	OK(txn_begin(&t, f->db, &err));
	OK(lane_get(f->db, f->team, "mailbox", mailbox, &f->arena, &l, &err));
	l.reason = reason;
	l.reason_text = *reason ? "535 no" : "";
	l.free_at = *reason ? f->e.now + HOUR : 0;
	OK(lane_update(f->db, f->team, &l, &err));
	OK(txn_commit(&t, &err));
}

static void set_paused(struct fixture *f, const char *mailbox, bool on)
{
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(pause_mailbox(&f->e, f->team, mailbox, on, &err));
	OK(txn_commit(&t, &err));
}

static void what_check_finds(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	enter(f, "p", "mailbox: far\nsteps: [{email: {subject: S, text: x}}]\n");
	assert_string_equal(check(f, true), "");
	assert_has(check(f, false), "tick: ");
	f->e.now += 2 * HOUR;
	assert_has(check(f, true), "warning backlog: ");
	f->e.now += 3 * HOUR;
	assert_has(check(f, true), "critical backlog: ");
	close_lane(f, "far", "auth");
	assert_has(check(f, true), "critical mailbox: mailbox far cannot send (auth)\n");
	assert_lacks(check(f, true), "backlog");
	close_lane(f, "far", "settings");
	assert_has(check(f, true), "critical mailbox: mailbox far cannot send (settings)\n");
	close_lane(f, "far", "backoff");
	assert_has(check(f, true), "mailbox far");
	close_lane(f, "far", "quota");
	assert_string_equal(check(f, true), "");
	close_lane(f, "far", "");
	set_paused(f, "far", true);
	assert_lacks(check(f, true), "backlog");
	set_paused(f, "far", false);
	change(f, "UPDATE run SET status = 'blocked', reason = 'undeliverable', reason_text = 'no'");
	assert_has(check(f, true), "warning blocked: 1 run is blocked\n");
	assert_int_equal(mkdir(arena_printf(&f->arena, "%s.spool", f->db_path), 0700), 0);
	assert_int_equal(mkdir(arena_printf(&f->arena, "%s.spool/bad", f->db_path), 0700), 0);
	for (int i = 0; i < 2; i++) {
		file = fopen(arena_printf(&f->arena, "%s.spool/bad/%d", f->db_path, i), "w");
		assert_non_null(file);
		fclose(file);
		assert_has(check(f, true), i ? "warning spool: 2 files of the spool could not be used\n" : "warning spool: 1 file of the spool could not be used\n");
	}
}

static void mails_in_doubt_are_counted(void **state)
{
	struct fixture *f = *state;

	enter(f, "p", "steps: [{email: {subject: S, text: x}}]\n");
	enter(f, "q", "steps: [{email: {subject: S, text: x}}]\n");
	fixture_tick(f, MONDAY_9AM);
	change(f, "UPDATE message SET state = 'in-doubt', waits = 1 WHERE id IN (SELECT max(id) FROM message)");
	assert_has(check(f, true), "warning in-doubt: 1 mail is in doubt\n");
	change(f, "UPDATE message SET state = 'in-doubt', waits = 1");
	assert_has(check(f, true), "warning in-doubt: 2 mails are in doubt\n");
}

static void a_mailbox_that_does_not_exist_any_more(void **state)
{
	struct fixture *f = *state;

	enter(f, "p", "mailbox: far\nsteps: [{email: {subject: S, text: x}}]\n");
	change(f, "DELETE FROM document WHERE name = 'far'");
	change(f, "UPDATE team SET generation = generation + 1");
	OK(engine_refresh(&f->e, &err));
	assert_has(check(f, true), "warning mailbox: mailbox far does not exist any more; 1 mails wait in it\n");
}

static void counts_of_a_pipeline(void **state)
{
	static const char *const states[] = { "sent", "bounced", "refused", "dropped" };
	struct fixture *f = *state;
	struct pipeline_stats got;
	struct standings s;
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w = NULL;
	struct stats_step first;

	fixture_apply(f, "kind: Pipeline\nname: p\nsteps: [{email: {subject: S, text: x}}, {if: {tag: x}, then: [{exit: bought}]}]\n");
	for (int i = 0; i < 4; i++) {
		const char *email = arena_printf(&f->arena, "p%d@example.org", i);

		fixture_add(f, email, NULL);
		fixture_enroll(f, "p", email, NULL);
	}
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "p0@example.org", &f->arena, &c, &err));
	OK(txn_begin(&t, f->db, &err));
	OK(people_tag(&f->e, &c, "x", &f->arena, &err));
	OK(txn_commit(&t, &err));
	fixture_tick(f, MONDAY_9AM);
	for (int i = 0; i < 4; i++)
		change(f, arena_printf(&f->arena, "UPDATE message SET state = '%s' WHERE id IN (SELECT id FROM message ORDER BY id LIMIT 1 OFFSET %d)", states[i], i));
	OK(engine_world(&f->e, f->team, &w, &err));
	standings_begin(&s, &f->e, f->team);
	OK(stats_of_pipeline(&s, world_pipeline(w, "p"), &f->arena, &got, &err));
	standings_end(&s);
	first = stats_step_of(&got, 1);
	assert_int_equal(first.sent, 2);
	assert_int_equal(first.bounced, 1);
	assert_int_equal(first.refused, 1);
	assert_int_equal(first.dropped, 1);
	assert_int_equal(got.completed, 4);
	assert_string_equal(stats_reasons_text(&got.completed_for, &f->arena), "bought 1");
}

static const char *dossier(struct fixture *f)
{
	BUF_AUTO out = BUF_INIT(1 << 20);
	struct contact c;
	struct world *w = NULL;

	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "anna@example.org", &f->arena, &c, &err));
	OK(dossier_write(&f->e, w, &c, DOSSIER_RUNS | DOSSIER_EVENTS | DOSSIER_MESSAGES, &out, &err));
	return arena_strdup(&f->arena, out.s);
}

static void all_that_is_known_of_one(void **state)
{
	struct fixture *f = *state;
	const char *all;

	enter(f, "p", "steps: [{wait: 1 day}, {email: {subject: S, text: x}}]\n");
	change(f, "UPDATE contact SET suppressed = 2");
	all = dossier(f);
	assert_has(all, "\"employees\":12");
	assert_has(all, "\"vip\":true");
	assert_has(all, "\"tools\":[\"saw\"]");
	assert_has(all, "\"plan\":\"pro\"");
	assert_has(all, "\"suppressed\":\"bounced\"");
	/* Of a field that has another type since. */
	fixture_apply(f, "kind: Fields\nname: contact\nfields: {employees: text, vip: text, tools: text, plan: number}\n");
	all = dossier(f);
	assert_has(all, "\"plan\":\"pro\"");
	assert_has(all, "\"vip\":\"yes\"");
	change(f, "UPDATE run SET mailbox = ''");
	assert_has(dossier(f), "\"mailbox\":null");
}

static const char *draw(struct fixture *f, const char *pipeline, bool dot)
{
	BUF_AUTO out = BUF_INIT(1 << 16);
	struct world *w = NULL;

	OK(engine_world(&f->e, f->team, &w, &err));
	(dot ? graph_dot : graph_mermaid)(world_pipeline(w, pipeline), &out);
	return arena_strdup(&f->arena, out.s);
}

static void pictures_of_pipelines(void **state)
{
	struct fixture *f = *state;
	const char *dot, *mermaid;

	fixture_apply(f, "kind: Pipeline\nname: p\nsteps:\n"
	                 "  - note: 'a \"quoted\" back\\slash # and more'\n    after: 1 day\n"
	                 "  - if: {tag: x}\n    then: [{note: t, after: 2 days}]\n    after: 1 hour\n"
	                 "  - if: {tag: y}\n    else: [{exit: over}]\n"
	                 "  - note: \"one\\ntwo\"\n");
	dot = draw(f, "p", true);
	mermaid = draw(f, "p", false);
	assert_has(dot, "a \\\"quoted\\\" back\\\\slash # and more");
	assert_has(mermaid, "a #34;quoted#34; back#92;slash #35; and more");
	assert_has(dot, "start_ -> s1 [label=\"after 1 day\"];\n");
	assert_has(mermaid, "start_ -->|after 1 day| s1\n");
	assert_has(dot, "[label=\"yes, after 2 days\"];\n");
	assert_has(dot, "[label=\"no\"];\n");
	assert_has(mermaid, "-->|no| ");
	assert_has(dot, "-> end_;\n");
}

static const char *filter(struct fixture *f, const char *one, const char *two)
{
	struct filter filter = { 0 };
	struct world *w = NULL;
	struct err why = ERR_INIT;

	OK(engine_world(&f->e, f->team, &w, &err));
	if (filter_add(&filter, &f->e, w, one, &f->arena, &why) < 0 || (two && filter_add(&filter, &f->e, w, two, &f->arena, &why) < 0))
		return arena_strdup(&f->arena, why.text);
	return "";
}

static void filters_that_are_wrong(void **state)
{
	static const struct {
		const char *one, *two, *says;
	} rows[] = {
		{ "tag=a,b", NULL, "a tag has no comma" },
		{ "email=nobody", NULL, "nobody" },
		{ "created=2026-99-01..", NULL, "created=2026-99-01..: " },
		{ "created=..soon", NULL, "created=..soon: " },
		{ "created=2026-07-01..2026-07-02", NULL, "" },
		{ "kind=friend", NULL, "kind is lead or contact, not 'friend'" },
		{ "enrolled=p", "enrolled=q", "'enrolled=' twice is not supported yet" },
		{ "enrolled=zzz", NULL, "zzz" },
		{ "=x", NULL, "" },
		{ "!=x", NULL, "no field ''" },
		{ "tag!=a", "plan!=pro", "" },
		{ "tools=saw", NULL, "" },
	};
	struct fixture *f = *state;

	fixture_apply(f, "kind: Pipeline\nname: p\nsteps: [{note: n}]\n---\nkind: Pipeline\nname: q\nsteps: [{note: n}]\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = filter(f, rows[i].one, rows[i].two);

		if (*rows[i].says ? !strstr(got, rows[i].says) : *got != '\0')
			fail_msg("%s: '%s', not '%s'", rows[i].one, got, rows[i].says);
	}
}

static const char *standing(struct fixture *f, struct mailbox_standing *ret)
{
	OK(mailbox_standing(&f->e, f->team, "far", &f->arena, ret, &err));
	return ret->state ? ret->state : "";
}

static void how_a_mailbox_stands(void **state)
{
	struct fixture *f = *state;
	struct mailbox_standing got;
	struct err why = ERR_INIT;
	struct txn t = TXN_INIT;

	close_lane(f, "far", "auth");
	assert_string_equal(standing(f, &got), "auth");
	assert_string_equal(got.text, "535 no");
	assert_int_equal(got.until, f->e.now + HOUR);
	change(f, "UPDATE lane SET free_at = 9223372036854775807, reason_text = ''");
	assert_string_equal(standing(f, &got), "auth");
	assert_null(got.text);
	close_lane(f, "far", "");
	set_paused(f, "far", true);
	assert_string_equal(standing(f, &got), "paused");
	assert_null(got.text);
	OK(txn_begin(&t, f->db, &err));
	assert_int_equal(pause_mailbox(&f->e, f->team, "fra", true, &why), -1);
	assert_has(why.text, "no mailbox 'fra' in team 'sales'; did you mean 'far'?");
	assert_int_equal(pause_pipeline(&f->e, f->team, "zzz", true, &why), -1);
	assert_has(why.text, "no pipeline 'zzz'");
	txn_release(&t);
}

static void what_is_written_down_by_hand(void **state)
{
	static const struct {
		enum record_kind kind;
		struct recorded what;
		const char *problem;
	} rows[] = {
		{ RECORD_NOTE, { .text = "x", .outcome = "y" }, "a note has no outcome" },
		{ RECORD_NOTE, { .text = "" }, "a note needs a text" },
		{ RECORD_NOTE, { .text = NULL }, "a note needs a text" },
		{ RECORD_NOTE, { .text = "x" }, NULL },
		{ RECORD_CALL, { .outcome = "connected" }, NULL },
		{ RECORD_MEETING, { .outcome = "no_show" }, NULL },
		{ RECORD_LINKEDIN, { .text = "hello" }, NULL },
	};
	struct fixture *f = *state;
	struct err why = ERR_INIT;
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w = NULL;
	int64_t event = 0;

	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "anna@example.org", &f->arena, &c, &err));
	OK(txn_begin(&t, f->db, &err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int got = record_activity(&f->e, &c, rows[i].kind, &rows[i].what, &f->arena, &event, &why);

		assert_int_equal(got, rows[i].problem ? -1 : 0);
		if (rows[i].problem)
			assert_string_equal(why.text, rows[i].problem);
	}
	assert_int_equal(record_outcome(&f->e, f->team, 987654, "connected", &f->arena, &why), -1);
	OK(txn_commit(&t, &err));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(what_check_finds),
		T(mails_in_doubt_are_counted),
		T(a_mailbox_that_does_not_exist_any_more),
		T(counts_of_a_pipeline),
		T(all_that_is_known_of_one),
		T(pictures_of_pipelines),
		T(filters_that_are_wrong),
		T(how_a_mailbox_stands),
		T(what_is_written_down_by_hand),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
