"""A database in a folder of its own, the programs that work on it, and a clock that only moves when told to."""

import datetime
import os
import sqlite3
import subprocess

from rig import patience
from rig.trials import BUILD

MONDAY_9AM = 1782723600  # 2026-06-29T09:00:00Z
MINUTE, HOUR = 60, 3600


def rfc3339(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class World:
    """`programs` is the build folder to take them from: ours, or a mutant's."""

    def __init__(self, folder, programs=BUILD):
        self.folder, self.programs, self.now = folder, programs, MONDAY_9AM
        os.makedirs(folder, exist_ok=True)
        self.db = os.path.join(folder, "t.db")
        self.env = {"PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8", "TZ": "UTC",
                    "PIPEWRIGHT_DB": self.db}

    def program(self, name):
        """A program of the mutant, or ours where it has none of its own."""
        path = os.path.join(self.programs, "bin", name)
        return path if os.path.exists(path) else os.path.join(BUILD, "bin", name)

    def words(self, name, *args):
        return [self.program(name), *args, "--now", rfc3339(self.now)]

    def run(self, name, *args, before=(), env=None, stdin="", patience_s=120):
        """Runs one program to its end. `before`: what stands in front of its name, as strace."""
        return patience.run([*before, *self.words(name, *args)], stdin, patience_s, cwd=self.folder,
                            env={**self.env, **(env or {})})

    def must(self, name, *args, **how):
        """The same for what prepares a trial."""
        got = self.run(name, *args, **how)
        if got.returncode != 0:
            raise RuntimeError(f"{name} {' '.join(args)}: status {got.returncode}: {got.stderr}")
        return got.stdout

    def start(self, name, *args):
        """Begins a program, in a process group of its own."""
        return subprocess.Popen(self.words(name, *args), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, cwd=self.folder, env=self.env, process_group=0)

    def rows(self, sql, *values):
        db = sqlite3.connect(self.db, timeout=10)
        db.text_factory = lambda text: text.decode(errors="replace")
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def next_due(self):
        """When the first thing that waits is due and its lane is open; None: nothing waits."""
        return self.rows("SELECT min(max(q.due, l.free_at)) FROM queue q JOIN lane l ON l.id = q.lane")[0][0]

    def settle(self, ticks=100):
        """Clean ticks until nothing waits any more, the clock going from one due time to the next. Says what was wrong."""
        for _ in range(ticks):
            got = self.run("pipe-tick")
            if got.returncode != 0 or got.stderr:
                return f"a clean tick ended with {got.returncode}: {got.stderr}"
            due = self.next_due()
            if due is None:
                return None
            self.now = max(self.now + HOUR, due)
        return f"something still waits after {ticks} ticks"
