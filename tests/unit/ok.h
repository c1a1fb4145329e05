#ifndef PW_TESTS_OK_H
#define PW_TESTS_OK_H

#include "base/err.h"

/* A call that must not fail: its error, which the call names `err`, ends the test. Include cmocka.h before. */
#define OK(call)                                   \
	do {                                           \
		struct err err = ERR_INIT;                 \
		if ((call) < 0)                            \
			fail_msg("%s: %s", #call, err.text);   \
	} while (0)

#endif
