#include "author/tables.h"

#include "model/address.h"
#include "model/names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_BOUNCES     800 /* hundredths of a percent */
#define DEFAULT_COMPLAINTS  30
#define DEFAULT_OVER        50
#define DEFAULT_MAX_AGE_S   1800
#define DEFAULT_CONNECTIONS 4
#define MOST INT64_C(1000000000)

static const char *const tls_words[] = { "required", "none", NULL };
static const char *const in_doubt_words[] = { "hold", "assume-sent", "resend", NULL };

static int read_from(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct mailbox *m = into;
	char name[ADDRESS_NAME_SIZE];
	struct err err = ERR_INIT;
	struct address address;
	const char *text = scalar_text(rd, key, node, false);

	if (!text)
		return -1;
	if (address_parse_from(text, name, &address, &err) < 0)
		return reader_error(rd, node, "'%s': %s", key->name, err.text);
	m->from_name = *name ? arena_strdup(rd->arena, name) : NULL;
	m->from_address = arena_strdup(rd->arena, address.as_written);
	return 0;
}
static const struct type type_from = { "NAME <ADDRESS>", TAKES_TEXT, read_from };

/* SCHEME://HOST[:PORT], or the same with an "s" behind the scheme. */
static int read_server(struct reader *rd, const struct key *key, struct yaml *node, void *into, const char *scheme)
{
	const char *text = scalar_text(rd, key, node, false), *host = NULL, *colon;
	size_t n = strlen(scheme);

	if (!text)
		return -1;
	if (strncmp(text, scheme, n) == 0)
		host = strncmp(text + n, "://", 3) == 0 ? text + n + 3 : strncmp(text + n, "s://", 4) == 0 ? text + n + 4 : NULL;
	if (!host)
		return reader_error(rd, node, "'url' must begin with %s:// or %ss://", scheme, scheme);
	colon = strrchr(host, ':');
	if (*host == '[')
		colon = strstr(host, "]:") ? strstr(host, "]:") + 1 : NULL;
	if (!*host || host == colon || strcspn(host, "@/?# \\\"'<>") != strlen(host))
		return reader_error(rd, node, "'url' must be %s://HOST or %s://HOST:PORT; the user goes to 'user'", scheme, scheme);
	if (colon && (!colon[1] || strlen(colon + 1) > 5 || strspn(colon + 1, "0123456789") != strlen(colon + 1)))
		return reader_error(rd, node, "'url' has a port that is no number");
	*(const char **)into = text;
	return 0;
}

static int read_url(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_server(rd, key, node, into, "smtp");
}
static const struct type type_url = { "smtp://HOST:PORT", TAKES_TEXT, read_url };

static int read_imap_url(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_server(rd, key, node, into, "imap");
}
static const struct type type_imap_url = { "imaps://HOST:PORT", TAKES_TEXT, read_imap_url };

static int read_tls(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	int none = 0;

	if (type_word.read(rd, key, node, &none) < 0)
		return -1;
	*(bool *)into = none != 0;
	return 0;
}
static const struct type type_tls = { NULL, TAKES_TEXT, read_tls };

/*
 * A file or a command. In a shared database it is not its author's: the account that sends would read or execute
 * whatever they name.
 */
static int read_place(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = scalar_text(rd, key, node, false), *what = "a file", *where = SHARED_ETC "/actions";

	if (!text)
		return -1;
	if (strcmp(key->name, "password_file") == 0)
		where = SHARED_ETC "/secrets";
	if (strcmp(key->name, "maildir") == 0) {
		what = "a folder";
		where = "outbox";
	}
	if (rd->author->shared && !rd->stored && !file_name_valid(text))
		return reader_error(rd, node, "in a shared database '%s' is the bare name of %s in %s/%s, not '%s'", key->name,
		                    what, where, rd->author->team, text);
	*(const char **)into = text;
	return 0;
}
static const struct type type_place = { "TEXT", TAKES_TEXT, read_place };

