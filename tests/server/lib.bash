# Real servers for the end-to-end tests. Each test builds a small root directory, installs pipewright and the server
# in it and starts both there by chroot, so that the real /etc is neither read nor written. All listen on loopback.
# shellcheck shell=bash
#
#   root_or_skip PACKAGE...   skips unless root, and the packages were unpacked by tests/packages.sh
#   root_make DIR             a root with a shell, accounts, zones, certificates and pipewright in /usr
#   root_add PROGRAM...       copies programs, found by PATH or as PACKAGE:/path, with the libraries they need
#   in_root COMMAND...        runs one in it, with the environment that cron gives; as_user ACCOUNT likewise
#   start_postfix PORT [auth] · start_opensmtpd PORT · start_dovecot PORT TLS-PORT · start_cron    start a server;
#                             root_remove stops what was started
#   free_port                 prints a TCP port that is free now
#   wait_for SECONDS COMMAND...   until the command succeeds; fails when the time is over

servers=$PW_BUILD/servers
[ -d "$servers" ] || servers=$PW_TOP/build/servers

root_or_skip() {
	[ "$(id -u)" = 0 ] || skip 'needs root, to make a root directory of its own'
	for package; do
		[ -e "$servers/$package/.done" ] || skip "$package is not unpacked: sh tests/packages.sh test"
	done
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || return 1
		sleep 0.2
	done
}

