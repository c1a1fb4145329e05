"""Rigs that are programs of their own ($PW_BUILD/tests/RIG, from tests/torture/RIG.c): here they get the command line
that all rigs have (tests/torture/README.md), and their results become TAP. The program's status is 0 when all trials were
good, 1 when it found something, 2 when it could not do its work.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile

from rig.trials import BUILD, MEMORY

# A seeded bug is looked for in the same places each time; what is to be explored is the product.
BUG_SEED = 1


def parse_words(small, full):
    words = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    words.add_argument("--dose", type=int, default=small)
    words.add_argument("--full", action="store_const", dest="dose", const=full)
    words.add_argument("--state")
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    return words.parse_args()


def run_program(name, dose, seed, *more):
    """The status and the last line of what it said; the rest goes on, as comments."""
    argv = [os.path.join(BUILD, "tests", name), "--dose", str(dose), "--seed", str(seed), *more]
    with tempfile.TemporaryDirectory(prefix="torture-" + name, dir=MEMORY) as folder:
        got = subprocess.run(argv, env={**os.environ, "PW_BUILD": BUILD, "TMPDIR": folder}, stdout=subprocess.PIPE,
                             text=True, check=False)
    lines = got.stdout.splitlines() or ["it said nothing"]
    for line in lines[:-1]:
        print(line if line.startswith("#") else "# " + line, flush=True)
    return got.returncode, lines[-1]


class Tap:
    def __init__(self, name):
        self.name, self.n, self.failed = name, 0, 0

    def ok(self, good, text):
        self.n += 1
        self.failed += not good
        print("ok" if good else "not ok", self.n, "-", f"{self.name}: {text}", flush=True)

    def end(self):
        print(f"1..{self.n}", flush=True)
        return 1 if self.failed else 0


def seed_of(state, name, seed):
    """A history that is gone on with has the seed with which it began."""
    path = os.path.join(state, name + ".seed")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            return int(f.read())
    os.makedirs(state, exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"{seed}\n")
    return seed


def main(what, small, full, bugs):
    """bugs: (name, dose, text) of each seeded bug that the rig has to find."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    name = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    words, tap, more = parse_words(small, full), Tap(name), []
    if words.state:
        words.seed = seed_of(words.state, name, words.seed)
        more = ["--resume", os.path.join(words.state, name + ".done")]
    status, line = run_program(name, words.dose, words.seed, *more)
    print(f"# seed {words.seed}: {line}", flush=True)
    tap.ok(status == 0, f"{what}: {line}")
    for bug, dose, text in bugs:
        status, line = run_program(name, dose, BUG_SEED, "--bug", bug)
        print(f"# {bug}: {line}", flush=True)
        tap.ok(status == 1, f"a seeded bug is found: {text}")
    return tap.end()
