#include "people/import.h"

#include "base/buf.h"
#include "base/near.h"
#include "format/csv.h"
#include "store/suppression_store.h"

#include <string.h>
#include <strings.h>

enum column_kind { COLUMN_LEFT_OUT, COLUMN_EMAIL, COLUMN_FIELD, COLUMN_TAGS, COLUMN_SUPPRESSED };

struct column {
	enum column_kind kind;
	const struct field *field;
};

struct import {
	struct world *world;
	const struct import_options *options;
	const struct import_listener *listener;
	struct csv *csv;
	struct intake intake;
	struct arena arena;    /* of the columns */
	struct column *columns;
	size_t n_columns;
	bool *mapped;          /* of each mapping: its column is there */
	struct import_brings brings;
	size_t cap_fields;
	const char *veil;      /* of the row: what stands for an address; NULL */
	int64_t n_rows, n_rejected;
};

static void tell(struct import *im, const struct csv_row *row, bool head, const char *text)
{
	im->listener->problem(im->listener->ctx, row->line, text, head ? NULL : row->raw, row->raw_len);
}

/* What --map says about a column; NULL: nothing. */
static const char *mapping_of(struct import *im, const char *name)
{
	const struct names *map = &im->options->map;

	for (size_t i = 0; i < map->n; i++) {
		const char *equals = strrchr(map->v[i], '=');

		if (strlen(name) == (size_t)(equals - map->v[i]) && strncmp(map->v[i], name, strlen(name)) == 0) {
			im->mapped[i] = true;
			return equals + 1;
		}
	}
	return NULL;
}

/* "First Name" is first_name. */
static bool names_field(const char *column, const char *field)
{
	for (; *column && *field; column++, field++)
		if (!(*column == ' ' && *field == '_') && strncasecmp(column, field, 1) != 0)
			return false;
	return *column == *field;
}

static const struct field *find_field(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < n_contact_reserved_fields; i++)
		if (names_field(name, contact_reserved_fields[i].name))
			return &contact_reserved_fields[i];
	for (size_t i = 0; fields && i < fields->n_fields; i++)
		if (names_field(name, fields->fields[i].name))
			return &fields->fields[i];
	return NULL;
}

/* column  its name in the table; name  what it is to be, which differs when --map says so */
static int no_column(struct import *im, const char *column, const char *name, struct err *err)
{
	static const char *const others[] = { "email", "tags", "suppressed" };
	const struct field *ignored;
	const char *near = near_match(name, others, ARRAY_LEN(others));

	if (near)
		return err_set(err, ERR_INVALID, "no field '%s'; did you mean '%s'? (--map '%s=%s')", name, near, column, near);
	if (person_field(im->world, name, &ignored, err) == 0)
		BUG("field %s", name);
	return err_set(err, ERR_INVALID, "%s (--map '%s=FIELD' names one, --map '%s=-' leaves it out)",
	               arena_strdup(&im->arena, err->text), column, column);
}

static int read_column(struct import *im, const char *name, struct column *ret, struct err *err)
{
	const char *to = mapping_of(im, name);

	if (!to)
		to = name;
	*ret = (struct column){ .kind = COLUMN_FIELD, .field = find_field(world_fields(im->world), to) };
	if (ret->field)
		return 0;
	if (strcasecmp(to, "email") == 0)
		ret->kind = COLUMN_EMAIL;
	else if (strcasecmp(to, "tags") == 0)
		ret->kind = COLUMN_TAGS;
	else if (strcasecmp(to, "suppressed") == 0)
		ret->kind = COLUMN_SUPPRESSED;
	else if (strcmp(to, "-") == 0)
		ret->kind = COLUMN_LEFT_OUT;
	else
		return no_column(im, name, to, err);
	return 0;
}

static bool same_column(const struct column *a, const struct column *b)
{
	return a->kind == b->kind && a->field == b->field && a->kind != COLUMN_LEFT_OUT && a->kind != COLUMN_TAGS;
}

