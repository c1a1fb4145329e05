#ifndef PW_BASE_FOLDER_H
#define PW_BASE_FOLDER_H

#include "base/attr.h"

/*
 * The name of a file that was made, linked or renamed stays in its folder even when the power goes now. Returns 0, or -1
 * with errno (EACCES: this account may write into the folder, but not list it, and so cannot ask for that).
 */
int folder_sync(const char *path) PW_CHECK;

#endif
