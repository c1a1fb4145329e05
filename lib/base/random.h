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

/*
 * One of n shares, 0 to n-1, as even as chance whatever the texts have in common: the low bits of hash_bytes() alone are the
 * parities of their letters. As stable.
 */
uint64_t hash_share(const void *data, size_t len, uint64_t n);

#endif
