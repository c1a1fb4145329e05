#!/usr/bin/env python3
"""How many branches of each folder the tests take, beside what each has to reach.

    coverage.py clear BUILD              begins at zero
    coverage.py report BUILD [PATH]...   the table of what was counted since then, 1: a goal is not reached; with files or
                                         folders: their branches not taken

BUILD is a build with COV=1. Assertions (BUG_ON, and an `if` that does nothing but BUG) are left out: that their other
side is never taken is what they say. So is the way past a switch that has a case for each value and no default: only the
compiler makes it; and the end of a search behind which stands a BUG, because what it searches is there. gcovr counts the rest.

What counts: every process that ends by itself, also by _exit() (tests/coverage.c) or exec, in a root directory of its own too
(tests/server/lib.bash). What a process counted that is killed is lost, so that the figures are lower bounds.
"""
import collections
import itertools
import json
import os
import re
import subprocess
import sys

GOALS = dict.fromkeys(("model", "format", "engine", "tick", "inbox", "people", "apply", "operate", "rehearse"), 95)
GOAL_OF_OTHERS = 85
ASSERTION = re.compile(r"\s*(BUG_ON|_Static_assert)\(")
BUG = re.compile(r"\s*BUG\(")
CONTINUED = re.compile(r"(\|\||&&)\s*$")


def counters(build):
    for top in ("lib", "cmd"):
        for folder, _, names in os.walk(os.path.join(build, top)):
            for name in names:
                if name.endswith(".gcno"):
                    yield os.path.join(folder, name[:-len("gcno")] + "gcda")


def clear(build):
    """Empty files rather than none: programs that run as somebody else, in tests of who may what, can write to them."""
    for path in counters(build):
        with open(path, "w"):
            pass
        os.chmod(path, 0o666)


def counted(build):
    for path in counters(build):
        if os.path.exists(path) and os.path.getsize(path) == 0:
            os.unlink(path)
    out = os.path.join(build, "coverage.json")
    subprocess.run(["gcovr", "-r", ".", "-f", "lib/", "-f", "cmd/", "--json", out, build + "/lib", build + "/cmd"],
                   check=True, stderr=subprocess.DEVNULL)
    with open(out) as file:
        return json.load(file)["files"]


def is_assertion(source, number):
    """Also of a condition over several lines."""
    line, last = source[number - 1], number
    if ASSERTION.match(line):
        return True
    while last < len(source) and source[last - 1].rstrip().endswith(("||", "&&")):
        last += 1
    return ("if (" in line or last > number or CONTINUED.search(source[number - 2])) and last < len(source) and BUG.match(source[last])


def ways_of_switch(source, number):
    """How many ways the switch that begins in this line names; 0: it has a default, or none begins here."""
    line = source[number - 1]
    end = line[:len(line) - len(line.lstrip())] + "}"
    body = list(itertools.takewhile(end.__ne__, source[number:]))
    if "switch (" not in line or any("default:" in text for text in body):
        return 0
    cases = [text.startswith(end[:-1] + "case ") for text in body]
    return sum(case and not after for case, after in zip(cases, cases[1:] + [False]))


def must_find(source, number):
    """Whether a loop begins in this line whose end is a bug: it searches what is there."""
    line = source[number - 1]
    indent = line[:len(line) - len(line.lstrip())]
    behind = next((text for text in source[number:] if text.strip() and not text.startswith((indent + "\t", indent + "}"))), "")
    return line.lstrip().startswith(("for (", "while (")) and behind.startswith(indent) and BUG.match(behind)


def branches(file):
    """(number of the line, its text, taken, all) of each line that branches."""
    with open(file["file"]) as text:
        source = text.read().splitlines()
    for line in file["lines"]:
        ways = [way["count"] > 0 for way in line["branches"]]
        if False in ways and len(ways) > ways_of_switch(source, line["line_number"]) > 0:
            ways.remove(False)
        if False in ways and must_find(source, line["line_number"]):
            ways.remove(False)
        if ways and not is_assertion(source, line["line_number"]):
            yield line["line_number"], source[line["line_number"] - 1].strip(), sum(ways), len(ways)


def folder_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "lib" else "cmd"


def table(files):
    taken, all_of = collections.Counter(), collections.Counter()
    for file in files:
        for _, _, n, of in branches(file):
            taken[folder_of(file["file"])] += n
            all_of[folder_of(file["file"])] += of
    missed = 0
    print("%-10s %8s %8s %8s %8s" % ("folder", "branches", "taken", "percent", "goal"))
    for folder in sorted(all_of, key=lambda name: (-GOALS.get(name, GOAL_OF_OTHERS), name)):
        percent, goal = 100 * taken[folder] / all_of[folder], GOALS.get(folder, GOAL_OF_OTHERS)
        missed += percent < goal
        print("%-10s %8d %8d %8.1f %8d%s" % (folder, all_of[folder], taken[folder], percent, goal,
                                             "  missed" if percent < goal else ""))
    print("%-10s %8d %8d %8.1f" % ("all", all_of.total(), taken.total(), 100 * taken.total() / all_of.total()))
    return missed


def not_taken(files, paths):
    for file in files:
        if not any(file["file"] == path or file["file"].startswith(path.rstrip("/") + "/") for path in paths):
            continue
        for number, text, n, of in branches(file):
            if n < of:
                print("%s:%d: %d of %d: %s" % (file["file"], number, n, of, text))


def main(verb, build, *paths):
    if verb == "clear":
        clear(build)
        return 0
    files = counted(build)
    if not paths:
        return 1 if table(files) else 0
    not_taken(files, paths)
    return 0


if len(sys.argv) < 3 or sys.argv[1] not in ("clear", "report"):
    sys.exit(__doc__)
sys.exit(main(*sys.argv[1:]))
