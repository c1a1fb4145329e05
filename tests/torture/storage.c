/*
 * Storage that fails. A byte of the database is another one, and a tick works with it: it says so, or it does what it
 * would have done; it never crashes, never sends a mail that is wrong, and leaves none out without a word. The disk is full from the nth write on: what
 * was not sent goes when there is room again, and nothing goes twice. Network file systems are refused.
 *
 * storage [--dose FLIPS] [--seed N] [--resume FILE] [--bug nosum|nocheck|address|nofence|nostatfs]
 * nosum: nobody looks at the sums of pages; nocheck: nor at the second place in which an address is; address: nor is it
 * one byte that changes but each place where an address stands; nofence: seen where the disk is full; nostatfs: nobody
 * asks which file system it is
 */
#include "base/arena.h"
#include "base/mem.h"
#include "clock_time.h"
#include "clock_world.h"
#include "model/address.h"
#include "stand.h"
#include "store/db.h"
#include "store/due_store.h"
#include "store/page_private.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define MONDAY_9AM INT64_C(1782716400) /* 2026-06-29 09:00 in Berlin */
#define LIFE_S     30

enum { RIGHT, ERROR, SILENT, WRONG, CRASHED, FULL_DISKS, FULL_FAULTS, REFUSED, NOT_REFUSED };

struct rig {
	struct stand stand;
	struct world_rig world;
	struct dice dice;
	struct tally tally;
	char *saved;             /* where the sink puts the mails */
	char *base;              /* the database before each trial */
	size_t base_len;
	char *expected[PEOPLE];  /* the mail to each */
};

/* A mail without what is another in each: Date, Message-ID and what is made of it. */
static char *normal(char *mail)
{
	char *out = stand_text("%s", ""), *rest, *line;

	for (line = strtok_r(mail, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *longer;

		if (strncasecmp(line, "Date:", 5) == 0 || strncasecmp(line, "Message-ID:", 11) == 0 || strstr(line, "nsubscribe"))
			continue;
		longer = stand_text("%s%s\n", out, line);
		free(out);
		out = longer;
	}
	return out;
}

/* To whom a mail is; -1: to nobody that there is. */
static int person_of(const char *mail)
{
	char key[40];

	for (int i = 0; i < PEOPLE; i++) {
		snprintf(key, sizeof key, "\nTo: p%d@example.org\r", i);
		if (strstr(mail, key))
			return i;
	}
	return -1;
}

/* Takes the mails that the sink has saved. Each is given to `judge`. Returns how many there were. */
static int take_saved(struct rig *r, void (*judge)(struct rig *, char *mail, int person))
{
	DIR *d = opendir(r->saved);
	struct dirent *entry;
	int n = 0;

	while (d && (entry = readdir(d)) != NULL) {
		char *path, *mail;
		int person;

		if (entry->d_name[0] == '.')
			continue;
		path = stand_text("%s/%s", r->saved, entry->d_name);
		mail = stand_read(path, NULL);
		person = person_of(mail);
		judge(r, normal(mail), person);
		unlink(path);
		free(path);
		free(mail);
		n++;
	}
	if (!d || closedir(d) < 0)
		stand_die("%s", r->saved);
	return n;
}

static void expect_mail(struct rig *r, char *mail, int person)
{
	if (person < 0 || r->expected[person])
		stand_die("an unexpected mail: %s", mail);
	r->expected[person] = mail;
}

static int wrong_mails;
static bool had[PEOPLE];

static void compare_mail(struct rig *r, char *mail, int person)
{
	if (person < 0 || had[person] || strcmp(mail, r->expected[person]) != 0)
		wrong_mails++;
	else
		had[person] = true;
	free(mail);
}

/* A tick in a process of its own, which is given up when it does not come to its end. The wait status. */
static int tick_apart(struct rig *r)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		stand_die("fork");
	if (pid == 0) {
		alarm(LIFE_S);
		if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(2);
		_exit(world_tick(&r->world) == TICK_FAILED);
	}
	if (waitpid(pid, &status, 0) != pid)
		stand_die("waitpid");
	return status;
}

