/*
 * Documents for the golden tests: what is wrong with files, their canonical text, and what the tables say.
 *
 *   documents check FILE...      the diagnostics, as when everything is known (apply)
 *   documents known K FILE...    the same, with the documents of K in the store
 *   documents validate FILE...   the same, as when only these files are known
 *   documents export K FILE...   their canonical text, with those of K in the store; nothing when there is an error
 *   documents explain PATH
 *   documents schema | keys
 *   documents time FILE          microseconds to read a stored document
 */
#include "author/author.h"
#include "author/schema.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT ((size_t)64 << 20)

static int read_file(const char *path, struct buf *out, struct err *err)
{
	FILE *f = fopen(path, "rb");
	char part[4096];
	size_t n;

	if (!f)
		return err_errno(err, ERR_NOINPUT, "cannot read '%s'", path);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(out, part, n);
	fclose(f);
	return 0;
}

static int read_beside(void *ctx, const char *beside, const char *path, struct buf *out, struct err *err)
{
	const char *slash = strrchr(beside, '/');
	char full[1000];

	(void)ctx;
	if (*path != '/' && slash)
		snprintf(full, sizeof full, "%.*s/%s", (int)(slash - beside), beside, path);
	else
		snprintf(full, sizeof full, "%s", path);
	return read_file(full, out, err);
}

static int has_content(void *ctx, const char *team, const char *sha256, struct err *err)
{
	(void)ctx;
	(void)team;
	(void)err;
	return sha256[0] != '0';
}

static void print(const struct buf *b)
{
	fwrite(b->s, 1, b->len, stdout);
}

static void export(const struct author *au)
{
	for (size_t i = 0; i < au->n_docs && !au->docs[i]->stored; i++)
		printf("%s%s", i > 0 ? "---\n" : "", au->docs[i]->text);
}

/* Each document of a file, as the store would hand it out. */
static int know(struct author *au, const char *path, struct buf *text)
{
	struct err err = ERR_INIT;

	if (read_file(path, text, &err) < 0)
		goto wrong;
	for (char *s = text->s, *end; s; s = end) {
		end = strstr(s, "\n---\n");
		if (end) {
			end[1] = '\0';
			end += 5;
		}
		if (author_know(au, NULL, s, strlen(s), &err) < 0)
			goto wrong;
	}
	return 0;
wrong:
	fprintf(stderr, "%s\n", err.text);
	return -1;
}

static int check(char **files, int n, const char *known, bool validate, bool write)
{
	struct buf known_text = BUF_INIT(FILE_LIMIT);
	struct author au;
	char **texts = xcalloc((size_t)n, sizeof *texts);
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT(FILE_LIMIT);
	int status;

	author_init(&au);
	au.validate = validate;
	au.files.read = read_beside;
	au.files.has = has_content;
	for (int i = 0; i < n; i++) {
		struct buf content = BUF_INIT(FILE_LIMIT);
		size_t len;

		if (read_file(files[i], &content, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			return 66;
		}
		len = content.len;
		texts[i] = buf_take(&content);
		author_load(&au, files[i], texts[i], len);
	}
	if (known && know(&au, known, &known_text) < 0)
		return 66;
	status = author_check(&au) < 0;
	diags_print(&au.diags, &out);
	print(&out);
	if (write && !status)
		export(&au);
	author_release(&au);
	buf_release(&out);
	buf_release(&known_text);
	for (int i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
	return status;
}

static int time_reading(const char *path)
{
	enum { TIMES = 2000 };
	struct buf text = BUF_INIT(FILE_LIMIT);
	struct arena a = { 0 };
	struct document d;
	struct err err = ERR_INIT;
	int64_t from;

	if (read_file(path, &text, &err) < 0)
		return 66;
	from = clock_monotonic_ms();
	for (int i = 0; i < TIMES; i++) {
		if (author_read(&a, text.s, text.len, &d, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			return 65;
		}
		arena_clear(&a);
	}
	printf("%.1f\n", (double)(clock_monotonic_ms() - from) * 1000.0 / TIMES);
	arena_release(&a);
	buf_release(&text);
	return 0;
}

static void print_key(const struct schema_key *key, void *ctx)
{
	(void)ctx;
	printf("%s.%s%s\n", key->table, key->name, key->later ? "\tlater" : "");
}

int main(int argc, char **argv)
{
	struct buf out = BUF_INIT(FILE_LIMIT);
	const char *verb = argc > 1 ? argv[1] : "";
	int status = 64;

	if (strcmp(verb, "schema") == 0) {
		schema_json(&out);
		status = 0;
	} else if (strcmp(verb, "keys") == 0) {
		schema_each_key(print_key, NULL);
		status = 0;
	} else if (argc > 2 && strcmp(verb, "explain") == 0) {
		status = schema_explain(argv[2], &out) == 1 ? 0 : 67;
	} else if (argc > 2 && strcmp(verb, "time") == 0) {
		status = time_reading(argv[2]);
	} else if (argc > 3 && (strcmp(verb, "known") == 0 || strcmp(verb, "export") == 0)) {
		status = check(argv + 3, argc - 3, argv[2], false, strcmp(verb, "export") == 0);
	} else if (argc > 2 && (strcmp(verb, "check") == 0 || strcmp(verb, "validate") == 0)) {
		status = check(argv + 2, argc - 2, NULL, strcmp(verb, "validate") == 0, false);
	}
	print(&out);
	buf_release(&out);
	return status;
}
