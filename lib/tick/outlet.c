#include "tick/outlet_private.h"

#include "engine/verp.h"

#define SLOT_S 60 /* so long after its slot a mail may still be begun */

void parcel_list_init(struct parcel_list *l)
{
	l->first = NULL;
	l->end = &l->first;
	l->n = 0;
}

void parcel_list_add(struct parcel_list *l, struct parcel *p)
{
	p->next = NULL;
	*l->end = p;
	l->end = &p->next;
	l->n++;
}

struct parcel *parcel_list_take(struct parcel_list *l)
{
	struct parcel *p = l->first;

	if (!p)
		return NULL;
	l->first = p->next;
	if (!l->first)
		l->end = &l->first;
	l->n--;
	p->next = NULL;
	return p;
}

/* Its slot is long past (the machine slept, the server took its time): limits and gaps are planned anew. */
static bool is_missed(const struct outlet *o, const struct parcel *p, int64_t now_s)
{
	int64_t gap = o->mailbox->limit.gap_s;

	return now_s - p->claim.slot_at > (gap && gap < SLOT_S ? gap : SLOT_S);
}

struct parcel *outlet_take_ready(struct outlet *o, int64_t now_s)
{
	while (o->waiting.first && is_missed(o, o->waiting.first, now_s))
		parcel_list_add(&o->back, parcel_list_take(&o->waiting));
	if (!o->waiting.first || o->waiting.first->claim.slot_at > now_s || o->down)
		return NULL;
	return parcel_list_take(&o->waiting);
}

void outlet_finish(struct outlet *o, struct parcel *p, const struct delivery *d)
{
	p->result = *d;
	p->reply = NULL;
	parcel_list_add(&o->done, p);
}

void outlet_send_back(struct outlet *o)
{
	for (struct parcel *p; (p = parcel_list_take(&o->waiting)) != NULL;)
		parcel_list_add(&o->back, p);
}

void outlet_go_down(struct outlet *o, const struct delivery *why)
{
	if (!o->down) {
		o->down = true;
		o->down_why = *why;
	}
	outlet_send_back(o);
}

const char *outlet_sender(const struct outlet *o, struct parcel *p)
{
	if (o->mailbox->verp == VERP_NONE)
		return p->message.mail_from;
	return verp_sender(&o->key, o->mailbox, p->claim.team, p->claim.message, p->message.mail_from, &p->arena);
}

static const struct outlet_way *way_of(const struct outlet *o)
{
	switch (o->mailbox->transport) {
	case MAILBOX_SMTP:
		return &outlet_smtp;
	case MAILBOX_SENDMAIL:
		return &outlet_sendmail;
	case MAILBOX_MAILDIR:
		return &outlet_maildir;
	}
	BUG("transport %d", (int)o->mailbox->transport);
}

/* Has its slot come? */
static bool is_time(const struct outlet *o, int64_t now_s)
{
	return o->waiting.first && o->waiting.first->claim.slot_at <= now_s;
}

void outlet_connect(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	if (way_of(o)->connect && is_time(o, now_s))
		way_of(o)->connect(o, now_ms);
}

void outlet_pump(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	way_of(o)->pump(o, now_s, now_ms);
	if (o->down)
		outlet_send_back(o);
}

void outlet_release_fenced(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	struct parcel *p;

	while ((p = parcel_list_take(&o->wanting)) != NULL)
		way_of(o)->release(o, p, now_s, now_ms);
}

void outlet_hang_up(struct outlet *o)
{
	if (way_of(o)->hang_up)
		way_of(o)->hang_up(o);
}

size_t outlet_fds(const struct outlet *o, struct pollfd *ret, size_t room)
{
	return way_of(o)->fds ? way_of(o)->fds(o, ret, room) : 0;
}

int64_t outlet_wake_ms(const struct outlet *o, int64_t now_s, int64_t now_ms)
{
	int64_t wake = way_of(o)->wake_ms ? way_of(o)->wake_ms(o) : INT64_MAX, slot;

	if (o->done.n || o->back.n || o->wanting.n)
		return now_ms;
	if (is_time(o, now_s))
		return !o->down && way_of(o)->can_begin(o) ? now_ms : wake;
	slot = o->waiting.first ? now_ms + (o->waiting.first->claim.slot_at - now_s) * 1000 : INT64_MAX;
	return slot < wake ? slot : wake;
}

int outlet_wants(const struct outlet *o)
{
	int hold = way_of(o)->hold ? way_of(o)->hold(o) : OUTLET_AT_ONCE;

	if (o->dry || o->down || 3 * o->waiting.n > hold)
		return 0;
	return hold - o->waiting.n;
}

static void free_list(struct parcel_list *l)
{
	for (struct parcel *p; (p = parcel_list_take(l)) != NULL;)
		parcel_free(p);
}

void outlet_close(struct outlet *o)
{
	struct arena a = o->arena;

	free_list(&o->waiting);
	free_list(&o->wanting);
	free_list(&o->done);
	free_list(&o->back);
	way_of(o)->close(o);
	arena_release(&a);
}
