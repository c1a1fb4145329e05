#ifndef PW_AUTHOR_AUTHOR_PRIVATE_H
#define PW_AUTHOR_AUTHOR_PRIVATE_H

#include "author/author.h"
#include "format/yaml.h"

#include <stddef.h>
#include <stdint.h>

/*
 * One table for each kind of map that may be written reads it, checks it, explains it and gives its JSON
 * Schema. A row is a key.
 */
struct reader;
struct key;
struct table;

/* What may be written as a value; bits. */
enum takes {
	TAKES_TEXT   = 1u << 0,
	TAKES_LIST   = 1u << 1, /* of texts */
	TAKES_MAP    = 1u << 2, /* with the keys of key->table */
	TAKES_MAPS   = 1u << 3, /* a list of such maps */
	TAKES_KEYED  = 1u << 4, /* a map whose keys are names of the author's; values: key->table, or what it takes */
	TAKES_BOOL   = 1u << 5,
	TAKES_NUMBER = 1u << 6,
	TAKES_EMPTY  = 1u << 7
};

/* A type of value. read: fills `into`, which has the type that the row's struct has there; 0 or -1. */
struct type {
	const char *form; /* how `explain` calls it; NULL: the row's words */
	unsigned takes;
	int (*read)(struct reader *rd, const struct key *key, struct yaml *node, void *into);
};

enum key_flags {
	KEY_REQUIRED = 1u << 0,
	KEY_LATER    = 1u << 1, /* known, but this version does not build it: refused */
	KEY_REPLACED = 1u << 2, /* written out under another key: text_file becomes text */
	KEY_VERB     = 1u << 3  /* what a step does: it has exactly one */
};

struct key {
	const char *name;
	const struct type *type;
	size_t offset;            /* in the struct that the table fills */
	unsigned flags;
	const struct table *table;
	const char *const *words; /* the texts of an enum in its order, NULL-terminated */
	int64_t min, max;         /* of numbers */
	const char *with;         /* steps: the verbs that it goes with, divided by blanks; NULL: all */
	const char *about;
};

struct table {
	const char *name; /* "Team", "Team.members", "step": the path of `explain`, and its name in the JSON Schema */
	const char *noun; /* for messages: "a Team", "a step" */
	const struct key *keys;
	size_t n_keys;
	const char *about;
};

/* Calls back for each table, those of the kinds first, each followed by those that it needs. */
void schema_each_table(void (*each)(const struct table *table, void *ctx), void *ctx);

/* The table of a kind of document. */
const struct table *table_of_kind(enum doc_kind kind);
bool kind_later(enum doc_kind kind);

const struct key *table_find(const struct table *table, const char *name);

/* A name that must be looked up when everything is loaded. */
enum ref_kind {
	REF_DOCUMENT,    /* doc, name */
	REF_FIELD,       /* name: a field of a contact */
	REF_DATE_FIELD,  /* the same, and it must be a date */
	REF_VALUE,       /* name: a field; node: a value that it is compared with or set to; rewritten as stored */
	REF_EVENT,       /* name: an event type */
	REF_MEMBER,      /* name: an account */
	REF_LIFECYCLE,   /* name: a stage */
	REF_TEMPLATE     /* a Liquid template in node */
};

struct ref {
	enum ref_kind kind;
	enum doc_kind doc;
	const char *name;
	struct place at;
	const struct document *from;
	struct yaml *node;
	const struct yaml_file *file; /* where node stands */
	const char **value;           /* REF_VALUE: where the model has it */
	enum cond_op op;              /* REF_VALUE: how it is compared; OP_SET: a step sets it */
};

/* A document being read. */
struct reader {
	struct author *author;
	struct arena *arena;
	struct diags *diags;
	const struct yaml_file *file;
	struct document *doc;
	bool stored;                  /* checked before: nothing is looked up, nothing kept for writing */
	struct attachment *attach;
	size_t n_attach;
	struct step_list *steps;      /* of the pipeline */
};

