#include "mail/outcome.h"

#include "base/buf.h"
#include "mail/automatic.h"
#include "mail/reason.h"
#include "mail/sense.h"
#include "mail/words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* What goes wrong is said in front. */
enum { NOTICE_MAX = 65536 };

/* The lines of a text: `for (const char *l = text; l; l = next_line(l))`. */
static const char *next_line(const char *line)
{
	const char *lf = strchr(line, '\n');

	return lf ? lf + 1 : NULL;
}

static size_t line_size(const char *line)
{
	return strcspn(line, "\n");
}

/* A line in front of the mail that came back. */
static bool is_separator(struct arena *a, const char *line, size_t len)
{
	size_t blank = strspn(line, " \t");
	const char *words;
	bool ruled;

	if (blank >= len || !strchr("-=OoMmTtIiEeHhUu", line[blank]))
		return false;
	words = words_of(a, line + blank, len - blank < 200 ? len - blank : 200);
	ruled = words[0] == '-' || words[0] == '=';
	if (ruled)
		return words_have(words, "original message\0copy of \0header of the\0headers of the\0returned message\0"
		"unsent message\0"
		                         "original mail\0below this line\0message header\0undelivered message\0"
		                         "original text\0message follows\0mail follows\0");
	return words_begin(words, "original message follows\0original message headers\0message headers follow\0"
	                          "message header follows\0original mail as follows\0the original message follows\0"
	                          "intestazioni originali\0en-t\xc3\xaates de message\0"
	                          "urspr\xc3\xbcngliche nachrichtenkopf\0"
	                          "encabezados de mensajes originales\0the header of the original\0original headers\0"
	                          "the following is a copy\0here is a copy\0message text follows\0headers of the\0");
}

