#ifndef PW_BASE_ZONE_CACHE_H
#define PW_BASE_ZONE_CACHE_H

#include "base/attr.h"
#include "base/zone.h"

#include <stddef.h>

/*
 * Zones opened by name, each once: for a tick or an import. `struct zone_cache c = { 0 };` is an empty one.
 * It also remembers which names are no zones, because finding the nearest name takes a while.
 */
struct zone_cache_entry;
struct zone_cache {
	struct zone_cache_entry *entries; /* sorted by name */
	size_t n, cap;
};

/* Like zone_open, but the zone belongs to the cache. */
int zone_cache_get(struct zone_cache *cache, const char *name, const struct zone **ret,
                   struct err *err) PW_CHECK;

/* Closes all zones that the cache gave; it is empty and usable again. */
void zone_cache_release(struct zone_cache *cache);

#define ZONE_CACHE_AUTO PW_CLEANUP(zone_cache_release) struct zone_cache

#endif
