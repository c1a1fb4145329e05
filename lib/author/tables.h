#ifndef PW_AUTHOR_TABLES_H
#define PW_AUTHOR_TABLES_H

#include "author/author_private.h"

/* The tables of the kinds of documents, and the maps in them that `explain` knows by name. */
extern const struct table team_table;
extern const struct table calendar_table;
extern const struct table mailbox_table;
extern const struct table fields_table;
extern const struct table template_table, mail_table;
extern const struct table pipeline_table, start_table;
extern const struct table step_table;
extern const struct table condition_table, field_test_table;
extern const struct table sms_gateway_table, segment_table, coupons_table, form_table, funnel_table;

/* The rows with which each document begins; author_load() has read them already. */
extern const struct type type_header;
#define HEADER_ROWS                                                                             \
	{ "kind", &type_header, .flags = KEY_REQUIRED, .about = "what it is" },                     \
	{ "name", &type_header, .flags = KEY_REQUIRED, .about = "how others refer to it: a-z, 0-9 and -" }
#define TEAM_ROW { "team", &type_header, .about = "whose it is; else --team" }

/* Shorthand for the rows of a table. */
#define TABLE(path, article, rows, text) { path, article, rows, ARRAY_LEN(rows), text }
#define LATER(key, text) { key, &type_later, .flags = KEY_LATER, .about = text }
#define LATER_MAP(key, rows, text) { key, &type_later, .flags = KEY_LATER, .table = rows, .about = text }

/* Read a whole document into a new model; 0 or -1. */
int team_read(struct reader *rd, struct yaml *node);
int calendar_read(struct reader *rd, struct yaml *node);
int mailbox_read(struct reader *rd, struct yaml *node);
int fields_read(struct reader *rd, struct yaml *node);
int template_read(struct reader *rd, struct yaml *node);
int pipeline_read(struct reader *rd, struct yaml *node);

/* The map of a mail: in a Template, and inline in a step. */
int mail_read(struct reader *rd, const struct table *table, struct yaml *node, struct template *ret);

extern const struct type type_liquid;      /* const char *: Liquid, may have several lines */
extern const struct type type_liquid_line; /* const char *: Liquid in one line */
extern const struct type type_condition;  /* const struct cond * */

/* A condition, or NULL after an error. */
struct cond *condition_read(struct reader *rd, struct yaml *node);

/* An item of `enroll.when`: a condition that may have an `again`. */
int start_read(struct reader *rd, struct yaml *node, struct start *ret);

/* {FIELD: tests, ..} of `field`. */
int field_tests_read(struct reader *rd, const struct key *key, struct yaml *node, struct cond **ret);

/* Does time alone make it true or false? */
bool condition_has_within(const struct cond *c);

int again_read(struct reader *rd, const struct key *key, struct yaml *node, enum again *ret, struct delay *ret_after);

#endif
