"""What comes back by mail, whatever a person at a desk does about it, and what is forgotten after years; commands on that."""

import os
from email.message import EmailMessage

from rig.commands import Command, contactctl, pipectl, taskctl
from rig.world import HOUR

DAY = 24 * HOUR

DOCUMENTS = """
kind: Mailbox
name: hello
from: Hello <hello@example.com>
maildir: out
inbox: {maildir: in}
---
kind: Mailbox
name: broken
from: Broken <broken@example.com>
maildir: out
inbox: {maildir: gone}
---
kind: Mailbox
name: dropped
from: Dropped <dropped@example.com>
maildir: out
inbox: drop
---
kind: Pipeline
name: asking
mailbox: hello
enroll: {when: {event: email.replied}}
steps: [{email: {subject: Thanks, text: x}}, {note: answered}]
---
kind: Pipeline
name: offering
mailbox: hello
steps: [{email: {subject: Offer, text: x}}, {email: {subject: Again, text: x}, after: 4 days}]
"""

PEOPLE = ["reply", "away", "bounce", "soft", "complaint", "unsubscribe", "colleague", "waiting"]


def letter(sender, subject, n, **headers):
    m = EmailMessage()
    m["From"], m["To"], m["Subject"], m["Message-ID"] = sender, "hello@example.com", subject, f"<answer-{n}@far.example>"
    for name, value in headers.items():
        m[name.replace("_", "-")] = value
    m.set_content("Yes, please.\n")
    return m.as_bytes()


def report(mail, who, n, kind, text):
    """A bounce, or a complaint, about one of our mails."""
    return (f"Return-Path: <>\nFrom: MAILER-DAEMON@far.example\nTo: hello@example.com\nSubject: About your mail\n"
            f"Message-ID: <answer-{n}@far.example>\nMIME-Version: 1.0\n"
            f"Content-Type: multipart/report; report-type={kind}; boundary=x\n\n"
            f"--x\nContent-Type: message/{kind}\n\n{text}\n\n"
            f"--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: {mail}\nTo: {who}\n\n--x--\n").encode()


def letters(mails):
    """`mails`: the Message-ID of the mail to each of PEOPLE."""
    def address(who):
        return who + "@example.org"

    def failed(who, status):
        return f"Final-Recipient: rfc822; {address(who)}\nAction: failed\nStatus: {status}"

    return [
        letter(address("reply"), "Re: Offer", 1, In_Reply_To=mails["reply"]),
        letter(address("away"), "Automatic reply: Offer", 2, In_Reply_To=mails["away"], Auto_Submitted="auto-replied"),
        report(mails["bounce"], address("bounce"), 3, "delivery-status", failed("bounce", "5.1.1")),
        report(mails["soft"], address("soft"), 4, "delivery-status", failed("soft", "4.2.2")),
        report(mails["complaint"], address("complaint"), 5, "feedback-report", "Feedback-Type: abuse"),
        letter(address("unsubscribe"), "unsubscribe " + mails["unsubscribe"].strip("<>"), 6),
        letter("boss@elsewhere.example", "Re: Offer", 7, References=mails["colleague"]),
        letter("stranger@nowhere.example", "Buy this", 8),
        report("<nothing@of.ours>", address("nobody"), 9, "delivery-status", failed("nobody", "5.1.1")),
        letter(address("waiting"), "Re: Lunch", 10, In_Reply_To=mails["lunch"]),
    ]


def answer(world):
    """What comes after build(): mails, and an answer of each kind to them, not read yet."""
    for name in ("new", "cur", "tmp"):
        os.makedirs(os.path.join(world.folder, "in", name))
    world.must("pipectl", "apply", "-q", "-", stdin=DOCUMENTS)
    world.must("pipe-inbox", "--mailbox", "hello")
    for who in PEOPLE:
        world.must("contactctl", "add", "-q", who + "@example.org", "first_name=R", "--enroll", "offering")
    world.must("contactctl", "mail", "-q", "waiting@example.org", "-s", "Lunch", "-b", "notes.txt", "--mailbox", "hello",
               "--on-sent", "calls", "--on-reply", "slowly")
    world.must("taskctl", "add", "-q", "Look after it", "--contact", "soft@example.org", "--on-done", "offering")
    world.must("pipe-tick")
    sent = world.rows("SELECT rcpt_to, subject, message_id FROM message WHERE message_id <> '' ORDER BY id")
    mails = {rcpt.split("@")[0]: mid for rcpt, subject, mid in sent if subject == "Offer"}
    mails["lunch"] = next(mid for _, subject, mid in sent if subject == "Lunch")
    for n, text in enumerate(letters(mails)):
        with open(os.path.join(world.folder, "in", "new", f"{world.now}.{n}.far"), "wb") as f:
            f.write(text)
    world.must("contactctl", "mail", "-q", "away@example.org", "-s", "Not gone yet", "-b", "notes.txt")


def inbox(words="", **how):
    """It reads mail by mail, and goes on where it was."""
    return Command("pipe-inbox", words, chunks=True, **how)


def answered_commands(world):
    """On what answer() leaves: an inbox to be read, and mails written by hand."""
    task, = world.rows("SELECT CAST(max(id) AS TEXT) FROM task")[0]
    mail, = world.rows("SELECT CAST(min(id) AS TEXT) FROM message WHERE subject = 'Not gone yet'")[0]
    return [
        inbox(good=(78, 75), repeated=(78, 75)),
        inbox("-v --mailbox hello"),
        Command("pipe-inbox", "--mailbox nothing", good=(67,)),
        contactctl("mail reply@example.org -s Hello -b notes.txt"),
        contactctl("mail reply@example.org --template welcome --on-sent offering --on-reply asking"),
        contactctl("mail -n away@example.org --template welcome"),
        contactctl("mail away@example.org --template welcome --mailbox slow"),
        contactctl(f"message {mail}"), contactctl("activity waiting@example.org"), contactctl("delete -y away@example.org"),
        pipectl(f"hold {mail}"), pipectl(f"drop {mail}"), pipectl("queue"), pipectl("why waiting@example.org"),
        contactctl("record soft@example.org note Prefers-mornings"),
        contactctl("record soft@example.org call hello --outcome connected"),
        contactctl("record -n soft@example.org linkedin hi"),
        taskctl("list --mine --due today"), taskctl("list --due overdue"), taskctl("list --done --contact anna@example.org"),
        taskctl("list --to nobody", good=(67,)), taskctl(f"show {task}"), taskctl(f"done {task}"), taskctl(f"done -n {task} --outcome connected"),
        taskctl(f"snooze {task} +1w"), taskctl(f"snooze -n {task} +1w"), taskctl("add -n Write --contact soft@example.org"),
        taskctl("add Write --due +1d --type email"),
        pipectl("prune"), pipectl("prune -n"), pipectl("prune --events 1day --messages 1day", chunks=True),
        pipectl("stats"), pipectl("stats offering"), pipectl("events --type email.replied --json"),
    ]
