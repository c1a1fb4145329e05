#!/usr/bin/env bats
# contactctl record.

load people

setup() {
	people_setup
	do_ctl add ada@example.com first_name=Ada
}

# What was recorded: types and data, in order.
feed() {
	sql "SELECT type || ' ' || data FROM event WHERE type NOT LIKE 'contact.%' AND type NOT LIKE 'run.%' ORDER BY id"
}

# The number that was printed.
number() {
	printf '%s' "$output" | sed 's|.*/\([0-9]*\) .*|\1|'
}

@test "S2.43 calls, meetings, messages and notes are events, whose number is printed" {
	ctl record ada@example.com call 'wants an offer' --outcome connected
	says 0 "call/$(number) recorded (ada@example.com)" ""
	ctl record ada@example.com call
	ctl record ada@example.com meeting --at '2026-07-01 10:00'
	ctl record ada@example.com meeting Demo --outcome no_show
	ctl record ada@example.com linkedin 'Hello Ada' --outcome accepted
	ctl record ada@example.com note 'prefers mornings'
	[ "$(feed)" = 'call.made {"text":"wants an offer","outcome":"connected"}
call.connected {"text":"wants an offer","outcome":"connected"}
call.made {}
meeting.booked {"at":"2026-07-01T08:00:00Z"}
meeting.no_show {"text":"Demo","outcome":"no_show"}
linkedin.sent {"text":"Hello Ada","outcome":"accepted"}
note.added {"text":"prefers mornings"}' ]
}

@test "S2.43 the outcome is said later, once" {
	ctl record ada@example.com meeting
	id=$(number)
	ctl record "$id" --outcome completed
	says 0 "event/$id recorded (completed)" ""
	ctl record "meeting/$id" --outcome completed
	says 0 "event/$id unchanged (that was said before)" ""
	ctl record "$id" --outcome 'asked for a second one'
	says 0 "event/$id recorded (asked for a second one)" ""
	[ "$(feed)" = "meeting.booked {}
meeting.completed {\"of\":\"$id\",\"outcome\":\"completed\"}
note.added {\"of\":\"$id\",\"outcome\":\"asked for a second one\",\"text\":\"meeting: asked for a second one\"}" ]
}

@test "a pipeline starts at what was recorded" {
	apply <<-'YAML'
		kind: Pipeline
		name: offer
		enroll: {when: {event: call.connected}}
		steps: [email: intro]
	YAML
	ctl record ada@example.com call --outcome connected
	[ "$(printf '%s\n' "$output" | tail -n 1)" = \
		'ada@example.com enrolled in offer, first e-mail intro at 2026-06-29T07:00:00Z' ]
	[ "$(sql 'SELECT count(*) FROM run')" = 1 ]
}

@test "what cannot be recorded is told, and nothing is kept" {
	ctl record ada@example.com
	says 64 "" "contactctl: what was it? One of: call|meeting|linkedin|note"
	ctl record ada@example.com lunch
	says 64 "" "contactctl: 'lunch' is none of: call|meeting|linkedin|note"
	ctl record ada@example.com note
	says 64 "" "contactctl: a note needs a text"
	ctl record ada@example.com note x --outcome y
	says 64 "" "contactctl: a note has no outcome"
	ctl record eve@example.com call
	says 67 "" "contactctl: no contact 'eve@example.com' in team 'sales'"
	ctl record 1 --outcome x
	says 1 "" "contactctl: 1 is contact.created: only calls, meetings and messages have an outcome"
	ctl record 12345
	says 64 "" "contactctl: say with --outcome what came of 12345"
	ctl record 12345 --outcome x
	says 67 "" "contactctl: nothing was recorded as 12345"
	ctl record -n ada@example.com call
	[ "$status" = 0 ]
	[ -z "$(feed)" ]
}
