#ifndef PW_CLI_OPTION_H
#define PW_CLI_OPTION_H

#include "base/attr.h"
#include "model/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

/*
 * One table of options feeds the parser, --help, completion and the test that the manual says the same.
 * Each row names the member of a struct of the command that the value goes to:
 *
 *	struct graph_opts {
 *		const char *as;
 *		bool dry_run;
 *	};
 *	static const struct opt graph_opts[] = {
 *		OPT_CHOICE(struct graph_opts, as, 0, "as", "dot|mermaid", "the language of the graph"),
 *		OPT_FLAG(struct graph_opts, dry_run, 'n', "dry-run", "say what would be done, do nothing"),
 *		OPT_END
 *	};
 *
 * The members are zero (false, NULL, 0, empty) when the option was not given. A macro that is used on a
 * member of the wrong type does not compile.
 */
enum opt_kind {
	OPT_KIND_END,
	OPT_KIND_FLAG,
	OPT_KIND_STR,
	OPT_KIND_CHOICE,
	OPT_KIND_INT,
	OPT_KIND_LIST,
};

struct opt {
	enum opt_kind kind;
	char letter;       /* 0: only the long name */
	const char *name;  /* without the dashes */
	const char *value; /* placeholder in help, as FILE; the words of a choice, as dot|mermaid; NULL: flag */
	const char *help;  /* lower case, no full stop */
	size_t at;         /* where in the struct */
	int64_t min, max;  /* of an int */
	const char *words; /* what completion proposes, as a|b; NULL: what `value` says */
};

#define OPT_AT(type, member, want) \
	(offsetof(type, member) + 0 * sizeof((want *)0 == &((type *)0)->member))

/* true when given */
#define OPT_FLAG(type, member, letter, name, help) \
	{ OPT_KIND_FLAG, letter, name, NULL, help, OPT_AT(type, member, bool), 0, 0, NULL }
/* text; also for files, and for times and durations, which the command reads with cli_read_time() */
#define OPT_STR(type, member, letter, name, value, help) \
	{ OPT_KIND_STR, letter, name, value, help, OPT_AT(type, member, const char *), 0, 0, NULL }
/* one of the words "a|b|c" */
#define OPT_CHOICE(type, member, letter, name, words, help) \
	{ OPT_KIND_CHOICE, letter, name, words, help, OPT_AT(type, member, const char *), 0, 0, NULL }
/* a whole number from min to max; 0 when not given, so min is usually 1 */
#define OPT_INT(type, member, letter, name, value, min, max, help) \
	{ OPT_KIND_INT, letter, name, value, help, OPT_AT(type, member, int64_t), min, max, NULL }
/* text that may be given several times; in the order of the command line */
#define OPT_LIST(type, member, letter, name, value, help) \
	{ OPT_KIND_LIST, letter, name, value, help, OPT_AT(type, member, struct names), 0, 0, NULL }
/* text for which completion proposes "a|b|c", though others may be right, too */
#define OPT_WORDS(type, member, letter, name, value, words, help) \
	{ OPT_KIND_STR, letter, name, value, help, OPT_AT(type, member, const char *), 0, 0, words }
/* What verbs that write, or that ask, have alike. */
#define OPT_DRY_RUN(type, member) \
	OPT_FLAG(type, member, 'n', "dry-run", "print what would be done, do nothing")
#define OPT_YES(type, member) OPT_FLAG(type, member, 'y', "yes", "answer questions with yes")
#define OPT_END { OPT_KIND_END, 0, NULL, NULL, NULL, 0, 0, 0, NULL }

/* A table and the struct that it fills, which the caller has zeroed. Arrays of them end with { 0 }. */
struct opt_set {
	const struct opt *opts;
	void *values;
};

/*
 * Reads a command line: options of any of the sets anywhere up to "--", as --name VALUE, --name=VALUE,
 * -l VALUE, -lVALUE, and flags together as -nq; no abbreviations. The rest, "-" among it, are operands.
 * An option that cannot be repeated counts as it was said last.
 *
 * words      argv without the program's name; values point into them
 * ret_args   the operands
 *
 * Lists live in the arena. Returns 0, or -1 (ERR_USAGE).
 */
int opt_parse(const struct opt_set *sets, char *const *words, size_t n, struct arena *arena,
              struct names *ret_args, struct err *err) PW_CHECK;

/* The row with this letter or this long name (len bytes); NULL when the table has none. opts may be NULL. */
const struct opt *opt_by_letter(const struct opt *opts, char letter);
const struct opt *opt_by_name(const struct opt *opts, const char *name, size_t len);

#endif
