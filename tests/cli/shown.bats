#!/usr/bin/env bats
# What is shown, and how: pauses and rests of mailboxes, times, headers of mails, commands to copy, narrow terminals.

load runs

setup() {
	runs_setup
}

# on a terminal of so many columns
shows() {
	PIPEWRIGHT_DB=$PIPEWRIGHT_DB python3 "$PW_TOP/tests/cli/terminal.py" "$1" "" "NO_COLOR=1 $2" | tr -d '\r'
}

@test "list mailboxes, show mailbox: a pause with its begin, a rest with its end and its reason" {
	at 9:00 pipectl list mailboxes
	[ "$output" = $'hello\topen\thello@example.com\t\t\t' ]
	do_at 9:05 pipectl pause -q mailbox/hello
	at 9:10 pipectl list mailboxes
	[ "$output" = $'hello\tpaused\thello@example.com\t2026-06-29T07:05:00Z\t\t' ]
	at 9:10 pipectl list mailboxes --json
	[[ $output == '{"name":"hello","state":"paused","from":"hello@example.com","since":"2026-06-29T07:05:00Z","until":null,"text":null,"version":1,'* ]]
	at 9:10 pipectl show mailbox/hello
	[ "$(sed -n 2p <<<"$output")" = "# it is paused since 2026-06-29T07:05:00Z" ]
	do_at 9:20 pipectl resume -q mailbox/hello
	at 9:21 pipectl show mailbox/hello
	[[ $(sed -n 2p <<<"$output") == kind:* ]]
	with_sendmail
	rm sendmail
	do_at 9:22 contactctl add -q emil@example.org --enroll short
	do_at 9:22 pipe-tick
	at 9:23 pipectl list mailboxes
	[[ $output == $'hello\tsettings\thello@example.com\t2026-06-29T07:22:00Z\t2026-06-29T08:22:00Z\t'*sendmail* ]]
	at 9:23 pipectl show mailbox/hello
	[[ $(sed -n 2p <<<"$output") == "# it is settings since 2026-06-29T07:22:00Z until 2026-06-29T08:22:00Z: "*sendmail* ]]
	at 9:23 pipectl show mailbox/hello --json
	[[ $output == *'"state":"settings","since":"2026-06-29T07:22:00Z","until":"2026-06-29T08:22:00Z","reason":"'* ]]
}

@test "explain --json: a row for each key, kind, type of event and root of placeholders" {
	at 9:00 pipectl explain Team.members --json
	[[ $(head -n 1 <<<"$output") == '{"of":"Team","name":"members","form":'*'"about":"'*'"required":false,"later":false}' ]]
	grep -q '^{"of":"Team.members","name":"role","form":"member | admin",' <<<"$output"
	for what in "" events placeholders step condition Mailbox; do
		at 9:00 pipectl explain $what --json
		[ "$status" = 0 ]
		python3 -c 'import json, sys; assert all(json.loads(l)["name"] for l in sys.stdin)' <<<"$output"
		run_both pipectl explain $what
		[ -n "$output" ]
	done
	at 9:00 pipectl explain Maibox --json
	[ "$status" = 67 ]
	[ "$err" = "pipectl: there is nothing to explain about 'Maibox'; did you mean 'Mailbox'?" ]
}

@test "an owner is a member: refused with the nearest otherwise, and told where it only finds nobody" {
	bad="${me%?}"
	for command in "add x@example.org owner=$bad" "set anna@example.org owner=$bad"; do
		do_at 9:00 contactctl add -q anna@example.org first_name=Anna
		at 9:00 contactctl $command
		[ "$status" = 65 ]
		[ "$err" = "contactctl: no member '$bad' in team 'sales'; did you mean '$me'?" ]
	done
	at 9:00 contactctl set anna@example.org owner=qqqqqqqq
	[ "$err" = "contactctl: no member 'qqqqqqqq' in team 'sales'" ]
	printf 'email,owner\nx@example.org,%s\ny@example.org,%s\n' "$bad" "$me" >p.csv
	at 9:00 contactctl import p.csv
	[ "$status" = 1 ]
	[ "$err" = "p.csv:2: error: no member '$bad' in team 'sales'; did you mean '$me'?" ]
	status=0
	output=$(echo '{"email":"z@example.org","owner":"'"$bad"'"}' | contactctl add - 2>&1) || status=$?
	[ "$status" = 1 ]
	[[ $output == *"error: no member '$bad' in team 'sales'; did you mean '$me'?"* ]]
	at 9:00 contactctl list "owner=$bad"
	[ "$status" = 0 ]
	[ "$output" = "" ]
	[ "$err" = "contactctl: note: no member '$bad' in team 'sales'; did you mean '$me'?" ]
	at 9:00 contactctl list "owner=$me" -o email
	[ "$output$err" = y@example.org ]
}

