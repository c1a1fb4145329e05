"""
make bench [ROWS="4 8"]: measures what is promised of speed and size, as ratios against a peer that runs in turn with us.

Prints a table: the row, what is measured, what it has to reach at least, what is aimed at, the median and the spread of
the rounds, and what came of it. All traffic is on loopback; what is generated is removed again.

PW_BENCH_ROUNDS    rounds of each measurement (5)
PW_BENCH_MAILS     mails of a round of rows 1, 2, 9 and 11 (20000)
PW_BENCH_CONTACTS  rows of the table that is imported (200000)
PW_BENCH_RUNS      runs in the small and the large database (10000 1000000)
PW_BENCH_DUE       runs that are due in a round of row 6 (5000); row 3 sends a fifth of that
PW_BENCH_FOLDER    where databases are made; the system's folder for temporary files when not set
"""
import os
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time

import bench_tools as tools
from bench_tools import FROM, HOUR, Measured, Sink, run, setting

ROUNDS = setting('ROUNDS', 5)
MAILS = setting('MAILS', 20000)
CONTACTS = setting('CONTACTS', 200000)
DUE = setting('DUE', 5000)
SMALL, LARGE = (int(n) for n in os.environ.get('PW_BENCH_RUNS', '10000 1000000').split())
BLOCKS = -(-MAILS // DUE)  # groups of due runs that make a round of row 1
STARTS = 51  # of each program in rows 4, 5 and 8


class Bench:
    """What the rows share: the folder, the large database with its groups of due runs, the sink of Postfix."""

    def __init__(self, folder, wanted):
        self.folder = folder
        self.wanted = wanted
        self.sink = None
        self.size = None
        self.large = None
        self.groups = {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def get_sink(self):
        if not self.sink:
            self.sink = tools.PostfixSink()
        return self.sink

    def mail_size(self):
        """How long a mail of ours is, so that the peers send the same."""
        if not self.size:
            log = self.path('size.log')
            with Sink('--log', log) as sink:
                db = tools.new_database(self.path('size.db'), sink.port)
                tools.make_runs(db, 10, 10, ['mail10'])
                run(tools.TICK, '--db', db, '--now', tools.at(FROM))
            with open(log, encoding='utf-8') as lines:
                self.size = max(int(n) for n in re.findall(r'"bytes":(\d+)', lines.read()))
            tools.remove_database(db)
        return self.size

    def get_large(self):
        """The large database: for each round of rows 1, 6 and 10 runs that are due at an hour of their own."""
        if not self.large:
            plan = []
            for row, pipelines in (('1', (['mail10'] * BLOCKS + ['mail40'] * BLOCKS) * (ROUNDS + 1)),
                                   ('6', ['mail10', 'data'] * (ROUNDS + 1)), ('10', ['mail10', 'data'])):
                if row in self.wanted:
                    self.groups[row] = list(range(len(plan), len(plan) + len(pipelines)))
                    plan += pipelines
            total = max(LARGE, len(plan) * DUE)
            self.large = tools.new_database(self.path('large.db'), self.get_sink().port)
            print(f'making {total:,} runs', file=sys.stderr)
            tools.make_runs(self.large, total, DUE, plan or ['data'])
            os.sync()
        return self.large

    def next_tick(self, row, blocks):
        """The instant at which the row's next groups are due."""
        self.get_large()
        taken = [self.groups[row].pop(0) for _ in range(blocks)]
        return tools.at(FROM + taken[-1] * HOUR)

    def tick_large(self, row, blocks):
        now = self.next_tick(row, blocks)
        got = run(tools.TICK, '--db', self.large, '--now', now)
        expected = blocks * DUE
        done = tools.ask(self.large, "SELECT count(*) FROM run WHERE steps_done > 0 AND started_at + last_done_after = ?", tools.seconds(now))
        if done != expected:
            sys.exit(f'bench: a tick did {done} of {expected} steps')
        return got


def row_1(bench):
    """Mails a second from the queue to the sink, against smtp-source; and, in passing, the CPU time of a mail (row 2)."""
    results = {c: Measured() for c in (10, 40)}
    bench.get_large()
    for turn in range(ROUNDS + 1):
        for connections in (10, 40):
            theirs = tools.smtp_source(bench.get_sink().port, BLOCKS * DUE, 10, bench.mail_size())
            ours = bench.tick_large('1', BLOCKS)
            if turn > 0:  # the first round warms up
                results[connections].add(theirs.wall / ours.wall, f'{BLOCKS * DUE / ours.wall:,.0f}/s')
    yield '1', 'mails/s, 10 connections / smtp-source', 0.45, 0.75, results[10]
    yield '1', 'mails/s, 40 connections / smtp-source', 0.70, 1.0, results[40]


def row_2(bench):
    folder, why = tools.install_nodemailer()
    if not folder:
        yield '2', 'mails/s / nodemailer, pool of 10', 6, 12, why
        return
    speed, cpu = Measured(), Measured()
    lines = max(1, (bench.mail_size() - 900) // 160)
    few = MAILS // 5
    for _ in range(ROUNDS):
        db = tools.new_database(bench.path('two.db'), bench.get_sink().port)
        tools.make_runs(db, MAILS, MAILS, ['mail10'])
        theirs = run('node', os.path.join(tools.HERE, 'nodemailer.js'), folder, bench.get_sink().port, few, 10, lines)
        ours = run(tools.TICK, '--db', db, '--now', tools.at(FROM))
        speed.add(theirs.wall / few / (ours.wall / MAILS), f'{few / theirs.wall:,.0f}/s there')
        cpu.add(theirs.cpu / few / (ours.cpu / MAILS), f'{ours.cpu / MAILS * 1e6:,.0f} us')
    yield '2', 'mails/s / nodemailer, pool of 10', 6, 12, speed
    yield '2', 'CPU time of a mail: nodemailer / ours', 6, 12, cpu


def row_3(bench):
    result = Measured()
    mails = max(200, DUE // 5)
    with Sink('--reply-ms', 5, '--dot-ms', 20) as sink:
        for _ in range(ROUNDS):
            db = tools.new_database(bench.path('slow.db'), sink.port)
            tools.make_runs(db, mails, mails, ['mail20'])
            theirs = tools.smtp_source(sink.port, mails, 20, bench.mail_size())
            ours = run(tools.TICK, '--db', db, '--now', tools.at(FROM))
            result.add(theirs.wall / ours.wall, f'{mails / ours.wall:,.0f}/s')
    yield '3', 'slow relay, 20 connections / smtp-source', 0.95, 1.25, result


def row_4(bench):
    db, time_, memory = bench.get_large(), Measured(), Measured()
    for _ in range(ROUNDS):
        ours, floor = tools.alternate(STARTS, [tools.TICK, '--db', db], [tools.built('bench/floor_tick'), db])
        time_.add(ours.wall / floor.wall, f'{ours.wall * 1e6:,.0f} us')
        memory.add(ours.peak)
    yield '4', 'idle tick / SQLite alone', -1.5, -1.2, time_
    yield '4', 'its memory, MB', -6, -4, memory


def small_database(bench, name):
    db = tools.new_database(bench.path(name), bench.get_sink().port)
    tools.make_runs(db, max(SMALL, 2 * DUE), DUE, ['mail10', 'data'])
    return db


def row_5(bench):
    result, large, small = Measured(), bench.get_large(), small_database(bench, 'small.db')
    for _ in range(ROUNDS):
        ours, theirs = tools.alternate(STARTS, [tools.TICK, '--db', large], [tools.TICK, '--db', small])
        result.add(ours.wall / theirs.wall, f'{ours.wall * 1e6:,.0f} us')
    tools.remove_database(small)
    yield '5', 'idle tick, large / small database', -1.10, -1.0, result


def row_6(bench):
    sending, data = Measured(), Measured()
    bench.get_large()
    for turn in range(ROUNDS + 1):
        small = small_database(bench, 'small.db')
        for i, result in enumerate((sending, data)):
            few = run(tools.TICK, '--db', small, '--now', tools.at(FROM + i * HOUR))
            many = bench.tick_large('6', 1)
            if turn > 0:  # the first round warms up
                result.add(many.wall / few.wall, f'{many.wall * 1e3:,.0f} ms')
        tools.remove_database(small)
    yield '6', f'tick with {DUE} due, sending, large / small', -1.7, -1.3, sending
    yield '6', f'tick with {DUE} due, data steps, large / small', -3, -2, data


def row_7(bench):
    table, results = tools.people(bench.path('people.csv'), CONTACTS), (Measured(), Measured())
    for _ in range(ROUNDS):
        theirs = tools.sqlite_import(bench.path('plain.db'), table)
        for flag, result in zip(('--no-auto-enroll', '--auto-enroll'), results):
            db = tools.new_database(bench.path('import.db'), 25)
            ours = run(tools.built('bin/contactctl'), '-q', '--db', db, 'import', table, flag)
            result.add(ours.wall / theirs.wall, f'{CONTACTS / ours.wall:,.0f}/s')
            tools.remove_database(db)
    yield '7', 'import, no pipeline / sqlite3 .import', -3, -1.5, results[0]
    yield '7', 'import, one pipeline / sqlite3 .import', -6, -4, results[1]


def row_8(bench):
    result, db = Measured(), tools.new_database(bench.path('add.db'), 25)
    for _ in range(ROUNDS):
        ours, floor = tools.alternate(
            STARTS,
            [tools.built('bin/contactctl'), '-q', '--db', db, 'add', '{}@example.org', 'first_name=Anna', '--no-auto-enroll'],
            [tools.built('bench/floor_insert'), bench.path('floor.db')])
        result.add(ours.wall / floor.wall, f'{ours.wall * 1e6:,.0f} us')
    yield '8', 'contactctl add / one durable insert', -2, -1.5, result


def row_9(bench):
    result, trace = Measured(), bench.path('syncs')
    for _ in range(min(ROUNDS, 3)):
        db = tools.new_database(bench.path('syncs.db'), bench.get_sink().port)
        tools.make_runs(db, MAILS, MAILS, ['mail10'])
        run('strace', '-f', '-c', '-e', 'trace=fdatasync,fsync', '-o', trace, tools.TICK, '--db', db, '--now',
            tools.at(FROM))
        with open(trace, encoding='utf-8') as lines:
            calls = sum(int(line.split()[3]) for line in lines if re.search(r'\bf(data)?sync$', line))
        result.add(calls / MAILS)
    yield '9', 'fdatasync per mail, 10 connections', -0.3, -0.2, result


def row_10(bench):
    """The peak memory of what works on many contacts, in the large database."""
    db, result, worst = bench.get_large(), Measured(), (0, '')
    table = tools.people(bench.path('more.csv'), min(CONTACTS, 200000))
    contactctl, pipectl = tools.built('bin/contactctl'), tools.built('bin/pipectl')
    for words in ([tools.TICK, '--db', db, '--now', bench.next_tick('10', 2)],
                  [pipectl, '--db', db, 'check'], [pipectl, '--db', db, 'show', 'pipeline/mail10'], [pipectl, '--db', db, 'queue'],
                  [pipectl, '--db', db, 'runs'], [contactctl, '--db', db, 'list'],
                  [contactctl, '--db', db, 'list', 'plan=nothing'],
                  [contactctl, '-q', '--db', db, 'import', table, '--auto-enroll']):
        got = run(*words, status=(0, 1, 2))
        worst = max(worst, (got.peak, ' '.join(os.path.basename(w) for w in words if w[0] != '-')))
        result.add(got.peak)
    result.note = worst[1]
    yield '10', 'largest peak memory, MB', -64, -32, result.largest()


def disturbed(bench, people, *options):
    """Sends to everybody in as many ticks as it takes. Returns the seconds, and what was wrong with the counts."""
    log = bench.path('relay.log')
    db = tools.new_database(bench.path('relay.db'), 25)
    if os.path.exists(log):
        os.remove(log)
    spent, left, now = 0, 1, int(time.time())
    with Sink('--log', log, '--refuse', 'rcpt/refused=550 5.1.1 no such user', *options) as sink:
        tools.documents(db, sink.port)
        run(tools.built('bin/contactctl'), '-q', '--db', db, 'import', people, '--auto-enroll')
        for _ in range(20):
            now += 60
            spent += run(tools.TICK, '--db', db, '--now', tools.at(now), status=(0, 1)).wall
            left = tools.ask(db, 'SELECT count(*) FROM run WHERE mails_sent = 0 AND ended_at = 0 AND status <> ?', 'blocked')
            if left == 0:
                break
    with open(log, encoding='utf-8') as lines:
        got = re.findall(r'"rcpt":"([^"]*)"', lines.read())
    sent = tools.ask(db, "SELECT count(*) FROM message WHERE state = 'sent'")
    tools.remove_database(db)
    wrong = '' if left == 0 else f'{left} left'
    if len(got) != len(set(got)) or len(got) != sent:
        wrong += f' {len(got)} arrived, {len(set(got))} different, {sent} counted'
    return spent, wrong


def row_11(bench):
    people = tools.people(bench.path('relay.csv'), MAILS // 4, every_20th='refused')
    for title, options in (('closes each 100 mails, 421 / undisturbed', ('--close-after', 100)),
                           ('closes each 100 mails, silent / undisturbed', ('--drop-after', 100))):
        result, wrong = Measured(), ''
        for _ in range(ROUNDS):
            calm, first = disturbed(bench, people)
            rough, second = disturbed(bench, people, *options)
            wrong = wrong or first or second
            result.add(calm / rough, f'{MAILS // 4 / rough:,.0f}/s')
        result.note = wrong.strip() or result.note
        result.failed = bool(wrong)
        yield '11', f'relay {title}', 0.7, 0.85, result


def row_12(bench):
    count = min(CONTACTS, 200000)
    table, result = tools.people(bench.path('people.csv'), count), Measured()
    db = tools.new_database(bench.path('size.db'), 25)
    before = os.path.getsize(db)
    run(tools.built('bin/contactctl'), '-q', '--db', db, 'import', table, '--auto-enroll')
    with sqlite3.connect(db) as handle:
        handle.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    grown = (os.path.getsize(db) - before) / count
    result.add(grown / (os.path.getsize(table) / count), f'{grown:.0f} bytes of {os.path.getsize(table) / count:.0f}')
    tools.remove_database(db)
    yield '12', 'file / table, a contact enrolled', -3, -2.2, result


def main():
    rows = [row_1, row_2, row_3, row_4, row_5, row_6, row_7, row_8, row_9, row_10, row_11, row_12]
    wanted = sys.argv[1:] or [str(i + 1) for i in range(len(rows))]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # the folder goes, and so does the sink
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    folder = tempfile.mkdtemp(prefix='pw-bench-', dir=os.environ.get('PW_BENCH_FOLDER'))
    bench = Bench(folder, wanted)
    tools.print_row('row', 'what', 'at least', 'aim', 'measured', 'spread', 'result', '')
    try:
        for i, measure in enumerate(rows):
            if str(i + 1) in wanted:
                for result in measure(bench):
                    tools.print_result(*result)
    finally:
        if bench.sink:
            bench.sink.stop()
        shutil.rmtree(folder)


if __name__ == '__main__':
    main()
