#include "format/mime.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/random.h"
#include "base/utf8.h"
#include "format/html_text.h"
#include "format/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X800 X100 X100 X100 X100 X100 X100 X100 X100

enum { BIG = 100 * 1000 };
static char big_ascii[BIG + 1], big_japanese[BIG + 1], big_line[BIG + 1], big_dots[BIG + 1];
static const unsigned char all_bytes[] = { 0, 1, 2, 9, 10, 13, 13, 10, 46, 10, 61, 127, 128, 200, 255, 0 };

/* A message, and what readers must find where that differs from what went in. NULL members have defaults. */
struct sample {
	struct mime_message m;
	const char *want_subject, *want_from, *want_to, *want_text;
};

#define SUBJECT(s)                                                                                           \
	{                                                                                                        \
		.m = {.subject = (s) }                                                                               \
	}
#define SUBJECT_AS(s, want)                                                                                  \
	{                                                                                                        \
		.m = { .subject = (s) }, .want_subject = (want)                                                      \
	}
#define TO(s)                                                                                                \
	{                                                                                                        \
		.m = {.to = { (s), "bob@example.org" } }                                                             \
	}
#define TEXT(s)                                                                                              \
	{                                                                                                        \
		.m = {.text = (s) }                                                                                  \
	}
#define HTML(t, h)                                                                                           \
	{                                                                                                        \
		.m = {.text = (t), .html = (h) }                                                                     \
	}
#define FILES(...)                                                                                           \
	{                                                                                                        \
		.m = {                                                                                               \
			.attachments = (const struct mime_attachment[]){ __VA_ARGS__ },                                  \
			.n_attachments = ARRAY_LEN(((const struct mime_attachment[]){ __VA_ARGS__ }))                    \
		}                                                                                                    \
	}

