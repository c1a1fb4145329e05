#!/usr/bin/env bats
# pipectl prune: old events and the contents of old messages are forgotten, as the team's `keep` says.

load runs

setup() {
	runs_setup
}

# Anna is through, Carl is still on his way.
with_history() {
	do_at 9:00 contactctl add -q anna@example.org first_name=Anna --enroll short
	do_at 9:00 contactctl add -q carl@example.org first_name=Carl --enroll onboarding
	do_at 9:00 pipe-tick
}

keep() {
	sed "s/^mailbox: hello/keep: $1\n&/;t" documents.yaml | sed '0,/^keep/!{/^keep/d}' >kept.yaml
	do_at 9:00 pipectl apply -q kept.yaml
}

@test "S2.40 contents and events that are old go; that a mail went stays, and what an open run looks at" {
	keep '{messages: 30 days, events: 2 months}'
	with_history
	message=$(sql "SELECT id FROM message WHERE subject = 'Only one'")
	at 07-28T9:00 pipectl prune
	[ "$status" = 0 ]
	[ "$output" = "events/sales unchanged (0 older than 2 months)
messages/sales unchanged (0 older than 30 days)" ] || { echo "$output$err"; false; }
	at 07-30T9:00 pipectl prune -n
	[ "$output" = "events/sales unchanged (0 older than 2 months)
messages/sales pruned (2 older than 30 days)" ] || { echo "$output$err"; false; }
	[ "$(sql 'SELECT count(*) FROM message_body')" = 2 ]
	do_at 07-30T9:00 pipectl prune -q
	[ "$(sql 'SELECT count(*) FROM message_body')" = 0 ]
	at 07-30T9:01 contactctl message "$message"
	[[ $output == *"Message: $message, sent at 2026-06-29T07:00:00Z"* ]]
	[[ $output != *"Still there"* ]]
	before=$(sql "SELECT count(*) FROM happened WHERE contact = (SELECT id FROM contact WHERE folded = 'carl@example.org')")
	at 09-30T9:00 pipectl prune
	[[ $output == "events/sales pruned ("*" older than 2 months)"* ]]
	[ "$(sql "SELECT count(*) FROM happened WHERE contact = (SELECT id FROM contact WHERE folded = 'anna@example.org')")" = 0 ]
	[ "$(sql "SELECT count(*) FROM happened WHERE contact = (SELECT id FROM contact WHERE folded = 'carl@example.org')")" = "$before" ]
	at 09-30T9:00 pipectl prune
	[[ $output == "events/sales unchanged (0 older"* ]]
	at 09-30T9:01 contactctl show anna@example.org
	[[ $output == *"short: completed at 2026-06-29T07:00:00Z, 1 step done" ]]
}

@test "prune: without a rule nothing goes, ages are said by hand too, and other teams keep theirs" {
	with_history
	at 07-30T9:00 pipectl prune
	[ "$output" = "events/sales unchanged (all are kept)
messages/sales unchanged (all are kept)" ]
	[ "$err" = 'pipectl: note: the Team document has no `keep`; say --events or --messages' ]
	do_at 9:00 pipectl init -q --team support
	at 07-30T9:00 pipectl prune --team support --messages '1 day' --events '1 day'
	[[ $output == "events/support unchanged (0 older than 1 day)"* ]]
	at 07-30T9:00 pipectl prune --team sales --messages '1 day'
	[[ $output == *"messages/sales pruned (2 older than 1 day)" ]]
	at 07-30T9:00 pipectl prune --team sales --events '3 business days'
	[ "$status" = 64 ]
	[[ $err == "pipectl: --events: "* ]]
}
