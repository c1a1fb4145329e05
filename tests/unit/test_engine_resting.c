#include "fixture.h"

#include "engine/work.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Mailboxes that rest: what makes them, and what ends it. */

#define OK(call)                                   \
	do {                                           \
		struct err err = ERR_INIT;                 \
		if ((call) < 0)                            \
			fail_msg("%s: %s", #call, err.text);   \
	} while (0)

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

static void write_file(struct fixture *f, const char *name, mode_t mode, const char *text)
{
	const char *path = arena_printf(&f->arena, "%s/%s", f->folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/*
 * Programs.
 */
static void use_program(struct fixture *f, int people)
{
	write_file(f, "send", 0755, "#!/bin/sh\ncat >/dev/null\n. \"${0%/*}/answer\"\n");
	fixture_apply(f, "kind: Mailbox\nname: prog\nfrom: Prog <prog@example.com>\nsendmail: FOLDER/send\n"
	                 "---\nkind: Pipeline\nname: one\nmailbox: prog\nsteps: [{email: {subject: One, text: First.}}]\n");
	for (int i = 0; i < people; i++) {
		const char *email = arena_printf(&f->arena, "p%d@example.org", i);

		fixture_add(f, email, NULL);
		fixture_enroll(f, "one", email, NULL);
	}
}

/* The next mail, whose program ends so. */
static void one_mail(struct fixture *f, const char *answer)
{
	struct work_options how = { .max = 1 };
	struct work_count n;

	write_file(f, "answer", 0644, arena_printf(&f->arena, "%s\n", answer));
	OK(work(&f->e, &how, &n, &err));
}

static const char *lane_of_program(struct fixture *f)
{
	return fixture_text(f, "SELECT reason || ' ' || reason_text FROM lane WHERE name = 'prog'");
}

static void a_refusal_of_a_program_is_one_of_the_message(void **state)
{
	struct fixture *f = *state;

	use_program(f, 2);
	one_mail(f, "echo no such mailbox here >&2; echo more >&2; exit 67");
	assert_string_equal(fixture_text(f, "SELECT reason || ' ' || reason_text FROM run WHERE status = 'blocked'"),
	                    "undeliverable 67 EX_NOUSER: no such mailbox here");
	assert_string_equal(fixture_text(f, "SELECT reply FROM message WHERE state = 'refused'"),
	                    "67 EX_NOUSER: no such mailbox here");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM suppression"), 0);
	assert_string_equal(lane_of_program(f), " ");
	one_mail(f, "exit 0");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE state = 'sent'"), 1);
}

static void three_refusals_in_a_row_about_the_set_up_rest_the_mailbox(void **state)
{
	static const char *const answers[] = { "exit 78", "exit 77", "exit 65", "exit 64", "exit 71" };
	struct fixture *f = *state;

	use_program(f, 8);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		one_mail(f, answers[i]);
		assert_string_equal(lane_of_program(f), " ");
	}
	one_mail(f, "echo no configuration >&2; exit 72");
	assert_string_equal(lane_of_program(f), "settings 72 EX_OSFILE: no configuration");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE status = 'blocked'"), 6);
	one_mail(f, "exit 0"); /* it rests: nobody else is blamed */
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM run WHERE status = 'pending'"), 2);
	f->e.now += 3600;
	one_mail(f, "exit 0");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE state = 'sent'"), 1);
	assert_string_equal(lane_of_program(f), " ");
}

static void a_program_that_says_later_or_dies(void **state)
{
	struct fixture *f = *state;

	use_program(f, 2);
	one_mail(f, "echo busy >&2; exit 75");
	assert_string_equal(fixture_text(f, "SELECT state || ' ' || reply FROM message"), "queued 75 EX_TEMPFAIL: busy");
	one_mail(f, "kill -9 $$");
	assert_string_equal(fixture_text(f, "SELECT reason FROM run WHERE status = 'blocked'"), "in-doubt");
}

int main(void)
{
#define T(name, test) { name, test, setup, teardown, NULL }
	const struct CMUnitTest tests[] = {
		T("2.22 a refusal of a program is one of the message", a_refusal_of_a_program_is_one_of_the_message),
		T("2.22 three refusals in a row about the set-up rest the mailbox",
		  three_refusals_in_a_row_about_the_set_up_rest_the_mailbox),
		T("2.22 a program that says later, or dies", a_program_that_says_later_or_dies),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
