#ifndef PW_PIPECTL_OPERAND_H
#define PW_PIPECTL_OPERAND_H

#include "cli/context.h"
#include "engine/engine.h"
#include "store/run_store.h"

struct contact;

/* What the words of a command line mean in the caller's team. All fail with ERR_MISSING when there is no such thing. */

/* A pipeline by its name, also written pipeline/NAME. The nearest name is told. */
int operand_pipeline(struct cli *cli, struct engine *e, const char *word, const struct pipeline **ret, struct err *err)
	PW_CHECK;

/* Whether there is a mailbox of this name. */
int operand_mailbox(struct cli *cli, struct engine *e, const char *word, struct err *err) PW_CHECK;

/* A contact by an address in any spelling. */
int operand_contact(struct cli *cli, const char *word, struct contact *ret, struct err *err) PW_CHECK;

/* Does it look like the number of a run or message (12, run/12, message/12)? Sets *ret. */
bool operand_is_id(const char *word, int64_t *ret);

/* The number of a run or message: ERR_USAGE when it is none; what: "run". Whether it exists is not looked at. */
int operand_id(const char *word, const char *what, int64_t *ret, struct err *err) PW_CHECK;

/* A run by its number. */
int operand_run(struct cli *cli, const char *word, struct run *ret, struct err *err) PW_CHECK;

/* RUN/STEP, a run's mail of that step: splits it. False when it is none. */
bool operand_is_step(struct cli *cli, const char *word, int64_t *ret_run, const char **ret_step);

/* A message by its number, a run's number (its next mail), or its Message-ID: the number. */
int operand_message(struct cli *cli, const char *word, int64_t *ret, struct err *err) PW_CHECK;

#endif
