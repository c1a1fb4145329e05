#!/usr/bin/python3 -B
"""Storage that fails: bytes of the database are changed, the disk is full after any number of writes, the file system
is one of the network (B1 B12). A trial is a byte; the disks that are full come before, as many as a tick has writes. The
program is storage.c.
"""

import sys

from rig.linked import main

# The same bytes each time unless told otherwise: some one in ten thousand is not seen (README.md), and a test that fails
# now and then is no test.
if "--seed" not in sys.argv:
    sys.argv += ["--seed", "4242"]

sys.exit(main("what is damaged is told or does not matter, what the disk has no room for goes later", 250, 10000, [
    ("nocheck", 600, "an address in the row is not compared with its index"),
    ("nofence", 1, "no fence, and no room for the answer"),
    ("nostatfs", 1, "nobody asks which file system it is"),
    ("address", 1, "a wrong address goes unseen"),
]))
