/*
 * An SMTP server for tests: 127.0.0.1, no TLS, takes everything, and fails where it is told to.
 *
 *   smtp_sink [OPTION]...      prints its port, then serves until SIGTERM or (--until-eof) its stdin ends;
 *                              then prints what it counted, as one JSON line
 *
 *   --port N                   instead of any free one
 *   --log FILE                 one JSON line for each message accepted, written before it is answered
 *   --sync                     and on the disk before it is answered
 *   --save DIR                 each message as DIR/N.eml, byte for byte, dots unstuffed
 *   --reply-ms N, --dot-ms N   delay of each reply, of the reply to the dot; commands that came together are answered
 *                              together, as by a server far away, but what came behind a dot waits for that one's reply
 *   --no-pipelining --no-8bit --no-utf8 --no-ehlo          what is not offered
 *   --size N                   SIZE N is offered and kept
 *   --auth USER:PASSWORD       AUTH PLAIN and LOGIN; MAIL needs it
 *   --refuse PHASE[/TEXT]=REPLY
 *                              REPLY ("550 5.1.1 no such user") instead of ours, when the sender (mail) or
 *                              recipient (the others) has TEXT in it. PHASE:
 *                              banner ehlo auth mail rcpt data dot rset quit, content (in the midst of it; nothing is read then)
 *   --drop PHASE[/TEXT]        closes without a word: connect ehlo mail rcpt data content dot
 *                              (content: in the middle of it; dot: accepted and logged, but not answered)
 *   --endless PHASE            a reply that never ends; --long PHASE: a line of 100 kB; --drip PHASE: a reply that never
 *                              ends, of which a byte comes each 20 ms
 *   --data-anyway              354 to DATA although no recipient was taken
 *   --close-after N            421 instead of the N+1st message of a connection; --drop-after N: no word
 *   --silent PHASE[/TEXT]      no reply from then on, the connection stays
 *
 * %N behind PHASE or TEXT: only each Nth time.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 512, RULES_MAX = 32, IN_CHUNK = 64 * 1024, DRIP_MS = 20, MESSAGE_MAX = 64 * 1024 * 1024 };

enum rule_kind { RULE_REFUSE, RULE_DROP, RULE_ENDLESS, RULE_LONG, RULE_SILENT, RULE_DRIP };

struct rule {
	enum rule_kind kind;
	char phase[16];
	char match[128];
	char reply[256];
	long every, met; /* 0: always */
};

struct options {
	int port;
	bool until_eof, sync;
	const char *log;
	const char *save;
	int reply_ms, dot_ms;
	bool no_pipelining, no_eightbit, no_utf8, no_ehlo, data_anyway;
	int size;
	const char *auth;
	int close_after, drop_after;
	struct rule rules[RULES_MAX];
	size_t rule_count;
};

enum mode { MODE_COMMAND, MODE_CONTENT, MODE_AUTH_PLAIN, MODE_AUTH_USER, MODE_AUTH_PASSWORD };

struct client {
	int fd;
	enum mode mode;
	bool authenticated, closing, flooding, dripping, mute, deaf;
	bool storing; /* the message that just ended, until hold_ms */
	struct buf in;
	size_t in_at;
	struct buf out;
	size_t out_at;
	int64_t hold_ms; /* nothing is received or written before */
	char from[512], rcpt[512];
	bool has_from, has_rcpt;
	size_t scan; /* content: how far the end was looked for */
	char user[256];
	int messages;
	int number;
};

struct counts {
	long connections, ehlo, mail, rcpt, data, rset, quit, messages, ahead;
};

static struct options opt;
static struct counts count;
static struct client *clients[CLIENTS_MAX];
static int log_fd = -1;
static int64_t now_ms;
static volatile sig_atomic_t ended;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static bool is_its_turn(struct rule *r)
{
	return r->every == 0 || ++r->met % r->every == 0;
}

