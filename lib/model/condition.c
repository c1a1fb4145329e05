#include "model/condition.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/civil.h"
#include "base/zone.h"
#include "model/number.h"
#include "model/text_list.h"

#include <stdlib.h>
#include <string.h>

#define TASK_DONE   "task.done"
#define DATE_LENGTH 10 /* YYYY-MM-DD */

static bool list_has(const char *json, const char *item)
{
	ARENA_AUTO scratch = { 0 };
	struct names items;

	return *json == '[' && text_list_parse(json, &scratch, &items) && names_have(&items, item);
}

/* Compares numbers as such and dates by their days. Returns false when the two cannot be compared. */
static bool compare_values(const char *a, const char *b, int *ret)
{
	char x[NUMBER_SIZE], y[NUMBER_SIZE];

	if (number_normalize(a, x) && number_normalize(b, y)) {
		*ret = number_compare(x, y);
		return true;
	}
	if (strlen(a) < DATE_LENGTH || strlen(b) < DATE_LENGTH || a[4] != '-' || b[4] != '-')
		return false;
	*ret = strlen(a) == strlen(b) ? strcmp(a, b) : strncmp(a, b, DATE_LENGTH);
	return true;
}

static bool is_one_of(const char *value, const struct names *wanted)
{
	int cmp;

	for (size_t i = 0; i < wanted->n; i++) {
		if (strcmp(value, wanted->v[i]) == 0 || list_has(value, wanted->v[i]))
			return true;
		if (compare_values(value, wanted->v[i], &cmp) && cmp == 0)
			return true;
	}
	return false;
}

static bool contains(const char *value, const char *part)
{
	return *value == '[' ? list_has(value, part) : strcasestr(value, part) != NULL;
}

static bool is_within(const char *value, int days, const struct facts *f)
{
	struct civil today, date = { 0 };
	int64_t distance;

	if (strlen(value) < DATE_LENGTH)
		return false;
	date.year = (int)strtol(value, NULL, 10);
	date.month = (int)strtol(value + 5, NULL, 10);
	date.day = (int)strtol(value + 8, NULL, 10);
	if (value[4] != '-' || value[7] != '-' || !civil_valid(&date))
		return false;
	zone_to_civil(f->zone ? f->zone : zone_utc(), f->now, &today);
	distance = civil_day_number(&date) - civil_day_number(&today);
	return distance >= -days && distance <= days;
}

static bool test_true(const struct cond_test *t, const char *value, const struct facts *f)
{
	const char *with = t->values.n > 0 ? t->values.v[0] : "";
	int cmp;

	if (t->op == OP_SET)
		return (value != NULL) == (strcmp(with, "yes") == 0);
	if (!value)
		return false;
	switch (t->op) {
	case OP_IS:
		return is_one_of(value, &t->values);
	case OP_CONTAINS:
		return contains(value, with);
	case OP_WITHIN:
		return is_within(value, t->days, f);
	case OP_AT_LEAST:
		return compare_values(value, with, &cmp) && cmp >= 0;
	case OP_AT_MOST:
		return compare_values(value, with, &cmp) && cmp <= 0;
	case OP_BEFORE:
		return compare_values(value, with, &cmp) && cmp < 0;
	case OP_AFTER:
		return compare_values(value, with, &cmp) && cmp > 0;
	case OP_SET:
		break;
	}
	return false;
}

static bool field_true(const struct cond *c, const struct facts *f)
{
	const char *value = contact_get(f->contact, c->name);

	if (value && !*value)
		value = NULL;
	for (size_t i = 0; i < c->n_tests; i++)
		if (!test_true(&c->tests[i], value, f))
			return false;
	return true;
}

static bool any_tag(const struct cond *c, const struct contact *contact)
{
	for (size_t i = 0; i < c->values.n; i++)
		if (contact_has_tag(contact, c->values.v[i]))
			return true;
	return false;
}

static bool any_happened(const struct names *types, const struct facts *f)
{
	for (size_t i = 0; i < f->n_happened; i++)
		if (names_have(types, f->happened[i].type))
			return true;
	return false;
}

static bool happened(const char *type, const struct facts *f)
{
	return any_happened(&(struct names){ &type, 1 }, f);
}

static bool replied(const struct cond *c, const struct facts *f)
{
	bool here = c->name && strcmp(c->name, "this") == 0;

	if (!c->name)
		return happened("email.replied", f);
	if (strcmp(c->name, "company") == 0)
		return happened(COMPANY_REPLIED, f);
	for (size_t i = 0; i < f->n_happened; i++) {
		const struct fact *fact = &f->happened[i];

		if (strcmp(fact->type, "email.replied") == 0 && (here ? fact->here : strcmp(fact->step, c->name) == 0))
			return true;
	}
	return false;
}

