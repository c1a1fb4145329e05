#ifndef PW_FORMAT_DIFF_H
#define PW_FORMAT_DIFF_H

struct buf;

/*
 * Appends the difference of two texts as `diff -u` writes it, with three lines of context, which patch(1) can read;
 * nothing when they are the same. The shortest edit is found (Myers 1986), unless it is longer than some thousand
 * lines: then what lies between the common beginning and end is replaced as a whole.
 */
void diff_unified(const char *old_name, const char *old_text, const char *new_name, const char *new_text,
                  struct buf *out);

#endif
