"""The frame of a rig: how many trials, where it was when it was interrupted, and what it says.

A rig is an executable file of tests/torture:

    RIG                 the small dose, as TAP; this is what `make check` runs
    RIG --dose N        N trials
    RIG --full          its full dose
    RIG --state DIR     keeps DIR/RIG.done; goes on from there when it was interrupted
    RIG --seed N        the same choices again

It ends with one line: "N trials, 0 lost, 0 twice, N in doubt (all listed), ...".
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("PW_TOP") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
BUILD = os.environ.get("PW_BUILD") or os.path.join(TOP, "build")
# Where the worlds of a rig lie that does not try the disk.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

FAULTS_KEPT = 100
PROGRESS_S = 10


def mutant(name):
    """Where the programs with this seeded bug are (tests/torture/mutants/NAME.c)."""
    return os.path.join(BUILD, "mutants", name)


def commit():
    if not shutil.which("git"):
        return "unknown"
    got = subprocess.run(["git", "-C", TOP, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return got.stdout.strip() or "unknown"


def _end(number, _frame):
    sys.exit(128 + number)


class Rig:
    """What a rig counts, keeps and says."""

    def __init__(self, small, full, folder=None):
        self.name = os.path.splitext(os.path.basename(sys.argv[0]))[0]
        words = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
        words.add_argument("--dose", type=int, default=small)
        words.add_argument("--full", action="store_const", dest="dose", const=full)
        words.add_argument("--state")
        words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
        got = words.parse_args()
        self.dose, self.state = got.dose, got.state
        self.seed, self.random = got.seed, random.Random(got.seed)
        self.counts = {"trials": 0, "lost": 0, "twice": 0, "in doubt": 0}
        self.faults = []
        self.commit, self.seconds = commit(), 0.0
        self.checks, self.failed = 0, 0
        self.begun = self.told = time.monotonic()
        self.folder = tempfile.mkdtemp(prefix=f"torture-{self.name}-", dir=folder)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, _end)
        if self.state:
            self._load()
        self.say(f"seed {got.seed}, commit {self.commit}, {self.counts['trials']} of {self.dose} trials done")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, text):
        print("#", text, flush=True)

    def add(self, **counts):
        """Counts; the words are names with _ for a blank (trials, lost, twice, in_doubt, or any other)."""
        for name, n in counts.items():
            name = name.replace("_", " ")
            self.counts[name] = self.counts.get(name, 0) + n
        if time.monotonic() - self.told > PROGRESS_S:
            self.told = time.monotonic()
            self.say(self.line())

    def fault(self, text):
        """Something is wrong: said at once, and kept."""
        self.say("FAULT: " + text)
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(text)

    def more(self):
        """Whether there are trials left. What was counted until here is kept, should the rig be interrupted."""
        if self.state:
            self._save()
        return self.counts["trials"] < self.dose

    def line(self):
        counts = dict(self.counts)
        doubt = "all listed" if not self.faults else f"{len(self.faults)} faults"
        words = [f"{counts.pop('trials')} trials, {counts.pop('lost')} lost, {counts.pop('twice')} twice, "
                 f"{counts.pop('in doubt')} in doubt ({doubt})"]
        words += [f"{n} {name}" for name, n in counts.items() if n]
        words.append(f"{self._lived():.0f} s, commit {self.commit}")
        return ", ".join(words)

    def ok(self, good, text):
        """One line of TAP."""
        self.checks += 1
        self.failed += not good
        print("ok" if good else "not ok", self.checks, "-", f"{self.name}: {text}", flush=True)

    def end(self):
        """The last words; returns the exit status."""
        self.say(self.line())
        print(f"1..{self.checks}", flush=True)
        return 1 if self.failed else 0

    def _lived(self):
        return self.seconds + time.monotonic() - self.begun

    def _path(self):
        return os.path.join(self.state, self.name + ".done")

    def _load(self):
        os.makedirs(self.state, exist_ok=True)
        if os.path.exists(self._path()):
            with open(self._path(), encoding="utf-8") as f:
                kept = json.load(f)
            self.counts, self.faults = kept["counts"], kept["faults"]
            self.commit, self.seconds = kept["commit"], kept["seconds"]

    def _save(self):
        kept = {"counts": self.counts, "faults": self.faults, "commit": self.commit, "seconds": self._lived(),
                "dose": self.dose, "date": time.strftime("%Y-%m-%d")}
        with open(self._path() + ".new", "w", encoding="utf-8") as f:
            json.dump(kept, f)
        os.replace(self._path() + ".new", self._path())
