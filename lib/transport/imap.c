#include "transport/imap.h"

#include "base/attr.h"
#include "base/buf.h"
#include "base/civil.h"
#include "base/clock.h"
#include "base/mem.h"
#include "transport/curl_opt.h"
#include "transport/imap_name.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECT_MS = 30000, ANSWER_MS = 60000, LINE_MAX_BYTES = 8 << 20, TEXT_SHOWN = 200 };

struct imap {
	CURL *easy;
	curl_socket_t fd;
	unsigned tag;
	char in[16384]; /* what was received and not yet read */
	size_t at, len;
	bool offers_sasl;    /* a mechanism that is taken here; by what the server said last of what it can */
	bool login_disabled; /* LOGINDISABLED */
	char error[CURL_ERROR_SIZE];
};

/* One line of an answer: `text` without literals, of which the last one is in `literal`. */
struct answer {
	struct buf text, literal;
	size_t literal_max; /* more of it is read and forgotten */
};

static int gone(struct err *err)
{
	return err_set(err, ERR_UNREACH, "the server closed the connection");
}

static size_t ignore(char *data, size_t size, size_t n, void *user)
{
	(void)data;
	(void)user;
	return size * n;
}

static bool has_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = line; (at = strcasestr(at, word)) != NULL; at += n)
		if (at[-1] == ' ' && strchr(" \r\n]", at[n]))
			return true;
	return false;
}

/* RFC 3501 section 7.2.1. A line is handed over whole. */
static size_t hear_capabilities(char *data, size_t size, size_t n, void *user)
{
	static const char *const mechanisms[] = { "AUTH=PLAIN", "AUTH=LOGIN", "AUTH=CRAM-MD5", "AUTH=SCRAM-SHA-1", "AUTH=SCRAM-SHA-256" };
	BUF_AUTO line = BUF_INIT(65536);
	struct imap *m = user;

	buf_add(&line, data, size * n);
	if (strncasecmp(line.s, "* CAPABILITY ", 13) != 0)
		return size * n;
	m->offers_sasl = false;
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		m->offers_sasl = m->offers_sasl || has_word(line.s, mechanisms[i]);
	m->login_disabled = has_word(line.s, "LOGINDISABLED");
	return size * n;
}

