#ifndef PW_AUTHOR_PLACEHOLDERS_H
#define PW_AUTHOR_PLACEHOLDERS_H

#include <stdbool.h>
#include <stddef.h>

/* What {{ }} may begin with (pipeline(5)). */
struct placeholder_root {
	const char *name;
	const char *const *parts; /* what may follow behind the dot, NULL-terminated; NULL: anything */
	bool later;               /* not supported yet */
	const char *about;
};

extern const struct placeholder_root placeholder_roots[];
extern const size_t n_placeholder_roots;

#endif
