#!/usr/bin/env bats
# A database for several accounts, set up with the very lines that pipewright(7) gives, on a machine of its own
# as far as /etc, /var/lib and /usr/local go.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset PIPEWRIGHT_DB PIPEWRIGHT_TEAM XDG_DATA_HOME
}

# The lines of the section, without the one that makes the account: a test makes none with other tools than files.
manual_lines() {
	awk '/^\.Ss / { on = ($0 == ".Ss A database for several accounts") } on && sub(/^\.Dl /, "") && !/^adduser/' \
		"$PW_TOP/man/pipewright.7"
}

# on_machine SCRIPT: what it prints is in $output. `as ACCOUNT COMMAND...` prints "STATUS OUTPUT".
on_machine() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	! ldd "$PW_BUILD/bin/pipectl" | grep -q libasan || skip "LeakSanitizer cannot look into such a process"
	mkdir -p upper
	unshare -m sh -c 'mount -t tmpfs tmpfs "$1" && mkdir "$1/u" "$1/w" &&
		mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/u,workdir=$1/w" /etc' - "$PWD/upper" 2>/dev/null ||
		skip "may not mount"
	manual_lines >lines
	# shellcheck disable=SC2016 # expanded inside
	unshare -m bash -euc '
		mount -t tmpfs tmpfs "$1/upper"; mkdir "$1/upper/u" "$1/upper/w"
		mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper/u,workdir=$1/upper/w" /etc
		mount -t tmpfs tmpfs /var/lib; mount -t tmpfs tmpfs /usr/local
		chmod 755 /var/lib /usr/local
		mkdir /usr/local/bin /usr/local/libexec
		cp -r "$2"/bin/. /usr/local/bin; cp -r "$2"/libexec/. /usr/local/libexec
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
		echo "pipewright:x:942:942::/var/lib/pipewright:/usr/sbin/nologin" >>/etc/passwd
		echo "pipewright:x:942:" >>/etc/group
		install -d -o pipewright -g pipewright /var/lib/pipewright
		as() {
			local account=$1 rc=0
			shift
			(cd / && setpriv --reuid "$account" --regid nogroup --clear-groups "$@") >said 2>&1 || rc=$?
			echo "$rc $(cat said)"
		}
		here=$1
		cd "$here"
		echo secret | . ./lines
		cd "$here"
		eval "$3"
	' - "$PWD" "$PW_BUILD" "$1" >got 2>&1 || { cat got; return 1; }
	output=$(cat got)
	echo "$output"
}

write_team() {
	cat >team.yaml <<-'END'
		kind: Team
		name: sales
		members:
		  pipewright: {role: admin}
		  games: {role: admin}
		  nobody: {role: member}
		---
		kind: Mailbox
		name: hello
		from: Hello <hello@example.com>
		smtp: {url: "smtp://127.0.0.1:1", user: hello, password_file: hello, tls: none}
	END
	chmod 755 .
}

@test "S0.21 pipewright(7): the lines that set up a database for several accounts" {
	write_team
	on_machine 'setpriv --reuid pipewright --regid pipewright --clear-groups pipectl apply team.yaml >/dev/null
		stat -c "%U %a %n" /var/lib/pipewright /var/lib/pipewright/pipewright.db /etc/pipewright/secrets/sales/hello
		cat /etc/pipewright/secrets/sales/hello
		as nobody contactctl add anna@example.com
		as games contactctl list -o email
		as nobody ls /var/lib/pipewright
		as daemon contactctl list
		as games pipectl check'
	[[ $output == *"pipewright 2770 /var/lib/pipewright
pipewright 660 /var/lib/pipewright/pipewright.db
pipewright 600 /etc/pipewright/secrets/sales/hello
secret
0 anna@example.com created
0 anna@example.com
2 ls: cannot open directory '/var/lib/pipewright': Permission denied
77 contactctl: 'daemon' is in no team; an admin adds members to the Team document
2 PIPEWRIGHT CRITICAL - no tick has ever run |"* ]]
}

@test "what is for the owner alone says so to everybody else" {
	write_team
	on_machine 'for verb in "init --team support" "init -n --team support" upgrade "restore -n x" "restore --accept"; do
			as nobody pipectl $verb
		done
		as nobody pipe-tick
		as nobody pipe-inbox'
	[ "$(grep -c "^77 .*'/var/lib/pipewright/pipewright.db': Permission denied; only the owner of the database or root may do this$" <<<"$output")" = 7 ]
}
