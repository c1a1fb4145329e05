#include "contactctl.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "cli/notice.h"
#include "operate/activity.h"
#include "people/dossier.h"
#include "session.h"
#include "store/message_store.h"

#include <string.h>

#define MESSAGE_MAX (64u << 20)

struct message_opts {
	bool html, raw;
};

static const struct opt message_opts[] = {
	OPT_FLAG(struct message_opts, html, 0, "html", "print the HTML part and nothing else"),
	OPT_FLAG(struct message_opts, raw, 0, "raw", "print the headers encoded, as they were sent"),
	OPT_END,
};

static void add_safe(struct buf *b, const char *text)
{
	utf8_safe(b, text, strlen(text), true);
	if (*text && text[strlen(text) - 1] != '\n')
		buf_addc(b, '\n');
}

static void add_headers(struct session *s, const char *headers, struct buf *b)
{
	const struct message_opts *o = s->cli->opts;
	BUF_AUTO readable = BUF_INIT(MESSAGE_MAX);

	if (!o->raw)
		message_headers_for_people(headers, &readable);
	add_safe(b, o->raw ? headers : readable.s);
}

/* What it has besides its text, and that it has nothing any more. */
static void add_parts(const struct message *m, struct buf *b)
{
	const char *at = m->attachments;

	if (*m->html)
		buf_adds(b, "HTML: yes, shown by --html\n");
	for (size_t n; *at; at += n + (at[n] == '\n')) {
		n = strcspn(at, "\n");
		buf_adds(b, "Attachment: ");
		utf8_safe(b, at, n, false);
		buf_addc(b, '\n');
	}
	if (m->state == MESSAGE_SENT && !*m->headers)
		buf_adds(b, "Content: not kept any more\n");
}

/* As a mail is read: what became of it, its headers, its text. */
static void write_text(struct session *s, const struct message *m, const struct activity_place *at, struct buf *b)
{
	buf_addf(b, "Message: %lld, %s at %s\n", (long long)m->id, message_state_text(m->state),
	         session_time(s, m->changed_at));
	if (at->pipeline)
		buf_addf(b, "Pipeline: %s%s%s, run %lld\n", at->pipeline, at->step ? "/" : "", at->step ? at->step : "",
		         (long long)m->run);
	else
		buf_adds(b, "Pipeline: none, written by hand\n");
	if (*m->reply)
		buf_addf(b, "Answer: %s\n", m->reply);
	if (*m->headers) {
		add_headers(s, m->headers, b);
	} else {
		buf_addf(b, "To: %s\n", m->rcpt_to);
		buf_addf(b, "Subject: %s\n", m->subject);
	}
	add_parts(m, b);
	buf_addc(b, '\n');
	add_safe(b, m->text);
}

static int print(struct session *s, const struct message *m, struct err *err)
{
	const struct message_opts *o = s->cli->opts;
	BUF_AUTO b = BUF_INIT(MESSAGE_MAX);
	struct activity_place at;

	if (activity_place(&s->engine, s->cli->team, m->run, m->step, s->arena, &at, err) < 0)
		return -1;
	if (o->html && !*m->html)
		return err_set(err, ERR_REFUSED, "message %lld has no HTML part", (long long)m->id);
	if (o->html)
		buf_adds(&b, m->html);
	else if (s->cli->json)
		dossier_write_message(m, at.pipeline, at.step, &b);
	else
		write_text(s, m, &at, &b);
	if (s->cli->json && !o->html)
		buf_addc(&b, '\n');
	cli_put(s->cli, &b);
	return 0;
}

static int run(struct cli *cli, struct err *err)
{
	SESSION_AUTO s = { 0 };
	struct message m;

	if (session_open(&s, cli, err) < 0 ||
	    message_find(&s.engine, cli->team, cli->args.v[0], s.arena, &m, err) < 0)
		return -1;
	return print(&s, &m, err);
}

const struct cli_cmd message_cmd = {
	.name = "message",
	.args = "ID|MESSAGE-ID",
	.about = "show a mail as it was sent, and what became of it",
	.min_args = 1,
	.max_args = 1,
	.opts = message_opts,
	.opts_size = sizeof(struct message_opts),
	.examples = "contactctl message 4711\n"
	            "contactctl message 4711 --html >mail.html\n"
	            "contactctl message '<abc@example.com>' --json\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = run,
};
