#ifndef PW_MUTANTS_DEAD_TICK_H
#define PW_MUTANTS_DEAD_TICK_H

#include "transport/delivery.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What becomes of a message that a dead tick had offered: DEAD_TICK_OUTCOME, which whoever includes this defines. */
struct delivery __wrap_delivery_make(enum delivery_outcome outcome, enum delivery_phase phase, const char *fmt, ...)
	PW_FORMAT(3, 4);

struct delivery __wrap_delivery_make(enum delivery_outcome outcome, enum delivery_phase phase, const char *fmt, ...)
{
	struct delivery d = { .outcome = outcome, .phase = phase };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d.text, sizeof d.text, fmt, ap);
	va_end(ap);
	if (outcome == DELIVERY_IN_DOUBT && strncmp(d.text, "the program ended", 17) == 0)
		d.outcome = DEAD_TICK_OUTCOME;
	return d;
}

#endif
