#ifndef PW_STORE_LOG_PRIVATE_H
#define PW_STORE_LOG_PRIVATE_H

#include "base/attr.h"
#include "base/err.h"

/*
 * Looks through the log that programs left beside the database when they died. SQLite takes it up to the first frame
 * whose sum is wrong, because after a loss of power the last transaction may be there in part. Where whole transactions
 * follow, the frame was right once and has changed since: those would be lost without a word. ERR_CONFIG then. Does
 * nothing while another program has the database open. The last transaction cannot be judged, nor a log whose header is
 * wrong.
 */
int log_check(const char *db_path, struct err *err) PW_CHECK;

#endif
