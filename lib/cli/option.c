#include "cli/option.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	const struct opt_set *sets;
	char *const *words;
	size_t n_words, at; /* at: the word being read */
	struct arena *arena;
	struct err *err;
};

const struct opt *opt_by_letter(const struct opt *opts, char letter)
{
	for (; opts && opts->kind != OPT_KIND_END; opts++)
		if (opts->letter && opts->letter == letter)
			return opts;
	return NULL;
}

const struct opt *opt_by_name(const struct opt *opts, const char *name, size_t len)
{
	for (; opts && opts->kind != OPT_KIND_END; opts++)
		if (strlen(opts->name) == len && memcmp(opts->name, name, len) == 0)
			return opts;
	return NULL;
}

/* Whether the words "a|b|c" have this one. */
static bool opt_has_choice(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words;; at++) {
		size_t n = strcspn(at, "|");

		if (n == len && memcmp(at, word, len) == 0)
			return true;
		at += n;
		if (!*at)
			return false;
	}
}

static void *member_of(const struct opt_set *set, const struct opt *opt)
{
	return (char *)set->values + opt->at;
}

static const char *near_choice(struct arena *arena, const char *words, const char *word)
{
	const char *names[16];
	size_t n = 0;

	for (char *at = arena_strdup(arena, words), *next; at && n < ARRAY_LEN(names); at = next) {
		next = strchr(at, '|');
		if (next)
			*next++ = '\0';
		names[n++] = at;
	}
	return near_match(word, names, n);
}

static int set_choice(struct parser *p, const struct opt *opt, const char *said, const char *value,
                      const char **ret)
{
	const char *near;

	if (opt_has_choice(opt->value, value)) {
		*ret = value;
		return 0;
	}
	near = near_choice(p->arena, opt->value, value);
	if (near)
		return err_set(p->err, ERR_USAGE, "'%s' takes %s, not '%s'; did you mean '%s'?", said, opt->value,
		               value, near);
	return err_set(p->err, ERR_USAGE, "'%s' takes %s, not '%s'", said, opt->value, value);
}

static int set_int(struct parser *p, const struct opt *opt, const char *said, const char *value, int64_t *ret)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(value, &end, 10);
	if (errno || end == value || *end || strchr(" \t\n\v\f\r+", value[0]) || v < opt->min || v > opt->max)
		return err_set(p->err, ERR_USAGE, "'%s' takes a number from %lld to %lld, not '%s'", said,
		               (long long)opt->min, (long long)opt->max, value);
	*ret = v;
	return 0;
}

static int set_value(struct parser *p, const struct opt_set *set, const struct opt *opt, const char *said,
                     const char *value)
{
	void *to = member_of(set, opt);
	struct names *list = to;

	switch (opt->kind) {
	case OPT_KIND_END:
	case OPT_KIND_FLAG:
		BUG("option '%s' takes no value", opt->name);
	case OPT_KIND_STR:
		*(const char **)to = value;
		return 0;
	case OPT_KIND_CHOICE:
		return set_choice(p, opt, said, value, to);
	case OPT_KIND_INT:
		return set_int(p, opt, said, value, to);
	case OPT_KIND_LIST:
		if (!list->v)
			list->v = arena_array(p->arena, p->n_words, sizeof *list->v);
		list->v[list->n++] = value;
		return 0;
	}
	BUG("option '%s' is of no kind", opt->name);
}

/* The word behind the current one, which becomes the current one. */
static int next_word(struct parser *p, const struct opt *opt, const char *said, const char **ret)
{
	if (p->at + 1 == p->n_words)
		return err_set(p->err, ERR_USAGE, "'%s' needs a value: %s", said, opt->value);
	*ret = p->words[++p->at];
	return 0;
}

static int unknown_long(struct parser *p, const char *name, size_t len)
{
	const char *names[128], *near;
	size_t n = 0;

	for (const struct opt_set *set = p->sets; set->opts; set++)
		for (const struct opt *o = set->opts; o->kind != OPT_KIND_END; o++)
			if (n < ARRAY_LEN(names))
				names[n++] = o->name;
	near = near_match(arena_strndup(p->arena, name, len), names, n);
	if (near)
		return err_set(p->err, ERR_USAGE, "unknown option '--%.*s'; did you mean '--%s'?", (int)len, name,
		               near);
	return err_set(p->err, ERR_USAGE, "unknown option '--%.*s'", (int)len, name);
}

static int read_long(struct parser *p)
{
	const char *name = p->words[p->at] + 2, *value = strchr(name, '=');
	size_t len = value ? (size_t)(value - name) : strlen(name);
	const char *said = arena_printf(p->arena, "--%.*s", (int)len, name);

	for (const struct opt_set *set = p->sets; set->opts; set++) {
		const struct opt *opt = opt_by_name(set->opts, name, len);

		if (!opt)
			continue;
		if (opt->kind == OPT_KIND_FLAG) {
			if (value)
				return err_set(p->err, ERR_USAGE, "'%s' takes no value", said);
			*(bool *)member_of(set, opt) = true;
			return 0;
		}
		if (value)
			value++;
		else if (next_word(p, opt, said, &value) < 0)
			return -1;
		return set_value(p, set, opt, said, value);
	}
	return unknown_long(p, name, len);
}

/* Reads one letter of "-nq" or "-ofields"; *at is left behind what was used. */
static int read_letter(struct parser *p, const char **at)
{
	char said[] = { '-', **at, '\0' };
	const char *value;

	for (const struct opt_set *set = p->sets; set->opts; set++) {
		const struct opt *opt = opt_by_letter(set->opts, **at);

		if (!opt)
			continue;
		++*at;
		if (opt->kind == OPT_KIND_FLAG) {
			*(bool *)member_of(set, opt) = true;
			return 0;
		}
		value = *at;
		*at += strlen(*at);
		if (!*value && next_word(p, opt, said, &value) < 0)
			return -1;
		return set_value(p, set, opt, said, value);
	}
	return err_set(p->err, ERR_USAGE, "unknown option '%s'",
	               (unsigned char)said[1] < 0x80 ? said : p->words[p->at]);
}

static int read_letters(struct parser *p)
{
	const char *at = p->words[p->at] + 1;

	while (*at)
		if (read_letter(p, &at) < 0)
			return -1;
	return 0;
}

int opt_parse(const struct opt_set *sets, char *const *words, size_t n, struct arena *arena,
              struct names *ret_args, struct err *err)
{
	struct parser p = { sets, words, n, 0, arena, err };
	struct names args = { arena_array(arena, n + 1, sizeof *args.v), 0 };
	bool only_args = false;

	for (; p.at < n; p.at++) {
		const char *word = words[p.at];

		if (only_args || word[0] != '-' || !word[1])
			args.v[args.n++] = word;
		else if (strcmp(word, "--") == 0)
			only_args = true;
		else if ((word[1] == '-' ? read_long(&p) : read_letters(&p)) < 0)
			return -1;
	}
	*ret_args = args;
	return 0;
}
