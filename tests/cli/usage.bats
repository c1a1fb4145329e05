#!/usr/bin/env bats
# What every program does alike, tried with cli_sample, whose verbs only use lib/cli.

setup() {
	PATH=$PW_BUILD/tests:$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export HOME=$BATS_TEST_TMPDIR XDG_DATA_HOME=
}

# run_both COMMAND...: stdout in $output, stderr in $err, the status in $status
run_both() {
	status=0
	output=$("$@" 2>err) || status=$?
	err=$(cat err)
}

# on_terminal 'COMMAND LINE' [ANSWER]: what a terminal of 60 columns gets in $output, the status in $status
on_terminal() {
	status=0
	output=$(python3 "$PW_TOP/tests/cli/terminal.py" 60 "${2:-}" "$1") || status=$?
}

@test "without a verb: short help with examples on stderr, status 64" {
	run_both pipectl
	[ "$status" = 64 ]
	[ "$output" = "" ]
	[[ $err == "usage: pipectl COMMAND [OPTION]... [OPERAND]..."*"Examples:"*"'pipectl help' lists all commands"* ]]
	run_both pipectl --json
	[ "$status" = 64 ]
}

@test "--help and help list all commands on stdout" {
	run_both pipectl --help
	[ "$status" = 0 ]
	[ "$err" = "" ]
	[[ $output == *"Options of every command:"* ]]
	help=$output
	run_both pipectl help
	[ "$output" = "$help" ]
}

@test "help VERB and VERB --help are the same, examples before options" {
	run_both cli_sample help rows
	[ "$status" = 0 ]
	[[ $output == "usage: cli_sample rows [-c N] [-t TAG]... [NAME]"*"Examples:"*"Options:"*"Options of every command:"* ]]
	help=$output
	run_both cli_sample rows --help
	[ "$output" = "$help" ]
	run_both cli_sample -h rows a b c
	[ "$output" = "$help" ]
}

@test "every verb of the programs has help from its table" {
	for program in pipectl contactctl; do
		verbs=$("$program" --dump-options | awk -F'\t' '$1 == "cmd" {print $2}')
		[ -n "$verbs" ]
		for verb in $verbs; do
			run_both "$program" "$verb" --help
			[ "$status" = 0 ]
			[[ $output == "usage: $program $verb"* ]]
		done
	done
}

