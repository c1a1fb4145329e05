#ifndef PW_FORMAT_MIME_H
#define PW_FORMAT_MIME_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Words of which most header blocks consist, for who stores many of them in little room. */
extern const char mime_header_words[];

/*
 * Composing e-mail: a fixed set of headers and a body of text, HTML and attachments (RFC 5322, 2045-2047,
 * 2231, 6532, 2369, 8058, 3834). There is no way to add a header of one's own, so no value can become one.
 *
 * All strings are borrowed, NUL-terminated UTF-8, and may be NULL where that is said. Names and subject:
 * line breaks and tabs in them become one blank, other controls are refused. Everything else that goes
 * into a header is refused unless it has the form that is described here.
 */
struct mime_mailbox {
	const char *name;    /* display name; NULL or "": none */
	const char *address; /* as struct address has it in `wire` */
};

struct mime_attachment {
	const char *filename;     /* as the recipient sees it: no slash, no backslash, not empty */
	const char *content_type; /* "application/pdf"; NULL: guessed from the file name */
	const void *data;
	size_t len;
};

struct mime_message {
	struct mime_mailbox from;
	struct mime_mailbox to;
	struct mime_mailbox reply_to; /* address NULL: no Reply-To */
	const char *subject;          /* NULL or "": an empty subject */

	int64_t date;            /* seconds UTC, within INSTANT_MIN..INSTANT_MAX */
	int zone_offset_minutes; /* east of Greenwich, -1439..1439: how the date is written */

	/* Message-IDs are without angle brackets: "17.4f3a@example.com". */
	const char *message_id;        /* ours, needed: dot-atom "@" dot-atom */
	const char *in_reply_to;       /* NULL: none; see mime_message_id_ok() */
	const char *const *references; /* oldest first */
	size_t n_references;

	/* List-Unsubscribe: URIs as they are ("mailto:...", "https://..."), at most 900 bytes. NULL: none. */
	const char *unsubscribe_mailto;
	const char *unsubscribe_https;
	bool unsubscribe_one_click; /* List-Unsubscribe-Post (RFC 8058); needs the https form */

	bool auto_generated;          /* Auto-Submitted: auto-generated (RFC 3834) */
	bool suppress_auto_responses; /* X-Auto-Response-Suppress: OOF, AutoReply (Exchange) */

	const char *text; /* NULL or "" with html given: made from the HTML; line ends LF or CRLF */
	const char *html; /* NULL or "": text only */

	const struct mime_attachment *attachments;
	size_t n_attachments;
};

/*
 * Appends the message to out, ready for DATA but for dot-stuffing: CRLF line ends only, no NUL, lines of at
 * most 76 bytes in bodies and 998 in headers (78 where a value can be broken), ASCII except where an
 * address needs SMTPUTF8. The same message gives the same bytes. The body ends with CRLF.
 * No line begins with "." or "From ". A text that is the whole body gets a line end if it has none.
 * Returns 0, or -1 with ERR_INVALID (which value cannot go out and why; or larger than out's limit), with
 * out as it was before.
 */
int mime_compose(const struct mime_message *m, struct buf *out, struct err *err) PW_CHECK;

/*
 * Appends the header block of a message that mime_compose wrote, with LF line ends and without the blank
 * line behind it: what is kept for people to look at.
 */
void mime_headers(const char *mail, size_t len, struct buf *out);

/*
 * The same bytes once more: `headers` as mime_headers gave them, and of m the values that make the body, which are
 * message_id, text, html and attachments. Fails as mime_compose does.
 */
int mime_compose_again(const struct mime_message *m, const char *headers, struct buf *out, struct err *err) PW_CHECK;

/*
 * Appends a header block as people read it: encoded words (RFC 2047) in UTF-8 as what they say, those that belong
 * together joined. Everything else, words in other character sets among it, stays as it is. What comes out of a word
 * has no control characters, so that none of it looks like another header.
 */
void mime_readable(const char *headers, struct buf *out);

/*
 * May this be named in In-Reply-To and References: printable ASCII without blanks and angle brackets, with
 * an "@" inside, at most 900 bytes. Real mailers write looser ids than RFC 5322 allows.
 */
bool mime_message_id_ok(const char *id);

/* The content type for a file name by its extension; "application/octet-stream" when not known. Static text.
 */
const char *mime_type_of(const char *filename);

#endif
