#ifndef PW_BASE_LATE_H
#define PW_BASE_LATE_H

/*
 * Libraries that only few commands need are opened when one does (README.md says which). Linked, each with what it
 * brings along is looked for, mapped and bound whenever a program starts, and adding a contact takes a fifth longer.
 *
 * LATE(library, function) is the function itself, to be called: LATE(LIBIDN2, idn2_strerror)(rc). The library is a name that
 * the Makefile defines. Where there is none the process ends with one line and status 71 (EX_OSERR), as without memory.
 */
#define LATE(library, function)                                        \
	(((union {                                                         \
		void (*any)(void);                                             \
		__typeof__(&(function)) own;                                   \
	}){ .any = late_function((library), #function) }).own)

void (*late_function(const char *library, const char *name))(void);

#endif
