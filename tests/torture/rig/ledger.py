"""What the server took, against what the database says: nothing lost, nothing twice, what nobody can know is listed."""

import collections
import json
import re

NEVER_TAKEN = {"queued", "sending", "refused", "held", "dropped", "quarantined"}
OPEN_ENDS = {"queued", "sending", "offered"}


class Verdict:
    """How many mails were lost or came twice, how many are in doubt, and all that is wrong, in words."""

    def __init__(self):
        self.lost = self.twice = self.in_doubt = self.sent = self.quarantined = 0
        self.problems = []

    def lose(self, text):
        self.lost += 1
        self.problems.append("lost: " + text)

    def repeat(self, text):
        self.twice += 1
        self.problems.append("twice: " + text)


MESSAGES = ("SELECT m.message_id, m.state, m.rcpt_to, m.subject, r.status = 'blocked' AND r.reason <> ''"
            " FROM message m LEFT JOIN run r ON r.id = m.run")


def _compare_messages(v, messages, taken):
    for mid, state, rcpt, subject, blocked in messages:
        n = taken.pop(mid, 0)
        what = f"'{subject}' to {rcpt} is {state} and was taken {n} times"
        v.in_doubt += state == "in-doubt"
        v.sent += state == "sent"
        if state == "sent" and n == 0:
            v.lose(what)
        elif n > (state not in NEVER_TAKEN):
            v.repeat(what)
        elif state in OPEN_ENDS and not (state == "queued" and blocked):
            v.lose(what + ", and nothing goes on")
    for mid, n in taken.items():
        v.repeat(f"{mid} was taken {n} times and is not in the database")


def _compare_runs(v, world, mails):
    """Each run has come to an end that somebody is told."""
    for run, status, reason, sent in world.rows(
            "SELECT r.id, r.status, r.reason, (SELECT count(*) FROM message m WHERE m.run = r.id AND m.state = 'sent')"
            " FROM run r"):
        v.quarantined += reason == "quarantined"
        if status == "completed" and mails is not None and sent != mails:
            v.lose(f"run {run} is completed with {sent} of {mails} mails")
        if status in ("pending", "running") or (status == "blocked" and not reason):
            v.lose(f"run {run} is {status} and nothing of it waits")


def _compare_lists(v, world):
    """In-doubt ones are shown by the commands that people use."""
    here = {row[0] for row in world.rows("SELECT run FROM message WHERE state = 'in-doubt' AND run > 0")}
    shown = world.must("pipectl", "runs", "--reason", "in-doubt", "--json", "--limit", "1000000")
    listed = {json.loads(line)["id"] for line in shown.splitlines()}
    if listed != here:
        v.problems.append(f"in doubt: {len(here - listed)} are not listed, {len(listed - here)} are and should not be")


def _check_file(v, world):
    for pragma in ("PRAGMA quick_check", "PRAGMA foreign_key_check"):
        said = world.rows(pragma)
        if said not in ([("ok",)], []):
            v.problems.append(f"{pragma}: {said[:3]}")
    left = world.rows("SELECT count(*) FROM claim c JOIN message m ON m.id = c.message WHERE m.state <> 'in-doubt'")[0][0]
    if left:
        v.problems.append(f"{left} claims are left")
    got = world.run("pipectl", "check")
    doubts = re.search(r"in_doubt=(\d+)", got.stdout)
    if got.returncode > 2 or not doubts or int(doubts.group(1)) != v.in_doubt:
        v.problems.append(f"pipectl check: status {got.returncode}: {got.stdout}{got.stderr}")


def compare(world, sinks, mails=None):
    """After clean ticks have settled everything. `mails`: how many a completed run has sent (None: any number)."""
    v = Verdict()
    accepted = [m for sink in sinks for m in sink.accepted()]
    by_person = collections.Counter((m["rcpt"], m["subject"]) for m in accepted)
    for (rcpt, subject), n in by_person.items():
        if n > 1:
            v.repeat(f"{rcpt} got '{subject}' {n} times")
    taken = collections.Counter(m["message_id"].strip("<>") for m in accepted)
    known = v.twice
    _compare_messages(v, world.rows(MESSAGES), taken)
    v.twice = max(known, v.twice - known)
    _compare_runs(v, world, mails)
    _compare_lists(v, world)
    _check_file(v, world)
    return v
