#include "format/html_text.h"

#include "base/buf.h"
#include "base/random.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *html, *want;
} cases[] = {
	{ "", "" },
	{ " \n ", "" },
	{ "<img src=x>", "" },
	{ "Hello", "Hello\n" },
	{ "  two \t\r\n blanks  ", "two blanks\n" },
	{ "<p>one</p><p>two</p>", "one\n\ntwo\n" },
	{ "<p>one<p>two", "one\n\ntwo\n" },
	{ "<div>one</div><div>two</div>", "one\ntwo\n" },
	{ "<div><div><p>one</p></div></div>\n\n<p>two", "one\n\ntwo\n" },
	{ "one<br>two<br/>three<br /><br>four<br><br><br>five", "one\ntwo\nthree\n\nfour\n\nfive\n" },
	{ "<h1>Title</h1>text", "Title\n\ntext\n" },
	{ "a<b>b</b><i> c </i>d", "ab c d\n" },
	{ "a<hr>b", "a\n\n---\n\nb\n" },
	{ "<blockquote>a</blockquote>b", "a\n\nb\n" },
	/* what is not shown */
	{ "<style>p > a { color: red }</style>x", "x\n" },
	{ "<script>if (a < b) document.write('<p>')</script>x", "x\n" },
	{ "<SCRIPT>\n</SCRIPT >x", "x\n" },
	{ "<title>T</title><p>x", "x\n" },
	{ "<style>never ends", "" },
	{ "a<!-- <p>b</p> -->c", "ac\n" },
	{ "a<!-->b", "ab\n" },
	{ "a<!--b", "a\n" },
	{ "<!--[if mso]><p>x</p><![endif]-->y", "y\n" },
	{ "<!--[if !mso]><!-->x<!--<![endif]-->", "x\n" },
	{ "<!DOCTYPE html><?xml version='1.0'?><html><head><meta charset=utf-8></head><body>x</body></html>",
	  "x\n" },
	{ "<div style=\"color:red; DISPLAY : none\">a<div>b</div>c</div>d", "d\n" },
	{ "<p hidden>a</p>b", "b\n" },
	{ "<div style='display:block'>a</div>b", "a\nb\n" },
	{ "<img hidden>a", "a\n" },
	/* links */
	{ "<a href=\"https://e.com/\">here</a>", "here <https://e.com/>\n" },
	{ "see <a href='https://e.com/?a=1&amp;b=2'>this <b>one</b></a>.",
	  "see this one <https://e.com/?a=1&b=2>.\n" },
	{ "<a href=https://e.com/x>https://e.com/x</a>", "https://e.com/x\n" },
	{ "<a href=\"https://e.com/\">e.com</a>", "e.com\n" },
	{ "<a href=\"https://e.com\">https://E.com/</a>", "https://E.com/\n" },
	{ "<a href=\"mailto:a@b.c\">a@b.c</a>", "a@b.c\n" },
	{ "<a href=\"mailto:a@b.c\">write</a>", "write <a@b.c>\n" },
	{ "<a href=\"mailto:a@b.c?subject=unsubscribe%201.x@b.c\">leave</a>",
	  "leave <mailto:a@b.c?subject=unsubscribe%201.x@b.c>\n" },
	{ "<a href=\"tel:+4930\">call</a>", "call <tel:+4930>\n" },
	{ "<a href=\"#top\">up</a> <a name=x>y</a> <a href=\"javascript:x()\">z</a> <a href=\"/r\">r</a>",
	  "up y z r\n" },
	{ "<a href=\"https://e.com/\"><img src=x></a>", "<https://e.com/>\n" },
	{ "<a href=\"https://e.com/\"><img src=x alt=\"Shop &amp; more\"></a>",
	  "Shop & more <https://e.com/>\n" },
	{ "<a href=\"https://e.com/\">open", "open <https://e.com/>\n" },
	{ "<a href=\"https://e.com/1\">one<a href=\"https://e.com/2\">two</a>",
	  "one <https://e.com/1>two <https://e.com/2>\n" },
	{ "<a title=\"a > b\" href = \"https://e.com/\" >x</a>", "x <https://e.com/>\n" },
	{ "<a data-href=\"https://no.example/\" HREF=\"https://e.com/\">x</a>", "x <https://e.com/>\n" },
	{ "<p>x <a href=\"https://e.com/\"> y </a> z</p>", "x y <https://e.com/> z\n" },
	/* lists and tables */
	{ "<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc\n" },
	{ "<ol><li>a<li>b<li>c</ol>", "1. a\n2. b\n3. c\n" },
	{ "<p>x<ul><li>a<ol><li>b<li>c</ol><li>d</ul>", "x\n\n- a\n  1. b\n  2. c\n- d\n" },
	{ "<li>a<li>b", "- a\n- b\n" },
	{ "</ul></ol><ul><li>a</ul>", "- a\n" },
	{ "<ul><li><p>a</p></li></ul>", "- a\n" },
	{ "<table><tr><td>a</td><td>b</td></tr><tr><th>c<th>d</table>e", "a b\nc d\n\ne\n" },
	{ "<dl><dt>a<dd>b</dl>", "a\nb\n" },
	/* preformatted */
	{ "<pre>\n a\n  b\n\nc</pre>d  e", " a\n  b\n\nc\n\nd e\n" },
	{ "<pre>a\r\nb\tc</pre>", "a\nb c\n" },
	/* references */
	{ "&lt;&gt;&amp;&quot;&apos;&uuml;&Uuml;&szlig;&euro;&hellip;", "<>&\"'üÜß€…\n" },
	{ "&#252;&#xFC;&#XfC;&#8364;&#x1F600;", "üüü€😀\n" },
	{ "&#150;&#128;", "–€\n" },
	{ "&#0;&#xD800;&#x110000;&#99999999;", "\ufffd\ufffd\ufffd\ufffd\n" },
	{ "&bogus; &amp &; &#; &#x; &#a; & AT&T &copy2026", "&bogus; &amp &; &#; &#x; &#a; & AT&T &copy2026\n" },
	{ "a&nbsp;&nbsp;b\u00a0\u00a0c", "a b c\n" },
	{ "<p>a</p><p>&nbsp;</p><p>\u00a0</p>b", "a\n\nb\n" },
	{ "a&shy;b&#8203;c&#xFEFF;d&#847;", "abcd\n" },
	{ "&#27;[1m", "[1m\n" },
	{ "&amp;lt;", "&lt;\n" },
	/* broken markup */
	{ "a < b > c", "a < b > c\n" },
	{ "1<2", "1<2\n" },
	{ "<", "<\n" },
	{ "a<", "a<\n" },
	{ "a</", "a</\n" },
	{ "a<b", "a\n" },
	{ "a<a href=\"x", "a\n" },
	{ "a</p", "a\n" },
	{ "<averyveryverylongname>x</averyveryverylongname>", "x\n" },
	{ "日本<b>語</b>", "日本語\n" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		BUF_AUTO out = BUF_INIT(1 << 16);

		buf_adds(&out, "before");
		html_text(&out, cases[i].html, strlen(cases[i].html));
		if (strncmp(out.s, "before", 6) != 0 || strcmp(out.s + 6, cases[i].want) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].html, out.s + 6, cases[i].want);
	}
}

