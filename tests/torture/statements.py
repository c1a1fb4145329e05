#!/usr/bin/python3 -B
"""Any error of the store at any point: each statement of each command, and of a tick, fails in turn (statements.c), with
SQLite having rolled back by itself, or not. The command says so and ends with a status of its manual; the database is as it
was. What goes in chunks, and a tick, is finished by a clean run: nothing lost, nothing twice.

A trial is one statement. --full takes all, each in both ways; --dose 100000 one behind each call, so that a failure comes back
through each call that there is; the small dose takes those in strides.
"""

import collections
import functools
import os
import shutil
import struct
import subprocess
import sys

from rig.answers import answer, answered_commands
from rig.commands import Command, build, commands, restored_commands, trouble, troubled_commands
from rig.scenes import documented
from rig.trials import BUILD, MEMORY, Rig
from rig.world import World, rfc3339

IOERR_WRITE, BUSY = 778, 5
LATER = 1800
CALLS = 32
FULL = 10**9
TICK = Command("pipe-worker", "")
TICK_SHARE = 6  # of a tick as many statements are tried as of six commands
FAILING = os.path.join(BUILD, "tests", "failing")


def steps_of(way):
    """Which function called which, all the way to a statement."""
    calls = struct.unpack(f"{CALLS}q", way)
    calls = calls[:calls.index(0)] if 0 in calls else calls
    return set(zip(calls, calls[1:]))


class Server:
    """A program that is loaded once and then runs the same command again and again, each time in a child."""

    def __init__(self, world, command, bug=""):
        program = command.program
        path = os.path.join(FAILING, "libexec/pipewright" if program == "pipe-worker" else "bin", program)
        self.files = [os.path.join(world.folder, "." + name) for name in ("stdin", "stdout", "stderr")]
        with open(self.files[0], "w", encoding="utf-8") as f:
            f.write(command.stdin)
        theirs, self.ours = os.pipe(), os.pipe()
        with open(self.files[0], "rb") as i, open(self.files[1], "wb") as o, open(self.files[2], "wb") as e:
            self.process = subprocess.Popen(
                [path, *command.args, "--now", rfc3339(world.now)], stdin=i, stdout=o, stderr=e, cwd=world.folder,
                env={**world.env, "PW_TRIALS": f"{theirs[0]} {self.ours[1]}", "PW_BUG": bug,
                     "GCOV_ERROR_FILE": os.devnull}, pass_fds=(theirs[0], self.ours[1]))
        os.close(theirs[0])
        os.close(self.ours[1])
        self.door = theirs[1]

    def run(self, at=0, undone=False):
        os.write(self.door, struct.pack("iii", at, IOERR_WRITE if undone else BUSY, undone))
        status, seen, sql = struct.unpack("ii256s", self._read(264))
        ways = [steps_of(self._read(8 * CALLS)) for _ in range(seen)] if at == 0 else []
        return Result(os.waitstatus_to_exitcode(status), ways, sql.split(b"\0")[0].decode(errors="replace"),
                      *map(self._text, (1, 2)))

    def _read(self, n):
        got = b""
        while len(got) < n:
            part = os.read(self.ours[0], n - len(got))
            if not part:
                raise RuntimeError("the program that is tried has ended")
            got += part
        return got

    def _text(self, n):
        with open(self.files[n], encoding="utf-8", errors="replace") as f:
            return f.read()

    def close(self):
        os.close(self.door)
        os.close(self.ours[0])
        self.process.wait()


class Result:
    def __init__(self, status, ways, sql, stdout, stderr):
        self.status, self.ways, self.sql, self.stdout, self.stderr = status, ways, sql, stdout, stderr


class Snapshot:
    """The database as it was, and whatever else lies beside it."""

    def __init__(self, world, name="origin"):
        self.world, self.origin = world, f"{world.folder}.{name}"
        shutil.copytree(world.folder, self.origin)
        with open(world.db, "rb") as f:
            self.bytes = f.read()

    def restore(self):
        for name in os.listdir(self.world.folder):
            path = os.path.join(self.world.folder, name)
            if name.startswith(".std"):
                continue
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        shutil.copytree(self.origin, self.world.folder, dirs_exist_ok=True)

    def is_changed(self):
        log = self.world.db + "-wal"
        if os.path.exists(log) and os.path.getsize(log) > 0:
            return True
        with open(self.world.db, "rb") as f:
            return f.read() != self.bytes


@functools.cache
def statuses(program):
    return documented("pipe-tick" if program == "pipe-worker" else program)


