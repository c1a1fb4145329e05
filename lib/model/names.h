#ifndef PW_MODEL_NAMES_H
#define PW_MODEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* A list of texts, borrowed or in the arena of whoever holds it. */
struct names {
	const char **v;
	size_t n;
};

bool names_have(const struct names *list, const char *name);

/* The kinds of documents: enum, the word in YAML, the word in commands (`pipeline/welcome`), its plural. */
#define DOC_KINDS(X)                                            \
	X(TEAM,        "Team",       "team",       "teams")         \
	X(CALENDAR,    "Calendar",   "calendar",   "calendars")     \
	X(MAILBOX,     "Mailbox",    "mailbox",    "mailboxes")     \
	X(SMS_GATEWAY, "SmsGateway", "smsgateway", "smsgateways")   \
	X(FIELDS,      "Fields",     "fields",     "fields")        \
	X(SEGMENT,     "Segment",    "segment",    "segments")      \
	X(COUPONS,     "Coupons",    "coupons",    "coupons")       \
	X(FORM,        "Form",       "form",       "forms")         \
	X(FUNNEL,      "Funnel",     "funnel",     "funnels")       \
	X(TEMPLATE,    "Template",   "template",   "templates")     \
	X(PIPELINE,    "Pipeline",   "pipeline",   "pipelines")

enum doc_kind {
#define X(kind, yaml, word, words) DOC_##kind,
	DOC_KINDS(X)
#undef X
	DOC_KIND_COUNT
};

/* "Pipeline", "pipeline" and "pipelines". */
const char *doc_kind_yaml(enum doc_kind kind);
const char *doc_kind_word(enum doc_kind kind);
const char *doc_kind_plural(enum doc_kind kind);

/* Reads any of these. Returns 1, or 0 when it is none. */
int doc_kind_parse(const char *text, enum doc_kind *ret);

/* [a-z0-9][a-z0-9-]*, at most 63 bytes. */
bool name_valid(const char *name);

/*
 * The bare name of a file: letters, digits, '.', '_' and '-', not first a '.' or '-', at most 100 bytes. It leads out of
 * no folder, is no option of a program, and means nothing to a shell.
 */
bool file_name_valid(const char *name);

/* Words of the grammar that no document may be called: enroller, owner, previous, ... */
bool name_reserved(const char *name);

#endif
