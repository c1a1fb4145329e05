#!/usr/bin/env bats
# Two teams with everything alike in one database never meet: what one of them has does not exist for the other.

load two_teams

setup_file() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_FILE_TMPDIR" || return
	two_teams
	only_alpha | pipectl apply -q --team alpha --now "$NINE" -
	{ documents alpha; echo; } | sed 's/note: done by alpha/note: done again by alpha/' |
		pipectl apply -q --team alpha --now "$NINE" - # version 2 of slowly
	contactctl add -q --team alpha --now "$NINE" zoe@alpha.example "first_name=Zoe of alpha" plan=secret --tag zebra
	contactctl add -q --team alpha --now "$NINE" zack@alpha.example "first_name=Zack of alpha"
	contactctl enroll -q --team alpha --now "$NINE" zephyr zoe@alpha.example
	pipe-tick --now "$NINE" --team alpha
	pipectl send-test -q --team alpha --now "$NINE" hi --to boss@alpha.example
	contactctl unsubscribe -q --team alpha --now "$NINE" zack@alpha.example
	contactctl event -q --team alpha --now "$NINE" anna@example.org order.placed total=5 --id order-1
}

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	cp "$BATS_FILE_TMPDIR"/t.db* .
	cp -r "$BATS_FILE_TMPDIR"/out-* "$BATS_FILE_TMPDIR"/zoo-* . 2>/dev/null || true
	export PIPEWRIGHT_DB=$PWD/t.db
	alpha=$(ask "SELECT id FROM team WHERE name = 'alpha'")
	beta=$(ask "SELECT id FROM team WHERE name = 'beta'")
}

in_beta() {
	"$1" "${@:2}" --team beta --now "$NINE"
}

# Whatever is named in the place of % is in alpha only; the same with a name that is nowhere must read the same.
# refused FOREIGN NOWHERE: command lines on stdin
refused() {
	local foreign=$1 nowhere=$2 line words
	while read -r line; do
		read -ra words <<<"${line//%/$nowhere}"
		run_both in_beta "${words[@]}" </dev/null
		local want="$status $output $err"
		[ "$status" = 67 ] || { echo "$line: status $status: $output $err"; return 1; }
		[ "$output" = "" ] || { echo "$line: prints: $output"; return 1; }
		read -ra words <<<"${line//%/$foreign}"
		run_both in_beta "${words[@]}" </dev/null
		local got="$status $output $err"
		[ "${want//"$nowhere"/%}" = "${got//"$foreign"/%}" ] || { printf '%s\n' "$line" "$want" "$got"; return 1; }
	done
}

@test "S0.21 B21 the number of another team's run is the number of none" {
	run=$(ask "SELECT r.id FROM run r JOIN contact c ON c.id = r.contact WHERE c.folded = 'anna@example.org' AND c.team = $alpha")
	dump >before
	refused "$run" 987654 <<-END
		pipectl why %
		pipectl stop %
		pipectl stop -n %
		pipectl goto % again
		pipectl retry %
		pipectl retry -n %
	END
	dump | diff before -
}

@test "S0.21 B21 the number of another team's mail is the number of none, and so is its Message-ID" {
	for state in sent queued; do
		id=$(ask "SELECT id FROM message WHERE state = '$state' AND team = $alpha ORDER BY id DESC LIMIT 1")
		mid=$(ask "SELECT message_id FROM message WHERE id = $id")
		dump >before
		refused "$id" 987654 <<-END
			pipectl hold %
			pipectl release %
			pipectl drop %
			pipectl settle % sent
			pipectl settle % resend
			contactctl message %
		END
		refused "$mid" nowhere@example.org <<-END
			pipectl hold %
			pipectl release %
			pipectl drop %
			pipectl settle % sent
			contactctl message %
			contactctl message <%>
		END
		dump | diff before -
	done
}

