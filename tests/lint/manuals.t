#!/usr/bin/perl
# Manual page == --help == option table, and the commands that documents show exist.
use lib 'tests/lint';
use Lint;
use Options;
use strict;
use warnings;

my $build = $ENV{PW_BUILD} // 'build';
my $dumps = dumps();
plan(skip_all => 'no program is built yet') if !%$dumps;
my %project = (%{ tree() }, %$dumps);

# The manual page of a program as verb => lines; what stands before the first verb is ''.
# A verb begins with ".It Ic VERB", ".It Xo" and then ".Ic VERB", or ".Ss VERB".
sub sections {
	my ($page, $verbs) = @_;
	my %section;
	my $verb = '';
	$page =~ s/^\.It Xo\n\.Ic/.It Ic/mg;
	for my $line (split /\n/, $page) {
		my ($how, $word) = $line =~ /^\.(It Ic|Ss) (?:Nm )?"?([a-z][\w-]*)/;
		$verb = $word if defined $word && ($how eq 'It Ic' || exists $verbs->{$word});
		$verb = '' if $line =~ /^\.Sh/;
		push @{ $section{$verb} }, $line;
	}
	return \%section;
}

# The options that some mdoc lines name: '-x' or '--long', each with whether an argument follows.
sub named_options {
	my %named;
	for my $line (grep { /^\./ } @_) {
		while ($line =~ /\bFl (-?[\w-]+)/g) {
			my $option = $1;
			$named{"-$_"} = 1 for $option =~ /^-/ ? $option : split //, $option; # "Fl nv" means -n and -v
		}
	}
	return \%named;
}

sub page_of {
	my ($tree, $program) = @_;
	my ($path) = grep { m{^man/\Q$program\E\.[1-8]$} } sort keys %$tree;
	return $path;
}

sub compare_options {
	my ($path, $verb, $lines, $own, $global) = @_;
	my $named = named_options(@$lines);
	my $what = $verb eq '' ? '' : " of '$verb'";
	return (map { "$path: has no $_$what" } grep { !$named->{$_} } sort keys %$own),
	  map { "$path: names $_$what, which does not exist" } grep { !exists $own->{$_} && !exists $global->{$_} } sort keys %$named;
}

