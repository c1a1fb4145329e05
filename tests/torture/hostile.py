#!/usr/bin/python3 -B
"""People as an enemy would type them in, through the programs and SMTP into a server. A trial is a person. Who is refused
gets nothing; who is taken has exactly one mail, to the address that was given and with nothing in it but what was given, as
readers say that are not ours.
"""

import csv
import io
import os
import random
import re
import shutil
import subprocess
import sys

from rig.forger import Person
from rig.readback import HTML, SUBJECT, TEXT, bad_bytes, bad_reading, liquid, read_back
from rig.sink import Sink
from rig.trials import BUILD, Rig, mutant
from rig.world import World, rfc3339

WORLD, MUTANT_WORLD = 5000, 300
SAMPLE, SAMPLE_SMALL = 40, 4  # one of so many is read back
MUTANTS = {
    "credulous_address": "any text is an address", "raw_header": "a subject goes out as it is",
    "raw_html": "HTML takes what it is given",
}

# RFC 5321 Mailbox, with RFC 6531.
DOT_ATOM = r"[^\x00-\x20\x7f\"(),:;<>@\[\\\].]+(?:\.[^\x00-\x20\x7f\"(),:;<>@\[\\\].]+)*"
QUOTED = r"\"(?:[^\x00-\x1f\x7f\"\\]|\\[ -~])*\""
MAILBOX = re.compile(rf"(?:{DOT_ATOM}|{QUOTED})@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+")
EMAIL = "CASE c.email WHEN '' THEN c.folded ELSE c.email END"
MARK = re.compile(r".*zq(\d+)zq", re.IGNORECASE | re.DOTALL | re.ASCII)  # the last one

# Not all that may stand in quotes is given to servers.
ENDS = [("completed", ""), ("blocked", "missing")]
ENDS_OF_QUOTED = [*ENDS, ("blocked", "undeliverable")]

DOCUMENTS = """
kind: Mailbox
name: hello
from: Hello <hello@example.com>
smtp: {{url: '{url}', tls: none}}
limit: {{connections: 10}}
guard: {{bounces: 100%}}
---
kind: Fields
name: contact
fields: {{serial: text, note: text}}
---
kind: Pipeline
name: greet
mailbox: hello
steps:
  - email:
      subject: '{subject}'
      text: |
        {text}
      html: '{html}'
"""


def documents(url):
    return DOCUMENTS.format(url=url, subject=liquid(SUBJECT), text=liquid(TEXT).replace("\n", "\n        "), html=liquid(HTML))


def give_json(people):
    return ["contactctl", "add", "-", "-q", "--enroll", "greet"], "\n".join(p.json() for p in people)


def give_table(people):
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["email", *people[0].fields])
    rows.writerows(p.cells() for p in people)
    return ["contactctl", "import", "-", "-q", "--no-auto-enroll", "--enroll", "greet"], table.getvalue()


def give(world, people, as_table):
    """Returns what is wrong with how it ended."""
    words, text = (give_table if as_table else give_json)(people)
    got = subprocess.run([world.program(words[0]), *words[1:], "--now", rfc3339(world.now)], capture_output=True, check=False,
                         input=text.encode(), cwd=world.folder, env=world.env)
    if got.returncode not in (0, 1):
        return [f"{words[0]} {words[1]} ended with {got.returncode}: {got.stderr[-300:]!r}"]
    return []


def plain(person):
    return re.fullmatch(rf"{DOT_ATOM}@[a-zA-Z0-9.-]+", person.email) and person.email.isascii()


