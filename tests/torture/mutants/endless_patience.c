/*
 * Seeded bug: a transfer may take as long as it likes.
 *
 * program: pipe-worker
 * wrap: smtp_open
 */
#include "transport/smtp.h"

struct smtp *__wrap_smtp_open(const struct smtp_config *config, int64_t now_ms);
struct smtp *__real_smtp_open(const struct smtp_config *config, int64_t now_ms);

struct smtp *__wrap_smtp_open(const struct smtp_config *config, int64_t now_ms)
{
	struct smtp_config patient = *config;

	patient.transfer_ms = 1000 * 1000;
	return __real_smtp_open(&patient, now_ms);
}
