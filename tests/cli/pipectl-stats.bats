#!/usr/bin/env bats
# pipectl stats: counts, reasons and what is to come, of all pipelines and of one.

load runs

setup() {
	runs_setup
}

@test "S2.26 S2.31 counts and reasons of each pipeline, as every list counts" {
	limit='limit: {per_day: 2}'
	write_documents
	do_at 9:00 pipectl apply -q documents.yaml
	at 9:00 pipectl stats
	[ "$status" = 0 ]
	[ "$output" = $'onboarding\t0\t0\t0\t0\t0\t0\t\t\nshort\t0\t0\t0\t0\t0\t0\t\t' ]
	with_people
	for i in 1 2 3; do
		do_at 9:00 contactctl add -q "p$i@example.org" --enroll short
	done
	do_at 9:00 pipe-tick
	do_at 9:01 pipectl stop -q "$bob"
	at 9:02 pipectl stats
	[ "$output" = $'onboarding\t2\t1\t0\t0\t1\t1\t\tmanual 1\nshort\t3\t0\t2\t1\t0\t1\tquota 2\t' ] || { echo "$output$err"; false; }
	at 9:02 pipectl stats --json
	[ "$(tail -n 1 <<<"$output")" = '{"pipeline":"short","entered":3,"active":0,"blocked":2,"completed":1,"stopped":0,"mails":1,"blocked_for":"quota 2","stopped_for":null}' ]
}

@test "S2.29 S2.33 one pipeline: who waits where, when the next and the last go on, what became of its mails" {
	limit='limit: {per_day: 1}'
	write_documents
	do_at 9:00 pipectl apply -q documents.yaml
	for i in 1 2 3; do
		do_at 9:00 contactctl add -q "p$i@example.org" first_name=P --enroll onboarding
	done
	at 9:00 contactctl add -q bob@example.org --enroll onboarding
	do_at 9:00 pipe-tick
	at 9:01 pipectl stats onboarding --json
	[ "$(head -n 1 <<<"$output")" = '{"pipeline":"onboarding","version":1,"entered":4,"active":1,"blocked":3,"completed":0,"stopped":0,"mails":1,"blocked_for":"quota 2, missing 1","stopped_for":null,"completed_for":null,"next":"2026-06-30T07:00:00Z","last":"2026-07-02T07:00:00Z"}' ] || { echo "$output$err"; false; }
	[ "$(sed -n 2,3p <<<"$output")" = '{"number":1,"step":"welcome","verb":"email","waiting":0,"blocked":3,"next":"2026-06-30T07:00:00Z","sent":1,"bounced":0,"refused":0,"dropped":0}
{"number":2,"step":"features","verb":"email","waiting":1,"blocked":0,"next":"2026-07-01T07:00:00Z","sent":0,"bounced":0,"refused":0,"dropped":0}' ] || { echo "$output$err"; false; }
	do_at 9:02 pipectl drop -q "$(run_of p1@example.org)"
	at 9:03 pipectl stats onboarding
	[ "$(awk -F'\t' '$2 == "features" { print $10 }' <<<"$output")" = 1 ]
	[[ $output == $'pipeline\tonboarding\nversion\t1\nentered\t4\n'* ]]
	at 9:03 pipectl stats onbording
	[ "$status" = 67 ]
	pipectl init -q --team support --now "$monday"
	at 9:03 pipectl stats --team support
	[ "$output" = "" ]
}
