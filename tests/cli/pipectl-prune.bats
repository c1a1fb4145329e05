#!/usr/bin/env bats
# pipectl apply --prune and pipectl delete: what goes, and what must not.

load documents

setup() {
	documents_setup
	mkdir d
	mv team.yaml welcome.yaml d
	for name in guide other; do
		printf 'kind: Template\nname: %s\nsubject: Guide\ntext: x\n' "$name" >"d/$name.yaml"
	done
	pipectl apply -q d --now "$now"
}

@test "prune deletes what came from the folder and is not in it any more" {
	rm d/guide.yaml
	run_both pipectl apply d
	[ "$status" = 0 ]
	[ "$(sql "SELECT count(*) FROM document WHERE name = 'guide'")" = 1 ]
	run_both pipectl apply -n --prune d
	[[ $output == *$'\ntemplate/guide deleted' ]]
	run_both pipectl apply --prune d
	[ "$status" = 0 ]
	[ "$output" = 'template/other unchanged
team/sales unchanged
mailbox/hello unchanged
pipeline/welcome unchanged
template/guide deleted' ]
	[ "$(sql "SELECT group_concat(name, ' ') FROM (SELECT name FROM document ORDER BY name)")" = "hello other sales welcome" ]
	[ "$(sql "SELECT count(*) FROM document_version WHERE name = 'guide'")" = 1 ]
}

@test "prune leaves what came from elsewhere: another folder, a file alone, stdin" {
	mkdir e
	mv d/guide.yaml e
	pipectl apply -q e
	mv d/other.yaml .
	pipectl apply -q other.yaml
	sed 's/welcome/third/' d/welcome.yaml | pipectl apply -q -
	run_both pipectl apply --prune d
	[ "$status" = 0 ]
	[[ $output != *deleted* ]]
	mv e/guide.yaml .
	echo "# nothing" >e/empty.yaml
	run_both pipectl apply --prune e
	[ "$output" = "template/guide deleted" ]
}

@test "naming a file of the folder alone does not take it out of the folder" {
	printf 'kind: Template\nname: guide\nsubject: Guide\ntext: y\n' >d/guide.yaml
	pipectl apply -q d/guide.yaml
	rm d/guide.yaml
	run_both pipectl apply --prune d
	[[ $output == *$'\ntemplate/guide deleted' ]]
}

@test "a Team is never pruned" {
	mv d/team.yaml .
	sed -n '/^---/,$p' team.yaml >d/mailbox.yaml
	run_both pipectl apply --prune d
	[ "$status" = 0 ]
	[[ $output != *deleted* ]]
}

@test "prune never deletes what others still refer to: 65, the place, nothing changed" {
	write_pipeline '  - email: guide'
	pipectl apply -q welcome.yaml
	rm d/guide.yaml d/welcome.yaml
	run_both pipectl apply --prune d
	[ "$status" = 65 ]
	[ "$err" = "pipeline/welcome:4:12: error: there is no Template 'guide'" ] || { echo "$err"; false; }
	[ "$(sql "SELECT count(*) FROM document WHERE name = 'guide'")" = 1 ]
}

@test "a pipeline with people in it is pruned only with -y, which stops their runs as manual" {
	put_in anna@example.org bob@example.org
	rm d/welcome.yaml
	run_both pipectl apply --prune d
	[ "$status" = 1 ]
	[ "$output" = "" ]
	[ "$err" = "pipectl: pipeline/welcome is not in the folder any more, but 2 people in it. Stop their runs and delete it? Say -y: nobody can be asked here" ] || { echo "$err"; false; }
	[ "$(sql "SELECT group_concat(DISTINCT status) FROM run")" = running ]
	run_both pipectl apply --prune -y d
	[ "$status" = 0 ]
	[[ $output == *$'\npipeline/welcome deleted' ]]
	[ "$(sql "SELECT group_concat(DISTINCT status || ' ' || reason) FROM run")" = "stopped manual" ]
	[ "$(sql "SELECT count(*) FROM queue")" = 0 ]
	[ "$(sql "SELECT count(*) FROM event WHERE type = 'run.stopped'")" = 2 ]
	pipe-tick --now "2026-08-01 09:00"
	[ "$(find out/new -type f | wc -l)" = 2 ]
}

@test "delete: one document; -n shows it, what is not there is 67 with the nearest name" {
	run_both pipectl delete -n template/guide
	[ "$output" = "template/guide deleted" ]
	run_both pipectl delete template/guide
	[ "$status" = 0 ]
	[ "$output" = "template/guide deleted" ]
	run_both pipectl delete template/othr
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no template 'othr' in team 'sales'; did you mean 'other'?" ]
	run_both pipectl delete tempalte/other
	[ "$status" = 64 ]
	[ "$err" = "pipectl: there is no kind 'tempalte'; did you mean 'template'?" ]
	run_both pipectl delete template
	[ "$status" = 64 ]
}

@test "delete: what others refer to stays, exit 1 with the places" {
	run_both pipectl delete mailbox/hello
	[ "$status" = 1 ]
	[ "$err" = "team/sales:4:10: error: there is no Mailbox 'hello'
pipectl: mailbox/hello is still used" ] || { echo "$err"; false; }
	run_both pipectl delete team/sales
	[ "$status" = 1 ]
	[ "$err" = "pipectl: a team cannot be deleted" ]
}

@test "delete: a pipeline with people in it needs -y" {
	put_in anna@example.org
	run_both pipectl delete pipeline/welcome
	[ "$status" = 1 ]
	[ "$err" = "pipectl: pipeline/welcome has 1 person in it. Stop their runs and delete it? Say -y: nobody can be asked here" ]
	run_both pipectl delete -y pipeline/welcome
	[ "$output" = "pipeline/welcome deleted" ]
	[ "$(sql "SELECT status || ' ' || reason FROM run")" = "stopped manual" ]
}

@test "what is deleted may come back as something new" {
	put_in anna@example.org
	pipectl delete -q -y pipeline/welcome
	run_both pipectl apply d/welcome.yaml
	[ "$output" = "pipeline/welcome created" ]
	put_in bob@example.org
	[ "$(sql "SELECT count(DISTINCT pipeline) FROM run")" = 2 ]
}

@test "a field that documents use cannot go, a member neither" {
	printf 'kind: Fields\nname: contact\nfields: {plan: text, size: number}\n' >d/fields.yaml
	write_pipeline '  - set: {plan: pro, owner: nobody}'
	pipectl apply -q d/fields.yaml welcome.yaml
	printf 'kind: Fields\nname: contact\nfields: {size: number}\n' >d/fields.yaml
	run_both pipectl apply d/fields.yaml
	[ "$status" = 65 ]
	[ "$err" = "pipeline/welcome:5:7: error: there is no field 'plan'" ] || { echo "$err"; false; }
	sed -i 's/, nobody: {role: member}//' d/team.yaml
	run_both pipectl apply d/team.yaml
	[ "$status" = 65 ]
	[ "$err" = "pipeline/welcome:6:14: error: there is no member 'nobody'" ] || { echo "$err"; false; }
	[ "$(sql "SELECT count(*) FROM member")" = 2 ]
}
