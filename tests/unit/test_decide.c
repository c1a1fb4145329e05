#include "author_documents.h"

#include "base/clock.h"
#include "base/zone.h"
#include "model/decide.h"

/* The pure decision, where its neighbours do not get: instants at the end of time, and what ends a run. */

#define NOW INT64_C(1782945000)

static const struct calendar *no_calendar(const void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

static struct surroundings around(void)
{
	return (struct surroundings){ .zone = zone_utc(), .calendar = no_calendar };
}

static struct pipeline *pipeline_with(struct arena *a, const char *keys, const char *steps)
{
	return document_of(a, arena_printf(a, "kind: Pipeline\nname: p\n%ssteps: [%s]\n", keys, steps))->pipeline;
}

static void a_step_that_would_be_due_after_9999_is_an_error(void **state)
{
	static const char *const steps[] = { "{tag: x, after: 1 day}", "{wait: 1 day}", "{wait: {until: mon 00:00}}" };
	struct contact c = { 0 };
	struct surroundings s = around();
	const char *missing;
	int64_t due;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		ARENA_AUTO a = { 0 };
		struct err err = ERR_INIT;
		struct pipeline *p = pipeline_with(&a, "", steps[i]);

		assert_int_equal(decide_due(p, 0, INSTANT_MAX, INSTANT_MAX, &c, &s, &due, &missing, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, "9999"));
	}
}

static void a_mail_is_late_from_its_limit_on(void **state)
{
	static const struct {
		const char *late;
		int64_t now;
		enum decision_kind kind;
	} cases[] = {
		{ "{max: 1 hour, then: hold}", NOW + 3600, DECIDE_ACT },
		{ "{max: 1 hour, then: hold}", NOW + 3601, DECIDE_BLOCK },
		{ "{max: 1 hour, then: skip}", NOW + 3601, DECIDE_PASS },
		{ "{max: 1 hour, then: send}", NOW + 1000000, DECIDE_ACT },
	};
	struct contact c = { 0 };
	struct surroundings s = around();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		struct err err = ERR_INIT;
		struct pipeline *p = pipeline_with(&a, arena_printf(&a, "late: %s\n", cases[i].late), "{email: m}");
		struct facts f = { .contact = &c, .now = cases[i].now, .zone = zone_utc() };
		struct standing at = { .step = 0, .due_at = NOW };
		struct decision d;

		assert_int_equal(decide(p, &at, &f, &s, &d, &err), 0);
		assert_int_equal(d.kind, cases[i].kind);
	}
}

