#!/usr/bin/env bats
# What a change answers that is said a second time: every verb of contactctl and pipectl that writes, by one rule.

load runs

setup() {
	runs_setup
	with_sendmail
	with_people
	cat >>documents.yaml <<-END
		---
		kind: Fields
		name: contact
		fields: {plan: text}
		events: {order.placed: {total: number}}
		---
		kind: Template
		name: spare
		subject: Spare
		text: Spare
	END
	printf 'email,first_name\nfay@example.org,Fay\n' >people.csv
	do_at 9:00 pipectl apply -q documents.yaml
	do_at 9:00 contactctl add -q cleo@example.org first_name=Cleo
	do_at 9:00 contactctl add -q dora@example.org first_name=Dora --tag vip
	do_at 9:00 contactctl add -q doro@example.org
	do_at 9:00 contactctl add -q emil@example.org --enroll short
	emil=$(run_of emil@example.org)
}

# The state of everything, without what every tick and every transaction may touch.
stored() {
	sqlite3 "$PIPEWRIGHT_DB" .dump | sha256sum
}

# twice EXPECTED COMMAND...: the first time it works; the second time
#   unchanged   0, 'unchanged' on stdout, and nothing is stored
#   refused     1, and nothing is stored
#   absent      67, and nothing is stored
#   again       0: said twice, done twice
twice() {
	local expected=$1 before
	shift
	at 9:10 "$@"
	[ "$status" = 0 ] || { echo "$*: the first time $status: $output$err"; return 1; }
	before=$(stored)
	at 9:10 "$@"
	case $expected in
	unchanged) [ "$status" = 0 ] && [[ $output == *unchanged* ]] && [ "$err" = "" ] && [ "$(stored)" = "$before" ] ;;
	refused) [ "$status" = 1 ] && [ "$(stored)" = "$before" ] ;;
	absent) [ "$status" = 67 ] && [ "$output" = "" ] && [ "$(stored)" = "$before" ] ;;
	again) [ "$status" = 0 ] && [[ $output != *unchanged* ]] ;;
	esac || { echo "$*: not $expected but $status: $output$err"; return 1; }
}

contact_table() {
	cat <<-'END'
		unchanged add new@example.org first_name=New --tag t
		unchanged import --no-auto-enroll people.csv
		unchanged set dora@example.org plan=pro
		unchanged tag hot dora@example.org cleo@example.org
		unchanged untag vip dora@example.org
		unchanged convert dora@example.org
		unchanged stop short emil@example.org
		unchanged unsubscribe dora@example.org
		unchanged resubscribe dora@example.org --source phone
		refused enroll short cleo@example.org
		again event cleo@example.org order.placed total=5
		again record cleo@example.org call
		again mail cleo@example.org --template features
		absent merge dora@example.org doro@example.org
		absent delete -y cleo@example.org
	END
}

@test "contactctl: what is so already is unchanged, 0; a second open run is refused; what is gone is absent" {
	contact_table | while read -r expected verb rest; do
		twice "$expected" contactctl "$verb" $rest </dev/null || exit 1
	done
	twice unchanged contactctl event dora@example.org order.placed total=5 --id order-1
	twice unchanged contactctl stop --all anna@example.org
}

pipectl_table() {
	cat <<-END
		unchanged init --team other
		unchanged apply documents.yaml
		unchanged migrate onboarding
		unchanged pause short
		unchanged resume short
		unchanged pause mailbox/hello
		unchanged resume mailbox/hello
		unchanged pause --all
		unchanged resume --all
		unchanged hold $emil
		unchanged release $emil
		unchanged queue flush
		unchanged goto $anna features --at 2026-07-01T09:00:00+02:00
		unchanged retry $anna
		unchanged stop $anna
		absent delete template/spare
		again send-test onboarding --to me@example.org
		unchanged upgrade
		unchanged restore --accept
	END
}

@test "pipectl: what is so already is unchanged, 0; what is gone is absent" {
	export PIPEWRIGHT_TEAM=sales
	pipectl_table | while read -r expected verb rest; do
		twice "$expected" pipectl "$verb" $rest </dev/null || exit 1
	done
	run_both pipectl clock accept
	[ "$status" = 0 ]
	[ "$output" = "clock/machine unchanged (nothing was wrong with it)" ]
}

@test "a mail: dropped twice, settled twice; what it has become otherwise refuses" {
	echo 'kill -9 $$' >answer
	do_at 9:01 pipe-tick
	at 9:02 pipectl queue --json
	message=$(grep -m 1 in-doubt <<<"$output" | sed 's/.*"message":\([0-9]*\).*/\1/')
	twice unchanged pipectl settle "$message" sent
	twice_refused() {
		at 9:10 "$@"
		[ "$status" = 1 ] && [ "$output" = "" ] && [[ $err == "pipectl: message $message is sent"* ]]
	}
	twice_refused pipectl settle "$message" resend
	twice_refused pipectl drop "$message"
	twice_refused pipectl hold "$message"
	do_at 9:10 pipectl hold -q "$anna"
	message=$(sql "SELECT id FROM message WHERE run = $anna AND state = 'held'")
	twice unchanged pipectl drop "$message"
}

@test "resend: settled a second time it is on its way already" {
	echo 'kill -9 $$' >answer
	do_at 9:01 pipe-tick
	message=$(sql "SELECT min(id) FROM message WHERE state = 'in-doubt'")
	twice unchanged pipectl settle "$message" resend
}

@test "no verb that writes is left out of these tables but backup, whose file must be new" {
	for program in contactctl pipectl; do
		table=${program%ctl}_table
		[ $program = pipectl ] && table=pipectl_table
		"$program" --dump-options | awk -F'\t' '$1 == "opt" && $4 == "dry-run" { print $2 }' | sort >writes
		{ "$table" | cut -d ' ' -f 2; [ $program = contactctl ] || printf '%s\n' backup clock drop prune settle; } | sort -u >tried
		[ "$(comm -23 writes tried)" = "" ] || { comm -23 writes tried; false; }
	done
}

