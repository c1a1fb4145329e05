#include "base/token.h"

#include <sodium.h>

_Static_assert(SHA256_TEXT == crypto_hash_sha256_BYTES * 2 + 1, "two digits for each byte");

void sha256_hex(const void *data, size_t len, char ret[SHA256_TEXT])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, data, len);
	sodium_bin2hex(ret, SHA256_TEXT, hash, sizeof hash);
}
