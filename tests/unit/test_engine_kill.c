#include "fixture.h"

#include "base/random.h"
#include "smtp_session.h"
#include "tick/work.h"

#include <signal.h>
#include <sys/wait.h>

/*
 * Ticks that are killed at any instant: nothing is sent twice, nothing is lost, what nobody can know is listed.
 */

#define PEOPLE 200
#define KILLS  60

static void tick_in_child(struct fixture *f, int64_t now)
{
	struct work_options how = { .max = INT64_MAX };
	struct work_count n;
	struct err err = ERR_INIT;
	struct engine e;
	struct db *db;

	if (db_open(f->db_path, DB_WRITE, &db, &err) < 0)
		_exit(2);
	engine_init(&e, db, now, "pipe-tick", "pipeline");
	_exit(work(&e, &how, &n, &err) < 0 ? 1 : 0);
}

/* Lets a tick live for some microseconds. Returns its wait status. */
static int tick_and_kill(struct fixture *f, int64_t now, useconds_t life)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		tick_in_child(f, now);
	if (life) {
		usleep(life);
		kill(pid, SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void open_world(struct fixture *f, struct sink *sink, const char *const *options)
{
	char yaml[512], email[32];

	fixture_open(f);
	sink_start(sink, options);
	snprintf(yaml, sizeof yaml,
	         "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\n"
	         "smtp: {url: \"%s\", tls: none}\nlimit: {connections: 5}\n"
	         "---\nkind: Pipeline\nname: one\nmailbox: hello\nsteps: [{email: {subject: One, text: First.}}]\n",
	         sink->url);
	fixture_apply(f, yaml);
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(email, sizeof email, "p%d@example.org", i);
		fixture_add(f, email, NULL);
		fixture_enroll(f, "one", email, NULL);
	}
}

static void check_each_once(struct fixture *f, const struct sink *sink)
{
	char email[32], sql[160];

	for (int i = 0; i < PEOPLE; i++) {
		const char *state;
		int n;

		snprintf(email, sizeof email, "p%d@example.org", i);
		snprintf(sql, sizeof sql, "SELECT state FROM message WHERE rcpt_to = '%s'", email);
		state = fixture_text(f, sql);
		n = sink_accepted(sink, email);
		if (strcmp(state, "sent") == 0)
			assert_int_equal(n, 1);
		else if (strcmp(state, "in-doubt") == 0)
			assert_in_range(n, 0, 1);
		else
			fail_msg("%s is %s", email, state);
	}
}

static void killed_ticks_repeat_nothing_and_lose_nothing(void **state)
{
	const char *const options[] = { "--dot-ms", "3", NULL };
	struct fixture f;
	struct sink sink;
	int status = 0, kills = 0;
	uint16_t r;

	(void)state;
	open_world(&f, &sink, options);
	for (int i = 0; i < KILLS; i++) {
		random_bytes(&r, sizeof r);
		status = tick_and_kill(&f, MONDAY_9AM + i * 60, 1000 + r % 15000);
		kills += WIFSIGNALED(status);
	}
	status = tick_and_kill(&f, MONDAY_9AM + 7200, 0);
	assert_int_equal(status, 0);
	check_each_once(&f, &sink);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM queue"), 0);
	assert_int_equal(fixture_number(&f, "SELECT count(*) FROM claim WHERE token > 0"), 0);
	assert_true(kills > 0);
	sink_stop(&sink);
	sink_forget(&sink);
	fixture_close(&f);
}

/* The rig can fail: when in-doubt ones are sent again, some arrive twice. */
static void the_rig_sees_duplicates_when_doubt_is_resent(void **state)
{
	const char *const options[] = { "--drop", "dot/p7@", NULL };
	struct fixture f;
	struct sink sink;

	(void)state;
	open_world(&f, &sink, options);
	fixture_apply(&f, arena_printf(&f.arena,
	                               "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\n"
	                               "smtp: {url: \"%s\", tls: none}\nin_doubt: resend\n", sink.url));
	assert_int_equal(tick_and_kill(&f, MONDAY_9AM, 0), 0);
	assert_int_equal(tick_and_kill(&f, MONDAY_9AM + 7200, 0), 0);
	assert_true(sink_accepted(&sink, "p7@example.org") > 1);
	sink_stop(&sink);
	sink_forget(&sink);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "B1 B2 killed ticks repeat nothing and lose nothing", killed_ticks_repeat_nothing_and_lose_nothing, NULL, NULL, NULL },
		{ "the rig sees duplicates when doubt is resent", the_rig_sees_duplicates_when_doubt_is_resent, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