static const struct sample samples[] = {
	{ .m = { .subject = NULL } },
	SUBJECT("Willkommen"),
	SUBJECT("Grüße aus München: Ihre Bestellung ist unterwegs"),
	SUBJECT("ご登録ありがとうございます。今後ともどうぞよろしくお願いいたします。株式会社サンプル"),
	SUBJECT("🎉🎊 Herzlichen Glückwunsch 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🎂"),
	SUBJECT("مرحبا بكم في خدمتنا الجديدة \u200fشكرا"),
	SUBJECT("1. März: 20 % auf alles (außer Tiernahrung)"),
	SUBJECT("Was ist eigentlich =?utf-8?Q?das?= hier?"),
	SUBJECT("=?"),
	SUBJECT("a = b ? c : d_e"),
	SUBJECT("two  blanks   inside"),
	SUBJECT_AS("  blanks around  ", "blanks around"),
	SUBJECT_AS("", ""),
	SUBJECT_AS("   ", ""),
	SUBJECT_AS("line\nbreak", "line break"),
	SUBJECT_AS("Hello\r\nBcc: victim@example.net", "Hello Bcc: victim@example.net"),
	SUBJECT_AS("Hello\r\n\r\nBody", "Hello Body"),
	SUBJECT_AS("Hello\n.\nQUIT", "Hello . QUIT"),
	SUBJECT_AS("Grüße\r\nBcc: victim@example.net", "Grüße Bcc: victim@example.net"),
	SUBJECT_AS("a\tb\v\fc\n", "a b c"),
	SUBJECT_AS("a\u2028b\u2029c\302\205d", "a b c d"),
	SUBJECT_AS("\n\nAngebot {{ x }}\n", "Angebot {{ x }}"),
	SUBJECT(X100),
	SUBJECT(X800 X800),
	SUBJECT("ü" X800),
	SUBJECT(
	    "The quick brown fox jumps over the lazy dog and then goes on and on until the line is longer than "
	    "seventy-eight columns, and again until it needs a third line in the header of this message"),
	SUBJECT(
	    "Die Donaudampfschifffahrtsgesellschaftskapitänsmütze, die Rindfleischetikettierungsüberwachungs"
	    "aufgabenübertragungsgesetzgebung und noch viel mehr Wörter, die länger sind als eine Zeile erlaubt"),
	TO("Bob"),
	TO("Bob Maier"),
	TO("Bob  Maier"),
	TO("Maier, Bob"),
	TO("Bob \"the builder\" Maier"),
	TO("Bob \\ Maier"),
	TO("Bob (sales) <x@y.z>; Maier: @"),
	TO("bob@example.net"),
	TO("Dr. Bob"),
	TO("O'Brien"),
	TO("Jürgen Müller"),
	TO("Müller, Jürgen \"JM\" (Vertrieb)"),
	TO("山田太郎"),
	TO("محمد"),
	TO("😀"),
	TO("=?utf-8?Q?x?="),
	TO("A very long name of a company that makes things, Limited & Sons, of Somewhere in the North"),
	TO("Eine sehr lange Firma für Überlandleitungen und Höchstspannungsanlagen, Müller & Söhne GmbH & Co. "
	   "KGaA"),
	{ .m = { .to = { "Bob\r\nBcc: victim@example.net", "bob@example.org" } },
	  .want_to = "Bob Bcc: victim@example.net" },
	{ .m = { .to = { " \n", "bob@example.org" } }, .want_to = "" },
	{ .m = { .from = { "Ä\r\n\r\nBody", "anna@example.com" } }, .want_from = "Ä Body" },
	{ .m = { .to = { "Bob", "bob@xn--mnchen-3ya.example" } } },
	{ .m = { .to = { NULL, "\"bob maier\"@example.org" } } },
	{ .m = { .to = { "Bob", "\"a\\\"b\"@example.org" } } },
	{ .m = { .to = { "Müller, Bob", X10 X10 X10 X10 X10 X10 "@" X10 X10 X10 X10 ".example.org" } } },
	{ .m = { .reply_to = { "Sales, Inc.", "sales@example.com" } } },
	{ .m = { .date = 0 } },
	{ .m = { .date = 1, .zone_offset_minutes = -1439 } },
	{ .m = { .date = 1719792000, .zone_offset_minutes = 345 } },
	{ .m = { .date = 4102444800, .zone_offset_minutes = -210 } },
	{ .m = { .date = INT64_C(253402300799), .zone_offset_minutes = -60 } },
	{ .m = { .in_reply_to = "CAF+x=9_1@mail.example.net" } },
	{ .m = { .in_reply_to = X100 X100 "@example.net" } },
	{ .m = { .references = (const char *const[]){ "a@b.c", X100 "@example.net", "d$%/e@[1.2.3.4]" },
	         .n_references = 3 } },
	{ .m = { .unsubscribe_mailto = "mailto:u@example.com?subject=unsubscribe%20x" } },
	{ .m = { .unsubscribe_https = "https://example.com/u/" X800,
	         .unsubscribe_mailto = "mailto:u+" X100 "@example.com" } },
	{ .m = { .unsubscribe_https = "https://example.com/u/x?a=1&b=2,3", .unsubscribe_one_click = true } },
	{ .m = { .auto_generated = true, .suppress_auto_responses = true } },
	TEXT(""),
	TEXT("\n"),
	TEXT("\n\n\n"),
	TEXT(".\n..\n.a\n.\r\n.\n"),
	TEXT("From here\nFrom: x\n From y\nFrom\nFromage\n>From \n"),
	TEXT("trailing blank \ntrailing tab\t\n \n\t\n  \n"),
	TEXT("=\n==\n=3D\n=\r\n"),
	TEXT("\t\tindented\n\ttabs\there\t\n"),
	TEXT("lone\rcarriage\r\rreturns\r"),
	TEXT("mixed\r\nline\nends\r\n"),
	TEXT("--=_m0000000000000000\n--=_a0000000000000000--\n"),
	TEXT("Hello\n\nContent-Type: text/html\n\n<b>x</b>\n"),
	TEXT("controls \001\033[1m\177 and \u200b\u202e invisible ones\n"),
	TEXT("Grüße, schöne Wörter, und ein Satz, der länger ist als eine Zeile von sechsundsiebzig Zeichen sein "
	     "darf.\n"),
	TEXT(
	    "日本語の本文です。これは長い行で、七十六文字を超えるために折り返されなければなりません。\n二行目\n"),
	TEXT(X100 "\n" X10 X10 X10 X10 X10 X10 X10 "12345\n" X10 X10 X10 X10 X10 X10 X10 "123456\n"),
	TEXT(X10 X10 X10 X10 X10 X10 X10 "1234=\n" X10 X10 X10 X10 X10 X10 X10
	                                 "123=\n" X10 X10 X10 X10 X10 X10 X10 "12345 \n"),
	TEXT(X10 X10 X10 X10 X10 X10 X10 "12345.\n" X10 X10 X10 X10 X10 X10 X10 "12345From x\n"),
	TEXT(big_ascii),
	TEXT(big_japanese),
	TEXT(big_line),
	TEXT(big_dots),
	{ .m = { .text = "no end of line" }, .want_text = "no end of line\n" },
	HTML("Text\n", "<p>HTML</p>\n"),
	HTML("Text without end", "<p>HTML without end"),
	HTML("Text\n", ""),
	HTML("", "<p>Hallo <b>Jürgen</b>!</p><p><a href=\"https://example.com/x\">hier</a></p>"),
	HTML(NULL, "<h1>Titel</h1><ul><li>eins<li>zwei</ul>"),
	HTML(NULL, "<img src=\"x.png\">"),
	HTML("日本語\n", "<p>日本語の長い本文です。日本語の長い本文です。日本語の長い本文です。</p>"),
	HTML("--=_a0\n", "<pre>--=_a0--\n--=_m0</pre>"),
	HTML(big_japanese, big_line),
	FILES({ "brochure.pdf", NULL, all_bytes, sizeof all_bytes }),
	FILES({ "empty.txt", NULL, "", 0 }),
	FILES({ "a b.txt", NULL, "Grüße\n", 7 }, { "latin1.csv", NULL, "\374;\n", 3 }),
	FILES({ "Preisübersicht 2026 – Größen.xlsx", NULL, "x", 1 }),
	FILES(
	    { "料金表とサービスの概要についての非常に長いファイル名の文書、第二版、改訂済み.pdf", NULL, "x", 1 }),
	FILES({ X100 X100 ".pdf", NULL, "x", 1 }, { X10 X10 X10 X10 X10 "123456.pdf", NULL, "x", 1 }),
	FILES({ "a\"b;c=d%41'.txt", NULL, "x", 1 }, { "=?utf-8?Q?x?=.txt", NULL, "x", 1 },
	      { "a;b.txt", NULL, "x", 1 }),
	FILES({ "noextension", NULL, "x", 1 }, { ".hidden", NULL, "x", 1 }, { "X.PDF", "image/png", "x", 1 }),
	FILES({ "big.bin", NULL, big_japanese, BIG }, { "😀.gif", NULL, "GIF89a", 6 }),
	{ .m = { .text = "Text\n",
	         .html = "<p>H</p>",
	         .attachments = (const struct mime_attachment[]){ { "x.ics", NULL, "B", 1 } },
	         .n_attachments = 1 } },
};

