/*
 * Seeded bug: what a dead tick had offered goes back to the queue.
 *
 * program: pipe-worker
 * wrap: delivery_make
 */
#define DEAD_TICK_OUTCOME DELIVERY_RETRY
#include "dead_tick.h"