@test "--version" {
	run_both contactctl --version
	[ "$status" = 0 ]
	[[ $output =~ ^contactctl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "an unknown verb and an unknown option are answered with the nearest, status 64" {
	run_both pipectl hepl
	[ "$status" = 64 ]
	[ "$err" = "pipectl: no command 'hepl'; did you mean 'help'?" ]
	run_both pipectl xyzzy
	[ "$status" = 64 ]
	[ "$err" = "pipectl: no command 'xyzzy'; 'pipectl help' lists them" ]
	run_both cli_sample rows --conut 3
	[ "$status" = 64 ]
	[ "$err" = "cli_sample: unknown option '--conut'; did you mean '--count'?" ]
	[ "$output" = "" ]
}

@test "options stand before or behind the verb, and those of the verb before it, too" {
	for line in "rows x -c 1 --json" "--json rows -c 1 x" "-c 1 --json rows x" "-c1 rows --json -- x" \
		"--count 1 --json rows x" "--count=1 rows --json x"; do
		read -ra words <<<"$line"
		run_both cli_sample "${words[@]}"
		[ "$status" = 0 ]
		[[ $output == '{"id":1,"name":"x",'*'}' ]]
	done
}

@test "too many and too few operands are said with the usage" {
	run_both cli_sample rows a b
	[ "$status" = 64 ]
	[ "$err" = "cli_sample: unexpected operand 'b'; usage: cli_sample rows [NAME]" ]
	run_both cli_sample fail
	[ "$status" = 64 ]
	[ "$err" = "cli_sample: an operand is missing; usage: cli_sample fail KIND" ]
	run_both cli_sample ask x
	[ "$err" = "cli_sample: unexpected operand 'x'; usage: cli_sample ask" ]
}

@test "each kind of error has its exit status, and one line on stderr" {
	while read -r kind want; do
		run_both cli_sample fail "$kind"
		[ "$status" = "$want" ]
		[ "$err" = "cli_sample: this is \\x1b[1m$kind" ]
		[ "$output" = "" ]
	done <<-END
		REFUSED 1
		USAGE 64
		INVALID 65
		NOINPUT 66
		MISSING 67
		UNREACH 69
		BUG 70
		CREATE 73
		IO 74
		BUSY 75
		DENIED 77
		CONFIG 78
	END
}

@test "a status that a verb returns is the program's" {
	run_both cli_sample fail no-such-kind
	[ "$status" = 3 ]
	[ "$err" = "" ]
}

@test "output that cannot be written is an error, status 74" {
	status=0
	cli_sample rows >/dev/full 2>err || status=$?
	[ "$status" = 74 ]
	[ "$(cat err)" = "cli_sample: cannot write the output: No space left on device" ]
	status=0
	cli_sample rows -c 100000 >/dev/full 2>err || status=$?
	[ "$status" = 74 ]
	[ "$(wc -l <err)" = 1 ]
	status=0
	pipectl help >/dev/full 2>err || status=$?
	[ "$status" = 74 ]
}

@test "output to a closed stdout is an error, and goes into no file opened later" {
	status=0
	cli_sample rows >&- 2>err || status=$?
	[ "$status" = 74 ]
	printf 'x: 1\n' >a.yaml
	status=0
	cli_sample size a.yaml >&- 2>err || status=$?
	[ "$status" = 74 ]
	[ "$(cat a.yaml)" = "x: 1" ]
	cli_sample ask -yq >&-
}

@test "an error outranks the output that could not be written" {
	status=0
	cli_sample fail BUSY >/dev/full 2>err || status=$?
	[ "$status" = 75 ]
}

@test "a reader that has enough ends the program without a word" {
	cli_sample rows -c 100000 2>err | head -n 1 >first
	[ "$(wc -l <first)" = 1 ]
	[ ! -s err ]
	# also when the shell that starts it ignores the signal
	(trap '' PIPE; cli_sample rows -c 100000 2>err | head -n 1 >first)
	[ ! -s err ]
}

@test "piped: no header, tabs, nothing cut; --json: one object a line" {
	long=$(printf 'x%.0s' {1..300})
	run_both cli_sample rows "$long" -t a -t b
	[ "$output" = $'1\t'"$long"$'\tblocked\ta,b\tyes\t1970-01-02T00:00:00Z\n2\t'"$long"$'\trunning\ta,b\tno\t' ]
	run_both cli_sample rows --json x
	[ "${output%%$'\n'*}" = '{"id":1,"name":"x","status":"blocked","tags":[],"open":true,"due_at":"1970-01-02T00:00:00Z","data":{"a":[1]}}' ]
}

@test "terminal: header, aligned, cut to its width" {
	on_terminal "NO_COLOR=1 cli_sample rows 'A rather long name that is cut' -t one -t two"
	diff - <(echo "$output") <<-'END'
		ID  NAME            STATUS   TAGS     OPEN  DUE AT
		 1  A rather long…  blocked  one,two  yes   1970-01-02 00:00
		 2  A rather long…  running  one,two  -     -
	END
}

@test "terminal: colours unless NO_COLOR or a dumb terminal" {
	on_terminal "TERM=xterm cli_sample rows"
	[[ $output == *$'\033[1mID\033[0m'*$'\033[31mblocked\033[0m'* ]]
	on_terminal "TERM=xterm NO_COLOR=1 cli_sample rows"
	[[ $output != *$'\033'* ]]
	on_terminal "TERM=dumb cli_sample rows"
	[[ $output != *$'\033'* ]]
	on_terminal "TERM=xterm NO_COLOR= cli_sample rows"
	[[ $output == *$'\033'* ]]
	on_terminal "TERM=xterm cli_sample rows | cat"
	[[ $output != *$'\033'* ]]
}

@test "terminal: JSON stays JSON" {
	on_terminal "TERM=xterm cli_sample rows --json -c 1"
	[ "$output" = '{"id":1,"name":null,"status":"blocked","tags":[],"open":true,"due_at":"1970-01-02T00:00:00Z","data":{"a":[1]}}' ]
}

@test "a question is asked only on a terminal; -y answers it" {
	run_both cli_sample ask
	[ "$status" = 1 ]
	[ "$err" = "cli_sample: Delete everything? Say -y: nobody can be asked here" ]
	run_both cli_sample ask -y
	[ "$status" = 0 ]
	[ "$output" = "deleted" ]
	[ "$err" = "" ]
	on_terminal 'cli_sample ask' yes
	[ "$status" = 0 ]
	[ "$output" = "Delete everything? [y/N] deleted" ]
	for answer in n no "" yess; do
		on_terminal 'cli_sample ask' "$answer"
		[ "$status" = 1 ]
		[ "$output" = "Delete everything? [y/N] kept" ]
	done
}

@test "notices and results in words are silenced by -q" {
	run_both cli_sample work x
	[ "$err" = "cli_sample: note: all is done" ]
	run_both cli_sample work x -q
	[ "$err" = "" ]
	run_both cli_sample -q ask --yes
	[ "$output" = "" ]
}

@test "progress is drawn on a terminal, not before a second, not with -q, not piped" {
	on_terminal "cli_sample work ............."
	[ "$output" = $'\r\033[Kworking [=======================       ]  76% 10/13'$'\r\033[Kworking [===========================   ]  92% 12/13'$'\r\033[Kcli_sample: note: all is done' ]
	on_terminal "cli_sample work -q ............."
	[ "$output" = "" ]
	cli_sample work ............. 2>piped
	[ "$(cat piped)" = "cli_sample: note: all is done" ]
	on_terminal "cli_sample work ........."
	[ "$output" = "cli_sample: note: all is done" ]
}

@test "files: a directory stands for its documents, - for stdin, what cannot be read is 66" {
	mkdir d d/below e
	printf 12345 >d/b.yaml
	printf 1 >d/a.yml
	printf 1 >d/.hidden.yaml
	printf 1 >d/readme.txt
	printf 1 >d/below/c.yaml
	run_both cli_sample size d - d/readme.txt <<<abc
	[ "$status" = 0 ]
	[ "$output" = $'d/a.yml 1\nd/b.yaml 5\n- 4\nd/readme.txt 1' ]
	run_both cli_sample size d/nothing.yaml
	[ "$status" = 66 ]
	[ "$err" = "cli_sample: 'd/nothing.yaml': No such file or directory" ]
	run_both cli_sample size e
	[ "$status" = 66 ]
	[ "$err" = "cli_sample: 'e' has no file *.yaml|.yml" ]
	run_both cli_sample size d/ d/a.yml
	[ "$output" = $'d/a.yml 1\nd/b.yaml 5\nd/a.yml 1' ]
}

@test "files: larger than allowed is bad data" {
	printf 'x%.0s' {1..1000} >just
	printf 'x%.0s' {1..1001} >larger
	run_both cli_sample size just
	[ "$output" = "just 1000" ]
	run_both cli_sample size larger
	[ "$status" = 65 ]
	[ "$err" = "cli_sample: 'larger' is larger than 1000 bytes" ]
}

@test "files: problems are printed as compilers do, also with -q" {
	run_both cli_sample bad -q a.yaml
	[ "$status" = 65 ]
	[ "$output" = "" ]
	[ "$err" = $'a.yaml:1:2: error: \\x1b is no key\na.yaml:2:1: warning: nothing here' ]
}

@test "database: none says how to make one, status 66" {
	run_both cli_sample where --db "$PWD/none.db"
	[ "$status" = 66 ]
	[ "$err" = "cli_sample: no database '$PWD/none.db'; 'pipectl init' makes one" ]
	PIPEWRIGHT_DB=$PWD/env.db run_both cli_sample where
	[[ $err == *"no database '$PWD/env.db'"* ]]
	[ ! -e none.db ]
}

@test "database: not allowed to look is 77" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	open=$(mktemp -d)
	chmod 755 "$open"
	mkdir -m 700 "$open/locked"
	install "$(command -v cli_sample)" "$open"
	run_both setpriv --reuid nobody --clear-groups "$open/cli_sample" where --db "$open/locked/x.db"
	rm -r "$open"
	[ "$status" = 77 ]
	[ "$err" = "cli_sample: '$open/locked/x.db': Permission denied" ]
}

@test "--now takes all forms of times, and says what is wrong with others" {
	for time in 2026-07-01T09:30:00Z 2026-07-01T09:30:00+02:00 2026-07-01 "2026-07-01 09:30" +2d now; do
		run_both cli_sample rows -q --now "$time"
		[ "$status" = 0 ]
	done
	run_both cli_sample rows --now yesterday
	[ "$status" = 64 ]
	[[ $err == "cli_sample: '--now': 'yesterday' is no time: "* ]]
}

@test "no verb has an option twice, nor one that hides an option of every command" {
	for program in pipectl contactctl cli_sample; do
		"$program" --dump-options >table
		twice=$(awk -F'\t' '
			$1 != "opt" { next }
			$2 == "*" { everywhere["--" $4]; everywhere["-" $3]; next }
			{ for (name in everywhere) seen[$2, name] }
			($2, "--" $4) in seen || $3 != "-" && ($2, "-" $3) in seen { print $2, $3, $4 }
			{ seen[$2, "--" $4]; seen[$2, "-" $3] }' table)
		[ "$twice" = "" ]
	done
}

@test "the dump of the tables has every option that help has" {
	run_both cli_sample rows --help
	grep -oE -- '--[a-z-]+' <<<"$output" | sort -u >help
	cli_sample --dump-options | awk -F'\t' '$1 == "opt" && ($2 == "rows" || $2 == "*") {print "--" $4}' | sort -u >table
	[ "$(wc -l <table)" = 10 ]
	cmp help table
}

# A pipectl that lists what the completion asks for.
fake_pipectl() {
	mkdir -p fake
	cat >fake/pipectl <<-'END'
		#!/bin/sh
		echo "$*" >>"$HOME/asked"
		case $2 in
		pipelines) printf 'welcome\tactive\nwinback\tpaused\n' ;;
		team*) printf 'sales\nsupport\n' ;;
		mailbox*) printf 'anna\n' ;;
		events) printf 'Types of events\n  run.started\n  run.stopped\n  email.sent\n' ;;
		fields/contact) printf 'kind: Fields\nfields:\n  run.field: text\nevents:\n  run.shoes: {}\n  order.placed:\n    total: number\n' ;;
		esac
	END
	chmod +x fake/pipectl
	PATH=$PWD/fake:$PATH
	touch welcome.yaml
}