static int check_column(struct import *im, const struct csv_row *row, size_t i, struct err *err)
{
	struct column *c = &im->columns[i];

	if (read_column(im, row->cells[i].s, c, err) < 0)
		return -1;
	for (size_t j = 0; j < i; j++)
		if (same_column(c, &im->columns[j]))
			return err_set(err, ERR_INVALID, "the columns '%s' and '%s' are one field", row->cells[j].s,
			               row->cells[i].s);
	if (c->kind == COLUMN_FIELD) {
		ARENA_GROW(&im->arena, &im->brings.fields.v, &im->cap_fields, im->brings.fields.n);
		im->brings.fields.v[im->brings.fields.n++] = c->field->name;
	}
	im->brings.any_tags |= c->kind == COLUMN_TAGS;
	im->brings.suppresses |= c->kind == COLUMN_SUPPRESSED;
	return 0;
}

static bool has_email(const struct import *im)
{
	for (size_t i = 0; i < im->n_columns; i++)
		if (im->columns[i].kind == COLUMN_EMAIL)
			return true;
	return false;
}

static int check_mappings(const struct import *im, struct err *err)
{
	for (size_t i = 0; i < im->options->map.n; i++)
		if (!im->mapped[i])
			return err_set(err, ERR_USAGE, "--map '%s': there is no such column", im->options->map.v[i]);
	return 0;
}

/* All that is wrong with the first row is told. */
static int read_head(struct import *im, const struct csv_row *row, struct err *err)
{
	struct err why = ERR_INIT;
	int bad = 0;

	im->columns = arena_array(&im->arena, row->n + 1, sizeof *im->columns);
	im->n_columns = row->n;
	im->mapped = arena_array(&im->arena, im->options->map.n + 1, sizeof *im->mapped);
	for (size_t i = 0; i < row->n; i++) {
		if (check_column(im, row, i, &why) == 0)
			continue;
		tell(im, row, true, why.text);
		bad++;
	}
	if (!bad && !has_email(im)) {
		tell(im, row, true, "no column 'email'; --map 'COLUMN=email' names it");
		bad++;
	}
	if (bad)
		return err_set(err, ERR_INVALID, "nothing was imported");
	return check_mappings(im, err);
}

static int check_map_syntax(const struct names *map, struct err *err)
{
	for (size_t i = 0; i < map->n; i++) {
		const char *equals = strrchr(map->v[i], '=');

		if (!equals || equals == map->v[i] || !equals[1])
			return err_set(err, ERR_USAGE, "--map '%s' is no COLUMN=FIELD", map->v[i]);
	}
	return 0;
}

/* Whoever is to decide wants to know which. */
static int ask_about_entries(struct import *im, struct err *err)
{
	BUF_AUTO names = BUF_INIT(4096);
	const struct pipeline *p;
	size_t at = 0, n = 0;

	while ((p = import_starts(im->world, &im->brings, &at)) != NULL)
		buf_addf(&names, "%s'%s'", n++ ? ", " : "", p->name);
	if (n == 0)
		return 0;
	return err_set(err, ERR_USAGE, "%s %s may start by %s: say --auto-enroll or --no-auto-enroll",
	               n == 1 ? "pipeline" : "pipelines", names.s, n == 1 ? "itself" : "themselves");
}

static int begin(struct import *im, struct err *err)
{
	struct csv_row row;
	int got = csv_next(im->csv, &row, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_INVALID, "the file is empty: its first row names the columns");
	if (row.problem) {
		tell(im, &row, true, row.problem);
		return err_set(err, ERR_INVALID, "nothing was imported");
	}
	if (read_head(im, &row, err) < 0)
		return -1;
	im->brings.tags = im->options->intake.tags;
	if (!im->options->entries_said && ask_about_entries(im, err) < 0)
		return -1;
	im->listener->begin(im->listener->ctx, row.raw, row.raw_len);
	return 0;
}

