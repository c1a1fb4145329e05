#ifndef PW_FORMAT_YAML_H
#define PW_FORMAT_YAML_H

#include "base/attr.h"
#include "base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

/*
 * The part of YAML 1.1 that people write by hand: maps, lists and scalars. What a scalar means is not
 * guessed: `NO` and `007` are texts until a schema says otherwise. Anchors, aliases, tags, merge keys and
 * directives are refused, as are keys that stand in a map twice.
 */
#define YAML_DEPTH_MAX 32
#define YAML_SIZE_MAX  ((size_t)1 << 20)
#define YAML_DOCS_MAX  4096
#define YAML_KEY_MAX   250 /* bytes of a key: written with escapes it stays within the 1024 that libyaml reads */

enum yaml_type { YAML_SCALAR, YAML_LIST, YAML_MAP };
enum yaml_style { YAML_PLAIN, YAML_SINGLE, YAML_DOUBLE, YAML_LITERAL, YAML_FOLDED };

struct yaml_pair {
	struct yaml *key; /* a scalar */
	struct yaml *value;
};

/* A node. Readers may rewrite it before it is written again. */
struct yaml {
	enum yaml_type type;
	enum yaml_style style; /* of a scalar */
	bool cut;              /* a plain scalar with ` #` behind it: is that a comment, or was it meant? */
	bool broken;           /* reported already: a reader says nothing more about it */
	int line, column;      /* where it begins, from 1; 0: it is not from a file */
	union {
		struct {
			const char *text;  /* NUL-terminated; may contain NUL where "\0" was written */
			size_t len;
		};
		struct {
			size_t n;          /* of items or pairs */
			union {
				struct yaml **items;
				struct yaml_pair *pairs;
			};
		};
	};
};

/* A file that was read. Everything is in the arena but `text`, which is the caller's. */
struct yaml_file {
	const char *name;   /* as diags_file() gave it */
	const char *text;
	size_t len;
	uint32_t *lines;    /* where each line begins */
	size_t n_lines;
	struct yaml **docs;
	size_t n_docs;
};

/*
 * Reads all documents of a file, with LF or CRLF, with or without a byte order mark. What is wrong goes to
 * diags; a syntax error ends its document, the others are read all the same. name is from diags_file().
 * Returns 0, or -1 when there was an error: ret then holds the documents that could be read.
 */
int yaml_read(struct arena *a, const char *name, const char *text, size_t len, struct diags *diags,
              struct yaml_file *ret);

struct place yaml_place(const struct yaml_file *f, const struct yaml *node);

/* Where the byte at `offset` of a scalar's text stands in the file, or where the next that is not blank does. */
struct place yaml_place_in(const struct yaml_file *f, const struct yaml *scalar, size_t offset);

/* Was nothing written at all, as in `key:`? `""` is not empty in this sense. */
bool yaml_is_empty(const struct yaml *node);

/* The value of a key of a map, or NULL. */
struct yaml *yaml_get(const struct yaml *map, const char *key);

/* New nodes, without a place in a file. text is borrowed. */
struct yaml *yaml_new_text(struct arena *a, const char *text, size_t len);
struct yaml *yaml_new_map(struct arena *a, size_t n_pairs);
void yaml_set_pair(struct yaml *map, size_t i, struct yaml *key, struct yaml *value);

/*
 * Writes a tree in the one canonical form: block maps, lists of words in brackets, texts of several lines
 * as `|`, quotes only where they are needed. What is written reads back as the same tree; writing it again
 * gives the same bytes. Ends with a newline.
 */
void yaml_write(const struct yaml *node, struct buf *out);

#endif
