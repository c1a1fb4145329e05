#ifndef PW_CLI_CONTEXT_H
#define PW_CLI_CONTEXT_H

#include "base/arena.h"
#include "cli/option.h"
#include "cli/startup.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct buf;
struct cli_cmd;
struct cli_program;
struct db;
struct err;
struct zone;

/* The options that every program has. */
struct cli_globals {
	const char *db;
	const char *team;
	const char *now;
	bool json, quiet, verbose, help, version;
};
extern const struct opt cli_global_opts[];

/* Who calls: the account of the real user id, and what the database lets it do. */
struct cli_identity {
	int64_t uid;
	const char *account; /* Unix account name */
	bool is_owner;       /* owns the database, or is root */
	bool is_admin;       /* admin of cli->team (an owner always is) */
};

/* What a command is given. Everything that it points to lives until the command has returned. */
struct cli {
	const char *name;                  /* "pipectl": for messages */
	const struct cli_program *program; /* its verbs; NULL in a program without verbs */
	const struct cli_cmd *cmd;
	const void *opts;  /* the struct of the command's options; NULL when it has none */
	struct names args; /* the operands behind the verb */
	struct cli_globals globals;
	struct cli_env env;

	struct db *db; /* NULL unless needed */
	const char *db_path;
	bool db_shared; /* several accounts use the database (its group may write to it) */
	int64_t team;   /* 0 unless needed */
	const char *team_name;
	const struct zone *zone; /* of the team; UTC without one */
	struct zone *opened_zone;
	struct cli_identity who;

	int64_t now;    /* --now, else the clock; UTC seconds */
	bool rehearsal; /* --now was given: the clock guard is neither read nor set */
	bool json, quiet, verbose;

	FILE *out; /* stdout */
	bool out_terminal;
	int columns; /* of the terminal */
	bool color;  /* a terminal, and nobody said NO_COLOR */

	struct arena arena; /* for what lives as long as the command */
};

/*
 * Reads a time of the command line (model/when.h) in the team's zone, after cli_open(). option: where it was
 * said, as "--at", for the message. Returns 0 or -1 (ERR_USAGE).
 */
int cli_read_time(const struct cli *cli, const char *option, const char *text, int64_t *ret, struct err *err);

/*
 * Appends an instant as this output has it, in tables and in words: on a terminal "2026-07-01 09:30" in the team's zone,
 * elsewhere, and with --json, RFC 3339 in UTC, which says so.
 */
void cli_add_time(const struct cli *cli, int64_t instant, struct buf *b);

/* The same as a text in the command's arena. */
const char *cli_time_text(struct cli *cli, int64_t instant);

/* The two ends of every main(): startup, clock and streams; then stdout flushed and checked, memory freed. */
void cli_begin(struct cli *cli, int argc, const char *name);

/*
 * result is what a run function returned; with -1 the error is printed. Output that could not be written
 * makes an error of any other result (ERR_IO). Returns the exit status.
 */
int cli_finish(struct cli *cli, int result, const struct err *err);

#endif