@test "S0.21 B21 another team's contact is nobody" {
	dump >before
	refused zoe@alpha.example nobody@nowhere.example <<-END
		contactctl show %
		contactctl set % plan=pro
		contactctl tag hot %
		contactctl untag zebra %
		contactctl convert %
		contactctl merge % anna@example.org
		contactctl merge anna@example.org %
		contactctl delete %
		contactctl delete --erase %
		contactctl export %
		contactctl enroll slowly %
		contactctl enroll -n slowly %
		contactctl stop welcome %
		contactctl stop --all %
		contactctl unsubscribe %
		contactctl resubscribe % --source phone
		contactctl event % order.placed total=1
		contactctl activity %
		pipectl why %
		pipectl why % welcome
		pipectl retry %
		pipectl runs --contact %
		pipectl simulate welcome --contact %
		pipectl send-test hi --to boss@beta.example --as %
	END
	dump | diff before -
}

@test "S0.21 S0.23 B21 another team's documents are none" {
	dump >before
	refused zephyr nosuch <<-END
		pipectl show %
		pipectl show pipeline/%
		pipectl show pipeline/%@1
		pipectl export pipeline/%
		pipectl delete pipeline/%
		pipectl graph %
		pipectl simulate %
		pipectl history %
		pipectl migrate %
		pipectl pause %
		pipectl resume %
		pipectl runs --pipeline %
		pipectl retry --pipeline %
		pipectl send-test % --to boss@beta.example
		pipectl why anna@example.org %
		pipectl stats %
		contactctl enroll % anna@example.org
		contactctl stop % anna@example.org
		contactctl list enrolled=%
		contactctl add new@example.org --enroll %
	END
	refused zebra nosuch <<-END
		pipectl show template/%
		pipectl export template/%
		pipectl delete template/%
		pipectl send-test % --to boss@beta.example
	END
	refused zoo nosuch <<-END
		pipectl show mailbox/%
		pipectl export mailbox/%
		pipectl delete mailbox/%
		pipectl pause mailbox/%
		pipectl resume mailbox/%
		pipectl queue flush --mailbox %
		pipectl retry --mailbox %
	END
	refused zodiac nosuch <<-END
		pipectl show calendar/%
		pipectl delete calendar/%
	END
	refused alpha nosuch <<-END
		pipectl show team/%
		pipectl export team/%
	END
	run_both in_beta pipectl show pipeline/slowly@2
	[ "$status" = 67 ]
	[ "$err" = "pipectl: pipeline/slowly has no version 2; the newest is 1" ]
	dump | diff before -
}

@test "S0.23 documents cannot name what another team has" {
	dump >before
	for step in 'email: zebra' 'email: hi, mailbox: zoo' 'email: hi, hours: zodiac'; do
		run_both in_beta pipectl apply - <<-END
			kind: Pipeline
			name: thief
			steps: [{$step}]
		END
		[ "$status" = 65 ]
		[[ $err == *"error: there is no "*"'z"* ]]
	done
	run_both in_beta pipectl apply - <<<$'kind: Pipeline\nname: thief\nmailbox: zoo\nsteps: [{email: hi}]'
	[ "$status" = 65 ]
	run_both in_beta pipectl apply - <<<$'kind: Team\nname: beta\nmailbox: zoo\nmembers: {root: {role: admin}}'
	[ "$status" = 65 ]
	dump | diff before -
}

@test "S0.23 a document that says it is another team's is refused, a Team as well" {
	dump >before
	run_both in_beta pipectl apply - <<<$'kind: Template\nname: hi\nteam: alpha\nsubject: Stolen\ntext: Stolen.'
	[ "$status" = 65 ]
	[[ $err == *"this is of team 'alpha', but 'beta' is meant"* ]]
	run_both in_beta pipectl apply - <<<$'kind: Team\nname: alpha\nmembers: {nobody: {role: admin}}'
	[ "$status" = 65 ]
	[[ $err == *"this is of team 'alpha', but 'beta' is meant; say --team alpha"* ]]
	run_both in_beta pipectl diff - <<<$'kind: Template\nname: hi\nteam: alpha\nsubject: Stolen\ntext: Stolen.'
	[ "$status" = 65 ]
	[[ $output != *"Hi from alpha"* ]]
	dump | diff before -
}

