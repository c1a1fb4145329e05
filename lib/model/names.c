#include "model/names.h"

#include "base/attr.h"

#include <string.h>

#define FILE_NAME_MAX 100

static const struct {
	const char *yaml, *word, *words;
} kinds[] = {
#define X(kind, yaml, word, words) { yaml, word, words },
	DOC_KINDS(X)
#undef X
};

bool names_have(const struct names *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], name) == 0)
			return true;
	return false;
}

const char *doc_kind_yaml(enum doc_kind kind)
{
	return kinds[kind].yaml;
}

const char *doc_kind_word(enum doc_kind kind)
{
	return kinds[kind].word;
}

const char *doc_kind_plural(enum doc_kind kind)
{
	return kinds[kind].words;
}

int doc_kind_parse(const char *text, enum doc_kind *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(text, kinds[i].yaml) == 0 || strcmp(text, kinds[i].word) == 0 ||
		    strcmp(text, kinds[i].words) == 0) {
			*ret = (enum doc_kind)i;
			return 1;
		}
	}
	return 0;
}

bool name_valid(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < 64 && name[0] != '-' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

bool file_name_valid(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(name);

	return len > 0 && len <= FILE_NAME_MAX && name[0] != '.' && name[0] != '-' && strspn(name, letters) == len;
}

bool name_reserved(const char *name)
{
	static const char *const words[] = {
		"enroller", "owner", "previous", "this", "company", "all", "always", "team", "default",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	return false;
}