static void put_database(struct rig *r, const char *bytes)
{
	world_clear(&r->world, MONDAY_9AM);
	stand_write(r->world.db, bytes, r->base_len);
}

/* The nth place of a word in the database; NULL: it has no more. */
static const char *place_of(const struct rig *r, const char *word, size_t len, uint32_t n)
{
	const char *at = r->base, *end = r->base + r->base_len;

	while ((at = memmem(at, (size_t)(end - at), word, len)) != NULL && n-- > 0)
		at++;
	return at;
}

/* Half of the bytes are anywhere, the others near an address, a text of a mail, or an instant as it is stored. */
static size_t choose_byte(struct rig *r)
{
	static const char *const words[] = { "@example.org", "First.", "free-1", "hello@", NULL };
	const char *word = words[dice_below(&r->dice, ARRAY_LEN(words))], *at;
	const uint32_t instant = htobe32((uint32_t)MONDAY_9AM);
	size_t len = word ? strlen(word) : sizeof instant;
	uint32_t places = 0;

	if (!word)
		word = (const char *)&instant;
	while (place_of(r, word, len, places))
		places++;
	if (places == 0 || dice_percent(&r->dice, 50))
		return (size_t)(dice_roll(&r->dice) % r->base_len);
	at = place_of(r, word, len, dice_below(&r->dice, places));
	return (size_t)(at - r->base) - 8 + dice_below(&r->dice, 24);
}

/* A bit, or any number of bits, of one byte. */
static size_t flip(struct rig *r)
{
	char *bytes = xmalloc(r->base_len);
	size_t at = choose_byte(r);

	memcpy(bytes, r->base, r->base_len);
	bytes[at] = (char)(bytes[at] ^ (dice_percent(&r->dice, 50) ? 1 << dice_below(&r->dice, 8) : 1 + (int)dice_below(&r->dice, 255)));
	put_database(r, bytes);
	free(bytes);
	return at;
}

/* Whose address it is to be, wherever it stands. */
static void change_address(struct rig *r)
{
	static const char address[] = "p0@example.org";
	char *bytes = xmalloc(r->base_len), *at, *end = bytes + r->base_len;

	memcpy(bytes, r->base, r->base_len);
	for (at = bytes; (at = memmem(at, (size_t)(end - at), address, strlen(address))) != NULL;)
		at[3] = 'd'; /* which leaves it where the index has it */
	put_database(r, bytes);
	free(bytes);
}

/* What could be read around it. */
static char *near(const struct rig *r, size_t at)
{
	size_t from = at < 30 ? 0 : at - 30, n = at + 30 > r->base_len ? r->base_len - from : at + 30 - from;
	char *text = xstrndup("", 0);

	for (size_t i = from; i < from + n; i++)
		if (r->base[i] >= ' ' && r->base[i] <= '~')
			text = stand_text("%s%c", text, r->base[i]);
	return text;
}

static void one_flip(struct rig *r, int64_t number)
{
	int status, n, kind;
	size_t at = 0;

	r->dice = dice_new(r->stand.seed * 1000003 + (uint64_t)number);
	if (strcmp(r->stand.bug, "address") == 0)
		change_address(r);
	else
		at = flip(r);
	wrong_mails = 0;
	memset(had, 0, sizeof had);
	status = tick_apart(r);
	n = take_saved(r, compare_mail);
	kind = WIFSIGNALED(status) ? CRASHED : wrong_mails ? WRONG : status != 0 ? ERROR : n == PEOPLE ? RIGHT : SILENT;
	r->tally.counts[kind]++;
	if ((kind == CRASHED || kind == WRONG || kind == SILENT) && r->tally.counts[kind] <= 5 && !*r->stand.bug)
		printf("# flip %lld (seed %llu), of byte %zu, near '%s': %s\n", (long long)number,
		       (unsigned long long)r->stand.seed, at, near(r, at),
		       kind == CRASHED ? stand_text("signal %d", WTERMSIG(status)) : kind == WRONG ? "a wrong mail" : "not all mails");
}

