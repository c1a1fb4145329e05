#include "every_failure.h"

#include "../torture/failing.h"

#include "base/buf.h"
#include "engine/event.h"
#include "engine/keys.h"
#include "engine/letter.h"
#include "inbox/inbox_read.h"
#include "people/people.h"
#include "rehearse/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * What comes back, in each kind of inbox, while each statement fails in turn: the inbox is not read to its end, says so, and is
 * read once nothing fails; no mail counts twice. Linked with GMime, as pipe-inbox is.
 */

static const char documents[] =
	"kind: Mailbox\nname: anna\nfrom: Anna <anna@us.example>\nsendmail: FOLDER/sendmail\ninbox: {maildir: FOLDER/in}\ninbox_max_age: never\n"
	"---\nkind: Mailbox\nname: box\nfrom: Box <box@us.example>\nmaildir: FOLDER/out\ninbox: {mbox: FOLDER/mbox}\ninbox_max_age: never\n"
	"---\nkind: Mailbox\nname: drop\nfrom: Drop <drop@us.example>\nmaildir: FOLDER/out\ninbox: drop\ninbox_max_age: never\n"
	"---\nkind: Mailbox\nname: far\nfrom: Far <far@us.example>\nmaildir: FOLDER/out\ninbox: {imap: {url: 'imap://127.0.0.1:1', tls: none, user: u,"
	" password_file: FOLDER/secret}}\ninbox_max_age: never\n"
	"---\nkind: Mailbox\nname: key\nfrom: Key <key@us.example>\nmaildir: FOLDER/out\ninbox: {imap: {url: 'imap://127.0.0.1:1', tls: none, user: u,"
	" token_command: 'cat FOLDER/token 2>/dev/null'}}\ninbox_max_age: never\n"
	"---\nkind: Mailbox\nname: vera\nfrom: Vera <vera@us.example>\nmaildir: FOLDER/out\nverp: plus\ninbox: {maildir: FOLDER/in}\n"
	"inbox_max_age: never\n"
	"---\nkind: Mailbox\nname: deaf\nfrom: Deaf <deaf@us.example>\nmaildir: FOLDER/out\n"
	"---\nkind: Pipeline\nname: signed\nmailbox: vera\nsteps: [{email: {subject: Signed, text: s}}, {wait: 9 days}]\n"
	"---\nkind: Pipeline\nname: holes\nmailbox: anna\nsteps: [{email: {subject: Hello, text: 'Dear {{ contact.first_name }}'}}]\n"
	"---\nkind: Pipeline\nname: answered\nmailbox: anna\nsteps: [{wait: 9 days}]\n"
	"---\nkind: Pipeline\nname: hi\nmailbox: anna\nenroll: {new_contacts: true}\nsteps:\n"
	"  - email: {subject: Hello, text: Hi there}\n  - email: {subject: Again, text: Me again}\n    after: 2 days\n";

static void write_file(struct fixture *f, const char *name, const char *text)
{
	const char *path = arena_printf(&f->arena, "%s/%s", f->folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, 0700), 0);
}

static void make_folder(struct fixture *f, const char *name)
{
	assert_int_equal(mkdir(arena_printf(&f->arena, "%s/%s", f->folder, name), 0700), 0);
}

static int setup(void **state)
{
	static const char *const people[] = { "kim", "lee", "pat", "sam", "uma", "zoe" };
	static struct fixture f;

	fixture_open(&f);
	write_file(&f, "sendmail", "#!/bin/sh\ncat >/dev/null\n");
	make_folder(&f, "in");
	make_folder(&f, "in/new");
	make_folder(&f, "in/cur");
	make_folder(&f, "in/tmp");
	fixture_apply(&f, documents);
	for (size_t i = 0; i < ARRAY_LEN(people); i++)
		fixture_add(&f, arena_printf(&f.arena, "%s@far.example", people[i]), NULL);
	fixture_tick(&f, MONDAY_9AM);
	*state = &f;
	return 0;
}

/* The Message-ID of the last mail to somebody. */
static const char *id_to(struct fixture *f, const char *who)
{
	const char *id = fixture_text(f, arena_printf(&f->arena, "SELECT message_id FROM message WHERE rcpt_to = '%s@far.example' ORDER BY id DESC LIMIT 1", who));

	assert_true(*id != '\0');
	return id;
}

