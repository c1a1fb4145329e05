#include "author_documents.h"

#include "base/zone.h"
#include "model/condition.h"

/* 2026-07-01 22:30 UTC, which is July 2nd in Berlin. */
#define NOW INT64_C(1782945000)

static struct contact someone(struct arena *a)
{
	struct contact c = { .email = "Anna@Example.com", .kind = CONTACT_LEAD };

	contact_put(&c, a, "plan", "pro");
	contact_put(&c, a, "employees", "25");
	contact_put(&c, a, "renewal", "2026-07-16");
	contact_put(&c, a, "seen", "2026-06-30T10:00:00Z");
	contact_put(&c, a, "languages", "[\"de\", \"en\"]");
	contact_put(&c, a, "country", "Deutschland");
	contact_put(&c, a, "newsletter", "yes");
	contact_put(&c, a, "owner", "anna");
	contact_put(&c, a, "lifecycle", "lead");
	contact_put(&c, a, "short", "2026");
	contact_put(&c, a, "slashed", "2026/07/01");
	contact_put(&c, a, "wild", "2026-99-01");
	contact_put(&c, a, "half", "2026-07/01");
	contact_put(&c, a, "broken", "[\"de\"");
	contact_tag(&c, a, "trial");
	contact_tag(&c, a, "hot");
	return c;
}

static bool holds(const char *condition, const char *event)
{
	ARENA_AUTO a = { 0 };
	struct contact c = someone(&a);
	const struct fact fact = { .type = event, .at = NOW - 60, .step = "" };
	struct zone *berlin;
	struct err err = ERR_INIT;
	struct facts f = { .contact = &c, .happened = &fact, .n_happened = event ? 1 : 0, .now = NOW };
	bool ret;

	assert_int_equal(zone_open("Europe/Berlin", &berlin, &err), 0);
	f.zone = berlin;
	ret = cond_true(cond_of(&a, condition), &f);
	zone_free(berlin);
	return ret;
}

