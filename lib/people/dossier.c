#include "people/dossier.h"

#include "base/clock.h"
#include "engine/person.h"
#include "format/json.h"
#include "people/outlook.h"
#include "store/event_store.h"
#include "store/message_store.h"

#include <string.h>

#define EVENT_BLOCK 200

/* 0: null */
static void put_time(struct json_writer *j, const char *key, int64_t at)
{
	char text[INSTANT_TEXT];

	if (at == 0) {
		json_key_null(j, key);
		return;
	}
	clock_format_utc(at, text);
	json_key_string(j, key, text);
}

static void put_texts(struct json_writer *j, const struct names *list)
{
	json_begin_array(j);
	for (size_t i = 0; i < list->n; i++)
		json_put_string(j, list->v[i]);
	json_end_array(j);
}

/* What is stored as JSON already, or the text when it is none. */
static void put_json(struct json_writer *j, const char *text)
{
	ARENA_AUTO a = { 0 };
	struct err ignored = ERR_INIT;
	struct value v;

	if (json_parse(&a, text, strlen(text), strlen(text) + 1, &v, &ignored) < 0)
		json_put_string(j, text);
	else
		json_put_value(j, &v);
}

static void put_value(struct json_writer *j, const struct fields *fields, const struct contact_value *v)
{
	const struct field *f = fields_find(fields, v->name);

	json_key(j, v->name);
	if (f && (f->type == FIELD_NUMBER || f->type == FIELD_LIST))
		put_json(j, v->value);
	else if (f && f->type == FIELD_YES_NO)
		json_put_bool(j, strcmp(v->value, "yes") == 0);
	else
		json_put_string(j, v->value);
}

static void put_contact(struct json_writer *j, const struct fields *fields, const struct contact *c)
{
	ARENA_AUTO a = { 0 };

	json_key_string(j, "email", c->email);
	json_key_int(j, "id", c->id);
	json_key_string(j, "kind", contact_kind_text(c->kind));
	for (size_t i = 0; i < c->n_values; i++)
		put_value(j, fields, &c->values[i]);
	json_key(j, "tags");
	put_texts(j, &c->tags);
	json_key_string(j, "suppressed", c->suppressed ? suppression_text(c->suppressed, &a) : NULL);
	put_time(j, "created", c->created_at);
	put_time(j, "updated", c->updated_at);
}

static void put_planned(struct json_writer *j, const struct run_card *card)
{
	json_key(j, "planned");
	json_begin_array(j);
	for (int i = 0; i < card->n_mails; i++) {
		json_begin_object(j);
		json_key_string(j, "step", card->mails[i].step);
		put_time(j, "at", card->mails[i].at);
		json_key_bool(j, "may_change", card->mails[i].may_change);
		json_end_object(j);
	}
	json_end_array(j);
}

static void put_run(struct json_writer *j, const struct run_card *card)
{
	const struct run *r = &card->run;

	json_begin_object(j);
	json_key_int(j, "run", r->id);
	json_key_string(j, "pipeline", card->pipeline);
	json_key_int(j, "version", r->version);
	json_key_string(j, "status", run_state_text(card->now.status));
	json_key_string(j, "reason", *card->now.reason ? card->now.reason : NULL);
	json_key_string(j, "text", *card->now.text ? card->now.text : NULL);
	put_time(j, "since", card->now.since);
	json_key_string(j, "step", card->step);
	put_time(j, "next", card->now.next);
	json_key_string(j, "moved", *card->now.moved ? card->now.moved : NULL);
	put_time(j, "started", r->started_at);
	put_time(j, "ended", r->ended_at);
	json_key_int(j, "steps_done", r->steps_done);
	json_key_int(j, "steps", card->n_steps);
	json_key_int(j, "mails_sent", r->mails_sent);
	json_key_string(j, "last_step", card->last_step);
	put_time(j, "last_done", r->steps_done > 0 ? r->last_done_at : 0);
	json_key_string(j, "mailbox", *r->mailbox ? r->mailbox : NULL);
	json_key_string(j, "enroller", *r->enroller ? r->enroller : NULL);
	put_planned(j, card);
	json_end_object(j);
}

/* S2.26 */
static void put_counts(struct json_writer *j, const struct run_card *cards, int n)
{
	int64_t counts[RUN_STOPPED + 1] = { 0 };

	for (int i = 0; i < n; i++)
		counts[cards[i].now.status]++;
	json_key_int(j, "active", counts[RUN_PENDING] + counts[RUN_RUNNING]);
	json_key_int(j, "blocked", counts[RUN_BLOCKED]);
	json_key_int(j, "completed", counts[RUN_COMPLETED]);
	json_key_int(j, "stopped", counts[RUN_STOPPED]);
}

