#!/usr/bin/perl
# Prints, from the last test run, which features (tests/features.tsv) have a passing test and which have none.
# A test names the features that it proves: "S0.6 delays become exact instants", "S0.21-S0.23 teams never meet".
# usage: perl tests/features.pl TAP_FOLDER
use strict;
use warnings;

my %systems = (S0 => 'team pipelines', S1 => 'deal automations', S2 => 'e-mail sequences',
               S3 => 'lead pipelines', S4 => 'workflows', B => 'beyond them');
my ($folder) = @ARGV or die "usage: features.pl TAP_FOLDER\n";

my (@order, %title);
open my $list, '<', 'tests/features.tsv' or die "tests/features.tsv: $!\n";
while (<$list>) {
	chomp;
	next if /^#/ || !/\S/;
	my ($number, $title) = split /\t/;
	push @order, $number;
	$title{$number} = $title;
}

# All numbers that a test's name holds; "S0.21-S0.23" means those between as well, and "S0_6" is S0.6. What the second
# list has as 16 is B16 anywhere in a name, or 2.16 where a name begins.
sub numbers {
	my ($name) = @_;
	my @found;
	$name =~ s/^((?:[SB][\d.]+\s+)*)2\.(\d+)(?=\s)/$1B$2/;
	while ($name =~ /\b(?:test_)?(S[0-4][._]|B)(\d+)(?:\s?(?:-|to)\s?\1(\d+))?(?![\d.])/g) {
		my ($system, $from, $to) = ($1, $2, $3 // $2);
		$system =~ tr/_/./;
		push @found, map { "$system$_" } $from .. $to;
	}
	return @found;
}

my (%pass, %fail, %unknown);
my @files = glob "$folder/*.tap" or die "no test results in $folder: run `make check` first\n";
for my $file (@files) {
	open my $tap, '<', $file or die "$file: $!\n";
	while (<$tap>) {
		next if !/^(not )?ok\b\s*\d*\s*(?:- )?(.*)/ || /#\s*(?:skip|todo)\b/i;
		my ($bad, $name) = ($1, $2);
		for my $number (numbers($name)) {
			$title{$number} ? ($bad ? $fail{$number}++ : $pass{$number}++) : push @{ $unknown{$number} }, $file;
		}
	}
}

for my $system (qw(S0 S1 S2 S3 S4 B)) {
	my @own = grep { /^$system(?:\.|\d)/ } @order;
	my @proven = grep { $pass{$_} && !$fail{$_} } @own;
	my @failing = grep { $fail{$_} } @own;
	my @open = grep { !$pass{$_} && !$fail{$_} } @own;
	printf "%s  %s: %d of %d have a passing test\n", $system, $systems{$system}, scalar @proven, scalar @own;
	print "    pass: @proven\n" if @proven;
	print "    FAIL $_  $title{$_}\n" for @failing;
	print "    none $_  $title{$_}\n" for @open;
}
for my $number (sort keys %unknown) {
	my %in = map { $_ => 1 } @{ $unknown{$number} };
	print "unknown number $number in ", join(' ', sort keys %in), "\n";
}
exit(%fail || %unknown ? 1 : 0);
