#ifndef PW_STORE_DUE_STORE_H
#define PW_STORE_DUE_STORE_H

#include "model/contact.h"
#include "store/run_store.h"

#include <stdbool.h>

/* What a mail that is due is made from, asked for at once. */
struct due_mail {
	struct run run;
	struct contact contact;
	bool has_message; /* of the step at which the run stands, from an earlier try */
};

/* 1; 0 when the run or its contact is gone; -1. */
int due_mail_load(struct db *db, int64_t team, int64_t run, struct arena *a, struct due_mail *ret, struct err *err)
	PW_CHECK;

#endif
