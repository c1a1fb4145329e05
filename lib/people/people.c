#include "people/people.h"

#include "engine/absent.h"
#include "engine/event.h"
#include "engine/progress.h"
#include "engine/salt.h"
#include "store/contact_store.h"
#include "store/entry_store.h"
#include "store/erase_store.h"
#include "store/suppression_store.h"

#include <stdlib.h>
#include <string.h>

/* What a person brings that a contact has not. */
struct difference {
	struct change *changes;
	size_t n;
	const char *names; /* divided by ", " */
};

int people_find(struct engine *e, const struct world *w, const char *address, struct arena *a, struct contact *ret,
                struct err *err)
{
	struct err ignored = ERR_INIT;
	struct address parsed;
	int got = 0;

	if (address_parse(address, &parsed, &ignored) == 0)
		got = contact_find(e->db, world_team(w)->id, parsed.folded, a, ret, err);
	if (got == 0)
		return absent_contact(e->db, world_team(w)->id, address, err);
	return err_or_none(got);
}

const char *saved_text(enum saved how)
{
	static const char *const texts[] = { "created", "updated", "unchanged", "skipped" };

	return texts[how];
}

static int record(struct engine *e, struct contact *c, const char *type, const char *data,
                  const struct difference *d, struct arena *a, struct err *err)
{
	struct happening h = {
		.ev = { .contact = c->id, .type = type, .data = data },
		.changes = d ? d->changes : NULL,
		.n_changes = d ? d->n : 0,
		.contact = c,
		.arena = a,
	};

	return err_or_none(event_record(e, c->team, &h, err));
}

static int record_one(struct engine *e, struct contact *c, const char *type, const char *data, struct change ch,
                      struct arena *a, struct err *err)
{
	struct difference one = { .changes = &ch, .n = 1 };

	return record(e, c, type, data, &one, a, err);
}