static const char *stands(struct fixture *f, const char *who)
{
	return fixture_text(f, arena_printf(&f->arena, "SELECT r.status || ' ' || r.reason FROM run r JOIN contact c ON c.id = r.contact"
	                                               " WHERE c.folded LIKE '%s@%%' ORDER BY r.id LIMIT 1", who));
}

static int64_t count(struct fixture *f, const char *what)
{
	return fixture_number(f, arena_printf(&f->arena, "SELECT count(*) FROM %s", what));
}

static const char *reply(struct fixture *f, const char *who, const char *subject, const char *header, const char *text)
{
	return arena_printf(&f->arena, "From: %s@far.example\nTo: anna@us.example\nSubject: %s\nMessage-ID: <r-%s@far.example>\n%s\n%s\n", who,
	                    subject, who, header, text);
}

static const char *answer(struct fixture *f, const char *who)
{
	return reply(f, who, "Re: Hello", arena_printf(&f->arena, "In-Reply-To: <%s>\n", id_to(f, who)), "Yes, please.");
}

/* About the recipient, and with the headers of the mail when there is an id. */
static const char *report(struct fixture *f, const char *who, const char *id, const char *action)
{
	const char *status = strcmp(action, "failed") == 0 ? "5.1.1" : "2.0.0";
	const char *original = id ? arena_printf(&f->arena, "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <%s>\n\n", id) : "";

	return arena_printf(&f->arena, "Return-Path: <>\nFrom: MAILER-DAEMON@far.example\nTo: anna@us.example\nSubject: Undelivered Mail Returned to Sender\n"
	                               "Message-ID: <b-%s-%s@far.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
	                               "--x\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; %s@far.example\nAction: %s\nStatus: %s\n\n%s--x--\n",
	                    who, action, who, action, status, original);
}

static const char *mailbox; /* whose inbox is read */
static struct inbox_count counted;
static bool meanwhile; /* somebody applies documents before the first mail is taken */

static void apply_meanwhile(struct fixture *f)
{
	bool active = failing.active;

	failing.active = false;
	fixture_number(f, "UPDATE team SET generation = generation + 1 RETURNING 1");
	failing.active = active;
}

static int read_inbox(struct fixture *f, int64_t id, struct err *err)
{
	struct token_key key;
	struct world *w;
	(void)id;

	counted = (struct inbox_count){ .again = counted.again }; /* of the mailbox before */
	if (engine_world(&f->e, f->team, &w, err) < 0 || keys_load(f->db_path, &key, err) < 0)
		return -1;
	if (meanwhile)
		apply_meanwhile(f);
	return inbox_read(&f->e, w, world_mailbox(w, mailbox), &key, &counted, err);
}

/* A mail comes, and this is what becomes of it. */
static void becomes(struct fixture *f, const char *name, const char *text, enum inbox_result wanted)
{
	struct err err = ERR_INIT;

	write_file(f, arena_printf(&f->arena, "in/new/%s", name), text);
	assert_int_equal(read_inbox(f, 0, &err), 0);
	assert_int_equal(counted.mails, 1);
	if (counted.results[wanted] != 1)
		fail_msg("%s does not become %d", name, (int)wanted);
}

/* A mail comes, and the inbox is read: while everything fails, and then. */
static void arrives(struct fixture *f, const char *name, const char *text)
{
	struct call c = CALL(name, PARTS, read_inbox);

	mailbox = "anna";
	write_file(f, arena_printf(&f->arena, "in/new/%s", name), text);
	fails_everywhere(f, &c);
}

/* A note to uma from anna, whose answer begins a pipeline. */
static void write_letter(struct fixture *f)
{
	struct letter letter = { .mailbox = "anna", .subject = "Lunch", .text = "At noon?" };
	struct txn t = TXN_INIT;
	const char *from;
	struct contact c;
	struct world *w;
	int64_t id;

	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "uma@far.example", &f->arena, &c, &err));
	letter.on_reply = world_pipeline(w, "answered");
	OK(txn_begin(&t, f->db, &err));
	OK(letter_queue(&f->e, w, &c, &letter, &f->arena, &id, &from, &err));
	OK(txn_commit(&t, &err));
	fixture_tick(f, MONDAY_9AM + 60);
}

