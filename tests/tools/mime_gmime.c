/*
 * Prints how GMime reads e-mails: for each file named a line of JSON, as tests/tools/mime_read.py does.
 * What the one or the other does not say the same way is left out.
 */
#include "base/buf.h"
#include "format/json.h"

#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_mailbox(struct json_writer *w, const char *key, InternetAddressList *list)
{
	if (!list || internet_address_list_length(list) == 0)
		return;
	json_key(w, key);
	json_begin_array(w);
	for (int i = 0; i < internet_address_list_length(list); i++) {
		InternetAddress *a = internet_address_list_get_address(list, i);

		json_put_string(w, a->name ? a->name : "");
		json_put_string(w, internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(a)));
	}
	json_end_array(w);
}

static void put_date(struct json_writer *w, GMimeMessage *m)
{
	GDateTime *date = g_mime_message_get_date(m);

	if (!date)
		return;
	json_key_int(w, "date", g_date_time_to_unix(date));
	json_key_int(w, "zone", g_date_time_get_utc_offset(date) / 60000000);
}

static void put_header_names(struct json_writer *w, GMimeObject *o)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(o);

	json_key(w, "headers");
	json_begin_array(w);
	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		const char *name = g_mime_header_get_name(g_mime_header_list_get_header_at(list, i));

		if (strncasecmp(name, "Content-", 8) != 0)
			json_put_string(w, name);
	}
	json_end_array(w);
}

/* The value with the folding undone and nothing decoded. */
static void put_raw_header(struct json_writer *w, const char *key, GMimeObject *o, const char *name)
{
	GMimeHeader *header = g_mime_header_list_get_header(g_mime_object_get_header_list(o), name);
	const char *raw = header ? g_mime_header_get_raw_value(header) : NULL;
	BUF_AUTO value = BUF_INIT(1 << 20);

	if (!raw)
		return;
	for (const char *p = raw + strspn(raw, " \t\r\n"); *p; p++) {
		if (*p != '\r' && *p != '\n')
			buf_addc(&value, *p);
	}
	json_key_string(w, key, value.s);
}

static unsigned char *content_of(GMimePart *part, size_t *ret_len)
{
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *bytes = g_byte_array_new();

	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), bytes);
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part), stream);
	g_object_unref(stream);
	*ret_len = bytes->len;
	return g_byte_array_free(bytes, FALSE);
}

static void put_content(struct json_writer *w, GMimePart *part)
{
	size_t len;
	unsigned char *s = content_of(part, &len);
	BUF_AUTO hex = BUF_INIT(64 << 20);

	for (size_t i = 0; i < len; i++)
		buf_add(&hex, (char[]){ "0123456789abcdef"[s[i] >> 4], "0123456789abcdef"[s[i] & 15] }, 2);
	json_key_string(w, "content", hex.s);
	g_free(s);
}

static void put_part(GMimeObject *parent, GMimeObject *o, gpointer data)
{
	struct json_writer *w = data;
	char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(o));

	(void)parent;
	json_begin_object(w);
	json_key_string(w, "type", type);
	if (GMIME_IS_PART(o)) {
		json_key_string(w, "charset", g_mime_object_get_content_type_parameter(o, "charset"));
		json_key_string(w, "filename", g_mime_part_get_filename(GMIME_PART(o)));
		put_content(w, GMIME_PART(o));
	}
	json_end_object(w);
	g_free(type);
}

static void put_message(struct json_writer *w, GMimeMessage *m)
{
	json_begin_object(w);
	put_mailbox(w, "from", g_mime_message_get_from(m));
	put_mailbox(w, "to", g_mime_message_get_to(m));
	put_mailbox(w, "reply_to", g_mime_message_get_reply_to(m));
	json_key_string(w, "subject", g_mime_message_get_subject(m));
	put_date(w, m);
	json_key_string(w, "message_id", g_mime_message_get_message_id(m));
	put_raw_header(w, "in_reply_to", GMIME_OBJECT(m), "In-Reply-To");
	put_raw_header(w, "references", GMIME_OBJECT(m), "References");
	put_raw_header(w, "unsubscribe", GMIME_OBJECT(m), "List-Unsubscribe");
	put_header_names(w, GMIME_OBJECT(m));
	json_key(w, "parts");
	json_begin_array(w);
	g_mime_message_foreach(m, put_part, w);
	json_end_array(w);
	json_end_object(w);
}

static void read_file(const char *path)
{
	GMimeStream *stream = g_mime_stream_file_open(path, "r", NULL);
	GMimeParser *parser;
	GMimeMessage *m;
	BUF_AUTO line = BUF_INIT(64 << 20);
	struct json_writer w = { .buf = &line };

	if (!stream) {
		fprintf(stderr, "mime_gmime: cannot open %s\n", path);
		exit(66);
	}
	parser = g_mime_parser_new_with_stream(stream);
	m = g_mime_parser_construct_message(parser, NULL);
	if (m) {
		put_message(&w, m);
		g_object_unref(m);
	}
	puts(line.s);
	g_object_unref(parser);
	g_object_unref(stream);
}

int main(int argc, char **argv)
{
	g_mime_init();
	for (int i = 1; i < argc; i++)
		read_file(argv[i]);
	g_mime_shutdown();
	return fflush(stdout) == 0 ? 0 : 74;
}
