#!/usr/bin/perl
# Every example in etc/examples loads, and nothing is said of it.
use lib 'tests/lint';
use Lint;
use File::Basename 'dirname';
use File::Path 'make_path';
use File::Temp 'tempdir';
use strict;
use warnings;

my $pipectl = ($ENV{PW_BUILD} // 'build') . '/bin/pipectl';
plan(skip_all => 'pipectl is not built yet') if !-x $pipectl;

rule('examples', 'every example loads', sub {
	my ($tree) = @_;
	my $folder = tempdir(CLEANUP => 1);
	my %examples;
	for my $path (sort grep { m{^etc/examples/} } keys %$tree) {
		make_path(dirname("$folder/$path"));
		open my $out, '>:raw', "$folder/$path" or die "$path: $!\n";
		print $out $tree->{$path};
		close $out or die "$path: $!\n";
		$examples{$1} = 1 if $path =~ m{^(etc/examples/[^/]+)};
	}
	my @problems = %examples ? () : 'etc/examples: is empty';
	for my $example (sort keys %examples) {
		my $said = `'$pipectl' validate '$folder/$example' 2>&1`;
		push @problems, map { s{\Q$folder\E/}{}r } split /\n/, $said if $?;
		push @problems, map { s{\Q$folder\E/}{}r } grep { /warning|error/ } split /\n/, $said if !$?;
	}
	return @problems;
});

done_testing();
