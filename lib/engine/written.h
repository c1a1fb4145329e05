#ifndef PW_ENGINE_WRITTEN_H
#define PW_ENGINE_WRITTEN_H

struct arena;
struct value;

/*
 * A value of JSON as somebody would have written it on a command line, so that both are checked alike: yes and no,
 * a list as JSON, "" for null. In the arena.
 */
const char *written_value(const struct value *v, struct arena *a);

#endif
