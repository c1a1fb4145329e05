/*
 * Seeded bug: where a server offers no TLS there is none.
 *
 * program: pipe-worker
 * wrap: smtp_open
 */
#include "transport/smtp.h"

struct smtp *__wrap_smtp_open(const struct smtp_config *config, int64_t now_ms);
struct smtp *__real_smtp_open(const struct smtp_config *config, int64_t now_ms);

struct smtp *__wrap_smtp_open(const struct smtp_config *config, int64_t now_ms)
{
	struct smtp_config plain = *config;

	plain.tls = false;
	return __real_smtp_open(&plain, now_ms);
}
