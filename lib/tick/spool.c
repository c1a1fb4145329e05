#include "tick/spool.h"

#include "base/buf.h"
#include "engine/event.h"
#include "engine/guard.h"
#include "engine/report.h"
#include "format/json.h"
#include "model/address.h"
#include "model/when.h"
#include "store/contact_store.h"
#include "store/team_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE   65536
#define PER_COMMIT 100
#define SAME_NAMES 100 /* bad files of one name that are kept */

/* An event as a file has it; texts in the arena. */
struct spooled {
	const char *team, *contact, *type, *key;
	const char *data; /* JSON; NULL: none */
	int64_t at;
};

static const char *text_of(const struct value *map, const char *key, struct arena *a)
{
	const struct value *v = value_get(map, key);

	return v && v->kind == VALUE_STRING ? arena_strndup(a, v->text, v->len) : NULL;
}

static int read_file(int dir, const char *name, struct buf *out, struct err *err)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	char piece[4096];
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return err_errno(err, ERR_INVALID, "it cannot be opened");
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1 || st.st_size > MAX_FILE) {
		close(fd);
		return err_set(err, ERR_INVALID, "it is no regular file of at most 64 KiB");
	}
	while ((n = read(fd, piece, sizeof piece)) > 0)
		buf_add(out, piece, (size_t)n);
	if (n < 0)
		err_errno(err, ERR_INVALID, "it cannot be read");
	else if (out->over || out->len == 0)
		n = err_set(err, ERR_INVALID, "it is empty or too long");
	close(fd);
	return n < 0 ? -1 : 0;
}

static int parse(const struct buf *text, const char *name, struct arena *a, struct spooled *ret, struct err *err)
{
	BUF_AUTO data = BUF_INIT(MAX_FILE * 8);
	const struct value *d;
	struct value root;
	const char *at;

	if (json_parse(a, text->s, text->len, MAX_FILE, &root, err) < 0)
		return -1;
	ret->team = text_of(&root, "team", a);
	ret->contact = text_of(&root, "contact", a);
	ret->type = text_of(&root, "type", a);
	ret->key = text_of(&root, "id", a);
	at = text_of(&root, "at", a);
	if (!ret->team || !ret->contact || !ret->type)
		return err_set(err, ERR_INVALID, "it lacks team, contact or type");
	if (at && when_parse_rfc3339(at, &ret->at, err) < 0)
		return -1;
	if (!ret->key)
		ret->key = arena_printf(a, "spool:%s", name);
	d = value_get(&root, "data");
	if (d) {
		json_value(&data, d);
		ret->data = arena_strndup(a, data.s, data.len);
	}
	return 0;
}

static int record(struct engine *e, const struct spooled *s, struct arena *a, struct err *err)
{
	const struct names none = { 0 };
	struct happening h = { .key = s->key, .arena = a };
	struct address address;
	const char *data;
	struct team_row team;
	struct contact c;
	struct world *w;
	int got = team_find(e->db, s->team, a, &team, err);

	if (got <= 0)
		return got < 0 ? -1 : err_set(err, ERR_INVALID, "there is no team '%s'", s->team);
	if (engine_world(e, team.id, &w, err) < 0 || address_parse(s->contact, &address, err) < 0)
		return -1;
	if (report_data(w, s->type, s->data, &none, a, &data, err) < 0) {
		if (err->kind == ERR_MISSING || err->kind == ERR_REFUSED)
			err->kind = ERR_INVALID;
		return -1;
	}
	got = contact_find(e->db, team.id, address.folded, a, &c, err);
	if (got <= 0)
		return got < 0 ? -1 : err_set(err, ERR_INVALID, "there is no contact %s", s->contact);
	h.contact = &c;
	h.ev = (struct event){ .contact = c.id, .type = s->type, .data = data, .source = "web", .actor = "spool",
		                   .at = s->at <= e->now ? s->at : 0 };
	return err_or_none(event_record(e, team.id, &h, err));
}

/* 1 recorded, 0 the file is bad (err says why), -1 the store failed. */
static int take_file(struct engine *e, int dir, const char *name, struct err *err)
{
	BUF_AUTO text = BUF_INIT(MAX_FILE);
	ARENA_AUTO a = { 0 };
	struct spooled s = { 0 };

	if (read_file(dir, name, &text, err) == 0 && parse(&text, name, &a, &s, err) == 0 && record(e, &s, &a, err) == 0)
		return 1;
	return err->kind == ERR_INVALID ? 0 : -1;
}