#define BOX(field) .offset = offsetof(struct mailbox, field)
static const struct key smtp_rows[] = {
	{ "url", &type_url, BOX(smtp.url), .flags = KEY_REQUIRED, .about = "the server" },
	{ "user", &type_text, BOX(smtp.user), .about = "the account there" },
	{ "password_file", &type_place, BOX(smtp.password_file), .about = "its password: the first line of a file" },
	{ "password_command", &type_place, BOX(smtp.password_command), .about = "or what a command prints" },
	{ "token_command", &type_place, BOX(smtp.token_command), .about = "or an OAuth2 token that a command prints (XOAUTH2)" },
	{ "tls", &type_tls, BOX(smtp.tls_none), .words = tls_words, .about = "default required" },
};
static const struct table smtp_table = TABLE("Mailbox.smtp", "'smtp'", smtp_rows, "a server that takes mail");

/* key: "smtp" or "imap". */
static int check_credentials(struct reader *rd, struct yaml *node, const char *key, const struct mailbox_login *l)
{
	int secrets = (l->password_file != NULL) + (l->password_command != NULL) + (l->token_command != NULL);

	if (secrets > 1)
		return reader_error(rd, node, "'%s' has several secrets; write one of password_file, password_command, token_command",
		                    key);
	if (secrets == 1 && !l->user)
		return reader_error(rd, node, "'%s' has a secret but no 'user'", key);
	if (secrets == 0 && l->user)
		return reader_error(rd, node, "'%s' has a 'user' but no password_file, password_command or token_command", key);
	return 0;
}

static int read_smtp(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct mailbox *m = into;

	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map with url, user, ..");
	m->transport = MAILBOX_SMTP;
	if (read_map(rd, key->table, node, m, NULL) < 0)
		return -1;
	return check_credentials(rd, node, "smtp", &m->smtp);
}
static const struct type type_smtp = { "map", TAKES_MAP, read_smtp };

static int read_path(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct mailbox *m = into;

	m->transport = strcmp(key->name, "maildir") == 0 ? MAILBOX_MAILDIR : MAILBOX_SENDMAIL;
	return read_place(rd, key, node, &m->path);
}
static const struct type type_path = { "PATH", TAKES_TEXT, read_path };

static const struct key imap_rows[] = {
	{ "url", &type_imap_url, BOX(inbox.imap.url), .flags = KEY_REQUIRED, .about = "the server" },
	{ "user", &type_text, BOX(inbox.imap.user), .about = "the account there" },
	{ "password_file", &type_place, BOX(inbox.imap.password_file), .about = "its password: the first line of a file" },
	{ "password_command", &type_place, BOX(inbox.imap.password_command), .about = "or what a command prints" },
	{ "token_command", &type_place, BOX(inbox.imap.token_command), .about = "or an OAuth2 token that a command prints" },
	{ "tls", &type_tls, BOX(inbox.imap.tls_none), .words = tls_words, .about = "default required" },
	{ "sent", &type_text, BOX(inbox.sent), .about = "another folder that is read: of what was sent" },
};
static const struct table imap_table = TABLE("Mailbox.inbox.imap", "'imap'", imap_rows, "an inbox that IMAP reads");

static int read_imap(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct mailbox *m = into;

	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map with url, user, ..");
	m->inbox.kind = INBOX_IMAP;
	if (read_map(rd, key->table, node, m, NULL) < 0)
		return -1;
	if (!m->inbox.imap.user)
		return reader_error(rd, node, "'imap' needs a 'user'");
	return check_credentials(rd, node, "imap", &m->inbox.imap);
}
static const struct type type_imap = { "map", TAKES_MAP, read_imap };