/* Each of these takes minutes if anything looks ahead again and again. */
static void test_linear(void **state)
{
	static const char *const units[] = { "<",
		                                 "<a ",
		                                 "<!",
		                                 "<!--",
		                                 "&",
		                                 "&#1",
		                                 "<a href=\"",
		                                 "<ul>",
		                                 "<a>",
		                                 "<pre>",
		                                 "<p>",
		                                 "</a",
		                                 "<style>",
		                                 "<!-->",
		                                 "<a href=http://x>",
		                                 "<p hidden>",
		                                 "\n",
		                                 " ",
		                                 "<br>",
		                                 "<li>",
		                                 "<title",
		                                 "<p a=b c='d' ",
		                                 "'\"=",
		                                 "<script></scrip" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		BUF_AUTO html = BUF_INIT(4 << 20);
		BUF_AUTO out = BUF_INIT(64 << 20);

		while (html.len < 1 << 20)
			buf_adds(&html, units[i]);
		html_text(&out, html.s, html.len);
		assert_false(out.over);
	}
}

static void test_random(void **state)
{
	static const char *const pieces[] = { "<p>",   "</p>", "<a href=\"https://e.com/\">",
		                                  "</a>",  "x",    " ",
		                                  "&amp;", "<",    ">",
		                                  "\"",    "<!--", "-->",
		                                  "<ul>",  "<li>", "</ul>",
		                                  "<pre>", "\n",   "<p hidden>",
		                                  "é",     "=",    "'",
		                                  "/" };
	uint64_t seed = 5;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		BUF_AUTO html = BUF_INIT(1 << 12);
		BUF_AUTO out = BUF_INIT(1 << 16);

		for (int i = 0; i < 12; i++) {
			seed = hash_bytes(&seed, sizeof seed);
			buf_adds(&html, pieces[(seed >> 30) % ARRAY_LEN(pieces)]);
		}
		html_text(&out, html.s, html.len);
		assert_true(utf8_valid(out.s, out.len));
		assert_true(out.len == 0 || (out.s[0] != '\n' && out.s[out.len - 1] == '\n'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "pages and what remains of them", test_cases, NULL, NULL, NULL },
		{ "a megabyte of what is worst", test_linear, NULL, NULL, NULL },
		{ "random markup gives text", test_random, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
