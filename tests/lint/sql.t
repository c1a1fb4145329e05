#!/usr/bin/perl
# SQL stands only in lib/store, and only in the subset that PostgreSQL 15 shares.
use lib 'tests/lint';
use Lint;
use Sql;
use strict;
use warnings;

rule('sql-place', 'SQL only in lib/store', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (sort grep { m{^(?:lib|cmd)/.*\.[ch]$} && !m{^lib/store/} } keys %$tree) {
		push @problems, map { "$path:$_->[0]: SQL: " . substr($_->[1], 0, 40) }
		  grep { $_->[1] =~ /\b(?:SELECT\b.*\bFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE|BEGIN IMMEDIATE|PRAGMA)\b/ }
		  Lint::literals($tree->{$path});
	}
	return @problems;
});

my @refused = (
	[ qr/\bAUTOINCREMENT\b/i, 'ids come from the counter table' ],
	[ qr/\b(?:INSERT|UPDATE) OR \w+|\bREPLACE INTO\b/i, 'use ON CONFLICT' ],
	[ qr/\bgroup_concat\b/i, 'is SQLite only' ],
	[ qr/\b(?:date|time|datetime|strftime|julianday|unixepoch)\s*\(/i, 'times are parameters' ],
	[ qr/\bjson\w*\s*\(|->>?/i, 'JSON is opaque text' ],
	[ qr/\b(?:min|max)\s*\((?:[^()]|\([^()]*\))*,/i, 'min and max take one argument: use CASE' ],
	[ qr/\$\d+ IS (?:NOT )?NULL\b/i, 'no optional filters by NULL' ],
	[ qr/\?/, 'placeholders are $1, $2' ],
	[ qr/(?:^|\W)[:\@][a-z]\w*/i, 'placeholders are $1, $2' ],
	[ qr/\b(?:IFNULL|IIF|GLOB|REGEXP|PRINTF|TYPEOF|CHANGES|LAST_INSERT_ROWID|HEX|RANDOM|INSTR|TOTAL)\s*\(|\bGLOB\b|\bINDEXED BY\b|\browid\b/i, 'is SQLite only' ],
	[ qr/\bGROUP BY (?!folded\b)/i, 'sorts every row in memory where no index has them in order: store/grouping_private.h' ],
	[ qr/\bCOLLATE\b/i, 'names of collations differ' ],
	[ qr/"/, 'no quoted names' ],
	[ qr/\[/, 'no quoted names' ],
	[ qr/\bLIMIT \S+\s*,/i, 'write LIMIT n OFFSET m' ],
	[ qr/==|\bISNULL\b|\bNOTNULL\b/i, 'is SQLite only' ],
	[ qr/\b(?:INT|INTEGER|DATETIME|BOOLEAN|BLOB|REAL|VARCHAR|NUMERIC)\b/, 'types are BIGINT, TEXT and BYTES' ],
	[ qr/%/, 'nothing is formatted into SQL' ],
);

rule('sql-subset', 'only SQL that SQLite and PostgreSQL share', sub {
	my ($tree) = @_;
	my @problems;
	for my $statement (statements($tree)) {
		my ($path, $line, $text) = @$statement;
		(my $bare = $text) =~ s/'[^']*'|WITHOUT ROWID/''/g;
		for my $refused (@refused) {
			my ($pattern, $why) = @$refused;
			push @problems, "$path:$line: '$&': $why" if $bare =~ $pattern;
		}
		push @problems, "$path:$line: literal text beside '%'" if $text =~ /'[^']*%[sdlu]/;
	}
	return @problems;
});

# Statements about what belongs to a team that do not name the team, each with its reason.
my @free = (
	qr/^SELECT 1 WHERE EXISTS \(SELECT 1 FROM claim WHERE token > 0\)/, # a tick serves all teams: is anything due?
);

rule('sql-team', 'a statement about what belongs to a team names the team', sub {
	my ($tree) = @_;
	my $tables = tables({ %{ tree() }, %$tree });
	my @problems;
	for my $statement (grep { $_->[0] =~ /\.c$/ } statements($tree)) {
		my ($path, $line, $text) = @$statement;
		my @of = grep { $tables->{$_} && $tables->{$_}{team} } $text =~ /\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)/g;
		next if !@of || $text =~ /\bteam\b/;
		next if grep { $text =~ $_ } @free;
		push @problems, "$path:$line: does not name the team: " . substr($text, 0, 70);
	}
	return @problems;
});

done_testing();
