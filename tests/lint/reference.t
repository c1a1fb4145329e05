#!/usr/bin/perl
# pipeline(5) == the tables that read documents, in both directions, and its examples are good documents.
use lib 'tests/lint';
use Lint;
use File::Temp qw(tempdir);
use strict;
use warnings;

my $build = $ENV{PW_BUILD} // 'build';
my $tool = "$build/tests/documents";
my $pipectl = "$build/bin/pipectl";
plan(skip_all => 'make check builds what it asks') if !-x $tool || !-x $pipectl;
my $page = 'man/pipeline.5';
my $tmp = tempdir(CLEANUP => 1);

# What the program knows: { table => { key => later? } }, without what all documents have.
sub tables {
	my %table;
	for (split /\n/, `'$tool' keys`) {
		my ($table, $key, $later) = /^(.*)\.([^.\t]+)(\tlater)?$/ or next;
		next if $table =~ /^[A-Z]\w*$/ && $key =~ /^(?:kind|name|team)$/;
		$table{$table}{$key} = defined $later ? 1 : 0;
	}
	return \%table;
}

# What the page lists: { section => { key => later? } }; a list item may name several keys.
sub listed {
	my ($text) = @_;
	my (%listed, @keys);
	my $section = '';
	for my $line (split /\n/, $text) {
		if ($line =~ /^\.S[hs] (.*)/) {
			($section, @keys) = ($1);
		} elsif ($line =~ /^\.It Ic (.*?)(?: : .*)?$/) {
			@keys = split / , /, $1;
			$listed{$section}{$_} = 0 for @keys;
		} elsif ($line eq 'Not supported yet.') {
			$listed{$section}{$_} = 1 for @keys;
		}
	}
	return \%listed;
}

sub compare {
	my ($what, $known, $listed) = @_;
	return (map { "$page: $what: has no $_" } grep { !exists $listed->{$_} } sort keys %$known),
	  (map { "$page: $what: there is no $_" } grep { !exists $known->{$_} } sort keys %$listed),
	  map { "$page: $what: $_ is " . ($known->{$_} ? 'not ' : '') . 'supported' }
	  grep { exists $listed->{$_} && $known->{$_} != $listed->{$_} } sort keys %$known;
}

rule('reference-keys', 'pipeline(5) lists each key that may be written, and no other', sub {
	my ($tree) = @_;
	my $listed = listed($tree->{$page} // return "$page is missing");
	my $tables = tables();
	my @problems;
	for my $table (sort keys %$tables) {
		if ($listed->{$table}) {
			push @problems, compare($table, $tables->{$table}, $listed->{$table});
		} elsif (grep { !$_ } values %{ $tables->{$table} }) {
			push @problems, "$page: has no section $table";
		}
	}
	push @problems, compare('ALL DOCUMENTS', { kind => 0, name => 0, team => 0 }, $listed->{'ALL DOCUMENTS'} // {});
	my %other = map { $_ => 1 } 'ALL DOCUMENTS', 'EVENTS', 'Placeholders';
	push @problems, map { "$page: there is no map $_" } grep { !$tables->{$_} && !$other{$_} } sort keys %$listed;
	return @problems;
});

rule('reference-events', 'pipeline(5) lists the built-in events and the placeholders', sub {
	my ($tree) = @_;
	my $listed = listed($tree->{$page} // return "$page is missing");
	my %events = map { /^  (\S+)$/ ? ($1 => 0) : () } split /\n/, `'$pipectl' explain events`;
	my %roots = map { /^  (\S+) .*?(\(not supported yet\))?$/ ? ($1 => defined $2 ? 1 : 0) : () }
	  split /\n/, `'$pipectl' explain placeholders`;
	return compare('EVENTS', \%events, $listed->{EVENTS} // {}),
	  compare('Placeholders', \%roots, $listed->{Placeholders} // {});
});

sub try_out {
	my ($text, @command) = @_;
	open my $out, '>', "$tmp/example.yaml" or die "$tmp: $!\n";
	print $out $text;
	close $out or die "$tmp: $!\n";
	my $said = `@command '$tmp/example.yaml' 2>&1`;
	return $? == 0 ? () : $said;
}

# One line of an example as a whole document.
sub document_of {
	my ($section, $line) = @_;
	my $step = $section =~ /^condition/ ? "if: {$line}\n    then: [{note: x}]" : $line;
	return "kind: Pipeline\nname: p\nsteps:\n  - {email: {subject: a, text: b}, id: first}\n  - $step\n";
}

rule('reference-examples', 'the examples of pipeline(5) are good', sub {
	my ($tree) = @_;
	my ($section, $block, @problems) = ('');
	each_line($tree->{$page} // return, sub {
		my ($n, $line) = @_;
		$section = $1 if $line =~ /^\.S[hs] (.*)/;
		$line =~ s/\\\(dq/"/g;
		my $said = '';
		if ($line =~ /^\.Bd -literal/) {
			$block = '';
		} elsif ($line eq '.Ed') {
			$said = join '', try_out($block, "'$pipectl' validate");
			undef $block;
		} elsif (defined $block) {
			$block .= "$line\n";
		} elsif (my ($example) = $line =~ /^\.Dl (.*)/) {
			$said = join '', try_out(document_of($section, $example), "'$pipectl' validate")
			  if $section =~ /^(?:step|mail|condition)/;
			$said = join '', try_out($example, "'$pipectl' render") if $section eq 'Placeholders';
		}
		push @problems, map { "$page:$n: $_" } grep { /error/ } split /\n/, $said;
	});
	return @problems;
});

done_testing();
