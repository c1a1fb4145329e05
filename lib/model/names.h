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

/* The kinds of documents: enum, the word in YAML, the word in commands (`pipeline/welcome`). */
#define DOC_KINDS(X)                            \
	X(TEAM,        "Team",       "team")        \
	X(CALENDAR,    "Calendar",   "calendar")    \
	X(MAILBOX,     "Mailbox",    "mailbox")     \
	X(SMS_GATEWAY, "SmsGateway", "smsgateway")  \
	X(FIELDS,      "Fields",     "fields")      \
	X(SEGMENT,     "Segment",    "segment")     \
	X(COUPONS,     "Coupons",    "coupons")     \
	X(FORM,        "Form",       "form")        \
	X(FUNNEL,      "Funnel",     "funnel")      \
	X(TEMPLATE,    "Template",   "template")    \
	X(PIPELINE,    "Pipeline",   "pipeline")

enum doc_kind {
#define X(kind, yaml, word) DOC_##kind,
	DOC_KINDS(X)
#undef X
	DOC_KIND_COUNT
};

/* "Pipeline" and "pipeline". */
const char *doc_kind_yaml(enum doc_kind kind);
const char *doc_kind_word(enum doc_kind kind);

/* Reads either form, also the plural of the word ("pipelines"). Returns 1, or 0 when it is none. */
int doc_kind_parse(const char *text, enum doc_kind *ret);

/* [a-z0-9][a-z0-9-]*, at most 63 bytes. */
bool name_valid(const char *name);

/* Words of the grammar that no document may be called: enroller, owner, previous, ... (DESIGN.md 4). */
bool name_reserved(const char *name);

#endif
