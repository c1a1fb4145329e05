#include "smtp_session.h"

#include <sys/socket.h>
#include <sys/stat.h>

/* The options of a sink that offers PIPELINING and of one that does not: everything holds with both. */
static const char *const with[] = { NULL, "--no-pipelining" };

static void start_each(struct sink *sink, size_t which, const char *const *more)
{
	const char *options[SINK_ARGS_MAX] = { 0 };
	size_t n = 0;

	if (with[which])
		options[n++] = with[which];
	while (more && *more)
		options[n++] = *more++;
	sink_start(sink, options);
}

#define OPTIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void assert_end(const struct mail *m, const char *outcome, const char *phase)
{
	if (m->ends != 1 || strcmp(delivery_outcome_text(m->end.outcome), outcome) != 0)
		print_message("# %s: %d ends, %s in %s: %s\n", m->rcpt, m->ends,
		              delivery_outcome_text(m->end.outcome), delivery_phase_text(m->end.phase), m->end.text);
	assert_int_equal(m->ends, 1);
	assert_string_equal(delivery_outcome_text(m->end.outcome), outcome);
	assert_string_equal(delivery_phase_text(m->end.phase), phase);
}

/* What happens to mail 1 (badN) of five while the others go out, over one connection and with one login. */
static void one_bad_mail(const char *const *options, const char *outcome, const char *phase, int code)
{
	for (size_t i = 0; i < 2; i++) {
		struct sink sink;
		struct session s;

		start_each(&sink, i, options);
		session_init(&s, &sink, 5, 2);
		session_run(&s);
		for (size_t k = 0; k < 5; k++) {
			bool bad = k % 2 == 1;
			assert_end(&s.mails[k], bad ? outcome : "sent", bad ? phase : "dot");
			assert_int_equal(s.mails[k].end.code, bad ? code : 250);
		}
		assert_int_equal(s.closes, 0);
		session_release(&s);
		sink_stop(&sink);
		assert_int_equal(sink_count(&sink, "connections"), 1);
		assert_int_equal(sink_count(&sink, "quit"), 1);
		assert_int_equal(sink_count(&sink, "ahead"), 0);
		assert_int_equal(sink_accepted(&sink, NULL), 3);
		assert_int_equal(sink_accepted(&sink, "bad1@y.test"), 0);
		sink_forget(&sink);
	}
}

static void test_mails_go_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sink sink;
		struct session s;

		start_each(&sink, i, NULL);
		session_init(&s, &sink, 7, 0);
		session_run(&s);
		for (size_t k = 0; k < 7; k++) {
			assert_end(&s.mails[k], "sent", "dot");
			assert_int_equal(s.mails[k].fences, 1);
			assert_string_equal(s.mails[k].end.status, "2.0.0");
			assert_int_equal(sink_accepted(&sink, s.mails[k].rcpt), 1);
		}
		assert_non_null(strstr(s.mails[6].end.text, "queued as 7"));
		session_release(&s);
		sink_stop(&sink);
		assert_int_equal(sink_count(&sink, "messages"), 7);
		assert_int_equal(sink_count(&sink, "ehlo"), 1);
		assert_int_equal(sink_count(&sink, "rset"), 0);
		sink_forget(&sink);
	}
}

static void test_refused_mails(void **state)
{
	(void)state;
	one_bad_mail(OPTIONS("--refuse", "rcpt/bad=550 5.1.1 no such user"), "recipient", "rcpt", 550);
	one_bad_mail(OPTIONS("--refuse", "rcpt/bad=550 5.1.1 no such user", "--data-anyway"), "recipient", "rcpt",
	             550);
	one_bad_mail(OPTIONS("--refuse", "rcpt/bad=450 4.2.0 greylisted"), "retry", "rcpt", 450);
	one_bad_mail(OPTIONS("--refuse", "rcpt/bad=554 5.7.1 blocked"), "refused", "rcpt", 554);
	one_bad_mail(OPTIONS("--refuse", "data/bad=451 4.3.0 later"), "retry", "data", 451);
	one_bad_mail(OPTIONS("--refuse", "data/bad=554 no"), "refused", "data", 554);
	one_bad_mail(OPTIONS("--refuse", "dot/bad=451 4.3.0 later"), "retry", "dot", 451);
	one_bad_mail(OPTIONS("--refuse", "dot/bad=554 5.6.0 no"), "refused", "dot", 554);
}