/* The rule of that kind for this phase whose text is in `subject`, when it is its turn; NULL when none. */
static const struct rule *rule_find(enum rule_kind kind, const char *phase, const char *subject)
{
	for (size_t i = 0; i < opt.rule_count; i++) {
		struct rule *r = &opt.rules[i];
		if (r->kind == kind && strcmp(r->phase, phase) == 0 &&
		    (r->match[0] == '\0' || strstr(subject, r->match)) && is_its_turn(r))
			return r;
	}
	return NULL;
}

static void hold(struct client *c, int ms)
{
	if (ms > 0)
		c->hold_ms = now_ms + ms;
}

static void say(struct client *c, const char *line)
{
	if (c->mute)
		return;
	buf_adds(&c->out, line);
	buf_adds(&c->out, "\r\n");
	hold(c, opt.reply_ms);
}

static void refuse(struct client *c, const char *phase, const struct rule *r)
{
	say(c, r->reply);
	c->closing = c->closing || strncmp(r->reply, "421", 3) == 0 || strcmp(phase, "banner") == 0;
}

/* What a rule does instead of a reply. */
static bool break_off(struct client *c, const char *phase, const char *subject)
{
	if (rule_find(RULE_DROP, phase, subject)) {
		c->closing = true;
		return true;
	}
	if (rule_find(RULE_SILENT, phase, subject)) {
		c->mute = true;
		return true;
	}
	if (rule_find(RULE_ENDLESS, phase, subject)) {
		c->flooding = true;
		return true;
	}
	if (rule_find(RULE_DRIP, phase, subject)) {
		c->flooding = c->dripping = true;
		buf_adds(&c->out, "250-");
		return true;
	}
	if (rule_find(RULE_LONG, phase, subject)) {
		buf_adds(&c->out, "250 ");
		for (int i = 0; i < 100000; i++)
			buf_addc(&c->out, 'x');
		say(c, "");
		return true;
	}
	return false;
}

/* Whether a rule decided what happens to this command; then the usual reply is left out. */
static bool misbehave(struct client *c, const char *phase, const char *subject)
{
	const struct rule *r;

	if (break_off(c, phase, subject))
		return true;
	r = rule_find(RULE_REFUSE, phase, subject);
	if (r)
		refuse(c, phase, r);
	return r != NULL;
}

static void add_json(struct buf *b, const char *name, const char *s, size_t len)
{
	buf_addf(b, "\"%s\":\"", name);
	for (size_t i = 0; i < len; i++) {
		unsigned char ch = (unsigned char)s[i];
		if (ch == '"' || ch == '\\')
			buf_addf(b, "\\%c", ch);
		else if (ch < 0x20 || ch == 0x7F)
			buf_addf(b, "\\u%04x", ch);
		else
			buf_addc(b, (char)ch);
	}
	buf_addc(b, '"');
}

/* The value of a header of the content, without the blanks around it. */
static const char *header_find(const char *content, size_t len, const char *name, size_t *ret_len)
{
	size_t n = strlen(name);

	for (size_t at = 0; at < len && content[at] != '\r';) {
		const char *line = content + at;
		const char *end = memchr(line, '\n', len - at);
		size_t line_len = end ? (size_t)(end - line) + 1 : len - at;
		if (line_len > n && strncasecmp(line, name, n) == 0 && line[n] == ':') {
			const char *v = line + n + 1;
			const char *stop = line + line_len;
			while (v < stop && (*v == ' ' || *v == '\t'))
				v++;
			while (stop > v && (stop[-1] == '\n' || stop[-1] == '\r' || stop[-1] == ' '))
				stop--;
			*ret_len = (size_t)(stop - v);
			return v;
		}
		at += line_len;
	}
	*ret_len = 0;
	return "";
}

