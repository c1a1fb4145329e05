#include "format/mime.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X800 X100 X100 X100 X100 X100 X100 X100 X100

static char big[100001];

/* The message with everything in it that composing needs; html alone stays alone. */
static struct mime_message complete(struct mime_message m)
{
	if (!m.from.address)
		m.from = (struct mime_mailbox){ "Anna Schmidt", "anna@example.com" };
	if (!m.to.address)
		m.to = (struct mime_mailbox){ NULL, "bob@example.org" };
	if (!m.message_id)
		m.message_id = "17.4f3a.2@example.com";
	if (!m.text && !m.html)
		m.text = "Hello\n";
	return m;
}

static const struct {
	struct mime_message m;
	const char *why;
} refused[] = {
	{ { .subject = "a\001b" }, "Subject: a control character (U+0001)" },
	{ { .subject = "a\177b" }, "Subject: a control character (U+007F)" },
	{ { .subject = "a\302\220b" }, "Subject: a control character (U+0090)" },
	{ { .subject = "a\377b" }, "Subject: not UTF-8" },
	{ { .to = { "a\033b", "bob@example.org" } }, "To: a control character (U+001B)" },
	{ { .from = { "a\003b", "a@example.com" } }, "From: a control character (U+0003)" },
	{ { .to = { NULL, "" } }, "To: no address" },
	{ { .to = { NULL, "bob" } }, "To: no address" },
	{ { .to = { NULL, "bob@example.org\r\nBcc: x@y.z" } }, "To: no address" },
	{ { .to = { NULL, "bob@example.org, x@y.z" } }, "To: no address" },
	{ { .to = { NULL, "bob@example.org,x@y.z" } }, "To: no address" },
	{ { .to = { NULL, "a@b@c.de" } }, "To: no address" },
	{ { .to = { NULL, "bob@münchen.example" } }, "To: no address" },
	{ { .to = { NULL, "<bob@example.org>" } }, "To: no address" },
	{ { .to = { NULL, "b ob@example.org" } }, "To: no address" },
	{ { .to = { NULL, "\"b@example.org" } }, "To: no address" },
	{ { .to = { NULL, "\"b\\" } }, "To: no address" },
	{ { .to = { NULL, "\"b\r\n\"@example.org" } }, "To: no address" },
	{ { .to = { NULL, "b\377@example.org" } }, "To: no address" },
	{ { .to = { NULL, "b\u2028@example.org" } }, "To: no address" },
	{ { .reply_to = { NULL, "x@y.z\n" } }, "Reply-To: no address" },
	{ { .message_id = "" }, "Message-ID" },
	{ { .message_id = "a" }, "Message-ID" },
	{ { .message_id = "a@" }, "Message-ID" },
	{ { .message_id = "@b" }, "Message-ID" },
	{ { .message_id = "<a@b.c>" }, "Message-ID" },
	{ { .message_id = "a..b@c.d" }, "Message-ID" },
	{ { .message_id = "a@b.c\r\nBcc: x@y.z" }, "Message-ID" },
	{ { .message_id = "a b@c.d" }, "Message-ID" },
	{ { .message_id = "a@b@c.d" }, "Message-ID" },
	{ { .message_id = "ü@c.d" }, "Message-ID" },
	{ { .message_id = X800 X100 "@c.d" }, "Message-ID" },
	{ { .in_reply_to = "a@b.c> <d@e.f" }, "In-Reply-To: not a message id" },
	{ { .in_reply_to = "a" }, "In-Reply-To: not a message id" },
	{ { .references = (const char *const[]){ "a@b.c", "a@b\r\n.c" }, .n_references = 2 },
	  "References: not a message id" },
	{ { .date = -1 }, "Date" },
	{ { .date = INT64_C(253402300800) }, "Date" },
	{ { .zone_offset_minutes = 1440 }, "Date" },
	{ { .zone_offset_minutes = -1440 }, "Date" },
	{ { .unsubscribe_mailto = "u@example.com" }, "List-Unsubscribe: not a mailto" },
	{ { .unsubscribe_mailto = "mailto:" }, "List-Unsubscribe: not a mailto" },
	{ { .unsubscribe_mailto = "mailto:a@b.c>,<mailto:d@e.f" }, "List-Unsubscribe: not a mailto" },
	{ { .unsubscribe_https = "https://example.com/ x" }, "List-Unsubscribe: not an https" },
	{ { .unsubscribe_https = "https://example.com/\r\nBcc: x@y.z" }, "List-Unsubscribe: not an https" },
	{ { .unsubscribe_https = "javascript:alert(1)" }, "List-Unsubscribe: not an https" },
	{ { .unsubscribe_https = "https://example.com/" X800 X100 }, "List-Unsubscribe: not an https" },
	{ { .unsubscribe_https = "https://example.com/ü" }, "List-Unsubscribe: not an https" },
	{ { .unsubscribe_https = "http://example.com/u", .unsubscribe_one_click = true },
	  "one click needs an https" },
	{ { .unsubscribe_mailto = "mailto:a@b.c", .unsubscribe_one_click = true }, "one click needs an https" },
	{ { .text = "\377" }, "the body is not UTF-8" },
	{ { .html = "<p>\355\240\200</p>" }, "the body is not UTF-8" },
	{ { .html = "" }, "neither text nor HTML" },
	{ { .text = big, .html = big }, "the message is larger than 150000 bytes" },
#define ATTACHED(...)                                                                                        \
	{                                                                                                        \
		.attachments = (const struct mime_attachment[]){ { __VA_ARGS__ } }, .n_attachments = 1               \
	}
	{ ATTACHED(NULL, NULL, "", 0), "file name is empty" },
	{ ATTACHED("", NULL, "", 0), "file name is empty" },
	{ ATTACHED("a/b", NULL, "", 0), "a slash or a control character" },
	{ ATTACHED("a\\b", NULL, "", 0), "a slash or a control character" },
	{ ATTACHED("a\r\nb", NULL, "", 0), "a slash or a control character" },
	{ ATTACHED("a\u202eb", NULL, "", 0), "a slash or a control character" },
	{ ATTACHED("a\377b", NULL, "", 0), "not UTF-8" },
	{ ATTACHED(X800, NULL, "", 0), "file name is too long" },
	{ ATTACHED("a", "text", "", 0), "not a content type" },
	{ ATTACHED("a", "text/", "", 0), "not a content type" },
	{ ATTACHED("a", "/plain", "", 0), "not a content type" },
	{ ATTACHED("a", "text/plain; charset=x", "", 0), "not a content type" },
	{ ATTACHED("a", "text/plain\r\nX: y", "", 0), "not a content type" },
	{ ATTACHED("a", "multipart/mixed", "", 0), "not a content type" },
	{ ATTACHED("a", "message/rfc822", "", 0), "not a content type" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct mime_message m = complete(refused[i].m);
		BUF_AUTO mail = BUF_INIT(150000);
		struct err err = ERR_INIT;

		buf_adds(&mail, "before");
		if (mime_compose(&m, &mail, &err) == 0)
			fail_msg("taken: %s", refused[i].why);
		assert_int_equal(err.kind, ERR_INVALID);
		if (!strstr(err.text, refused[i].why))
			fail_msg("%s, not: %s", err.text, refused[i].why);
		assert_string_equal(mail.s, "before");
		assert_false(mail.over);
	}
}