static int by_value_name(const void *a, const void *b)
{
	return strcmp(((const struct contact_value *)a)->name, ((const struct contact_value *)b)->name);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A new contact as the view has it: sorted, and nothing empty. */
static void view_of_person(const struct person *p, struct arena *a, struct contact *c)
{
	c->values = arena_array(a, p->n_values + 1, sizeof *c->values);
	for (size_t i = 0; i < p->n_values; i++) {
		if (strcmp(p->values[i].name, "kind") == 0)
			contact_put(c, a, "kind", p->values[i].value);
		else if (*p->values[i].value)
			c->values[c->n_values++] = p->values[i];
	}
	qsort(c->values, c->n_values, sizeof *c->values, by_value_name);
	c->tags.v = arena_array(a, p->tags.n + 1, sizeof *c->tags.v);
	if (p->tags.n)
		memcpy(c->tags.v, p->tags.v, p->tags.n * sizeof *c->tags.v);
	c->tags.n = p->tags.n;
	qsort(c->tags.v, c->tags.n, sizeof *c->tags.v, by_text);
}

static int create(struct engine *e, int64_t team, const struct person *p, struct arena *a, struct contact *ret,
                  struct err *err)
{
	struct change suppress = { .kind = CHANGE_SUPPRESS, .bits = (enum suppression)p->suppressed };
	struct happening h = {
		.ev = { .type = "contact.created" },
		.changes = &suppress,
		.n_changes = p->suppressed ? 1 : 0,
		.contact = ret,
		.created = true,
		.arena = a,
	};

	*ret = (struct contact){
		.team = team,
		.email = arena_strdup(a, p->address.as_written),
		.folded = arena_strdup(a, p->address.folded),
		.created_at = e->now,
		.updated_at = e->now,
	};
	view_of_person(p, a, ret);
	if (suppression_get(e->db, team, ret->folded, &ret->suppressed, err) < 0)
		return -1;
	ret->suppressed |= p->suppressed;
	return err_or_none(event_record(e, team, &h, err));
}

static void add_change(struct difference *d, struct arena *a, struct change ch)
{
	d->changes[d->n++] = ch;
	d->names = d->names ? arena_printf(a, "%s, %s", d->names, ch.name) : ch.name;
}

static int update_values(struct engine *e, struct contact *c, const struct person *p, struct arena *a, struct err *err)
{
	struct difference d = { .changes = arena_array(a, p->n_values + 1, sizeof *d.changes) };
	const char *stage = NULL;

	for (size_t i = 0; i < p->n_values; i++) {
		const struct contact_value *v = &p->values[i];
		const char *old = contact_get(c, v->name);

		if (strcmp(v->name, "kind") == 0 || strcmp(old ? old : "", v->value) == 0)
			continue;
		add_change(&d, a, (struct change){ .kind = CHANGE_VALUE, .name = v->name, .value = v->value });
		if (strcmp(v->name, "lifecycle") == 0)
			stage = v->value;
	}
	if (d.n == 0)
		return 0;
	if (record(e, c, "contact.updated", event_data(a, "fields", d.names, NULL), &d, a, err) < 0)
		return -1;
	if (stage && record(e, c, "contact.lifecycle", event_data(a, "lifecycle", stage, NULL), NULL, a, err) < 0)
		return -1;
	return 1;
}

static int update_kind(struct engine *e, struct contact *c, const struct person *p, struct arena *a, struct err *err)
{
	const char *kind = NULL;

	for (size_t i = 0; i < p->n_values; i++)
		if (strcmp(p->values[i].name, "kind") == 0)
			kind = p->values[i].value;
	if (!kind || strcmp(kind, contact_kind_text(c->kind)) == 0)
		return 0;
	if (c->kind == CONTACT_LEAD)
		return people_convert(e, c, a, err);
	return record_one(e, c, "contact.updated", event_data(a, "fields", "kind", NULL),
	                  (struct change){ .kind = CHANGE_KIND, .name = "kind", .value = kind }, a, err) < 0 ? -1 : 1;
}

static int update_tags(struct engine *e, struct contact *c, const struct person *p, struct arena *a, struct err *err)
{
	struct difference d = { .changes = arena_array(a, p->tags.n + 1, sizeof *d.changes) };

	for (size_t i = 0; i < p->tags.n; i++)
		if (!contact_has_tag(c, p->tags.v[i]))
			add_change(&d, a, (struct change){ .kind = CHANGE_TAG, .name = p->tags.v[i] });
	if (d.n == 0)
		return 0;
	return record(e, c, "contact.tagged", event_data(a, "tag", d.names, NULL), &d, a, err) < 0 ? -1 : 1;
}

/* New suppressions; an unsubscribe ends runs as one by hand does. */
static int update_suppression(struct engine *e, struct contact *c, unsigned wanted, struct arena *a, struct err *err)
{
	unsigned bits = wanted & ~c->suppressed;
	const char *type = bits & SUPPRESS_UNSUBSCRIBED ? "contact.unsubscribed" : "contact.updated";

	if (bits == 0)
		return 0;
	return record_one(e, c, type, event_data(a, "suppressed", suppression_text(bits, a), NULL),
	                  (struct change){ .kind = CHANGE_SUPPRESS, .bits = (enum suppression)bits }, a, err) < 0 ? -1
	                                                                                                          : 1;
}

int people_update(struct engine *e, struct contact *c, const struct person *p, struct arena *a, struct err *err)
{
	int values, kind, tags, suppressed;

	suppressed = update_suppression(e, c, p->suppressed, a, err);
	values = suppressed < 0 ? -1 : update_values(e, c, p, a, err);
	tags = values < 0 ? -1 : update_tags(e, c, p, a, err);
	kind = tags < 0 ? -1 : update_kind(e, c, p, a, err);
	if (kind < 0)
		return -1;
	return suppressed || values || tags || kind;
}

int people_save(struct engine *e, struct world *w, const struct person *p, enum if_exists rule, struct arena *a,
                struct contact *ret, struct err *err)
{
	int got = contact_find(e->db, world_team(w)->id, p->address.folded, a, ret, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return create(e, world_team(w)->id, p, a, ret, err) < 0 ? -1 : SAVED_CREATED;
	switch (rule) {
	case IF_EXISTS_SKIP:
		return SAVED_SKIPPED;
	case IF_EXISTS_FAIL:
		return err_set(err, ERR_REFUSED, "there is a contact '%s' already", p->address.as_written);
	case IF_EXISTS_UPDATE:
		got = people_update(e, ret, p, a, err);
		return got < 0 ? -1 : got ? SAVED_UPDATED : SAVED_UNCHANGED;
	}
	BUG("if_exists %d", (int)rule);
}

/* Is the address free? Who has it already, in another spelling, may keep it. */
static int check_free(struct engine *e, const struct contact *c, const struct address *to, struct err *err)
{
	int64_t id;
	int got = contact_find_id(e->db, c->team, to->folded, &id, err);

	if (got > 0 && id != c->id)
		return err_set(err, ERR_REFUSED, "'%s' is the address of another contact; 'contactctl merge' joins the two",
		               to->as_written);
	return err_or_none(got);
}

int people_move(struct engine *e, struct contact *c, const char *address, struct arena *a, struct err *err)
{
	unsigned kept = c->suppressed & (SUPPRESS_UNSUBSCRIBED | SUPPRESS_COMPLAINED), there;
	const char *before = c->email;
	struct address to;

	if (address_parse(address, &to, err) < 0)
		return -1;
	if (strcmp(to.as_written, c->email) == 0)
		return 0;
	if (check_free(e, c, &to, err) < 0 || suppression_get(e->db, c->team, to.folded, &there, err) < 0)
		return -1;
	if (strcmp(to.folded, c->folded) == 0)
		there = c->suppressed;

	struct change changes[] = {
		{ .kind = CHANGE_EMAIL, .name = to.as_written, .value = to.folded },
		{ .kind = CHANGE_UNSUPPRESS, .bits = (enum suppression)(c->suppressed & ~(kept | there)) },
		{ .kind = CHANGE_SUPPRESS, .bits = (enum suppression)(kept | there) },
	};
	struct difference d = { .changes = changes, .n = ARRAY_LEN(changes) };

	return record(e, c, "contact.updated", event_data(a, "fields", "email", "before", before, NULL), &d, a, err) < 0
	               ? -1
	               : 1;
}

int people_tag(struct engine *e, struct contact *c, const char *tag, struct arena *a, struct err *err)
{
	if (contact_has_tag(c, tag))
		return 0;
	return record_one(e, c, "contact.tagged", event_data(a, "tag", tag, NULL),
	                  (struct change){ .kind = CHANGE_TAG, .name = tag }, a, err) < 0 ? -1 : 1;
}

int people_untag(struct engine *e, struct contact *c, const char *tag, struct arena *a, struct err *err)
{
	if (!contact_has_tag(c, tag))
		return 0;
	return record_one(e, c, "contact.untagged", event_data(a, "tag", tag, NULL),
	                  (struct change){ .kind = CHANGE_UNTAG, .name = tag }, a, err) < 0 ? -1 : 1;
}

int people_convert(struct engine *e, struct contact *c, struct arena *a, struct err *err)
{
	if (c->kind == CONTACT_CONTACT)
		return 0;
	return record_one(e, c, "contact.converted", "{}",
	                  (struct change){ .kind = CHANGE_KIND, .name = "kind", .value = "contact" }, a, err) < 0 ? -1
	                                                                                                          : 1;
}

int people_unsubscribe(struct engine *e, struct contact *c, struct arena *a, struct err *err)
{
	return update_suppression(e, c, SUPPRESS_UNSUBSCRIBED, a, err);
}

int people_resubscribe(struct engine *e, struct contact *c, const char *source, struct arena *a, struct err *err)
{
	const char *was = suppression_text(c->suppressed, a);

	if (c->suppressed == 0)
		return 0;
	return record_one(e, c, "contact.confirmed", event_data(a, "was", was, "consent", source, NULL),
	                  (struct change){ .kind = CHANGE_UNSUPPRESS, .bits = (enum suppression)c->suppressed }, a,
	                  err) < 0 ? -1 : 1;
}

int people_stop(struct engine *e, const struct contact *c, int64_t pipeline, struct arena *a, struct err *err)
{
	struct traveller t;
	struct run *runs;
	int n = run_list_of_contact(e->db, c->team, c->id, true, a, &runs, err), stopped = 0;

	if (n < 0 || entry_remove(e->db, c->team, pipeline, c->id, err) < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		if (pipeline && runs[i].pipeline != pipeline)
			continue;
		int got = traveller_of_run(e, &runs[i], a, &t, err);

		if (got < 0 || (got > 0 && run_end(e, &t, RUN_STOPPED, "manual", err) < 0))
			return -1;
		stopped += got;
	}
	return stopped;
}

int people_delete(struct engine *e, struct contact *c, bool erase, struct arena *a, struct err *err)
{
	const char *data = erase ? "{}" : event_data(a, "email", c->email, NULL);
	int64_t team = c->team, id = c->id;
	char salt[VEIL_SALT + 1];

	if (entry_remove(e->db, team, 0, id, err) < 0 ||
	    record_one(e, c, "contact.deleted", data, (struct change){ .kind = CHANGE_DELETE }, a, err) < 0)
		return -1;
	if (!erase)
		return 0;
	if (erase_messages(e->db, team, id, err) < 0 || erase_events(e->db, team, id, err) < 0)
		return -1;
	if (suppression_add(e->db, team, c->folded, SUPPRESS_UNSUBSCRIBED, e->now, "erased", err) < 0 ||
	    salt_load(e, true, salt, err) < 0)
		return -1;
	return suppression_veil(e->db, team, c->folded, salt, err);
}
