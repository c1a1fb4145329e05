#!/usr/bin/perl
# Names, shape and cleanliness of all files.
use lib 'tests/lint';
use Lint;
use strict;
use warnings;

my %top = map { $_ => 1 } qw(Makefile README.md LICENSE cmd lib man etc tests .ci);

sub text_files {
	my ($tree) = @_;
	return sort grep { $tree->{$_} !~ /\0/ && !m{^tests/(?:golden|fuzz|corpus|data)/} } keys %$tree;
}

sub c_files {
	my ($tree) = @_;
	return sort grep { m{^(?:lib|cmd)/.*\.[ch]$} } keys %$tree;
}

rule('top', 'the top level holds what it should', sub {
	my ($tree) = @_;
	my %seen = map { (split m{/})[0] => 1 } keys %$tree;
	my @problems = map { "$_: does not belong to the top level" } grep { !$top{$_} && !/^\./ } sort keys %seen;
	return @problems, map { "$_: .ci holds only run" } grep { m{^\.ci/} && $_ ne '.ci/run' } sort keys %$tree;
});

rule('names', 'no file name that excludes nothing', sub {
	my ($tree) = @_;
	return map { "$_: says nothing about what is in it" }
	  grep { m{(?:^|[/_-])(?:utils?|helpers?|common|misc|managers?|handlers?|stuff|tools?)(?:_\w+)?\.[ch]$}i } c_files($tree);
});

rule('guards', 'a header is guarded by its own name', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (grep { /\.h$/ } c_files($tree)) {
		my ($folder, $name) = $path =~ m{([\w-]+)/([\w-]+)\.h$};
		(my $guard = uc "PW_${folder}_${name}_H") =~ tr/-/_/;
		$guard =~ s/^PW_(\w+)_\1_H$/PW_$1(?:_$1)?_H/;
		push @problems, "$path:1: expected the guard $guard" if $tree->{$path} !~ /\A#ifndef ($guard)\n#define \1\n/;
		push @problems, "$path: does not end with #endif" if $tree->{$path} !~ /\n#endif\n\z/;
	}
	return @problems;
});

rule('own-header', 'a source file includes its own header first', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (grep { /\.c$/ } c_files($tree)) {
		(my $header = $path) =~ s/\.c$/.h/;
		next if !exists $tree->{$header};
		my ($first) = $tree->{$path} =~ /^#\s*include\s+["<]([^">]+)[">]/m;
		(my $own = $header) =~ s{^lib/|^cmd/[\w-]+/}{};
		(my $private = $own) =~ s/\.h$/_private.h/;
		push @problems, "$path: includes " . ($first // 'nothing') . " before $own"
		  if ($first // '') !~ /^(?:\Q$own\E|\Q$private\E)$/;
	}
	return @problems;
});

rule('include-once', 'a file includes another once', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (c_files($tree)) {
		my %seen;
		push @problems, map { "$path: includes $_ twice" } grep { $seen{$_}++ == 1 } $tree->{$path} =~ /^#\s*include\s+["<]([^">]+)[">]/mg;
	}
	return @problems;
});

rule('blanks', 'no trailing blanks, no carriage returns, one newline at the end', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (grep { !m{\.(?:eml|tsv|csv|out|golden)$} } text_files($tree)) {
		push @problems, each_line($tree->{$path}, sub {
			my ($n, $line) = @_;
			return $line =~ /[ \t\r]$/ ? "$path:$n: ends with a blank" : ();
		});
		next if $tree->{$path} eq '';
		push @problems, "$path: does not end with exactly one newline" if $tree->{$path} !~ /[^\n]\n\z/;
	}
	return @problems;
});

rule('indent', 'C is indented with tabs and stays within 150 columns (the aim is 110)', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (c_files($tree)) {
		my $before = '';
		push @problems, each_line($tree->{$path}, sub {
			my ($n, $line) = @_;
			my $opened = $before =~ /[{;]$/;
			$before = $line;
			return "$path:$n: indented with blanks" if $opened && $line =~ /^ +[^ *]/;
			my $width = length Encode::decode('UTF-8', $line =~ s/\t/    /gr);
			return $width > 150 ? "$path:$n: $width columns" : ();
		});
	}
	return @problems;
});

rule('length', 'no file over 800 lines', sub {
	my ($tree) = @_;
	return map { "$_: " . ($tree->{$_} =~ tr/\n//) . ' lines' } grep { ($tree->{$_} =~ tr/\n//) > 800 } c_files($tree);
});

rule('comments', 'no banners, no numbered steps, no author lines, no // comments', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (c_files($tree)) {
		(my $text = $tree->{$path}) =~ s{"(?:\\.|[^"\\\n])*"}{""}g;
		push @problems, each_line($text, sub {
			my ($n, $line) = @_;
			return $line =~ m{^\s*//|/\*\s*(?:[-=*]{4,}|Step \d|\@author|Author:)} ? "$path:$n: $&" : ();
		});
	}
	return @problems;
});

# Built from parts, so that this file does not hold them itself.
my $machine = join '|', '/wo' . 'rk', '/tmp/' . 'pw', '/ro' . 'ot', '/ho' . 'me/\w+';

rule('machine', 'no path of one machine', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (text_files($tree)) {
		push @problems, each_line($tree->{$path}, sub {
			my ($n, $line) = @_;
			return $line =~ m{(?<![\w./\$\})\]*-])($machine)(?![\w-])} ? "$path:$n: $1 is a path of one machine" : ();
		});
	}
	return @problems;
});

done_testing();
