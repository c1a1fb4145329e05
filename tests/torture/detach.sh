#!/bin/sh
# make torture: runs the rigs one after the other, in full, detached and nice; says how far they are when they run
# already. What was interrupted goes on. Usage: detach.sh DOSE|'' RIG...
dose=$1
shift
state=$PW_BUILD/torture
mkdir -p "$state"
if [ "$dose" = inside ]; then
	dose=${PW_DOSE:+--dose $PW_DOSE}
	for rig; do
		name=${rig##*/}
		# shellcheck disable=SC2086 # two words
		"$rig" --state "$state" ${dose:---full} >>"$state/${name%.*}.log" 2>&1
	done
elif flock -n "$state/lock" true; then
	PW_DOSE=$dose setsid nohup flock -n "$state/lock" nice -n 10 sh "$0" inside "$@" </dev/null >/dev/null 2>&1 &
	echo $! >"$state/pid"
	echo "begun; what they say: $state/RIG.log; to stop them: kill -- -$!"
else
	echo "at work; to stop them: kill -- -$(cat "$state/pid")"
	tail -n 1 "$state"/*.log
fi
