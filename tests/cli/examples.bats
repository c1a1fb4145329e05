#!/usr/bin/env bats
# The sequences of etc/examples: their simulation as it is written down, and that it comes true.

setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$BATS_TEST_TMPDIR/t.db
}

transcript() {
	cp -r "$PW_TOP/etc/examples/$1" .
	python3 "$PW_TOP/tests/cli/transcript.py" 120 "$PW_TOP/tests/golden/simulate/$1.txt"
}

start() {
	cp -r "$PW_TOP/etc/examples/$1" .
	pipectl init -q --team "$2"
	pipectl apply -q "$1"
}

# What the simulation says of a kind of line: instant, contact, text.
foreseen() {
	awk -F '\t' -v OFS='\t' -v what="$1" '$3 ~ what { print $2, $1, $5 }' simulated | sort
}

# The mails in the outbox: instant, contact, subject.
sent() {
	python3 - <<-'END' | sort
		import email, email.policy, email.utils, glob, datetime
		for path in glob.glob("outbox/new/*"):
		    with open(path, "rb") as file:
		        mail = email.message_from_binary_file(file, policy=email.policy.default)
		    at = email.utils.parsedate_to_datetime(mail["Date"]).astimezone(datetime.timezone.utc)
		    to = mail["To"].addresses[0].addr_spec
		    print(at.strftime("%Y-%m-%dT%H:%M:%SZ"), to, mail["Subject"], sep="\t")
	END
}

# Ticks from $1, $2 days long: every twelve hours, and a minute before and at each instant that the simulation names.
tick_through() {
	{
		for ((hour = 0; hour < $2 * 24; hour += 12)); do
			date -u -d "$1 $hour hours" +%FT%TZ
		done
		cut -f 2 simulated | sort -u | while read -r at; do
			date -u -d "$at 1 minute ago" +%FT%TZ
			echo "$at"
		done
	} | sort -u | while read -r at; do
		[ ! -e "events/$at" ] || sh "events/$at" >/dev/null
		pipe-tick --now "$at"
	done
}

@test "S0.24 S4.23 the onboarding sequence, simulated in English and German" {
	transcript onboarding
}

@test "S0.25 S4.23 the nurture sequence, simulated in English and German" {
	transcript nurture
}

