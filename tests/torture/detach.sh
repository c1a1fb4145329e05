#!/bin/sh
# make torture: runs the rigs one after the other, in full, detached and nice; says how far they are when they run
# already. What was interrupted goes on. Usage: detach.sh DOSE|'' RIG...
dose=$1
shift
state=$PW_BUILD/torture
mkdir -p "$state"
if flock -n "$state/lock" true; then
	[ -n "$dose" ] && dose="--dose $dose" || dose=--full
	setsid nohup flock -n "$state/lock" nice -n 10 sh -c '
		state=$1 dose=$2
		shift 2
		for rig; do
			name=${rig##*/}
			$rig --state "$state" $dose >>"$state/${name%.*}.log" 2>&1
		done' sh "$state" "$dose" "$@" </dev/null >/dev/null 2>&1 &
	echo $! >"$state/pid"
	echo "begun; what they say: $state/RIG.log; to stop them all: kill -- -$!"
else
	echo "at work: kill -- -$(cat "$state/pid") stops it"
	tail -n 1 "$state"/*.log
fi
