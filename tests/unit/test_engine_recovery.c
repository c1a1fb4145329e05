#include "fixture.h"

#include "engine/alert.h"
#include "engine/crash.h"
#include "engine/guard.h"
#include "engine/parcel.h"
#include "operate/runs.h"
#include "store/db_private.h"
#include "store/queue_store.h"
#include "tick/work.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What a tick that died leaves, at each state of a mail, and what the next one makes of it; items that kill ticks.
 */

#define HOUR 3600

static int setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	fixture_apply(&f, "kind: Pipeline\nname: two\nsteps:\n  - email: {subject: One, text: First.}\n"
	                  "  - email: {subject: Two, text: Second.}\n    after: 1 day\n");
	*state = &f;
	return 0;
}

/* A sendmail that keeps each mail as FOLDER/sent/N. */
static void use_sendmail(struct fixture *f, const char *more)
{
	const char *path = arena_printf(&f->arena, "%s/send", f->folder);
	FILE *script = fopen(path, "w");

	fprintf(script, "#!/bin/sh\ncat >%s/sent/$(ls %s/sent | wc -l)\n", f->folder, f->folder);
	fclose(script);
	assert_int_equal(chmod(path, 0755), 0);
	mkdir(arena_printf(&f->arena, "%s/sent", f->folder), 0755);
	fixture_apply(f, arena_printf(&f->arena, "kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\n"
	                                         "sendmail: FOLDER/send\n%s", more));
}

static int sent(struct fixture *f)
{
	char path[128];
	int n = 0;

	for (; snprintf(path, sizeof path, "%s/sent/%d", f->folder, n), access(path, F_OK) == 0; n++)
		;
	return n;
}

