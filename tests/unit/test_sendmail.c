#include "transport/sendmail.h"

#include "base/buf.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/sendmail_test.XXXXXX";
static char program[64];
static const char mail_text[] = "Subject: x\r\n\r\n.dot\r\n.\r\nend\r\n";

/* Writes the fake: a shell script whose folder is $here. */
static void fake(const char *body)
{
	FILE *f = fopen(program, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\nhere=%s\n%s\n", dir, body);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(program, 0700), 0);
}

static struct sendmail_job job(void)
{
	return (struct sendmail_job){ .program = program,
		                          .from = "a@x.test",
		                          .rcpt = "b@y.test",
		                          .content = mail_text,
		                          .len = sizeof mail_text - 1 };
}

/* Polls until it has ended; skip_ms later than the clock says. */
static struct delivery wait_for(struct sendmail *s, int64_t skip_ms)
{
	struct delivery d;
	struct pollfd fds[SENDMAIL_FDS_MAX];

	while (!sendmail_step(s, clock_monotonic_ms() + skip_ms, &d)) {
		size_t n = sendmail_fds(s, fds);
		int64_t wait = sendmail_wake_ms(s) - clock_monotonic_ms() - skip_ms;
		poll(fds, n, wait < 0 ? 0 : wait > 5000 ? 5000 : (int)wait);
	}
	return d;
}

static struct delivery run(const struct sendmail_job *j)
{
	struct delivery d;
	struct sendmail *s = sendmail_prepare(j, &d);

	if (!s)
		return d;
	sendmail_run(s, clock_monotonic_ms());
	d = wait_for(s, 0);
	sendmail_close(s);
	return d;
}

static char *slurp(const char *name, char *ret, size_t room)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	size_t n = fread(ret, 1, room - 1, f);
	ret[n] = '\0';
	fclose(f);
	unlink(path);
	return ret;
}

