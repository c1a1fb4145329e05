#ifndef PW_MODEL_STEP_TEXT_H
#define PW_MODEL_STEP_TEXT_H

#include "model/pipeline.h"

struct buf;

/* Pipelines in words, for `show` and `graph`. One line each, without a newline. */

/* "active", "paused", "draft". */
const char *pipeline_state(const struct pipeline *p);

/* What a step does, without its verb: "guide" of an email, "2 days" of a wait, "tag is hot" of an if. */
void step_describe(const struct step *st, struct buf *out);

/* How people come in: "new contacts; when tag is trial; by hand only if country is DE". */
void pipeline_describe_entry(const struct pipeline *p, struct buf *out);

/* What ends a run before its last step. */
void pipeline_describe_stop(const struct pipeline *p, struct buf *out);

/* "hold when more than 24 hours late". */
void pipeline_describe_late(const struct pipeline *p, struct buf *out);

/* "enroller", "a, b", "of the team". */
void pipeline_describe_mailbox(const struct pipeline *p, struct buf *out);

#endif