/*
 * The full disk: SQLite's own door to the system, for this process.
 */
static int writes_left;

static ssize_t write_while_there_is_room(int fd, const void *from, size_t n, off_t at)
{
	if (writes_left >= 0 && writes_left-- == 0) {
		writes_left = 0;
		errno = ENOSPC;
		return -1;
	}
	return pwrite(fd, from, n, at);
}

static void fill_disk(int after)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find("unix");

	writes_left = after;
	if (vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)write_while_there_is_room) != SQLITE_OK ||
	    vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)write_while_there_is_room) != SQLITE_OK)
		stand_die("SQLite lets nobody in");
}

/* 1: it came to its end before the disk was full; 0: not; -1: it crashed. */
static int tick_on_full_disk(struct rig *r, int after)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		stand_die("fork");
	if (pid == 0) {
		alarm(LIFE_S);
		fill_disk(after);
		if (!freopen("/dev/null", "w", stdout))
			_exit(2);
		_exit(world_tick(&r->world) == TICK_FAILED);
	}
	if (waitpid(pid, &status, 0) != pid)
		stand_die("waitpid");
	return WIFSIGNALED(status) ? -1 : status == 0;
}

static void ignore_mail(struct rig *r, char *mail, int person)
{
	(void)r;
	(void)person;
	free(mail);
}

/* Each number of writes after which the disk can be full, until a tick gets through. */
static void full_disks(struct rig *r)
{
	int got = 0;

	/* With a seeded bug a few faults are enough. */
	for (int after = 0; got <= 0 && after < 5000 && !(*r->stand.bug && r->tally.counts[FULL_FAULTS] > 3); after++) {
		char *wrong = NULL;

		put_database(r, r->base);
		got = tick_on_full_disk(r, after);
		r->tally.counts[FULL_DISKS]++;
		if (got < 0)
			wrong = stand_text("it crashed");
		for (int i = 0; i < 3 && !wrong; i++) {
			time_pass_ms(INT64_C(5) * 3600 * 1000);
			if (world_tick(&r->world) != TICKED)
				wrong = stand_text("there is room again, and a tick does not work");
		}
		if (!wrong)
			wrong = world_judge(&r->world);
		take_saved(r, ignore_mail);
		if (wrong && ++r->tally.counts[FULL_FAULTS] <= 5)
			printf("# the disk was full after %d writes: %s\n", after, wrong);
		free(wrong);
	}
}

/*
 * Network file systems.
 */
static long pretended;

int __real_statfs(const char *path, struct statfs *ret);
int __wrap_statfs(const char *path, struct statfs *ret);

int __wrap_statfs(const char *path, struct statfs *ret)
{
	int got = __real_statfs(path, ret);

	if (got == 0 && pretended)
		ret->f_type = (__fsword_t)pretended;
	return got;
}