/* Mail of others is on the machine, too: in a shared database nobody chooses a path. */
static int read_inbox_path(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct mailbox *m = into;

	m->inbox.kind = strcmp(key->name, "maildir") == 0 ? INBOX_MAILDIR : INBOX_MBOX;
	if (rd->author->shared && !rd->stored)
		return reader_error(rd, node, "in a shared database an inbox is 'imap' or 'drop', not '%s'", key->name);
	return type_text.read(rd, key, node, &m->inbox.path);
}
static const struct type type_inbox_path = { "PATH", TAKES_TEXT, read_inbox_path };

static const struct key inbox_rows[] = {
	{ "imap", &type_imap, .table = &imap_table, .about = "one of imap, maildir, mbox: a server" },
	{ "maildir", &type_inbox_path, .about = "a folder, which is left as it is" },
	{ "mbox", &type_inbox_path, .about = "a file, which is left as it is" },
};
static const struct table inbox_table = TABLE("Mailbox.inbox", "'inbox'", inbox_rows, "where answers come in");

static int read_inbox(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct mailbox *m = into;

	if (node->type == YAML_SCALAR && strcmp(node->text, "drop") == 0) {
		m->inbox.kind = INBOX_DROP;
		return 0;
	}
	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map with imap, maildir or mbox, or the word drop");
	if (node->n != 1)
		return reader_error(rd, node, "'inbox' has one of imap, maildir, mbox");
	return read_map(rd, key->table, node, m, NULL);
}
static const struct type type_inbox = { "map or drop", TAKES_TEXT | TAKES_MAP, read_inbox };

static int read_verp(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = scalar_text(rd, key, node, false);
	struct mailbox *m = into;
	struct err err = ERR_INIT;
	struct address address;

	if (!text)
		return -1;
	if (strcmp(text, "none") == 0 || strcmp(text, "plus") == 0) {
		m->verp = *text == 'p' ? VERP_PLUS : VERP_NONE;
		return 0;
	}
	if (address_parse(arena_printf(rd->arena, "b@%s", text), &address, &err) < 0)
		return reader_error(rd, node, "'verp' is none, plus or a domain, not '%s'", text);
	m->verp = VERP_DOMAIN;
	m->verp_domain = arena_strdup(rd->arena, strchr(address.wire, '@') + 1);
	return 0;
}
static const struct type type_verp = { "none|plus|DOMAIN", TAKES_TEXT, read_verp };

/* "8%", "0.3 %": hundredths of a percent. */
static int read_share(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = scalar_text(rd, key, node, false);
	char *end;
	double percent;

	if (!text)
		return -1;
	percent = strtod(text, &end);
	end += strspn(end, " ");
	if (!isdigit((unsigned char)*text) || strcmp(end, "%") != 0 || percent <= 0 || percent > 100)
		return reader_error(rd, node, "'%s' must be a share such as 8%% or 0.3%%, not '%s'", key->name, text);
	*(int64_t *)into = (int64_t)(percent * 100 + 0.5);
	return 0;
}
static const struct type type_share = { "PERCENT%", TAKES_TEXT, read_share };

/* 0 is never. */
static int read_max_age(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct mailbox *m = into;
	const char *text = scalar_text(rd, key, node, false);

	if (!text)
		return -1;
	if (strcmp(text, "never") == 0) {
		m->inbox_max_age_s = 0;
		return 0;
	}
	if (type_seconds.read(rd, key, node, &m->inbox_max_age_s) < 0)
		return -1;
	return m->inbox_max_age_s > 0 ? 0 : reader_error(rd, node, "'%s' must be longer than nothing, or never", key->name);
}
static const struct type type_max_age = { "DURATION or never", TAKES_TEXT, read_max_age };

static const struct key guard_rows[] = {
	{ "bounces", &type_share, BOX(guard.bounces), .about = "the share of mails that came back; default 8%" },
	{ "complaints", &type_share, BOX(guard.complaints), .about = "the share of mails that were complained about; default 0.3%" },
	{ "over", &type_count, BOX(guard.over), .min = 1, .max = MOST, .about = "from so many mails in the last day on; default 50" },
};
static const struct table guard_table = TABLE("Mailbox.guard", "'guard'", guard_rows, "when it pauses itself");

