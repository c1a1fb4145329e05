#include "engine/crash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAP_LEN 4096
#define MARK_AT 2048 /* behind the text that pipe-tick keeps at the beginning */

/* One process works on one lock file: the mark has to be reachable from wherever it may die. */
static volatile int64_t *mark;

/* What the last tick died over, until that is recorded: as long stands the mark. */
static int64_t died_over;

int crash_open(int lock_fd, struct err *err)
{
	void *p;

	if (ftruncate(lock_fd, MAP_LEN) < 0)
		return err_errno(err, ERR_IO, "the lock file");
	p = mmap(NULL, MAP_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, lock_fd, 0);
	if (p == MAP_FAILED)
		return err_errno(err, ERR_IO, "the lock file");
	mark = (volatile int64_t *)((char *)p + MARK_AT);
	died_over = *mark;
	return 0;
}

void crash_close(void)
{
	if (!mark)
		return;
	*mark = died_over;
	munmap((char *)(uintptr_t)mark - MARK_AT, MAP_LEN);
	mark = NULL;
	died_over = 0;
}

static void name_of(int64_t item, char name[40])
{
	snprintf(name, 40, "crash:%lld", (long long)item);
}

static int count_deaths(struct engine *e, int64_t item, struct err *err)
{
	ARENA_AUTO a = { 0 };
	const char *value;
	char name[40];
	int got;

	if (e->no_deaths)
		return 0;
	name_of(item, name);
	got = meta_get(e->db, name, &a, &value, err);
	return got <= 0 ? got : (int)strtol(value, NULL, 10);
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
	char name[40], value[16];
	int n;

	if (died_over == 0)
		return note_none(e, err);
	n = count_deaths(e, died_over, err);
	if (n < 0)
		return -1;
	name_of(died_over, name);
	snprintf(value, sizeof value, "%d", n + 1);
	return meta_set(e->db, name, value, err);
}

static void set_mark(int64_t item)
{
	if (mark)
		*mark = item;
}

void crash_collected(void)
{
	died_over = 0;
	set_mark(0);
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
