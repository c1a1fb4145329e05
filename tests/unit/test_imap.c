#include "base/buf.h"
#include "base/err.h"
#include "transport/imap.h"
#include "transport/imap_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ok.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The IMAP client against a server that says what a test wants. A script is lines: "C word" reads a line that must have
 * the word, "S text" answers, with "%T" for the tag of the line read last, "X" ends the connection and takes the next one.
 */
struct server {
	pid_t pid;
	int heard; /* what the client said */
	char url[64];
};

struct talk {
	int fd;
	FILE *in;
	char tag[64], line[8192];
};

static void send_text(const struct talk *t, const char *text)
{
	BUF_AUTO b = BUF_INIT(1 << 20);

	for (const char *s = text; *s; s++)
		if (s[0] == '%' && s[1] == 'T') {
			buf_adds(&b, t->tag);
			s++;
		} else {
			buf_addc(&b, *s);
		}
	for (size_t sent = 0; sent < b.len;) {
		ssize_t n = send(t->fd, b.s + sent, b.len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			_exit(4);
		sent += (size_t)n;
	}
}

static void hear(struct talk *t, const char *word, int log)
{
	if (!fgets(t->line, sizeof t->line, t->in))
		_exit(2);
	if (write(log, t->line, strlen(t->line)) < 0 || !strcasestr(t->line, word))
		_exit(3);
	if (strchr(t->line, ' '))
		snprintf(t->tag, sizeof t->tag, "%.*s", (int)strcspn(t->line, " \r\n"), t->line);
}

static void take_client(struct talk *t, int listener)
{
	t->fd = accept(listener, NULL, NULL);
	t->in = fdopen(dup(t->fd), "r");
}

static void play(int listener, const char *const *script, int log)
{
	struct talk t = { 0 };

	alarm(20);
	take_client(&t, listener);
	for (; *script; script++)
		if (**script == 'C') {
			hear(&t, *script + 2, log);
		} else if (**script == 'S') {
			send_text(&t, *script + 2);
		} else {
			fclose(t.in);
			close(t.fd);
			take_client(&t, listener);
		}
	while (fgets(t.line, sizeof t.line, t.in))
		if (write(log, t.line, strlen(t.line)) < 0)
			break;
	_exit(0);
}

static void serve(struct server *s, const char *const *script)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int listener = socket(AF_INET, SOCK_STREAM, 0), log[2];

	assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(listener, 5), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(pipe(log), 0);
	snprintf(s->url, sizeof s->url, "imap://127.0.0.1:%d", ntohs(a.sin_port));
	s->pid = fork();
	if (s->pid == 0)
		play(listener, script, log[1]);
	close(listener);
	close(log[1]);
	s->heard = log[0];
}

/* Ends the server, which must have heard all that its script wants; returns what the client said. */
static const char *served(struct server *s)
{
	static char heard[65536];
	size_t len = 0;
	ssize_t n;
	int status;

	while ((n = read(s->heard, heard + len, sizeof heard - 1 - len)) > 0)
		len += (size_t)n;
	heard[len] = '\0';
	close(s->heard);
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != 0)
		fail_msg("the server ended with %d; it heard: %s", WEXITSTATUS(status), heard);
	return heard;
}

#define FAILS_AS(wanted, call)                             \
	do {                                                   \
		struct err err = ERR_INIT;                         \
		assert_int_equal((call), -1);                      \
		if (err.kind != (wanted))                          \
			fail_msg("kind %d: %s", err.kind, err.text);   \
	} while (0)

/* Ends a server whatever it has heard. */
static void stop(struct server *s)
{
	kill(s->pid, SIGKILL);
	close(s->heard);
	assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
}

static int log_in(const struct server *s, bool tls, const char *token, struct imap **ret, struct err *err)
{
	struct imap_config config = { .url = s->url, .user = "anna@us.example", .password = token ? NULL : "secret", .token = token, .tls = tls };

	return imap_open(&config, ret, err);
}

