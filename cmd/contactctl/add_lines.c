#include "add_lines.h"

#include "cli/input.h"
#include "cli/notice.h"
#include "cli/progress.h"
#include "intake_result.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	struct session *session;
	struct intake *intake;
	struct cli_progress progress;
	int64_t line, n_rejected;
};

/* What is wrong with a line; the JSON reader begins with "1:COLUMN: ". */
static void tell(const struct reading *r, const char *text)
{
	int column, skip = 0;

	if (sscanf(text, "1:%d: %n", &column, &skip) == 1 && skip > 0)
		cli_problem(r->session->cli, "<stdin>:%lld:%d: error: %s", (long long)r->line, column, text + skip);
	else
		cli_problem(r->session->cli, "<stdin>:%lld: error: %s", (long long)r->line, text);
}

/* One line; a bad one is told and left out. */
static int take_line(struct reading *r, char *line, struct arena *a, struct err *err)
{
	struct person p = { 0 };
	int got = 0;

	r->line++;
	line[strcspn(line, "\r\n")] = '\0';
	if (line[strspn(line, " \t")] == '\0')
		return 0;
	if (person_read_json(&p, r->session->world, line, a, err) == 0)
		got = intake_take(r->intake, &p, a, err);
	if (got == 0) {
		cli_progress_end(&r->progress);
		tell(r, err->text);
		r->n_rejected++;
	}
	cli_progress_at(&r->progress, r->line);
	return got < 0 ? -1 : 0;
}

static int take_all(struct reading *r, FILE *in, struct err *err)
{
	ARENA_AUTO a = { 0 };
	char *line = NULL;
	size_t cap = 0;
	int got = 0;

	while (got == 0 && getline(&line, &cap, in) >= 0) {
		arena_clear(&a);
		got = take_line(r, line, &a, err);
	}
	free(line);
	if (got == 0 && ferror(in))
		return err_errno(err, ERR_IO, "cannot read stdin");
	return got;
}

static int on_refused(void *ctx, const struct pipeline *p, const struct contact *c, const struct enroll_result *result,
                      struct err *err)
{
	struct reading *r = ctx;

	cli_progress_end(&r->progress);
	return intake_tell_refused(r->session, p, c, result, err);
}

int add_lines(struct session *s, const struct intake_options *o, struct err *err)
{
	INTAKE_AUTO intake = { 0 };
	struct reading r = { .session = s, .intake = &intake };
	struct intake_options heard = *o;
	FILE *in;
	int got;

	if (cli_open_input("-", &in, err) < 0)
		return -1;
	heard.refused = on_refused;
	heard.ctx = &r;
	cli_progress_begin(&r.progress, s->cli, "adding", 0);
	got = intake_begin(&intake, &s->engine, s->world, &heard, err);
	if (got == 0)
		got = take_all(&r, in, err);
	cli_progress_end(&r.progress);
	fclose(in);
	if (got < 0 || intake_end(&intake, err) < 0)
		return -1;
	intake_tell(s, &intake.counts, r.n_rejected);
	return r.n_rejected > 0 || intake.counts.refused_named > 0;
}