def judge(got, command):
    """What is wrong about how it ended: in words, or None."""
    if got.status < 0:
        return f"it died of signal {-got.status}: {got.stderr[-300:]}"
    if got.status == 0:
        return "it says that all is well"
    if command.monitor:
        return None if got.status in (2, 3) and got.stdout.strip() else f"status {got.status}: {got.stdout}"
    if got.status not in statuses(command.program):
        return f"status {got.status} is not in its manual: {got.stderr[-300:]}"
    if got.status == 70:
        return f"it takes it for a bug: {got.stderr[-300:]}"
    if not got.stderr.strip():
        return f"status {got.status} and not a word"
    return None


def picture(world):
    """What a command in chunks has to reach, whatever came between, and one that undoes what it did gets back to."""
    return [world.rows(sql) for sql in (
        "SELECT team, folded, kind, fields FROM contact ORDER BY team, folded",
        "SELECT kind, name, version, body FROM document ORDER BY team, kind, name",
        "SELECT c.folded, d.name, r.version, r.status, r.reason, r.step FROM run r LEFT JOIN contact c ON c.id = r.contact"
        " LEFT JOIN document d ON d.id = r.pipeline ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT team, type, count(*) FROM event GROUP BY team, type ORDER BY team, type",
        "SELECT name, value FROM meta ORDER BY name")]


class Sweep:
    """One command, any statement of which fails."""

    def __init__(self, world, snapshot, command, bug=""):
        self.world, self.snapshot, self.command = world, snapshot, command
        self.server = Server(world, command, bug)
        self.clean = self.repeater(bug)
        self.begun = self.picture()
        self.ways = self.look()

    def repeater(self, bug):
        return Server(self.world, self.command) if bug else self.server

    def look(self):
        """Which statements there are in a clean run, and what comes of it."""
        got = self.server.run()
        if got.status not in self.command.good:
            raise RuntimeError(f"{self.command.name}: status {got.status}: {got.stdout}{got.stderr}")
        self.reached = self.picture()
        self.writes = self.snapshot.is_changed()
        self.snapshot.restore()
        return got.ways

    def picture(self):
        looked_at = self.command.chunks or self.command.tells_less or self.command.undoes
        return picture(self.world) if looked_at else None

    def one(self, at, undone):
        """What is wrong, or None."""
        got = self.server.run(at, undone)
        changed = self.snapshot.is_changed()
        if got.status == 0 and (self.command.goes_on or self.command.tells_less and self.picture() == self.reached):
            problem = None
        else:
            problem = judge(got, self.command) or self.consequences(got, changed) if got.sql else None
        if changed or self.command.leaves:
            self.snapshot.restore()
        way = ", rolled back" if undone else ""
        return f"{self.command.name}: statement {at}{way} ({got.sql}): {problem}" if problem else None

    def consequences(self, got, changed):
        if changed and not (self.command.undoes and self.picture() == self.begun):
            return self.finish() if self.command.chunks else "the database is changed"
        if self.writes and got.stdout:
            return f"nothing is done, and it says: {got.stdout.strip()}"
        return None

    def finish(self):
        got = self.clean.run()
        if got.status not in self.command.repeated:
            return f"run again it ends with {got.status}: {got.stderr}"
        return None if self.picture() == self.reached else "run again it does not reach the same"

    def close(self):
        self.server.close()
        if self.clean is not self.server:
            self.clean.close()


class Tick(Sweep):
    """What came of a tick is compared with the mails in the maildirs."""

    def repeater(self, bug):
        """Ticks later: one recovers, and for the other what that one gave back to the queue is due again."""
        begun, self.later = self.world.now, []
        for _ in range(2):
            self.world.now += LATER
            self.later.append(Server(self.world, self.command))
        self.world.now = begun
        return self.later[0]

    def look(self):
        ways = super().look()
        for server in [self.server, *self.later]:
            server.run()
        self.reached = self.picture()
        self.snapshot.restore()
        return ways

    def picture(self):
        """Who of several goes first may change, and so who has to wait for the mailbox."""
        return collections.Counter(self.world.rows(
            "SELECT pipeline, status, CASE WHEN status IN ('pending', 'running') THEN '' ELSE reason END, step FROM run"))

    def consequences(self, got, changed):
        problem = self.mails()
        return problem or self.finish()

    def mails(self):
        """A file of a maildir has its Message-ID for a name: written again it is the same one."""
        taken = collections.Counter()
        for folder in ("out", "slow"):
            new = os.path.join(self.world.folder, folder, "new")
            for name in os.listdir(new) if os.path.isdir(new) else ():
                with open(os.path.join(new, name), encoding="utf-8") as f:
                    taken[next(line for line in f if line.startswith("Message-ID:"))[13:-2]] += 1
        for mid, state, rcpt in self.world.rows("SELECT message_id, state, rcpt_to FROM message WHERE message_id <> ''"):
            n = taken.pop(mid, 0)
            if n > 1 or (n == 1 and state in ("refused", "held", "dropped")):
                return f"{rcpt} has {n} mails, and the message is {state}"
            if state == "sent" and n == 0:
                return f"the message to {rcpt} is sent, and there is no mail"
        return f"mails that nobody knows: {taken}" if taken else None

    def finish(self):
        for server in self.later:
            got = server.run()
            if got.status != 0:
                return f"a clean tick ends with {got.status}: {got.stderr}"
        here, there = self.picture() - self.reached, self.reached - self.picture()
        if any(status != "blocked" or reason != "in-doubt" for _, status, reason, _ in here):
            return f"clean ticks do not reach the same: {here}, not {there}"
        return self.mails()

    def close(self):
        super().close()
        self.later[1].close()


