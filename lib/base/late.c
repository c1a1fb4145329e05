#include "base/late.h"

#include "base/attr.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static PW_NORETURN void lacking(const char *library, const char *name)
{
	const char *why = dlerror();

	fprintf(stderr, "%s cannot be opened for %s: %s\n", library, name, why ? why : "unknown");
	_Exit(EX_OSERR);
}

static void (*open_function(const char *library, const char *name))(void)
{
	void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL); /* once opened, it stays so */
	void *found = handle ? dlsym(handle, name) : NULL;
	void (*ret)(void);

	if (!found)
		lacking(library, name);
	_Static_assert(sizeof ret == sizeof found, "POSIX lets functions stand in a void *");
	memcpy(&ret, &found, sizeof ret);
	return ret;
}

void (*late_function(const char *library, const char *name))(void)
{
	static struct {
		const char *library, *name;
		void (*function)(void);
	} known[40]; /* by the addresses of their names; were there more of them, they would be looked up each time */
	size_t i = 0;

	while (i < ARRAY_LEN(known) && known[i].name && (known[i].name != name || known[i].library != library))
		i++;
	if (i == ARRAY_LEN(known))
		return open_function(library, name);
	if (!known[i].name) {
		known[i].function = open_function(library, name);
		known[i].library = library;
		known[i].name = name;
	}
	return known[i].function;
}
