#include "people/filter.h"

#include "base/buf.h"
#include "base/fold.h"
#include "base/near.h"
#include "engine/person.h"
#include "model/text_list.h"
#include "model/when.h"
#include "people/census.h"
#include "people/enroll_people.h"
#include "store/contact_store.h"

#include <string.h>

#define LONGEST_VALUE 65536
#define NOBODY        (-1) /* no contact has this id */

enum test_kind { TEST_TAG, TEST_FIELD, TEST_EMAIL, TEST_TEXT };

struct filter_test {
	enum test_kind kind;
	bool negative;
	const struct field *field;
	const char *value; /* as stored; of a text its key (base/fold.h) */
};

static struct filter_test *add_test(struct filter *f, struct arena *a, enum test_kind kind, const char *value)
{
	struct filter_test *t;

	ARENA_GROW(a, &f->tests, &f->cap_tests, f->n_tests);
	t = &f->tests[f->n_tests++];
	*t = (struct filter_test){ .kind = kind, .value = value };
	return t;
}

static const char *key_of(const char *text, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(4 * LONGEST_VALUE);

	fold_key(&b, text, strlen(text));
	return arena_strndup(a, b.s, b.len);
}

static int add_tag(struct filter *f, const char *tag, bool negative, struct arena *a, struct err *err)
{
	if (tag_check(tag, err) < 0)
		return -1;
	if (!negative && !f->query.tag)
		f->query.tag = arena_strdup(a, tag);
	else
		add_test(f, a, TEST_TAG, arena_strdup(a, tag))->negative = negative;
	return 0;
}

/* "2026-07-01..2026-07-31": whole days, instants; either end may be left out. One day alone is that day. */
static int add_created(struct filter *f, struct engine *e, struct world *w, const char *text, struct arena *a,
                       struct err *err)
{
	const struct zone *zone = world_zone(w, NULL);
	const char *dots = strstr(text, "..");
	const char *from = dots ? arena_strndup(a, text, (size_t)(dots - text)) : text;
	const char *until = dots ? dots + 2 : text;
	bool day = strlen(until) == strlen("2026-07-31");

	if (*from && when_parse(from, zone, NULL, e->now, &f->query.created_from, err) < 0)
		return err_prefix(err, "created=%s", text);
	if (*until && when_parse(day ? arena_printf(a, "%s 23:59:59", until) : until, zone, NULL, e->now,
	                         &f->query.created_until, err) < 0)
		return err_prefix(err, "created=%s", text);
	if (*until)
		f->query.created_until++;
	return 0;
}

static int add_enrolled(struct filter *f, struct engine *e, const struct world *w, const char *name, struct err *err)
{
	const struct pipeline *p;

	if (enroll_pipeline(e, w, name, &p, err) < 0)
		return -1;
	if (f->query.enrolled)
		return err_set(err, ERR_USAGE, "'enrolled=' twice is not supported yet");
	f->query.enrolled = p->id;
	return 0;
}

static int add_kind(struct filter *f, const char *value, bool negative, struct arena *a, struct err *err)
{
	enum contact_kind *kind = ARENA_NEW(a, enum contact_kind);

	*kind = CONTACT_LEAD;
	while (strcmp(contact_kind_text(*kind), value) != 0)
		if ((*kind)++ == CONTACT_CONTACT)
			return err_set(err, ERR_INVALID, "kind is lead or contact, not '%s'", value);
	if (negative)
		*kind = *kind == CONTACT_LEAD ? CONTACT_CONTACT : CONTACT_LEAD;
	f->query.kind = kind;
	return 0;
}

/* One address is one contact, who is not looked for among all. */
static int add_email(struct filter *f, struct engine *e, const struct world *w, const char *value, bool negative,
                     struct arena *a, struct err *err)
{
	struct address parsed;
	int got;

