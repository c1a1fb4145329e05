#!/usr/bin/perl
# How SQLite goes about each statement: nothing that is asked once for a person, a mail or a block of them may look at all of
# them, nor sort them. With a million of them that is the difference between a moment and a day.
use lib 'tests/lint';
use Lint;
use Sql;
use File::Temp 'tempdir';
use strict;
use warnings;

my $programs = ($ENV{PW_BUILD} // 'build') . '/bin';
plan(skip_all => 'no sqlite3 here') if system('command -v sqlite3 > /dev/null') != 0;

my $folder = tempdir(CLEANUP => 1);
my $db = "$folder/plans.db";
system("$programs/pipectl", '--db', $db, '--quiet', 'init', '--team', 'plans') == 0 or die "no database: is it built?\n";

# Tables that stay small, however many people there are.
my %small = map { $_ => 1 } qw(team member document document_version attachment lane lane_watch queue_class claim counter
  meta word occasion stencil inbox_place);

# Statements that look at much on purpose, each with its reason.
my @free = (
	[ qr/^SELECT pipeline, status\b/, 'counts all runs of a team, for lists of pipelines and stats' ],
	[ qr/ WHERE m\.run = \$1 AND m\.run > 0 /, 'the mails of one run' ],
	[ qr/^SELECT \(SELECT q\.due FROM queue q\b/, 'one instant for each class of a queue' ],
	[ qr/^SELECT count\(\*\) FROM \(SELECT id FROM message\b.* LIMIT \$4\)/, 'no more than it is told to' ],
	[ qr/^DELETE FROM (?:event_key|inbox_mail) WHERE team = \$1 AND (?:NOT EXISTS|at < )/, 'pruning, which looks at all once' ],
);

# Indexes of what waits for something, which few do.
my $waiting = qr/ USING (?:COVERING )?INDEX (?:message_waits|run_blocked)\b/;

sub explain {
	my (@statements) = @_;
	open my $out, '>', "$folder/in" or die;
	for my $n (0 .. $#statements) {
		print $out ".print \@$n\nEXPLAIN QUERY PLAN $statements[$n][2];\n";
	}
	close $out;
	my (@plans, $at);
	for my $line (`sqlite3 -readonly '$db' < $folder/in 2>&1`) {
		if ($line =~ /^\@(\d+)$/) {
			$at = $1;
		} else {
			push @{ $plans[$at] }, $line =~ s/^[ |`-]+|\s+$//gr;
		}
	}
	return @plans;
}

# What the names in a plan stand for.
sub names {
	my ($text) = @_;
	my %names;
	while ($text =~ /\b(?:FROM|JOIN|UPDATE|INTO)\s+([a-z_]+)(?:\s+(?:AS\s+)?([a-z]\w*))?/g) {
		$names{$1} = $1;
		$names{$2} = $1 if defined $2;
	}
	return \%names;
}

# What is wrong with one line of a plan.
sub objection {
	my ($line, $text, $names) = @_;
	return 'makes an index of its own' if $line =~ /AUTOMATIC/;
	return 'sorts all of them for each block' if $line =~ /TEMP B-TREE FOR ORDER BY/ && $text =~ /\bLIMIT\b/;
	my ($how, $name, $by) = $line =~ /^(SCAN|SEARCH) (\w+)(?: USING .*?\(([^)]*)\))?/ or return;
	my $table = $names->{$name} // $name;
	return if $line =~ $waiting || $small{$table} || $table !~ /^[a-z_]+$/ || $name eq 'CONSTANT';
	return "looks at each row of $table" if $how eq 'SCAN' || ($by // '') eq 'team=?';
	return;
}

rule('plans', 'no statement looks at everybody, or sorts them, again and again', sub {
	my ($tree) = @_;
	my @problems;
	my %with = map { $_ => $tree->{$_} } grep { m{^lib/store/\w+\.c$} } keys %$tree;
	my %private = map { $_ => tree()->{$_} } grep { m{^lib/store/\w+_private\.h$} } keys %{ tree() };
	my @statements = grep { $_->[2] =~ /^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b/ } statements({ %private, %with });
	my @plans = explain(@statements);
	for my $n (0 .. $#statements) {
		my ($path, $line, $text) = @{ $statements[$n] };
		next if grep { $text =~ $_->[0] } @free;
		my $names = names($text);
		for my $step (@{ $plans[$n] // [] }) {
			my $why = $step =~ /^(?:Parse e|E)rror/ ? $step : objection($step, $text, $names) or next;
			push @problems, "$path:$line: $why ($step): " . substr($text, 0, 90);
		}
	}
	return @problems;
});

done_testing();