/* Errors and warnings at a node; reader_error returns -1. Nothing is said about a broken node. */
int reader_error(struct reader *rd, const struct yaml *node, const char *fmt, ...) PW_FORMAT(3, 4);
void reader_warning(struct reader *rd, const struct yaml *node, const char *fmt, ...) PW_FORMAT(3, 4);

/* "'hours' must be a text, not a list". */
int reader_expected(struct reader *rd, const struct key *key, const struct yaml *node, const char *what);

/* "'limt'...; did you mean 'limit'?" or "" when nothing is near; in the arena. */
const char *reader_near(struct reader *rd, const char *word, const char *const *names, size_t n);

/* Rewrites a scalar, for the canonical text. text is borrowed. */
void reader_rewrite(struct yaml *node, const char *text);

/* The Team document that a document belongs to, or NULL. */
const struct team *author_team_of(const struct author *au, const struct document *from);

/* Checks what a ref means; the messages go to au->diags. */
void link_refs(struct author *au);

/* Warns of pipelines with mails that nobody sends, or whose answers nobody reads (S2.18, B4). */
void senders_warn(struct author *au);

/* Checks syntax and placeholders of the Liquid template of a ref. fields: of contacts, or NULL. */
void placeholders_check(struct author *au, const struct ref *r, const struct fields *fields);

/* Remembers a name for author_check(). */
void reader_refer(struct reader *rd, enum ref_kind kind, struct yaml *node, const char *name);
void reader_refer_file(struct reader *rd, struct yaml *node, const char *path); /* a template in a file of its own */
void reader_refer_document(struct reader *rd, enum doc_kind doc, struct yaml *node, const char *name);
void reader_refer_value(struct reader *rd, const char *field, enum cond_op op, struct yaml *node, const char **value);

/*
 * Reads a map by its table into obj, and puts its keys into the table's order. *ret_seen, if not NULL: bit i
 * is set when row i was there. Returns 0, or -1 when something was wrong; the rest was read all the same.
 */
int read_map(struct reader *rd, const struct table *table, struct yaml *node, void *obj, uint64_t *ret_seen);

/* The bit of a row in what read_map() has seen. */
uint64_t seen_bit(const struct table *table, const char *key);

/* The text of a scalar without controls, or NULL after an error. lines: it may have several. */
const char *scalar_text(struct reader *rd, const struct key *key, const struct yaml *node, bool lines);

/* The texts of a list, or of a single text. */
int read_names(struct reader *rd, const struct key *key, struct yaml *node, void *into);

/* A map of key->table into a struct of its own. */
int read_nested(struct reader *rd, const struct key *key, struct yaml *node, void *into);

int read_duration(struct reader *rd, const struct key *key, struct yaml *node, struct delay *ret);

/* The name of a document of this kind; it is looked up later. */
int read_document_name(struct reader *rd, const struct key *key, enum doc_kind kind, struct yaml *node, const char **ret);

bool language_valid(const char *text);

extern const struct type type_text;     /* const char *: one line */
extern const struct type type_prose;    /* const char *: may have several lines; cut or empty: an error */
extern const struct type type_line;     /* const char *: like prose, one line */
extern const struct type type_bool;     /* bool */
extern const struct type type_int;      /* int: min..max */
extern const struct type type_count;    /* int64_t: min..max */
extern const struct type type_word;     /* an enum, by words */
extern const struct type type_names;    /* struct names */
extern const struct type type_delay;    /* struct delay */
extern const struct type type_retention; /* struct delay, months and years too */
extern const struct type type_seconds;  /* int64_t: a delay of elapsed time */
extern const struct type type_zone;     /* const char *: a time zone */
extern const struct type type_language; /* const char *: de, de-AT */
extern const struct type type_address;  /* const char * */
extern const struct type type_addresses;/* struct names */
extern const struct type type_mailbox;  /* const char *: a Mailbox */
extern const struct type type_hours;    /* const char *: a Calendar or "always" */
extern const struct type type_nested;   /* a struct, by table */
extern const struct type type_later;    /* anything: what this version does not read */

#endif
