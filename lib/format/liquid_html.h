#ifndef PW_FORMAT_LIQUID_HTML_H
#define PW_FORMAT_LIQUID_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Where in an HTML document the output stands: followed byte by byte through what is written, so that each
 * value is escaped for its place. Conditional comments (<!--[if mso]>) count as the HTML that they hold.
 * Plain bytes, compared with memcmp: { 0 } is the start of a document.
 */
struct html_context {
	uint8_t state;
	uint8_t attribute; /* what the value of the attribute is for */
	uint8_t element;   /* of the tag being read, or of the raw text */
	uint8_t url;       /* how much of a URL is there */
	uint8_t n;         /* bytes in name */
	char name[12];     /* lower case, cut */
};

/* How a value is to be written. */
enum html_trust {
	HTML_PLAIN,  /* it is text */
	HTML_MARKUP, /* it is HTML for a text: made by escape, a capture */
	HTML_RAW,    /* the template's author takes the responsibility */
};

/* Follows text of the template, or HTML that was written as it is. */
void html_scan(struct html_context *c, const char *s, size_t len);

/* What the place becomes when some value is written there; without a value, for planning. */
void html_pass(struct html_context *c);

/* Writes a value where c stands, and follows it. */
void html_write(struct html_context *c, struct buf *out, const char *s, size_t len, enum html_trust trust);

/* Appends s with & < > " ' as entities; once: an & that begins an entity stays. */
void html_escape(struct buf *out, const char *s, size_t len, bool once);

#endif
