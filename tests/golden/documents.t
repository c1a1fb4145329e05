#!/usr/bin/perl
# What documents mean and what is said when they are wrong: tests/golden/documents.
#   bad/X.yaml    X.expected has all diagnostics; validate-X.yaml is read without anything else known
#   good/X.yaml   X.export has the canonical text, which exports as itself
# Files that are too large or too strange to be kept are made here.
use strict;
use warnings;
use utf8;
use File::Temp qw(tempdir);
use Test::More;

my $top = $ENV{PW_TOP};
my $tool = "$ENV{PW_BUILD}/tests/documents";
my $dir = "$top/tests/golden/documents";
my $tmp = tempdir(CLEANUP => 1);

sub slurp {
	my ($file) = @_;
	open my $f, '<:raw', $file or die "$file: $!";
	local $/;
	return scalar <$f> // '';
}

sub spew {
	my ($file, $bytes) = @_;
	open my $f, '>:raw', $file or die "$file: $!";
	print $f $bytes;
	close $f or die "$file: $!";
}

# Runs the tool in a folder; returns what it prints and its status. Five seconds of processor must do for anything.
sub run {
	my ($in, @args) = @_;
	my $command = join ' ', map { "'$_'" } $tool, @args;
	my $out = `cd '$in' && ulimit -t 5 && exec $command 2>&1`;
	return ($out, $? >> 8);
}

