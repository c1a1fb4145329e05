#!/usr/bin/perl
# Other people's checkers: shellcheck for scripts, mandoc for manual pages, cppcheck for C, a syntax check for Perl and
# Python.
use lib 'tests/lint';
use Lint;
use File::Temp 'tempdir';
use strict;
use warnings;

sub lines_of { return grep { length } split /\n/, `@_ 2>&1` }

sub installed { return system("command -v $_[0] >/dev/null 2>&1") == 0 }

# Writes the files of a tree that the pattern chooses into a folder of its own and returns their paths.
sub written {
	my ($tree, $chosen) = @_;
	my $folder = tempdir(CLEANUP => 1);
	return map {
		(my $name = $_) =~ s{/}{,}g;
		open my $out, '>:raw', "$folder/$name" or die "$name: $!\n";
		print $out $tree->{$_};
		close $out or die "$name: $!\n";
		"'$folder/$name'";
	} sort grep { $chosen->($_, $tree->{$_}) } keys %$tree;
}

sub problems {
	my ($command, $tree, $chosen) = @_;
	my @files = written($tree, $chosen) or return;
	return map { s{\S*/([^/\s:]+)}{(my $path = $1) =~ tr{,}{/}; $path}er } lines_of("$command @files");
}

SKIP: {
	skip('shellcheck is not installed', 1) if !installed('shellcheck');
	my $script = sub { $_[1] =~ m{\A#!\S*(?:/env )?(?:/bin/)?(?:ba|da)?sh\b} };
	my $bats = sub { $_[0] =~ /\.bats$/ };
	rule('shell', 'shellcheck has nothing to say', sub {
		return problems('shellcheck -f gcc -S style -e SC1091,SC2034,SC2154', $_[0], $script),
		  problems('shellcheck -f gcc -S warning -e SC1010,SC1112,SC2034,SC2154', $_[0], $bats);
	});
}

SKIP: {
	skip('mandoc is not installed', 1) if !installed('mandoc');
	rule('mandoc', 'mandoc -T lint has nothing to say', sub {
		return grep { !/referenced manual not found|unknown.*(?:operating system|Os)|mdoc date|mandoc\.db/ }
		  problems('mandoc -T lint -W style', $_[0], sub { $_[0] =~ m{^man/.*\.[1-8]$} });
	});
}

SKIP: {
	skip('cppcheck is not installed', 1) if !installed('cppcheck');
	rule('cppcheck', 'cppcheck has nothing to say', sub {
		my ($tree) = @_;
		my $where = $tree == tree() ? 'lib cmd' : join ' ', written($tree, sub { 1 });
		return lines_of('cppcheck --quiet --inline-suppr --std=c11 -Ilib --enable=warning,performance,portability'
			. " --suppressions-list=tests/lint/cppcheck.txt --template='{file}:{line}: {message} ({id})' -j2 $where");
	});
}

rule('perl', 'Perl compiles', sub {
	return grep { !/syntax OK$/ } map { lines_of("perl -Itests/lint -c $_") }
	  written($_[0], sub { $_[0] =~ /\.(?:pl|pm|t)$/ && $_[1] =~ m{\A#!.*perl|^package }m });
});

rule('python', 'Python compiles', sub {
	return problems('python3 -c "import sys, ast
for p in sys.argv[1:]:
    try: ast.parse(open(p).read())
    except SyntaxError as e: print(p, e)"', $_[0], sub { $_[0] =~ /\.py$/ });
});

done_testing();
