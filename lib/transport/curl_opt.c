#include "transport/curl_opt.h"

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

void opt_socket_fn(struct curl_opts *o, CURLoption option, curl_opensocket_callback value)
{
	keep(o, curl_easy_setopt(o->easy, option, value));
}

void opt_connection(struct curl_opts *o, bool tls, const char *ca_file)
{
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
