#ifndef PW_CONTACTCTL_INTAKE_RESULT_H
#define PW_CONTACTCTL_INTAKE_RESULT_H

#include "engine/intake.h"
#include "session.h"

/* Prints what came of many people: in words, or a row in JSON. */
void intake_tell(struct session *s, const struct intake_counts *n, int64_t rejected);

/* The word of --if-exists; NULL: update. */
enum if_exists if_exists_rule(const char *word);

/* Checks --tag and looks up --enroll. */
int intake_read(struct session *s, const struct names *tags, const struct names *pipelines,
                struct intake_options *ret, struct err *err) PW_CHECK;

#endif