static const char *value_of(const struct fact *f, const char *name)
{
	for (size_t i = 0; i < f->n_values; i++)
		if (strcmp(f->values[i].name, name) == 0)
			return f->values[i].value;
	return "";
}

static bool is_such_task(const struct cond *c, const struct fact *f)
{
	if (strcmp(f->type, TASK_DONE) != 0 || (c->name && strcmp(c->name, f->step) != 0))
		return false;
	return (c->values.n == 0 || names_have(&c->values, value_of(f, "type"))) &&
	       (c->n_tests == 0 || names_have(&c->tests[0].values, value_of(f, "outcome")));
}

static bool task_done(const struct cond *c, const struct facts *f)
{
	for (size_t i = 0; i < f->n_happened; i++)
		if (is_such_task(c, &f->happened[i]))
			return true;
	return false;
}

static bool some_true(const struct cond *c, const struct facts *f)
{
	for (size_t i = 0; i < c->n_kids; i++)
		if (cond_true(c->kids[i], f))
			return true;
	return false;
}

static bool all_true(const struct cond *c, const struct facts *f)
{
	for (size_t i = 0; i < c->n_kids; i++)
		if (!cond_true(c->kids[i], f))
			return false;
	return true;
}

bool cond_true(const struct cond *c, const struct facts *f)
{
	const char *owner;

	switch (c->kind) {
	case COND_ALL:
		return all_true(c, f);
	case COND_ANY:
		return some_true(c, f);
	case COND_NOT:
		return !cond_true(c->kids[0], f);
	case COND_TAG:
		return any_tag(c, f->contact);
	case COND_FIELD:
		return field_true(c, f);
	case COND_KIND:
		return names_have(&c->values, contact_kind_text(f->contact->kind));
	case COND_OWNER:
		owner = contact_get(f->contact, "owner");
		return owner && names_have(&c->values, owner);
	case COND_EVENT:
		return any_happened(&c->values, f);
	case COND_TASK:
		return task_done(c, f);
	case COND_REPLIED:
		return replied(c, f);
	case COND_CONVERTED:
		return happened("contact.converted", f);
	case COND_UNSUBSCRIBED:
		return (f->contact->suppressed & SUPPRESS_UNSUBSCRIBED) != 0;
	}
	return false;
}

bool cond_is_event(const struct cond *c)
{
	for (size_t i = 0; i < c->n_kids; i++)
		if (cond_is_event(c->kids[i]))
			return true;
	return c->kind == COND_EVENT || c->kind == COND_TASK || c->kind == COND_REPLIED || c->kind == COND_CONVERTED;
}

bool cond_needs_details(const char *event_type)
{
	return strcmp(event_type, TASK_DONE) == 0 || strcmp(event_type, "email.replied") == 0;
}

bool cond_asks_company(const struct cond *c)
{
	for (size_t i = 0; i < c->n_kids; i++)
		if (cond_asks_company(c->kids[i]))
			return true;
	return c->kind == COND_REPLIED && c->name && strcmp(c->name, "company") == 0;
}

void cond_event_types(const struct cond *c, void (*each)(const char *type, void *ctx), void *ctx)
{
	for (size_t i = 0; i < c->n_kids; i++)
		cond_event_types(c->kids[i], each, ctx);
	if (c->kind == COND_EVENT)
		for (size_t i = 0; i < c->values.n; i++)
			each(c->values.v[i], ctx);
	else if (c->kind == COND_TASK)
		each(TASK_DONE, ctx);
	else if (c->kind == COND_REPLIED)
		each(cond_asks_company(c) ? COMPANY_REPLIED : "email.replied", ctx);
	else if (c->kind == COND_CONVERTED)
		each("contact.converted", ctx);
	else if (c->kind == COND_UNSUBSCRIBED)
		each("contact.unsubscribed", ctx);
}

static void describe_values(const struct names *values, struct buf *out)
{
	for (size_t i = 0; i < values->n; i++) {
		if (i > 0)
			buf_adds(out, i + 1 < values->n ? ", " : " or ");
		buf_adds(out, values->v[i]);
	}
}

