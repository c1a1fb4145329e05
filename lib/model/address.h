#ifndef PW_MODEL_ADDRESS_H
#define PW_MODEL_ADDRESS_H

#include "base/attr.h"
#include "base/err.h"

#include <stdbool.h>

/*
 * E-mail addresses are checked and folded here and nowhere else. What an address is: RFC 5321 Mailbox
 * with the UTF-8 of RFC 6531, in a domain name with at least one dot (no address literals), without
 * display name or comments. A local part has at most 64 octets, an address at most 254.
 */
enum { ADDRESS_SIZE = 255, ADDRESS_NAME_SIZE = 257 };

/* Plain values without pointers: copied freely, nothing to release. */
struct address {
	/* As somebody wrote it, blanks around it removed. This is what people are shown. */
	char as_written[ADDRESS_SIZE];

	/*
	 * The unique key of a contact: the local part in lower case (Unicode) and NFC, quoted only where it
	 * has to be, and the domain as lower-case A-labels. "Anna@MÜNCHEN.example" and
	 * "anna@xn--mnchen-3ya.example" have one key. Folding again changes nothing.
	 */
	char folded[ADDRESS_SIZE];

	/*
	 * What goes into the SMTP envelope and into headers: the local part in its own case (NFC, quoted only
	 * where it has to be) and the domain as lower-case A-labels. No control, no blank outside quotes.
	 */
	char wire[ADDRESS_SIZE];

	/* The local part has characters beyond ASCII: only servers with SMTPUTF8 (RFC 6531) take it. */
	bool needs_smtputf8;
};

/*
 * Checks an address. Surrounding blanks (space, tab, line end, no-break space) are cut off.
 * Returns 0, or -1 with ERR_INVALID and what is wrong with it; *ret is then undefined.
 * Takes a fraction of a microsecond for an ASCII address: no library is asked.
 */
int address_parse(const char *text, struct address *ret, struct err *err) PW_CHECK;

/*
 * Reads "Anna Schmidt <anna@example.com>", "\"Schmidt, Anna\" <anna@example.com>" or a bare address, as
 * `from:` has it. The name loses its quotes and surrounding blanks; without one it is "".
 * Returns 0, or -1 with ERR_INVALID: no address, or a name with controls, angle brackets or over 256 bytes.
 */
int address_parse_from(const char *text, char ret_name[ADDRESS_NAME_SIZE], struct address *ret,
                       struct err *err) PW_CHECK;

#endif
