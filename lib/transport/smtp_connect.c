#include "transport/smtp_connect.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "transport/curl_opt.h"
#include "transport/smtp_reply.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * Each link has a multi handle of its own: in a shared one libcurl 7.88 closes connections of others that
 * have been idle for two minutes or have an answer waiting (it takes them for dead ones to reuse), and
 * taking one CONNECT_ONLY handle out marks all the others for closing.
 */
struct smtp_link {
	CURLM *multi;
	CURL *easy;
	struct pollfd watch[SMTP_FDS_MAX];
	size_t watch_count;
	int64_t now_ms;
	int64_t deadline_ms;
	int64_t timer_ms; /* when libcurl wants to be called, INT64_MAX never */
	bool encrypted;
	bool wants_login;
	bool logged_in; /* the server said 235 */
	bool failed;    /* `fate` says why, without asking libcurl */
	curl_socket_t fd;
	struct smtp_caps caps;
	struct smtp_reply greeting; /* the last reply while connecting */
	bool broken;                /* the last reply is no SMTP */
	struct delivery fate;
	char error[CURL_ERROR_SIZE];
};

enum { CONNECT_MS = 30 * 1000, QUIET_S = 30 };

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
	struct smtp_link *l = user;
	size_t i = 0;
	(void)easy;
	(void)socket_user;

	while (i < l->watch_count && l->watch[i].fd != fd)
		i++;
	if (what == CURL_POLL_REMOVE) {
		if (i < l->watch_count)
			l->watch[i] = l->watch[--l->watch_count];
		return 0;
	}
	if (i == SMTP_FDS_MAX)
		return -1;
	if (i == l->watch_count)
		l->watch_count++;
	l->watch[i] = (struct pollfd){ .fd = fd };
	if (what & CURL_POLL_IN)
		l->watch[i].events |= POLLIN;
	if (what & CURL_POLL_OUT)
		l->watch[i].events |= POLLOUT;
	return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *user)
{
	struct smtp_link *l = user;
	(void)multi;

	l->timer_ms = timeout_ms < 0 ? INT64_MAX : l->now_ms + timeout_ms;
	return 0;
}

static void take_keyword(struct smtp_caps *caps, const char *word, size_t len)
{
	if (len == 10 && strncasecmp(word, "PIPELINING", len) == 0)
		caps->pipelining = true;
	else if (len == 8 && strncasecmp(word, "8BITMIME", len) == 0)
		caps->eightbit = true;
	else if (len == 8 && strncasecmp(word, "SMTPUTF8", len) == 0)
		caps->utf8 = true;
	else if (len >= 4 && strncasecmp(word, "SIZE", 4) == 0 && (len == 4 || word[4] == ' ')) {
		caps->size = true;
		for (size_t i = 5; i < len && word[i] >= '0' && word[i] <= '9'; i++)
			if (caps->size_max < INT64_MAX / 10 - 1)
				caps->size_max = caps->size_max * 10 + (word[i] - '0');
	}
}

/*
 * One line of the greeting. What EHLO said counts from its last time only: a 220 (the greeting, STARTTLS)
 * and a new 250 forget what was heard before.
 */
static void take_greeting_line(struct smtp_link *l, const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	if (len < 3)
		return;
	if (smtp_reply_at_start(&l->greeting)) {
		l->logged_in = strncmp(line, "235", 3) == 0;
		if (strncmp(line, "220", 3) == 0 || strncmp(line, "250", 3) == 0)
			l->caps = (struct smtp_caps){ 0 };
		return;
	}
	if (len > 4 && strncmp(line, "250", 3) == 0)
		take_keyword(&l->caps, line + 4, len - 4);
}

static size_t on_header(char *data, size_t size, size_t n, void *user)
{
	struct smtp_link *l = user;
	size_t len = size * n;
	size_t used;

	take_greeting_line(l, data, len);
	for (size_t at = 0; at < len; at += used)
		if (smtp_reply_feed(&l->greeting, data + at, len - at, &used) < 0) {
			l->broken = true;
			return 0;
		}
	return len;
}

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
	(void)data;
	(void)user;
	return size * n;
}

static bool is_host_name(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");
	return n > 0 && n <= 255 && s[n] == '\0';
}