static void a_limit_after_9999_is_an_error(void **state)
{
	static const char *const steps[] = { "{email: m}", "{await: {tag: x}, within: 1 day}" };
	struct contact c = { 0 };
	struct surroundings s = around();
	struct facts f = { .contact = &c, .now = INSTANT_MAX, .zone = zone_utc() };
	struct standing at = { .step = 0, .due_at = INSTANT_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		ARENA_AUTO a = { 0 };
		struct err err = ERR_INIT;
		struct decision d;

		assert_int_equal(decide(pipeline_with(&a, "", steps[i]), &at, &f, &s, &d, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
	}
}

/* True: the first way, at once. Not yet: it waits, and at the end nothing is looked at any more. */
static void an_await_has_exactly_one_way_out(void **state)
{
	static const struct {
		const char *step;
		enum contact_kind kind;
		bool awaiting;
		enum decision_kind decided;
		int next;
		int64_t until;
	} cases[] = {
		{ "{await: {kind: lead}, within: 1 hour, then: [note: a], else: [note: b]}", CONTACT_LEAD, false, DECIDE_PASS, 1, 0 },
		{ "{await: {kind: lead}, within: 1 hour, then: [note: a], else: [note: b]}", CONTACT_CONTACT, false, DECIDE_WAIT, 0, NOW + 3600 },
		{ "{await: {kind: lead}, within: 1 hour, then: [note: a], else: [note: b]}", CONTACT_CONTACT, true, DECIDE_PASS, 2, 0 },
		{ "{await: {kind: lead}, within: 1 hour, then: [note: a], else: [note: b]}", CONTACT_LEAD, true, DECIDE_PASS, 2, 0 },
		{ "{await: {kind: lead}, within: 1 hour, then: [note: a]}", CONTACT_LEAD, true, DECIDE_PASS, 2, 0 },
		{ "{await: {kind: lead}, within: 1 hour, else: [note: b]}", CONTACT_LEAD, false, DECIDE_PASS, 2, 0 },
		{ "{await: {kind: lead}, within: 1 hour}", CONTACT_LEAD, false, DECIDE_PASS, 1, 0 },
		{ "{await: {kind: lead}, within: 0}", CONTACT_CONTACT, false, DECIDE_PASS, 1, 0 },
	};
	struct surroundings s = around();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		struct err err = ERR_INIT;
		struct contact c = { .kind = cases[i].kind };
		struct pipeline *p = pipeline_with(&a, "", arena_printf(&a, "%s, {note: c}", cases[i].step));
		struct facts f = { .contact = &c, .now = NOW, .zone = zone_utc() };
		struct standing at = { .step = 0, .due_at = NOW - 5, .awaiting = cases[i].awaiting };
		struct decision d;

		assert_int_equal(decide(p, &at, &f, &s, &d, &err), 0);
		if (d.kind != cases[i].decided || (d.kind == DECIDE_PASS && d.next != cases[i].next) ||
		    (d.kind == DECIDE_WAIT && d.until != cases[i].until))
			fail_msg("%zu: %d, next %d, until %lld", i, (int)d.kind, d.next, (long long)d.until);
	}
}

static void what_happened_ends_whom_it_concerns(void **state)
{
	static const struct {
		const char *keys, *step, *event, *reason;
		unsigned suppressed;
	} cases[] = {
		{ "", "{email: m}", "email.replied", "replied", 0 },
		{ "", "{tag: x}", "email.replied", NULL, 0 },
		{ "ignore: [replied]\n", "{email: m}", "email.replied", NULL, 0 },
		{ "", "{email: m}", "contact.converted", "converted", 0 },
		{ "", "{tag: x}", "contact.converted", NULL, 0 },
		{ "ignore: [converted]\n", "{email: m}", "contact.converted", NULL, 0 },
		{ "", "{email: m}", "contact.unsubscribed", "unsubscribed", 0 },
		{ "purpose: service\n", "{email: m}", "contact.unsubscribed", NULL, 0 },
		{ "", "{tag: x}", "contact.unsubscribed", NULL, 0 },
		{ "", "{tag: x}", "contact.deleted", "deleted", 0 },
		{ "", "{tag: x}", "email.bounced", "bounced", 0 },
		{ "", "{tag: x}", "email.complained", "complained", 0 },
		{ "", "{email: m}", "contact.updated", "complained", SUPPRESS_COMPLAINED },
		{ "purpose: service\n", "{email: m}", "contact.updated", "complained", SUPPRESS_COMPLAINED | SUPPRESS_UNSUBSCRIBED },
		{ "", "{email: m}", "contact.updated", "bounced", SUPPRESS_COMPLAINED | SUPPRESS_BOUNCED },
		{ "purpose: service\n", "{email: m}", "contact.updated", NULL, SUPPRESS_UNSUBSCRIBED },
		{ "", "{email: m}", "contact.updated", "unsubscribed", SUPPRESS_UNSUBSCRIBED },
		{ "", "{tag: x}", "contact.updated", NULL, SUPPRESS_BOUNCED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };
		struct contact c = { .suppressed = cases[i].suppressed };
		struct facts f = { .contact = &c, .now = NOW, .zone = zone_utc() };
		const char *reason = decide_stop(pipeline_with(&a, cases[i].keys, cases[i].step), cases[i].event, &f);

		if (!reason != !cases[i].reason || (reason && strcmp(reason, cases[i].reason) != 0))
			fail_msg("%s%s at %s, %u: %s", cases[i].keys, cases[i].step, cases[i].event, cases[i].suppressed,
			         reason ? reason : "goes on");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_that_would_be_due_after_9999_is_an_error),
		cmocka_unit_test(a_mail_is_late_from_its_limit_on),
		cmocka_unit_test(a_limit_after_9999_is_an_error),
		{ "B18 an await has exactly one way out", an_await_has_exactly_one_way_out, NULL, NULL, NULL },
		cmocka_unit_test(what_happened_ends_whom_it_concerns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("decisions", tests, NULL, NULL);
}