static const char *sent_mail(struct fixture *f, int n)
{
	const char *path = arena_printf(&f->arena, "%s/sent/%d", f->folder, n);
	char *text = arena_alloc(&f->arena, 1 << 16);
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	text[fread(text, 1, (1 << 16) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static int64_t start(struct fixture *f, const char *email)
{
	fixture_add(f, email, NULL);
	return fixture_enroll(f, "two", email, NULL);
}

/* Up to where a tick gets before it dies. */
enum stage { CLAIMED, FENCED };

static void begin(struct fixture *f, struct txn *t)
{
	*t = (struct txn)TXN_INIT;
	OK(txn_begin(t, f->db, &err));
	OK(engine_refresh(&f->e, &err));
}

/* Line ends as a sendmail program gets them. */
static const char *content_of(struct fixture *f, const struct parcel *p)
{
	char *text = arena_alloc(&f->arena, p->claim.len + 1), *to = text;

	for (const char *s = p->claim.bytes, *end = s + p->claim.len; s < end; s++)
		if (*s != '\r')
			*to++ = *s;
	return text;
}

/* A tick takes the first mail that is due. */
static struct parcel *take(struct fixture *f, enum stage stage, struct lane *ret_lane)
{
	struct parcel *p = NULL;
	struct queue_row row;
	struct world *w;
	struct txn t;
	struct lane l;
	int64_t slot = f->e.now;
	int due = 0;

	begin(f, &t);
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(lane_get(f->db, f->team, "mailbox", "hello", &f->arena, &l, &err));
	OK(lane_slots(&f->e, &l, world_mailbox(w, "hello"), f->e.now, 1, &slot, &err));
	OK(due = queue_take(f->db, l.id, f->e.now, &row, 1, &err));
	assert_int_equal(due, 1);
	OK(parcel_claim(&f->e, &l, world_mailbox(w, "hello"), &row, slot, &p, &err));
	assert_non_null(p);
	OK(txn_commit(&t, &err));
	if (stage == FENCED) {
		begin(f, &t);
		OK(parcel_fence(&f->e, p, &err));
		assert_true(p->fenced);
		OK(txn_commit(&t, &err));
	}
	*ret_lane = l;
	return p;
}

/* The same, and it dies. Returns what it would have sent. */
static const char *die(struct fixture *f, enum stage stage)
{
	struct lane l;
	struct parcel *p = take(f, stage, &l);
	const char *content = content_of(f, p);

	parcel_free(p);
	return content;
}

static const char *state_of(struct fixture *f)
{
	return fixture_text(f, "SELECT state FROM message ORDER BY id LIMIT 1");
}

static const char *run_of(struct fixture *f)
{
	return fixture_text(f, "SELECT status || ' ' || reason FROM run ORDER BY id LIMIT 1");
}

static void nothing_is_left(struct fixture *f)
{
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM claim WHERE token > 0"), 0);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE state IN ('sending', 'offered')"), 0);
}

/*
 * Mails in the hands of a dead tick.
 */
static void a_claim_goes_back_and_out_once_with_its_message_id(void **state)
{
	struct fixture *f = *state;
	const char *mid;

	use_sendmail(f, "");
	start(f, "anna@example.org");
	die(f, CLAIMED);
	assert_string_equal(state_of(f), "sending");
	mid = fixture_text(f, "SELECT message_id FROM message");
	fixture_tick(f, MONDAY_9AM);
	assert_string_equal(state_of(f), "sent");
	assert_int_equal(sent(f), 1);
	assert_non_null(strstr(sent_mail(f, 0), mid));
	nothing_is_left(f);
}

static void a_claim_gives_its_slot_back(void **state)
{
	struct fixture *f = *state;

	use_sendmail(f, "limit: {per_day: 1}\n");
	start(f, "anna@example.org");
	die(f, CLAIMED);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM quota"), 1);
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(sent(f), 1);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM quota"), 1);
}

static void a_claim_whose_run_was_stopped_meanwhile_goes_nowhere(void **state)
{
	struct fixture *f = *state;
	struct run_stop stop;
	struct txn t;
	int64_t run;

	use_sendmail(f, "");
	run = start(f, "anna@example.org");
	die(f, CLAIMED);
	begin(f, &t);
	OK(run_stop(&f->e, f->team, run, &stop, &err));
	OK(txn_commit(&t, &err));
	fixture_tick(f, MONDAY_9AM);
	fixture_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(sent(f), 0);
	assert_string_equal(state_of(f), "dropped");
	assert_string_equal(run_of(f), "stopped manual");
	nothing_is_left(f);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue"), 0);
}

static void stop_from_another_program(struct fixture *f, int64_t run)
{
	struct fixture other = *f;
	struct run_stop stop;
	struct txn t;

	OK(db_open(f->db_path, DB_WRITE, &other.db, &err));
	engine_init(&other.e, other.db, f->e.now, "root", "manual");
	begin(&other, &t);
	OK(run_stop(&other.e, f->team, run, &stop, &err));
	OK(txn_commit(&t, &err));
	engine_release(&other.e);
	db_close(other.db);
}

/* The answer is recorded; what was known of the run when the mail was claimed is not. */
static void a_run_that_was_stopped_behind_the_fence_stays_stopped(void **state)
{
	struct fixture *f = *state;
	struct parcel *p;
	struct lane l;
	struct txn t;
	int64_t run;

	use_sendmail(f, "");
	run = start(f, "anna@example.org");
	p = take(f, FENCED, &l);
	stop_from_another_program(f, run);
	begin(f, &t);
	p->result = delivery_make(DELIVERY_SENT, PHASE_DOT, "250 ok");
	OK(parcel_record(&f->e, &l, p, &err));
	OK(txn_commit(&t, &err));
	parcel_free(p);
	assert_string_equal(state_of(f), "sent");
	assert_string_equal(run_of(f), "stopped manual");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM queue"), 0);
	assert_int_equal(fixture_number(f, "SELECT mails_sent FROM run"), 0);
}

static void an_offered_mail_is_in_doubt_and_never_repeated(void **state)
{
	struct fixture *f = *state;

	use_sendmail(f, "");
	start(f, "anna@example.org");
	die(f, FENCED);
	assert_string_equal(state_of(f), "offered");
	for (int i = 0; i < 3; i++)
		fixture_tick(f, MONDAY_9AM + i * HOUR);
	assert_int_equal(sent(f), 0);
	assert_string_equal(state_of(f), "in-doubt");
	assert_string_equal(run_of(f), "blocked in-doubt");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM claim WHERE token = 0"), 1); /* it can go again */
	nothing_is_left(f);
}

static int settle(struct fixture *f, bool resend)
{
	struct txn t;
	int got = -1;

	begin(f, &t);
	OK(got = parcel_settle(&f->e, f->team, fixture_number(f, "SELECT id FROM message"), resend, &err));
	OK(txn_commit(&t, &err));
	return got;
}

static void a_mail_in_doubt_that_was_sent_lets_its_run_go_on(void **state)
{
	struct fixture *f = *state;

	use_sendmail(f, "");
	start(f, "anna@example.org");
	die(f, FENCED);
	fixture_tick(f, MONDAY_9AM);
	f->e.now = MONDAY_9AM + HOUR;
	assert_int_equal(settle(f, false), 1);
	assert_int_equal(settle(f, false), 0); /* once */
	assert_string_equal(state_of(f), "sent");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM claim"), 0);
	assert_int_equal(fixture_number(f, "SELECT due_at FROM run"), MONDAY_9AM + HOUR + 24 * HOUR);
	fixture_tick(f, MONDAY_9AM + 25 * HOUR);
	assert_int_equal(sent(f), 1);
	assert_non_null(strstr(sent_mail(f, 0), "Subject: Two"));
}

static void a_mail_in_doubt_is_sent_again_with_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	const char *bytes;

	use_sendmail(f, "");
	start(f, "anna@example.org");
	bytes = die(f, FENCED);
	fixture_tick(f, MONDAY_9AM);
	assert_non_null(strstr(bytes, "Subject: One"));
	fixture_apply(f, "kind: Pipeline\nname: two\nsteps:\n  - email: {subject: Edited, text: Edited.}\n");
	f->e.now = MONDAY_9AM + HOUR;
	assert_int_equal(settle(f, true), 1);
	fixture_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(sent(f), 1);
	assert_string_equal(sent_mail(f, 0), bytes);
	assert_string_equal(state_of(f), "sent");
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM claim"), 0);
}