#define GREETING(caps) "S * OK [CAPABILITY IMAP4rev1 " caps "] ready\r\n", "C CAPABILITY", \
	"S * CAPABILITY IMAP4rev1 " caps "\r\n%T OK done\r\n"
#define LOGGED_IN GREETING("AUTH=PLAIN SASL-IR"), "C AUTHENTICATE PLAIN AGFu", "S %T OK in\r\n"
#define BY_COMMAND(caps) GREETING(caps), "X", GREETING(caps), "C LOGIN \"anna@us.example\" \"secret\""

static void any_way_of_logging_in_that_hides_nothing_is_taken(void **state)
{
	static const char *const plain[] = { GREETING("AUTH=PLAIN"), "C AUTHENTICATE PLAIN", "S + \r\n", "C AGFubmFAdXMuZXhhbXBsZQBzZWNyZXQ=",
		"S %T OK in\r\n", NULL };
	static const char *const initial[] = { LOGGED_IN, NULL };
	static const char *const login[] = { GREETING("AUTH=LOGIN"), "C AUTHENTICATE LOGIN", "S + VXNlcm5hbWU6\r\n", "C YW5uYUB1cy5leGFtcGxl",
		"S + UGFzc3dvcmQ6\r\n", "C c2VjcmV0", "S %T OK in\r\n", NULL };
	static const char *const cram[] = { GREETING("AUTH=CRAM-MD5"), "C AUTHENTICATE CRAM-MD5", "S + PDEuMkBmYXIuZXhhbXBsZT4=\r\n", "C YW5uYUB1cy5leGFtcGxl",
		"S %T OK in\r\n", NULL };
	static const char *const command[] = { BY_COMMAND(""), "S * OK wait\r\n%T OK in\r\n", NULL };
	static const char *const others[] = { BY_COMMAND("AUTH=GSSAPI AUTH=X-PLAIN"), "S %T OK in\r\n", NULL };
	static const char *const *const scripts[] = { plain, initial, login, cram, command, others };
	(void)state;

	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		struct err failed = ERR_INIT;
		struct server s;
		struct imap *m;

		print_message("# way %zu\n", i);
		serve(&s, scripts[i]);
		if (log_in(&s, false, NULL, &m, &failed) < 0)
			fail_msg("%s: %s", failed.text, served(&s));
		imap_close(m);
		served(&s);
	}
}

static void a_token_is_sent_as_the_server_wants_it(void **state)
{
	static const char *const xoauth2[] = { GREETING("AUTH=PLAIN AUTH=XOAUTH2 SASL-IR"), "C AUTHENTICATE XOAUTH2 dXNlcj1hbm5hQHVzLmV4YW1wbGUBYXV0aD1CZWFyZXIgdDB",
		"S %T OK in\r\n", NULL };
	static const char *const bearer[] = { GREETING("AUTH=OAUTHBEARER SASL-IR"), "C AUTHENTICATE OAUTHBEARER ", "S %T OK in\r\n", NULL };
	static const char *const *const scripts[] = { xoauth2, bearer };
	(void)state;

	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		struct server s;
		struct imap *m;

		serve(&s, scripts[i]);
		OK(log_in(&s, false, "t0ken", &m, &err));
		imap_close(m);
		served(&s);
	}
}

static void a_refused_login_is_for_a_person_to_mend(void **state)
{
	static const char *const wrong[] = { GREETING("AUTH=PLAIN SASL-IR"), "C AUTHENTICATE PLAIN", "S %T NO [AUTHENTICATIONFAILED] wrong\r\n", NULL };
	static const char *const command[] = { BY_COMMAND(""), "S %T NO wrong\r\n", NULL };
	static const char *const token[] = { GREETING("AUTH=XOAUTH2 SASL-IR"), "C AUTHENTICATE XOAUTH2", "S + eyJzdGF0dXMiOiI0MDAifQ==\r\n", NULL };
	static const char *const *const scripts[] = { wrong, command, token };
	(void)state;

	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		struct server s;
		struct imap *m;

		serve(&s, scripts[i]);
		FAILS_AS(ERR_CONFIG, log_in(&s, false, scripts[i] == token ? "t0ken" : NULL, &m, &err));
		served(&s);
	}
}

