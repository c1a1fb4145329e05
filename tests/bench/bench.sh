#!/bin/bash
# Measures as ratios, side by side in one run (medians of PW_BENCH_ROUNDS alternating rounds, 5 when not set):
#   mails     from the queue to the sink against smtp-source, same sink, same size, 10 and 40 connections
#   idle      an idle tick against a program that opens the file with SQLite alone
#   add       contactctl add of one against one durable insert in C
#   import    contactctl import against sqlite3 .import, without and with a pipeline that starts by itself
#   syncs     fdatasync per mail
# All traffic is on loopback. PW_BENCH_MAILS (5000) and PW_BENCH_CONTACTS (100000) set the sizes.
set -eu
build=${PW_BUILD:?the build folder}
bin=$build/bin
rounds=${PW_BENCH_ROUNDS:-5}
mails=${PW_BENCH_MAILS:-5000}
contacts=${PW_BENCH_CONTACTS:-100000}
postfix=$build/servers/postfix
work=$(mktemp -d)
sink=
trap '[ -z "$sink" ] || kill "$sink" 2>/dev/null; rm -rf "$work"' EXIT
export PIPEWRIGHT_DB=$work/x.db

now() { date +%s%N; }
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
row() { printf '%-34s %10s %10s %8s\n' "$@"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }

port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_sink() {
	sink_port=$(port)
	LD_LIBRARY_PATH=$postfix/usr/lib/postfix "$postfix/usr/sbin/smtp-sink" -u nobody -c "127.0.0.1:$sink_port" 256 \
		>/dev/null 2>&1 &
	sink=$!
	for _ in $(seq 100); do (: <"/dev/tcp/127.0.0.1/$sink_port") 2>/dev/null && return; done
}

source_rate() { # connections -> mails a second
	local a b
	a=$(now)
	LD_LIBRARY_PATH=$postfix/usr/lib/postfix "$postfix/usr/sbin/smtp-source" -d -s "$1" -m "$mails" -l 2200 \
		"127.0.0.1:$sink_port" >/dev/null 2>&1
	b=$(now)
	echo $((mails * 1000000000 / (b - a)))
}

documents() { # connections
	local text
	text=$(for _ in $(seq 9); do echo '  Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy eirmod.'; done)
	cat <<-YAML
		kind: Mailbox
		name: out
		from: Bench <bench@example.com>
		smtp: {url: "smtp://127.0.0.1:$sink_port", tls: none}
		limit: {connections: $1}
		---
		kind: Fields
		name: contact
		fields: {plan: text, employees: number, renewal: date}
		---
		kind: Template
		name: hello
		subject: "Hello {{ contact.first_name | default:'there' }}"
		text: |
		  Hi {{ contact.first_name | default:'there' }}, your {{ contact.plan }} account is ready.
		$text
		html: |
		  <p>Hi {{ contact.first_name | default:'there' }}, your {{ contact.plan }} account is ready.</p>
		$text
		---
		kind: Pipeline
		name: bench
		mailbox: out
		enroll: {new_contacts: true}
		steps:
		  - email: hello
		  - email: {subject: Again, text: Still there?}
		    id: again
		    after: 3 days
	YAML
}

people() { # count -> CSV in random order
	awk -v n="$1" 'BEGIN {srand(1); print "email,first_name,plan,employees,renewal";
		for (i = 0; i < n; i++) printf "%08x.%d@example.org,Anna,pro,%d,2027-01-%02d\n", int(rand() * 4294967295), i, i % 500, 1 + i % 28}'
}

fresh() { # connections
	rm -f "$work"/x.db*
	"$bin/pipectl" -q init --team bench
	documents "$1" >"$work/bench.yaml"
	"$bin/pipectl" -q apply "$work/bench.yaml" >/dev/null
}

tick_rate() { # connections -> mails a second
	local a b
	fresh "$1"
	"$bin/contactctl" -q import "$work/few.csv" --auto-enroll >/dev/null
	a=$(now)
	"$bin/pipe-tick"
	b=$(now)
	echo $((mails * 1000000000 / (b - a)))
}

