#include "engine/outlet_private.h"

#include "base/buf.h"
#include "engine/secret.h"
#include "engine/verp.h"
#include "transport/maildir.h"
#include "transport/sendmail.h"
#include "transport/smtp.h"

#include <string.h>

#define CLOSED_IDLE_MAX 3
#define MAILDIR_AT_ONCE 64
#define SLOT_S          60 /* so long after its slot a mail may still be begun */

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

static struct parcel *take_ready(struct outlet *o, int64_t now_s)
{
	while (o->waiting.first && is_missed(o, o->waiting.first, now_s))
		parcel_list_add(&o->back, parcel_list_take(&o->waiting));
	if (!o->waiting.first || o->waiting.first->claim.slot_at > now_s || o->down)
		return NULL;
	return parcel_list_take(&o->waiting);
}

static void finish(struct outlet *o, struct parcel *p, const struct delivery *d)
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

/* The mailbox does not work now: what waits is given back, what is on the way comes to its end. */
static void go_down(struct outlet *o, const struct delivery *why)
{
	if (!o->down) {
		o->down = true;
		o->down_why = *why;
	}
	outlet_send_back(o);
}

/*
 * SMTP.
 */
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

		go_down(o, &d);
		return;
	}
	if (got > 0) {
		config.user = mb->smtp.user ? mb->smtp.user : mb->from_address;
		if (mb->smtp.token_command)
			config.token = secret.s;
		else
			config.password = secret.s;
	}
	c->smtp = smtp_open(&config, now_ms);
	secret_wipe(&secret);
}

/* The envelope's sender; of a mailbox with `verp` it says which mail it is. */
static const char *sender_of(const struct outlet *o, struct parcel *p)
{
	if (o->mailbox->verp == VERP_NONE)
		return p->message.mail_from;
	return verp_sender(&o->key, o->mailbox, p->claim.team, p->claim.message, p->message.mail_from, &p->arena);
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
	struct parcel *p = take_ready(o, now_s);
	struct smtp_envelope env;
	struct delivery d;

	if (!p)
		return;
	env = (struct smtp_envelope){ .id = p->claim.message, .from = sender_of(o, p), .rcpt = p->message.rcpt_to,
		                          .size = p->claim.len, .eightbit = p->eightbit };
	if (smtp_begin(c->smtp, &env, now_ms, &d) < 0) {
		finish(o, p, &d);
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
		go_down(o, d);
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
		finish(o, p, d);
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

void outlet_hang_up(struct outlet *o)
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

static void open_conns(struct outlet *o, int64_t now_ms)
{
	int busy = busy_conns(o);

	for (int i = 0; i < o->n_conns && busy < conns_wanted(o); i++) {
		if (!o->conns[i].smtp) {
			open_conn(o, &o->conns[i], now_ms);
			busy++;
		}
	}
}

static void pump_smtp(struct outlet *o, int64_t now_s, int64_t now_ms)
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

static void release_smtp(struct outlet *o, struct parcel *p, int64_t now_s, int64_t now_ms)
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
		finish(o, p, &d);
	}
}

/*
 * sendmail.
 */
static void pump_sendmail(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	struct delivery d;

	for (int i = 0; i < OUTLET_JOBS; i++) {
		struct outlet_job *j = &o->jobs[i];

		if (j->sendmail && j->parcel->fenced && sendmail_step(j->sendmail, now_ms, &d) == 1) {
			sendmail_close(j->sendmail);
			finish(o, j->parcel, &d);
			*j = (struct outlet_job){ 0 };
			o->on_the_way--;
		}
		if (!j->sendmail && (j->parcel = take_ready(o, now_s)) != NULL) {
			struct sendmail_job job = { .program = o->mailbox->path, .from = sender_of(o, j->parcel),
				                        .rcpt = j->parcel->message.rcpt_to, .content = j->parcel->claim.bytes,
				                        .len = j->parcel->claim.len };

			j->sendmail = sendmail_prepare(&job, &d);
			if (j->sendmail) {
				o->on_the_way++;
				parcel_list_add(&o->wanting, j->parcel);
			} else {
				finish(o, j->parcel, &d);
				j->parcel = NULL;
			}
		}
	}
}

static void release_sendmail(struct outlet *o, struct parcel *p, int64_t now_ms)
{
	for (int i = 0; i < OUTLET_JOBS; i++) {
		struct outlet_job *j = &o->jobs[i];

		if (j->parcel != p)
			continue;
		if (p->fenced) {
			sendmail_run(j->sendmail, now_ms);
			return;
		}
		sendmail_close(j->sendmail);
		*j = (struct outlet_job){ 0 };
		o->on_the_way--;
		parcel_free(p);
		return;
	}
	BUG("message %lld has no program", (long long)p->claim.message);
}

/*
 * Maildir.
 */