static void test_tests(void **state)
{
	static const struct {
		const char *condition;
		bool wanted;
	} cases[] = {
		{ "{tag: trial}", true },
		{ "{tag: [cold, hot]}", true },
		{ "{tag: Hot}", false },
		{ "{kind: lead}", true },
		{ "{kind: contact}", false },
		{ "{kind: [contact, lead]}", true },
		{ "{owner: anna}", true },
		{ "{owner: [bob, carl]}", false },
		{ "{lifecycle: [lead, mql]}", true },
		{ "{lifecycle: customer}", false },
		{ "{field: {plan: pro}}", true },
		{ "{field: {plan: Pro}}", false },
		{ "{field: {plan: [free, team]}}", false },
		{ "{field: {email: Anna@Example.com}}", true },
		{ "{field: {email: {contains: '@example.'}}}", true },
		{ "{field: {kind: lead}}", true },
		{ "{field: {employees: 25.0}}", true },
		{ "{field: {employees: {at_least: 25}}}", true },
		{ "{field: {employees: {at_least: 25.01}}}", false },
		{ "{field: {employees: {at_least: 9, at_most: 100}}}", true },
		{ "{field: {employees: {at_most: 3}}}", false },
		{ "{field: {plan: {at_least: 1}}}", false },
		{ "{field: {country: {contains: SCHLAND}}}", true },
		{ "{field: {languages: de}}", true },
		{ "{field: {languages: [fr, en]}}", true },
		{ "{field: {languages: d}}", false },
		{ "{field: {languages: {contains: en}}}", true },
		{ "{field: {languages: {contains: e}}}", false },
		{ "{field: {newsletter: 'yes'}}", true },
		{ "{field: {phone: {set: true}}}", false },
		{ "{field: {phone: {set: false}}}", true },
		{ "{field: {plan: {set: yes}}}", true },
		{ "{field: {phone: x}}", false },
		{ "{field: {phone: {at_least: 0}}}", false },
		{ "{field: {renewal: {before: 2026-07-17}}}", true },
		{ "{field: {renewal: {before: 2026-07-16}}}", false },
		{ "{field: {renewal: {after: 2026-07-15}}}", true },
		{ "{field: {renewal: {after: 2026-07-16}}}", false },
		{ "{field: {renewal: {at_least: 2026-07-16, at_most: 2026-07-16}}}", true },
		{ "{field: {seen: {at_least: 2026-06-30, at_most: 2026-06-30}}}", true },
		{ "{field: {seen: {after: 2026-06-30}}}", false },
		{ "{field: {plan: {before: 2026-06-30}}}", false },
		{ "{field: {renewal: {within: 2 weeks}}}", true },  /* in Berlin it is the 2nd */
		{ "{field: {renewal: {within: 13 days}}}", false },
		{ "{field: {seen: {within: 2 days}}}", true },
		{ "{field: {seen: {within: 1 day}}}", false },
		{ "{field: {plan: {within: 1 day}}}", false },
		{ "{field: {plan: pro, employees: {at_least: 10}}}", true },
		{ "{field: {plan: pro, employees: {at_least: 30}}}", false },
		{ "{field: {short: {within: 1 week}}}", false },
		{ "{field: {slashed: {within: 1 week}}}", false },
		{ "{field: {wild: {within: 1 week}}}", false },
		{ "{field: {half: {within: 1 week}}}", false },
		{ "{field: {slashed: {before: 2026-07-02}}}", false },
		{ "{field: {short: {before: 2027-07-02}}}", false },
		{ "{field: {plan: {at_most: 1}}}", false },
		{ "{field: {employees: {before: 2026-07-02}}}", false },
		{ "{field: {employees: {at_least: 2026-07-02}}}", false },
		{ "{field: {broken: de}}", false },
		{ "unsubscribed", false },
		{ "{unsubscribed: false}", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (holds(cases[i].condition, NULL) != cases[i].wanted)
			fail_msg("%s", cases[i].condition);
}

static void test_groups(void **state)
{
	static const struct {
		const char *condition;
		bool wanted;
	} cases[] = {
		{ "{tag: trial, kind: lead}", true },
		{ "{tag: trial, kind: contact}", false },
		{ "{all: [{tag: trial}, {tag: hot}]}", true },
		{ "{all: [{tag: trial}, {tag: cold}]}", false },
		{ "{any: [{tag: cold}, {kind: lead}]}", true },
		{ "{any: [{tag: cold}, {kind: contact}]}", false },
		{ "{not: {tag: cold}}", true },
		{ "{not: {tag: hot, kind: contact}}", true },
		{ "{not: {not: {tag: hot}}}", true },
		{ "{any: [{tag: cold}, {all: [{tag: hot}, {not: {kind: contact}}]}], tag: trial}", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (holds(cases[i].condition, NULL) != cases[i].wanted)
			fail_msg("%s", cases[i].condition);
}

static void test_events(void **state)
{
	static const struct {
		const char *condition, *event;
		bool wanted;
	} cases[] = {
		{ "{event: order.placed}", "order.placed", true },
		{ "{event: order.placed}", "order.paid", false },
		{ "{event: order.placed}", NULL, false },
		{ "{event: [order.paid, order.placed]}", "order.placed", true },
		{ "{event: {type: order.placed}}", "order.placed", true },
		{ "replied", "email.replied", true },
		{ "replied", "mail.replied", false },
		{ "{replied: true}", "email.replied", true },
		{ "{replied: no}", "email.replied", false },
		{ "{not: replied}", "email.replied", false },
		{ "converted", "contact.converted", true },
		{ "converted", "email.replied", false },
		{ "{event: order.placed, tag: hot}", "order.placed", true },
		{ "{event: order.placed, tag: cold}", "order.placed", false },
		{ "{any: [replied, {tag: hot}]}", NULL, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (holds(cases[i].condition, cases[i].event) != cases[i].wanted)
			fail_msg("%s at %s", cases[i].condition, cases[i].event ? cases[i].event : "nothing");
}

static void test_unsubscribed(void **state)
{
	ARENA_AUTO a = { 0 };
	struct contact c = someone(&a);
	struct facts f = { .contact = &c, .now = NOW };

	(void)state;
	c.suppressed = SUPPRESS_BOUNCED;
	assert_false(cond_true(cond_of(&a, "unsubscribed"), &f));
	c.suppressed |= SUPPRESS_UNSUBSCRIBED;
	assert_true(cond_true(cond_of(&a, "unsubscribed"), &f));
}

/* Without a zone days are those in UTC; whoever has no owner is nobody's. */
static void test_nobodys(void **state)
{
	ARENA_AUTO a = { 0 };
	struct contact c = { .email = "x@example.com" };
	struct facts f = { .contact = &c, .now = NOW };

	(void)state;
	contact_put(&c, &a, "renewal", "2026-07-15");
	assert_true(cond_true(cond_of(&a, "{field: {renewal: {within: 2 weeks}}}"), &f));
	assert_false(cond_true(cond_of(&a, "{field: {renewal: {within: 13 days}}}"), &f));
	assert_false(cond_true(cond_of(&a, "{owner: [anna, bob]}"), &f));
	contact_put(&c, &a, "kind", NULL);
	assert_true(cond_true(cond_of(&a, "{kind: lead}"), &f));
	contact_put(&c, &a, "renewal", NULL);
	contact_put(&c, &a, "renewal", "");
	contact_untag(&c, "never");
	assert_null(contact_get(&c, "renewal"));
}

static void append(const char *type, void *ctx)
{
	buf_addf(ctx, " %s", type);
}

static void test_words(void **state)
{
	static const struct {
		const char *condition, *words, *types;
		bool event;
	} cases[] = {
		{ "{tag: trial}", "tag is trial", "", false },
		{ "{field: {plan: pro}, tag: [a, b, c]}", "plan is pro and tag is a, b or c", "", false },
		{ "{field: {employees: {at_least: 10, at_most: 20}}}", "employees is at least 10 and employees is at most 20", "", false },
		{ "{field: {phone: {set: true}, fax: {set: no}}}", "phone is set and fax is not set", "", false },
		{ "{field: {renewal: {within: 1 day}}}", "renewal is within 1 day", "", false },
		{ "{not: {kind: lead, owner: bob}}", "not (kind is lead and owner is bob)", "", false },
		{ "{all: [{tag: a}, {any: [replied, converted]}]}", "tag is a and (replied or converted)",
		  " email.replied contact.converted", true },
		{ "{event: [order.placed, order.paid], unsubscribed: no}", "event is order.placed or order.paid and not (unsubscribed)",
		  " order.placed order.paid contact.unsubscribed", true },
		{ "{unsubscribed: yes}", "unsubscribed", " contact.unsubscribed", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		BUF_AUTO words = BUF_INIT(1000);
		BUF_AUTO types = BUF_INIT(1000);
		const struct cond *c = cond_of(&a, cases[i].condition);

		cond_describe(c, &words);
		cond_event_types(c, append, &types);
		assert_string_equal(words.s, cases[i].words);
		assert_string_equal(types.s, cases[i].types);
		assert_int_equal(cond_is_event(c), cases[i].event);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tests),
		{ "S4.22 conditions joined by and, or, not", test_groups, NULL, NULL, NULL },
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_unsubscribed),
		cmocka_unit_test(test_nobodys),
		cmocka_unit_test(test_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conditions", tests, NULL, NULL);
}
