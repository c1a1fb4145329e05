#!/usr/bin/perl
# The transcript in README.md is what the programs do: each command is run on a terminal of 100 columns at 2026-07-01
# 09:00 UTC, or at what a comment in the transcript says, and must print what stands there. `anna` stands for
# whoever runs the test.  perl tests/cli/readme.t --write  puts what they print now into README.md.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Temp 'tempdir';
use POSIX ();
use Test::More;

my $write = grep { $_ eq '--write' } @ARGV;
my $readme = abs_path('README.md');
my $build = abs_path($ENV{PW_BUILD} // 'build');
my $me = getpwuid $>;

open my $in, '<', $readme or die "$readme: $!\n";
my $text = do { local $/; <$in> };
my ($yaml) = $text =~ /^```yaml\n(.*?)^```$/ms or die "README.md: no yaml block\n";
my ($transcript) = $text =~ /^```console\n(.*?)^```$/ms or die "README.md: no console block\n";

chdir tempdir(CLEANUP => 1) or die "chdir: $!\n";
open my $out, '>', 'welcome.yaml' or die "welcome.yaml: $!\n";
print $out $yaml;
close $out or die "welcome.yaml: $!\n";

$ENV{PATH} = "$build/bin:$ENV{PATH}";
$ENV{NO_COLOR} = 1;
$ENV{PIPEWRIGHT_DB} = 'sales.db';
$ENV{HOME} = '/nonexistent';
delete $ENV{PIPEWRIGHT_TEAM};
my $now = '2026-07-01T09:00:00Z';

sub output_of {
	my ($command) = @_;
	$command =~ s/^((?:pipectl|contactctl|pipe-tick)\b[^|]*)/$1 --now $now/;
	local $ENV{COMMAND} = $command;
	my $said = `script -qec 'stty cols 100; eval "\$COMMAND"' /dev/null </dev/null`;
	$said =~ s/\r//g;
	$said =~ s/ +$//mg;
	$said =~ s/\b\Q$me\E as its admin/anna as its admin/;
	return $said;
}

my $new = '';
for my $step (split /^(?=\$ )/m, $transcript) {
	my ($first, $expected) = split /\n/, $step, 2;
	$now = "$1T$2:00Z" if $first =~ /^\$ # (\d{4}-\d\d-\d\d) (\d\d:\d\d)/;
	my $said = output_of($first =~ s/^\$ //r);
	is($said, $expected, "README: $first") if !$write;
	$new .= "$first\n$said";
}
if ($write) {
	$text =~ s/^(```console\n).*?^```$/$1$new```/ms;
	open my $to, '>', $readme or die "$readme: $!\n";
	print $to $text;
	close $to or die "$readme: $!\n";
	exit 0;
}
done_testing();
