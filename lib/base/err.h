#ifndef PW_BASE_ERR_H
#define PW_BASE_ERR_H

#include "base/attr.h"

#include <sysexits.h>

/*
 * What can go wrong, one row each: the kind, and the exit status that a program ends with.
 * Functions that can fail take a `struct err *` last and return -1; those that look something up return
 * 1 (there was one), 0 (none) or -1.
 */
#define ERR_KINDS(X)                                                      \
	X(NONE,     0)                                                        \
	X(REFUSED,  1)               /* a rule says no: already enrolled */   \
	X(USAGE,    EX_USAGE)        /* the command line is wrong */          \
	X(INVALID,  EX_DATAERR)      /* a document, address or row is bad */  \
	X(NOINPUT,  EX_NOINPUT)      /* a file named cannot be read */        \
	X(MISSING,  EX_NOUSER)       /* a thing named does not exist */       \
	X(UNREACH,  EX_UNAVAILABLE)  /* a server cannot be reached */         \
	X(BUG,      EX_SOFTWARE)     /* the program contradicts itself */     \
	X(CREATE,   EX_CANTCREAT)    /* a file cannot be written */           \
	X(IO,       EX_IOERR)        /* reading or writing failed */          \
	X(BUSY,     EX_TEMPFAIL)     /* locked by another; try again */       \
	X(DENIED,   EX_NOPERM)       /* the caller may not */                 \
	X(CONFIG,   EX_CONFIG)       /* the installation must be mended */

enum err_kind {
#define X(kind, status) ERR_##kind,
	ERR_KINDS(X)
#undef X
};

struct err {
	enum err_kind kind;
	char text[1024]; /* one line without program name or newline; cut when longer */
};

#define ERR_INIT { ERR_NONE, "" }

/* Sets kind and text and returns -1, so that failing reads as one line. Overwrites what was there. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...) PW_FORMAT(3, 4);

/* Like err_set, with ": " and the text of errno behind it. */
int err_errno(struct err *err, enum err_kind kind, const char *fmt, ...) PW_FORMAT(3, 4);

/* Puts text in front of what the error says already ("cannot import row 3: ..."). Returns -1. */
int err_prefix(struct err *err, const char *fmt, ...) PW_FORMAT(2, 3);

/* What 1, 0 or -1 says to a caller who does not ask whether there was one: 0 or -1. */
int err_or_none(int got) PW_CHECK;

/* The exit status that belongs to a kind (sysexits.h; refused: 1). */
int err_status(enum err_kind kind);

/* Ends the process with status 70: the program contradicts itself. Prints file and line. */
PW_NORETURN void bug_at(const char *file, int line, const char *fmt, ...) PW_FORMAT(3, 4);
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
#define BUG_ON(cond)                            \
	do {                                        \
		if (cond)                               \
			BUG("%s", #cond);                   \
	} while (0)

#endif
