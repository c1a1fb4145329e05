#include "base/buf.h"
#include "base/utf8.h"
#include "format/liquid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/*
 * Every filter with inputs and arguments of every kind, and every tag, under every limit of steps and of memory: a limit
 * is a problem that says so, never a crash, and what was written until there is the beginning of the whole.
 */

#define LONG                                                                                  \
	"It was a bright cold day in <April>, and the clocks were striking thirteen. Привет, мир! " \
	"Winston Smith, his chin nuzzled into his breast & coat in an effort to escape the wind"

static struct value person(struct arena *a, const char *name, int64_t age)
{
	struct value p = value_map(a);

	value_map_set(&p, "name", value_text(name));
	value_map_set(&p, "age", value_int(age));
	value_map_set(&p, "note", value_text(LONG));
	if (age % 2)
		value_map_set(&p, "odd", value_bool(true));
	return p;
}

/* Texts, numbers, lists, maps, and lists of all of them. */
static struct value data(struct arena *a)
{
	struct value root = value_map(a), list = value_array(a), people = value_array(a), mixed = value_array(a);
	struct value inner = value_array(a);

	for (int i = 0; i < 6; i++) {
		value_array_add(&list, value_text(i % 2 ? LONG : "Zebra"));
		value_array_add(&people, person(a, i % 2 ? "Anna" : "bob", 30 - i));
	}
	value_array_add(&inner, value_int(3));
	value_array_add(&inner, value_text("x"));
	value_array_add(&mixed, inner);
	value_array_add(&mixed, value_nil());
	value_array_add(&mixed, value_bool(false));
	value_array_add(&mixed, value_double(2.5));
	value_array_add(&mixed, value_text("7"));
	value_map_set(&root, "long", value_text(LONG));
	value_map_set(&root, "name", value_text("name"));
	value_map_set(&root, "n", value_int(-7));
	value_map_set(&root, "d", value_double(1234.5));
	value_map_set(&root, "yes", value_bool(true));
	value_map_set(&root, "list", list);
	value_map_set(&root, "people", people);
	value_map_set(&root, "mixed", mixed);
	value_map_set(&root, "map", person(a, "Zoë", 41));
	return root;
}

struct outcome {
	int status;
	struct buf out;
	struct liquid_report report;
};

static void render(const struct liquid *t, const struct value *root, const struct liquid_options *o, struct outcome *ret)
{
	ARENA_AUTO scratch = { 0 };

	buf_clear(&ret->out);
	ret->status = liquid_render(t, root, o, &scratch, &ret->out, &ret->report);
}

/* Returns whether the limit was reached. */
static bool limited(const char *text, const struct outcome *whole, const struct outcome *got)
{
	bool begins = got->out.len <= whole->out.len && memcmp(got->out.s, whole->out.s, got->out.len) == 0;
	const char *why = got->report.problem.message;

	if (got->status == 0 || strcmp(why, whole->report.problem.message) == 0) {
		if (got->status != whole->status || got->out.len != whole->out.len || !begins)
			fail_msg("%s: under a limit %d, %zu bytes, '%s', not %d, %zu bytes, '%s'", text, got->status, got->out.len, why,
			         whole->status, whole->out.len, whole->report.problem.message);
		return false;
	}
	if (strncmp(why, "this takes more than ", 21) != 0 && strcmp(why, "this range is too long") != 0)
		fail_msg("%s: %s", text, why);
	if (!begins)
		fail_msg("%s: '%s' is no beginning of '%s'", text, got->out.s, whole->out.s);
	return true;
}

static void try_limits(const struct liquid *t, const char *text, const struct value *root, bool html)
{
	struct outcome whole = { .out = BUF_INIT(1 << 20) }, got = { .out = BUF_INIT(1 << 20) };
	struct liquid_options o = { .html = html, .strict = html };
	size_t n;

	render(t, root, &o, &whole);
	if (!utf8_valid(whole.out.s, whole.out.len))
		fail_msg("%s: no UTF-8 comes out", text);
	for (n = 1;; n += 1 + n / 24) {
		o.max_steps = n;
		render(t, root, &o, &got);
		if (!limited(text, &whole, &got))
			break;
	}
	o.max_steps = 0;
	for (n = 1;; n += 16 + n / 24) {
		o.max_memory = n;
		render(t, root, &o, &got);
		if (!limited(text, &whole, &got))
			break;
	}
	buf_release(&whole.out);
	buf_release(&got.out);
}

static void every_filter_under_every_limit(void **state)
{
	static const char *const inputs[] = { "long", "list", "people", "mixed", "map", "n", "d", "yes", "nil", "(1..9)",
		                                  "'12'", "''", "empty", "long | split: ' '" };
	static const char *const args[] = { "", ": long", ": 3", ": -2", ": list", ": 'name'", ": name, 'Anna'", ": 'age', 29",
		                                ": 2, 4", ": long, n", ": 'e', list", ": 'age', nil", ": nil", ": map, mixed",
		                                ": 7, 'and so on'" };
	size_t n_filters, n = 0;
	const char *const *filters = liquid_filter_names(&n_filters);
	ARENA_AUTO a = { 0 };
	const struct value root = data(&a);

	(void)state;
	for (size_t f = 0; f < n_filters; f++) {
		for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
			for (size_t k = 0; k < ARRAY_LEN(args); k++) {
				ARENA_AUTO own = { 0 };
				const char *text = arena_printf(&own, "Dear {{ %s | %s%s }}.", inputs[i], filters[f], args[k]);
				struct liquid_problem problem;
				const struct liquid *t;

				if (strcmp(filters[f], "sample") == 0 || strcmp(filters[f], "shuffle") == 0)
					continue; /* another result each time */
				if (liquid_compile(&own, text, strlen(text), &t, &problem) < 0)
					continue; /* so many arguments it does not take */
				try_limits(t, text, &root, n++ % 2);
			}
		}
	}
	assert_true(n > 3000);
}

