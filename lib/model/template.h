#ifndef PW_MODEL_TEMPLATE_H
#define PW_MODEL_TEMPLATE_H

#include <stddef.h>

/* A file that goes with a mail. data is NULL when only the hash of stored content was named. */
struct attachment {
	const char *name;          /* the file's name, without folders */
	const char *sha256;        /* 64 hex digits */
	const void *data;
	size_t len;
};

/* The parts in one language; NULL: not given in this language. All are Liquid. */
struct template_text {
	const char *language;      /* "de", "de-at"; NULL: the top level */
	const char *subject, *text, *html;
};

/* A Template document, or the inline map of an `email` step. texts[0] is the top level. */
struct template {
	const char *name;          /* NULL: inline */
	struct template_text *texts;
	size_t n_texts;
	struct attachment *attach;
	size_t n_attach;
};

/*
 * The parts for a contact's language: de-AT, then de, then the top level (case does not matter;
 * `language` may be NULL). What the chosen language leaves out comes from the top level.
 */
struct template_text template_for(const struct template *t, const char *language);

#endif
