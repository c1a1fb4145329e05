#!/usr/bin/env bats
# taskctl, and the step `task`.

load people

setup() {
	people_setup
	apply <<-YAML
		kind: Team
		name: sales
		timezone: Europe/Berlin
		mailbox: hello
		members: {$me: {role: admin}, bob: {role: member}}
		---
		kind: Mailbox
		name: hello
		from: Example <hello@example.com>
		maildir: out
		---
		kind: Pipeline
		name: outreach
		steps:
		  - email: {subject: Hello, text: Hello}
		    id: first
		  - task: "Call {{ contact.first_name | default:'them' }}"
		    id: call
		    type: call
		    due: 1 business day
		    to: bob
		    hold: done
		  - if: {task: {type: call, outcome: connected}}
		    then: [exit: reached]
		  - email: {subject: Missed you, text: Hello}
		    id: missed
		    after: 1 day
		---
		kind: Pipeline
		name: demo
		steps: [note: "after {{ event.title }}"]
	YAML
	do_ctl add ada@example.com first_name=Ada
}

task() {
	status=0
	output=$(taskctl --now "${at:-$now}" "$@" 2>err) || status=$?
	err=$(cat err)
}

# The number of the open task with this title.
number_of() {
	taskctl list --now "$now" | awk -F '\t' -v title="$1" '$4 == title { print $1 }'
}

tick() {
	pipe-tick --now "$1"
}

@test "S0.12 S2.43 a run stands at its task until that is done, and the next delay counts from then" {
	do_ctl enroll outreach ada@example.com
	tick "$now"
	tick '2026-06-29 09:01'
	[ "$(ls out/new | wc -l)" = 1 ]
	task list
	says 0 "$(row "$(number_of 'Call Ada')" 2026-06-30T07:00:00Z open 'Call Ada' call bob ada@example.com outreach call '')" ""
	tick '2026-07-10 09:00'
	[ "$(pipectl runs | cut -f 5-8)" = "$(row running task call '')" ] ||
		{ pipectl runs; false; }
	pipectl why ada@example.com >why
	grep -q "it waits until task [0-9]* is done: Call Ada, for bob, due 2026-06-30" why
	grep -q "taskctl done $(number_of 'Call Ada')" why
	[ "$(ls out/new | wc -l)" = 1 ]
	at='2026-07-10 12:00' task done "$(number_of 'Call Ada')" --outcome 'no answer'
	[ "$status" = 0 ]
	tick '2026-07-10 12:00'
	tick '2026-07-11 11:59'
	[ "$(ls out/new | wc -l)" = 1 ]
	tick '2026-07-11 12:00'
	[ "$(ls out/new | wc -l)" = 2 ]
	[ "$(sql "SELECT count(*) FROM task")" = 1 ]
}

@test "S2.43 a task that is done keeps what came of it: another outcome is refused, 1, the same one is no change" {
	task add 'Talk' --contact ada@example.com
	id=$(number_of Talk)
	task add 'Walk' --contact ada@example.com
	task done "$id" --outcome held
	task done "$id" --outcome held
	says 0 "task/$id unchanged (it is done)" ""
	walk=$(number_of Walk)
	task done "$id" "$walk" --outcome cancelled
	says 1 "task/$id refused (it is done, with the outcome held)
task/$walk done (Walk)" ""
	task done "$id"
	says 0 "task/$id unchanged (it is done)" ""
	task add 'Stop' --contact ada@example.com
	stop=$(number_of Stop)
	task done "$stop"
	task done "$stop" --outcome late
	says 1 "task/$stop refused (it is done, without an outcome)" ""
}

@test "S2.43 a condition asks for a task's type and outcome" {
	do_ctl enroll outreach ada@example.com
	tick "$now"
	tick '2026-06-29 09:01'
	task done "task/$(number_of 'Call Ada')" --outcome connected
	tick '2026-06-29 09:02'
	[ "$(sql "SELECT status || ' ' || reason FROM run")" = 'completed reached' ]
}

