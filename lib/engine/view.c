#include "engine/view.h"

#include "format/json.h"
#include "format/liquid.h"
#include "store/event_store.h"

#include <stdlib.h>
#include <string.h>

static struct value typed(enum field_type type, const char *text, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct value v;
	long long whole;
	double number;
	char *end;

	switch (type) {
	case FIELD_NUMBER:
		whole = strtoll(text, &end, 10);
		if (*end == '\0')
			return value_int(whole);
		number = strtod(text, &end);
		return *end == '\0' ? value_double(number) : value_string(a, text);
	case FIELD_YES_NO:
		return value_bool(strcmp(text, "yes") == 0);
	case FIELD_LIST:
		if (json_parse(a, text, strlen(text), 1 << 20, &v, &ignored) == 0)
			return v;
		return value_string(a, text);
	case FIELD_TEXT:
	case FIELD_DATE:
	case FIELD_TIME:
	case FIELD_CHOICE:
		break;
	}
	return value_string(a, text);
}

static struct value contact_value(const struct world *w, const struct contact *c, struct arena *a)
{
	struct value map = value_map(a), tags = value_array(a);

	for (size_t i = 0; i < c->n_values; i++) {
		const struct field *f = fields_find(world_fields(w), c->values[i].name);

		value_map_set(&map, c->values[i].name, typed(f ? f->type : FIELD_TEXT, c->values[i].value, a));
	}
	for (size_t i = 0; i < c->tags.n; i++)
		value_array_add(&tags, value_string(a, c->tags.v[i]));
	value_map_set(&map, "email", value_string(a, c->email));
	value_map_set(&map, "kind", value_string(a, contact_kind_text(c->kind)));
	value_map_set(&map, "name", value_string(a, contact_name(c, a)));
	value_map_set(&map, "tags", tags);
	return map;
}

static int event_value(struct engine *e, const struct run *run, struct arena *a, struct value *ret, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct event ev;
	int got;

	*ret = value_map(a);
	if (!run || run->event == 0)
		return 0;
	got = event_load(e->db, run->team, run->event, a, &ev, err);
	if (got <= 0)
		return got;
	if (json_parse(a, ev.data, strlen(ev.data), 1 << 20, ret, &ignored) < 0 || ret->kind != VALUE_MAP)
		*ret = value_map(a);
	value_map_set(ret, "type", value_string(a, ev.type));
	return 0;
}

static struct value run_value(const struct view *v, struct arena *a)
{
	struct value map = value_map(a);

	if (!v->run)
		return map;
	value_map_set(&map, "id", value_int(v->run->id));
	value_map_set(&map, "pipeline", value_string(a, v->pipeline));
	value_map_set(&map, "enroller", value_string(a, v->run->enroller));
	value_map_set(&map, "started", value_int(v->run->started_at));
	return map;
}

static const struct member *member_of_mailbox(const struct team *t, const char *mailbox)
{
	for (size_t i = 0; i < t->n_members; i++)
		if (t->members[i].mailbox && strcmp(t->members[i].mailbox, mailbox) == 0)
			return &t->members[i];
	return NULL;
}

static const char *sender_name(const struct mailbox *mb, const struct member *m)
{
	if (m && m->name)
		return m->name;
	return mb->from_name ? mb->from_name : mb->from_address;
}

static struct value sender_value(const struct world *w, const struct mailbox *mb, struct arena *a)
{
	struct value map = value_map(a);
	const struct member *m = mb ? member_of_mailbox(world_team(w), mb->name) : NULL;

	if (!mb)
		return map;
	value_map_set(&map, "name", value_string(a, sender_name(mb, m)));
	value_map_set(&map, "email", value_string(a, mb->from_address));
	if (m && m->signature)
		value_map_set(&map, "signature", value_string(a, m->signature));
	return map;
}

static struct value team_value(const struct world *w, struct arena *a)
{
	const struct team *t = world_team(w);
	struct value map = value_map(a);

	value_map_set(&map, "name", value_string(a, t->name));
	value_map_set(&map, "address", value_string(a, t->address));
	value_map_set(&map, "timezone", value_string(a, t->timezone ? t->timezone : "UTC"));
	value_map_set(&map, "language", value_string(a, t->language ? t->language : "en"));
	return map;
}

const char *view_unsubscribe(const struct mailbox *mb, const char *token, struct arena *a)
{
	const char *to = mb->unsubscribe_to ? mb->unsubscribe_to : mb->from_address;

	return token ? arena_printf(a, "mailto:%s?subject=unsubscribe%%20%s", to, token)
	             : arena_printf(a, "mailto:%s?subject=unsubscribe", to);
}

/* Not blank, of whatever type it is: a list may be empty. */
static bool shows(const char *text)
{
	return text && *text != '[' && strpbrk(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

bool view_surely_has(const struct world *w, const struct view *v, const char *path)
{
	const struct mailbox *mb = world_mailbox(w, v->mailbox);

	if (strncmp(path, "contact.", 8) == 0)
		return strcmp(path + 8, "email") == 0 || shows(contact_get(v->contact, path + 8));
	if (strcmp(path, "sender.name") == 0)
		return mb && shows(sender_name(mb, member_of_mailbox(world_team(w), mb->name)));
	return mb && (strcmp(path, "sender.email") == 0 || strcmp(path, "unsubscribe_url") == 0);
}

static int set_root(struct engine *e, struct world *w, const struct view *v, const char *name, struct value *map,
                    struct err *err)
{
	const struct mailbox *mb = world_mailbox(w, v->mailbox);
	struct arena *a = map->map->arena;
	struct value value;

	if (strcmp(name, "contact") == 0)
		value = contact_value(w, v->contact, a);
	else if (strcmp(name, "run") == 0)
		value = run_value(v, a);
	else if (strcmp(name, "sender") == 0)
		value = sender_value(w, mb, a);
	else if (strcmp(name, "team") == 0)
		value = team_value(w, a);
	else if (strcmp(name, "unsubscribe_url") == 0 && mb)
		value = value_string(a, view_unsubscribe(mb, v->token, a));
	else if (strcmp(name, "event") != 0)
		return 0;
	else if (event_value(e, v->run, a, &value, err) < 0)
		return -1;
	value_map_set(map, name, value);
	return 0;
}

int view_provide(struct engine *e, struct world *w, const struct view *v, const struct liquid *tpl, struct value *map,
                 struct err *err)
{
	static const char *const all[] = { "contact", "event", "run", "sender", "team", "unsubscribe_url" };
	const char *const *names;
	size_t n;

	if (!liquid_roots(tpl, &names, &n)) {
		names = all;
		n = ARRAY_LEN(all);
	}
	for (size_t i = 0; i < n; i++)
		if (!value_get(map, names[i]) && set_root(e, w, v, names[i], map, err) < 0)
			return -1;
	return 0;
}
