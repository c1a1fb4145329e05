#include "author/author_private.h"

#include "base/near.h"
#include "base/zone.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 2000

/* What there is to choose from, for "did you mean". */
struct choice {
	const char *names[NAMES_MAX];
	size_t n;
};

static void offer(struct choice *c, const char *name)
{
	if (c->n < NAMES_MAX)
		c->names[c->n++] = name;
}

static const char *nearest(struct author *au, const struct choice *c, const char *word)
{
	const char *found = near_match(word, c->names, c->n);

	return found ? arena_printf(&au->arena, "; did you mean '%s'?", found) : "";
}

static const struct fields *fields_of(const struct author *au, const struct document *from)
{
	const struct document *d = author_find(au, DOC_FIELDS, "contact", from->team);

	return d ? d->fields : NULL;
}

const struct team *author_team_of(const struct author *au, const struct document *from)
{
	for (size_t i = 0; i < au->n_docs; i++) {
		const struct document *d = au->docs[i];

		if (d->kind == DOC_TEAM && (!from->team || strcmp(d->name, from->team) == 0))
			return d->as_team;
	}
	return NULL;
}

/* A name that is not known: it may be in a file that was not given, unless everything is known. */
static void unknown(struct author *au, const struct ref *r, bool all_known, const char *what, const char *near)
{
	if (au->validate && !all_known)
		diag_warning(&au->diags, r->at, "%s '%s' is not among these files%s", what, r->name, near);
	else
		diag_error(&au->diags, r->at, "there is no %s '%s'%s", what, r->name, near);
}

static void link_document(struct author *au, const struct ref *r)
{
	struct choice c = { .n = 0 };

	if (author_find(au, r->doc, r->name, r->from->team))
		return;
	for (size_t i = 0; i < au->n_docs; i++) {
		const struct document *d = au->docs[i];

		if (d->kind == r->doc && (!d->team || !r->from->team || strcmp(d->team, r->from->team) == 0))
			offer(&c, d->name);
	}
	unknown(au, r, false, doc_kind_yaml(r->doc), nearest(au, &c, r->name));
}

static const struct field *find_field(const struct author *au, const struct ref *r)
{
	static const struct field email = { .name = "email", .type = FIELD_TEXT };

	if (strcmp(r->name, "email") == 0)
		return &email;
	return fields_find(fields_of(au, r->from), r->name);
}

static void link_field(struct author *au, const struct ref *r)
{
	const struct fields *fields = fields_of(au, r->from);
	struct choice c = { .n = 0 };

	if (find_field(au, r))
		return;
	for (size_t i = 0; i < n_contact_reserved_fields; i++)
		offer(&c, contact_reserved_fields[i].name);
	for (size_t i = 0; fields && i < fields->n_fields; i++)
		offer(&c, fields->fields[i].name);
	unknown(au, r, fields != NULL, "field", nearest(au, &c, r->name));
}

static bool has_date(const struct field *f)
{
	return f->type == FIELD_DATE || f->type == FIELD_TIME;
}

static void link_date_field(struct author *au, const struct ref *r)
{
	const struct field *f = find_field(au, r);

	if (!f)
		link_field(au, r);
	else if (!has_date(f))
		diag_error(&au->diags, r->at, "'%s' is a %s, not a date", r->name, field_type_text(f->type));
}

/* The field as which a value is read, so that it is compared with what is stored; NULL: as it stands. */
static const struct field *read_as(struct author *au, const struct ref *r, const struct field *f, struct field *made)
{
	made->name = f->name;
	switch (r->op) {
	case OP_SET:
		return f;
	case OP_IS:
		return f->type == FIELD_LIST ? NULL : f;
	case OP_CONTAINS:
		if (f->type != FIELD_TEXT && f->type != FIELD_CHOICE && f->type != FIELD_LIST)
			diag_error(&au->diags, r->at, "'contains' is for texts and lists; '%s' is a %s", f->name, field_type_text(f->type));
		return NULL;
	case OP_AT_LEAST:
	case OP_AT_MOST:
		if (f->type == FIELD_NUMBER)
			return f;
		if (!has_date(f))
			diag_error(&au->diags, r->at, "'at_least' and 'at_most' are for numbers and dates; '%s' is a %s", f->name,
			           field_type_text(f->type));
		break;
	case OP_BEFORE:
	case OP_AFTER:
		if (!has_date(f))
			diag_error(&au->diags, r->at, "'before' and 'after' are for dates; '%s' is a %s", f->name, field_type_text(f->type));
		break;
	case OP_WITHIN:
		return NULL;
	}
	made->type = FIELD_DATE;
	return has_date(f) ? made : NULL;
}

