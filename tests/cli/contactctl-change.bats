#!/usr/bin/env bats
# contactctl set, tag, untag, convert, unsubscribe, resubscribe, merge, delete.

load people

setup() {
	people_setup
	with_pipelines
	do_ctl add anna@example.com first_name=Anna plan=pro company=A --tag fair
	do_ctl add bob@example.com first_name=Bob
}

types() {
	sql "SELECT group_concat(type) FROM (SELECT type FROM event WHERE type NOT IN ('contact.created', 'run.started') ORDER BY id)"
}

@test "set changes and clears fields; what is so already is unchanged" {
	ctl set anna@example.com plan=team phone='+49 30 1' company=
	says 0 "$(row anna@example.com updated '')" ""
	ctl set ANNA@example.com plan=team
	says 0 "$(row anna@example.com unchanged '')" ""
	ctl list anna -o plan,phone,company
	[ "$output" = "$(row team '+49 30 1' '')" ]
	[ "$(types)" = contact.updated ]
	[ "$(sql "SELECT data FROM event WHERE type = 'contact.updated'")" = '{"fields":"plan, phone, company"}' ]
	ctl set anna@example.com plann=x
	says 67 "" "contactctl: no field 'plann'; did you mean 'plan'?"
	ctl set nobody@example.com plan=pro
	says 67 "" "contactctl: no contact 'nobody@example.com' in team 'sales'"
	ctl set -n anna@example.com plan=free
	says 0 "$(row anna@example.com updated '')" ""
	[ "$(sql "SELECT count(*) FROM contact WHERE fields LIKE '%free%'")" = 0 ]
}

@test "S2.15 set email= gives another address, unless somebody has it" {
	ctl set anna@example.com email=BOB@example.com
	says 1 "" "contactctl: 'BOB@example.com' is the address of another contact; 'contactctl merge' joins the two"
	ctl set anna@example.com email=anna@example
	[ "$status" = 65 ]
	ctl set anna@example.com email=Anna@Example.org phone=1
	says 0 "$(row anna@example.com updated 'now Anna@Example.org')" ""
	ctl show anna@example.com
	[ "$status" = 67 ]
	ctl set anna@example.org email=ANNA@example.org
	says 0 "$(row Anna@Example.org updated 'now ANNA@example.org')" ""
	ctl activity anna@example.org
	[ "$status" = 0 ]
	[[ $output == *"before: anna@example.com"* ]]
}

@test "an unsubscribe goes with the person to a new address, a bounce does not" {
	do_ctl unsubscribe anna@example.com
	printf 'email,suppressed\nanna@example.com,bounced\n' >p.csv
	do_ctl import p.csv
	do_ctl set anna@example.com email=anna@example.org
	ctl list anna -o suppressed
	[ "$output" = unsubscribed ]
	ctl add anna@example.com
	[[ $err == *"suppressed (unsubscribed, bounced)"* ]]
}

