#include "base/buf.h"
#include "format/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define LIMIT ((size_t)8 << 20)

struct reading {
	struct arena arena;
	struct diags diags;
	struct yaml_file file;
	int status;
};

static void reading_done(struct reading *r)
{
	arena_release(&r->arena);
	diags_release(&r->diags);
}
#define READING_AUTO PW_CLEANUP(reading_done) struct reading

static void read_bytes(struct reading *r, const char *text, size_t len)
{
	*r = (struct reading){ 0 };
	r->status = yaml_read(&r->arena, diags_file(&r->diags, "x.yaml"), text, len, &r->diags, &r->file);
}

static void read_text(struct reading *r, const char *text)
{
	read_bytes(r, text, strlen(text));
}

/* A node by its way from the document: keys and indexes, divided by blanks. */
static struct yaml *find(struct yaml *node, const char *path)
{
	char word[64];
	int n = 0;

	while (node && sscanf(path, "%63s%n", word, &n) == 1) {
		unsigned index = 0;

		if (node->type == YAML_LIST && sscanf(word, "%u", &index) == 1)
			node = index < node->n ? node->items[index] : NULL;
		else
			node = yaml_get(node, word);
		path += n;
	}
	return node;
}

static void test_places(void **state)
{
	static const char text[] =
		"# comment\n"
		"plain: some text\n"
		"größe: 'single'   # cut?\n"
		"list: [a, \"b\", c d # e\n"
		"  ]\n"
		"map:\n"
		"  literal: |\n"
		"    line\n"
		"  folded: >-\n"
		"    line\n"
		"  empty:\n"
		"  hash: a#b\n"
		"  cut: a   # b\n"
		"  two: a\n"
		"    b # c\n";
	static const struct {
		const char *path, *text;
		int line, column;
		enum yaml_style style;
		bool cut;
	} cases[] = {
		{ "plain", "some text", 2, 8, YAML_PLAIN, false },
		{ "größe", "single", 3, 8, YAML_SINGLE, false },
		{ "list 0", "a", 4, 8, YAML_PLAIN, false },
		{ "list 1", "b", 4, 11, YAML_DOUBLE, false },
		{ "list 2", "c d", 4, 16, YAML_PLAIN, true },
		{ "map literal", "line\n", 7, 12, YAML_LITERAL, false },
		{ "map folded", "line", 9, 11, YAML_FOLDED, false },
		{ "map empty", "", 11, 9, YAML_PLAIN, false },
		{ "map hash", "a#b", 12, 9, YAML_PLAIN, false },
		{ "map cut", "a", 13, 8, YAML_PLAIN, true },
		{ "map two", "a b", 14, 8, YAML_PLAIN, true },
	};
	READING_AUTO r;

	(void)state;
	read_text(&r, text);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.file.n_docs, 1);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct yaml *node = find(r.file.docs[0], cases[i].path);

		if (!node || strcmp(node->text, cases[i].text) != 0 || node->line != cases[i].line ||
		    node->column != cases[i].column || node->style != cases[i].style || node->cut != cases[i].cut)
			fail_msg("%s", cases[i].path);
	}
}