@test "queue: a mail in doubt stays with its step when its run goes on somewhere else" {
	with_sendmail
	with_people
	echo 'kill -9 $$' >answer
	do_at 9:01 pipe-tick
	at 9:02 pipectl queue
	[ "$(cut -f 4,7 <<<"$output")" = $'in-doubt\twelcome' ]
	do_at 9:02 pipectl goto -q "$anna" check-in
	at 9:03 pipectl queue
	[ "$(cut -f 4,7,9,10 <<<"$output")" = $'in-doubt\twelcome\t\t' ]
	at 9:03 pipectl queue --all
	[ "$(cut -f 4,7 <<<"$output" | sort | paste -sd ,)" = $'in-doubt\twelcome,planned\tcheck-in' ]
}

@test "no time leaves without its zone, except to a terminal" {
	with_people
	do_at 9:01 pipe-tick
	do_at 9:02 pipectl pause -q mailbox/hello
	do_at 9:02 contactctl add -q carl@example.org --enroll short
	do_at 9:02 pipectl backup -q b.db
	message=$(sql "SELECT min(id) FROM message")
	while read -r command; do
		at 9:10 $command
		[ "$status" -le 1 ] || { echo "$command: $err"; exit 1; }
		grep -qE '[0-9]{4}-[0-9]{2}-[0-9]{2}' <<<"$output$err" || { echo "$command shows no time"; exit 1; }
		! grep -E '[0-9]{4}-[0-9]{2}-[0-9]{2}( |T[0-9:]+([^0-9:Z+-]|$))' <<<"$output$err" || { echo "$command"; exit 1; }
	done <<-END || false
		contactctl show anna@example.org
		contactctl list -o email,created,updated,next_at
		contactctl activity anna@example.org
		contactctl message $message
		contactctl export anna@example.org
		contactctl enroll -n short anna@example.org
		contactctl enroll -nv short bob@example.org
		pipectl why anna@example.org
		pipectl why anna@example.org --json
		pipectl why carl@example.org
		pipectl runs
		pipectl queue --all
		pipectl events
		pipectl history onboarding
		pipectl show onboarding
		pipectl show mailbox/hello
		pipectl list templates
		pipectl list mailboxes
		pipectl simulate -v onboarding --contact anna@example.org
		pipectl goto -n $anna features
		pipectl clock
		pipectl restore -n -y b.db
	END
}

