#include "transport/smtp_reply.h"

#include "base/buf.h"
#include "transport/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static int feed_all(struct smtp_reply *r, const char *text, size_t step)
{
	size_t len = strlen(text);
	int got = 0;

	for (size_t at = 0; at < len && got == 0;) {
		size_t used;
		size_t n = len - at < step ? len - at : step;
		got = smtp_reply_feed(r, text + at, n, &used);
		at += used;
	}
	return got;
}

static void test_replies_are_read(void **state)
{
	static const struct {
		const char *bytes;
		int code;
		const char *status;
		const char *text;
	} rows[] = {
		{ "250 2.0.0 Ok: queued as 12345\r\n", 250, "2.0.0", "250 2.0.0 Ok: queued as 12345" },
		{ "250\r\n", 250, "", "250" },
		{ "354 go\n", 354, "", "354 go" },
		{ "250 \r\n", 250, "", "250" },
		{ "550-5.1.1 The address\r\n550-5.1.1 that you tried\r\n550 5.1.1 does not exist.\r\n", 550, "5.1.1",
		  "550 5.1.1 The address that you tried does not exist." },
		{ "550-no such user\r\n550\r\n", 550, "", "550 no such user" },
		{ "550 5.1.123 x\r\n", 550, "5.1.123", "550 5.1.123 x" },
		{ "550 5.1.1\r\n", 550, "5.1.1", "550 5.1.1" },
		/* a status of another class, a version number, too many digits: no status */
		{ "550 2.1.1 x\r\n", 550, "", "550 2.1.1 x" },
		{ "550 5.1 x\r\n", 550, "", "550 5.1 x" },
		{ "550 5.1.1234 x\r\n", 550, "", "550 5.1.1234 x" },
		{ "550 5.1.1x\r\n", 550, "", "550 5.1.1x" },
		{ "250 caf\xc3\xa9 \x1b[1m\xff\r\n", 250, "", "250 caf\xc3\xa9 \\x1b[1m\\xff" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t step = 1; step < 64; step += 9) {
			struct smtp_reply r = { 0 };
			assert_int_equal(feed_all(&r, rows[i].bytes, step), 1);
			assert_int_equal(r.code, rows[i].code);
			assert_string_equal(r.status, rows[i].status);
			if (r.code >= 400 || (r.code >= 200 && r.code < 300))
				assert_string_equal(smtp_reply_delivery(&r, PHASE_DOT).text, rows[i].text);
		}
}

static void test_several_replies_in_one_read(void **state)
{
	static const char bytes[] = "250 a\r\n354-b\r\n354 c\r\n451 4.7.1 d";
	struct smtp_reply r = { 0 };
	size_t used;
	size_t at = 0;
	(void)state;

	assert_int_equal(smtp_reply_feed(&r, bytes, sizeof bytes - 1, &used), 1);
	assert_string_equal(r.text, "250 a");
	assert_true(smtp_reply_at_start(&r));
	at += used;
	assert_int_equal(smtp_reply_feed(&r, bytes + at, sizeof bytes - 1 - at, &used), 1);
	assert_string_equal(r.text, "354 b c");
	at += used;
	assert_int_equal(smtp_reply_feed(&r, bytes + at, sizeof bytes - 1 - at, &used), 0);
	assert_false(smtp_reply_at_start(&r));
	assert_int_equal(feed_all(&r, "\r\n", 2), 1);
	assert_int_equal(r.code, 451);
	assert_string_equal(r.status, "4.7.1");
}

static void test_what_is_no_smtp_is_refused(void **state)
{
	static const char *const bad[] = {
		"HTTP/1.1 400 Bad Request\r\n", "\r\n",       "25\r\n",      "25x ok\r\n", "150 ok\r\n", "650 ok\r\n",
		"250-a\r\n251 b\r\n",           "250_ok\r\n", "2500 ok\r\n", "099 x\r\n",
	};
	BUF_AUTO big = BUF_INIT(1 << 20);
	struct smtp_reply endless = { 0 };
	struct smtp_reply wide = { 0 };
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct smtp_reply r = { 0 };
		assert_int_equal(feed_all(&r, bad[i], 7), -1);
	}
	for (int i = 0; i < SMTP_REPLY_LINES; i++)
		buf_adds(&big, "250-more\r\n");
	assert_int_equal(feed_all(&endless, big.s, 1000), -1);
	buf_clear(&big);
	buf_adds(&big, "250 ");
	for (int i = 0; i < SMTP_REPLY_LINE; i++)
		buf_addc(&big, 'x');
	assert_int_equal(feed_all(&wide, big.s, 1000), -1);
}

