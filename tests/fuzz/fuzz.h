#ifndef PW_TESTS_FUZZ_H
#define PW_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * A target reads any bytes with one of the project's readers and holds what a reader promises: that what was written is
 * read back, that limits hold, that nothing hostile comes through. libFuzzer calls it with inputs of its own
 * (`make fuzz FUZZ=1`), replay.c with those that were kept (`make check`).
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A promise that must hold; libFuzzer keeps the input that breaks it. */
#define HOLD(promise)                                                                            \
	do {                                                                                         \
		if (!(promise)) {                                                                        \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #promise);        \
			abort();                                                                             \
		}                                                                                        \
	} while (0)

#endif