@test "message: headers as people read them, with --raw as they were sent" {
	do_at 9:00 contactctl add -q jose@example.org "first_name=José Ærøskøbing-Ångström af Sønderjylland den Yngre" --enroll onboarding
	do_at 9:00 pipe-tick
	message=$(sql "SELECT min(id) FROM message")
	at 9:01 contactctl message "$message"
	grep -qxF "Subject: Welcome, José Ærøskøbing-Ångström af Sønderjylland den Yngre" <<<"$output"
	[[ $output != *=\?* ]]
	at 9:01 contactctl message "$message" --raw
	grep -q '^Subject: =?utf-8?' <<<"$output"
	grep -v '^Date\|^ ' <<<"$output" | sed -n "4,/^\$/p" >raw
	tr -d '\r' <out/new/* | grep -v '^Date\|^ ' | sed '/^$/q' >sent
	diff raw sent
}

@test "another team's document: what to say depends on whether that team is there" {
	do_at 9:00 pipectl init -q --team hr
	at 9:00 pipectl --team hr apply documents.yaml
	[ "$status" = 65 ]
	[[ $err == "documents.yaml:1:1: error: this is of team 'sales', but 'hr' is meant; say --team sales"* ]]
	sed -i 's/name: sales/name: support/' documents.yaml
	at 9:00 pipectl --team hr apply documents.yaml
	[[ $err == "documents.yaml:1:1: error: this is team 'support', but 'hr' is meant; to add it: pipectl init --team support"* ]]
}

@test "validate: what two teams have alike is defined once in each" {
	for team in alpha beta; do
		mkdir $team
		sed "s/name: sales/name: $team/; /---/,\$d" documents.yaml >$team/team.yaml
		sed '1,/---/d' documents.yaml >$team/rest.yaml
	done
	run_both pipectl validate alpha beta
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
	cp alpha/rest.yaml alpha/more.yaml
	run_both pipectl validate alpha beta
	[ "$status" = 65 ]
	[[ $err == "alpha/rest.yaml:1:1: error: Mailbox 'hello' is defined twice; the first is in alpha/more.yaml:1"* ]]
	for team in alpha beta; do cat $team/team.yaml; echo ---; cat $team/rest.yaml; done >both.yaml
	run_both pipectl validate both.yaml
	[ "$status" = 65 ]
}

@test "a command to copy is quoted for the shell" {
	at 9:00 contactctl add "o'brien\$x@example.org" --enroll onboarding
	line=$(grep '^contactctl set' <<<"$err")
	[ "$line" = "contactctl set 'o'\\''brien\$x@example.org' first_name=..." ]
	at 9:00 pipectl why "o'brien\$x@example.org"
	grep -qF "      $line" <<<"$output"
	eval "${line/.../Paddy}"
	[ "$(contactctl list -o email,first_name)" = "o'brien\$x@example.org"$'\tPaddy' ]
}

@test "on a narrow terminal the address of a person is whole" {
	do_at 9:00 contactctl add -q maximiliane.mustermann@department.example.org first_name=Maximiliane last_name=Mustermann --enroll onboarding
	for columns in 20 40 60 80; do
		shows $columns "contactctl list --now $monday" | grep -qF "maximiliane.mustermann@department.example.org "
	done
}

@test "a time that people write without a zone is one of the team's zone, wherever it is read" {
	pipectl apply -q - --now "$monday" <<-END
		kind: Fields
		name: contact
		fields: {visit: time}
		events: {call.planned: {at: time}}
		---
		kind: Pipeline
		name: visitors
		enroll: {if: {field: {visit: 2026-07-01 09:30}}}
		steps: [{note: x}]
	END
	do_at 9:00 contactctl add -q a@example.org "visit=2026-07-01 09:30"
	do_at 9:00 contactctl add -q b@example.org
	do_at 9:00 contactctl set -q b@example.org "visit=2026-07-01 09:30"
	printf 'email,visit\nc@example.org,2026-07-01 09:30\nd@example.org,2026-07-01\n' >p.csv
	do_at 9:00 contactctl import -q p.csv
	echo '{"email":"e@example.org","visit":"2026-07-01 09:30"}' | contactctl add -q -
	do_at 9:00 contactctl add -q f@example.org visit=2026-07-01T09:30:00+02:00
	[ "$(contactctl list -o visit | sort | uniq -c | sed 's/^ *//' | paste -sd ,)" = "1 2026-06-30T22:00:00Z,5 2026-07-01T07:30:00Z" ]
	[ "$(contactctl list "visit=2026-07-01 09:30" | wc -l)" = 5 ]
	do_at 9:00 contactctl enroll visitors a@example.org
	at 9:00 contactctl enroll visitors d@example.org
	[ "$status" = 1 ]
	do_at 9:00 contactctl event -q a@example.org call.planned "at=2026-07-02 10:00"
	at 9:00 pipectl events --type call.planned --json
	[[ $output == *'"at":"2026-07-02T08:00:00Z"'* ]]
	at 9:00 contactctl set a@example.org visit=soon
	[ "$status" = 65 ]
	[ "$err" = "contactctl: 'visit': 'soon' is no time: write '2026-07-01 09:30' or 2026-07-01T09:30:00Z" ]
}
