#ifndef PW_TESTS_FAILING_H
#define PW_TESTS_FAILING_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Linked in front of SQLite (--wrap, WRAP_sql of the Makefile): one statement fails, whichever it is. A statement counts
 * when it is prepared and each time it is stepped.
 */
struct failing {
	bool active;    /* statements are counted */
	int32_t at;     /* which one fails, from 1; 0: none */
	int32_t code;   /* SQLite's, extended */
	bool undone;    /* SQLite has rolled back by itself, as it does when it has no room or no memory */
	bool deaf;      /* the caller does not hear of it */
	bool torn;      /* there are no transactions */
	int32_t seen;   /* how many there were */
	char sql[256];  /* the one that failed; "": none */
	void (*note)(int32_t n, const char *sql); /* each statement, numbered from 1; NULL: nobody wants to know */
};

extern struct failing failing;

#endif
