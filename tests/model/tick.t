#!/bin/sh
# The model of one mail on its way out (tick.pml) has no error; without one of the walls it has.
# Searched by Spin; skipped where spin or gcc is not installed.
cd "$(dirname "$0")" || exit 1
if ! command -v spin >/dev/null || ! command -v gcc >/dev/null; then
	echo '1..0 # SKIP spin (or gcc) is not installed: sh tests/packages.sh test'
	exit
fi
model=$PWD/tick.pml
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
n=0

# search NAME: compiles the model with -DNAME and searches all states; what was found is in $errors and $said
search() {
	{ spin -a "-D$1" "$model" && gcc -O1 -w -DSAFETY -o pan pan.c && ./pan -m200000; } >said 2>&1
	errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' said)
	said=$(sed -n 's/^pan:1: //p; s/^ *\([0-9]* states\), stored.*/\1/p' said | paste -sd ';')
	grep -q 'max search depth too small\|out of memory' said && errors=incomplete
}

# verdict WANTED TEXT
verdict() {
	n=$((n + 1))
	case $errors in
	"$1") echo "ok $n - model: $2 ($said)" ;;
	*)
		echo "not ok $n - model: $2"
		sed 's/^/# /' said
		;;
	esac
}

search AS_BUILT
verdict 0 'B1 two ticks, kills, lost answers, a stolen lock, an unsubscribe and a retry: no error'
for wall in NO_FENCE NO_LOCK NO_UNIQUE_KEY NO_TOKEN; do
	search "$wall"
	verdict 1 "$wall is an error"
done
echo "1..$n"
