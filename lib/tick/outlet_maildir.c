#include "tick/outlet_private.h"

#include "transport/maildir.h"

static void pump(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	struct delivery d;
	struct parcel *p;

	(void)now_ms;
	if (!o->maildir && o->waiting.first) {
		o->maildir = maildir_open(o->mailbox->path, &d);
		if (!o->maildir)
			outlet_go_down(o, &d);
	}
	while (o->maildir && o->wanting.n < OUTLET_AT_ONCE && (p = outlet_take_ready(o, now_s)) != NULL) {
		o->on_the_way++;
		parcel_list_add(&o->wanting, p);
	}
}

static void release(struct outlet *o, struct parcel *p, int64_t now_s, int64_t now_ms)
{
	struct delivery d;

	(void)now_s;
	(void)now_ms;
	o->on_the_way--;
	if (!p->fenced) {
		parcel_free(p);
		return;
	}
	d = maildir_deliver(o->maildir, p->message.message_id, p->claim.bytes, p->claim.len);
	outlet_finish(o, p, &d);
}

static bool can_begin(const struct outlet *o)
{
	(void)o;
	return true;
}

static void close_all(struct outlet *o)
{
	maildir_close(o->maildir);
}

const struct outlet_way outlet_maildir = {
	.pump = pump,
	.release = release,
	.can_begin = can_begin,
	.close = close_all,
};