@test "S1.11 S1.12 making and finishing a task are events, and a pipeline may start at one" {
	apply <<-'YAML'
		kind: Pipeline
		name: cheer
		enroll: {when: {task: {type: [call, meeting], outcome: [connected, held]}}}
		steps: [note: "well done: {{ event.title }}"]
	YAML
	task add 'Talk' --contact ada@example.com --type meeting
	task done "$(number_of Talk)" --outcome cancelled
	[ "$(sql "SELECT count(*) FROM run")" = 0 ]
	task add 'Talk' --contact ada@example.com --type meeting
	task done "$(number_of Talk)" --outcome held
	tick "$now"
	[ "$(sql "SELECT group_concat(type, ' ') FROM (SELECT type FROM event WHERE type LIKE 'task%' ORDER BY id)")" = \
		'task.created task.done task.created task.done' ]
	[ "$(sql "SELECT data FROM event WHERE type = 'note.added'")" = '{"text":"well done: Talk"}' ]
}

@test "S1.13 one task starts a pipeline when it is made, another when it is done" {
	task add 'Plan' --contact ada@example.com --on-created demo
	says 0 "task/$(number_of Plan) created (Plan, for $me)
ada@example.com enrolled in demo" ""
	tick "$now"
	task add 'Demo' --contact ada@example.com --due '2026-06-30 10:00' --on-done demo
	says 0 "task/$(number_of Demo) created (Demo, for $me, due 2026-06-30T08:00:00Z)" ""
	id=$(number_of Demo)
	task done "$id"
	says 0 "task/$id done (Demo)
ada@example.com enrolled in demo" ""
	tick "$now"
	[ "$(sql "SELECT group_concat(data, ' ') FROM (SELECT data FROM event WHERE type = 'note.added' ORDER BY id)")" = \
		'{"text":"after Plan"} {"text":"after Demo"}' ]
	task done "$id"
	says 0 "task/$id unchanged (it is done)" ""
}

@test "S2.43 lists: mine, somebody's, about somebody, today, overdue, done" {
	task add one --due '2026-06-29 08:00'
	task add two --due '2026-06-29 23:00' --to bob
	task add three --due 2026-06-30 --contact ada@example.com
	task add four
	titles() { taskctl --now "$now" list "$@" | cut -f 4 | paste -s -d ' '; }
	[ "$(titles)" = 'one two three four' ]
	[ "$(titles --mine)" = 'one three four' ]
	[ "$(titles --to bob)" = two ]
	[ "$(titles --contact ADA@example.com)" = three ]
	[ "$(titles --due today)" = 'one two' ]
	[ "$(titles --due overdue)" = one ]
	task done "$(number_of one)" "$(number_of four)"
	[ "$(titles)" = 'two three' ]
	[ "$(taskctl list --done | cut -f 4 | sort | paste -s -d ' ')" = 'four one' ]
}

@test "S2.43 snooze puts a task off; one that is done stays as it is" {
	task add one --due +1h
	id=$(number_of one)
	task snooze "$id" '2026-07-03 09:30'
	says 0 "task/$id snoozed (one, for $me, due 2026-07-03T07:30:00Z)" ""
	task snooze "$id" '2026-07-03 09:30'
	says 0 "task/$id unchanged (one, for $me, due 2026-07-03T07:30:00Z)" ""
	task snooze -n "$id" +5d
	[ "$(taskctl list | cut -f 2)" = 2026-07-03T07:30:00Z ]
	task done "$id"
	task snooze "$id" +1d
	says 1 "" "taskctl: task $id is done"
}

@test "what is not there is told, and of several all or none is done" {
	task add one
	id=$(number_of one)
	task done "$id" 999999
	says 67 "" "taskctl: no task 999999 in team 'sales'"
	[ "$(taskctl list | cut -f 3)" = open ]
	task done x
	says 64 "" "taskctl: 'x' is no number of a task; 'taskctl list' has them"
	task add x --to bo
	says 67 "" "taskctl: no member 'bo' in team 'sales'; did you mean 'bob'?"
	task add x --contact eda@example.com
	says 67 "" "taskctl: no contact 'eda@example.com' in team 'sales'; did you mean 'ada@example.com'?"
	task add x --on-done demo
	says 64 "" "taskctl: --on-done needs --contact: who is to enter the pipeline?"
	task add x --contact ada@example.com --on-created dmo
	[ "$status" = 67 ]
	task add ''
	says 64 "" "taskctl: a task needs a title"
	task add $'a\nb'
	says 64 "" "taskctl: a title is one line"
	task add -n two
	[ "$(taskctl list | wc -l)" = 1 ]
	task show "$id"
	[ "$(printf '%s\n' "$output" | awk -F '\t' '$1 == "title" || $1 == "state" { print $2 }' | paste -s -d ' ')" = 'one open' ]
}

