/*
 * Power cuts. The programs work on a database through record_vfs.c; a sink on loopback takes the mail. Then the disk is
 * replayed: at any point of that history the power goes, with whatever had not been synced arriving in part. What is
 * found must be whole, know all that was acknowledged before, and the next tick must neither repeat nor lose a mail.
 *
 * power [--dose CUTS] [--seed N] [--resume FILE] [--bug normal|lying]
 */
#include "base/mem.h"
#include "power_check.h"
#include "power_disk.h"
#include "power_log.h"
#include "stand.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NINE    INT64_C(1782716400) /* Monday 2026-06-29 09:00 in Berlin */
#define MINUTES 40

struct recording {
	struct stand stand;
	struct sink sink;
	struct dice dice;
	char *log, *db;
	int64_t now;
	int people;
};

static char *time_text(int64_t now)
{
	struct tm tm;
	time_t t = (time_t)now;
	char text[32];

	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return xstrdup(text);
}

/* Runs a recorded program. 0 is what it is expected to return. */
static void run(struct recording *r, const char *program, const char *input, const char *const *words)
{
	char *path = stand_text("%s/tests/recorded/bin/%s", r->stand.build, program), *now = time_text(r->now), *said;
	const char *argv[16] = { path, "--db", r->db, "--now", now };
	int status;

	for (size_t n = 5; *words; n++)
		argv[n] = *words++;
	status = stand_run(argv, input, &said);
	if (status != 0)
		stand_die("%s %s: status %d: %s", program, argv[5] ? argv[5] : "", WEXITSTATUS(status), said);
	free(said);
	free(now);
	free(path);
}

static void acknowledge(struct recording *r, const char *fact)
{
	stand_append(r->log, fact);
}

static const char documents[] =
	"kind: Team\nname: sales\ntimezone: Europe/Berlin\n"
	"---\nkind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\n"
	"smtp: {url: \"%s\", tls: none}\nlimit: {connections: 3}\nguard: {bounces: 100%%}\n"
	"---\nkind: Pipeline\nname: one\nmailbox: hello\nenroll: {new_contacts: true}\n"
	"steps:\n  - email: {subject: One, text: \"Dear {{ contact.first_name | default: 'you' }}.\"}\n  - tag: welcomed\n"
	"  - email: {subject: Two, text: Second.}\n    after: 2 days\n";

static void begin(struct recording *r)
{
	char *text = stand_text(documents, r->sink.url);

	run(r, "pipectl", NULL, (const char *const[]){ "init", "-q", "--team", "sales", NULL });
	run(r, "pipectl", text, (const char *const[]){ "apply", "-q", "-", NULL });
	acknowledge(r, "+document hello\n+document one\n");
	free(text);
}

static void add_one(struct recording *r)
{
	char *email = stand_text("p%d@example.org", r->people++);

	run(r, "contactctl", NULL, (const char *const[]){ "add", "-q", email, "first_name=Ann", NULL });
	acknowledge(r, stand_text("+contact %s\n+run %s\n", email, email));
}

static void import_some(struct recording *r)
{
	int n = 5 + (int)dice_below(&r->dice, 15), from = r->people;
	char *csv = xstrdup("email,first_name\n"), *facts = xstrdup("");

	for (; r->people < from + n; r->people++) {
		/* Some addresses do not exist: those come back as bounces. */
		const char *kind = r->people % 9 == 4 ? "bad" : "p";

		csv = stand_text("%s%s%d@example.org,Ben\n", csv, kind, r->people);
		facts = stand_text("%s+contact %s%d@example.org\n+run %s%d@example.org\n", facts, kind, r->people, kind,
		                   r->people);
	}
	run(r, "contactctl", csv, (const char *const[]){ "import", "-q", "--auto-enroll", "-", NULL });
	acknowledge(r, facts);
}

static void stop_one(struct recording *r)
{
	char *email = stand_text("s%d@example.org", r->people++);
	bool unsubscribe = dice_percent(&r->dice, 50);

	run(r, "contactctl", NULL, (const char *const[]){ "add", "-q", email, NULL });
	if (unsubscribe)
		run(r, "contactctl", NULL, (const char *const[]){ "unsubscribe", "-q", email, NULL });
	else
		run(r, "contactctl", NULL, (const char *const[]){ "stop", "-q", "one", email, NULL });
	acknowledge(r, stand_text("+stopped %s\n", email));
	if (unsubscribe)
		acknowledge(r, stand_text("+suppressed %s\n", email));
}

static void tick(struct recording *r)
{
	run(r, "pipe-tick", NULL, (const char *const[]){ NULL });
	acknowledge(r, "!\n");
}

