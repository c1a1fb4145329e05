#include "smtp_session.h"

/*
 * Many mails over many connections, with every kind of trouble at once. The sink's log says what was
 * accepted, the ends say what we believe: no mail may be lost, none may be accepted twice.
 */
enum { MAILS = 2000, CONNECTIONS = 10, BAD_EACH = 20 };

#define OPTIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void count_accepted(const struct sink *sink, int *ret_accepted)
{
	char line[4096];
	FILE *f = fopen(sink->log, "r");

	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		const char *rcpt = strstr(line, "\"rcpt\":\"");
		assert_non_null(rcpt);
		rcpt += strlen("\"rcpt\":\"");
		rcpt += strcspn(rcpt, "0123456789");
		long mail = strtol(rcpt, NULL, 10);
		assert_in_range(mail, 0, MAILS - 1);
		ret_accepted[mail]++;
	}
	fclose(f);
}

static bool is_bad(size_t mail)
{
	return mail % BAD_EACH == BAD_EACH - 1;
}

/* Bad recipients must be told as such and not be accepted; the others are out once. Returns the doubtful
 * ones. */
static int check_ends(const struct session *s, const int *accepted)
{
	int doubts = 0;

	for (size_t i = 0; i < MAILS; i++) {
		const struct mail *m = &s->mails[i];
		assert_int_equal(m->ends, 1);
		if (m->end.outcome == DELIVERY_IN_DOUBT) {
			assert_in_range(accepted[i], 0, 1);
			doubts++;
			continue;
		}
		assert_int_equal(m->end.outcome, is_bad(i) ? DELIVERY_RECIPIENT : DELIVERY_SENT);
		assert_int_equal(accepted[i], is_bad(i) ? 0 : 1);
	}
	return doubts;
}

static int send_all(const char *const *options, struct sink *ret_sink)
{
	struct session s;
	int accepted[MAILS] = { 0 };

	sink_start(ret_sink, options);
	session_init(&s, ret_sink, MAILS, BAD_EACH);
	s.connections = CONNECTIONS;
	s.opens_left = 100000;
	s.again = true;
	session_run(&s);
	for (size_t i = 0; i < CONNECTIONS; i++)
		smtp_close(s.open[i]);
	s.connections = 0;
	sink_stop(ret_sink);
	count_accepted(ret_sink, accepted);
	int doubts = check_ends(&s, accepted);
	session_release(&s);
	sink_forget(ret_sink);
	return doubts;
}

#define BAD "--refuse", "rcpt/bad=550 5.1.1 no such user"

static void test_undisturbed(void **state)
{
	struct sink sink;
	(void)state;

	assert_int_equal(send_all(OPTIONS(BAD), &sink), 0);
	assert_int_equal(sink_count(&sink, "connections"), CONNECTIONS);
	assert_int_equal(send_all(OPTIONS(BAD, "--no-pipelining"), &sink), 0);
	assert_int_equal(sink_count(&sink, "connections"), CONNECTIONS);
	assert_int_equal(sink_count(&sink, "ahead"), 0);
}

static void test_server_that_says_421(void **state)
{
	struct sink sink;
	(void)state;

	assert_int_equal(send_all(OPTIONS(BAD, "--close-after", "37"), &sink), 0);
	assert_true(sink_count(&sink, "connections") >= MAILS / 40);
	assert_int_equal(send_all(OPTIONS(BAD, "--close-after", "37", "--no-pipelining"), &sink), 0);
}

static void test_server_that_hangs_up(void **state)
{
	struct sink sink;
	(void)state;

	assert_int_equal(send_all(OPTIONS(BAD, "--drop-after", "37"), &sink), 0);
	assert_int_equal(send_all(OPTIONS(BAD, "--drop-after", "37", "--no-pipelining"), &sink), 0);
}

/* a77, a177, a277 ... are accepted and never answered, a44 ... lost in the middle: all of them are in doubt.
 */
static void test_answers_that_are_lost(void **state)
{
	struct sink sink;
	(void)state;

	assert_int_equal(send_all(OPTIONS(BAD, "--drop", "dot/77@", "--drop", "content/44@"), &sink),
	                 2 * MAILS / 100);
	assert_int_equal(
	    send_all(OPTIONS(BAD, "--drop", "dot/77@", "--drop", "content/44@", "--no-pipelining"), &sink),
	    2 * MAILS / 100);
}

static void test_all_at_once(void **state)
{
	struct sink sink;
	(void)state;

	assert_int_equal(send_all(OPTIONS(BAD, "--drop", "dot/77@", "--close-after", "50", "--data-anyway",
	                                  "--drop-after", "90"),
	                          &sink),
	                 MAILS / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "2.1 2000 mails over 10 connections: none lost, none twice", test_undisturbed, NULL, NULL, NULL },
		{ "2.1 ... from a server that says 421 after 37 mails", test_server_that_says_421, NULL, NULL, NULL },
		{ "2.1 ... from a server that hangs up after 37 mails", test_server_that_hangs_up, NULL, NULL, NULL },
		{ "2.1 ... with answers lost: in doubt, not repeated", test_answers_that_are_lost, NULL, NULL, NULL },
		{ "2.1 ... with everything at once", test_all_at_once, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
