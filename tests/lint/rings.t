#!/usr/bin/perl
# What the built programs link: a fault in one ring cannot reach the next.
use lib 'tests/lint';
use Lint;
use strict;
use warnings;

my $build = $ENV{PW_BUILD} // 'build';

# Programs as a tree: name => what ldd says of it.
my %linked;
for my $program (glob "$build/bin/* $build/libexec/pipewright/*") {
	$linked{ $program =~ s{.*/}{}r } = `ldd '$program' 2>&1`;
}
plan(skip_all => 'no program is built yet') if !%linked;

my $ring1 = qr/^(?:pipectl|contactctl|dealctl|taskctl)$/;
my $base = qr/^(?:linux-vdso|ld-linux-[\w-]+|libc|libm|libasan|libubsan|libgcc_s|libpthread|libdl|librt|libstdc\+\+)$/;

sub libraries {
	my ($ldd) = @_;
	return map { m{(?:^|/|\s)([\w.+-]+?)\.so} ? $1 : () } split /\n/, $ldd;
}

rule_on(\%linked, 'rings', 'each program links only what its ring may', sub {
	my ($tree) = @_;
	my @problems;
	for my $program (sort keys %$tree) {
		for my $library (libraries($tree->{$program})) {
			my $bad = $program =~ $ring1 && $library =~ /^lib(?:curl|gmime|ssl|gnutls|nghttp2|ldap|glib|idn2|sodium|lz4|cjson|csv)/
			  || $program eq 'pipe-tick' && $library !~ $base && $library !~ /^libsqlite3|^libz$/
			  || $program eq 'pipe-drop' && $library !~ $base
			  || $program eq 'pipe-worker' && $library =~ /^libgmime/;
			push @problems, "$program links $library" if $bad;
		}
		push @problems, "$program: $&" if $tree->{$program} =~ /.*not found.*/;
	}
	return @problems;
});

my %soname = (SQLite => 'libsqlite3', libcurl => 'libcurl', libyaml => 'libyaml-0', cJSON => 'libcjson', libcsv => 'libcsv',
              GLib => 'libglib-2.0', libidn2 => 'libidn2', libsodium => 'libsodium', liblz4 => 'liblz4', GMime => 'libgmime-3.0');

# Only what a program itself asks for, when it starts or later (lib/base/late.h), not what its libraries bring along.
sub asked_for {
	my ($program) = @_;
	my @linked = map { /NEEDED.*\[(.*)\]/ ? $1 : () } `readelf -d '$program' 2>/dev/null`;
	my @late = Lint::slurp($program) =~ /\0(lib[\w.+-]+\.so(?:\.\d+)+)(?=\0)/g;
	my %asked = map { ($_ => 1) } @linked, @late;
	return join "\n", sort keys %asked;
}
my %direct = map { s{.*/}{}r => asked_for($_) } glob "$build/bin/* $build/libexec/pipewright/*";
rule_on({ %direct, 'README.md' => tree()->{'README.md'} }, 'dependencies', 'the table in README.md says who links what', sub {
	my ($tree) = @_;
	my (%said, @problems);
	while ($tree->{'README.md'} =~ /^\| (\w+)(?: \(late\))? \| [^|]* \| (?:only )?([^|]*?) \|$/mg) {
		my ($library, $programs) = ($1, $2);
		my $soname = $soname{$library} // next;
		$said{"$_ $soname"} = 1 for $programs eq 'all' ? grep { $_ ne 'README.md' } keys %$tree : split /, /, $programs;
	}
	my %does = map { my $program = $_; map { ("$program $_" => 1) } grep { !/$base/ && $_ ne 'libgobject-2.0' } libraries($tree->{$program}) } # a part of GLib that GMime's interface needs
	  grep { $_ ne 'README.md' } keys %$tree;
	push @problems, map { "README.md: does not say that $_" =~ s/ (\S+)$/ links $1/r } grep { !$said{$_} } sort keys %does;
	push @problems, map { "README.md: $_" =~ s/ (\S+)$/ does not link $1/r } grep { !$does{$_} } sort keys %said;
	return @problems;
});

done_testing();
