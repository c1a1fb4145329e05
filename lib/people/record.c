#include "people/record.h"

#include "base/buf.h"
#include "base/zone.h"
#include "engine/event.h"
#include "model/when.h"
#include "store/contact_store.h"

#include <string.h>

/* What each kind is called, its event, and the outcomes that are events of their own. */
static const struct kind {
	const char *word, *type;
	const char *outcomes[2], *types[2];
} kinds[] = {
	[RECORD_CALL] = { "call", "call.made", { "connected" }, { "call.connected" } },
	[RECORD_MEETING] = { "meeting", "meeting.booked", { "completed", "no_show" }, { "meeting.completed", "meeting.no_show" } },
	[RECORD_LINKEDIN] = { "linkedin", "linkedin.sent", { NULL }, { NULL } },
	[RECORD_NOTE] = { "note", "note.added", { NULL }, { NULL } },
};

bool record_kind_parse(const char *word, enum record_kind *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(kinds[i].word, word) != 0)
			continue;
		*ret = (enum record_kind)i;
		return true;
	}
	return false;
}

/* The event that an outcome is, or NULL. */
static const char *type_of_outcome(const struct kind *k, const char *outcome)
{
	for (size_t i = 0; i < ARRAY_LEN(k->outcomes) && k->outcomes[i]; i++)
		if (strcmp(k->outcomes[i], outcome) == 0)
			return k->types[i];
	return NULL;
}

static int record(struct engine *e, struct contact *c, const char *type, const char *data, const char *key,
                  struct arena *a, int64_t *ret, struct err *err)
{
	struct happening h = { .ev = { .type = type, .data = data }, .key = key, .contact = c, .arena = a };
	int got = event_record(e, c->team, &h, err);

	*ret = h.ev.id;
	return got;
}

static const char *when(int64_t at, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(64);

	if (at == 0)
		return "";
	when_format_rfc3339(at, zone_utc(), &b);
	return arena_strndup(a, b.s, b.len);
}

int record_activity(struct engine *e, struct contact *c, enum record_kind kind, const struct recorded *what,
                    struct arena *a, int64_t *ret_event, struct err *err)
{
	const struct kind *k = &kinds[kind];
	const char *more = what->outcome ? type_of_outcome(k, what->outcome) : NULL;
	const char *data = event_data(a, "text", what->text, "outcome", what->outcome, "at", when(what->at, a), NULL);
	int64_t ignored;

	if (kind == RECORD_NOTE && what->outcome)
		return err_set(err, ERR_USAGE, "a note has no outcome");
	if (kind == RECORD_NOTE && (!what->text || !*what->text))
		return err_set(err, ERR_USAGE, "a note needs a text");
	/* A meeting that took place was booked before; a call that reached somebody was made now. */
	if (kind == RECORD_MEETING && more)
		return err_or_none(record(e, c, more, data, NULL, a, ret_event, err));
	if (record(e, c, k->type, data, NULL, a, ret_event, err) < 0)
		return -1;
	return more && record(e, c, more, data, NULL, a, &ignored, err) < 0 ? -1 : 0;
}

static const struct kind *kind_of_event(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (i != RECORD_NOTE && strcmp(kinds[i].type, type) == 0)
			return &kinds[i];
	return NULL;
}

/* An outcome that is no event by itself is a note about the first one. */
int record_outcome(struct engine *e, int64_t team, int64_t event, const char *outcome, struct arena *a, struct err *err)
{
	const char *of = arena_printf(a, "%lld", (long long)event), *type, *text, *key;
	const struct kind *k;
	struct contact c;
	struct event ev;
	int64_t ignored;
	int got = event_load(e->db, team, event, a, &ev, err);

	if (got > 0 && ev.contact)
		got = contact_load(e->db, team, ev.contact, a, &c, err);
	if (got <= 0)
		return got < 0 ? -1 : err_set(err, ERR_MISSING, "nothing was recorded as %lld", (long long)event);
	k = kind_of_event(ev.type);
	if (!k)
		return err_set(err, ERR_REFUSED, "%lld is %s: only calls, meetings and messages have an outcome", (long long)event,
		               ev.type);
	type = type_of_outcome(k, outcome);
	text = type ? NULL : arena_printf(a, "%s: %s", k->word, outcome);
	key = arena_printf(a, "outcome/%s/%s", of, outcome);
	return record(e, &c, type ? type : "note.added", event_data(a, "of", of, "outcome", outcome, "text", text, NULL), key, a,
	              &ignored, err);
}