static int put_runs(struct engine *e, const struct contact *c, struct json_writer *j, struct err *err)
{
	ARENA_AUTO a = { 0 };
	STANDINGS_AUTO standings = { 0 };
	struct run_card *cards;
	int n;

	standings_begin(&standings, e, c->team);
	n = run_cards(&standings, c, &a, &cards, err);
	if (n < 0)
		return -1;
	put_counts(j, cards, n);
	json_key(j, "runs");
	json_begin_array(j);
	for (int i = 0; i < n; i++)
		put_run(j, &cards[i]);
	json_end_array(j);
	return 0;
}

static void put_event(struct json_writer *j, const struct event *ev)
{
	json_begin_object(j);
	json_key_int(j, "event", ev->id);
	put_time(j, "at", ev->at);
	json_key_string(j, "type", ev->type);
	json_key_string(j, "actor", ev->actor);
	json_key_string(j, "source", ev->source);
	if (ev->run)
		json_key_int(j, "run", ev->run);
	if (ev->message)
		json_key_int(j, "message", ev->message);
	json_key(j, "data");
	put_json(j, ev->data);
	json_end_object(j);
}

static int put_events(struct engine *e, const struct contact *c, struct json_writer *j, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct event *events = arena_array(&a, EVENT_BLOCK, sizeof *events);
	int64_t after = 0;
	int n;

	json_key(j, "events");
	json_begin_array(j);
	do {
		n = event_list(e->db, c->team, c->id, after, &a, events, EVENT_BLOCK, err);
		if (n < 0)
			return -1;
		for (int i = 0; i < n; i++) {
			after = events[i].id;
			put_event(j, &events[i]);
		}
	} while (n == EVENT_BLOCK);
	json_end_array(j);
	return 0;
}

static void put_attachments(struct json_writer *j, const char *names)
{
	ARENA_AUTO a = { 0 };

	json_key(j, "attachments");
	json_begin_array(j);
	for (size_t n; *names; names += n + (names[n] == '\n')) {
		n = strcspn(names, "\n");
		json_put_string(j, arena_strndup(&a, names, n));
	}
	json_end_array(j);
}

/* Members of the object that is open. */
static void put_message(struct json_writer *j, const struct message *m)
{
	json_key_int(j, "message", m->id);
	json_key_string(j, "state", message_state_text(m->state));
	if (m->run)
		json_key_int(j, "run", m->run);
	json_key_string(j, "message_id", m->message_id);
	json_key_string(j, "from", m->mail_from);
	json_key_string(j, "to", m->rcpt_to);
	put_time(j, "created", m->created_at);
	put_time(j, "changed", m->changed_at);
	json_key_string(j, "subject", m->subject);
	json_key_string(j, "text", m->text);
	json_key_string(j, "html", *m->html ? m->html : NULL);
	json_key_string(j, "headers", m->headers);
	put_attachments(j, m->attachments);
	json_key_string(j, "reply", *m->reply ? m->reply : NULL);
}

void dossier_write_message(const struct message *m, const char *pipeline, const char *step, struct buf *out)
{
	struct json_writer j = { .buf = out };

	json_begin_object(&j);
	put_message(&j, m);
	json_key_string(&j, "pipeline", pipeline);
	json_key_string(&j, "step", step);
	json_end_object(&j);
}

static int put_messages(struct engine *e, const struct contact *c, struct json_writer *j, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct message *list;
	int n = message_list_of_contact(e->db, c->team, c->id, &a, &list, err);

	if (n < 0)
		return -1;
	json_key(j, "messages");
	json_begin_array(j);
	for (int i = 0; i < n; i++) {
		json_begin_object(j);
		put_message(j, &list[i]);
		json_end_object(j);
	}
	json_end_array(j);
	return 0;
}

int dossier_write(struct engine *e, struct world *w, const struct contact *c, unsigned parts, struct buf *out,
                  struct err *err)
{
	struct json_writer j = { .buf = out };

	json_begin_object(&j);
	put_contact(&j, world_fields(w), c);
	if (parts & DOSSIER_RUNS && put_runs(e, c, &j, err) < 0)
		return -1;
	if (parts & DOSSIER_EVENTS && put_events(e, c, &j, err) < 0)
		return -1;
	if (parts & DOSSIER_MESSAGES && put_messages(e, c, &j, err) < 0)
		return -1;
	json_end_object(&j);
	return 0;
}
