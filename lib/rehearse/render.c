#include "rehearse/render.h"

#include "base/arena.h"
#include "base/buf.h"
#include "format/json.h"
#include "format/liquid.h"

#include <string.h>

#define DATA_MAX ((size_t)64 << 20)

/* The JSON reader begins with "LINE:COLUMN: ". */
static int refuse_data(const struct render_request *r, struct arena *a, struct err *err)
{
	const char *text = arena_strdup(a, err->text), *message = strstr(text, ": ");

	BUG_ON(!message);
	return err_set(err, ERR_INVALID, "%s:%.*s: error: %s", r->data_name, (int)(message - text), text, message + 2);
}

static int read_data(const struct render_request *r, struct arena *a, struct value *ret, struct err *err)
{
	*ret = value_map(a);
	if (!r->data)
		return 0;
	if (json_parse(a, r->data, r->data_len, DATA_MAX, ret, err) < 0)
		return refuse_data(r, a, err);
	if (ret->kind != VALUE_MAP)
		return err_set(err, ERR_INVALID, "%s: error: the data must be an object: {\"contact\": {..}}", r->data_name);
	return 0;
}

static int refuse(const struct render_request *r, const struct liquid_problem *p, struct err *err)
{
	return err_set(err, ERR_INVALID, "%s:%u:%u: error: %s", r->name, p->line, p->column, p->message);
}

static int refuse_holes(const struct render_request *r, const struct liquid_report *report, struct err *err)
{
	BUF_AUTO names = BUF_INIT(800);

	for (size_t i = 1; i < report->n_holes; i++)
		buf_addf(&names, ", %s", report->holes[i].name);
	return err_set(err, ERR_INVALID, "%s:%u:%u: error: without a value: %s%s", r->name, report->holes[0].line,
	               report->holes[0].column, report->holes[0].name, names.s);
}

int render_text(const struct render_request *r, struct buf *out, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct liquid_options options = { .html = r->html, .strict = r->strict, .now = r->now };
	struct liquid_report report;
	struct liquid_problem problem;
	const struct liquid *template;
	struct value data;

	if (liquid_compile(&a, r->text, r->len, &template, &problem) < 0)
		return refuse(r, &problem, err);
	if (read_data(r, &a, &data, err) < 0)
		return -1;
	if (liquid_render(template, &data, &options, &a, out, &report) < 0)
		return refuse(r, &report.problem, err);
	return r->strict && report.n_holes > 0 ? refuse_holes(r, &report, err) : 0;
}