/* A header field that a notice itself does not write. */
static bool is_foreign_header(const char *line)
{
	static const char *const names[] = { "Received: ", "Return-Path: ", "DKIM-Signature: ", "MIME-Version: ", "Received-SPF: ",
		"Content-Type: ", "X-Google-DKIM-Signature: ", "ARC-Seal: ", "Delivered-To: " };

	line += strspn(line, " \t>");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncasecmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool is_header_line(const char *line)
{
	size_t n = strcspn(line, ": \t\n<>@");

	return n > 1 && n < 50 && line[n] == ':' && (line[n + 1] == ' ' || line[n + 1] == '\n');
}

/* What stands behind the separator, from its first header on. */
static void read_original(const struct mail *m, const char *from, struct mail_headers *ret)
{
	int lines = 0;

	for (const char *l = from; l && lines < 20; l = next_line(l), lines++)
		if (is_header_line(l)) {
			mail_headers_parse(m->arena, l, ret);
			return;
		}
}

const char *notice_text(const struct mail *m, struct mail_headers *ret_original)
{
	const char *text = mail_text(m), *line;

	if (strlen(text) > NOTICE_MAX)
		text = arena_strndup(m->arena, text, words_cut(text, NOTICE_MAX));
	line = text;
	*ret_original = m->original;
	while (line && !is_foreign_header(line) && !is_separator(m->arena, line, line_size(line)))
		line = next_line(line);
	if (!line || strspn(text, " \t\n") >= (size_t)(line - text))
		return text;
	if (ret_original->n == 0)
		read_original(m, line, ret_original);
	return arena_strndup(m->arena, text, (size_t)(line - text));
}

/* MAILER-DAEMON writes nothing but notices (RFC 5321 section 4.5.1 gives it no other use; postmasters are people, too). */
static bool is_daemon(const struct mail *m)
{
	const char *from = mail_header(&m->headers, "From"), *address = from ? words_header_address(m->arena, from) : "";

	return strncasecmp(*address ? address : from ? from : "", "mailer-daemon", 13) == 0;
}

/* Is it a mail system that writes? */
static bool is_system(const struct mail *m)
{
	const char *from = mail_header(&m->headers, "From"), *words, *address;

	if (!from)
		return false;
	if (strcmp(from, "<>") == 0 || *from == '\0')
		return true;
	address = words_header_address(m->arena, from);
	if (words_begin(words_of(m->arena, address[0] == '<' ? address + 1 : address, strcspn(address, "@")),
	                "mailer-daemon\0postmaster\0post_master\0post-master\0post.master\0poostmaster\0mailerdaemon\0mail-daemon\0maildaemon\0mdaemon\0"
	                "mailer_daemon\0microsoftexchange\0"
	                "mail.daemon\0mail_daemon\0mail-deliver\0maildeliver\0"))
		return true;
	words = words_of(m->arena, from, strlen(from));
	return words_have(words, "mailer-daemon\0mail delivery s\0mail deliver system\0mail system\0delivery subsystem\0"
	                         "mail administrator\0postmaster\0system administrator\0mail delivery agent\0"
	                         "mailer daemon\0");
}

static bool has_null_path(const struct mail *m)
{
	const char *path = mail_header(&m->headers, "Return-Path");

	return path && (*path == '\0' || strncmp(path, "<>", 2) == 0 || strncasecmp(path, "<mailer-daemon", 14) == 0 ||
	                strncasecmp(path, "mailer-daemon", 13) == 0 || strcmp(path, "<null>") == 0);
}

static bool subject_says(const struct mail *m, const struct vocabulary *v)
{
	const char *subject = mail_header(&m->headers, "Subject"), *words;

	if (!subject)
		return false;
	words = words_of(m->arena, subject, strlen(subject));
	if (words_begin(words, "re:\0fwd:\0fw:\0aw:\0wg:\0r:\0sv:\0tr:\0rv:\0automatic reply\0automatische antwort\0"))
		return false;
	return sense_undelivered(m->arena, v, words) || words_have(words,
	                  "\xe9\x85\x8d\xe4\xbf\xa1\xe4\xb8\x8d\xe8\x83\xbd\0"     /* cannot be delivered, in Japanese, */
	                  "\xe6\x9c\xaa\xe9\x80\x81\xe8\xbe\xbe\0"                 /* not delivered, in Chinese */
	                  "\xe6\x97\xa0\xe6\xb3\x95\xe4\xbc\xa0\xe9\x80\x92\0"
	                  "undeliver\0non-deliver\0nondeliver\0not deliver\0non deliver\0delivery fail\0"
	                  "delivery status\0delivery notif\0"
	                  "delivery report\0delivery error\0delivery problem\0delivery has failed\0delivery delay\0"
	                  "delayed mail\0"
	                  "failure notice\0failure delivery\0mail failure\0mail delivery\0message delivery\0returned mail\0"
	                  "returned to sender\0returning message\0mail returned\0returned message\0mail system error\0"
	                  "could not be delivered\0couldn't be delivered\0cannot be delivered\0can't be delivered\0"
	                  "undelivered\0message you sent blocked\0bounce notification\0mail error\0permanent error\0"
	                  "status notification\0postmaster notify\0error sending\0warning: could not send\0unable to deliver\0"
	                  "rejected mail\0message rejected\0mail rejected\0delivery unsuccessful\0delivery warning\0"
	                  "mail non remis\0non remis\0chec de la remise\0chec de remise\0unzustellbar\0nicht zustellbar\0"
	                  "zustellung fehlgeschlagen\0zustellungsfehler\0mancato recapito\0non recapitabile\0"
	                  "mancata consegna\0recapito non riuscito\0no se puede entregar\0no entregado\0"
	                  "no se ha podido entregar\0"
	                  "correo devuelto\0[bounce]\0warning: message\0message delayed\0delivery is delayed\0"
	                  "mail undeliv\0not member\0are not member\0not a member\0loop alert\0undelivrable\0"
	                  "onbestelbaar\0");
}

/* What notices write, and people do not write to those who wrote to them. */
static bool body_says(const struct mail *m, const struct vocabulary *v, const char *words)
{
	return sense_undelivered(m->arena, v, words) || words_have(words,
	                  "could not be delivered\0couldn't be delivered\0cannot be delivered\0can't be delivered\0"
	                  "was not delivered\0wasn't delivered\0were not delivered\0not able to be delivered\0"
	                  "unable to deliver\0"
	                  "able to deliver your\0not deliver your message\0delivery has failed\0delivery to the following\0"
	                  "delivery failed\0failed to deliver\0error delivering your\0undeliverable\0did not reach\0"
	                  "undelivered\0had permanent\0had transient\0had delivery problems\0had fatal errors\0"
	                  "delivery attempt\0"
	                  "mail delivery software\0delivery status notification\0smtp error from remote\0remote host said\0"
	                  "transcript of session\0could not be sent\0has been returned\0automatic bounce\0"
	                  "returned to sender\0was rejected by\0has been blocked\0message was rejected\0been rejected\0"
	                  "failure reasons\0couldn't deliver\0not be delivered\0not been delivered\0"
	                  "not yet been delivered\0successfully delivered\0unknown user\0user unknown\0"
	                  "mailbox exceeds\0mailbox full\0not member of\0not a member of this\0"
	                  "duplicated message-id\0non recapitat\0"
	                  "konnte nicht zugestellt\0nicht zugestellt werden\0n'a pas pu \xc3\xaatre remis\0"
	                  "no se pudo entregar\0"
	                  "non \xc3\xa8 stato possibile recapitare\0recapito non \xc3\xa8 riuscito\0delivery report\0");
}

/* Marks of a program, beside what it says. */
static bool is_marked(const struct mail *m)
{
	const char *submitted = mail_header(&m->headers, "Auto-Submitted");

	return has_null_path(m) || (submitted && strncasecmp(submitted, "auto-", 5) == 0) || mail_header(&m->headers, "X-MLServer") ||
	       mail_header(&m->headers, "Mailing-List");
}

/* What a person who shows us a notice does not write. */
static bool is_machine(const struct mail *m, const struct mail_headers *original)
{
	if (is_marked(m))
		return true;
	if (mail_header(&m->headers, "In-Reply-To") || mail_header(&m->headers, "References"))
		return false;
	return original->n > 2 || !mail_header(&m->headers, "Message-ID");
}

/* "550 5.1.1": in whatever language the rest is. */
static bool names_status(const char *text)
{
	char status[16];

	for (const char *at = text; (at = strpbrk(at, "45")) != NULL; at++) {
		bool starts = at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '.');

		if (starts && reason_reply_code(at) > 0 && (at[3] == ' ' || at[3] == '-') &&
		    reason_find_status(at + 4, strnlen(at + 4, 8), status))
			return true;
	}
	return false;
}