/* RFC 3501 section 6.2.3: LOGINDISABLED; a server or somebody in between that offers no STARTTLS. */
static void no_password_is_sent_where_it_must_not(void **state)
{
	static const char *const disabled[] = { GREETING("LOGINDISABLED"), NULL };
	static const char *const stripped[] = { GREETING("AUTH=PLAIN"), NULL };
	static const char *const refused[] = { GREETING("STARTTLS LOGINDISABLED"), "C STARTTLS", "S %T NO not now\r\n", NULL };
	static const char *const preauth[] = { "S * PREAUTH you are in\r\n", "C CAPABILITY", "S * CAPABILITY IMAP4rev1 STARTTLS\r\n%T OK done\r\n", NULL };
	static const struct {
		const char *const *script;
		bool tls;
	} cases[] = { { disabled, false }, { stripped, true }, { refused, true }, { preauth, true } };
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct server s;
		struct imap *m;
		const char *heard;

		print_message("# case %zu\n", i);
		serve(&s, cases[i].script);
		FAILS_AS(ERR_CONFIG, log_in(&s, cases[i].tls, NULL, &m, &err));
		heard = served(&s);
		assert_null(strstr(heard, "secret"));
		assert_null(strcasestr(heard, "LOGIN"));
		assert_null(strcasestr(heard, "AUTHENTICATE"));
	}
}

static void folders_and_mails_are_read_with_whatever_comes_between(void **state)
{
	static const char *const script[] = { LOGGED_IN, "C EXAMINE \"a \\\"b\\\\c\"",
		"S * FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 42] ok\r\n* OK [ALERT] {0}\r\n\r\n%T OK [READ-ONLY] done\r\n", "C UID SEARCH UID 8:* SINCE 1-Jun-2026",
		"S * SEARCH 11 9 7\r\n* 4 EXISTS\r\n* SEARCH\r\n* search 10\r\n%T OK done\r\n", "C UID FETCH 9 (UID BODY.PEEK[]<0.10>)",
		"S * 2 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 8 BODY[]<0> {3}\r\nabc)\r\n* 3 FETCH (UID 9 BODY[]<0> {14}\r\n0123456789ABCD)\r\n%T OK done\r\n",
		"C UID FETCH 10", "S %T OK gone\r\n", "C UID FETCH 11", "S * 5 FETCH (UID 11 FLAGS ())\r\n%T NO cannot\r\n", NULL };
	struct err failed = ERR_INIT;
	int64_t validity, *uids;
	BUF_AUTO mail = BUF_INIT(100);
	struct server s;
	struct imap *m;
	(void)state;

	serve(&s, script);
	OK(log_in(&s, false, NULL, &m, &err));
	OK(imap_examine(m, "a \"b\\c", &validity, &err));
	assert_int_equal(validity, 42);
	assert_int_equal(imap_search(m, 7, INT64_C(1780297200), &uids, &failed), 3);
	assert_true(uids[0] == 9 && uids[1] == 10 && uids[2] == 11);
	free(uids);
	assert_int_equal(imap_fetch(m, 9, 10, &mail, &failed), 1);
	assert_string_equal(mail.s, "0123456789");
	assert_int_equal(imap_fetch(m, 10, 10, &mail, &failed), 0);
	assert_int_equal(imap_fetch(m, 11, 10, &mail, &failed), -1);
	assert_int_equal(failed.kind, ERR_UNREACH);
	imap_close(m);
	served(&s);
}

