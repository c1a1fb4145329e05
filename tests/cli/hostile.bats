#!/usr/bin/env bats
# What comes from outside is only ever data: it reaches no terminal, no header of a mail and no spreadsheet as anything
# else.

load two_teams

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$PWD/t.db
	esc=$'\e[31m' turn=$'\u202e'
	pipectl init -q --team sales --now "$NINE"
	pipectl apply -q --now "$NINE" - <<-'END'
		kind: Mailbox
		name: hello
		from: "Evil, ; : Müller (c) =?utf-8?q?x?= <hello@example.com>"
		maildir: out
		---
		kind: Fields
		name: contact
		fields: {plan: text, size: number, langs: list}
		events: {order.placed: {total: number, note: text}}
		---
		kind: Pipeline
		name: greet
		mailbox: hello
		steps:
		  - email:
		      subject: "Hi {{ contact.first_name | default:'you' }}, {{ contact.company | default:'friend' }}"
		      text: "Dear {{ contact.name }}, {{ contact.company | default:'-' }}"
		      html: "<p title=\"{{ contact.company | default:'-' }}\">{{ contact.name }}</p>"
		    id: mail
		---
		kind: Pipeline
		name: order
		mailbox: hello
		enroll: {when: {event: order.placed}}
		steps: [{email: {subject: "Order {{ event.note }}", text: "{{ event.note }}"}}]
	END
}

add() {
	run_both contactctl add --now "$NINE" "$@"
}

# on_terminal 'COMMAND LINE': what a terminal gets; the only escapes in it are our own colours
on_terminal() {
	PIPEWRIGHT_DB=$PIPEWRIGHT_DB python3 "$PW_TOP/tests/cli/terminal.py" 200 "" "NO_COLOR=1 $1" >screen || true
	if LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]' screen; then
		cat -v screen
		return 1
	fi
}

@test "control characters and broken UTF-8 are refused, and named without being shown" {
	local nel=$'\u0085' sep=$'\u2028' csi=$'\u009b'
	dump >before
	for value in "Ann${esc}a" $'Ann\r\nBcc: evil@example.net' $'Ann\nx' $'Ann\rx' $'Ann\ax' $'Ann\x7fx' \
		"Ann${nel}x" "Ann${csi}31m" $'Ann\x80' $'Ann\xff\xfe' $'\xc0\xaf' $'\xed\xa0\x80'; do
		add anna@example.org "first_name=$value"
		[ "$status" = 65 ]
		[[ $err == "contactctl: 'first_name' "* ]]
		add bob@example.org --tag "$value"
		[ "$status" = 65 ] || [ "$status" = 64 ]
		if LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f-\xff]' <<<"$err"; then cat -v err; false; fi
	done
	dump | diff before -
	add anna@example.org "first_name=Ann${sep}x"
	[ "$status" = 65 ] || on_terminal 'contactctl show anna@example.org'
}

@test "the same in JSON and in tables: the row is refused, with its line" {
	run_both contactctl add --now "$NINE" - <<-'END'
		{"email": "a@example.org", "first_name": "Ann\u001b[31m"}
		{"email": "b@example.org", "first_name": "Ann\r\nBcc: evil@example.net"}
		{"email": "c@example.org", "first_name": "Ann\u0000"}
		{"email": "d@example.org", "first_name": "\ud800"}
		{"email": "e@example.org\r\nBcc: evil@example.net"}
		{"email": "f@example.org", "first_name": "Good"}
	END
	[ "$status" = 1 ]
	[ "$(grep -c '^<stdin>:[1-5]:' err)" = 5 ]
	printf 'email,first_name\ng@example.org,a\0b\nh@example.org,a%sb\n"i@example.org","a\r\nb"\nj@example.org,"no end\n' "$esc" >people.csv
	run_both contactctl import --now "$NINE" --no-auto-enroll people.csv
	[ "$status" = 1 ]
	[ "$(grep -c '^people.csv:' err)" = 4 ]
	[ "$(ask "SELECT group_concat(folded) FROM contact")" = f@example.org ]
	printf 'email,%sevil\nx@example.org,1\n' "$esc" >evil.csv
	run_both contactctl import --no-auto-enroll evil.csv
	[ "$status" = 65 ]
	[[ $err != *"$esc"* && $err == *'\x1b[31mevil'* ]]
}

