#include "author_documents.h"

#include "model/match.h"

#include <stdio.h>

static const char *const fate_texts[] = {
	[STEP_KEPT] = "kept", [STEP_CHANGED] = "changed", [STEP_MOVED] = "moved", [STEP_DELETED] = "deleted"
};

/* "kept>0 deleted>- ..." : what becomes of each old step, and at which new number somebody there goes on. */
static void describe(const struct step_match *m, size_t n, const struct pipeline *new, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		buf_addf(out, i > 0 ? " %s>" : "%s>", fate_texts[m[i].fate]);
		if (m[i].go_on == STEP_NONE)
			buf_addc(out, '-');
		else
			buf_addf(out, "%d", new->steps[m[i].go_on].number);
	}
}

struct edit {
	const char *old, *new;  /* steps, each a flow map; divided by blanks */
	const char *numbers;    /* of the new ones; the old have 1, 2, .. */
	const char *fates;
};

static void check(const struct edit *e)
{
	ARENA_AUTO a = { 0 };
	BUF_AUTO numbers = BUF_INIT(1000);
	BUF_AUTO fates = BUF_INIT(1000);
	struct pipeline *old = pipeline_of(&a, e->old), *new = pipeline_of(&a, e->new);
	struct step_match *m;
	int next = 1;

	assert_null(match_steps(NULL, old, &a, &next));
	assert_int_equal(next, (int)old->n_steps + 1);
	m = match_steps(old, new, &a, &next);
	pipeline_numbers(new, &numbers);
	describe(m, old->n_steps, new, &fates);
	if (strcmp(numbers.s, e->numbers) != 0 || strcmp(fates.s, e->fates) != 0)
		fail_msg("%s ->\n%s: %s | %s", e->old, e->new, numbers.s, fates.s);
}