static void fill(char *to, const char *unit)
{
	size_t n = strlen(unit);

	for (size_t i = 0; i < BIG; i++)
		to[i] = i < BIG / n * n ? unit[i % n] : 'x';
	to[BIG] = '\0';
}

static void fill_big(void)
{
	fill(big_ascii, "All work and no play makes Jack a dull boy.\n");
	fill(big_japanese, "日本語の本文です。\n");
	fill(big_line, "word ");
	fill(big_dots, ".\n");
	big_ascii[BIG - 1] = big_japanese[BIG - 1] = big_line[BIG - 1] = big_dots[BIG - 1] = '\n';
}

/* The sample's message with everything in it that composing needs. */
static struct mime_message complete(const struct sample *s)
{
	struct mime_message m = s->m;

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

/* What every message must keep on the wire, whatever is in it (RFC 5322 2.1.1, 2045 6.7, 2047 2). */
static void check_wire(const char *s, size_t len)
{
	bool in_headers = true;
	size_t line = 0;

	assert_true(len > 2 && memcmp(s + len - 2, "\r\n", 2) == 0);
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\r' && i + 1 < len && s[i + 1] == '\n') {
			const char *start = s + i - line;

			assert_true(line <= 998);
			if (!in_headers)
				assert_true(line <= 76 || (start[0] != ' ' && strncmp(start, "Content-Type: ", 14) == 0));
			else if (line > 78)
				assert_null(memchr(start + 1, ' ', line - 1));
			assert_false(line > 0 && start[0] == '.');
			assert_false(line >= 5 && memcmp(start, "From ", 5) == 0);
			in_headers &= line > 0;
			line = 0;
			i++;
			continue;
		}
		assert_in_range(s[i], s[i] == '\t' ? '\t' : ' ', '~');
		line++;
	}
}

/* The JSON that both readers print. */

