#!/usr/bin/perl
# How notices of mail systems are read. tests/golden/bounces has whole ones as many systems write them (eml/) with their
# kind, recipient, reason, hardness and status (expected.tsv; a line for each recipient, "-" is not looked at), and
# replies of mail servers (replies.tsv), which are wrapped here as Postfix, qmail and Exim do. Then the same notices are
# changed in ways that must not change how they are read.
use strict;
use warnings;
use Encode qw(decode encode);
use File::Temp qw(tempdir);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use MIME::QuotedPrint qw(encode_qp);
use Test::More;

my $top = $ENV{PW_TOP};
my $program = "$ENV{PW_BUILD}/bin/pipe-inbox";
my $dir = "$top/tests/golden/bounces";
my $tmp = tempdir(CLEANUP => 1);
my $folders = 0;

sub table {
	my ($path) = @_;
	open my $in, '<', $path or die "$path: $!\n";
	my ($names, @rows) = map { chomp; [split /\t/, $_, -1] } <$in>;
	return map { my %row; @row{@$names} = @$_; \%row } @rows;
}

sub slurp {
	open my $in, '<:raw', shift or die "$!\n";
	local $/;
	return scalar <$in>;
}

# Reads mails (name => bytes); returns name => reading.
sub read_all {
	my (%mails) = @_;
	my $folder = "$tmp/" . ++$folders;
	mkdir $folder;
	for my $name (keys %mails) {
		open my $out, '>:raw', "$folder/$name" or die "$!\n";
		print $out $mails{$name};
		close $out or die;
	}
	my %read = map { my $got = decode_json($_); $got->{file} => $got }
		split /\n/, `cd '$folder' && ls | xargs '$program' --explain`;
	return %read;
}