@test "retry of a run that has ended or is held up otherwise is refused, 1, and not called unchanged" {
	do_at 9:01 pipectl stop -q "$anna"
	at 9:02 pipectl retry "$anna"
	[ "$status" = 1 ]
	[ "$output" = "run/$anna refused (it is stopped)" ]
	do_at 9:02 pipectl pause -q short
	at 9:02 pipectl retry "$emil"
	[ "$status" = 1 ]
	[[ $output == "run/$emil refused ("*paus*")" ]]
}

@test "delete asks when there is more to it than one address: several, or an open run" {
	ask() {
		at 9:10 "$@"
		[ "$status" = 1 ] && [ "$output" = "" ]
	}
	ask contactctl delete anna@example.org
	[ "$err" = "contactctl: Delete anna@example.org, with 1 open run? Say -y: nobody can be asked here" ]
	ask contactctl delete --erase dora@example.org anna@example.org bob@example.org
	[ "$err" = "contactctl: Erase 3 contacts, with 2 open runs? Say -y: nobody can be asked here" ]
	echo dora@example.org >addresses
	status=0
	output=$(contactctl delete - <addresses 2>&1) || status=$?
	[ "$status" = 1 ]
	[ "$output" = "contactctl: Delete all whose addresses stdin has? Say -y: nobody can be asked here" ]
	[ "$(contactctl list -o email | wc -l)" = 6 ]
	do_at 9:10 contactctl delete doro@example.org
	at 9:10 contactctl delete -n anna@example.org bob@example.org
	[ "$status" = 0 ]
	do_at 9:10 contactctl delete -y anna@example.org bob@example.org
	[ "$(contactctl list -o email | paste -sd ,)" = cleo@example.org,dora@example.org,emil@example.org ]
	pipectl runs --contact bob@example.org 2>&1 | grep -q "no contact 'bob@example.org' in team 'sales'"
}

@test "delete asks on a terminal, and no is nothing" {
	status=0
	output=$(python3 "$PW_TOP/tests/cli/terminal.py" 80 n "contactctl delete anna@example.org --now $monday") || status=$?
	[ "$status" = 1 ]
	[[ $output == "Delete anna@example.org, with 1 open run? [y/N] "*"nothing was changed"* ]]
	output=$(python3 "$PW_TOP/tests/cli/terminal.py" 80 y "contactctl delete anna@example.org --now $monday")
	[[ $output == *"deleted  stopped: onboarding"* ]]
}

# What is not there is told in the same words by every verb, with the nearest name.
@test "no ... in team: one wording everywhere" {
	while IFS='|' read -r want commands; do
		while read -r command; do
			at 9:10 $command
			[ "$status" = 67 ] && [ "$output" = "" ] && [ "$err" = "${command%% *}: $want" ] && continue
			echo "$command: $status $output$err"
			exit 1
		done < <(tr ';' '\n' <<<"$commands")
	done <<-END || false
		no pipeline 'shrot' in team 'sales'; did you mean 'short'?|contactctl enroll shrot cleo@example.org;contactctl stop shrot cleo@example.org;contactctl add x@example.org --enroll shrot;contactctl list enrolled=shrot;contactctl import people.csv --enroll shrot;pipectl pause shrot;pipectl resume shrot;pipectl show shrot;pipectl history shrot;pipectl graph shrot;pipectl migrate shrot;pipectl simulate shrot;pipectl runs --pipeline shrot;pipectl stats shrot;pipectl retry --pipeline shrot;pipectl why anna@example.org shrot;pipectl delete pipeline/shrot;pipectl export pipeline/shrot;pipectl send-test pipeline/shrot --to a@example.org
		no pipeline 'qqqqqqq' in team 'sales'; 'pipectl list pipelines' shows them|contactctl enroll qqqqqqq cleo@example.org;pipectl show qqqqqqq;pipectl pause qqqqqqq
		no mailbox 'helo' in team 'sales'; did you mean 'hello'?|pipectl pause mailbox/helo;pipectl show mailbox/helo;pipectl retry --mailbox helo;pipectl queue --mailbox helo;pipectl send-test short --to a@example.org --mailbox helo;pipectl delete mailbox/helo
		no contact 'ana@example.org' in team 'sales'; did you mean 'anna@example.org'?|contactctl show ana@example.org;contactctl set ana@example.org plan=x;contactctl tag t ana@example.org;contactctl convert ana@example.org;contactctl unsubscribe ana@example.org;contactctl delete ana@example.org;contactctl enroll short ana@example.org;contactctl activity ana@example.org;contactctl export ana@example.org;contactctl event ana@example.org order.placed;contactctl merge dora@example.org ana@example.org;pipectl why ana@example.org;pipectl runs --contact ana@example.org;pipectl retry ana@example.org;pipectl simulate short --contact ana@example.org;pipectl events --contact ana@example.org;pipectl send-test short --to a@example.org --as ana@example.org
		no contact 'nobody-like-this@example.net' in team 'sales'|contactctl show nobody-like-this@example.net;pipectl why nobody-like-this@example.net
		no run 99999 in team 'sales'|pipectl why 99999;pipectl stop 99999;pipectl retry 99999;pipectl goto 99999 only
		no message 99999 in team 'sales'|pipectl settle 99999 sent;pipectl hold 99999;pipectl release 99999;pipectl drop 99999;contactctl message 99999
		no message 'x@y.example' in team 'sales'|pipectl hold x@y.example;contactctl message x@y.example
	END
}
