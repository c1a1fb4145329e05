#include "base/buf.h"
#include "format/liquid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct liquid *compile(struct arena *a, const char *text)
{
	struct liquid_problem problem;
	const struct liquid *t = NULL;

	if (liquid_compile(a, text, strlen(text), &t, &problem) < 0)
		fail_msg("%s: %u:%u: %s", text, problem.line, problem.column, problem.message);
	return t;
}

/* Renders and returns the text, or NULL with the report's problem. */
static const char *render(struct arena *a, const char *text, const struct value *root, const struct liquid_options *o,
                          struct liquid_report *report)
{
	BUF_AUTO out = BUF_INIT(SIZE_MAX / 2);

	if (liquid_render(compile(a, text), root, o, a, &out, report) < 0)
		return NULL;
	return arena_strndup(a, out.s, out.len);
}

static struct value person(struct arena *a)
{
	struct value root = value_map(a), contact = value_map(a);

	value_map_set(&contact, "first_name", value_text("Anna"));
	value_map_set(&contact, "plan", value_text(" "));
	value_map_set(&root, "contact", contact);
	return root;
}

static void holes_have_place_and_condition(void **state)
{
	ARENA_AUTO a = { 0 };
	const struct value root = person(&a);
	const struct liquid_options strict = { .strict = true };
	struct liquid_report report;
	const char *text = render(&a, "Hi {{ contact.first_name }},\nöü {{ contact.plan }}\n"
	                              "{% if true %}  {{contact.city}}{{ contact.plan }}{% endif %}",
	                          &root, &strict, &report);

	(void)state;
	assert_string_equal(text, "Hi Anna,\nöü  \n   ");
	assert_int_equal(report.n_holes, 2);
	assert_string_equal(report.holes[0].name, "contact.plan");
	assert_int_equal(report.holes[0].line, 2);
	assert_int_equal(report.holes[0].column, 7);
	assert_false(report.holes[0].conditional);
	assert_string_equal(report.holes[1].name, "contact.city");
	assert_int_equal(report.holes[1].line, 3);
	assert_int_equal(report.holes[1].column, 18);
	assert_true(report.holes[1].conditional);
}

static void many_holes_are_all_listed(void **state)
{
	ARENA_AUTO a = { 0 };
	BUF_AUTO text = BUF_INIT(100000);
	const struct liquid_options strict = { .strict = true };
	struct liquid_report report;
	char name[16];

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_addf(&text, "{{ a%d }}{{ a%d }}", i, i / 2);
	assert_non_null(render(&a, text.s, NULL, &strict, &report));
	assert_int_equal(report.n_holes, 100);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "a%d", i);
		assert_string_equal(report.holes[i].name, name);
	}
}

static void one_template_renders_for_many(void **state)
{
	ARENA_AUTO a = { 0 };
	ARENA_AUTO scratch = { 0 };
	BUF_AUTO out = BUF_INIT(1000);
	const struct liquid *t = compile(&a, "{% assign n = n | plus: 1 %}{% increment c %}{% cycle 'a', 'b' %}{{ n }}"
	                                     "{% for i in (1..3) limit: 1 %}{% endfor %}"
	                                     "{% for i in (1..3) offset: continue %}{{ i }}{% endfor %};");
	struct value root = value_map(&a);
	struct liquid_report report;

	(void)state;
	for (int i = 0; i < 3; i++) {
		value_map_set(&root, "n", value_int(i));
		assert_int_equal(liquid_render(t, &root, NULL, &scratch, &out, &report), 0);
		arena_clear(&scratch);
	}
	assert_string_equal(out.s, "0a123;0a223;0a323;");
}

static void problems_have_a_place(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *message;
	} cases[] = {
		{ "a\nb {{ c | nope }}", 2, 10, "no filter 'nope'" },
		{ "äö {{ 'x }}", 1, 7, "this quote is not closed" },
		{ "\n{% if a %}\n{% for b in c %}\n{% endfor %}\n", 2, 1, "this 'if' is not closed: 'endif' is missing" },
		{ "{% if a %}\n{% endunless %}", 2, 1, "'endunless' does not belong into 'if', which ends with 'endif'" },
		{ "a {{ b", 1, 3, "this '{{' is not closed by '}}'" },
		{ "{% liquid\n echo a\n ech b\n%}", 3, 2, "no tag 'ech'; did you mean 'echo'?" },
		{ "\xff", 1, 1, "this is not UTF-8" },
		{ "{{ a\n | append: }}", 2, 4, "the filter 'append' needs 1 argument" },
		{ "{% case a %}{% when 'ö' and 'x' %}{% endcase %}", 1, 25, "'and' does not belong here" },
		{ "{{ €uro }}", 1, 4, "a value expected, not '€'" },
	};
	ARENA_AUTO a = { 0 };
	struct liquid_problem problem;
	const struct liquid *t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(liquid_compile(&a, cases[i].text, strlen(cases[i].text), &t, &problem), -1);
		assert_string_equal(problem.message, cases[i].message);
		assert_int_equal(problem.line, cases[i].line);
		assert_int_equal(problem.column, cases[i].column);
	}
}

