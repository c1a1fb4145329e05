#include "author/steps.h"
#include "author/tables.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_PRIORITY 5
#define DEFAULT_LATE_S   (24 * 60 * 60)

static const char *const purpose_words[] = { "marketing", "service", NULL };
static const char *const late_words[] = { "send", "skip", "hold", NULL };
static const char *const while_active_words[] = { "ignore", "update", "restart", "queue", NULL };

static int read_for(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	static const char *const words[] = { "contact", "deal", NULL };
	static const struct key row = { .name = "for", .words = words };
	int deal = 0;

	(void)key;
	(void)into;
	if (type_word.read(rd, &row, node, &deal) < 0)
		return -1;
	return deal ? reader_error(rd, node, "'for: deal' is not supported yet") : 0;
}
static const struct type type_for = { "contact", TAKES_TEXT, read_for };

static int read_senders(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct names *list = into;
	int r = 0;

	if (read_names(rd, key, node, into) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		struct yaml *item = node->type == YAML_LIST ? node->items[i] : node;
		bool word = strcmp(list->v[i], "enroller") == 0 || strcmp(list->v[i], "owner") == 0;

		if (word && list->n > 1)
			r = reader_error(rd, item, "'%s' cannot be one of several", list->v[i]);
		else if (!word && read_document_name(rd, key, DOC_MAILBOX, item, &list->v[i]) < 0)
			r = -1;
	}
	return r;
}
static const struct type type_senders = { "MAILBOX, [MAILBOX, ..], enroller or owner", TAKES_TEXT | TAKES_LIST, read_senders };

/* `again` of enroll, and which starts have one of their own, until all keys of enroll are read. */
struct enroll_draft {
	struct pipeline *pipeline;
	bool again_given;
	struct yaml *when;
};

static bool has_event_test(const struct cond *c)
{
	for (size_t i = 0; i < c->n_kids; i++)
		if (has_event_test(c->kids[i]))
			return true;
	return c->kind == COND_EVENT;
}

static int read_start(struct reader *rd, struct yaml *node, struct start *ret)
{
	if (start_read(rd, node, ret) < 0)
		return -1;
	if (condition_has_within(ret->when))
		return reader_error(rd, node, "'within' in 'enroll.when' is not supported yet");
	return 0;
}

static int read_when(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct enroll_draft *d = into;
	struct pipeline *p = d->pipeline;
	size_t n = node->type == YAML_LIST ? node->n : 1;
	int r = 0;

	if (yaml_is_empty(node))
		return reader_expected(rd, key, node, "a condition or a list of conditions");
	if (n == 0)
		return reader_error(rd, node, "'when' is an empty list");
	d->when = node;
	p->enroll.starts = arena_array(rd->arena, n, sizeof *p->enroll.starts);
	for (size_t i = 0; i < n; i++)
		if (read_start(rd, node->type == YAML_LIST ? node->items[i] : node, &p->enroll.starts[p->enroll.n_starts++]) < 0)
			r = -1;
	return r;
}
static const struct type type_when = { "CONDITION or [CONDITION, ..]",
	                                   TAKES_TEXT | TAKES_MAP | TAKES_MAPS | TAKES_LIST, read_when };

static int read_enroll_again(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct enroll_draft *d = into;

	d->again_given = true;
	return again_read(rd, key, node, &d->pipeline->enroll.again, &d->pipeline->enroll.again_after);
}
static const struct type type_again = { "never, always or after DURATION", TAKES_TEXT, read_enroll_again };

static int read_new_contacts(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct enroll_draft *d = into;

	return type_bool.read(rd, key, node, &d->pipeline->enroll.new_contacts);
}
static const struct type type_new_contacts = { "true or false", TAKES_BOOL, read_new_contacts };

static int read_only_if(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct enroll_draft *d = into;

	return type_condition.read(rd, key, node, (void *)&d->pipeline->enroll.only_if);
}
static const struct type type_only_if = { "CONDITION", TAKES_MAP | TAKES_TEXT, read_only_if };

static int read_while_active(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct enroll_draft *d = into;

	return type_word.read(rd, key, node, &d->pipeline->enroll.while_active);
}
static const struct type type_while_active = { NULL, TAKES_TEXT, read_while_active };

static const struct key on_date_rows[] = {
	LATER("field", "a field with a date"),
	LATER("before", "how long before it"),
	LATER("at", "the time of the day"),
	LATER("yearly", "each year"),
};
static const struct table on_date_table = TABLE("Pipeline.enroll.on_date", "'on_date'", on_date_rows, "a date starts");

static const struct key on_idle_rows[] = {
	LATER("no", "which events did not happen"),
	LATER("for", "for how long"),
};
static const struct table on_idle_table = TABLE("Pipeline.enroll.on_idle", "'on_idle'", on_idle_rows, "silence starts");

static const struct key enroll_rows[] = {
	{ "new_contacts", &type_new_contacts, .about = "every newly added contact" },
	{ "when", &type_when, .table = &condition_table,
	  .about = "when this becomes true; a list: several starts, each may have its own `again`" },
	LATER_MAP("on_date", &on_date_table, "on a date in a field"),
	LATER_MAP("on_idle", &on_idle_table, "when nothing happened for long"),
	{ "if", &type_only_if, .table = &condition_table, .about = "filters every entry, by hand too" },
	{ "again", &type_again, .about = "whether somebody may enter again; default never, with `when: {event: ..}` always" },
	{ "while_active", &type_while_active, .words = while_active_words,
	  .about = "what an entry does to an open run: ignore (default), update, restart, queue" },
};
static const struct table enroll_table = TABLE("Pipeline.enroll", "'enroll'", enroll_rows, "who enters by itself");