@test "S0.23 a task of another team does not exist" {
	task add one
	id=$(number_of one)
	pipectl init -q --team other --now "$now"
	task --team other done "$id"
	says 67 "" "taskctl: no task $id in team 'other'"
	task --team other snooze "$id" +1d
	says 67 "" "taskctl: no task $id in team 'other'"
	task --team other show "$id"
	says 67 "" "taskctl: no task $id in team 'other'"
	task --team other list
	says 0 "" ""
}

@test "a deleted contact takes its tasks along, a merged one gives them away" {
	do_ctl add eve@example.com
	task add one --contact eve@example.com
	do_ctl merge ada@example.com eve@example.com
	[ "$(taskctl list | cut -f 7)" = ada@example.com ]
	do_ctl delete -y ada@example.com
	task list
	says 0 "" ""
}

@test "S2.43 a task is completed by a later step, and asked for by its step's name" {
	apply <<-'YAML'
		kind: Pipeline
		name: report
		steps:
		  - task: Write the report
		    id: report
		    to: enroller
		  - if: {task: report}
		    then: [exit: too early]
		  - task: {done: report}
		  - if: {task: report}
		    then: [exit: fine]
	YAML
	do_ctl enroll report ada@example.com
	tick "$now"
	[ "$(sql "SELECT status || ' ' || reason FROM run")" = 'completed fine' ]
	[ "$(sql "SELECT assignee || ' ' || done_by FROM task")" = "$me pipeline report" ]
	[ "$(pipectl simulate report --now "$now" | cut -f 3,5 | tail -n 3)" = \
		"$(printf '%s\n' "$(row task 'done: report')" "$(row if "the task of 'report' is done: yes")" "$(row completed fine)")" ]
}

@test "S2.43 a run is moved to an edited step that it waits at without a second task" {
	do_ctl enroll outreach ada@example.com
	tick "$now"
	tick '2026-06-29 09:01'
	pipectl export pipeline/outreach | sed 's/due: 1 business day/due: 2 business days/' >edited.yaml
	pipectl apply -q --migrate --now "$now" edited.yaml
	tick '2026-06-29 09:05'
	[ "$(sql "SELECT count(*) FROM task")" = 1 ]
	task done "$(number_of 'Call Ada')" --outcome connected
	tick '2026-06-29 09:06'
	[ "$(sql "SELECT status || ' ' || reason FROM run")" = 'completed reached' ]
}

@test "simulate waits for a task until --event says that it is done" {
	pipectl simulate outreach --contact ada@example.com --now "$now" >plan
	[ "$(tail -n 1 plan | cut -f 2-)" = "$(row '' waits call 'until the task is done' '')" ]
	pipectl simulate outreach --contact ada@example.com --now "$now" --event task.done:call@+3d >plan
	[ "$(cut -f 2,3 plan | tail -n 3)" = "$(printf '%s\n' "$(row 2026-07-02T07:00:00Z if)" \
		"$(row 2026-07-03T07:00:00Z email)" "$(row 2026-07-03T07:00:00Z completed)")" ]
	run pipectl simulate outreach --event task.done:cal@+3d
	[ "$status" = 67 ]
	[ "$output" = "pipectl: --event: pipeline 'outreach' has no step 'cal'; did you mean 'call'?" ]
}

# A run of outreach that waits for its task.
called() {
	do_ctl enroll outreach ada@example.com
	tick "$now"
	tick '2026-06-29 09:01'
	id=$(number_of 'Call Ada')
}

feed() {
	contactctl activity ada@example.com | awk -F '\t' '$2 ~ /^(task|run)/ { print $2, $4 }' | tac | tr '\n' ';'
}

@test "S2.7 S2.42 a task of a run that is stopped is cancelled with it, and no more on anybody's list" {
	called
	at='2026-06-29 10:00'
	do_ctl unsubscribe ada@example.com
	task list
	says 0 "" ""
	task list --done
	says 0 "$(row "$id" 2026-06-30T07:00:00Z cancelled 'Call Ada' call bob ada@example.com outreach call unsubscribed)" ""
	[ "$(feed)" = 'run.started ;task.created call;task.cancelled call;run.stopped call;' ] || { feed; false; }
	contactctl activity ada@example.com | grep -q "task: $id, title: Call Ada, type: call, to: bob, reason: unsubscribed"
	task show "$id"
	grep -q '^cancelled	2026-06-29T' <<<"$output"
	grep -q '^run_waits	no' <<<"$output"
	task done "$id" --outcome connected
	says 1 "task/$id refused (it was cancelled: unsubscribed; 'contactctl record' notes what was done)" ""
	task snooze "$id" +1d
	says 1 "" "taskctl: task $id is cancelled"
}