/* A time in a document without a zone is one in the team's. */
static int normalize(struct author *au, const struct ref *r, const struct field *f, const char **ret, struct err *err)
{
	const struct team *t = f->type == FIELD_TIME ? author_team_of(au, r->from) : NULL;
	struct zone *opened = NULL;
	int got;

	if (t && t->timezone && zone_open(t->timezone, &opened, err) < 0)
		return -1;
	got = field_normalize(f, r->node->text, opened ? opened : zone_utc(), &au->arena, ret, err);
	zone_free(opened);
	return got;
}

static void link_value(struct author *au, const struct ref *r)
{
	const struct field *f = find_field(au, r);
	struct field made = { 0 };
	struct err err = ERR_INIT;
	const char *value;

	if (f)
		f = read_as(au, r, f, &made);
	if (!f)
		return;
	if (normalize(au, r, f, &value, &err) < 0) {
		diag_error(&au->diags, r->at, "%s", err.text);
		return;
	}
	if (f->type == FIELD_LIST)
		return;
	reader_rewrite(r->node, value);
	*r->value = value;
}

static void link_event(struct author *au, const struct ref *r)
{
	const struct fields *fields = fields_of(au, r->from);
	struct choice c = { .n = 0 };

	if (event_type_builtin(r->name) || fields_find_event(fields, r->name))
		return;
	for (size_t i = 0; fields && i < fields->n_events; i++)
		offer(&c, fields->events[i].name);
	for (size_t i = 0; event_types_builtin[i]; i++)
		offer(&c, event_types_builtin[i]);
	unknown(au, r, fields != NULL, "event", nearest(au, &c, r->name));
}

static void link_member(struct author *au, const struct ref *r)
{
	const struct team *t = author_team_of(au, r->from);
	struct choice c = { .n = 0 };

	if (!t || team_member(t, r->name))
		return;
	for (size_t i = 0; i < t->n_members; i++)
		offer(&c, t->members[i].account);
	unknown(au, r, true, "member", nearest(au, &c, r->name));
}

static void link_lifecycle(struct author *au, const struct ref *r)
{
	const struct team *t = author_team_of(au, r->from);
	struct choice c = { .n = 0 };

	if (!t || t->lifecycle.n == 0 || names_have(&t->lifecycle, r->name))
		return;
	for (size_t i = 0; i < t->lifecycle.n; i++)
		offer(&c, t->lifecycle.v[i]);
	unknown(au, r, true, "lifecycle stage", nearest(au, &c, r->name));
}

static void link_ref(struct author *au, const struct ref *r)
{
	switch (r->kind) {
	case REF_DOCUMENT:
		link_document(au, r);
		break;
	case REF_FIELD:
		link_field(au, r);
		break;
	case REF_DATE_FIELD:
		link_date_field(au, r);
		break;
	case REF_VALUE:
		link_value(au, r);
		break;
	case REF_EVENT:
		link_event(au, r);
		break;
	case REF_MEMBER:
		link_member(au, r);
		break;
	case REF_LIFECYCLE:
		link_lifecycle(au, r);
		break;
	case REF_TEMPLATE:
		placeholders_check(au, r, fields_of(au, r->from));
		break;
	}
}

void link_refs(struct author *au)
{
	for (size_t i = 0; i < au->n_refs; i++)
		link_ref(au, &au->refs[i]);
}
