#!/usr/bin/env bats
# contactctl import and export.

load people

setup() {
	people_setup
}

@test "a table with BOM, semicolons, quotes and CRLF; types from Fields; an empty cell changes nothing" {
	printf '\xef\xbb\xbfemail;First Name;Company;employees;langs;tags\r\nanna@example.com;Änna;"Gmbh; ""A"" & Co";10,5;;\r\nbob@example.com;Bob;;7.50;de,en;a, b c\r\n' >p.csv
	ctl import p.csv
	says 1 "1 created, 0 updated, 0 unchanged, 0 skipped, 1 rejected" "p.csv:2: error: 'employees' must be a number such as 12 or 12.5, not '10,5'"
	sed -i 's/10,5/10.5/' p.csv
	ctl import p.csv
	says 0 "1 created, 0 updated, 1 unchanged, 0 skipped, 0 rejected" ""
	ctl list -o email,first_name,company,employees,langs,tags
	says 0 "$(row bob@example.com Bob '' 7.5 de,en 'a,b c')
$(row anna@example.com Änna 'Gmbh; "A" & Co' 10.5 '' '')" ""
	ctl import - < <(printf 'email,first_name,company\nanna@example.com,,New\n')
	ctl list anna -o first_name,company
	says 0 "$(row Änna New)" ""
	[ "$(sql "SELECT DISTINCT source FROM event")" = import ]
}

@test "all that is wrong in a row is told at once" {
	printf 'email,employees,renewal,plan\nanna@example.com,viele,20.12.2026,gold\nbob,1,,\n' >p.csv
	ctl import p.csv
	says 1 "0 created, 0 updated, 0 unchanged, 0 skipped, 2 rejected" \
		"p.csv:2: error: 'employees' must be a number such as 12 or 12.5, not 'viele'; 'renewal' must be a date such as 2026-09-30, not '20.12.2026'; 'plan' cannot be 'gold', only: free, pro, team
p.csv:3: error: 'bob' is no e-mail address: no @"
}

@test "Windows-1252, tabs, and columns that are called otherwise" {
	printf 'E-Mail\tVorname\tNr\nj@example.com\tJ\xfcrgen\t17\n' >p.tsv
	ctl import p.tsv
	[ "$status" = 65 ]
	ctl import p.tsv --encoding windows-1252 --map E-Mail=email --map Vorname=first_name --map Nr=-
	says 0 "1 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected" ""
	ctl list -o first_name
	[ "$output" = Jürgen ]
	ctl import p.tsv --delimiter xx
	says 64 "" "contactctl: --delimiter is , or ; or | or tab, not 'xx'"
	ctl import p.tsv --encoding windows-1252 --map E-Mail=email --map Vorname=first_name --map Nr=- --map Ort=-
	says 64 "" "contactctl: --map 'Ort=-': there is no such column"
	ctl import p.tsv --map Nr
	says 64 "" "contactctl: --map 'Nr' is no COLUMN=FIELD"
	ctl import p.tsv --encoding windows-1252 --map E-Mail=emial --map Vorname=vornam --map Nr=-
	[ "$status" = 65 ]
	[[ $err == *"no field 'emial'; did you mean 'email'? (--map 'E-Mail=email')"* ]]
	[[ $err == *"(--map 'Vorname=FIELD' names one, --map 'Vorname=-' leaves it out)"* ]]
}

@test "columns that are no fields are all told, and nothing is imported: status 65" {
	printf 'e-mail,plann,Zzzzz,plan,Plan\na@example.com,1,2,pro,pro\n' >p.csv
	ctl import p.csv
	says 65 "" "p.csv:1: error: no field 'e-mail'; did you mean 'email'? (--map 'e-mail=email')
p.csv:1: error: no field 'plann'; did you mean 'plan'? (--map 'plann=FIELD' names one, --map 'plann=-' leaves it out)
p.csv:1: error: no field 'Zzzzz'; a Fields document declares the team's own (--map 'Zzzzz=FIELD' names one, --map 'Zzzzz=-' leaves it out)
p.csv:1: error: the columns 'plan' and 'Plan' are one field
contactctl: p.csv: nothing was imported"
	ctl import - < <(printf 'first_name,plan\nA,pro\n')
	says 65 "" "<stdin>:1: error: no column 'email'; --map 'COLUMN=email' names it
contactctl: <stdin>: nothing was imported"
	: >empty.csv
	ctl import empty.csv
	says 65 "" "contactctl: empty.csv: the file is empty: its first row names the columns"
	ctl import nothere.csv
	[ "$status" = 66 ]
	[ "$(sql "SELECT count(*) FROM contact")" = 0 ]
}

