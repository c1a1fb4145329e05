# What the lints share. A lint is a set of rules; a rule is a function that takes a tree of files (path => text)
# and returns its problems as "path:line: what". Each rule runs on the project, which must be clean, and on its bad
# samples, tests/lint/bad/RULE*.txt, each of which must be refused: a rule that cannot fail proves nothing.
package Lint;
use strict;
use warnings;
use Exporter 'import';
use File::Find;
use Encode ();
use Test::More;

our @EXPORT = qw(rule rule_on tree code literals line_of each_line note_all done_testing ok note diag plan skip);

my $shown = 20;
my %skip = map { $_ => 1 } qw(build build-cov build-san build-lint build-fuzz .git .cache);

# Every file of the project as path => text, build folders and the bad samples left out.
sub tree {
	our $tree;
	return $tree if $tree;
	my %files;
	find({ no_chdir => 1, preprocess => sub { grep { !$skip{$_} } @_ }, wanted => sub {
		(my $path = $_) =~ s{^\./}{};
		$files{$path} = slurp($_) if -f $_ && !-l $_ && $path !~ m{^tests/lint/bad/};
	} }, '.');
	return $tree = \%files;
}

sub slurp {
	my ($path) = @_;
	open my $in, '<:raw', $path or die "$path: $!\n";
	local $/;
	my $text = <$in>;
	return $text // '';
}

# A sample: "expect: PATTERN", then one or more files, each begun by a line "==> path". With "repeat: N" each text
# stands N times.
sub sample {
	my ($path) = @_;
	my ($head, @parts) = split /^==> (.*)\n/m, slurp($path);
	my ($expect) = $head =~ /^expect: (.*)$/m or die "$path: no expect line\n";
	my %files = @parts;
	if (my ($n) = $head =~ /^repeat: (\d+)$/m) {
		$_ x= $n for values %files;
	}
	return ($expect, \%files);
}

# rule('floors', 'each folder includes only what is below it', sub { my ($tree) = @_; ... });
sub rule {
	my ($name, $title, $check) = @_;
	rule_on(tree(), $name, $title, $check);
}

# The same for a rule that looks at something else than the files, such as the programs that were built.
sub rule_on {
	my ($tree, $name, $title, $check) = @_;
	my @problems = $check->($tree);
	ok(!@problems, "lint $name: $title") or note_all(\&diag, @problems);
	my @samples = sort glob "tests/lint/bad/$name.txt tests/lint/bad/$name-*.txt";
	@samples = grep { -e } @samples;
	ok(@samples > 0, "lint $name: has a bad sample");
	for my $path (@samples) {
		my ($expect, $bad) = sample($path);
		my @found = $check->($bad);
		ok(scalar(grep { /$expect/ } @found), "lint $name: refuses $path") or
		  note_all(\&diag, "expected /$expect/, found:", @found);
	}
}

sub note_all {
	my ($how, @lines) = @_;
	my $left = @lines - $shown;
	$how->($_) for $left > 0 ? @lines[ 0 .. $shown - 1 ] : @lines;
	$how->("... and $left more") if $left > 0;
}

# C source with comments and the content of literals blanked, line numbers kept.
sub code {
	my ($text) = @_;
	$text =~ s{(/\*.*?\*/|//[^\n]*)|("(?:\\.|[^"\\\n])*")|('(?:\\.|[^'\\\n])*')}
	          {my $all = $&; defined $1 ? ($all =~ tr/\n//cdr || ' ') : defined $2 ? '""' : "' '"}gse;
	return $text;
}

# The string literals of C source, adjacent ones joined (a macro between them reads as a blank): [line, text] each.
sub literals {
	my ($text) = @_;
	$text =~ s{("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|/\*.*?\*/|//[^\n]*}{defined $1 ? $1 : $& =~ tr/\n//cdr}gse;
	my @found;
	while ($text =~ /"(?:\\.|[^"\\\n])*"(?:\s*(?:[A-Z][A-Z0-9_]*\b|"(?:\\.|[^"\\\n])*"))*/g) {
		my ($at, $run) = ($-[0], $&);
		my $joined = join '', map { /^"/ ? substr($_, 1, -1) : " $_ " } $run =~ /"(?:\\.|[^"\\\n])*"|[A-Z][A-Z0-9_]*/g;
		push @found, [ line_of($text, $at), $joined ];
	}
	return @found;
}

sub line_of {
	my ($text, $offset) = @_;
	return 1 + (substr($text, 0, $offset) =~ tr/\n//);
}

# Calls found->(line number, line) for each line of a text and returns what it returns.
sub each_line {
	my ($text, $found) = @_;
	my $n = 0;
	return map { $found->(++$n, $_) } split /\n/, $text, -1;
}

1;
