#include "author/steps.h"
#include "author/tables.h"

#include "base/buf.h"
#include "model/text_list.h"

#include <string.h>

static int read_email(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;
	struct template *mail;

	d->step.verb = VERB_EMAIL;
	if (node->type == YAML_SCALAR && !yaml_is_empty(node)) {
		d->source.name_node = node;
		return read_document_name(rd, key, DOC_TEMPLATE, node, &d->step.template);
	}
	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a Template, or a map with subject, text, html, attach");
	mail = ARENA_NEW(rd->arena, struct template);
	d->step.inline_template = mail;
	return mail_read(rd, &mail_table, node, mail);
}
static const struct type type_email = { "TEMPLATE or map", TAKES_TEXT | TAKES_MAP, read_email };

/* The scalars of {field: renewal, before: 3 days, at: 09:00}. */
struct date_texts {
	const char *field, *before, *at;
};

static int read_before(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct delay d;

	if (read_duration(rd, key, node, &d) < 0)
		return -1;
	*(const char **)into = node->text;
	return 0;
}
static const struct type type_before = { "DURATION", TAKES_TEXT, read_before };

#define DATE(member) .offset = offsetof(struct date_texts, member)
static const struct key until_rows[] = {
	{ "field", &type_text, DATE(field), .flags = KEY_REQUIRED, .about = "a field with a date" },
	{ "before", &type_before, DATE(before), .about = "how long before that date" },
	{ "at", &type_text, DATE(at), .about = "the time of the day; else its start" },
};
static const struct table until_table = TABLE("step.wait.until", "'until'", until_rows, "until the date of a field");

static int read_until_field(struct reader *rd, struct yaml *node, struct wait_until *until)
{
	struct date_texts texts = { 0 };
	struct err err = ERR_INIT;

	if (read_map(rd, &until_table, node, &texts, NULL) < 0)
		return -1;
	until->kind = UNTIL_FIELD;
	if (date_rule_parse(texts.field, texts.before, texts.at, &until->date, &err) < 0)
		return reader_error(rd, node, "%s", err.text);
	reader_refer(rd, REF_DATE_FIELD, yaml_get(node, "field"), texts.field);
	return 0;
}

static int read_until(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct wait_until *until = ARENA_NEW(rd->arena, struct wait_until);
	BUF_AUTO canonical = BUF_INIT(100);
	struct err err = ERR_INIT;
	const char *text;

	*(const struct wait_until **)into = until;
	if (node->type == YAML_MAP)
		return read_until_field(rd, node, until);
	text = scalar_text(rd, key, node, false);
	if (!text)
		return -1;
	if (wait_until_parse(text, until, &err) < 0)
		return reader_error(rd, node, "'%s': %s", key->name, err.text);
	wait_until_format(until, &canonical);
	reader_rewrite(node, arena_strdup(rd->arena, canonical.s));
	return 0;
}
static const struct type type_until = { "`tue 09:00`, `day 5 09:00` or map", TAKES_TEXT | TAKES_MAP, read_until };

static const struct key wait_rows[] = {
	{ "until", &type_until, .flags = KEY_REQUIRED, .table = &until_table, .about = "until when" },
};
static const struct table wait_table = TABLE("step.wait", "'wait'", wait_rows, "until when, instead of how long");

static int read_wait(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->step.verb = VERB_WAIT;
	if (node->type == YAML_MAP)
		return read_map(rd, &wait_table, node, (void *)&d->step.until, NULL);
	return read_duration(rd, key, node, &d->step.wait);
}
static const struct type type_wait = { "DURATION or map", TAKES_TEXT | TAKES_MAP, read_wait };

static int read_tags(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->step.verb = *key->name == 'u' ? VERB_UNTAG : VERB_TAG;
	return read_names(rd, key, node, &d->step.tags);
}
static const struct type type_tags = { "TAG or [TAG, ..]", TAKES_TEXT | TAKES_LIST, read_tags };

static int read_assigned(struct reader *rd, const struct key *key, struct yaml *node, struct assignment *a)
{
	BUF_AUTO list = BUF_INIT(1 << 16);
	struct names items;

	if (node->type == YAML_MAP || yaml_is_empty(node))
		return reader_error(rd, node, "'%s' must be a text or a list; \"\" clears the field", a->field);
	if (node->type == YAML_LIST) {
		if (read_names(rd, key, node, &items) < 0)
			return -1;
		text_list_write(&items, &list);
		a->value = arena_strdup(rd->arena, list.s);
		return 0;
	}
	a->value = scalar_text(rd, key, node, true);
	if (!a->value)
		return -1;
	if (strstr(a->value, "{{") || strstr(a->value, "{%"))
		reader_refer(rd, REF_TEMPLATE, node, a->field);
	else if (strcmp(a->field, "owner") == 0 && *a->value)
		reader_refer(rd, REF_MEMBER, node, a->value);
	else if (strcmp(a->field, "lifecycle") == 0 && *a->value)
		reader_refer(rd, REF_LIFECYCLE, node, a->value);
	else if (*a->value)
		reader_refer_value(rd, a->field, OP_SET, node, &a->value);
	return 0;
}