static void what_comes_back_into_a_folder(void **state)
{
	struct fixture *f = *state;

	arrives(f, "answer", answer(f, "kim"));
	assert_string_equal(stands(f, "kim"), "stopped replied");
	fixture_enroll(f, "holes", "lee@far.example", NULL);
	fixture_enroll(f, "answered", "lee@far.example", NULL);
	arrives(f, "away", reply(f, "lee", "Automatic reply: Hello", "Auto-Submitted: auto-replied\n", "I am back on 12 July 2026."));
	assert_string_equal(stands(f, "lee"), "running away");
	assert_int_equal(count(f, "run r JOIN contact c ON c.id = r.contact WHERE c.folded = 'lee@far.example' AND r.reason = 'away'"), 1);
	arrives(f, "bounce", report(f, "pat", id_to(f, "pat"), "failed"));
	assert_string_equal(stands(f, "pat"), "stopped bounced");
	arrives(f, "again", report(f, "pat", id_to(f, "pat"), "delayed"));
	arrives(f, "nobody", report(f, "nobody", NULL, "failed"));
	arrives(f, "stranger", reply(f, "stranger", "unsubscribe 17.4f3a@us.example", "", ""));
	assert_int_equal(count(f, "event WHERE type = 'email.unmatched'"), 2);
	arrives(f, "leave", reply(f, "sam", arena_printf(&f->arena, "unsubscribe %s", id_to(f, "sam")), "", ""));
	assert_string_equal(stands(f, "sam"), "stopped unsubscribed");
	write_letter(f);
	arrives(f, "lunch", reply(f, "uma", "Re: Lunch", arena_printf(&f->arena, "In-Reply-To: <%s>\n", id_to(f, "uma")), "Gladly"));
	assert_int_equal(count(f, "run r JOIN document d ON d.id = r.pipeline JOIN contact c ON c.id = r.contact WHERE d.name = 'answered' AND c.folded LIKE 'uma@%'"), 1);
	assert_string_equal(stands(f, "uma"), "running ");
	assert_int_equal(count(f, "event WHERE type IN ('email.replied', 'mail.replied', 'email.bounced', 'email.auto_replied')"), 4);
}

/* Of somebody who has another address by now, only the old one is not written to again. */
static void what_comes_back_of_an_address_of_yesterday(void **state)
{
	struct fixture *f = *state;
	struct txn t = TXN_INIT;
	struct contact c;
	struct world *w;

	OK(engine_world(&f->e, f->team, &w, &err));
	OK(people_find(&f->e, w, "zoe@far.example", &f->arena, &c, &err));
	OK(txn_begin(&t, f->db, &err));
	OK(people_move(&f->e, &c, "zoe@new.example", &f->arena, &err));
	OK(txn_commit(&t, &err));
	arrives(f, "bounce", report(f, "zoe", id_to(f, "zoe"), "failed"));
	assert_string_equal(stands(f, "zoe"), "running ");
	assert_int_equal(count(f, "suppression WHERE folded = 'zoe@far.example'"), 1);
	assert_int_equal(count(f, "suppression WHERE folded = 'zoe@new.example'"), 0);
}

/* Whoever answers has had it; whose server reports it, too. */
static void what_comes_back_of_a_mail_in_doubt(void **state)
{
	struct fixture *f = *state;

	write_file(f, "sendmail", "#!/bin/sh\ncat >/dev/null\nkill -9 $$\n");
	fixture_add(f, "ann@far.example", NULL);
	fixture_add(f, "bob@far.example", NULL);
	fixture_tick(f, MONDAY_9AM + 60);
	assert_int_equal(count(f, "message WHERE state = 'in-doubt'"), 2);
	arrives(f, "answer", answer(f, "ann"));
	assert_string_equal(stands(f, "ann"), "stopped replied");
	arrives(f, "report", report(f, "bob", id_to(f, "bob"), "delivered"));
	assert_int_equal(count(f, "message WHERE state = 'in-doubt'"), 0);
	assert_int_equal(counted.results[INBOX_DELIVERED], 1);
	assert_string_equal(stands(f, "bob"), "running ");
}

