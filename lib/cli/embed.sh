#!/bin/sh
# Writes C source that holds each file named, as completion_text_NAME.
set -eu
echo '#include "cli/completion_private.h"'
for file; do
	name=$(basename "$file")
	echo "const char completion_text_${name%.*}[] ="
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' "$file"
	echo ';'
done