static int read_assignment(struct reader *rd, const struct key *key, struct yaml_pair *pair, struct assignment *a)
{
	const char *name = pair->key->text;

	a->field = name;
	a->value = "";
	if (strncmp(name, "deal.", 5) == 0)
		return reader_error(rd, pair->key, "setting fields of a deal is not supported yet");
	if (strcmp(name, "email") == 0)
		return reader_error(rd, pair->key, "a step cannot set the address; `contactctl set` can");
	reader_refer(rd, REF_FIELD, pair->key, name);
	return read_assigned(rd, key, pair->value, a);
}

static int read_set(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;
	int r = 0;

	d->step.verb = VERB_SET;
	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map of fields such as {plan: pro}");
	if (node->n == 0)
		return reader_error(rd, node, "'set' is empty");
	d->step.set = arena_array(rd->arena, node->n, sizeof *d->step.set);
	for (size_t i = 0; i < node->n; i++)
		if (read_assignment(rd, key, &node->pairs[i], &d->step.set[d->step.n_set++]) < 0)
			r = -1;
	return r;
}
static const struct type type_set = { "{FIELD: VALUE, ..}", TAKES_KEYED | TAKES_TEXT | TAKES_LIST, read_set };

static int read_note(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->step.verb = VERB_NOTE;
	return type_liquid.read(rd, key, node, &d->step.text);
}
static const struct type type_note = { "TEXT", TAKES_TEXT, read_note };

static int read_done(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->source.done_node = node;
	return type_text.read(rd, key, node, &d->task.done);
}
static const struct type type_done = { "STEP", TAKES_TEXT, read_done };

static const struct key task_rows[] = {
	{ "done", &type_done, .flags = KEY_REQUIRED, .about = "completes the task that this step made" },
};
static const struct table task_table = TABLE("step.task", "'task'", task_rows, "completes a task instead of making one");

static int read_task(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->step.verb = VERB_TASK;
	if (node->type == YAML_MAP && !yaml_get(node, "done"))
		return reader_error(rd, node, "write 'task: TITLE', with 'type', 'due', 'to' and 'hold' beside it; a map is '{done: STEP}'");
	if (node->type == YAML_MAP)
		return read_map(rd, &task_table, node, d, NULL);
	return type_liquid_line.read(rd, key, node, &d->task.title);
}
static const struct type type_task = { "TITLE or map", TAKES_TEXT | TAKES_MAP, read_task };

static int read_due(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->task.has_due = true;
	return read_duration(rd, key, node, &d->task.due);
}
static const struct type type_due = { "DURATION", TAKES_TEXT, read_due };

static int read_assignee(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = scalar_text(rd, key, node, false);

	if (!text)
		return -1;
	*(const char **)into = text;
	if (strcmp(text, "owner") != 0 && strcmp(text, "enroller") != 0)
		reader_refer(rd, REF_MEMBER, node, text);
	return 0;
}
static const struct type type_assignee = { "owner, enroller or ACCOUNT", TAKES_TEXT, read_assignee };

static int read_hold(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = scalar_text(rd, key, node, false);

	if (!text)
		return -1;
	if (strcmp(text, "done") != 0)
		return reader_error(rd, node, "'hold' can only be: done");
	*(bool *)into = true;
	return 0;
}
static const struct type type_hold = { "done", TAKES_TEXT, read_hold };

static int read_if(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->step.verb = VERB_IF;
	return type_condition.read(rd, key, node, (void *)&d->step.cond);
}
static const struct type type_if = { "CONDITION", TAKES_MAP | TAKES_TEXT, read_if };

static int read_await(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->step.verb = VERB_AWAIT;
	return type_condition.read(rd, key, node, (void *)&d->step.cond);
}
static const struct type type_await = { "CONDITION", TAKES_MAP | TAKES_TEXT, read_await };

static int read_exit(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->step.verb = VERB_EXIT;
	return type_line.read(rd, key, node, &d->step.text);
}
static const struct type type_exit = { "REASON", TAKES_TEXT, read_exit };

static int read_id(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;
	const char *text = scalar_text(rd, key, node, false);

	if (!text)
		return -1;
	if (!name_valid(text))
		return reader_error(rd, node, "'id' must be small letters, digits and '-', not '%s'", text);
	if (name_reserved(text))
		return reader_error(rd, node, "'%s' is a word of the grammar; choose another id", text);
	d->id = node;
	return 0;
}
static const struct type type_id = { "NAME", TAKES_TEXT, read_id };

