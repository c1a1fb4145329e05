#include "author/author_private.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "model/address.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_BYTES 1000

static bool is_refused(uint32_t c, bool lines)
{
	if (c == '\n' || c == '\t')
		return !lines;
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

static int check_characters(struct reader *rd, const struct key *key, const struct yaml *node, bool lines)
{
	uint32_t c;

	for (size_t i = 0, n; i < node->len; i += n) {
		n = 1;
		if (node->text[i] >= 0x20 && node->text[i] < 0x7f)
			continue;
		n = utf8_decode(node->text + i, node->len - i, &c);
		if (n == 0)
			return reader_error(rd, node, "'%s' is no UTF-8", key->name);
		if (c == '\n' && !lines)
			return reader_error(rd, node, "'%s' must be one line", key->name);
		if (is_refused(c, lines))
			return reader_error(rd, node, "'%s' has a control character (U+%04X)", key->name, c);
	}
	return 0;
}

const char *scalar_text(struct reader *rd, const struct key *key, const struct yaml *node, bool lines)
{
	if (node->type != YAML_SCALAR || yaml_is_empty(node)) {
		reader_expected(rd, key, node, "a text");
		return NULL;
	}
	if (!lines && node->len > LINE_BYTES) {
		reader_error(rd, node, "'%s' has more than %d bytes", key->name, LINE_BYTES);
		return NULL;
	}
	return node->broken || check_characters(rd, key, node, lines) < 0 ? NULL : node->text;
}

static int read_text(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = scalar_text(rd, key, node, false);

	if (!text)
		return -1;
	if (!*text)
		return reader_error(rd, node, "'%s' is empty", key->name);
	*(const char **)into = text;
	return 0;
}

static int read_prose_text(struct reader *rd, const struct key *key, struct yaml *node, bool lines, const char **ret)
{
	const char *text;

	if (yaml_is_empty(node))
		return reader_error(rd, node, "'%s' is empty; if its text begins with '#', put it in quotes", key->name);
	text = scalar_text(rd, key, node, lines);
	if (!text)
		return -1;
	if (node->cut)
		return reader_error(rd, node, "'%s' would end before the ' #'; put the whole text in quotes", key->name);
	if (!*text)
		return reader_error(rd, node, "'%s' is empty", key->name);
	*ret = text;
	return 0;
}

static int read_prose(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_prose_text(rd, key, node, true, into);
}

static int read_line(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_prose_text(rd, key, node, false, into);
}

static int read_bool(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = node->type == YAML_SCALAR && !node->broken ? node->text : "";
	bool yes = strcasecmp(text, "true") == 0 || strcasecmp(text, "yes") == 0;
	bool no = strcasecmp(text, "false") == 0 || strcasecmp(text, "no") == 0;

	if (node->type != YAML_SCALAR || yaml_is_empty(node))
		return reader_expected(rd, key, node, "true or false");
	if (!yes && !no)
		return reader_error(rd, node, "'%s' must be true or false, not '%s'", key->name, text);
	reader_rewrite(node, yes ? "true" : "false");
	*(bool *)into = yes;
	return 0;
}

static int read_number(struct reader *rd, const struct key *key, struct yaml *node, int64_t *ret)
{
	const char *text = scalar_text(rd, key, node, false);
	size_t digits;
	long long value;

	if (!text)
		return -1;
	digits = strspn(text, "0123456789");
	value = digits > 0 && digits < 18 ? strtoll(text, NULL, 10) : -1;
	if (text[digits] || value < key->min || value > key->max)
		return reader_error(rd, node, "'%s' must be a whole number from %lld to %lld, not '%s'", key->name,
		                    (long long)key->min, (long long)key->max, text);
	reader_rewrite(node, arena_printf(rd->arena, "%lld", value));
	*ret = value;
	return 0;
}

static int read_int(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	int64_t value;

	if (read_number(rd, key, node, &value) < 0)
		return -1;
	*(int *)into = (int)value;
	return 0;
}

static int read_count(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_number(rd, key, node, into);
}

/* "send, skip or hold" */
static const char *one_of(struct reader *rd, const char *const *words)
{
	BUF_AUTO b = BUF_INIT(LINE_BYTES);

	for (size_t i = 0; words[i]; i++) {
		if (i > 0)
			buf_adds(&b, words[i + 1] ? ", " : " or ");
		buf_adds(&b, words[i]);
	}
	return arena_strdup(rd->arena, b.s);
}

static int read_word(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text;

	if (node->type != YAML_SCALAR || yaml_is_empty(node))
		return reader_expected(rd, key, node, one_of(rd, key->words));
	text = scalar_text(rd, key, node, false);
	if (!text)
		return -1;
	for (int i = 0; key->words[i]; i++) {
		if (strcmp(key->words[i], text) == 0) {
			*(int *)into = i;
			return 0;
		}
	}
	return reader_error(rd, node, "'%s' must be %s, not '%s'", key->name, one_of(rd, key->words), text);
}

static int read_name_at(struct reader *rd, const struct key *key, struct yaml *node, const char **ret)
{
	const char *text;

	if (node->type == YAML_SCALAR && yaml_is_empty(node))
		return reader_error(rd, node, "an item of '%s' is empty", key->name);
	text = scalar_text(rd, key, node, false);
	if (!text)
		return -1;
	if (!*text)
		return reader_error(rd, node, "'%s' is empty", key->name);
	*ret = text;
	return 0;
}

int read_names(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct names *names = into;
	size_t n = node->type == YAML_LIST ? node->n : 1;
	int r = 0;

	if (node->type == YAML_MAP || yaml_is_empty(node))
		return reader_expected(rd, key, node, "a word or a list of words");
	if (n == 0)
		return reader_error(rd, node, "'%s' is an empty list", key->name);
	names->v = arena_array(rd->arena, n, sizeof *names->v);
	names->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct yaml *item = node->type == YAML_LIST ? node->items[i] : node;

		if (read_name_at(rd, key, item, &names->v[names->n]) < 0)
			r = -1;
		else
			names->n++;
	}
	return r;
}

