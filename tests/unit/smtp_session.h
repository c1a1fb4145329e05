#ifndef PW_TESTS_SMTP_SESSION_H
#define PW_TESTS_SMTP_SESSION_H

/*
 * What the SMTP tests share: a sink beside the test program, and a small delivery loop that counts what
 * happens to each mail.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "transport/smtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SINK_ARGS_MAX = 24, CONNECTIONS_MAX = 40, SILENCE_MS = 200 };

struct sink {
	pid_t pid;
	int stdin_fd;
	FILE *out;
	char url[64];
	char log[64];
	char counts[512];
};

/* Starts the sink with the given options (NULL ends them). */
static inline void sink_start(struct sink *s, const char *const *options)
{
	char self[PATH_MAX], path[PATH_MAX + 16], line[32];
	char *argv[SINK_ARGS_MAX] = { path, (char[]){ "--until-eof" }, (char[]){ "--log" }, s->log };
	int in[2], out[2];
	size_t n = 4;
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	assert_true(len > 0);
	self[len] = '\0';
	snprintf(path, sizeof path, "%s/smtp_sink", dirname(self));
	snprintf(s->log, sizeof s->log, "/tmp/smtp_sink.XXXXXX");
	int fd = mkstemp(s->log);
	assert_true(fd >= 0);
	close(fd);
	for (; options && *options; options++)
		argv[n++] = xstrdup(*options);
	assert_true(n < SINK_ARGS_MAX);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execv(path, argv);
		_exit(127);
	}
	for (size_t i = 4; i < n; i++)
		free(argv[i]);
	close(in[0]);
	close(out[1]);
	s->stdin_fd = in[1];
	s->out = fdopen(out[0], "r");
	assert_non_null(fgets(line, sizeof line, s->out));
	snprintf(s->url, sizeof s->url, "smtp://127.0.0.1:%ld", strtol(line, NULL, 10));
}

/* Ends the sink; s->counts has what it counted, the log is still there. */
static inline void sink_stop(struct sink *s)
{
	int status;

	close(s->stdin_fd);
	assert_non_null(fgets(s->counts, sizeof s->counts, s->out));
	fclose(s->out);
	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_int_equal(status, 0);
}

static inline long sink_count(const struct sink *s, const char *name)
{
	char key[64];

	snprintf(key, sizeof key, "\"%s\":", name);
	const char *at = strstr(s->counts, key);
	assert_non_null(at);
	return strtol(at + strlen(key), NULL, 10);
}

/* How many accepted messages went to this recipient; NULL: all. */
static inline int sink_accepted(const struct sink *s, const char *rcpt)
{
	char line[4096], key[300];
	int n = 0;
	FILE *f = fopen(s->log, "r");

	assert_non_null(f);
	snprintf(key, sizeof key, "\"rcpt\":\"%s\"", rcpt ? rcpt : "");
	while (fgets(line, sizeof line, f))
		if (!rcpt || strstr(line, key))
			n++;
	fclose(f);
	return n;
}

static inline void sink_forget(struct sink *s)
{
	unlink(s->log);
}

struct mail {
	char rcpt[64];
	int fences;
	int ends;
	struct delivery end;
};

static const char mail_text[] = "Subject: hello\r\nMessage-ID: <m@x.test>\r\n\r\n.dot\r\n..\r\n.\r\nbye\r\n";

struct session {
	struct smtp_config config;
	struct mail *mails;
	size_t count;
	size_t *queue; /* indices of mails to send; a ring of count + 1 */
	size_t head, tail;
	const char *content; /* NULL: mail_text */
	size_t content_len;
	size_t connections; /* at once */
	int opens_left;     /* how often a lost connection is made anew */
	bool again;         /* what comes back as retry is sent again */
	bool impatient;     /* when all is silent the clock jumps ahead */
	int64_t skipped_ms;
	struct smtp *open[CONNECTIONS_MAX];
	int closes;
	struct delivery closed; /* why the last one ended */
	struct delivery begun;  /* of the last smtp_begin() that was refused */
};

static inline void queue_put(struct session *s, size_t mail)
{
	s->queue[s->tail] = mail;
	s->tail = (s->tail + 1) % (s->count + 1);
}

static inline int64_t session_now(const struct session *s)
{
	return clock_monotonic_ms() + s->skipped_ms;
}