/* A report, although it names nobody. */
static bool has_status(const struct mail *m)
{
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].kind == MAIL_PART_STATUS)
			return true;
	return false;
}

static bool is_notice(const struct mail *m, const struct vocabulary *v, const char *text, const struct mail_headers *original)
{
	bool system = is_system(m), robot = automatic_is_robot(m), subject, body;

	if (mail_header(&m->headers, "X-Failed-Recipients") || has_status(m))
		return true;
	subject = subject_says(m, v);
	if (!system && !robot && !subject && !has_null_path(m))
		return false;
	body = body_says(m, v, words_of(m->arena, text, strlen(text)));
	if (system)
		return subject || body || is_daemon(m) || names_status(text);
	if (robot && (subject || body))
		return (subject && body && strchr(text, '@')) || original->n > 2 || names_status(text); /* parcels are delivered, too */
	if (!subject)
		return body && original->n > 2;
	return body && is_machine(m, original);
}

struct found {
	const char *address;
	int rank; /* 1: the line begins with it; 2: labelled as recipient; 3: said by a server; 4: somewhere in a sentence */
};

struct search {
	const struct mail *m;
	const struct mail_headers *original;
	struct found *v;
	size_t n, cap;
	bool own; /* look for our own addresses only: mail to oneself */
};

