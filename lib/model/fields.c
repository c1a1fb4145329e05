#include "model/fields.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/civil.h"
#include "base/clock.h"
#include "base/near.h"
#include "base/utf8.h"
#include "model/number.h"
#include "model/text_list.h"
#include "model/when.h"

#include <string.h>
#include <strings.h>

#define VALUE_MAX ((size_t)64 * 1024)

static const char *const types[] = {
#define X(type, text) text,
	FIELD_TYPES(X)
#undef X
};

static const char *kinds[] = { "lead", "contact" };

const struct field contact_reserved_fields[] = {
	{ "first_name", FIELD_TEXT, { 0 } }, { "last_name", FIELD_TEXT, { 0 } }, { "phone", FIELD_TEXT, { 0 } },
	{ "company", FIELD_TEXT, { 0 } },    { "owner", FIELD_TEXT, { 0 } },     { "kind", FIELD_CHOICE, { kinds, 2 } },
	{ "lang", FIELD_TEXT, { 0 } },       { "timezone", FIELD_TEXT, { 0 } },  { "lifecycle", FIELD_TEXT, { 0 } },
	{ "source", FIELD_TEXT, { 0 } },
};
const size_t n_contact_reserved_fields = ARRAY_LEN(contact_reserved_fields);

const char *const event_types_builtin[] = {
	"contact.created", "contact.updated", "contact.tagged", "contact.untagged", "contact.scored",
	"contact.converted", "contact.lifecycle", "contact.deleted", "contact.unsubscribed", "contact.confirmed",
	"contact.merged", "email.sent", "email.bounced", "email.soft_bounced", "email.opened", "email.clicked",
	"email.replied", "email.auto_replied", "email.complained", "email.unmatched", "sms.sent", "sms.failed",
	"sms.replied", "mail.sent", "mail.replied", "call.made", "call.connected", "meeting.booked", "meeting.completed",
	"meeting.no_show", "linkedin.sent", "note.added", "task.created", "task.done", "task.cancelled", "deal.created", "deal.stage",
	"deal.status", "deal.value", "deal.owner", "deal.scored", "run.started", "run.completed", "run.blocked",
	"run.stopped", "goal.reached", "form.submitted", "page.visited", NULL,
};

const char *field_type_text(enum field_type type)
{
	return types[type];
}

const struct field *fields_find(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < n_contact_reserved_fields; i++)
		if (strcmp(contact_reserved_fields[i].name, name) == 0)
			return &contact_reserved_fields[i];
	for (size_t i = 0; fields && i < fields->n_fields; i++)
		if (strcmp(fields->fields[i].name, name) == 0)
			return &fields->fields[i];
	return NULL;
}

const struct event_type *fields_find_event(const struct fields *fields, const char *type)
{
	for (size_t i = 0; fields && i < fields->n_events; i++)
		if (strcmp(fields->events[i].name, type) == 0)
			return &fields->events[i];
	return NULL;
}

bool event_type_builtin(const char *type)
{
	for (size_t i = 0; event_types_builtin[i]; i++)
		if (strcmp(event_types_builtin[i], type) == 0)
			return true;
	return false;
}

static int check_text(const struct field *f, const char *text, struct err *err)
{
	size_t len = strlen(text);
	uint32_t c;

	if (len > VALUE_MAX)
		return err_set(err, ERR_INVALID, "'%s' has more than %zu bytes", f->name, VALUE_MAX);
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(text + i, len - i, &c);
		if (n == 0)
			return err_set(err, ERR_INVALID, "'%s' is no UTF-8", f->name);
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
			return err_set(err, ERR_INVALID, "'%s' has a control character (U+%04X)", f->name, c);
	}
	return 0;
}

static int normalize_number(const struct field *f, const char *text, struct arena *a, const char **ret, struct err *err)
{
	char number[NUMBER_SIZE];

	if (!number_normalize(text, number))
		return err_set(err, ERR_INVALID, "'%s' must be a number such as 12 or 12.5, not '%s'", f->name, text);
	*ret = arena_strdup(a, number);
	return 0;
}