def strides(points, dose, shift):
    """At most `dose` of them, in equal strides."""
    n = min(len(points), dose)
    return [points[int((i + shift) * len(points) / n)] for i in range(n)]


class Points:
    """Which statements of a command are tried. All, each in both ways; or those behind a call that no failure has come back through
    before, each in one."""

    def __init__(self, rig):
        self.rig, self.known = rig, collections.defaultdict(set)

    def of(self, program, ways, dose):
        if self.rig.dose >= FULL:
            return [(at, undone) for at in range(1, len(ways) + 1) for undone in (False, True)]
        known, new = self.known[program], []
        for at, steps in enumerate(ways, 1):
            if not steps <= known:
                new.append(at)
                known |= steps
        return [(at, self.rig.random.random() < 0.5) for at in strides(new, dose, self.rig.random.random())]


def sweep_one(rig, points, sweep, dose):
    for at, undone in points.of(sweep.command.program, sweep.ways, dose):
        fault = sweep.one(at, undone)
        rig.add(trials=1)
        if fault:
            rig.fault(fault)
    sweep.close()


def leave_claims(world):
    """Lets a tick fail with mails in its hands."""
    snapshot, server = Snapshot(world, "before"), Server(world, TICK)
    for at in range(1, len(server.run().ways)):
        snapshot.restore()
        server.run(at)
        if world.rows("SELECT count(*) FROM claim c JOIN message m ON m.id = c.message WHERE m.state = 'offered'")[0][0]:
            break
    server.close()


def stages(rig):
    """Worlds, each with the commands that are tried in it."""
    world = World(os.path.join(rig.folder, "world"))
    table = commands(build(world))
    yield world, [*table, TICK]
    world = World(os.path.join(rig.folder, "trouble"))
    build(world)
    trouble(world, leave_claims)
    yield world, [*troubled_commands(world), TICK, Command("pipe-worker", "--login misset")]
    world = World(os.path.join(rig.folder, "answers"))
    build(world)
    answer(world)
    yield world, [*answered_commands(world), TICK]
    after = World(os.path.join(rig.folder, "restored"))
    build(after)
    after.must("pipectl", "restore", "-q", "-y", "old.db")
    yield after, restored_commands()


def sweep_all(rig, sweeps):
    shares = sum(TICK_SHARE if begin.func is Tick else 1 for begin, _ in sweeps)
    each, points = -(-rig.dose // shares), Points(rig)
    for begin, command in sweeps[rig.counts.get("commands", 0):]:
        rig.more()
        sweep_one(rig, points, begin(command), each * TICK_SHARE if begin.func is Tick else each)
        rig.add(commands=1)
    rig.more()
    rig.ok(not rig.faults, f"{rig.counts['trials']} failed statements of {len(sweeps)} commands and ticks: each is told, "
           "and nothing is half done")


def hunt(rig, begin, command, bug, text):
    sweep = begin(command, bug)
    found = next(filter(None, (sweep.one(at, False) for at in range(1, len(sweep.ways) + 1))), None)
    sweep.close()
    rig.say(f"{bug}: {found or 'not found'}")
    rig.ok(found, f"a seeded bug is found: {text}")


def main():
    with Rig(small=600, full=FULL, folder=MEMORY) as rig:
        sweeps = []
        for world, table in stages(rig):
            snapshot = Snapshot(world)
            sweeps += [(functools.partial(Tick if command.is_tick else Sweep, world, snapshot), command) for command in table]
        sweep_all(rig, sweeps)
        begin, add = next(sweep for sweep in sweeps if sweep[1].name.startswith("contactctl add -q new"))
        hunt(rig, begin, add, "deaf", "a failure that nobody hears of")
        hunt(rig, begin, add, "torn", "statements without a transaction")
        return rig.end()


if __name__ == "__main__":
    sys.exit(main())