static void file_systems(struct rig *r)
{
	static const struct {
		long magic; /* statfs(2) */
		bool fine;
	} kinds[] = {
		{ 0x6969, false }, { 0xff534d42, false }, { 0xfe534d42, false }, { 0x517b, false }, { 0x01021997, false },
		{ 0x5346414f, false }, { 0x00c36400, false }, { 0x65735546, false }, { 0xef53, true }, { 0x01021994, true },
		{ 0x9123683e, true }, { 0x58465342, true }, { 0x794c7630, true }, { 0x2fc12fc1, true }, { 0xf2f52010, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct err err = ERR_INIT;
		struct db *db = NULL;
		int got;

		put_database(r, r->base);
		pretended = strcmp(r->stand.bug, "nostatfs") == 0 ? 0 : kinds[i].magic;
		got = db_open(r->world.db, DB_WRITE, &db, &err);
		pretended = 0;
		db_close(got == 0 ? db : NULL);
		r->tally.counts[(got == 0) == kinds[i].fine ? REFUSED : NOT_REFUSED]++;
	}
}

/*
 * Each page has a sum, which is compared when it is read; an address is stored twice, which is compared before a mail is
 * made.
 */
static bool no_sum, no_check;

uint64_t __real_page_sum(const unsigned char *page, size_t n, int64_t number);
uint64_t __wrap_page_sum(const unsigned char *page, size_t n, int64_t number);

uint64_t __wrap_page_sum(const unsigned char *page, size_t n, int64_t number)
{
	uint64_t stored;

	if (!no_sum)
		return __real_page_sum(page, n, number);
	memcpy(&stored, page + n, sizeof stored);
	return le64toh(stored);
}

int __real_due_mail_load(struct db *db, int64_t team, int64_t run, struct arena *a, struct due_mail *ret, struct err *err);
int __wrap_due_mail_load(struct db *db, int64_t team, int64_t run, struct arena *a, struct due_mail *ret, struct err *err);

int __wrap_due_mail_load(struct db *db, int64_t team, int64_t run, struct arena *a, struct due_mail *ret, struct err *err)
{
	int got = __real_due_mail_load(db, team, run, a, ret, err);
	struct err why = ERR_INIT;
	struct address address;

	if (no_check && got > 0 && address_parse(ret->contact.email, &address, &why) == 0)
		ret->contact.folded = arena_strdup(a, address.folded);
	return got;
}

static void prepare(struct rig *r)
{
	for (int i = 0; i < PEOPLE; i++)
		r->world.zones[i] = "Europe/Berlin";
	r->saved = stand_text("%s/saved", r->stand.folder);
	if (stand_run((const char *const[]){ "mkdir", r->saved, NULL }, NULL, NULL) != 0)
		stand_die("%s", r->saved);
	r->world.sink_options = (const char *const[]){ "--save", r->saved, NULL };
	world_make(&r->world, &r->stand, &r->dice);
	world_begin(&r->world, MONDAY_9AM);
	world_people(&r->world, PEOPLE, "free");
	r->base = stand_read(r->world.db, &r->base_len);
	if (world_tick(&r->world) != TICKED || take_saved(r, expect_mail) != PEOPLE)
		stand_die("a tick does not send %d mails", PEOPLE);
}

static bool has_bug(const struct rig *r, const char *name)
{
	return strcmp(r->stand.bug, name) == 0;
}

/* Without the sums it is enough that a mail does not go and nobody is told. */
static int64_t found(const struct rig *r)
{
	const int64_t *n = r->tally.counts;

	return n[WRONG] + n[CRASHED] + n[FULL_FAULTS] + n[NOT_REFUSED] + (has_bug(r, "nosum") || has_bug(r, "") ? n[SILENT] : 0);
}

int main(int argc, char **argv)
{
	struct rig r = { .tally.names = { "right", "errors", "silent", "wrong mails", "crashes", "full disks", "faults of those",
		                              "file systems judged rightly", "wrongly" } };

	stand_begin(&r.stand, argc, argv, 500);
	time_begin(r.stand.bug);
	r.dice = dice_new(r.stand.seed);
	tally_load(&r.tally, &r.stand);
	prepare(&r);
	no_check = has_bug(&r, "nocheck");
	no_sum = no_check || has_bug(&r, "nosum") || has_bug(&r, "address");
	if (r.tally.done == 0) {
		file_systems(&r);
		if (has_bug(&r, "") || has_bug(&r, "nofence"))
			full_disks(&r);
	}
	while (r.tally.done < r.stand.dose && (has_bug(&r, "") || found(&r) == 0)) {
		one_flip(&r, r.tally.done++);
		tally_keep(&r.tally, &r.stand, r.tally.done == r.stand.dose);
	}
	tally_print(&r.tally, "flipped bytes");
	sink_stop(&r.world.sink);
	stand_end(&r.stand);
	return found(&r) > 0;
}