static const struct key limit_rows[] = {
	{ "per_day", &type_count, BOX(limit.per_day), .min = 1, .max = MOST, .about = "mails in any 24 hours" },
	{ "per_hour", &type_count, BOX(limit.per_hour), .min = 1, .max = MOST, .about = "mails in any 60 minutes" },
	{ "gap", &type_seconds, BOX(limit.gap_s), .about = "the least time between two mails" },
	{ "jitter", &type_seconds, BOX(limit.jitter_s), .about = "up to this is added to the gap, differently for each mail" },
	{ "connections", &type_int, BOX(limit.connections), .min = 1, .max = 100, .about = "at once; default 4" },
};
static const struct table limit_table = TABLE("Mailbox.limit", "'limit'", limit_rows, "how much goes out");

static int read_limit(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map with per_day, per_hour, gap, jitter, connections");
	return read_map(rd, key->table, node, into, NULL);
}
static const struct type type_limit = { "map", TAKES_MAP, read_limit };

static int read_guard(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map with bounces, complaints, over");
	return read_map(rd, key->table, node, into, NULL);
}
static const struct type type_guard = { "map", TAKES_MAP, read_guard };

static const struct key rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	{ "from", &type_from, .flags = KEY_REQUIRED, .about = "the sender that people see" },
	{ "smtp", &type_smtp, .table = &smtp_table, .about = "one of smtp, sendmail, maildir: a server" },
	{ "sendmail", &type_path, .about = "a program that takes mail on stdin" },
	{ "maildir", &type_path, .about = "a folder into which mails are put: for examples and tests" },
	{ "inbox", &type_inbox, .table = &inbox_table, .about = "where answers come in: imap, maildir, mbox, or the word drop" },
	{ "inbox_max_age", &type_max_age, .about = "unread for longer than this (default 30 minutes), mails wait; or never" },
	{ "limit", &type_limit, .table = &limit_table, .about = "how much goes out" },
	{ "in_doubt", &type_word, BOX(in_doubt), .words = in_doubt_words,
	  .about = "what happens to a mail that the server may have taken: hold (default), assume-sent, resend" },
	{ "verp", &type_verp, .about = "a signed return address: none (default), plus, or a domain whose mail comes to the inbox" },
	{ "unsubscribe_to", &type_address, BOX(unsubscribe_to), .about = "where unsubscribing by mail goes; default: from" },
	{ "guard", &type_guard, .table = &guard_table, .about = "beyond which share of bad mails it pauses itself" },
};
const struct table mailbox_table = TABLE("Mailbox", "a Mailbox", rows, "a sender: address, transport, limits");

static int check_transport(struct reader *rd, struct yaml *node, uint64_t seen)
{
	static const char *const names[] = { "smtp", "sendmail", "maildir" };
	int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		n += (seen & seen_bit(&mailbox_table, names[i])) != 0;
	if (n == 1)
		return 0;
	return reader_error(rd, node, n ? "a Mailbox has one of smtp, sendmail, maildir, not several"
	                                : "a Mailbox needs one of smtp, sendmail, maildir");
}

int mailbox_read(struct reader *rd, struct yaml *node)
{
	struct mailbox *m = ARENA_NEW(rd->arena, struct mailbox);
	uint64_t seen;
	int r;

	m->name = rd->doc->name;
	m->limit.connections = DEFAULT_CONNECTIONS;
	m->guard.bounces = DEFAULT_BOUNCES;
	m->guard.complaints = DEFAULT_COMPLAINTS;
	m->guard.over = DEFAULT_OVER;
	m->inbox_max_age_s = DEFAULT_MAX_AGE_S;
	rd->doc->mailbox = m;
	r = read_map(rd, &mailbox_table, node, m, &seen);
	return check_transport(rd, node, seen) < 0 ? -1 : r;
}
