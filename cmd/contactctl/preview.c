#include "preview.h"

#include "base/buf.h"
#include "cli/notice.h"
#include "cli/table.h"
#include "rehearse/simulate.h"

#define DAYS 3650
#define DAY  86400

#define MAILS_MAX (64u << 20)

static const struct cli_column columns[] = {
	{ "email", CLI_TEXT }, { "at", CLI_TIME },   { "what", CLI_STATE }, { "step", CLI_TEXT },
	{ "text", CLI_TEXT },  { "from", CLI_TEXT }, { "body", CLI_TEXT | CLI_ONLY_JSON }, { 0 },
};

struct output {
	struct session *session;
	struct cli_table table;
	const char *email;
	struct buf mails;
};

static void put_row(struct output *out, int64_t at, const char *what, const char *step, const char *text,
                    const char *mailbox, const char *body)
{
	struct cli_table *t = &out->table;

	cli_text(t, out->email);
	cli_time_or_null(t, at);
	cli_text(t, what);
	cli_text(t, step);
	cli_text(t, text && *text ? text : NULL);
	cli_text(t, mailbox && *mailbox ? mailbox : NULL);
	cli_text(t, body);
	cli_row_end(t);
}

static void put_line(const struct sim_line *l, void *ctx)
{
	struct output *out = ctx;

	put_row(out, l->at, sim_word(l), l->step ? l->step->name : NULL, l->text, l->mailbox,
	        l->mail ? l->mail->text : NULL);
	if (out->session->cli->verbose && !out->session->cli->json && l->mail)
		sim_write_mail(l, out->email, session_time(out->session, l->at), &out->mails);
}

/* What the entry would come to: tried, and rolled back. */
static int try_entry(struct session *s, const struct pipeline *p, struct contact *c, struct enroll_report *ret,
                     struct err *err)
{
	STANDINGS_AUTO standings = { 0 };
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, s->cli->db, err) < 0 || enroll_by_hand(&s->engine, s->world, p, c, s->arena, ret, err) < 0)
		return -1;
	standings_begin(&standings, &s->engine, s->cli->team);
	return enroll_date(&standings, s->cli->team, ret, s->arena, err);
}

/* The steps are shown as planned: what else is sent until then is not rehearsed. */
static void tell_moved(struct session *s, const struct enroll_report *r)
{
	if (*r->moved)
		cli_notice(s->cli, "as things stand, mail %s to %s %s%s (%s)", r->first.step, r->email,
		           r->first.at ? "goes at " : "waits", r->first.at ? session_time(s, r->first.at) : "", r->moved);
}

/* 1 would be enrolled, 0 would be refused, -1. */
static int preview_one(struct session *s, const struct pipeline *p, struct contact *c, struct output *out,
                       struct err *err)
{
	struct enroll_report r;
	const struct simulation how = {
		.from = s->cli->now,
		.until = s->cli->now + (int64_t)DAYS * DAY,
		.enroller = s->cli->who.account,
		.mended = true,
		.each = put_line,
		.ctx = out,
	};

	out->email = c->email;
	if (try_entry(s, p, c, &r, err) < 0)
		return -1;
	if (!enrolled_ok(r.result.how)) {
		put_row(out, s->cli->now, "refused", NULL, session_refusal(s, &r), NULL, NULL);
		return 0;
	}
	if (r.result.how == ENROLL_BLOCKED)
		session_tell(s, &r);
	tell_moved(s, &r);
	return simulate(&s->engine, s->world, p, c, &how, s->arena, err) < 0 ? -1 : 1;
}

static void put_unknown(void *ctx, const char *address, const char *text)
{
	struct output *out = ctx;

	out->email = address;
	put_row(out, 0, "refused", NULL, text, NULL, NULL);
}

int preview(struct session *s, const struct pipeline *p, struct selection *sel, struct err *err)
{
	struct output out = { .session = s, .mails = BUF_INIT(MAILS_MAX) };
	bool refused = false;
	struct contact c;
	int got;

	s->rehearsal = true;
	sel->unknown = put_unknown;
	sel->unknown_ctx = &out;
	cli_table_begin(&out.table, s->cli, columns);
	while ((got = selection_next(sel, &c, err)) > 0) {
		got = preview_one(s, p, &c, &out, err);
		if (got < 0)
			break;
		refused |= got == 0;
	}
	cli_table_end(&out.table);
	cli_put(s->cli, &out.mails);
	buf_release(&out.mails);
	return got < 0 ? -1 : refused || sel->n_unknown > 0;
}
