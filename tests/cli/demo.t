#!/usr/bin/perl
# `make demo` does what it says.
use strict;
use warnings;
use Test::More;

$ENV{PIPEWRIGHT_TEAM} = 'somebody-elses';
my $said = `sh tests/demo.sh 2>&1 </dev/null`;
is($?, 0, 'the demo ends well');
my @completed = $said =~ /^\d+\t(\S+)\tonboarding\t\d+\tcompleted\t/mg;
is("@{[ sort @completed ]}", 'ada@example.com grace@example.com juergen@example.com',
	'S0.1 S0.24 the onboarding example completes for everybody');
ok($said =~ qr/email\.sent\tonboarding\tcheck-in\t.*Grace/, 'S4.24 who published a rota is asked how it goes');
ok($said =~ qr/email\.sent\tonboarding\tfirst-rota\t.*Jürgen/, 'and who did not is offered help, in German');
ok($said =~ qr/^Subject: =\?utf-8\?/m, 'a mail is shown as it was delivered');
ok($said !~ qr/error|not found|No such file/i, 'nothing went wrong on the way');
diag($said =~ m{(.{0,2000})\z}s) if !Test::More->builder->is_passing;
done_testing();