static int make_bad(int dir)
{
	(void)mkdirat(dir, "bad", 0770); /* it may be there */
	return openat(dir, "bad", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The folder for bad files. Whatever else has its name there, which alone can be unlinked, is rubbish, or a trick. */
static int open_bad(int dir)
{
	int fd = make_bad(dir);

	return fd < 0 && unlinkat(dir, "bad", 0) == 0 ? make_bad(dir) : fd;
}

/* Moved to bad/, beside what has that name there already. False: it cannot be moved, and stays. */
static bool set_aside(int dir, const char *name)
{
	char to[300];
	int bad = open_bad(dir), got = -1;

	for (int i = 0; bad >= 0 && got < 0 && i < SAME_NAMES; i++) {
		snprintf(to, sizeof to, i ? "%.240s.%d" : "%s", name, i);
		got = renameat2(dir, name, bad, to, RENAME_NOREPLACE);
		if (got < 0 && errno != EEXIST)
			break;
	}
	if (bad >= 0)
		close(bad);
	return got == 0 || unlinkat(dir, name, 0) == 0;
}

/* The names of one commit; hidden ones are passed over. */
static int read_names(DIR *d, char names[PER_COMMIT][256])
{
	struct dirent *entry;
	int n = 0;

	while (n < PER_COMMIT && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "bad") != 0)
			memcpy(names[n++], entry->d_name, strlen(entry->d_name) + 1);
	return n;
}

static void note_bad(struct spool_bad *bad, const char *name, const struct err *why)
{
	if (bad->n++ == 0)
		snprintf(bad->first, sizeof bad->first, "%.100s: %.400s", name, why->text);
}

struct draining {
	struct engine *e;
	const volatile sig_atomic_t *stop;
	struct spool_bad *bad;
	int dir;
	int events; /* recorded */
	int gone;   /* files that the last commit removed from the spool */
};

static bool is_told(const struct draining *d)
{
	return d->stop && *d->stop;
}

static int remove_files(int dir, char names[PER_COMMIT][256], int n, const bool *good, struct err *err)
{
	int gone = 0;

	for (int i = 0; i < n; i++) {
		if (!good[i])
			gone += set_aside(dir, names[i]);
		else if (unlinkat(dir, names[i], 0) < 0)
			return err_errno(err, ERR_IO, "spool/%s", names[i]);
		else
			gone++;
	}
	return gone;
}

/* In one commit. Told to stop it takes no more of them. */
static int drain_some(struct draining *d, char names[PER_COMMIT][256], int n, struct err *err)
{
	bool good[PER_COMMIT] = { false };
	int taken = 0;
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, d->e->db, err) < 0)
		return -1;
	for (; taken < n && !is_told(d); taken++) {
		struct err why = ERR_INIT;
		int got = take_file(d->e, d->dir, names[taken], &why);

		if (got < 0)
			return *err = why, -1;
		good[taken] = got > 0;
		d->events += got;
		if (!got)
			note_bad(d->bad, names[taken], &why);
	}
	if (txn_commit(&txn, err) < 0)
		return -1;
	d->gone = remove_files(d->dir, names, taken, good, err);
	return err_or_none(d->gone);
}

int spool_drain(struct engine *e, const volatile sig_atomic_t *stop, struct spool_bad *bad, struct err *err)
{
	char(*names)[256], *path = spool_path(db_path(e->db));
	DIR *folder = opendir(path);
	struct draining d = { .e = e, .stop = stop, .bad = bad, .gone = 1 };
	int n, got = 0;
	ARENA_AUTO a = { 0 };

	free(path);
	if (!folder)
		return 0;
	d.dir = dirfd(folder);
	names = arena_array(&a, PER_COMMIT, sizeof *names);
	while (got == 0 && d.gone > 0 && !is_told(&d) && (n = read_names(folder, names)) > 0) {
		got = drain_some(&d, names, n, err);
		rewinddir(folder);
	}
	closedir(folder);
	return got < 0 ? -1 : d.events;
}
