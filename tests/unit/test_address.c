#include "model/address.h"

#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define D60 "dddddddddddddddddddddddddddddd.dddddddddddddddddddddddddddddd"

/* folded NULL: as text; wire NULL: as folded. */
static const struct good {
	const char *text, *folded, *wire;
} good[] = {
	{ "anna@example.com", NULL, NULL },
	{ "Anna.Schmidt@Example.COM", "anna.schmidt@example.com", "Anna.Schmidt@example.com" },
	{ "  anna@example.com\t", "anna@example.com", NULL },
	{ "anna@example.com\r\n", "anna@example.com", NULL },
	{ "\u00a0anna@example.com\u00a0 ", "anna@example.com", NULL },
	{ "a@b.c", NULL, NULL },
	{ "1@2.de", NULL, NULL },
	{ "anna+newsletter@example.com", NULL, NULL },
	{ "anna-maria.schmidt_2@mail.example-firm.co.uk", NULL, NULL },
	{ "!#$%&'*+-/=?^_`{|}~@example.com", NULL, NULL },
	{ "o'brien@example.ie", NULL, NULL },
	{ "a.b.c.d.e@example.com", NULL, NULL },
	{ "postmaster@a.b.c.d.e.f.example", NULL, NULL },
	{ "x@1and1.de", NULL, NULL },
	{ "x@3com.com", NULL, NULL },
	{ "x@a-b--c.com", NULL, NULL },
	{ "x@r3---sn.example.com", NULL, NULL },
	{ "x@example.museum", NULL, NULL },
	{ "x@123.example", NULL, NULL },
	{ "x@1.2.3.a4", NULL, NULL },
	{ X60 "xxxx@example.com", NULL, NULL },
	{ "x@" X60 "xxx.com", NULL, NULL },
	{ "x@" D60 "." D60 "." D60 "." D60 ".dcom", NULL, NULL },
	/* quoted local parts: the quotes stay only where they are needed */
	{ "\"anna\"@example.com", "anna@example.com", NULL },
	{ "\"an\\na\"@example.com", "anna@example.com", NULL },
	{ "\"Anna.B\"@example.com", "anna.b@example.com", "Anna.B@example.com" },
	{ "\"anna b\"@example.com", NULL, NULL },
	{ "\" \"@example.com", NULL, NULL },
	{ "\"a@b\"@example.com", NULL, NULL },
	{ "\"a..b\"@example.com", NULL, NULL },
	{ "\".a\"@example.com", NULL, NULL },
	{ "\"a.\"@example.com", NULL, NULL },
	{ "\"a\\\"b\"@example.com", NULL, NULL },
	{ "\"a\\\\b\"@example.com", NULL, NULL },
	{ "\"a\\ b\"@example.com", "\"a b\"@example.com", NULL },
	{ "\"<a>,(b);:[c]\"@example.com", NULL, NULL },
	{ "\"A B\"@example.com", "\"a b\"@example.com", "\"A B\"@example.com" },
	/* international domains: one key for both spellings */
	{ "anna@münchen.example", "anna@xn--mnchen-3ya.example", NULL },
	{ "Anna@MÜNCHEN.example", "anna@xn--mnchen-3ya.example", "Anna@xn--mnchen-3ya.example" },
	{ "anna@mu\u0308nchen.example", "anna@xn--mnchen-3ya.example", NULL },
	{ "anna@xn--mnchen-3ya.example", NULL, NULL },
	{ "anna@XN--MNCHEN-3YA.example", "anna@xn--mnchen-3ya.example", NULL },
	{ "x@faß.de", "x@xn--fa-hia.de", NULL },
	{ "x@例え.テスト", "x@xn--r8jz45g.xn--zckzah", NULL },
	{ "x@例え。テスト", "x@xn--r8jz45g.xn--zckzah", NULL },
	{ "x@пример.рф", "x@xn--e1afmkfd.xn--p1ai", NULL },
	{ "x@παράδειγμα.ελ", "x@xn--hxajbheg2az3al.xn--qxam", NULL },
	{ "x@مثال.إختبار", "x@xn--mgbh0fb.xn--kgbechtv", NULL },
	{ "x@उदाहरण.परीक्षा", "x@xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g", NULL },
	{ "x@נא.טעסט", "x@xn--4db5a.xn--deba0ad", NULL },
	{ "x@نامه\u200cای.com", "x@xn--mgba3gch31f060k.com", NULL },
	{ "x@ｅｘａｍｐｌｅ.com", "x@example.com", NULL },
	/* international local parts */
	{ "jürgen@example.com", NULL, NULL },
	{ "JÜRGEN@example.com", "jürgen@example.com", "JÜRGEN@example.com" },
	{ "ju\u0308rgen@example.com", "jürgen@example.com", NULL },
	{ "用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v", NULL },
	{ "Ἀθηνᾶ@example.com", "ἀθηνᾶ@example.com", "Ἀθηνᾶ@example.com" },
	{ "ИВАН@пример.рф", "иван@xn--e1afmkfd.xn--p1ai", "ИВАН@xn--e1afmkfd.xn--p1ai" },
	{ "\"ä ö\"@example.com", NULL, NULL },
	{ "\"Ä\"@example.com", "ä@example.com", "Ä@example.com" },
	{ "☕@example.com", NULL, NULL },
};

