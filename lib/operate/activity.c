#include "operate/activity.h"

#include "base/buf.h"
#include "engine/absent.h"
#include "format/json.h"
#include "format/mime.h"
#include "model/contact.h"
#include "operate/runs.h"
#include "store/message_store.h"
#include "store/run_store.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 65536

/* {"subject": "Hi", "reply": "250 ok"} as "subject: Hi, reply: 250 ok". */
static const char *in_words(const char *data, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(TEXT_MAX);
	struct err ignored = ERR_INIT;
	struct value v;

	if (json_parse(a, data, strlen(data), TEXT_MAX, &v, &ignored) < 0 || v.kind != VALUE_MAP)
		return data;
	for (size_t i = 0; i < v.map->n; i++) {
		const struct value_entry *e = &v.map->entries[i];

		buf_addf(&b, "%s%s: ", i ? ", " : "", e->key);
		value_append(&b, &e->value);
	}
	return arena_strndup(a, b.s, b.len);
}

int activity_place(struct engine *e, int64_t team, int64_t run_id, int step, struct arena *a,
                   struct activity_place *ret, struct err *err)
{
	const struct pipeline *p;
	struct world *w;
	const struct step *st;
	struct run run;
	int got;

	*ret = (struct activity_place){ 0 };
	got = run_id ? run_load(e->db, team, run_id, a, &run, err) : 0;
	if (got <= 0)
		return got;
	if (engine_world(e, team, &w, err) < 0)
		return -1;
	got = world_pipeline_version(w, e->db, run.pipeline, run.version, &p, err);
	if (got <= 0)
		return got < 0 ? -1 : pipeline_label(e, team, run.pipeline, a, &ret->pipeline, err);
	ret->pipeline = p->name;
	st = pipeline_step_of(p, step);
	ret->step = st ? st->name : NULL;
	return 0;
}

int activity_list(struct engine *e, const struct contact *c, int64_t before, struct arena *a, struct activity *ret,
                  int max, struct err *err)
{
	struct event *events = arena_array(a, (size_t)max, sizeof *events);
	int n = event_list_of_contact(e->db, c->team, c->id, before, a, events, max, err);

	for (int i = 0; i < n; i++) {
		ret[i].event = events[i];
		ret[i].text = in_words(events[i].data, a);
		if (activity_place(e, c->team, events[i].run, events[i].step, a, &ret[i].place, err) < 0)
			return -1;
	}
	return n;
}

/* A Message-ID without what may stand around it. */
static const char *bare_id(const char *text, struct arena *a)
{
	size_t len = strlen(text);

	if (len > 2 && text[0] == '<' && text[len - 1] == '>')
		return arena_strndup(a, text + 1, len - 2);
	return text;
}

int message_find(struct engine *e, int64_t team, const char *id, struct arena *a, struct message *ret,
                 struct err *err)
{
	char *end;
	long long number = strtoll(id, &end, 10);
	int got;

	if (end != id && !*end)
		got = message_load(e->db, team, number, a, ret, err);
	else
		got = message_find_mid(e->db, team, bare_id(id, a), a, ret, err);
	if (got == 0)
		return absent_message(e->db, team, id, err);
	return err_or_none(got);
}

void message_headers_for_people(const char *headers, struct buf *out)
{
	mime_readable(headers, out);
}
