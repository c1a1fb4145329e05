#include "fixture.h"

#include "engine/outlet_private.h"
#include "transport/sendmail.h"

/* When a mailbox wants to be looked at again: a mail that could go now is never waited for. */

#define NOW_S  INT64_C(1782716400)
#define NOW_MS INT64_C(5000)

struct rig {
	struct mailbox mailbox;
	struct outlet_conn conns[2];
	struct outlet o;
	struct parcel parcels[3];
};

static void rig_open(struct rig *r, enum mailbox_transport transport)
{
	*r = (struct rig){ .mailbox = { .name = "hello", .transport = transport } };
	r->o.mailbox = &r->mailbox;
	r->o.conns = r->conns;
	r->o.n_conns = transport == MAILBOX_SMTP ? 2 : 0;
	parcel_list_init(&r->o.waiting);
	parcel_list_init(&r->o.wanting);
	parcel_list_init(&r->o.done);
	parcel_list_init(&r->o.back);
}

static void wait_until(struct rig *r, int parcel, int64_t slot_at)
{
	r->parcels[parcel].claim.slot_at = slot_at;
	parcel_list_add(&r->o.waiting, &r->parcels[parcel]);
}

static int64_t wake(const struct rig *r)
{
	return outlet_wake_ms(&r->o, NOW_S, NOW_MS);
}

static void nothing_to_do_waits_for_nothing(void **state)
{
	static const enum mailbox_transport all[] = { MAILBOX_SMTP, MAILBOX_SENDMAIL, MAILBOX_MAILDIR };
	struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		rig_open(&r, all[i]);
		assert_true(wake(&r) == INT64_MAX);
	}
}

static void a_mail_that_can_go_is_begun_at_once(void **state)
{
	static const enum mailbox_transport all[] = { MAILBOX_SMTP, MAILBOX_SENDMAIL, MAILBOX_MAILDIR };
	struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		rig_open(&r, all[i]);
		wait_until(&r, 0, 0);
		assert_int_equal(wake(&r), NOW_MS);
		rig_open(&r, all[i]);
		wait_until(&r, 0, NOW_S);
		assert_int_equal(wake(&r), NOW_MS);
	}
}

static void a_slot_in_the_future_is_waited_for(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, MAILBOX_MAILDIR);
	wait_until(&r, 0, NOW_S + 7);
	wait_until(&r, 1, NOW_S + 14);
	assert_int_equal(wake(&r), NOW_MS + 7000);
}

/* As long as all programs run, nothing can begin: their ends are waited for. */
static void busy_programs_are_waited_for(void **state)
{
	static const char mail[] = "From: a@example.com\r\n\r\nHi\r\n";
	struct sendmail_job job = { .program = "/bin/true", .from = "a@example.com", .rcpt = "b@example.com",
		                        .content = mail, .len = sizeof mail - 1 };
	struct delivery d;
	struct rig r;

	(void)state;
	rig_open(&r, MAILBOX_SENDMAIL);
	wait_until(&r, 0, NOW_S);
	for (int i = 0; i < OUTLET_JOBS; i++) {
		r.o.jobs[i].sendmail = sendmail_prepare(&job, &d);
		assert_non_null(r.o.jobs[i].sendmail);
		r.o.jobs[i].parcel = &r.parcels[1];
	}
	assert_true(wake(&r) == INT64_MAX);
	sendmail_close(r.o.jobs[2].sendmail);
	r.o.jobs[2] = (struct outlet_job){ 0 };
	assert_int_equal(wake(&r), NOW_MS);
	for (int i = 0; i < OUTLET_JOBS; i++)
		sendmail_close(r.o.jobs[i].sendmail);
}

static void answers_are_recorded_at_once(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, MAILBOX_SMTP);
	parcel_list_add(&r.o.done, &r.parcels[0]);
	assert_int_equal(wake(&r), NOW_MS);
	assert_ptr_equal(parcel_list_take(&r.o.done), &r.parcels[0]);
	parcel_list_add(&r.o.back, &r.parcels[0]);
	assert_int_equal(wake(&r), NOW_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_do_waits_for_nothing),
		cmocka_unit_test(a_mail_that_can_go_is_begun_at_once),
		cmocka_unit_test(a_slot_in_the_future_is_waited_for),
		cmocka_unit_test(busy_programs_are_waited_for),
		cmocka_unit_test(answers_are_recorded_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