/* Only files are mails. */
static void what_is_no_file_is_left(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	assert_int_equal(system(arena_printf(&f->arena, "cd '%s/in/new' && ln -s /etc/passwd link && mkdir folder", f->folder)), 0);
	mailbox = "anna";
	assert_int_equal(read_inbox(f, 0, &err), 0);
	assert_int_equal(counted.mails, 0);
}

/* What is not certain is left: by whom it is, of whom it speaks, whether it failed. */
static void what_speaks_of_nobody_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *two = arena_printf(&f->arena,
	                               "Return-Path: <>\nFrom: MAILER-DAEMON@far.example\nTo: anna@us.example\nSubject: Undelivered Mail Returned to Sender\n"
	                               "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
	                               "--x\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n"
	                               "Final-Recipient: rfc822; c@b.example\nAction: failed\nStatus: 5.1.1\n\n"
	                               "--x\nContent-Type: text/rfc822-headers\n\nTo: kim@far.example\n\n--x--\n");
	const int64_t later = MONDAY_9AM + 31 * DAY_SECONDS;

	arrives(f, "two", two);
	assert_int_equal(counted.results[INBOX_OTHER], 1);
	arrives(f, "strange", reply(f, "not an address@", "Hello", "", "Who are you?"));
	assert_int_equal(counted.results[INBOX_UNMATCHED], 1);
	arrives(f, "old", "From: x@y.example\nDate: Mon, 01 Jan 2024 09:00:00 +0000\nSubject: Hello\n\nOf long ago, without an id.\n");
	assert_int_equal(counted.results[INBOX_OTHER], 1);
	f->e.now = later;
	arrives(f, "late", reply(f, "kim", "Good day", "", "A month later, to nothing."));
	assert_int_equal(counted.results[INBOX_UNMATCHED], 1);
	assert_string_equal(stands(f, "kim"), "running ");
	assert_int_equal(count(f, "event WHERE type = 'email.replied'"), 0);
}

/* A report of several recipients: their blocks, and the headers of the mail when there is an id. */
static const char *report_of(struct fixture *f, const char *name, const char *id, const char *blocks)
{
	const char *original = id ? arena_printf(&f->arena, "--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <%s>\n\n", id) : "";

	return arena_printf(&f->arena, "Return-Path: <>\nFrom: MAILER-DAEMON@far.example\nTo: anna@us.example\nSubject: Undelivered Mail Returned to Sender\n"
	                               "Message-ID: <%s@far.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
	                               "--x\nContent-Type: message/delivery-status\n\n%s%s--x--\n", name, blocks, original);
}

#define BLOCK(recipient, action, status) "Final-Recipient: rfc822; " recipient "\nAction: " action "\nStatus: " status "\n\n"
#define FAILED(recipient)                BLOCK(recipient, "failed", "5.1.1")
#define DELIVERED(recipient)             BLOCK(recipient, "delivered", "2.0.0")

/* Of which of its recipients a report speaks, when it has several. */
static void whom_a_report_is_about(void **state)
{
	struct fixture *f = *state;

	mailbox = "anna";
	/* Of one who is known, beside one who is not: by the address. */
	becomes(f, "1", report_of(f, "1", NULL, FAILED("kim@far.example") FAILED("x@else.example")), INBOX_BOUNCED);
	assert_string_equal(stands(f, "kim"), "stopped bounced");
	/* The same once more, of another server: it counts, and changes nothing. */
	becomes(f, "2", report_of(f, "2", id_to(f, "kim"), FAILED("kim@far.example")), INBOX_BOUNCED);
	assert_int_equal(count(f, "message WHERE state = 'bounced'"), 1);
	/* It was sent on from the address that was written to. */
	becomes(f, "3", report_of(f, "3", id_to(f, "lee"), "Original-Recipient: rfc822; z@far.example\n" DELIVERED("y@else.example")
	                          "Original-Recipient: rfc822; lee@far.example\n" FAILED("x@else.example")), INBOX_BOUNCED);
	assert_string_equal(stands(f, "lee"), "stopped bounced");
	/* Neither address is known, but the mail is. */
	becomes(f, "4", report_of(f, "4", id_to(f, "pat"), FAILED("x@else.example") FAILED("y@else.example")), INBOX_BOUNCED);
	assert_string_equal(stands(f, "pat"), "stopped bounced");
	/* Another's failed, this one's arrived. */
	becomes(f, "5", report_of(f, "5", id_to(f, "sam"), DELIVERED("sam@far.example") FAILED("x@else.example")), INBOX_DELIVERED);
	assert_string_equal(stands(f, "sam"), "running ");
}

