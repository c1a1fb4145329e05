#include "author/tables.h"

#include <string.h>

/* The tests of one field, filled row by row. */
struct field_tests {
	const char *field;
	struct cond_test *list;
	size_t n;
};

static struct cond_test *add(struct field_tests *t, enum cond_op op)
{
	t->list[t->n] = (struct cond_test){ .op = op };
	return &t->list[t->n++];
}

static void refer_values(struct reader *rd, const struct field_tests *t, struct cond_test *test, struct yaml *node)
{
	for (size_t i = 0; i < test->values.n; i++)
		reader_refer_value(rd, t->field, test->op, node->type == YAML_LIST ? node->items[i] : node, &test->values.v[i]);
}

static int read_is(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct field_tests *t = into;
	struct cond_test *test = add(t, OP_IS);

	if (read_names(rd, key, node, &test->values) < 0)
		return -1;
	refer_values(rd, t, test, node);
	return 0;
}

static int read_one(struct reader *rd, const struct key *key, struct yaml *node, enum cond_op op, struct field_tests *t)
{
	struct cond_test *test = add(t, op);

	if (node->type != YAML_SCALAR || yaml_is_empty(node))
		return reader_expected(rd, key, node, "one value");
	if (read_names(rd, key, node, &test->values) < 0)
		return -1;
	refer_values(rd, t, test, node);
	return 0;
}

static int read_at_least(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_one(rd, key, node, OP_AT_LEAST, into);
}

static int read_at_most(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_one(rd, key, node, OP_AT_MOST, into);
}

static int read_contains(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_one(rd, key, node, OP_CONTAINS, into);
}

static int read_before(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_one(rd, key, node, OP_BEFORE, into);
}

static int read_after(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_one(rd, key, node, OP_AFTER, into);
}

static int read_set(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct cond_test *test = add(into, OP_SET);
	bool set;

	if (type_bool.read(rd, key, node, &set) < 0)
		return -1;
	test->values.v = arena_array(rd->arena, 1, sizeof *test->values.v);
	test->values.v[0] = set ? "yes" : "no";
	test->values.n = 1;
	return 0;
}

static int read_within(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct field_tests *t = into;
	struct cond_test *test = add(t, OP_WITHIN);
	struct delay d;

	if (read_duration(rd, key, node, &d) < 0)
		return -1;
	if (d.seconds || d.business_days || d.months)
		return reader_error(rd, node, "'within' must be in days or weeks");
	test->days = d.days;
	reader_refer(rd, REF_DATE_FIELD, node, t->field);
	return 0;
}

static const struct type type_is = { "VALUE or [VALUE, ..]", TAKES_TEXT | TAKES_LIST, read_is };
static const struct type type_at_least = { "NUMBER or DATE", TAKES_TEXT, read_at_least };
static const struct type type_at_most = { "NUMBER or DATE", TAKES_TEXT, read_at_most };
static const struct type type_contains = { "TEXT", TAKES_TEXT, read_contains };
static const struct type type_set = { "true or false", TAKES_BOOL, read_set };
static const struct type type_before = { "DATE", TAKES_TEXT, read_before };
static const struct type type_after = { "DATE", TAKES_TEXT, read_after };
static const struct type type_within = { "DURATION", TAKES_TEXT, read_within };

static const struct key rows[] = {
	{ "is", &type_is, .about = "one of these values" },
	{ "at_least", &type_at_least, .about = "this or more" },
	{ "at_most", &type_at_most, .about = "this or less" },
	{ "contains", &type_contains, .about = "a part of the text, or an item of the list" },
	{ "set", &type_set, .about = "has a value, or has none" },
	{ "before", &type_before, .about = "a date before this one" },
	{ "after", &type_after, .about = "a date after this one" },
	{ "within", &type_within, .about = "a date at most so far from today" },
};
const struct table field_test_table = TABLE("condition.field", "the test of a field", rows, "what a field is compared with");

static int read_field(struct reader *rd, const struct key *key, struct yaml_pair *pair, struct cond *c)
{
	struct field_tests t = { .field = pair->key->text };
	struct yaml *node = pair->value;
	int r;

	t.list = arena_array(rd->arena, node->type == YAML_MAP ? node->n + 1 : 1, sizeof *t.list);
	reader_refer(rd, REF_FIELD, pair->key, t.field);
	if (yaml_is_empty(node))
		return reader_error(rd, node, "'%s' has no value; write {set: false} for an empty field", t.field);
	if (node->type == YAML_MAP && node->n == 0)
		return reader_error(rd, node, "'%s' has no test", t.field);
	r = node->type == YAML_MAP ? read_map(rd, &field_test_table, node, &t, NULL) : read_is(rd, key, node, &t);
	c->kind = COND_FIELD;
	c->name = t.field;
	c->tests = t.list;
	c->n_tests = t.n;
	return r;
}

int field_tests_read(struct reader *rd, const struct key *key, struct yaml *node, struct cond **ret)
{
	struct cond *conds, **kids;
	int r = 0;

	if (node->type != YAML_MAP)
		return reader_expected(rd, key, node, "a map of fields such as {plan: pro}");
	if (node->n == 0)
		return reader_error(rd, node, "'field' is empty");
	conds = arena_array(rd->arena, node->n + 1, sizeof *conds);
	kids = arena_array(rd->arena, node->n, sizeof(struct cond *));
	for (size_t i = 0; i < node->n; i++) {
		kids[i] = &conds[i];
		if (read_field(rd, key, &node->pairs[i], kids[i]) < 0)
			r = -1;
	}
	conds[node->n] = (struct cond){ .kind = COND_ALL, .kids = kids, .n_kids = node->n };
	*ret = node->n == 1 ? &conds[0] : &conds[node->n];
	return r;
}
