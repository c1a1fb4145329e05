#ifndef PW_CLI_CMD_H
#define PW_CLI_CMD_H

#include "cli/option.h"

struct arena;
struct cli;
struct db;
struct err;

/* What cli_main() has opened before a command runs; it closes it too. */
enum cli_needs {
	CLI_NEEDS_NOTHING = 0,
	CLI_NEEDS_CALLER = 1u << 0,   /* cli->who: the account; all that follow have it, too */
	CLI_NEEDS_DB_READ = 1u << 1,  /* cli->db, for reading */
	CLI_NEEDS_DB_WRITE = 1u << 2, /* cli->db, for reading and writing */
	CLI_NEEDS_TEAM = 1u << 3,     /* cli->team, one that the caller may use; with one of the two above */
	CLI_NEEDS_ADMIN = 1u << 4,    /* and the caller is an admin of it */
	CLI_NEEDS_OWNER = 1u << 5,    /* the caller is the owner of the database or root */
	CLI_OPENS_ITSELF = 1u << 6,   /* nothing yet: it calls cli_open(), with the rights of a set-group-id program */
};

/*
 * One verb: a constant in a file of its own; the program's table points to all of them.
 *
 * run is given what `needs` says; its options are in cli->opts (a zeroed struct of opts_size bytes that the
 * table `opts` has filled), its operands in cli->args, at least min_args of them. It returns an exit status
 * (0 done, 1 different, no, or done in part, or any other that it has explained itself) or -1 with *err set,
 * which is printed as one line and whose kind decides the status.
 */
struct cli_cmd {
	const char *name;
	const char *group; /* heading above this verb in the list of verbs; NULL: belongs to the one before */
	const char *args;  /* operands as the synopsis has them: "PIPELINE [ADDR]..."; NULL: none */
	const char *about; /* what it does: lower case, no full stop */
	int min_args;
	int max_args; /* -1: any number */
	const struct opt *opts;
	size_t opts_size;     /* of the struct that opts fills */
	const char *examples; /* lines without program name's prompt, each ended by '\n' */
	unsigned needs;       /* of enum cli_needs */
	int (*run)(struct cli *cli, struct err *err);
};

struct cli_program {
	const char *name;     /* "pipectl" */
	const char *about;    /* one line: lower case, no full stop */
	const char *examples; /* shown when it is called without a verb; lines ended by '\n' */
	const struct cli_cmd *const *cmds; /* each verb is a file of its own; ended by NULL */

	/*
	 * Reads the name of a team's time zone, which its Team document says, into the arena; NULL: it says none,
	 * so UTC. team 0: the zone that all teams share. lib/cli does not read documents. NULL: UTC for every team.
	 */
	int (*team_zone)(struct db *db, int64_t team, struct arena *arena, const char **ret, struct err *err);

	/* Kinds of documents that are not supported yet: completion does not propose them. NULL: all are. */
	bool (*kind_later)(enum doc_kind kind);
};

/*
 * The whole life of a program with verbs: finds the verb, reads the options, opens what the command needs,
 * runs it, prints the error if any, flushes and checks stdout. `help`, `completion`, --help, --version and
 * --dump-options are built in. Returns the exit status for main() to return.
 */
int cli_main(int argc, char **argv, const struct cli_program *program);

/*
 * The same for a program without verbs; cmd->name is its name. It needs CLI_NEEDS_NOTHING: such programs open
 * by themselves (cli/open.h), so that those that do not are not linked with what opening takes; --now is left
 * in cli->globals.
 */
int cli_main_single(int argc, char **argv, const struct cli_cmd *cmd);

/* The verbs `help` and `completion` of every program with verbs; ended by NULL. */
extern const struct cli_cmd *const cli_builtin_cmds[];

/* The verb of this name among the program's and the built-in ones; NULL: none. */
const struct cli_cmd *cli_find_cmd(const struct cli_program *program, const char *name);

/* Says that there is none, and which may be meant. Returns -1 (ERR_USAGE). */
int cli_no_such_cmd(const struct cli_program *program, const char *name, struct err *err);

#endif
