#!/bin/sh
# Runs fuzz targets one after the other, each for some seconds, from the inputs that are kept in tests/fuzz/corpus.
# What they found goes back there, merged to the fewest inputs that reach the same code. A finding is kept in
# build-fuzz/fuzz/TARGET.findings and ends with status 1.
# usage: run.sh FOLDER SECONDS TARGET...
set -u
bin=$1 seconds=$2
shift 2
here=$(dirname "$0")
status=0
for target; do
	kept="$here/corpus/$target.b64"
	work="$bin/$target.corpus" small="$bin/$target.small" findings="$bin/$target.findings"
	rm -rf "$small"
	mkdir -p "$work" "$small" "$findings"
	[ ! -e "$kept" ] || build/fuzz/"$target" --unpack "$work" "$kept" >/dev/null
	echo "== $target, $seconds seconds"
	"$bin/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
		-verbosity=0 -artifact_prefix="$findings/" "$work" || status=1
	"$bin/$target" -merge=1 -set_cover_merge=1 -verbosity=0 "$small" "$work" 2>/dev/null ||
		"$bin/$target" -merge=1 -verbosity=0 "$small" "$work"
	build/fuzz/"$target" --pack "$small" >"$bin/$target.b64" && [ -s "$bin/$target.b64" ] && cp "$bin/$target.b64" "$kept"
	echo "== $target: $(wc -l <"$kept") inputs kept, findings: $(find "$findings" -type f | wc -l)"
done
exit $status
