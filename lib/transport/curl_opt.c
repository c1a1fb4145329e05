#include "transport/curl_opt.h"

#include <sys/socket.h>

static void keep(struct curl_opts *o, CURLcode result)
{
	if (o->failed == CURLE_OK)
		o->failed = result;
}

void opt_long(struct curl_opts *o, CURLoption option, long value)
{
	keep(o, curl_easy_setopt(o->easy, option, value));
}

void opt_str(struct curl_opts *o, CURLoption option, const char *value)
{
	keep(o, curl_easy_setopt(o->easy, option, value));
}

void opt_ptr(struct curl_opts *o, CURLoption option, void *value)
{
	keep(o, curl_easy_setopt(o->easy, option, value));
}

void opt_write_fn(struct curl_opts *o, CURLoption option, curl_write_fn *value)
{
	keep(o, curl_easy_setopt(o->easy, option, value));
}

/* libcurl does not look whether making a socket non-blocking worked, and would wait in recv() for ever. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *a)
{
	(void)user;
	(void)purpose;
	return socket(a->family, a->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->protocol);
}

void opt_connection(struct curl_opts *o, bool tls, const char *ca_file)
{
	const curl_opensocket_callback opens = open_socket;

	keep(o, curl_easy_setopt(o->easy, CURLOPT_OPENSOCKETFUNCTION, opens));
	opt_long(o, CURLOPT_CONNECT_ONLY, 1);
	opt_long(o, CURLOPT_NOSIGNAL, 1);
	opt_str(o, CURLOPT_PROXY, "");
	/* Else closing waits for the thread that looks up the name, however long the name server takes. */
	opt_long(o, CURLOPT_QUICK_EXIT, 1);
	opt_long(o, CURLOPT_USE_SSL, tls ? CURLUSESSL_ALL : CURLUSESSL_NONE);
	opt_long(o, CURLOPT_SSL_VERIFYPEER, 1);
	opt_long(o, CURLOPT_SSL_VERIFYHOST, 2);
	opt_long(o, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (ca_file)
		opt_str(o, CURLOPT_CAINFO, ca_file);
}

/*
 * GSSAPI, NTLM and EXTERNAL are left out: libcurl prefers them where they are offered and then fails without
 * trying the password.
 */
void opt_login(struct curl_opts *o, const char *user, const char *token, const char *password)
{
	opt_str(o, CURLOPT_USERNAME, user);
	if (token) {
		opt_str(o, CURLOPT_XOAUTH2_BEARER, token);
		opt_str(o, CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER;AUTH=XOAUTH2");
		return;
	}
	opt_str(o, CURLOPT_PASSWORD, password ? password : "");
	opt_str(o, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5;AUTH=SCRAM-SHA-1;AUTH=SCRAM-SHA-256");
}
