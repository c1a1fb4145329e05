#!/bin/sh
# gcc -fanalyzer over the whole tree, from scratch. What it says and tests/lint/analyzer.txt does not know is a failure.
# usage: analyze.sh MAKE
set -u
make=$1
build="build-lint"
rm -rf "$build"
mkdir -p "$build"
"$make" B="$build" SAN='' WERROR='' CFLAGS='-O2 -fanalyzer -fanalyzer-verbosity=0' all >"$build/log" 2>&1 ||
	{ cat "$build/log"; exit 1; }
known=$(sed -n 's/^\([^#[:space:]]*\)[[:space:]]*\(-W[a-z-]*\).*/^\1:.*\2/p' tests/lint/analyzer.txt)
found=$(grep 'warning:.*-Wanalyzer' "$build/log" | grep -v -e '^$' ${known:+-e "$known"})
if [ -n "$found" ]; then
	echo "$found"
	exit 1
fi
echo "gcc -fanalyzer: nothing new"
