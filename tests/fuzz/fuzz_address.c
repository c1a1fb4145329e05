/* Addresses: nothing that could be a second header or command gets through; folding again changes nothing. */
#include "fuzz.h"

#include "model/address.h"

#include <string.h>

static void check_wire(const char *wire)
{
	bool quoted = false;

	for (const char *p = wire; *p; p++) {
		HOLD((unsigned char)*p >= 0x20 && *p != 0x7f);
		if (*p == '\\' && quoted && p[1])
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (!quoted)
			HOLD(!strchr(" <>,;:()[]", *p));
	}
	HOLD(!quoted);
	HOLD(strlen(wire) <= 254);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[2048], name[ADDRESS_NAME_SIZE];
	struct address a, again;
	struct err err = ERR_INIT;

	if (len >= sizeof text)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	if (address_parse(text, &a, &err) == 0) {
		check_wire(a.wire);
		check_wire(a.folded);
		HOLD(address_parse(a.folded, &again, &err) == 0);
		HOLD(strcmp(again.folded, a.folded) == 0);
		HOLD(address_parse(a.wire, &again, &err) == 0);
		HOLD(strcmp(again.folded, a.folded) == 0 && strcmp(again.wire, a.wire) == 0);
	}
	if (address_parse_from(text, name, &a, &err) == 0) {
		check_wire(a.wire);
		HOLD(!strpbrk(name, "\r\n<>"));
	}
	return 0;
}
