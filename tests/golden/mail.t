#!/usr/bin/perl
# How mails are read: tests/golden/mail has our own ones (eml/) with the whole reading of each (expected.jsonl);
# ../shared/corpus/bounces, where it is there, messages of real mail servers with theirs (expected.tsv).
use strict;
use warnings;
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $top = $ENV{PW_TOP};
my $program = "$ENV{PW_BUILD}/bin/pipe-inbox";
my $dir = "$top/tests/golden/mail";
my $tmp = tempdir(CLEANUP => 1);

sub lines { return split /\n/, shift }

my %expected = map { decode_json($_)->{file} => $_ } lines(scalar `cat '$dir/expected.jsonl'`);
my %read = map { decode_json($_)->{file} => $_ } lines(scalar `cd '$dir/eml' && '$program' --explain *.eml`);
for my $file (sort keys %read) {
	my $kind = decode_json($expected{$file} // '{}')->{kind} // '';
	is $read{$file}, $expected{$file}, ($kind eq 'auto_reply' ? 'B19 ' : $kind eq 'bounce' ? 'B16 ' : '') . "read: $file is " . ($kind =~ s/_/ /r);
}
is join(' ', sort keys %read), join(' ', sort keys %expected), 'every mail is read';

# Absence notes without a header that says so, written on Monday, 1 June 2026: the day of the return, "-" for none.
open my $away, '<', "$dir/away.tsv" or die;
my (undef, @notes) = map { chomp; [split /\t/] } <$away>;
for my $note (@notes) {
	my ($wanted, $subject, $text) = @$note;
	open my $out, '>', "$tmp/away.eml" or die;
	print $out "From: Kim <kim\@far.example>\nTo: anna\@us.example\nSubject: $subject\nDate: Mon, 1 Jun 2026 09:00:00 +0200\n"
		. "Message-ID: <away\@far.example>\nContent-Type: text/plain; charset=utf-8\n\n$text\n";
	close $out or die;
	my $got = decode_json(scalar `'$program' --explain '$tmp/away.eml'`);
	is $got->{kind} eq 'auto_reply' ? $got->{return_date} // '-' : $got->{kind}, $wanted, "B19 away: $subject";
}

# The same mails as other systems keep them.
for my $how (['CRLF', sub { s/\n/\r\n/g }], ['a line of mbox in front', sub { s/^/From kim\@far.example Mon Jun  1 09:00:00 2026\n/ }]) {
	my ($name, $change) = @$how;
	mkdir "$tmp/$name";
	for my $file (sort keys %read) {
		open my $in, '<:raw', "$dir/eml/$file" or die;
		local $_ = do { local $/; <$in> };
		$change->();
		open my $out, '>:raw', "$tmp/$name/$file" or die;
		print $out $_;
		close $out or die;
	}
	my $all = `cd '$tmp/$name' && '$program' --explain *.eml`;
	is $all, join('', map { "$read{$_}\n" } sort keys %read), "with $name they read the same";
}

# Hostile ones: each within ten seconds of processor time and 300 MB, and something is said of it.
my $head = "From: a\@x.example\nTo: b\@y.example\nSubject: x\nMIME-Version: 1.0\n";
my %hostile = (
	'20,000 nested multiparts' => sub { $head . "Content-Type: multipart/mixed; boundary=b0\n\n"
		. join '', map { my $next = $_ + 1; "--b$_\nContent-Type: multipart/mixed; boundary=b$next\n\n" } 0 .. 20_000 },
	'20,000 nested messages' => sub { $head . "Content-Type: message/rfc822\n\n" . "From: a\@b\nContent-Type: message/rfc822\n\n" x 20_000 },
	'20,000 notices in notices' => sub { "From: MAILER-DAEMON\@x.example\nContent-Type: message/rfc822\n\n" x 20_000 . "could not be delivered\n" },
	'words and no end' => sub { "From: MAILER-DAEMON\@x.example\nSubject: failure notice\n\n<b\@y.example>: " . 'mailbox sender domain not ' x 200_000 },
	'200 recipients in 60 KB each' => sub { "From: MAILER-DAEMON\@x.example\nSubject: failure notice\n\n"
		. join '', map { "u$_\@b.example " . 'not unknown here ' x 200 . "\n" } 1 .. 200 },
	'300,000 parts' => sub { $head . "Content-Type: multipart/mixed; boundary=b\n\n" . "--b\n\n" x 300_000 },
	'50 MB' => sub { "$head\n" . "anna\@far.example and more\n" x 2_000_000 },
	'50 MB in one line' => sub { "$head\n" . 'anna@far.example ' x 3_000_000 },
	'3,000,000 headers' => sub { "X-A: b\n" x 3_000_000 . "\nx" },
	'a header of 30 MB' => sub { 'Subject: ' . '=?utf-8?q?=41?= ' x 2_000_000 . "\n\nx" },
	'no charset' => sub { $head . "Content-Type: text/plain; charset=\"\xff\0nope\"\n\n" . join('', map { chr } 0 .. 255) x 1000 },
	'no base64' => sub { $head . "Content-Type: text/plain; charset=utf-7\nContent-Transfer-Encoding: base64\n\n" . "!!!!=\xff" x 100_000 },
	'a notice of nothing but addresses' => sub { "From: MAILER-DAEMON\@x.example\nSubject: failure notice\n\ncould not be delivered\n"
		. join '', map { "u$_\@b.example\n" } 1 .. 60_000 },
	'200,000 addresses in From' => sub { 'From: ' . '<a@b' x 200_000 . "\nSubject: failure notice\n\n" },
	'200,000 beginnings of a quotation' => sub { $head . "In-Reply-To: <a\@b>\n\n" . "On x\n" x 200_000 },
	'100,000 dates' => sub { $head . "Auto-Submitted: auto-replied\n\n" . '12 july ' x 100_000 },
	'60,000 open tags' => sub { $head . "Content-Type: text/html\n\n" . '<div><blockquote ' x 60_000 },
	'20,000 recipients' => sub { $head . "Content-Type: message/delivery-status\n\n"
		. join '', map { "Final-Recipient: rfc822; u$_\@b.example\nAction: failed\n\n" } 1 .. 20_000 },
	'500,000 brackets' => sub { "$head\n{\"notificationType\":\"Bounce\",\"bounce\":" . '[' x 500_000 },
	'a megabyte of NUL' => sub { "\0" x 1_000_000 },
	'nothing' => sub { '' },
);
for my $name (sort keys %hostile) {
	open my $out, '>:raw', "$tmp/hostile.eml" or die;
	print $out $hostile{$name}->();
	close $out or die;
	my $limits = -e "$ENV{PW_BUILD}/../Makefile" && `nm -D '$program' 2>/dev/null` =~ /__asan/ ? '' : 'ulimit -v 300000;';
	my $line = `ulimit -t 10; $limits '$program' --explain '$tmp/hostile.eml' 2>&1`;
	like $line, qr/^\{"file":"[^"]*hostile\.eml","kind":"\w+","recipients":\[.*\}\n\z/, "hostile: $name is read or refused";
}

# With how much is right of what real servers write.
my $corpus = ($ENV{PW_SHARED} // "$top/../shared") . '/corpus/bounces';
my %least = (kind => 99, recipient => 97, hard => 95);
SKIP: {
	skip 'the corpus of bounces is not there (../shared/corpus/bounces)', 4 if !-e "$corpus/expected.tsv";
	my $said = `perl '$top/tests/mail_corpus.pl' '$corpus'`;
	diag $said;
	for my $measure (sort keys %least) {
		my ($passed, $failed) = $said =~ /^$measure +(\d+) passed, (\d+) failed$/m;
		cmp_ok $passed / ($passed + $failed || 1) * 100, '>=', $least{$measure}, "B16 corpus: $measure is right in $least{$measure} % and more";
	}
	like $said, qr/mails in .* a second\n\z/, 'corpus: the runner ends with the speed';
}

done_testing;