@test "addresses with tricks are refused: 65, and stored is what can be delivered" {
	while IFS= read -r address; do
		add -- "$(printf '%b' "$address")"
		[ "$status" = 65 ] || { echo "$address: $status $output"; false; }
		[[ $err == *"is no e-mail address: "* ]]
	done <<-'END'
		a@example.org\r\nRCPT TO:<evil@example.net>
		a@example.org\nBcc: evil@example.net
		a@example.org>
		<a@example.org>
		Anna <a@example.org>
		a@example.org, b@example.org
		a@example.org;b@example.org
		a@b@example.org
		a b@example.org
		a,b@example.org
		a@example
		a@[127.0.0.1]
		a@[IPv6:::1]
		@example.org
		a@
		a..b@example.org
		.a@example.org
		a@example..org
		a@-example.org
		a@exa_mple.org
		a@ex\xe2\x80\xaeample.org
		a\xe2\x80\x8bb@example.org
		a@ex ample.org
		"a\r\nb"@example.org
		"a@example.org
	END
	[ "$(ask "SELECT count(*) FROM contact")" = 0 ]
	for address in '"a b"@example.org' '=cmd@example.org' '-x@example.org' '+x@example.org' 'a%b!c@example.org' \
		'gruesse@exämple.org' "o'brien@example.org" '"x\"y"@example.org' '{{contact}}@example.org'; do
		add -- "$address"
		[ "$status" = 0 ]
	done
	contactctl enroll -q --now "$NINE" greet --all
	pipe-tick --now "$NINE"
	[ "$(mails out)" = 9 ]
	python3 "$PW_TOP/tests/cli/mail_headers.py" out/new/* >mails.tsv
}

# Names that are allowed, and what could be made of them.
names() {
	printf '%s\n' 'Anna' '"Anna" <evil@example.net>,' 'Anna, Bob' 'Anna (comment)' '=?utf-8?q?Bcc=3A?=' \
		'Bcc: evil@example.net' '\r\nBcc: evil@example.net' '%0d%0aBcc: x' "O'Brien \\ \"x\"" '=cmd|calc!A1' '+1+1' '-2+3' '@SUM(A1)' \
		'{{ contact.email }}' '{% if %}' '<script>alert(1)</script>' '" onload="x' '👩‍👩‍👧 😀' 'שלום עליכם' 'محمد علي' '山田太郎' \
		"abc${turn}gpj.exe" 'ﷺ﷽' 'Zoë Ångström' '....' '.' 'From me'
}

@test "no name makes a header, a recipient or a part of its own" {
	local i=0
	while IFS= read -r name; do
		i=$((i + 1))
		add "p$i@example.org" "first_name=$name" "company=$name"
		[ "$status" = 0 ] || { echo "$name: $err"; false; }
	done < <(names)
	contactctl enroll -q --now "$NINE" greet --all
	pipe-tick --now "$NINE"
	[ "$(mails out)" = "$i" ]
	python3 "$PW_TOP/tests/cli/mail_headers.py" out/new/* >mails.tsv
	i=0
	names | while IFS= read -r name; do
		i=$((i + 1))
		printf '%s\t%s\t%s\n' "p$i@example.org" "$name" "Hi $name, $name"
	done | sort >wanted
	cut -f 1-3 mails.tsv | sort | diff wanted -
	[ "$(cut -f 5 mails.tsv | grep -c '<script>')" = 0 ] # HTML escapes
}

@test "no name moves a terminal's cursor or turns its text around" {
	local i=0
	while IFS= read -r name; do
		i=$((i + 1))
		contactctl add -q --now "$NINE" "p$i@example.org" "first_name=$name" "company=$name"
	done < <(names)
	contactctl enroll -q --now "$NINE" greet --all
	pipe-tick --now "$NINE"
	for command in 'contactctl list' 'contactctl show p22@example.org' 'contactctl activity p22@example.org' 'contactctl export' \
		'contactctl export p22@example.org' 'contactctl enroll -nv order p22@example.org' 'pipectl runs' 'pipectl queue' \
		'pipectl events' 'pipectl why p22@example.org' 'pipectl simulate greet --contact p22@example.org' 'pipe-tick -n' \
		"contactctl message $(ask "SELECT max(id) FROM message WHERE rcpt_to = 'p22@example.org'")" \
		"contactctl list $turn" "contactctl show $turn" "pipectl show $turn" "pipectl runs --pipeline $turn"; do
		on_terminal "$command"
		[ -s screen ] || [ "$command" = 'pipe-tick -n' ] || [ "$command" = 'pipectl queue' ] || { echo "$command says nothing"; false; }
	done
}

@test "piped text is escaped as well, but for what is data: export and JSON" {
	add "a@example.org" "first_name=abc${turn}gpj.exe"
	run_both contactctl list
	[[ $output == *'abc\u{202e}gpj.exe'* ]]
	run_both contactctl list --json
	[ "$(python3 -c 'import json; print(json.loads(input())["name"])' <<<"$output")" = "abc${turn}gpj.exe" ]
	[[ $output != *"$turn"* ]]
	run_both contactctl export
	[[ $output == *"abc${turn}gpj.exe"* ]]
}

@test "a spreadsheet gets texts, not formulas, and reading them back changes nothing" {
	local i=0
	for value in '=1+1' '+1+1' '-1+1' '@SUM(A1)' '=cmd|calc!A1' $'\t=1' "'=1" 'a,"b"' '"=1"' '-' '007' '1e5'; do
		i=$((i + 1))
		add "p$i@example.org" "first_name=$value" "plan=$value"
		[ "$status" = 0 ] || [[ $value == $'\t'* ]]
	done
	contactctl add -q --now "$NINE" -- '=cmd@example.org' size=-5
	contactctl export >people.csv
	python3 - <<-'END'
		import csv
		rows = list(csv.DictReader(open("people.csv", newline="", encoding="utf-8")))
		assert len(rows) >= 12, rows
		for row in rows:
		    for name, cell in row.items():
		        assert cell[:1] not in ("=", "+", "@", "\t", "\r") and (cell[:1] != "-" or name == "size"), (name, cell)
	END
	dump >before
	run_both contactctl import --no-auto-enroll people.csv
	[ "$status" = 0 ]
	[[ $err$output == *"0 created, 0 updated, "*", 0 rejected"* ]]
	contactctl export --raw | grep -q '^=cmd@example.org,'
	dump | diff before -
}

@test "values of 64 KiB are taken or refused, never cut; larger tables and documents are refused" {
	head -c 65536 /dev/zero | tr '\0' x >big
	add "a@example.org" "first_name=$(cat big)"
	if [ "$status" = 0 ]; then
		[ "$(ask "SELECT length(fields) > 65536 AND length(fields) < 65560 FROM contact")" = 1 ]
		contactctl enroll -q --now "$NINE" greet a@example.org
		pipe-tick --now "$NINE"
		python3 "$PW_TOP/tests/cli/mail_headers.py" out/new/* >mails.tsv || [ "$(mails out)" = 0 ]
		awk 'length > 1000 { exit 1 }' out/new/* 2>err || [ "$(mails out)" = 0 ]
	else
		[ "$status" = 65 ]
	fi
	{ printf 'email,first_name\nx@example.org,'; cat big big; echo; } >people.csv
	run_both contactctl import --now "$NINE" --no-auto-enroll people.csv
	[ "$status" = 1 ]
	[ "${#err}" -lt 1000 ]
	{ printf 'kind: Template\nname: big\nsubject: x\ntext: "'; cat big big big big big big big big big big big big big big big big big; echo '"'; } >big.yaml
	run_both pipectl apply big.yaml
	[ "$status" = 65 ]
	[ "${#err}" -lt 1000 ]
}

@test "Windows-1252 is read when it is said, and guessed at when not" {
	printf 'email;first_name;company\njw@example.org;J\xf6rg \x80;\x93Gr\xfc\xdfe\x94\n' >people.csv
	run_both contactctl import --now "$NINE" --no-auto-enroll people.csv
	[ "$status" = 1 ]
	[[ $err == *"people.csv:2: error: not UTF-8; is the file in windows-1252?"* ]]
	run_both contactctl import --now "$NINE" --no-auto-enroll --encoding windows-1252 people.csv
	[ "$status" = 0 ]
	[ "$(contactctl list -o company,first_name)" = $'“Grüße”\tJörg €' ]
	printf 'email,first_name\nx@example.org,a\x81b\n' >undefined.csv
	run_both contactctl import --now "$NINE" --no-auto-enroll --encoding windows-1252 undefined.csv
	[ "$status" = 1 ]
}

@test "events bring nothing into a header that a field could not" {
	contactctl add -q --now "$NINE" a@example.org
	dump >before
	for note in $'x\r\nBcc: evil@example.net' $'x\nx' "x$esc" $'x\xff'; do
		run_both contactctl event --now "$NINE" a@example.org order.placed "note=$note"
		[ "$status" = 65 ]
		[[ $err != *"$esc"* ]]
	done
	dump | diff before -
	mkdir t.db.spool
	printf '%s' '{"team":"sales","contact":"a@example.org","type":"order.placed","data":{"note":"x\r\nBcc: evil@example.net"}}' >t.db.spool/1
	printf '%s' '{"team":"sales","contact":"a@example.org","type":"order.placed","data":{"note":"=?utf-8?q?x?= Bcc: evil@example.net"}}' >t.db.spool/2
	run_both pipe-tick --now "$NINE"
	[[ $err == *"moved 1 file of the spool"*"'note' has a control character"* ]]
	[ "$(mails out)" = 1 ]
	python3 "$PW_TOP/tests/cli/mail_headers.py" out/new/* >mails.tsv
	[ "$(cut -f 3 mails.tsv)" = 'Order =?utf-8?q?x?= Bcc: evil@example.net' ]
}

@test "documents hide nothing: control characters are refused, turned text is escaped when it is shown" {
	run_both pipectl apply - <<-'END'
		kind: Pipeline
		name: evil
		mailbox: hello
		steps:
		  - email: {subject: "a\r\nBcc: evil@example.net", text: "b\e[31m"}
		  - tag: "x\e"
		  - note: "x\0"
		---
		kind: Mailbox
		name: evil
		from: "Evil\r\nBcc: x <hello@example.com>"
		maildir: "out\e"
	END
	[ "$status" = 65 ]
	[ "$(grep -c 'control character\|must be one line' err)" -ge 6 ]
	pipectl apply -q - <<-END
		kind: Template
		name: turned
		subject: "pay ${turn}0001 EUR"
		text: "pay ${turn}0001 EUR"
	END
	for command in 'pipectl show template/turned' 'pipectl export template/turned' 'pipectl list' 'pipectl diff turned.yaml'; do
		pipectl export template/turned | sed 's/EUR/USD/' >turned.yaml
		[[ $(cat turned.yaml) != *"$turn"* ]]
		on_terminal "$command"
	done
	pipectl export template/turned | pipectl diff -
}

@test "names of files, teams and databases are data, too" {
	for words in "pipectl apply no-$esc.yaml" "pipectl list --team x$esc" "pipectl list --db /x$esc" "pipectl $esc" \
		"pipectl list --$esc" "pipectl show x$esc" "contactctl list $esc=1" "contactctl add a@example.org $esc=1" \
		"contactctl import no$esc.csv --no-auto-enroll" "pipectl settle $esc sent" "pipectl list --now x$esc"; do
		read -ra line <<<"$words"
		run_both "${line[@]}"
		[ "$status" -ge 64 ] || { echo "$words: $status"; false; }
		[[ $err$output != *"$esc"* && $err == *'\x1b'* ]] || { cat -v err; false; }
	done
}