static void test_refused_sender(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sink sink;
		struct session s;

		start_each(&sink, i, OPTIONS("--refuse", "mail=553 5.1.8 not your address"));
		session_init(&s, &sink, 3, 0);
		session_run(&s);
		for (size_t k = 0; k < 3; k++)
			assert_end(&s.mails[k], "settings", "mail");
		session_release(&s);
		sink_stop(&sink);
		assert_int_equal(sink_count(&sink, "connections"), 1);
		sink_forget(&sink);
	}
}

/* The connection breaks at mail 2 of five; a new one is made for those that come back. */
static void broken(const char *const *options, const char *outcome, const char *phase, bool accepted)
{
	for (size_t i = 0; i < 2; i++) {
		struct sink sink;
		struct session s;

		start_each(&sink, i, options);
		session_init(&s, &sink, 3, 2);
		s.impatient = true;
		session_run(&s);
		assert_end(&s.mails[0], "sent", "dot");
		assert_end(&s.mails[1], outcome, phase);
		assert_int_equal(s.closes, 1);
		assert_string_equal(delivery_outcome_text(s.closed.outcome), "retry");
		if (strstr(options[1], "=421"))
			assert_int_equal(s.closed.code, 421);
		/* what was begun behind it was not offered; if it waited here, nobody took it */
		if (s.mails[2].ends)
			assert_string_equal(delivery_outcome_text(s.mails[2].end.outcome), "retry");
		session_release(&s);
		sink_stop(&sink);
		assert_int_equal(sink_accepted(&sink, "bad1@y.test"), accepted ? 1 : 0);
		assert_int_equal(sink_accepted(&sink, "a2@y.test"), 0);
		sink_forget(&sink);
	}
}

static void test_lost_connections(void **state)
{
	(void)state;
	broken(OPTIONS("--drop", "rcpt/bad"), "retry", "rcpt", false);
	broken(OPTIONS("--drop", "data/bad"), "retry", "data", false);
	broken(OPTIONS("--drop", "content/bad"), "in-doubt", "dot", false);
	broken(OPTIONS("--drop", "dot/bad"), "in-doubt", "dot", true);
}

static void test_goodbyes(void **state)
{
	(void)state;
	broken(OPTIONS("--refuse", "rcpt/bad=421 4.3.2 closing"), "retry", "rcpt", false);
	broken(OPTIONS("--refuse", "data/bad=421 4.3.2 closing"), "retry", "data", false);
	broken(OPTIONS("--refuse", "dot/bad=421 4.3.2 closing"), "retry", "dot", false);
}

static void test_silence(void **state)
{
	(void)state;
	broken(OPTIONS("--silent", "rcpt/bad"), "retry", "rcpt", false);
	broken(OPTIONS("--silent", "dot/bad"), "in-doubt", "dot", true);
}

static void test_floods(void **state)
{
	(void)state;
	broken(OPTIONS("--endless", "rcpt/bad"), "retry", "rcpt", false);
	broken(OPTIONS("--long", "data/bad"), "retry", "data", false);
	broken(OPTIONS("--endless", "dot/bad"), "in-doubt", "dot", true);
}

