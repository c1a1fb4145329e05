#include "apply/install.h"

#include "author/author.h"
#include "base/buf.h"
#include "engine/salt.h"
#include "store/document_store.h"
#include "store/team_store.h"

#include <string.h>

static int first_document(struct engine *e, int64_t team, const char *name, struct buf *text, struct err *err)
{
	BUF_AUTO problems = BUF_INIT(4096);
	struct document_row row = { .kind = "Team", .name = name, .folder = "", .source = "init", .version = 1,
		                        .created_at = e->now, .updated_at = e->now };
	struct document_version version = { .version = 1, .kind = "Team", .name = name, .steps = "", .actor = e->actor,
		                                .created_at = e->now };
	struct author au;
	int got;

	author_init(&au);
	author_load(&au, "init", text->s, text->len);
	got = author_check(&au);
	if (got < 0) {
		diags_print(&au.diags, &problems);
		err_set(err, ERR_INVALID, "%s", problems.s);
	} else {
		row.body = version.body = au.docs[0]->text;
		got = document_insert(e->db, team, &row, err);
		version.document = row.id;
	}
	if (got == 0)
		got = version_insert(e->db, team, &version, err);
	author_release(&au);
	return got;
}

int install_team(struct engine *e, const char *name, const char *account, const char *timezone, bool dry_run,
                 struct err *err)
{
	struct member admin = { .account = account, .role = ROLE_ADMIN };
	BUF_AUTO text = BUF_INIT(4096);
	ARENA_AUTO a = { 0 };
	struct team_row there;
	char salt[VEIL_SALT + 1];
	int64_t team;
	int got;
	TXN_AUTO txn = TXN_INIT;

	if (!name_valid(name) || name_reserved(name))
		return err_set(err, ERR_INVALID, "'%s' is no name for a team: write small letters, digits and '-'", name);
	if (dry_run && !e->db)
		return 1;
	if (txn_begin(&txn, e->db, err) < 0)
		return -1;
	got = team_find(e->db, name, &a, &there, err);
	if (got != 0)
		return err_or_none(got);
	buf_addf(&text, "kind: Team\nname: %s\n", name);
	if (timezone)
		buf_addf(&text, "timezone: %s\n", timezone);
	buf_addf(&text, "members:\n  %s: {role: admin}\n", account);
	if (team_insert(e->db, name, e->now, &team, err) < 0 || team_set_members(e->db, team, &admin, 1, err) < 0 ||
	    first_document(e, team, name, &text, err) < 0 || salt_load(e, true, salt, err) < 0)
		return -1;
	return !dry_run && txn_commit(&txn, err) < 0 ? -1 : 1;
}
