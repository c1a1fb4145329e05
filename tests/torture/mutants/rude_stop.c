/*
 * Seeded bug: a signal to stop ends a tick wherever it is.
 *
 * program: pipe-worker
 * wrap: cli_heed_stop
 */
#include "cli/stop.h"

#include <stddef.h>

const volatile sig_atomic_t *__wrap_cli_heed_stop(void);

const volatile sig_atomic_t *__wrap_cli_heed_stop(void)
{
	return NULL;
}