static void log_message(const struct client *c, const char *content, size_t len)
{
	BUF_AUTO line = BUF_INIT(8192);
	size_t id_len, subject_len;
	const char *id = header_find(content, len, "Message-ID", &id_len);
	const char *subject = header_find(content, len, "Subject", &subject_len);

	buf_addc(&line, '{');
	add_json(&line, "from", c->from, strlen(c->from));
	buf_addc(&line, ',');
	add_json(&line, "rcpt", c->rcpt, strlen(c->rcpt));
	buf_addc(&line, ',');
	add_json(&line, "message_id", id, id_len);
	buf_addc(&line, ',');
	add_json(&line, "subject", subject, subject_len);
	buf_addf(&line, ",\"bytes\":%zu,\"connection\":%d}\n", len, c->number);
	if (write(log_fd, line.s, line.len) != (ssize_t)line.len || (opt.sync && fdatasync(log_fd) < 0))
		die("log");
}

/* Takes the dots away that RFC 5321 4.5.2 put before lines that begin with one. */
static void save_message(const char *content, size_t len)
{
	BUF_AUTO path = BUF_INIT(4096);
	bool at_start = true;

	buf_addf(&path, "%s/%ld.eml", opt.save, count.messages);
	FILE *f = fopen(path.s, "wb");
	if (!f)
		die(path.s);
	for (size_t i = 0; i < len; i++) {
		if (!(at_start && content[i] == '.'))
			putc(content[i], f);
		at_start = content[i] == '\n';
	}
	if (fclose(f) != 0)
		die(path.s);
}

static void end_transaction(struct client *c)
{
	c->has_from = c->has_rcpt = false;
	c->from[0] = c->rcpt[0] = '\0';
}

static void take_message(struct client *c, const char *content, size_t len)
{
	char reply[64];

	c->mode = MODE_COMMAND;
	if (!c->has_rcpt) {
		say(c, "554 5.5.1 no valid recipients");
		end_transaction(c);
		return;
	}
	if (opt.size > 0 && len > (size_t)opt.size) {
		say(c, "552 5.3.4 message too big");
		end_transaction(c);
		return;
	}
	const struct rule *refusal = rule_find(RULE_REFUSE, "dot", c->rcpt);
	if (!refusal) {
		c->messages++;
		count.messages++;
		if (log_fd >= 0)
			log_message(c, content, len);
		if (opt.save)
			save_message(content, len);
	}
	if (refusal) {
		refuse(c, "dot", refusal);
	} else if (!break_off(c, "dot", c->rcpt)) {
		snprintf(reply, sizeof reply, "250 2.0.0 Ok: queued as %d", c->messages);
		say(c, reply);
		hold(c, opt.dot_ms > opt.reply_ms ? opt.dot_ms : opt.reply_ms);
		c->storing = true;
	}
	end_transaction(c);
}

