#!/bin/sh
# Writes C source that holds each schema file named, in order, as one string. What is a key of its own becomes the
# row id of SQLite, which saves an index.
set -eu
echo '#include "store/schema_private.h"'
echo 'const char *const schema_steps[] = {'
for file; do
	sed -e 's/BIGINT NOT NULL PRIMARY KEY/INTEGER PRIMARY KEY/' -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' "$file"
	echo ','
done
echo '};'
echo 'const int schema_version = (int)(sizeof schema_steps / sizeof schema_steps[0]);'
