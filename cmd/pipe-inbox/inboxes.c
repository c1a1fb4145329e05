#include "pipe_inbox.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/cmd.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "cli/open.h"
#include "engine/engine.h"
#include "engine/keys.h"
#include "engine/world.h"
#include "inbox/inbox_read.h"
#include "store/team_store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* All inboxes in work. */
struct round {
	struct cli *cli;
	struct engine engine;
	struct token_key key;
	struct inbox_count count;
	int status; /* of the first mailbox that failed */
	int64_t found; /* mailboxes that have an inbox */
};

/* One that is broken does not stop the others; it is told once, and always when it was asked for by name. */
static int read_one(struct round *r, const struct team_row *team, const struct world *w, const char *name, struct err *err)
{
	const struct inbox_opts *o = r->cli->opts;
	const struct mailbox *mb = world_mailbox(w, name);

	if (!mb)
		return 0;

	r->found++;
	if (inbox_read(&r->engine, w, mb, &r->key, &r->count, err) == 0)
		return 0;
	if (err->kind == ERR_BUSY || err->kind == ERR_BUG)
		return -1;
	if (!r->count.again || o->mailbox)
		cli_notice(r->cli, "%s/%s: %s", team->name, name, err->text);
	if (r->status == 0)
		r->status = r->count.again && !o->mailbox ? err_status(ERR_BUSY) : err_status(err->kind);
	return 0;
}

static int read_team(struct round *r, const struct team_row *team, struct err *err)
{
	const struct inbox_opts *o = r->cli->opts;
	const struct mailbox *mb;
	struct names names = { 0 };
	struct world *w;

	if (engine_world(&r->engine, team->id, &w, err) < 0)
		return -1;
	names.v = arena_array(&r->cli->arena, world_mailbox_count(w) + 1, sizeof *names.v);
	for (size_t at = 0; (mb = world_mailbox_next(w, &at)) != NULL;)
		if (mb->inbox.kind != INBOX_NONE && (!o->mailbox || strcmp(o->mailbox, mb->name) == 0))
			names.v[names.n++] = arena_strdup(&r->cli->arena, mb->name);
	/* What is recorded may load the documents anew. */
	for (size_t i = 0; i < names.n; i++) {
		if (engine_world(&r->engine, team->id, &w, err) < 0)
			return -1;
		if (read_one(r, team, w, names.v[i], err) < 0)
			return -1;
	}
	return 0;
}

static int read_all(struct round *r, struct err *err)
{
	struct team_row *teams;
	int n = team_list(r->cli->db, &r->cli->arena, &teams, err);

	for (int i = 0; i < n; i++)
		if ((!r->cli->team || teams[i].id == r->cli->team) && read_team(r, &teams[i], err) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

static void say_count(const struct round *r)
{
	const int64_t *n = r->count.results;

	cli_detail(r->cli, "%lld new mails: %lld replies, %lld automatic, %lld bounces, %lld soft, %lld complaints, %lld unsubscribes, "
	           "%lld of nobody we know",
	           (long long)r->count.mails, (long long)n[INBOX_REPLIED], (long long)n[INBOX_AUTO_REPLIED], (long long)n[INBOX_BOUNCED],
	           (long long)n[INBOX_SOFT_BOUNCED], (long long)n[INBOX_COMPLAINED], (long long)n[INBOX_UNSUBSCRIBED],
	           (long long)n[INBOX_UNMATCHED]);
}

/* In which zone --now is read, as by pipe-tick; without it no zone matters. */
static int use_zone(struct cli *cli, struct err *err)
{
	const char *zone;

	if (!cli->rehearsal)
		return 0;
	return world_common_zone(cli->db, cli->team, &cli->arena, &zone, err) < 0 ? -1 : cli_use_zone(cli, zone, err);
}

static int do_read(struct cli *cli, struct err *err)
{
	const struct inbox_opts *o = cli->opts;
	struct round r = { .cli = cli };
	int got;

	if (use_zone(cli, err) < 0)
		return -1;
	engine_init(&r.engine, cli->db, cli->now, "pipe-inbox", "inbox");
	r.engine.shared = cli->db_shared;
	got = keys_load(cli->db_path, &r.key, err);
	if (got == 0)
		got = read_all(&r, err);
	if (got == 0 && o->mailbox && r.found == 0)
		got = err_set(err, ERR_MISSING, "no mailbox '%s' has an inbox", o->mailbox);
	if (got == 0)
		say_count(&r);
	token_forget(&r.key);
	engine_release(&r.engine);
	return got < 0 ? -1 : r.status;
}

/* One at a time: 1 locked, until the process ends; 0 another one is at work; -1. */
static int lock(const struct cli *cli, struct err *err)
{
	BUF_AUTO path = BUF_INIT(4096);
	int fd;

	buf_addf(&path, "%s.inbox.lock", cli->db_path);
	fd = open(path.s, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, ERR_CREATE, "%s", path.s);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 1;
	if (errno != EWOULDBLOCK)
		return err_errno(err, ERR_IO, "%s", path.s);
	close(fd);
	return 0;
}

int read_inboxes(struct cli *cli, struct err *err)
{
	unsigned needs = CLI_NEEDS_DB_WRITE | (cli->globals.team ? CLI_NEEDS_TEAM : 0);
	int got;

	if (cli_find_own_database(cli, err) < 0 || cli_open(cli, needs, err) < 0)
		return -1;
	got = lock(cli, err);
	if (got == 0)
		cli_detail(cli, "another pipe-inbox is at work");
	if (got > 0)
		got = do_read(cli, err);
	cli_close(cli);
	return got;
}
