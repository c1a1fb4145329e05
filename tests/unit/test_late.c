#include "base/late.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

static void test_called(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(LATE("libm.so.6", sqrt)(16.0) == 4.0);
	assert_true(LATE("libm.so.6", sqrt) == LATE("libm.so.6", sqrt));
	assert_true(LATE("libm.so.6", floor)(2.5) == 2.0);
}

/* As many as nobody asks for: those that do not fit in the table are right, too. */
static void test_many(void **state)
{
	static char names[64][8];

	(void)state;
	for (size_t i = 0; i < 64; i++) {
		snprintf(names[i], sizeof names[i], "%s", i % 2 ? "sqrt" : "ceil");
		assert_true(late_function("libm.so.6", names[i]) == late_function("libm.so.6", i % 2 ? "sqrt" : "ceil"));
	}
	assert_true(LATE("libm.so.6", floor)(2.5) == 2.0);
}

static void dies_saying(const char *library, const char *name, const char *says)
{
	char text[512] = "";
	int status, ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		late_function(library, name);
		_exit(0);
	}
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof text - 1) > 0);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_OSERR);
	if (strncmp(text, says, strlen(says)) != 0 || !strchr(text, '\n') || strchr(text, '\n')[1])
		fail_msg("'%s'", text);
}

static void test_lacking(void **state)
{
	(void)state;
	dies_saying("libnone.so.9", "sqrt", "libnone.so.9 cannot be opened for sqrt: libnone.so.9: cannot open shared object");
	dies_saying("libm.so.6", "no_such_function", "libm.so.6 cannot be opened for no_such_function: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a function of a library that is opened when it is needed", test_called, NULL, NULL, NULL },
		{ "more functions than are remembered", test_many, NULL, NULL, NULL },
		{ "a missing library ends the program with 71 and one line", test_lacking, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