@test "S0.21 whatever lists, lists the own team's" {
	while read -r line; do
		read -ra words <<<"$line"
		for json in "" --json; do
			run_both in_beta "${words[@]}" $json
			[ "$status" -le 1 ] || { echo "$line: $status: $err"; false; }
			[[ $output$err != *alpha* && $output$err != *zebra* && $output$err != *zephyr* ]] || { echo "$line: $output"; false; }
			run_both "${words[@]}" $json --team alpha --now "$NINE"
			[[ $output$err != *beta* ]] || { echo "$line of alpha: $output"; false; }
		done
	done <<-END
		pipectl list
		pipectl list templates
		pipectl list mailboxes
		pipectl list teams
		pipectl list all
		pipectl export
		pipectl runs
		pipectl queue
		pipectl events
		pipectl history welcome
		pipectl show welcome
		pipectl why anna@example.org
		pipectl simulate welcome --contact anna@example.org
		pipectl check
		contactctl list
		contactctl list zoe
		contactctl list tag=zebra
		contactctl list plan=secret
		contactctl list enrolled=welcome
		contactctl list tag=fair
		contactctl export
		contactctl export anna@example.org
		contactctl show anna@example.org
		contactctl activity anna@example.org
	END
}

@test "S0.21 what is done with the own team's things leaves those of the same name alone" {
	dump alpha >before
	run=$(ask "SELECT r.id FROM run r JOIN contact c ON c.id = r.contact WHERE c.folded = 'bob@example.org' AND c.team = $beta")
	in_beta pipectl pause welcome
	in_beta pipectl pause mailbox/hello
	in_beta pipectl resume welcome mailbox/hello
	in_beta pipectl queue flush
	in_beta pipectl goto "$run" again
	in_beta pipectl hold "$run"
	in_beta pipectl release "$run"
	in_beta pipectl stop "$run"
	in_beta contactctl set anna@example.org plan=pro
	in_beta contactctl tag hot --where tag=fair
	in_beta contactctl untag -q fair --where tag=fair
	in_beta contactctl enroll slowly --all
	in_beta contactctl event anna@example.org order.placed total=1 --id order-1
	in_beta contactctl stop --all anna@example.org
	in_beta contactctl unsubscribe anna@example.org
	in_beta contactctl resubscribe anna@example.org --source phone
	in_beta contactctl convert anna@example.org
	in_beta contactctl set anna@example.org email=zoe@alpha.example
	in_beta contactctl merge zoe@alpha.example bob@example.org
	in_beta contactctl delete -y --erase zoe@alpha.example
	in_beta pipectl delete -y pipeline/slowly
	documents beta | sed 's/Hi from/Hello from/' | in_beta pipectl apply -
	mkdir empty
	documents beta >empty/all.yaml
	in_beta pipectl apply empty
	sed -i '/^kind: Pipeline/,$d; $d' empty/all.yaml
	in_beta pipectl apply -y --prune empty
	dump alpha | diff before -
}

@test "S0.21 an event's key counts in its team only" {
	run_both in_beta contactctl event anna@example.org order.placed total=1 --id order-1
	[ "$status" = 0 ]
	[ "$(ask "SELECT count(*) FROM event WHERE type = 'order.placed' AND team = $beta")" = 1 ]
	in_beta contactctl event anna@example.org order.placed total=1 --id order-1
	[ "$(ask "SELECT count(*) FROM event WHERE type = 'order.placed' AND team = $beta")" = 1 ]
}

@test "S0.21 a suppressed address is suppressed for its team" {
	in_beta contactctl add zack@alpha.example
	[ "$(ask "SELECT suppressed FROM contact WHERE folded = 'zack@alpha.example' ORDER BY team")" = $'1\n0' ]
	in_beta contactctl enroll slowly zack@alpha.example
}

@test "S0.23 an attachment of another team is none, even when its content is known" {
	head -c 2000 /dev/zero >secret.bin
	attached=$'kind: Template\nname: file\nsubject: File\ntext: See.\nattach: [secret.bin]'
	echo "$attached" >file.yaml
	pipectl apply -q --team alpha file.yaml
	pipectl export --team alpha template/file >exported.yaml
	grep -q sha256 exported.yaml
	rm secret.bin
	dump >before
	run_both in_beta pipectl apply exported.yaml
	[ "$status" = 65 ]
	dump | diff before -
	pipectl apply -q --team alpha exported.yaml
}

