#!/usr/bin/env bats
# Who may change which documents: from the Unix account and Team.members.

load documents

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	documents_setup
	open=$(mktemp -d)
	install "$PW_BUILD/bin/pipectl" "$PW_BUILD/bin/contactctl" "$open"
	export PIPEWRIGHT_DB=$open/t.db
	sed -i "s/nobody: {role: member}/nobody: {role: member}, daemon: {role: admin}/" team.yaml
	pipectl init -q --team sales --now "$now"
	apply_all
	cp ./*.yaml "$open"
	chmod -R a+rwX "$open"
	cd "$open" || return
}

teardown() {
	[ -z "${open:-}" ] || rm -r "$open"
}

# as ACCOUNT COMMAND...
as() {
	chmod a+rw "$open"/t.db*
	run_both setpriv --reuid "$1" --clear-groups "$open/$2" "${@:3}" --now "$now"
}

@test "S0.22 a member may create and change the team's pipelines and templates" {
	sed -i 's/seen/done/' welcome.yaml
	printf -- '---\nkind: Template\nname: guide\nsubject: Guide\ntext: x\n' >>welcome.yaml
	as nobody pipectl apply welcome.yaml
	[ "$status" = 0 ]
	[ "$output" = $'pipeline/welcome configured\ntemplate/guide created' ]
	as nobody pipectl delete template/guide
	[ "$status" = 0 ]
	[ "$(sql "SELECT actor FROM document_version WHERE name = 'welcome' AND version = 2")" = nobody ]
}

@test "S0.23 mailboxes and the team itself are for admins: 77, nothing changed; unchanged ones are no matter" {
	as nobody pipectl apply team.yaml welcome.yaml
	[ "$status" = 0 ]
	[ "$output" = $'team/sales unchanged\nmailbox/hello unchanged\npipeline/welcome unchanged' ]
	sed -i 's/maildir: out/maildir: elsewhere/; s/seen/done/' team.yaml welcome.yaml
	as nobody pipectl apply team.yaml welcome.yaml
	[ "$status" = 77 ]
	[ "$err" = "pipectl: only an admin of team 'sales' may change mailbox/hello" ]
	[ "$(sql "SELECT max(version) FROM document WHERE name IN ('hello', 'welcome')")" = 1 ]
	as nobody pipectl apply -n team.yaml
	[ "$status" = 77 ]
}

@test "an admin may change mailboxes; the team of a shared database is its owner's" {
	sed -i 's/maildir: out/maildir: elsewhere/' team.yaml
	as daemon pipectl apply team.yaml
	[ "$status" = 0 ]
	[ "$output" = $'team/sales unchanged\nmailbox/hello configured' ]
	sed -i 's/Berlin/Vienna/' team.yaml
	as daemon pipectl apply team.yaml
	[ "$status" = 77 ]
	[ "$err" = "pipectl: only the owner of a shared database may change team/sales" ]
	run_both pipectl apply team.yaml
	[ "$status" = 0 ]
}

@test "B21 in a shared database a mailbox names files of its team's folders, not paths and commands" {
	cat >box.yaml <<-YAML
		kind: Mailbox
		name: box
		from: Box <box@example.com>
		smtp:
		  url: smtp://mail.example.com
		  user: box
		  password_file: /etc/shadow
		---
		kind: Mailbox
		name: prog
		from: Prog <prog@example.com>
		sendmail: /usr/sbin/sendmail
		---
		kind: Mailbox
		name: out
		from: Out <out@example.com>
		maildir: ../other
		---
		kind: Mailbox
		name: ask
		from: Ask <ask@example.com>
		smtp: {url: "smtp://mail.example.com", user: ask, password_command: "cat /etc/shadow"}
		---
		kind: Mailbox
		name: token
		from: Token <token@example.com>
		smtp: {url: "smtp://mail.example.com", user: token, token_command: "curl evil.example"}
	YAML
	as daemon pipectl apply box.yaml
	[ "$status" = 65 ]
	[ "$err" = "box.yaml:7:18: error: in a shared database 'password_file' is the bare name of a file in /etc/pipewright/secrets/sales, not '/etc/shadow'
box.yaml:12:11: error: in a shared database 'sendmail' is the bare name of a file in /etc/pipewright/actions/sales, not '/usr/sbin/sendmail'
box.yaml:17:10: error: in a shared database 'maildir' is the bare name of a folder in outbox/sales, not '../other'
box.yaml:22:69: error: in a shared database 'password_command' is the bare name of a file in /etc/pipewright/actions/sales, not 'cat /etc/shadow'
box.yaml:27:68: error: in a shared database 'token_command' is the bare name of a file in /etc/pipewright/actions/sales, not 'curl evil.example'" ] || { echo "$err"; false; }
	sed -i 's|/etc/shadow$|box|; s|/usr/sbin/sendmail|msmtp|; s|\.\./other|other|; s|"cat /etc/shadow"|ask|; s|"curl evil.example"|token|' box.yaml
	as daemon pipectl apply -q box.yaml
	[ "$status" = 0 ]
	run_both pipectl validate box.yaml
	[ "$status" = 0 ]
}

@test "S2.8 pipelines: admin leaves members only people: 77" {
	sed -i 's/^mailbox: hello/&\npipelines: admin/' team.yaml
	run_both pipectl apply team.yaml
	[ "$output" = $'team/sales configured\nmailbox/hello unchanged' ]
	sed -i 's/seen/done/' welcome.yaml
	for command in "apply welcome.yaml" "delete pipeline/welcome" "migrate welcome"; do
		# shellcheck disable=SC2086
		as nobody pipectl $command
		[ "$status" = 77 ]
		[ "$output" = "" ]
	done
	as daemon pipectl apply welcome.yaml
	[ "$status" = 0 ]
	as nobody contactctl add anna@example.org
	[ "$status" = 0 ]
	as nobody contactctl enroll welcome anna@example.org
	[ "$status" = 0 ]
}

@test "a team keeps an admin" {
	sed -i "s/role: admin/role: member/g" team.yaml
	run_both pipectl apply team.yaml
	[ "$status" = 65 ]
	[ "$err" = "team.yaml:1:1: error: team 'sales' would have no admin: give a member 'role: admin'" ] || { echo "$err"; false; }
	[ "$(sql "SELECT count(*) FROM member WHERE role = 'admin'")" = 2 ]
}

@test "members of the Team document are those who may; without 'members' they stay" {
	sed -i 's/, nobody: {role: member}//' team.yaml
	run_both pipectl apply team.yaml
	[ "$status" = 0 ]
	as nobody pipectl list
	[ "$status" = 77 ]
	sed -i '/^members:/d' team.yaml
	run_both pipectl apply team.yaml
	[ "$status" = 0 ]
	[ "$(sql "SELECT count(*) FROM member")" = 2 ]
}

@test "S0.21 S0.23 documents of another team are refused, and names of another team do not exist" {
	pipectl init -q --team support
	sed 's/^name: sales/name: support/' team.yaml >support.yaml
	run_both pipectl apply --team sales support.yaml
	[ "$status" = 65 ]
	[ "$err" = "support.yaml:1:1: error: this is of team 'support', but 'sales' is meant; say --team support" ] || { echo "$err"; false; }
	sed 's/^name: welcome/&\nteam: support/' welcome.yaml >other.yaml
	run_both pipectl apply --team sales other.yaml
	[ "$status" = 65 ]
	[ "$err" = "other.yaml:1:1: error: this is of team 'support', but 'sales' is meant; say --team support" ] || { echo "$err"; false; }
	printf 'kind: Pipeline\nname: welcome\nmailbox: hello\nsteps:\n  - email: {subject: x, text: y}\n' >third.yaml
	run_both pipectl apply --team support third.yaml
	[ "$status" = 65 ]
	[ "$err" = "third.yaml:3:10: error: there is no Mailbox 'hello'" ]
	run_both pipectl apply --team support support.yaml other.yaml
	[ "$status" = 0 ]
	[ "$(sql "SELECT count(*) FROM document WHERE name = 'welcome'")" = 2 ]
	run_both pipectl export --team support pipeline/welcome
	[ "$output" = "$(pipectl export --team sales pipeline/welcome)" ]
}