static void a_mailbox_may_assume_that_a_mail_in_doubt_was_sent(void **state)
{
	struct fixture *f = *state;

	use_sendmail(f, "in_doubt: assume-sent\n");
	start(f, "anna@example.org");
	die(f, FENCED);
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(sent(f), 0);
	assert_string_equal(state_of(f), "sent");
	assert_string_equal(run_of(f), "running ");
	nothing_is_left(f);
}

static void a_mailbox_may_send_a_mail_in_doubt_again(void **state)
{
	struct fixture *f = *state;
	const char *mid;

	use_sendmail(f, "in_doubt: resend\n");
	start(f, "anna@example.org");
	die(f, FENCED);
	mid = fixture_text(f, "SELECT message_id FROM message");
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(sent(f), 0); /* not at once */
	fixture_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(sent(f), 1);
	assert_non_null(strstr(sent_mail(f, 0), mid));
	assert_string_equal(state_of(f), "sent");
}

/* The file's name follows from the Message-ID: a mail that is there is seen, one that is not is written. */
static void a_maildir_has_each_mail_once(void **state)
{
	struct fixture *f = *state;
	const char *mid;
	FILE *file;

	start(f, "anna@example.org");
	start(f, "bob@example.org");
	die(f, FENCED);
	mid = fixture_text(f, "SELECT message_id FROM message");
	fixture_tick(f, MONDAY_9AM); /* bob's goes, anna's waits */
	assert_int_equal(fixture_mails(f, "hello"), 1);
	file = fopen(arena_printf(&f->arena, "%s/hello/new/%s", f->folder, mid), "w");
	assert_non_null(file);
	fputs("It was written before the tick died.\n", file);
	fclose(file);
	fixture_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(fixture_mails(f, "hello"), 2);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM message WHERE state = 'sent'"), 2);

	f->e.now = MONDAY_9AM + 2 * HOUR;
	start(f, "carl@example.org");
	die(f, FENCED);
	fixture_tick(f, MONDAY_9AM + 3 * HOUR);
	fixture_tick(f, MONDAY_9AM + 4 * HOUR);
	assert_int_equal(fixture_mails(f, "hello"), 3);
}