# proposals: "line|what is proposed", the line as typed, _ for a blank at its end
lines() {
	cat <<-'END'
		sto|stop
		rows --c|--count
		stop we|welcome
		stop --all w|welcome winback
		stop x y|
		--team s|sales support
		completion |bash fish zsh
		completion b|bash
		size wel|welcome.yaml
		-q siz|size
		stop -- wi|winback
	END
}

@test "bash completes verbs, options, words, files and names" {
	fake_pipectl
	cli_sample completion bash >script
	! command -v shellcheck >/dev/null || shellcheck -s bash -e SC2034 script
	while IFS='|' read -r line want; do
		got=$(bash --norc -c '
			source ./script
			read -ra COMP_WORDS <<<"cli_sample $1"
			[[ $1 == *" " ]] && COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			_cli_sample
			printf "%s\n" "${COMPREPLY[@]}" | sort | xargs' - "$line")
		[ "$got" = "$want" ] || { echo "'$line': '$got', not '$want'"; false; }
	done < <(lines)
}

@test "bash asks for names with the --db and --team that were typed" {
	fake_pipectl
	cli_sample completion bash >script
	bash --norc -c '
		source ./script
		COMP_WORDS=(cli_sample --team = sales stop --db x.db w)
		COMP_CWORD=7
		_cli_sample
		printf "%s\n" "${COMPREPLY[@]}"' >got
	[ "$(xargs <got)" = "welcome winback" ]
	[ "$(cat asked)" = "list pipelines --team sales --db x.db" ]
}

@test "options with fixed values, kinds that are supported, and pipe-tick complete, too" {
	fake_pipectl
	for program in pipectl contactctl; do
		PATH=$PW_BUILD/bin:$PATH "$program" completion bash >$program.bash
	done
	"$PW_BUILD/bin/pipe-tick" --dump-options | awk -v program=pipe-tick -v shell=bash -f "$PW_TOP/lib/cli/single_completion.awk" >pipe-tick.bash
	for shell in zsh fish; do
		"$PW_BUILD/bin/pipe-tick" --dump-options | awk -v program=pipe-tick -v shell=$shell -f "$PW_TOP/lib/cli/single_completion.awk" >pipe-tick.$shell
		! command -v $shell >/dev/null || $shell -n pipe-tick.$shell
	done
	while IFS='|' read -r line want; do
		got=$(bash --norc -c '
			program=${1%% *}
			source "./$program.bash"
			read -ra COMP_WORDS <<<"$1"
			[[ $1 == *" " ]] && COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			"_${program//-/_}"
			printf "%s\n" "${COMPREPLY[@]}" | sort | xargs' - "$line")
		[ "$got" = "$want" ] || { echo "'$line': '$got', not '$want'"; false; }
	done <<-'END'
		pipectl runs --status |active blocked completed open pending running stopped
		pipectl runs --status b|blocked
		pipectl runs --reason in|in-doubt inbox
		pipectl retry --reason q|quarantined quota
		contactctl import --encoding w|windows-1252
		contactctl import --if-exists |fail skip update
		pipectl graph --as |dot mermaid
		pipectl show c|calendar/
		pipectl show f|fields/
		pipectl events --type run.|run.shoes run.started run.stopped
		pipectl list s|
		pipectl show mailbox/a|mailbox/anna
		pipe-tick --l|--limit --login
		pipe-tick --login a|anna
		pipe-tick --db wel|welcome.yaml
		pipe-tick --team sa|sales
	END
}

@test "each reason that is proposed is one" {
	export PIPEWRIGHT_DB=$PWD/reasons.db
	PATH=$PW_BUILD/bin:$PATH
	pipectl init -q
	for reason in $(pipectl completion bash | sed -n 's/.*runs\/--reason) specs=(\(.*\)) ;;/\1/p'); do
		pipectl runs --reason "$reason" || { echo "$reason"; false; }
	done
}

@test "zsh completes the same" {
	command -v zsh >/dev/null || skip "no zsh"
	fake_pipectl
	cli_sample completion zsh >script
	while IFS='|' read -r line want; do
		got=$(zsh -f -c '
			compdef() { :; }
			_files() { print -l -- ${words[CURRENT]}*(N); }
			compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- ${(M)@:#${words[CURRENT]}*}; }
			source ./script
			words=(cli_sample ${=1})
			[[ $1 == *" " ]] && words+=("")
			CURRENT=${#words}
			_cli_sample | sort | xargs' - "$line")
		[ "$got" = "$want" ] || { echo "'$line': '$got', not '$want'"; false; }
	done < <(lines)
}

@test "fish completes the same" {
	command -v fish >/dev/null || skip "no fish"
	fake_pipectl
	cli_sample completion fish >script.fish
	while IFS='|' read -r line want; do
		got=$(fish -N -c 'source script.fish; complete -C "cli_sample '"$line"'"' | cut -f1 | sort | xargs)
		[ "$got" = "$want" ] || { echo "'$line': '$got', not '$want'"; false; }
	done < <(lines | grep -v -e '^stop --all\|^stop x\|^stop --')
}
