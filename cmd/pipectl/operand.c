#include "operand.h"

#include "base/near.h"
#include "engine/world.h"
#include "model/address.h"
#include "store/contact_store.h"
#include "store/document_store.h"
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

int operand_nearest(struct cli *cli, enum doc_kind kind, const char *word, const char **ret, struct err *err)
{
	struct document_row *rows;
	int n = document_list(cli->db, cli->team, doc_kind_yaml(kind), &cli->arena, &rows, err);
	const char **names;

	if (n < 0)
		return -1;
	names = arena_array(&cli->arena, (size_t)n + 1, sizeof *names);
	for (int i = 0; i < n; i++)
		names[i] = rows[i].name;
	*ret = near_match(word, names, (size_t)n);
	return *ret != NULL;
}

static int no_document(struct cli *cli, enum doc_kind kind, const char *name, struct err *err)
{
	const char *near;
	int got = operand_nearest(cli, kind, name, &near, err);

	if (got < 0)
		return -1;
	if (got > 0)
		return err_set(err, ERR_MISSING, "no %s '%s'; did you mean '%s'?", doc_kind_word(kind), name, near);
	return err_set(err, ERR_MISSING, "no %s '%s'", doc_kind_word(kind), name);
}

int operand_pipeline(struct cli *cli, struct engine *e, const char *word, const struct pipeline **ret, struct err *err)
{
	const char *name = without_kind(word, "pipeline");
	struct world *w;

	if (engine_world(e, cli->team, &w, err) < 0)
		return -1;
	*ret = world_pipeline(w, name);
	return *ret ? 0 : no_document(cli, DOC_PIPELINE, name, err);
}

int operand_mailbox(struct cli *cli, struct engine *e, const char *word, struct err *err)
{
	struct world *w;

	if (engine_world(e, cli->team, &w, err) < 0)
		return -1;
	return world_mailbox(w, word) ? 0 : no_document(cli, DOC_MAILBOX, word, err);
}

int operand_contact(struct cli *cli, const char *word, struct contact *ret, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct address address;
	int got = 0;

	if (address_parse(word, &address, &ignored) == 0)
		got = contact_find(cli->db, cli->team, address.folded, &cli->arena, ret, err);
	if (got == 0)
		return err_set(err, ERR_MISSING, "no contact '%s'", word);
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
	return got <= 0 ? got < 0 ? -1 : err_set(err, ERR_MISSING, "no run %lld", (long long)id) : 0;
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
		return got < 0 ? -1 : err_set(err, ERR_MISSING, "no message '%s'", word);
	*ret = m.id;
	return 0;
}
