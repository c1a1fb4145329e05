#ifndef PW_APPLY_APPLY_H
#define PW_APPLY_APPLY_H

#include "apply/migrate.h"
#include "author/author.h"
#include "engine/engine.h"
#include "model/team.h"
#include "store/document_store.h"

/*
 * Documents on their way into the store: read, compared with what is there, checked together with it, and written
 * in one transaction, or not at all. Versions are immutable: each change of a document becomes its next version.
 *
 *	APPLY_AUTO ap = { 0 };
 *
 *	if (apply_begin(&ap, e, &who, err) < 0)
 *		return -1;
 *	apply_add(&ap, "welcome.yaml", text, len, NULL);
 *	if (apply_check(&ap, false, err) <= 0)
 *		...print ap.author.diags...
 *	if (apply_commit(&ap, err) < 0)
 *		return -1;
 */

enum apply_action { APPLY_CREATED, APPLY_CONFIGURED, APPLY_UNCHANGED, APPLY_DELETED };
const char *apply_action_text(enum apply_action action);

/* Who applies, and for which team. */
struct apply_caller {
	int64_t team;
	const char *team_name;
	enum role role;
	bool owner;  /* of the database, or root */
	bool shared; /* several accounts use the database: only its owner changes Team documents, and a Mailbox names
	                no paths and commands */
};

/* What happens to one document. */
struct apply_item {
	enum apply_action action;
	enum doc_kind kind;
	const char *name;
	const struct document *doc;  /* NULL: it is deleted */
	struct document_row row;     /* as stored; id 0: it is not */
	const char *folder, *source; /* where it comes from now */
	/* of pipelines */
	int next_step;
	struct pipeline *old;        /* the stored version, numbered; NULL: none */
	bool steps_changed;
	struct migration_plan plan;  /* who stands in steps that are not these; empty unless steps_changed,
	                                or after apply_plan_stragglers() */
	int64_t people;              /* in open runs; of deleted pipelines */
	int64_t existing;            /* of apply_count_existing() and apply_enroll_existing() */
};

/* The documents of one file. */
struct apply_file {
	const char *name;
	const char *folder; /* absolute; NULL: it was named alone, or it is stdin */
	size_t first, n;    /* in author.docs */
};

struct apply {
	struct engine *e;
	struct apply_caller who;
	struct author author; /* `files` may be set after apply_begin(); the diagnostics are here */
	struct arena arena;
	struct team team;     /* as stored */
	int64_t generation;
	struct document_row *rows; /* all that is stored */
	size_t n_rows;
	bool *gone;                /* rows that are to be deleted */
	struct apply_file *files;
	size_t n_files, cap_files;
	const char **folders; /* absolute paths of the folders that were given whole */
	size_t n_folders, cap_folders;
	struct apply_item *items; /* in the order of the files, then what is deleted */
	size_t n_items;
	bool rehearsing;
};
#define APPLY_AUTO PW_CLEANUP(apply_release) struct apply

int apply_begin(struct apply *ap, struct engine *e, const struct apply_caller *who, struct err *err) PW_CHECK;
void apply_release(struct apply *ap);

/*
 * Reads the documents of a file; problems are in ap->author.diags. text must live as long as ap.
 *
 * name    for messages, and what text_file is relative to
 * folder  the absolute path of its folder; NULL: not known (stdin)
 */
void apply_add(struct apply *ap, const char *name, const char *text, size_t len, const char *folder);

/* A folder was given whole: what came from it and is not among its files any more may be pruned. */
void apply_add_folder(struct apply *ap, const char *folder);

/* Nothing is read from files: only this stored document is deleted. 1; 0 there is none of this name; -1. */
int apply_add_delete(struct apply *ap, enum doc_kind kind, const char *name, struct err *err) PW_CHECK;

/*
 * Checks all documents together with what is stored, and finds what would change (ap->items). prune: what came
 * from one of the folders and is not there any more is deleted, but not a Team.
 * Returns 1; 0 when a document is wrong (see the diagnostics) or something stored would not hold any more; -1.
 */
int apply_check(struct apply *ap, bool prune, struct err *err) PW_CHECK;

/*
 * Also plans for pipelines whose steps do not change now, but in whose older steps people stand: those whom an earlier
 * `--migrate` did not get to, or who were kept.
 */
int apply_plan_stragglers(struct apply *ap, struct err *err) PW_CHECK;

/* May the caller do all this (S0.22, S2.8)? ERR_DENIED, with the first document that is the reason. */
int apply_permitted(const struct apply *ap, struct err *err) PW_CHECK;

/*
 * Writes everything in one transaction. Open runs of pipelines that are deleted are stopped as `manual`, in
 * transactions of their own before it. ERR_BUSY: somebody else changed documents since apply_begin().
 */
int apply_commit(struct apply *ap, struct err *err) PW_CHECK;

/*
 * Does all that and takes it back. The team's world in ap->e is then the one that there would be, until the next
 * engine_refresh().
 */
int apply_rehearse(struct apply *ap, struct err *err) PW_CHECK;

/*
 * People who are there already (S0.17): for whom a state that `enroll.when` names holds now, or all, for
 * `new_contacts`; of the pipelines of the files. Who was in it before is left out. Counts them into ap->items after
 * apply_rehearse(); enrolls them after apply_commit(), in transactions of half a second each, where a repeat
 * continues.
 */
int apply_count_existing(struct apply *ap, struct err *err) PW_CHECK;
int apply_enroll_existing(struct apply *ap, const struct watch *watch, struct err *err) PW_CHECK;

/* The text of an item of the files as stored and as it would be: a unified diff; "" when they are the same. */
void apply_diff(const struct apply_item *item, struct buf *out);

#endif
