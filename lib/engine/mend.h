#ifndef PW_ENGINE_MEND_H
#define PW_ENGINE_MEND_H

struct arena;

/*
 * The command that sets what somebody lacks, ready to be copied into a shell: "contactctl set 'o'\''brien@example.com'
 * first_name=...". missing: names divided by ", ", as a run that is blocked has them. In the arena; "": no command can
 * mend any of it. team: for --team; NULL: not said.
 */
const char *mend_command(const char *email, const char *missing, const char *team, struct arena *a);

#endif
