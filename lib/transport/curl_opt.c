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
