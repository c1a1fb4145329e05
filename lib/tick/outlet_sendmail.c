#include "tick/outlet_private.h"

#include "transport/sendmail.h"

static bool is_running(const struct outlet_job *j)
{
	return j->sendmail && j->parcel->fenced;
}

static void leave(struct outlet *o, struct outlet_job *j)
{
	sendmail_close(j->sendmail);
	*j = (struct outlet_job){ 0 };
	o->on_the_way--;
}

static void look(struct outlet *o, struct outlet_job *j, int64_t now_ms)
{
	struct parcel *p = j->parcel;
	struct delivery d;

	if (!is_running(j) || sendmail_step(j->sendmail, now_ms, &d) != 1)
		return;
	leave(o, j);
	outlet_finish(o, p, &d);
}

static void begin(struct outlet *o, struct outlet_job *j, int64_t now_s)
{
	struct parcel *p = outlet_take_ready(o, now_s);
	struct sendmail_job job;
	struct delivery d;

	if (!p)
		return;
	job = (struct sendmail_job){ .program = o->mailbox->path, .from = outlet_sender(o, p), .rcpt = p->message.rcpt_to,
		                         .content = p->claim.bytes, .len = p->claim.len };
	j->sendmail = sendmail_prepare(&job, &d);
	if (!j->sendmail) {
		outlet_finish(o, p, &d);
		return;
	}
	j->parcel = p;
	o->on_the_way++;
	parcel_list_add(&o->wanting, p);
}

static void pump(struct outlet *o, int64_t now_s, int64_t now_ms)
{
	for (int i = 0; i < OUTLET_JOBS; i++) {
		struct outlet_job *j = &o->jobs[i];

		look(o, j, now_ms);
		if (!j->sendmail)
			begin(o, j, now_s);
	}
}

static struct outlet_job *job_of(struct outlet *o, const struct parcel *p)
{
	for (int i = 0; i < OUTLET_JOBS; i++)
		if (o->jobs[i].parcel == p)
			return &o->jobs[i];
	BUG("message %lld has no program", (long long)p->claim.message);
}

static void release(struct outlet *o, struct parcel *p, int64_t now_s, int64_t now_ms)
{
	struct outlet_job *j = job_of(o, p);

	(void)now_s;
	if (p->fenced) {
		sendmail_run(j->sendmail, now_ms);
		return;
	}
	leave(o, j);
	parcel_free(p);
}

static size_t fds(const struct outlet *o, struct pollfd *ret, size_t room)
{
	size_t n = 0;

	for (int i = 0; i < OUTLET_JOBS; i++)
		if (is_running(&o->jobs[i]) && n + SENDMAIL_FDS_MAX <= room)
			n += sendmail_fds(o->jobs[i].sendmail, ret + n);
	return n;
}

static bool can_begin(const struct outlet *o)
{
	for (int i = 0; i < OUTLET_JOBS; i++)
		if (!o->jobs[i].sendmail)
			return true;
	return false;
}

static int64_t wake_ms(const struct outlet *o)
{
	int64_t wake = INT64_MAX;

	for (int i = 0; i < OUTLET_JOBS; i++)
		if (is_running(&o->jobs[i]) && sendmail_wake_ms(o->jobs[i].sendmail) < wake)
			wake = sendmail_wake_ms(o->jobs[i].sendmail);
	return wake;
}

static void close_all(struct outlet *o)
{
	for (int i = 0; i < OUTLET_JOBS; i++)
		sendmail_close(o->jobs[i].sendmail);
}

const struct outlet_way outlet_sendmail = {
	.pump = pump,
	.release = release,
	.fds = fds,
	.can_begin = can_begin,
	.wake_ms = wake_ms,
	.close = close_all,
};
