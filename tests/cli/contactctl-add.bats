#!/usr/bin/env bats
# contactctl add: one, many as JSON Lines, and what starts by itself.

load people

setup() {
	people_setup
}

welcome() {
	apply <<-YAML
		kind: Pipeline
		name: welcome
		enroll: {new_contacts: true}
		steps: [{email: intro}]
		---
		kind: Pipeline
		name: trial
		enroll: {when: {tag: trial}}
		steps: [{email: intro, after: 1 hour}]
	YAML
}

@test "a new contact is stored with its fields and tags" {
	ctl add Anna@Example.com first_name=Anna employees=010.50 news=TRUE langs=de,en --tag vip --tag fair
	says 0 "Anna@Example.com created" ""
	ctl show anna@EXAMPLE.com
	says 0 "email${tab}Anna@Example.com
kind${tab}lead
employees${tab}10.5
first_name${tab}Anna
langs${tab}[\"de\", \"en\"]
news${tab}yes
tag${tab}fair
tag${tab}vip
created${tab}2026-06-29T07:00:00Z
updated${tab}2026-06-29T07:00:00Z
id${tab}1
runs${tab}never enrolled" ""
}

@test "an address that is there is updated; what was not said stays; FIELD= clears" {
	do_ctl add anna@example.com first_name=Anna plan=pro --tag vip
	ctl add ANNA@example.com plan=team phone=1
	says 0 "anna@example.com updated" ""
	ctl add anna@example.com plan= first_name=Anna
	says 0 "anna@example.com updated" ""
	ctl add anna@example.com first_name=Anna --tag vip
	says 0 "anna@example.com unchanged" ""
	ctl list -o email,first_name,plan,phone,tags
	says 0 "$(row anna@example.com Anna '' 1 vip)" ""
	[ "$(sql "SELECT group_concat(type) FROM (SELECT type FROM event ORDER BY id)")" = contact.created,contact.updated,contact.updated ]
}

@test "--if-exists skip leaves it, fail refuses with status 1" {
	do_ctl add anna@example.com plan=pro
	ctl add anna@example.com plan=free --if-exists skip
	says 0 "anna@example.com skipped" ""
	ctl add anna@example.com plan=free --if-exists fail
	says 1 "" "contactctl: there is a contact 'anna@example.com' already"
	ctl list -o plan
	[ "$output" = pro ]
	ctl add anna@example.com --if-exists replace
	[ "$status" = 64 ]
}

@test "values are checked as Fields says, names with what may be meant" {
	while IFS='|' read -r want what message; do
		ctl add anna@example.com "$what"
		says "$want" "" "contactctl: $message"
	done <<-TABLE
		64|email=x@example.com|'email' is no field here: the address stands by itself; 'contactctl set' changes it
		67|plann=pro|no field 'plann'; did you mean 'plan'?
		67|zzzzzz=1|no field 'zzzzzz'; a Fields document declares the team's own
		65|plan=prx|'plan' cannot be 'prx'; did you mean 'pro'?
		65|employees=ten|'employees' must be a number such as 12 or 12.5, not 'ten'
		65|renewal=2026-02-30|'renewal' must be a date such as 2026-09-30, not '2026-02-30'
		65|kind=customer|'kind' cannot be 'customer', only: lead, contact
		65|kind=|'kind' is lead or contact, it cannot be cleared
		65|lang=deutsch|'lang' must be a language such as de or de-AT, not 'deutsch'
		65|lifecycle=custmer|no lifecycle stage 'custmer'; did you mean 'customer'?
		64|plan|'plan' is no FIELD=VALUE
		64|=x|'=x' is no FIELD=VALUE
	TABLE
	ctl add anna@example.com timezone=Europe/Berlni
	[ "$status" = 65 ]
	[[ $err == *"Europe/Berlin"* ]]
	[ "$(sql "SELECT count(*) FROM contact")" = 0 ]
}

@test "control characters are refused, names in any script are kept" {
	ctl add anna@example.com first_name=$'A\e[31mnna'
	says 65 "" "contactctl: 'first_name' has a control character (U+001B)"
	ctl add anna@example.com --tag $'a\nb'
	[ "$status" = 65 ]
	ctl add anna@example.com --tag a,b
	says 65 "" "contactctl: tag 'a,b': a tag has no comma, and no blank around it"
	do_ctl add anna@example.com first_name='Ζωή 陈' last_name='Ó Briain-Müller عمر'
	ctl list -o first_name,last_name
	says 0 "$(row 'Ζωή 陈' 'Ó Briain-Müller عمر')" ""
}

@test "an address is checked, and is one contact in any spelling" {
	ctl add anna.example.com
	[ "$status" = 65 ]
	[[ $err == "contactctl: 'anna.example.com' is no e-mail address"* ]]
	do_ctl add anna@münchen.example
	ctl add Anna@XN--MNCHEN-3YA.example
	says 0 "anna@münchen.example unchanged" ""
}

@test "S0.16 S0.17 S4.3 pipelines start by themselves, several at once, and are told with their first mail" {
	welcome
	ctl add anna@example.com --tag trial
	says 0 "anna@example.com created
anna@example.com enrolled in trial, first e-mail intro at 2026-06-29T08:00:00Z
anna@example.com enrolled in welcome, first e-mail intro at 2026-06-29T07:00:00Z" ""
	ctl add bob@example.com --json --tag trial
	[ "$output" = '{"email":"bob@example.com","result":"created","id":17,"enrolled":["trial","welcome"],"blocked":[]}' ]
	ctl add carl@example.com --no-auto-enroll --tag trial
	says 0 "carl@example.com created" ""
	[ "$(sql "SELECT count(*) FROM run")" = 4 ]
}

@test "S0.17 who was there before is not enrolled" {
	do_ctl add anna@example.com
	welcome
	ctl add anna@example.com phone=1
	says 0 "anna@example.com updated" ""
	[ "$(sql "SELECT count(*) FROM run")" = 0 ]
}

@test "S0.18 --enroll starts a pipeline by hand; once, though it would start by itself, too" {
	welcome
	ctl add anna@example.com --enroll welcome
	says 0 "anna@example.com created
anna@example.com enrolled in welcome, first e-mail intro at 2026-06-29T07:00:00Z" ""
	ctl add anna@example.com --enroll welcom
	says 67 "" "contactctl: no pipeline 'welcom' in team 'sales'; did you mean 'welcome'?"
}

@test "S2.20 who lacks something is blocked: status 0 and the command that mends it" {
	with_pipelines
	ctl add anna@example.com --enroll nurture
	says 0 "anna@example.com created" "contactctl: note: anna@example.com is in nurture, but blocked: missing contact.plan, contact.company
contactctl set anna@example.com plan=... company=..."
	ctl add anna@example.com -q --enroll nurture
	says 1 "" ""
}

@test "an address that unsubscribed is stored and marked, and never enrolled, also when it comes again" {
	welcome
	do_ctl add anna@example.com --no-auto-enroll
	do_ctl unsubscribe anna@example.com
	do_ctl delete anna@example.com
	ctl add anna@example.com first_name=Anna
	says 0 "anna@example.com created" "contactctl: note: anna@example.com is suppressed (unsubscribed): stored, but not written to
contactctl: note: anna@example.com is not enrolled in welcome: must not be written to: unsubscribed"
	[ "$(sql "SELECT count(*) FROM run")" = 0 ]
}

@test "-n prints the same and stores nothing" {
	welcome
	ctl add -n anna@example.com --tag trial
	dry=$output
	[ "$(sql "SELECT count(*) FROM contact")$(sql "SELECT count(*) FROM event")$(sql "SELECT count(*) FROM queue")" = 000 ]
	ctl add anna@example.com --tag trial
	says 0 "$dry" ""
}

@test "add -: a person a line as JSON; bad lines are told, the others are kept, status 1" {
	ctl add - --tag crm <<-'JSON'
		{"email": "anna@example.com", "first_name": "Anna", "employees": 3, "news": true, "langs": ["de", "en"], "tags": ["a", "b"]}

		{"email": "bob@example.com", "tags": "x, y", "plan": null}
		{"email": "carl@example.com", "plann": "pro"}
		{"first_name": "Nobody"}
		{"email": "dora@example.com"
		["erna@example.com"]
		{"email": "anna@example.com", "first_name": ""}
	JSON
	says 1 "2 created, 1 updated, 0 unchanged, 0 skipped, 4 rejected" "<stdin>:4: error: no field 'plann'; did you mean 'plan'?
<stdin>:5: error: no 'email'
<stdin>:6:29: error: the text ends too early
<stdin>:7: error: this is no JSON object"
	ctl list -o email,first_name,employees,news,langs,tags
	says 0 "$(row anna@example.com '' 3 yes de,en a,b,crm)
$(row bob@example.com '' '' '' '' crm,x,y)" ""
	ctl add - more=1 </dev/null
	[ "$status" = 64 ]
}

@test "S0.21 S0.23 another team's contact with the same address is another contact" {
	pipectl init -q --team support --now "$now"
	do_ctl add anna@example.com first_name=Sales --team sales
	ctl add anna@example.com first_name=Support --team support
	says 0 "anna@example.com created" ""
	ctl list --team sales -o first_name
	[ "$output" = Sales ]
	for verb in show activity export convert unsubscribe delete; do
		ctl "$verb" bob@example.com --team support
		says 67 "" "contactctl: no contact 'bob@example.com' in team 'support'"
	done
	do_ctl add bob@example.com --team sales
	ctl list --team support bob
	says 0 "" ""
	ctl add anna@example.com
	[ "$status" = 64 ]
}
