#include "author/tables.h"

#include "model/address.h"
#include "model/names.h"

#include <string.h>

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

static int read_url(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = scalar_text(rd, key, node, false), *host, *colon;

	if (!text)
		return -1;
	if (strncmp(text, "smtp://", 7) == 0)
		host = text + 7;
	else if (strncmp(text, "smtps://", 8) == 0)
		host = text + 8;
	else
		return reader_error(rd, node, "'url' must begin with smtp:// or smtps://");
	colon = strrchr(host, ':');
	if (*host == '[')
		colon = strstr(host, "]:") ? strstr(host, "]:") + 1 : NULL;
	if (!*host || host == colon || strcspn(host, "@/?# \\\"'<>") != strlen(host))
		return reader_error(rd, node, "'url' must be smtp://HOST or smtp://HOST:PORT; the user goes to 'user'");
	if (colon && (!colon[1] || strlen(colon + 1) > 5 || strspn(colon + 1, "0123456789") != strlen(colon + 1)))
		return reader_error(rd, node, "'url' has a port that is no number");
	*(const char **)into = text;
	return 0;
}
static const struct type type_url = { "smtp://HOST:PORT", TAKES_TEXT, read_url };

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

static int check_credentials(struct reader *rd, struct yaml *node, const struct mailbox *m)
{
	int secrets = (m->smtp.password_file != NULL) + (m->smtp.password_command != NULL) + (m->smtp.token_command != NULL);

	if (secrets > 1)
		return reader_error(rd, node, "'smtp' has several secrets; write one of password_file, password_command, token_command");
	if (secrets == 1 && !m->smtp.user)
		return reader_error(rd, node, "'smtp' has a secret but no 'user'");
	if (secrets == 0 && m->smtp.user)
		return reader_error(rd, node, "'smtp' has a 'user' but no password_file, password_command or token_command");
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
	return check_credentials(rd, node, m);
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
	LATER("url", "the server"),
	LATER("user", "the account there"),
	LATER("password_file", "its password"),
	LATER("sent", "the folder of what was sent"),
};
static const struct table imap_table = TABLE("Mailbox.inbox.imap", "'imap'", imap_rows, "an inbox that IMAP reads");

static const struct key inbox_rows[] = {
	LATER_MAP("imap", &imap_table, "a server"),
	LATER("maildir", "a folder"),
	LATER("mbox", "a file"),
	LATER("drop", "mail comes through pipe-drop"),
};
static const struct table inbox_table = TABLE("Mailbox.inbox", "'inbox'", inbox_rows, "where answers come in");

static const struct key guard_rows[] = {
	LATER("bounces", "the share of bounces at which it pauses itself"),
	LATER("complaints", "the share of complaints"),
	LATER("over", "from how many mails a day on"),
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

static const struct key rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	{ "from", &type_from, .flags = KEY_REQUIRED, .about = "the sender that people see" },
	{ "smtp", &type_smtp, .table = &smtp_table, .about = "one of smtp, sendmail, maildir: a server" },
	{ "sendmail", &type_path, .about = "a program that takes mail on stdin" },
	{ "maildir", &type_path, .about = "a folder into which mails are put: for examples and tests" },
	LATER_MAP("inbox", &inbox_table, "where answers come in"),
	LATER("inbox_max_age", "how long it may be unread before mails wait"),
	{ "limit", &type_limit, .table = &limit_table, .about = "how much goes out" },
	{ "in_doubt", &type_word, BOX(in_doubt), .words = in_doubt_words,
	  .about = "what happens to a mail that the server may have taken: hold (default), assume-sent, resend" },
	LATER("verp", "a signed return address"),
	{ "unsubscribe_to", &type_address, BOX(unsubscribe_to), .about = "where unsubscribing by mail goes; default: from" },
	LATER_MAP("guard", &guard_table, "when it pauses itself"),
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
	rd->doc->mailbox = m;
	r = read_map(rd, &mailbox_table, node, m, &seen);
	return check_transport(rd, node, seen) < 0 ? -1 : r;
}
