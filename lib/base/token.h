#ifndef PW_BASE_TOKEN_H
#define PW_BASE_TOKEN_H

#include <stddef.h>

/* 64 hex digits and NUL. */
#define SHA256_TEXT 65

/* The SHA-256 of some bytes in small hex digits: what attachments are stored under. */
void sha256_hex(const void *data, size_t len, char ret[SHA256_TEXT]);

#endif