@test "bad rows are told with line and reason and written to --rejects; the good ones are kept" {
	printf 'email,plan,first_name\nanna@example.com,pro,Anna\nbob@example.com,prx,Bob\n,pro,Carl\ndora@example,pro,"Dora\nB"\nerna@example.com,pro\n\nfritz@example.com,free,Fritz' >p.csv
	ctl import p.csv --rejects bad.csv
	says 1 "2 created, 0 updated, 0 unchanged, 0 skipped, 4 rejected" "p.csv:3: error: 'plan' cannot be 'prx'; did you mean 'pro'?
p.csv:4: error: no e-mail address
p.csv:5: error: 'dora@example' is no e-mail address: the domain 'example' has no dot; 'first_name' has a control character (U+000A)
p.csv:7: error: 2 cells, where the first row has 3"
	[ "$(cat bad.csv)" = 'email,plan,first_name
bob@example.com,prx,Bob
,pro,Carl
dora@example,pro,"Dora
B"
erna@example.com,pro' ]
	ctl import bad.csv --rejects ./bad.csv
	says 64 "" "contactctl: --rejects './bad.csv' would overwrite the file that is imported"
	sed -i 's/prx/pro/' bad.csv
	ctl import bad.csv --if-exists skip
	[[ $output == "1 created, 0 updated, 0 unchanged, 0 skipped, 3 rejected" ]]
	[ "$(sql "SELECT count(*) FROM contact")" = 3 ]
}

@test "S0.17 when a pipeline would start by itself, it must be said whether it may: else 64" {
	printf 'email,plan\nanna@example.com,pro\n' >p.csv
	apply <<-YAML
		kind: Pipeline
		name: trial
		enroll: {when: {tag: trial}}
		steps: [{email: intro}]
		---
		kind: Pipeline
		name: orders
		enroll: {when: {event: order.placed}}
		steps: [{email: intro}]
	YAML
	ctl import -n p.csv
	says 0 "1 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected" ""
	ctl import p.csv --tag trial
	says 64 "" "contactctl: pipeline 'trial' may start by itself: say --auto-enroll or --no-auto-enroll"
	ctl import - < <(printf 'email,tags\nanna@example.com,trial\n')
	[ "$status" = 64 ]
	[ "$(sql "SELECT count(*) FROM contact")" = 0 ]
	ctl import p.csv --tag trial --no-auto-enroll
	says 0 "1 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected" ""
	[ "$(sql "SELECT count(*) FROM run")" = 0 ]
	ctl import - --tag trial --auto-enroll < <(printf 'email\nbob@example.com\n')
	says 0 "1 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected
1 enrolled, 0 of them blocked; 0 refused" ""
	ctl import p.csv --auto-enroll --no-auto-enroll
	[ "$status" = 64 ]
}

@test "S0.16 everybody who is imported enters the pipelines for new contacts" {
	apply <<-YAML
		kind: Pipeline
		name: welcome
		enroll: {new_contacts: true}
		steps: [{email: intro}, {email: offer, after: 1 day}]
	YAML
	printf 'email,plan,company\nanna@example.com,pro,A\nbob@example.com,,\n' >p.csv
	ctl import p.csv
	[ "$status" = 64 ]
	ctl import p.csv --auto-enroll
	says 0 "2 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected
2 enrolled, 1 of them blocked; 0 refused" "contactctl: note: 'contactctl list blocked' shows who is blocked, and why"
	ctl import p.csv --auto-enroll
	says 0 "0 created, 0 updated, 2 unchanged, 0 skipped, 0 rejected" ""
}

@test "S2.24 an import names those who are refused by a pipeline, and why; all pipelines that would start are named" {
	apply <<-YAML
		kind: Pipeline
		name: signed
		enroll: {new_contacts: true}
		steps: [{email: {subject: Hi, text: "{{ sender.signature }}"}}]
		---
		kind: Pipeline
		name: welcome
		enroll: {new_contacts: true}
		steps: [{email: intro}]
	YAML
	printf 'email\nanna@example.com\n' >p.csv
	ctl import p.csv
	says 64 "" "contactctl: pipelines 'signed', 'welcome' may start by themselves: say --auto-enroll or --no-auto-enroll"
	ctl import p.csv --auto-enroll
	says 0 "1 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected
1 enrolled, 0 of them blocked; 1 refused" "contactctl: note: anna@example.com does not enter signed: missing: sender.signature"
	ctl import p.csv --no-auto-enroll --enroll welcome
	says 1 "0 created, 0 updated, 1 unchanged, 0 skipped, 0 rejected
0 enrolled, 0 of them blocked; 1 refused" "contactctl: note: anna@example.com does not enter welcome: already active in this pipeline since 2026-06-29T07:00:00Z, next intro at 2026-06-29T07:00:00Z"
	ctl add - --no-auto-enroll --enroll signed <<<'{"email": "bob@example.com"}'
	says 1 "1 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected
0 enrolled, 0 of them blocked; 1 refused" "contactctl: note: bob@example.com does not enter signed: missing: sender.signature"
	ctl add anna@example.com --enroll welcome
	says 1 "anna@example.com unchanged" "contactctl: note: anna@example.com does not enter welcome: already active in this pipeline since 2026-06-29T07:00:00Z, next intro at 2026-06-29T07:00:00Z"
}

@test "S2.24 a pipeline that was named and does not take somebody says so, too; one that starts by itself just does not" {
	apply <<-YAML
		kind: Pipeline
		name: customers
		enroll: {new_contacts: true, if: {field: {lifecycle: customer}}}
		steps: [{email: intro}]
		---
		kind: Pipeline
		name: draft
		active: false
		steps: [{email: intro}]
	YAML
	printf 'email\nanna@example.com\n' >p.csv
	ctl import p.csv --auto-enroll
	says 0 "1 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected" ""
	ctl import p.csv --no-auto-enroll --enroll customers --enroll draft
	says 1 "0 created, 0 updated, 1 unchanged, 0 skipped, 0 rejected
0 enrolled, 0 of them blocked; 2 refused" "contactctl: note: anna@example.com does not enter customers: \`enroll.if\` is false (lifecycle is customer): no lifecycle
contactctl: note: anna@example.com does not enter draft: the pipeline is not active"
	ctl add - --no-auto-enroll --enroll customers <<<'{"email": "bob@example.com"}'
	says 1 "1 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected
0 enrolled, 0 of them blocked; 1 refused" "contactctl: note: bob@example.com does not enter customers: \`enroll.if\` is false (lifecycle is customer): no lifecycle"
}

@test "S2.21 --enroll starts everybody, --json counts" {
	with_pipelines
	printf 'email\nanna@example.com\nbob@example.com\n' >p.csv
	ctl import p.csv --enroll short --json
	says 0 '{"created":2,"updated":0,"unchanged":0,"skipped":0,"rejected":0,"suppressed":0,"enrolled":2,"blocked":0,"refused":0,"unwanted":0}' ""
	ctl import p.csv --enroll shrot
	says 67 "" "contactctl: no pipeline 'shrot' in team 'sales'; did you mean 'short'?"
}

@test "-n prints the same and stores nothing, rejects neither" {
	printf 'email,plan\nanna@example.com,pro\nanna@example.com,free\nbob@example.com,x\n' >p.csv
	ctl import -n p.csv --rejects bad.csv
	dry=$output$err
	[ "$(sql "SELECT count(*) FROM contact")" = 0 ]
	[ ! -e bad.csv ]
	ctl import p.csv
	[ "$status" = 1 ]
	[ "$output$err" = "$dry" ]
	[[ $output == "1 created, 1 updated,"* ]]
}

@test "an import that was interrupted goes on when it is repeated" {
	{ echo email,plan; for i in $(seq 300); do echo "p$i@example.com,pro"; done; } >all.csv
	ctl import - < <(head -101 all.csv)
	ctl import all.csv
	says 0 "200 created, 0 updated, 100 unchanged, 0 skipped, 0 rejected" ""
	[ "$(sql "SELECT count(*) FROM event")" = 300 ]
}

@test "an export is imported unchanged: formulas, quotes, lists, tags, suppression" {
	do_ctl add '=cmd@example.com' first_name='=1+2' last_name="'quoted" company='a, "b"; c' langs=de,en news=no --tag 'a b' --tag c
	do_ctl add anna@example.com phone='+49 30 1234' employees=-3 kind=contact lang=de-AT timezone=Europe/Vienna
	do_ctl unsubscribe anna@example.com
	ctl export
	[ "$status" = 0 ]
	[[ $output == *"'=cmd@example.com,'=1+2,"* ]]
	[[ $output == *"'+49 30 1234"* ]]
	printf '%s\n' "$output" >e.csv
	ctl import e.csv
	says 0 "0 created, 0 updated, 2 unchanged, 0 skipped, 0 rejected" "contactctl: note: 1 of them is suppressed: stored, but not written to"
	pipectl init -q --team other --now "$now"
	sed 's/name: sales/name: other/' surroundings.yaml >other.yaml
	pipectl apply -q other.yaml --team other --now "$now"
	ctl import e.csv --team other
	[ "$status" = 0 ]
	[[ $output == "2 created, "* ]]
	ctl export --team other
	[ "$output" = "$(cat e.csv)" ]
	ctl list --team other -o email,suppressed
	[[ $output == *"anna@example.com${tab}unsubscribed" ]]
	ctl export --raw --team sales --where kind=contact
	[[ $output == *",+49 30 1234,"* ]]
	[ "$(wc -l <<<"$output")" = 2 ]
}

@test "S2.38-S2.40 export ADDR is everything that is known of a person, as JSON" {
	with_pipelines
	do_ctl add anna@example.com first_name=Anna --enroll short
	pipe-tick --now "$now"
	ctl export anna@example.com
	[ "$status" = 0 ]
	python3 - "$output" <<-'PY'
		import json, sys
		d = json.loads(sys.argv[1])
		assert d["email"] == "anna@example.com" and d["tags"] == ["done"], d
		assert [r["pipeline"] for r in d["runs"]] == ["short"], d
		assert [p["step"] for p in d["runs"][0]["planned"]] == ["bye"], d
		assert [e["type"] for e in d["events"]][:2] == ["contact.created", "run.started"], d
		assert d["messages"][0]["subject"] == "Hello Anna" and d["messages"][0]["state"] == "sent", d
	PY
}