measure_mails() { # connections
	: >"$work/ours"; : >"$work/theirs"; : >"$work/ratios"
	for _ in $(seq "$rounds"); do
		theirs=$(source_rate "$1")
		ours=$(tick_rate "$1")
		echo "$ours" >>"$work/ours"; echo "$theirs" >>"$work/theirs"; ratio "$ours" "$theirs" >>"$work/ratios"; echo >>"$work/ratios"
	done
	row "mails/s, $1 connections" "$(median <"$work/ours")" "$(median <"$work/theirs")" "$(grep . "$work/ratios" | median)"
}

measure_syncs() {
	fresh 10
	"$bin/contactctl" -q import "$work/few.csv" --auto-enroll >/dev/null
	strace -f -c -e trace=fdatasync,fsync -o "$work/syncs" "$bin/pipe-tick"
	n=$(awk '$NF == "fdatasync" || $NF == "fsync" {n += $4} END {print n + 0}' "$work/syncs")
	row "fdatasync per mail" "$n" "$mails" "$(ratio "$n" "$mails")"
}

measure_idle() {
	"$bin/pipe-tick"
	ours=$("$build/bench/repeat" 101 "$bin/pipe-tick")
	theirs=$("$build/bench/repeat" 101 "$build/bench/floor_tick" "$PIPEWRIGHT_DB")
	row "idle tick, us" "$ours" "$theirs" "$(ratio "$ours" "$theirs")"
}

measure_add() {
	local n=0
	fresh 10
	cat >"$work/add.sh" <<-'SH'
		#!/bin/sh
		exec "$1" -q add "$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')@example.org" first_name=Anna --no-auto-enroll
	SH
	cat >"$work/floor.sh" <<-'SH'
		#!/bin/sh
		: "$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')@example.org"
		exec "$1" "$2"
	SH
	chmod +x "$work/add.sh" "$work/floor.sh"
	ours=$("$build/bench/repeat" 101 "$work/add.sh" "$bin/contactctl")
	theirs=$("$build/bench/repeat" 101 "$work/floor.sh" "$build/bench/floor_insert" "$work/floor.db")
	row "contactctl add, us" "$ours" "$theirs" "$(ratio "$ours" "$theirs")"
}

import_ms() { # flag
	local a b
	fresh 10
	a=$(now)
	"$bin/contactctl" -q import "$work/many.csv" "$1" >/dev/null
	b=$(now)
	echo $(((b - a) / 1000000))
}

sqlite_ms() {
	local a b
	rm -f "$work"/plain.db*
	sqlite3 "$work/plain.db" 'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
		CREATE TABLE contact (email TEXT UNIQUE, first_name TEXT, plan TEXT, employees TEXT, renewal TEXT)' >/dev/null
	a=$(now)
	sqlite3 "$work/plain.db" '.mode csv' ".import --skip 1 $work/many.csv contact"
	b=$(now)
	echo $(((b - a) / 1000000))
}

measure_import() { # flag, title
	: >"$work/ours"; : >"$work/theirs"
	for _ in $(seq "$rounds"); do
		sqlite_ms >>"$work/theirs"
		import_ms "$1" >>"$work/ours"
	done
	ours=$(median <"$work/ours"); theirs=$(median <"$work/theirs")
	row "import, $2, ms" "$ours" "$theirs" "$(ratio "$ours" "$theirs")"
}

[ -x "$postfix/usr/sbin/smtp-source" ] || { echo "bench: no smtp-source; run: sh tests/packages.sh test" >&2; exit 69; }
people "$mails" >"$work/few.csv"
people "$contacts" >"$work/many.csv"
start_sink
row "what" "ours" "theirs" "ratio"
measure_mails 10
measure_mails 40
measure_syncs
measure_idle
measure_add
measure_import --no-auto-enroll "no pipeline"
measure_import --auto-enroll "one pipeline"
