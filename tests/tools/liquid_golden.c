/*
 * liquid_golden [--known FILE] [--unused] CASES.json...
 *
 * Runs the cases of files in the form of the public golden-liquid suite: {"tests": [{"name", "template",
 * "data", "result" | "results" | "invalid"}]}. A case may have "options": {"html", "strict", "now", "zone"}
 * and "holes": [name...], which only our own files use. Prints the names of the cases that fail, each with
 * what was expected, and at the end `N passed, N failed`.
 *
 * FILE lists cases that are known to fail: name, tab, reason. Exits with 0 when no other case fails and all
 * of the list that were run did, else 1. --unused also prints the filters and tags that no case uses,
 * and exits with 1 when there are any.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/zone.h"
#include "format/json.h"
#include "format/liquid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT ((size_t)16 << 20)

struct outcome {
	bool failed; /* to compile or to render */
	struct buf text;
	struct liquid_problem problem;
	struct liquid_report report;
};

struct score {
	unsigned passed, failed, unexpected;
	struct value known; /* name -> reason */
	bool unused;
	struct buf templates; /* all that were run */
};

static void read_file(const char *path, struct buf *ret)
{
	char part[65536];
	size_t n;
	FILE *f = fopen(path, "r");

	if (!f) {
		perror(path);
		exit(66);
	}
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(ret, part, n);
	fclose(f);
}

static bool flag(const struct value *options, const char *name)
{
	const struct value *v = options ? value_get(options, name) : NULL;

	return v && value_is_true(v);
}

