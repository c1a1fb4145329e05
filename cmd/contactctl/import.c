#include "contactctl.h"

#include "people/import.h"

#include "cli/input.h"
#include "cli/notice.h"
#include "cli/progress.h"
#include "intake_result.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct import_opts {
	struct names map, tags, pipelines;
	const char *delimiter, *encoding, *rejects, *if_exists;
	bool auto_enroll, no_auto_enroll, dry_run;
};

static const struct opt import_opts[] = {
	OPT_LIST(struct import_opts, map, 'm', "map", "COLUMN=FIELD", "what a column is; COLUMN=- leaves it out"),
	OPT_STR(struct import_opts, delimiter, 0, "delimiter", "C", "what divides cells: , ; or tab; found out when not given"),
	OPT_WORDS(struct import_opts, encoding, 0, "encoding", "E", "utf-8|windows-1252|iso-8859-1",
	          "of the file, as windows-1252; UTF-8 when not given"),
	OPT_STR(struct import_opts, rejects, 0, "rejects", "FILE", "write the rows that were rejected here"),
	OPT_LIST(struct import_opts, tags, 't', "tag", "TAG", "give everybody this tag"),
	OPT_LIST(struct import_opts, pipelines, 0, "enroll", "PIPELINE", "start this pipeline for everybody"),
	OPT_CHOICE(struct import_opts, if_exists, 0, "if-exists", "update|skip|fail",
	           "what to do when there is such a contact; update when not given"),
	OPT_FLAG(struct import_opts, auto_enroll, 0, "auto-enroll", "pipelines that would start by themselves do so"),
	OPT_FLAG(struct import_opts, no_auto_enroll, 0, "no-auto-enroll", "they do not"),
	OPT_DRY_RUN(struct import_opts, dry_run),
	OPT_END,
};

/* Who listens to an import. */
struct import_screen {
	struct session *session;
	const char *name;        /* of the file, for messages */
	const char *rejects_path;
	FILE *rejects;
	int64_t n_rejected;
	struct cli_progress progress;
};

static void put_rejected(struct import_screen *sc, const char *raw, size_t len)
{
	if (!sc->rejects)
		return;
	fwrite(raw, 1, len, sc->rejects);
	if (len == 0 || raw[len - 1] != '\n')
		fputc('\n', sc->rejects);
}

static void on_problem(void *ctx, size_t line, const char *text, const char *raw, size_t len)
{
	struct import_screen *sc = ctx;
	struct cli *cli = sc->session->cli;

	cli_progress_end(&sc->progress);
	cli_problem(cli, "%s:%zu: error: %s", sc->name, line, text);
	if (!raw)
		return;
	sc->n_rejected++;
	put_rejected(sc, raw, len);
}

static int on_refused(void *ctx, const struct pipeline *p, const struct contact *c, const struct enroll_result *r, struct err *err)
{
	struct import_screen *sc = ctx;

	cli_progress_end(&sc->progress);
	return intake_tell_refused(sc->session, p, c, r, err);
}

static void on_begin(void *ctx, const char *raw, size_t len)
{
	put_rejected(ctx, raw, len);
}

static void on_row(void *ctx, int64_t rows)
{
	struct import_screen *sc = ctx;

	cli_progress_at(&sc->progress, rows);
}