static int read_span(struct reader *rd, const struct key *key, struct yaml *node,
                     int (*parse)(const char *text, struct delay *ret, struct err *err), struct delay *ret)
{
	BUF_AUTO b = BUF_INIT(LINE_BYTES);
	const char *text = scalar_text(rd, key, node, false);
	struct err err = ERR_INIT;

	if (!text)
		return -1;
	if (parse(text, ret, &err) < 0)
		return reader_error(rd, node, "'%s': %s", key->name, err.text);
	if (!rd->stored) {
		delay_format(ret, &b);
		reader_rewrite(node, arena_strdup(rd->arena, b.s));
	}
	return 0;
}

int read_duration(struct reader *rd, const struct key *key, struct yaml *node, struct delay *ret)
{
	return read_span(rd, key, node, delay_parse, ret);
}

static int read_delay(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_duration(rd, key, node, into);
}

static int read_retention(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_span(rd, key, node, retention_parse, into);
}

static int read_seconds(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct delay d;

	if (read_duration(rd, key, node, &d) < 0)
		return -1;
	if (d.days || d.business_days || d.months)
		return reader_error(rd, node, "'%s' must be in seconds, minutes or hours", key->name);
	*(int64_t *)into = d.seconds;
	return 0;
}

static int read_zone(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct err err = ERR_INIT;
	struct zone *zone;

	if (read_text(rd, key, node, into) < 0)
		return -1;
	if (rd->stored)
		return 0;
	if (zone_open(*(const char **)into, &zone, &err) < 0)
		return reader_error(rd, node, "'%s': %s", key->name, err.text);
	zone_free(zone);
	return 0;
}

