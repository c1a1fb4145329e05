#ifndef PW_CONTACTCTL_ADD_LINES_H
#define PW_CONTACTCTL_ADD_LINES_H

#include "people/intake.h"
#include "session.h"

/* `add -`: a person a line, as JSON, from stdin. Returns the exit status, or -1. */
int add_lines(struct session *s, const struct intake_options *o, struct err *err) PW_CHECK;

#endif
