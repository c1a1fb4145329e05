#ifndef PW_TRANSPORT_CURL_OPT_H
#define PW_TRANSPORT_CURL_OPT_H

#include <curl/curl.h>
#include <stdbool.h>

/*
 * Setting libcurl's options with the types checked, which curl_easy_setopt() does not do. The first failure
 * is kept in `failed`, to be asked once at the end. For the .c files of this folder only.
 */
struct curl_opts {
	CURL *easy;
	CURLcode failed;
};

typedef size_t curl_write_fn(char *data, size_t size, size_t n, void *user);

void opt_long(struct curl_opts *o, CURLoption option, long value);
void opt_str(struct curl_opts *o, CURLoption option, const char *value);
void opt_ptr(struct curl_opts *o, CURLoption option, void *value);
void opt_write_fn(struct curl_opts *o, CURLoption option, curl_write_fn *value);

/*
 * What every connection has alike: libcurl only makes it, no proxy, and with tls nothing is said before TLS 1.2 or later
 * with a verified certificate and name. ca_file: the authority of a server of one's own; NULL: the system's.
 */
void opt_connection(struct curl_opts *o, bool tls, const char *ca_file);

/* The account there, with a token of OAuth 2 (NULL: none) or a password (NULL: an empty one). */
void opt_login(struct curl_opts *o, const char *user, const char *token, const char *password);

#endif
