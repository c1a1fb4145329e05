#include "failing_scene.h"

#include "engine/letter.h"
#include "people/people.h"
#include "store/inbox_store.h"

#include <stdio.h>
#include <sys/stat.h>

static const char documents[] =
	"kind: Team\nname: sales\ntimezone: Europe/Berlin\nmailbox: hello\nlifecycle: [lead, mql, customer]\n"
	"keep: {events: 1 day, messages: 1 day}\nalerts: {to: [ops@example.com]}\n"
	"members: {tester: {role: admin, name: Tess, mailbox: hello}, bob: {mailbox: shell}}\n"
	"---\nkind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/hello\n"
	"limit: {per_hour: 3, gap: 1 minute}\nguard: {bounces: 10%, over: 1}\n"
	"---\nkind: Mailbox\nname: free\nfrom: Free <free@example.com>\nmaildir: FOLDER/free\n"
	"inbox: drop\ninbox_max_age: 1440 hours\n"
	"---\nkind: Mailbox\nname: shell\nfrom: Shell <shell@example.com>\nsendmail: FOLDER/sendmail\n"
	"---\nkind: Mailbox\nname: far\nfrom: Far <far@example.com>\nsmtp: {url: 'smtp://127.0.0.1:1', tls: none}\n"
	"---\nkind: Fields\nname: contact\nfields: {plan: text, renewal: date}\nevents: {order.placed: {total: number}}\n"
	"---\nkind: Calendar\nname: office\nopen: {mon-fri: 08:00-18:00}\n"
	"---\nkind: Template\nname: note\nsubject: Note\ntext: \"Dear {{ contact.first_name }}\"\n"
	"---\nkind: Pipeline\nname: two\nmailbox: hello\nhours: office\nenroll: {when: {event: order.placed}}\n"
	"steps: [{email: {subject: One, text: x}, id: one}, {email: {subject: Two, text: y}, id: two, after: 1 day}, {tag: done}]\n"
	"---\nkind: Pipeline\nname: desk\nmailbox: free\nsteps:\n"
	"  - task: \"Call {{ contact.email }}\"\n    id: call\n    type: call\n    due: 1 day\n    to: tester\n    hold: done\n"
	"  - if: {task: {type: call, outcome: connected}}\n    then: [{email: {subject: Thanks, text: x}}]\n    else: [{note: no}]\n"
	"---\nkind: Pipeline\nname: shell\nmailbox: shell\nsteps: [{email: {subject: S, text: x}}, {note: behind}]\n"
	"---\nkind: Pipeline\nname: far\nmailbox: far\nsteps: [{email: {subject: F, text: x}}]\n"
	"---\nkind: Pipeline\nname: holes\nmailbox: free\nsteps: [{email: note}]\n"
	"---\nkind: Pipeline\nname: local\nsteps: [{tag: a, after: 30 minutes}, {set: {plan: free}}, {note: n, after: 1 hour}, {task: T}, {task: {done: task 4}}, {exit: over}]\n"
	"---\nkind: Pipeline\nname: updated\nenroll: {when: {event: order.placed}, while_active: update}\nsteps: [{wait: 9 days}]\n"
	"---\nkind: Pipeline\nname: again\nenroll: {when: {event: order.placed}, while_active: restart}\nsteps: [{wait: 9 days}]\n"
	"---\nkind: Pipeline\nname: queued\nenroll: {when: {event: order.placed}, while_active: queue}\nsteps: [{wait: 9 days}]\n"
	"---\nkind: Pipeline\nname: started\nenroll: {when: {event: run.started}}\nsteps: [{wait: 9 days}]\n"
	"---\nkind: Pipeline\nname: colleagues\nmailbox: free\nstop: [{replied: company}]\nsteps: [{wait: 1 hour}, {email: {subject: C, text: x}}]\n"
	"---\nkind: Pipeline\nname: waits\nmailbox: owner\nsteps:\n"
	"  - wait: {until: {field: renewal, before: 3 days}}\n  - set: {plan: pro}\n  - email: {subject: W, text: x}\n";

