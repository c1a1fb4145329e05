#include "author/steps.h"
#include "author/tables.h"

#include <string.h>
#include <strings.h>

/* The tests of one map: all of them must be true. start: of an item of `enroll.when`, else NULL. */
struct tests {
	struct cond **kids;
	size_t n;
	struct start *start;
};

static struct cond *new_cond(struct reader *rd, enum cond_kind kind)
{
	struct cond *c = ARENA_NEW(rd->arena, struct cond);

	c->kind = kind;
	return c;
}

static struct cond *new_group(struct reader *rd, enum cond_kind kind, struct cond **kids, size_t n)
{
	struct cond *c;

	if (n == 1 && kind != COND_NOT)
		return kids[0];
	c = new_cond(rd, kind);
	c->kids = kids;
	c->n_kids = n;
	return c;
}

static struct cond *negate(struct reader *rd, struct cond *inner)
{
	struct cond **kid = arena_array(rd->arena, 1, sizeof(struct cond *));

	kid[0] = inner;
	return new_group(rd, COND_NOT, kid, 1);
}

static int add(struct tests *t, struct cond *c)
{
	t->kids[t->n++] = c;
	return 0;
}

/* Calls refer for each word of a text or list. */
static void refer_each(struct reader *rd, enum ref_kind kind, struct yaml *node)
{
	for (size_t i = 0; i < (node->type == YAML_LIST ? node->n : 1); i++) {
		struct yaml *item = node->type == YAML_LIST ? node->items[i] : node;

		reader_refer(rd, kind, item, item->text);
	}
}

static int read_tag(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c = new_cond(rd, COND_TAG);

	return read_names(rd, key, node, &c->values) < 0 ? -1 : add(into, c);
}
static const struct type type_tag_test = { "TAG or [TAG, ..]", TAKES_TEXT | TAKES_LIST, read_tag };

static int read_kind(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c = new_cond(rd, COND_KIND);

	if (read_names(rd, key, node, &c->values) < 0)
		return -1;
	for (size_t i = 0; i < c->values.n; i++)
		if (strcmp(c->values.v[i], "lead") != 0 && strcmp(c->values.v[i], "contact") != 0)
			return reader_error(rd, node, "'kind' must be lead or contact, not '%s'", c->values.v[i]);
	return add(into, c);
}
static const struct type type_kind_test = { "lead or contact", TAKES_TEXT | TAKES_LIST, read_kind };

static int read_owner(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c = new_cond(rd, COND_OWNER);

	if (read_names(rd, key, node, &c->values) < 0)
		return -1;
	refer_each(rd, REF_MEMBER, node);
	return add(into, c);
}
static const struct type type_owner_test = { "ACCOUNT or [ACCOUNT, ..]", TAKES_TEXT | TAKES_LIST, read_owner };

static int read_lifecycle(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c = new_cond(rd, COND_FIELD);

	c->name = "lifecycle";
	c->n_tests = 1;
	c->tests = arena_array(rd->arena, 1, sizeof *c->tests);
	if (read_names(rd, key, node, &c->tests[0].values) < 0)
		return -1;
	refer_each(rd, REF_LIFECYCLE, node);
	return add(into, c);
}
static const struct type type_lifecycle_test = { "STAGE or [STAGE, ..]", TAKES_TEXT | TAKES_LIST, read_lifecycle };

static const struct key event_rows[] = {
	{ "type", &type_names, .flags = KEY_REQUIRED, .about = "of the event" },
	LATER("data", "what its data must be"),
	LATER("within", "how long ago at most"),
};
static const struct table event_table = TABLE("condition.event", "'event'", event_rows, "an event that happened");

static int read_event(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c = new_cond(rd, COND_EVENT);
	struct yaml *type = node;

	if (node->type == YAML_MAP) {
		if (read_map(rd, &event_table, node, &c->values, NULL) < 0)
			return -1;
		type = yaml_get(node, "type");
	} else if (read_names(rd, key, node, &c->values) < 0) {
		return -1;
	}
	refer_each(rd, REF_EVENT, type);
	return add(into, c);
}
static const struct type type_event_test = { "TYPE, [TYPE, ..] or map", TAKES_TEXT | TAKES_LIST | TAKES_MAP, read_event };

