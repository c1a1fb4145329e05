#ifndef PW_AUTHOR_AUTHOR_H
#define PW_AUTHOR_AUTHOR_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/diag.h"
#include "base/err.h"
#include "model/calendar.h"
#include "model/fields.h"
#include "model/mailbox.h"
#include "model/names.h"
#include "model/pipeline.h"
#include "model/team.h"
#include "model/template.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* A Calendar document. calendar.zone is left NULL: who computes with it opens the zone. */
struct calendar_document {
	const char *name;
	const char *zone; /* IANA name; NULL: the contact's */
	struct calendar calendar;
};

/* A document that was read. Everything in it is in the author's arena. */
struct document {
	enum doc_kind kind;
	const char *name;
	const char *team;      /* as the file says, else the author's default; NULL: neither says one */
	struct place at;       /* of its first line */
	bool stored;           /* it was there already; only looked up */
	bool good;             /* its model can be used: nothing is wrong in itself */
	union {                /* by kind */
		void *model;
		struct team *as_team;
		struct calendar_document *calendar;
		struct mailbox *mailbox;
		struct fields *fields;
		struct template *template;
		struct pipeline *pipeline;
	};
	const char *text;      /* canonical YAML, without `team`; set by author_check() */
	size_t text_len;
	const struct attachment *attach; /* all that it names, of inline mails too; data NULL: in the store already */
	size_t n_attach;
	struct yaml *tree;     /* of the loader */
};

/*
 * The files that documents name in html_file, text_file and attach.
 *
 * read  Appends a file's bytes to out. beside: the YAML file that names it, as given to author_load(); path:
 *       as written, relative to that file's folder. Returns 0 or -1.
 * has   Has the store content with this hash? Returns 1, 0 or -1.
 *
 * NULL: no files can be read; the store has none.
 */
struct author_files {
	void *ctx;
	int (*read)(void *ctx, const char *beside, const char *path, struct buf *out, struct err *err);
	int (*has)(void *ctx, const char *team, const char *sha256, struct err *err);
};

/*
 * Documents on their way from YAML to the model: load all files, load what is stored already, check. All
 * problems are collected; nothing with an error in it may be used.
 * Set team, files and validate after author_init().
 */
struct author {
	struct arena arena;
	struct diags diags;
	const char *team;        /* for documents that do not say one; may be NULL */
	struct author_files files;
	bool shared;             /* for a shared database: a Mailbox names files of its team's folders alone */
	bool validate;           /* only files are known: a name that is not among them is a warning */
	struct document **docs;  /* of the files in their order, then those from the store */
	size_t n_docs, cap_docs;
	struct ref *refs;        /* names in documents, to be looked up by author_check() */
	size_t n_refs, cap_refs;
};

void author_init(struct author *au);
void author_release(struct author *au);

/*
 * Reads the documents of one file. name: for messages, and what `text_file` is relative to.
 * text must live as long as au. Returns 0, or -1 when there was an error (in au->diags).
 */
int author_load(struct author *au, const char *name, const char *text, size_t len);

/* Makes a stored document known, for names in the files; one of the same kind, name and team in a file wins. */
int author_know(struct author *au, const char *team, const char *text, size_t len, struct err *err) PW_CHECK;

/*
 * Looks up all names between documents, checks placeholders and the values of fields, and writes the
 * canonical text of the files' documents. Returns 0, or -1 when there is any error, of loading too.
 */
int author_check(struct author *au);

/*
 * Reads one stored document for use, without looking anything up: what the engine does at each tick. The
 * result is in the arena. ERR_CONFIG: it cannot be read (it was stored by another version, or damaged).
 */
int author_read(struct arena *a, const char *text, size_t len, struct document *ret, struct err *err) PW_CHECK;

/* The document of this kind and name, of the files or the store, or NULL. team NULL: of any team. */
struct document *author_find(const struct author *au, enum doc_kind kind, const char *name, const char *team);

#endif