static void pump_maildir(struct outlet *o, int64_t now_s)
{
	struct delivery d;
	struct parcel *p;

	if (!o->maildir && o->waiting.first) {
		o->maildir = maildir_open(o->mailbox->path, &d);
		if (!o->maildir)
			go_down(o, &d);
	}
	while (o->maildir && o->wanting.n < MAILDIR_AT_ONCE && (p = take_ready(o, now_s)) != NULL) {
		o->on_the_way++;
		parcel_list_add(&o->wanting, p);
	}
}

static void release_maildir(struct outlet *o, struct parcel *p)
{
	struct delivery d;

	o->on_the_way--;
	if (!p->fenced) {
		parcel_free(p);
		return;
	}
	d = maildir_deliver(o->maildir, p->message.message_id, p->claim.bytes, p->claim.len);
	finish(o, p, &d);
}

void outlet_connect(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	if (o->mailbox->transport == MAILBOX_SMTP && o->waiting.first && o->waiting.first->claim.slot_at <= now_s)
		open_conns(o, now_ms);
}

void outlet_pump(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	switch (o->mailbox->transport) {
	case MAILBOX_SMTP:
		pump_smtp(o, now_s, now_ms);
		break;
	case MAILBOX_SENDMAIL:
		pump_sendmail(o, now_s, now_ms);
		break;
	case MAILBOX_MAILDIR:
		pump_maildir(o, now_s);
		break;
	}
	if (o->down)
		go_down(o, &o->down_why);
}

void outlet_release_fenced(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	struct parcel *p;

	while ((p = parcel_list_take(&o->wanting)) != NULL) {
		switch (o->mailbox->transport) {
		case MAILBOX_SMTP:
			release_smtp(o, p, now_s, now_ms);
			break;
		case MAILBOX_SENDMAIL:
			release_sendmail(o, p, now_ms);
			break;
		case MAILBOX_MAILDIR:
			release_maildir(o, p);
			break;
		}
	}
}

size_t outlet_fds(const struct outlet *o, struct pollfd *ret, size_t room)
{
	size_t n = 0;

	for (int i = 0; i < o->n_conns; i++)
		if (o->conns[i].smtp && n + SMTP_FDS_MAX <= room)
			n += smtp_fds(o->conns[i].smtp, ret + n);
	for (int i = 0; i < OUTLET_JOBS; i++)
		if (o->jobs[i].sendmail && o->jobs[i].parcel->fenced && n + SENDMAIL_FDS_MAX <= room)
			n += sendmail_fds(o->jobs[i].sendmail, ret + n);
	return n;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Could the first mail that waits be begun at once? */
static bool can_begin(const struct outlet *o)
{
	if (o->mailbox->transport == MAILBOX_MAILDIR)
		return true;
	for (int i = 0; o->mailbox->transport == MAILBOX_SENDMAIL && i < OUTLET_JOBS; i++)
		if (!o->jobs[i].sendmail)
			return true;
	if (o->mailbox->transport == MAILBOX_SENDMAIL)
		return false;
	for (int i = 0; i < o->n_conns; i++)
		if (o->conns[i].smtp && !o->conns[i].current && !o->conns[i].behind && smtp_can_begin(o->conns[i].smtp))
			return true;
	return busy_conns(o) < conns_wanted(o);
}

int64_t outlet_wake_ms(const struct outlet *o, int64_t now_s, int64_t now_ms)
{
	int64_t wake = INT64_MAX;

	if (o->done.n || o->back.n || o->wanting.n)
		return now_ms;
	if (o->waiting.first && o->waiting.first->claim.slot_at <= now_s && !o->down && can_begin(o))
		return now_ms;
	for (int i = 0; i < o->n_conns; i++)
		if (o->conns[i].smtp)
			wake = least(wake, smtp_wake_ms(o->conns[i].smtp));
	for (int i = 0; i < OUTLET_JOBS; i++)
		if (o->jobs[i].sendmail && o->jobs[i].parcel->fenced)
			wake = least(wake, sendmail_wake_ms(o->jobs[i].sendmail));
	if (o->waiting.first && o->waiting.first->claim.slot_at > now_s)
		wake = least(wake, now_ms + (o->waiting.first->claim.slot_at - now_s) * 1000);
	return wake;
}

/* Enough for the next round is left when more is claimed, and that is for two: asking what is due costs as much for one. */
int outlet_wants(const struct outlet *o)
{
	int hold = o->mailbox->transport == MAILBOX_SMTP ? 3 * o->n_conns : MAILDIR_AT_ONCE;

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

	for (int i = 0; i < o->n_conns; i++) {
		smtp_close(o->conns[i].smtp);
		parcel_free(o->conns[i].behind);
	}
	for (int i = 0; i < OUTLET_JOBS; i++)
		sendmail_close(o->jobs[i].sendmail);
	maildir_close(o->maildir);
	arena_release(&a);
}
