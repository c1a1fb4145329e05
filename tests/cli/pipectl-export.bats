#!/usr/bin/env bats
# pipectl export: what comes out goes in again and changes nothing.

load documents

setup() {
	documents_setup
}

# exports_as_itself FILE...: applies them, exports all, and applies that.
exports_as_itself() {
	run_both pipectl apply "$@"
	[ "$status" = 0 ] || { echo "$*: $err"; return 1; }
	pipectl export >export.yaml
	run_both pipectl apply export.yaml
	[ "$status" = 0 ] || { echo "$*: $err"; return 1; }
	! grep -v ' unchanged$' <<<"$output"
	run_both pipectl diff export.yaml
	[ "$status" = 0 ] || { echo "$output"; return 1; }
	[ "$(pipectl export)" = "$(cat export.yaml)" ]
}

@test "B11 apply of an export changes nothing: every example" {
	for dir in "$PW_TOP"/etc/examples/*/; do
		team=$(sed -n '/^kind: Team/,/^---/s/^name: *//p' "$dir"*.yaml | head -n 1)
		name=$(basename "$dir")
		rm -f t.db*
		pipectl init -q --team "${team:-sales}"
		exports_as_itself "$dir" || { echo "$name"; false; }
	done
}

@test "B11 apply of an export changes nothing: every good document of the golden tests" {
	golden=$PW_TOP/tests/golden/documents
	for file in "$golden"/good/*.yaml; do
		team=$(sed -n 's/^name: \(marketing\)$/\1/p' "$file")
		rm -f t.db*
		pipectl init -q --team "${team:-sales}"
		sed "s/^name: sales$/name: ${team:-sales}/" "$golden/known.yaml" >known.yaml
		pipectl apply -q known.yaml
		sql "INSERT INTO attachment VALUES (1, '$(printf 1%.0s {1..64})', 'old')" # as files.yaml says
		exports_as_itself "$file" || { echo "$file"; false; }
	done
}

@test "B11 export: all, a kind, one, one of its versions" {
	apply_all
	sed -i 's/seen/done/' welcome.yaml
	pipectl apply -q welcome.yaml
	run_both pipectl export
	[ "$(grep -c '^---$' <<<"$output")" = 2 ]
	[ "$(grep '^kind:' <<<"$output")" = $'kind: Team\nkind: Mailbox\nkind: Pipeline' ]
	run_both pipectl export mailboxes
	[ "$output" = $'kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nmaildir: out\ninbox: drop\ninbox_max_age: never' ]
	run_both pipectl export pipeline/welcome@1
	[[ $output == *"- tag: seen" ]]
	run_both pipectl export pipeline/welcome
	[[ $output == *"- tag: done" ]]
	pipectl export pipeline/welcome@1 >old.yaml
	run_both pipectl apply old.yaml
	[ "$output" = "pipeline/welcome configured" ]
	[ "$(sql "SELECT group_concat(steps, '|') FROM document_version WHERE name = 'welcome'")" = "1 2 3|1 2 3|1 2 3" ]
}

@test "export: what is not there is 67, what is no kind 64" {
	apply_all
	run_both pipectl export pipeline/none
	[ "$status" = 67 ]
	[ "$output" = "" ]
	run_both pipectl export pipeline/welcome@7
	[ "$status" = 67 ]
	[ "$err" = "pipectl: pipeline/welcome has no version 7; the newest is 1" ]
	run_both pipectl export nix
	[ "$status" = 64 ]
	[ "$err" = "pipectl: there is no kind 'nix'" ]
	run_both pipectl export segment
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

@test "output that cannot be written is an error" {
	apply_all
	status=0
	pipectl export >/dev/full 2>/dev/null || status=$?
	[ "$status" = 74 ]
}
