#!/usr/bin/env bats
# pipectl list, show, graph, explain, schema: what is there, for people and for programs.

load documents

setup() {
	documents_setup
	cat >rich.yaml <<-'END'
		kind: Pipeline
		name: rich
		purpose: service
		mailbox: hello
		hours: always
		priority: 3
		enroll: {new_contacts: false, when: [{tag: trial}, {event: contact.created, again: always}], if: {kind: lead}}
		stop: [{tag: bought}]
		late: {max: 6 hours, then: skip}
		steps:
		  - email: {subject: "Hi \"you\"", text: Hello}
		    id: hi
		    after: 2 hours
		    comment: Anna wants this
		    mailbox: hello
		  - wait: {until: tue 09:00}
		  - if: {any: [{tag: hot}, {field: {email: {contains: "@example.org"}}}]}
		    then:
		      - tag: [a, b]
		    else:
		      - untag: a
		      - exit: over
		  - set: {first_name: Bob}
		  - note: Done
	END
}

@test "S2.9 no pipeline yet: a notice says so, also when one is asked for by name" {
	run_both pipectl list pipelines
	[ "$status" = 0 ]
	[ "$output" = "" ]
	[ "$err" = "pipectl: note: team 'sales' has no pipeline yet: its admins ($(id -un)) set them up with 'pipectl apply'" ]
	run_both pipectl show welcome
	[ "$status" = 67 ]
	[ "$err" = "pipectl: no pipeline 'welcome' in team 'sales', which has none yet: its admins ($(id -un)) set them up with 'pipectl apply'" ]
}

@test "S2.12 list: pipelines with state, version, steps and people; found by a part of the name" {
	apply_all
	put_in anna@example.org bob@example.org
	pipectl apply -q rich.yaml
	contactctl stop welcome bob@example.org >/dev/null
	run_both pipectl list pipelines
	[ "$output" = $'rich\tactive\t1\t8\t0\t0\t0\nwelcome\tactive\t1\t3\t1\t0\t0' ] || { echo "$output"; false; }
	run_both pipectl list pipelines RIC
	[ "$output" = $'rich\tactive\t1\t8\t0\t0\t0' ]
	run_both pipectl list --json pipeline welcome
	[ "$output" = '{"name":"welcome","state":"active","version":1,"steps":3,"open":1,"blocked":0,"completed":0}' ]
	pipe-tick --now "2026-07-03 09:00"
	pipectl pause welcome
	run_both pipectl list pipelines welcome
	[ "$output" = $'welcome\tpaused\t1\t3\t0\t0\t1' ]
}

@test "list: all documents as KIND/NAME, those of one kind by name" {
	apply_all
	run_both pipectl list
	[ "$(cut -f 1 <<<"$output")" = $'mailbox/hello\npipeline/welcome\nteam/sales' ]
	run_both pipectl list hell
	[ "$(cut -f 1,2,3 <<<"$output")" = $'mailbox/hello\t1\tteam.yaml' ]
	run_both pipectl list mailboxes
	[ "$(cut -f 1 <<<"$output")" = hello ]
	run_both pipectl list mailbox nix
	[ "$status" = 0 ]
	[ "$output$err" = "" ]
	run_both pipectl list nix x
	[ "$status" = 64 ]
}

