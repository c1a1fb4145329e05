#include "pipectl.h"

#include "base/buf.h"
#include "cli/context.h"
#include "cli/input.h"
#include "cli/notice.h"
#include "rehearse/render.h"

#include <string.h>

#define TEMPLATE_MAX ((size_t)16 << 20)
#define DATA_MAX     ((size_t)64 << 20)
#define OUTPUT_MAX   ((size_t)64 << 20)

struct render_opts {
	const char *data;
	bool strict, html;
};
static const struct opt render_opts[] = {
	OPT_STR(struct render_opts, data, 0, "data", "FILE", "a JSON object with the values"),
	OPT_FLAG(struct render_opts, strict, 0, "strict", "an output without a value is an error, as when sending"),
	OPT_FLAG(struct render_opts, html, 0, "html", "escape outputs, as in the HTML of a mail"),
	OPT_END,
};

static const char *name_of(const char *path)
{
	return strcmp(path, "-") == 0 ? "<stdin>" : path;
}

static int render(struct cli *cli, struct err *err)
{
	const struct render_opts *opts = cli->opts;
	const char *file = cli->args.v[0];
	BUF_AUTO text = BUF_INIT(TEMPLATE_MAX), data = BUF_INIT(DATA_MAX), out = BUF_INIT(OUTPUT_MAX);
	struct render_request r = { .name = name_of(file), .html = opts->html, .strict = opts->strict, .now = cli->now };

	if (opts->data && strcmp(opts->data, "-") == 0 && strcmp(file, "-") == 0)
		return err_set(err, ERR_USAGE, "template and data cannot both come from stdin");
	if (cli_read_input(file, &text, err) < 0 || (opts->data && cli_read_input(opts->data, &data, err) < 0))
		return -1;
	r.text = text.s;
	r.len = text.len;
	if (opts->data) {
		r.data_name = name_of(opts->data);
		r.data = data.s;
		r.data_len = data.len;
	}
	if (render_text(&r, &out, err) < 0) {
		cli_problem(cli, "%s", err->text);
		return err_status(err->kind);
	}
	cli_put(cli, &out);
	return 0;
}

const struct cli_cmd render_cmd = {
	.name = "render",
	.args = "FILE|-",
	.about = "render a template with data from a file, without a database",
	.min_args = 1,
	.max_args = 1,
	.opts = render_opts,
	.opts_size = sizeof(struct render_opts),
	.examples = "pipectl render welcome.html --data anna.json --html --strict\n"
	            "echo 'Hi {{ contact.first_name }}' | pipectl render - --data anna.json\n",
	.needs = CLI_NEEDS_NOTHING,
	.run = render,
};
