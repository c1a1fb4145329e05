#ifndef PW_TORTURE_POWER_LOG_H
#define PW_TORTURE_POWER_LOG_H

#include <stddef.h>
#include <stdint.h>

/*
 * What record_vfs.c, the rig and the sink wrote down, in the order in which it happened: operations on the files of a
 * database, and between them what somebody was told was done.
 */
struct op {
	char kind;         /* O W T S D as in record_vfs.c; + a fact; { a mail that the sink took; ! recorded */
	char *name;        /* of the file; of the fact: "contact p1@example.org"; of the mail: its Message-ID */
	char *rcpt;        /* of the mail */
	int64_t number;
	const char *bytes; /* in the text of the log */
	size_t len;
};

/* All of a log, in memory that is never freed. */
struct op *power_log_read(const char *path, size_t *ret_n);

#endif