sub names {
	my ($folder, $end) = @_;
	opendir my $d, "$dir/$folder" or die "$folder: $!";
	return sort map { s/\Q$end\E$//r } grep { /\Q$end\E$/ } readdir $d;
}

for my $name (names('bad', '.yaml')) {
	my @how = $name =~ /^validate-/ ? ('validate') : ('known', '../known.yaml');
	my ($out, $status) = run("$dir/bad", @how, "$name.yaml");
	my $expected = slurp("$dir/bad/$name.expected");
	is $out, $expected, "B11 bad: $name";
	is $status, $expected =~ /: error: / ? 1 : 0, "bad: $name: status";
}

mkdir "$tmp/good" or die;
symlink "$dir/texts", "$tmp/texts" or die;
for my $name (names('good', '.yaml')) {
	my $export = slurp("$dir/good/$name.export");
	my ($out, $status) = run("$dir/good", 'export', '../known.yaml', "$name.yaml");
	is $out, $export, "B11 good: $name in its canonical form";
	is $status, 0, "good: $name: status";
	($out) = run("$dir/good", 'export', '../known.yaml', "$name.export");
	is $out, $export, "B11 good: $name: the canonical form is its own";
	(my $crlf = slurp("$dir/good/$name.yaml")) =~ s/\n/\r\n/g;
	spew("$tmp/good/$name.yaml", "\xef\xbb\xbf$crlf");
	($out) = run("$tmp/good", 'export', "$dir/known.yaml", "$name.yaml");
	is $out, $export, "good: $name with CRLF and byte order mark";
}

my $template = "kind: Template\nname: t\nsubject: Hi\ntext: Hello\n";
my @made = (
	['200,000 brackets', '[' x 200_000, qr/^x\.yaml:1:33: error: nested deeper than 32 levels\n$/],
	['200,000 braces', '{a: ' x 200_000, qr/^x\.yaml:1:\d+: error: nested deeper than 32 levels\n$/],
	['200,000 dashes', '- ' x 200_000, qr/^x\.yaml:1:65: error: nested deeper than 32 levels\n$/],
	['100,000 question marks', '? ' x 100_000, qr/nested deeper than 32 levels/],
	['two MiB', $template . '#' x (2 << 20), qr/^x\.yaml: error: the file has \d+ bytes; at most 1048576/],
	['one MiB and a byte', $template . '#' x ((1 << 20) - length($template) + 1), qr/at most 1048576/],
	['one MiB', $template . '#' x ((1 << 20) - length($template)), qr/^$/],
	['100,000 empty documents', "---\n" x 100_000, qr/^x\.yaml:4097:1: error: more than 4096 documents in one file\n$/],
	['anchors and aliases', "- &a x\n- *a\n" x 20_000, qr/anchors \(&a\) are not supported.*\(\d+ more are not shown\)\n$/s],
	['90,000 keys', join('', map { "k$_: 1\n" } 1 .. 90_000), qr/^x\.yaml:1:1: error: 'kind' is missing/],
	['5,000 steps', "kind: Pipeline\nname: p\nsteps:\n" . "  - tag: a\n" x 5_000,
		qr/^x\.yaml:2004:5: error: a pipeline has at most 2000 steps\n$/],
	['NUL', "kind: Template\0\n", qr/^x\.yaml:1:15: error: a NUL byte: this is no text file/],
	['binary', join('', map { chr } 128 .. 255), qr/^x\.yaml:1:1: error: byte 0x80 is no UTF-8: save the file as UTF-8\n$/],
	['Latin-1', "kind: Template\nname: t\nsubject: Gr\xfc\xdfe\n", qr/^x\.yaml:3:12: error: byte 0xFC is no UTF-8/],
	['UTF-16, little', "\xff\xfek\0i\0n\0d\0", qr/^x\.yaml: error: this is UTF-16: save the file as UTF-8\n$/],
	['UTF-16, big', "\xfe\xff\0k\0i\0n\0d", qr/^x\.yaml: error: this is UTF-16: save the file as UTF-8\n$/],
	['UTF-16, unmarked', "k\0i\0n\0d\0", qr/^x\.yaml:1:2: error: a NUL byte: this is no text file \(UTF-16\?/],
	['escape character', "kind: Template\nname: \e[31m\n", qr/^x\.yaml:2:7: error: control character U\+001B/],
	['line separator', "kind: Template\nname: t\nsubject: a\xe2\x80\xa8b\n", qr/^x\.yaml:3:11: error: control character U\+2028/],
	['only a comment', "# nothing yet\n", qr/^x\.yaml: warning: the file has no document, only comments\n$/],
	['a long line', "kind: Template\nname: t\nsubject: '" . 'x' x 2000 . "'\ntext: Hi\n",
		qr/^x\.yaml:3:10: error: 'subject' has more than 1000 bytes\n$/],
	['Mac line ends', $template =~ s/\n/\r/gr . "sbject: x\r", qr/^x\.yaml:5:1: error: a Template has no key 'sbject'/],
	['a hostile name', "kind: Template\nname: t\nsubject: Hi\ntext: Hello\n\"\\e[2J\": x\n", qr/has no key '\\x1b\[2J'/],
	['text and files of more than a MiB', undef, qr/^x\.yaml:1:1: error: Template 't' has more than 1 MiB/],
	['a text file of more than 512 KiB', undef, qr/^x\.yaml:4:12: error: 'long\.txt' has more than 512 KiB\n$/],
	['a text file that is no text', undef, qr/^x\.yaml:4:12: error: 'long\.txt' is no UTF-8 text\n$/],
);
my %with_file = (
	'text and files of more than a MiB' => ["html_file: long.txt\nlanguages:\n  de:\n    html_file: long.txt\n  fr:\n    html_file: long.txt\n",
		"x\n" x 200_000],
	'a text file of more than 512 KiB' => ["html_file: long.txt\n", 'x' x (513 << 10)],
	'a text file that is no text' => ["html_file: long.txt\n", "\xff"],
);
for my $case (@made) {
	my ($name, $bytes, $expected) = @$case;
	if ($with_file{$name}) {
		spew("$tmp/long.txt", $with_file{$name}[1]);
		$bytes = "kind: Template\nname: t\nsubject: Hi\n" . $with_file{$name}[0];
	}
	spew("$tmp/x.yaml", $bytes);
	my ($out) = run($tmp, 'check', 'x.yaml');
	like $out, $expected, "made: $name";
}

# Several files: in the order in which they were given, each problem at its place.
spew("$tmp/b.yaml", "kind: Template\nname: t\nsubject: Hi\ntext: [\n");
spew("$tmp/a.yaml", "kind: Pipeline\nname: p\nsteps: [{email: u}, {email: t}]\n---\n$template");
my ($out) = run($tmp, 'check', 'a.yaml', 'b.yaml');
is $out, "a.yaml:3:17: error: there is no Template 'u'; did you mean 't'?\n"
	. "b.yaml:5:1: error: a value is missing; write a list: [a, b]\n", 'problems of all files, in their order';

# A name that is stored already is known; the same name in a file wins over it.
spew("$tmp/c.yaml", "kind: Fields\nname: contact\nfields: {only: text}\n---\nkind: Pipeline\nname: p\n"
	. "steps: [{email: guide}, {set: {only: x, plan: pro}}]\n");
($out) = run($tmp, 'known', "$dir/known.yaml", 'c.yaml');
is $out, "c.yaml:7:41: error: there is no field 'plan'\n", 'files win over what is stored';

SKIP: {
	my $script = <<'PYTHON';
import glob, json, re, sys, jsonschema, yaml

class Core(yaml.SafeLoader):
    pass

Core.yaml_implicit_resolvers = {}
Core.add_implicit_resolver('tag:yaml.org,2002:bool', re.compile('^(true|false)$'), list('tf'))
Core.add_implicit_resolver('tag:yaml.org,2002:int', re.compile('^-?[0-9]+$'), list('-0123456789'))
Core.add_constructor('tag:yaml.org,2002:int', lambda loader, node: int(node.value))
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for name in sys.argv[2:]:
    for document in yaml.load_all(open(name), Loader=Core):
        if not validator.is_valid(document):
            print(name, document.get('name'))
PYTHON
	skip 'python3-jsonschema is not installed', 3 if system("python3 -c 'import jsonschema, yaml' 2>/dev/null") != 0;
	spew("$tmp/validate.py", $script);
	my ($schema) = run($tmp, 'schema');
	spew("$tmp/schema.json", $schema);
	is scalar `python3 $tmp/validate.py $tmp/schema.json $dir/good/*.export $dir/known.yaml 2>&1`, '',
		'the JSON Schema takes what the tables take';
	my @wrong = map { "$dir/bad/$_.yaml" } qw(step-emial step-two-verbs pipeline-unknown-keys later-team mailbox-limit
		pipeline-types fields-types header-kind-small step-shapes template-types);
	my $out = `python3 $tmp/validate.py $tmp/schema.json @wrong 2>&1`;
	is scalar(() = $out =~ /\.yaml /g), scalar(@wrong), 'and refuses what they refuse' or diag $out;
	spew("$tmp/schema-keys.py", "import json, sys\nd = json.load(open(sys.argv[1]))['\$defs']\n"
		. "print(*sorted(t + '.' + k for t in d for k in d[t]['properties']), sep='\\n')\n");
	my ($keys) = run($tmp, 'keys');
	my $built = join "\n", sort grep { !/\tlater$/ } split /\n/, $keys;
	my %tables = map { /^(.*)\./ ? ($1 => 1) : () } split /\n/, scalar `python3 $tmp/schema-keys.py $tmp/schema.json`;
	$built = join '', map { "$_\n" } grep { /^(.*)\./ && $tables{$1} } split /\n/, $built;
	is scalar `python3 $tmp/schema-keys.py $tmp/schema.json`, $built, 'each key that is built is in the JSON Schema';
}

done_testing;
