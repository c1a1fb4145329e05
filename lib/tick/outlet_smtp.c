#include "tick/outlet_private.h"

#include "base/buf.h"
#include "engine/secret.h"
#include "transport/smtp.h"

#define CLOSED_IDLE_MAX 3

static void open_conn(struct outlet *o, struct outlet_conn *c, int64_t now_ms)
{
	const struct mailbox *mb = o->mailbox;
	BUF_AUTO secret = BUF_INIT(4096);
	struct err why = ERR_INIT;
	struct smtp_config config = { .url = mb->smtp.url, .tls = !mb->smtp.tls_none, .ca_file = mb->smtp.ca_file };
	int got;

	if (mb->smtp.password_file)
		watch_stamp(mb->smtp.password_file, o->secret_stamp);
	got = secret_read(&mb->smtp, &secret, &why);
	if (got < 0) {
		struct delivery d = delivery_make(DELIVERY_SETTINGS, PHASE_LOGIN, "%s", why.text);

		outlet_go_down(o, &d);
		return;
	}
	if (got > 0) {
		config.user = mb->smtp.user;
		if (mb->smtp.token_command)
			config.token = secret.s;
		else
			config.password = secret.s;
	}
	c->smtp = smtp_open(&config, now_ms);
	secret_wipe(&secret);
}

static struct parcel **place_of(struct outlet_conn *c, int64_t id)
{
	if (c->current && c->current->claim.message == id)
		return &c->current;
	BUG_ON(!c->behind || c->behind->claim.message != id);
	return &c->behind;
}

static void begin(struct outlet *o, struct outlet_conn *c, struct parcel **place, int64_t now_s, int64_t now_ms)
{
	struct parcel *p = outlet_take_ready(o, now_s);
	struct smtp_envelope env;
	struct delivery d;

	if (!p)
		return;
	env = (struct smtp_envelope){ .id = p->claim.message, .from = outlet_sender(o, p), .rcpt = p->message.rcpt_to,
		                          .size = p->claim.len, .eightbit = p->eightbit };
	if (smtp_begin(c->smtp, &env, now_ms, &d) < 0) {
		outlet_finish(o, p, &d);
		return;
	}
	*place = p;
	o->on_the_way++;
}

static void conn_closed(struct outlet *o, struct outlet_conn *c, const struct delivery *d)
{
	smtp_close(c->smtp);
	c->smtp = NULL;
	if (d->outcome != DELIVERY_RETRY || !o->works || ++o->closed_idle >= CLOSED_IDLE_MAX)
		outlet_go_down(o, d);
}

static void conn_done(struct outlet *o, struct outlet_conn *c, int64_t id, const struct delivery *d)
{
	struct parcel **place = place_of(c, id), *p = *place;

	*place = NULL;
	o->on_the_way--;
	if (p->fenced)
		o->closed_idle = 0;
	/* The connection ended before the message had its turn: that is nothing of the message's. */
	if (!p->fenced && d->outcome == DELIVERY_RETRY && (d->code == 0 || d->code == 421))
		parcel_list_add(o->down ? &o->back : &o->waiting, p);
	else
		outlet_finish(o, p, d);
}

static void conn_fence(struct outlet *o, struct outlet_conn *c, int64_t id)
{
	struct parcel **place = place_of(c, id);

	if (place == &c->behind) {
		BUG_ON(c->current);
		c->current = c->behind;
		c->behind = NULL;
	}
	parcel_list_add(&o->wanting, c->current);
}

static void take_back(struct outlet *o, struct parcel **place)
{
	if (!*place)
		return;
	parcel_list_add(&o->back, *place);
	*place = NULL;
	o->on_the_way--;
}

static void hang_up(struct outlet *o)
{
	for (int i = 0; i < o->n_conns; i++) {
		struct outlet_conn *c = &o->conns[i];

		if (!c->smtp || (c->current && c->current->fenced))
			continue;
		smtp_close(c->smtp);
		c->smtp = NULL;
		take_back(o, &c->current);
		take_back(o, &c->behind);
	}
}

