/*
 * Seeded bug: any text is an address, wherever it is looked at.
 *
 * program: contactctl pipe-worker
 * wrap: address_parse mail_address_check header_mailbox
 */
#include "base/buf.h"
#include "format/mime_private.h"
#include "model/address.h"
#include "transport/content.h"

#include <stdio.h>

int __wrap_address_parse(const char *text, struct address *ret, struct err *err);
const char *__wrap_mail_address_check(const char *address, bool *ret_utf8);
int __wrap_header_mailbox(struct buf *out, const char *name, const struct mime_mailbox *value, struct err *err);

int __wrap_address_parse(const char *text, struct address *ret, struct err *err)
{
	(void)err;
	*ret = (struct address){ 0 };
	snprintf(ret->as_written, sizeof ret->as_written, "%s", text);
	snprintf(ret->folded, sizeof ret->folded, "%s", text);
	snprintf(ret->wire, sizeof ret->wire, "%s", text);
	return 0;
}

const char *__wrap_mail_address_check(const char *address, bool *ret_utf8)
{
	(void)address;
	if (ret_utf8)
		*ret_utf8 = true;
	return NULL;
}

int __wrap_header_mailbox(struct buf *out, const char *name, const struct mime_mailbox *value, struct err *err)
{
	(void)err;
	if (value->address)
		buf_addf(out, "%s: <%s>\r\n", name, value->address);
	return 0;
}
