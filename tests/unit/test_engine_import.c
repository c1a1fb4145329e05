#include "fixture.h"

#include "engine/import.h"

#include <stdio.h>
#include <string.h>

/* Which starts of a pipeline an import may set off: brings are fields and tags, "+" any tags, "!" suppressions. */
static const struct {
	const char *enroll, *brings;
	bool starts;
} cases[] = {
	{ "{new_contacts: true}", "", true },
	{ "{if: {tag: x}}", "tag x", false },
	{ "{when: {tag: trial}}", "", false },
	{ "{when: {tag: trial}}", "plan", false },
	{ "{when: {tag: trial}}", "tag trial", true },
	{ "{when: {tag: [a, trial]}}", "tag trial", true },
	{ "{when: {tag: trial}}", "tag fair", false },
	{ "{when: {tag: trial}}", "+", true },
	{ "{when: {field: {plan: pro}}}", "plan", true },
	{ "{when: {field: {plan: pro}}}", "company", false },
	{ "{when: {field: {plan: {set: false}}}}", "", true },
	{ "{when: {not: {tag: customer}}}", "", true },
	{ "{when: {kind: lead}}", "", true },
	{ "{when: {kind: contact}}", "", false },
	{ "{when: {kind: contact}}", "kind", true },
	{ "{when: {owner: tester}}", "", false },
	{ "{when: {owner: tester}}", "owner", true },
	{ "{when: {all: [{tag: trial}, {field: {plan: pro}}]}}", "plan", true }, /* who has the tag already */
	{ "{when: {all: [{tag: trial}, {field: {plan: pro}}]}}", "company", false },
	{ "{when: {any: [{tag: trial}, {field: {plan: pro}}]}}", "plan", true },
	{ "{when: {event: order.placed}}", "plan", false },
	{ "{when: {event: contact.created}}", "", true },
	{ "{when: {event: contact.updated}}", "", true },
	{ "{when: {all: [{event: order.placed}, {tag: trial}]}}", "tag trial", false },
	{ "{when: {all: [{event: contact.tagged}, {tag: trial}]}}", "tag trial", true },
	{ "{when: replied}", "plan", false },
	{ "{when: converted}", "plan", false },
	{ "{when: converted}", "kind", true },
	{ "{when: unsubscribed}", "!", true },
	{ "{when: [{tag: trial}, {field: {plan: pro}}]}", "plan", true },
};

static struct import_brings brings_of(const char *text, const char *names[1])
{
	struct import_brings b = { .any_tags = *text == '+', .suppresses = *text == '!' };
	bool tag = strncmp(text, "tag ", 4) == 0;
	struct names *list = tag ? &b.tags : &b.fields;

	names[0] = tag ? text + 4 : text;
	if (*text && !b.any_tags && !b.suppresses)
		*list = (struct names){ names, 1 };
	return b;
}

static void s0_17_an_import_knows_what_it_would_start(void **state)
{
	char yaml[512];
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;
		const char *names[1];
		struct import_brings brings = brings_of(cases[i].brings, names);
		const struct pipeline *p;
		struct err err = ERR_INIT;
		struct world *w;
		size_t at = 0;

		fixture_open(&f);
		snprintf(yaml, sizeof yaml,
		         "kind: Fields\nname: contact\nfields: {plan: {type: choice, values: [free, pro]}}\n"
		         "events: {order.placed: {total: number}}\n"
		         "---\nkind: Pipeline\nname: p\nenroll: %s\nsteps: [{tag: x}]\n", cases[i].enroll);
		fixture_apply(&f, yaml);
		assert_int_equal(engine_world(&f.e, f.team, &w, &err), 0);
		p = import_starts(w, &brings, &at);
		if ((p != NULL) != cases[i].starts) {
			print_message("%s with '%s': %s\n", cases[i].enroll, cases[i].brings, p ? "starts" : "does not start");
			bad++;
		}
		fixture_close(&f);
	}
	assert_int_equal(bad, 0);
}

static void a_draft_starts_nothing(void **state)
{
	struct import_brings brings = { 0 };
	struct err err = ERR_INIT;
	struct fixture f;
	struct world *w;
	size_t at = 0;

	(void)state;
	fixture_open(&f);
	fixture_apply(&f, "kind: Pipeline\nname: p\nactive: false\nenroll: {new_contacts: true}\nsteps: [{tag: x}]\n");
	assert_int_equal(engine_world(&f.e, f.team, &w, &err), 0);
	assert_null(import_starts(w, &brings, &at));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(s0_17_an_import_knows_what_it_would_start),
		cmocka_unit_test(a_draft_starts_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