static int64_t queue_test_mail(struct fixture *f)
{
	struct world *w;
	struct loose_mail mail = { .mailbox = "hello", .to = "ops@example.com", .subject = "Test", .text = "A test." };
	int64_t id = 0;
	struct txn t;

	begin(f, &t);
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(queue_loose_mail(&f->e, w, &mail, &id, &err));
	OK(txn_commit(&t, &err));
	return id;
}

static void mails_without_a_run_are_recovered_the_same_way(void **state)
{
	struct fixture *f = *state;

	use_sendmail(f, "");
	queue_test_mail(f);
	die(f, CLAIMED);
	fixture_tick(f, MONDAY_9AM);
	assert_int_equal(sent(f), 1);
	assert_string_equal(state_of(f), "sent");
	queue_test_mail(f);
	die(f, FENCED);
	fixture_tick(f, MONDAY_9AM + 5);
	fixture_tick(f, MONDAY_9AM + 2 * HOUR);
	assert_int_equal(sent(f), 1);
	assert_string_equal(fixture_text(f, "SELECT state FROM message ORDER BY id DESC LIMIT 1"), "in-doubt");
	nothing_is_left(f);
}

/*
 * Items that kill ticks.
 */

/* A tick with the lock, as pipe-worker does it. */
static int try_locked_tick(struct fixture *f, int64_t now, struct err *ret)
{
	struct work_options how = { .max = INT64_MAX };
	struct work_count n;
	struct guard g;
	int got = 0;

	OK(got = guard_lock(f->db_path, &g, &err));
	assert_int_equal(got, 1);
	how.guard = &g;
	f->e.now = now;
	got = work(&f->e, &how, &n, ret);
	close(g.fd);
	return got;
}

static void locked_tick(struct fixture *f, int64_t now)
{
	OK(try_locked_tick(f, now, &err));
}

/* Where a tick's way ends that got so far. */
enum death { OVER_ITEM, COLLECTING };

static void child_dies(struct fixture *f, enum death where, int64_t item)
{
	struct err err = ERR_INIT;
	struct txn t = TXN_INIT;
	struct guard g;
	struct engine e;
	struct db *db;

	if (guard_lock(f->db_path, &g, &err) <= 0 || crash_open(g.fd, &err) < 0 || db_open(f->db_path, DB_WRITE, &db, &err) < 0)
		_exit(2);
	engine_init(&e, db, f->e.now, "pipe-tick", "pipeline");
	if (txn_begin(&t, db, &err) < 0 || crash_collect(&e, &err) < 0 || txn_commit(&t, &err) < 0)
		_exit(3);
	if (where == COLLECTING)
		raise(SIGKILL);
	crash_collected();
	if (item && (txn_begin(&t, db, &err) < 0 || crash_enter(&e, item, &err) < 0))
		_exit(4);
	raise(SIGKILL);
}

static void die_tick(struct fixture *f, enum death where, int64_t item)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		child_dies(f, where, item);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* A tick begins, gets to this item, and is gone. item 0: between two items. */
static void die_over(struct fixture *f, int64_t item)
{
	die_tick(f, OVER_ITEM, item);
}

