#!/usr/bin/env bats
# `await`: an `if` that waits, with exactly one way out.

load people

setup() {
	people_setup
	apply <<-YAML
		kind: Mailbox
		name: hello
		from: Hello <hello@example.com>
		maildir: $BATS_TEST_TMPDIR/out
		inbox: drop
		inbox_max_age: never
		---
		kind: Pipeline
		name: wait
		stop: [{tag: never}]
		steps:
		  - note: begin
		  - await: {any: [{event: order.placed}, {all: [{tag: hot}, {field: {plan: pro}}]}]}
		    within: 4 days
		    id: buys
		    then: [{note: bought, after: 1 hour}]
		    else: [{email: {subject: Still interested?, text: Well?}, id: still}]
		  - note: joined
	YAML
	do_ctl add ada@example.com first_name=Ada
	do_ctl add bob@example.com first_name=Bob
	do_ctl enroll wait ada@example.com bob@example.com
	tick '2026-06-29 09:00'
}

tick() {
	pipe-tick --now "$1"
}

# notes ADDRESS: what was noted, oldest first, with the times
feed() {
	pipectl events --all --contact "$1" --json | grep -E '"(note.added|email.sent|run.completed)"' |
		sed 's/.*"at":"\([^"]*\)".*"type":"\([^"]*\)".*"data":{\(.*\)}}/\1 \2 \3/; s/"//g; s/note.added text://; s/,reply:.*//' | cut -d T -f 1,2
}

run_is() {
	pipectl runs --contact "$1" --now "$2" | cut -f 5-8
}

@test "B18 S4.8 S4.9 what it waits for comes: then, at once; else not any more" {
	[ "$(run_is ada@example.com '2026-06-29 09:00')" = "$(row running await buys 2026-07-03T07:00:00Z)" ]
	now='2026-06-30T10:30:10+02:00' do_ctl event ada@example.com order.placed
	[ "$(run_is ada@example.com '2026-06-30 10:31')" = "$(row running '' 'note 3' 2026-06-30T09:30:10Z)" ]
	tick '2026-06-30 11:31'
	[ "$(run_is ada@example.com '2026-07-05 09:00')" = "$(row completed '' '' '')" ]
	tick '2026-07-05 09:00'
	feed ada@example.com >feed
	diff feed - <<-'END'
		2026-06-29T07:00:00Z begin
		2026-06-30T09:31:00Z bought
		2026-06-30T09:31:00Z joined
		2026-06-30T09:31:00Z run.completed pipeline:wait
	END
}

@test "B18 it does not come in time: else, when the time is over; what comes at the end or later does not count" {
	now='2026-07-03T09:00:00+02:00' do_ctl event ada@example.com order.placed
	now='2026-07-03T08:59:59+02:00' do_ctl event bob@example.com order.placed
	tick '2026-07-03 12:00'
	tick '2026-07-03 13:00'
	feed ada@example.com | cut -d ' ' -f 2- >feed
	diff feed - <<-'END'
		begin
		email.sent subject:Still interested?
		joined
		run.completed pipeline:wait
	END
	feed bob@example.com | cut -d ' ' -f 2- >feed
	diff feed - <<-'END'
		begin
		bought
		joined
		run.completed pipeline:wait
	END
}

@test "B18 a state that becomes true, by several changes; what is true already does not wait" {
	now='2026-06-30T09:00:00+02:00' do_ctl tag hot ada@example.com
	[ "$(run_is ada@example.com '2026-06-30 09:00' | cut -f 2,3)" = "$(row await buys)" ]
	now='2026-06-30T10:00:00+02:00' do_ctl set ada@example.com plan=pro
	[ "$(run_is ada@example.com '2026-06-30 10:00' | cut -f 2,3)" = "$(row '' 'note 3')" ]
	do_ctl add eva@example.com plan=pro --tag hot
	do_ctl enroll wait eva@example.com
	tick '2026-06-30 11:30'
	[ "$(run_is eva@example.com '2026-06-30 11:30')" = "$(row running '' 'note 3' 2026-06-30T10:30:00Z)" ]
}

