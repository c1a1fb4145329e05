#!/usr/bin/python3
"""transcript.py [--write] COLUMNS FILE: executes the commands of a transcript in one shell, on a terminal that is this
wide, and compares what they print. FILE is a text, or a manual page: then the displays of its section TUTORIAL.

A line that begins with "$ " is a command; the lines behind it, up to the next one, are its output. A here-document
belongs to its command. "..." stands for anything within a line. In a page a command that is shown without output may
print what it likes, but must succeed. --write puts the real output into a text."""
import difflib
import os
import re
import subprocess
import sys

MARK = "\036"


def of_page(text):
    section = re.search(r"^\.Sh TUTORIAL\n(.*?)(?=^\.Sh )", text, re.M | re.S).group(1)
    shown = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", section, re.M | re.S)
    text = "".join(part for part in shown if part.startswith("$ "))
    return text.replace("\\&", "").replace("\\(aq", "'").replace("\\e", "\\")


def parse(text):
    """[command, lines of output], each command with its here-document."""
    steps, end = [], None
    for line in text.splitlines():
        if end is not None:
            steps[-1][0] += "\n" + line
            end = None if line == end else end
        elif line.startswith("$ "):
            steps.append([line[2:], []])
            here = re.search(r"<<'(\w+)'", line)
            end = here and here.group(1)
        elif steps:
            steps[-1][1].append(line)
        else:
            sys.exit(f"'{line}' stands before the first command")
    return steps


def run(steps, columns):
    """[lines of output, status] of each command."""
    script = "".join(f"{command}\nprintf '{MARK}%d{MARK}' $?\n" for command, _ in steps)
    terminal = os.path.join(os.path.dirname(os.path.abspath(__file__)), "terminal.py")
    env = dict(os.environ, NO_COLOR="1", TERM="xterm")
    done = subprocess.run([sys.executable, terminal, columns, "", script], stdout=subprocess.PIPE, env=env, check=False)
    parts = done.stdout.decode().split(MARK)
    results = [[parts[i].splitlines(), int(parts[i + 1])] for i in range(0, len(parts) - 1, 2)]
    if len(results) != len(steps):
        sys.exit(f"only {len(results)} of {len(steps)} commands were executed:\n{done.stdout.decode()}")
    return results


def matches(expected, got):
    pattern = "\n".join(".*".join(map(re.escape, line.split("..."))) for line in expected)
    return re.fullmatch(pattern, "\n".join(got)) is not None


def main():
    write = sys.argv[1] == "--write"
    columns, path = sys.argv[2:] if write else sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    page = re.search(r"\.[1-8]$", path) is not None
    steps = parse(of_page(text) if page else text)
    results = run(steps, columns)
    if write:
        with open(path, "w", encoding="utf-8") as file:
            for (command, _), (got, _) in zip(steps, results):
                file.write("\n".join(["$ " + command, *got]) + "\n")
        return 0
    bad = 0
    for (command, expected), (got, status) in zip(steps, results):
        if page and not expected:
            wrong = status != 0
        else:
            wrong = not matches(expected, got)
        if wrong:
            bad += 1
            print(f"$ {command}\n(status {status})")
            print("\n".join(difflib.unified_diff(expected, got, "as written", "as it is", lineterm="", n=99)))
    print(f"{len(steps)} commands, {bad} wrong")
    return bad > 0 or not steps


sys.exit(main())
