#ifndef PW_TORTURE_POWER_DISK_H
#define PW_TORTURE_POWER_DISK_H

#include "power_log.h"
#include "stand.h"

/*
 * A disk that keeps what was synced, and of what was not synced any part: each sector of a write that is on its way may
 * have arrived, or not, or be garbage; a file may have been cut to its new size, or not; of the files that were made
 * and deleted since the folder was last synced, the first ones were. (What a write does not cover stays as it was: the
 * powersafe overwrite that SQLite too expects of disks.)
 */
struct disk;

/* lying: the disk says "synced" of what it has in mind only. */
struct disk *disk_new(bool lying);

/* The next operation. */
void disk_do(struct disk *d, const struct op *op);

/*
 * The power goes: what may be found afterwards is written into the folder, which holds nothing of an earlier cut then.
 */
void disk_cut(const struct disk *d, struct dice *dice, const char *folder);

#endif
