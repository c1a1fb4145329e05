#!/usr/bin/env bats
# What `make install` puts where.

setup_file() {
	make -s -C "$PW_TOP" ${SAN:+SAN=1} install DESTDIR="$BATS_FILE_TMPDIR/d" PREFIX=/usr >/dev/null
	make -s -C "$PW_TOP" ${SAN:+SAN=1} install PREFIX="$BATS_FILE_TMPDIR/home" >/dev/null
}

setup() {
	d=$BATS_FILE_TMPDIR/d
	home=$BATS_FILE_TMPDIR/home
}

@test "programs, pages, completions, examples, units and the crontab line are in their places" {
	local file
	for file in usr/bin/pipectl usr/bin/contactctl usr/bin/pipe-tick usr/bin/pipe-inbox usr/bin/pipe-drop usr/libexec/pipewright/pipe-worker \
		usr/share/man/man1/pipectl.1 usr/share/man/man8/pipe-tick.8 usr/share/man/man8/pipe-inbox.8 usr/share/man/man8/pipe-drop.8 usr/share/man/man5/pipeline.5 \
		usr/share/bash-completion/completions/pipectl usr/share/zsh/site-functions/_contactctl \
		usr/share/fish/vendor_completions.d/pipectl.fish usr/share/doc/pipewright/README.md \
		usr/share/doc/pipewright/examples usr/lib/systemd/system/pipewright.timer etc/cron.d/pipewright; do
		[ -e "$d/$file" ] || { echo "no $file"; return 1; }
	done
	[ ! -e "$d/usr/bin/pipe-worker" ]
}

@test "nothing names the folder that it was staged in" {
	run grep -rlF "$d" "$d/etc" "$d/usr/lib" "$d/usr/share"
	[ -z "$output" ]
	grep -q '^ExecStart=/usr/bin/pipe-tick$' "$d/usr/lib/systemd/system/pipewright.service"
	grep -q '^PATH=/usr/bin:' "$d/etc/cron.d/pipewright"
}

@test "cron accepts the file: only its owner may write it, and each line has an account" {
	[ "$(stat -c %a "$d/etc/cron.d/pipewright")" = 644 ]
	run grep -vcE '^(#.*|[A-Z]+=.*|(\* ){5}pipewright pipe-(tick|inbox))$' "$d/etc/cron.d/pipewright"
	[ "$output" = 0 ]
}

@test "another prefix keeps everything below it, and pipe-tick finds its worker there" {
	[ -e "$home/etc/cron.d/pipewright" ]
	cd "$BATS_TEST_TMPDIR"
	"$home/bin/pipectl" --db t.db init --team t
	run "$home/bin/pipe-tick" --db t.db -n
	[ "$status" -eq 0 ]
}

@test "the completions are scripts of their shells" {
	bash -n "$d/usr/share/bash-completion/completions/pipectl"
	grep -q '^#compdef' "$d/usr/share/zsh/site-functions/_pipectl"
	grep -q 'complete -c pipectl' "$d/usr/share/fish/vendor_completions.d/pipectl.fish"
	grep -qxF 'complete -F _pipe_tick pipe-tick' "$d/usr/share/bash-completion/completions/pipe-tick"
	grep -q '^#compdef pipe-tick' "$d/usr/share/zsh/site-functions/_pipe-tick"
	grep -q 'complete -c pipe-tick -l login' "$d/usr/share/fish/vendor_completions.d/pipe-tick.fish"
}