static int read_task_types(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c = into;
	enum task_type ignored;

	if (read_names(rd, key, node, &c->values) < 0)
		return -1;
	for (size_t i = 0; i < c->values.n; i++)
		if (!task_type_parse(c->values.v[i], &ignored))
			return reader_error(rd, node, "'type' of a task is call, email, meeting, linkedin or other, not '%s'", c->values.v[i]);
	return 0;
}
static const struct type type_task_types = { "TYPE or [TYPE, ..]", TAKES_TEXT | TAKES_LIST, read_task_types };

static int read_outcomes(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c = into;

	c->n_tests = 1;
	c->tests = arena_array(rd->arena, 1, sizeof *c->tests);
	return read_names(rd, key, node, &c->tests[0].values);
}
static const struct type type_outcomes = { "OUTCOME or [OUTCOME, ..]", TAKES_TEXT | TAKES_LIST, read_outcomes };

static const struct key task_rows[] = {
	{ "type", &type_task_types, .about = "call, email, meeting, linkedin or other" },
	{ "outcome", &type_outcomes, .about = "what came of it, as `taskctl done --outcome` said" },
};
static const struct table task_table = TABLE("condition.task", "'task'", task_rows, "a task that was done");

/* The steps are known when all of them are read. */
static void remember_step(struct reader *rd, struct yaml *node, enum verb verb)
{
	struct step_list *l = rd->steps;

	if (!l)
		return;
	ARENA_GROW(rd->arena, &l->refs, &l->cap_refs, l->n_refs);
	l->refs[l->n_refs++] = (struct step_ref){ node, verb };
}

static int read_task(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c = new_cond(rd, COND_TASK);

	if (node->type == YAML_MAP) {
		if (read_map(rd, &task_table, node, c, NULL) < 0)
			return -1;
		return add(into, c);
	}
	c->name = scalar_text(rd, key, node, false);
	if (!c->name)
		return -1;
	if (rd->steps && rd->steps->in_entry)
		return reader_error(rd, node, "who enters has done no step yet; write a map such as {type: call}");
	remember_step(rd, node, VERB_TASK);
	return add(into, c);
}
static const struct type type_task_test = { "STEP or map", TAKES_TEXT | TAKES_MAP, read_task };

/* The words that stand alone: replied, converted, unsubscribed. */
static int read_bare(struct reader *rd, const struct key *key, struct yaml *node, enum cond_kind kind, struct tests *t)
{
	bool wanted = true;

	if (yaml_is_empty(node))
		reader_rewrite(node, "true");
	else if (type_bool.read(rd, key, node, &wanted) < 0)
		return -1;
	return add(t, wanted ? new_cond(rd, kind) : negate(rd, new_cond(rd, kind)));
}

static bool is_bool_word(const struct yaml *node)
{
	static const char *const words[] = { "true", "false", "yes", "no", "" };

	for (size_t i = 0; node->type == YAML_SCALAR && i < ARRAY_LEN(words); i++)
		if (strcasecmp(node->text, words[i]) == 0)
			return true;
	return false;
}

static int read_replied(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c;

	if (node->type != YAML_SCALAR || node->broken || is_bool_word(node))
		return read_bare(rd, key, node, COND_REPLIED, into);
	if (rd->steps && rd->steps->in_entry)
		return reader_error(rd, node, "who enters has got no mail of this pipeline yet; a bare 'replied' is an answer to any");
	c = new_cond(rd, COND_REPLIED);
	c->name = node->text;
	if (strcmp(c->name, "this") != 0 && strcmp(c->name, "company") != 0)
		remember_step(rd, node, VERB_EMAIL);
	return add(into, c);
}

static int read_converted(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_bare(rd, key, node, COND_CONVERTED, into);
}

