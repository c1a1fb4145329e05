#!/usr/bin/perl
# How big things are: what is beyond the aim is printed (prove -v), so that it is a choice and not an accident.
use lib 'tests/lint';
use Lint;
use List::Util 'max';
use strict;
use warnings;

# Function bodies of a file: [name, first line, lines, parameters, deepest nesting].
sub functions {
	my ($text) = @_;
	my ($n, $head, @found, $begun, $deep) = (0, '');
	for my $line (split /\n/, code_of($text)) {
		$n++;
		if ($line eq '{' && $head =~ /(\w+)\s*\((.*)\)\s*(?:PW_\w+\s*)?$/s) {
			my ($name, $list) = ($1, $2);
			$begun = [ $name, $n, 0, $list =~ /^\s*void\s*$/ ? 0 : 1 + ($list =~ tr/,//) ];
			$deep = 0;
		} elsif ($line eq '}' && $begun) {
			push @found, [ @$begun[ 0, 1 ], $n - $begun->[1] + 1, $begun->[3], $deep ];
			$begun = undef;
		} elsif ($begun) {
			$deep = max($deep, length $1) if $line =~ /^(\t+)(?:if|for|while|switch|do)\b/;
		}
		$head = $line =~ /^\S/ || $head =~ /\($|,$/ ? ($line =~ /[;}]\s*$|^#/ ? '' : "$head $line") : $head;
		$head = '' if $line =~ /^[{}]/ || $line eq '';
	}
	return @found;
}

sub code_of { return Lint::code($_[0]) }

my $tree = tree();
my (@lengths, @beyond, $code, $comment);
for my $path (sort grep { m{^(?:lib|cmd)/.*\.c$} } keys %$tree) {
	my $lines = $tree->{$path} =~ tr/\n//;
	push @beyond, "$path: $lines lines" if $lines > 600;
	for my $function (functions($tree->{$path})) {
		my ($name, $line, $length, $parameters, $deep) = @$function;
		push @lengths, $length;
		push @beyond, "$path:$line: $name has $length lines" if $length > 60;
		push @beyond, "$path:$line: $name has $parameters parameters" if $parameters > 6;
		push @beyond, "$path:$line: $name nests $deep deep" if $deep > 4;
	}
}
@lengths = sort { $a <=> $b } @lengths;
my ($median, $p90) = map { $lengths[ int($#lengths * $_) ] } 0.5, 0.9;
note(sprintf '%d functions, median %d lines, 90 %% within %d, longest %d', scalar @lengths, $median, $p90, $lengths[-1]);
note($_) for @beyond;
ok($median <= 15, "half of the functions within 15 lines ($median)");
ok($p90 <= 45, "nine of ten functions within 45 lines ($p90)");
ok((grep { $_ > 60 } @lengths) <= @lengths / 50, 'at most 2 % of the functions over 60 lines');
is_known();
done_testing();

# The measure itself: a sample with known numbers.
sub is_known {
	my @found = functions("static int f(int a,\n\t\t int b)\n{\n\tif (a)\n\t\tfor (;;)\n\t\t\tb++;\n\treturn b;\n}\n\nvoid g(void)\n{\n}\n");
	ok("@{ $found[0] }|@{ $found[1] }" eq 'f 3 6 2 2|g 11 2 0 0', 'functions are measured rightly')
	  or diag(map { "@$_\n" } @found);
}
