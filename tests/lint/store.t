#!/usr/bin/perl
# Each function of the store is called by its tests: SQL is only checked when it runs, so that a slip in a statement
# or in the schema cannot hide.
use lib 'tests/lint';
use Lint;
use strict;
use warnings;

rule('store-tests', 'the tests of the store call each function of its headers', sub {
	my ($tree) = @_;
	my $tests = join "\n", map { code($tree->{$_}) } grep { m{^tests/unit/(?:test_store.*|store_fixture)\.[ch]$} } keys %$tree;
	my @problems;
	for my $path (sort grep { m{^lib/store/(?!.*_private)\w+\.h$} } keys %$tree) {
		my $header = code($tree->{$path});
		while ($header =~ /^(?:\w[\w ]*[ *])?(\w+)\([^()]*\)\s*(?:PW_CHECK)?;/mg) {
			my ($name, $at) = ($1, $-[1]);
			push @problems, "$path:" . line_of($header, $at) . ": no test calls $name()" if $tests !~ /\b$name\(/;
		}
	}
	return @problems;
});

done_testing();
