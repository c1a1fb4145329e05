#!/usr/bin/env bats
# pipectl diff and migrate: what an edit means for documents and for the people in them.

load documents

setup() {
	documents_setup
	apply_all
}

@test "B9 the same: 0 and nothing; different: 1 and a unified diff" {
	run_both pipectl diff team.yaml welcome.yaml
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
	sed -i 's/2 days/3 days/' welcome.yaml
	run_both pipectl diff welcome.yaml
	[ "$status" = 1 ]
	[ "$output" = "--- stored/pipeline/welcome
+++ files/pipeline/welcome
@@ -5,5 +5,5 @@
       subject: Hello
       text: Hello
     id: hello
-  - wait: 2 days
+  - wait: 3 days
   - tag: seen" ] || { echo "$output"; false; }
	[ "$(sql "SELECT version FROM document WHERE name = 'welcome'")" = 1 ]
}

@test "what is new is all plus; formatting is no difference" {
	sed 's/welcome/other/' welcome.yaml >other.yaml
	run_both pipectl diff other.yaml
	[ "$status" = 1 ]
	[[ $output == "--- /dev/null"$'\n'"+++ files/pipeline/other"$'\n'"@@ -0,0 +1,9 @@"$'\n'"+kind: Pipeline"* ]] || { echo "$output"; false; }
	printf '{kind: Pipeline, name: welcome, steps: [{id: hello, email: {text: Hello, subject: "Hello"}}, {wait: 2 days}, {tag: seen}]}\n' >welcome.yaml
	run_both pipectl diff welcome.yaml
	[ "$status" = 0 ] || { echo "$output"; false; }
}

@test "a wrong document: 65 with its places" {
	write_pipeline '  - email: nix'
	run_both pipectl diff welcome.yaml
	[ "$status" = 65 ]
	[ "$output" = "" ]
	[ "$err" = "welcome.yaml:4:12: error: there is no Template 'nix'" ]
}

@test "S4.19 B9 diff says how many people stand where and what happens to them" {
	put_in anna@example.org bob@example.org
	contactctl add carl@example.org >/dev/null
	contactctl enroll welcome carl@example.org >/dev/null
	write_pipeline '  - email: {subject: Hi, text: Hello}' '    id: hello' '  - tag: seen'
	run_both pipectl diff welcome.yaml
	[ "$status" = 1 ]
	[ "$(grep '^#' <<<"$output")" = "# in the steps of welcome that change: 3 people; with 'apply --migrate':
#   1 at 'hello' of version 1: stay there; the step is changed
#   2 at 'wait 2' of version 1: the step is deleted; go on at 'tag 3'" ] || { echo "$output"; false; }
}

@test "B9 migrate moves who stayed, also over several versions; a repeat has nothing to do" {
	put_in anna@example.org
	write_pipeline '  - email: {subject: Hello, text: Hello}' '    id: hello' '  - wait: 3 days' '  - tag: seen'
	pipectl apply -q --keep welcome.yaml
	put_in bob@example.org
	write_pipeline '  - email: {subject: Hello, text: Hello}' '    id: hello' '  - tag: seen' '  - wait: 9 days' '    id: rest'
	pipectl apply -q --keep welcome.yaml
	run_both pipectl migrate -n welcome
	[ "$status" = 0 ]
	[ "$output" = "1 at 'wait 2' of version 1: the step is deleted; go on at 'tag 3'
1 at 'wait 2' of version 2: the step is deleted; go on at 'tag 3'" ] || { echo "$output"; false; }
	[ "$(sql "SELECT group_concat(version) FROM run")" = 1,2 ]
	run_at "$now" pipectl migrate welcome
	[ "$status" = 0 ]
	[ "$err" = "pipectl: note: 2 people of pipeline/welcome moved to the new steps" ]
	[ "$(sql "SELECT group_concat(version) FROM run")" = 3,3 ]
	run_both pipectl migrate welcome
	[ "$status" = 0 ]
	[ "$output" = "pipeline/welcome unchanged (nobody stands in steps that are not the newest)" ]
}

@test "B9 migrate --map sends people to a step that is not theirs by name" {
	put_in anna@example.org
	write_pipeline '  - email: {subject: Hello, text: Hello}' '    id: hello' '  - note: first' '  - note: second' '    id: second'
	pipectl apply -q --keep welcome.yaml
	run_both pipectl migrate welcome --map 'wait 2=scond'
	[ "$status" = 67 ]
	[ "$err" = "pipectl: pipeline 'welcome' has no step 'scond' in version 2; did you mean 'second'?" ] || { echo "$err"; false; }
	run_both pipectl migrate welcome --map nonsense
	[ "$status" = 64 ]
	run_at "$now" pipectl migrate welcome --map 'wait 2=second'
	[ "$status" = 0 ]
	pipe-tick --now "$now"
	[ "$(sql "SELECT group_concat(data) FROM event WHERE type = 'note.added'")" = '{"text":"second"}' ]
}

@test "migrate: a pipeline that is not there is 67 with the nearest" {
	run_both pipectl migrate welcom
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no pipeline 'welcom' in team 'sales'; did you mean 'welcome'?" ]
}