static void compose(const struct mime_message *m, struct buf *out)
{
	struct err err = ERR_INIT;

	if (mime_compose(m, out, &err) < 0)
		fail_msg("%s", err.text);
}

/* The whole of one small message, so that what goes out is seen at a glance. */
static void test_bytes(void **state)
{
	const struct mime_message m = {
		.from = { "Anna Schmidt", "anna@example.com" },
		.to = { "Müller, Bob", "bob@example.org" },
		.subject = "Grüße aus Berlin",
		.date = 1782898200,
		.zone_offset_minutes = 120,
		.message_id = "17.4f3a@example.com",
		.unsubscribe_https = "https://example.com/u/abc",
		.unsubscribe_mailto = "mailto:u@example.com",
		.unsubscribe_one_click = true,
		.text = "Hallo Bob,\n\n.das war's.\n",
		.html = "<p>Hallo Bob</p>\n",
	};
	BUF_AUTO mail = BUF_INIT(1 << 16);
	BUF_AUTO again = BUF_INIT(1 << 16);
	BUF_AUTO headers = BUF_INIT(1 << 16);

	(void)state;
	compose(&m, &mail);
	assert_string_equal(mail.s,
	                    "From: Anna Schmidt <anna@example.com>\r\n"
	                    "To: =?utf-8?B?TcO8bGxlciwgQm9i?= <bob@example.org>\r\n"
	                    "Subject: =?utf-8?B?R3LDvMOfZSBhdXMgQmVybGlu?=\r\n"
	                    "Date: Wed, 1 Jul 2026 11:30:00 +0200\r\n"
	                    "Message-ID: <17.4f3a@example.com>\r\n"
	                    "List-Unsubscribe: <https://example.com/u/abc>, <mailto:u@example.com>\r\n"
	                    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
	                    "MIME-Version: 1.0\r\n"
	                    "Content-Type: multipart/alternative;\r\n boundary=\"=_a401ee28c131dbea6\"\r\n"
	                    "\r\n"
	                    "--=_a401ee28c131dbea6\r\n"
	                    "Content-Type: text/plain; charset=utf-8\r\n"
	                    "Content-Transfer-Encoding: quoted-printable\r\n"
	                    "\r\n"
	                    "Hallo Bob,\r\n\r\n=2Edas war's.\r\n"
	                    "\r\n--=_a401ee28c131dbea6\r\n"
	                    "Content-Type: text/html; charset=utf-8\r\n"
	                    "Content-Transfer-Encoding: quoted-printable\r\n"
	                    "\r\n"
	                    "<p>Hallo Bob</p>\r\n"
	                    "\r\n--=_a401ee28c131dbea6--\r\n");
	compose(&m, &again);
	assert_string_equal(again.s, mail.s);
	mime_headers(mail.s, mail.len, &headers);
	assert_null(strchr(headers.s, '\r'));
	assert_string_equal(
	    strstr(headers.s, "MIME-Version"),
	    "MIME-Version: 1.0\nContent-Type: multipart/alternative;\n boundary=\"=_a401ee28c131dbea6\"\n");
}

