#include "intake_result.h"

#include "base/arena.h"
#include "cli/notice.h"
#include "cli/table.h"

#include <string.h>

static void print_json(struct session *s, const struct intake_counts *n, int64_t rejected)
{
	static const struct cli_column columns[] = {
		{ "created", CLI_INT },    { "updated", CLI_INT },  { "unchanged", CLI_INT }, { "skipped", CLI_INT },
		{ "rejected", CLI_INT },   { "suppressed", CLI_INT }, { "enrolled", CLI_INT }, { "blocked", CLI_INT },
		{ "refused", CLI_INT },    { "unwanted", CLI_INT },  { 0 },
	};
	struct cli_table t;

	cli_table_begin(&t, s->cli, columns);
	cli_int(&t, n->created);
	cli_int(&t, n->updated);
	cli_int(&t, n->unchanged);
	cli_int(&t, n->skipped);
	cli_int(&t, rejected);
	cli_int(&t, n->suppressed);
	cli_int(&t, n->enrolled);
	cli_int(&t, n->blocked);
	cli_int(&t, n->refused);
	cli_int(&t, n->unwanted);
	cli_row_end(&t);
	cli_table_end(&t);
}

void intake_tell(struct session *s, const struct intake_counts *n, int64_t rejected)
{
	if (s->cli->json) {
		print_json(s, n, rejected);
		return;
	}
	cli_say(s->cli, "%lld created, %lld updated, %lld unchanged, %lld skipped, %lld rejected", (long long)n->created,
	        (long long)n->updated, (long long)n->unchanged, (long long)n->skipped, (long long)rejected);
	if (n->enrolled || n->refused)
		cli_say(s->cli, "%lld enrolled, %lld of them blocked; %lld refused", (long long)n->enrolled,
		        (long long)n->blocked, (long long)n->refused);
	if (n->blocked)
		cli_notice(s->cli, "'contactctl list blocked' shows who is blocked, and why");
	if (n->unwanted)
		cli_notice(s->cli, "%lld address%s of nobody here must not be written to either", (long long)n->unwanted,
		           n->unwanted == 1 ? "" : "es");
	if (n->suppressed)
		cli_notice(s->cli, "%lld of them %s suppressed: stored, but not written to", (long long)n->suppressed,
		           n->suppressed == 1 ? "is" : "are");
}

int intake_tell_refused(struct session *s, const struct pipeline *p, const struct contact *c, const struct enroll_result *r,
                        struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct arena *whole = s->arena;
	struct enroll_report report;

	if (r->how == ENROLL_SUPPRESSED)
		return 0;
	if (enroll_look(&s->engine, p, c, r, &a, &report, err) < 0)
		return -1;
	s->arena = &a; /* there may be a million of them */
	cli_notice(s->cli, "%s does not enter %s: %s", report.email, report.pipeline, session_refusal(s, &report));
	s->arena = whole;
	return 0;
}

enum if_exists if_exists_rule(const char *word)
{
	if (word && strcmp(word, "skip") == 0)
		return IF_EXISTS_SKIP;
	return word && strcmp(word, "fail") == 0 ? IF_EXISTS_FAIL : IF_EXISTS_UPDATE;
}

int intake_read(struct session *s, const struct names *tags, const struct names *pipelines,
                struct intake_options *ret, struct err *err)
{
	for (size_t i = 0; i < tags->n; i++)
		if (tag_check(tags->v[i], err) < 0)
			return -1;
	ret->tags = *tags;
	ret->pipelines = arena_array(s->arena, pipelines->n + 1, sizeof(struct pipeline *));
	ret->n_pipelines = pipelines->n;
	for (size_t i = 0; i < pipelines->n; i++)
		if (enroll_pipeline(&s->engine, s->world, pipelines->v[i], &ret->pipelines[i], err) < 0)
			return -1;
	return 0;
}
