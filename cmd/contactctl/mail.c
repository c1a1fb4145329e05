#include "contactctl.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "cli/editor.h"
#include "cli/input.h"
#include "cli/outcomes.h"
#include "engine/absent.h"
#include "engine/letter.h"
#include "session.h"

#include <string.h>
#include <unistd.h>

#define SUBJECT_MAX 900
#define BODY_MAX    ((size_t)1 << 20)

struct mail_opts {
	const char *template, *subject, *body, *mailbox, *on_sent, *on_reply;
	bool dry_run;
};

static const struct opt mail_opts[] = {
	OPT_STR(struct mail_opts, template, 0, "template", "TEMPLATE", "send this template, with the contact's values"),
	OPT_STR(struct mail_opts, subject, 's', "subject", "TEXT", "the subject of a mail that you write"),
	OPT_STR(struct mail_opts, body, 'b', "body", "FILE", "its text; - is stdin; without it, on a terminal, your editor opens"),
	OPT_STR(struct mail_opts, mailbox, 0, "mailbox", "MAILBOX", "send from this mailbox; default yours, else the team's"),
	OPT_STR(struct mail_opts, on_sent, 0, "on-sent", "PIPELINE", "the contact enters this pipeline when the mail was sent"),
	OPT_STR(struct mail_opts, on_reply, 0, "on-reply", "PIPELINE", "the contact enters this pipeline when it is answered"),
	OPT_DRY_RUN(struct mail_opts, dry_run),
	OPT_END,
};

static int check_choice(const struct mail_opts *o, struct err *err)
{
	if (o->template && (o->subject || o->body))
		return err_set(err, ERR_USAGE, "--template has a subject and a text of its own");
	if (!o->template && !o->subject)
		return err_set(err, ERR_USAGE, "say --template NAME, or --subject TEXT and --body FILE");
	if (!o->subject)
		return 0;
	if (!*o->subject || strpbrk(o->subject, "\r\n"))
		return err_set(err, ERR_USAGE, "a subject is one line, and not empty");
	if (!utf8_valid(o->subject, strlen(o->subject)) || strlen(o->subject) > SUBJECT_MAX)
		return err_set(err, ERR_USAGE, "the subject is not UTF-8, or longer than %d bytes", SUBJECT_MAX);
	return 0;
}

/* A mail without a word is a slip, also in an editor that was left without writing. */
static int check_body(const struct buf *b, struct err *err)
{
	if (!utf8_valid(b->s, b->len) || memchr(b->s, '\0', b->len))
		return err_set(err, ERR_INVALID, "the text is not UTF-8");
	if (strspn(b->s, " \t\r\n") == b->len)
		return err_set(err, ERR_REFUSED, "the text is empty: nothing is sent");
	return 0;
}

static int read_body(struct cli *cli, const struct mail_opts *o, struct buf *b, struct err *err)
{
	if (o->template)
		return 0;
	if (!o->body && !isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, "say with --body where the text is; - is stdin");
	if ((o->body ? cli_read_input(o->body, b, err) : cli_edit(cli, b, err)) < 0)
		return -1;
	return check_body(b, err);
}

static int find_pipeline(struct session *s, const char *name, const struct pipeline **ret, struct err *err)
{
	return name ? enroll_pipeline(&s->engine, s->world, name, ret, err) : 0;
}

static int read_letter(struct session *s, const struct mail_opts *o, const struct buf *body, struct letter *ret,
                       struct err *err)
{
	*ret = (struct letter){ .mailbox = o->mailbox, .subject = o->subject, .text = body->s };
	if (o->template) {
		ret->template = world_template(s->world, o->template);
		if (!ret->template)
			return absent_document(s->cli->db, s->cli->team, DOC_TEMPLATE, o->template, err);
	}
	if (o->mailbox && !world_mailbox(s->world, o->mailbox))
		return absent_document(s->cli->db, s->cli->team, DOC_MAILBOX, o->mailbox, err);
	if (find_pipeline(s, o->on_sent, &ret->on_sent, err) < 0 || find_pipeline(s, o->on_reply, &ret->on_reply, err) < 0)
		return -1;
	return 0;
}

/* What is wrong is said before somebody has written a page. */
static int check_first(struct session *s, const struct mail_opts *o, const struct buf *empty, struct err *err)
{
	struct letter letter;
	struct contact c;

	if (people_find(&s->engine, s->world, s->cli->args.v[0], s->arena, &c, err) < 0 ||
	    read_letter(s, o, empty, &letter, err) < 0)
		return -1;
	return letter_check(&s->engine, s->world, &c, &letter, s->arena, err);
}

static int queue(struct session *s, const struct mail_opts *o, const struct buf *body, struct err *err)
{
	const char *mailbox;
	struct outcomes out;
	struct letter letter;
	struct contact c;
	int64_t id;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, s->cli->db, err) < 0 || read_letter(s, o, body, &letter, err) < 0 ||
	    people_find(&s->engine, s->world, s->cli->args.v[0], s->arena, &c, err) < 0 ||
	    letter_queue(&s->engine, s->world, &c, &letter, s->arena, &id, &mailbox, err) < 0 ||
	    (!o->dry_run && txn_commit(&txn, err) < 0))
		return -1;
	outcomes_begin(&out, s->cli);
	outcome_id(&out, "message", id, "queued", arena_printf(s->arena, "to %s from %s", c.email, mailbox));
	return outcomes_end(&out, 0);
}

static int run(struct cli *cli, struct err *err)
{
	const struct mail_opts *o = cli->opts;
	BUF_AUTO body = BUF_INIT(BODY_MAX);
	SESSION_AUTO s = { 0 };

	if (check_choice(o, err) < 0 || session_open(&s, cli, err) < 0 || session_documents(&s, err) < 0 ||
	    check_first(&s, o, &body, err) < 0 || read_body(cli, o, &body, err) < 0)
		return -1;
	return queue(&s, o, &body, err);
}

const struct cli_cmd mail_cmd = {
	.name = "mail",
	.args = "ADDR",
	.about = "write to one contact; it goes with the next tick",
	.min_args = 1,
	.max_args = 1,
	.opts = mail_opts,
	.opts_size = sizeof(struct mail_opts),
	.examples = "contactctl mail anna@example.com --subject 'Your question' --body answer.txt\n"
	            "contactctl mail anna@example.com --template offer --on-sent follow-up\n"
	            "contactctl mail anna@example.com -s 'Lunch?'\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