static void put_pair(struct json_writer *w, const char *key, const char *name, const char *address)
{
	json_key(w, key);
	json_begin_array(w);
	json_put_string(w, name ? name : "");
	json_put_string(w, address);
	json_end_array(w);
}

static void put_hex(struct json_writer *w, const void *data, size_t len)
{
	const unsigned char *p = data;
	BUF_AUTO hex = BUF_INIT(64 << 20);

	for (size_t i = 0; i < len; i++)
		buf_add(&hex, (char[]){ "0123456789abcdef"[p[i] >> 4], "0123456789abcdef"[p[i] & 15] }, 2);
	json_key_string(w, "content", hex.s);
}

static void put_multipart(struct json_writer *w, const char *type)
{
	json_begin_object(w);
	json_key_string(w, "type", type);
	json_end_object(w);
}

static void put_text_part(struct json_writer *w, const char *type, const char *text)
{
	BUF_AUTO canonical = BUF_INIT(64 << 20);

	for (const char *p = text; *p; p++) {
		if (*p == '\n' || *p == '\r')
			buf_adds(&canonical, "\r\n");
		else
			buf_addc(&canonical, *p);
		if (p[0] == '\r' && p[1] == '\n')
			p++;
	}
	json_begin_object(w);
	json_key_string(w, "type", type);
	json_key_string(w, "charset", "utf-8");
	json_key_string(w, "filename", NULL);
	put_hex(w, canonical.s, canonical.len);
	json_end_object(w);
}

static void put_file_part(struct json_writer *w, const struct mime_attachment *a)
{
	const char *type = a->content_type ? a->content_type : mime_type_of(a->filename);
	bool text = strncmp(type, "text/", 5) == 0 && utf8_valid(a->data, a->len);

	json_begin_object(w);
	json_key_string(w, "type", type);
	json_key_string(w, "charset", text ? "utf-8" : NULL);
	json_key_string(w, "filename", a->filename);
	put_hex(w, a->data, a->len);
	json_end_object(w);
}

static void put_parts(struct json_writer *w, const struct mime_message *m, const char *want_text)
{
	const char *text = want_text ? want_text : m->text ? m->text : "";
	bool html = m->html && m->html[0];
	BUF_AUTO derived = BUF_INIT(1 << 20);

	if (html && !text[0]) {
		html_text(&derived, m->html, strlen(m->html));
		text = derived.s;
	}
	json_key(w, "parts");
	json_begin_array(w);
	if (m->n_attachments)
		put_multipart(w, "multipart/mixed");
	if (html)
		put_multipart(w, "multipart/alternative");
	put_text_part(w, "text/plain", text);
	if (html)
		put_text_part(w, "text/html", m->html);
	for (size_t i = 0; i < m->n_attachments; i++)
		put_file_part(w, &m->attachments[i]);
	json_end_array(w);
}

static void put_ids(struct json_writer *w, const char *key, const char *const *ids, size_t n)
{
	BUF_AUTO value = BUF_INIT(1 << 16);

	for (size_t i = 0; i < n; i++)
		buf_addf(&value, "%s<%s>", i ? " " : "", ids[i]);
	if (n > 0)
		json_key_string(w, key, value.s);
}

static void put_unsubscribe(struct json_writer *w, const struct mime_message *m)
{
	const char *https = m->unsubscribe_https, *mailto = m->unsubscribe_mailto;
	BUF_AUTO value = BUF_INIT(1 << 16);

	if (https)
		buf_addf(&value, "<%s>%s", https, mailto ? ", " : "");
	if (mailto)
		buf_addf(&value, "<%s>", mailto);
	if (value.len)
		json_key_string(w, "unsubscribe", value.s);
}

static void put_header_names(struct json_writer *w, const struct mime_message *m)
{
	const struct {
		const char *name;
		bool there;
	} all[] = {
		{ "From", true },
		{ "To", true },
		{ "Reply-To", m->reply_to.address },
		{ "Subject", true },
		{ "Date", true },
		{ "Message-ID", true },
		{ "In-Reply-To", m->in_reply_to },
		{ "References", m->n_references > 0 },
		{ "List-Unsubscribe", m->unsubscribe_https || m->unsubscribe_mailto },
		{ "List-Unsubscribe-Post", m->unsubscribe_one_click },
		{ "Auto-Submitted", m->auto_generated },
		{ "X-Auto-Response-Suppress", m->suppress_auto_responses },
		{ "MIME-Version", true },
	};

	json_key(w, "headers");
	json_begin_array(w);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (all[i].there)
			json_put_string(w, all[i].name);
	}
	json_end_array(w);
}

