#ifndef PW_PIPECTL_PLAN_H
#define PW_PIPECTL_PLAN_H

#include "apply/apply.h"
#include "sources.h"

struct cli;

/* Begins an apply as the caller, with all files of the operands read. */
int plan_begin(struct cli *cli, struct engine *e, const struct sources *sources, struct apply *ret, struct err *err);

/* What happened to each document: "pipeline/welcome created". */
void plan_print_items(struct cli *cli, const struct apply *ap);

/* "2 people at 'wait 2' (version 1): stay there", a line for each stand; before: what each line begins with. */
void plan_write(const struct apply_item *item, const char *before, struct buf *out);

/* What a migration did, in words or as a row of JSON. */
void plan_report(struct cli *cli, const char *pipeline, const struct migration_count *count);

/* "1 person", "3 people". */
const char *plan_people(struct cli *cli, int64_t n);

#endif
