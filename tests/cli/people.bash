# What tests of contactctl share: a database with the team sales (Europe/Berlin), fields, and pipelines.

now=2026-06-29T09:00:00+02:00 # a Monday

people_setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$BATS_TEST_TMPDIR/t.db PIPEWRIGHT_TEAM='' LC_ALL=C.UTF-8
	me=$(id -un)
	tab=$'\t'
	pipectl init -q --team sales --now "$now"
	write_surroundings
	pipectl apply -q surroundings.yaml --now "$now"
}

# contactctl ...: at `now`; stdout in $output, stderr in $err, the status in $status. stdin is the caller's.
ctl() {
	status=0
	output=$(contactctl --now "$now" "$@" 2>err) || status=$?
	err=$(cat err)
}

# The same for what prepares a test: it must work.
do_ctl() {
	ctl "$@" </dev/null
	[ "$status" = 0 ] || { echo "contactctl $*: status $status: $output$err"; return 1; }
}

# says STATUS STDOUT STDERR: exactly.
says() {
	[ "$status" = "$1" ] && [ "$output" = "$2" ] && [ "$err" = "$3" ] && return 0
	printf 'status %s, not %s\nstdout:\n%s\nnot:\n%s\nstderr:\n%s\nnot:\n%s\n' \
		"$status" "$1" "$output" "$2" "$err" "$3"
	return 1
}

# row CELL...: divided by tabs.
row() {
	local IFS=$tab
	printf '%s' "$*"
}

sql() {
	"$PW_BUILD/tests/sql" "$PIPEWRIGHT_DB" "$1"
}

apply() {
	cat >more.yaml
	pipectl apply -q more.yaml --now "$now"
}

write_surroundings() {
	cat >surroundings.yaml <<-YAML
		kind: Team
		name: sales
		timezone: Europe/Berlin
		mailbox: hello
		lifecycle: [subscriber, customer]
		members: {$me: {role: admin}}
		---
		kind: Mailbox
		name: hello
		from: Hello <hello@example.com>
		maildir: $BATS_TEST_TMPDIR/out
		---
		kind: Fields
		name: contact
		fields:
		  plan: {type: choice, values: [free, pro, team]}
		  employees: number
		  renewal: date
		  news: yes_no
		  langs: list
		events:
		  order.placed: {total: number, items: list, gift: yes_no}
		---
		kind: Template
		name: intro
		subject: "Hello {{ contact.first_name | default:'there' }}"
		text: "Hello."
		---
		kind: Template
		name: offer
		subject: "Your {{ contact.plan }} plan"
		text: "For {{ contact.company }}."
	YAML
}

# A pipeline that only starts by hand, without and with holes.
with_pipelines() {
	apply <<-YAML
		kind: Pipeline
		name: nurture
		steps:
		  - email: intro
		    after: 1 hour
		  - email: offer
		    after: 2 days
		---
		kind: Pipeline
		name: short
		steps:
		  - email: intro
		  - tag: done
		  - email: {subject: Bye, text: Bye}
		    id: bye
		    after: 3 days
	YAML
}