static CURLcode set_options(struct imap *m, const struct imap_config *config, bool login)
{
	struct curl_opts o = { .easy = m->easy };

	opt_str(&o, CURLOPT_URL, config->url);
	opt_str(&o, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	opt_connection(&o, config->tls, config->ca_file);
	opt_long(&o, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	opt_long(&o, CURLOPT_TIMEOUT_MS, CONNECT_MS);
	opt_long(&o, CURLOPT_SERVER_RESPONSE_TIMEOUT, CONNECT_MS / 1000);
	opt_write_fn(&o, CURLOPT_HEADERFUNCTION, hear_capabilities);
	opt_ptr(&o, CURLOPT_HEADERDATA, m);
	opt_write_fn(&o, CURLOPT_WRITEFUNCTION, ignore);
	opt_ptr(&o, CURLOPT_ERRORBUFFER, m->error);
	if (login)
		opt_login(&o, config->user, config->token, config->password);
	return o.failed;
}

static int connect_failed(const struct imap *m, CURLcode result, struct err *err)
{
	const char *text = m->error[0] ? m->error : curl_easy_strerror(result);

	switch ((int)result) {
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		return err_set(err, ERR_CONFIG, m->login_disabled ? "the server takes no password on a connection without TLS" : "the login is refused");
	case CURLE_USE_SSL_FAILED:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return err_set(err, ERR_CONFIG, "%s", text);
	default:
		return err_set(err, ERR_UNREACH, "%s", text);
	}
}

static CURLcode connect_once(struct imap *m, const struct imap_config *config, bool login)
{
	CURLcode result = CURLE_FAILED_INIT;

	m->easy = curl_easy_init();
	if (m->easy)
		result = set_options(m, config, login);
	if (result == CURLE_OK)
		result = curl_easy_perform(m->easy);
	if (result == CURLE_OK)
		result = curl_easy_getinfo(m->easy, CURLINFO_ACTIVESOCKET, &m->fd);
	return result == CURLE_OK && m->fd == CURL_SOCKET_BAD ? CURLE_COULDNT_CONNECT : result;
}

void imap_close(struct imap *m)
{
	if (!m)
		return;
	curl_easy_cleanup(m->easy);
	free(m);
}

static int wait_for(const struct imap *m, short events, int64_t deadline, struct err *err)
{
	struct pollfd p = { .fd = m->fd, .events = events };
	int64_t left = deadline - clock_monotonic_ms();
	int got;

	if (left <= 0)
		return err_set(err, ERR_UNREACH, "the server does not answer");
	got = poll(&p, 1, (int)left);
	return got < 0 && errno != EINTR ? err_errno(err, ERR_UNREACH, "poll") : 0;
}

static int send_all(struct imap *m, const struct buf *b, struct err *err)
{
	int64_t deadline = clock_monotonic_ms() + ANSWER_MS;
	size_t sent = 0, n;

	while (sent < b->len) {
		CURLcode result = curl_easy_send(m->easy, b->s + sent, b->len - sent, &n);

		if (result == CURLE_OK)
			sent += n;
		else if (result != CURLE_AGAIN)
			return gone(err);
		else if (wait_for(m, POLLOUT, deadline, err) < 0)
			return -1;
	}
	return 0;
}

/* Makes bytes available in m->in. */
static int fill(struct imap *m, struct err *err)
{
	int64_t deadline = clock_monotonic_ms() + ANSWER_MS;

	for (;;) {
		CURLcode result = curl_easy_recv(m->easy, m->in, sizeof m->in, &m->len);

		m->at = 0;
		if (result == CURLE_OK && m->len > 0)
			return 0;
		m->len = 0;
		if (result != CURLE_AGAIN)
			return gone(err);
		if (wait_for(m, POLLIN, deadline, err) < 0)
			return -1;
	}
}

/* Appends up to and with the next LF. */
static int read_to_lf(struct imap *m, struct buf *out, struct err *err)
{
	for (;;) {
		const char *from, *lf;
		size_t n;

		if (m->at == m->len && fill(m, err) < 0)
			return -1;
		from = m->in + m->at;
		lf = memchr(from, '\n', m->len - m->at);
		n = lf ? (size_t)(lf - from) + 1 : m->len - m->at;
		buf_add(out, from, n);
		m->at += n;
		if (out->over)
			return err_set(err, ERR_UNREACH, "a line of the server is too long");
		if (lf)
			return 0;
	}
}

static int read_literal(struct imap *m, int64_t size, struct answer *a, struct err *err)
{
	buf_clear(&a->literal);
	while (size > 0) {
		size_t n;

		if (m->at == m->len && fill(m, err) < 0)
			return -1;
		n = m->len - m->at;
		if ((int64_t)n > size)
			n = (size_t)size;
		if (a->literal.len < a->literal_max)
			buf_add(&a->literal, m->in + m->at, n < a->literal_max - a->literal.len ? n : a->literal_max - a->literal.len);
		m->at += n;
		size -= (int64_t)n;
	}
	return 0;
}

/* The size that a line ends with, "{1234}", or -1. */
static int64_t literal_size(const struct buf *line)
{
	const char *brace = line->len > 0 && line->s[line->len - 1] == '}' ? strrchr(line->s, '{') : NULL;
	int64_t size = 0;

	if (!brace || !isdigit((unsigned char)brace[1]))
		return -1;
	for (brace++; isdigit((unsigned char)*brace) && size < INT64_C(1) << 40; brace++)
		size = size * 10 + (*brace - '0');
	return *brace == '}' ? size : -1;
}

static void cut_line_end(struct buf *b)
{
	while (b->len > 0 && (b->s[b->len - 1] == '\n' || b->s[b->len - 1] == '\r'))
		buf_truncate(b, b->len - 1);
}

/* One whole answer, with its literals. */
static int read_answer(struct imap *m, struct answer *a, struct err *err)
{
	int64_t size;

	buf_clear(&a->text);
	do {
		size_t before = a->text.len;

		if (read_to_lf(m, &a->text, err) < 0)
			return -1;
		cut_line_end(&a->text);
		size = a->text.len > before ? literal_size(&a->text) : -1;
		if (size >= 0 && read_literal(m, size, a, err) < 0)
			return -1;
	} while (size >= 0);
	return 0;
}

/*
 * Sends a command and reads what the server says to it; each untagged answer is handed to `take`. Returns 1 for OK, 0 for
 * NO and BAD with *err set (ERR_MISSING), -1.
 */
static int command(struct imap *m, const char *text, struct answer *a, void (*take)(const struct answer *a, void *ctx),
                   void *ctx, struct err *err)
{
	BUF_AUTO line = BUF_INIT(65536);
	char tag[16];
	size_t n;

	snprintf(tag, sizeof tag, "p%u ", ++m->tag);
	n = strlen(tag);
	buf_addf(&line, "%s%s\r\n", tag, text);
	if (send_all(m, &line, err) < 0)
		return -1;
	for (;;) {
		if (read_answer(m, a, err) < 0)
			return -1;
		if (strncmp(a->text.s, tag, n) == 0)
			break;
		if (strncasecmp(a->text.s, "* BYE", 5) == 0)
			return gone(err);
		take(a, ctx);
	}
	if (strncasecmp(a->text.s + n, "OK", 2) == 0)
		return 1;
	err_set(err, ERR_MISSING, "the server says: %.*s", TEXT_SHOWN, a->text.s + n);
	return 0;
}

static void answer_init(struct answer *a, size_t literal_max)
{
	buf_init(&a->text, LINE_MAX_BYTES);
	buf_init(&a->literal, literal_max);
	a->literal_max = literal_max;
}

static void answer_release(struct answer *a)
{
	buf_release(&a->text);
	buf_release(&a->literal);
}

static void take_nothing(const struct answer *a, void *ctx)
{
	(void)a;
	(void)ctx;
}

static int send_login(struct imap *m, const struct imap_config *config, struct err *err)
{
	BUF_AUTO text = BUF_INIT(8192);
	struct err why = ERR_INIT; /* the server's words may have the password */
	struct answer a;
	int got;

	buf_adds(&text, "LOGIN ");
	if (!imap_quoted(&text, config->user) || (buf_addc(&text, ' '), !imap_quoted(&text, config->password)))
		return err_set(err, ERR_CONFIG, "the server takes only LOGIN, and that no such user or password");
	answer_init(&a, 65536);
	got = command(m, text.s, &a, take_nothing, NULL, &why);
	answer_release(&a);
	explicit_bzero(text.s, text.len);
	if (got == 0)
		return err_set(err, ERR_CONFIG, "the login is refused");
	return got < 0 ? err_set(err, why.kind, "%s", why.text) : 0;
}

/* A server that offers no mechanism may still have the command LOGIN, which libcurl does not try where mechanisms are chosen. */
static bool may_login(const struct imap *m, const struct imap_config *config, CURLcode result)
{
	return result == CURLE_LOGIN_DENIED && config->password && !m->offers_sasl && !m->login_disabled;
}

int imap_open(const struct imap_config *config, struct imap **ret, struct err *err)
{
	struct imap *m = xcalloc(1, sizeof *m);
	CURLcode result;
	bool by_command;

	m->fd = CURL_SOCKET_BAD;
	result = connect_once(m, config, true);
	by_command = may_login(m, config, result);
	if (by_command) {
		curl_easy_cleanup(m->easy);
		result = connect_once(m, config, false);
	}
	if (result != CURLE_OK)
		connect_failed(m, result, err);
	else if (!by_command || send_login(m, config, err) == 0) {
		*ret = m;
		return 0;
	}
	imap_close(m);
	return -1;
}

static void take_validity(const struct answer *a, void *ctx)
{
	const char *at = strcasestr(a->text.s, "[UIDVALIDITY ");
	int64_t *ret = ctx;

	if (at)
		*ret = strtoll(at + 13, NULL, 10);
}

int imap_examine(struct imap *m, const char *folder, int64_t *ret_validity, struct err *err)
{
	BUF_AUTO text = BUF_INIT(4096);
	struct answer a;
	int got;

	*ret_validity = 0;
	buf_adds(&text, "EXAMINE ");
	if (!imap_name(&text, folder))
		return err_set(err, ERR_MISSING, "no folder can have this name");
	answer_init(&a, 65536);
	got = command(m, text.s, &a, take_validity, ret_validity, err);
	answer_release(&a);
	return got > 0 ? 0 : -1;
}

struct uids {
	int64_t *v, after;
	size_t n, cap;
};

static void take_uids(const struct answer *a, void *ctx)
{
	struct uids *list = ctx;
	const char *s = a->text.s + 8;
	char *end;

	if (strncasecmp(a->text.s, "* SEARCH", 8) != 0)
		return;
	for (;; s = end) {
		int64_t uid = strtoll(s, &end, 10);

		if (end == s)
			return;
		if (uid <= list->after)
			continue;
		GROW(&list->v, &list->cap, list->n);
		list->v[list->n++] = uid;
	}
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* RFC 3501: "1-Jun-2026". */
static void add_since(struct buf *b, int64_t since)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct civil c;

	civil_from_seconds(since, &c);
	buf_addf(b, " SINCE %d-%s-%04d", c.day, months[c.month - 1], c.year);
}

int imap_search(struct imap *m, int64_t after, int64_t since, int64_t **ret, struct err *err)
{
	struct uids list = { .after = after };
	BUF_AUTO text = BUF_INIT(256);
	struct answer a;
	int got;

	buf_addf(&text, "UID SEARCH UID %" PRId64 ":*", after + 1);
	if (since > 0)
		add_since(&text, since);
	answer_init(&a, 65536);
	got = command(m, text.s, &a, take_uids, &list, err);
	answer_release(&a);
	if (got <= 0) {
		if (got == 0)
			err->kind = ERR_UNREACH;
		free(list.v);
		return -1;
	}
	if (list.n)
		qsort(list.v, list.n, sizeof *list.v, by_number);
	*ret = list.v;
	return (int)list.n;
}

struct fetched {
	int64_t uid;
	struct buf *out;
	bool found;
};

static void take_mail(const struct answer *a, void *ctx)
{
	struct fetched *f = ctx;
	const char *uid = strcasestr(a->text.s, "UID ");

	if (!strcasestr(a->text.s, " FETCH (") || !strcasestr(a->text.s, "BODY[") || !uid || strtoll(uid + 4, NULL, 10) != f->uid)
		return;
	buf_clear(f->out);
	buf_add(f->out, a->literal.s, a->literal.len);
	f->found = true;
}

int imap_fetch(struct imap *m, int64_t uid, size_t max, struct buf *out, struct err *err)
{
	struct fetched f = { .uid = uid, .out = out };
	BUF_AUTO text = BUF_INIT(256);
	struct answer a;
	int got;

	buf_addf(&text, "UID FETCH %" PRId64 " (UID BODY.PEEK[]<0.%zu>)", uid, max);
	answer_init(&a, max);
	got = command(m, text.s, &a, take_mail, &f, err);
	answer_release(&a);
	if (got == 0)
		err->kind = ERR_UNREACH;
	return got <= 0 ? -1 : f.found;
}
