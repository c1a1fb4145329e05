#ifndef PW_TRANSPORT_SENDMAIL_H
#define PW_TRANSPORT_SENDMAIL_H

#include "base/attr.h"
#include "transport/delivery.h"

#include <stddef.h>
#include <stdint.h>

struct pollfd;

/*
 * Hands one message to a program with sendmail's interface: PROGRAM -i -f FROM -- RCPT, the message on its
 * stdin. No shell, a new environment (PATH, HOME, USER, LOGNAME, LC_ALL), no other open files.
 *
 * The program gets the whole message as a file (memfd), never a pipe that we fill: if this process is killed
 * half way, a pipe would just end, and the program would send a mutilated mail. Hence also the order: the
 * fence is committed before the program starts, for it may send from then on.
 *
 *	struct sendmail *s = sendmail_prepare(&job, &d);      NULL: not possible, d says why
 *	fence the message; once that is committed:
 *	sendmail_run(s, now_ms);
 *	poll on sendmail_fds(), until sendmail_wake_ms()
 *	sendmail_step(s, now_ms, &d) == 1                     d is what became of it
 *	sendmail_close(s);
 *
 * How the exit status is read (sysexits.h):
 *
 *   0                                              sent
 *   75 (TEMPFAIL)                                  retry
 *   126, 127 (a shell's), cannot be started        settings
 *   any other                                      refused; 64 (USAGE), 71 (OSERR), 72 (OSFILE), 77 (NOPERM) and
 *                                                  78 (CONFIG) speak of the mailbox: delivery_blames_mailbox()
 *   killed by a signal, or by us at the deadline   in-doubt
 */
struct sendmail;

struct sendmail_job {
	const char *program; /* absolute path */
	const char *from;    /* all borrowed during sendmail_prepare() */
	const char *rcpt;
	const char *content; /* CR LF line ends, checked here; the program gets LF */
	size_t len;
	int64_t deadline_ms; /* how long it may run; 0: 5 minutes */
};

#define SENDMAIL_FDS_MAX 2

/*
 * Checks addresses, content and program, and prepares everything but starts nothing.
 * Returns NULL with *ret filled (refused, settings or retry) when it cannot be.
 */
struct sendmail *sendmail_prepare(const struct sendmail_job *job, struct delivery *ret) PW_CHECK;

/* Starts the program. What goes wrong comes out of sendmail_step(). */
void sendmail_run(struct sendmail *s, int64_t now_ms);

size_t sendmail_fds(const struct sendmail *s, struct pollfd *ret);
int64_t sendmail_wake_ms(const struct sendmail *s);

/*
 * 1: it has ended, *ret filled (text: the name of the exit status, "EX_NOUSER" or "exit status 3", and the first line
 * that it wrote to stderr). 0: still running.
 */
int sendmail_step(struct sendmail *s, int64_t now_ms, struct delivery *ret) PW_CHECK;

/* Kills the program's process group if it still runs; frees. NULL is fine. */
void sendmail_close(struct sendmail *s);

#endif
