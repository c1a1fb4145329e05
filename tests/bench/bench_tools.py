"""What the rows of bench.py measure with: programs with their time and memory, databases, peers, the table."""
import os
import random
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ['PW_BUILD']
POSTFIX = os.path.join(BUILD, 'servers/postfix')
NODEMAILER = '10.6.0'
FROM = 1893456000  # 2030-01-01: nothing that is made is due before
HOUR = 3600


def setting(name, default):
    return int(os.environ.get('PW_BENCH_' + name, default))


def built(name):
    return os.path.join(BUILD, name)


TICK = built('bin/pipe-tick')


class Measured:
    """The values of the rounds; what the last was, for people, stands in `note`."""

    def __init__(self):
        self.values = []
        self.note = ''
        self.failed = False

    def add(self, value, note=''):
        self.values.append(value)
        self.note = note

    def largest(self):
        self.values = [max(self.values)]
        return self

    def median(self):
        return statistics.median(self.values)

    def spread(self):
        return f'{min(self.values):.2f}-{max(self.values):.2f}' if len(self.values) > 1 else '-'


def print_row(*cells):
    print('{:<4}{:<54}{:>9}{:>7}{:>10}{:>14}  {:<7}{}'.format(*cells).rstrip(), flush=True)


def print_result(row, what, least, aim, measured):
    """A goal below zero is one that must not be exceeded."""
    sign = '>=' if least > 0 else '<='
    least_text, aim_text = f'{sign}{abs(least):g}', f'{abs(aim):g}'
    if isinstance(measured, str):
        print_row(row, what, least_text, aim_text, '-', '-', '-', 'not measured: ' + measured)
        return
    value = measured.median()

    def reaches(goal):
        return round(value, 2) >= goal if goal > 0 else round(value, 2) <= -goal

    result = 'FAILED' if measured.failed else 'aim' if reaches(aim) else 'pass' if reaches(least) else 'MISS'
    print_row(row, what, least_text, aim_text, f'{value:.2f}', measured.spread(), result, measured.note)


class Ran:
    """One line of build/bench/repeat: seconds and MB."""

    def __init__(self, line):
        wall, _, _, peak, cpu = (float(n) for n in line.split())
        self.wall, self.cpu, self.peak = wall / 1e6, cpu / 1e6, peak / 1024


def repeat(times, words, env=None):
    got = subprocess.run([built('bench/repeat'), str(times)] + [str(w) for w in words], capture_output=True, text=True,
                         check=False, env=env)
    if got.returncode != 0:
        sys.exit(f'bench: {" ".join(str(w) for w in words)}: {got.stderr.strip() or got.returncode}')
    return [Ran(line) for line in got.stdout.splitlines()]


def run(*words, status=(0,), env=None):
    """Runs a program once. repeat takes only status 0; others are let through by a shell that becomes the program."""
    if status != (0,):
        allowed = '|'.join(str(s) for s in status)
        words = ('sh', '-c', f'"$@"; case $? in {allowed}) ;; *) exit 1 ;; esac', 'sh') + words
    return repeat(1, words, env)[0]


def alternate(times, ours, theirs):
    return repeat(times, ours + ['--'] + theirs)


def at(seconds_):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds_))


def seconds(text):
    return int(subprocess.run(['date', '-d', text, '+%s'], capture_output=True, text=True, check=True).stdout)


def ask(db, sql, *values):
    handle = sqlite3.connect(db)
    try:
        return handle.execute(sql, values).fetchone()[0]
    finally:
        handle.close()


def remove_database(db):
    for end in ('', '-wal', '-shm', '.lock'):
        if os.path.exists(db + end):
            os.remove(db + end)
    shutil.rmtree(db + '.spool', ignore_errors=True)


def documents(db, port):
    with open(os.path.join(HERE, 'documents.yaml'), encoding='utf-8') as source:
        text = source.read().replace('PORT', str(port))
    subprocess.run([built('bin/pipectl'), '-q', '--db', db, 'apply', '-'], input=text, text=True, check=True,
                   stdout=subprocess.DEVNULL)


