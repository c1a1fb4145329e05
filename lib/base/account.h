#ifndef PW_BASE_ACCOUNT_H
#define PW_BASE_ACCOUNT_H

#include <pwd.h>
#include <sys/types.h>

/*
 * The account of a user id, which lasts until the next call; NULL: there is none. Without memory to look it up the process
 * ends (base/mem.h): nobody is told that he has no account, or no home, when he has.
 */
const struct passwd *account_find(uid_t uid);

#endif