@test "S4.12 tag and untag: named, by filter, everybody; only what changes is recorded" {
	ctl tag vip anna@example.com bob@example.com anna@example.com
	says 0 "$(row anna@example.com tagged '')
$(row bob@example.com tagged '')
$(row anna@example.com unchanged '')" ""
	ctl untag vip --where tag=fair
	says 0 "$(row anna@example.com untagged '')" ""
	ctl tag x --all -q
	says 0 "$(row anna@example.com tagged '')
$(row bob@example.com tagged '')" ""
	ctl list -o email,tags
	[ "$output" = "$(row anna@example.com fair,x)
$(row bob@example.com vip,x)" ]
	[ "$(types)" = contact.tagged,contact.tagged,contact.untagged,contact.tagged,contact.tagged ]
	ctl tag vip
	[ "$status" = 64 ]
	ctl tag 'a,b' --all
	[ "$status" = 65 ]
	ctl untag -n x --all --json
	[ "$output" = '{"email":"anna@example.com","result":"untagged","note":null}
{"email":"bob@example.com","result":"untagged","note":null}' ]
	[ "$(sql "SELECT count(*) FROM contact WHERE fields LIKE '%#x%'")$(sql "SELECT count(*) FROM tag_contact WHERE tag = 'x'")" = 22 ]
}

@test "S4.3 a pipeline that waits for a tag starts when it is given, and when a field comes" {
	apply <<-YAML
		kind: Pipeline
		name: hot
		enroll: {when: {all: [{tag: hot}, {field: {plan: pro}}]}}
		steps: [{email: intro}]
	YAML
	ctl tag hot --all
	says 0 "$(row anna@example.com tagged 'enrolled: hot')
$(row bob@example.com tagged '')" ""
	ctl set bob@example.com plan=pro
	says 0 "$(row bob@example.com updated 'enrolled: hot')" ""
	ctl set bob@example.com phone=1
	says 0 "$(row bob@example.com updated '')" ""
}

@test "S2.4 S2.6 convert makes a contact of a lead and ends all its sequences; a second time is status 1" {
	do_ctl enroll short anna@example.com
	do_ctl enroll nurture anna@example.com
	ctl convert anna@example.com
	says 0 "$(row anna@example.com converted 'stopped: nurture; stopped: short')" ""
	ctl convert anna@example.com
	says 0 "$(row anna@example.com unchanged 'a contact already')" ""
	[ "$(sql "SELECT group_concat(DISTINCT reason) FROM run")" = converted ]
	do_ctl enroll short bob@example.com
	ctl set bob@example.com kind=contact
	says 0 "$(row bob@example.com updated 'stopped: short')" ""
}

@test "the lifecycle stage has an event of its own" {
	do_ctl set anna@example.com lifecycle=customer
	[ "$(types)" = contact.updated,contact.lifecycle ]
	ctl set anna@example.com lifecycle=custmer
	says 65 "" "contactctl: no lifecycle stage 'custmer'; did you mean 'customer'?"
}

@test "unsubscribe ends marketing and keeps service; resubscribe needs a source, and mail goes again" {
	apply <<-YAML
		kind: Pipeline
		name: invoices
		purpose: service
		steps: [{email: intro, after: 1 day}]
	YAML
	do_ctl enroll short anna@example.com
	do_ctl enroll invoices anna@example.com
	ctl unsubscribe anna@example.com
	says 0 "$(row anna@example.com unsubscribed 'stopped: short')" ""
	ctl unsubscribe anna@example.com
	says 0 "$(row anna@example.com unchanged '')" ""
	ctl enroll short anna@example.com
	[ "$status" = 1 ]
	ctl resubscribe anna@example.com
	says 64 "" "contactctl: say with --source who asked for it, and how: it is kept as the proof"
	ctl resubscribe anna@example.com --source 'her call'
	says 0 "$(row anna@example.com resubscribed 'was: unsubscribed')" ""
	ctl enroll short anna@example.com
	[ "$status" = 0 ]
	ctl resubscribe anna@example.com --source again
	says 0 "$(row anna@example.com unchanged '')" ""
	[ "$(sql "SELECT data FROM event WHERE type = 'contact.confirmed'")" = '{"was":"unsubscribed","consent":"her call"}' ]
	[ "$(sql "SELECT count(*) FROM suppression")" = 0 ]
}

@test "merge: what the one lacks, tags, history and runs come from the other, which is gone" {
	do_ctl set bob@example.com phone=1 company=B
	do_ctl tag vip bob@example.com
	do_ctl enroll short bob@example.com
	do_ctl enroll nurture anna@example.com
	pipe-tick --now "$now"
	ctl merge -n anna@example.com bob@example.com
	says 0 "bob@example.com is now part of anna@example.com" ""
	ctl merge anna@example.com bob@example.com
	says 0 "bob@example.com is now part of anna@example.com" ""
	ctl list -o email,first_name,company,phone,tags,running
	says 0 "$(row anna@example.com Anna A 1 done,fair,vip 2)" ""
	ctl activity anna@example.com
	[[ $output == *"contact.merged"*"email.sent${tab}short${tab}intro"*"contact.created"*"contact.created"* ]]
	pipe-tick --now 2026-07-02T09:00:00+02:00
	grep -q '^To: .*bob@example.com' "$(grep -l '^Subject: Hello' out/new/*)"
	grep -q '^To: .*anna@example.com' "$(grep -l '^Subject: Bye' out/new/*)"
}

@test "merge: of two runs of one pipeline the other's stops; an unsubscribe counts for the one" {
	do_ctl enroll short anna@example.com bob@example.com
	ctl merge anna@example.com bob@example.com
	says 0 "bob@example.com is now part of anna@example.com" "contactctl: note: 1 run of bob@example.com stopped: anna@example.com is in the same pipeline, or a mail was under way"
	[ "$(sql "SELECT group_concat(status || ' ' || reason, ',') FROM (SELECT * FROM run ORDER BY id)")" = "pending ,stopped contact.merged" ]
	do_ctl add carl@example.com
	do_ctl unsubscribe carl@example.com
	do_ctl merge anna@example.com carl@example.com
	ctl list -o email,suppressed,running
	says 0 "$(row anna@example.com unsubscribed 0)" ""
	ctl merge anna@example.com anna@EXAMPLE.com
	says 1 "" "contactctl: 'anna@example.com' and 'anna@example.com' are one contact"
	ctl merge anna@example.com nobody@example.com
	says 67 "" "contactctl: no contact 'nobody@example.com' in team 'sales'"
}

@test "S2.5 S2.6 delete ends every pipeline, also service, and the address is free again" {
	do_ctl enroll short anna@example.com
	do_ctl enroll nurture anna@example.com
	pipe-tick --now "$now"
	ctl delete -n anna@example.com
	says 0 "$(row anna@example.com deleted 'stopped: nurture; stopped: short')" ""
	ctl delete -y anna@example.com bob@example.com
	says 0 "$(row anna@example.com deleted 'stopped: nurture; stopped: short')
$(row bob@example.com deleted '')" ""
	ctl list
	[ "$output" = "" ]
	[ "$(sql "SELECT count(*) FROM queue")$(sql "SELECT count(*) FROM contact")$(sql "SELECT count(*) FROM tag_contact")" = 000 ]
	[ "$(sql "SELECT count(*) FROM message WHERE subject = 'Hello Anna'")" = 1 ]
	[ "$(sql "SELECT data FROM event WHERE type = 'contact.deleted' ORDER BY id LIMIT 1")" = '{"email":"anna@example.com"}' ]
	pipe-tick --now 2026-07-05T09:00:00+02:00
	mails=(out/new/*)
	[ ${#mails[@]} = 1 ]
	ctl add anna@example.com
	says 0 "anna@example.com created" ""
	ctl activity anna@example.com
	[ "$(wc -l <<<"$output")" = 1 ]
}

@test "delete --erase: nothing of the person is left but that the address is not to be written to" {
	do_ctl enroll short anna@example.com
	pipe-tick --now "$now"
	do_ctl event anna@example.com order.placed items=anna-secret
	ctl delete -y --erase anna@example.com
	says 0 "$(row anna@example.com erased 'stopped: short')" ""
	[ "$(sql "SELECT folded || ' ' || source FROM suppression")" = "$(veil anna@example.com) erased" ]
	run grep -a -i "anna" t.db
	[ "$status" = 1 ]
	ctl add ANNA@example.com
	[[ $err == *"suppressed (unsubscribed)"* ]]
	do_ctl resubscribe anna@example.com --source "asked by mail"
	[ "$(sql "SELECT count(*) FROM suppression")" = 0 ]
}

# veil ADDRESS: what is kept of the address of somebody who was erased.
veil() {
	local salt
	salt=$(sql "SELECT value FROM meta WHERE name = 'salt'")
	[ ${#salt} = 32 ] || return 1
	printf 'sha256:%s:%s' "$salt" "$(printf %s "$salt$1" | sha256sum | cut -d ' ' -f 1)"
}

@test "S2.5 B17 B28 who was deleted or erased and must not be written to stays so in another database, unnamed" {
	do_ctl unsubscribe anna@example.com
	do_ctl delete -y anna@example.com
	do_ctl add bea@example.com
	do_ctl delete -y --erase bea@example.com
	do_ctl add cleo@example.com first_name=Cleo
	do_ctl export
	printf '%s\n' "$output" >people.csv
	[ "$(grep -c '^sha256:' people.csv)" = 2 ]
	! grep -q 'anna@\|bea@' people.csv || return 1
	do_ctl export --where kind=lead
	[[ $output != *sha256:* ]]
	other=$BATS_TEST_TMPDIR/other.db
	pipectl init -q --db "$other" --team sales --now "$now"
	pipectl apply -q --db "$other" surroundings.yaml --now "$now"
	ctl add --db "$other" BEA@example.com
	[ "$status" = 0 ] && [ "$err" = "" ]
	ctl import --db "$other" people.csv
	says 0 "2 created, 1 updated, 0 unchanged, 0 skipped, 0 rejected" \
		$'contactctl: note: 2 addresses of nobody here must not be written to either
contactctl: note: 1 of them is suppressed: stored, but not written to'
	ctl show --db "$other" bea@example.com
	[[ $output == *$'suppressed\tunsubscribed'* ]] || { echo "$output"; false; }
	ctl add --db "$other" Anna@example.com
	[[ $err == *"Anna@example.com is suppressed (unsubscribed)"* ]]
	ctl import --db "$other" people.csv --json
	[[ $output == '{"created":0,"updated":0,"unchanged":2,'*'"unwanted":0}' ]] || { echo "$output"; false; }
	ctl resubscribe --db "$other" bea@example.com --source "asked by mail"
	ctl mail --db "$other" bea@example.com -s Hi -b people.csv -n
	[ "$status" = 0 ]
	sed '/^sha256/s/unsubscribed//' people.csv >stripped.csv
	ctl import --db "$other" stripped.csv
	[ "$status" = 1 ]
	[[ $err == *"error: the hash of an address says only that it must not be written to: say why in 'suppressed'"* ]] || { echo "$err"; false; }
}

@test "delete --erase: nothing of the person is in free pages, nor in the log that somebody holds open" {
	coproc reader { sqlite3 "$PIPEWRIGHT_DB"; }
	echo "SELECT 1 FROM contact LIMIT 1;" >&"${reader[1]}"
	read -r -u "${reader[0]}" _
	for n in {1..60}; do
		printf 'mr%d@example.net,Mister%dthings\n' "$n" "$n"
	done | { echo email,first_name; cat; } >p.csv
	do_ctl import --no-auto-enroll --enroll short p.csv
	do_ctl set mr30@example.net last_name=Mister30hidden
	do_ctl set mr30@example.net last_name=Smith
	do_ctl event mr30@example.net order.placed items=mister30secret --id mr30@example.net-1
	printf 'email,suppressed\nmr30@example.net,bounced\n' >q.csv
	do_ctl import q.csv
	pipe-tick --now "$now"
	do_ctl set mr30@example.net company=mister30ltd
	[ -s t.db-wal ]
	do_ctl delete --erase MR30@example.net
	run grep -a -i -o "mr30@example.net.\{0,9\}\|mister30.\{0,9\}" t.db t.db-wal
	[ "$output" = "" ]
	[ "$status" = 1 ]
	grep -a -q "mr31@example.net" t.db
	eval "exec ${reader[1]}>&-"
}
