/*
 * make_runs DB TEAM TOTAL DUE FROM PIPELINE...
 *
 * Fills a database whose documents are applied with TOTAL contacts, each enrolled in one pipeline, the way the product
 * does it. Of each pipeline, in the order named and as often as it is named, DUE runs begin in the same second: those of
 * the first at FROM (UTC, seconds), of the next an hour later, and so on; they lie scattered over the tables. All others
 * are in the first pipeline and begin a year later, spread over a month. A tick with --now has just its DUE ones to do.
 */
#include "engine/enroll.h"
#include "people/people.h"
#include "store/team_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PER_COMMIT = 20000, HOUR = 3600, YEAR = 365 * 86400, MONTH = 30 * 86400 };

struct plan {
	struct engine e;
	struct world *world;
	const struct pipeline *pipelines[256];
	int64_t total, due, from, n_pipelines;
	uint64_t stride; /* has no factor in common with the total: i * stride scatters i */
};

static int die(const struct err *err)
{
	fprintf(stderr, "make_runs: %s\n", err->text);
	return 1;
}

static uint64_t common_factor(uint64_t a, uint64_t b)
{
	return b == 0 ? a : common_factor(b, a % b);
}

static uint64_t find_stride(uint64_t total)
{
	uint64_t s = total * 61 / 100 + 1;

	while (common_factor(s, total) != 1)
		s++;
	return s;
}

/* Which pipeline the i-th contact begins, and when. */
static const struct pipeline *choose(const struct plan *p, int64_t i, int64_t *ret_at)
{
	int64_t place = (int64_t)((uint64_t)i * p->stride % (uint64_t)p->total), group = place / p->due;

	if (group < p->n_pipelines) {
		*ret_at = p->from + group * HOUR;
		return p->pipelines[group];
	}
	*ret_at = p->from + YEAR + place * 7919 % MONTH;
	return p->pipelines[0];
}

static int describe(struct plan *p, int64_t i, struct arena *a, struct person *ret, struct err *err)
{
	const char *const values[] = {
		"first_name=Anna", "last_name=Gonzalez", "company=Northwind Traders Ltd", "plan=professional",
		arena_printf(a, "employees=%" PRId64, i % 500), arena_printf(a, "renewal=2027-01-%02d", (int)(1 + i % 28)),
	};

	*ret = (struct person){ 0 };
	for (size_t k = 0; k < ARRAY_LEN(values); k++)
		if (person_assign(ret, p->world, values[k], a, err) < 0)
			return -1;
	return address_parse(arena_printf(a, "anna.gonzalez.%08" PRIx64 "@mail.example.org", i), &ret->address, err);
}

static int make_one(struct plan *p, int64_t i, struct arena *a, struct err *err)
{
	const struct enrollment how = { .by_hand = true, .enroller = "" };
	const struct pipeline *pipeline = choose(p, i, &p->e.now);
	struct enroll_result result;
	struct person person;
	struct contact c;

	if (describe(p, i, a, &person, err) < 0 ||
	    people_save(&p->e, p->world, &person, IF_EXISTS_UPDATE, a, &c, err) < 0)
		return -1;
	return enroll_start(&p->e, p->world, pipeline, &c, &how, a, &result, err);
}

static int make_some(struct plan *p, int64_t first, struct err *err)
{
	ARENA_AUTO a = { 0 };
	TXN_AUTO txn = TXN_INIT;

	if (txn_begin(&txn, p->e.db, err) < 0)
		return -1;
	for (int64_t i = first; i < first + PER_COMMIT && i < p->total; i++) {
		arena_clear(&a);
		if (make_one(p, i, &a, err) < 0)
			return -1;
	}
	return txn_commit(&txn, err);
}

static int make_all(struct plan *p, char **pipelines, struct err *err)
{
	for (int64_t i = 0; i < p->n_pipelines; i++) {
		p->pipelines[i] = world_pipeline(p->world, pipelines[i]);
		if (!p->pipelines[i])
			return err_set(err, ERR_MISSING, "no pipeline '%s'", pipelines[i]);
	}
	for (int64_t i = 0; i < p->total; i += PER_COMMIT)
		if (make_some(p, i, err) < 0)
			return -1;
	db_checkpoint(p->e.db);
	return 0;
}

static int make(struct plan *p, char **argv, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct team_row team;
	struct db *db;
	int got;

	if (db_open(argv[1], DB_WRITE, &db, err) < 0)
		return -1;
	db_id_block(db, PER_COMMIT);
	engine_init(&p->e, db, p->from, "make_runs", "import");
	p->e.no_auto_enroll = true;
	got = team_find(db, argv[2], &a, &team, err);
	if (got == 0)
		got = err_set(err, ERR_MISSING, "no team '%s'", argv[2]);
	if (got > 0)
		got = engine_world(&p->e, team.id, &p->world, err);
	if (got >= 0)
		got = make_all(p, argv + 6, err);
	engine_release(&p->e);
	db_close(db);
	return got;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct plan p = { 0 };

	if (argc < 7 || (size_t)argc > 6 + ARRAY_LEN(p.pipelines)) {
		fputs("make_runs DB TEAM TOTAL DUE FROM PIPELINE...\n", stderr);
		return 64;
	}
	p.total = strtoll(argv[3], NULL, 10);
	p.due = strtoll(argv[4], NULL, 10);
	p.from = strtoll(argv[5], NULL, 10);
	p.n_pipelines = argc - 6;
	p.stride = find_stride((uint64_t)p.total);
	return make(&p, argv, &err) < 0 ? die(&err) : 0;
}