static void every_tag_under_every_limit(void **state)
{
	static const char *const texts[] = {
		"{% for p in people %}{{ forloop.index }} of {{ forloop.length }}: {{ p.name }} {{ p.note }}\n{% endfor %}",
		"{% for p in people reversed limit: n offset: 1 %}{{ p.name }}{% else %}none{% endfor %}",
		"{% for p in people limit: 2 offset: 1 %}{{ p.name }}{% endfor %}{% for p in people offset: continue %}{{ p.age }}{% endfor %}",
		"{% for c in long %}{{ c }}{% endfor %}{% for e in map %}{{ e[0] }}={{ e | last }}{% endfor %}{% for i in (3..1) %}x{% else %}none{% endfor %}",
		"{% for i in (1..4) %}{% for k in (1..i) %}{{ forloop.parentloop.index }}{{ forloop.first }}{% endfor %}{% if i == 3 %}{% break %}{% endif %}{% endfor %}",
		"{% tablerow p in people cols: 2 limit: 5 %}{{ p.name }} {{ tablerowloop.col }} {{ tablerowloop.row }}{% endtablerow %}",
		"{% tablerow i in (1..3) %}{{ tablerowloop.col_last }}{% if i == 2 %}{% continue %}{% endif %}y{% endtablerow %}",
		"{% if long contains 'cold' and list contains long %}a{% elsif n > 3 or d <= 2 %}b{% else %}c{% endif %}",
		"{% if long == name %}a{% elsif list == list %}b{% endif %}{% unless map == people %}c{% endunless %}",
		"{% if long > name %}a{% endif %}{% if n < d %}b{% endif %}{% if list == empty or long == blank %}c{% endif %}",
		"{% if (1..3) contains 2 %}a{% endif %}{% if (1..3) == (1..3) %}b{% endif %}{% if map == map and people == people %}c{% endif %}",
		"{% case long %}{% when name, 'x' or long %}a{% when list %}b{% else %}c{% endcase %}",
		"{% case n %}{% when 7 %}a{% else %}b{% endcase %}{% case list %}{% when people %}x{% when list %}y{% endcase %}",
		"{% capture text %}{{ long }}{{ list | join: long }}{% endcapture %}{{ text | upcase }}{{ text.size }}",
		"{% assign words = long | split: ' ' %}{{ words.first }}{{ words.last }}{{ words[2] }}{{ words.size }}{{ words[-1] }}",
		"{% cycle long, name %}{% cycle long, name %}{% cycle 'a': 1, 2 %}{% cycle name: 1, 2 %}{% increment i %}{% decrement k %}{{ i }}",
		"{% for p in people %}{% ifchanged %}{{ p.name }}{{ p.note }}{% endifchanged %}{% endfor %}",
		"{{ map[name] }}{{ people[0].note }}{{ people.first.name }}{{ long.size }}{{ long[3] }}{{ map.first }}{{ long.first }}{{ long.last }}",
		"{{ map[long] }}{{ people[n].name }}{{ list[9] }}{{ n.size }}{{ nothing[long].x }}{{ map['note'] | append: long }}",
		"{% liquid\nassign x = long | append: long\nfor p in people\necho p.name\nendfor\ncase n\nwhen -7\necho x\nendcase %}",
		"<a href=\"{{ long }}\" title='{{ name }}'>{{ list }}</a><style>{{ long }}</style><script>x = \"{{ long }}\"</script><!-- {{ long }} -->",
		"<a href=\"https://example.com/?q={{ long | url_encode }}\">{{ long | newline_to_br }}{{ long | raw }}{{ map }}{{ mixed }}</a>",
		"{{ mixed }}{{ list }}{{ map }}{{ d }}{{ n }}{{ yes }}{{ (1..5) }}{{ nil }}{{ empty }}",
		"{% comment %}{{ long }}{% endcomment %}{% raw %}{{ long }}{% endraw %}{% doc %} x {% enddoc %}{% # no %}{% echo long | truncate: 20 %}",
	};
	ARENA_AUTO a = { 0 };
	const struct value root = data(&a);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		ARENA_AUTO own = { 0 };
		struct liquid_problem problem;
		const struct liquid *t;

		if (liquid_compile(&own, texts[i], strlen(texts[i]), &t, &problem) < 0)
			fail_msg("%s: %u: %s", texts[i], problem.column, problem.message);
		try_limits(t, texts[i], &root, false);
		try_limits(t, texts[i], &root, true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_filter_under_every_limit),
		cmocka_unit_test(every_tag_under_every_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("liquid under limits", tests, NULL, NULL);
}
