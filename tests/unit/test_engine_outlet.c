#include "fixture.h"

#include "tick/outlet_private.h"
#include "transport/sendmail.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

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
	assert_ptr_equal(parcel_list_take(&r.o.back), &r.parcels[0]);
	parcel_list_add(&r.o.wanting, &r.parcels[0]);
	assert_int_equal(wake(&r), NOW_MS);
}

/* No mail was put into it. */
static void remove_folder(const char *folder)
{
	char command[128];

	snprintf(command, sizeof command, "test -z \"$(find '%s' -type f)\" && rm -r '%s'", folder, folder);
	assert_int_equal(system(command), 0);
}

/* With a gap between its mails, a slot is over when the next one is. */
static void a_slot_that_is_long_past_is_given_back(void **state)
{
	static const struct {
		int64_t gap_s, late_s;
		bool back;
	} cases[] = { { 0, 60, false }, { 0, 61, true }, { 10, 10, false }, { 10, 11, true }, { 600, 60, false }, { 600, 61, true } };
	char folder[] = "/tmp/pw-test-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rig r;

		rig_open(&r, MAILBOX_MAILDIR);
		r.mailbox.path = folder;
		r.mailbox.limit.gap_s = (int)cases[i].gap_s;
		wait_until(&r, 0, NOW_S - cases[i].late_s);
		wait_until(&r, 1, NOW_S + 1);
		outlet_pump(&r.o, NOW_S, NOW_MS);
		assert_int_equal(r.o.back.n, cases[i].back);
		assert_int_equal(r.o.wanting.n, !cases[i].back);
		assert_int_equal(r.o.waiting.n, 1);
		outlet_close(&r.o);
	}
	remove_folder(folder);
}

/* A mail that the fence did not let through leaves nothing behind: no file, no program. */
static void what_is_not_let_through_is_forgotten(void **state)
{
	static const char mail[] = "From: a@example.com\r\n\r\nHi\r\n";
	static const enum mailbox_transport transports[] = { MAILBOX_MAILDIR, MAILBOX_SENDMAIL };
	char folder[] = "/tmp/pw-test-XXXXXX";
	struct pollfd fds[4];

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
		bool program = transports[i] == MAILBOX_SENDMAIL;
		struct rig r;

		rig_open(&r, transports[i]);
		r.mailbox.path = program ? "/bin/true" : folder;
		r.parcels[0].message.mail_from = "a@example.com";
		r.parcels[0].message.rcpt_to = "b@example.com";
		r.parcels[0].claim.bytes = arena_strdup(&r.parcels[0].arena, mail);
		r.parcels[0].claim.len = sizeof mail - 1;
		wait_until(&r, 0, NOW_S);
		outlet_pump(&r.o, NOW_S, NOW_MS);
		assert_int_equal(r.o.wanting.n, 1);
		assert_int_equal(r.o.on_the_way, 1);
		assert_int_equal(outlet_fds(&r.o, fds, ARRAY_LEN(fds)), 0);
		outlet_release_fenced(&r.o, NOW_S, NOW_MS);
		assert_int_equal(r.o.on_the_way, 0);
		assert_int_equal(r.o.done.n, 0);
		assert_null(r.o.jobs[0].sendmail);
		outlet_close(&r.o);
	}
	remove_folder(folder);
}

/* Its folder cannot be made: nothing is begun, and what waits is given back. */
static void what_is_down_gives_everything_back(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, MAILBOX_MAILDIR);
	r.mailbox.path = "/nowhere/at/all";
	wait_until(&r, 0, NOW_S);
	wait_until(&r, 1, NOW_S + 5);
	assert_true(outlet_wants(&r.o) > 0);
	outlet_pump(&r.o, NOW_S, NOW_MS);
	assert_true(r.o.down);
	assert_int_equal(r.o.back.n, 2);
	assert_int_equal(outlet_wants(&r.o), 0);
	wait_until(&r, 2, NOW_S);
	outlet_pump(&r.o, NOW_S, NOW_MS);
	assert_int_equal(r.o.back.n, 3);
	outlet_close(&r.o);
}

/* With more programs than there is room for, those that fit are polled. */
static void only_what_there_is_room_for_is_polled(void **state)
{
	struct pollfd fds[SENDMAIL_FDS_MAX];
	struct rig r;

	(void)state;
	rig_open(&r, MAILBOX_SENDMAIL);
	r.parcels[1].fenced = true;
	for (int i = 0; i < 2; i++) {
		static const char mail[] = "From: a@example.com\r\n\r\nHi\r\n";
		struct sendmail_job job = { .program = "/bin/true", .from = "a@example.com", .rcpt = "b@example.com", .content = mail, .len = sizeof mail - 1 };
		struct delivery d;

		r.o.jobs[i].sendmail = sendmail_prepare(&job, &d);
		r.o.jobs[i].parcel = &r.parcels[1];
		sendmail_run(r.o.jobs[i].sendmail, NOW_MS);
	}
	assert_int_equal(outlet_fds(&r.o, fds, 0), 0);
	assert_true(outlet_fds(&r.o, fds, SENDMAIL_FDS_MAX) <= SENDMAIL_FDS_MAX);
	outlet_close(&r.o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_do_waits_for_nothing),
		cmocka_unit_test(a_mail_that_can_go_is_begun_at_once),
		cmocka_unit_test(a_slot_in_the_future_is_waited_for),
		cmocka_unit_test(busy_programs_are_waited_for),
		cmocka_unit_test(answers_are_recorded_at_once),
		cmocka_unit_test(a_slot_that_is_long_past_is_given_back),
		cmocka_unit_test(what_is_not_let_through_is_forgotten),
		cmocka_unit_test(what_is_down_gives_everything_back),
		cmocka_unit_test(only_what_there_is_room_for_is_polled),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
