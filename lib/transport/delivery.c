#include "transport/delivery.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "transport/delivery_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char *const outcome_names[] = {
#define X(name, text) [DELIVERY_##name] = text,
	DELIVERY_OUTCOMES(X)
#undef X
};

static const char *const phase_names[] = {
#define X(name, text) [PHASE_##name] = text,
	DELIVERY_PHASES(X)
#undef X
};

const char *delivery_outcome_text(enum delivery_outcome outcome)
{
	return outcome_names[outcome];
}

const char *delivery_phase_text(enum delivery_phase phase)
{
	return phase_names[phase];
}

void delivery_set_text(struct delivery *d, const char *text, size_t len)
{
	BUF_AUTO clean = BUF_INIT(16 * DELIVERY_TEXT);
	utf8_safe(&clean, text, len, false);

	size_t keep = clean.len < DELIVERY_TEXT ? clean.len : DELIVERY_TEXT - 1;
	if (keep < clean.len)
		while (keep > 0 && ((unsigned char)clean.s[keep] & 0xC0) == 0x80)
			keep--;
	memcpy(d->text, clean.s, keep);
	d->text[keep] = '\0';
}

struct delivery delivery_make(enum delivery_outcome outcome, enum delivery_phase phase, const char *fmt, ...)
{
	struct delivery d = { .outcome = outcome, .phase = phase };
	char text[2 * DELIVERY_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	delivery_set_text(&d, text, strlen(text));
	return d;
}

/* RFC 3463: 5.1.7 and 5.1.8 speak of the sender's address, the rest of 5.1 of the recipient's. */
static bool status_blames_sender(const char *status)
{
	return strcmp(status, "5.1.7") == 0 || strcmp(status, "5.1.8") == 0;
}

static bool too_big(int code, const char *status)
{
	return code == 552 || strcmp(status, "5.2.3") == 0 || strcmp(status, "5.3.4") == 0;
}

static bool wants_login(int code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

static enum delivery_outcome classify_rcpt(const char *status)
{
	if (status_blames_sender(status))
		return DELIVERY_SETTINGS;
	return strncmp(status, "5.1.", 4) == 0 ? DELIVERY_RECIPIENT : DELIVERY_REFUSED;
}

static enum delivery_outcome classify_permanent(enum delivery_phase phase, int code, const char *status)
{
	switch (phase) {
	case PHASE_LOGIN:
		return DELIVERY_AUTH;
	case PHASE_GREET:
	case PHASE_TLS:
		return DELIVERY_SETTINGS;
	case PHASE_MAIL:
		return too_big(code, status) ? DELIVERY_REFUSED : DELIVERY_SETTINGS;
	case PHASE_RCPT:
		return classify_rcpt(status);
	case PHASE_DATA:
	case PHASE_DOT:
		return DELIVERY_REFUSED;
	case PHASE_CHECK:
	case PHASE_CONNECT:
	case PHASE_RUN:
		break;
	}
	BUG("no reply belongs to phase %s", delivery_phase_text(phase));
}

enum delivery_outcome delivery_classify(enum delivery_phase phase, int code, const char *status)
{
	if (code >= 400 && code < 500)
		return DELIVERY_RETRY;
	if (code >= 200 && code < 300 && phase == PHASE_DOT)
		return DELIVERY_SENT;
	if (code < 500 || code > 599)
		BUG("reply %d in phase %s is no answer", code, delivery_phase_text(phase));
	if (phase != PHASE_DOT && wants_login(code))
		return DELIVERY_AUTH;
	return classify_permanent(phase, code, status);
}

static bool exit_blames_mailbox(int status)
{
	return status == EX_USAGE || status == EX_OSERR || status == EX_OSFILE || status == EX_NOPERM || status == EX_CONFIG;
}

bool delivery_blames_mailbox(const struct delivery *d)
{
	if (d->outcome != DELIVERY_REFUSED)
		return false;
	return d->phase == PHASE_RUN ? exit_blames_mailbox(d->code) : strncmp(d->status, "5.7.", 4) == 0;
}