/* The connection does not come about: no mail is touched, and it says why. */
static void no_connection(const char *const *options, const char *outcome, const char *phase)
{
	struct sink sink;
	struct session s;

	sink_start(&sink, options);
	session_init(&s, &sink, 1, 0);
	s.impatient = true;
	session_run(&s);
	if (strcmp(delivery_outcome_text(s.closed.outcome), outcome) != 0)
		print_message("# %s: closes %d, %s\n", options[1], s.closes, s.closed.text);
	assert_string_equal(delivery_outcome_text(s.closed.outcome), outcome);
	assert_string_equal(delivery_phase_text(s.closed.phase), phase);
	assert_true(s.closed.text[0] != '\0');
	assert_int_equal(s.closes, 1);
	assert_int_equal(s.mails[0].ends, 0);
	session_release(&s);
	sink_stop(&sink);
	sink_forget(&sink);
}

static void test_connections_that_fail(void **state)
{
	(void)state;
	no_connection(OPTIONS("--drop", "connect"), "retry", "connect");
	no_connection(OPTIONS("--silent", "connect"), "retry", "connect");
	no_connection(OPTIONS("--refuse", "banner=554 5.7.1 go away"), "settings", "greet");
	no_connection(OPTIONS("--refuse", "banner=421 4.3.2 too busy"), "retry", "greet");
	no_connection(OPTIONS("--drop", "ehlo"), "retry", "greet");
	no_connection(OPTIONS("--silent", "ehlo"), "retry", "greet");
	no_connection(OPTIONS("--endless", "ehlo"), "retry", "greet");
}

static void test_wrong_settings(void **state)
{
	static const char *const urls[] = {
		"mail.example.com",       "http://127.0.0.1",     "smtp://",
		"smtp://127.0.0.1/path",  "smtp://u:p@127.0.0.1", "smtp://127.0.0.1:99999",
		"smtp://exa mple\r\nQUIT"
	};
	(void)state;

	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		struct smtp_config config = { .url = urls[i] };
		struct smtp *c = smtp_open(&config, 0);
		struct delivery d;
		int64_t id;

		assert_int_equal(smtp_wake_ms(c), 0);
		assert_int_equal(smtp_feed(c, 0, &d, &id), SMTP_CLOSED);
		assert_string_equal(delivery_outcome_text(d.outcome), "settings");
		assert_int_equal(smtp_feed(c, 0, &d, &id), SMTP_NONE);
		assert_int_equal(smtp_wake_ms(c), INT64_MAX);
		smtp_close(c);
	}
}

static void test_nobody_listens(void **state)
{
	struct sink sink;
	struct session s;
	(void)state;

	sink_start(&sink, NULL);
	sink_stop(&sink);
	sink_forget(&sink);
	session_init(&s, &sink, 1, 0);
	session_run(&s);
	assert_string_equal(delivery_outcome_text(s.closed.outcome), "retry");
	assert_string_equal(delivery_phase_text(s.closed.phase), "connect");
	session_release(&s);
}

static void login(const char *const *options, const char *password, const char *token, const char *outcome)
{
	struct sink sink;
	struct session s;

	sink_start(&sink, options);
	session_init(&s, &sink, 2, 0);
	s.config.user = "anna@example.com";
	s.config.password = password;
	s.config.token = token;
	session_run(&s);
	if (strcmp(outcome, "sent") == 0) {
		assert_end(&s.mails[1], "sent", "dot");
		assert_int_equal(s.closes, 0);
	} else {
		assert_string_equal(delivery_outcome_text(s.closed.outcome), outcome);
		assert_string_equal(delivery_phase_text(s.closed.phase), "login");
		assert_int_equal(s.mails[0].ends, 0);
	}
	session_release(&s);
	sink_stop(&sink);
	sink_forget(&sink);
}

static void test_login(void **state)
{
	(void)state;
	login(OPTIONS("--auth", "anna@example.com:secret"), "secret", NULL, "sent");
	login(OPTIONS("--auth", "anna@example.com:secret"), "wrong", NULL, "auth");
	login(OPTIONS("--auth", "anna@example.com:secret", "--refuse", "auth=454 4.7.0 later"), "secret", NULL,
	      "retry");
	/* no mechanism that fits, none at all: never without the login that was asked for */
	login(OPTIONS("--auth", "anna@example.com:secret"), NULL, "token", "auth");
	login(OPTIONS("--no-8bit"), "secret", NULL, "auth");
	login(OPTIONS("--no-ehlo"), "secret", NULL, "auth");
}