static int read_unsubscribed(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_bare(rd, key, node, COND_UNSUBSCRIBED, into);
}

static const struct type type_replied = { "true, this, company or STEP", TAKES_BOOL | TAKES_EMPTY | TAKES_TEXT, read_replied };
static const struct type type_converted = { "true or false", TAKES_BOOL | TAKES_EMPTY, read_converted };
static const struct type type_unsubscribed = { "true or false", TAKES_BOOL | TAKES_EMPTY, read_unsubscribed };

static int read_fields(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *c;

	return field_tests_read(rd, key, node, &c) < 0 ? -1 : add(into, c);
}
static const struct type type_field_tests = { "{FIELD: VALUE, [VALUE, ..] or map, ..}",
	                                          TAKES_KEYED | TAKES_TEXT | TAKES_LIST, read_fields };

static int read_not(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond *inner;

	if (yaml_is_empty(node) || node->type == YAML_LIST)
		return reader_expected(rd, key, node, "a condition in braces or on lines of its own");
	inner = condition_read(rd, node);
	return inner ? add(into, negate(rd, inner)) : -1;
}
static const struct type type_not = { "CONDITION", TAKES_MAP | TAKES_TEXT, read_not };

static int read_group(struct reader *rd, const struct key *key, struct yaml *node, enum cond_kind kind, struct tests *t)
{
	struct cond **kids;
	size_t n = 0;

	if (node->type != YAML_LIST)
		return reader_expected(rd, key, node, "a list of conditions");
	if (node->n == 0)
		return reader_error(rd, node, "'%s' is an empty list", key->name);
	kids = arena_array(rd->arena, node->n, sizeof(struct cond *));
	for (size_t i = 0; i < node->n; i++) {
		kids[n] = condition_read(rd, node->items[i]);
		n += kids[n] != NULL;
	}
	return n < node->n ? -1 : add(t, new_group(rd, kind, kids, n));
}

static int read_all(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_group(rd, key, node, COND_ALL, into);
}

static int read_any(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_group(rd, key, node, COND_ANY, into);
}

static const struct type type_all = { "[CONDITION, ..]", TAKES_MAPS | TAKES_LIST, read_all };
static const struct type type_any = { "[CONDITION, ..]", TAKES_MAPS | TAKES_LIST, read_any };

int again_read(struct reader *rd, const struct key *key, struct yaml *node, enum again *ret, struct delay *ret_after)
{
	const char *text = scalar_text(rd, key, node, false);
	struct yaml after;

	if (!text)
		return -1;
	if (strcmp(text, "never") == 0 || strcmp(text, "always") == 0) {
		*ret = *text == 'n' ? AGAIN_NEVER : AGAIN_ALWAYS;
		return 0;
	}
	if (strncmp(text, "after ", 6) != 0)
		return reader_error(rd, node, "'%s' must be never, always or such as: after 90 days", key->name);
	*ret = AGAIN_AFTER;
	after = *node;
	after.text = text + 6;
	after.len = node->len - 6;
	if (read_duration(rd, key, &after, ret_after) < 0)
		return -1;
	reader_rewrite(node, arena_printf(rd->arena, "after %s", after.text));
	return 0;
}

static int read_start_again(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct tests *t = into;

	if (!t->start)
		return reader_error(rd, node, "'again' stands in 'enroll' and in the items of 'enroll.when'");
	return again_read(rd, key, node, &t->start->again, &t->start->again_after);
}
static const struct type type_start_again = { "never, always or after DURATION", TAKES_TEXT, read_start_again };

