#!/usr/bin/perl
# How well mails are read:  perl tests/mail_corpus.pl FOLDER [-v]
# FOLDER has expected.tsv (file, kind, recipient, reason, hard, status, action, with a line of names in front; a file has
# a line for each recipient, "-" is nothing) and the mails in eml/. Prints "N passed, N failed" for each measure and how
# many mails were read in a second of processor time; with -v also what failed.
use strict;
use warnings;
use JSON::PP;

my ($folder, $verbose) = @ARGV;
die "usage: perl tests/mail_corpus.pl FOLDER [-v]\n" if !defined $folder;
my $program = ($ENV{PW_BUILD} // 'build') . '/bin/pipe-inbox';

my (%expected, @files);
open my $tsv, '<', "$folder/expected.tsv" or die "$folder/expected.tsv: $!\n";
my @columns = split /\t/, <$tsv> =~ s/\R//r;
while (my $line = <$tsv>) {
	my %row;
	@row{@columns} = split /\t/, $line =~ s/\R//r;
	push @files, $row{file} if !$expected{$row{file}};
	push @{ $expected{$row{file}} }, \%row;
}

my %read;
while (my @some = splice @files, 0, 1000) {
	open my $out, '-|', $program, '--explain', map { "$folder/eml/$_" } @some or die "$program: $!\n";
	while (my $line = <$out>) {
		my $got = decode_json($line);
		$read{ $got->{file} =~ s{.*/}{}r } = $got;
	}
	close $out or die "$program ended with status $?\n";
}
my $seconds = (times)[2] || 0.01;

my %count = map { $_ => [0, 0] } my @measures = qw(kind recipient reason hard status action);

sub judge {
	my ($measure, $file, $got, $wanted) = @_;
	my $good = lc($got // '-') eq lc $wanted;
	$count{$measure}[$good ? 0 : 1]++;
	print "$file: $measure is ", $got // '-', ", not $wanted\n" if $verbose && !$good;
}

for my $file (sort keys %expected) {
	my $got = $read{$file} // { kind => 'unread', recipients => [] };
	my %by_recipient = map { lc($_->{recipient} // '-') => $_ } @{ $got->{recipients} };
	judge('kind', $file, $got->{kind}, $expected{$file}[0]{kind});
	for my $row (@{ $expected{$file} }) {
		next if $row->{recipient} eq '-';
		my $one = $by_recipient{ lc $row->{recipient} };
		judge('recipient', $file, $one ? $one->{recipient} : (sort keys %by_recipient)[0], $row->{recipient});
		$one //= @{ $got->{recipients} } == 1 ? $got->{recipients}[0] : {};
		judge('hard', $file, defined $one->{hard} ? ($one->{hard} ? 1 : 0) : undef, $row->{hard});
		judge($_, $file, $one->{$_}, $row->{$_}) for qw(reason status action);
	}
}
printf "%-10s %d passed, %d failed\n", $_, @{ $count{$_} } for @measures;
printf "%d mails in %.2f s of processor time: %d a second\n", scalar keys %expected, $seconds, keys(%expected) / $seconds;
