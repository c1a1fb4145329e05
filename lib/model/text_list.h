#ifndef PW_MODEL_TEXT_LIST_H
#define PW_MODEL_TEXT_LIST_H

#include "base/attr.h"
#include "model/names.h"

struct arena;
struct buf;

/*
 * Reads a JSON array of texts, which is how fields of the type list are stored: `["de", "en"]`. Returns 1;
 * 0 when the text is none (no array, an item that is no text, bad escapes).
 */
int text_list_parse(const char *json, struct arena *a, struct names *ret) PW_CHECK;

/* Reads `de, en` : items between commas, blanks around them removed, empty ones left out. */
void text_list_split(const char *text, struct arena *a, struct names *ret);

/* Appends a list as a JSON array. */
void text_list_write(const struct names *list, struct buf *out);

#endif
