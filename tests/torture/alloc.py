#!/usr/bin/python3 -B
"""No memory: each allocation of `pipectl apply`, `contactctl add`, `import` and `list`, and of pipe-tick with its worker, fails
in turn, once or with all that come after it. Each ends as its manual says; none crashes, but where a library ends the program
on purpose, or while it is loaded. A clean run afterwards finishes the work: nothing lost, nothing twice. Time that they spend
waiting passes faster (preload/haste.c).

A trial is one allocation. The small dose takes them in strides; --full takes all.
"""

import os
import random
import re
import shutil
import struct
import subprocess
import sys

from rig.patience import undisturbed
from rig.scenes import Stage
from rig.sink import Sink
from rig.trials import BUILD, MEMORY, Rig, mutant

SCENES = ["apply", "add", "import", "list", "tick"]
# GLib ends the program on purpose. Where it has not even memory to say so, it says so again and again until its stack is used
# up: ours ask for nothing more after the first failure.
ABORTS = re.compile("(GLib|GSlice).*(failed to allocate|Cannot allocate memory)")
AGAIN_AND_AGAIN = 1000
LOADING_S, HANG_S, HANGS = 5, 60, 1000
PRELOAD = [f"{BUILD}/preload/scarce_memory.so", f"{BUILD}/preload/haste.so"]
MUTANT_TRIES = 300


def starve(stage, name, n, for_good, patience_s=LOADING_S):
    """Runs a scene with allocation n failing (0: none): (world, result, how many there were). The result has `library`:
    whether it ended before main(), in glibc's getpwuid(), or because GLib ended it on purpose."""
    world, tally = stage.begin(), stage.copy + ".tally"
    env = {"PW_TALLY": tally, "PW_FAIL_AT": str(n), "PW_FAIL_ON": str(int(for_good))}
    if os.path.exists(tally):
        os.remove(tally)
    try:
        got = stage.scene(name).run(world, preload=PRELOAD, env=env, patience_s=patience_s)
    except subprocess.TimeoutExpired:
        got = subprocess.CompletedProcess([], HANGS, "", "")
    with open(tally, "rb") as f:
        calls, begun, ended = struct.unpack("lll", f.read(24))
    aborted = got.returncode < 0 and (ABORTS.search(got.stderr) or (for_good and calls - n > AGAIN_AND_AGAIN))
    got.library = begun > ended or bool(aborted)
    if got.returncode == HANGS and not got.library and patience_s < HANG_S:
        return starve(stage, name, n, for_good, HANG_S)
    return world, got, calls


def judge(scene, got):
    if got.library:
        return []
    if got.returncode == HANGS:
        return ["it hangs"]
    return scene.judge(got)


@undisturbed
def one(stage, name, n, for_good):
    """The verdict, with how the program ended as `got`; None when it came to its end before."""
    scene = stage.scene(name)
    world, got, calls = starve(stage, name, n, for_good)
    verdict = stage.end(world, scene, got)
    verdict.problems += judge(scene, got)
    verdict.got = got
    return verdict if calls >= n or verdict.problems else None


def points_of(stage):
    points = []
    for name in SCENES:
        _, got, calls = starve(stage, name, 0, False)
        if got.returncode != 0:
            raise RuntimeError(f"{name}: {got.stderr}")
        points += [(name, n, for_good) for for_good in (False, True) for n in range(1, calls + 1)]
    return points


def the_product(rig, stage):
    points = points_of(stage)
    rig.say(f"{len(points) // 2} allocations, each once and for good")
    rig.dose = min(rig.dose, len(points))
    shift = rig.random.random()
    while rig.more():
        name, n, for_good = points[int((rig.counts["trials"] + shift) * len(points) / rig.dose)]
        verdict = one(stage, name, n, for_good)
        rig.add(trials=1)
        if not verdict:
            rig.add(not_reached=1)
            continue
        for problem in verdict.problems:
            rig.fault(f"{name}: allocation {n}{' and all after it' if for_good else ''}: {problem}")
        rig.add(lost=verdict.lost, twice=verdict.twice, in_doubt=verdict.in_doubt,
                ended_by_libraries=int(verdict.got.library))
    rig.say(str(stage.known))
    rig.ok(not rig.faults, f"{rig.counts['trials']} failed allocations: nothing is lost or comes twice, no crash")


def hunt(rig, sink, name, scene, for_good, bug):
    """A mutant has to be found by some allocation of this scene."""
    stage = Stage(os.path.join(rig.folder, f"{name}-{scene}"), sink, mutant(name))
    calls, found = starve(stage, scene, 0, False)[2], None
    places = random.Random(1)  # the same each time
    for tried in range(1, MUTANT_TRIES + 1):
        n = places.randint(1, calls)
        verdict = one(stage, scene, n, for_good)
        if verdict and verdict.problems:
            found = f"at the {tried}. try, allocation {n}: {verdict.problems[0]}"
            break
    rig.say(f"{name}: {found or 'not found'}")
    rig.ok(found, f"a seeded bug is found: {bug}")
    shutil.rmtree(os.path.join(rig.folder, f"{name}-{scene}"))


def main():
    with Rig(small=150, full=10**9, folder=MEMORY) as rig:
        sink = Sink(os.path.join(rig.folder, "sink.log"))
        the_product(rig, Stage(os.path.join(rig.folder, "product"), sink, BUILD))
        hunt(rig, sink, "frail_memory", "tick", True, "a tick that uses memory which is not there")
        hunt(rig, sink, "frail_memory", "import", True, "an import that uses memory which is not there")
        hunt(rig, sink, "calm_memory", "add", True, "a command that gives up and says it is done")
        sink.stop()
        return rig.end()


if __name__ == "__main__":
    sys.exit(main())
