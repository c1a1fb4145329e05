"""What a broken run has left behind, and the verdicts on it. Most trials end like one before them, in the same bytes; clean
runs would only do the same once more. They do so for each 20th all the same.
"""

import copy
import hashlib
import os

AGAIN = 20


def left_behind(world, sink):
    """A digest of the database with its log and of what the server took. SQLite makes the -shm file anew."""
    digest = hashlib.sha256()
    for name in sorted(os.listdir(world.folder)):
        if not name.endswith("-shm"):
            with open(os.path.join(world.folder, name), "rb") as f:
                digest.update(f"{name} {os.fstat(f.fileno()).st_size}\n".encode() + f.read())
    sink.calm_down()
    taken = sorted((m["rcpt"], m["subject"], m["message_id"]) for m in sink.accepted())
    digest.update(repr(taken).encode())
    return digest.hexdigest()


class Known:
    """The good verdicts so far."""

    def __init__(self):
        self.verdicts, self.asked = {}, 0

    def verdict(self, outcome, judge):
        """The verdict on this outcome: that of one before, or what judge() says."""
        self.asked += 1
        if outcome in self.verdicts and self.asked % AGAIN:
            return copy.deepcopy(self.verdicts[outcome])
        verdict = judge()
        if not verdict.problems:
            self.verdicts[outcome] = copy.deepcopy(verdict)
        return verdict

    def __str__(self):
        return f"{len(self.verdicts)} different outcomes of {self.asked} runs"
