#!/bin/sh
# make demo: the main job on the onboarding example. Documents are applied, people are added and imported, ticks run
# through sixteen days on a clock of their own, and the mails lie in a folder. Nothing leaves the machine; nothing
# stays on it. KEEP=1 keeps the folder.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
PATH=${PW_BUILD:-$top/build}/bin:$PATH
folder=$(mktemp -d)
[ -n "${KEEP:-}" ] || trap 'rm -rf "$folder"' EXIT
cd "$folder"
cp -r "$top/etc/examples/onboarding" onboarding
PIPEWRIGHT_DB=$folder/pipewright.db
export PATH PIPEWRIGHT_DB
unset PIPEWRIGHT_TEAM

start=$(date -u -d '2026-07-01 08:00' +%s)

at() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

say() { printf '\n# %s\n' "$*"; }

# Shows a command as one would type it, and runs it at the simulated time.
run() {
	printf '$ %s\n' "$*"
	"$@" --now "$(at "$now")"
}

# A tick an hour, as cron would do every minute, until so many days have passed. A tick says nothing when all is well.
live_until_day() {
	end=$((start + $1 * 86400))
	while [ "$now" -lt "$end" ]; do
		pipe-tick --now "$(at "$now")"
		now=$((now + 3600))
	done
}

now=$start
say 'A database, and a pipeline from a folder of YAML'
run pipectl init --team success
run pipectl apply onboarding
say 'What it will do, before anybody gets anything'
run pipectl simulate onboarding --days 20

say 'A sign-up form adds somebody; a list of people is imported'
run contactctl add ada@example.com first_name=Ada last_name=Lovelace
cat >people.csv <<'EOF'
email,first_name,last_name,lang
grace@example.com,Grace,Hopper,en
juergen@example.com,Jürgen,Groß,de
EOF
run contactctl import people.csv --auto-enroll

say 'Three days of ticks'
live_until_day 3
run contactctl list
say 'Grace publishes a rota; the others do not'
run contactctl event grace@example.com rota.published people=12
say 'Thirteen more days'
live_until_day 16
run contactctl list
run pipectl runs
run contactctl activity grace@example.com
run contactctl activity juergen@example.com

say 'One of the mails, as it was delivered'
sed '/^Content-Type: text.html/,$d' "$(grep -l '^Subject: =?utf-8?Q?Willkommen' outbox/new/*)"
