#include "base/zone_names.h"

#include "base/mem.h"
#include "base/near.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct zone_list {
	char **v;
	size_t n, cap;
};

static void add_name(struct zone_list *names, const char *name)
{
	GROW(&names->v, &names->cap, names->n);
	names->v[names->n++] = xstrdup(name);
}

/* A line is: country codes, coordinates, zone, and maybe comments, with tabs between. */
static void add_line(struct zone_list *names, char *line)
{
	char *rest = line, *field = NULL;

	if (line[0] == '#')
		return;
	for (int i = 0; i < 3; i++)
		field = strsep(&rest, "\t\n");
	if (field && *field && strlen(field) < ZONE_NAME_ROOM)
		add_name(names, field);
}

static bool read_list(struct zone_list *names)
{
	FILE *f = fopen(ZONE_DIR "/zone.tab", "re");
	char line[512];

	if (!f)
		return false;
	while (fgets(line, sizeof line, f))
		add_line(names, line);
	fclose(f);
	add_name(names, "UTC");
	return true;
}

static const char *last_part(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static const char *nearest(const struct zone_list *names, const char *name)
{
	const char **words;
	const char *found;

	for (size_t i = 0; i < names->n; i++)
		if (strcasecmp(name, names->v[i]) == 0)
			return names->v[i];
	words = xcalloc(names->n, sizeof *words);
	for (size_t i = 0; i < names->n; i++)
		words[i] = names->v[i];
	found = near_match(name, words, names->n);
	if (!found && !strchr(name, '/')) {
		for (size_t i = 0; i < names->n; i++)
			words[i] = last_part(names->v[i]);
		found = near_match(name, words, names->n);
		for (size_t i = 0; i < names->n; i++)
			if (found == words[i])
				found = names->v[i];
	}
	free(words);
	return found;
}

int zone_names_near(const char *name, char ret[ZONE_NAME_ROOM])
{
	struct zone_list names = { 0 };
	const char *found;

	if (!read_list(&names))
		return -1;
	found = nearest(&names, name);
	if (found)
		snprintf(ret, ZONE_NAME_ROOM, "%s", found);
	for (size_t i = 0; i < names.n; i++)
		free(names.v[i]);
	free(names.v);
	return found ? 1 : 0;
}
