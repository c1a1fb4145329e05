#!/usr/bin/python3 -B
"""Time: ticks that stand still while their lock is stolen, clocks that are set, machines that sleep or are off for two
weeks, the edges of summer time, ticks at once and ten in a row (B1 B2 B3 B13 B14). A trial is one of these, until all
mails are where they belong. The program is clock.c.
"""

import sys

from rig.linked import main

sys.exit(main("nothing goes twice or outside its hours, limits hold, nothing is lost", 150, 10000, [
    ("nolock", 600, "a lock that does not lock"),
    ("notoken", 1500, "a fence that does not look whose claim it is"),
    ("nohours", 600, "hours that are always open"),
    ("noguard", 600, "nobody looks whether the clock jumped"),
]))