/* Where an X in the text of a scalar stands in the file, in all styles. */
static void test_places_in(void **state)
{
	static const struct {
		const char *text;
		int line, column;
	} cases[] = {
		{ "a: some X text\n", 1, 9 },
		{ "a: 'it''s X'\n", 1, 11 },
		{ "a: \"\\u00fc \\\"X\"\n", 1, 14 },
		{ "a: \"one\\n\\x41 X\"\n", 1, 15 },
		{ "a: plain\n  on two X\n", 2, 10 },
		{ "a: \"folded\n\n  X\"\n", 3, 3 },
		{ "a: |\n  one\n\n   X\n", 4, 4 },
		{ "a: |2-\n    X\n", 2, 5 },
		{ "a: >\n  ü one\n  two X\n", 3, 7 },
		{ "a: \"esc \\\n   aped X\"\n", 2, 9 },
		{ "ää: ü X\r\n", 1, 7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		READING_AUTO r;
		const struct yaml *node;
		struct place at;

		read_text(&r, cases[i].text);
		assert_int_equal(r.status, 0);
		node = r.file.docs[0]->pairs[0].value;
		at = yaml_place_in(&r.file, node, (size_t)(strchr(node->text, 'X') - node->text));
		if (at.line != cases[i].line || at.column != cases[i].column)
			fail_msg("%s: %d:%d", cases[i].text, at.line, at.column);
	}
}

static void test_several(void **state)
{
	READING_AUTO r;

	(void)state;
	read_text(&r, "\xef\xbb\xbf# first\r\na: 1\r\n--- # second\r\nb: [\r\n---\r\n...\r\n---\r\nc: \"d\r\n---\r\n---x: 4\r\n");
	assert_int_equal(r.status, -1);
	assert_int_equal(r.diags.errors, 2);
	assert_int_equal(r.file.n_docs, 2);
	assert_string_equal(yaml_get(r.file.docs[0], "a")->text, "1");
	assert_string_equal(yaml_get(r.file.docs[1], "---x")->text, "4");
	assert_int_equal(r.file.docs[1]->line, 10);
}

static uint64_t seed;

static unsigned draw(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % below;
}

static struct yaml *random_scalar(struct arena *a)
{
	static const char *const pieces[] = {
		"a", "b c", " ", "  ", "\n", "\n\n", "\t", ":", ": ", "#", " #", "-", "- ", "---", "...", "?", ",", "[", "]",
		"{", "}", "{{ x }}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "\\", "=", "<<", "ü", "日本", "🎉",
		"\xe2\x80\xa8", "\xc2\x85", "\x01", "\x7f", "true", "007", "~", "null", "\r", "\xef\xbb\xbf", "\xc2\xa0", "!!str",
	};
	BUF_AUTO b = BUF_INIT(LIMIT);

	for (unsigned n = draw(6); n > 0; n--)
		buf_adds(&b, pieces[draw(ARRAY_LEN(pieces))]);
	return yaml_new_text(a, arena_strndup(a, b.s, b.len), b.len);
}

static struct yaml *random_tree(struct arena *a, int depth)
{
	unsigned kind = depth > 4 ? 0 : draw(4), n = draw(5);
	struct yaml *node;

	if (kind < 2)
		return random_scalar(a);
	node = yaml_new_map(a, n);
	if (kind == 2) {
		node->type = YAML_LIST;
		node->items = arena_array(a, n, sizeof(struct yaml *));
		for (unsigned i = 0; i < n; i++)
			node->items[i] = random_tree(a, depth + 1);
		return node;
	}
	for (unsigned i = 0; i < n; i++) {
		struct yaml *key = random_scalar(a);

		key->text = arena_printf(a, "%s%u", key->text, i);
		key->len = strlen(key->text);
		yaml_set_pair(node, i, key, random_tree(a, depth + 1));
	}
	return node;
}

static bool same(const struct yaml *x, const struct yaml *y)
{
	if (x->type != y->type)
		return false;
	if (x->type == YAML_SCALAR)
		return x->len == y->len && memcmp(x->text, y->text, x->len) == 0;
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++) {
		if (x->type == YAML_LIST ? !same(x->items[i], y->items[i])
		                         : !same(x->pairs[i].key, y->pairs[i].key) || !same(x->pairs[i].value, y->pairs[i].value))
			return false;
	}
	return true;
}

static void test_round_trip(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		ARENA_AUTO a = { 0 };
		BUF_AUTO once = BUF_INIT(LIMIT);
		BUF_AUTO twice = BUF_INIT(LIMIT);
		READING_AUTO r;
		struct yaml *tree;

		seed = i;
		tree = yaml_new_map(&a, 1);
		yaml_set_pair(tree, 0, yaml_new_text(&a, "k", 1), random_tree(&a, 0));
		yaml_write(tree, &once);
		read_bytes(&r, once.s, once.len);
		if (r.status < 0 || r.file.n_docs != 1 || !same(tree, r.file.docs[0])) {
			diags_print(&r.diags, &twice);
			fail_msg("seed %u: %s\n%s", i, twice.s, once.s);
		}
		yaml_write(r.file.docs[0], &twice);
		assert_string_equal(once.s, twice.s);
	}
}

/* Whatever the bytes are: no crash, and an error is said whenever -1 is returned. */
static void test_garbage(void **state)
{
	static const char *const pieces[] = {
		"a: ", "- ", "? ", ": ", "[", "]", "{", "}", ",", "\n", "\n  ", "\n    ", "'", "\"", "|", ">", "&a ", "*a", "!t ",
		"#", " #", "---\n", "...\n", "%YAML 1.1\n", "\t", "\\", "\\x4", "x", "y z", "<<: ", "\r\n", "\r", "\xff", "\xc3", "{{ a }}",
	};

	(void)state;
	for (unsigned i = 0; i < 30000; i++) {
		BUF_AUTO text = BUF_INIT(LIMIT);
		BUF_AUTO out = BUF_INIT(LIMIT);
		READING_AUTO r;

		seed = i * UINT64_C(7919);
		for (unsigned n = draw(40); n > 0; n--)
			buf_adds(&text, pieces[draw(ARRAY_LEN(pieces))]);
		read_bytes(&r, text.s, text.len);
		assert_int_equal(r.status < 0, r.diags.errors > 0);
		for (size_t k = 0; k < r.file.n_docs; k++)
			yaml_write(r.file.docs[k], &out);
		diags_print(&r.diags, &out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_places_in),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_garbage),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("yaml: trees with places, and back", tests, NULL, NULL);
}