static int from_base64(const char *s, char *ret, size_t room)
{
	static const char table[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0;
	int have = 0;
	size_t n = 0;

	for (; *s && *s != '='; s++) {
		const char *p = strchr(table, *s);
		if (!p || n + 1 >= room)
			return -1;
		bits = bits << 6 | (unsigned)(p - table);
		have += 6;
		if (have >= 8) {
			have -= 8;
			ret[n++] = (char)(bits >> have & 0xFF);
		}
	}
	ret[n] = '\0';
	return (int)n;
}

static void check_login(struct client *c, const char *user, const char *password)
{
	char both[512];

	snprintf(both, sizeof both, "%s:%s", user, password);
	c->mode = MODE_COMMAND;
	if (misbehave(c, "auth", user))
		return;
	c->authenticated = opt.auth && strcmp(both, opt.auth) == 0;
	say(c, c->authenticated ? "235 2.7.0 welcome" : "535 5.7.8 wrong user or password");
}

static void take_plain(struct client *c, const char *base64)
{
	char text[512] = "";
	int n = from_base64(base64, text, sizeof text);
	const char *user = n > 0 ? text + strlen(text) + 1 : "";
	const char *password = n > 0 && user < text + n ? user + strlen(user) + 1 : "";

	check_login(c, user, password);
}

static void take_auth_line(struct client *c, const char *line)
{
	char text[256] = "";

	if (c->mode == MODE_AUTH_PLAIN) {
		take_plain(c, line);
		return;
	}
	from_base64(line, text, sizeof text);
	if (c->mode == MODE_AUTH_USER) {
		snprintf(c->user, sizeof c->user, "%s", text);
		c->mode = MODE_AUTH_PASSWORD;
		say(c, "334 UGFzc3dvcmQ6");
		return;
	}
	check_login(c, c->user, text);
}

static void take_auth(struct client *c, const char *args)
{
	if (strncasecmp(args, "PLAIN ", 6) == 0) {
		take_plain(c, args + 6);
		return;
	}
	c->mode = strcasecmp(args, "PLAIN") == 0 ? MODE_AUTH_PLAIN : MODE_AUTH_USER;
	say(c, c->mode == MODE_AUTH_PLAIN ? "334 " : "334 VXNlcm5hbWU6");
}

static void take_ehlo(struct client *c)
{
	count.ehlo++;
	if (misbehave(c, "ehlo", ""))
		return;
	buf_adds(&c->out, "250-sink.test\r\n");
	if (!opt.no_pipelining)
		buf_adds(&c->out, "250-PIPELINING\r\n");
	if (opt.size > 0)
		buf_addf(&c->out, "250-SIZE %d\r\n", opt.size);
	if (!opt.no_eightbit)
		buf_adds(&c->out, "250-8BITMIME\r\n");
	if (!opt.no_utf8)
		buf_adds(&c->out, "250-SMTPUTF8\r\n");
	if (opt.auth)
		buf_adds(&c->out, "250-AUTH PLAIN LOGIN\r\n");
	say(c, "250 ENHANCEDSTATUSCODES");
}

static void copy_address(const char *line, char *ret, size_t room)
{
	const char *open = strchr(line, '<');
	const char *close = open ? strrchr(open, '>') : NULL;
	size_t n = close ? (size_t)(close - open) - 1 : 0;

	if (n >= room)
		n = room - 1;
	if (n > 0)
		memcpy(ret, open + 1, n);
	ret[n] = '\0';
}

static bool used_up(struct client *c)
{
	if (opt.drop_after > 0 && c->messages >= opt.drop_after) {
		c->closing = true;
		return true;
	}
	if (opt.close_after > 0 && c->messages >= opt.close_after) {
		say(c, "421 4.7.0 too many messages, come again");
		c->closing = true;
		return true;
	}
	return false;
}

static void take_mail(struct client *c, const char *line)
{
	count.mail++;
	if (used_up(c))
		return;
	copy_address(line, c->from, sizeof c->from);
	if (misbehave(c, "mail", c->from))
		return;
	if (opt.auth && !c->authenticated) {
		say(c, "530 5.7.0 authentication required");
		return;
	}
	if (c->has_from) {
		say(c, "503 5.5.1 nested MAIL");
		return;
	}
	c->has_from = true;
	say(c, "250 2.1.0 Ok");
}

static void take_rcpt(struct client *c, const char *line)
{
	count.rcpt++;
	if (!c->has_from) {
		say(c, "503 5.5.1 MAIL first");
		return;
	}
	copy_address(line, c->rcpt, sizeof c->rcpt);
	if (misbehave(c, "rcpt", c->rcpt))
		return;
	c->has_rcpt = true;
	say(c, "250 2.1.5 Ok");
}

static void take_data(struct client *c)
{
	count.data++;
	if (!c->has_rcpt && !opt.data_anyway) {
		say(c, "503 5.5.1 RCPT first");
		return;
	}
	if (misbehave(c, "data", c->rcpt))
		return;
	c->mode = MODE_CONTENT;
	c->scan = c->in_at;
	say(c, "354 go ahead");
}

static void take_quit(struct client *c)
{
	if (misbehave(c, "quit", ""))
		return;
	say(c, "221 2.0.0 bye");
	c->closing = true;
}

static void take_command(struct client *c, const char *line)
{
	if (strncasecmp(line, "EHLO", 4) == 0 && !opt.no_ehlo)
		take_ehlo(c);
	else if (strncasecmp(line, "HELO", 4) == 0)
		say(c, "250 sink.test");
	else if (strncasecmp(line, "AUTH ", 5) == 0 && opt.auth)
		take_auth(c, line + 5);
	else if (strncasecmp(line, "MAIL FROM:", 10) == 0)
		take_mail(c, line);
	else if (strncasecmp(line, "RCPT TO:", 8) == 0)
		take_rcpt(c, line);
	else if (strcasecmp(line, "DATA") == 0)
		take_data(c);
	else if (strcasecmp(line, "RSET") == 0) {
		count.rset++;
		end_transaction(c);
		if (!misbehave(c, "rset", ""))
			say(c, "250 2.0.0 Ok");
	} else if (strcasecmp(line, "QUIT") == 0) {
		count.quit++;
		take_quit(c);
	} else
		say(c, "502 5.5.2 what?");
}

/* The content's end: ".\r\n" at its beginning or behind a line's end. true when it was all there. */
static bool take_content(struct client *c)
{
	const char *begin = c->in.s + c->in_at;
	size_t len = c->in.len - c->in_at;

	if (len > 0 && !c->deaf && misbehave(c, "content", c->rcpt))
		c->deaf = true;
	if (c->deaf)
		return false;
	if (len >= 3 && memcmp(begin, ".\r\n", 3) == 0) {
		c->in_at += 3;
		take_message(c, begin, 0);
		return true;
	}
	size_t from = c->scan - c->in_at;
	const char *end = memmem(begin + from, len - from, "\r\n.\r\n", 5);
	if (!end) {
		c->scan = c->in_at + (len > from + 4 ? len - 4 : from);
		return false;
	}
	c->in_at += (size_t)(end - begin) + 5;
	take_message(c, begin, (size_t)(end - begin) + 2);
	return true;
}

static bool take_line(struct client *c)
{
	char line[2048];
	const char *begin = c->in.s + c->in_at;
	const char *lf = memchr(begin, '\n', c->in.len - c->in_at);

	if (!lf)
		return false;
	size_t n = (size_t)(lf - begin);
	c->in_at += n + 1;
	if (opt.no_pipelining && c->in_at < c->in.len)
		count.ahead++;
	if (n > 0 && begin[n - 1] == '\r')
		n--;
	if (n >= sizeof line)
		n = sizeof line - 1;
	memcpy(line, begin, n);
	line[n] = '\0';
	if (c->mode == MODE_COMMAND)
		take_command(c, line);
	else
		take_auth_line(c, line);
	return true;
}

/* What came together is taken together, though the replies are held. */
static bool may_take(const struct client *c)
{
	if (c->closing || c->flooding)
		return false;
	return now_ms >= c->hold_ms || (!c->storing && c->mode == MODE_COMMAND);
}

static void take_input(struct client *c)
{
	bool more = true;

	while (more && may_take(c))
		more = c->mode == MODE_CONTENT ? take_content(c) : take_line(c);
	if (c->in_at == c->in.len) {
		buf_clear(&c->in);
		c->in_at = 0;
		c->scan = 0;
	}
}

static void client_free(struct client *c)
{
	close(c->fd);
	buf_release(&c->in);
	buf_release(&c->out);
	free(c);
}

static void flood(struct client *c)
{
	if (c->dripping) {
		buf_addc(&c->out, 'x');
		c->hold_ms = now_ms + DRIP_MS;
		return;
	}
	for (int i = 0; i < 100; i++)
		buf_adds(&c->out, "250-and so on\r\n");
}

/* false when the connection is to be closed now. */
static bool write_out(struct client *c)
{
	if (now_ms < c->hold_ms)
		return true;
	c->storing = false;
	if (c->flooding && c->out_at == c->out.len)
		flood(c);
	while (c->out_at < c->out.len) {
		ssize_t n = send(c->fd, c->out.s + c->out_at, c->out.len - c->out_at, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		c->out_at += (size_t)n;
	}
	buf_clear(&c->out);
	c->out_at = 0;
	return !c->closing;
}

static bool read_in(struct client *c)
{
	static char bytes[IN_CHUNK];

	for (;;) {
		ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		buf_add(&c->in, bytes, (size_t)n);
		if (n < (ssize_t)sizeof bytes)
			return true;
	}
}

/* false when the connection is over. */
static bool client_serve(struct client *c, short revents)
{
	if (c->deaf && (revents & (POLLHUP | POLLERR)))
		return false;
	if (!c->deaf && (revents & (POLLIN | POLLHUP | POLLERR)) && !read_in(c))
		return false;
	for (;;) {
		size_t before = c->in_at + c->out.len;
		if (!write_out(c))
			return false;
		take_input(c);
		if (!write_out(c))
			return false;
		if (now_ms < c->hold_ms || c->in_at + c->out.len == before || c->in.len == 0)
			return true;
	}
}

static void client_accept(int listener)
{
	int on = 1;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	size_t i = 0;

	while (i < CLIENTS_MAX && clients[i])
		i++;
	if (fd < 0 || i == CLIENTS_MAX)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	struct client *c = xcalloc(1, sizeof *c);
	c->fd = fd;
	c->number = (int)++count.connections;
	buf_init(&c->in, MESSAGE_MAX);
	buf_init(&c->out, MESSAGE_MAX);
	if (!misbehave(c, "connect", "") && !misbehave(c, "banner", ""))
		say(c, "220 sink.test ESMTP");
	if (!write_out(c)) {
		client_free(c);
		return;
	}
	clients[i] = c;
}

static int listen_on(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t len = sizeof a;
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		die("listen");
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

static void rule_add(enum rule_kind kind, const char *arg)
{
	BUG_ON(opt.rule_count == RULES_MAX);
	struct rule *r = &opt.rules[opt.rule_count++];
	const char *reply = strchr(arg, '=');
	size_t n = reply ? (size_t)(reply - arg) : strlen(arg);
	const char *every = memchr(arg, '%', n);

	r->every = every ? strtol(every + 1, NULL, 10) : 0;
	n = every ? (size_t)(every - arg) : n;
	const char *match = memchr(arg, '/', n);
	size_t phase = match ? (size_t)(match - arg) : n;

	r->kind = kind;
	snprintf(r->phase, sizeof r->phase, "%.*s", (int)phase, arg);
	if (match)
		snprintf(r->match, sizeof r->match, "%.*s", (int)(n - phase - 1), match + 1);
	if (reply)
		snprintf(r->reply, sizeof r->reply, "%s", reply + 1);
}

static const struct {
	const char *name;
	bool *flag;
	int *number;
	const char **text;
	int rule; /* enum rule_kind, -1 for none */
} options[] = {
	{ "--until-eof", &opt.until_eof, NULL, NULL, -1 },
	{ "--sync", &opt.sync, NULL, NULL, -1 },
	{ "--no-pipelining", &opt.no_pipelining, NULL, NULL, -1 },
	{ "--no-8bit", &opt.no_eightbit, NULL, NULL, -1 },
	{ "--no-utf8", &opt.no_utf8, NULL, NULL, -1 },
	{ "--no-ehlo", &opt.no_ehlo, NULL, NULL, -1 },
	{ "--data-anyway", &opt.data_anyway, NULL, NULL, -1 },
	{ "--port", NULL, &opt.port, NULL, -1 },
	{ "--reply-ms", NULL, &opt.reply_ms, NULL, -1 },
	{ "--dot-ms", NULL, &opt.dot_ms, NULL, -1 },
	{ "--size", NULL, &opt.size, NULL, -1 },
	{ "--close-after", NULL, &opt.close_after, NULL, -1 },
	{ "--drop-after", NULL, &opt.drop_after, NULL, -1 },
	{ "--log", NULL, NULL, &opt.log, -1 },
	{ "--save", NULL, NULL, &opt.save, -1 },
	{ "--auth", NULL, NULL, &opt.auth, -1 },
	{ "--refuse", NULL, NULL, NULL, RULE_REFUSE },
	{ "--drop", NULL, NULL, NULL, RULE_DROP },
	{ "--endless", NULL, NULL, NULL, RULE_ENDLESS },
	{ "--long", NULL, NULL, NULL, RULE_LONG },
	{ "--silent", NULL, NULL, NULL, RULE_SILENT },
	{ "--drip", NULL, NULL, NULL, RULE_DRIP },
};

/* Returns how many words were used. */
static int option_take(const char *word, const char *value)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (strcmp(word, options[i].name) != 0)
			continue;
		if (options[i].flag) {
			*options[i].flag = true;
			return 1;
		}
		if (!value)
			break;
		if (options[i].number)
			*options[i].number = (int)strtol(value, NULL, 10);
		else if (options[i].text)
			*options[i].text = value;
		else
			rule_add((enum rule_kind)options[i].rule, value);
		return 2;
	}
	fprintf(stderr, "smtp_sink: what is '%s'?\n", word);
	exit(64);
}

static void on_term(int sig)
{
	(void)sig;
	ended = 1;
}

/* Builds the list to poll and returns how long at most. */
static int poll_list(struct pollfd *fds, struct client **at, size_t *n)
{
	int64_t wait = -1;

	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = clients[i];
		if (!c)
			continue;
		bool held = now_ms < c->hold_ms;
		if (held && (wait < 0 || c->hold_ms - now_ms < wait))
			wait = c->hold_ms - now_ms;
		short events = held || c->deaf ? 0 : POLLIN;
		if (!held && (c->out_at < c->out.len || c->flooding))
			events |= POLLOUT;
		at[*n] = c;
		fds[(*n)++] = (struct pollfd){ .fd = c->fd, .events = events };
	}
	return (int)wait;
}

