/* HTML to text: any bytes become a text without markup's control characters, that ends with a line end or is empty. */
#include "fuzz.h"

#include "base/buf.h"
#include "format/html_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	BUF_AUTO out = BUF_INIT((size_t)64 << 20);

	html_text(&out, (const char *)data, len);
	HOLD(out.len == 0 || out.s[out.len - 1] == '\n');
	HOLD(!out.over);
	return 0;
}