/* While somebody has the database open, programs that end leave the log as it is. */
static pid_t follow(const struct recording *r)
{
	char *path = stand_text("%s/tests/recorded/bin/pipectl", r->stand.build), line[8];
	int out[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		stand_die("fork");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && dup2(out[1], 1) == 1)
			execl(path, path, "--db", r->db, "events", "--follow", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	if (read(out[0], line, sizeof line) <= 0)
		stand_die("nobody follows the events");
	free(path);
	return pid;
}

static void record(struct recording *r)
{
	pid_t follower = 0;

	setenv("PW_RECORD", r->log, 1);
	if (strcmp(r->stand.bug, "normal") == 0)
		setenv("PW_RECORD_SYNC", "NORMAL", 1);
	begin(r);
	for (int minute = 0; minute < MINUTES; minute++, r->now += 60) {
		void (*const doings[])(struct recording *) = { add_one, import_some, stop_one, tick };

		if (minute == MINUTES / 2)
			follower = follow(r);
		doings[dice_below(&r->dice, ARRAY_LEN(doings))](r);
		if (minute % 3 == 2)
			tick(r);
	}
	unsetenv("PW_RECORD");
	kill(follower, SIGKILL);
	waitpid(follower, NULL, 0);
}

/* Where the first fact stands: before it nothing was promised. */
static size_t first_fact(const struct op *ops, size_t n)
{
	size_t i = 0;

	while (i < n && ops[i].kind != '+')
		i++;
	return i;
}

struct replay {
	struct recording *r;
	struct disk *disk;
	struct told *told;
	struct tally tally;
	char *folder, *db;
};

static void cut(struct replay *p, int64_t number, size_t at)
{
	struct dice dice = dice_new(p->r->stand.seed * 1000003 + (uint64_t)number);
	enum finding found;
	char *text;

	disk_cut(p->disk, &dice, p->folder);
	found = told_judge(p->told, p->db, p->r->log, p->r->now + 4 * 3600, &text);
	p->tally.counts[found]++;
	if (found != FOUND_GOOD && p->tally.counts[found] <= 3 && !*p->r->stand.bug)
		printf("# cut %lld (seed %llu, operation %zu): %s\n", (long long)number, (unsigned long long)p->r->stand.seed, at,
		       text);
	free(text);
}

/* The cuts, evenly over the history; those that an earlier run has made are passed over. */
static void replay(struct replay *p, const struct op *ops, size_t n)
{
	size_t first = first_fact(ops, n), at = 0;
	int64_t dose = p->r->stand.dose;

	for (int64_t i = p->tally.done; i < dose; i++) {
		size_t until = first + 1 + (size_t)((double)i * (double)(n - first - 1) / (double)dose);

		for (; at < until; at++) {
			if (strchr("+{!", ops[at].kind))
				told_add(p->told, &ops[at]);
			else
				disk_do(p->disk, &ops[at]);
		}
		cut(p, i, at);
		p->tally.done = i + 1;
		tally_keep(&p->tally, &p->r->stand, i + 1 == dose);
		/* With a seeded bug a few findings are enough. */
		if (*p->r->stand.bug && p->tally.done - p->tally.counts[FOUND_GOOD] >= 5)
			break;
	}
}

int main(int argc, char **argv)
{
	const char *const refusing[] = { "--refuse", "rcpt/bad=550 5.1.1 no such user", NULL };
	struct recording r = { .now = NINE };
	struct replay p = { .r = &r,
		                .tally.names = { "good", "damaged", "forgetful", "twice", "lost" } };
	struct op *ops;
	size_t n;

	stand_begin(&r.stand, argc, argv, 2000);
	r.log = stand_text("%s/log", r.stand.folder);
	r.db = stand_text("%s/t.db", r.stand.folder);
	r.dice = dice_new(r.stand.seed);
	tally_load(&p.tally, &r.stand);
	sink_start(&r.sink, &r.stand, r.log, refusing);
	record(&r);
	ops = power_log_read(r.log, &n);
	p.disk = disk_new(strcmp(r.stand.bug, "lying") == 0);
	p.told = told_new();
	p.folder = stand_text("%s/found", r.stand.folder);
	p.db = stand_text("%s/t.db", p.folder);
	if (stand_run((const char *const[]){ "mkdir", p.folder, NULL }, NULL, NULL) != 0)
		stand_die("%s", p.folder);
	replay(&p, ops, n);
	tally_print(&p.tally, stand_text("power cuts in a history of %zu operations and %d people", n, r.people));
	sink_stop(&r.sink);
	stand_end(&r.stand);
	return p.tally.counts[FOUND_GOOD] != p.tally.done;
}
