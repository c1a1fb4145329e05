#include "engine/person.h"

#include "base/arena.h"
#include "base/near.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "engine/world.h"

#include <ctype.h>
#include <string.h>

#define TAG_MAX 100

static const char *nearest_field(const struct fields *fields, const char *name)
{
	size_t n_declared = fields ? fields->n_fields : 0, n = 0;
	const char *near;
	ARENA_AUTO scratch = { 0 };
	const char **names = arena_array(&scratch, n_contact_reserved_fields + n_declared + 1, sizeof *names);

	for (size_t i = 0; i < n_contact_reserved_fields; i++)
		names[n++] = contact_reserved_fields[i].name;
	for (size_t i = 0; i < n_declared; i++)
		names[n++] = fields->fields[i].name;
	near = near_match(name, names, n);
	return near;
}

int person_field(const struct world *w, const char *name, const struct field **ret, struct err *err)
{
	const struct field *f = fields_find(world_fields(w), name);
	const char *near;

	if (f) {
		*ret = f;
		return 0;
	}
	if (strcmp(name, "email") == 0)
		return err_set(err, ERR_USAGE, "'email' is no field here: the address stands by itself; 'contactctl set' changes it");
	near = nearest_field(world_fields(w), name);
	if (near)
		return err_set(err, ERR_MISSING, "no field '%s'; did you mean '%s'?", name, near);
	return err_set(err, ERR_MISSING, "no field '%s'; a Fields document declares the team's own", name);
}

static int check_zone(struct world *w, const char *value, struct err *err)
{
	struct zone *opened;

	if (strcmp(zone_name(world_zone(w, value)), value) == 0)
		return 0;
	if (zone_open(value, &opened, err) < 0)
		return -1;
	zone_free(opened);
	return 0;
}

/* The form of RFC 5646, without asking its register: "de", "de-AT". */
static int check_language(const char *value, struct err *err)
{
	size_t part = strcspn(value, "-");
	const char *at = value;
	bool good = part >= 2 && part <= 3;

	for (; good && *at; at += part + (at[part] == '-')) {
		part = strcspn(at, "-");
		good = part >= 1 && part <= 8 && (at[part] != '-' || at[part + 1]);
		for (size_t i = 0; i < part; i++)
			good &= isalnum((unsigned char)at[i]) && (at != value || isalpha((unsigned char)at[i]));
	}
	return good ? 0 : err_set(err, ERR_INVALID, "'lang' must be a language such as de or de-AT, not '%s'", value);
}

static int check_lifecycle(const struct team *team, const char *value, struct err *err)
{
	const char *near;

	if (team->lifecycle.n == 0 || names_have(&team->lifecycle, value))
		return 0;
	near = near_match(value, team->lifecycle.v, team->lifecycle.n);
	if (near)
		return err_set(err, ERR_INVALID, "no lifecycle stage '%s'; did you mean '%s'?", value, near);
	return err_set(err, ERR_INVALID, "no lifecycle stage '%s' in the Team document", value);
}

int person_check_owner(const struct team *team, const char *account, struct err *err)
{
	ARENA_AUTO scratch = { 0 };
	const char **names = arena_array(&scratch, team->n_members + 1, sizeof *names), *near;

	if (team_member(team, account))
		return 0;
	for (size_t i = 0; i < team->n_members; i++)
		names[i] = team->members[i].account;
	near = near_match(account, names, team->n_members);
	if (near)
		return err_set(err, ERR_INVALID, "no member '%s' in team '%s'; did you mean '%s'?", account, team->name, near);
	return err_set(err, ERR_INVALID, "no member '%s' in team '%s'", account, team->name);
}

/* What the type of a reserved field cannot say. */
static int check_reserved(struct world *w, const struct field *f, const char *value, struct err *err)
{
	if (strcmp(f->name, "timezone") == 0)
		return check_zone(w, value, err);
	if (strcmp(f->name, "lang") == 0)
		return check_language(value, err);
	if (strcmp(f->name, "lifecycle") == 0)
		return check_lifecycle(world_team(w), value, err);
	if (strcmp(f->name, "owner") == 0)
		return person_check_owner(world_team(w), value, err);
	return 0;
}

