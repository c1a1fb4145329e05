#include "base/account.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

static struct passwd anna = { .pw_name = (char *)(uintptr_t)"anna" };
static int fails_with;

struct passwd *__wrap_getpwuid(uid_t uid);

struct passwd *__wrap_getpwuid(uid_t uid)
{
	if (uid == 7 && !fails_with)
		return &anna;
	if (fails_with)
		errno = fails_with;
	return NULL;
}

static void an_account_is_there_or_not(void **state)
{
	(void)state;
	fails_with = 0;
	assert_string_equal(account_find(7)->pw_name, "anna");
	errno = ENOMEM;
	assert_null(account_find(8));
	fails_with = ENOENT;
	assert_null(account_find(7));
}

static void without_memory_no_account_is_denied(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		fails_with = ENOMEM;
		close(STDERR_FILENO);
		account_find(7);
		_exit(EX_OK);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_OSERR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_is_there_or_not),
		cmocka_unit_test(without_memory_no_account_is_denied),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
