#include "model/contact.h"

#include "base/arena.h"

#include <string.h>

const char *contact_kind_text(enum contact_kind kind)
{
	return kind == CONTACT_LEAD ? "lead" : "contact";
}

/* Where the field is, or where it belongs: the values are sorted. */
static size_t value_index(const struct contact *c, const char *field, bool *found)
{
	size_t lo = 0, hi = c->n_values;

	*found = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = strcmp(c->values[mid].name, field);

		if (cmp == 0) {
			*found = true;
			return mid;
		}
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const char *contact_get(const struct contact *c, const char *field)
{
	bool found;
	size_t i;

	if (strcmp(field, "email") == 0)
		return c->email;
	if (strcmp(field, "kind") == 0)
		return contact_kind_text(c->kind);
	i = value_index(c, field, &found);
	return found ? c->values[i].value : NULL;
}

static size_t tag_index(const struct contact *c, const char *tag, bool *found)
{
	size_t i = 0;

	*found = false;
	for (; i < c->tags.n; i++) {
		int cmp = strcmp(c->tags.v[i], tag);

		if (cmp >= 0) {
			*found = cmp == 0;
			break;
		}
	}
	return i;
}

bool contact_has_tag(const struct contact *c, const char *tag)
{
	bool found;

	tag_index(c, tag, &found);
	return found;
}

static void remove_value(struct contact *c, size_t i)
{
	c->n_values--;
	memmove(c->values + i, c->values + i + 1, (c->n_values - i) * sizeof *c->values);
}

static void insert_value(struct contact *c, struct arena *a, size_t i, struct contact_value v)
{
	struct contact_value *grown = arena_array(a, c->n_values + 1, sizeof *grown);

	if (i > 0)
		memcpy(grown, c->values, i * sizeof *grown);
	grown[i] = v;
	if (i < c->n_values)
		memcpy(grown + i + 1, c->values + i, (c->n_values - i) * sizeof *grown);
	c->values = grown;
	c->n_values++;
}

void contact_put(struct contact *c, struct arena *a, const char *field, const char *value)
{
	bool found;
	size_t i;

	if (strcmp(field, "kind") == 0) {
		c->kind = value && strcmp(value, "contact") == 0 ? CONTACT_CONTACT : CONTACT_LEAD;
		return;
	}
	i = value_index(c, field, &found);
	if (!value || !*value) {
		if (found)
			remove_value(c, i);
		return;
	}
	if (found)
		c->values[i].value = arena_strdup(a, value);
	else
		insert_value(c, a, i, (struct contact_value){ arena_strdup(a, field), arena_strdup(a, value) });
}

void contact_tag(struct contact *c, struct arena *a, const char *tag)
{
	const char **grown;
	bool found;
	size_t i = tag_index(c, tag, &found);

	if (found)
		return;
	grown = arena_array(a, c->tags.n + 1, sizeof *grown);
	if (i > 0)
		memcpy(grown, c->tags.v, i * sizeof *grown);
	grown[i] = arena_strdup(a, tag);
	if (i < c->tags.n)
		memcpy(grown + i + 1, c->tags.v + i, (c->tags.n - i) * sizeof *grown);
	c->tags.v = grown;
	c->tags.n++;
}

void contact_untag(struct contact *c, const char *tag)
{
	bool found;
	size_t i = tag_index(c, tag, &found);

	if (!found)
		return;
	c->tags.n--;
	memmove(c->tags.v + i, c->tags.v + i + 1, (c->tags.n - i) * sizeof *c->tags.v);
}

void contact_unshare(struct contact *c, struct arena *a)
{
	struct contact_value *values = arena_array(a, c->n_values + 1, sizeof *values);
	const char **tags = arena_array(a, c->tags.n + 1, sizeof *tags);

	if (c->n_values)
		memcpy(values, c->values, c->n_values * sizeof *values);
	if (c->tags.n)
		memcpy(tags, c->tags.v, c->tags.n * sizeof *tags);
	c->values = values;
	c->tags.v = tags;
}

const char *contact_name(const struct contact *c, struct arena *a)
{
	const char *first = contact_get(c, "first_name"), *last = contact_get(c, "last_name");

	if (first && last)
		return arena_join(a, first, " ", last);
	if (first || last)
		return first ? first : last;
	return c->email;
}
