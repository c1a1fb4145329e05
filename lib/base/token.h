#ifndef PW_BASE_TOKEN_H
#define PW_BASE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

/* 64 hex digits and NUL. */
#define SHA256_TEXT 65

/* The SHA-256 of some bytes in small hex digits: what attachments are stored under. */
void sha256_hex(const void *data, size_t len, char ret[SHA256_TEXT]);

/* Signing: keys are 32 random bytes; a signature is 80 bits of HMAC-SHA-512 in 16 letters and digits in one case. */
enum { TOKEN_KEY_SIZE = 32, TOKEN_TEXT = 17 };

struct token_key {
	unsigned char bytes[TOKEN_KEY_SIZE];
};

/* Signs some bytes. */
void token_sign(const struct token_key *key, const void *data, size_t len, char ret[TOKEN_TEXT]);

/* Whether the first 16 characters of text, in any case, are their signature. Takes the same time for each wrong one. */
bool token_good(const struct token_key *key, const void *data, size_t len, const char *text);

/* Overwrites a key that is not needed any more. */
void token_forget(struct token_key *key);

#endif