static void failures_of_rendering_have_a_place(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *message;
	} cases[] = {
		{ "a\n{{ 1 | plus: 1 | divided_by: 0 }}", 2, 18, "division by zero" },
		{ "{{ a }}\n  {% if 1 < 'a' %}{% endif %}", 2, 3, "a text and a number cannot be compared" },
		{ "\n\n{% assign x = 'a' | slice: 'b' %}", 3, 21, "a whole number is needed here" },
	};
	ARENA_AUTO a = { 0 };
	struct liquid_report report;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_null(render(&a, cases[i].text, NULL, NULL, &report));
		assert_string_equal(report.problem.message, cases[i].message);
		assert_int_equal(report.problem.line, cases[i].line);
		assert_int_equal(report.problem.column, cases[i].column);
	}
}

static void limits_stop_rendering(void **state)
{
	static const struct {
		const char *text;
		struct liquid_options options;
		const char *message; /* NULL: within the limits */
	} cases[] = {
		{ "{% for i in (1..10) %}1234567890{% endfor %}", { .max_output = 100 }, NULL },
		{ "{% for i in (1..11) %}1234567890{% endfor %}", { .max_output = 100 }, "the result is longer than 100 bytes" },
		{ "{% capture x %}{% for i in (1..11) %}1234567890{% endfor %}{% endcapture %}",
		  { .max_output = 100 },
		  "the text is longer than 100 bytes" },
		{ "{% for i in (1..5) %}{% for j in (1..4) %}{% endfor %}{% endfor %}", { .max_iterations = 25 }, NULL },
		{ "{% for i in (1..5) %}{% for j in (1..4) %}{% endfor %}{% endfor %}",
		  { .max_iterations = 24 },
		  "the loops go round more than 24 times" },
		{ "{% assign x = '0123456789' %}{% for i in (1..20) %}{% assign x = x | append: x %}{% endfor %}",
		  { .max_memory = 100000 },
		  "this takes more than 100000 bytes of memory" },
		{ "{% assign x = 'a,b' | split: ',' %}{% for i in (1..20) %}{% assign x = x | concat: x %}{% endfor %}",
		  { .max_memory = 100000 },
		  "this takes more than 100000 bytes of memory" },
		{ "{{ 'abc' | replace: '', '0123456789' | replace: '', '0123456789' | replace: '', '0123456789' }}",
		  { .max_memory = 1000 },
		  "this takes more than 1000 bytes of memory" },
		{ "{% for i in (1..9) %}{{ (1..100) | sort | size }}{% endfor %}", { .max_steps = 1000 }, "this takes more than 1000 steps" },
		{ "{{ (-9223372036854775807..9223372036854775807) | size }}{{ (1..9223372036854775807) | reverse }}",
		  { .max_output = 100 },
		  "this range is too long" },
	};
	ARENA_AUTO a = { 0 };
	struct liquid_report report;
	const char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		text = render(&a, cases[i].text, NULL, &cases[i].options, &report);
		if (text && cases[i].message)
			fail_msg("%s is within its limits", cases[i].text);
		assert_string_equal(report.problem.message, cases[i].message ? cases[i].message : "");
		assert_int_equal(text == NULL, cases[i].message != NULL);
	}
}

static void the_buffer_keeps_its_own_limit(void **state)
{
	ARENA_AUTO a = { 0 };
	BUF_AUTO out = BUF_INIT(12);
	const struct liquid *t = compile(&a, "123456");
	struct liquid_report report;

	(void)state;
	assert_int_equal(liquid_render(t, NULL, NULL, &a, &out, &report), 0);
	assert_int_equal(liquid_render(t, NULL, NULL, &a, &out, &report), 0);
	assert_int_equal(liquid_render(t, NULL, NULL, &a, &out, &report), -1);
	assert_string_equal(out.s, "123456123456");
	assert_int_equal(out.limit, 12);
}