class Judge:
    """Compares who was given, who was taken, and what the server has."""

    def __init__(self, dice, world, people, folder):
        self.random, self.folder = dice, folder
        self.people = {p.number: p for p in people}
        self.runs = {self.number_of(email): (status, reason) for email, status, reason in
                     world.rows(f"SELECT {EMAIL}, r.status, r.reason FROM run r JOIN contact c ON c.id = r.contact")}
        self.taken = {self.number_of(email) for (email,) in world.rows(f"SELECT {EMAIL} FROM contact c")}
        self.blocked = {n for n, (status, _) in self.runs.items() if status == "blocked"}
        self.problems, self.lost, self.twice = [], 0, 0

    @staticmethod
    def number_of(address):
        mark = MARK.match(address)
        return int(mark[1]) if mark else None

    def judge(self, world, mails, counts, every):
        self._people(world)
        self._envelopes(mails)
        for name in ("mail", "rcpt", "data"):
            if counts[name] != len(mails):
                self.problems.append(f"{counts[name]} {name.upper()} for {len(mails)} mails")
        self._contents(mails, every)

    def _people(self, world):
        for n in self.taken ^ self.runs.keys() | self.taken - self.people.keys():
            there = [email for (email,) in world.rows(f"SELECT {EMAIL} FROM contact c") if self.number_of(email) == n]
            self.problems.append(f"{there} is there and was not given, or has no run")
        for n, p in self.people.items():
            if p.tame and n not in self.taken:
                self.problems.append(f"{p.json()} was refused")
        for n, (status, reason) in ((n, end) for n, end in self.runs.items() if n in self.people):
            quoted = self.people[n].email.lstrip().startswith('"')
            if (status, reason) not in (ENDS_OF_QUOTED if quoted else ENDS):
                self.problems.append(f"the run of {self.people[n].json()} is {status} {reason}")

    def _envelopes(self, mails):
        had = {}
        for mail in mails:
            n = self.number_of(mail["rcpt"])
            had[n] = had.get(n, 0) + 1
            if n not in self.people or n not in self.taken or len(mail["rcpt"].encode()) > 254 or not MAILBOX.fullmatch(mail["rcpt"]):
                self.problems.append(f"a mail to {mail['rcpt']!r}")
            elif plain(self.people[n]) and mail["rcpt"] != self._wire(self.people[n].email):
                self.problems.append(f"a mail to {mail['rcpt']!r} instead of {self.people[n].email!r}")
        self.twice = sum(times - 1 for times in had.values())
        self.lost = len(self.taken - self.blocked - set(had))
        if self.twice or self.lost or self.blocked & set(had):
            self.problems.append(f"{self.twice} came twice, {self.lost} did not come, {len(self.blocked & set(had))} of blocked runs")

    @staticmethod
    def _wire(email):
        local, domain = email.split("@")
        return local + "@" + domain.lower()

    def _contents(self, mails, every):
        sample = []
        for i, mail in enumerate(mails):
            path = os.path.join(self.folder, f"{i + 1}.eml")
            with open(path, "rb") as f:
                wrong = bad_bytes(f.read())
            if wrong:
                self.problems.append(f"{wrong} in the mail to {mail['rcpt']!r}")
            elif self.number_of(mail["rcpt"]) in self.people and self.random.randrange(every) == 0:
                sample.append((path, mail["rcpt"]))
        self.sampled = len(sample)
        for (path, rcpt), readings in zip(sample, read_back([path for path, _ in sample]) if sample else []):
            person = self.people[self.number_of(rcpt)]
            wrong = [said for said in (bad_reading(read, rcpt, person.fields) for read in readings) if said]
            if wrong:
                self.problems.append(f"{wrong[0]} of {person.json()}")


def one_world(rig, first, n, programs, every):
    """n people with numbers from `first`, always the same ones with a seed: the judge, when it is done."""
    dice = random.Random(f"{rig.seed} {first}")
    folder = os.path.join(rig.folder, "world")
    saved = os.path.join(folder, "saved")
    os.makedirs(saved)
    world = World(folder, programs)
    sink = Sink(os.path.join(folder, "log"), "--save", saved)
    world.must("pipectl", "init", "-q", "--team", "sales")
    world.must("pipectl", "apply", "-q", "-", stdin=documents(sink.url))
    as_table = dice.random() < 0.3
    people = [Person(first + i, dice) for i in range(n)]
    if as_table:
        people = [p for p in people if fits_table(p)]
    problems = give(world, people, as_table)
    problems += [said for said in [world.settle()] if said]
    mails, counts = sink.accepted(), sink.stop()
    judge = Judge(dice, world, people, saved)
    judge.problems += problems
    judge.judge(world, mails, counts, every)
    shutil.rmtree(folder)
    return judge, len(mails)


def fits_table(person):
    """Half a character has no bytes, Python writes no NUL, and what guards a cell from being a formula is taken off it."""
    return not any("\0" in cell or re.search("[\ud800-\udfff]", cell) or cell.startswith("'") for cell in person.cells())


def the_product(rig):
    every = SAMPLE if rig.dose > WORLD else SAMPLE_SMALL
    while rig.more():
        first = rig.counts["trials"]
        judge, mails = one_world(rig, first, min(WORLD, rig.dose - first), BUILD, every)
        for problem in judge.problems:
            rig.fault(problem)
        rig.add(trials=min(WORLD, rig.dose - first), lost=judge.lost, twice=judge.twice, mails=mails, read_back=judge.sampled,
                blocked=len(judge.blocked))
    rig.ok(not rig.faults and rig.counts.get("mails", 0) > rig.dose // 5,
           f"{rig.counts['trials']} hostile people: one mail each, or none, and nothing in it that is not theirs")


def the_mutants(rig):
    for name, bug in MUTANTS.items():
        judge, _ = one_world(rig, 0, MUTANT_WORLD, mutant(name), 1)
        rig.say(f"{name}: {judge.problems[0][:200] if judge.problems else 'nothing seen'}")
        rig.ok(bool(judge.problems), f"a seeded bug is found: {bug}")


def main():
    with Rig(small=1000, full=1000000) as rig:
        the_product(rig)
        the_mutants(rig)
        return rig.end()


if __name__ == "__main__":
    sys.exit(main())
