#!/usr/bin/env bats
# pipectl apply: from files into the database.

load documents

setup() {
	documents_setup
}

@test "S0.13 all documents are stored, a line each; applied again nothing changes" {
	run_both pipectl apply team.yaml welcome.yaml
	[ "$status" = 0 ]
	[ "$output" = $'team/sales configured\nmailbox/hello created\npipeline/welcome created' ]
	[ "$err" = "" ]
	run_both pipectl apply team.yaml -f welcome.yaml
	[ "$output" = $'team/sales unchanged\nmailbox/hello unchanged\npipeline/welcome unchanged' ]
	[ "$(sql 'SELECT group_concat(kind || version) FROM (SELECT kind, version FROM document ORDER BY kind)')" = "Mailbox1,Pipeline1,Team2" ]
}

@test "the forms of output: -q says nothing, --json has one object a line" {
	run_both pipectl apply -q team.yaml
	[ "$output$err" = "" ]
	run_both pipectl apply --json team.yaml welcome.yaml
	[ "${output##*$'\n'}" = '{"kind":"Pipeline","name":"welcome","action":"created"}' ]
}

@test "a folder stands for its YAML files, - for stdin" {
	mkdir d
	mv team.yaml d/1.yml
	cp welcome.yaml d/2.yaml
	echo "not: yaml" >d/.hidden.yaml
	echo "not: yaml" >d/notes.txt
	run_both pipectl apply d/
	[ "$output" = $'team/sales configured\nmailbox/hello created\npipeline/welcome created' ]
	status=0
	output=$(sed 's/welcome/other/' welcome.yaml | pipectl apply -) || status=$?
	[ "$status" = 0 ]
	[ "$output" = "pipeline/other created" ]
}