static int64_t counted_deaths(struct fixture *f)
{
	return fixture_number(f, "SELECT count(*) FROM meta WHERE name LIKE 'crash:%'");
}

static void three_deaths_quarantine_a_mail_and_the_others_go(void **state)
{
	struct fixture *f = *state;
	struct retry_result result;
	struct txn t;
	int64_t bad;

	bad = start(f, "anna@example.org");
	start(f, "bob@example.org");
	for (int i = 0; i < 3; i++)
		die_over(f, bad);
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 1);
	assert_non_null(fixture_mail_with(f, "hello", "bob@example.org"));
	assert_string_equal(run_of(f), "blocked quarantined");
	assert_string_equal(fixture_text(f, "SELECT type FROM event WHERE type = 'run.blocked'"), "run.blocked");
	locked_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(fixture_mails(f, "hello"), 1);

	begin(f, &t);
	OK(run_retry_by_hand(&f->e, f->team, bad, &f->arena, &result, &err));
	OK(txn_commit(&t, &err));
	assert_int_equal(result.how, RETRY_DONE);
	locked_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(fixture_mails(f, "hello"), 2);
	assert_string_equal(run_of(f), "running ");
}

/* The commit fails in which the third one is counted. */
static void a_death_that_could_not_be_recorded_still_counts(void **state)
{
	struct fixture *f = *state;
	struct err why = ERR_INIT;
	int64_t bad = start(f, "anna@example.org");

	for (int i = 0; i < 3; i++)
		die_over(f, bad);
	OK(db_exec(f->db,
	           "CREATE TABLE nobody (id INTEGER PRIMARY KEY);"
	           "CREATE TABLE broken (owner INTEGER REFERENCES nobody (id) DEFERRABLE INITIALLY DEFERRED);"
	           "CREATE TRIGGER breaks AFTER UPDATE ON meta BEGIN INSERT INTO broken VALUES (1); END",
	           &err));
	assert_int_equal(try_locked_tick(f, MONDAY_9AM, &why), -1);
	OK(db_exec(f->db, "DROP TRIGGER breaks", &err));
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 0);
	assert_string_equal(run_of(f), "blocked quarantined");
}

static void two_deaths_are_an_accident_and_forgotten(void **state)
{
	struct fixture *f = *state;
	int64_t run = start(f, "anna@example.org");

	for (int i = 0; i < 2; i++)
		die_over(f, run);
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 1);
	assert_int_equal(counted_deaths(f), 0);
	for (int i = 0; i < 2; i++) /* over another mail of the same run */
		die_over(f, run);
	locked_tick(f, MONDAY_9AM + 24 * HOUR);
	assert_int_equal(fixture_mails(f, "hello"), 2);
}

/* Gone between the commit that counts it and the end of the mark, as often as it likes. */
static void a_death_that_was_recorded_is_not_counted_again(void **state)
{
	struct fixture *f = *state;
	int64_t run = start(f, "anna@example.org");

	for (int i = 0; i < 2; i++)
		die_over(f, run);
	for (int i = 0; i < 3; i++)
		die_tick(f, COLLECTING, 0);
	die_over(f, 0);
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 1);
	for (int i = 0; i < 3; i++)
		die_over(f, run);
	die_tick(f, COLLECTING, 0);
	locked_tick(f, MONDAY_9AM + 24 * HOUR);
	assert_string_equal(run_of(f), "blocked quarantined");
}

/* After a power failure the lock file may be an old one, the database is not. */
static void a_mark_that_comes_back_counts_nobody(void **state)
{
	struct fixture *f = *state;
	int64_t run = start(f, "anna@example.org");
	size_t size = 4096;
	char old[4096];
	FILE *lock;

	die_over(f, run);
	lock = fopen(arena_printf(&f->arena, "%s.lock", f->db_path), "r+");
	assert_non_null(lock);
	assert_int_equal(fread(old, 1, size, lock), size);
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 1);
	rewind(lock);
	assert_int_equal(fwrite(old, 1, size, lock), size);
	assert_int_equal(fclose(lock), 0);
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(counted_deaths(f), 0);
}

