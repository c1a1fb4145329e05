# Finds the SQL of the project: the statements in lib/store/*.c (macros of the same file and of the private headers expanded) and in the schema.
package Sql;
use strict;
use warnings;
use Lint ();
use Exporter 'import';

our @EXPORT = qw(statements schema tables);

my $begins = qr/^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|REPLACE)\b/;

# The statements of a tree: [path, line, text], those of the schema as well.
sub statements {
	my ($tree) = @_;
	my @found;
	my %shared = map { macros($tree->{$_}) } grep { m{^lib/store/\w+_private\.h$} } keys %$tree;
	for my $path (sort grep { m{^lib/store/\w+\.c$} } keys %$tree) {
		my %macro = (%shared, macros($tree->{$path}));
		for my $literal (Lint::literals($tree->{$path})) {
			my ($line, $text) = @$literal;
			$text =~ s{(?<= )([A-Z][A-Z0-9_]*)(?= )}{$macro{$1} // $1}ge;
			push @found, [ $path, $line, $text ] if $text =~ $begins;
		}
	}
	for my $path (sort grep { m{^lib/store/schema/.*\.sql$} } keys %$tree) {
		(my $text = $tree->{$path}) =~ s/--[^\n]*//g;
		while ($text =~ /\s*([^;]+);/g) {
			push @found, [ $path, Lint::line_of($text, $-[1]), $1 ];
		}
	}
	return @found;
}

# #define NAME "text" of a file, also over several lines.
sub macros {
	my ($text) = @_;
	my %macro;
	while ($text =~ /^#define ([A-Z][A-Z0-9_]*)((?:[ \t]|\\\n|"(?:\\.|[^"\\\n])*")+)$/mg) {
		my ($name, $value) = ($1, $2);
		$macro{$name} = join '', map { substr $_, 1, -1 } $value =~ /"(?:\\.|[^"\\\n])*"/g;
	}
	return %macro;
}

# The columns of each table of the schema: { table => { column => 1 } }.
sub tables {
	my ($tree) = @_;
	my %tables;
	for my $statement (statements($tree)) {
		my ($table, $body) = $statement->[2] =~ /^\s*CREATE TABLE (\w+) \((.*)\)/s or next;
		$tables{$table} = { map { $_ => 1 } $body =~ /^\s*([a-z]\w*)\s+[A-Z]/mg };
	}
	return \%tables;
}

1;