static void describe_test(const char *field, const struct cond_test *t, struct buf *out)
{
	static const char *const words[] = {
		[OP_IS] = "is", [OP_AT_LEAST] = "is at least", [OP_AT_MOST] = "is at most", [OP_CONTAINS] = "contains",
		[OP_SET] = "is", [OP_BEFORE] = "is before", [OP_AFTER] = "is after", [OP_WITHIN] = "is within",
	};

	buf_addf(out, "%s %s ", field, words[t->op]);
	if (t->op == OP_SET)
		buf_adds(out, strcmp(t->values.v[0], "yes") == 0 ? "set" : "not set");
	else if (t->op == OP_WITHIN)
		buf_addf(out, t->days == 1 ? "%d day" : "%d days", t->days);
	else
		describe_values(&t->values, out);
}

static void describe_group(const struct cond *c, const char *between, struct buf *out)
{
	for (size_t i = 0; i < c->n_kids; i++) {
		const struct cond *kid = c->kids[i];
		bool group = (kid->kind == COND_ALL || kid->kind == COND_ANY) && kid->kind != c->kind;

		if (i > 0)
			buf_adds(out, between);
		if (group)
			buf_addc(out, '(');
		cond_describe(kid, out);
		if (group)
			buf_addc(out, ')');
	}
}

static void describe_list(const char *words, const struct names *values, struct buf *out)
{
	buf_adds(out, words);
	describe_values(values, out);
}

static void describe_replied(const struct cond *c, struct buf *out)
{
	if (!c->name)
		buf_adds(out, "replied");
	else if (strcmp(c->name, "this") == 0)
		buf_adds(out, "replied to this pipeline");
	else if (strcmp(c->name, "company") == 0)
		buf_adds(out, "somebody at the same mail domain replied");
	else
		buf_addf(out, "replied to '%s'", c->name);
}

static void describe_task(const struct cond *c, struct buf *out)
{
	buf_adds(out, "the task ");
	if (c->name)
		buf_addf(out, "of '%s' ", c->name);
	if (c->values.n > 0)
		describe_list("of type ", &c->values, out);
	buf_adds(out, c->values.n > 0 ? " is done" : "is done");
	if (c->n_tests > 0)
		describe_list(" with outcome ", &c->tests[0].values, out);
}

void cond_describe(const struct cond *c, struct buf *out)
{
	switch (c->kind) {
	case COND_ALL:
		describe_group(c, " and ", out);
		break;
	case COND_ANY:
		describe_group(c, " or ", out);
		break;
	case COND_NOT:
		buf_adds(out, "not (");
		cond_describe(c->kids[0], out);
		buf_addc(out, ')');
		break;
	case COND_TAG:
		describe_list("tag is ", &c->values, out);
		break;
	case COND_FIELD:
		for (size_t i = 0; i < c->n_tests; i++) {
			if (i > 0)
				buf_adds(out, " and ");
			describe_test(c->name, &c->tests[i], out);
		}
		break;
	case COND_KIND:
		describe_list("kind is ", &c->values, out);
		break;
	case COND_OWNER:
		describe_list("owner is ", &c->values, out);
		break;
	case COND_EVENT:
		describe_list("event is ", &c->values, out);
		break;
	case COND_TASK:
		describe_task(c, out);
		break;
	case COND_REPLIED:
		describe_replied(c, out);
		break;
	case COND_CONVERTED:
		buf_adds(out, "converted");
		break;
	case COND_UNSUBSCRIBED:
		buf_adds(out, "unsubscribed");
		break;
	}
}

static void add_value(struct buf *out, const char *name, const char *value)
{
	buf_adds(out, out->len ? ", " : "");
	if (value && *value)
		buf_addf(out, "%s=%s", name, value);
	else
		buf_addf(out, "no %s", name);
}

static void add_tags(struct buf *out, const struct names *tags)
{
	buf_addf(out, "%s%s", out->len ? ", " : "", tags->n ? "tags: " : "no tags");
	for (size_t i = 0; i < tags->n; i++)
		buf_addf(out, "%s%s", i ? " " : "", tags->v[i]);
}

void cond_describe_values(const struct cond *c, const struct contact *contact, struct buf *out)
{
	for (size_t i = 0; i < c->n_kids; i++)
		cond_describe_values(c->kids[i], contact, out);
	if (c->kind == COND_FIELD)
		add_value(out, c->name, contact_get(contact, c->name));
	else if (c->kind == COND_OWNER)
		add_value(out, "owner", contact_get(contact, "owner"));
	else if (c->kind == COND_KIND)
		add_value(out, "kind", contact_kind_text(contact->kind));
	else if (c->kind == COND_TAG)
		add_tags(out, &contact->tags);
}