static const char *complaint(struct fixture *f, const char *who, const char *type)
{
	return arena_printf(&f->arena, "From: fbl@far.example\nTo: anna@us.example\nSubject: FW: Hello\nMessage-ID: <c-%s-%s@far.example>\nMIME-Version: 1.0\n"
	                               "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n"
	                               "Content-Type: message/feedback-report\n\nFeedback-Type: %s\nOriginal-Rcpt-To: %s@far.example\n\n--x--\n",
	                    who, type, type, who);
}

/* Somebody has to look at a complaint or a failure, and at nothing else. */
static void of_nobody_only_what_matters_is_listed(void **state)
{
	struct fixture *f = *state;

	mailbox = "anna";
	becomes(f, "1", complaint(f, "nobody", "abuse"), INBOX_UNMATCHED);
	becomes(f, "2", complaint(f, "nobody", "not-spam"), INBOX_OTHER);
	becomes(f, "3", report(f, "nobody", NULL, "delivered"), INBOX_OTHER);
	assert_int_equal(count(f, "event WHERE type = 'email.unmatched'"), 1);
}

/* Where return addresses are signed, a bounce without one is not believed; of a complaint no server gives it back. */
static void who_signs_believes_a_complaint(void **state)
{
	struct fixture *f = *state;

	fixture_enroll(f, "signed", "zoe@far.example", NULL);
	fixture_tick(f, MONDAY_9AM + 60);
	mailbox = "vera";
	becomes(f, "1", report(f, "zoe", NULL, "failed"), INBOX_UNMATCHED);
	becomes(f, "2", complaint(f, "zoe", "abuse"), INBOX_COMPLAINED);
	assert_int_equal(count(f, "run r JOIN contact c ON c.id = r.contact WHERE c.folded = 'zoe@far.example' AND r.reason = 'complained'"), 2);
}

static const char *absence(struct fixture *f, const char *id, const char *written, const char *back)
{
	return arena_printf(&f->arena, "From: lee@far.example\nTo: anna@us.example\nSubject: Automatic reply: Hello\nAuto-Submitted: auto-replied\n"
	                               "Date: %s 2026 09:00:00 +0000\nMessage-ID: <%s@far.example>\n\nI am back on %s 2026.\n", written, id, back);
}

/* The longest absence counts, and one that is over none. */
static void who_is_away_longer_is_waited_for(void **state)
{
	static const char until[] = "SELECT r.due_at FROM run r JOIN contact c ON c.id = r.contact WHERE c.folded = 'lee@far.example'";
	struct fixture *f = *state;
	int64_t planned = fixture_number(f, until), away;

	mailbox = "anna";
	becomes(f, "1", absence(f, "1", "Sat, 20 Jun", "25 June"), INBOX_AUTO_REPLIED);
	assert_int_equal(fixture_number(f, until), planned);
	becomes(f, "2", absence(f, "2", "Mon, 29 Jun", "12 July"), INBOX_AUTO_REPLIED);
	away = fixture_number(f, until);
	assert_true(away > planned);
	becomes(f, "3", absence(f, "3", "Mon, 29 Jun", "10 July"), INBOX_AUTO_REPLIED);
	assert_int_equal(fixture_number(f, until), away);
	assert_string_equal(stands(f, "lee"), "running away");
}

/* The mailto form without its id: whoever writes it means himself. */
static void who_only_says_unsubscribe_is_believed(void **state)
{
	struct fixture *f = *state;

	mailbox = "anna";
	becomes(f, "1", reply(f, "zoe", "unsubscribe", "", ""), INBOX_UNSUBSCRIBED);
	assert_string_equal(stands(f, "zoe"), "stopped unsubscribed");
}