static bool date_valid(const char *text)
{
	static const char pattern[] = "dddd-dd-dd";
	struct civil c = { 0 };

	if (strlen(text) != sizeof pattern - 1)
		return false;
	for (size_t i = 0; i < sizeof pattern - 1; i++)
		if (pattern[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != pattern[i])
			return false;
	c.year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
	c.month = (text[5] - '0') * 10 + (text[6] - '0');
	c.day = (text[8] - '0') * 10 + (text[9] - '0');
	return civil_valid(&c);
}

static int normalize_date(const struct field *f, const char *text, struct arena *a, const char **ret, struct err *err)
{
	if (!date_valid(text))
		return err_set(err, ERR_INVALID, "'%s' must be a date such as 2026-09-30, not '%s'", f->name, text);
	*ret = arena_strdup(a, text);
	return 0;
}

static int normalize_time(const struct field *f, const char *text, const struct zone *zone, struct arena *a,
                          const char **ret, struct err *err)
{
	char utc[INSTANT_TEXT];
	int64_t at;

	if (when_parse_point(text, zone, &at, err) < 0)
		return err_prefix(err, "'%s'", f->name);
	clock_format_utc(at, utc);
	*ret = arena_strdup(a, utc);
	return 0;
}

static int normalize_choice(const struct field *f, const char *text, struct arena *a, const char **ret, struct err *err)
{
	BUF_AUTO all = BUF_INIT(400);
	const char *near;

	if (names_have(&f->values, text)) {
		*ret = arena_strdup(a, text);
		return 0;
	}
	near = near_match(text, f->values.v, f->values.n);
	if (near)
		return err_set(err, ERR_INVALID, "'%s' cannot be '%s'; did you mean '%s'?", f->name, text, near);
	for (size_t i = 0; i < f->values.n; i++)
		buf_addf(&all, i > 0 ? ", %s" : "%s", f->values.v[i]);
	return err_set(err, ERR_INVALID, "'%s' cannot be '%s', only: %s", f->name, text, all.s);
}

static int normalize_yes_no(const struct field *f, const char *text, struct arena *a, const char **ret, struct err *err)
{
	static const char *const words[][2] = { { "yes", "no" }, { "true", "false" }, { "1", "0" } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		for (int k = 0; k < 2; k++) {
			if (strcasecmp(text, words[i][k]) == 0) {
				*ret = arena_strdup(a, words[0][k]);
				return 0;
			}
		}
	}
	return err_set(err, ERR_INVALID, "'%s' must be yes or no, not '%s'", f->name, text);
}

static int normalize_list(const struct field *f, const char *text, struct arena *a, const char **ret, struct err *err)
{
	BUF_AUTO json = BUF_INIT(VALUE_MAX);
	struct names items = { 0 };

	if (*text == '[') {
		if (!text_list_parse(text, a, &items))
			return err_set(err, ERR_INVALID, "'%s' must be a list of texts such as [\"a\", \"b\"] or: a, b", f->name);
	} else {
		text_list_split(text, a, &items);
	}
	text_list_write(&items, &json);
	if (json.over)
		return err_set(err, ERR_INVALID, "'%s' has more than %zu bytes", f->name, VALUE_MAX);
	*ret = arena_strndup(a, json.s, json.len);
	return 0;
}

int field_normalize(const struct field *f, const char *text, const struct zone *zone, struct arena *a, const char **ret,
                    struct err *err)
{
	if (check_text(f, text, err) < 0)
		return -1;
	switch (f->type) {
	case FIELD_TEXT:
		*ret = arena_strdup(a, text);
		return 0;
	case FIELD_NUMBER:
		return normalize_number(f, text, a, ret, err);
	case FIELD_DATE:
		return normalize_date(f, text, a, ret, err);
	case FIELD_TIME:
		return normalize_time(f, text, zone, a, ret, err);
	case FIELD_CHOICE:
		return normalize_choice(f, text, a, ret, err);
	case FIELD_YES_NO:
		return normalize_yes_no(f, text, a, ret, err);
	case FIELD_LIST:
		return normalize_list(f, text, a, ret, err);
	}
	BUG("field type %d", (int)f->type);
}