@test "S4.18 show: a pipeline with its steps, numbers, delays, mailbox, comments and who stands where" {
	apply_all
	pipectl apply -q rich.yaml --now "$now"
	contactctl add anna@example.org --no-auto-enroll >/dev/null
	contactctl enroll rich anna@example.org >/dev/null
	run_both pipectl show rich
	[ "$status" = 0 ]
	[ "$(tr "\t" "|" <<<"$output")" = "pipeline|rich
state|active
version|1
changed_at|2026-07-01T07:00:00Z
actor|$me
source|rich.yaml
purpose|service
mailbox|hello
hours|always
priority|3
enroll|when tag is trial; when event is contact.created (each time); only if kind is lead
stop|replied; converted; tag is bought
late|skip when more than 6 hours late
open|1
blocked|0
completed|0
stopped|0
1|hi|2 hours|email|\"Hi \"you\"\"|hello|1|Anna wants this
2|wait 2||wait|until tue 09:00||0|
3|if 3||if|tag is hot or email contains @example.org||0|
4|tag 4||tag|a, b||0|
5|untag 5||untag|a||0|
6|exit 6||exit|over||0|
7|set 7||set|first_name = Bob||0|
8|note 8||note|Done||0|" ] || { echo "$output"; false; }
}

@test "show: one of its versions, and who stands at steps that only another one has" {
	apply_all
	put_in anna@example.org
	write_pipeline '  - tag: other'
	pipectl apply -q --keep welcome.yaml
	run_both pipectl show welcome
	[[ $output == *$'\nversion\t2\n'* ]]
	[ "$(tail -n 1 <<<"$output")" = $'3\ttag 3\t\ttag\tother\t\t0\t' ] || { echo "$output"; false; }
	[ "$err" = "pipectl: note: 1 at step 2, which only version 1 has" ] || { echo "$err"; false; }
	run_both pipectl show pipeline/welcome@1
	[ "$err" = "" ]
	[ "$(tail -n 2 <<<"$output" | cut -f 1,2,7)" = $'2\twait 2\t1\n3\ttag 3\t0' ]
	run_both pipectl show welcome@3
	[ "$status" = 67 ]
	run_both pipectl show welcome@x
	[ "$status" = 64 ]
}

@test "show: on a terminal branches stand to the right, times are the team's" {
	pipectl apply -q team.yaml rich.yaml --now "$now"
	output=$(python3 "$PW_TOP/tests/cli/terminal.py" 120 "" "pipectl show rich")
	[[ $output == *"CHANGED AT:"*"2026-07-01 09:00"* ]] || { echo "$output"; false; }
	[[ $output == *$'\n     4  + tag 4'* ]] || { echo "$output"; false; }
	[[ $output == *$'\n     5  - untag 5'* ]]
}

@test "show: other documents as YAML under a line that says where it is from" {
	pipectl apply -q team.yaml --now "$now"
	run_both pipectl show mailbox/hello
	[ "$output" = "# mailbox/hello, version 1 of 1, stored 2026-07-01T07:00:00Z by $me; the newest is from team.yaml
kind: Mailbox
name: hello
from: Hello <hello@example.com>
maildir: out
inbox: drop
inbox_max_age: never" ] || { echo "$output"; false; }
	run_both pipectl show --json mailbox/hello
	[ "$output" = '{"kind":"Mailbox","name":"hello","version":1,"source":"team.yaml","changed_at":"2026-07-01T07:00:00Z","actor":"'"$me"'","text":"kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: out\ninbox: drop\ninbox_max_age: never\n","state":"open","since":null,"until":null,"reason":null}' ] || { echo "$output"; false; }
	pipectl show mailbox/hello >again.yaml
	run_both pipectl diff again.yaml
	[ "$status" = 0 ]
}

@test "S4.2 graph: boxes, arrows with delays, branches that join" {
	pipectl apply -q team.yaml rich.yaml
	run_both pipectl graph rich
	[ "$status" = 0 ]
	[ "$output" = 'digraph "rich" {
  rankdir=TB;
  start_ [label="start", shape=oval];
  end_ [label="end", shape=oval];
  s1 [label="hi\nemail \"Hi \"you\"\"", shape=box];
  s2 [label="wait until tue 09:00", shape=box];
  s3 [label="if tag is hot or email contains @example.org", shape=diamond];
  s4 [label="tag a, b", shape=box];
  s5 [label="untag a", shape=box];
  s6 [label="exit over", shape=box];
  s7 [label="set first_name = Bob", shape=box];
  s8 [label="note Done", shape=box];
  start_ -> s1 [label="after 2 hours"];
  s1 -> s2;
  s2 -> s3;
  s3 -> s4 [label="yes"];
  s3 -> s5 [label="no"];
  s4 -> s7;
  s5 -> s6;
  s6 -> end_;
  s7 -> s8;
  s8 -> end_;
}' ] || { echo "$output"; false; }
	run_both pipectl graph rich --as mermaid
	[[ $output == "flowchart TD"$'\n'* ]]
	[[ $output == *'s1["hi<br>email #34;Hi #34;you#34;#34;"]'* ]] || { echo "$output"; false; }
	[[ $output == *'s3 -->|yes| s4'* ]]
	run_both pipectl graph rich --as png
	[ "$status" = 64 ]
}

@test "explain: kinds, maps in them, keys, events, placeholders, without a database" {
	run_both pipectl explain --db none.db
	[ "$status" = 0 ]
	[[ $output == *"  Pipeline  "* ]]
	run_both pipectl explain pipeline.enroll
	[[ $output == *"  new_contacts  "* ]]
	run_both pipectl explain Team.members.role
	[[ $output == "  role  "* ]]
	run_both pipectl explain events
	[[ $output == *"  contact.created"* ]]
	run_both pipectl explain placeholders
	[[ $output == *"  contact  "* ]]
	run_both pipectl explain pipline
	[ "$status" = 67 ]
	[ "$err" = "pipectl: there is nothing to explain about 'pipline'; did you mean 'Pipeline'?" ]
}

@test "B11 schema: JSON that describes every kind that can be applied" {
	pipectl schema --db none.db >schema.json
	python3 - <<-'END'
		import json
		schema = json.load(open("schema.json"))
		assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
		kinds = {schema["$defs"][one["$ref"].split("/")[-1]]["properties"]["kind"]["const"] for one in schema["oneOf"]}
		assert kinds == {"Team", "Calendar", "Mailbox", "Fields", "Template", "Pipeline"}, kinds
	END
}
