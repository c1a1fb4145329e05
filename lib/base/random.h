#ifndef PW_BASE_RANDOM_H
#define PW_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills ret with unpredictable bytes from the kernel. */
void random_bytes(void *ret, size_t len);

/* A random positive 63-bit number: claim tokens, so that a claim of a dead tick is never taken for ours. */
int64_t random_token(void);

/* 64-bit FNV-1a: stable over releases and machines, for jitter and shares. Not for secrets. */
uint64_t hash_bytes(const void *data, size_t len);

#endif
