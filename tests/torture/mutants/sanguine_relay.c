/*
 * Seeded bug: a mail whose connection was lost after the dot counts as not sent.
 *
 * program: pipe-worker
 * wrap: smtp_feed
 */
#include "transport/smtp.h"

enum smtp_event __wrap_smtp_feed(struct smtp *c, int64_t now_ms, struct delivery *ret, int64_t *ret_id);
enum smtp_event __real_smtp_feed(struct smtp *c, int64_t now_ms, struct delivery *ret, int64_t *ret_id);

enum smtp_event __wrap_smtp_feed(struct smtp *c, int64_t now_ms, struct delivery *ret, int64_t *ret_id)
{
	enum smtp_event event = __real_smtp_feed(c, now_ms, ret, ret_id);

	if (event == SMTP_DONE && ret->outcome == DELIVERY_IN_DOUBT)
		ret->outcome = DELIVERY_RETRY;
	return event;
}
