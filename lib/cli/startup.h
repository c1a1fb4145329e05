#ifndef PW_CLI_STARTUP_H
#define PW_CLI_STARTUP_H

#include "base/attr.h"

#include <stdbool.h>

struct arena;

/* What is read from the environment, once, before it is thrown away in a set-group-id program. */
struct cli_env {
	const char *db;        /* PIPEWRIGHT_DB */
	const char *team;      /* PIPEWRIGHT_TEAM */
	const char *data_home; /* XDG_DATA_HOME */
	const char *home;      /* HOME */
	const char *editor;    /* VISUAL, else EDITOR, else vi */
	const char *term;      /* TERM; NULL: not said */
	int columns;           /* COLUMNS; 0: not said */
	bool no_color;         /* NO_COLOR has a value, or TERM is dumb */
};

/*
 * The first call of every main(): descriptors 0 to 2 are open (on something that fails, if the caller closed
 * them), signals as usual, the locale's characters UTF-8, the umask 077. With the rights of another group or
 * user (set-group-id) also: a new environment, no core files, no alarm left behind.
 * Ends the process when there is no argv[0].
 */
void cli_startup(int argc, struct arena *arena, struct cli_env *ret);

/* A crash leaves no core file from here on, for programs that read secrets. */
void cli_forbid_core(void);

/* Whether the process has rights that its caller has not (set-group-id and not given up yet). */
bool cli_privileged(void);

/* Gives such rights up for good. */
void cli_drop_privilege(void);

#endif
