#include "fixture.h"

#include "engine/premises.h"
#include "tick/work.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the files of a mailbox are: the owner's own, or, in a shared database, those that root put there. */

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	f.e.etc = arena_printf(&f.arena, "%s/etc", f.folder);
	mkdir(f.e.etc, 0755);
	for (int i = 0; i < 2; i++) {
		const char *folder = arena_printf(&f.arena, "%s/%s", f.e.etc, i ? "secrets" : "actions");

		mkdir(folder, 0755);
		mkdir(arena_printf(&f.arena, "%s/sales", folder), 0755);
	}
	*state = &f;
	return 0;
}

static const struct team sales = { .id = 1, .name = "sales" }, support = { .id = 2, .name = "support" };

static const char *path(struct fixture *f, const char *below)
{
	return arena_printf(&f->arena, "%s/%s", f->folder, below);
}

static void put(struct fixture *f, const char *below, mode_t mode, const char *text)
{
	FILE *file = fopen(path(f, below), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path(f, below), mode), 0);
}

static const struct mailbox *look(struct fixture *f, const struct team *team, const struct mailbox *mb,
                                  const char **ret_problem)
{
	return premises_of_mailbox(&f->e, team, mb, &f->arena, ret_problem);
}

static void in_a_database_of_ones_own_everything_is_the_owners(void **state)
{
	struct fixture *f = *state;
	struct mailbox mb = { .name = "m", .transport = MAILBOX_MAILDIR, .path = "out",
		                  .smtp = { .password_file = "secret", .password_command = "pass show x | head -1",
		                            .token_command = "/bin/t", .ca_file = "/etc/ca" } };
	const char *problem;
	const struct mailbox *got = look(f, &sales, &mb, &problem);

	assert_non_null(got);
	assert_null(problem);
	assert_string_equal(got->path, path(f, "out"));
	assert_string_equal(got->smtp.password_file, path(f, "secret"));
	assert_string_equal(got->smtp.password_command, "pass show x | head -1");
	assert_string_equal(got->smtp.token_command, "/bin/t");
	assert_string_equal(got->smtp.ca_file, "/etc/ca");
}

static void in_a_shared_one_they_are_names_in_folders_of_the_team(void **state)
{
	struct fixture *f = *state;
	struct mailbox mb = { .name = "m", .transport = MAILBOX_SENDMAIL, .path = "msmtp-1.x",
		                  .smtp = { .password_file = "anna", .password_command = "ask", .token_command = "token" } };
	const char *problem;
	const struct mailbox *got;

	f->e.shared = true;
	got = look(f, &sales, &mb, &problem);
	assert_non_null(got);
	assert_string_equal(got->path, path(f, "etc/actions/sales/msmtp-1.x"));
	assert_string_equal(got->smtp.password_file, path(f, "etc/secrets/sales/anna"));
	assert_string_equal(got->smtp.password_command, arena_printf(&f->arena, "'%s'", path(f, "etc/actions/sales/ask")));
	assert_string_equal(got->smtp.token_command, arena_printf(&f->arena, "'%s'", path(f, "etc/actions/sales/token")));
}

static void two_teams_have_two_maildirs(void **state)
{
	struct fixture *f = *state;
	struct mailbox mb = { .name = "m", .transport = MAILBOX_MAILDIR, .path = "out" };
	const char *problem;
	struct stat st;

	f->e.shared = true;
	assert_string_equal(look(f, &sales, &mb, &problem)->path, path(f, "outbox/sales/out"));
	assert_string_equal(look(f, &support, &mb, &problem)->path, path(f, "outbox/support/out"));
	assert_int_equal(stat(path(f, "outbox/support"), &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
}

static void what_is_no_bare_name_is_refused(void **state)
{
	static const char *const bad[] = { "/etc/shadow", "../x", "a/b", "..", ".", ".hidden", "-oQ/tmp", "a b", "a;b", "a'b",
		                               "$(x)", "", "a\nb", "\xc3\xa4" };
	struct fixture *f = *state;

	f->e.shared = true;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct mailbox boxes[] = {
			{ .name = "m", .transport = MAILBOX_MAILDIR, .path = bad[i] },
			{ .name = "m", .transport = MAILBOX_SENDMAIL, .path = bad[i] },
			{ .name = "m", .smtp.password_file = bad[i] },
			{ .name = "m", .smtp.password_command = bad[i] },
			{ .name = "m", .smtp.token_command = bad[i] },
			{ .name = "m", .smtp.ca_file = bad[i] },
		};

		for (size_t k = 0; k < ARRAY_LEN(boxes); k++) {
			const char *problem;

			if (look(f, &sales, &boxes[k], &problem) || !strstr(problem, "in a shared database this is the name of a"))
				fail_msg("'%s' in place %zu", bad[i], k);
		}
	}
}

static void what_others_may_write_to_is_refused(void **state)
{
	struct fixture *f = *state;
	struct mailbox mb = { .name = "m", .transport = MAILBOX_SENDMAIL, .path = "send" };
	const char *problem;

	f->e.shared = true;
	put(f, "etc/actions/sales/send", 0755, "#!/bin/sh\n");
	assert_non_null(look(f, &sales, &mb, &problem));
	chmod(path(f, "etc/actions/sales/send"), 0775);
	assert_null(look(f, &sales, &mb, &problem));
	assert_non_null(strstr(problem, "others than root"));
	chmod(path(f, "etc/actions/sales/send"), 0755);
	chmod(path(f, "etc/actions/sales"), 0777);
	assert_null(look(f, &sales, &mb, &problem));
	chmod(path(f, "etc/actions/sales"), 0755);
	assert_non_null(look(f, &sales, &mb, &problem));
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(path(f, "etc/actions/sales/send"), 12345, 0), 0);
	assert_null(look(f, &sales, &mb, &problem));
}