static void feed_conn(struct outlet *o, struct outlet_conn *c, int64_t now_ms)
{
	struct delivery d;
	int64_t id;

	while (c->smtp) {
		switch (smtp_feed(c->smtp, now_ms, &d, &id)) {
		case SMTP_NONE:
			return;
		case SMTP_CONNECTED:
			o->works = true;
			break;
		case SMTP_FENCE:
			conn_fence(o, c, id);
			break;
		case SMTP_DONE:
			conn_done(o, c, id, &d);
			break;
		case SMTP_CLOSED:
			conn_closed(o, c, &d);
			break;
		}
	}
}

static int busy_conns(const struct outlet *o)
{
	int n = 0;

	for (int i = 0; i < o->n_conns; i++)
		n += o->conns[i].smtp != NULL;
	return n;
}

/* The first connection shows that the login works; only then come the others. */
static int conns_wanted(const struct outlet *o)
{
	int want = o->works ? o->n_conns : 1, mails = o->waiting.n + o->on_the_way;

	return o->down ? 0 : want < mails ? want : mails;
}

static void connect_all(struct outlet *o, int64_t now_ms)
{
	int busy = busy_conns(o);

	for (int i = 0; i < o->n_conns && busy < conns_wanted(o); i++) {
		if (!o->conns[i].smtp) {
			open_conn(o, &o->conns[i], now_ms);
			busy++;
		}
	}
}

static void pump(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	for (int i = 0; i < o->n_conns; i++) {
		struct outlet_conn *c = &o->conns[i];

		feed_conn(o, c, now_ms);
		if (c->smtp && !c->current && !c->behind && smtp_can_begin(c->smtp)) {
			begin(o, c, &c->current, now_s, now_ms);
			feed_conn(o, c, now_ms);
		}
	}
}

static struct outlet_conn *conn_of(struct outlet *o, const struct parcel *p)
{
	for (int i = 0; i < o->n_conns; i++)
		if (o->conns[i].current == p)
			return &o->conns[i];
	BUG("message %lld is on no connection", (long long)p->claim.message);
}

static void release(struct outlet *o, struct parcel *p, int64_t now_s, int64_t now_ms)
{
	struct outlet_conn *c = conn_of(o, p);
	struct delivery d;

	if (!p->fenced) {
		c->current = NULL;
		o->on_the_way--;
		smtp_abandon(c->smtp);
		parcel_free(p);
		return;
	}
	if (smtp_can_begin(c->smtp) && !c->behind)
		begin(o, c, &c->behind, now_s, now_ms);
	if (smtp_content(c->smtp, p->claim.bytes, p->claim.len, now_ms, &d) < 0) {
		c->current = NULL;
		o->on_the_way--;
		outlet_finish(o, p, &d);
	}
}

static size_t fds(const struct outlet *o, struct pollfd *ret, size_t room)
{
	size_t n = 0;

	for (int i = 0; i < o->n_conns; i++)
		if (o->conns[i].smtp && n + SMTP_FDS_MAX <= room)
			n += smtp_fds(o->conns[i].smtp, ret + n);
	return n;
}

static bool can_begin(const struct outlet *o)
{
	for (int i = 0; i < o->n_conns; i++)
		if (o->conns[i].smtp && !o->conns[i].current && !o->conns[i].behind && smtp_can_begin(o->conns[i].smtp))
			return true;
	return busy_conns(o) < conns_wanted(o);
}

static int64_t wake_ms(const struct outlet *o)
{
	int64_t wake = INT64_MAX;

	for (int i = 0; i < o->n_conns; i++)
		if (o->conns[i].smtp && smtp_wake_ms(o->conns[i].smtp) < wake)
			wake = smtp_wake_ms(o->conns[i].smtp);
	return wake;
}

/* Enough for the next round is left when more is claimed, and that is for two: asking what is due costs as much for one. */
static int hold(const struct outlet *o)
{
	return 3 * o->n_conns;
}

static void close_all(struct outlet *o)
{
	for (int i = 0; i < o->n_conns; i++) {
		smtp_close(o->conns[i].smtp);
		parcel_free(o->conns[i].behind);
	}
}

const struct outlet_way outlet_smtp = {
	.connect = connect_all,
	.pump = pump,
	.release = release,
	.hang_up = hang_up,
	.fds = fds,
	.can_begin = can_begin,
	.wake_ms = wake_ms,
	.hold = hold,
	.close = close_all,
};
