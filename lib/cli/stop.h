#ifndef PW_CLI_STOP_H
#define PW_CLI_STOP_H

#include <signal.h>

/*
 * Ending in order, for a program whose work should not be cut off in the middle. From here on the first SIGTERM, SIGINT or
 * SIGHUP is only noted; the same one again ends the program at once. What the caller had made it ignore, as nohup(1) does
 * and a shell in the background, stays ignored. Returns where to look: 0, or the signal that came. Valid for ever.
 */
const volatile sig_atomic_t *cli_heed_stop(void);

/* The last call: ends the program by the signal that was noted, so that whoever sent it sees that it did; none: returns. */
void cli_end_as_told(void);

#endif
