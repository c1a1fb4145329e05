#include "power_disk.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 8
#define STEPS 64 /* files made and deleted since the folder was synced */

struct bytes {
	char *s;
	size_t len, cap;
};

/* A file, whatever it is called: what is on the disk for good, and what is on its way. */
struct inode {
	struct bytes kept;
	const struct op **pending;
	size_t n_pending, cap_pending;
};

struct entry {
	char *name;
	struct inode *inode; /* NULL: none of that name */
};

struct folder {
	struct entry entries[FILES];
	size_t n;
};

struct disk {
	bool lying;
	struct folder now, kept;   /* as programs see it; as it is on the disk */
	struct entry steps[STEPS]; /* from `kept` to `now` */
	size_t n_steps;
};

static void set_length(struct bytes *b, size_t len)
{
	if (len > b->cap) {
		b->cap = len + 65536;
		b->s = xrealloc(b->s, b->cap, 1);
	}
	if (len > b->len)
		memset(b->s + b->len, 0, len - b->len);
	b->len = len;
}

static void put(struct bytes *b, size_t at, const char *from, size_t n)
{
	if (at + n > b->len)
		set_length(b, at + n);
	if (n > 0)
		memcpy(b->s + at, from, n);
}

static void apply(struct bytes *b, const struct op *op)
{
	if (op->kind == 'T')
		set_length(b, (size_t)op->number);
	else
		put(b, (size_t)op->number, op->bytes, op->len);
}

struct disk *disk_new(bool lying)
{
	struct disk *d = xcalloc(1, sizeof *d);

	d->lying = lying;
	return d;
}

static struct entry *entry_of(struct folder *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->entries[i].name, name) == 0)
			return &f->entries[i];
	if (f->n == FILES)
		stand_die("more than %d files", FILES);
	f->entries[f->n] = (struct entry){ .name = xstrdup(name) };
	return &f->entries[f->n++];
}

static void step_folder(struct disk *d, const char *name, struct inode *inode)
{
	if (d->n_steps == STEPS)
		stand_die("the folder is never synced");
	d->steps[d->n_steps++] = (struct entry){ xstrdup(name), inode };
	entry_of(&d->now, name)->inode = inode;
}

static void sync_folder(struct disk *d)
{
	for (size_t i = 0; i < d->n_steps; i++)
		entry_of(&d->kept, d->steps[i].name)->inode = d->steps[i].inode;
	d->n_steps = 0;
}

static bool is_new(const struct disk *d, const struct inode *inode)
{
	for (size_t i = 0; i < d->n_steps; i++)
		if (d->steps[i].inode == inode)
			return true;
	return false;
}

/* SQLite syncs the folder with the first sync of a journal or log that it made. */
static void sync_file(struct disk *d, struct inode *inode)
{
	for (size_t i = 0; i < inode->n_pending && !d->lying; i++)
		apply(&inode->kept, inode->pending[i]);
	if (!d->lying)
		inode->n_pending = 0;
	if (is_new(d, inode))
		sync_folder(d);
}

static void add_pending(struct inode *inode, const struct op *op)
{
	GROW(&inode->pending, &inode->cap_pending, inode->n_pending);
	inode->pending[inode->n_pending++] = op;
}

void disk_do(struct disk *d, const struct op *op)
{
	struct inode *inode = strchr("WTSD", op->kind) ? entry_of(&d->now, op->name)->inode : NULL;

	switch (op->kind) {
	case 'O':
		step_folder(d, op->name, xcalloc(1, sizeof(struct inode)));
		break;
	case 'D':
		step_folder(d, op->name, NULL);
		if (op->number)
			sync_folder(d);
		break;
	case 'W':
	case 'T':
		if (!inode)
			stand_die("%s is written and was never made", op->name);
		add_pending(inode, op);
		break;
	case 'S':
		if (inode)
			sync_file(d, inode);
		break;
	default:
		break;
	}
}

/* How a disk dies: how much of what is on its way arrives, in which pieces, how much of it as garbage. */
struct death {
	struct dice *dice;
	uint32_t arrives, garbage; /* percent */
	size_t sector;
};

static struct death choose_death(struct dice *dice)
{
	static const uint32_t arriving[] = { 0, 10, 50, 90, 100 };

	return (struct death){
		.dice = dice,
		.arrives = arriving[dice_below(dice, ARRAY_LEN(arriving))],
		.garbage = dice_percent(dice, 50) ? 5 : 0,
		.sector = dice_percent(dice, 50) ? 512 : 4096,
	};
}

static void put_garbage(const struct death *how, struct bytes *b, size_t at, size_t n)
{
	char noise[4096];

	for (size_t i = 0; i < n; i++)
		noise[i] = (char)dice_roll(how->dice);
	put(b, at, noise, n);
}

/* A write, in the sectors of the disk that it touches. */
static void write_partly(const struct death *how, struct bytes *b, const struct op *op)
{
	size_t at = (size_t)op->number, end = at + op->len;

	for (size_t next; at < end; at = next) {
		next = (at / how->sector + 1) * how->sector;
		if (next > end)
			next = end;
		if (dice_percent(how->dice, how->garbage))
			put_garbage(how, b, at, next - at);
		else if (dice_percent(how->dice, how->arrives))
			put(b, at, op->bytes + (at - (size_t)op->number), next - at);
	}
}

static void write_file(const struct inode *inode, const struct death *how, const char *path)
{
	struct bytes b = { 0 };

	put(&b, 0, inode->kept.len ? inode->kept.s : "", inode->kept.len);
	for (size_t i = 0; i < inode->n_pending; i++) {
		const struct op *op = inode->pending[i];

		if (op->kind == 'W')
			write_partly(how, &b, op);
		else if (dice_percent(how->dice, 50))
			apply(&b, op);
	}
	stand_write(path, b.len ? b.s : "", b.len);
	free(b.s);
}

/* The folder as the disk may have it: of the steps since its last sync the first ones. */
static struct folder cut_folder(const struct disk *d, struct dice *dice)
{
	struct folder f = d->kept;
	size_t n = dice_below(dice, (uint32_t)d->n_steps + 1);

	for (size_t i = 0; i < n; i++)
		entry_of(&f, d->steps[i].name)->inode = d->steps[i].inode;
	return f;
}

void disk_cut(const struct disk *d, struct dice *dice, const char *folder)
{
	struct death how = choose_death(dice);
	struct folder f = cut_folder(d, dice);

	for (size_t i = 0; i < d->now.n; i++) {
		const char *name = d->now.entries[i].name;
		char *path = stand_text("%s/%s", folder, name), *shared = stand_text("%s-shm", path);

		unlink(path);
		unlink(shared);
		for (size_t k = 0; k < f.n; k++)
			if (f.entries[k].inode && strcmp(f.entries[k].name, name) == 0)
				write_file(f.entries[k].inode, &how, path);
		free(shared);
		free(path);
	}
}
