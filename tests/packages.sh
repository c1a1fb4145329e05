#!/bin/sh
# Installs what is missing on Debian 12:  sh tests/packages.sh build   to build and run pipewright
#                                         sh tests/packages.sh test    to build it and run all tests
# Nothing is done when all is there. The servers of the tests are only unpacked, into build/servers:
# no service is installed or started.
set -eu

build='gcc libc6-dev make pkg-config libsqlite3-dev libcurl4-openssl-dev libcjson-dev libyaml-dev
libglib2.0-dev libcsv-dev libsodium-dev liblz4-dev libidn2-dev libgmime-3.0-dev ca-certificates tzdata'
tests='libcmocka-dev perl bats python3 python3-yaml python3-jsonschema mandoc cppcheck
shellcheck util-linux openssl sqlite3 strace spin gcovr
libdb5.3 libevent-2.1-7 libicu72 libnsl2 libsasl2-2 libpq5 libxml2 libxslt1.1 libpam-modules'
servers='opensmtpd postfix dovecot-core dovecot-imapd libsasl2-modules sasl2-bin cron postgresql-15 postgresql-client-15'

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

missing() {
	for package; do
		dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || printf '%s ' "$package"
	done
}

install_missing() {
	# shellcheck disable=SC2046,SC2086 # names of packages, one word each
	set -- $(missing $1)
	[ $# = 0 ] && return
	as_root apt-get update -q
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

unpack_servers() {
	dir=$PWD/build/servers
	for package in $servers; do
		[ -e "$dir/$package/.done" ] && continue
		rm -rf "${dir:?}/$package"
		mkdir -p "$dir/$package"
		(cd "$dir/$package" && apt-get download -q "$package" && dpkg-deb -x ./*.deb . && rm ./*.deb && : >.done) ||
			echo "packages.sh: $package could not be unpacked; the tests that need it are skipped" >&2
	done
}

cd "$(dirname "$0")/.."
case ${1:-} in
build) install_missing "$build" ;;
test)
	install_missing "$build $tests"
	unpack_servers
	;;
*)
	echo "usage: sh tests/packages.sh build|test" >&2
	exit 64
	;;
esac
