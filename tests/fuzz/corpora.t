#!/bin/sh
# Every fuzz target over the inputs that were kept: those of findings, and the fewest that reach all code that fuzzing found.
cd "$PW_TOP" || exit 1
n=0
set -- tests/fuzz/fuzz_*.c
echo "1..$#"
for source; do
	n=$((n + 1))
	target=$(basename "$source" .c)
	target=${target#fuzz_}
	if out=$("$PW_BUILD/fuzz/$target" "tests/fuzz/corpus/$target.b64" 2>&1) && [ "$out" != "0 inputs" ]; then
		echo "ok $n - fuzz target $target: $out"
	else
		echo "not ok $n - fuzz target $target"
		echo "$out" | sed 's/^/# /' | tail -20
	fi
done