static void put_expected(struct buf *out, const struct sample *s)
{
	struct json_writer w = { .buf = out };
	struct mime_message m = complete(s);

	json_begin_object(&w);
	put_pair(&w, "from", s->want_from ? s->want_from : m.from.name, m.from.address);
	put_pair(&w, "to", s->want_to ? s->want_to : m.to.name, m.to.address);
	if (m.reply_to.address)
		put_pair(&w, "reply_to", m.reply_to.name, m.reply_to.address);
	json_key_string(&w, "subject", s->want_subject ? s->want_subject : m.subject ? m.subject : "");
	json_key_int(&w, "date", m.date);
	json_key_int(&w, "zone", m.zone_offset_minutes);
	json_key_string(&w, "message_id", m.message_id);
	put_ids(&w, "in_reply_to", &m.in_reply_to, m.in_reply_to ? 1 : 0);
	put_ids(&w, "references", m.references, m.n_references);
	put_unsubscribe(&w, &m);
	put_header_names(&w, &m);
	put_parts(&w, &m, s->want_text);
	json_end_object(&w);
}

/* Running the readers */

static void tool_folder(char *ret, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", ret, size - 1);

	assert_true(n > 0);
	ret[n] = '\0';
	*strrchr(ret, '/') = '\0';
}

static void write_mail(const char *folder, size_t number, const struct buf *mail)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof path, "%s/%05zu.eml", folder, number);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(mail->s, 1, mail->len, f), mail->len);
	assert_int_equal(fclose(f), 0);
}

/* What is kept of a mail gives the same bytes. */
static void check_again(const struct mime_message *m, const struct buf *mail)
{
	BUF_AUTO headers = BUF_INIT(1 << 20);
	BUF_AUTO again = BUF_INIT(16 << 20);
	struct err err = ERR_INIT;

	mime_headers(mail->s, mail->len, &headers);
	if (mime_compose_again(m, headers.s, &again, &err) < 0)
		fail_msg("again: %s", err.text);
	assert_int_equal(again.len, mail->len);
	assert_memory_equal(again.s, mail->s, mail->len);
}

static void compose_to(const char *folder, size_t number, const struct sample *s)
{
	struct mime_message m = complete(s);
	BUF_AUTO mail = BUF_INIT(16 << 20);
	struct err err = ERR_INIT;

	if (mime_compose(&m, &mail, &err) < 0)
		fail_msg("sample %zu: %s", number, err.text);
	check_wire(mail.s, mail.len);
	check_again(&m, &mail);
	write_mail(folder, number, &mail);
}

/* JSON in one spelling, to compare by. */
static void normal(struct buf *out, const char *json)
{
	ARENA_AUTO a = { 0 };
	struct err err = ERR_INIT;
	struct value v;

	if (json_parse(&a, json, strlen(json), 64 << 20, &v, &err) < 0)
		fail_msg("%s in %.300s", err.text, json);
	json_value(out, &v);
}

static void compare_with(const char *reader, const char *folder, const struct sample *list, size_t n)
{
	char command[1000], *line = NULL;
	size_t size = 0, i = 0;
	FILE *f;

	snprintf(command, sizeof command, "ASAN_OPTIONS=detect_leaks=0 %s %s/*.eml", reader, folder);
	f = popen(command, "r");
	assert_non_null(f);
	for (; getline(&line, &size, f) > 0; i++) {
		BUF_AUTO want = BUF_INIT(64 << 20);
		BUF_AUTO got = BUF_INIT(64 << 20);
		BUF_AUTO expected = BUF_INIT(64 << 20);

		assert_true(i < n);
		put_expected(&expected, &list[i]);
		normal(&want, expected.s);
		normal(&got, line);
		if (strcmp(want.s, got.s) != 0)
			fail_msg("sample %zu, %s:\n%.1500s\n, not\n%.1500s", i, reader, got.s, want.s);
	}
	free(line);
	assert_int_equal(pclose(f), 0);
	assert_int_equal(i, n);
}