/* libcurl takes the name for EHLO from the URL's path. NULL with *ret filled when there is no such URL. */
static const char *url_make(struct buf *b, const struct smtp_config *config, struct delivery *ret)
{
	static const char what[] = "the mailbox's server is not smtp://HOST[:PORT] or smtps://HOST[:PORT]";
	const char *url = config->url;
	size_t scheme = strncmp(url, "smtp://", 7) == 0 ? 7 : strncmp(url, "smtps://", 8) == 0 ? 8 : 0;
	size_t host = strcspn(url + scheme, "/");
	const char *path = url + scheme + host;

	if (scheme == 0 || host == 0 || (path[0] == '/' && path[1] != '\0') || memchr(url + scheme, '@', host)) {
		*ret = delivery_make(DELIVERY_SETTINGS, PHASE_CONNECT, "%s", what);
		return NULL;
	}
	buf_add(b, url, scheme + host);
	buf_addc(b, '/');
	if (config->helo && is_host_name(config->helo))
		buf_adds(b, config->helo);
	if (b->over) {
		*ret = delivery_make(DELIVERY_SETTINGS, PHASE_CONNECT, "%s", what);
		return NULL;
	}
	return b->s;
}

static CURLcode set_options(struct smtp_link *l, const struct smtp_config *config, const char *url)
{
	struct curl_opts o = { .easy = l->easy };
	int64_t connect_ms = l->deadline_ms - l->now_ms;

	opt_str(&o, CURLOPT_URL, url);
	opt_str(&o, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	opt_connection(&o, config->tls, config->ca_file);
	opt_long(&o, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	opt_long(&o, CURLOPT_SERVER_RESPONSE_TIMEOUT, QUIET_S);
	opt_write_fn(&o, CURLOPT_HEADERFUNCTION, on_header);
	opt_ptr(&o, CURLOPT_HEADERDATA, l);
	opt_write_fn(&o, CURLOPT_WRITEFUNCTION, on_body);
	opt_ptr(&o, CURLOPT_ERRORBUFFER, l->error);
	if (config->user)
		opt_login(&o, config->user, config->token, config->password);
	return o.failed;
}

static void start(struct smtp_link *l, const struct smtp_config *config, const char *url)
{
	CURLcode result = set_options(l, config, url);
	if (result != CURLE_OK) {
		l->failed = true;
		l->fate = delivery_make(DELIVERY_SETTINGS, PHASE_CONNECT, "%s", curl_easy_strerror(result));
		return;
	}
	if (curl_multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
	    curl_multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l) != CURLM_OK ||
	    curl_multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK ||
	    curl_multi_setopt(l->multi, CURLMOPT_TIMERDATA, l) != CURLM_OK ||
	    curl_multi_add_handle(l->multi, l->easy) != CURLM_OK)
		BUG("libcurl does not know its own options");
}

struct smtp_link *smtp_link_open(const struct smtp_config *config, int64_t now_ms)
{
	struct smtp_link *l = xcalloc(1, sizeof *l);
	BUF_AUTO url = BUF_INIT(1024);

	l->now_ms = now_ms;
	l->deadline_ms = now_ms + (config->connect_ms > 0 ? config->connect_ms : CONNECT_MS);
	l->timer_ms = INT64_MAX;
	l->fd = CURL_SOCKET_BAD;
	l->wants_login = config->user != NULL;
	l->encrypted = config->tls || strncmp(config->url, "smtps:", 6) == 0;
	if (!url_make(&url, config, &l->fate)) {
		l->failed = true;
		return l;
	}
	l->easy = curl_easy_init();
	l->multi = curl_multi_init();
	if (!l->easy || !l->multi) {
		l->failed = true;
		l->fate = delivery_make(DELIVERY_RETRY, PHASE_CONNECT, "libcurl cannot start");
		return l;
	}
	start(l, config, url.s);
	return l;
}

void smtp_link_close(struct smtp_link *l)
{
	if (!l)
		return;
	/* Taking the handle out closes a CONNECT_ONLY connection as a dead one: libcurl says no QUIT, waits for
	 * nothing. */
	if (l->easy && l->multi)
		curl_multi_remove_handle(l->multi, l->easy);
	curl_easy_cleanup(l->easy);
	if (l->multi)
		curl_multi_cleanup(l->multi);
	free(l);
}

static enum delivery_phase phase_of(CURLcode result, const struct smtp_link *l)
{
	switch ((int)result) {
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		return PHASE_LOGIN;
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CIPHER:
		return PHASE_TLS;
	default:
		return l->greeting.code ? PHASE_GREET : PHASE_CONNECT;
	}
}

/* Failures in which the server's last reply is the answer, and those that only other settings mend. */
static enum delivery_outcome outcome_of(CURLcode result)
{
	switch ((int)result) {
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		return DELIVERY_AUTH;
	case CURLE_USE_SSL_FAILED:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_NOT_BUILT_IN:
		return DELIVERY_SETTINGS;
	default:
		return DELIVERY_RETRY;
	}
}

static const char *reason(const struct smtp_link *l, CURLcode result)
{
	/* libcurl's words for an orderly end are "response reading failed" with an errno of no meaning. */
	if (result == CURLE_RECV_ERROR && strncmp(l->error, "response reading failed", 23) == 0)
		return "the server closed the connection";
	return l->error[0] ? l->error : curl_easy_strerror(result);
}

static struct delivery failure(const struct smtp_link *l, CURLcode result)
{
	enum delivery_phase phase = phase_of(result, l);
	bool refused = l->greeting.complete && l->greeting.code >= 400;

	if (l->broken)
		return delivery_make(DELIVERY_RETRY, PHASE_GREET, "the server does not speak SMTP");
	if (refused)
		return smtp_reply_delivery(&l->greeting, phase == PHASE_CONNECT ? PHASE_GREET : phase);
	return delivery_make(outcome_of(result), phase, "%s", reason(l, result));
}

static int finish(struct smtp_link *l, CURLcode result, struct smtp_caps *ret_caps, struct delivery *ret)
{
	if (result != CURLE_OK) {
		*ret = failure(l, result);
		return -1;
	}
	if (l->wants_login && !l->logged_in) {
		*ret = delivery_make(DELIVERY_AUTH, PHASE_LOGIN, "the server offers no login (AUTH) that fits");
		return -1;
	}
	if (curl_easy_getinfo(l->easy, CURLINFO_ACTIVESOCKET, &l->fd) != CURLE_OK || l->fd == CURL_SOCKET_BAD) {
		*ret = delivery_make(DELIVERY_RETRY, PHASE_CONNECT, "the connection is gone");
		return -1;
	}
	*ret_caps = l->caps;
	return 1;
}

static void advance(struct smtp_link *l)
{
	struct pollfd fds[SMTP_FDS_MAX];
	size_t n = l->watch_count;
	int running;

	/* libcurl changes the list while it works. Without known events it looks for itself what is ready. */
	memcpy(fds, l->watch, sizeof fds);
	for (size_t i = 0; i < n; i++)
		curl_multi_socket_action(l->multi, fds[i].fd, 0, &running);
	if (l->now_ms >= l->timer_ms) {
		l->timer_ms = INT64_MAX;
		curl_multi_socket_action(l->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
}

int smtp_link_connect(struct smtp_link *l, int64_t now_ms, struct smtp_caps *ret_caps, struct delivery *ret)
{
	int left;

	l->now_ms = now_ms;
	if (l->failed) {
		*ret = l->fate;
		return -1;
	}
	advance(l);
	for (CURLMsg *m = curl_multi_info_read(l->multi, &left); m; m = curl_multi_info_read(l->multi, &left))
		if (m->msg == CURLMSG_DONE)
			return finish(l, m->data.result, ret_caps, ret);
	if (now_ms < l->deadline_ms)
		return 0;
	*ret = delivery_make(DELIVERY_RETRY, l->greeting.code ? PHASE_GREET : PHASE_CONNECT,
	                     "the server cannot be reached in time");
	return -1;
}

size_t smtp_link_fds(const struct smtp_link *l, struct pollfd *ret)
{
	memcpy(ret, l->watch, l->watch_count * sizeof *ret);
	return l->watch_count;
}

int64_t smtp_link_wake_ms(const struct smtp_link *l)
{
	if (l->failed)
		return 0;
	return l->timer_ms < l->deadline_ms ? l->timer_ms : l->deadline_ms;
}

int smtp_link_fd(const struct smtp_link *l)
{
	return l->fd;
}

bool smtp_link_buffers(const struct smtp_link *l)
{
	return l->encrypted;
}

int smtp_link_write(struct smtp_link *l, const char *bytes, size_t len, size_t *ret_n)
{
	CURLcode result = curl_easy_send(l->easy, bytes, len, ret_n);

	if (result == CURLE_AGAIN)
		return 0;
	return result == CURLE_OK ? 1 : -1;
}

int smtp_link_read(struct smtp_link *l, char *ret_bytes, size_t room, size_t *ret_n)
{
	CURLcode result = curl_easy_recv(l->easy, ret_bytes, room, ret_n);

	if (result == CURLE_AGAIN)
		return 0;
	return result == CURLE_OK && *ret_n > 0 ? 1 : -1;
}
