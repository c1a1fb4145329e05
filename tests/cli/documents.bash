# What tests of pipectl's documents share: a database with the team sales, a few documents, and two streams apart.

now=2026-07-01T07:00:00Z # a Wednesday, nine in Berlin

documents_setup() {
	PATH=$PW_BUILD/bin:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export PIPEWRIGHT_DB=$BATS_TEST_TMPDIR/t.db PIPEWRIGHT_TEAM=''
	pipectl init -q --team sales --now "$now"
	me=$(id -un)
	write_team
	write_pipeline
}

run_both() {
	status=0
	output=$("$@" 2>err </dev/null) || status=$?
	err=$(cat err)
}

# run_at TIME COMMAND...
run_at() {
	run_both "${@:2}" --now "$1"
}

write_team() {
	cat >team.yaml <<-END
		kind: Team
		name: sales
		timezone: Europe/Berlin
		mailbox: hello
		members: {$me: {role: admin}, nobody: {role: member}}
		---
		kind: Mailbox
		name: hello
		from: Hello <hello@example.com>
		maildir: out
		inbox: drop
		inbox_max_age: never
	END
}

# The steps of the pipeline `welcome`, on stdin or as they are at first.
write_pipeline() {
	{
		printf 'kind: Pipeline\nname: welcome\nsteps:\n'
		if [ $# -gt 0 ]; then printf '%s\n' "$@"; else
			printf '%s\n' '  - email: {subject: Hello, text: Hello}' '    id: hello' '  - wait: 2 days' '  - tag: seen'
		fi
	} >welcome.yaml
}

apply_all() {
	pipectl apply -q team.yaml welcome.yaml --now "$now"
}

# Puts people into welcome and sends them the first mail.
put_in() {
	local address
	for address; do
		contactctl add "$address" --now "$now" >/dev/null
		contactctl enroll welcome "$address" --now "$now" >/dev/null
	done
	pipe-tick --now "$now"
}

sql() {
	"$PW_BUILD/tests/sql" "$PIPEWRIGHT_DB" "$1"
}
