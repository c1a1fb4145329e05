#!/usr/bin/env bats
# Liquid, proved with cases: what a template and data give, or that the template is wrong.

setup() {
	golden=$PW_TOP/tests/golden/liquid
	shared=${PW_SHARED:-$PW_TOP/../shared}/corpus/liquid/golden.json
	cd "$BATS_TEST_TMPDIR" || return
}

@test "S2.44 Liquid: our own cases, in which each filter and tag is used" {
	run "$PW_BUILD/tests/liquid_golden" --unused "$golden/cases.json"
	echo "$output"
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 1 ]
	[[ ${lines[0]} =~ ^([0-9]+)\ passed,\ 0\ failed$ ]]
	[ "${BASH_REMATCH[1]}" -ge 250 ]
}

@test "S2.44 Liquid: the public golden cases, but for those that are listed with a reason" {
	[ -e "$shared" ] || skip "no $shared"
	run "$PW_BUILD/tests/liquid_golden" --known "$golden/known-failures.tsv" "$shared"
	echo "$output"
	[ "$status" = 0 ]
}

@test "liquid_golden: a case that fails is named, and one that is known to fail must" {
	echo '{"tests": [{"name": "a, b", "template": "{{ 1 }}", "result": "2"}, {"name": "c", "template": "{{", "invalid": true}]}' >cases.json
	printf 'a, b\tfor a reason\n' >known.tsv
	printf 'c\tnot any more\n' >old.tsv
	run "$PW_BUILD/tests/liquid_golden" cases.json
	[ "$status" = 1 ]
	[ "${lines[0]}" = "FAILED: a, b" ]
	[ "${lines[-1]}" = "1 passed, 1 failed" ]
	run "$PW_BUILD/tests/liquid_golden" --known known.tsv cases.json
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "1 passed, 1 failed" ]
	run "$PW_BUILD/tests/liquid_golden" --known known.tsv --known old.tsv cases.json
	[ "$status" = 1 ]
	[ "${lines[1]}" = "PASSED THOUGH KNOWN TO FAIL: c" ]
}

@test "S2.44 Liquid: no value of a contact gets out of its place in HTML" {
	run python3 "$PW_TOP/tests/cli/html_places.py" "$PW_BUILD/bin/pipectl"
	echo "$output"
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 1 ]
	[[ ${lines[0]} =~ ^([0-9]+)\ values$ ]]
	[ "${BASH_REMATCH[1]}" -ge 200 ]
}
