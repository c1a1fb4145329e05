#ifndef PW_MAIL_MAIL_H
#define PW_MAIL_MAIL_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * One mail as values: what classifying needs and nothing else. All texts are UTF-8, with LF line ends, NUL-terminated
 * and owned by the arena that mail_parse() was given.
 */

/* One header field: the name as it was written, the value unfolded and RFC 2047 words decoded. */
struct mail_header {
	const char *name;
	const char *value;
};

struct mail_headers {
	struct mail_header *v;
	size_t n, cap;
};

enum mail_part_kind {
	MAIL_PART_TEXT,     /* text/plain and other texts */
	MAIL_PART_HTML,
	MAIL_PART_STATUS,   /* message/delivery-status (RFC 3464) */
	MAIL_PART_FEEDBACK, /* message/feedback-report (RFC 5965) */
	MAIL_PART_RECEIPT,  /* message/disposition-notification (RFC 8098) */
	MAIL_PART_OTHER,    /* an attachment; text is "" */
};

struct mail_part {
	enum mail_part_kind kind;
	bool attached; /* Content-Disposition: attachment */
	const char *text;
};

struct mail {
	struct arena *arena;
	struct mail_headers headers;
	struct mail_part *parts; /* leaves, in their order; those of enclosed messages are not among them */
	size_t n_parts, cap_parts;
	struct mail_headers original; /* headers of the first enclosed message (message/rfc822, text/rfc822-headers) */
	struct mail *enclosed;        /* that message, when it may be a notice of a mail server itself; NULL */
	bool cut;                     /* more than the limits below: the rest was not read */
};

/*
 * A mail is read up to these limits; what is behind them is ignored, because whatever is told from a mail stands in
 * front. They bound memory and time: 300,000 parts in 2.4 MB cost GMime 400 MB.
 */
enum {
	MAIL_BYTES_MAX = 1 << 20,
	MAIL_BOUNDARIES_MAX = 1000,      /* lines that begin with two hyphens */
	MAIL_HEADER_LINES_MAX = 20000,   /* lines that look like a header field */
	MAIL_DEPTH_MAX = 32,
	MAIL_PARTS_MAX = 200,
	MAIL_HEADERS_MAX = 500,
	MAIL_HEADER_VALUE_MAX = 16384,
};

/*
 * Reads a mail of len bytes, with or without a line `From ` in front (mbox). Any bytes are read as something: broken
 * structure, unknown charsets and encodings give what can be made of them.
 */
void mail_parse(struct arena *a, const char *bytes, size_t len, struct mail *ret);

/* The first value of a header (any case), or NULL. */
const char *mail_header(const struct mail_headers *h, const char *name);

/* The next header of this name from *at on, which is moved behind it; NULL: no more. Begin with *at = 0. */
const char *mail_header_next(const struct mail_headers *h, const char *name, size_t *at);

/*
 * Reads header lines out of a text, up to the first blank line, into the list; what is no header line is passed over.
 * Returns the number of bytes read.
 */
size_t mail_headers_parse(struct arena *a, const char *text, struct mail_headers *ret);

/* The readable text: the text parts, else what the HTML part says. Never NULL. Attached texts do not count. */
const char *mail_text(const struct mail *m);

/* The HTML of the first HTML part, or NULL. */
const char *mail_html(const struct mail *m);

#endif