static bool same(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

static bool in_header(const struct mail *m, const struct mail_headers *h, const char *name, const char *address)
{
	const char *value, *found;

	for (size_t i = 0; (value = mail_header_next(h, name, &i)) != NULL;)
		for (size_t at = 0; (found = words_address(m->arena, value, strlen(value), &at)) != NULL;)
			if (same(found, address))
				return true;
	return false;
}

/* Our own addresses, to which the notice was sent, and that of the system that wrote it. */
static bool is_own(const struct search *s, const char *address)
{
	static const char *const names[] = { "To", "Delivered-To", "X-Original-To", "Envelope-To", "From" };
	static const char *const original[] = { "From", "Return-Path", "Sender", "Reply-To" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (in_header(s->m, &s->m->headers, names[i], address))
			return true;
	for (size_t i = 0; i < sizeof original / sizeof *original; i++)
		if (in_header(s->m, s->original, original[i], address))
			return true;
	return false;
}

static bool is_help(const char *address)
{
	return words_begin(address, "postmaster@\0Postmaster@\0abuse@\0MAILER-DAEMON@\0mailer-daemon@\0support@\0"
	"help@\0helpdesk@\0"
	                            "noreply@\0no-reply@\0");
}

/* Where managers of mailing lists take commands. */
static bool is_list_control(const char *address)
{
	size_t n = strcspn(address, "@");

	return words_begin(address, "owner-\0") || (n > 4 && memcmp(address + n - 4, "-ctl", 4) == 0) ||
	       (n > 8 && memcmp(address + n - 8, "-request", 8) == 0) || (n > 6 && memcmp(address + n - 6, "-admin", 6) == 0);
}

static int rank_of(const char *line, size_t address_at)
{
	size_t blank = strspn(line, " \t*>|-\"'(<[:");
	char words[64];
	size_t n = 0;

	if (address_at <= blank || (strncasecmp(line + blank, "mailto:", 7) == 0 && address_at <= blank + 8))
		return 1;
	while (n < sizeof words - 1 && line[blank + n] && line[blank + n] != '\n') {
		words[n] = (char)tolower((unsigned char)line[blank + n]);
		n++;
	}
	words[n] = '\0';
	if (words_begin(words, "from\0sender\0original sender\0mail from\0return-path\0reply-to\0message-id\0"
	"subject\0x-\0date:\0reporting\0"
	                       "expanded from\0sent:\0references\0in-reply-to\0cc:\0contact\0please contact\0"
	                       "ultimately generated\0errors-to\0"))
		return 0;
	if (words_begin(words, "recipient\0addressed to\0address:\0user:\0original-recipient\0intended recipient\0"
	"failed recipient\0"
	                       "email address:\0undeliverable to\0unable to deliver to\0failed address\0"
	                       "delivery to\0e-mail address:\0"
	                       "delivering your mail to\0there was an error delivering\0user:\0could not deliver\0"
	                       "reason: unable to deliver\0"
	                       "failed to deliver to\0unable to deliver message to\0could not be delivered to\0"
	                       "to:\0for:\0message to\0your message to\0the following message to\0"))
		return 2;
	if (isdigit((unsigned char)words[0]) || words_begin(words, "in: rcpt\0in:  rcpt\0out: \0rcpt to\0"))
		return 3;
	return 4;
}

static void add_found(struct search *s, const char *address, int rank)
{
	for (size_t i = 0; i < s->n; i++)
		if (same(s->v[i].address, address)) {
			if (rank < s->v[i].rank)
				s->v[i] = (struct found){ address, rank };
			return;
		}
	if (s->n == 500 || is_list_control(address) || (rank == 4 && is_help(address)) || is_own(s, address) != s->own)
		return;
	ARENA_GROW(s->m->arena, &s->v, &s->cap, s->n);
	s->v[s->n++] = (struct found){ address, rank };
}

static void search_text(struct search *s, const char *text)
{
	for (const char *l = text; l; l = next_line(l)) {
		size_t at = 0, len = line_size(l) < 1000 ? line_size(l) : 1000;
		const char *behind, *address = words_address(s->m->arena, l, len, &at);
		int rank = address ? rank_of(l, at - strlen(address)) : 0;

		/* "anna@example.com <anna@example.com>": a name that looks like an address */
		behind = rank == 1 && at + 2 < len && l[at] == ' ' && l[at + 1] == '<' ? words_address(s->m->arena, l, len, &at) : NULL;
		if (behind)
			address = behind;
		if (rank > 0)
			add_found(s, address, rank);
		while (rank > 1 && (address = words_address(s->m->arena, l, len, &at)) != NULL)
			add_found(s, address, 4);
	}
}

static size_t take_list(const struct mail *m, const char *value, struct mail_reading *r)
{
	const char *address;
	size_t at = 0, n = 0;

	while (value && (address = words_address(m->arena, value, strlen(value), &at)) != NULL) {
		outcome_add(m, r, address);
		n++;
	}
	return n;
}

/* "bounce+anna=example.com@us": the recipient in a return address (VERP). */
static const char *verp_recipient(const struct mail *m)
{
	static const char *const names[] = { "X-Original-To", "Delivered-To", "Envelope-To", "To" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = mail_header(&m->headers, names[i]), *address = value ? words_header_address(m->arena, value) : "";
		const char *plus = strpbrk(address, "+-"), *equals = plus ? strchr(plus, '=') : NULL, *sign = strchr(address, '@');

		if (equals && sign && equals < sign && equals > plus + 1 && memchr(equals, '.', (size_t)(sign - equals)))
			return arena_printf(m->arena, "%.*s@%.*s", (int)(equals - plus - 1), plus + 1, (int)(sign - equals - 1), equals + 1);
	}
	return NULL;
}

static void take_best(const struct search *s, struct mail_reading *r)
{
	int best = 5;
	bool narrowed = false;

	for (size_t i = 0; i < s->n; i++)
		best = s->v[i].rank < best ? s->v[i].rank : best;
	for (size_t i = 0; best == 4 && i < s->n; i++)
		narrowed = narrowed || in_header(s->m, s->original, "To", s->v[i].address);
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].rank == best && (!narrowed || in_header(s->m, s->original, "To", s->v[i].address)))
			outcome_add(s->m, r, s->v[i].address);
}

