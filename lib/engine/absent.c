#include "engine/absent.h"

#include "base/arena.h"
#include "base/near.h"
#include "model/address.h"
#include "store/contact_store.h"
#include "store/document_store.h"
#include "store/team_store.h"

#include <string.h>

/* "no pipeline 'welcom' in team 'sales'" and, when there is a hint, what stands around it. */
struct absence {
	const char *what, *word;
	const char *before, *hint, *after;
};

static int say(struct db *db, int64_t team, const struct absence *ab, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct team_row row;
	int got = team_load(db, team, &a, &row, err);

	if (got < 0)
		return -1;
	if (got == 0)
		BUG("team %lld is looked into and is not there", (long long)team);
	return err_set(err, ERR_MISSING, "no %s %s in team '%s'%s%s%s", ab->what, ab->word, row.name,
	               ab->hint ? ab->before : "", ab->hint ? ab->hint : "", ab->hint ? ab->after : "");
}

static const char *quoted(struct arena *a, const char *word)
{
	return arena_printf(a, "'%s'", word);
}

int document_nearest(struct db *db, int64_t team, enum doc_kind kind, const char *word, struct arena *a,
                     const char **ret, int *ret_n, struct err *err)
{
	struct document_row *rows;
	const char **names;

	*ret_n = document_list(db, team, doc_kind_yaml(kind), a, &rows, err);
	if (*ret_n < 0)
		return -1;
	names = arena_array(a, (size_t)*ret_n + 1, sizeof *names);
	for (int i = 0; i < *ret_n; i++)
		names[i] = rows[i].name;
	*ret = near_match(word, names, (size_t)*ret_n);
	return *ret != NULL;
}

static const char did_you_mean[] = "; did you mean '";

int admins_text(struct db *db, int64_t team, struct arena *a, const char **ret, struct err *err)
{
	struct names admins;

	*ret = "";
	if (team_admins(db, team, a, &admins, err) < 0)
		return -1;
	for (size_t i = 0; i < admins.n; i++)
		*ret = arena_printf(a, "%s%s%s", *ret, i ? ", " : "", admins.v[i]);
	return 0;
}

int absent_document(struct db *db, int64_t team, enum doc_kind kind, const char *name, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct absence ab = {
		.what = doc_kind_word(kind),
		.word = quoted(&a, name),
		.before = did_you_mean,
		.after = "'?",
	};
	int n, got = document_nearest(db, team, kind, name, &a, &ab.hint, &n, err);

	if (got < 0)
		return -1;
	if (got == 0 && n == 0 && kind == DOC_PIPELINE) {
		if (admins_text(db, team, &a, &ab.hint, err) < 0)
			return -1;
		ab.before = ", which has none yet: its admins (";
		ab.after = ") set them up with 'pipectl apply'";
	} else if (got == 0) {
		ab.before = n > 0 ? "; 'pipectl list " : ": it has none yet; 'pipectl ";
		ab.hint = n > 0 ? doc_kind_plural(kind) : "apply";
		ab.after = n > 0 ? "' shows them" : "' makes them";
	}
	return say(db, team, &ab, err);
}

/* Looking at everybody would take long where there are many: a slip leaves an address among its neighbours. */
#define NEIGHBOURS 100

/* Two people at one domain have most of their letters in common: what is before the @ says how far a slip goes. */
static const char *nearest_address(const char *word, const char *const *list, int n)
{
	size_t best = strcspn(word, "@") / 3 + 1;
	const char *found = NULL;

	if (best == 1)
		best = 2;
	for (int i = 0; i < n; i++) {
		size_t d = near_distance(word, list[i]);

		if (d < best) {
			best = d;
			found = list[i];
		}
	}
	return found;
}

int absent_contact(struct db *db, int64_t team, const char *address, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct absence ab = { .what = "contact", .word = quoted(&a, address), .before = did_you_mean, .after = "'?" };
	struct err ignored = ERR_INIT;
	struct address parsed;
	const char **near;
	int n;

	if (address_parse(address, &parsed, &ignored) == 0) {
		n = contact_neighbours(db, team, parsed.folded, NEIGHBOURS, &a, &near, err);
		if (n < 0)
			return -1;
		ab.hint = nearest_address(parsed.folded, near, n);
	}
	return say(db, team, &ab, err);
}

static int absent_number(struct db *db, int64_t team, const char *what, int64_t id, struct err *err)
{
	ARENA_AUTO a = { 0 };

	return say(db, team, &(struct absence){ .what = what, .word = arena_printf(&a, "%lld", (long long)id) }, err);
}

int absent_run(struct db *db, int64_t team, int64_t run, struct err *err)
{
	return absent_number(db, team, "run", run, err);
}

int absent_message_id(struct db *db, int64_t team, int64_t message, struct err *err)
{
	return absent_number(db, team, "message", message, err);
}

int absent_message(struct db *db, int64_t team, const char *word, struct err *err)
{
	ARENA_AUTO a = { 0 };
	bool number = *word && word[strspn(word, "0123456789")] == '\0';

	return say(db, team, &(struct absence){ .what = "message", .word = number ? word : quoted(&a, word) }, err);
}
