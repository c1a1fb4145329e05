"""How long a program may take. What counts is the time in which the rig was at work too: where the whole machine stands still
for a minute, nobody is late, and what came of it is no fault.
"""

import functools
import subprocess
import time

SLICE_S, STOP_S = 1, 10


class _Stops:
    seen = 0


def _output(process, said, patience_s):
    for _ in range(0, patience_s, SLICE_S):
        begun = time.monotonic()
        try:
            return process.communicate(said, timeout=SLICE_S)
        except subprocess.TimeoutExpired:
            said = None  # the process has it
        finally:
            _Stops.seen += time.monotonic() - begun > STOP_S
    raise subprocess.TimeoutExpired(process.args, patience_s)


def run(words, said, patience_s, **how):
    """subprocess.run() with its output as text. TimeoutExpired after patience_s seconds at work."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, text=True, errors="replace", **pipes, **how) as process:
        try:
            out, err = _output(process, said, patience_s)
        except BaseException:
            process.kill()
            raise
        return subprocess.CompletedProcess(words, process.returncode, out, err)


def undisturbed(trial):
    """Of a trial that gives a verdict: where the machine stood still and something is wrong, the same once more."""
    @functools.wraps(trial)
    def run_trial(*args):
        while True:
            before = _Stops.seen
            verdict = trial(*args)
            if _Stops.seen == before or not verdict or not verdict.problems:
                return verdict
    return run_trial
