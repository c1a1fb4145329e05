#include "author/tables.h"

#include <string.h>

static const char *const role_words[] = { "member", "admin", NULL };

static const struct key cap_rows[] = {
	LATER("emails", "how many mails a person gets at most"),
	LATER("per", "in which time"),
	LATER("same_template", "for how long nobody gets the same template twice"),
};
static const struct table cap_table = TABLE("Team.cap", "'cap'", cap_rows, "a limit over all pipelines");

static const struct key web_rows[] = {
	LATER("url", "where pipe-web answers"),
	LATER("opens", "whether opens may be recorded"),
	LATER("clicks", "whether clicks may be recorded"),
};
static const struct table web_table = TABLE("Team.web", "'web'", web_rows, "tracking and unsubscribing in the web");

static const struct key webhook_rows[] = {
	LATER("private", "private addresses that webhooks may reach"),
	LATER("plain_http", "whether webhooks may go without TLS"),
};
static const struct table webhooks_table = TABLE("Team.webhooks", "'webhooks'", webhook_rows, "where webhooks may go");

static const struct key keep_rows[] = {
	{ "events", &type_retention, .offset = offsetof(struct team, keep_events), .about = "how long events are kept" },
	{ "messages", &type_retention, .offset = offsetof(struct team, keep_messages),
	  .about = "how long the contents of messages are kept" },
};
static const struct table keep_table = TABLE("Team.keep", "'keep'", keep_rows, "what `pipectl prune` removes");

static const struct key alerts_rows[] = {
	{ "to", &type_addresses, .flags = KEY_REQUIRED, .about = "who is told when a mailbox is down or ticks were missed" },
};
static const struct table alerts_table = TABLE("Team.alerts", "'alerts'", alerts_rows, "one mail for each change");

static int read_role(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	int admin = 0;

	if (type_word.read(rd, key, node, &admin) < 0)
		return -1;
	*(enum role *)into = admin ? ROLE_ADMIN : ROLE_MEMBER;
	return 0;
}
static const struct type type_role = { NULL, TAKES_TEXT, read_role };

#define MEMBER(field) .offset = offsetof(struct member, field)
static const struct key member_rows[] = {
	{ "role", &type_role, MEMBER(role), .words = role_words, .about = "admin: everything of the team; member (default)" },
	{ "name", &type_text, MEMBER(name), .about = "for {{ sender.name }}" },
	{ "email", &type_address, MEMBER(email), .about = "for {{ sender.email }} and notifications" },
	{ "mailbox", &type_mailbox, MEMBER(mailbox), .about = "from which `mailbox: enroller` and `owner` send" },
	{ "signature", &type_prose, MEMBER(signature), .about = "for {{ sender.signature }}" },
};
static const struct table team_member_table = TABLE("Team.members", "a member", member_rows, "a Unix account and what it may do");

static bool account_valid(const char *account)
{
	size_t n = strlen(account);

	return n > 0 && n <= 64 && *account != '-' && strcspn(account, " \t\n:/,'\"<>@") == n && !name_reserved(account);
}

static int read_members(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct team *t = into;
	int r = 0;

	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map of accounts");
	t->members = arena_array(rd->arena, node->n, sizeof *t->members);
	for (size_t i = 0; i < node->n; i++) {
		struct yaml_pair *pair = &node->pairs[i];
		struct member *m = &t->members[t->n_members++];

		*m = (struct member){ .account = pair->key->text, .role = ROLE_MEMBER };
		if (!account_valid(m->account))
			r = reader_error(rd, pair->key, "'%s' cannot be the name of an account", m->account);
		else if (pair->value->type != YAML_MAP)
			r = reader_error(rd, pair->value, "'%s' must be a map with role, name, email, mailbox, signature", m->account);
		else if (read_map(rd, &team_member_table, pair->value, m, NULL) < 0)
			r = -1;
	}
	return r;
}
static const struct type type_members = { "{ACCOUNT: map, ..}", TAKES_KEYED, read_members };

static int read_lifecycle(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct names *stages = into;

	if (read_names(rd, key, node, into) < 0)
		return -1;
	for (size_t i = 1; i < stages->n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(stages->v[i], stages->v[j]) == 0)
				return reader_error(rd, node->items[i], "'%s' is twice in the list", stages->v[i]);
	return 0;
}
static const struct type type_lifecycle = { "[STAGE, ..]", TAKES_TEXT | TAKES_LIST, read_lifecycle };

static int read_team_hours(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char **ret = into;

	if (type_hours.read(rd, key, node, into) < 0)
		return -1;
	if (strcmp(*ret, "always") == 0)
		*ret = NULL;
	return 0;
}
static const struct type type_team_hours = { "CALENDAR", TAKES_TEXT, read_team_hours };

static int read_changer(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	int admin = 0;

	if (type_word.read(rd, key, node, &admin) < 0)
		return -1;
	*(bool *)into = admin != 0;
	return 0;
}
static const struct type type_changer = { NULL, TAKES_TEXT, read_changer };

#define TEAM(field) .offset = offsetof(struct team, field)
static const struct key rows[] = {
	HEADER_ROWS,
	{ "timezone", &type_zone, TEAM(timezone), .about = "where days begin for whom no other zone is known; default UTC" },
	{ "language", &type_language, TEAM(language), .about = "of the top level of Templates; default en" },
	{ "hours", &type_team_hours, TEAM(hours), .about = "default sending hours" },
	{ "mailbox", &type_mailbox, TEAM(mailbox), .about = "for alerts, and where no other sender is known" },
	{ "alerts", &type_nested, TEAM(alerts_to), .table = &alerts_table, .about = "who is told of trouble" },
	{ "address", &type_prose, TEAM(address), .about = "for {{ team.address }}" },
	{ "lifecycle", &type_lifecycle, TEAM(lifecycle), .about = "the stages that a contact goes through, in order" },
	LATER_MAP("cap", &cap_table, "how many mails a person gets over all pipelines"),
	LATER_MAP("web", &web_table, "where pipe-web answers"),
	{ "pipelines", &type_changer, TEAM(pipelines_admin), .words = role_words,
	  .about = "who may change pipelines and templates; default member" },
	{ "keep", &type_nested, .table = &keep_table, .about = "what `pipectl prune` forgets; default nothing" },
	LATER_MAP("webhooks", &webhooks_table, "where webhooks may go"),
	{ "members", &type_members, .table = &team_member_table, .about = "the Unix accounts of the team" },
};
const struct table team_table = TABLE("Team", "a Team", rows, "who owns pipelines, mailboxes, templates and contacts");

int team_read(struct reader *rd, struct yaml *node)
{
	struct team *t = ARENA_NEW(rd->arena, struct team);

	t->name = rd->doc->name;
	rd->doc->as_team = t;
	return read_map(rd, &team_table, node, t, NULL);
}
