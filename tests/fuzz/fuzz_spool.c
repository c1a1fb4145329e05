/*
 * Files in the spool: each is recorded or moved to bad/, the spool is empty afterwards, and only what is declared
 * becomes an event. One database lives through the whole run.
 */
#include "fuzz.h"

#include "../unit/fixture.h"
#include "tick/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fixture f;

static void close_fixture(void)
{
	fixture_close(&f);
}

static const char *in_spool(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/x.db.spool/%s", f.folder, name);
	return path;
}

static void open_fixture(void)
{
	fixture_open(&f);
	atexit(close_fixture);
	fixture_apply(&f, "kind: Fields\nname: contact\nfields: {plan: text}\nevents:\n"
	                  "  order.placed: {total: number, sku: text, when: time, ok: yes_no, items: list, day: date}\n");
	fixture_add(&f, "anna@example.com", NULL);
	mkdir(in_spool(""), 0770);
}

static void put(const uint8_t *data, size_t len)
{
	int fd = open(in_spool("x.json"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	HOLD(fd >= 0 && write(fd, data, len) == (ssize_t)len && close(fd) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct spool_bad bad = { 0 };
	struct err err = ERR_INIT;
	int got;

	if (!f.db)
		open_fixture();
	put(data, len);
	got = spool_drain(&f.e, NULL, &bad, &err);
	if (got < 0)
		fprintf(stderr, "%s\n", err.text);
	HOLD(got >= 0 && got + bad.n == 1);
	HOLD(access(in_spool("x.json"), F_OK) < 0);
	unlink(in_spool("bad/x.json"));
	return 0;
}