/* GMime and Python's email must both find in the mails exactly what went in. */
static void read_back(const struct sample *list, size_t n)
{
	char folder[] = "/tmp/test_mime.XXXXXX", tools[500], gmime[600], command[100];
	const char *top = getenv("PW_TOP");
	char python[600];

	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < n; i++)
		compose_to(folder, i, &list[i]);
	tool_folder(tools, sizeof tools);
	snprintf(gmime, sizeof gmime, "%s/mime_gmime", tools);
	snprintf(python, sizeof python, "python3 %s/tests/tools/mime_read.py", top ? top : ".");
	compare_with(gmime, folder, list, n);
	compare_with(python, folder, list, n);
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void test_read_back(void **state)
{
	(void)state;
	read_back(samples, ARRAY_LEN(samples));
}

enum { TRICKS = 300, TRICK_SIZE = 200 };

/* A value of pieces that are dangerous in headers, and what it must read as. */
static void make_trick(uint64_t *seed, char *ret, char *want)
{
	static const char *const pieces[] = { "\r\n", "\n",
		                                  "\r",   "Bcc: v@example.net",
		                                  ": ",   "=?utf-8?B?QQ==?=",
		                                  "\"",   "<v@example.net>",
		                                  ",",    "ü",
		                                  "\\",   "(",
		                                  ")",    "a",
		                                  "b c",  ";",
		                                  "?=",   "=",
		                                  "日本", "." };
	size_t n = 0;

	*seed = hash_bytes(seed, sizeof *seed);
	ret[0] = '\0';
	for (unsigned i = 0; i < 8; i++)
		strncat(ret, pieces[(*seed >> (7 * i)) % ARRAY_LEN(pieces)], 20);
	for (const char *p = ret; *p; p++) {
		bool line_end = *p == '\r' || *p == '\n';

		if (line_end ? n > 0 && want[n - 1] != ' ' : *p != ' ' || n > 0)
			want[n++] = line_end ? ' ' : *p;
	}
	while (n > 0 && want[n - 1] == ' ')
		n--;
	want[n] = '\0';
}

enum { BODIES = 300, BODY_SIZE = 600 };

static void make_body(uint64_t *seed, char *ret)
{
	static const char *const pieces[] = { "\r\n", "\n",  "\r",   ".",    "From ",   "=",    " ",
		                                  "\t",   "ü",   "x",    "\033", "日本語",  X10,    "word ",
		                                  "=\n",  " \n", "\t\n", "\n.",  "\nFrom ", "--=_a" };
	size_t n = 0;

	for (int i = 0; i < 40; i++) {
		const char *piece;

		*seed = hash_bytes(seed, sizeof *seed);
		piece = pieces[(*seed >> 25) % ARRAY_LEN(pieces)];
		memcpy(ret + n, piece, strlen(piece) + 1);
		n += strlen(piece);
	}
	memcpy(ret + n, "\n", 2);
}

static void test_bodies(void **state)
{
	static char texts[BODIES][BODY_SIZE], pages[BODIES][BODY_SIZE];
	static struct sample list[BODIES];
	uint64_t seed = 13;

	(void)state;
	for (size_t i = 0; i < BODIES; i++) {
		make_body(&seed, texts[i]);
		make_body(&seed, pages[i]);
		list[i].m.text = texts[i];
		list[i].m.html = i % 2 ? pages[i] : NULL;
	}
	read_back(list, BODIES);
}

static void test_injection(void **state)
{
	static char subjects[TRICKS][TRICK_SIZE], want_subjects[TRICKS][TRICK_SIZE];
	static char names[TRICKS][TRICK_SIZE], want_names[TRICKS][TRICK_SIZE];
	static struct sample list[TRICKS];
	uint64_t seed = 11;

	(void)state;
	for (size_t i = 0; i < TRICKS; i++) {
		make_trick(&seed, subjects[i], want_subjects[i]);
		make_trick(&seed, names[i], want_names[i]);
		list[i].m.subject = subjects[i];
		list[i].want_subject = want_subjects[i];
		list[i].m.to = (struct mime_mailbox){ names[i], "bob@example.org" };
		list[i].want_to = want_names[i];
	}
	read_back(list, TRICKS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "GMime and Python's email read what went in", test_read_back, NULL, NULL, NULL },
		{ "no name and no subject becomes a header of its own", test_injection, NULL, NULL, NULL },
		{ "random bodies arrive as they were", test_bodies, NULL, NULL, NULL },
	};

	fill_big();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