	if (address_parse(value, &parsed, err) < 0)
		return -1;
	add_test(f, a, TEST_EMAIL, arena_strdup(a, parsed.folded))->negative = negative;
	if (negative)
		return 0;
	got = contact_find_id(e->db, world_team(w)->id, parsed.folded, &f->query.only, err);
	if (got == 0)
		f->query.only = NOBODY;
	return err_or_none(got);
}

/* Contacts of who has left the team can be found; a slip of the finger is told. */
static void doubt_owner(struct filter *f, const struct world *w, const char *account, struct arena *a)
{
	struct err why = ERR_INIT;

	if (person_check_owner(world_team(w), account, &why) < 0)
		f->doubt = arena_strdup(a, why.text);
}

static int add_field(struct filter *f, struct world *w, const char *name, const char *value, bool negative,
                     struct arena *a, struct err *err)
{
	const struct field *field;
	struct filter_test *t;

	if (person_field(w, name, &field, err) < 0)
		return -1;
	if (*value && field->type != FIELD_LIST && field_normalize(field, value, world_zone(w, NULL), a, &value, err) < 0)
		return -1;
	if (*value && strcmp(field->name, "owner") == 0)
		doubt_owner(f, w, value, a);
	t = add_test(f, a, TEST_FIELD, arena_strdup(a, value));
	t->field = field;
	t->negative = negative;
	return 0;
}

/* A word without '='. A near miss of a keyword is searched, too, but told. */
static void add_word(struct filter *f, const char *text, struct arena *a)
{
	static const char *const keywords[] = { "never-enrolled", "blocked" };

	if (strcmp(text, keywords[0]) == 0) {
		f->query.never_enrolled = true;
	} else if (strcmp(text, keywords[1]) == 0) {
		f->blocked = true;
	} else {
		const char *near = near_match(text, keywords, ARRAY_LEN(keywords));

		add_test(f, a, TEST_TEXT, key_of(text, a));
		if (near)
			f->doubt = arena_printf(a, "'%s' is searched for as a text; '%s' is a filter", text, near);
	}
}

static int not_yet(const char *name, struct err *err)
{
	return err_set(err, ERR_USAGE, "the filter '%s=' is not supported yet", name);
}

int filter_add(struct filter *f, struct engine *e, struct world *w, const char *text, struct arena *a,
               struct err *err)
{
	const char *equals = strchr(text, '=');
	bool negative = equals && equals > text && equals[-1] == '!';
	const char *name;

	if (!equals || equals == text) {
		add_word(f, text, a);
		return 0;
	}
	name = arena_strndup(a, text, (size_t)(equals - text) - negative);
	if (strcmp(name, "tag") == 0)
		return add_tag(f, equals + 1, negative, a, err);
	if (strcmp(name, "kind") == 0)
		return add_kind(f, equals + 1, negative, a, err);
	if (strcmp(name, "email") == 0)
		return add_email(f, e, w, equals + 1, negative, a, err);
	if (strcmp(name, "score") == 0 || strcmp(name, "in") == 0)
		return not_yet(name, err);
	if (strcmp(name, "created") != 0 && strcmp(name, "enrolled") != 0)
		return add_field(f, w, name, equals + 1, negative, a, err);
	if (negative)
		return err_set(err, ERR_USAGE, "the filter '%s' has no '!='", name);
	if (*name == 'c')
		return add_created(f, e, w, equals + 1, a, err);
	return add_enrolled(f, e, w, equals + 1, err);
}

static bool list_has(const char *list, const char *value)
{
	ARENA_AUTO a = { 0 };
	struct names items;

	return text_list_parse(list, &a, &items) && names_have(&items, value);
}

static bool field_is(const struct filter_test *t, const struct contact *c)
{
	const char *value = contact_get(c, t->field->name);

	if (!value || !*t->value)
		return !value && !*t->value;
	return t->field->type == FIELD_LIST ? list_has(value, t->value) : strcmp(value, t->value) == 0;
}

