#include "engine/premises.h"

#include "model/names.h"
#include "model/team.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One mailbox whose files are looked for. */
struct search {
	const struct engine *e;
	const struct team *team;
	struct arena *a;
	const char *problem; /* the first one */
};

/* Wherever cron starts us. */
static const char *beside_database(const struct search *s, const char *path)
{
	const char *db = db_path(s->e->db), *slash = strrchr(db, '/');

	if (!path || *path == '/' || !slash)
		return arena_strdup(s->a, path);
	return arena_printf(s->a, "%.*s/%s", (int)(slash - db), db, path);
}

static void refuse(struct search *s, const char *key, const char *path, const char *why)
{
	if (!s->problem)
		s->problem = arena_printf(s->a, "%s: %s: %s", key, path, why);
}

static bool others_may_write(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false; /* whoever opens it says so */
	return (st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/* A file in a folder of the team, by its bare name. */
static const char *team_file(struct search *s, const char *key, const char *folder, const char *name)
{
	const char *place = arena_printf(s->a, "%s/%s/%s", s->e->etc, folder, s->team->name), *path;

	if (!name)
		return NULL;
	if (!file_name_valid(name)) {
		refuse(s, key, name, arena_printf(s->a, "in a shared database this is the name of a file in %s", place));
		return NULL;
	}
	path = arena_printf(s->a, "%s/%s", place, name);
	if (others_may_write(place) || others_may_write(path))
		refuse(s, key, path, "others than root and the owner of the database may write to it");
	return path;
}

/* No word of it is for the shell: neither the name nor the place has a quote in it. */
static const char *team_command(struct search *s, const char *key, const char *name)
{
	const char *path = team_file(s, key, "actions", name);

	return path ? arena_printf(s->a, "'%s'", path) : NULL;
}

/* The folders above it are made by the account that sends. */
static const char *team_maildir(struct search *s, const char *name)
{
	const char *outbox = beside_database(s, "outbox"), *place = arena_printf(s->a, "%s/%s", outbox, s->team->name);

	if (!file_name_valid(name)) {
		refuse(s, "maildir", name, arena_printf(s->a, "in a shared database this is the name of a folder in %s", place));
		return NULL;
	}
	if ((mkdir(outbox, 0700) == 0 || errno == EEXIST) && (mkdir(place, 0700) == 0 || errno == EEXIST) &&
	    (others_may_write(outbox) || others_may_write(place)))
		refuse(s, "maildir", place, "others than root and the owner of the database may write to it");
	return arena_printf(s->a, "%s/%s", place, name);
}

static void use_team_login(struct search *s, const struct mailbox_login *l, struct mailbox_login *copy)
{
	copy->password_file = team_file(s, "password_file", "secrets", l->password_file);
	copy->password_command = team_command(s, "password_command", l->password_command);
	copy->token_command = team_command(s, "token_command", l->token_command);
	copy->ca_file = team_file(s, "ca_file", "secrets", l->ca_file);
}

static void use_team_files(struct search *s, const struct mailbox *mb, struct mailbox *copy)
{
	if (mb->transport == MAILBOX_SENDMAIL)
		copy->path = team_file(s, "sendmail", "actions", mb->path);
	else if (mb->transport == MAILBOX_MAILDIR)
		copy->path = team_maildir(s, mb->path);
	use_team_login(s, &mb->smtp, &copy->smtp);
	use_team_login(s, &mb->inbox.imap, &copy->inbox.imap);
	if (mb->inbox.path)
		refuse(s, "inbox", mb->inbox.path, "in a shared database an inbox is imap or drop");
}

static void use_own_login(struct search *s, const struct mailbox_login *l, struct mailbox_login *copy)
{
	copy->password_file = beside_database(s, l->password_file);
	copy->password_command = arena_strdup(s->a, l->password_command);
	copy->token_command = arena_strdup(s->a, l->token_command);
	copy->ca_file = beside_database(s, l->ca_file);
}

static void use_own_files(struct search *s, const struct mailbox *mb, struct mailbox *copy)
{
	copy->path = beside_database(s, mb->path);
	copy->inbox.path = beside_database(s, mb->inbox.path);
	use_own_login(s, &mb->smtp, &copy->smtp);
	use_own_login(s, &mb->inbox.imap, &copy->inbox.imap);
}

const struct mailbox *premises_of_mailbox(const struct engine *e, const struct team *team, const struct mailbox *mb,
                                          struct arena *a, const char **ret_problem)
{
	struct search s = { .e = e, .team = team, .a = a };
	struct mailbox *copy = ARENA_NEW(a, struct mailbox);

	*copy = *mb;
	copy->name = arena_strdup(a, mb->name);
	copy->from_name = arena_strdup(a, mb->from_name);
	copy->from_address = arena_strdup(a, mb->from_address);
	copy->unsubscribe_to = arena_strdup(a, mb->unsubscribe_to);
	copy->smtp.url = arena_strdup(a, mb->smtp.url);
	copy->smtp.user = arena_strdup(a, mb->smtp.user);
	copy->inbox.imap.url = arena_strdup(a, mb->inbox.imap.url);
	copy->inbox.imap.user = arena_strdup(a, mb->inbox.imap.user);
	copy->inbox.sent = arena_strdup(a, mb->inbox.sent);
	copy->verp_domain = arena_strdup(a, mb->verp_domain);
	if (e->shared)
		use_team_files(&s, mb, copy);
	else
		use_own_files(&s, mb, copy);
	*ret_problem = s.problem;
	return s.problem ? NULL : copy;
}