static int read_sender(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = scalar_text(rd, key, node, false);

	if (!text)
		return -1;
	if (strcmp(text, "enroller") == 0 || strcmp(text, "owner") == 0) {
		*(const char **)into = text;
		return 0;
	}
	return read_document_name(rd, key, DOC_MAILBOX, node, into);
}
static const struct type type_sender = { "MAILBOX, enroller or owner", TAKES_TEXT, read_sender };

static int read_thread(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	d->source.thread_node = node;
	return type_text.read(rd, key, node, &d->step.thread);
}
static const struct type type_thread = { "STEP or previous", TAKES_TEXT, read_thread };

/* Branches are read when the step has its place in the list. */
static int read_branch(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct step_draft *d = into;

	if (node->type != YAML_LIST)
		return reader_expected(rd, key, node, "a list of steps");
	if (node->n == 0)
		return reader_error(rd, node, "'%s' is an empty list; leave it out", key->name);
	if (*key->name == 't')
		d->then_steps = node;
	else
		d->else_steps = node;
	return 0;
}
static const struct type type_branch = { "[STEP, ..]", TAKES_MAPS, read_branch };

#define STEP(member)           .offset = offsetof(struct step_draft, step.member)
#define TASK(member)           .offset = offsetof(struct step_draft, task.member)
#define VERB(key, type, text)  { key, &type, .flags = KEY_VERB, .about = text }
#define LATER_VERB(key, text)  { key, &type_later, .flags = KEY_VERB | KEY_LATER, .about = text }
#define LATER_VERB_MAP(key, rows, text) { key, &type_later, .flags = KEY_VERB | KEY_LATER, .table = rows, .about = text }
#define LATER_WITH(key, verbs, text) { key, &type_later, .flags = KEY_LATER, .with = verbs, .about = text }

static const struct key rows[] = {
	{ "email", &type_email, .flags = KEY_VERB, .table = &mail_table, .about = "sends a mail: a Template, or the mail itself" },
	LATER_VERB("sms", "sends an SMS"),
	{ "wait", &type_wait, .flags = KEY_VERB, .table = &wait_table,
	  .about = "waits: 2 days, 3 business days, {until: tue 09:00}" },
	{ "await", &type_await, .flags = KEY_VERB, .table = &condition_table,
	  .about = "an `if` that waits until it is true, at most as long as `within` says" },
	{ "if", &type_if, .flags = KEY_VERB, .table = &condition_table, .about = "goes on with `then` or with `else`" },
	LATER_VERB_MAP("split", &split_table, "divides people by shares"),
	VERB("tag", type_tags, "gives tags"),
	VERB("untag", type_tags, "takes tags away"),
	VERB("set", type_set, "sets fields; \"\" clears one"),
	LATER_VERB("score", "changes scores"),
	LATER_VERB_MAP("create_deal", &create_deal_table, "makes a deal"),
	LATER_VERB_MAP("update_deal", &update_deal_table, "changes the deal"),
	{ "task", &type_task, .flags = KEY_VERB, .table = &task_table, .about = "makes a to-do for a member, or completes one" },
	LATER_VERB("notify", "tells members, never a contact"),
	VERB("note", type_note, "writes a text into the feed"),
	LATER_VERB_MAP("event", &step_event_table, "records an event"),
	LATER_VERB_MAP("webhook", &webhook_table, "calls a URL"),
	LATER_VERB("run", "runs a program"),
	LATER_VERB("coupon", "takes the next code of a pool"),
	LATER_VERB("enroll", "starts another pipeline"),
	LATER_VERB("stop", "stops another pipeline"),
	LATER_VERB("unsubscribe", "unsubscribes the person"),
	LATER_VERB("convert", "converts the lead"),
	LATER_VERB("delete", "deletes the contact"),
	VERB("exit", type_exit, "ends the run, with a reason"),
	{ "id", &type_id, .about = "the step's name" },
	{ "after", &type_delay, STEP(after), .about = "how long after the step before (the first: after the start)" },
	{ "mailbox", &type_sender, STEP(mailbox), .with = "email sms", .about = "another sender for this mail" },
	LATER_WITH("via", "sms", "the SmsGateway"),
	{ "thread", &type_thread, .with = "email", .about = "answers an earlier mail: a step's name, or previous" },
	{ "hours", &type_hours, STEP(hours), .with = "email sms", .about = "other sending hours for this mail" },
	LATER_WITH("priority", "email sms", "1 first, 9 last"),
	LATER_WITH("text", "notify", "what they are told"),
	LATER_WITH("every", "notify", "day: one digest"),
	{ "type", &type_word, TASK(type), .words = task_type_words, .with = "task", .about = "of a task; default other" },
	{ "due", &type_due, .with = "task", .about = "when a task is to be done, from then on" },
	{ "to", &type_assignee, TASK(to), .with = "task", .about = "whose task it is; default owner" },
	{ "hold", &type_hold, TASK(hold), .with = "task", .about = "done: the run goes on when the task is done" },
	{ "within", &type_delay, STEP(within), .with = "await", .about = "how long it waits; then it goes on with `else`" },
	{ "comment", &type_prose, STEP(comment), .about = "for people; kept and shown, never executed" },
	{ "then", &type_branch, .table = &step_table, .with = "if await webhook run", .about = "the steps when it is true" },
	{ "else", &type_branch, .table = &step_table, .with = "if await webhook run", .about = "the steps when it is not" },
};
const struct table step_table = TABLE("step", "a step", rows, "one action, and the delay before it");

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = list; (s = strstr(s, word)) != NULL; s += n)
		if ((s == list || s[-1] == ' ') && (s[n] == ' ' || s[n] == '\0'))
			return true;
	return false;
}