static bool text_has(const char *text, const char *key)
{
	ARENA_AUTO a = { 0 };

	return strstr(key_of(text, &a), key) != NULL;
}

static bool text_is_found(const char *key, const struct contact *c)
{
	ARENA_AUTO a = { 0 };

	if (text_has(c->email, key) || text_has(contact_name(c, &a), key))
		return true;
	for (size_t i = 0; i < c->n_values; i++)
		if (text_has(c->values[i].value, key))
			return true;
	for (size_t i = 0; i < c->tags.n; i++)
		if (text_has(c->tags.v[i], key))
			return true;
	return false;
}

static bool holds(const struct filter_test *t, const struct contact *c)
{
	switch (t->kind) {
	case TEST_TAG:
		return contact_has_tag(c, t->value);
	case TEST_FIELD:
		return field_is(t, c);
	case TEST_EMAIL:
		return strcmp(c->folded, t->value) == 0;
	case TEST_TEXT:
		return text_is_found(t->value, c);
	}
	BUG("test %d", (int)t->kind);
}

static bool filter_matches(const struct filter *f, const struct contact *c)
{
	for (size_t i = 0; i < f->n_tests; i++)
		if (holds(&f->tests[i], c) == f->tests[i].negative)
			return false;
	return true;
}

void people_walk_begin(struct people_walk *walk, struct engine *e, int64_t team, const struct filter *f)
{
	*walk = (struct people_walk){ .e = e, .team = team, .filter = f };
}

static int find_blocked(struct people_walk *walk, struct err *err)
{
	STANDINGS_AUTO standings = { 0 };

	standings_begin(&standings, walk->e, walk->team);
	if (census_blocked_people(&standings, &walk->kept, &walk->blocked, &walk->n_blocked, err) < 0)
		return -1;
	if (!walk->blocked)
		walk->blocked = arena_array(&walk->kept, 1, sizeof *walk->blocked);
	return 0;
}

/* Of those who are blocked, the next ones for whom the rest holds too. */
static int next_blocked(struct people_walk *walk, struct err *err)
{
	struct contact_query query = walk->filter->query;
	int n = 0;

	if (!walk->blocked && find_blocked(walk, err) < 0)
		return -1;
	while (n < PEOPLE_BLOCK && walk->n_blocked > 0) {
		int got;

		query.only = *walk->blocked++;
		walk->n_blocked--;
		got = contact_query_ids(walk->e->db, walk->team, &query, walk->last, &walk->ids[n], 1, err);
		if (got < 0)
			return -1;
		n += got;
	}
	return n;
}

/* The next block of ids: 1, 0 there is none, -1. */
static int next_block(struct people_walk *walk, struct err *err)
{
	if (walk->over)
		return 0;
	walk->n = walk->filter->blocked
	                  ? next_blocked(walk, err)
	                  : contact_query_ids(walk->e->db, walk->team, &walk->filter->query, walk->last, walk->ids,
	                                      PEOPLE_BLOCK, err);
	if (walk->n < 0)
		return -1;
	walk->at = 0;
	walk->over = walk->n < PEOPLE_BLOCK;
	if (walk->n > 0)
		walk->last = walk->ids[walk->n - 1];
	return walk->n > 0;
}

int people_walk_next(struct people_walk *walk, struct contact *ret, struct err *err)
{
	for (;;) {
		int got = walk->at < walk->n ? 1 : next_block(walk, err);

		if (got <= 0)
			return got;
		arena_clear(&walk->arena);
		got = contact_load(walk->e->db, walk->team, walk->ids[walk->at++], &walk->arena, ret, err);
		if (got < 0)
			return -1;
		if (got > 0 && filter_matches(walk->filter, ret))
			return 1;
	}
}

void people_walk_release(struct people_walk *walk)
{
	arena_release(&walk->arena);
	arena_release(&walk->kept);
}