static const struct bad {
	const char *text, *why; /* why: what the message must contain */
} bad[] = {
	{ "", "empty" },
	{ "   \t", "empty" },
	{ "anna", "no @" },
	{ "example.com", "no @" },
	{ "anna.example.com", "no @" },
	{ "@", "nothing before the @" },
	{ "@example.com", "nothing before the @" },
	{ "anna@", "nothing behind the @" },
	{ "anna@@example.com", "two @" },
	{ "anna@b@example.com", "two @" },
	{ "anna@example.com@", "two @" },
	{ "=?utf-8?b?DQpCY2M6IHhAeS56?=anna@example.com", "an encoded word in it" },
	{ "\"a=?x?q?=40y=2Ez=3E?=\"@example.com", "an encoded word in it" },
	{ "anna@example.com,bob@example.com", "two @" },
	{ "anna@example.com bob@example.com", "two @" },
	{ "anna@example", "the domain 'example' has no dot" },
	{ "root@localhost", "the domain 'localhost' has no dot" },
	{ "anna schmidt@example.com", "a blank in it" },
	{ "anna @example.com", "a blank in it" },
	{ "anna@ example.com", "a blank in it" },
	{ "anna@exam ple.com", "a blank in it" },
	{ "anna\t@example.com", "a blank in it" },
	{ "anna\u00a0x@example.com", "a blank in it" },
	{ "anna\u3000@example.com", "a blank in it (U+3000)" },
	{ "anna@example\u2003.com", "a blank in it (U+2003)" },
	{ "Anna <anna@example.com>", "without name and angle brackets" },
	{ "<anna@example.com>", "without name and angle brackets" },
	{ "anna@example.com>", "'>' cannot stand in a domain" },
	{ "anna(home)@example.com", "'(' cannot stand before the @" },
	{ "anna@example.com(home)", "'(' cannot stand in a domain" },
	{ "anna,bob@example.com", "',' cannot stand before the @" },
	{ "anna;bob@example.com", "';' cannot stand before the @" },
	{ "mailto:anna@example.com", "':' cannot stand before the @" },
	{ "a\"b@example.com", "'\"' cannot stand before the @" },
	{ "a\\b@example.com", "'\\' cannot stand before the @" },
	{ "a[b]@example.com", "'[' cannot stand before the @" },
	{ ".anna@example.com", "a dot at its beginning" },
	{ "anna.@example.com", "a dot right before the @" },
	{ "anna..b@example.com", "two dots in a row" },
	{ "\"anna@example.com", "a quote that does not end" },
	{ "\"anna\\\"@example.com", "a quote that does not end" },
	{ "\"anna\"b@example.com", "no @ behind the closing quote" },
	{ "\"anna\" @example.com", "no @ behind the closing quote" },
	{ "\"\"@example.com", "nothing before the @" },
	{ "\"anna\"", "no @ behind the closing quote" },
	{ "anna@.example.com", "empty part" },
	{ "anna@example.com.", "empty part" },
	{ "anna@example..com", "empty part" },
	{ "anna@.", "empty part" },
	{ "anna@-example.com", "begins or ends with a hyphen" },
	{ "anna@example-.com", "begins or ends with a hyphen" },
	{ "anna@example.-com", "begins or ends with a hyphen" },
	{ "anna@ex_ample.com", "'_' cannot stand in a domain" },
	{ "anna@exam!ple.com", "'!' cannot stand in a domain" },
	{ "anna@example.com/x", "'/' cannot stand in a domain" },
	{ "anna@example.com:25", "':' cannot stand in a domain" },
	{ "anna@example.com,", "',' cannot stand in a domain" },
	{ "anna@'example.com'", "cannot stand in a domain" },
	{ "anna@127.0.0.1", "an IP address" },
	{ "anna@example.123", "an IP address" },
	{ "anna@[127.0.0.1]", "an address literal" },
	{ "anna@[IPv6:::1]", "an address literal" },
	{ "anna@xn--a.de", "no valid international one" },
	{ "anna@xn--.de", "no valid international one" },
	{ "anna@i❤.example", "no valid international one" },
	{ "anna@a\u200db.de", "no valid international one" },
	{ "anna@ü_ü.de", "'_' cannot stand in a domain" },
	{ "anna@אa.example", "no valid international one" },
	{ "anna\r\nRCPT TO:<x@y.z>@example.com", "a line break in it" },
	{ "anna@example.com\r\nBcc: x@y.z", "a line break in it" },
	{ "anna\n@example.com", "a line break in it" },
	{ "anna\001@example.com", "a control character in it" },
	{ "anna\177@example.com", "a control character in it" },
	{ "anna\302\205@example.com", "a control character in it" },
	{ "\"a\tb\"@example.com", "a blank in it" },
	{ "\"a\nb\"@example.com", "a line break in it" },
	{ "an\u200bna@example.com", "an invisible character in it (U+200B)" },
	{ "an\u200cna@example.com", "an invisible character in it (U+200C)" },
	{ "an\u202ena@example.com", "an invisible character in it (U+202E)" },
	{ "an\u200fna@example.com", "an invisible character in it (U+200F)" },
	{ "an\u00adna@example.com", "an invisible character in it (U+00AD)" },
	{ "anna@exa\u2028mple.com", "an invisible character in it (U+2028)" },
	{ "\ufeffanna@example.com", "an invisible character in it (U+FEFF)" },
	{ "☕\ufe0f@example.com", "an invisible character in it (U+FE0F)" },
	{ "an\ue000na@example.com", "means nothing (U+E000)" },
	{ "an\uffffna@example.com", "means nothing (U+FFFF)" },
	{ "ann\344@example.com", "not UTF-8" },
	{ "ann\303@example.com", "not UTF-8" },
	{ "anna\355\240\200@example.com", "not UTF-8" },
	{ X60 "xxxxx@example.com", "more than 64 bytes before the @" },
	{ "\"" X60 "xxx \"@example.com", "more than 64 bytes before the @" },
	{ "äääääääääääääääääääääääääääääääää@example.com", "more than 64 bytes before the @" },
	{ "x@" X60 "xxxx.com", "more than 63 letters" },
	{ "xx@" D60 "." D60 "." D60 "." D60 ".dcom", "more than 254 bytes" },
	{ "x@üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü.de", "no valid international one" },
};