/* It belongs to nobody, even if it went to somebody who is a contact. */
static void an_answer_to_a_test_mail_is_nobodys(void **state)
{
	const struct trial how = { .to = "kim@far.example", .account = "tester" };
	struct fixture *f = *state;
	struct trial_mail *mails;
	struct txn t = TXN_INIT;
	struct world *w;

	OK(txn_begin(&t, f->db, &err));
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(trial_pipeline(&f->e, w, world_pipeline(w, "signed"), &how, &f->arena, &mails, &err));
	OK(txn_commit(&t, &err));
	fixture_tick(f, MONDAY_9AM + 60);
	mailbox = "anna";
	becomes(f, "1", answer(f, "kim"), INBOX_UNMATCHED);
	assert_string_equal(stands(f, "kim"), "running ");
}

/* Somebody applies documents while an inbox is read: what counts now is loaded, and that can fail like anything else. */
static void documents_change_meanwhile(void **state)
{
	struct fixture *f = *state;

	meanwhile = true;
	arrives(f, "answer", answer(f, "kim"));
	meanwhile = false;
	assert_string_equal(stands(f, "kim"), "stopped replied");
	assert_int_equal(count(f, "event WHERE type = 'email.replied'"), 1);
}

/* Nothing is guessed: the mail is not taken, and the inbox says why until it is mended. */
static void a_damaged_address_is_told(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	mailbox = "anna";
	write_file(f, "in/new/1", report(f, "kim", id_to(f, "kim"), "failed"));
	fixture_number(f, "UPDATE message SET rcpt_to = 'no address' WHERE rcpt_to = 'kim@far.example' RETURNING 1");
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_non_null(strstr(err.text, "no address"));
	assert_string_equal(stands(f, "kim"), "running ");
	assert_int_equal(count(f, "inbox_place WHERE mailbox = 'anna' AND failing_since > 0"), 1);
	fixture_number(f, "UPDATE message SET rcpt_to = 'kim@far.example' WHERE rcpt_to = 'no address' RETURNING 1");
	assert_int_equal(read_inbox(f, 0, &err), 0);
	assert_string_equal(stands(f, "kim"), "stopped bounced");
}

/* Documents may say so since it was looked for: nothing is read, and nothing is wrong. */
static void a_mailbox_without_an_inbox_has_no_mail(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	mailbox = "deaf";
	assert_int_equal(read_inbox(f, 0, &err), 0);
	assert_int_equal(counted.mails, 0);
	assert_int_equal(count(f, "inbox_place WHERE mailbox = 'deaf'"), 0);
}

static void what_was_read_is_known_again(void **state)
{
	static const struct call later = CALL("a month later", PARTS, read_inbox);
	struct fixture *f = *state;
	const char *box = arena_printf(&f->arena, "From kim@far.example Mon Jun 29 09:00:00 2026\n%s\n", answer(f, "kim"));
	static const struct call first = CALL("an mbox", PARTS, read_inbox);
	struct err err = ERR_INIT;

	mailbox = "box";
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_non_null(strstr(err.text, "there is no file "));
	assert_false(counted.again);
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_true(counted.again);
	f->e.shared = true; /* what is wrong then is nothing that was told before */
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_non_null(strstr(err.text, "in a shared database"));
	assert_false(counted.again);
	f->e.shared = false;
	write_file(f, "mbox", box);
	fails_everywhere(f, &first);
	assert_string_equal(stands(f, "kim"), "stopped replied");
	assert_int_equal(read_inbox(f, 0, &err), 0);
	assert_int_equal(counted.mails, 0);
	f->e.now += 31 * DAY_SECONDS;
	write_file(f, "mbox", arena_printf(&f->arena, "%s\nFrom lee@far.example Mon Jul 29 09:00:00 2026\n%s\n", box, reply(f, "lee", "Good day", "", "Hm.")));
	fails_everywhere(f, &later);
	assert_int_equal(count(f, "inbox_mail WHERE mailbox = 'box'"), 2);
	assert_int_equal(count(f, "event WHERE type = 'email.replied'"), 1);
}

static const char *dropped;

