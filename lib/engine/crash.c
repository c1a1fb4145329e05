#include "engine/crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAP_LEN 4096
#define MARK_AT 2048      /* behind the text that pipe-tick keeps at the beginning */
#define COUNTED "crashes" /* how many deaths the database has counted */

/* One process works on one lock file: the mark has to be reachable from wherever it may die. */
struct mark {
	int64_t item;   /* in hand; 0: none */
	int64_t number; /* of the death that it would be */
};
static volatile struct mark *mark;

/* What the last tick died over, until that is recorded: as long stands the mark. */
static struct mark left;

/* The number of this tick's death. */
static int64_t next_number;

int crash_open(int lock_fd, struct err *err)
{
	void *p;

	if (ftruncate(lock_fd, MAP_LEN) < 0)
		return err_errno(err, ERR_IO, "the lock file");
	p = mmap(NULL, MAP_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, lock_fd, 0);
	if (p == MAP_FAILED)
		return err_errno(err, ERR_IO, "the lock file");
	mark = (volatile struct mark *)((char *)p + MARK_AT);
	left = (struct mark){ mark->item, mark->number };
	return 0;
}

void crash_close(void)
{
	if (!mark)
		return;
	mark->item = left.item;
	munmap((char *)(uintptr_t)mark - MARK_AT, MAP_LEN);
	mark = NULL;
	left = (struct mark){ 0 };
}

static void name_of(int64_t item, char name[40])
{
	snprintf(name, 40, "crash:%lld", (long long)item);
}

/* 0 when there is none of that name. */
static int get_number(struct engine *e, const char *name, int64_t *ret, struct err *err)
{
	ARENA_AUTO a = { 0 };
	const char *value = "0";

	if (meta_get(e->db, name, &a, &value, err) < 0)
		return -1;
	*ret = strtoll(value, NULL, 10);
	return 0;
}

static int set_number(struct engine *e, const char *name, int64_t n, struct err *err)
{
	char value[24];

	snprintf(value, sizeof value, "%lld", (long long)n);
	return meta_set(e->db, name, value, err);
}

static int count_deaths(struct engine *e, int64_t item, struct err *err)
{
	int64_t n = 0;
	char name[40];

	if (e->no_deaths)
		return 0;
	name_of(item, name);
	return get_number(e, name, &n, err) < 0 ? -1 : (int)n;
}

/* In a tick only this counts deaths, so that most ticks need not look up any. */
static int note_none(struct engine *e, struct err *err)
{
	int any = meta_any(e->db, "crash:", err);

	e->no_deaths = any == 0;
	return err_or_none(any);
}

int crash_collect(struct engine *e, struct err *err)
{
	int64_t counted;
	char name[40];
	int n;

	if (get_number(e, COUNTED, &counted, err) < 0)
		return -1;
	next_number = counted + 1;
	if (left.item == 0 || left.number != next_number)
		return note_none(e, err);
	next_number++;
	e->no_deaths = false;
	n = count_deaths(e, left.item, err);
	if (n < 0)
		return -1;
	name_of(left.item, name);
	return set_number(e, name, n + 1, err) < 0 ? -1 : set_number(e, COUNTED, left.number, err);
}

static void set_mark(int64_t item)
{
	if (mark)
		mark->item = item;
}

void crash_collected(void)
{
	left.item = 0;
	set_mark(0);
	if (mark)
		mark->number = next_number;
}

int crash_enter(struct engine *e, int64_t item, struct err *err)
{
	set_mark(item);
	return count_deaths(e, item, err);
}

int crash_leave(struct engine *e, int64_t item, int deaths, struct err *err)
{
	char name[40];

	set_mark(0);
	if (deaths == 0)
		return 0;
	name_of(item, name);
	return meta_delete(e->db, name, err);
}