static void put_value(struct person *p, struct arena *a, const char *name, const char *value)
{
	size_t i = 0;

	while (i < p->n_values && strcmp(p->values[i].name, name) != 0)
		i++;
	if (i == p->n_values) {
		ARENA_GROW(a, &p->values, &p->cap_values, p->n_values);
		p->n_values++;
	}
	p->values[i] = (struct contact_value){ name, value };
}

int person_set(struct person *p, struct world *w, const struct field *f, const char *value, struct arena *a,
               struct err *err)
{
	const char *stored = "";

	if (!*value && strcmp(f->name, "kind") == 0)
		return err_set(err, ERR_INVALID, "'kind' is lead or contact, it cannot be cleared");
	if (*value && (field_normalize(f, value, world_zone(w, NULL), a, &stored, err) < 0 || check_reserved(w, f, stored, err) < 0))
		return -1;
	put_value(p, a, f->name, stored);
	return 0;
}

int person_assign(struct person *p, struct world *w, const char *assignment, struct arena *a, struct err *err)
{
	const char *equals = strchr(assignment, '=');
	const struct field *f;

	if (!equals || equals == assignment)
		return err_set(err, ERR_USAGE, "'%s' is no FIELD=VALUE", assignment);
	if (person_field(w, arena_strndup(a, assignment, (size_t)(equals - assignment)), &f, err) < 0)
		return -1;
	return person_set(p, w, f, equals + 1, a, err);
}

int tag_check(const char *tag, struct err *err)
{
	size_t len = strlen(tag);
	uint32_t c;

	if (len == 0)
		return err_set(err, ERR_INVALID, "a tag cannot be empty");
	if (len > TAG_MAX)
		return err_set(err, ERR_INVALID, "a tag has at most %d bytes", TAG_MAX);
	if (tag[0] == ' ' || tag[len - 1] == ' ' || strchr(tag, ','))
		return err_set(err, ERR_INVALID, "tag '%s': a tag has no comma, and no blank around it", tag);
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(tag + i, len - i, &c);
		if (n == 0 || utf8_is_control(c))
			return err_set(err, ERR_INVALID, "a tag has no control character and is UTF-8");
	}
	return 0;
}

int person_tag(struct person *p, const char *tag, struct arena *a, struct err *err)
{
	if (tag_check(tag, err) < 0)
		return -1;
	if (names_have(&p->tags, tag))
		return 0;
	ARENA_GROW(a, &p->tags.v, &p->cap_tags, p->tags.n);
	p->tags.v[p->tags.n++] = arena_strdup(a, tag);
	return 0;
}

/* The next word of "a, b" without blanks around it; NULL: none is left. */
static const char *next_word(const char **text, struct arena *a)
{
	const char *at = *text + strspn(*text, ", ");
	size_t len = strcspn(at, ",");

	*text = at + len;
	while (len > 0 && at[len - 1] == ' ')
		len--;
	return len ? arena_strndup(a, at, len) : NULL;
}

int person_tag_list(struct person *p, const char *text, struct arena *a, struct err *err)
{
	const char *tag;

	while ((tag = next_word(&text, a)) != NULL)
		if (person_tag(p, tag, a, err) < 0)
			return -1;
	return 0;
}

static const struct {
	unsigned bit;
	const char *word;
} reasons[] = {
	{ SUPPRESS_UNSUBSCRIBED, "unsubscribed" },
	{ SUPPRESS_BOUNCED, "bounced" },
	{ SUPPRESS_COMPLAINED, "complained" },
};

int suppression_parse(const char *text, unsigned *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	const char *word;
	unsigned bits = 0;

	while ((word = next_word(&text, &a)) != NULL) {
		size_t i = 0;

		while (i < ARRAY_LEN(reasons) && strcmp(reasons[i].word, word) != 0)
			i++;
		if (i == ARRAY_LEN(reasons))
			return err_set(err, ERR_INVALID, "'%s' is none of: unsubscribed, bounced, complained", word);
		bits |= reasons[i].bit;
	}
	*ret = bits;
	return 0;
}

const char *suppression_text(unsigned bits, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (bits & reasons[i].bit)
			text = *text ? arena_printf(a, "%s, %s", text, reasons[i].word) : reasons[i].word;
	return text;
}