static void a_folder_that_is_not_there_is_missing(void **state)
{
	static const char *const script[] = { LOGGED_IN, "C EXAMINE \"Sent\"", "S %T NO [NONEXISTENT] no such folder\r\n", NULL };
	struct server s;
	struct imap *m;
	int64_t validity;
	(void)state;

	serve(&s, script);
	OK(log_in(&s, false, NULL, &m, &err));
	FAILS_AS(ERR_MISSING, imap_examine(m, "two\nlines", &validity, &err));
	FAILS_AS(ERR_MISSING, imap_examine(m, "Sent", &validity, &err));
	imap_close(m);
	served(&s);
}

static void folders_have_names_in_any_language(void **state)
{
	static const struct {
		const char *name, *wanted; /* NULL: no name */
	} cases[] = {
		{ "Sent", "\"Sent\"" },
		{ "Envoy&AOk-s", "\"Envoy&AOk-s\"" },
		{ "Envoyés", "\"Envoy&AOk-s\"" },
		{ "R&D größer", "\"R&-D gr&APYA3w-er\"" },
		{ "送信済みメール", "\"&kAFP4W4IMH8w4TD8MOs-\"" },
		{ "~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"" },
		{ "\xf0\x9f\x93\xa7", "\"&2D3c5w-\"" },
		{ "a\"\\é", "\"a\\\"\\\\&AOk-\"" },
		{ "two\nlines", NULL },
		{ "\xc3\xa9\n", NULL },
		{ "\xff", NULL },
		{ "\xc2\x85", NULL },
	};
	(void)state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		BUF_AUTO b = BUF_INIT(1000);
		bool good = imap_name(&b, cases[i].name);

		assert_int_equal(good, cases[i].wanted != NULL);
		if (good)
			assert_string_equal(b.s, cases[i].wanted);
	}
}

/* What a search may answer that ends badly: each is a server that may work later. */
static void a_server_that_breaks_off_may_work_later(void **state)
{
	static const char *const answers[] = { "S * BYE shutting down\r\n", "S * SEARCH 1 2", "S %T BAD what?\r\n", "S * SEARCH {99999999}\r\nabc",
		"S * SEARCH {12\r\n%T NO\r\n", "S * SEARCH {x}\r\n* {99999999999999999999}\r\n" };
	(void)state;

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		const char *const script[] = { LOGGED_IN, "C UID SEARCH", answers[i], "X", NULL };
		struct server s;
		struct imap *m;
		int64_t *uids;

		serve(&s, script);
		OK(log_in(&s, false, NULL, &m, &err));
		FAILS_AS(ERR_UNREACH, imap_search(m, 0, 0, &uids, &err));
		imap_close(m);
		stop(&s);
	}
}

static void a_server_that_is_none_is_not_reached(void **state)
{
	static const char *const script[] = { "S 220 mx.far.example ESMTP\r\n", "X", NULL };
	struct imap_config nowhere = { .url = "imap://127.0.0.1:1", .user = "anna", .password = "secret" }, wrong = { .url = "gopher://127.0.0.1" };
	struct server s;
	struct imap *m;
	(void)state;

	serve(&s, script);
	FAILS_AS(ERR_UNREACH, log_in(&s, false, NULL, &m, &err));
	stop(&s);
	FAILS_AS(ERR_UNREACH, imap_open(&nowhere, &m, &err));
	FAILS_AS(ERR_CONFIG, imap_open(&wrong, &m, &err));
	imap_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_way_of_logging_in_that_hides_nothing_is_taken),
		cmocka_unit_test(a_token_is_sent_as_the_server_wants_it),
		cmocka_unit_test(a_refused_login_is_for_a_person_to_mend),
		cmocka_unit_test(no_password_is_sent_where_it_must_not),
		cmocka_unit_test(folders_and_mails_are_read_with_whatever_comes_between),
		cmocka_unit_test(folders_have_names_in_any_language),
		cmocka_unit_test(a_folder_that_is_not_there_is_missing),
		cmocka_unit_test(a_server_that_breaks_off_may_work_later),
		cmocka_unit_test(a_server_that_is_none_is_not_reached),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
