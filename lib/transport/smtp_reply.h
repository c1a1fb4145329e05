#ifndef PW_TRANSPORT_SMTP_REPLY_H
#define PW_TRANSPORT_SMTP_REPLY_H

#include "base/attr.h"
#include "transport/delivery.h"

#include <stdbool.h>
#include <stddef.h>

/* A server that goes beyond is no SMTP server: the longest line, the most lines of one reply. */
#define SMTP_REPLY_LINE  4096
#define SMTP_REPLY_LINES 100

/*
 * Puts replies together from bytes as they come (RFC 5321 4.2.1). `struct smtp_reply r = { 0 };` is ready.
 * What a complete reply says stays until the next byte is fed.
 */
struct smtp_reply {
	int code;                     /* 200-599 */
	char status[DELIVERY_STATUS]; /* enhanced status code of the first line, "" if none */
	char text[DELIVERY_TEXT];     /* as sent, lines joined with a blank, codes of further lines left out; cut */
	size_t text_len;

	/* private: the reply being put together */
	char line[SMTP_REPLY_LINE];
	size_t line_len;
	int lines;
	bool complete;
};

/*
 * Takes bytes up to the end of one reply.
 * Returns 1 with a complete reply, 0 when all bytes are used up and more are needed, -1 when this is no SMTP.
 * In all cases *ret_used says how many bytes were taken.
 */
int smtp_reply_feed(struct smtp_reply *r, const char *bytes, size_t len, size_t *ret_used) PW_CHECK;

/* Whether the next byte is the first of a reply. */
bool smtp_reply_at_start(const struct smtp_reply *r);

/* The reply as the fate of a message: code, status and text, classified (delivery_classify). */
struct delivery smtp_reply_delivery(const struct smtp_reply *r, enum delivery_phase phase);

#endif