# Copies files with the libraries that they need; a file of an unpacked package as PACKAGE:/path.
root_add() {
	local file package copied=()
	for file; do
		package=
		case $file in
		*:*) package=${file%%:*} file=${file#*:} ;;
		/*) ;;
		*) file=$(command -v "$file") ;;
		esac
		copy_in "${package:+$servers/$package}$file" "$file"
		copied+=("$root$file")
	done
	root_libraries "${copied[@]}"
}

# The libraries whose names are in files: those that our programs open when they need them (lib/base/late.h), and some that
# ldd(1) tells of, too.
named_libraries() {
	grep -ahozx 'lib[[:alnum:]_.+-]*\.so\.[0-9.]*' "$@" | tr '\0' '\n' | sort -u | while read -r name; do
		/sbin/ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }'
	done
}

# Copies the libraries of files that are in the root; Postfix keeps some in a folder of its own.
root_libraries() {
	local library named
	mapfile -t named < <(named_libraries "$@")
	{
		printf '\t%s\n' "${named[@]}"
		LD_LIBRARY_PATH=$servers/postfix/usr/lib/postfix:$servers/dovecot-core/usr/lib/dovecot ldd "$@" "${named[@]}" 2>/dev/null
	} | grep -o '^[[:blank:]].*' | grep -o '/[^ ]*' | sort -u | while read -r library; do
		copy_in "$library" "$(echo "${library#"$servers"}" | sed 's,^/\(postfix\|dovecot-core\)/,/,')"
	done
}

copy_in() {
	[ -e "$root$2" ] && return
	mkdir -p "$root${2%/*}"
	cp -L "$1" "$root$2"
}

root_make() {
	root=$1
	mkdir -p "$root"/{bin,dev,etc,lib,lib64,proc,run,tmp,usr/bin,usr/lib,usr/sbin,var/lib,var/spool,var/log}
	ln -s ../run "$root/var/run"
	chmod 755 "$root"
	chmod 1777 "$root/tmp"
	mknod -m 666 "$root/dev/null" c 1 3 2>/dev/null || skip 'devices cannot be made here'
	mknod -m 666 "$root/dev/urandom" c 1 9
	mknod -m 666 "$root/dev/random" c 1 8
	mount -t proc proc "$root/proc" 2>/dev/null || skip 'proc cannot be mounted here'
	root_accounts
	echo 'hosts: files' >"$root/etc/nsswitch.conf"
	echo '127.0.0.1 localhost mx.test' >"$root/etc/hosts"
	printf 'smtp 25/tcp\nsubmission 587/tcp\n' >"$root/etc/services"
	echo mx.test >"$root/etc/hostname"
	copy_in "$(command -v bash)" /bin/sh
	root_add bash /usr/bin/env
	mkdir -p "$root/usr/share"
	cp -r /usr/share/zoneinfo "$root/usr/share/zoneinfo"
	make_certificates
	make -s -C "$PW_TOP" ${SAN:+SAN=1} ${COV:+COV=1} install DESTDIR="$root" PREFIX=/usr >/dev/null
	[ -z "${COV:-}" ] || share_counters
	root_libraries "$root"/usr/bin/* "$root"/usr/libexec/pipewright/*
}

# What `make coverage` counts in the root is counted in the build: each counter is one file with two names.
share_counters() {
	(cd / && find ".$PW_BUILD/lib" ".$PW_BUILD/cmd" -name '*.gcda' -exec cp -l --parents -t "$root" {} +)
}

root_accounts() {
	cat >"$root/etc/passwd" <<-'EOF'
		root:x:0:0::/nonexistent:/bin/sh
		nobody:x:65534:65534::/nonexistent:/bin/sh
		pipewright:x:900:900::/var/lib/pipewright:/bin/sh
		opensmtpd:x:901:901::/var/lib/opensmtpd/empty:/bin/false
		opensmtpq:x:902:902::/var/lib/opensmtpd/empty:/bin/false
		vmail:x:903:903::/mail:/bin/false
		postfix:x:911:911::/var/spool/postfix:/bin/false
	EOF
	cat >"$root/etc/group" <<-'EOF'
		root:x:0:
		nogroup:x:65534:
		crontab:x:899:
		pipewright:x:900:
		opensmtpd:x:901:
		opensmtpq:x:902:
		vmail:x:903:
		postfix:x:911:
		postdrop:x:912:
	EOF
	mkdir -p "$root/var/lib/pipewright" "$root/mail"
	chown 900:900 "$root/var/lib/pipewright"
	chmod 750 "$root/var/lib/pipewright"
	chown 903:903 "$root/mail"
}

# A certificate authority for this test only, and a certificate of it for mx.test.
make_certificates() {
	local dir=$root/etc/ssl
	mkdir -p "$dir/certs"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=test authority' \
		-keyout "$dir/ca.key" -out "$dir/certs/ca-certificates.crt" 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -subj /CN=mx.test \
		-keyout "$dir/mx.key" -out "$dir/mx.csr" 2>/dev/null
	openssl x509 -req -days 2 -CAcreateserial -CA "$dir/certs/ca-certificates.crt" -CAkey "$dir/ca.key" \
		-extfile <(echo subjectAltName=DNS:mx.test) -in "$dir/mx.csr" -out "$dir/mx.crt" 2>/dev/null
	chmod 600 "$dir/mx.key"
}

in_root() {
	chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/nonexistent SHELL=/bin/sh "$@"
}

as_user() {
	local account=$1
	shift
	chroot --userspec="$account:$account" "$root" \
		/usr/bin/env -i PATH=/usr/bin:/bin HOME=/nonexistent LOGNAME="$account" SHELL=/bin/sh "$@"
}

# Starts a server in the root that stays in the foreground; what it says goes to $root/log.NAME.
start_server() {
	local name=$1
	shift
	in_root "$@" >"$root/log.$name" 2>&1 </dev/null 3>&- &
}

port_open() {
	(exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# OpenSMTPD: no TLS (that of Debian 12 cannot sign with OpenSSL 3); all mail goes to /mail/Maildir.
start_opensmtpd() {
	local port=$1 helper
	root_add opensmtpd:/usr/sbin/smtpd
	for helper in mail.maildir mail.mda lockspool; do
		root_add "opensmtpd:/usr/libexec/opensmtpd/$helper"
	done
	mkdir -p "$root/var/lib/opensmtpd/empty" "$root/var/spool/smtpd" "$root/etc/smtpd"
	chmod 711 "$root/var/spool/smtpd"
	echo '@ vmail' >"$root/etc/smtpd/users"
	cat >"$root/etc/smtpd.conf" <<-EOF
		table users file:/etc/smtpd/users
		listen on 127.0.0.1 port $port hostname mx.test
		action "keep" maildir "/mail/Maildir" virtual <users>
		match from any for any action "keep"
	EOF
	start_server opensmtpd smtpd -d -v -f /etc/smtpd.conf
	wait_for 20 port_open "$port" || { cat "$root/log.opensmtpd" >&2; return 1; }
}

# Postfix: *@example.test is kept in /mail/Maildir. With `auth` it asks for STARTTLS and AUTH as anna@mx.test with the
# password "secret"; its certificate is that of mx.test. $postfix_config is added to main.cf.
start_postfix() {
	local port=$1
	mkdir -p "$root/usr/lib/postfix"
	cp -r "$servers"/postfix/usr/lib/postfix/{sbin,*.so} "$root/usr/lib/postfix"
	root_libraries "$root"/usr/lib/postfix/sbin/*
	mkdir -p "$root/etc/postfix" "$root/var/lib/postfix"
	chown 911 "$root/var/lib/postfix"
	postfix_queue
	cat >"$root/etc/postfix/main.cf" <<-'EOF'
		compatibility_level = 3.6
		myhostname = mx.test
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		mydestination =
		alias_maps =
		virtual_mailbox_domains = example.test
		virtual_mailbox_base = /mail
		virtual_mailbox_maps = inline:{@example.test=Maildir/}
		virtual_uid_maps = static:903
		virtual_gid_maps = static:903
		smtpd_relay_restrictions = permit_mynetworks, reject
		maillog_file = /var/log/mail.log
		daemon_directory = /usr/lib/postfix/sbin
		queue_directory = /var/spool/postfix
	EOF
	[ "${2:-}" != auth ] || postfix_auth
	printf '%s\n' "${postfix_config:-}" >>"$root/etc/postfix/main.cf"
	postfix_services "$port" >"$root/etc/postfix/master.cf"
	start_server postfix /usr/lib/postfix/sbin/master -d
	wait_for 20 port_open "$port" || { cat "$root/log.postfix" "$root/var/log/mail.log" >&2; return 1; }
}

postfix_auth() {
	local modules
	modules=$(echo /usr/lib/*/sasl2)
	mkdir -p "$root$modules" "$root/etc/postfix/sasl"
	cp "$servers/libsasl2-modules$modules"/lib{plain,login}.so* "$modules"/libsasldb.so* "$root$modules"
	root_add sasl2-bin:/usr/sbin/saslpasswd2
	root_libraries "$modules/libsasldb.so"
	echo secret | in_root saslpasswd2 -p -c -u mx.test -f /etc/postfix/sasl/db anna
	chown 911 "$root/etc/postfix/sasl/db"
	printf '%s\n' 'pwcheck_method: auxprop' 'auxprop_plugin: sasldb' 'mech_list: PLAIN LOGIN' \
		'sasldb_path: /etc/postfix/sasl/db' >"$root/etc/postfix/sasl/smtpd.conf"
	cat >>"$root/etc/postfix/main.cf" <<-'EOF'
		smtpd_tls_cert_file = /etc/ssl/mx.crt
		smtpd_tls_key_file = /etc/ssl/mx.key
		smtpd_tls_security_level = encrypt
		smtpd_tls_auth_only = yes
		smtpd_sasl_auth_enable = yes
		smtpd_sasl_local_domain = mx.test
		cyrus_sasl_config_path = /etc/postfix/sasl
		smtpd_relay_restrictions = permit_sasl_authenticated, reject
	EOF
}

