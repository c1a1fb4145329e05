#include "power_check.h"

#include "base/mem.h"
#include "engine/engine.h"
#include "stand.h"
#include "store/db.h"
#include "tick/work.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names in order, for looking up. */
struct list {
	char **list;
	size_t n, cap;
};

/* What a fact is called, and which names the database has of it. */
static const struct {
	const char *name, *sql;
} kinds[] = {
	{ "contact", "SELECT folded FROM contact" },
	{ "suppressed", "SELECT folded FROM contact WHERE suppressed > 0" },
	{ "run", "SELECT c.folded FROM run r JOIN contact c ON c.id = r.contact" },
	{ "stopped", "SELECT c.folded FROM run r JOIN contact c ON c.id = r.contact WHERE r.status = 'stopped'" },
	{ "document", "SELECT name FROM document" },
	{ "offered", "SELECT message_id FROM message WHERE state IN ('offered', 'sent', 'in-doubt', 'bounced')" },
	{ "recorded", "SELECT m.message_id FROM message m WHERE m.state = 'sent' AND 1 ="
	              " (SELECT count(*) FROM event e WHERE e.message = m.id AND e.type = 'email.sent')" },
};
enum { OFFERED = 5, RECORDED = 6 };

struct told {
	struct list of[ARRAY_LEN(kinds)];
	struct list accepted; /* recipients, as often as they were */
};

struct told *told_new(void)
{
	return xcalloc(1, sizeof(struct told));
}

static void add(struct list *l, char *name)
{
	GROW(&l->list, &l->cap, l->n);
	l->list[l->n++] = name;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has(const struct list *sorted, const char *name)
{
	return sorted->n > 0 && bsearch(&name, sorted->list, sorted->n, sizeof *sorted->list, compare) != NULL;
}

static size_t times(const struct list *l, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += strcmp(l->list[i], name) == 0;
	return n;
}

static void forget(struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->list[i]);
	free(l->list);
	*l = (struct list){ 0 };
}

static void add_fact(struct told *t, const char *fact)
{
	const char *blank = strchr(fact, ' ');

	for (size_t k = 0; blank && k < ARRAY_LEN(kinds); k++) {
		if (strncmp(kinds[k].name, fact, (size_t)(blank - fact)) == 0) {
			add(&t->of[k], xstrdup(blank + 1));
			return;
		}
	}
	stand_die("what kind of fact is '%s'?", fact);
}

void told_add(struct told *t, const struct op *op)
{
	switch (op->kind) {
	case '+':
		add_fact(t, op->name);
		break;
	case '{':
		add(&t->of[OFFERED], op->name);
		add(&t->accepted, op->rcpt);
		break;
	case '!':
		for (size_t i = t->of[RECORDED].n; i < t->of[OFFERED].n; i++)
			add(&t->of[RECORDED], t->of[OFFERED].list[i]);
		break;
	default:
		break;
	}
}

static sqlite3 *open_plain(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		stand_die("%s", path);
	return db;
}

/* The texts of a query's first column, in order. false: it failed. */
static bool ask(sqlite3 *db, const char *sql, struct list *ret)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			add(ret, xstrdup((const char *)sqlite3_column_text(st, 0)));
	}
	sqlite3_finalize(st);
	if (ret->n > 0)
		qsort(ret->list, ret->n, sizeof *ret->list, compare);
	return rc == SQLITE_DONE;
}

static enum finding look_for_facts(const struct told *t, sqlite3 *db, char **ret_text)
{
	enum finding found = FOUND_GOOD;

	for (size_t k = 0; k < ARRAY_LEN(kinds) && found == FOUND_GOOD; k++) {
		struct list there = { 0 };

		if (!ask(db, kinds[k].sql, &there))
			found = FOUND_DAMAGED;
		for (size_t i = 0; i < t->of[k].n && found == FOUND_GOOD; i++) {
			if (has(&there, t->of[k].list[i]))
				continue;
			*ret_text = stand_text("'%s' is no %s any more", t->of[k].list[i], kinds[k].name);
			found = FOUND_FORGETFUL;
		}
		forget(&there);
	}
	return found;
}

/* A database that was not made yet when the power went is no loss: nothing had been said of it. */
static enum finding tick(const char *path, int64_t now, struct err *err)
{
	struct work_options how = { .max = INT64_MAX };
	struct work_count n;
	ENGINE_AUTO e = { 0 };
	struct db *db;
	int got;

	if (db_open(path, DB_WRITE, &db, err) < 0)
		return FOUND_DAMAGED;
	got = db_verify(db, err);
	if (got == 0) {
		engine_init(&e, db, now, "pipe-tick", "pipeline");
		got = work(&e, &how, &n, err);
		engine_release(&e);
	}
	db_close(db);
	return got < 0 ? FOUND_DAMAGED : FOUND_GOOD;
}

/* Who was written to since. The log begins anew at each cut. */
static void take_log(const char *path, struct list *ret)
{
	char *text = stand_read(path, NULL), *rest;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		add(ret, sink_member(line, "rcpt"));
	free(text);
}

static enum finding look_for_mails(const struct told *t, sqlite3 *db, const struct list *after, char **ret_text)
{
	static const char sql[] =
		"SELECT c.folded || ' ' || CASE WHEN r.status = 'stopped' AND m.state IS NOT 'sent' THEN 'ended' ELSE"
		" coalesce(m.state, 'lost') END FROM run r JOIN contact c ON c.id = r.contact LEFT JOIN message m ON m.run = r.id";
	struct list states = { 0 };
	enum finding found = ask(db, sql, &states) ? FOUND_GOOD : FOUND_DAMAGED;

	for (size_t i = 0; i < states.n && found == FOUND_GOOD; i++) {
		char *who = states.list[i], *state = strchr(who, ' ');
		size_t n;

		*state++ = '\0';
		n = times(&t->accepted, who) + times(after, who);
		if (n > 1)
			found = FOUND_TWICE;
		else if (strcmp(state, "sent") == 0 ? n != 1 : strcmp(state, "in-doubt") != 0 && strcmp(state, "ended") != 0)
			found = FOUND_LOST;
		if (found != FOUND_GOOD)
			*ret_text = stand_text("%s was written to %zu times, and the database says: %s", who, n, state);
	}
	forget(&states);
	return found;
}

enum finding told_judge(struct told *t, const char *db_path, const char *sink_log, int64_t now, char **ret_text)
{
	struct err err = ERR_INIT;
	struct list after = { 0 };
	enum finding found = FOUND_GOOD;
	sqlite3 *db = open_plain(db_path);

	*ret_text = NULL;
	stand_write(sink_log, "", 0);
	found = look_for_facts(t, db, ret_text);
	if (found == FOUND_GOOD)
		found = tick(db_path, now, &err);
	if (found == FOUND_GOOD) {
		take_log(sink_log, &after);
		found = look_for_mails(t, db, &after, ret_text);
		forget(&after);
	}
	if (found == FOUND_DAMAGED)
		*ret_text = xstrdup(*err.text ? err.text : sqlite3_errmsg(db));
	sqlite3_close(db);
	return found;
}