@test "S2.42 one of several that are done ends the run of the next: that one is told as cancelled" {
	pipectl apply -q - <<-'END'
		kind: Pipeline
		name: twice
		stop: [{event: task.done}]
		steps: [{task: First}, {task: Second}, {wait: 9 days}]
	END
	at='2026-06-29 09:00'
	do_ctl enroll twice ada@example.com
	tick "$at"
	first=$(number_of First) second=$(number_of Second)
	task done "$first" "$second"
	says 1 "task/$first done (First)
task/$second refused (it was cancelled: task.done; 'contactctl record' notes what was done)" ""
}

@test "S2.42 what somebody put off is theirs: it outlives the run, and 'stop -n' cancels nothing" {
	called
	task snooze "$id" +2d
	pipectl stop "$(pipectl runs | cut -f 1)" --now "$now" >/dev/null
	task list
	[ "$(cut -f 1,3 <<<"$output")" = "$id	open" ]
	do_ctl add eve@example.com first_name=Eve
	do_ctl enroll outreach eve@example.com
	tick '2026-06-29 09:02'
	tick '2026-06-29 09:03'
	run=$(pipectl runs --contact eve@example.com | cut -f 1)
	pipectl stop -n "$run" --now "$now" >/dev/null
	[ -n "$(number_of 'Call Eve')" ]
	pipectl stop "$run" --now "$now" >/dev/null
	[ -z "$(number_of 'Call Eve')" ]
}

@test "S2.43 the tasks of a member who left the team are listed by --to still" {
	called
	pipectl apply -q --keep --now "$now" - 2>/dev/null <<-YAML
		kind: Team
		name: sales
		timezone: Europe/Berlin
		mailbox: hello
		members: {$me: {role: admin}}
		---
		kind: Pipeline
		name: outreach
		active: false
		steps: [note: over]
	YAML
	task list --to bob
	[ "$status" = 0 ]
	[ "$(cut -f 1 <<<"$output")" = "$id" ]
	[ "$err" = "taskctl: note: no member 'bob' in team 'sales'" ]
	task list --to rob
	says 67 "" "taskctl: no member 'rob' in team 'sales'"
}

@test "S1.24 a run that is sent elsewhere leaves no task behind for which it does not wait" {
	called
	run=$(pipectl runs | cut -f 1)
	pipectl goto "$run" call --now "$now" >/dev/null
	[ -z "$(number_of 'Call Ada')" ]
	tick '2026-06-29 09:02'
	[ "$(number_of 'Call Ada')" -gt "$id" ]
	second=$(number_of 'Call Ada')
	pipectl apply --migrate -y -q --now "$now" - 2>/dev/null <<-'YAML'
		kind: Pipeline
		name: outreach
		steps:
		  - email: {subject: Hello, text: Hello}
		    id: first
		  - email: {subject: Missed you, text: Hello}
		    id: missed
		    after: 1 day
	YAML
	[ -z "$(number_of 'Call Ada')" ]
	[ "$(pipectl runs | cut -f 5,7)" = "running	missed" ]
	task list --done
	[ "$(cut -f 1,3,10 <<<"$output" | sort)" = "$(printf '%s\tcancelled\tmoved\n' "$id" "$second" | sort)" ]
}

@test "S1.24 a run that is moved aside and back finds its task open again" {
	called
	pipectl export pipeline/outreach >one.yaml
	{ cat one.yaml; echo '  - note: over'; } >two.yaml
	{ cat two.yaml; echo '  - note: and out'; } >three.yaml
	pipectl apply -q --keep --now "$now" two.yaml 2>/dev/null
	pipectl migrate outreach --map call=missed --now "$now" -q
	[ -z "$(number_of 'Call Ada')" ]
	pipectl apply -q --keep --now "$now" three.yaml 2>/dev/null
	pipectl migrate outreach --map missed=call --now "$now" -q
	tick '2026-06-29 09:02'
	[ "$(number_of 'Call Ada')" = "$id" ]
	[ "$(pipectl runs | cut -f 5,6,7)" = "$(row running task call)" ]
	task done "$id" --outcome connected
	tick '2026-06-29 09:03'
	[ "$(sql "SELECT status || ' ' || reason FROM run")" = 'completed reached' ]
}
