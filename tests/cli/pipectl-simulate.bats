#!/usr/bin/env bats
# pipectl simulate: what would happen and when, and what is assumed.

load runs.bash

setup() {
	runs_setup
}

@test "S0.6 B10 dates of each step, for anybody" {
	at 9:00 pipectl simulate short
	[ "$status" = 0 ]
	[ "$output" = "$(printf 'anybody\t2026-06-29T07:00:00Z\temail\tonly\tOnly one\thello\nanybody\t2026-06-29T07:00:00Z\tcompleted\t\t\t')" ]
}

@test "an assumed event must be one that there is" {
	at 9:00 pipectl simulate short --event emial.replied@+1h
	[ "$status" = 67 ]
	[ "$output$err" = "pipectl: no event 'emial.replied'; did you mean 'email.replied'?" ]
	at 9:00 pipectl simulate short --event order.placed@+1h
	[ "$status" = 67 ]
	at 9:00 pipectl simulate short --event replied:olny@+1h
	[ "$status" = 67 ]
	[ "$output$err" = "pipectl: --event: pipeline 'short' has no step 'olny'; did you mean 'only'?" ]
	at 9:00 pipectl simulate short --event replied:only@+1h
	[ "$status" = 0 ]
	at 9:00 pipectl simulate short --event replied
	[ "$status" = 64 ]
	at 9:00 pipectl simulate onboarding --event replied@+1h
	[ "$status" = 0 ]
	[[ $output == *"email.replied"*"stopped"*"replied"* ]]
}

@test "B10 who would not be let in is said, and what would happen is shown all the same" {
	do_at 9:00 contactctl add -q anna@example.org first_name=Anna
	do_at 9:00 contactctl unsubscribe -q anna@example.org
	at 9:00 pipectl simulate short --contact anna@example.org
	[ "$status" = 0 ]
	[[ $output == *"Only one"* ]]
	[ "$err" = "pipectl: note: anna@example.org would not be enrolled: must not be written to (unsubscribed, bounced or complained)" ]
}

@test "B10 a mail with HTML alone is previewed with the text that goes with it" {
	cat >html.yaml <<-END
		kind: Pipeline
		name: html
		steps: [{email: {subject: Hi, html: "<p>Only <b>HTML</b> &amp; more</p>"}}]
	END
	do_at 9:00 pipectl apply -q html.yaml
	at 9:00 pipectl simulate -v html
	[ "$status" = 0 ]
	[[ $output == *"Subject: Hi"*"Only HTML & more" ]]
}