@test "S4.23 each folder of examples is good without a database" {
	for folder in "$PW_TOP"/etc/examples/*/; do
		run pipectl validate "$folder"
		[ "$status" = 0 ]
		[ "$output" = "" ]
	done
}

@test "S4.23 applying an export of the examples changes nothing" {
	for example in onboarding:success nurture:sales; do
		rm -f t.db*
		start "${example%:*}" "${example#*:}"
		pipectl export >export.yaml
		run pipectl apply export.yaml
		[ "$status" = 0 ]
		[ "$(grep -vc ' unchanged$' <<<"$output")" = 0 ]
		pipectl diff "${example%:*}"
		rm -r "${example%:*}"
	done
}

@test "S4.23 one word makes an example German for all whose language is not known" {
	start nurture sales
	sed -i 's/^language: en/language: de/' nurture/team.yaml
	pipectl apply -q nurture
	contactctl add -q kim@example.org first_name=Kim last_name=Berg --now 2026-06-29T07:00:00Z
	contactctl add -q pat@example.org first_name=Pat lang=en --now 2026-06-29T07:00:00Z
	pipectl simulate nurture --contact kim@example.org --contact pat@example.org --now 2026-06-29T07:00:00Z >simulated
	[ "$(foreseen '^email$' | head -n 2 | cut -f 2,3)" = $'kim@example.org\tDienstpläne\npat@example.org\tShift plans' ]
}

@test "S0.24 onboarding for real: the same mails at the same instants as in the simulation" {
	start onboarding success
	local at=2026-06-29T07:00:00Z
	contactctl add -q anna@example.org first_name=Anna last_name=Schmidt plan=pro --now $at
	contactctl add -q max@example.org first_name=Max last_name=Weber lang=de --now $at
	contactctl add -q kim@example.org timezone=America/New_York --now $at
	contactctl add -q lea@example.org first_name=Léa lang=de-AT --now $at
	contactctl add -q eva@example.org first_name=Eva --tag staff --now $at
	{
		pipectl simulate onboarding --contact anna@example.org --event rota.published@2026-07-01T09:30:00Z --now $at
		pipectl simulate onboarding --contact max@example.org --contact kim@example.org --now $at
		pipectl simulate onboarding --contact lea@example.org --event converted@2026-06-29T12:00:00Z \
			--event rota.published@2026-07-04T12:00:00Z --now $at
	} >simulated
	mkdir events
	echo 'contactctl event -q anna@example.org rota.published --now 2026-07-01T09:30:00Z' >events/2026-07-01T09:30:00Z
	echo 'contactctl convert -q lea@example.org --now 2026-06-29T12:00:00Z' >events/2026-06-29T12:00:00Z
	echo 'contactctl event -q lea@example.org rota.published --now 2026-07-04T12:00:00Z' >events/2026-07-04T12:00:00Z
	tick_through "$at" 20
	diff <(foreseen '^email$') <(sent)
	[ "$(sent | wc -l)" = 12 ]
	diff <(foreseen '^completed$' | cut -f 2,3 | sort) \
		<(pipectl runs --status completed --json | python3 -c '
import json, sys
for run in map(json.loads, sys.stdin):
    print(run["contact"], run["reason"] or "", sep="\t")' | sort)
	[ "$(pipectl runs | wc -l)" = 4 ]
	[ "$(contactctl list tag=onboarded onboarding=done -o email | sort)" = $'anna@example.org\nlea@example.org' ]
	[ "$(contactctl list tag=needs-call -o email | sort)" = $'kim@example.org\nmax@example.org' ]
}

@test "S0.25 nurture for real: the same mails at the same instants as in the simulation, until a demo is booked" {
	start nurture sales
	local at=2026-06-29T07:00:00Z
	contactctl add -q anna@example.org first_name=Anna company='Haus Lindenhof' industry=care employees=40 --now $at
	contactctl add -q max@example.org first_name=Max last_name=Weber lang=de industry=retail employees=60 --now $at
	contactctl add -q kim@example.org first_name=Kim employees=3 timezone=America/New_York --now $at
	contactctl add -q eva@example.org first_name=Eva kind=contact --now $at
	{
		pipectl simulate nurture --contact anna@example.org --event demo.booked@2026-07-03T10:00:00Z --now $at
		pipectl simulate nurture --contact max@example.org --contact kim@example.org --now $at
	} >simulated
	mkdir events
	echo 'contactctl event -q anna@example.org demo.booked --now 2026-07-03T10:00:00Z' >events/2026-07-03T10:00:00Z
	tick_through "$at" 14
	diff <(foreseen '^email$') <(sent)
	[ "$(sent | wc -l)" = 8 ]
	[ "$(pipectl runs --contact anna@example.org --json | python3 -c '
import json, sys
run = json.loads(sys.stdin.read())
print(run["status"], run["reason"])')" = "stopped demo.booked" ]
	[ "$(pipectl runs --status completed | wc -l)" = 2 ]
	[ "$(contactctl list tag=self-service -o email)" = kim@example.org ]
}

@test "S0.25 B15 mails of one thread hang together, and HTML has a signature of several lines" {
	start nurture sales
	contactctl add -q max@example.org first_name='Max & <b>' last_name=Weber lang=de --now 2026-06-29T07:00:00Z
	for at in 2026-06-29T07:00:00Z 2026-07-02T07:00:00Z 2026-07-08T07:00:00Z; do
		pipe-tick --now $at
	done
	python3 - <<-'END'
		import email, email.policy, glob
		mails = {}
		for path in glob.glob("outbox/new/*"):
		    with open(path, "rb") as file:
		        mail = email.message_from_binary_file(file, policy=email.policy.default)
		    mails[mail["Subject"]] = mail
		intro, story, demo = mails["Dienstpläne"], mails["12 Filialen an einem Nachmittag geplant"], mails["Re: Dienstpläne"]
		assert demo["In-Reply-To"] == intro["Message-ID"] and demo["References"] == intro["Message-ID"]
		assert "In-Reply-To" not in story
		html = story.get_body(("html",)).get_content()
		assert "Anna Schmidt<br />\nExample GmbH" in html, html
		assert "Guten Tag Max &amp; &lt;b&gt; Weber" in html, html
		assert "Guten Tag Max & <b> Weber" in story.get_body(("plain",)).get_content()
		assert story["List-Unsubscribe"].strip().startswith("<mailto:anna@example.com?subject=unsubscribe")
	END
}
