#include "pipectl.h"

#include "base/buf.h"
#include "cli/context.h"
#include "cli/notice.h"
#include "reference.h"

#include <string.h>

#define EXPORT_MAX ((size_t)1 << 30)

static void add(const char *body, struct buf *out)
{
	if (out->len > 0)
		buf_adds(out, "---\n");
	buf_adds(out, body);
}

static int export_one(struct cli *cli, const struct reference *ref, struct buf *out, struct err *err)
{
	struct document_version v;
	struct document_row row;

	if (reference_find(cli, ref, &row, err) < 0)
		return -1;
	if (ref->version && reference_version(cli, &row, ref->version, &v, err) < 0)
		return -1;
	add(ref->version ? v.body : row.body, out);
	return 0;
}

/* In the order in which they build on each other. */
static int export_kind(struct cli *cli, enum doc_kind kind, struct buf *out, struct err *err)
{
	struct document_row *rows;
	int n = document_list(cli->db, cli->team, doc_kind_yaml(kind), &cli->arena, &rows, err);

	for (int i = 0; i < n; i++)
		add(rows[i].body, out);
	return n < 0 ? -1 : 0;
}

static int collect(struct cli *cli, struct buf *out, struct err *err)
{
	struct reference ref;

	if (cli->args.n == 0) {
		for (int k = 0; k < DOC_KIND_COUNT; k++)
			if (export_kind(cli, (enum doc_kind)k, out, err) < 0)
				return -1;
		return 0;
	}
	if (reference_read(cli, cli->args.v[0], false, &ref, err) < 0)
		return -1;
	return ref.name ? export_one(cli, &ref, out, err) : export_kind(cli, ref.kind, out, err);
}

static int export(struct cli *cli, struct err *err)
{
	BUF_AUTO out = BUF_INIT(EXPORT_MAX);

	if (collect(cli, &out, err) < 0)
		return -1;
	if (out.over)
		return err_set(err, ERR_IO, "the documents are more than can be written at once");
	cli_put(cli, &out);
	return 0;
}

const struct cli_cmd export_cmd = {
	.name = "export",
	.args = "[KIND[/NAME[@VERSION]]]",
	.about = "print documents as YAML; applying what was exported changes nothing",
	.max_args = 1,
	.examples = "pipectl export >backup.yaml\n"
	            "pipectl export template\n"
	            "pipectl export pipeline/welcome@1 | pipectl diff -\n",
	.needs = CLI_NEEDS_DB_READ | CLI_NEEDS_TEAM,
	.run = export,
};
