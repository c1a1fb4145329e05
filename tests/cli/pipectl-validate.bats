#!/usr/bin/env bats
# pipectl validate: documents without a database.

load documents

setup() {
	documents_setup
	export PIPEWRIGHT_DB=$BATS_TEST_TMPDIR/none.db
}

@test "good documents: silent, 0, and no database is made or needed" {
	run_both pipectl validate team.yaml welcome.yaml
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
	[ ! -e none.db ]
	run_both pipectl validate -v team.yaml welcome.yaml
	[ "$err" = "pipectl: 3 documents, 0 errors, 0 warnings" ]
}

@test "B11 all problems of all files, each with its place, in their order; 65" {
	write_pipeline '  - wiat: 2 days' '  - email: {subject: "{{ contact.first_name", text: x}'
	printf 'kind: Calendar\nname: c\nopne: {}\n' >c.yaml
	run_both pipectl validate c.yaml welcome.yaml
	[ "$status" = 65 ]
	[ "$output" = "" ]
	[ "$err" = "c.yaml:3:1: error: a Calendar has no key 'opne'; did you mean 'open'?
welcome.yaml:4:5: error: a step has no key 'wiat'; did you mean 'wait'?
welcome.yaml:5:23: error: this '{{' is not closed by '}}'" ] || { echo "$err"; false; }
}

@test "B11 with --json the problems are rows on stdout" {
	write_pipeline '  - wiat: 2 days'
	run_both pipectl validate --json welcome.yaml
	[ "$status" = 65 ]
	[ "$err" = "" ]
	[ "$output" = '{"file":"welcome.yaml","line":4,"column":5,"severity":"error","message":"a step has no key '"'wiat'; did you mean 'wait'?"'"}' ] || { echo "$output"; false; }
}

@test "a name that is not among the files is a warning, 0" {
	write_pipeline '  - email: guide'
	run_both pipectl validate welcome.yaml
	[ "$status" = 0 ]
	[ "$err" = "welcome.yaml:4:12: warning: Template 'guide' is not among these files" ] || { echo "$err"; false; }
}

@test "files that documents name are looked for beside the document" {
	mkdir d
	printf 'kind: Template\nname: guide\nsubject: Guide\ntext_file: guide.txt\n' >d/guide.yaml
	run_both pipectl validate d
	[ "$status" = 65 ]
	[[ $err == "d/guide.yaml:4:12: error: "*guide.txt* ]] || { echo "$err"; false; }
	echo "Hi {{ contact.first_name }}" >d/guide.txt
	run_both pipectl validate d
	[ "$status" = 0 ]
}

@test "stdin, a file that is not there, no operand, a folder without documents" {
	status=0
	output=$(pipectl validate - <team.yaml 2>&1) || status=$?
	[ "$status" = 0 ]
	run_both pipectl validate nix.yaml
	[ "$status" = 66 ]
	[ "$err" = "pipectl: 'nix.yaml': No such file or directory" ]
	run_both pipectl validate
	[ "$status" = 64 ]
	mkdir empty
	run_both pipectl validate empty
	[ "$status" = 66 ]
}

@test "S4.16 empty steps are an error: every path ends by itself" {
	printf 'kind: Pipeline\nname: p\nsteps: []\n' >p.yaml
	run_both pipectl validate p.yaml
	[ "$status" = 65 ]
	[[ $err == "p.yaml:3:8: error: "* ]] || { echo "$err"; false; }
	write_pipeline '  - if: {tag: x}' '    then: [exit: over]' '    else: [{wait: 1 day}]'
	run_both pipectl validate welcome.yaml
	[ "$status" = 0 ]
}

@test "control characters of a file never reach the terminal" {
	printf 'kind: Pipeline\nname: p\nsteps:\n  - "wi\\e[31mat": 2 days\n' >p.yaml
	run_both pipectl validate p.yaml
	[ "$status" = 65 ]
	[[ $err != *$'\e'* ]]
}