postfix_queue() {
	local dir
	for dir in active bounce corrupt defer deferred flush hold incoming private saved trace; do
		mkdir -p "$root/var/spool/postfix/$dir"
		chown 911 "$root/var/spool/postfix/$dir"
		chmod 700 "$root/var/spool/postfix/$dir"
	done
	mkdir -p "$root/var/spool/postfix"/{pid,maildrop,public}
	chown 911:912 "$root/var/spool/postfix"/{maildrop,public}
	chmod 1730 "$root/var/spool/postfix/maildrop"
	chmod 2710 "$root/var/spool/postfix/public"
}

postfix_services() {
	cat <<-EOF
		127.0.0.1:$1 inet n - n - - smtpd
		pickup unix n - n 60 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		verify unix - - n - 1 verify
		tlsmgr unix - - n 1000? 1 tlsmgr
		flush unix n - n 1000? 0 flush
		proxymap unix - - n - - proxymap
		smtp unix - - n - - smtp
		error unix - - n - - error
		retry unix - - n - - error
		virtual unix - n n - - virtual
		anvil unix - - n - 1 anvil
		scache unix - - n - 1 scache
		postlog unix-dgram n - n - 1 postlogd
	EOF
}

# Dovecot: IMAP for anna with the password "secret", whose mail is in /mail/anna; plain and STARTTLS on the first port,
# TLS on the second.
start_dovecot() {
	mkdir -p "$root/usr/lib/dovecot"
	cp -r "$servers"/dovecot-{core,imapd}/usr/lib/dovecot/. "$root/usr/lib/dovecot"
	root_libraries "$root"/usr/lib/dovecot/{auth,anvil,config,imap,imap-login,libdovecot-storage.so.0}
	root_add dovecot-core:/usr/sbin/dovecot dovecot-core:/usr/bin/doveconf
	mkdir -p "$root/usr/lib/dovecot/modules" "$root/etc/dovecot" "$root/var/lib/dovecot" "$root/mail/anna"
	chown 903:903 "$root/mail/anna"
	echo 'anna:{PLAIN}secret' >"$root/etc/dovecot/users"
	cat >"$root/etc/dovecot/dovecot.conf" <<-EOF
		base_dir = /run/dovecot
		state_dir = /var/lib/dovecot
		log_path = /dev/stderr
		protocols = imap
		listen = 127.0.0.1, 127.0.0.2
		ssl = yes
		ssl_cert = </etc/ssl/mx.crt
		ssl_key = </etc/ssl/mx.key
		disable_plaintext_auth = no
		auth_mechanisms = plain login
		default_internal_user = opensmtpd
		default_login_user = opensmtpq
		default_internal_group = opensmtpd
		first_valid_uid = 1
		mail_location = maildir:/mail/%u
		passdb {
		  driver = passwd-file
		  args = scheme=PLAIN username_format=%u /etc/dovecot/users
		}
		userdb {
		  driver = static
		  args = uid=903 gid=903 home=/mail/%u
		}
		service imap-login {
		  chroot =
		  inet_listener imap {
		    port = $1
		  }
		  inet_listener imaps {
		    port = $2
		  }
		}
	EOF
	start_server dovecot dovecot -F -c /etc/dovecot/dovecot.conf
	wait_for 20 port_open "$1" || { cat "$root/log.dovecot" >&2; return 1; }
}