/* pipe-drop left the answer, what is nobody's, and what was sent by the mailbox itself, which are kept. They come again before each try. */
static int read_drop(struct fixture *f, int64_t id, struct err *err)
{
	write_file(f, "x.db.drop/sales/drop/1", dropped);
	write_file(f, "x.db.drop/sales/drop/b", report(f, "nobody", NULL, "failed"));
	write_file(f, "x.db.drop/sales/drop/2", "From: x@y.example\nSubject: Offer\nMessage-ID: <o@y.example>\n\nCheap!\n");
	write_file(f, "x.db.drop/sales/drop/c", "From: drop@us.example\nSubject: Hello\nMessage-ID: <c@us.example>\n\nA copy.\n");
	mailbox = "drop";
	return read_inbox(f, id, err);
}

static bool is_there(struct fixture *f, const char *name)
{
	struct stat st;

	return stat(arena_printf(&f->arena, "%s/x.db.drop/sales/drop/%s", f->folder, name), &st) == 0;
}

static void what_pipe_drop_left(void **state)
{
	static const struct call c = CALL("drop", PARTS, read_drop);
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	dropped = answer(f, "kim");
	make_folder(f, "x.db.drop");
	make_folder(f, "x.db.drop/sales");
	make_folder(f, "x.db.drop/sales/drop");
	fails_everywhere(f, &c);
	assert_string_equal(stands(f, "kim"), "stopped replied");
	assert_true(is_there(f, "kept/2") && is_there(f, "kept/b") && is_there(f, "kept/c") && !is_there(f, "1") && !is_there(f, "2"));
	assert_int_equal(count(f, "event WHERE type = 'email.replied'"), 1);
	/* What cannot be put away stays, and is told. */
	mailbox = "drop";
	assert_int_equal(system(arena_printf(&f->arena, "rm -r '%s/x.db.drop/sales/drop/kept'", f->folder)), 0);
	write_file(f, "x.db.drop/sales/drop/kept", "From: z@y.example\n\nNot a folder.\n");
	write_file(f, "x.db.drop/sales/drop/3", "From: x@y.example\nSubject: Offer\n\nCheaper!\n");
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_int_equal(err.kind, ERR_IO);
	assert_non_null(strstr(err.text, "/drop/kept/3: "));
	assert_true(is_there(f, "3"));
	assert_int_equal(system(arena_printf(&f->arena, "cd '%s/x.db.drop/sales' && rm -r drop && >drop", f->folder)), 0);
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_non_null(strstr(err.text, "x.db.drop/sales/drop"));
}

/* Without its password, and without its server. */
static void an_account_that_cannot_be_read_is_told(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	mailbox = "far";
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_non_null(strstr(err.text, "/secret"));
	write_file(f, "secret", "geheim\n");
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_null(strstr(err.text, "geheim"));
	assert_int_equal(count(f, "inbox_place WHERE mailbox = 'far' AND failing_since > 0 AND problem <> ''"), 1);
	mailbox = "key";
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_non_null(strstr(err.text, "the command for the secret failed"));
	write_file(f, "token", "geheim\n");
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_null(strstr(err.text, "geheim"));
	assert_null(strstr(err.text, "the command"));
	/* A folder that is none. */
	mailbox = "anna";
	assert_int_equal(system(arena_printf(&f->arena, "cd '%s/in' && rmdir new && >new", f->folder)), 0);
	assert_int_equal(read_inbox(f, 0, &err), -1);
	assert_non_null(strstr(err.text, "/in/new: "));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(what_comes_back_into_a_folder),
		T(what_comes_back_of_an_address_of_yesterday),
		T(what_comes_back_of_a_mail_in_doubt),
		T(what_speaks_of_nobody_changes_nothing),
		T(whom_a_report_is_about),
		T(of_nobody_only_what_matters_is_listed),
		T(who_signs_believes_a_complaint),
		T(who_is_away_longer_is_waited_for),
		T(who_only_says_unsubscribe_is_believed),
		T(an_answer_to_a_test_mail_is_nobodys),
		T(documents_change_meanwhile),
		T(a_damaged_address_is_told),
		T(a_mailbox_without_an_inbox_has_no_mail),
		T(what_is_no_file_is_left),
		T(what_was_read_is_known_again),
		T(what_pipe_drop_left),
		T(an_account_that_cannot_be_read_is_told),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