static const struct key rows[] = {
	{ "all", &type_all, .table = &condition_table, .about = "all of these" },
	{ "any", &type_any, .table = &condition_table, .about = "one of these" },
	{ "not", &type_not, .table = &condition_table, .about = "the contrary" },
	{ "tag", &type_tag_test, .about = "has the tag (a list: one of them)" },
	{ "field", &type_field_tests, .table = &field_test_table,
	  .about = "fields have these values: {plan: pro, employees: {at_least: 10}}" },
	{ "kind", &type_kind_test, .about = "is a lead, or a contact" },
	{ "lifecycle", &type_lifecycle_test, .about = "is at the stage" },
	{ "owner", &type_owner_test, .about = "belongs to the member" },
	{ "event", &type_event_test, .table = &event_table, .about = "the event happened" },
	{ "task", &type_task_test, .table = &task_table, .about = "the step's task is done, or one of such a type or outcome" },
	{ "replied", &type_replied, .about = "has answered any pipeline mail; one of this pipeline, of a step, or anybody of the company has" },
	{ "converted", &type_converted, .about = "was converted" },
	{ "unsubscribed", &type_unsubscribed, .about = "has unsubscribed" },
	LATER("opened", "has opened the step's mail"),
	LATER("clicked", "has clicked a link in the step's mail"),
	LATER("bounced", "the step's mail came back"),
	LATER("score", "has a score"),
	LATER("in", "is in the segment"),
	LATER("pipeline", "has an active run in the pipeline"),
	LATER("form", "has filled in the form"),
	LATER("page", "has visited the page"),
	LATER("deal", "has a deal like this"),
	LATER("stage", "a deal is at the stage, or moves"),
	LATER("new", "only what becomes true from now on (await)"),
	{ "again", &type_start_again, .about = "in the items of `enroll.when`: whether it may start again" },
};
const struct table condition_table = TABLE("condition", "a condition", rows, "a test; several keys: all of them");

static struct cond *read_word(struct reader *rd, const struct yaml *node)
{
	static const struct {
		const char *word;
		enum cond_kind kind;
	} bare[] = { { "replied", COND_REPLIED }, { "converted", COND_CONVERTED }, { "unsubscribed", COND_UNSUBSCRIBED } };

	for (size_t i = 0; i < ARRAY_LEN(bare); i++)
		if (strcmp(node->text, bare[i].word) == 0)
			return new_cond(rd, bare[i].kind);
	if (yaml_is_empty(node))
		reader_error(rd, node, "a condition is missing");
	else
		reader_error(rd, node, "'%s' is no condition; write a map such as {tag: hot}, or replied, converted, unsubscribed",
		             node->text);
	return NULL;
}

static struct cond *read_tests(struct reader *rd, struct yaml *node, struct start *start)
{
	struct tests t = { .start = start };

	if (node->broken)
		return NULL;
	if (node->type == YAML_SCALAR)
		return read_word(rd, node);
	if (node->type == YAML_LIST) {
		reader_error(rd, node, "a list is no condition; write any: [..] or all: [..]");
		return NULL;
	}
	t.kids = arena_array(rd->arena, node->n, sizeof(struct cond *));
	if (read_map(rd, &condition_table, node, &t, NULL) < 0)
		return NULL;
	if (t.n == 0) {
		reader_error(rd, node, "a condition without a test");
		return NULL;
	}
	return new_group(rd, COND_ALL, t.kids, t.n);
}

struct cond *condition_read(struct reader *rd, struct yaml *node)
{
	return read_tests(rd, node, NULL);
}

int start_read(struct reader *rd, struct yaml *node, struct start *ret)
{
	ret->when = read_tests(rd, node, ret);
	return ret->when ? 0 : -1;
}

bool condition_has_within(const struct cond *c)
{
	for (size_t i = 0; i < c->n_kids; i++)
		if (condition_has_within(c->kids[i]))
			return true;
	for (size_t i = 0; i < c->n_tests; i++)
		if (c->tests[i].op == OP_WITHIN)
			return true;
	return false;
}

static int read_condition(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	if (yaml_is_empty(node))
		return reader_expected(rd, key, node, "a condition");
	*(const struct cond **)into = condition_read(rd, node);
	return *(const struct cond **)into ? 0 : -1;
}
const struct type type_condition = { "CONDITION", TAKES_MAP | TAKES_TEXT, read_condition };
