/*
 * Composing: whatever stands in names, subject, ids and bodies (one a line), a composed mail has CRLF line ends only, no
 * line that is too long, no other headers than ours, each once, and no line that begins with a dot.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "format/mime.h"

#include <string.h>

#define OUTPUT ((size_t)16 << 20)

static const char *const known[] = { "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To",
	"References", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "X-Auto-Response-Suppress",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Language", "Feedback-ID" };

static void check_header(const char *line, size_t len, unsigned *seen)
{
	const char *colon = memchr(line, ':', len);

	if (*line == ' ' || *line == '\t')
		return;
	HOLD(colon);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if ((size_t)(colon - line) == strlen(known[i]) && memcmp(line, known[i], strlen(known[i])) == 0) {
			HOLD(!(*seen & 1u << i));
			*seen |= 1u << i;
			return;
		}
	}
	HOLD(!"a header of our own");
}

static void check_mail(const struct buf *mail)
{
	unsigned seen = 0;
	bool headers = true;

	HOLD(!memchr(mail->s, '\0', mail->len));
	for (const char *at = mail->s, *end; at < mail->s + mail->len; at = end + 2) {
		end = memmem(at, (size_t)(mail->s + mail->len - at), "\r\n", 2);
		HOLD(end);
		HOLD(!memchr(at, '\n', (size_t)(end - at)) && !memchr(at, '\r', (size_t)(end - at)));
		HOLD(end - at <= (headers ? 998 : 76));
		HOLD(*at != '.');
		if (headers && end > at)
			check_header(at, (size_t)(end - at), &seen);
		headers = headers && end > at;
	}
	HOLD(!headers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	BUF_AUTO text = BUF_INIT(OUTPUT), mail = BUF_INIT(OUTPUT), kept = BUF_INIT(OUTPUT);
	struct mime_attachment attachment = { .filename = "a.txt" };
	const char *field[12] = { 0 }, *references[2];
	struct mime_message m = { .date = 1782716400, .message_id = "17.4f3a@example.com" };
	struct err err = ERR_INIT;
	char *rest;

	buf_add(&text, data, len);
	rest = text.s;
	for (int i = 0; i < 11 && rest; i++)
		field[i] = strsep(&rest, "\n");
	m.from = (struct mime_mailbox){ field[0], "anna@example.com" };
	m.to = (struct mime_mailbox){ field[1], field[2] ? field[2] : "b@example.com" };
	m.reply_to = (struct mime_mailbox){ field[3], field[4] };
	m.subject = field[5];
	m.in_reply_to = field[6];
	references[0] = references[1] = field[6];
	m.references = references;
	m.n_references = field[6] && mime_message_id_ok(field[6]) ? 2 : 0;
	m.unsubscribe_mailto = field[7];
	m.unsubscribe_https = field[8];
	m.unsubscribe_one_click = field[8] != NULL;
	if (field[9]) {
		attachment = (struct mime_attachment){ field[9], field[10], text.s, len };
		m.attachments = &attachment;
		m.n_attachments = 1;
	}
	m.text = len & 1 ? rest : NULL;
	m.html = len & 2 || !m.text ? rest : NULL;
	if (mime_compose(&m, &mail, &err) < 0) {
		HOLD(mail.len == 0);
		return 0;
	}
	check_mail(&mail);
	mime_headers(mail.s, mail.len, &kept);
	HOLD(!memchr(kept.s, '\r', kept.len));
	return 0;
}