static const struct yaml *key_node(const struct yaml *map, const char *name)
{
	for (size_t i = 0; i < map->n; i++)
		if (strcmp(map->pairs[i].key->text, name) == 0)
			return map->pairs[i].key;
	return map;
}

/* The one verb among the rows seen, or NULL after an error. */
static const struct key *find_verb(struct reader *rd, const struct yaml *node, uint64_t seen)
{
	const struct key *verb = NULL;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!(rows[i].flags & KEY_VERB) || !(seen & UINT64_C(1) << i))
			continue;
		if (verb) {
			reader_error(rd, node, "a step has one verb, not '%s' and '%s': make two steps of it", verb->name, rows[i].name);
			return NULL;
		}
		verb = &rows[i];
	}
	if (!verb)
		reader_error(rd, node, "a step needs a verb such as email, wait, tag, set, note, task, if, await, exit");
	return verb;
}

/* What goes with a verb that is not supported yet needs no word of its own. */
static int check_with(struct reader *rd, const struct yaml *written, const struct key *verb, uint64_t seen)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct key *k = &rows[i];

		if (!(seen & UINT64_C(1) << i) || !k->with)
			continue;
		if (!has_word(k->with, verb->name))
			r = reader_error(rd, key_node(written, k->name), "'%s' does not go with '%s', but with: %s", k->name, verb->name,
			                 k->with);
		else if ((k->flags & KEY_LATER) && !(verb->flags & KEY_LATER))
			r = reader_error(rd, key_node(written, k->name), "'%s' is not supported yet", k->name);
	}
	return r;
}

static int check_step(struct reader *rd, const struct yaml *node, const struct yaml *written, uint64_t seen)
{
	const struct key *verb;

	if (node->broken)
		return -1;
	verb = find_verb(rd, node, seen);
	if (!verb || check_with(rd, written, verb, seen) < 0 || (verb->flags & KEY_LATER))
		return -1;
	if (strcmp(verb->name, "if") == 0 && !(seen & (seen_bit(&step_table, "then") | seen_bit(&step_table, "else"))))
		return reader_error(rd, node, "'if' needs 'then' or 'else'");
	if (strcmp(verb->name, "await") == 0 && !(seen & seen_bit(&step_table, "within")))
		return reader_error(rd, node, "'await' needs 'within': nobody waits for ever");
	return 0;
}

static int finish_task(struct reader *rd, const struct yaml *node, struct step_draft *d)
{
	static const char *const made_with[] = { "type", "due", "to", "hold" };
	struct task_plan *plan = ARENA_NEW(rd->arena, struct task_plan);

	*plan = d->task;
	d->step.task = plan;
	for (size_t i = 0; plan->done && i < ARRAY_LEN(made_with); i++)
		if (yaml_get(node, made_with[i]))
			return reader_error(rd, key_node(node, made_with[i]), "'%s' goes with a task that is made, not with one that is completed",
			                    made_with[i]);
	return 0;
}

int step_read(struct reader *rd, struct yaml *node, struct step_draft *d)
{
	struct yaml written = *node;
	uint64_t seen = 0;
	int r;

	d->source.node = node;
	d->task.type = TASK_OTHER;
	if (node->type != YAML_MAP)
		return reader_error(rd, node, "a step is a map such as `- wait: 2 days`");
	written.pairs = arena_array(rd->arena, node->n, sizeof *written.pairs);
	if (node->n > 0)
		memcpy(written.pairs, node->pairs, node->n * sizeof *written.pairs);
	r = read_map(rd, &step_table, node, d, &seen);
	if (check_step(rd, node, &written, seen) < 0)
		return -1;
	return d->step.verb == VERB_TASK && finish_task(rd, node, d) < 0 ? -1 : r;
}
