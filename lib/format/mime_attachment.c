#include "format/mime_private.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <string.h>

enum { NAME_MAX_BYTES = 255, PLAIN_NAME = 60, SEGMENT = 54 };

static const struct {
	const char *extension, *type;
} types[] = {
	{ "7z", "application/x-7z-compressed" },
	{ "avif", "image/avif" },
	{ "bmp", "image/bmp" },
	{ "csv", "text/csv" },
	{ "doc", "application/msword" },
	{ "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
	{ "epub", "application/epub+zip" },
	{ "gif", "image/gif" },
	{ "gz", "application/gzip" },
	{ "htm", "text/html" },
	{ "html", "text/html" },
	{ "ics", "text/calendar" },
	{ "jpeg", "image/jpeg" },
	{ "jpg", "image/jpeg" },
	{ "json", "application/json" },
	{ "md", "text/markdown" },
	{ "mov", "video/quicktime" },
	{ "mp3", "audio/mpeg" },
	{ "mp4", "video/mp4" },
	{ "odp", "application/vnd.oasis.opendocument.presentation" },
	{ "ods", "application/vnd.oasis.opendocument.spreadsheet" },
	{ "odt", "application/vnd.oasis.opendocument.text" },
	{ "ogg", "audio/ogg" },
	{ "pdf", "application/pdf" },
	{ "png", "image/png" },
	{ "ppt", "application/vnd.ms-powerpoint" },
	{ "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
	{ "ps", "application/postscript" },
	{ "rtf", "application/rtf" },
	{ "svg", "image/svg+xml" },
	{ "tar", "application/x-tar" },
	{ "tif", "image/tiff" },
	{ "tiff", "image/tiff" },
	{ "tsv", "text/tab-separated-values" },
	{ "txt", "text/plain" },
	{ "vcf", "text/vcard" },
	{ "wav", "audio/wav" },
	{ "webm", "video/webm" },
	{ "webp", "image/webp" },
	{ "xls", "application/vnd.ms-excel" },
	{ "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
	{ "xml", "application/xml" },
	{ "zip", "application/zip" },
};

const char *mime_type_of(const char *filename)
{
	const char *dot = strrchr(filename, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(types); i++) {
		if (strcasecmp(dot + 1, types[i].extension) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* type "/" subtype in the letters of RFC 6838. Nested mail cannot be base64, and we write nothing else. */
static bool type_ok(const char *type)
{
	size_t len = strlen(type), slashes = 0;

	for (size_t i = 0; i < len; i++) {
		if (type[i] == '/')
			slashes++;
		else if (!is_alnum(type[i]) && !strchr("!#$&-^_.+", type[i]))
			return false;
	}
	return slashes == 1 && len <= 127 && is_alnum(type[0]) && type[len - 1] != '/' &&
	       strncasecmp(type, "multipart/", 10) != 0 && strncasecmp(type, "message/", 8) != 0;
}

static int check_filename(const char *name, struct err *err)
{
	size_t len = name ? strlen(name) : 0;
	uint32_t c;

	if (len == 0 || len > NAME_MAX_BYTES)
		return err_set(err, ERR_INVALID, "attachment: its file name is %s", len ? "too long" : "empty");
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(name + i, len - i, &c);
		if (n == 0)
			return err_set(err, ERR_INVALID, "attachment: its file name is not UTF-8");
		if (c == '/' || c == '\\' || utf8_is_control(c))
			return err_set(err, ERR_INVALID, "attachment: a slash or a control character in its file name");
	}
	return 0;
}

static bool name_is_plain(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (name[i] < ' ' || name[i] == '"' || name[i] > '~')
			return false;
	}
	return len <= PLAIN_NAME && !strstr(name, "=?");
}

/* Percent-encodes whole characters while they fit; returns how many bytes of the name it took. */
static size_t add_segment(struct buf *out, const char *s, size_t len)
{
	size_t start = out->len, i = 0;
	uint32_t c;

	while (i < len) {
		size_t n = utf8_decode(s + i, len - i, &c);

		if (out->len - start + 3 * n > SEGMENT)
			break;
		for (size_t end = i + n; i < end; i++) {
			if (is_alnum(s[i]) || s[i] == '-' || s[i] == '.' || s[i] == '_')
				buf_addc(out, s[i]);
			else
				buf_addf(out, "%%%02X", (unsigned char)s[i]);
		}
	}
	return i;
}

/* RFC 2231: in one parameter when it fits into a line, else numbered. */
static void add_extended_name(struct buf *out, const char *name, size_t len)
{
	BUF_AUTO first = BUF_INIT(SEGMENT);
	bool one = add_segment(&first, name, len) == len;
	unsigned number = 0;

	for (size_t i = 0; i < len;) {
		buf_adds(out, number > 0 ? ";\r\n filename*" : "\r\n filename*");
		if (!one)
			buf_addf(out, "%u*", number);
		buf_adds(out, number++ > 0 ? "=" : "=utf-8''");
		i += add_segment(out, name + i, len - i);
	}
}

int header_attachment(struct buf *out, const struct mime_attachment *a, struct err *err)
{
	const char *type;
	size_t len;

	if (check_filename(a->filename, err) < 0)
		return -1;
	type = a->content_type ? a->content_type : mime_type_of(a->filename);
	if (!type_ok(type))
		return err_set(err, ERR_INVALID, "attachment: not a content type that can be attached");
	len = strlen(a->filename);
	buf_adds(out, "Content-Type: ");
	buf_adds(out, type);
	if (strncasecmp(type, "text/", 5) == 0 && utf8_valid(a->data, a->len))
		buf_adds(out, "; charset=utf-8");
	buf_adds(out, "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;");
	if (name_is_plain(a->filename, len)) {
		buf_adds(out, "\r\n filename=\"");
		buf_add(out, a->filename, len);
		buf_addc(out, '"');
	} else {
		add_extended_name(out, a->filename, len);
	}
	buf_adds(out, "\r\n");
	return 0;
}
