#!/usr/bin/python3 -B
"""One system call goes wrong: each call of pipe-tick (with the worker that it becomes), `pipectl apply`, `contactctl import`
and `contactctl add` in turn. It is killed there, or the call fails with EIO, ENOSPC, EINTR or EDQUOT, or a write does only
half. Each ends as its manual says, and a clean run afterwards finishes the work: nothing lost, nothing twice. Time that they
spend waiting passes faster (preload/haste.c).

A trial is one broken call. The small dose takes them in strides; --full takes all.
"""

import os
import re
import shutil
import subprocess
import sys

from rig.patience import undisturbed
from rig.scenes import Stage
from rig.sink import Sink
from rig.trials import BUILD, MEMORY, Rig, mutant

ERRORS = ["EIO", "ENOSPC", "EINTR", "EDQUOT"]
SCENES = ["tick", "apply", "import", "add"]
WRITES = {"write", "pwrite64", "send", "sendto"}
NEVER_FAIL = {"exit_group", "rt_sigreturn", "execve",  # no way back, or the trial's own beginning
              "brk", "futex"}                          # the kernel has no such error for them, libc crashes
MUTANT_CALLS = {"fdatasync", "fsync", "pwrite64", "sendto", "recvfrom", "poll", "write"}
HANG_S = 100
HASTE, SHORT = f"{BUILD}/preload/haste.so", f"{BUILD}/preload/short_writes.so"


class Point:
    """One call that is to go wrong. `loading`: it is the dynamic loader's, which ends as it likes."""

    def __init__(self, scene, fault, call, n, loading):
        self.scene, self.fault, self.call, self.n, self.loading = scene, fault, call, n, loading

    def __str__(self):
        return f"{self.scene}: {self.fault} at {self.call} {self.n}"


def calls_of(log):
    """(name, n, loading) of each call that strace wrote. n counts in one thread, as strace does when it breaks one."""
    counts, seen, loading, cache = {}, set(), True, None
    with open(log, encoding="utf-8", errors="replace") as f:
        for line in f:
            got = re.match(r"(\d+ +)?(\w+)\((.*)", line)
            if not got:
                continue
            thread, name, rest = got.groups()
            n = counts[thread, name] = counts.get((thread, name), 0) + 1
            if name == "execve" and not rest.endswith(")"):
                loading, cache = True, None
            if loading and "ld.so.cache" in rest:
                cache = "opened"
            if loading and cache == "opened" and name == "mmap":
                cache = rest.rsplit("= ", 1)[-1].strip()
            if (name, n) not in seen:
                seen.add((name, n))
                yield name, n, loading
            if loading and name == "munmap" and cache and rest.startswith(cache + ","):
                loading = False


def points_of(stage, name, folder):
    """All calls of a scene that can go wrong, each with each fault."""
    world, log = stage.begin(), os.path.join(folder, "all")
    got = stage.scene(name).run(world, preload=[HASTE], before=["strace", "-f", "-o", log])
    if got.returncode != 0:
        raise RuntimeError(f"{name}: {got.stderr}")
    calls = list(calls_of(log))
    points = [Point(name, "kill", c, n, loading) for c, n, loading in calls]
    for error in ERRORS:
        points += [Point(name, error, c, n, loading) for c, n, loading in calls if c not in NEVER_FAIL]
    writes = sum(c in WRITES for c, _, _ in calls)
    return points + [Point(name, "short", "write", n, False) for n in range(1, writes + 1)]


