#ifndef PW_FORMAT_HTML_TEXT_H
#define PW_FORMAT_HTML_TEXT_H

#include <stddef.h>

struct buf;

/*
 * Appends the plain text of an HTML document or fragment: paragraphs apart by a blank line, list items as
 * "- " or "1. ", links as "text <url>", tables a row a line, images as their alt text; style, script, head,
 * comments and markup dropped; entities resolved. Line ends are LF, no line is wrapped, the last one ends
 * with LF; nothing visible gives nothing. Any input is accepted; time is linear in its length.
 */
void html_text(struct buf *out, const char *html, size_t len);

#endif