/* About how many rows a file has; 0: it cannot be read twice. */
static int64_t count_lines(int fd)
{
	char block[65536];
	struct stat st;
	int64_t lines = 0;
	ssize_t n;

	if (!isatty(STDERR_FILENO) || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	while ((n = read(fd, block, sizeof block)) > 0)
		for (const char *at = block; (at = memchr(at, '\n', (size_t)(block + n - at))) != NULL; at++)
			lines++;
	return lseek(fd, 0, SEEK_SET) == 0 && lines > 1 ? lines - 1 : 0;
}

static int read_delimiter(const char *text, char *ret, struct err *err)
{
	*ret = 0;
	if (!text)
		return 0;
	if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
		text = "\t";
	if (strlen(text) != 1 || !strchr(",;\t|", *text))
		return err_set(err, ERR_USAGE, "--delimiter is , or ; or | or tab, not '%s'", text);
	*ret = *text;
	return 0;
}

static int read_options(struct session *s, const struct import_opts *o, struct import_options *ret, struct err *err)
{
	*ret = (struct import_options){
		.intake = { .rule = if_exists_rule(o->if_exists), .dry_run = o->dry_run },
		.encoding = o->encoding,
		.map = o->map,
		.entries_said = o->auto_enroll || o->no_auto_enroll,
	};
	if (o->auto_enroll && o->no_auto_enroll)
		return err_set(err, ERR_USAGE, "either --auto-enroll or --no-auto-enroll");
	if (read_delimiter(o->delimiter, &ret->delimiter, err) < 0)
		return -1;
	s->engine.source = "import";
	s->engine.no_auto_enroll = o->no_auto_enroll;
	return intake_read(s, &o->tags, &o->pipelines, &ret->intake, err);
}

static int import(struct import_screen *sc, int fd, const struct import_options *o, struct err *err)
{
	const struct import_listener listener = { .ctx = sc, .problem = on_problem, .begin = on_begin, .row = on_row };
	struct session *s = sc->session;
	struct intake_counts counts;
	int got;

	cli_progress_begin(&sc->progress, s->cli, "importing", count_lines(fd));
	got = import_table(&s->engine, s->world, fd, o, &listener, &counts, err);
	cli_progress_end(&sc->progress);
	if (got < 0)
		return err->kind == ERR_INVALID ? err_prefix(err, "%s", sc->name) : -1;
	intake_tell(s, &counts, sc->n_rejected);
	return got;
}

static bool is_same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* With the rejects, if they are wanted. */
static int import_file(struct import_screen *sc, FILE *in, const struct import_options *o, struct err *err)
{
	int got;

	if (sc->rejects_path && is_same_file(fileno(in), sc->rejects_path))
		return err_set(err, ERR_USAGE, "--rejects '%s' would overwrite the file that is imported", sc->rejects_path);
	if (sc->rejects_path && cli_open_output(sc->rejects_path, &sc->rejects, err) < 0)
		return -1;
	got = import(sc, fileno(in), o, err);
	if (sc->rejects) {
		struct err why = ERR_INIT;

		if (cli_close_output(sc->rejects_path, &sc->rejects, &why) < 0 && got >= 0) {
			*err = why;
			return -1;
		}
	}
	return got;
}

static int run(struct cli *cli, struct err *err)
{
	const struct import_opts *o = cli->opts;
	const char *path = cli->args.v[0];
	SESSION_AUTO s = { 0 };
	struct import_options options;
	struct import_screen screen = {
		.session = &s,
		.name = strcmp(path, "-") == 0 ? "<stdin>" : path,
		.rejects_path = o->dry_run ? NULL : o->rejects,
	};
	FILE *in;
	int got;

	if (session_open(&s, cli, err) < 0 || session_documents(&s, err) < 0 || read_options(&s, o, &options, err) < 0 ||
	    cli_open_input(path, &in, err) < 0)
		return -1;
	options.intake.refused = on_refused;
	options.intake.ctx = &screen;
	got = import_file(&screen, in, &options, err);
	fclose(in);
	return got;
}

const struct cli_cmd import_cmd = {
	.name = "import",
	.args = "FILE|-",
	.about = "add contacts from a table (CSV) whose first row names the fields",
	.min_args = 1,
	.max_args = 1,
	.opts = import_opts,
	.opts_size = sizeof(struct import_opts),
	.examples = "contactctl import -n people.csv --no-auto-enroll      # only check\n"
	            "contactctl import people.csv --tag fair --no-auto-enroll --rejects bad.csv\n"
	            "contactctl import kunden.csv --encoding windows-1252 --map 'E-Mail=email' --map 'Nr=-' --auto-enroll\n",
	.needs = CLI_NEEDS_DB_WRITE | CLI_NEEDS_TEAM,
	.run = run,
};