def new_database(db, port):
    remove_database(db)
    subprocess.run([built('bin/pipectl'), '-q', '--db', db, 'init', '--team', 'bench'], check=True)
    documents(db, port)
    return db


def make_runs(db, total, due, pipelines):
    subprocess.run([built('bench/make_runs'), db, 'bench', str(total), str(due), str(FROM)] + pipelines, check=True)


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(('127.0.0.1', port)).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit('bench: the sink does not come up')


def postfix(name):
    path = os.path.join(POSTFIX, 'usr/sbin', name)
    if not os.path.exists(path):
        sys.exit(f'bench: no {name}; run: sh tests/packages.sh test')
    return path


POSTFIX_ENV = dict(os.environ, LD_LIBRARY_PATH=os.path.join(POSTFIX, 'usr/lib/postfix'))


class PostfixSink:
    """smtp-sink of Postfix: the fastest there is."""

    def __init__(self):
        self.port = free_port()
        user = ['-u', 'nobody'] if os.geteuid() == 0 else []
        self.process = subprocess.Popen([postfix('smtp-sink')] + user + [f'127.0.0.1:{self.port}', '256'],
                                        env=POSTFIX_ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port)

    def stop(self):
        self.process.kill()
        self.process.wait()


class Sink:
    """Our own sink, which can be slow and disagreeable (tests/tools/smtp_sink.c)."""

    def __init__(self, *options):
        self.process = subprocess.Popen([built('tests/smtp_sink')] + [str(o) for o in options], stdout=subprocess.PIPE,
                                        text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


def smtp_source(port, mails, connections, size):
    return run(postfix('smtp-source'), '-d', '-s', connections, '-m', mails, '-l', size, f'127.0.0.1:{port}',
               env=POSTFIX_ENV)


def install_nodemailer():
    """Returns its folder, or None and why there is none."""
    folder = built('bench/nodemailer-' + NODEMAILER)
    if os.path.exists(os.path.join(folder, 'node_modules/nodemailer/package.json')):
        return folder, ''
    for program in ('node', 'npm'):
        if not shutil.which(program):
            return None, f'there is no {program}'
    os.makedirs(folder, exist_ok=True)
    try:
        got = subprocess.run(['npm', 'install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund',
                              'nodemailer@' + NODEMAILER], capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return None, 'npm install takes too long'
    return (folder, '') if got.returncode == 0 else (None, 'npm install fails')


def people(path, count, every_20th=''):
    """A table of people in random order, a line of about 100 bytes each."""
    rnd = random.Random(1)
    first = ('Anna', 'Maria', 'Jose', 'Wei', 'Olga', 'Fatima', 'Johann', 'Ingrid')
    last = ('Gonzalez', 'Schmidt', 'Okonkwo', 'Chen', 'Petrova', 'Larsson')
    numbers = list(range(count))
    rnd.shuffle(numbers)
    with open(path, 'w', encoding='utf-8') as out:
        out.write('email,first_name,last_name,company,plan,employees,renewal\n')
        for i in numbers:
            f, n = first[i % 8], last[i % 6]
            mark = every_20th if i % 20 == 0 else ''
            key = i * 2654435761 % 4294967296
            out.write(f'{f.lower()}.{n.lower()}.{mark}{key:08x}@mail.example.org,{f},{n},Northwind Traders {i % 1000} Ltd,'
                      f'{"free" if i % 3 else "professional"},{i % 500},2027-{1 + i % 12:02d}-{1 + i % 28:02d}\n')
    return path


def sqlite_import(db, table):
    remove_database(db)
    handle = sqlite3.connect(db)
    handle.executescript('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE contact (email TEXT UNIQUE,'
                         ' first_name TEXT, last_name TEXT, company TEXT, plan TEXT, employees TEXT, renewal TEXT)')
    handle.close()
    return run('sqlite3', db, '.mode csv', f'.import --skip 1 {table} contact')