static void test_the_program_gets_what_it_should(void **state)
{
	char text[4096];
	struct sendmail_job j = job();
	int extra = dup2(2, 55); /* not close-on-exec: must not reach it all the same */
	(void)state;

	setenv("SECRET", "42", 1);
	signal(SIGPIPE, SIG_IGN);
	fake("printf '%s\\n' \"$@\" >$here/args; cat >$here/mail; env | sort >$here/env\n"
	     "[ -e /proc/$$/fd/55 ] && echo leaked >$here/fds || echo none >$here/fds; pwd >$here/pwd; grep "
	     "SigIgn /proc/$$/status >$here/ign");
	struct delivery d = run(&j);
	assert_string_equal(delivery_outcome_text(d.outcome), "sent");
	assert_string_equal(slurp("args", text, sizeof text), "-i\n-f\na@x.test\n--\nb@y.test\n");
	assert_string_equal(slurp("mail", text, sizeof text), "Subject: x\n\n.dot\n.\nend\n");
	assert_null(strstr(slurp("env", text, sizeof text), "SECRET"));
	assert_non_null(strstr(text, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"));
	assert_non_null(strstr(text, "HOME=/"));
	assert_string_equal(slurp("fds", text, sizeof text), "none\n");
	assert_string_equal(slurp("pwd", text, sizeof text), "/\n");
	/* the C library keeps two signals behind the named ones for itself */
	assert_int_equal(strtoull(slurp("ign", text, sizeof text) + 8, NULL, 16) & 0x7fffffff, 0);
	signal(SIGPIPE, SIG_DFL);
	close(extra);
}

static void test_exit_status(void **state)
{
	static const struct {
		int status;
		const char *outcome, *name;
		bool blames;
	} rows[] = {
		{ 0, "sent", "", false },
		{ 75, "retry", "EX_TEMPFAIL: ", false },
		{ 64, "refused", "EX_USAGE: ", true },
		{ 65, "refused", "EX_DATAERR: ", false },
		{ 66, "refused", "EX_NOINPUT: ", false },
		{ 67, "refused", "EX_NOUSER: ", false },
		{ 68, "refused", "EX_NOHOST: ", false },
		{ 69, "refused", "EX_UNAVAILABLE: ", false },
		{ 70, "refused", "EX_SOFTWARE: ", false },
		{ 71, "refused", "EX_OSERR: ", true },
		{ 72, "refused", "EX_OSFILE: ", true },
		{ 73, "refused", "EX_CANTCREAT: ", false },
		{ 74, "refused", "EX_IOERR: ", false },
		{ 76, "refused", "EX_PROTOCOL: ", false },
		{ 77, "refused", "EX_NOPERM: ", true },
		{ 78, "refused", "EX_CONFIG: ", true },
		{ 1, "refused", "exit status 1: ", false },
		{ 63, "refused", "exit status 63: ", false },
		{ 79, "refused", "exit status 79: ", false },
		{ 126, "settings", "exit status 126: ", false },
		{ 127, "settings", "exit status 127: ", false },
		{ 255, "refused", "exit status 255: ", false },
	};
	struct sendmail_job j = job();
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char body[200], text[64];
		snprintf(body, sizeof body, "printf 'first\\033 line\\nsecond\\n' >&2; exit %d", rows[i].status);
		fake(body);
		struct delivery d = run(&j);
		assert_string_equal(delivery_outcome_text(d.outcome), rows[i].outcome);
		assert_int_equal(d.code, rows[i].status);
		assert_int_equal(delivery_blames_mailbox(&d), rows[i].blames);
		snprintf(text, sizeof text, "%sfirst\\x1b line", rows[i].name);
		assert_string_equal(d.text, text);
	}
	fake("exit 75");
	assert_string_equal(run(&j).text, "EX_TEMPFAIL");
	fake("exit 3");
	assert_string_equal(run(&j).text, "exit status 3");
}

static void test_a_killed_program_leaves_a_doubt(void **state)
{
	struct sendmail_job j = job();
	(void)state;

	fake("kill -9 $$");
	assert_string_equal(delivery_outcome_text(run(&j).outcome), "in-doubt");
}

static void test_the_deadline_kills_it_and_its_children(void **state)
{
	struct sendmail_job j = job();
	struct delivery d;
	char text[64];
	(void)state;

	fake("sleep 1000 & echo $! >$here/child; wait");
	struct sendmail *s = sendmail_prepare(&j, &d);
	assert_non_null(s);
	sendmail_run(s, clock_monotonic_ms());
	char path[128];
	struct stat st = { 0 };
	snprintf(path, sizeof path, "%s/child", dir);
	while (stat(path, &st) < 0 || st.st_size == 0)
		poll(NULL, 0, 1);
	assert_int_equal(sendmail_step(s, clock_monotonic_ms() + 299000, &d), 0);
	d = wait_for(s, 300000);
	assert_string_equal(delivery_outcome_text(d.outcome), "in-doubt");
	assert_non_null(strstr(d.text, "in time"));
	pid_t child = (pid_t)strtol(slurp("child", text, sizeof text), NULL, 10);
	/* The orphan's new parent may take a moment to bury it. */
	snprintf(path, sizeof path, "/proc/%d/stat", child);
	char *state_at;
	do {
		FILE *f = fopen(path, "r");
		if (!f)
			break;
		state_at = fgets(text, sizeof text, f) ? strchr(text, ')') : NULL;
		fclose(f);
	} while (state_at && state_at[2] != 'Z');
	sendmail_close(s);
}

static void test_much_on_stderr_does_not_block(void **state)
{
	struct sendmail_job j = job();
	(void)state;

	fake("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 75");
	struct delivery d = run(&j);
	assert_string_equal(delivery_outcome_text(d.outcome), "retry");
	assert_int_equal(strlen(d.text), DELIVERY_TEXT - 1);
}

static void test_a_program_that_reads_nothing(void **state)
{
	BUF_AUTO big = BUF_INIT(4 << 20);
	struct sendmail_job j = job();
	(void)state;

	while (big.len < (2u << 20))
		buf_adds(&big, "a line of a mail that is far longer than any pipe\r\n");
	j.content = big.s;
	j.len = big.len;
	fake("exit 0");
	assert_string_equal(delivery_outcome_text(run(&j).outcome), "sent");
	fake("wc -c >$here/size");
	assert_string_equal(delivery_outcome_text(run(&j).outcome), "sent");
	char text[32];
	assert_int_equal(strtoul(slurp("size", text, sizeof text), NULL, 10), big.len / 51 * 50);
}

static void test_several_at_once(void **state)
{
	struct sendmail *all[8];
	struct sendmail_job j = job();
	struct delivery d;
	char path[128], text[64];
	(void)state;

	/* Each waits until the last one has come: they can only end when they run side by side. */
	fake("echo >>$here/here; until [ $(wc -l <$here/here) -ge 8 ]; do sleep 0.01; done");
	for (size_t i = 0; i < 8; i++) {
		all[i] = sendmail_prepare(&j, &d);
		assert_non_null(all[i]);
		sendmail_run(all[i], clock_monotonic_ms());
	}
	for (size_t i = 0; i < 8; i++) {
		d = wait_for(all[i], 0);
		assert_string_equal(delivery_outcome_text(d.outcome), "sent");
		sendmail_close(all[i]);
	}
	snprintf(path, sizeof path, "%s/here", dir);
	slurp("here", text, sizeof text);
}

static void test_what_cannot_be_started(void **state)
{
	struct sendmail_job j = job();
	struct delivery d;
	(void)state;

	fake("exit 0");
	assert_int_equal(chmod(program, 0600), 0);
	assert_null(sendmail_prepare(&j, &d));
	assert_string_equal(delivery_outcome_text(d.outcome), "settings");
	j.program = "/nowhere/sendmail";
	assert_null(sendmail_prepare(&j, &d));
	assert_string_equal(delivery_outcome_text(d.outcome), "settings");
	assert_non_null(strstr(d.text, "/nowhere/sendmail"));
	j.program = "sendmail";
	assert_null(sendmail_prepare(&j, &d));
	j.program = "/tmp";
	assert_null(sendmail_prepare(&j, &d));
	j = job();
	FILE *f = fopen(program, "w");
	fputs("#!/nowhere/shell\n", f);
	fclose(f);
	chmod(program, 0700);
	d = run(&j);
	assert_string_equal(delivery_outcome_text(d.outcome), "settings");
}

static void test_what_may_not_be_sent(void **state)
{
	struct sendmail_job j = job();
	struct delivery d;
	(void)state;

	fake("touch $here/ran");
	j.content = "bare\n";
	j.len = 5;
	assert_null(sendmail_prepare(&j, &d));
	assert_string_equal(delivery_outcome_text(d.outcome), "refused");
	j = job();
	j.rcpt = "-oQ/tmp";
	assert_null(sendmail_prepare(&j, &d));
	assert_string_equal(delivery_outcome_text(d.outcome), "refused");
	j = job();
	j.from = "a@b\n-C/tmp/x";
	assert_null(sendmail_prepare(&j, &d));
	assert_string_equal(delivery_outcome_text(d.outcome), "settings");
	j = job();
	struct sendmail *s = sendmail_prepare(&j, &d);
	sendmail_close(s);
	char path[128];
	snprintf(path, sizeof path, "%s/ran", dir);
	assert_int_equal(access(path, F_OK), -1);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(program, sizeof program, "%s/fake", mkdtemp(dir) ? dir : "");
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(program);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "2.22 arguments, mail, environment and files are what they should be",
		  test_the_program_gets_what_it_should, NULL, NULL, NULL },
		{ "2.22 the exit status says what became of it", test_exit_status, NULL, NULL, NULL },
		{ "2.1 a killed program leaves a doubt", test_a_killed_program_leaves_a_doubt, NULL, NULL, NULL },
		{ "the deadline kills the program and its children", test_the_deadline_kills_it_and_its_children,
		  NULL, NULL, NULL },
		{ "much on stderr does not block", test_much_on_stderr_does_not_block, NULL, NULL, NULL },
		{ "a program that reads nothing, and one that reads much", test_a_program_that_reads_nothing, NULL,
		  NULL, NULL },
		{ "several run at once", test_several_at_once, NULL, NULL, NULL },
		{ "what cannot be started is a matter of settings", test_what_cannot_be_started, NULL, NULL, NULL },
		{ "what may not be sent starts nothing", test_what_may_not_be_sent, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
