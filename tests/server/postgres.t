#!/usr/bin/perl
# Every statement of lib/store is prepared by a real PostgreSQL 15 on our schema: that is where an installation goes
# when it outgrows one machine, so the SQL has to stay within what both understand.
use lib 'tests/lint';
use Lint;
use Sql;
use File::Temp 'tempdir';
use POSIX ();
use strict;
use warnings;

my ($server) = grep { -x "$_/initdb" } map { "$_/postgresql-15/usr/lib/postgresql/15/bin" } "$ENV{PW_BUILD}/servers", "$ENV{PW_TOP}/build/servers";
my ($client) = grep { -x "$_/psql" } map { "$_/postgresql-client-15/usr/lib/postgresql/15/bin" } "$ENV{PW_BUILD}/servers", "$ENV{PW_TOP}/build/servers";
plan(skip_all => 'PostgreSQL is not unpacked: sh tests/packages.sh test') if !$server || !$client;

# PostgreSQL refuses to run as root.
my @as = $> == 0 ? qw(setpriv --reuid=65534 --regid=65534 --clear-groups) : ();
plan(skip_all => 'PostgreSQL cannot be run from here as nobody') if system(@as, 'test', '-x', "$server/initdb") != 0;

my $folder = tempdir(CLEANUP => 1);
chown 65534, 65534, $folder if $> == 0;
my $log = "$folder/log";

sub run {
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		chdir $folder;
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $log;
		open STDERR, '>&', \*STDOUT;
		exec @as, @_ or POSIX::_exit(127);
	}
	waitpid $pid, 0;
	return $? == 0;
}

my @pg_ctl = ("$server/pg_ctl", '-D', "$folder/data", '-w', '-t', '60');
my $started = run("$server/initdb", '-A', 'trust', '--no-sync', '--no-locale', '-E', 'UTF8', '-U', 'pw', '-D', "$folder/data")
  && run(@pg_ctl, '-l', "$folder/server.log", '-o', "-c listen_addresses='' -k $folder -c fsync=off", 'start');
END { my $status = $?; run(@pg_ctl, '-m', 'immediate', 'stop') if $started; $? = $status }

# What stands in the schema for things that both have under different names.
sub translated {
	my ($sql) = @_;
	$sql =~ s/\bWITHOUT ROWID\b//;
	$sql =~ s/\bBYTES\b/BYTEA/g;
	return $sql;
}

# "PREPARE sN (types) AS ": PostgreSQL finds the types itself, except of a number that the statement leaves out. A
# driver passes the types of what is bound, so that is no obstacle.
sub prepare {
	my ($n, $sql) = @_;
	my %used = map { $_ => 1 } $sql =~ /\$(\d+)/g;
	my ($last) = sort { $b <=> $a } keys %used, 0;
	my $types = join ', ', map { $used{$_} ? 'unknown' : 'bigint' } 1 .. $last;
	return "PREPARE s$n" . ($types ? " ($types)" : '') . ' AS ';
}

# Runs statements in one psql and returns what it objects to: "path:line: ERROR: ...".
sub objections {
	my ($prefix, @statements) = @_;
	my $n = 0;
	open my $script, '>', "$folder/script" or die "script: $!\n";
	for my $statement (@statements) {
		my ($path, $line, $text) = @$statement;
		print $script "\\echo \@\@ $path:$line\n", $prefix->(++$n, $text), translated($text), ";\n";
	}
	close $script or die "script: $!\n";
	my ($at, @found) = ('');
	for (`$client/psql -X -q -t -h $folder -U pw -d postgres -f $folder/script 2>&1`) {
		$at = $1 if /^@@ (\S+)/;
		push @found, "$at: $1" if /(ERROR:.*|FATAL:.*|could not connect.*)/;
	}
	return @found;
}

ok($started, 'PostgreSQL runs') or note_all(\&diag, Lint::slurp($log));
if ($started) {
	my @all = statements(tree());
	my @refused = objections(sub { '' }, grep { $_->[0] =~ /\.sql$/ } @all);
	ok(!@refused, 'PostgreSQL takes the schema') or note_all(\&diag, @refused);
	my @code = grep { $_->[0] =~ /\.c$/ } @all;
	@refused = objections(\&prepare, @code);
	ok(!@refused, 'PostgreSQL prepares all ' . @code . ' statements') or note_all(\&diag, @refused);
	my @bad = objections(\&prepare, [ 'sample', 1, 'INSERT OR IGNORE INTO run (id) VALUES ($1)' ],
	                              [ 'sample', 2, 'SELECT nothing FROM run' ]);
	ok(@bad == 2, 'and refuses a bad one');
}
done_testing();