# cron itself, with nothing but what `make install` put into /etc/cron.d.
start_cron() {
	root_add cron:/usr/sbin/cron
	mkdir -p "$root/var/spool/cron/crontabs" "$root/etc/pam.d" "$root/etc/cron.d"
	: >"$root/etc/crontab"
	printf '%s\n' 'auth required pam_permit.so' 'account required pam_permit.so' 'session required pam_permit.so' \
		>"$root/etc/pam.d/cron"
	local permit
	permit=$(find /lib/*/security/pam_permit.so /usr/lib/*/security/pam_permit.so 2>/dev/null | head -n 1)
	copy_in "$permit" "$permit"
	start_server cron cron -f -L 15
}

# Ends what runs in the root (nothing else lives there) and removes it.
root_remove() {
	[ -n "${root:-}" ] || return 0
	root_signal TERM
	wait_for 5 root_idle || root_signal KILL
	wait_for 5 root_idle || echo "still running in $root: $(root_processes)" >&2
	umount "$root/proc" 2>/dev/null || :
	rm -rf --one-file-system "$root"
	root=
}

root_processes() {
	find /proc/[0-9]*/root -maxdepth 0 -lname "$root*" -printf '%h\n' 2>/dev/null | sed 's|/proc/||'
}

root_idle() {
	[ -z "$(root_processes)" ]
}

root_signal() {
	local process
	for process in $(root_processes); do
		kill -s "$1" "$process" 2>/dev/null || :
	done
}