/* TLS is required and not to be had: nothing is said in the clear. */
static void test_no_tls_no_login(void **state)
{
	struct sink sink;
	struct session s;
	(void)state;

	sink_start(&sink, OPTIONS("--auth", "anna@example.com:secret"));
	session_init(&s, &sink, 1, 0);
	s.config.tls = true;
	s.config.user = "anna@example.com";
	s.config.password = "secret";
	session_run(&s);
	assert_string_equal(delivery_outcome_text(s.closed.outcome), "settings");
	assert_string_equal(delivery_phase_text(s.closed.phase), "tls");
	session_release(&s);
	sink_stop(&sink);
	assert_int_equal(sink_count(&sink, "mail"), 0);
	sink_forget(&sink);
}

static void test_helo_only(void **state)
{
	struct sink sink;
	struct session s;
	(void)state;

	sink_start(&sink, OPTIONS("--no-ehlo"));
	session_init(&s, &sink, 3, 0);
	session_run(&s);
	assert_end(&s.mails[2], "sent", "dot");
	assert_false(smtp_caps(s.open[0])->pipelining);
	session_release(&s);
	sink_stop(&sink);
	sink_forget(&sink);
}

/* What the server cannot take is refused here, and the connection goes on with the next. */
static void test_what_the_server_cannot_take(void **state)
{
	struct sink sink;
	struct session s;
	(void)state;

	sink_start(&sink, OPTIONS("--no-utf8", "--no-8bit", "--size", "1000"));
	session_init(&s, &sink, 3, 0);
	strcpy(s.mails[0].rcpt, "j\xc3\xb6rg@y.test");
	strcpy(s.mails[1].rcpt, "a@y.test>\r\nRCPT TO:<victim@y.test");
	session_run(&s);
	assert_end(&s.mails[0], "refused", "check");
	assert_non_null(strstr(s.mails[0].end.text, "SMTPUTF8"));
	assert_end(&s.mails[1], "refused", "check");
	assert_end(&s.mails[2], "sent", "dot");
	assert_int_equal(smtp_caps(s.open[0])->size_max, 1000);

	struct smtp_envelope env = { .id = 7, .from = "a@x.test", .rcpt = "b@y.test", .size = 1001 };
	struct delivery d;
	assert_int_equal(smtp_begin(s.open[0], &env, session_now(&s), &d), -1);
	assert_non_null(strstr(d.text, "bigger"));
	env.size = 10;
	env.eightbit = true;
	assert_int_equal(smtp_begin(s.open[0], &env, session_now(&s), &d), -1);
	assert_non_null(strstr(d.text, "8BITMIME"));
	env.from = "a@x.test SIZE=1";
	assert_int_equal(smtp_begin(s.open[0], &env, session_now(&s), &d), -1);
	assert_string_equal(delivery_outcome_text(d.outcome), "settings");
	session_release(&s);
	sink_stop(&sink);
	assert_int_equal(sink_count(&sink, "mail"), 1);
	assert_int_equal(sink_count(&sink, "rcpt"), 1);
	sink_forget(&sink);
}

static void test_utf8_addresses(void **state)
{
	struct sink sink;
	struct session s;
	(void)state;

	sink_start(&sink, NULL);
	session_init(&s, &sink, 1, 0);
	strcpy(s.mails[0].rcpt, "j\xc3\xb6rg@y.test");
	session_run(&s);
	assert_end(&s.mails[0], "sent", "dot");
	session_release(&s);
	sink_stop(&sink);
	sink_forget(&sink);
}

