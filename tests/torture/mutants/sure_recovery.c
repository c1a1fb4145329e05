/*
 * Seeded bug: what a dead tick had offered counts as sent.
 *
 * program: pipe-worker
 * wrap: delivery_make
 */
#define DEAD_TICK_OUTCOME DELIVERY_SENT
#include "dead_tick.h"
