# What the programs say of themselves by --dump-options, as values.
package Options;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(dumps programs);

my $build = $ENV{PW_BUILD} // 'build';

# "dump/PROGRAM" => text of --dump-options, for every program that is built.
sub dumps {
	my %dump;
	for my $path (glob "$build/bin/*") {
		my $text = `'$path' --dump-options 2>&1`;
		$dump{ 'dump/' . $path =~ s{.*/}{}r } = $text;
	}
	return \%dump;
}

# The dumps of a tree: { program => { verbs => { name => args }, options => { verb or '*' => { '--long' => argument } } } };
# a short option stands beside its long one, as '-x'. A program without verbs has the verb ''.
sub programs {
	my ($tree) = @_;
	my %programs;
	for my $path (grep { m{^dump/} } keys %$tree) {
		my $program = { verbs => {}, options => { '*' => {} } };
		for (split /\n/, $tree->{$path}) {
			my ($what, @column) = map { $_ eq '-' ? '' : $_ } split /\t/;
			if ($what eq 'cmd') {
				$program->{verbs}{ $column[0] } = $column[1];
			} elsif ($what eq 'opt') {
				my ($verb, $short, $long, $argument) = @column;
				$program->{options}{$verb}{"--$long"} = $argument if $long ne '';
				$program->{options}{$verb}{"-$short"} = $argument if $short ne '';
			}
		}
		$programs{ $path =~ s{^dump/}{}r } = $program;
	}
	return \%programs;
}

1;