/* A start without an `again` of its own has that of enroll, else its default. */
static void settle_again(const struct enroll_draft *d)
{
	struct pipeline *p = d->pipeline;

	for (size_t i = 0; i < p->enroll.n_starts; i++) {
		struct start *s = &p->enroll.starts[i];

		if (yaml_get(d->when->type == YAML_LIST ? d->when->items[i] : d->when, "again"))
			continue;
		if (d->again_given) {
			s->again = p->enroll.again;
			s->again_after = p->enroll.again_after;
		} else {
			s->again = s->when && has_event_test(s->when) ? AGAIN_ALWAYS : AGAIN_NEVER;
		}
	}
}

static int read_enroll(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct enroll_draft d = { .pipeline = into };
	int r;

	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map with new_contacts, when, if, again, while_active");
	rd->steps->in_entry = true;
	r = read_map(rd, &enroll_table, node, &d, NULL);
	rd->steps->in_entry = false;
	settle_again(&d);
	return r;
}
static const struct type type_enroll = { "map", TAKES_MAP, read_enroll };

static int read_stop(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct pipeline *p = into;
	size_t n = node->type == YAML_LIST ? node->n : 1;
	int r = 0;

	if (yaml_is_empty(node))
		return reader_expected(rd, key, node, "a condition or a list of conditions");
	p->stop = arena_array(rd->arena, n, sizeof *p->stop);
	for (size_t i = 0; i < n; i++) {
		struct yaml *item = node->type == YAML_LIST ? node->items[i] : node;
		const struct cond *c = condition_read(rd, item);

		if (!c)
			r = -1;
		else if (condition_has_within(c))
			r = reader_error(rd, item, "'within' in 'stop' is not supported yet");
		else
			p->stop[p->n_stop++] = c;
	}
	return r;
}
static const struct type type_stop = { "CONDITION or [CONDITION, ..]",
	                                   TAKES_TEXT | TAKES_MAP | TAKES_MAPS | TAKES_LIST, read_stop };

static int read_ignore(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct pipeline *p = into;
	struct names list = { 0 };
	int r = 0;

	if (read_names(rd, key, node, &list) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		if (strcmp(list.v[i], "replied") == 0)
			p->ignore_replied = true;
		else if (strcmp(list.v[i], "converted") == 0)
			p->ignore_converted = true;
		else
			r = reader_error(rd, node->type == YAML_LIST ? node->items[i] : node,
			                 "'ignore' takes replied and converted, not '%s'", list.v[i]);
	}
	return r;
}
static const struct type type_ignore = { "[replied, converted]", TAKES_TEXT | TAKES_LIST, read_ignore };

#define PIPE(field) .offset = offsetof(struct pipeline, field)
static const struct key late_rows[] = {
	{ "max", &type_delay, PIPE(late.max), .about = "how late a step may be; default 24 hours" },
	{ "then", &type_word, PIPE(late.then), .words = late_words,
	  .about = "what happens to a later one: send, skip or hold (default)" },
};
static const struct table late_table = TABLE("Pipeline.late", "'late'", late_rows, "what missing ticks and pauses do");

static int read_late(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map with max and then");
	return read_map(rd, &late_table, node, into, NULL);
}
static const struct type type_late = { "map", TAKES_MAP, read_late };

static int read_steps(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	(void)into;
	if (node->type != YAML_LIST)
		return reader_expected(rd, key, node, "a list of steps");
	if (node->n == 0)
		return reader_error(rd, node, "a pipeline needs at least one step");
	return steps_read(rd, node, STEP_NONE, false);
}
static const struct type type_steps = { "[STEP, ..]", TAKES_MAPS, read_steps };

static const struct key rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	{ "active", &type_bool, PIPE(active), .about = "default true; false: a draft, nobody enters and nothing goes" },
	{ "for", &type_for, .about = "contact (default)" },
	LATER("contacts", "all: mails go to all contacts of a deal"),
	{ "purpose", &type_word, PIPE(purpose), .words = purpose_words,
	  .about = "marketing (default), or service: goes on after an unsubscribe" },
	{ "mailbox", &type_senders, PIPE(mailboxes), .about = "the sender; else the team's" },
	{ "hours", &type_hours, PIPE(hours), .about = "when mails may go; else the team's" },
	{ "priority", &type_int, PIPE(priority), .min = 1, .max = 9, .about = "when quota is short: 1 first, 9 last; default 5" },
	LATER("track", "records opens and clicks"),
	{ "enroll", &type_enroll, .table = &enroll_table, .about = "who enters by itself" },
	{ "stop", &type_stop, .table = &condition_table, .about = "any of these ends a run; added to replied and converted" },
	{ "ignore", &type_ignore, .about = "which of replied and converted do not end a run" },
	LATER_MAP("goal", &condition_table, "reached: the run is completed"),
	{ "late", &type_late, .table = &late_table, .about = "what happens to steps that come late" },
	{ "steps", &type_steps, .flags = KEY_REQUIRED, .table = &step_table, .about = "what happens, in order" },
};
const struct table pipeline_table = TABLE("Pipeline", "a Pipeline", rows, "steps that run by themselves for each contact");

int pipeline_read(struct reader *rd, struct yaml *node)
{
	struct pipeline *p = ARENA_NEW(rd->arena, struct pipeline);
	struct step_list steps = { 0 };
	int r;

	p->name = rd->doc->name;
	p->active = true;
	p->priority = DEFAULT_PRIORITY;
	p->late.max.seconds = DEFAULT_LATE_S;
	p->late.then = LATE_HOLD;
	rd->doc->pipeline = p;
	rd->steps = &steps;
	r = read_map(rd, &pipeline_table, node, p, NULL);
	if (steps_link(rd, p) < 0)
		r = -1;
	rd->steps = NULL;
	free(steps.v);
	free(steps.sources);
	return r;
}
