#include "transport/content.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 998, LOCAL_MAX_BYTES = 64, ADDRESS_MAX_BYTES = 254 };

const char *mail_content_check(const char *content, size_t len, bool *ret_eightbit)
{
	const char *end = content + len;

	if (len == 0 || end[-1] != '\n')
		return "the content's last line has no end";
	if (memchr(content, '\0', len))
		return "the content has a NUL";
	for (const char *line = content, *lf; line < end; line = lf + 1) {
		const char *cr = memchr(line, '\r', (size_t)(end - line));

		lf = memchr(line, '\n', (size_t)(end - line));
		if (!cr || cr > lf)
			return "the content has a bare LF";
		if (cr + 1 != lf)
			return "the content has a bare CR";
		if (cr - line > LINE_MAX_BYTES)
			return "the content has a line of more than 998 bytes";
	}
	if (ret_eightbit)
		*ret_eightbit = !utf8_is_ascii(content, len);
	return NULL;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int mail_content_write_lf(int fd, const char *content, size_t len)
{
	BUF_AUTO text = BUF_INIT(len + 1);
	const char *end = content + len;

	while (content < end) {
		const char *cr = memchr(content, '\r', (size_t)(end - content));
		buf_add(&text, content, (size_t)((cr ? cr : end) - content));
		content = cr ? cr + 1 : end;
	}
	return write_all(fd, text.s, text.len);
}

/* RFC 5322 atext, the dot (SMTP's Dot-string), and UTF-8 (RFC 6531). */
static bool is_local_char(unsigned char c)
{
	if (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return true;
	return c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL;
}

/* A name or an address literal in brackets. */
static bool is_domain_char(unsigned char c)
{
	if (c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return true;
	return c != '\0' && strchr(".-_:[]", c) != NULL;
}

/* The length of a quoted local part with its quotes, 0 when it is not well-formed. Printable ASCII, no blank.
 */
static size_t quoted_length(const char *s)
{
	size_t i = 1;

	while (s[i] > ' ' && s[i] < 0x7F && s[i] != '"') {
		if (s[i] == '<' || s[i] == '>')
			return 0;
		if (s[i] == '\\' && (s[i + 1] == '"' || s[i + 1] == '\\'))
			i++;
		i++;
	}
	return s[i] == '"' ? i + 1 : 0;
}

static size_t local_length(const char *s)
{
	size_t n = 0;

	if (s[0] == '"')
		return quoted_length(s);
	while (is_local_char((unsigned char)s[n]))
		n++;
	return n;
}

const char *mail_address_check(const char *address, bool *ret_utf8)
{
	size_t len = strlen(address);
	if (len > ADDRESS_MAX_BYTES)
		return "the address has more than 254 bytes";
	if (!utf8_valid(address, len))
		return "the address is not UTF-8";

	size_t local = local_length(address);
	if (local == 0 || address[local] != '@')
		return "the address is not LOCAL@DOMAIN";
	if (local > LOCAL_MAX_BYTES)
		return "the address has more than 64 bytes before the '@'";
	if (local + 1 == len)
		return "the address has no domain";

	bool utf8 = false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)address[i];
		if (i > local && !is_domain_char(c))
			return "the address has a character that no domain has";
		utf8 = utf8 || c >= 0x80;
	}
	/* Those of ASCII are characters of neither part. */
	for (size_t i = utf8 ? 0 : len; i < len;) {
		uint32_t c;
		i += utf8_decode(address + i, len - i, &c);
		if (utf8_is_control(c))
			return "the address has a control character";
	}
	if (ret_utf8)
		*ret_utf8 = utf8;
	return NULL;
}