def break_call(stage, point, folder):
    """Runs the scene with that call broken: (result, whether the call came at all)."""
    world, scene = stage.begin(), stage.scene(point.scene)
    log = os.path.join(folder, "log")
    if point.fault == "short":
        tally = os.path.join(folder, "tally")
        if os.path.exists(tally):
            os.remove(tally)
        env = {"PW_TALLY": tally, "PW_FAIL_AT": str(point.n)}
        got = scene.run(world, preload=[SHORT, HASTE], env=env, patience_s=HANG_S)
        with open(tally, "rb") as f:
            return world, got, int.from_bytes(f.read(8), sys.byteorder) >= point.n
    # The filter makes strace fast, but with it strace 6.1 sends no signals.
    how = ["signal=SIGKILL"] if point.fault == "kill" else [f"error={point.fault}", "--seccomp-bpf"]
    got = scene.run(world, preload=[HASTE], patience_s=HANG_S, before=[
        "strace", "-f", "-o", log, "-e", f"trace={point.call}",
        "-e", f"inject={point.call}:{how[0]}:when={point.n}", *how[1:]])
    with open(log, encoding="utf-8", errors="replace") as f:
        said = f.read()
    return world, got, "(INJECTED)" in said or "killed by SIGKILL" in said


def judge(scene, point, got):
    if point.fault == "kill" and got.returncode == -9:
        return []
    if point.loading and (got.returncode in (127, 1) or got.returncode < 0):
        return []
    return scene.judge(got)


@undisturbed
def one(stage, point, folder):
    """The verdict on one broken call; None when it did not come."""
    try:
        world, got, came = break_call(stage, point, folder)
    except subprocess.TimeoutExpired:
        world, came, got = stage.begin(), True, subprocess.CompletedProcess([], 75, "", "")
        verdict = stage.end(world, stage.scene(point.scene), got)
        verdict.problems.append("it hangs")
        return verdict
    verdict = stage.end(world, stage.scene(point.scene), got)
    verdict.problems += judge(stage.scene(point.scene), point, got)
    return verdict if came or verdict.problems else None


def the_product(rig, stage):
    points = [p for name in SCENES for p in points_of(stage, name, rig.folder)]
    rig.say(f"{len(points)} calls that can go wrong")
    rig.dose = min(rig.dose, len(points))
    shift = rig.random.random()
    while rig.more():
        point = points[int((rig.counts["trials"] + shift) * len(points) / rig.dose)]
        verdict = one(stage, point, rig.folder)
        rig.add(trials=1)
        if not verdict:
            rig.add(not_reached=1)
            continue
        for problem in verdict.problems:
            rig.fault(f"{point}: {problem}")
        rig.add(lost=verdict.lost, twice=verdict.twice, in_doubt=verdict.in_doubt)
    rig.say(str(stage.known))
    if rig.counts.get("not reached", 0) * 5 > rig.counts["trials"]:
        rig.fault("one of five calls was not broken: the rig does not work")
    rig.ok(not rig.faults, f"{rig.counts['trials']} broken calls: nothing is lost or comes twice, statuses as documented")


def hunt(rig, sink, name, scene, fault, bug):
    """A mutant has to be found by some point of this scene."""
    stage = Stage(os.path.join(rig.folder, f"{name}-{scene}"), sink, mutant(name))
    points = [p for p in points_of(stage, scene, rig.folder) if p.fault == fault and p.call in MUTANT_CALLS]
    rig.random.shuffle(points)
    found = None
    for tried, point in enumerate(points, 1):
        verdict = one(stage, point, rig.folder)
        if verdict and verdict.problems:
            found = f"at the {tried}. point, {point}: {verdict.problems[0]}"
            break
    rig.say(f"{name}: {found or 'not found'}")
    rig.ok(found, f"a seeded bug is found: {bug}")
    shutil.rmtree(os.path.join(rig.folder, f"{name}-{scene}"))


def main():
    with Rig(small=120, full=10**9, folder=MEMORY) as rig:
        sink = Sink(os.path.join(rig.folder, "sink.log"))
        the_product(rig, Stage(os.path.join(rig.folder, "product"), sink, BUILD))
        hunt(rig, sink, "no_fence", "tick", "kill", "no fence, and killed")
        hunt(rig, sink, "late_fence", "tick", "kill", "a fence after the last chunk, and killed")
        hunt(rig, sink, "deaf_commit", "tick", "EIO", "a tick that takes a failed commit for done")
        hunt(rig, sink, "deaf_commit", "import", "EIO", "an import that takes a failed commit for done")
        sink.stop()
        return rig.end()


if __name__ == "__main__":
    sys.exit(main())