static void write_sendmail(struct fixture *f, const char *answer)
{
	const char *path = arena_printf(&f->arena, "%s/sendmail", f->folder);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\ncat >/dev/null\n%s\n", answer);
	fclose(file);
	assert_int_equal(chmod(path, 0755), 0);
}

/* Answers to what goes from free were looked for. */
static void read_inbox(struct fixture *f)
{
	struct inbox_place place = { .mailbox = "free", .place = "drop", .stamp = "", .read_at = f->e.now, .problem = "" };
	struct txn t = TXN_INIT;

	OK(txn_begin(&t, f->db, &err));
	OK(inbox_save(f->db, f->team, &place, &err));
	OK(txn_commit(&t, &err));
}

int scene_setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	write_sendmail(&f, "kill -9 $$");
	fixture_apply(&f, documents);
	read_inbox(&f);
	fixture_add(&f, "anna@example.org", "first_name", "Anna", "owner", "tester", "renewal", "2026-09-01", NULL);
	for (int i = 0; i < 4; i++)
		fixture_add(&f, arena_printf(&f.arena, "p%d@example.org", i), "renewal", "2026-08-01", "owner", "bob", NULL);
	fixture_enroll(&f, "desk", "anna@example.org", NULL);
	fixture_enroll(&f, "waits", "anna@example.org", NULL);
	fixture_enroll(&f, "shell", "anna@example.org", NULL);
	fixture_enroll(&f, "far", "anna@example.org", NULL);
	fixture_enroll(&f, "holes", "p0@example.org", NULL);
	fixture_enroll(&f, "local", "anna@example.org", NULL);
	for (int i = 0; i < 2; i++) {
		const char *email = arena_printf(&f.arena, "c%d@firm.example.com", i);

		fixture_add(&f, email, NULL);
		fixture_enroll(&f, "colleagues", email, NULL);
	}
	for (int i = 0; i < 4; i++)
		fixture_enroll(&f, "two", arena_printf(&f.arena, "p%d@example.org", i), NULL);
	fixture_tick(&f, MONDAY_9AM);
	*state = &f;
	return 0;
}

/* What the calls need. */

int load_world(struct fixture *f, struct world **ret, struct err *err)
{
	return engine_world(&f->e, f->team, ret, err);
}

int load_person(struct fixture *f, const char *email, struct world **ret_world, struct contact *ret, struct err *err)
{
	return load_world(f, ret_world, err) < 0 || people_find(&f->e, *ret_world, email, &f->arena, ret, err) < 0 ? -1 : 0;
}

int load_message(struct fixture *f, int64_t id, struct message *ret, struct err *err)
{
	return message_load(f->db, f->team, id, &f->arena, ret, err) > 0 ? 0 : -1;
}

int found(int got)
{
	return got > 0 ? 0 : -1;
}

int write_letter(struct fixture *f, int64_t from, struct err *err)
{
	struct letter letter = { .mailbox = from ? "far" : "free", .subject = "Lunch", .text = "At noon?" };
	const char *mailbox;
	struct contact c;
	struct world *w;
	int64_t id;

	if (load_person(f, "p1@example.org", &w, &c, err) < 0)
		return -1;
	letter.on_sent = world_pipeline(w, "desk");
	letter.on_reply = from ? NULL : world_pipeline(w, "two");
	return letter_queue(&f->e, w, &c, &letter, &f->arena, &id, &mailbox, err);
}

void change(struct fixture *f, const char *sql)
{
	fixture_number(f, arena_printf(&f->arena, "%s RETURNING 1", sql));
}

int64_t count(struct fixture *f, const char *what)
{
	return fixture_number(f, arena_printf(&f->arena, "SELECT count(*) FROM %s", what));
}

void look_anew(struct fixture *f)
{
	int64_t now = f->e.now;

	engine_release(&f->e);
	engine_init(&f->e, f->db, now, "tester", "manual");
}

void look_at_all(struct fixture *f)
{
	for (size_t i = 0; i < scene_reads_count; i++) {
		const struct call *c = &scene_reads[i];

		if (!c->id || fixture_number(f, c->id) != 0)
			fails_everywhere(f, c);
	}
}

int report_failures(void **state)
{
	(void)state;
	print_message("# %lld statements failed\n", (long long)failures_count());
	return 0;
}