@test "B7 B18 why, show, stats and the queue of filters say what it waits for, and until when" {
	ctl show ada@example.com
	[[ $output == *$'run\twait: running, await: event is order.placed or (tag is hot and plan is pro), since 2026-06-29T07:00:00Z; 1 of 5 steps done, last note 1; next buys at 2026-07-03T07:00:00Z; e-mails to come: still at 2026-07-03T07:00:00Z (depends)'* ]] || { echo "$output"; false; }
	pipectl why ada@example.com --now "$now" >why
	grep -q 'it waits for this: event is order.placed or (tag is hot and plan is pro); if it has not come by 2026-07-03T07:00:00Z (in 4 days), it goes on without$' why
	grep -q '^ *? *then: note 3 (note)$' why
	grep -q '^ *2026-07-03T07:00:00Z *else: still (email)$' why
	[ "$(pipectl runs --reason await --now "$now" | wc -l)" = 2 ]
	[ "$(pipectl show wait | grep -c 'await.*within 4 days')" = 1 ]
}

@test "B18 a run is stopped, held back and blocked while it waits like any other" {
	do_ctl convert bob@example.com
	[ "$(run_is bob@example.com "$now" | cut -f 1,2)" = "$(row stopped converted)" ]
	pipectl pause -q wait --now '2026-06-29 10:00'
	now='2026-06-30T10:00:00+02:00' do_ctl event ada@example.com order.placed
	tick '2026-06-30 12:00'
	[ "$(run_is ada@example.com '2026-06-30 12:00' | cut -f 1-3)" = "$(row running paused 'note 3')" ]
	pipectl resume -q wait --now '2026-06-30 13:00'
	tick '2026-06-30 13:00'
	[ "$(run_is ada@example.com '2026-06-30 13:00' | cut -f 1)" = completed ]
}

@test "B9 B18 who waits keeps what has passed of the time when it is changed, and old steps still wake" {
	pipectl export pipeline/wait >wait.yaml
	sed 's/within: 4 days/within: 6 days/' wait.yaml >longer.yaml
	pipectl apply -q --migrate longer.yaml --now '2026-06-30 09:00'
	[ "$(run_is ada@example.com '2026-06-30 09:00')" = "$(row running await buys 2026-07-05T07:00:00Z)" ]
	sed 's/within: 4 days/within: 1 hour/' wait.yaml >shorter.yaml
	pipectl apply -q --migrate shorter.yaml --now '2026-06-30 10:00'
	tick '2026-06-30 10:00'
	[ "$(run_is ada@example.com '2026-06-30 10:00' | cut -f 1)" = completed ]
	do_ctl add eva@example.com
	now='2026-06-30T11:00:00+02:00' do_ctl enroll wait eva@example.com
	tick '2026-06-30 11:00'
	# The newest steps ask for no event any more, and nobody else does.
	printf 'kind: Pipeline\nname: wait\nsteps:\n  - note: begin\n  - note: joined\n' >other.yaml
	pipectl apply -q --keep other.yaml --now '2026-06-30 11:10'
	now='2026-06-30T11:20:00+02:00' do_ctl event eva@example.com order.placed
	[ "$(run_is eva@example.com '2026-06-30 11:20' | cut -f 2,3)" = "$(row '' 'note 3')" ]
}

@test "B18 replied: company, an automatic reply, and simulate --event" {
	pipectl simulate wait --now "$now" --event order.placed@+1d >plan
	[ "$(cut -f 2,3,4 plan | sed -n 2,5p)" = "$(row 2026-06-30T07:00:00Z event '')
$(row 2026-06-30T07:00:00Z await buys)
$(row 2026-06-30T08:00:00Z note 'note 3')
$(row 2026-06-30T08:00:00Z note 'note 5')" ] || { cat plan; false; }
	pipectl simulate wait --now "$now" --event order.placed@+4d >plan
	grep -q "await	buys	event is order.placed or (tag is hot and plan is pro): no" plan
	apply <<-YAML
		kind: Pipeline
		name: firm
		ignore: [replied]
		steps:
		  - email: intro
		  - await: {replied: company}
		    within: 4 days
		    then: [exit: warm]
		    else: [exit: cold]
	YAML
	do_ctl add x@firm.example
	do_ctl add y@firm.example
	do_ctl enroll firm x@firm.example y@firm.example
	tick '2026-06-29 09:01'
	id=$(grep -l 'To: .*x@firm' out/new/* | xargs sed -n 's/^Message-ID: //p')
	printf 'From: x@firm.example\nTo: hello@example.com\nSubject: Re: Hi\nMessage-ID: <1@firm>\nIn-Reply-To: %s\n\nYes\n' "$id" |
		pipe-drop sales/hello
	pipe-inbox --now '2026-06-30T09:00:00+02:00'
	tick '2026-06-30 09:01'
	[ "$(run_is y@firm.example '2026-06-30 09:01' | cut -f 1,2)" = "$(row completed warm)" ] || { run_is y@firm.example '2026-06-30 09:01'; false; }
}
