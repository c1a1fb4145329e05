#ifndef PW_CLI_COMPLETION_PRIVATE_H
#define PW_CLI_COMPLETION_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct cli_program;
struct opt;

/*
 * What may stand for a placeholder of the tables, as words that the scripts know, blank-separated: FILE,
 * @pipelines (names in the database, as `pipectl list pipelines` prints them), @mailbox/ (names behind this
 * word),
 * @kinds, @kind/name, or the word itself.
 * Appends nothing when there is nothing to propose.
 */
void completion_specs(struct buf *b, const char *placeholder, size_t len);

/* The same for the value of an option. */
void completion_option(struct buf *b, const struct opt *opt);

/* The words for kinds of documents, "pipeline" or "pipelines", blank-separated. */
void completion_kinds(struct buf *b, const struct cli_program *program, bool plural);

/*
 * Takes the next operand from the front of a synopsis as "RUN STEP [ADDR]...". False: there is none left.
 * ret_repeats: it stands for all that follow, too.
 */
bool completion_operand(const char **args, const char **ret, size_t *ret_len, bool *ret_repeats);

void completion_bash(struct buf *b, const struct cli_program *program);
void completion_zsh(struct buf *b, const struct cli_program *program);
void completion_fish(struct buf *b, const struct cli_program *program);

/* completion/NAME.*, embedded at build. */
extern const char completion_text_shared[];
extern const char completion_text_bash[];
extern const char completion_text_zsh[];
extern const char completion_text_fish[];

#endif
