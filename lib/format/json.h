#ifndef PW_FORMAT_JSON_H
#define PW_FORMAT_JSON_H

#include "format/value.h"

struct buf;
struct err;

/* How deeply JSON text and written JSON may nest. */
#define JSON_DEPTH 64

/*
 * Reads one JSON text (RFC 8259) of len bytes into *ret, which belongs to the arena. Whole numbers that
 * fit are VALUE_INT, all others VALUE_DOUBLE; of a key that is there twice the last value counts; white
 * space may follow, nothing else.
 *
 * limit   the size in bytes that is accepted at most
 *
 * Returns 0, or -1 with ERR_INVALID and "line:column: what is wrong" (columns count characters from 1):
 * too long, no UTF-8, nested more than JSON_DEPTH, \u0000 or a control character in a string, bad syntax.
 */
int json_parse(struct arena *a, const char *text, size_t len, size_t limit, struct value *ret,
               struct err *err) PW_CHECK;

/* Writes v as JSON. Nesting beyond JSON_DEPTH becomes null, as do numbers that are not finite. */
void json_value(struct buf *b, const struct value *v);

/* Writes s in quotes. What is no valid UTF-8 becomes U+FFFD; invisible and control characters \uXXXX. */
void json_text(struct buf *b, const char *s, size_t len);

/*
 * Writes JSON piece by piece: `struct json_writer w = { .buf = &b };`, then values between begin and end;
 * commas come by themselves. Inside an object each value has its key (json_key*), inside an array none.
 * Calls that contradict this are bugs. One writer can write many texts one after the other.
 */
struct json_writer {
	struct buf *buf;
	unsigned depth;
	uint64_t objects; /* bit d: level d is an object */
	uint64_t started; /* bit d: level d has an entry already */
	bool keyed;       /* a key waits for its value */
};

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);

/* The next value's name in an object; begin_object and begin_array may follow too. */
void json_key(struct json_writer *w, const char *key);

void json_put_null(struct json_writer *w);
void json_put_bool(struct json_writer *w, bool b);
void json_put_string(struct json_writer *w, const char *s); /* NULL: null */
void json_put_value(struct json_writer *w, const struct value *v);

/* One member of an object. */
void json_key_null(struct json_writer *w, const char *key);
void json_key_bool(struct json_writer *w, const char *key, bool b);
void json_key_int(struct json_writer *w, const char *key, int64_t i);
void json_key_string(struct json_writer *w, const char *key, const char *s);
void json_key_value(struct json_writer *w, const char *key, const struct value *v);

#endif