static void test_long_text_is_cut_at_a_character(void **state)
{
	BUF_AUTO line = BUF_INIT(8192);
	struct smtp_reply r = { 0 };
	(void)state;

	buf_adds(&line, "550 x");
	for (int i = 0; i < 1000; i++)
		buf_adds(&line, "\xc3\xa4");
	buf_adds(&line, "\r\n");
	assert_int_equal(feed_all(&r, line.s, 4096), 1);
	struct delivery d = smtp_reply_delivery(&r, PHASE_RCPT);
	assert_in_range(strlen(d.text), DELIVERY_TEXT - 6, DELIVERY_TEXT - 1);
	assert_null(strchr(d.text, '\\'));
}

static void test_classification(void **state)
{
	static const struct {
		enum delivery_phase phase;
		int code;
		const char *status;
		enum delivery_outcome outcome;
	} rows[] = {
		{ PHASE_DOT, 250, "2.0.0", DELIVERY_SENT },
		{ PHASE_DOT, 200, "", DELIVERY_SENT },
		{ PHASE_GREET, 421, "", DELIVERY_RETRY },
		{ PHASE_TLS, 454, "4.7.0", DELIVERY_RETRY },
		{ PHASE_LOGIN, 454, "4.7.0", DELIVERY_RETRY },
		{ PHASE_MAIL, 451, "", DELIVERY_RETRY },
		{ PHASE_RCPT, 450, "4.2.1", DELIVERY_RETRY },
		{ PHASE_RCPT, 452, "4.5.3", DELIVERY_RETRY },
		{ PHASE_DATA, 451, "", DELIVERY_RETRY },
		{ PHASE_DOT, 499, "", DELIVERY_RETRY },
		{ PHASE_GREET, 554, "5.7.1", DELIVERY_SETTINGS },
		{ PHASE_TLS, 501, "", DELIVERY_SETTINGS },
		{ PHASE_LOGIN, 535, "5.7.8", DELIVERY_AUTH },
		{ PHASE_LOGIN, 504, "5.5.4", DELIVERY_AUTH },
		{ PHASE_MAIL, 530, "5.7.0", DELIVERY_AUTH },
		{ PHASE_RCPT, 530, "", DELIVERY_AUTH },
		{ PHASE_DATA, 538, "", DELIVERY_AUTH },
		{ PHASE_MAIL, 550, "5.7.1", DELIVERY_SETTINGS },
		{ PHASE_MAIL, 553, "5.1.8", DELIVERY_SETTINGS },
		{ PHASE_MAIL, 552, "", DELIVERY_REFUSED },
		{ PHASE_MAIL, 550, "5.3.4", DELIVERY_REFUSED },
		{ PHASE_MAIL, 554, "5.2.3", DELIVERY_REFUSED },
		{ PHASE_RCPT, 550, "5.1.1", DELIVERY_RECIPIENT },
		{ PHASE_RCPT, 553, "5.1.3", DELIVERY_RECIPIENT },
		{ PHASE_RCPT, 556, "5.1.10", DELIVERY_RECIPIENT },
		{ PHASE_RCPT, 553, "5.1.8", DELIVERY_SETTINGS },
		{ PHASE_RCPT, 553, "5.1.7", DELIVERY_SETTINGS },
		{ PHASE_RCPT, 550, "5.7.1", DELIVERY_REFUSED },
		{ PHASE_RCPT, 550, "5.2.1", DELIVERY_REFUSED },
		{ PHASE_RCPT, 550, "", DELIVERY_REFUSED },
		{ PHASE_RCPT, 551, "", DELIVERY_REFUSED },
		{ PHASE_DATA, 554, "5.5.1", DELIVERY_REFUSED },
		{ PHASE_DOT, 550, "5.1.1", DELIVERY_REFUSED },
		{ PHASE_DOT, 552, "", DELIVERY_REFUSED },
		{ PHASE_DOT, 535, "5.7.1", DELIVERY_REFUSED },
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum delivery_outcome got = delivery_classify(rows[i].phase, rows[i].code, rows[i].status);
		if (got != rows[i].outcome)
			print_message("# row %zu: %s %d %s\n", i, delivery_phase_text(rows[i].phase), rows[i].code,
			              rows[i].status);
		assert_string_equal(delivery_outcome_text(got), delivery_outcome_text(rows[i].outcome));
	}
}

static void test_policy_is_told_apart(void **state)
{
	struct delivery d = { .outcome = DELIVERY_REFUSED, .status = "5.7.1" };
	(void)state;

	assert_true(delivery_blames_mailbox(&d));
	strcpy(d.status, "5.2.1");
	assert_false(delivery_blames_mailbox(&d));
	d = (struct delivery){ .outcome = DELIVERY_RETRY, .status = "4.7.1" };
	assert_false(delivery_blames_mailbox(&d));
}