static void read_options(struct arena *a, const struct value *test, struct liquid_options *ret, struct zone **zone)
{
	const struct value *options = value_get(test, "options");
	const struct value *now = options ? value_get(options, "now") : NULL;
	const struct value *name = options ? value_get(options, "zone") : NULL;
	struct err err;

	*ret = (struct liquid_options){ .html = flag(options, "html"), .strict = flag(options, "strict") };
	if (now)
		ret->now = now->integer;
	if (name && zone_open(arena_strndup(a, name->text, name->len), zone, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	ret->zone = *zone;
}

static void run(struct arena *a, const struct value *test, struct outcome *ret)
{
	const struct value *template = value_get(test, "template"), *data = value_get(test, "data");
	const struct liquid *compiled;
	struct liquid_options options;
	struct zone *zone = NULL;

	*ret = (struct outcome){ .text = BUF_INIT(FILE_LIMIT) };
	if (liquid_compile(a, template->text, template->len, &compiled, &ret->problem) < 0) {
		ret->failed = true;
		return;
	}
	read_options(a, test, &options, &zone);
	if (liquid_render(compiled, data, &options, a, &ret->text, &ret->report) < 0) {
		ret->failed = true;
		ret->problem = ret->report.problem;
	}
	zone_free(zone);
}

static bool text_is(const struct value *v, const struct buf *text)
{
	return v->kind == VALUE_STRING && v->len == text->len && memcmp(v->text, text->s, text->len) == 0;
}

static bool holes_are(const struct value *expected, const struct liquid_report *report)
{
	if (expected->array->n != report->n_holes)
		return false;
	for (size_t i = 0; i < report->n_holes; i++) {
		const struct value *name = &expected->array->items[i];

		if (strlen(report->holes[i].name) != name->len || memcmp(report->holes[i].name, name->text, name->len) != 0)
			return false;
	}
	return true;
}

static bool is_right(const struct value *test, const struct outcome *o)
{
	const struct value *result = value_get(test, "result"), *results = value_get(test, "results");
	const struct value *message = value_get(test, "message"), *holes = value_get(test, "holes");

	if (flag(test, "invalid")) {
		if (message && strncmp(o->problem.message, message->text, message->len) != 0)
			return false;
		return o->failed;
	}
	if (o->failed || (holes && !holes_are(holes, &o->report)))
		return false;
	if (result)
		return text_is(result, &o->text);
	for (size_t i = 0; results && i < results->array->n; i++)
		if (text_is(&results->array->items[i], &o->text))
			return true;
	return false;
}

static void explain(const struct value *test, const struct outcome *o)
{
	struct buf line = BUF_INIT(FILE_LIMIT);
	struct json_writer w = { .buf = &line };
	static const char *const keys[] = { "template", "data", "options", "result", "results", "invalid", "message", "holes" };

	json_begin_object(&w);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (value_get(test, keys[i]))
			json_key_value(&w, keys[i], value_get(test, keys[i]));
	if (o->failed)
		json_key_string(&w, "got problem", o->problem.message);
	else
		json_key_string(&w, "got", o->text.s);
	json_key(&w, "got holes");
	json_begin_array(&w);
	for (size_t i = 0; i < o->report.n_holes; i++)
		json_put_string(&w, o->report.holes[i].name);
	json_end_array(&w);
	json_end_object(&w);
	printf("    %s\n", line.s);
	buf_release(&line);
}

static void run_case(const struct value *test, struct score *score)
{
	const struct value *name = value_get(test, "name");
	struct arena a = { 0 };
	struct outcome o;
	const char *label = arena_strndup(&a, name->text, name->len);
	bool known = value_get(&score->known, label) != NULL, right;

	buf_add(&score->templates, value_get(test, "template")->text, value_get(test, "template")->len);
	run(&a, test, &o);
	right = is_right(test, &o);
	if (right)
		score->passed++;
	else
		score->failed++;
	if (right == known) {
		score->unexpected++;
		printf("%s: %s\n", right ? "PASSED THOUGH KNOWN TO FAIL" : "FAILED", label);
		if (!right)
			explain(test, &o);
	} else if (!right) {
		printf("known: %s\n", label);
	}
	buf_release(&o.text);
	arena_release(&a);
}

static void run_file(const char *path, struct score *score)
{
	struct arena a = { 0 };
	struct buf text = BUF_INIT(FILE_LIMIT);
	const struct value *tests;
	struct value file;
	struct err err;

	read_file(path, &text);
	if (json_parse(&a, text.s, text.len, FILE_LIMIT, &file, &err) < 0) {
		fprintf(stderr, "%s:%s\n", path, err.text);
		exit(65);
	}
	tests = value_get(&file, "tests");
	for (size_t i = 0; tests && i < tests->array->n; i++)
		run_case(&tests->array->items[i], score);
	buf_release(&text);
	arena_release(&a);
}

static void read_known(struct arena *a, const char *path, struct value *ret)
{
	struct buf text = BUF_INIT(FILE_LIMIT);
	char *line, *next, *tab;

	read_file(path, &text);
	for (line = text.s; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		tab = strchr(line, '\t');
		if (*line == '#' || !tab)
			continue;
		*tab = '\0';
		value_map_set(ret, line, value_string(a, tab + 1));
	}
	buf_release(&text);
}

static bool word_behind(const char *text, const char *signs, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; (p = strstr(p, word)) != NULL; p++) {
		const char *before = p;

		if ((p[n] >= 'a' && p[n] <= 'z') || p[n] == '_' || p == text)
			continue;
		while (before > text && (before[-1] == ' ' || before[-1] == '-'))
			before--;
		if (before > text && strchr(signs, before[-1]))
			return true;
	}
	return false;
}

static unsigned print_unused(const char *templates)
{
	size_t n;
	unsigned count = 0;
	const char *const *names = liquid_filter_names(&n);

	for (size_t i = 0; i < n; i++)
		if (!word_behind(templates, "|", names[i]) && ++count)
			printf("no case uses the filter %s\n", names[i]);
	names = liquid_tag_names(&n);
	for (size_t i = 0; i < n; i++)
		if (!word_behind(templates, "%", names[i]) && ++count)
			printf("no case uses the tag %s\n", names[i]);
	return count;
}

int main(int argc, char **argv)
{
	struct arena a = { 0 };
	struct score score = { .known = value_map(&a), .templates = BUF_INIT(FILE_LIMIT) };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--known") == 0 && i + 1 < argc)
			read_known(&a, argv[++i], &score.known);
		else if (strcmp(argv[i], "--unused") == 0)
			score.unused = true;
		else
			run_file(argv[i], &score);
	}
	if (score.unused)
		score.unexpected += print_unused(score.templates.s);
	printf("%u passed, %u failed\n", score.passed, score.failed);
	buf_release(&score.templates);
	arena_release(&a);
	return score.unexpected ? 1 : 0;
}