@test "S0.21 S0.23 a tick serves both and mixes nothing" {
	contactctl event -q --team alpha --now "$NINE" bob@example.org order.placed total=1
	pipe-tick --now "$NINE"
	pipe-tick --now 2026-07-02T09:00:00Z
	[ "$(mails out-beta)" = 4 ]
	[ "$(mails out-alpha)" = 8 ] # one of them the test mail; zack is unsubscribed
	for team in alpha beta; do
		other=$([ "$team" = alpha ] && echo beta || echo alpha)
		[ "$(grep -rl "$other" out-$team)" = "" ]
		[ "$(grep -rlE "^From: Team $team <hello@$team.example>" out-$team | wc -l)" = "$(mails out-$team)" ]
		[ "$(ask "SELECT count(*) FROM tag_contact t JOIN contact c ON c.id = t.contact JOIN team m ON m.id = c.team
			WHERE t.tag = 'welcomed-$team' AND m.name <> '$team'")" = 0 ]
	done
	[ "$(mails zoo-alpha)" = 1 ]
	[ "$(ask "SELECT count(*) FROM run r JOIN contact c ON c.id = r.contact WHERE r.team <> c.team")" = 0 ]
	[ "$(ask "SELECT count(*) FROM event e JOIN contact c ON c.id = e.contact WHERE e.team <> c.team")" = 0 ]
	[ "$(ask "SELECT count(*) FROM message m JOIN lane l ON l.id = m.lane WHERE m.team <> l.team")" = 0 ]
}

@test "S0.21 a tick for one team does nothing for the other" {
	dump alpha >before
	pipe-tick --now "$NINE" --team beta
	[ "$(mails out-beta)" = 2 ]
	dump alpha | diff before -
}

@test "S0.23 limits, pauses and trouble of a mailbox are its team's" {
	for team in alpha beta; do
		contactctl enroll -q --team $team --now "$NINE" slowly anna@example.org bob@example.org
	done
	pipectl pause -q --team beta mailbox/hello
	pipe-tick --now "$NINE"
	[ "$(mails slow-alpha)" = 1 ]
	[ "$(mails slow-beta)" = 1 ]
	[ "$(mails out-beta)" = 0 ]
	[ "$(mails out-alpha)" = 5 ]
}

@test "S0.23 a mailbox that is down alerts its own team" {
	in_beta pipectl apply -q - <<<$'kind: Mailbox\nname: slow\nfrom: <slow@beta.example>\nsmtp: {url: "smtp://127.0.0.1:1", password_file: none, user: x, tls: none}'
	in_beta contactctl enroll -q slowly anna@example.org
	pipe-tick --now "$NINE"
	pipe-tick --now "$NINE"
	grep -rl "^To: <\?ops@beta.example" out-beta
	[ "$(grep -rl "ops@" out-alpha)" = "" ]
	[ "$(ask "SELECT reason FROM lane l JOIN team t ON t.id = l.team WHERE l.name = 'slow' AND t.name = 'alpha'")" = "" ]
}

@test "S0.21 the spool records for the team that a file names" {
	mkdir t.db.spool
	echo '{"team": "beta", "contact": "zoe@alpha.example", "type": "order.placed", "data": {"total": 1}}' >t.db.spool/1
	echo '{"team": "beta", "contact": "anna@example.org", "type": "order.placed", "data": {"total": 2}}' >t.db.spool/2
	echo '{"team": "gamma", "contact": "anna@example.org", "type": "order.placed", "data": {"total": 3}}' >t.db.spool/3
	dump alpha >before
	pipe-tick --now "$NINE" --team beta 2>err
	grep -q "moved 2 files" err
	[ "$(ask "SELECT data FROM event WHERE type = 'order.placed' AND team = $beta")" = '{"total":2}' ]
	dump alpha | diff before -
}
