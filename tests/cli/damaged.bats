#!/usr/bin/env bats
# A stored document that is not what was applied, as a disk or another program leaves it: nothing is done with it.

load runs

setup() {
	runs_setup
	printf 'kind: Fields\nname: contact\nevents: {order.placed: {total: number}}\n' | pipectl apply -q -
	with_people
	do_at 9:00 pipe-tick
	printf 'email\nx@example.org\n' >people.csv
}

@test "B12 every verb that would work by a changed document says which one it is, 78, and changes nothing" {
	sql "UPDATE document SET body = body || '# changed' WHERE kind = 'Pipeline' AND name = 'short'"
	sql "SELECT count(*), max(id) FROM event" >before
	for verb in "pipectl runs" "pipectl why anna@example.org" "pipectl stats" "pipectl graph short" \
		"pipectl retry --pipeline short" "pipectl queue -a" "pipectl pause short" "pipectl resume --all" \
		"pipectl send-test welcome --to x@example.org" "pipectl simulate short" "pipectl list pipelines" \
		"pipectl list mailboxes" "pipectl migrate short" \
		"contactctl add x@example.org" "contactctl import people.csv --no-auto-enroll" "contactctl list" \
		"contactctl show anna@example.org" "contactctl set anna@example.org first_name=x" \
		"contactctl tag x anna@example.org" "contactctl untag x anna@example.org" "contactctl convert anna@example.org" \
		"contactctl merge anna@example.org bob@example.org" "contactctl delete -y anna@example.org" \
		"contactctl export anna@example.org" "contactctl enroll short anna@example.org" \
		"contactctl enroll -n short anna@example.org" "contactctl stop short anna@example.org" \
		"contactctl unsubscribe anna@example.org" "contactctl resubscribe anna@example.org --source x" \
		"contactctl event anna@example.org order.placed" "contactctl activity anna@example.org" \
		"contactctl mail anna@example.org --template welcome" "contactctl record anna@example.org call" "taskctl list" \
		"taskctl show 1" "taskctl add x" "taskctl done 1" "taskctl snooze 1 +1d" "pipe-tick"; do
		read -ra words <<<"$verb"
		at 9:30 "${words[@]}"
		[ "$status" = 78 ] && [ "$output" = "" ] &&
			[ "$err" = "${words[0]}: $PIPEWRIGHT_DB is damaged: Pipeline 'short' is not what was applied" ] ||
			{ echo "$verb: $status: $output: $err"; false; }
	done
	sql "SELECT count(*), max(id) FROM event" | diff before -
}

@test "B12 who only writes or reads people does not work by a pipeline, and is not kept by it" {
	sql "UPDATE document SET body = body || '# changed' WHERE kind = 'Pipeline' AND name = 'short'"
	do_at 9:30 contactctl add x@example.org first_name=Xaver --no-auto-enroll
	do_at 9:30 contactctl export
	[[ $output == *"x@example.org,Xaver,"* ]]
	sql "UPDATE document SET body = body || '# changed' WHERE kind = 'Fields'"
	at 9:30 contactctl add y@example.org --no-auto-enroll
	[ "$status" = 78 ]
	[ "$err" = "contactctl: $PIPEWRIGHT_DB is damaged: Fields 'contact' is not what was applied" ]
}