static void check_good(const struct good *g)
{
	const char *folded = g->folded ? g->folded : g->text;
	const char *wire = g->wire ? g->wire : folded;
	struct err err = ERR_INIT;
	struct address a, again;

	if (address_parse(g->text, &a, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(a.folded, folded);
	assert_string_equal(a.wire, wire);
	assert_non_null(strstr(g->text, a.as_written));

	assert_int_equal(address_parse(a.folded, &again, &err), 0);
	assert_string_equal(again.folded, a.folded);
	assert_int_equal(address_parse(a.wire, &again, &err), 0);
	assert_string_equal(again.wire, a.wire);
	assert_string_equal(again.folded, a.folded);
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		check_good(&good[i]);
}

static void test_bad(void **state)
{
	struct err err = ERR_INIT;
	struct address a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (address_parse(bad[i].text, &a, &err) == 0)
			fail_msg("taken: %s", bad[i].text);
		assert_int_equal(err.kind, ERR_INVALID);
		if (!strstr(err.text, bad[i].why))
			fail_msg("%s, not: %s", err.text, bad[i].why);
	}
	assert_true(ARRAY_LEN(good) + ARRAY_LEN(bad) >= 120);
}

static void test_smtputf8(void **state)
{
	struct err err = ERR_INIT;
	struct address a;

	(void)state;
	assert_int_equal(address_parse("anna@münchen.example", &a, &err), 0);
	assert_false(a.needs_smtputf8);
	assert_int_equal(address_parse("ännä@example.com", &a, &err), 0);
	assert_true(a.needs_smtputf8);
}

static void test_messages_are_printable(void **state)
{
	struct err err = ERR_INIT;
	struct address a;

	(void)state;
	assert_int_equal(address_parse("a\033[2J\r\n\u202e\377@example.com", &a, &err), -1);
	for (const char *p = err.text; *p; p++)
		assert_in_range(*p, ' ', '~');
}

/* Whatever is taken has exactly one @ outside quotes, no control, no blank outside quotes, and is stable. */
static void check_taken(const struct address *a)
{
	bool quoted = false;
	int at = 0;
	struct address again;
	struct err err = ERR_INIT;

	for (const char *p = a->wire; *p; p++) {
		if (quoted && *p == '\\') {
			p++;
			continue;
		}
		quoted ^= *p == '"';
		at += !quoted && *p == '@';
		assert_false((unsigned char)*p < ' ' || *p == 0x7f);
		assert_false(!quoted && strchr(" <>,;:()", *p));
	}
	assert_int_equal(at, 1);
	assert_int_equal(address_parse(a->folded, &again, &err), 0);
	assert_string_equal(again.folded, a->folded);
}

static void test_random_texts(void **state)
{
	static const char *const pieces[] = { "a", "B", "@",      ".",      "\"",          "\\",           " ",
		                                  "ü", "É", "-",      "xn--",   "example.com", "@example.com", "\r\n",
		                                  "<", ">", "\u202e", "\u0308", "1",           "\377" };
	uint64_t seed = 42;
	struct err err = ERR_INIT;
	unsigned taken = 0;

	(void)state;
	for (int round = 0; round < 100000; round++) {
		char text[128] = "";
		struct address a;

		seed = hash_bytes(&seed, sizeof seed);
		for (unsigned i = 0, n = 1 + (unsigned)(seed >> 59) % 7; i < n; i++)
			strncat(text, pieces[(seed >> (5 * i)) % ARRAY_LEN(pieces)], 20);
		if (address_parse(text, &a, &err) == 0) {
			check_taken(&a);
			taken++;
		}
	}
	assert_in_range(taken, 1000, 99000);
}

static const struct from {
	const char *text, *name, *wire; /* name NULL: refused, wire is a part of the message */
} froms[] = {
	{ "anna@example.com", "", "anna@example.com" },
	{ " <anna@example.com> ", "", "anna@example.com" },
	{ "Anna Schmidt <anna@example.com>", "Anna Schmidt", "anna@example.com" },
	{ "Anna Schmidt<anna@example.com>", "Anna Schmidt", "anna@example.com" },
	{ "\"Schmidt, Anna\" <anna@example.com>", "Schmidt, Anna", "anna@example.com" },
	{ "\"Anna \\\"Ä\\\" Schmidt\" <anna@example.com>", "Anna \"Ä\" Schmidt", "anna@example.com" },
	{ "Schmidt, Anna (Vertrieb) <anna@example.com>", "Schmidt, Anna (Vertrieb)", "anna@example.com" },
	{ "Jürgen 株式会社 <j@MÜNCHEN.example>", "Jürgen 株式会社", "j@xn--mnchen-3ya.example" },
	{ "\"\" <anna@example.com>", "", "anna@example.com" },
	{ "Anna <\"a b\"@example.com>", "Anna", "\"a b\"@example.com" },
	{ "", NULL, "empty" },
	{ "Anna Schmidt", NULL, "no @" },
	{ "Anna <anna>", NULL, "no @" },
	{ "Anna <anna@example.com> x", NULL, "angle brackets" },
	{ "Anna anna@example.com>", NULL, "'>' without '<'" },
	{ "Anna <bob@example.com> <anna@example.com>", NULL, "more than one angle bracket" },
	{ "An\r\nna <anna@example.com>", NULL, "control character" },
	{ "An\377 <anna@example.com>", NULL, "not UTF-8" },
	{ X60 X60 X60 X60 X60 " <anna@example.com>", NULL, "more than 256 bytes" },
};

static void test_from(void **state)
{
	char name[ADDRESS_NAME_SIZE];
	struct err err = ERR_INIT;
	struct address a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(froms); i++) {
		int rc = address_parse_from(froms[i].text, name, &a, &err);

		if (!froms[i].name) {
			assert_int_equal(rc, -1);
			assert_int_equal(err.kind, ERR_INVALID);
			assert_non_null(strstr(err.text, froms[i].wire));
			continue;
		}
		assert_int_equal(rc, 0);
		assert_string_equal(name, froms[i].name);
		assert_string_equal(a.wire, froms[i].wire);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "S2.15 addresses that are good, with their key and their form on the wire", test_good, NULL, NULL,
		  NULL },
		{ "addresses that are not, each with its reason", test_bad, NULL, NULL, NULL },
		{ "only local parts beyond ASCII need SMTPUTF8", test_smtputf8, NULL, NULL, NULL },
		{ "messages can go to a terminal", test_messages_are_printable, NULL, NULL, NULL },
		{ "random texts: what is taken is safe and stable", test_random_texts, NULL, NULL, NULL },
		{ "a sender with its name", test_from, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
