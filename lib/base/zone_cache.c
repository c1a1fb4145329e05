#include "base/zone_cache.h"

#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MOST_UNKNOWN ((size_t)1000) /* more names than there are zones: they come from a bad file */

struct zone_cache_entry {
	char *name;
	struct zone *zone; /* NULL: no such zone, */
	struct err *why;   /* for this reason */
};

/* Where the name is, or where it belongs. */
static size_t find(const struct zone_cache *cache, const char *name, bool *ret_found)
{
	size_t low = 0, high = cache->n;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, cache->entries[middle].name);

		if (order == 0) {
			*ret_found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void insert(struct zone_cache *cache, size_t at, struct zone_cache_entry entry)
{
	GROW(&cache->entries, &cache->cap, cache->n);
	memmove(cache->entries + at + 1, cache->entries + at, (cache->n - at) * sizeof entry);
	cache->entries[at] = entry;
	cache->n++;
}

int zone_cache_get(struct zone_cache *cache, const char *name, const struct zone **ret, struct err *err)
{
	struct zone_cache_entry entry = { 0 };
	bool found;
	size_t at = find(cache, name, &found);

	if (!found) {
		if (zone_open(name, &entry.zone, err) < 0) {
			if (cache->n >= MOST_UNKNOWN)
				return -1;
			entry.why = xmalloc(sizeof *entry.why);
			*entry.why = *err;
		}
		entry.name = xstrdup(name);
		insert(cache, at, entry);
	}
	if (!cache->entries[at].zone) {
		*err = *cache->entries[at].why;
		return -1;
	}
	*ret = cache->entries[at].zone;
	return 0;
}

void zone_cache_release(struct zone_cache *cache)
{
	for (size_t i = 0; i < cache->n; i++) {
		zone_free(cache->entries[i].zone);
		free(cache->entries[i].why);
		free(cache->entries[i].name);
	}
	free(cache->entries);
	*cache = (struct zone_cache){ 0 };
}
