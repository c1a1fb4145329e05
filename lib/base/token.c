#include "base/token.h"

#include "base/late.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

_Static_assert(SHA256_TEXT == crypto_hash_sha256_BYTES * 2 + 1, "two digits for each byte");

void sha256_hex(const void *data, size_t len, char ret[SHA256_TEXT])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	LATE(LIBSODIUM, crypto_hash_sha256)(hash, data, len);
	LATE(LIBSODIUM, sodium_bin2hex)(ret, SHA256_TEXT, hash, sizeof hash);
}

_Static_assert(TOKEN_KEY_SIZE == crypto_auth_KEYBYTES && crypto_auth_BYTES >= 10, "crypto_auth is HMAC-SHA-512-256");

/* 10 bytes as 16 digits of 5 bits. */
static void to_text(const unsigned char *bytes, char ret[TOKEN_TEXT])
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned bits = 0, n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < 10; i++) {
		bits = (bits << 8 | bytes[i]) & 0xffff;
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			ret[n++] = digits[bits >> (n_bits - 5) & 31];
	}
	ret[n] = '\0';
}

void token_sign(const struct token_key *key, const void *data, size_t len, char ret[TOKEN_TEXT])
{
	unsigned char mac[crypto_auth_BYTES];

	LATE(LIBSODIUM, crypto_auth)(mac, data, len, key->bytes);
	to_text(mac, ret);
	explicit_bzero(mac, sizeof mac);
}

bool token_good(const struct token_key *key, const void *data, size_t len, const char *text)
{
	char good[TOKEN_TEXT], given[TOKEN_TEXT] = { 0 };

	if (strnlen(text, TOKEN_TEXT - 1) < TOKEN_TEXT - 1)
		return false;
	for (size_t i = 0; i < TOKEN_TEXT - 1; i++)
		given[i] = (char)tolower((unsigned char)text[i]);
	token_sign(key, data, len, good);
	return LATE(LIBSODIUM, sodium_memcmp)(good, given, TOKEN_TEXT - 1) == 0;
}

void token_forget(struct token_key *key)
{
	explicit_bzero(key, sizeof *key);
}
