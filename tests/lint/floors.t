#!/usr/bin/perl
# lib/FLOORS against the #include lines.
use lib 'tests/lint';
use Lint;
use strict;
use warnings;

sub floors {
	my ($tree) = @_;
	my $text = $tree->{'lib/FLOORS'} // tree()->{'lib/FLOORS'};
	return [ map { [ /^([\w-]+):\s*(.*)/ ] } grep { /^[\w-]+:/ } split /\n/, $text ];
}

sub folder_of {
	my ($path) = @_;
	return $path =~ m{^lib/([\w-]+)/} ? $1 : $path =~ m{^cmd/} ? 'cmd' : undef;
}

rule('floors-order', 'a folder lists only folders above it, and every folder is listed', sub {
	my ($tree) = @_;
	my (%known, @problems);
	for my $floor (@{ floors($tree) }) {
		my ($folder, $lists) = @$floor;
		push @problems, map { "lib/FLOORS: $folder lists $_, which is not above it" } grep { !$known{$_} } split ' ', $lists;
		$known{$folder} = 1;
	}
	my %folders = map { $_ => 1 } grep { defined } map { folder_of($_) } keys %$tree;
	push @problems, map { "lib/FLOORS: has no line for $_" } grep { !$known{$_} } sort keys %folders;
	return @problems;
});

rule('floors-include', 'a file includes only what its folder may see', sub {
	my ($tree) = @_;
	my %may = map { $_->[0] => { map { $_ => 1 } $_->[0], split ' ', $_->[1] } } @{ floors($tree) };
	my @problems;
	for my $path (sort grep { /\.[ch]$/ } keys %$tree) {
		my $own = folder_of($path) // next;
		push @problems, each_line($tree->{$path}, sub {
			my ($n, $line) = @_;
			my ($other, $name) = $line =~ m{^\s*#\s*include\s+"(?:([\w-]+)/)?([\w.-]+)"} or return;
			return $own eq 'cmd' ? () : "$path:$n: write \"$own/$name\"" if !defined $other;
			return "$path:$n: $own may not include $other" if !$may{$own}{$other};
			return "$path:$n: $name is private to lib/$other" if $name =~ /_private\.h$/ && $own ne $other;
			return;
		});
	}
	return @problems;
});

done_testing();
