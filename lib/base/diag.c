#include "base/diag.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 2000
#define LINE_MAX_SHOWN 200

void diags_release(struct diags *d)
{
	arena_release(&d->arena);
	free(d->list);
	free(d->files);
	*d = (struct diags){ 0 };
}

const char *diags_file(struct diags *d, const char *name)
{
	GROW(&d->files, &d->cap_files, d->n_files);
	d->files[d->n_files] = arena_strdup(&d->arena, name);
	return d->files[d->n_files++];
}

static int file_rank(const struct diags *d, const char *file)
{
	for (size_t i = d->n_files; i > 0; i--)
		if (d->files[i - 1] == file)
			return (int)i;
	return 0;
}

static const char *format(struct diags *d, const char *fmt, va_list ap) PW_FORMAT(2, 0);
static const char *format(struct diags *d, const char *fmt, va_list ap)
{
	char text[TEXT_MAX];
	BUF_AUTO safe = BUF_INIT(TEXT_MAX * 8);

	vsnprintf(text, sizeof text, fmt, ap);
	utf8_safe(&safe, text, strlen(text), false);
	return arena_strndup(&d->arena, safe.s, safe.len);
}

static void add(struct diags *d, enum severity severity, struct place at, const char *text)
{
	GROW(&d->list, &d->cap, d->n);
	d->list[d->n++] = (struct diag){
		.severity = severity,
		.at = at,
		.text = text,
		.file_rank = file_rank(d, at.file),
	};
}

int diag_error(struct diags *d, struct place at, const char *fmt, ...)
{
	va_list ap;

	if (d->errors++ >= DIAGS_MAX)
		return -1;
	va_start(ap, fmt);
	add(d, DIAG_ERROR, at, format(d, fmt, ap));
	va_end(ap);
	return -1;
}

void diag_warning(struct diags *d, struct place at, const char *fmt, ...)
{
	va_list ap;

	if (d->warnings++ >= DIAGS_MAX)
		return;
	va_start(ap, fmt);
	add(d, DIAG_WARNING, at, format(d, fmt, ap));
	va_end(ap);
}

void diag_show_line(struct diags *d, const char *line, size_t len)
{
	BUF_AUTO safe = BUF_INIT(LINE_MAX_SHOWN * 8);

	if (d->n == 0)
		return;
	if (len > LINE_MAX_SHOWN)
		len = LINE_MAX_SHOWN;
	utf8_safe(&safe, line, len, true);
	d->list[d->n - 1].source = arena_strndup(&d->arena, safe.s, safe.len);
}

static int compare(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;

	if (x->file_rank != y->file_rank)
		return x->file_rank < y->file_rank ? -1 : 1;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.column != y->at.column)
		return x->at.column < y->at.column ? -1 : 1;
	return strcmp(x->text, y->text);
}

static void print_one(const struct diag *g, struct buf *out)
{
	if (g->at.file) {
		utf8_safe(out, g->at.file, strlen(g->at.file), false);
		if (g->at.line > 0)
			buf_addf(out, ":%d:%d", g->at.line, g->at.column);
		buf_adds(out, ": ");
	}
	buf_addf(out, "%s: %s\n", g->severity == DIAG_ERROR ? "error" : "warning", g->text);
	if (g->source)
		buf_addf(out, "    %s\n", g->source);
}

void diags_print(struct diags *d, struct buf *out)
{
	size_t all = d->errors + d->warnings;

	if (d->n > 0)
		qsort(d->list, d->n, sizeof *d->list, compare);
	for (size_t i = 0; i < d->n; i++)
		print_one(&d->list[i], out);
	if (all > d->n)
		buf_addf(out, "(%zu more are not shown)\n", all - d->n);
}
