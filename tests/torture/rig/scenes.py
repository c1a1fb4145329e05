"""What is broken by the rigs that break one call at a time: a command, where it begins, and what must be true when it has
been broken and then run once more, whole.
"""

import json
import os
import re
import shutil

from rig.ledger import compare
from rig.outcome import Known, left_behind
from rig.trials import BUILD, TOP
from rig.world import World

PEOPLE = 3
TABLE = "email,first_name\n" + "".join(f"i{n}@example.org,Ina{n}\n" for n in range(20))
MAILS = 2
NO_SYSTEM = 71  # so early that nothing can be said
SAME = f"{BUILD}/preload/same_numbers.so"


def documents(url, more=""):
    return (f"kind: Mailbox\nname: hello\nfrom: Hello <hello@example.com>\nsmtp: {{url: '{url}', tls: none}}\n"
            "limit: {connections: 2}\n---\nkind: Template\nname: first\nsubject: One\n"
            "text: 'Hello {{ contact.first_name | default: \"you\" }}'\n---\nkind: Pipeline\nname: welcome\n"
            "mailbox: hello\nsteps:\n  - email: first\n  - tag: one\n"
            f"  - email: {{subject: Two, text: Second.}}\n{more}")


def documented(program):
    """The exit statuses of its manual page."""
    section = "8" if program in ("pipe-tick", "pipe-inbox") else "1"
    with open(os.path.join(TOP, "man", f"{program}.{section}"), encoding="utf-8") as f:
        text = f.read().split(".Sh EXIT STATUS")[1].split(".Sh")[0]
    return {int(n) for line in re.findall(r"^\.It (.*)$", text, re.M) for n in re.findall(r"\d+", line)}


class Scene:
    """`done(world, got)` runs after the break: it lets the command be run again and returns what is wrong, in words."""

    def __init__(self, name, program, args, done, stdin=""):
        self.name, self.program, self.args, self.stdin = name, program, args, stdin
        self.done = done
        self.statuses = documented(program)

    def run(self, world, preload=(), env=None, **how):
        """Runs it as it is to be broken; `preload`: libraries that do so."""
        env = {**(env or {}), "LD_PRELOAD": " ".join([*preload, SAME])}
        return world.run(self.program, *self.args, stdin=self.stdin, env=env, **how)

    def repeat(self, world):
        return world.run(self.program, *self.args, stdin=self.stdin)

    def judge(self, got):
        """What is wrong about how it ended."""
        if got.returncode < 0:
            return [f"it died of signal {-got.returncode}: {got.stderr[-300:]}"]
        if got.returncode not in self.statuses:
            return [f"status {got.returncode} is not in its manual: {got.stderr[-300:]}"]
        if got.returncode not in (0, NO_SYSTEM) and not got.stderr.strip():
            return [f"status {got.returncode} and not a word"]
        return []


class Stage:
    """Scenes at one sink; each trial begins in a copy of the same folder."""

    def __init__(self, folder, sink, programs):
        self.sink, self.programs, self.origin, self.copy = sink, programs, f"{folder}/origin", f"{folder}/copy"
        self.known = Known()
        world = World(self.origin)
        world.must("pipectl", "init", "-q", "--team", "sales")
        world.must("pipectl", "apply", "-q", "-", stdin=documents(sink.url))
        people = "email\n" + "".join(f"p{n}@example.org\n" for n in range(PEOPLE))
        world.must("contactctl", "import", "-q", "--no-auto-enroll", "--enroll", "welcome", "-", stdin=people)
        self.changed = documents(sink.url, "  - note: it is over\n")
        self.scenes = [
            Scene("tick", "pipe-tick", [], self._after_tick),
            Scene("apply", "pipectl", ["apply", "-q", "--migrate", "-"], self._after_apply, self.changed),
            Scene("import", "contactctl", ["import", "-q", "--no-auto-enroll", "--enroll", "welcome", "-"],
                  self._after_import, TABLE),
            Scene("add", "contactctl", ["add", "-q", "new@example.org", "first_name=Nora", "--enroll", "welcome"],
                  self._after_add),
            Scene("list", "contactctl", ["list", "--json"], self._after_list),
        ]

    def scene(self, name):
        return next(s for s in self.scenes if s.name == name)

    def begin(self):
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.origin, self.copy)
        self.sink.forget()
        return World(self.copy, self.programs)

    def end(self, world, scene, got):
        """Everything after the break: the verdict."""
        outcome = scene.name, got.returncode, got.stdout, left_behind(world, self.sink)
        return self.known.verdict(outcome, lambda: self._finish(world, scene, got))

    def _finish(self, world, scene, got):
        """The work is finished by clean runs, and then compared."""
        again, problems = World(self.copy), []
        again.now = world.now
        problems += scene.done(again, got)
        problems += [said for said in [again.settle()] if said]
        verdict = compare(again, [self.sink], MAILS)
        verdict.problems += problems
        return verdict

    def _repeat(self, world, scene, got, good):
        """What said that it was done is done; what did not is done when it is run again."""
        if got.returncode == 0:
            return []
        got = self.scene(scene).repeat(world)
        return [] if got.returncode in good else [f"run again it ends with {got.returncode}: {got.stderr}"]

    def _after_tick(self, _world, _got):
        return []

    def _after_apply(self, world, got):
        problems = self._repeat(world, "apply", got, (0,))
        differs = world.run("pipectl", "diff", "-", stdin=self.changed)
        return problems + ([f"apply is done, and diff says {differs.stdout}{differs.stderr}"] if differs.returncode else [])

    def _people(self, world, like, n):
        listed = [json.loads(line)["email"] for line in world.must("contactctl", "list", "--json").splitlines()]
        runs = [json.loads(line)["contact"] for line in world.must("pipectl", "runs", "--json", "--limit", "1000").splitlines()]
        contacts, runs = (sum(one.startswith(like) for one in all_of) for all_of in (listed, runs))
        return [] if (contacts, runs) == (n, n) else [f"{contacts} contacts and {runs} runs of {n}: not all that was said to be done"]

    def _after_import(self, world, got):
        return self._repeat(world, "import", got, (0, 1)) + self._people(world, "i", 20)

    def _after_add(self, world, got):
        return self._repeat(world, "add", got, (0, 1)) + self._people(world, "new@", 1)

    def _after_list(self, _world, got):
        lines = got.stdout.count("\n")
        return [f"{lines} lines of {PEOPLE}, and status 0"] if got.returncode == 0 and lines != PEOPLE else []