/* Runs until message 0 waits for its fence. */
static struct smtp *run_to_fence(struct session *s)
{
	struct smtp_envelope env = { .from = "a@x.test", .rcpt = "a0@y.test", .size = 10 };
	struct smtp *c = smtp_open(&s->config, session_now(s));
	struct delivery d;
	int64_t id;

	s->open[0] = c;
	for (;;) {
		enum smtp_event event = smtp_feed(c, session_now(s), &d, &id);
		if (event == SMTP_CONNECTED)
			assert_int_equal(smtp_begin(c, &env, session_now(s), &d), 0);
		if (event == SMTP_FENCE)
			return c;
		assert_int_not_equal(event, SMTP_CLOSED);
		session_wait(s);
	}
}

static enum smtp_event next_event(struct session *s, int64_t later_ms, struct delivery *ret, int64_t *ret_id)
{
	for (;;) {
		enum smtp_event event = smtp_feed(s->open[0], session_now(s) + later_ms, ret, ret_id);
		if (event != SMTP_NONE)
			return event;
		session_wait(s);
	}
}

/* The time of a mail that waits behind another begins when that one is done. */
static void test_deadlines(void **state)
{
	struct sink sink;
	struct session s;
	struct delivery d;
	int64_t id = 0;
	(void)state;

	sink_start(&sink, OPTIONS("--silent", "dot/bad"));
	session_init(&s, &sink, 0, 0);
	struct smtp *c = run_to_fence(&s);
	struct smtp_envelope next = { .id = 8, .from = "a@x.test", .rcpt = "bad@y.test", .size = 10 };
	assert_int_equal(smtp_begin(c, &next, session_now(&s), &d), 0);
	assert_int_equal(smtp_content(c, "a\r\n", 3, session_now(&s), &d), 0);
	assert_int_equal(next_event(&s, 200000, &d, &id), SMTP_DONE);
	assert_int_equal(next_event(&s, 200000, &d, &id), SMTP_FENCE);
	assert_int_equal(id, 8);
	assert_int_equal(smtp_content(c, "a\r\n", 3, session_now(&s) + 200000, &d), 0);
	assert_int_equal(smtp_feed(c, session_now(&s) + 490000, &d, &id), SMTP_NONE);
	assert_in_range(smtp_wake_ms(c), session_now(&s) + 480000, session_now(&s) + 500000);
	assert_int_equal(smtp_feed(c, session_now(&s) + 500000, &d, &id), SMTP_DONE);
	assert_string_equal(delivery_outcome_text(d.outcome), "in-doubt");
	session_release(&s);
	sink_stop(&sink);
	sink_forget(&sink);
}

static void test_bad_content_is_never_sent(void **state)
{
	static const char *const bad[] = { "a\n.\r\nMAIL FROM:<ceo@victim.test>\r\n", "a\rb\r\n", "no end",
		                               "\xc3\xa4\r\n" };
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct sink sink;
		struct session s;
		struct delivery d;
		int64_t id;

		sink_start(&sink, NULL);
		session_init(&s, &sink, 0, 0);
		struct smtp *c = run_to_fence(&s);
		assert_int_equal(smtp_content(c, bad[i], strlen(bad[i]), session_now(&s), &d), -1);
		assert_string_equal(delivery_outcome_text(d.outcome), "refused");
		assert_int_equal(smtp_feed(c, session_now(&s), &d, &id), SMTP_CLOSED);
		session_release(&s);
		sink_stop(&sink);
		assert_int_equal(sink_count(&sink, "messages"), 0);
		sink_forget(&sink);
	}
}