static void repeat(struct buf *b, const char *s, int times)
{
	for (int i = 0; i < times; i++)
		buf_adds(b, s);
}

static void nesting_is_limited(void **state)
{
	static const struct {
		const char *open, *middle, *close;
		int fits;
		const char *message;
	} cases[] = {
		{ "{% if a %}", "x", "{% endif %}", 100, "blocks are nested more than 100 deep" },
		{ "{% for a in b %}", "x", "{% endfor %}", 100, "blocks are nested more than 100 deep" },
	};
	ARENA_AUTO a = { 0 };
	struct liquid_problem problem;
	const struct liquid *t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (int more = 0; more < 2; more++) {
			BUF_AUTO text = BUF_INIT(100000);

			repeat(&text, cases[i].open, cases[i].fits + more);
			buf_adds(&text, cases[i].middle);
			repeat(&text, cases[i].close, cases[i].fits + more);
			assert_int_equal(liquid_compile(&a, text.s, text.len, &t, &problem), more ? -1 : 0);
			assert_string_equal(problem.message, more ? cases[i].message : "");
		}
	}
}

static void expressions_nest_32_deep(void **state)
{
	ARENA_AUTO a = { 0 };
	struct liquid_problem problem;
	const struct liquid *t;

	(void)state;
	for (int depth = 31; depth < 33; depth++) {
		BUF_AUTO text = BUF_INIT(1000);

		buf_adds(&text, "{{ ");
		repeat(&text, "a[", depth);
		buf_adds(&text, "0");
		repeat(&text, "]", depth);
		buf_adds(&text, " }}");
		assert_int_equal(liquid_compile(&a, text.s, text.len, &t, &problem), depth < 32 ? 0 : -1);
		assert_string_equal(problem.message, depth < 32 ? "" : "this expression is nested too deeply");
	}
}

static void a_megabyte_of_braces_is_quickly_refused(void **state)
{
	static const char *const parts[] = { "{{", "{%", "{", "{{ a", "{% if a %}", "{% comment %}{{ ", "{% raw %}", "{{ a[" };
	ARENA_AUTO a = { 0 };
	struct liquid_problem problem;
	const struct liquid *t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		BUF_AUTO text = BUF_INIT(2000000);

		repeat(&text, parts[i], (int)((1 << 20) / strlen(parts[i])));
		assert_int_equal(liquid_compile(&a, text.s, text.len, &t, &problem), -1);
		arena_release(&a);
	}
}

static void describe(struct buf *out, const struct liquid_variable *v)
{
	buf_addf(out, "%s@%u:%u%s%s%s%s\n", v->path, v->line, v->column, v->output ? " output" : "",
	         v->has_default ? " default" : "", v->conditional ? " conditional" : "", v->computed ? " computed" : "");
}

static void the_variables_of_a_template_are_listed(void **state)
{
	static const char text[] = "{{ contact.first_name }}{{ contact.plan | default: sender.plan }}\n"
							   "{% if deal.value > team.limit %}{{ deal.title | upcase }}{% endif %}\n"
							   "{% assign x = contact.city %}{{ x }}{% capture y %}{{ z }}{% endcapture %}{{ y }}\n"
							   "{% for item in deal.items limit: n %}{{ item.name }}{{ forloop.index }}{{ i }}{% endfor %}\n"
							   "{{ item }}{{ contact[which].a }}{{ contact['two words'] }}{{ a[0].b }}\n"
							   "{% echo 'x' | append: contact.last_name %}{{ (1..to) }}{% case c %}{% when d %}{{ e }}{% endcase %}";
	static const char expected[] = "contact.first_name@1:4 output\n"
								   "contact.plan@1:28 output default\n"
								   "sender.plan@1:52\n"
								   "deal.value@2:7 conditional\n"
								   "team.limit@2:20 conditional\n"
								   "deal.title@2:36 output conditional\n"
								   "contact.city@3:15\n"
								   "z@3:55 output\n"
								   "deal.items@4:16\n"
								   "n@4:34\n"
								   "i@4:75 output conditional\n"
								   "item@5:4 output\n"
								   "contact@5:14 output computed\n"
								   "which@5:22\n"
								   "contact[\"two words\"]@5:36 output\n"
								   "a[0].b@5:62 output\n"
								   "contact.last_name@6:23\n"
								   "to@6:50\n"
								   "c@6:64 conditional\n"
								   "d@6:76 conditional\n"
								   "e@6:83 output conditional\n";
	ARENA_AUTO a = { 0 };
	BUF_AUTO list = BUF_INIT(10000);
	const struct liquid_variable *v;
	size_t n;

	(void)state;
	v = liquid_variables(compile(&a, text), &n);
	for (size_t i = 0; i < n; i++)
		describe(&list, &v[i]);
	assert_string_equal(list.s, expected);
}