/* From the text, else from the mail that came back, else from the address that it came back to. */
static void take_recipients(const struct mail *m, const char *text, const struct mail_headers *original, struct mail_reading *r)
{
	struct search s = { .m = m, .original = original };
	const char *verp, *value;

	for (size_t i = 0; (value = mail_header_next(&m->headers, "X-Failed-Recipients", &i)) != NULL;)
		take_list(m, value, r);
	if (r->n_outcomes > 0)
		return;
	search_text(&s, text);
	take_best(&s, r);
	if (r->n_outcomes > 0 || take_list(m, mail_header(original, "To"), r) > 0)
		return;
	s.own = true;
	search_text(&s, text);
	if (s.n > 0 && s.v[0].rank == 1)
		take_best(&s, r);
	if (r->n_outcomes > 0)
		return;
	verp = verp_recipient(m);
	outcome_add(m, r, verp ? verp : "");
}

bool notice_read(const struct mail *m, struct mail_reading *r)
{
	struct mail_headers original;
	const struct vocabulary *v = vocabulary_new(m->arena);
	const char *text = notice_text(m, &original);

	if ((is_system(m) || has_null_path(m) || subject_says(m, v)) && report_read_embedded(m, mail_text(m), r))
		return true;
	if (!is_notice(m, v, text, &original))
		return false;
	take_recipients(m, text, &original, r);
	return true;
}
