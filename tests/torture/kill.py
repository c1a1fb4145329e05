#!/usr/bin/python3 -B
"""Ticks that are killed (SIGKILL, the whole process group) after 0 to 60 ms, while they send to four servers at once:
one answers as fast as it can, one after 50 ms, one hangs up after the dot, one says 4xx and 5xx. A trial is a kill.

On a machine so busy that a tick hardly begins to send in 60 ms they live longer. Each tenth is only told to stop (SIGTERM):
it must leave nothing in its hands.
"""

import os
import select
import shutil
import signal
import sys

from rig.ledger import compare
from rig.sink import Sink
from rig.trials import BUILD, Rig, mutant
from rig.world import MINUTE, World

LIFE_S, LIFE_MAX_S = 0.060, 0.150
LOG_LINE = 150                      # bytes of the log, about
MAILS_PER_KILL = 2, 40              # at least, at most
MAILS = 3
TOLD = 10                           # of so many ticks one is told to stop
WORLD_KILLS = 200
MUTANT_KILLS, MUTANT_WORLDS = 60, 10
MUTANTS = {
    "no_fence": "no fence", "late_fence": "a fence after the last chunk",
    "eager_recovery": "an offered mail goes back to the queue", "sure_recovery": "an offered mail counts as sent",
    "lost_step": "the answer and the next step in two commits",
}
RUDE = "rude_stop", "a signal to stop ends a tick wherever it is"

# Name, how many people for WORLD_KILLS, and what the server does.
SERVERS = [
    ("fast", 1600, []),
    ("slow", 100, ["--dot-ms", "50"]),
    ("deaf", 200, ["--drop", "dot%5"]),
    ("rude", 300, ["--refuse", "dot%3=451 4.3.0 try again", "--refuse", "rcpt%9=450 4.2.0 busy",
                   "--refuse", "dot%13=554 5.6.0 not this one", "--refuse", "rcpt%31=550 5.1.1 nobody"]),
]


def documents(sinks):
    mails = ", ".join(f"{{email: {{subject: {n}, text: Mail {n}.}}}}, {{tag: t-{n}}}"
                      for n in ("One", "Two", "Three")[:MAILS])
    return "\n---\n".join(
        f"kind: Mailbox\nname: {name}\nfrom: Hello <{name}@example.com>\n"
        f"smtp: {{url: '{sinks[name].url}', tls: none}}\nlimit: {{connections: 5}}\nguard: {{bounces: 100%}}\n"
        f"---\nkind: Pipeline\nname: to-{name}\nmailbox: {name}\nsteps: [{mails}]\n" for name, _, _ in SERVERS)


def open_world(folder, sinks, programs, kills):
    world = World(folder, programs)
    world.must("pipectl", "init", "-q", "--team", "sales")
    world.must("pipectl", "apply", "-q", "-", stdin=documents(sinks))
    for name, people, _ in SERVERS:
        sinks[name].forget()
        people = people * kills // WORLD_KILLS + 1
        table = "email\n" + "".join(f"{name}{i}@example.org\n" for i in range(people))
        world.must("contactctl", "import", "-q", "--no-auto-enroll", "--enroll", f"to-{name}", "-", stdin=table)
    return world


def in_hand(world):
    return set(world.rows("SELECT message, token FROM claim WHERE token > 0"))


def tick_and_end(world, life, how):
    """1 when that signal ended it, 0 when it came to its end before; -1 and a text when that end was bad."""
    before = in_hand(world) if how == signal.SIGTERM else set()
    tick = world.start("pipe-tick")
    alive = os.pidfd_open(tick.pid)
    if not select.select([alive], [], [], life)[0]:
        os.killpg(tick.pid, how)
    os.close(alive)
    said = tick.communicate()[1].decode(errors="replace")
    if tick.returncode not in (0, -how) or said:
        return -1, f"a tick ended with {tick.returncode}: {said}"
    left = in_hand(world) - before if how == signal.SIGTERM else ()
    if left:
        return -1, f"a tick that was told to stop left {len(left)} mails in its hands"
    return int(tick.returncode == -how), ""


