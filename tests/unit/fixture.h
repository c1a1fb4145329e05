#ifndef PW_TESTS_FIXTURE_H
#define PW_TESTS_FIXTURE_H

#include "apply/migrate.h"
#include "base/arena.h"
#include "engine/engine.h"
#include "model/contact.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ok.h"

/*
 * A database in a folder of its own with one team, `sales` (zone Europe/Berlin), and what tests of the engine do with
 * it. Everything that fails ends the test.
 */
struct fixture {
	char folder[64];
	char db_path[96];
	struct db *db;
	struct engine e;
	int64_t team;
	struct arena arena;
};

#define MONDAY_9AM INT64_C(1782716400) /* 2026-06-29 09:00 in Berlin */

void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);

/* The same as cmocka has it, for tests that need no more. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Applies documents; who stands in steps that change keeps them. FOLDER in it is the folder. */
void fixture_apply(struct fixture *f, const char *yaml);

/* The same. 1; 0 (nothing is changed): people stand in steps that change, and `how` says nothing of them. */
enum fixture_people { FIXTURE_NOBODY, FIXTURE_KEEP, FIXTURE_MIGRATE };
int fixture_apply_with(struct fixture *f, const char *yaml, enum fixture_people how, struct migration_count *ret);

/* A new contact with fields name, value, ..., NULL; through the door. Returns the id. */
int64_t fixture_add(struct fixture *f, const char *email, ...) __attribute__((sentinel));

/* By hand on a pipeline; returns the run's id, or 0 with *ret_how saying why not. */
int64_t fixture_enroll(struct fixture *f, const char *pipeline, const char *email, int *ret_how);

/* One tick at this instant. */
void fixture_tick(struct fixture *f, int64_t now);

/* A number from the database. */
int64_t fixture_number(struct fixture *f, const char *sql);

/* A text from the database, in the fixture's arena; "" when there is no row. */
const char *fixture_text(struct fixture *f, const char *sql);

/* How many mails lie in the maildir FOLDER/NAME, and the bytes of one of them that has `part` in it (NULL: none). */
int fixture_mails(struct fixture *f, const char *name);
const char *fixture_mail_with(struct fixture *f, const char *name, const char *part);

#endif