/* Mails to a1@, a2@, ... all queued; every `bad_each`th goes to badN@ instead (0: none). */
static inline void session_init(struct session *s, const struct sink *sink, size_t count, size_t bad_each)
{
	*s = (struct session){ .config = { .url = sink->url, .helo = "test.example" },
		                   .count = count,
		                   .connections = 1,
		                   .content = mail_text,
		                   .content_len = sizeof mail_text - 1 };
	s->mails = xcalloc(count + 1, sizeof *s->mails);
	s->queue = xcalloc(count + 1, sizeof *s->queue);
	for (size_t i = 0; i < count; i++) {
		bool bad = bad_each && i % bad_each == bad_each - 1;
		snprintf(s->mails[i].rcpt, sizeof s->mails[i].rcpt, "%s%zu@y.test", bad ? "bad" : "a", i);
		queue_put(s, i);
	}
}

static inline void session_release(struct session *s)
{
	for (size_t i = 0; i < s->connections; i++)
		smtp_close(s->open[i]);
	free(s->mails);
	free(s->queue);
}

static inline void mail_ended(struct session *s, size_t mail, const struct delivery *d)
{
	if (s->again && d->outcome == DELIVERY_RETRY) {
		queue_put(s, mail);
		return;
	}
	s->mails[mail].ends++;
	s->mails[mail].end = *d;
}

static inline void begin_next(struct session *s, struct smtp *c)
{
	while (s->head != s->tail && smtp_can_begin(c)) {
		size_t mail = s->queue[s->head];
		struct smtp_envelope env = {
			.id = (int64_t)mail, .from = "sender@x.test", .rcpt = s->mails[mail].rcpt, .size = s->content_len
		};
		s->head = (s->head + 1) % (s->count + 1);
		if (smtp_begin(c, &env, session_now(s), &s->begun) == 0)
			return;
		mail_ended(s, mail, &s->begun);
	}
}

static inline void session_event(struct session *s, size_t which, enum smtp_event event,
                                 const struct delivery *d, int64_t id)
{
	struct smtp *c = s->open[which];
	struct delivery refused;

	switch (event) {
	case SMTP_NONE:
		return;
	case SMTP_CONNECTED:
		begin_next(s, c);
		return;
	case SMTP_FENCE:
		s->mails[id].fences++;
		begin_next(s, c);
		if (smtp_content(c, s->content, s->content_len, session_now(s), &refused) < 0)
			mail_ended(s, (size_t)id, &refused);
		return;
	case SMTP_DONE:
		mail_ended(s, (size_t)id, d);
		begin_next(s, c);
		return;
	case SMTP_CLOSED:
		s->closes++;
		s->closed = *d;
		smtp_close(c);
		s->open[which] = s->opens_left-- > 0 ? smtp_open(&s->config, session_now(s)) : NULL;
		return;
	}
}

static inline void feed(struct session *s, size_t which)
{
	struct delivery d;
	int64_t id = 0;
	struct smtp *c = s->open[which];

	/* Until SMTP_NONE, or SMTP_CLOSED replaced the connection. */
	while (s->open[which] && s->open[which] == c) {
		enum smtp_event event = smtp_feed(c, session_now(s), &d, &id);
		if (event == SMTP_NONE) {
			begin_next(s, c);
			return;
		}
		session_event(s, which, event, &d, id);
	}
}

static inline void session_wait(struct session *s)
{
	struct pollfd fds[CONNECTIONS_MAX * SMTP_FDS_MAX];
	size_t n = 0;
	int64_t wake = INT64_MAX;

	for (size_t i = 0; i < s->connections; i++) {
		if (!s->open[i])
			continue;
		n += smtp_fds(s->open[i], fds + n);
		if (smtp_wake_ms(s->open[i]) < wake)
			wake = smtp_wake_ms(s->open[i]);
	}
	int64_t left = wake - session_now(s);
	int64_t most = s->impatient ? SILENCE_MS : 10000;
	int64_t wait = left < 0 ? 0 : left < most ? left : most;
	if (poll(fds, n, (int)wait) == 0 && s->impatient && left > most)
		s->skipped_ms += left;
}

static inline size_t session_open_count(const struct session *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->connections; i++)
		n += s->open[i] != NULL;
	return n;
}

static inline size_t session_ended(const struct session *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->count; i++)
		n += s->mails[i].ends > 0;
	return n;
}

/* Sends until every mail has its end or no connection is left. */
static inline void session_run(struct session *s)
{
	for (size_t i = 0; i < s->connections; i++)
		s->open[i] = smtp_open(&s->config, session_now(s));
	for (;;) {
		for (size_t i = 0; i < s->connections; i++)
			if (s->open[i])
				feed(s, i);
		if (session_open_count(s) == 0 || (s->count > 0 && session_ended(s) == s->count))
			return;
		session_wait(s);
	}
}

#endif
