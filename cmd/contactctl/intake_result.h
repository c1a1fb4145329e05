#ifndef PW_CONTACTCTL_INTAKE_RESULT_H
#define PW_CONTACTCTL_INTAKE_RESULT_H

#include "people/intake.h"
#include "session.h"

/* Prints what came of many people: in words, or a row in JSON. */
void intake_tell(struct session *s, const struct intake_counts *n, int64_t rejected);

/*
 * Says that somebody did not enter a pipeline, and why (S2.24). Those who must not be written to are only counted, by
 * intake_tell().
 */
int intake_tell_refused(struct session *s, const struct pipeline *p, const struct contact *c, const struct enroll_result *r,
                        struct err *err) PW_CHECK;

/* The word of --if-exists; NULL: update. */
enum if_exists if_exists_rule(const char *word);

/* Checks --tag and looks up --enroll. */
int intake_read(struct session *s, const struct names *tags, const struct names *pipelines,
                struct intake_options *ret, struct err *err) PW_CHECK;

#endif
