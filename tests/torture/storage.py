#!/usr/bin/python3 -B
"""Storage that fails: bytes of the database are changed, the disk is full after any number of writes, the file system
is one of the network (B1 B12). A trial is a byte; the disks that are full come before, as many as a tick has writes. The
program is storage.c.
"""

import sys

from rig.linked import main

sys.exit(main("what is damaged is told or does not matter, what the disk has no room for goes later", 250, 10000, [
    ("nosum", 600, "a page is not compared with its sum"),
    ("nocheck", 600, "nor an address in its row with the index"),
    ("nofence", 1, "no fence, and no room for the answer"),
    ("nostatfs", 1, "nobody asks which file system it is"),
    ("address", 1, "a wrong address goes unseen"),
]))