/* RFC 5646 as far as languages of mails go: de, de-AT, zh-Hant. */
bool language_valid(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n = strspn(text, letters);

	if (n < 2 || n > 3)
		return false;
	while (text[n] == '-') {
		size_t part = strspn(text + n + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

		if (part < 2 || part > 8)
			return false;
		n += part + 1;
	}
	return text[n] == '\0';
}

static int read_language(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char **ret = into;

	if (read_text(rd, key, node, into) < 0)
		return -1;
	if (!language_valid(*ret))
		return reader_error(rd, node, "'%s' must be a language such as en or de-AT, not '%s'", key->name, *ret);
	return 0;
}

static int check_address(struct reader *rd, const struct key *key, const struct yaml *node, const char *text)
{
	struct err err = ERR_INIT;
	struct address parsed;

	if (address_parse(text, &parsed, &err) < 0)
		return reader_error(rd, node, "'%s': %s", key->name, err.text);
	return 0;
}

static int read_address(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	if (read_text(rd, key, node, into) < 0)
		return -1;
	return check_address(rd, key, node, *(const char **)into);
}

static int read_addresses(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	struct names *list = into;
	int r = read_names(rd, key, node, into);

	for (size_t i = 0; r == 0 && i < list->n; i++)
		r = check_address(rd, key, node->type == YAML_LIST ? node->items[i] : node, list->v[i]);
	return r;
}

int read_document_name(struct reader *rd, const struct key *key, enum doc_kind kind, struct yaml *node, const char **ret)
{
	const char *text = scalar_text(rd, key, node, false);

	if (!text)
		return -1;
	if (!name_valid(text))
		return reader_error(rd, node, "'%s' must be the name of a %s: small letters, digits and '-', not '%s'", key->name,
		                    doc_kind_yaml(kind), text);
	reader_refer_document(rd, kind, node, text);
	*ret = text;
	return 0;
}

static int read_mailbox_name(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	return read_document_name(rd, key, DOC_MAILBOX, node, into);
}

static int read_hours(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	const char *text = scalar_text(rd, key, node, false);

	if (!text)
		return -1;
	if (strcmp(text, "always") == 0) {
		*(const char **)into = text;
		return 0;
	}
	return read_document_name(rd, key, DOC_CALENDAR, node, into);
}

static int read_later(struct reader *rd, const struct key *key, struct yaml *node, void *into)
{
	(void)into;
	return reader_error(rd, node, "'%s' is not supported yet", key->name);
}

const struct type type_text = { "TEXT", TAKES_TEXT, read_text };
const struct type type_prose = { "TEXT", TAKES_TEXT, read_prose };
const struct type type_line = { "TEXT", TAKES_TEXT, read_line };
const struct type type_bool = { "true or false", TAKES_BOOL, read_bool };
const struct type type_int = { "NUMBER", TAKES_NUMBER, read_int };
const struct type type_count = { "NUMBER", TAKES_NUMBER, read_count };
const struct type type_word = { NULL, TAKES_TEXT, read_word };
const struct type type_names = { "WORD or [WORD, ..]", TAKES_TEXT | TAKES_LIST, read_names };
const struct type type_delay = { "DURATION", TAKES_TEXT, read_delay };
const struct type type_retention = { "DURATION", TAKES_TEXT, read_retention };
const struct type type_seconds = { "DURATION", TAKES_TEXT, read_seconds };
const struct type type_zone = { "ZONE", TAKES_TEXT, read_zone };
const struct type type_language = { "LANGUAGE", TAKES_TEXT, read_language };
const struct type type_address = { "ADDRESS", TAKES_TEXT, read_address };
const struct type type_addresses = { "ADDRESS or [ADDRESS, ..]", TAKES_TEXT | TAKES_LIST, read_addresses };
const struct type type_mailbox = { "MAILBOX", TAKES_TEXT, read_mailbox_name };
const struct type type_hours = { "CALENDAR or always", TAKES_TEXT, read_hours };
const struct type type_nested = { "map", TAKES_MAP, read_nested };
const struct type type_later = { "..", TAKES_TEXT | TAKES_LIST | TAKES_MAP, read_later };