/* A cell into the person; an empty one changes nothing. */
static int read_cell(struct import *im, const struct column *c, const struct csv_cell *cell, struct person *p,
                     struct arena *a, struct err *err)
{
	if (cell->len == 0)
		return 0;
	switch (c->kind) {
	case COLUMN_LEFT_OUT:
		return 0;
	case COLUMN_EMAIL:
		if (veil_is(cell->s)) {
			im->veil = cell->s;
			return 0;
		}
		return address_parse(cell->s, &p->address, err);
	case COLUMN_FIELD:
		return person_set(p, im->world, c->field, cell->s, a, err);
	case COLUMN_TAGS:
		return person_tag_list(p, cell->s, a, err);
	case COLUMN_SUPPRESSED:
		return suppression_parse(cell->s, &p->suppressed, err);
	}
	BUG("column %d", (int)c->kind);
}

/* All that is wrong in a row is told at once: whoever mends it looks at it once. */
static int read_cells(struct import *im, const struct csv_row *row, struct person *p, struct arena *a, struct err *err)
{
	const char *wrong = NULL;

	for (size_t i = 0; i < row->n && i < im->n_columns; i++)
		if (read_cell(im, &im->columns[i], &row->cells[i], p, a, err) < 0)
			wrong = wrong ? arena_printf(a, "%s; %s", wrong, err->text) : arena_strdup(a, err->text);
	return wrong ? err_set(err, ERR_INVALID, "%s", wrong) : 0;
}

static int read_row(struct import *im, const struct csv_row *row, struct person *p, struct arena *a, struct err *err)
{
	if (row->problem)
		return err_set(err, ERR_INVALID, "%s", row->problem);
	p->address.folded[0] = '\0';
	im->veil = NULL;
	if (read_cells(im, row, p, a, err) < 0)
		return -1;
	if (im->veil && !p->suppressed)
		return err_set(err, ERR_INVALID, "the hash of an address says only that it must not be written to: say why in 'suppressed'");
	if (!im->veil && !*p->address.folded)
		return err_set(err, ERR_INVALID, "no e-mail address");
	return 0;
}

static int import_row(struct import *im, const struct csv_row *row, struct arena *a, struct err *err)
{
	struct person p;
	int got = 0;

	/* The address is overwritten in any case; clearing it for each row would cost more than reading it. */
	p.values = NULL;
	p.tags = (struct names){ 0 };
	p.n_values = p.cap_values = p.cap_tags = 0;
	p.suppressed = 0;
	if (read_row(im, row, &p, a, err) == 0)
		got = im->veil ? (intake_veil(&im->intake, im->veil, p.suppressed, err) < 0 ? -1 : 1)
		               : intake_take(&im->intake, &p, a, err);
	if (got == 0) {
		tell(im, row, false, err->text);
		im->n_rejected++;
	}
	return err_or_none(got);
}

static int import_rows(struct import *im, struct err *err)
{
	ARENA_AUTO a = { 0 };
	struct csv_row row;
	int got;

	while ((got = csv_next(im->csv, &row, err)) > 0) {
		arena_clear(&a);
		if (import_row(im, &row, &a, err) < 0)
			return -1;
		im->listener->row(im->listener->ctx, ++im->n_rows);
	}
	return got;
}

static int run(struct import *im, struct engine *e, struct err *err)
{
	if (begin(im, err) < 0 || intake_begin(&im->intake, e, im->world, &im->options->intake, err) < 0)
		return -1;
	if (import_rows(im, err) < 0)
		return -1;
	return intake_end(&im->intake, err);
}

int import_table(struct engine *e, struct world *w, int fd, const struct import_options *o,
                 const struct import_listener *listener, struct intake_counts *ret, struct err *err)
{
	struct import im = { .world = w, .options = o, .listener = listener };
	const struct csv_options csv = { .delimiter = o->delimiter, .encoding = o->encoding };
	int got;

	if (check_map_syntax(&o->map, err) < 0 || csv_open(fd, &csv, &im.csv, err) < 0)
		return -1;
	got = run(&im, e, err);
	*ret = im.intake.counts;
	intake_release(&im.intake);
	csv_close(im.csv);
	arena_release(&im.arena);
	return got < 0 ? -1 : im.n_rejected > 0 || ret->refused_named > 0;
}
