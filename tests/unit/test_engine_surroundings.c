#include "fixture.h"

#include <string.h>
#include <unistd.h>

/* What a run sees around it: the team's words in mails, and where a Mailbox keeps its files. */

static const char greeting[] = "---\nkind: Pipeline\nname: greeting\nenroll: {new_contacts: true}\nsteps:\n"
                               "  - email: {subject: Hello, text: \"{{ team.name }}/{{ team.timezone }}/"
                               "{{ team.language }}/{{ team.address | default:'no address' }}\"}\n"
                               "    id: hello\n";

static void all_that_is_known_of_a_team_can_be_written(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, greeting);
	fixture_add(f, "anna@example.org", NULL);
	fixture_tick(f, MONDAY_9AM);
	assert_non_null(fixture_mail_with(f, "hello", "sales/Europe/Berlin/en/no address"));
}

static void a_maildir_without_a_slash_lies_beside_the_database(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: outbox\n");
	fixture_apply(f, greeting);
	fixture_add(f, "anna@example.org", NULL);
	assert_int_equal(chdir("/"), 0);
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "outbox"), 1);
}

static void a_password_file_without_a_slash_lies_beside_the_database(void **state)
{
	struct fixture *f = *state;

	fixture_apply(f, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\n"
	                 "smtp: {url: \"smtp://127.0.0.1:1\", user: me, password_file: secret, tls: none}\n");
	fixture_apply(f, greeting);
	fixture_add(f, "anna@example.org", NULL);
	assert_int_equal(chdir("/"), 0);
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(fixture_text(f, "SELECT reason FROM lane WHERE kind = 'mailbox'"), "settings");
	assert_non_null(strstr(fixture_text(f, "SELECT reason_text FROM lane WHERE kind = 'mailbox'"),
	                       arena_printf(&f->arena, "%s/secret", f->folder)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_that_is_known_of_a_team_can_be_written, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_maildir_without_a_slash_lies_beside_the_database, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_password_file_without_a_slash_lies_beside_the_database, fixture_setup,
		                                fixture_teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