static void test_a_fence_that_says_no(void **state)
{
	struct sink sink;
	struct session s;
	struct delivery d;
	int64_t id = 0;
	(void)state;

	sink_start(&sink, NULL);
	session_init(&s, &sink, 0, 0);
	struct smtp *c = run_to_fence(&s);
	struct smtp_envelope next = { .id = 8, .from = "a@x.test", .rcpt = "a8@y.test", .size = 10 };
	assert_int_equal(smtp_begin(c, &next, session_now(&s), &d), 0);
	assert_false(smtp_can_begin(c));
	assert_int_equal(smtp_feed(c, session_now(&s), &d, &id), SMTP_NONE);
	smtp_abandon(c);
	assert_int_equal(smtp_feed(c, session_now(&s), &d, &id), SMTP_DONE);
	assert_int_equal(id, 8);
	assert_string_equal(delivery_outcome_text(d.outcome), "retry");
	assert_int_equal(smtp_feed(c, session_now(&s), &d, &id), SMTP_CLOSED);
	session_release(&s);
	sink_stop(&sink);
	assert_int_equal(sink_count(&sink, "messages"), 0);
	sink_forget(&sink);
}

/* The server leaves while the fence is committed: that is seen before the content goes, and nothing is in
 * doubt. */
static void test_a_server_that_leaves_at_the_fence(void **state)
{
	struct sink sink;
	struct session s;
	struct delivery d;
	int64_t id = 0;
	(void)state;

	sink_start(&sink, NULL);
	session_init(&s, &sink, 0, 0);
	struct smtp *c = run_to_fence(&s);
	sink_stop(&sink);
	assert_int_equal(smtp_feed(c, session_now(&s), &d, &id), SMTP_NONE);
	assert_int_equal(smtp_content(c, "a\r\n", 3, session_now(&s), &d), 0);
	assert_int_equal(smtp_feed(c, session_now(&s), &d, &id), SMTP_DONE);
	assert_string_equal(delivery_outcome_text(d.outcome), "retry");
	assert_int_equal(smtp_feed(c, session_now(&s), &d, &id), SMTP_CLOSED);
	session_release(&s);
	sink_forget(&sink);
}

/* Lines of all lengths, with dots in front, or nothing but dots. */
static void big_content(struct buf *b, size_t size)
{
	for (size_t line = 0; b->len < size; line++) {
		for (size_t k = 0; k < line % 5; k++)
			buf_addc(b, '.');
		for (size_t k = 0; k < line * 7 % 990; k++)
			buf_addc(b, line % 2 ? '.' : (char)('a' + (line + k) % 26));
		buf_adds(b, "\r\n");
	}
}

/* The server answers before it has all, and reads no more. The content is more than all buffers hold. */
static void answered_half_way(const char *rule, const char *content, size_t len, const char *outcome,
                              int code)
{
	for (size_t i = 0; i < 2; i++) {
		struct sink sink;
		struct session s;

		start_each(&sink, i, OPTIONS("--refuse", rule));
		session_init(&s, &sink, 1, 1);
		s.content = content;
		s.content_len = len;
		session_run(&s);
		assert_end(&s.mails[0], outcome, "dot");
		assert_int_equal(s.mails[0].end.code, code);
		assert_int_equal(s.closes, 1);
		session_release(&s);
		sink_stop(&sink);
		assert_int_equal(sink_count(&sink, "messages"), 0);
		sink_forget(&sink);
	}
}

static void test_answers_half_way(void **state)
{
	BUF_AUTO content = BUF_INIT(32 << 20);
	(void)state;

	big_content(&content, 16u << 20);
	answered_half_way("content/bad=552 5.3.4 enough", content.s, content.len, "refused", 552);
	answered_half_way("content/bad=250 2.0.0 Ok", content.s, content.len, "retry", 0);
}

/* One answer too many, with nothing and with something else still to be answered. */
static void test_answers_out_of_turn(void **state)
{
	(void)state;
	for (size_t count = 2; count <= 4; count++)
		for (size_t i = 0; i < 2; i++) {
			struct sink sink;
			struct session s;

			start_each(&sink, i, OPTIONS("--refuse", "dot/bad=250 2.0.0 Ok\r\n250 2.0.0 Ok"));
			session_init(&s, &sink, count, 2);
			session_run(&s);
			assert_int_equal(s.closes, 1);
			assert_non_null(strstr(s.closed.text, "out of turn"));
			assert_end(&s.mails[1], "sent", "dot");
			for (size_t k = 2; k < count; k++)
				assert_true(s.mails[k].ends == 0 || s.mails[k].end.outcome == DELIVERY_RETRY);
			session_release(&s);
			sink_stop(&sink);
			sink_forget(&sink);
		}
}

