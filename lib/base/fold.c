#include "base/fold.h"

#include "base/buf.h"
#include "base/late.h"
#include "base/utf8.h"

#include <ctype.h>
#include <glib.h>

void fold_nfc(struct buf *b, const char *s, size_t len)
{
	char *nfc;

	if (utf8_is_ascii(s, len)) {
		buf_add(b, s, len);
		return;
	}
	nfc = LATE(LIBGLIB, g_utf8_normalize)(s, (gssize)len, G_NORMALIZE_NFC);
	buf_adds(b, nfc);
	LATE(LIBGLIB, g_free)(nfc);
}

/* Not g_utf8_strdown(): that one follows the locale, and a key must be the same for a Turkish user. */
static void add_lower(struct buf *b, const char *s, size_t len)
{
	uint32_t c;

	for (size_t i = 0, n; i < len && (n = utf8_decode(s + i, len - i, &c)) > 0; i += n)
		utf8_append(b, fold_lower(c));
}

void fold_key(struct buf *b, const char *s, size_t len)
{
	BUF_AUTO nfc = BUF_INIT(b->limit);
	BUF_AUTO lower = BUF_INIT(b->limit);

	fold_nfc(&nfc, s, len);
	add_lower(&lower, nfc.s, nfc.len);
	if (nfc.over || lower.over)
		b->over = true;
	fold_nfc(b, lower.s, lower.len);
}

uint32_t fold_upper(uint32_t c)
{
	return c < 0x80 ? (uint32_t)toupper((int)c) : LATE(LIBGLIB, g_unichar_toupper)(c);
}

uint32_t fold_lower(uint32_t c)
{
	return c < 0x80 ? (uint32_t)tolower((int)c) : LATE(LIBGLIB, g_unichar_tolower)(c);
}
