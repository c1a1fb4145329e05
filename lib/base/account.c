#include "base/account.h"

#include "base/mem.h"

#include <errno.h>

const struct passwd *account_find(uid_t uid)
{
	const struct passwd *account;

	errno = 0;
	account = getpwuid(uid);
	if (!account && errno == ENOMEM)
		mem_exhausted();
	return account;
}
