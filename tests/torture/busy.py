#!/usr/bin/python3 -B
"""Eight people at work at once beside the ticks: they add, import, change, tag, enroll, unsubscribe, pause, apply and look.
Nobody is told that the database is locked, each mail goes once, and the file is whole at the end (B1 B12). The dose is
in seconds. How long the slowest command took is reported, with the load of the machine; only errors are counted.
"""

import collections
import glob
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from rig.linked import BUILD, Tap, parse_words

WRITERS = 8
DOCUMENTS = """
kind: Mailbox
name: hello
from: "%s <hello@example.com>"
maildir: out
---
kind: Pipeline
name: one
mailbox: hello
enroll: {new_contacts: true}
steps: [{email: {subject: One, text: First.}}, {tag: done}]
---
kind: Pipeline
name: two
mailbox: hello
steps: [{note: came by}]
"""


class Office:
    """A database, the programs on it, and what they said."""

    def __init__(self, folder, mutant=None):
        self.folder, self.db = folder, os.path.join(folder, "t.db")
        self.contactctl = os.path.join(BUILD, "mutants", mutant, "bin", "contactctl") if mutant else self.program("contactctl")
        self.commands, self.faults = 0, []
        self.slowest, self.slow, self.turned_away = (0.0, ""), 0, 0
        self.lock = threading.Lock()
        self.must("pipectl", "init", "-q", "--team", "sales")
        self.must("pipectl", "apply", "-q", "-", stdin=DOCUMENTS % "Hello")

    @staticmethod
    def program(name):
        return os.path.join(BUILD, "bin", name)

    def run(self, name, *words, stdin=""):
        path = self.contactctl if name == "contactctl" else self.program(name)
        begun = time.monotonic()
        got = subprocess.run([path, "--db", self.db, *words], input=stdin, capture_output=True, text=True, check=False)
        took = time.monotonic() - begun
        with self.lock:
            self.commands += 1
            if name != "pipe-tick":
                self.slow += took > 2
                self.slowest = max(self.slowest, (took, f"{name} {' '.join(words)}"))
            # Who applies while somebody else applies is told so: his documents would undo what he has not seen.
            if got.returncode == 75 and "somebody else has just changed" in got.stderr:
                self.turned_away += 1
            elif got.returncode not in (0, 1) or "in use" in got.stderr or "locked" in got.stderr:
                self.faults.append(f"{name} {' '.join(words)}: {got.returncode}: {got.stderr.strip()}")
        return got

    def must(self, name, *words, stdin=""):
        got = self.run(name, *words, stdin=stdin)
        if got.returncode != 0:
            sys.exit(f"{name} {' '.join(words)}: {got.stderr}")


class Person(threading.Thread):
    """One of those who work, until the time is over."""

    def __init__(self, office, number, seed, until):
        super().__init__()
        self.office, self.number, self.until = office, number, until
        self.random, self.known = random.Random(seed + number), 0

    def new(self):
        self.known += 1
        return f"p{self.number}-{self.known}@example.org"

    def somebody(self):
        return f"p{self.number}-{self.random.randint(1, max(1, self.known))}@example.org"

    def run(self):
        doings = [self.add, self.add, self.bring_table, self.change, self.put_tag, self.enroll, self.leave, self.pause,
                  self.apply, self.look]
        try:
            self.add()
            while time.monotonic() < self.until:
                self.random.choice(doings)()
        except OSError as why:
            self.office.faults.append(f"{self.number} could not go on: {why}")

    def add(self):
        self.office.run("contactctl", "add", "-q", self.new())

    def bring_table(self):
        table = "email\n" + "".join(self.new() + "\n" for _ in range(20))
        self.office.run("contactctl", "import", "-q", "--auto-enroll", "-", stdin=table)

    def change(self):
        self.office.run("contactctl", "set", "-q", self.somebody(), f"company=C{self.random.randrange(9)}")

    def put_tag(self):
        self.office.run("contactctl", "tag", "-q", "seen", self.somebody())

    def enroll(self):
        self.office.run("contactctl", "enroll", "-q", "two", self.somebody())

    def leave(self):
        self.office.run("contactctl", "unsubscribe", "-q", self.somebody())

    def pause(self):
        self.office.run("pipectl", "pause", "-q", "two")
        self.office.run("pipectl", "resume", "-q", "two")

    def apply(self):
        self.office.run("pipectl", "apply", "-q", "-", stdin=DOCUMENTS % f"Hello {self.number} {self.random.randrange(99)}")

    def look(self):
        self.office.run("pipectl", "runs", "--contact", self.somebody())


class Cron(threading.Thread):
    """A tick after the other."""

    def __init__(self, office, until):
        super().__init__()
        self.office, self.until = office, until

    def run(self):
        while time.monotonic() < self.until:
            self.office.run("pipe-tick")


def judge(office):
    """What is wrong in the end."""
    for _ in range(3):
        office.run("pipe-tick")
    to = collections.Counter()
    for path in glob.glob(os.path.join(office.folder, "out", "new", "*")):
        with open(path, encoding="utf-8") as f:
            to[next(line for line in f if line.startswith("To: "))[4:].strip()] += 1
    db = sqlite3.connect(office.db)
    wrong = [f"{n} mails to {who}" for who, n in to.items() if n != 1]
    sent = {who for (who,) in db.execute("SELECT rcpt_to FROM message WHERE state = 'sent'")}
    wrong += [f"{who}: sent, or not?" for who in sent ^ set(to)]
    wrong += [text for (text,) in db.execute("PRAGMA integrity_check") if text != "ok"]
    left = db.execute("SELECT count(*) FROM run WHERE status IN ('pending', 'running', 'blocked')").fetchone()[0]
    wrong += [f"{left} runs are not at their end"] if left else []
    db.close()
    return wrong, len(to)


def work_together(seconds, seed, mutant=None):
    folder = tempfile.mkdtemp(prefix="torture-busy-")
    try:
        office = Office(folder, mutant)
        until = time.monotonic() + seconds
        people = [Person(office, n, seed, until) for n in range(WRITERS)] + [Cron(office, until)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        wrong, mails = judge(office)
        office.faults += wrong
        return office, mails
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    words, tap = parse_words(12, 600), Tap("busy")
    if words.state and os.path.exists(os.path.join(words.state, "busy.done")):
        print("# done before")
        return 0
    office, mails = work_together(words.dose, words.seed)
    for fault in office.faults[:10]:
        print("#", fault)
    line = (f"{words.dose} s: {office.commands} commands of {WRITERS} people and cron, {mails} mails,"
            f" {len(office.faults)} faults, {office.turned_away} applies beside another, slowest {office.slowest[0]:.2f} s ({office.slowest[1][:60]}), {office.slow} over 2 s,"
            f" load {os.getloadavg()[0]:.0f}")
    print(f"# seed {words.seed}: {line}")
    tap.ok(not office.faults, f"nobody is told of a lock, each mail goes once: {line}")
    if words.state:
        with open(os.path.join(words.state, "busy.done"), "w", encoding="utf-8") as f:
            f.write(line + "\n")
    office, _ = work_together(6, words.seed, "impatient")
    tap.ok(any("in use" in fault for fault in office.faults), "a seeded bug is found: nobody waits for a lock")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
