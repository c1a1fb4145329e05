#include "smtp_session.h"

/* From the first byte of a connection to the first mail: what a server says of itself, who logs in, and what is no SMTP. */

#define OPTIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char *outcome(const struct delivery *d)
{
	return delivery_outcome_text(d->outcome);
}

static void what_a_server_offers(void **state)
{
	static const struct {
		const char *ehlo;
		struct smtp_caps caps;
	} rows[] = {
		{ "250 sink.test", { 0 } },
		{ "250-sink.test\r\n250-pipelining\r\n250-8bitmime\r\n250-SMTPutf8\r\n250 SIZE 1000",
		  { .pipelining = true, .eightbit = true, .utf8 = true, .size = true, .size_max = 1000 } },
		{ "250-sink.test\r\n250-PIPELINEX\r\n250-8BITMIMX\r\n250-SMTPUTFX\r\n250-SIZED 7\r\n250 HELP", { 0 } },
		{ "250-sink.test\r\n250 SIZE", { .size = true } },
		{ "250-sink.test\r\n250-SIZE 9000x\r\n250-\r\n250 SIZES", { .size = true, .size_max = 9000 } },
		{ "250-sink.test\r\n250 SIZE 99999999999999999999999", { .size = true, .size_max = INT64_MAX / 10 - 1 } },
		/* What follows the last line of one reply is another one's business; the first line names the server, nothing else. */
		{ "250-PIPELINING\r\n250 8BITMIME", { .eightbit = true } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char rule[512];
		struct sink sink;
		struct session s;
		const struct smtp_caps *caps;

		snprintf(rule, sizeof rule, "ehlo=%s", rows[i].ehlo);
		sink_start(&sink, OPTIONS("--refuse", rule));
		session_init(&s, &sink, 1, 0);
		session_run(&s);
		assert_int_equal(s.mails[0].ends, 1);
		assert_string_equal(outcome(&s.mails[0].end), "sent");
		caps = smtp_caps(s.open[0]);
		assert_int_equal(caps->pipelining, rows[i].caps.pipelining);
		assert_int_equal(caps->eightbit, rows[i].caps.eightbit);
		assert_int_equal(caps->utf8, rows[i].caps.utf8);
		assert_int_equal(caps->size, rows[i].caps.size);
		if (rows[i].caps.size_max < 10000)
			assert_int_equal(caps->size_max, rows[i].caps.size_max);
		else
			assert_true(caps->size_max > 1 << 30);
		session_release(&s);
		sink_stop(&sink);
		sink_forget(&sink);
	}
}

/* The connection does not come about, and it says why; no mail is touched. */
static void refused(const char *rule, const char *user, const char *want, const char *phase, int code)
{
	struct sink sink;
	struct session s;

	sink_start(&sink, OPTIONS("--refuse", rule, "--auth", "anna:secret"));
	session_init(&s, &sink, 1, 0);
	s.impatient = true;
	s.config.user = user;
	s.config.password = user ? "secret" : NULL;
	session_run(&s);
	if (strcmp(outcome(&s.closed), want) != 0 || strcmp(delivery_phase_text(s.closed.phase), phase) != 0 || s.closed.code != code)
		fail_msg("%s: %s in %s, %d: %s", rule, outcome(&s.closed), delivery_phase_text(s.closed.phase), s.closed.code, s.closed.text);
	assert_int_equal(s.mails[0].ends, 0);
	session_release(&s);
	sink_stop(&sink);
	assert_int_equal(sink_count(&sink, "mail"), 0);
	sink_forget(&sink);
}

static void greetings_that_refuse(void **state)
{
	(void)state;
	refused("banner=421 4.3.2 too busy", NULL, "retry", "greet", 421);
	refused("banner=450 4.7.1 later", NULL, "retry", "greet", 450);
	refused("banner=554 5.7.1 go away", NULL, "settings", "greet", 554);
	refused("banner=554-5.7.1 go\r\n554 5.7.1 away", NULL, "settings", "greet", 554);
	refused("ehlo=421 4.3.2 closing", NULL, "retry", "greet", 421);
	refused("banner=hello", NULL, "retry", "greet", 0);
	refused("banner=SSH-2.0-OpenSSH_9.2", NULL, "retry", "greet", 0);
	refused("banner=2", NULL, "retry", "greet", 0);
}

static void logins_that_are_refused(void **state)
{
	(void)state;
	refused("auth=535 5.7.8 bad credentials", "anna", "auth", "login", 535);
	refused("auth=534 5.7.9 use an application password", "anna", "auth", "login", 534);
	refused("auth=538 5.7.11 not without encryption", "anna", "auth", "login", 538);
	refused("auth=454 4.7.0 later", "anna", "retry", "login", 454);
	refused("auth=421 4.7.0 too many", "anna", "retry", "login", 421);
	refused("auth=535-5.7.8 bad\r\n535 5.7.8 credentials", "anna", "auth", "login", 535);
}

static void a_password_may_be_empty(void **state)
{
	struct sink sink;
	struct session s;

	(void)state;
	sink_start(&sink, OPTIONS("--auth", "anna:secret"));
	session_init(&s, &sink, 1, 0);
	s.config.user = "anna";
	session_run(&s);
	assert_string_equal(outcome(&s.closed), "auth");
	session_release(&s);
	sink_stop(&sink);
	sink_forget(&sink);
}

/* TLS from the first byte, where the server speaks none. */
static void a_server_that_speaks_no_tls(void **state)
{
	struct sink sink;
	struct session s;
	char url[1000];

	(void)state;
	sink_start(&sink, NULL);
	session_init(&s, &sink, 1, 0);
	snprintf(url, sizeof url, "smtps://%s", sink.url + strlen("smtp://"));
	s.config.url = url;
	s.config.connect_ms = 2000;
	s.impatient = true;
	session_run(&s);
	assert_string_equal(outcome(&s.closed), "retry");
	assert_string_equal(delivery_phase_text(s.closed.phase), "tls");
	assert_int_equal(s.mails[0].ends, 0);
	session_release(&s);
	sink_stop(&sink);
	assert_int_equal(sink_count(&sink, "ehlo"), 0);
	sink_forget(&sink);
}

/* The name for EHLO: what is no host name is not said. */
static void names_for_the_greeting(void **state)
{
	static const char *const names[] = { NULL, "", "mx.example.com", "with blank", "a\r\nMAIL FROM:<x@y.test>" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct sink sink;
		struct session s;

		sink_start(&sink, NULL);
		session_init(&s, &sink, 1, 0);
		s.config.helo = names[i];
		session_run(&s);
		assert_string_equal(outcome(&s.mails[0].end), "sent");
		session_release(&s);
		sink_stop(&sink);
		assert_int_equal(sink_count(&sink, "mail"), 1);
		sink_forget(&sink);
	}
}

static void a_url_that_is_too_long_is_a_matter_of_settings(void **state)
{
	char url[2000] = "smtp://";
	struct smtp_config config = { .url = url };
	struct delivery d;
	struct smtp *c;
	int64_t id;

	(void)state;
	memset(url + 7, 'x', sizeof url - 8);
	c = smtp_open(&config, 0);
	assert_int_equal(smtp_feed(c, 0, &d, &id), SMTP_CLOSED);
	assert_string_equal(outcome(&d), "settings");
	smtp_close(c);
	smtp_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_server_offers),
		cmocka_unit_test(greetings_that_refuse),
		{ "S2.31 logins that are refused", logins_that_are_refused, NULL, NULL, NULL },
		cmocka_unit_test(a_password_may_be_empty),
		cmocka_unit_test(a_server_that_speaks_no_tls),
		cmocka_unit_test(names_for_the_greeting),
		cmocka_unit_test(a_url_that_is_too_long_is_a_matter_of_settings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
