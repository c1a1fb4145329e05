#include "author_documents.h"

#include "model/step_text.h"

/* Steps and pipelines in the words of `show`. */

static void steps_in_words(void **state)
{
	static const struct {
		const char *step, *words;
	} cases[] = {
		{ "{email: welcome}", "welcome" },
		{ "{email: {subject: Hello, text: x}}", "\"Hello\"" },
		{ "{email: welcome, thread: previous, hours: always}", "welcome (thread previous) (hours always)" },
		{ "{wait: 3 business days}", "3 business days" },
		{ "{wait: {until: tue 09:00}}", "until tue 09:00" },
		{ "{wait: {until: day 5 17:30}}", "until day 5 17:30" },
		{ "{wait: {until: {field: renewal}}}", "until renewal" },
		{ "{wait: {until: {field: renewal, before: 3 days, at: 09:05}}}", "until 3 days before renewal at 09:05" },
		{ "{tag: [hot, dach]}", "hot, dach" },
		{ "{untag: hot}", "hot" },
		{ "{set: {plan: pro, owner: bob}}", "plan = pro, owner = bob" },
		{ "{note: Seen}", "Seen" },
		{ "{exit: no answer}", "no answer" },
		{ "{if: {field: {renewal: {within: 2 days}}}, then: [{tag: x}]}", "renewal is within 2 days" },
		{ "{if: {all: [{all: [{tag: a}, {tag: b}]}, {any: [{tag: c}, {tag: d}]}]}, then: [{tag: x}]}",
		  "tag is a and tag is b and (tag is c or tag is d)" },
		{ "{if: {any: [{all: [{tag: a}, {tag: b}]}, {tag: c}]}, then: [{tag: x}]}", "(tag is a and tag is b) or tag is c" },
		{ "{task: Call, type: call, to: bob, due: 1 day, hold: done}", "Call (call, to bob, due in 1 day, waits until done)" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		BUF_AUTO words = BUF_INIT(1000);
		const char *before = strstr(cases[i].step, "previous") ? "  - {email: welcome, id: w}\n" : "";
		struct pipeline *p = pipeline_of(&a, arena_printf(&a, "%s  - %s\n", before, cases[i].step));

		step_describe(&p->steps[*before ? 1 : 0], &words);
		assert_string_equal(words.s, cases[i].words);
	}
}

static struct pipeline *with_keys(struct arena *a, const char *keys, const char *step)
{
	return document_of(a, arena_printf(a, "kind: Pipeline\nname: p\n%ssteps: [%s]\n", keys, step))->pipeline;
}

static void entries_in_words(void **state)
{
	static const struct {
		const char *keys, *words;
	} cases[] = {
		{ "", "by hand" },
		{ "enroll: {new_contacts: true}\n", "new contacts" },
		{ "enroll: {new_contacts: true, again: always}\n", "new contacts (each time)" },
		{ "enroll: {when: {tag: a}, again: after 90 days, if: {tag: b}}\n", "when tag is a (again after 90 days); only if tag is b" },
		{ "enroll: {new_contacts: true, when: [{tag: a}, {event: order.placed}]}\n",
		  "new contacts; when tag is a; when event is order.placed (each time)" },
		{ "enroll: {if: {tag: b}}\n", "by hand; only if tag is b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		BUF_AUTO words = BUF_INIT(1000);

		pipeline_describe_entry(with_keys(&a, cases[i].keys, "{tag: x}"), &words);
		assert_string_equal(words.s, cases[i].words);
	}
}

static void ends_in_words(void **state)
{
	static const struct {
		const char *keys, *step, *words;
	} cases[] = {
		{ "", "{tag: x}", "" },
		{ "stop: [{tag: a}, {tag: b}]\n", "{tag: x}", "tag is a; tag is b" },
		{ "", "{email: m}", "replied; converted" },
		{ "ignore: [replied]\n", "{email: m}", "converted" },
		{ "ignore: [converted]\n", "{email: m}", "replied" },
		{ "ignore: [replied, converted]\nstop: {tag: a}\n", "{email: m}", "tag is a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		BUF_AUTO words = BUF_INIT(1000);

		pipeline_describe_stop(with_keys(&a, cases[i].keys, cases[i].step), &words);
		assert_string_equal(words.s, cases[i].words);
	}
}

static void what_it_is_doing_and_from_where(void **state)
{
	ARENA_AUTO a = { 0 };
	BUF_AUTO words = BUF_INIT(1000);
	struct pipeline *p = with_keys(&a, "active: false\nmailbox: [a, b]\nlate: {max: 6 hours, then: skip}\n", "{email: m}");

	(void)state;
	assert_string_equal(pipeline_state(p), "draft");
	pipeline_describe_mailbox(p, &words);
	pipeline_describe_late(p, &words);
	assert_string_equal(words.s, "a, bskip when more than 6 hours late");
	p = with_keys(&a, "", "{email: m}");
	assert_string_equal(pipeline_state(p), "active");
	p->paused_at = 1;
	assert_string_equal(pipeline_state(p), "paused");
	buf_clear(&words);
	pipeline_describe_mailbox(p, &words);
	assert_string_equal(words.s, "of the team");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_in_words),
		cmocka_unit_test(entries_in_words),
		cmocka_unit_test(ends_in_words),
		cmocka_unit_test(what_it_is_doing_and_from_where),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("steps in words", tests, NULL, NULL);
}
