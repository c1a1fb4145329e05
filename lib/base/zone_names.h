#ifndef PW_BASE_ZONE_NAMES_H
#define PW_BASE_ZONE_NAMES_H

#define ZONE_DIR       "/usr/share/zoneinfo"
#define ZONE_NAME_ROOM 65

/*
 * The zone of the system's list (zone.tab) whose name, or its part behind the last '/' ("Berlin"), is nearest
 * to the name given. Returns 1; 0 when none is near; -1 when the list cannot be read.
 */
int zone_names_near(const char *name, char ret[ZONE_NAME_ROOM]);

#endif