# "kind hard": 1 or 0 of each recipient, in the order of the alphabet.
sub gist {
	my ($reading) = @_;
	my @hard = map { $_->{hard} ? 1 : 0 } sort { ($a->{recipient} // '') cmp ($b->{recipient} // '') } @{ $reading->{recipients} // [] };
	return join ' ', $reading->{kind} // 'unread', @hard;
}

my %mails = map { s{.*/}{}r => slurp($_) } glob "$dir/eml/*.eml";
my %read = read_all(%mails);
my %wanted;
push @{ $wanted{ $_->{file} } }, $_ for table("$dir/expected.tsv");
is join(' ', sort keys %read), join(' ', sort keys %wanted), 'every notice is read';
for my $file (sort keys %wanted) {
	my $got = $read{$file};
	my %by_recipient = map { ($_->{recipient} // '-') => $_ } @{ $got->{recipients} };
	my (@said, @meant);
	for my $row (@{ $wanted{$file} }) {
		utf8::decode(my $recipient = $row->{recipient});
		my $one = $by_recipient{$recipient} // {};
		push @meant, "$row->{kind} $recipient";
		push @said, $got->{kind} . ' ' . ($recipient eq '-' && !@{ $got->{recipients} // [] } || $one->{kind} || %$one ? $recipient : join ',', sort keys %by_recipient);
		for my $column (grep { $row->{$_} ne '-' } qw(reason hard status)) {
			push @meant, "$column $row->{$column}";
			push @said, "$column " . ($column eq 'hard' ? ($one->{hard} ? 1 : 0) : $one->{$column} // '-');
		}
	}
	$_ = encode('UTF-8', join '; ', @$_) for \@said, \@meant;
	is ${ \join '; ', @said }, ${ \join '; ', @meant }, "B16 $file";
}

my $original = <<'END';
Received: from us.example (us.example [192.0.2.7]) by mx.out.example; Mon, 1 Jun 2026 09:00:00 +0000
From: Anna <anna@us.example>
To: kim@far.example
Subject: Your order
Date: Mon, 1 Jun 2026 09:00:00 +0000
Message-ID: <1.2@us.example>
END

sub as_postfix {
	my ($status, $reply) = @_;
	return <<"END";
From: MAILER-DAEMON\@out.example (Mail Delivery System)
To: anna\@us.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <x\@out.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

This is the mail system at host out.example.

<kim\@far.example>: host mx.far.example[192.0.2.1] said: $reply (in
    reply to RCPT TO command)

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; out.example

Final-Recipient: rfc822; kim\@far.example
Action: failed
Status: $status
Remote-MTA: dns; mx.far.example
Diagnostic-Code: smtp; $reply

--b
Content-Type: text/rfc822-headers

$original
--b--
END
}

sub as_qmail {
	my ($status, $reply) = @_;
	return <<"END";
Return-Path: <>
From: MAILER-DAEMON\@out.example
To: anna\@us.example
Subject: failure notice
Content-Type: text/plain; charset=utf-8

Hi. This is the qmail-send program at out.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<kim\@far.example>:
192.0.2.1 does not like recipient.
Remote host said: $reply
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

$original
Hello Kim
END
}

sub as_exim {
	my ($status, $reply) = @_;
	my $lines = $reply =~ s/ (\d\d\d-)/\n    $1/gr;
	return <<"END";
Return-Path: <>
X-Failed-Recipients: kim\@far.example
From: Mail Delivery System <Mailer-Daemon\@out.example>
To: anna\@us.example
Subject: Mail delivery failed: returning message to sender
Content-Type: text/plain; charset=utf-8

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  kim\@far.example
    host mx.far.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<kim\@far.example>:
    $lines

------ This is a copy of the message, including all the headers. ------

$original
Hello Kim
END
}

my @replies = table("$dir/replies.tsv");
for my $how (['Postfix', \&as_postfix], ['qmail', \&as_qmail], ['Exim', \&as_exim]) {
	my ($name, $wrap) = @$how;
	my (%notices, %of, @wrong, $reasons);
	for my $row (@replies) {
		my $status = $row->{status} ne '-' ? $row->{status} : $row->{reply} =~ /^4/ ? '4.0.0' : '5.0.0';
		my $file = sprintf '%04d.eml', scalar keys %of;
		$of{$file} = $row;
		$notices{$file} = $wrap->($status, $row->{reply});
	}
	my %got = read_all(%notices);
	for my $file (sort keys %of) {
		my $one = $got{$file}{recipients}[0] // {};
		push @wrong, "$of{$file}{reply}: " . gist($got{$file}) if gist($got{$file}) ne "bounce $of{$file}{hard}";
		$reasons++ if $of{$file}{reason} eq '-' || $of{$file}{reason} eq ($one->{reason} // '');
	}
	is join("\n", @wrong), '', 'B16 ' . @replies . " replies of servers, as $name tells them: hard or soft";
	cmp_ok $reasons / @replies, '>=', 0.94, "B16 .. and why, in 94 % and more";
}

# Every status code of the registry by itself (IANA, SMTP Enhanced Status Codes): for ever are those about an address.
my %registered = (1 => [0 .. 4, 6 .. 10], 2 => [0 .. 4], 3 => [0 .. 6], 4 => [0 .. 7], 5 => [0 .. 6], 6 => [0 .. 10], 7 => [0 .. 30]);
my %ever = map { $_ => 1 } qw(1.0 1.1 1.2 1.3 1.6 1.10 4.4 7.17 7.18);
my (%codes, @wrong_codes);
for my $subject (sort keys %registered) {
	for my $detail (@{ $registered{$subject} }) {
		for my $class (4, 5) {
			$codes{"$class.$subject.$detail"} = "From: MAILER-DAEMON\@out.example\nTo: anna\@us.example\nSubject: Returned\nMIME-Version: 1.0\n"
				. "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSee below.\n\n--b\n"
				. "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; kim\@far.example\nAction: failed\n"
				. "Status: $class.$subject.$detail\n\n--b--\n";
		}
	}
}
my %code_read = read_all(%codes);
for my $code (sort keys %codes) {
	my ($class, $rest) = split /\./, $code, 2;
	my $hard = $class == 5 && $ever{$rest} ? 1 : 0;
	push @wrong_codes, "$code is " . gist($code_read{$code}) if gist($code_read{$code}) ne "bounce $hard";
	push @wrong_codes, "$code has no reason" if $code_read{$code}{recipients}[0]{reason} eq 'undefined';
}
is join("\n", @wrong_codes), '', 'B16 ' . keys(%codes) . ' status codes by themselves: hard or soft, with a reason';

# What other systems make of the same notice on its way.
sub head_and_body { return split /\n\n/, shift, 2 }
sub is_single { my ($head) = @_; return $head !~ m{^Content-Type: *(?:multipart|message)|^Content-Transfer-Encoding}mi }

sub body_as {
	my ($mail, $type, $encoding, $change) = @_;
	my ($head, $body) = head_and_body($mail);
	return $mail if !is_single($head) || $head =~ /charset=(?!utf-8|us-ascii)/i;
	$head =~ s/^(?:Content-[^\n]*|MIME-Version:[^\n]*)\n?(?:[ \t][^\n]*\n?)*//mig;
	$head =~ s/\n+\z//;
	return "$head\nMIME-Version: 1.0\nContent-Type: $type\nContent-Transfer-Encoding: $encoding\n\n" . $change->($body);
}

sub html_of { return '<html><body>' . (shift =~ s/&/&amp;/gr =~ s/</&lt;/gr =~ s/>/&gt;/gr =~ s/\n/<br>\n/gr) . '</body></html>' }

my %changes = (
	'with CRLF' => sub { shift =~ s/\n/\r\n/gr },
	'without the headers that say what it is' => sub {
		my ($head, $body) = head_and_body(shift);
		$head =~ s/^(?:Auto-Submitted|X-Failed-Recipients|Precedence|References|In-Reply-To|X-MS-[\w-]+)[^\n]*\n?(?:[ \t][^\n]*\n?)*//mig;
		return "$head\n\n" . ($body // '');
	},
	'as one text' => sub {
		my ($head, $body) = head_and_body(shift);
		return "$head\n\n$body" if $head !~ m{^Content-Type: *multipart/report}mi || $body =~ /base64|quoted-printable|global-|disposition-notification|feedback-report/;
		$head =~ s/^Content-Type:[^\n]*\n?(?:[ \t][^\n]*\n?)*/Content-Type: text\/plain\n/mi;
		return "$head\n\n$body" =~ s/\n\n\n+/\n\n/r;
	},
	'in base64' => sub { body_as(shift, 'text/plain; charset=utf-8', 'base64', \&encode_base64) },
	'in quoted-printable' => sub { body_as(shift, 'text/plain; charset=iso-8859-1', 'quoted-printable', sub { encode_qp(shift) }) },
	'in UTF-16' => sub { body_as(shift, 'text/plain; charset=utf-16', 'base64', sub { encode_base64(encode('UTF-16', decode('UTF-8', shift))) }) },
	'in ISO-2022-JP' => sub { body_as(shift, 'text/plain; charset=iso-2022-jp', '7bit', sub { "\e\$B\$3\$s\$K\$A\$O\e(B\n\n" . shift }) },
	'as HTML only' => sub { body_as(shift, 'text/html; charset=utf-8', '7bit', \&html_of) },
	'with other words in front' => sub {
		body_as(shift, 'text/plain; charset=utf-8', '7bit', sub { "*** External mail. Do not answer; nobody reads this address. ***\n\n" . shift });
	},
);

my %notices = map { $_ => $mails{$_} } grep { $read{$_}{kind} =~ /^(?:bounce|delivered)$/ } keys %mails;

sub changed_ones {
	my ($change, $mails, $first) = @_;
	my %changed = map { $_ => $change->($mails->{$_}) } keys %$mails;
	my %got = read_all(%changed);
	return map { "$_: " . gist($got{$_}) . ', not ' . gist($first->{$_}) } grep { gist($got{$_}) ne gist($first->{$_}) } sort keys %$mails;
}

for my $name (sort keys %changes) {
	is join("\n", changed_ones($changes{$name}, \%notices, \%read)), '', "$name the notices read the same";
}

# From an address like that of any program, with nothing in the headers but the mail that it is about: at least no answer.
my %odd = map {
	my ($head, $body) = head_and_body($mails{$_});
	$head =~ s/^(?:From|Return-Path|Auto-Submitted|X-Failed-Recipients|Precedence)[ \t]*:[^\n]*\n?(?:[ \t][^\n]*\n?)*//mig;
	$_ => "From: Mail Service <noreply\@gw.example>\nIn-Reply-To: <1.2\@us.example>\n" . $head =~ s/\n*\z//r . "\n\n$body";
} keys %notices;
my %odd_read = read_all(%odd);
is join(' ', grep { $odd_read{$_}{kind} eq 'reply' } sort keys %odd_read), '', 'from any program no notice is a reply';

# Somebody sends on a notice that came to him: that is his own mail.
my %forwarded = map {
	$_ => "From: Kim <kim\@far.example>\nTo: anna\@us.example\nSubject: Fwd: what is this?\nMessage-ID: <f\@far.example>\n"
		. "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=forward\n\n--forward\nContent-Type: text/plain\n\n"
		. "Why did I get this?\n\n--forward\nContent-Type: message/rfc822\n\n$mails{$_}\n--forward--\n"
} keys %notices;
my %got = read_all(%forwarded);
is join(' ', map { "$_ $got{$_}{kind}" } grep { $got{$_}{kind} ne 'message' } sort keys %got), '', 'sent on by a person no notice is a bounce';

done_testing;