rule_on(\%project, 'manual', 'the manual page has the verbs and options of the program', sub {
	my ($tree) = @_;
	my $programs = programs($tree);
	my @problems;
	for my $name (sort keys %$programs) {
		my ($verbs, $options) = @{ $programs->{$name} }{qw(verbs options)};
		my $global = $options->{'*'};
		my $path = page_of($tree, $name);
		push(@problems, "man: has no page for $name"), next if !$path;
		my $section = sections($tree->{$path}, $verbs);
		for my $verb (sort keys %$verbs) {
			push(@problems, "$path: has no .It Ic $verb"), next if $verb ne '' && !$section->{$verb};
			push @problems, compare_options($path, $verb, $section->{$verb} // [], $options->{$verb} // {}, $global);
			my $text = join ' ', @{ $section->{$verb} // [] };
			push @problems, map { "$path: '$verb' does not name its operand $_" }
			  grep { $text !~ /\b(?i:\Q$_\E)\b/ } $verbs->{$verb} =~ /([A-Z][A-Z-]+)/g;
		}
		push @problems, map { "$path: has '$_', which $name does not" } grep { $_ ne '' && !exists $verbs->{$_} } sort keys %$section;
		my $rest = named_options(map { @{ $section->{$_} } } grep { $_ eq '' || !exists $verbs->{$_} } keys %$section);
		push @problems, map { "$path: has no $_" } grep { !$rest->{$_} } sort keys %$global;
	}
	return @problems;
});

rule_on(\%project, 'help', '--help of each verb shows its operands and options', sub {
	my ($tree) = @_;
	my $programs = programs($tree);
	my @problems;
	for my $name (sort keys %$programs) {
		my ($verbs, $options) = @{ $programs->{$name} }{qw(verbs options)};
		for my $verb (sort keys %$verbs) {
			my $help = $tree->{"help/$name/$verb"} // `'$build/bin/$name' $verb --help 2>&1`;
			(my $flat = $help) =~ s/\s+/ /g;
			push @problems, "$name $verb --help: no usage line"
			  if $flat !~ /^usage: \Q$name\E(?: \Q$verb\E)?\s.*?\Q$verbs->{$verb}\E/;
			push @problems, map { "$name $verb --help: does not show $_" }
			  grep { $help !~ /(?<![\w-])\Q$_\E(?![\w-])/ } sort keys %{ $options->{$verb} // {} };
		}
	}
	return @problems;
});

# The commands in a document: those in fenced or quoted code of Markdown, in displays of a manual page, in comments
# and lines of other files. [line, program, words]
sub commands {
	my ($path, $text, $names) = @_;
	my ($fenced, @found) = (0);
	each_line($text, sub {
		my ($n, $line) = @_;
		$fenced = !$fenced if $line =~ /^```/;
		my @code = $path !~ /\.md$/ || $fenced ? ($line) : $line =~ /`([^`]+)`/g;
		@code = $line =~ /^\.D[l1] (.*)|^((?:\$ )?\w.*)/ ? ($1 // $2) : () if $path =~ m{^man/};
		for my $code (@code) {
			push @found, [ $n, $1, $2 ] while $code =~ /(?:^|[\s|;&(`"\$])($names)\s+([^|;&`)\n]*)/g;
		}
		return;
	});
	return @found;
}

rule_on(\%project, 'commands', 'the commands that README, manual pages, examples and scripts show exist', sub {
	my ($tree) = @_;
	my $programs = programs($tree);
	my $names = join '|', map { quotemeta } keys %$programs or return;
	my @problems;
	for my $path (sort grep { m{^README\.md$|^man/|^etc/|^tests/demo} } keys %$tree) {
		for my $command (commands($path, $tree->{$path}, $names)) {
			my ($line, $name, $rest) = @$command;
			my ($verbs, $options) = @{ $programs->{$name} }{qw(verbs options)};
			$rest =~ s/"(?:\\.|[^"])*"|'[^']*'/X/g;
			my @words = split ' ', $rest =~ s/\s#.*|<<.*|[<>].*//r;
			my ($verb) = exists $verbs->{''} ? '' : grep { exists $verbs->{$_} } @words;
			if (!defined $verb) {
				my ($first) = grep { /^[a-z]/ } @words;
				push @problems, "$path:$line: $name has no '$first'" if defined $first && $path !~ m{^man/} && $first =~ /^[a-z-]+$/;
				next;
			}
			my %may = (%{ $options->{'*'} }, %{ $options->{$verb} // {} });
			push @problems, map { "$path:$line: '$name $verb' has no option $_" }
			  grep { !exists $may{$_} && !(/^-[a-zA-Z]{2,}$/ && !grep { !exists $may{"-$_"} } split //, substr $_, 1) }
			  map { /^(--?[A-Za-z][\w-]*)/ ? $1 : () } @words;
		}
	}
	return @problems;
});

rule('setup', 'README shows two lines for a fresh machine, and the build server runs the second as it stands there', sub {
	my ($tree) = @_;
	my @lines = ($tree->{'README.md'} // '') =~ /^ {4}(sh tests\/packages\.sh .*)$/mg;
	my @problems = @lines == 2 ? () : 'README.md: ' . @lines . ' lines that set up a machine instead of 2';
	my ($line) = (grep({ /make check/ } @lines), 'the line that passes the tests');
	push @problems, '.ci/run: does not end with what README.md says' if ($tree->{'.ci/run'} // '') !~ /^\Q$line\E\n\z/m;
	return @problems;
});

done_testing();