static char *read_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	*ret_len = (size_t)ftell(f);
	rewind(f);
	char *s = xmalloc(*ret_len + 1);
	assert_int_equal(fread(s, 1, *ret_len, f), *ret_len);
	fclose(f);
	return s;
}

/* Lines of all lengths, many with dots in front, over many writes: what arrives is what was sent. */
static void test_contents_arrive_as_they_are(void **state)
{
	char dir[] = "/tmp/smtp_saved.XXXXXX";
	char path[64];
	(void)state;

	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < 2; i++) {
		BUF_AUTO content = BUF_INIT(8 << 20);
		struct sink sink;
		struct session s;

		big_content(&content, 3u << 20);
		start_each(&sink, i, OPTIONS("--save", dir));
		session_init(&s, &sink, 3, 0);
		s.content = content.s;
		s.content_len = content.len;
		session_run(&s);
		for (size_t k = 0; k < 3; k++) {
			size_t len;
			assert_end(&s.mails[k], "sent", "dot");
			snprintf(path, sizeof path, "%s/%zu.eml", dir, k + 1);
			char *saved = read_file(path, &len);
			assert_int_equal(len, content.len);
			assert_memory_equal(saved, content.s, len);
			free(saved);
			unlink(path);
		}
		session_release(&s);
		sink_stop(&sink);
		sink_forget(&sink);
	}
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "mails go out, with and without PIPELINING", test_mails_go_out, NULL, NULL, NULL },
		{ "2.16 one refused mail touches no other and costs no connection", test_refused_mails, NULL, NULL,
		  NULL },
		{ "2.16 a refused sender is a matter of settings", test_refused_sender, NULL, NULL, NULL },
		{ "2.1 a lost connection is in doubt only behind the dot", test_lost_connections, NULL, NULL, NULL },
		{ "2.1 421 at any time is an answer", test_goodbyes, NULL, NULL, NULL },
		{ "2.1 a silent server is left at the deadline", test_silence, NULL, NULL, NULL },
		{ "endless replies end the connection", test_floods, NULL, NULL, NULL },
		{ "S2.31 a connection that fails says why", test_connections_that_fail, NULL, NULL, NULL },
		{ "a wrong URL is a matter of settings", test_wrong_settings, NULL, NULL, NULL },
		{ "nobody listens: again later", test_nobody_listens, NULL, NULL, NULL },
		{ "S2.31 logins that fail are told apart", test_login, NULL, NULL, NULL },
		{ "no TLS, no login, no mail", test_no_tls_no_login, NULL, NULL, NULL },
		{ "a server that knows HELO only", test_helo_only, NULL, NULL, NULL },
		{ "what the server cannot take is not offered", test_what_the_server_cannot_take, NULL, NULL, NULL },
		{ "SMTPUTF8 where an address needs it", test_utf8_addresses, NULL, NULL, NULL },
		{ "content that could be two mails is never sent", test_bad_content_is_never_sent, NULL, NULL, NULL },
		{ "2.1 a fence that says no: nothing is accepted", test_a_fence_that_says_no, NULL, NULL, NULL },
		{ "2.1 a server that leaves at the fence leaves no doubt", test_a_server_that_leaves_at_the_fence,
		  NULL, NULL, NULL },
		{ "2.16 a content answered half way", test_answers_half_way, NULL, NULL, NULL },
		{ "2.1 answers out of turn end the connection", test_answers_out_of_turn, NULL, NULL, NULL },
		{ "the time of a mail begins when the one before it is done", test_deadlines, NULL, NULL, NULL },
		{ "contents arrive byte for byte", test_contents_arrive_as_they_are, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