static void test_lists(void **state)
{
	static const struct edit edits[] = {
		/* nothing new */
		{ "  - wait: 1 day\n  - tag: a\n", "  - wait: 1 day\n  - {comment: hi, tag: a}\n", "1 2", "kept>1 kept>2" },
		/* one more at the end, in front, between */
		{ "  - tag: a\n", "  - tag: a\n  - tag: b\n", "1 2", "kept>1" },
		{ "  - tag: a\n", "  - tag: b\n  - tag: a\n", "2 1", "kept>1" },
		{ "  - tag: a\n  - tag: b\n", "  - tag: a\n  - note: x\n  - tag: b\n", "1 3 2", "kept>1 kept>2" },
		/* deleted: who stands there goes on behind it, or completes */
		{ "  - tag: a\n  - tag: b\n  - tag: c\n", "  - tag: a\n  - tag: c\n", "1 3", "kept>1 deleted>3 kept>3" },
		{ "  - tag: a\n  - note: b\n", "  - tag: a\n", "1", "kept>1 deleted>-" },
		{ "  - tag: a\n  - note: b\n  - note: c\n  - untag: d\n", "  - untag: d\n", "4", "deleted>4 deleted>4 deleted>4 kept>4" },
		/* changed: the delay, the content between the same neighbours */
		{ "  - tag: a\n", "  - {tag: a, after: 1 day}\n", "1", "changed>1" },
		{ "  - tag: a\n  - wait: 1 day\n  - tag: b\n", "  - tag: a\n  - wait: 2 days\n  - tag: b\n", "1 2 3",
		  "kept>1 changed>2 kept>3" },
		{ "  - tag: a\n  - wait: 1 day\n  - tag: b\n", "  - tag: a\n  - note: x\n  - tag: b\n", "1 4 3",
		  "kept>1 deleted>3 kept>3" },
		/* unnamed steps that are alike keep their order */
		{ "  - wait: 1 day\n  - tag: a\n  - wait: 1 day\n", "  - wait: 1 day\n  - wait: 1 day\n", "1 3",
		  "kept>1 deleted>3 kept>3" },
		{ "  - wait: 1 day\n  - tag: a\n  - wait: 1 day\n", "  - tag: a\n  - wait: 1 day\n", "2 3", "deleted>2 kept>2 kept>3" },
		/* names win over content and order */
		{ "  - email: x\n  - email: y\n", "  - email: y\n  - email: x\n", "2 1", "kept>1 moved>2" },
		{ "  - {id: a, wait: 1 day}\n", "  - {id: a, tag: t}\n", "1", "changed>1" },
		{ "  - {id: a, wait: 1 day}\n", "  - {id: b, wait: 1 day}\n", "2", "deleted>-" },
		{ "  - {id: a, tag: x}\n  - {id: b, tag: y}\n", "  - {id: b, tag: x}\n  - {id: a, tag: y}\n", "2 1",
		  "changed>1 moved>2" },
		/* a step gets an id, or loses it */
		{ "  - wait: 1 day\n", "  - {id: pause, wait: 1 day}\n", "1", "changed>1" },
		{ "  - {id: pause, wait: 1 day}\n", "  - wait: 1 day\n", "1", "changed>1" },
		/* all is new */
		{ "  - tag: a\n", "  - note: b\n", "2", "deleted>-" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++)
		check(&edits[i]);
}

#define IF_OLD                       \
	"  - if: {tag: t}\n"             \
	"    then:\n"                    \
	"      - tag: a\n"               \
	"      - note: b\n"              \
	"    else:\n"                    \
	"      - tag: c\n"               \
	"  - untag: d\n"

static void test_branches(void **state)
{
	static const struct edit edits[] = {
		{ IF_OLD, IF_OLD, "1 2 3 4 5", "kept>1 kept>2 kept>3 kept>4 kept>5" },
		/* the condition changes, the branches stay */
		{ IF_OLD,
		  "  - if: {tag: u}\n    then:\n      - tag: a\n      - note: b\n    else:\n      - tag: c\n  - untag: d\n",
		  "1 2 3 4 5", "changed>1 kept>2 kept>3 kept>4 kept>5" },
		/* the end of a branch is deleted: on behind the branch */
		{ IF_OLD, "  - if: {tag: t}\n    then:\n      - tag: a\n    else:\n      - tag: c\n  - untag: d\n", "1 2 4 5",
		  "kept>1 kept>2 deleted>5 kept>4 kept>5" },
		{ IF_OLD, "  - if: {tag: t}\n    then:\n      - tag: a\n      - note: b\n  - untag: d\n", "1 2 3 5",
		  "kept>1 kept>2 kept>3 deleted>5 kept>5" },
		/* from one branch to the other */
		{ IF_OLD, "  - if: {tag: t}\n    then:\n      - note: b\n    else:\n      - tag: a\n      - tag: c\n  - untag: d\n",
		  "1 3 2 4 5", "kept>1 moved>2 kept>3 kept>4 kept>5" },
		/* the whole `if` is deleted */
		{ IF_OLD, "  - untag: d\n", "5", "deleted>5 deleted>5 deleted>5 deleted>5 kept>5" },
		/* and one put around what was there */
		{ "  - email: x\n  - tag: a\n", "  - if: {tag: t}\n    then:\n      - email: x\n      - tag: a\n", "3 1 2", "moved>1 moved>2" },
		/* alike in both branches: each stays in its own */
		{ "  - if: {tag: t}\n    then: [{tag: a}]\n    else: [{tag: a}]\n",
		  "  - if: {tag: t}\n    then: [{note: n}]\n    else: [{tag: a}]\n", "1 4 3", "kept>1 deleted>- kept>3" },
		/* deleted exits complete */
		{ "  - if: {tag: t}\n    then: [{exit: x}]\n  - tag: a\n", "  - if: {tag: t}\n    then: [{tag: b}]\n  - tag: a\n",
		  "1 4 3", "kept>1 deleted>- kept>3" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++)
		check(&edits[i]);
}

/* Numbers are given once, however often steps come and go; names follow them. */
static void test_never_again(void **state)
{
	static const char *const versions[][2] = {
		{ "  - tag: a\n  - tag: b\n", "1 2" },
		{ "  - tag: a\n  - note: x\n", "1 3" },
		{ "  - tag: a\n  - tag: b\n", "1 4" },
		{ "  - exit: x\n", "5" },
	};
	ARENA_AUTO a = { 0 };
	const struct pipeline *before = NULL;
	int next = 1;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		BUF_AUTO numbers = BUF_INIT(100);
		struct pipeline *p = pipeline_of(&a, versions[i][0]);

		match_steps(before, p, &a, &next);
		pipeline_numbers(p, &numbers);
		assert_string_equal(numbers.s, versions[i][1]);
		before = p;
	}
	assert_string_equal(before->steps[0].name, "exit 5");
	assert_int_equal(next, 6);
}

static void test_same(void **state)
{
	static const struct {
		const char *old, *new;
		bool same;
	} cases[] = {
		{ "  - wait: 1 day\n", "  - {wait: 1 day, comment: hm}\n", true },
		{ "  - wait: 1 day\n", "  - wait: 2 days\n", false },
		{ "  - wait: 1 day\n", "  - {wait: 1 day, id: a}\n", false },
		{ "  - wait: 1 day\n", "  - wait: 1 day\n  - wait: 1 day\n", false },
		{ "  - if: {tag: t}\n    then: [{tag: a}]\n", "  - if: {tag: t}\n    else: [{tag: a}]\n", false },
		{ "  - if: {tag: t}\n    then: [{tag: a}, {tag: b}]\n", "  - if: {tag: t}\n    then: [{tag: a}]\n  - tag: b\n", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ARENA_AUTO a = { 0 };

		assert_int_equal(match_same(pipeline_of(&a, cases[i].old), pipeline_of(&a, cases[i].new)), cases[i].same);
	}
}

/* Two long lists that have nothing in common, and two that have: quick, and all of it is found. */
static void test_long(void **state)
{
	ARENA_AUTO a = { 0 };
	BUF_AUTO old_steps = BUF_INIT(1 << 20);
	BUF_AUTO new_steps = BUF_INIT(1 << 20);
	struct pipeline *old, *new;
	struct step_match *m;
	int next = 1;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		buf_addf(&old_steps, "  - tag: t%d\n", i);
		if (i % 2)
			buf_addf(&new_steps, "  - tag: t%d\n", i);
		else
			buf_addf(&new_steps, "  - note: n%d\n", i);
	}
	old = pipeline_of(&a, old_steps.s);
	new = pipeline_of(&a, new_steps.s);
	match_steps(NULL, old, &a, &next);
	m = match_steps(old, new, &a, &next);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(m[i].fate, i % 2 ? STEP_KEPT : STEP_DELETED);
	assert_int_equal(next, 3001);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *numbers;
		int status;
	} cases[] = {
		{ "7 3", 0 }, { "7", -1 }, { "7 3 1", -1 }, { "", -1 }, { "7 x", -1 }, { "0 1", -1 }, { "-1 2", -1 },
		{ "1 2147483647", 0 }, { "1 2147483648", -1 },
	};
	ARENA_AUTO a = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(pipeline_number(pipeline_of(&a, "  - tag: a\n  - tag: b\n"), &a, cases[i].numbers, &err),
		                 cases[i].status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "B9 S4.19 steps of two versions are matched", test_lists, NULL, NULL, NULL },
		{ "B9 S4.19 so are those of branches", test_branches, NULL, NULL, NULL },
		{ "B9 a number is given once", test_never_again, NULL, NULL, NULL },
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("match: permanent numbers of steps", tests, NULL, NULL);
}
