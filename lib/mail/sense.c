#include "mail/sense.h"

#include "base/attr.h"

#include <ctype.h>
#include <string.h>

enum { WORDS_MAX = 1500, WORD_MAX = 40, SUBJECTS = SENSE_USER | SENSE_ADDRESS | SENSE_HOST | SENSE_SENDER | SENSE_CLIENT };

/* The words of a text, each by what it means. */
struct said {
	uint32_t v[WORDS_MAX];
	size_t n;
};

static bool is_word(unsigned char c)
{
	return isalnum(c) || c == '\'' || (c >= 0xc3 && c <= 0xd1);
}

/* "l'utilisateur", "n'existe": what stands in front of the apostrophe is a word of its own. */
static bool is_elision(const char *word, size_t n)
{
	return n == 2 && word[1] == '\'';
}

static size_t read_word(const char *s, char *word, size_t *ret_len)
{
	size_t at = 0, n = 0, left = strlen(s);

	while (is_word((unsigned char)s[at]) && n < WORD_MAX - 4 && !is_elision(word, n)) {
		size_t read;

		n += vocabulary_fold(s + at, left - at, word + n, &read);
		at += read;
	}
	*ret_len = is_elision(word, n) ? 1 : n;
	return at;
}

/* A full stop ends a clause where a blank follows, not in "5.1.1" or "mx.example.com". */
static bool ends_clause(const char *s)
{
	if (*s == '.')
		return s[1] == ' ' || s[1] == '\0';
	return *s == ';' || *s == '!' || *s == '?' || *s == '|' || (*s == '-' && s[1] == '>');
}

/* "550": a reply code, with which a server begins to speak. */
static bool is_reply_code(const char *word, size_t len)
{
	return len == 3 && (word[0] == '4' || word[0] == '5') && isdigit((unsigned char)word[1]) && isdigit((unsigned char)word[2]);
}

static uint32_t senses_of(const struct vocabulary *v, const char *word, size_t len, const char *behind)
{
	if (len > 3 && memcmp(word + len - 3, "n't", 3) == 0)
		return SENSE_NOT;
	if (len == 4 && memcmp(word, "from", 4) == 0 && *behind == ':')
		return SENSE_SENDER;
	return vocabulary_senses(v, word, len);
}

static void split(const struct vocabulary *v, const char *words, struct said *ret)
{
	char word[WORD_MAX];
	size_t len, n;

	ret->n = 0;
	while (*words && ret->n < WORDS_MAX) {
		if (*words == '@') {
			ret->v[ret->n++] = SENSE_NAMED;
			words++;
		} else if ((n = read_word(words, word, &len)) > 0) {
			if (ret->n > 0 && is_reply_code(word, len))
				ret->v[ret->n - 1] |= SENSE_END;
			words += n;
			ret->v[ret->n++] = senses_of(v, word, len, words);
		} else {
			if (ret->n > 0 && ends_clause(words))
				ret->v[ret->n - 1] |= SENSE_END;
			words++;
		}
	}
}

/* How far in front of word i the next one with this sense stands in the same clause; 0: not within max. */
static size_t before(const struct said *s, size_t i, uint32_t sense, size_t max)
{
	for (size_t k = 1; k <= max && k <= i && !(s->v[i - k] & SENSE_END); k++)
		if (s->v[i - k] & sense)
			return k;
	return 0;
}

static size_t after(const struct said *s, size_t i, uint32_t sense, size_t max)
{
	for (size_t k = 1; k <= max && i + k < s->n && !(s->v[i + k - 1] & SENSE_END); k++)
		if (s->v[i + k] & sense)
			return k;
	return 0;
}

static size_t beside(const struct said *s, size_t i, uint32_t sense, size_t max)
{
	size_t b = before(s, i, sense, max), a = after(s, i, sense, max);

	return b && (!a || b <= a) ? b : a;
}

/* Whose address, or a domain or server of whom? */
static uint32_t subject_at(const struct said *s, size_t at)
{
	uint32_t found = s->v[at] & (SUBJECTS | SENSE_NAMED);

	if (found & (SENSE_HOST | SENSE_ADDRESS)) {
		if (beside(s, at, SENSE_SENDER, 3))
			return SENSE_SENDER;
		if (beside(s, at, SENSE_CLIENT, 3))
			return SENSE_CLIENT;
		if (before(s, at, SENSE_YOUR, 2))
			return SENSE_SENDER;
	}
	if ((found & SENSE_USER) && (after(s, at, SENSE_HOST | SENSE_SYSTEM, 1) || before(s, at, SENSE_HOST, 2)))
		return SENSE_HOST;
	if ((found & SENSE_ADDRESS) && beside(s, at, SENSE_HOST, 2))
		return SENSE_HOST;
	return found & (SENSE_ADDRESS | SENSE_NAMED) ? SENSE_USER : found;
}

/* What the word at i is said of: the subject that stands nearest. */
static uint32_t subject_of(const struct said *s, size_t i, size_t in_front, size_t behind)
{
	size_t b = before(s, i, SUBJECTS, in_front), a = after(s, i, SUBJECTS, behind);

	if (!a && !b)
		b = before(s, i, SENSE_NAMED, 2);
	if (!a && !b)
		return 0;
	return subject_at(s, b && (!a || b <= a) ? i - b : i + a);
}

static enum mail_reason reason_of_absent(uint32_t subject)
{
	if (subject & SENSE_SENDER)
		return MAIL_REASON_REJECTED;
	if (subject & SENSE_CLIENT)
		return MAIL_REASON_BLOCKED;
	if (subject & SENSE_HOST)
		return MAIL_REASON_HOSTUNKNOWN;
	return subject & SENSE_USER ? MAIL_REASON_USERUNKNOWN : MAIL_REASON_UNDEFINED;
}