static void a_template_prints_plainly_when_nothing_but_a_variable_can_be_a_hole(void **state)
{
	static const struct {
		const char *text;
		bool plainly;
	} cases[] = {
		{ "", true },
		{ "{{ contact.name }}", true },
		{ "{% if a %}{{ b.c }}{% endif %}", true },
		{ "{{ a | upcase | default: 'x' }}", true },
		{ "{{ a | raw }}", true },
		{ "{% echo a %}", true },
		{ "{{ a | upcase }}", false },
		{ "{% echo a | upcase %}", false },
		{ "{{ '' }}", false },
		{ "{{ a[b] }}", false },
		{ "{{ [a] }}", false },
		{ "{% assign x = a | remove: 'b' %}{{ x }}", false },
		{ "{% for x in xs %}{{ x }}{% endfor %}", false },
	};
	ARENA_AUTO a = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(liquid_prints_plainly(compile(&a, cases[i].text)), cases[i].plainly);
}

static void what_it_looks_at_is_known(void **state)
{
	static const struct {
		const char *text, *roots;
		bool all;
	} cases[] = {
		{ "", "", true },
		{ "contact", "", true },
		{ "{{ contact.name }} {{ contact.email | default: team.name }}", "contact team ", true },
		{ "{% if run.id > 1 %}{% for x in event.items %}{{ x.a }}{% endfor %}{% endif %}", "run event ", true },
		{ "{% if a %}{% assign team = b[c.d] %}{% endif %}{{ team }}", "a c b team ", true },
		{ "{% case sender %}{% when team.name %}{% endcase %}", "sender team ", true },
		{ "{% capture x %}{{ a }}{% endcapture %}{{ [b] }}", "a b ", false },
	};
	ARENA_AUTO a = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *const *roots, *text = "";
		size_t n;

		assert_int_equal(liquid_roots(compile(&a, cases[i].text), &roots, &n), cases[i].all);
		for (size_t r = 0; r < n; r++)
			text = arena_printf(&a, "%s%s ", text, roots[r]);
		assert_string_equal(text, cases[i].roots);
	}
}

static void a_template_without_variables_lists_none(void **state)
{
	ARENA_AUTO a = { 0 };
	size_t n = 1;

	(void)state;
	liquid_variables(compile(&a, "{% assign x = 1 %}{{ x }}{{ 'a' }}"), &n);
	assert_int_equal(n, 0);
}

static void the_data_may_be_missing_or_no_map(void **state)
{
	ARENA_AUTO a = { 0 };
	const struct value number = value_int(5);
	struct liquid_report report;

	(void)state;
	assert_string_equal(render(&a, "[{{ x }}]", NULL, NULL, &report), "[]");
	assert_string_equal(render(&a, "[{{ x }}]", &number, NULL, &report), "[]");
}

static void names_are_sorted(void **state)
{
	size_t n;
	const char *const *names = liquid_filter_names(&n);

	(void)state;
	assert_true(n > 50);
	for (size_t i = 1; i < n; i++)
		assert_true(strcmp(names[i - 1], names[i]) < 0);
	names = liquid_tag_names(&n);
	for (size_t i = 1; i < n; i++)
		assert_true(strcmp(names[i - 1], names[i]) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holes_have_place_and_condition),
		cmocka_unit_test(many_holes_are_all_listed),
		cmocka_unit_test(one_template_renders_for_many),
		cmocka_unit_test(problems_have_a_place),
		cmocka_unit_test(failures_of_rendering_have_a_place),
		cmocka_unit_test(limits_stop_rendering),
		cmocka_unit_test(the_buffer_keeps_its_own_limit),
		cmocka_unit_test(nesting_is_limited),
		cmocka_unit_test(expressions_nest_32_deep),
		cmocka_unit_test(a_megabyte_of_braces_is_quickly_refused),
		cmocka_unit_test(the_variables_of_a_template_are_listed),
		cmocka_unit_test(a_template_prints_plainly_when_nothing_but_a_variable_can_be_a_hole),
		cmocka_unit_test(what_it_looks_at_is_known),
		cmocka_unit_test(a_template_without_variables_lists_none),
		cmocka_unit_test(the_data_may_be_missing_or_no_map),
		cmocka_unit_test(names_are_sorted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
