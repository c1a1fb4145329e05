#!/usr/bin/perl
# One door for each foreign library, and for time, environment, memory and the terminal.
use lib 'tests/lint';
use Lint;
use strict;
use warnings;

my %door = (
	'sqlite3.h'     => qr{^lib/store/},
	'curl/curl.h'   => qr{^lib/transport/},
	'gmime/gmime.h' => qr{^lib/mail/},
	'glib.h'        => qr{^lib/(?:mail/|base/fold\.c$)},
	'idn2.h'        => qr{^lib/model/address\.c$},
	'yaml.h'        => qr{^lib/format/},
	'cjson/cJSON.h' => qr{^lib/format/},
	'csv.h'         => qr{^lib/format/},
	'lz4.h'         => qr{^lib/base/packed\.c$},
	'dlfcn.h'       => qr{^lib/base/late\.c$},
	'sodium.h'      => qr{^lib/base/token\.c$},
);
my %libc = map { $_ => 1 } map { "$_.h" } qw(
  arpa/inet assert ctype dirent endian errno fcntl fnmatch getopt grp iconv inttypes langinfo limits locale math netdb
  netinet/in netinet/tcp poll pwd regex setjmp signal spawn stdalign stdarg stdbool stddef stdint stdio stdlib string
  strings sysexits syslog termios time unistd wchar wctype
  sys/epoll sys/file sys/ioctl sys/mman sys/random sys/resource sys/socket sys/stat sys/time sys/types sys/un
  sys/auxv sys/pidfd sys/utsname sys/wait sys/uio sys/vfs sys/statvfs sys/prctl);

rule('doors', 'a foreign header only behind its door', sub {
	my ($tree) = @_;
	return map {
		my $path = $_;
		each_line($tree->{$path}, sub {
			my ($n, $line) = @_;
			my ($header) = $line =~ /^\s*#\s*include\s+<([^>]+)>/ or return;
			return if $libc{$header};
			my $may = $door{$header} or return "$path:$n: <$header> is known to no door (tests/lint/doors.t)";
			return $path =~ $may ? () : "$path:$n: <$header> is not for this file";
		});
	} sort grep { m{^(?:lib|cmd)/.*\.[ch]$} } keys %$tree;
});

# What may be called where. A call that no place is given for is banned everywhere.
my $speaks = qr{^(?:lib/cli/|cmd/|lib/base/(?:err|mem|late)\.c$)};
my @calls = (
	[ qr/strcpy|strcat|strncpy|strncat|stpcpy|v?sprintf|strtok(?:_r)?|gets|ato[ifl]+|alloca|tmpnam|mktemp/, undef,
	  'has no bound or no error' ],
	[ qr/gmtime|localtime|localtime_r|mktime|ctime(?:_r)?|asctime(?:_r)?|strptime/, undef,
	  'depends on the process, not on its arguments' ],
	[ qr/strftime/, qr{^lib/base/}, 'is for lib/base: use clock_format_utc, civil' ],
	[ qr/setlocale/, qr{^lib/cli/}, 'is for lib/cli' ],
	[ qr/system|popen/, undef, 'starts a shell' ],
	[ qr/malloc|calloc|realloc|reallocarray|strdup|strndup|v?asprintf|open_memstream/, qr{^lib/base/}, 'is for lib/base: use xmalloc, arena, buf' ],
	[ qr/time|clock_gettime|gettimeofday|clock/, qr{^lib/base/clock\.c$}, 'is for base/clock.c: take `now` as a parameter' ],
	[ qr/rand|random|srand|srandom|drand48|getrandom|getentropy/, qr{^lib/base/random\.c$}, 'is for base/random.c' ],
	[ qr/getenv|secure_getenv|setenv|putenv|unsetenv|clearenv/, qr{^(?:lib/cli/|cmd/)}, 'is for lib/cli and cmd' ],
	[ qr/exit|quick_exit|abort|errx?|warnx?|perror|psignal/, $speaks, 'is for lib/cli and cmd: the library returns' ],
	[ qr/_exit/, qr{^(?:lib/cli/|cmd/|lib/base/|lib/transport/sendmail|lib/engine/\w*(?:exec|child|command)\w*\.c$)}, 'is for children after fork' ],
	[ qr/v?printf|puts|putchar|v?dprintf/, $speaks, 'is for lib/cli and cmd: the library does not speak' ],
);

rule('calls', 'functions are called only where they belong', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (sort grep { m{^(?:lib|cmd)/.*\.[ch]$} } keys %$tree) {
		my $code = code($tree->{$path});
		for my $call (@calls) {
			my ($names, $may, $why) = @$call;
			next if $may && $path =~ $may;
			while ($code =~ /(?<![\w.>])($names)\s*\(/g) {
				my ($name, $at) = ($1, $-[0]);
				next if substr($code, 0, $at) =~ /\b(?:struct|enum)\s+$/;
				push @problems, "$path:" . Lint::line_of($code, $at) . ": $name() $why";
			}
		}
	}
	return @problems;
});

rule('streams', 'stdout and stderr belong to lib/cli and cmd', sub {
	my ($tree) = @_;
	my @problems;
	for my $path (sort grep { m{^(?:lib|cmd)/.*\.[ch]$} && $_ !~ $speaks } keys %$tree) {
		push @problems, each_line(code($tree->{$path}), sub {
			my ($n, $line) = @_;
			return $line =~ /\b(stderr|stdout|stdin)\b/ ? "$path:$n: $1 is not for the library" : ();
		});
	}
	return @problems;
});

rule('columns', 'a column is read only in lib/store/stmt.c, a pragma also in db.c', sub {
	my ($tree) = @_;
	return map {
		my $path = $_;
		each_line(code($tree->{$path}), sub {
			my ($n, $line) = @_;
			return $line =~ /\b(sqlite3_column_\w+|sqlite3_bind_\w+)/ ? "$path:$n: $1 outside stmt.c" : ();
		});
	} sort grep { m{^(?:lib|cmd)/.*\.[ch]$} && !m{^lib/store/(?:stmt\w*|db)\.c$} } keys %$tree;
});

done_testing();