/* What died had the database in hand that a backup has taken the place of. */
static void a_mark_beside_an_older_database_counts_nobody(void **state)
{
	struct fixture *f = *state;
	int64_t run = start(f, "anna@example.org");

	for (int i = 0; i < 3; i++)
		die_over(f, run);
	OK(db_exec(f->db, "DELETE FROM meta WHERE name LIKE 'crash%'", &err));
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 1);
	assert_int_equal(counted_deaths(f), 0);
	for (int i = 0; i < 3; i++)
		die_over(f, run);
	locked_tick(f, MONDAY_9AM + 24 * HOUR);
	assert_string_equal(run_of(f), "blocked quarantined");
}

static void a_death_between_two_items_is_nobodys(void **state)
{
	struct fixture *f = *state;

	start(f, "anna@example.org");
	for (int i = 0; i < 4; i++)
		die_over(f, 0);
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 1);
}

static void three_deaths_quarantine_a_step_without_mail(void **state)
{
	struct fixture *f = *state;
	int64_t run;

	fixture_apply(f, "kind: Pipeline\nname: quiet\nsteps: [{tag: seen}]\n");
	start(f, "anna@example.org");
	fixture_add(f, "bob@example.org", NULL);
	run = fixture_enroll(f, "quiet", "anna@example.org", NULL);
	fixture_enroll(f, "quiet", "bob@example.org", NULL);
	for (int i = 0; i < 3; i++)
		die_over(f, run);
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM tag_contact"), 1);
	assert_string_equal(fixture_text(f, "SELECT status || ' ' || reason FROM run WHERE reason <> ''"), "blocked quarantined");
	assert_int_equal(fixture_mails(f, "hello"), 1);
}

static void three_deaths_quarantine_a_mail_without_a_run(void **state)
{
	struct fixture *f = *state;
	int64_t mail = queue_test_mail(f);

	start(f, "anna@example.org");
	for (int i = 0; i < 3; i++)
		die_over(f, -mail);
	locked_tick(f, MONDAY_9AM);
	assert_int_equal(fixture_mails(f, "hello"), 1);
	assert_string_equal(fixture_text(f, "SELECT state FROM message WHERE run = 0"), "quarantined");
	locked_tick(f, MONDAY_9AM + HOUR);
	assert_int_equal(fixture_mails(f, "hello"), 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_claim_goes_back_and_out_once_with_its_message_id),
		T(a_claim_gives_its_slot_back),
		T(a_claim_whose_run_was_stopped_meanwhile_goes_nowhere),
		T(a_run_that_was_stopped_behind_the_fence_stays_stopped),
		T(an_offered_mail_is_in_doubt_and_never_repeated),
		T(a_mail_in_doubt_that_was_sent_lets_its_run_go_on),
		T(a_mail_in_doubt_is_sent_again_with_the_same_bytes),
		T(a_mailbox_may_assume_that_a_mail_in_doubt_was_sent),
		T(a_mailbox_may_send_a_mail_in_doubt_again),
		T(a_maildir_has_each_mail_once),
		T(mails_without_a_run_are_recovered_the_same_way),
		T(three_deaths_quarantine_a_mail_and_the_others_go),
		T(a_death_that_could_not_be_recorded_still_counts),
		T(two_deaths_are_an_accident_and_forgotten),
		T(a_death_that_was_recorded_is_not_counted_again),
		T(a_mark_that_comes_back_counts_nobody),
		T(a_mark_beside_an_older_database_counts_nobody),
		T(a_death_between_two_items_is_nobodys),
		T(three_deaths_quarantine_a_step_without_mail),
		T(three_deaths_quarantine_a_mail_without_a_run),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