static void headers_are_readable(void **state)
{
	static const struct {
		const char *sent, *shown;
	} cases[] = {
		{ "Subject: plain = not =? encoded?=\n", "Subject: plain = not =? encoded?=\n" },
		{ "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_an?= =?UTF-8?q?_alle?=\n", "Subject: Grüße an alle\n" },
		{ "Subject: =?utf-8?B?R3LDvMOfZQ==?=\n =?utf-8?Q?=2C_Anna?=\n", "Subject: Grüße, Anna\n" },
		{ "Subject: =?utf-8?B?w?= =?utf-8?Q?=3D?=", "Subject: =" },
		{ "Subject: =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "Subject: ü" },
		{ "From: =?utf-8?Q?J=C3=B6rg?= <j@example.com>\nTo: x", "From: Jörg <j@example.com>\nTo: x" },
		{ "Subject: =?utf-8?Q?a=0ABcc:_x?=", "Subject: a\\x0aBcc: x" },
		{ "Subject: =?utf-8?Q?50=_=zz=4?=", "Subject: 50= =zz=4" },
		{ "Subject: =?iso-8859-1?Q?=FC?= =?utf-8?X?a?= =?utf-8?Q?a b?=", "Subject: =?iso-8859-1?Q?=FC?= =?utf-8?X?a?= =?utf-8?Q?a b?=" },
		{ "Subject: =?utf-8?Q?open", "Subject: =?utf-8?Q?open" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		BUF_AUTO out = BUF_INIT(4096);

		mime_readable(cases[i].sent, &out);
		assert_string_equal(out.s, cases[i].shown);
	}
}

/* A local part beyond ASCII goes out as it is (RFC 6532): only then is a header not ASCII. */
static void test_smtputf8(void **state)
{
	const struct mime_message m = { .from = { NULL, "anna@example.com" },
		                            .to = { "Jürgen", "jürgen@example.org" },
		                            .message_id = "1@example.com",
		                            .text = "x\n" };
	BUF_AUTO mail = BUF_INIT(1 << 16);

	(void)state;
	compose(&m, &mail);
	assert_non_null(strstr(mail.s, "\r\nTo: =?utf-8?Q?J=C3=BCrgen?= <jürgen@example.org>\r\n"));
}

static void test_types(void **state)
{
	(void)state;
	assert_string_equal(mime_type_of("a.pdf"), "application/pdf");
	assert_string_equal(mime_type_of("A.B.JPG"), "image/jpeg");
	assert_string_equal(mime_type_of("a."), "application/octet-stream");
	assert_string_equal(mime_type_of("pdf"), "application/octet-stream");
	assert_true(mime_message_id_ok("a$b@[1.2.3.4]"));
	assert_false(mime_message_id_ok("@a"));
	assert_false(mime_message_id_ok("a b@c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "what cannot go out is refused with its reason", test_refused, NULL, NULL, NULL },
		{ "a message byte by byte, and its headers alone", test_bytes, NULL, NULL, NULL },
		{ "headers as people read them", headers_are_readable, NULL, NULL, NULL },
		{ "an address that needs SMTPUTF8", test_smtputf8, NULL, NULL, NULL },
		{ "types of files, ids of others", test_types, NULL, NULL, NULL },
	};

	memset(big, 'x', sizeof big - 1);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
