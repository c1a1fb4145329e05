#!/usr/bin/env bats
# pipectl render: a template tried out with data, without a database.

load documents

setup() {
	documents_setup
	export PIPEWRIGHT_DB=$BATS_TEST_TMPDIR/none.db
	echo '{"contact": {"first_name": "<Anna>", "n": 3, "none": null}}' >data.json
}

# render TEMPLATE OPTION...: output with its last newline kept
render() {
	status=0
	printf '%s' "$1" >t.liquid
	output=$(pipectl render t.liquid "${@:2}" 2>err && echo .) || status=$?
	output=${output%.}
	err=$(cat err)
}

@test "S2.44 the result exactly, no newline added" {
	render 'Hi {{ contact.first_name }}' --data data.json
	[ "$status" = 0 ]
	[ "$output" = "Hi <Anna>" ]
	render $'{{ contact.n | plus: 1 }}\n\n' --data data.json
	[ "$output" = $'4\n\n' ]
	[ ! -e none.db ]
}

@test "--html escapes, without it nothing is" {
	render 'Hi {{ contact.first_name }}' --data data.json --html
	[ "$output" = "Hi &lt;Anna&gt;" ]
}

@test "undefined is blank; B6 with --strict a hole is an error, 65, and nothing is written" {
	render 'a{{ contact.none }}b{{ x }}c' --data data.json
	[ "$status" = 0 ]
	[ "$output" = abc ]
	render $'a\n{{ contact.none }}b{{ x }}c' --data data.json --strict
	[ "$status" = 65 ]
	[ "$output" = "" ]
	[ "$err" = "t.liquid:2:4: error: without a value: contact.none, x" ] || { echo "$err"; false; }
	render "a{{ x | default:'' }}b" --strict
	[ "$status" = 0 ]
	[ "$output" = ab ]
}

@test "an invalid template: 65 with its place" {
	render $'one\n{% if x %}' --data data.json
	[ "$status" = 65 ]
	[ "$output" = "" ]
	[[ $err == "t.liquid:2:1: error: "* ]] || { echo "$err"; false; }
	render '{{ x | nofilter }}'
	[ "$status" = 65 ]
	render '{{ 1 | divided_by: 0 }}'
	[ "$status" = 65 ]
}

@test "the data: bad JSON and what is no object are 65, a missing file 66, none means no values" {
	echo '{"a": }' >bad.json
	render x --data bad.json
	[ "$status" = 65 ]
	[[ $err == "bad.json:1:7: error: "* ]] || { echo "$err"; false; }
	echo '[1]' >bad.json
	render x --data bad.json
	[ "$status" = 65 ]
	render x --data none.json
	[ "$status" = 66 ]
	render '[{{ a }}]'
	[ "$output" = "[]" ]
}

@test "template or data from stdin, not both" {
	output=$(echo 'Hi {{ contact.n }}' | pipectl render - --data data.json)
	[ "$output" = "Hi 3" ]
	echo '{{ n }}' >t.liquid
	output=$(echo '{"n": 5}' | pipectl render t.liquid --data -)
	[ "$output" = 5 ]
	run_both pipectl render - --data -
	[ "$status" = 64 ]
	[ "$(echo '{% if %}' | pipectl render - 2>&1)" = "<stdin>:1:7: error: a value expected here" ]
}

@test "now is --now" {
	render "{{ 'now' | date: '%Y-%m-%d' }}" --now 2026-07-01
	[ "$output" = 2026-07-01 ]
}
