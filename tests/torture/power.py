#!/usr/bin/python3 -B
"""Power cuts at any point of a recorded history: what is found is whole, knows all that was acknowledged, and the next
tick neither repeats nor loses a mail (B1 B12). A trial is a cut. The program is power.c.
"""

import sys

from rig.linked import main

sys.exit(main("nothing that was acknowledged is lost when the power goes, and nothing is sent twice", 600, 100000, [
    ("normal", 300, "synchronous=NORMAL forgets what was acknowledged"),
    ("lying", 100, "a disk that lies about its syncs is damaged"),
]))