static bool is_denied(const struct said *s, size_t i)
{
	size_t far = s->v[i] & SENSE_LATE ? 6 : 3, behind = s->v[i] & SENSE_LATE ? 6 : 1;

	return before(s, i, SENSE_NOT, far) || after(s, i, SENSE_NOT, behind) || before(s, i, SENSE_FAILED, 2);
}

/* "Does not exist", "no such user", "unknown": of whom? */
static enum mail_reason absent_at(const struct said *s, size_t i)
{
	uint32_t w = s->v[i];

	if (w & SENSE_ABSENT)
		return reason_of_absent(subject_of(s, i, 4, 4));
	if (w & SENSE_GONE)
		return reason_of_absent(subject_of(s, i, 4, 2));
	if ((w & SENSE_SUCH) && before(s, i, SENSE_NOT, 2))
		return reason_of_absent(subject_of(s, i, 0, 4));
	if ((w & SENSE_USER) && before(s, i, SENSE_NOT, 1))
		return MAIL_REASON_USERUNKNOWN;
	if ((w & SENSE_HERE) && before(s, i, SENSE_NOT, 3) && !before(s, i, SENSE_EXISTS | SENSE_TAKES, 3))
		return MAIL_REASON_USERUNKNOWN;
	if ((w & SENSE_EXISTS) && is_denied(s, i))
		return reason_of_absent(subject_of(s, i, 8, 3));
	return MAIL_REASON_UNDEFINED;
}

static enum mail_reason full_at(const struct said *s, size_t i)
{
	uint32_t w = s->v[i];

	if ((w & SENSE_FULL) && (subject_of(s, i, 5, 3) & SENSE_USER))
		return MAIL_REASON_MAILBOXFULL;
	if ((w & SENSE_ROOM) && (before(s, i, SENSE_OVER, 4) || after(s, i, SENSE_OVER, 6))) {
		if (beside(s, i, SENSE_SYSTEM, 3) && !(subject_of(s, i, 8, 6) & SENSE_USER))
			return MAIL_REASON_SYSTEMFULL;
		return MAIL_REASON_MAILBOXFULL;
	}
	return MAIL_REASON_UNDEFINED;
}

static enum mail_reason big_at(const struct said *s, size_t i)
{
	uint32_t w = s->v[i];

	if (((w & SENSE_BIG) || ((w & SENSE_SIZE) && beside(s, i, SENSE_OVER, 4))) && beside(s, i, SENSE_MAIL, 4))
		return MAIL_REASON_MESGTOOBIG;
	return MAIL_REASON_UNDEFINED;
}

static enum mail_reason disabled_at(const struct said *s, size_t i)
{
	bool disabled = (s->v[i] & SENSE_DISABLED) || ((s->v[i] & SENSE_ENABLED) && before(s, i, SENSE_NOT, 2));

	if (disabled && (subject_of(s, i, 8, 3) & SENSE_USER) && !beside(s, i, SENSE_SENDER | SENSE_CLIENT | SENSE_MAIL, 6))
		return MAIL_REASON_SUSPEND;
	return MAIL_REASON_UNDEFINED;
}

/* Not this mail but whoever brings it, or wrote it. */
static enum mail_reason blocked_at(const struct said *s, size_t i)
{
	uint32_t subject = s->v[i] & (SENSE_REFUSED | SENSE_DISABLED) ? subject_of(s, i, 4, 2) : 0;

	return subject & SENSE_SENDER ? MAIL_REASON_REJECTED : subject & SENSE_CLIENT ? MAIL_REASON_BLOCKED : MAIL_REASON_UNDEFINED;
}

/* Who does not take it, and from whom? */
static enum mail_reason refused_at(const struct said *s, size_t i)
{
	uint32_t subject;

	if (!(s->v[i] & SENSE_TAKES) || !(before(s, i, SENSE_NOT | SENSE_ONLY, 3) || after(s, i, SENSE_NOT | SENSE_ONLY, 2)))
		return MAIL_REASON_UNDEFINED;
	if (after(s, i, SENSE_SENDER, 6))
		return MAIL_REASON_REJECTED;
	if (!after(s, i, SENSE_MAIL, 4))
		return MAIL_REASON_UNDEFINED;
	subject = subject_of(s, i, 6, 0);
	return subject & SENSE_USER ? MAIL_REASON_FILTERED : subject & SENSE_HOST ? MAIL_REASON_NOTACCEPT : MAIL_REASON_UNDEFINED;
}

/* In this order: a full or locked mailbox is there, and servers say so beside "unavailable". */
enum mail_reason sense_reason(struct arena *a, const struct vocabulary *v, const char *words)
{
	static enum mail_reason (*const rules[])(const struct said *, size_t) = { full_at, big_at, disabled_at, refused_at, blocked_at, absent_at };
	struct said *s = ARENA_NEW(a, struct said);

	split(v, words, s);
	for (size_t r = 0; r < ARRAY_LEN(rules); r++)
		for (size_t i = 0; i < s->n; i++) {
			enum mail_reason reason = rules[r](s, i);

			if (reason != MAIL_REASON_UNDEFINED)
				return reason;
		}
	return MAIL_REASON_UNDEFINED;
}

bool sense_undelivered(struct arena *a, const struct vocabulary *v, const char *words)
{
	struct said *s = ARENA_NEW(a, struct said);

	split(v, words, s);
	for (size_t i = 0; i < s->n; i++)
		if ((s->v[i] & SENSE_RETURNED) || ((s->v[i] & SENSE_DELIVERY) && beside(s, i, SENSE_NOT | SENSE_FAILED | SENSE_REFUSED, 5)))
			return true;
	return false;
}
