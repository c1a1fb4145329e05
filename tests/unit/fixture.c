#include "fixture.h"

#include "apply/apply.h"
#include "base/buf.h"
#include "engine/enroll.h"
#include "engine/event.h"
#include "model/address.h"
#include "store/contact_store.h"
#include "store/page_private.h"
#include "store/team_store.h"
#include "tick/work.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void begin(struct fixture *f, struct txn *t)
{
	*t = (struct txn)TXN_INIT;
	OK(txn_begin(t, f->db, &err));
}

static void commit(struct txn *t)
{
	OK(txn_commit(t, &err));
}

void fixture_open(struct fixture *f)
{
	struct txn t;

	*f = (struct fixture){ 0 };
	snprintf(f->folder, sizeof f->folder, "/tmp/pw-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->db_path, sizeof f->db_path, "%s/x.db", f->folder);
	OK(db_open(f->db_path, DB_CREATE, &f->db, &err));
	engine_init(&f->e, f->db, MONDAY_9AM, "tester", "manual");
	begin(f, &t);
	OK(team_insert(f->db, "sales", MONDAY_9AM, &f->team, &err));
	commit(&t);
	fixture_apply(f, "kind: Team\nname: sales\ntimezone: Europe/Berlin\nmailbox: hello\n"
	                 "members: {tester: {role: admin, name: Tess, mailbox: hello}}\n"
	                 "---\nkind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: FOLDER/hello\n");
}

void fixture_close(struct fixture *f)
{
	char command[128];

	engine_release(&f->e);
	db_close(f->db);
	arena_release(&f->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
	assert_int_equal(system(command), 0);
}

int fixture_setup(void **state)
{
	static struct fixture f;

	fixture_open(&f);
	*state = &f;
	return 0;
}

int fixture_teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

static char *with_folder(struct fixture *f, const char *yaml)
{
	struct buf b = BUF_INIT(1 << 20);
	char *text;

	for (const char *at; (at = strstr(yaml, "FOLDER")) != NULL; yaml = at + 6) {
		buf_add(&b, yaml, (size_t)(at - yaml));
		buf_adds(&b, f->folder);
	}
	buf_adds(&b, yaml);
	text = arena_strdup(&f->arena, b.s);
	buf_release(&b);
	return text;
}

/* 1, 0 with a decision wanted that `how` does not say; what is wrong with the documents fails the test. */
static int apply(struct fixture *f, const char *yaml, enum fixture_people how, struct migration_count *ret)
{
	struct apply_caller who = { .team = f->team, .team_name = "sales", .role = ROLE_ADMIN };
	struct buf out = BUF_INIT(1 << 16);
	char *text = with_folder(f, yaml);
	struct migration_request want = { 0 };
	APPLY_AUTO ap = { 0 };

	OK(apply_begin(&ap, &f->e, &who, &err));
	apply_add(&ap, "test.yaml", text, strlen(text), NULL);
	OK(apply_check(&ap, false, &err));
	diags_print(&ap.author.diags, &out);
	if (ap.author.diags.errors > 0)
		fail_msg("%s", out.s);
	buf_release(&out);
	OK(apply_permitted(&ap, &err));
	for (size_t i = 0; i < ap.n_items && how == FIXTURE_NOBODY; i++)
		if (ap.items[i].plan.n > 0)
			return 0;
	OK(apply_commit(&ap, &err));
	*ret = (struct migration_count){ 0 };
	for (size_t i = 0; i < ap.n_items && how == FIXTURE_MIGRATE; i++)
		if (ap.items[i].plan.n > 0)
			OK(migrate_people(&f->e, f->team, ap.items[i].row.id, &want, NULL, ret, &err));
	return 1;
}

void fixture_apply(struct fixture *f, const char *yaml)
{
	struct migration_count ignored;

	apply(f, yaml, FIXTURE_KEEP, &ignored);
}

int fixture_apply_with(struct fixture *f, const char *yaml, enum fixture_people how, struct migration_count *ret)
{
	return apply(f, yaml, how, ret);
}

int64_t fixture_add(struct fixture *f, const char *email, ...)
{
	struct arena *a = &f->arena;
	struct contact c = { .kind = CONTACT_LEAD, .created_at = f->e.now, .updated_at = f->e.now, .team = f->team };
	struct happening h = { .created = true, .contact = &c, .arena = a };
	struct address address;
	const char *name;
	struct txn t;
	va_list ap;

	OK(address_parse(email, &address, &err));
	c.email = arena_strdup(a, address.as_written);
	c.folded = arena_strdup(a, address.folded);
	va_start(ap, email);
	while ((name = va_arg(ap, const char *)) != NULL)
		contact_put(&c, a, name, va_arg(ap, const char *));
	va_end(ap);
	h.ev.type = "contact.created";
	begin(f, &t);
	OK(event_record(&f->e, f->team, &h, &err));
	commit(&t);
	return c.id;
}

int64_t fixture_enroll(struct fixture *f, const char *pipeline, const char *email, int *ret_how)
{
	struct enrollment how = { .by_hand = true, .enroller = "tester" };
	struct enroll_result result = { 0 };
	struct contact c;
	struct world *w = NULL;
	struct txn t;

	begin(f, &t);
	OK(engine_world(&f->e, f->team, &w, &err));
	OK(contact_find(f->db, f->team, email, &f->arena, &c, &err));
	OK(enroll_start(&f->e, w, world_pipeline(w, pipeline), &c, &how, &f->arena, &result, &err));
	commit(&t);
	if (ret_how)
		*ret_how = (int)result.how;
	return result.run;
}

void fixture_tick(struct fixture *f, int64_t now)
{
	struct work_options how = { .max = INT64_MAX };
	struct work_count n;

	f->e.now = now;
	OK(work(&f->e, &how, &n, &err));
}

/* Through a connection of its own, so that only what is committed is seen. */
static const char *ask(struct fixture *f, const char *sql)
{
	const char *ret = "";
	sqlite3_stmt *st;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(f->db_path, &db, SQLITE_OPEN_READWRITE, page_vfs()), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0))
		ret = arena_strdup(&f->arena, (const char *)sqlite3_column_text(st, 0));
	if (sqlite3_finalize(st) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
	return ret;
}

int64_t fixture_number(struct fixture *f, const char *sql)
{
	return strtoll(ask(f, sql), NULL, 10);
}

const char *fixture_text(struct fixture *f, const char *sql)
{
	return ask(f, sql);
}

static const char *read_mail(struct fixture *f, const char *folder, const char *name)
{
	const char *path = arena_printf(&f->arena, "%s/%s", folder, name);
	FILE *file = fopen(path, "r");
	char *text = arena_alloc(&f->arena, 1 << 16);

	assert_non_null(file);
	text[fread(text, 1, (1 << 16) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static int each_mail(struct fixture *f, const char *name, const char *part, const char **ret)
{
	const char *folder = arena_printf(&f->arena, "%s/%s/new", f->folder, name);
	DIR *d = opendir(folder);
	struct dirent *entry;
	int n = 0;

	while (d && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		if (part && strstr(read_mail(f, folder, entry->d_name), part))
			*ret = read_mail(f, folder, entry->d_name);
	}
	if (d)
		closedir(d);
	return n;
}

int fixture_mails(struct fixture *f, const char *name)
{
	return each_mail(f, name, NULL, NULL);
}

const char *fixture_mail_with(struct fixture *f, const char *name, const char *part)
{
	const char *found = NULL;

	each_mail(f, name, part, &found);
	return found;
}
