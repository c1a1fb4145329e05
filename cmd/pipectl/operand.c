#include "operand.h"

#include "engine/absent.h"
#include "engine/world.h"
#include "model/address.h"
#include "store/contact_store.h"
#include "store/message_store.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *without_kind(const char *word, const char *kind)
{
	size_t n = strlen(kind);

	return strncmp(word, kind, n) == 0 && word[n] == '/' ? word + n + 1 : word;
}

int operand_pipeline(struct cli *cli, struct engine *e, const char *word, const struct pipeline **ret, struct err *err)
{
	const char *name = without_kind(word, "pipeline");
	struct world *w;

	if (engine_world(e, cli->team, &w, err) < 0)
		return -1;
	*ret = world_pipeline(w, name);
	return *ret ? 0 : absent_document(cli->db, cli->team, DOC_PIPELINE, name, err);
}

int operand_mailbox(struct cli *cli, struct engine *e, const char *word, struct err *err)
{
	struct world *w;

	if (engine_world(e, cli->team, &w, err) < 0)
		return -1;
	return world_mailbox(w, word) ? 0 : absent_document(cli->db, cli->team, DOC_MAILBOX, word, err);
}

int operand_contact(struct cli *cli, const char *word, struct contact *ret, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct address address;
	int got = 0;

	if (address_parse(word, &address, &ignored) == 0)
		got = contact_find(cli->db, cli->team, address.folded, &cli->arena, ret, err);
	if (got == 0)
		return absent_contact(cli->db, cli->team, word, err);
	return got < 0 ? -1 : 0;
}

bool operand_is_id(const char *word, int64_t *ret)
{
	const char *digits = without_kind(without_kind(word, "run"), "message");
	char *end;
	long long id;

	errno = 0;
	id = strtoll(digits, &end, 10);
	if (!isdigit((unsigned char)*digits) || *end || errno)
		return false;
	*ret = id;
	return true;
}

int operand_id(const char *word, const char *what, int64_t *ret, struct err *err)
{
	if (operand_is_id(word, ret))
		return 0;
	return err_set(err, ERR_USAGE, "'%s' is not the number of a %s", word, what);
}

int operand_run(struct cli *cli, const char *word, struct run *ret, struct err *err)
{
	int64_t id;
	int got;

	if (operand_id(word, "run", &id, err) < 0)
		return -1;
	got = run_load(cli->db, cli->team, id, &cli->arena, ret, err);
	if (got == 0)
		return absent_run(cli->db, cli->team, id, err);
	return got < 0 ? -1 : 0;
}

bool operand_is_step(struct cli *cli, const char *word, int64_t *ret_run, const char **ret_step)
{
	const char *rest = without_kind(word, "run"), *slash = strchr(rest, '/');

	if (!slash || !slash[1] || !operand_is_id(arena_strndup(&cli->arena, rest, (size_t)(slash - rest)), ret_run))
		return false;
	*ret_step = slash + 1;
	return true;
}

int operand_message(struct cli *cli, const char *word, int64_t *ret, struct err *err)
{
	size_t n = strlen(word);
	struct message m;
	int got;

	if (operand_is_id(word, ret))
		return 0;
	if (!strchr(word, '@'))
		return operand_id(word, "message", ret, err);
	if (n > 2 && word[0] == '<' && word[n - 1] == '>')
		word = arena_strndup(&cli->arena, word + 1, n - 2);
	got = message_find_mid(cli->db, cli->team, word, &cli->arena, &m, err);
	if (got <= 0)
		return got < 0 ? -1 : absent_message(cli->db, cli->team, word, err);
	*ret = m.id;
	return 0;
}
