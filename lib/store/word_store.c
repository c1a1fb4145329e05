#include "store/word_private.h"

#include "base/mem.h"
#include "base/random.h"
#include "store/db_private.h"
#include "store/stmt_private.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64

/* Where a text is among the remembered, or where it belongs. */
static struct word *slot_of(const struct words *w, const char *text)
{
	size_t i = hash_bytes(text, strlen(text)) & (w->n_slots - 1);

	while (w->by_text[i].text && strcmp(w->by_text[i].text, text) != 0)
		i = (i + 1) & (w->n_slots - 1);
	return &w->by_text[i];
}

static void grow_slots(struct words *w)
{
	struct word *old = w->by_text;
	size_t n = w->n_slots;

	w->n_slots = n ? n * 2 : FIRST_SLOTS;
	w->by_text = xcalloc(w->n_slots, sizeof *w->by_text);
	for (size_t i = 0; i < n; i++)
		if (old[i].text)
			*slot_of(w, old[i].text) = old[i];
	free(old);
}

static void grow_numbers(struct words *w, size_t number)
{
	size_t n = number * 2 < FIRST_SLOTS ? FIRST_SLOTS : number * 2;

	w->by_number = xrealloc(w->by_number, n, sizeof *w->by_number);
	memset(w->by_number + w->n_numbers, 0, (n - w->n_numbers) * sizeof *w->by_number);
	w->n_numbers = n;
}

int64_t words_number(const struct words *w, const char *text)
{
	return w->n ? slot_of(w, text)->number : 0;
}

const char *words_text(const struct words *w, int64_t number)
{
	return number > 0 && (size_t)number < w->n_numbers ? w->by_number[number] : NULL;
}

const char *words_add(struct words *w, int64_t number, const char *text)
{
	const char *kept = arena_strdup(&w->texts, text);

	if (w->n * 2 >= w->n_slots)
		grow_slots(w);
	if ((size_t)number >= w->n_numbers)
		grow_numbers(w, (size_t)number);
	*slot_of(w, kept) = (struct word){ number, kept };
	w->by_number[number] = kept;
	w->n++;
	return kept;
}

static void forget(struct words *w)
{
	free(w->by_text);
	free(w->by_number);
	*w = (struct words){ .texts = w->texts };
}

void words_forget(struct db *db)
{
	forget(&db->words);
	forget(&db->occasions);
}

void words_release(struct db *db)
{
	words_forget(db);
	arena_release(&db->words.texts);
	arena_release(&db->occasions.texts);
}

/* The number that a text has already: 1, 0 it has none, -1. */
static int word_find(struct db *db, const char *text, int64_t *ret, struct err *err)
{
	*ret = words_number(&db->words, text);
	if (*ret)
		return 1;
	STMT_AUTO st = stmt_prepare(db, "SELECT id FROM word WHERE text = $1");
	int got;

	stmt_bind(&st, 1, text);
	got = stmt_step(&st, err);
	if (got <= 0)
		return got;
	*ret = stmt_int(&st);
	if (stmt_last(&st, err) < 0)
		return -1;
	words_add(&db->words, *ret, text);
	return 1;
}

/* Numbers follow each other, because small ones take less room. */
static int insert(struct db *db, const char *text, int64_t *ret, struct err *err)
{
	STMT_AUTO st = stmt_prepare(db, "INSERT INTO word (id, text) SELECT COALESCE(max(id), 0) + 1, $1 FROM word"
	                                " RETURNING id");

	stmt_bind(&st, 1, text);
	if (stmt_step(&st, err) < 0)
		return -1;
	*ret = stmt_int(&st);
	return stmt_last(&st, err);
}

int word_number(struct db *db, const char *text, int64_t *ret, struct err *err)
{
	int got = word_find(db, text, ret, err);

	if (got != 0)
		return got < 0 ? -1 : 0;
	if (insert(db, text, ret, err) < 0)
		return -1;
	words_add(&db->words, *ret, text);
	return 0;
}

int word_text(struct db *db, int64_t number, const char **ret, struct err *err)
{
	ARENA_AUTO scratch = { 0 };
	int got;

	*ret = words_text(&db->words, number);
	if (*ret)
		return 0;
	STMT_AUTO st = stmt_prepare(db, "SELECT text FROM word WHERE id = $1");

	stmt_bind(&st, 1, number);
	got = stmt_step(&st, err);
	if (got == 0)
		return err_set(err, ERR_CONFIG, "%s is damaged: there is no word %lld", db->path, (long long)number);
	if (got < 0)
		return -1;
	*ret = words_add(&db->words, number, stmt_text(&st, &scratch));
	return stmt_last(&st, err);
}
