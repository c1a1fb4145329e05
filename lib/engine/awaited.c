#include "engine/awaited.h"

#include "store/db.h"

#include <string.h>

/* Known types, in the meta table as "order.placed page.visited". */
struct known {
	struct arena *arena;
	const char *text;
	bool more;
};

static const char *name_of(int64_t team, struct arena *a)
{
	return arena_printf(a, "awaited:%lld", (long long)team);
}

static int load(struct db *db, int64_t team, struct arena *a, const char **ret, struct err *err)
{
	int got = meta_get(db, name_of(team, a), a, ret, err);

	if (got == 0)
		*ret = "";
	return err_or_none(got);
}

void awaited_of(const struct pipeline *p, void (*each)(const char *type, void *ctx), void *ctx)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].verb == VERB_AWAIT)
			cond_event_types(p->steps[i].cond, each, ctx);
}

static bool has_type(const char *text, const char *type)
{
	size_t n = strlen(type);

	for (; *text; text += strcspn(text, " "), text += strspn(text, " "))
		if (strcspn(text, " ") == n && strncmp(text, type, n) == 0)
			return true;
	return false;
}

static void add_type(const char *type, void *ctx)
{
	struct known *k = ctx;

	if (has_type(k->text, type))
		return;
	k->text = arena_printf(k->arena, "%s%s%s", k->text, *k->text ? " " : "", type);
	k->more = true;
}

int awaited_add(struct db *db, int64_t team, const struct pipeline *p, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct known k = { .arena = &a };

	if (load(db, team, &a, &k.text, err) < 0)
		return -1;
	awaited_of(p, add_type, &k);
	return k.more ? meta_set(db, name_of(team, &a), k.text, err) : 0;
}

int awaited_types(struct db *db, int64_t team, struct arena *a, void (*each)(const char *type, void *ctx), void *ctx,
                  struct err *err)
{
	const char *text;

	if (load(db, team, a, &text, err) < 0)
		return -1;
	for (; *text; text += strcspn(text, " "), text += strspn(text, " "))
		each(arena_strndup(a, text, strcspn(text, " ")), ctx);
	return 0;
}
