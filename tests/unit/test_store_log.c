#include "store_fixture.h"

#include "store/log_private.h"
#include "store/team_store.h"

#include <fcntl.h>
#include <sys/stat.h>

/* The log that dead programs left: what has changed in it is told from what a loss of power leaves. */

#define HEADER 32
#define FRAME  (24 + 4096)

struct left {
	struct place p;
	const char *path, *log; /* a copy without the files' owner: nobody has it open */
	unsigned char *bytes;
	size_t n;
	int ends[64], n_ends; /* frames that end a transaction */
};

static void read_log(struct left *l)
{
	const char *from = arena_printf(&l->p.arena, "%s-wal", l->p.path);
	struct stat st;
	int fd = open(from, O_RDONLY | O_CLOEXEC);

	assert_int_equal(fstat(fd, &st), 0);
	l->n = (size_t)st.st_size;
	l->bytes = arena_alloc(&l->p.arena, l->n);
	assert_int_equal(read(fd, l->bytes, l->n), l->n);
	close(fd);
	for (size_t i = 0; HEADER + (i + 1) * FRAME <= l->n; i++) {
		unsigned char *frame = l->bytes + HEADER + i * FRAME;

		if (frame[4] || frame[5] || frame[6] || frame[7])
			l->ends[l->n_ends++] = (int)i;
	}
}

static int setup(void **state)
{
	static struct left l;
	int64_t id;

	l = (struct left){ 0 };
	place_open(&l.p);
	assert_int_equal(db_empty_log(l.p.db, &(struct err)ERR_INIT), 1);
	for (int i = 0; i < 5; i++) {
		place_begin(&l.p);
		for (int k = 0; k < 3; k++)
			OK(team_insert(l.p.db, arena_printf(&l.p.arena, "team-%d-%d", i, k), 1, &id, &err));
		place_commit(&l.p);
	}
	l.path = arena_printf(&l.p.arena, "%s/left.db", l.p.folder);
	l.log = arena_printf(&l.p.arena, "%s-wal", l.path);
	read_log(&l);
	assert_int_equal(l.n_ends, 5);
	*state = &l;
	return 0;
}

static int teardown(void **state)
{
	place_close(&((struct left *)*state)->p);
	return 0;
}

/* What is said of a log of these bytes. */
static int judge(struct left *l, size_t n)
{
	int fd = open(l->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct err why = ERR_INIT;
	int got;

	assert_int_equal(write(fd, l->bytes, n), n);
	close(fd);
	got = log_check(l->path, &why);
	if (got < 0)
		assert_int_equal(why.kind, ERR_CONFIG);
	return got;
}

static void a_whole_log_is_good_wherever_it_ends(void **state)
{
	struct left *l = *state;

	assert_int_equal(log_check(l->path, &(struct err)ERR_INIT), 0); /* none */
	for (size_t n = 0; n < l->n; n += 1000)
		assert_int_equal(judge(l, n), 0);
	assert_int_equal(judge(l, l->n), 0);
}

/* Each part of a frame: number, end, salt, sum, page. */
static void a_change_before_whole_transactions_is_damage(void **state)
{
	static const size_t parts[] = { 0, 3, 6, 9, 13, 17, 22, 24, 1000, FRAME - 1 };
	struct left *l = *state;

	for (int frame = 0; frame <= l->ends[3]; frame++)
		for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
			unsigned char *byte = l->bytes + HEADER + (size_t)frame * FRAME + parts[i];
			/* A salt that has changed hides that a transaction ends there. */
			bool hidden = frame == l->ends[3] && parts[i] >= 8 && parts[i] < 16;

			*byte ^= 0x10;
			if ((judge(l, l->n) < 0) == hidden)
				fail_msg("frame %d, byte %zu", frame, parts[i]);
			*byte ^= 0x10;
		}
}

/* What was not synced when the power went may be there in any part. */
static void the_last_transaction_may_be_torn(void **state)
{
	struct left *l = *state;

	for (int frame = l->ends[3] + 1; frame <= l->ends[4]; frame++)
		for (size_t sector = 0; sector < FRAME; sector += 512) {
			unsigned char *at = l->bytes + HEADER + (size_t)frame * FRAME + sector, kept[512];
			size_t n = FRAME - sector < 512 ? FRAME - sector : 512;

			memcpy(kept, at, n);
			memset(at, 0xa5, n);
			assert_int_equal(judge(l, l->n), 0);
			memcpy(at, kept, n);
		}
}

static void a_log_whose_header_is_wrong_is_not_judged(void **state)
{
	struct left *l = *state;

	for (size_t i = 0; i < HEADER; i++) {
		l->bytes[i] ^= 1;
		assert_int_equal(judge(l, l->n), 0);
		l->bytes[i] ^= 1;
	}
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_whole_log_is_good_wherever_it_ends),
		T(a_change_before_whole_transactions_is_damage),
		T(the_last_transaction_may_be_torn),
		T(a_log_whose_header_is_wrong_is_not_judged),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
