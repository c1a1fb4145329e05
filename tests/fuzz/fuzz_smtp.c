/* Replies of servers: in whatever pieces they come, the same replies come out. The first byte is the size of a piece. */
#include "fuzz.h"

#include "transport/smtp_reply.h"

#include <string.h>

#define REPLIES 64

struct seen {
	int n, codes[REPLIES];
	char last[DELIVERY_TEXT];
	bool broken;
};

static void check(const struct smtp_reply *r)
{
	struct delivery d;

	HOLD(r->code >= 200 && r->code <= 599);
	HOLD(r->text_len < sizeof r->text && r->text[r->text_len] == '\0');
	if (r->code >= 300 && r->code < 400)
		return; /* the fate of a mail is never an intermediate reply */
	d = smtp_reply_delivery(r, PHASE_DOT);
	HOLD((d.outcome == DELIVERY_SENT) == (r->code < 300));
	for (const char *p = d.text; *p; p++)
		HOLD((unsigned char)*p >= ' ');
}

static void feed(const char *s, size_t len, size_t piece, struct seen *ret)
{
	struct smtp_reply r = { 0 };
	size_t used;
	int got;

	for (size_t at = 0; at < len && !ret->broken && ret->n < REPLIES; at += used) {
		got = smtp_reply_feed(&r, s + at, piece < len - at ? piece : len - at, &used);
		HOLD(used > 0 || got < 0);
		ret->broken = got < 0;
		if (got == 1) {
			check(&r);
			ret->codes[ret->n++] = r.code;
			memcpy(ret->last, r.text, sizeof ret->last);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct seen whole = { 0 }, parts = { 0 };

	if (len < 1)
		return 0;
	feed((const char *)data + 1, len - 1, len, &whole);
	feed((const char *)data + 1, len - 1, (size_t)data[0] % 7 + 1, &parts);
	HOLD(whole.n == parts.n && whole.broken == parts.broken);
	HOLD(memcmp(whole.codes, parts.codes, sizeof whole.codes) == 0 && strcmp(whole.last, parts.last) == 0);
	return 0;
}