#define ACCEPT(text) assert_null(mail_content_check(text, sizeof(text) - 1, NULL))
#define REFUSE(text) assert_non_null(mail_content_check(text, sizeof(text) - 1, NULL))

/* The smuggling corpus: each spelling of an end of data but the true one, which SMTP doubles. */
static void test_content_gate(void **state)
{
	static const char *const ends[] = { "\r", "\n", "\r\n", "\r\r\n", "\n\r", "\r\n\n" };
	bool eightbit = true;
	char line[1200];
	(void)state;

	ACCEPT("Subject: x\r\n\r\ntext\r\n");
	ACCEPT("\r\n.\r\n");
	REFUSE("");
	REFUSE("no end");
	REFUSE("a\r\nb");
	REFUSE("a\r");
	REFUSE("a\0b\r\n");
	for (size_t i = 0; i < 6; i++)
		for (size_t k = 0; k < 6; k++) {
			char mail[64];
			size_t n = (size_t)snprintf(mail, sizeof mail, "x%s.%sy\r\n", ends[i], ends[k]);
			bool good = strcmp(ends[i], "\r\n") == 0 && strcmp(ends[k], "\r\n") == 0;
			assert_int_equal(mail_content_check(mail, n, NULL) == NULL, good);
		}
	assert_null(mail_content_check("\xc3\xa4\r\n", 4, &eightbit));
	assert_true(eightbit);
	assert_null(mail_content_check("a\r\n", 3, &eightbit));
	assert_false(eightbit);
	memset(line, 'x', sizeof line);
	memcpy(line + 998, "\r\n", 2);
	assert_null(mail_content_check(line, 1000, NULL));
	memset(line, 'x', 999);
	memcpy(line + 999, "\r\n", 2);
	assert_non_null(mail_content_check(line, 1001, NULL));
}

static void test_address_gate(void **state)
{
	static const char *const good[] = {
		"a@b.example",   "a+b_c.d@x-y.example",  "o'brien@example.com",     "\"john.doe\"@example.com",
		"a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "j\xc3\xb6rg@example.com", "-x@example.com",
	};
	static const char *const bad[] = {
		"",
		"a",
		"@b",
		"a@",
		"a b@c.example",
		"a@b c",
		"a@b\r\nRCPT TO:<victim@x.example>",
		"a\r@b",
		"a\n@b",
		"<a@b>",
		"a@b>",
		"a@b> SIZE=1",
		"a@b@c",
		"a,b@c",
		"\"a b\"@c.example",
		"\"a>b\"@c.example",
		"\"a@c.example",
		"a\x7f@b.example",
		"a\xc2\x85@b.example",
		"a\xe2\x80\xa8@b.example",
		"a\xff@b.example",
		"a(x)@b.example",
		"a\t@b.example",
		"12345678901234567890123456789012345678901234567890123456789012345@b.example",
	};
	bool utf8 = true;
	char longer[300];
	(void)state;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_null(mail_address_check(good[i], NULL));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (!mail_address_check(bad[i], NULL))
			print_message("# taken: %s\n", bad[i]);
		assert_non_null(mail_address_check(bad[i], NULL));
	}
	assert_null(mail_address_check("a@b.example", &utf8));
	assert_false(utf8);
	assert_null(mail_address_check("\xc3\xa4@b.example", &utf8));
	assert_true(utf8);
	memset(longer, 'x', sizeof longer);
	longer[1] = '@';
	longer[254] = '\0';
	assert_null(mail_address_check(longer, NULL));
	longer[254] = 'x';
	longer[255] = '\0';
	assert_non_null(mail_address_check(longer, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "replies of one and more lines are read, however they arrive", test_replies_are_read, NULL, NULL,
		  NULL },
		{ "several replies in one read", test_several_replies_in_one_read, NULL, NULL, NULL },
		{ "what is no SMTP, too long or endless is refused", test_what_is_no_smtp_is_refused, NULL, NULL,
		  NULL },
		{ "a long reply is cut at a character", test_long_text_is_cut_at_a_character, NULL, NULL, NULL },
		{ "2.16 each reply is read as what it means", test_classification, NULL, NULL, NULL },
		{ "2.16 refusals by policy are told apart", test_policy_is_told_apart, NULL, NULL, NULL },
		{ "no content can be read as two mails", test_content_gate, NULL, NULL, NULL },
		{ "no address can become a command", test_address_gate, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
