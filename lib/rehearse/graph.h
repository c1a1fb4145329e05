#ifndef PW_REHEARSE_GRAPH_H
#define PW_REHEARSE_GRAPH_H

#include "model/pipeline.h"

struct buf;

/*
 * The steps of a pipeline as a drawing (S4.2): boxes with what they do, arrows with the delay, branches with yes and
 * no. Names and texts are escaped for the language.
 */
void graph_dot(const struct pipeline *p, struct buf *out);     /* Graphviz */
void graph_mermaid(const struct pipeline *p, struct buf *out); /* flowchart */

#endif