/*
 * In a tick.
 */
static void enroll(struct fixture *f, const char *mailbox)
{
	fixture_apply(f, arena_printf(&f->arena, "kind: Mailbox\nname: m\nfrom: M <m@example.com>\n%s\n"
	                              "---\nkind: Pipeline\nname: p\nmailbox: m\n"
	                              "steps: [{email: {subject: One, text: First.}}]\n", mailbox));
	fixture_add(f, "carl@example.org", NULL);
	fixture_enroll(f, "p", "carl@example.org", NULL);
}

static const char *lane_says(struct fixture *f)
{
	return fixture_text(f, "SELECT reason || ' ' || reason_text FROM lane WHERE name = 'm'");
}

static void a_document_from_before_reads_and_executes_nothing(void **state)
{
	struct fixture *f = *state;

	put(f, "evil", 0755, "#!/bin/sh\ntouch \"${0%/*}/ran\"\n");
	enroll(f, "sendmail: FOLDER/evil");
	f->e.shared = true;
	fixture_tick(f, MONDAY_9AM);
	assert_true(strncmp(lane_says(f), "settings sendmail: ", 19) == 0);
	assert_non_null(strstr(lane_says(f), "in a shared database"));
	assert_int_equal(access(path(f, "ran"), F_OK), -1);
	assert_string_equal(fixture_text(f, "SELECT status FROM run"), "pending");
}

static void a_program_that_root_put_there_sends(void **state)
{
	struct fixture *f = *state;

	put(f, "etc/actions/sales/send", 0755, "#!/bin/sh\ncat >\"${0%/*}/mail\"\n");
	enroll(f, "sendmail: send");
	f->e.shared = true;
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(fixture_text(f, "SELECT state FROM message"), "sent");
	assert_int_equal(access(path(f, "etc/actions/sales/mail"), F_OK), 0);
}

static void a_command_for_the_password_is_executed_there(void **state)
{
	struct fixture *f = *state;

	put(f, "etc/actions/sales/ask", 0755, "#!/bin/sh\ntouch \"${0%/*}/asked\"\necho sesame\n");
	enroll(f, "smtp: {url: \"smtp://127.0.0.1:1\", user: m, password_command: ask, tls: none}");
	f->e.shared = true;
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(access(path(f, "etc/actions/sales/asked"), F_OK), 0);
	assert_true(strncmp(lane_says(f), "backoff ", 8) == 0);
}

static void mails_go_below_the_outbox_of_the_team(void **state)
{
	struct fixture *f = *state;

	enroll(f, "maildir: out");
	f->e.shared = true;
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "outbox/sales/out"), 1);
	assert_int_equal(fixture_mails(f, "out"), 0);
}

int main(void)
{
#define T(name, test) { name, test, setup, fixture_teardown, NULL }
	const struct CMUnitTest tests[] = {
		T("in a database of one's own everything is the owner's", in_a_database_of_ones_own_everything_is_the_owners),
		T("B21 in a shared one they are names in folders of the team",
		  in_a_shared_one_they_are_names_in_folders_of_the_team),
		T("B21 two teams have two maildirs", two_teams_have_two_maildirs),
		T("B21 what is no bare name is refused", what_is_no_bare_name_is_refused),
		T("B21 what others may write to is refused", what_others_may_write_to_is_refused),
		T("B21 a document from before reads and executes nothing", a_document_from_before_reads_and_executes_nothing),
		T("a program that root put there sends", a_program_that_root_put_there_sends),
		T("a command for the password is executed there", a_command_for_the_password_is_executed_there),
		T("mails go below the outbox of the team", mails_go_below_the_outbox_of_the_team),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