class Lives:
    """How long a tick may live: so long that some mails go out, and not all of them."""

    def __init__(self, rig, sinks):
        self.rig, self.sinks, self.longest = rig, sinks, LIFE_S
        self.kills = self.taken = 0

    def next(self):
        """How long, and by what it ends."""
        self.kills += 1
        if self.kills % 10 == 0:
            self._adapt()
        return self.rig.random.uniform(0, self.longest), signal.SIGKILL if self.kills % TOLD else signal.SIGTERM

    def _adapt(self):
        before, self.taken = self.taken, sum(os.stat(sink.log).st_size for sink in self.sinks) / LOG_LINE
        mails = max(self.taken - before, 0) / 10
        if mails < MAILS_PER_KILL[0]:
            self.longest = min(self.longest * 1.2, LIFE_MAX_S)
        elif mails > MAILS_PER_KILL[1]:
            self.longest = max(self.longest / 1.2, LIFE_S)


def kill_through(rig, world, lives, most):
    """Kills ticks until all mails are out, or `most` kills. Returns how many."""
    kills = 0
    while kills < most:
        killed, problem = tick_and_end(world, *lives.next())
        if killed < 0:
            rig.fault(problem)
            return kills
        kills += killed
        due = None if killed else world.next_due()
        if not killed and due is None:
            return kills
        world.now = max(world.now + MINUTE, due or 0)
    return kills


def one_world(rig, sinks, lives, programs, most):
    """From an empty database to everything settled: the number of kills and the verdict."""
    folder = os.path.join(rig.folder, "world")
    world = open_world(folder, sinks, programs, most)
    kills = kill_through(rig, world, lives, most)
    problem = world.settle()
    verdict = compare(world, sinks.values(), MAILS)
    if problem:
        verdict.problems.append(problem)
    shutil.rmtree(folder)
    return kills, verdict


def the_product(rig, sinks, lives):
    while rig.more():
        kills, v = one_world(rig, sinks, lives, BUILD, min(WORLD_KILLS, rig.dose - rig.counts["trials"]))
        for problem in v.problems:
            rig.fault(problem)
        rig.add(trials=kills, lost=v.lost, twice=v.twice, in_doubt=v.in_doubt, mails_sent=v.sent,
                quarantined=v.quarantined, worlds=1)
    rig.ok(not rig.faults, f"{rig.counts['trials']} kills: nothing is lost, nothing comes twice, all in doubt are listed")


def the_mutants(rig, sinks, lives):
    for name, bug in MUTANTS.items():
        found, kills = None, 0
        for _ in range(MUTANT_WORLDS):
            n, found = one_world(rig, sinks, lives, mutant(name), MUTANT_KILLS)
            kills += n
            if found.lost + found.twice:
                break
        rig.say(f"{name}: {kills} kills, {found.lost} lost, {found.twice} twice")
        rig.ok(found.lost + found.twice > 0, f"a seeded bug is found: {bug}")


def the_rude(rig, sinks):
    """All its ticks are told to stop, late enough to have something in their hands."""
    name, bug = RUDE
    world = open_world(os.path.join(rig.folder, "world"), sinks, mutant(name), MUTANT_KILLS)
    tries, problem = 0, ""
    while tries < MUTANT_KILLS and not problem:
        tries += 1
        problem = tick_and_end(world, LIFE_MAX_S * tries / MUTANT_KILLS, signal.SIGTERM)[1]
        world.now += MINUTE
    rig.say(f"{name}: {tries} ticks, {problem or 'nothing'}")
    rig.ok("in its hands" in problem, f"a seeded bug is found: {bug}")


def main():
    with Rig(small=120, full=100000) as rig:
        sinks = {name: Sink(os.path.join(rig.folder, name + ".log"), *options) for name, _, options in SERVERS}
        lives = Lives(rig, sinks.values())
        the_product(rig, sinks, lives)
        the_mutants(rig, sinks, lives)
        the_rude(rig, sinks)
        rig.say(f"at the end ticks lived up to {lives.longest * 1000:.0f} ms")
        for sink in sinks.values():
            sink.stop()
        return rig.end()


if __name__ == "__main__":
    sys.exit(main())