@test "B11 one wrong document: every problem of every file with its place, 65, and nothing is stored" {
	printf 'kind: Calendar\nname: c\nopne: {mon: 09:00-17:00}\n' >calendar.yaml
	write_pipeline '  - email: nix' '  - wiat: 2 days'
	run_both pipectl apply team.yaml calendar.yaml welcome.yaml
	[ "$status" = 65 ]
	[ "$output" = "" ]
	[ "$err" = "calendar.yaml:3:1: error: a Calendar has no key 'opne'; did you mean 'open'?
welcome.yaml:4:12: error: there is no Template 'nix'
welcome.yaml:5:5: error: a step has no key 'wiat'; did you mean 'wait'?" ] || { echo "$err"; false; }
	[ "$(sql 'SELECT count(*) FROM document')" = 1 ]
}

@test "what is stored already need not be in the files" {
	apply_all
	printf 'kind: Template\nname: guide\nsubject: Guide\ntext: x\n' >guide.yaml
	write_pipeline '  - email: guide'
	run_both pipectl apply welcome.yaml
	[ "$status" = 65 ]
	run_both pipectl apply guide.yaml
	[ "$status" = 0 ]
	run_both pipectl apply --keep welcome.yaml
	[ "$output" = "pipeline/welcome configured" ]
}

@test "-n prints the same and stores nothing" {
	run_both pipectl apply -n team.yaml welcome.yaml
	[ "$status" = 0 ]
	[ "$output" = $'team/sales configured\nmailbox/hello created\npipeline/welcome created' ]
	[ "$(sql 'SELECT count(*) FROM document')" = 1 ]
}

@test "usage: no operand 64, a file that is not there 66, --keep against --migrate 64" {
	run_both pipectl apply
	[ "$status" = 64 ]
	[ "$err" = "pipectl: name a file, a folder or - for stdin" ]
	run_both pipectl apply none.yaml
	[ "$status" = 66 ]
	run_both pipectl apply --keep --migrate team.yaml
	[ "$status" = 64 ]
	run_both pipectl apply --prune team.yaml
	[ "$status" = 64 ]
	[ "$err" = "pipectl: --prune is for folders: name one" ]
}

# The permanent numbers and names of the steps, in their order.
numbers() {
	pipectl show "$1" --json | sed -n 's/^{"number":\([0-9]*\),"name":"\([^"]*\)".*/\1 \2/p'
}

@test "S0.13 S4.18 B9 each change is a version with who made it; steps keep their numbers over edits" {
	apply_all
	write_pipeline '  - note: new' '  - email: {subject: Hello, text: Hi}' '    id: hello' '  - tag: seen' '  - wait: 3 days'
	run_both pipectl apply welcome.yaml
	[ "$output" = "pipeline/welcome configured" ]
	[ "$(numbers welcome@1)" = $'1 hello\n2 wait 2\n3 tag 3' ]
	[ "$(numbers welcome)" = $'4 note 4\n1 hello\n3 tag 3\n5 wait 5' ]
	[ "$(sql "SELECT group_concat(version || actor) FROM document_version WHERE name = 'welcome'")" = "1$me,2$me" ]
}

@test "S4.19 B9 people stand in steps that change: the plan, exit 1, nothing changed" {
	apply_all
	put_in anna@example.org bob@example.org
	write_pipeline '  - email: {subject: Hello, text: Hello}' '    id: hello' '  - tag: seen'
	run_both pipectl apply welcome.yaml
	[ "$status" = 1 ]
	[ "$output" = "" ]
	[ "$err" = "the steps of pipeline/welcome change; 2 people in it. With --migrate:
  2 at 'wait 2' of version 1: the step is deleted; go on at 'tag 3'
pipectl: people stand in steps that change: say --keep or --migrate; nothing was changed" ] || { echo "$err"; false; }
	[ "$(sql "SELECT version FROM document WHERE name = 'welcome'")" = 1 ]
	run_both pipectl apply -n --migrate welcome.yaml
	[ "$status" = 0 ]
	[ "$output" = "pipeline/welcome configured" ]
	[[ $err == *"2 at 'wait 2' of version 1"* ]]
	[ "$(sql 'SELECT group_concat(DISTINCT version) FROM run')" = 1 ]
}

@test "B9 --keep: they finish the version that they began, others get the new one" {
	apply_all
	put_in anna@example.org
	write_pipeline '  - email: {subject: Hello, text: Hello}' '    id: hello'
	for dry in -n ''; do
		run_both pipectl apply $dry --keep welcome.yaml
		[ "$status" = 0 ]
		[ "$output" = "pipeline/welcome configured" ]
		[ "$err" = "pipectl: note: the steps of pipeline/welcome change; 1 person in it: they finish the steps that they began" ]
	done
	put_in bob@example.org
	[ "$(sql 'SELECT group_concat(version || status) FROM run')" = "1running,2completed" ]
	pipe-tick --now "2026-07-03 09:00"
	[ "$(sql 'SELECT group_concat(status) FROM run')" = "completed,completed" ]
	[ "$(sql "SELECT count(*) FROM tag_contact WHERE tag = 'seen'")" = 1 ]
}

@test "B9 --migrate: who stands on a deleted step goes on behind it, at once" {
	apply_all
	put_in anna@example.org bob@example.org
	write_pipeline '  - email: {subject: Hello, text: Hello}' '    id: hello' '  - tag: seen' '  - wait: 9 days' '    id: rest'
	run_at "2026-07-02 09:00" pipectl apply --migrate welcome.yaml
	[ "$status" = 0 ]
	[[ $err == *"pipectl: note: 2 people of pipeline/welcome moved to the new steps" ]]
	pipe-tick --now "2026-07-02 09:00"
	[ "$(sql "SELECT count(*) FROM tag_contact WHERE tag = 'seen'")" = 2 ]
	[ "$(sql 'SELECT group_concat(DISTINCT version || status) FROM run')" = "2running" ]
	[ "$(find out/new -type f | wc -l)" = 2 ]
}

@test "B9 --migrate again takes those along who are not there yet" {
	apply_all
	put_in anna@example.org
	write_pipeline '  - email: {subject: Hello, text: Hello}' '    id: hello' '  - wait: 3 days'
	pipectl apply -q --keep welcome.yaml
	run_both pipectl apply welcome.yaml
	[ "$status" = 0 ]
	[ "$err" = "" ]
	run_both pipectl apply --migrate welcome.yaml
	[ "$status" = 0 ]
	[ "$output" = "pipeline/welcome unchanged" ]
	[ "$err" = "in older steps of pipeline/welcome: 1 person. With --migrate:
  1 at 'wait 2' of version 1: stay there; the step is changed
pipectl: note: 1 person of pipeline/welcome moved to the new steps" ] || { echo "$err"; false; }
	[ "$(sql 'SELECT version FROM run')" = 2 ]
}

# answer WORDS: applies on a terminal where these lines are typed.
answer() {
	status=0
	output=$(python3 "$PW_TOP/tests/cli/terminal.py" 200 "$1" "pipectl apply welcome.yaml --now '$now'") || status=$?
}

@test "S4.19 on a terminal apply asks: no twice changes nothing" {
	apply_all
	put_in anna@example.org
	write_pipeline '  - tag: seen'
	answer $'n\nn'
	[ "$status" = 1 ]
	[[ $output == *"Move these people to the new steps? [y/N] Let them finish the steps that they began? [y/N] "*"nothing was changed"* ]]
	[ "$(sql "SELECT version FROM document WHERE name = 'welcome'")" = 1 ]
	answer $'n\ny'
	[ "$status" = 0 ]
	[ "$(sql "SELECT version FROM document WHERE name = 'welcome'")" = 2 ]
	[ "$(sql 'SELECT version FROM run')" = 1 ]
}

@test "S4.19 on a terminal apply asks: yes moves people" {
	apply_all
	put_in anna@example.org
	write_pipeline '  - tag: seen'
	answer y
	[ "$status" = 0 ]
	[ "$(sql 'SELECT version FROM run')" = 2 ]
}

@test "B9 what is not about steps counts as of now for everybody, and asks nobody" {
	apply_all
	put_in anna@example.org
	sed -i 's/^steps:/priority: 2\n&/' welcome.yaml
	run_both pipectl apply welcome.yaml
	[ "$status" = 0 ]
	[ "$output" = "pipeline/welcome configured" ]
	[ "$err" = "" ]
}

@test "B9 a comment or another order of keys is no change of the steps" {
	apply_all
	put_in anna@example.org
	write_pipeline '  - id: hello' '    email: {text: Hello, subject: Hello}' '  - wait: 48 hours' '  - tag: seen'
	run_both pipectl apply welcome.yaml
	[ "$status" = 1 ]
	write_pipeline '  - id: hello' '    comment: for people' '    email: {text: Hello, subject: Hello}' '  - wait: 2 days' '  - tag: seen'
	run_both pipectl apply welcome.yaml
	[ "$status" = 0 ]
	[ "$output" = "pipeline/welcome configured" ]
}

@test "S4.17 a draft: nobody enters and nothing goes, until it is applied as active" {
	apply_all
	put_in anna@example.org
	sed -i 's/^steps:/active: false\n&/' welcome.yaml
	run_both pipectl apply welcome.yaml
	[ "$status" = 0 ]
	pipe-tick --now "2026-07-03 09:00"
	[ "$(sql "SELECT count(*) FROM tag_contact")" = 0 ]
	contactctl add bob@example.org >/dev/null
	run_both contactctl enroll welcome bob@example.org
	[ "$status" = 1 ]
	sed -i '/^active:/d' welcome.yaml
	run_at "2026-07-03 09:01" pipectl apply welcome.yaml
	[ "$status" = 0 ]
	pipe-tick --now "2026-07-03 09:01"
	[ "$(sql "SELECT count(*) FROM tag_contact WHERE tag = 'seen'")" = 1 ]
	[ "$(sql 'SELECT group_concat(status) FROM run')" = "completed" ]
}

@test "pause is not the file's: apply leaves it as it is" {
	apply_all
	pipectl pause welcome
	sed -i 's/^steps:/priority: 2\n&/' welcome.yaml
	run_both pipectl apply welcome.yaml
	[ "$status" = 0 ]
	[ "$(pipectl list pipelines | cut -f 2)" = paused ]
}

@test "a changed Mailbox is tried at once" {
	cat >>team.yaml <<-END
		---
		kind: Mailbox
		name: down
		from: Hello <hello@example.com>
		smtp: {url: "smtp://127.0.0.1:1", tls: none}
	END
	sed -i 's/^steps:/mailbox: down\n&/' welcome.yaml
	apply_all
	put_in anna@example.org
	[ "$(sql "SELECT reason FROM lane WHERE name = 'down'")" = backoff ]
	sed -i 's|^smtp:.*|maildir: out|' team.yaml
	run_at "2026-07-01 09:01" pipectl apply team.yaml
	[ "$status" = 0 ]
	[ "$(sql "SELECT reason || (free_at <= strftime('%s') + 0) FROM lane WHERE name = 'down'")" = 1 ]
}

@test "attachments are stored with the document; what names the stored content needs no file" {
	echo brochure >brochure.pdf
	write_pipeline '  - email: {subject: Hello, text: Hello, attach: [brochure.pdf]}' '    id: hello'
	apply_all
	[ "$(sql 'SELECT data FROM attachment')" = brochure ]
	pipectl export pipeline/welcome >e.yaml
	rm brochure.pdf
	run_both pipectl apply e.yaml
	[ "$output" = "pipeline/welcome unchanged" ]
	put_in anna@example.org
	grep -q "$(printf 'brochure\n' | base64)" out/new/*
}

@test "send-test: the attachments of a mail that stands in the pipeline are in the test, too" {
	echo brochure >brochure.pdf
	write_pipeline '  - email: {subject: Hello, text: Hello, attach: [brochure.pdf]}' '    id: hello'
	apply_all
	run_at "2026-07-01 09:00" pipectl send-test welcome --to me@example.org
	[ "$status" = 0 ]
	[ "$err" = "" ]
	pipe-tick --now "2026-07-01 09:00"
	grep -q '^Subject: \[test\] Hello' out/new/*
	grep -q "$(printf 'brochure\n' | base64)" out/new/*
	run_at "2026-07-01 09:00" pipectl send-test welcome --to me@example.org
	write_pipeline '  - email: {subject: Other, text: Hello}' '    id: other'
	pipectl apply -q --keep welcome.yaml
	pipe-tick --now "2026-07-01 09:01"
	[ "$(sql "SELECT state || ': ' || reply FROM message ORDER BY id DESC LIMIT 1")" = "refused: there is no template 'welcome/hello' any more" ]
}

@test "S0.17 people who are there already are enrolled only when asked for, and how many is said first" {
	sed -i 's/^steps:/enroll: {when: {tag: trial}}\n&/' welcome.yaml
	for i in 1 2 3; do contactctl add "p$i@example.org" --tag trial >/dev/null; done
	contactctl add other@example.org >/dev/null
	run_both pipectl apply team.yaml welcome.yaml
	[ "$(sql 'SELECT count(*) FROM run')" = 0 ]
	run_both pipectl apply --enroll-existing welcome.yaml
	[ "$status" = 1 ]
	[ "$err" = "pipectl: note: this enrolls 3 people into pipeline/welcome
pipectl: Enroll 3 people who are there already? Say -y: nobody can be asked here" ] || { echo "$err"; false; }
	run_both pipectl apply -n --enroll-existing welcome.yaml
	[ "$status" = 0 ]
	[ "$(sql 'SELECT count(*) FROM run')" = 0 ]
	run_both pipectl apply -y --enroll-existing welcome.yaml
	[ "$status" = 0 ]
	[ "$(sql 'SELECT count(*) FROM run')" = 3 ]
	run_both pipectl apply -y --enroll-existing welcome.yaml
	[ "$err" = "pipectl: note: there is nobody to enroll" ]
	[ "$(sql 'SELECT count(*) FROM run')" = 3 ]
}

@test "S0.17 --enroll-existing of a pipeline for new contacts means everybody; without its documents nothing is enrolled" {
	sed -i 's/^steps:/enroll: {new_contacts: true}\n&/' welcome.yaml
	for i in 1 2 3; do contactctl add "p$i@example.org" >/dev/null; done
	run_both pipectl apply --enroll-existing team.yaml welcome.yaml
	[ "$status" = 1 ]
	[ "$(sql "SELECT count(*) FROM document WHERE name = 'welcome'")" = 0 ]
	run_both pipectl apply -y --enroll-existing team.yaml welcome.yaml
	[ "$(sql 'SELECT count(*) FROM run')" = 3 ]
}

@test "B4 a pipeline that an answer ends, and a mailbox without an inbox: one warning at the document that is new, 0" {
	sed -i '/^inbox/d' team.yaml
	warning="warning: mailbox hello has no 'inbox': nobody sees the answers that would end welcome; say where they come in"
	warning+=" ('pipectl explain mailbox.inbox'), or \`ignore: [replied]\` in the pipeline"
	run_both pipectl apply team.yaml
	[ "$status" = 0 ] && [ "$err" = "" ]
	run_both pipectl apply welcome.yaml
	[ "$status" = 0 ] && [ "$output" = "pipeline/welcome created" ]
	[ "$err" = "welcome.yaml:1:1: $warning" ] || { echo "$err"; false; }
	run_both pipectl apply team.yaml
	[ "$err" = "team.yaml:7:1: $warning" ] || { echo "$err"; false; }
	run_both pipectl apply --json welcome.yaml
	[[ ${output%%$'\n'*} == '{"file":"welcome.yaml","line":1,"column":1,"severity":"warning","message":"mailbox hello has no '* ]]
	[ "$err" = "" ]
	echo 'ignore: [replied]' >>welcome.yaml
	run_both pipectl apply welcome.yaml
	[ "$status" = 0 ] && [ "$err" = "" ]
}