static void serve(int listener)
{
	static struct pollfd fds[CLIENTS_MAX + 2];
	static struct client *at[CLIENTS_MAX + 2];
	char byte;

	while (!ended) {
		size_t n = 2;
		fds[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = opt.until_eof ? 0 : -1, .events = POLLIN };
		int wait = poll_list(fds, at, &n);
		if (poll(fds, n, wait) < 0)
			continue;
		now_ms = clock_monotonic_ms();
		if (fds[0].revents)
			client_accept(listener);
		for (size_t i = 2; i < n; i++) {
			if (client_serve(at[i], fds[i].revents))
				continue;
			for (size_t k = 0; k < CLIENTS_MAX; k++)
				if (clients[k] == at[i])
					clients[k] = NULL;
			client_free(at[i]);
		}
		if (fds[1].revents && read(0, &byte, 1) <= 0)
			return;
	}
}

static void print_counts(void)
{
	printf(
	    "{\"connections\":%ld,\"ehlo\":%ld,\"mail\":%ld,\"rcpt\":%ld,\"data\":%ld,\"rset\":%ld,\"quit\":%ld,"
	    "\"messages\":%ld,\"ahead\":%ld}\n",
	    count.connections, count.ehlo, count.mail, count.rcpt, count.data, count.rset, count.quit,
	    count.messages, count.ahead);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc;)
		i += option_take(argv[i], argv[i + 1]);
	if (opt.log && (log_fd = open(opt.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) < 0)
		die(opt.log);
	struct sigaction term = { .sa_handler = on_term };
	sigaction(SIGTERM, &term, NULL);
	now_ms = clock_monotonic_ms();
	int listener = listen_on(opt.port);
	serve(listener);
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (clients[i])
			client_free(clients[i]);
	close(listener);
	print_counts();
	return 0;
}
