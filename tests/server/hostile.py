#!/usr/bin/python3
"""Hostile texts and names for tests/server/hostile.bats.

hostile.py write PORT FOLDER    text-*.yaml: a pipeline each with a text that tries to smuggle a second mail; people.jsonl:
                                people whose fields try to be more than data; prints person and name as JSON Lines
hostile.py smuggle PORT         a mail with a bare LF in it, as a careless sender lets it through
hostile.py read MAILDIR WANTED  each mail as Python's email reads it: one recipient, who is ours and not a victim, and
                                no header but ours and the server's; the name is what was given
"""
import email
import email.policy
import itertools
import json
import os
import socket
import sys
import urllib.parse

ENDS = ["\r\n", "\n", "\r", "\r\r\n", "\n\r", "\0", "\r\0\n"]
SMUGGLED = "MAIL FROM:<ceo@victim.test>{0}RCPT TO:<victim@example.test>{0}DATA{0}Subject: smuggled{0}{0}hello{0}.{0}"
NAMES = ["Anna", '"Anna" <evil@victim.test>,', "Anna, Bob", "=?utf-8?q?x=0d=0aBcc:_evil=40victim.test?=", "x\r\nBcc: evil@victim.test",
         "x\nBcc: evil@victim.test", "x\rBcc: evil@victim.test", "%0d%0aBcc: evil@victim.test", "x\u2028Bcc: evil@victim.test",
         "x\u0085Bcc: evil@victim.test", "{{ contact.email }}", "<script>alert(1)</script>", "Zoë " + "Ångström " * 40, "山田" * 200,
         ".", "..", ".\r\n.", "From me", "a" * 998, "a " * 600, "()<>@,;:\\\"[]", "\x00", "\ud83d\ude00 \u202eabc", "=?us-ascii?q??=",
         "undisclosed-recipients:;", "RCPT TO:<victim@example.test>", "DATA", "=0A=0D.=0A=0D"]
LOCALS = ["plain", "a'b", "a+b", "a=b", '"a b"', '"a\\"b"', "a%b!c", "rcpt.to", '"x>\\ <victim"', "{{x}}", "-a", "a?b"]
OURS = {"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        "Auto-Submitted", "Precedence", "Return-Path", "Delivered-To", "X-Original-To", "Received"}

MAILBOX = """kind: Mailbox
name: hello
from: Hello <hello@example.test>
smtp: {url: 'smtp://127.0.0.1:%s', tls: none}
---
kind: Pipeline
name: names
mailbox: hello
enroll: {new_contacts: true}
steps:
  - email: {subject: "Hi {{ contact.first_name }}", text: "{{ contact.first_name }}\\n.\\n{{ contact.company }}", html: "<p title='{{ contact.company }}'>{{ contact.first_name }}"}
"""


def yaml_text(text):
    """A double-quoted scalar of YAML."""
    return '"' + "".join(f"\\x{ord(c):02x}" if ord(c) < 32 or c in '"\\' else c for c in text) + '"'


def text_yaml(number, text):
    """Pipelines that send a text: as it stands, as filters make it, and that in the subject, too."""
    made = yaml_text('{{ "' + urllib.parse.quote(text) + '" | url_decode }}')
    for kind, subject, body in (("plain", "plain", yaml_text(text)), ("made", "made", made), ("subject", made, "hello")):
        yield (f"kind: Pipeline\nname: {kind}-{number}\nmailbox: hello\nenroll: {{new_contacts: true, if: {{tag: reader}}}}\nsteps:\n"
               f"  - email: {{subject: {subject}, text: {body}}}\n")


def write(port, folder):
    with open(f"{folder}/text-000.yaml", "w", encoding="utf-8") as file:
        file.write(MAILBOX % port)
    for i, (before, after) in enumerate(itertools.product(ENDS, ENDS), 1):
        text = "Hello" + before + "." + after + SMUGGLED.format(after) + before + "." + after
        for j, yaml in enumerate(text_yaml(i, text)):
            with open(f"{folder}/text-{i:03}-{j}.yaml", "w", encoding="utf-8") as file:
                file.write(yaml)
    with open(f"{folder}/people.jsonl", "w", encoding="utf-8") as file:
        for i, name in enumerate(NAMES):
            address = f"p{i}@example.test" if i >= len(LOCALS) else f"{LOCALS[i]}@example.test"
            file.write(json.dumps({"email": address, "first_name": name, "company": name, "tags": ["reader"] * (i < 3)}) + "\n")
            print(json.dumps({"email": address, "name": name}))


def without_blanks(text):
    """Python's email leaves the blanks between encoded words in a name (RFC 2047 6.2: they are not shown)."""
    return "".join(text.split())


def problems(mail, wanted):
    """What is wrong with a mail, as texts."""
    names = [name for name, _ in mail.items()]
    for name in names:
        if name not in OURS or name != "Received" and names.count(name) > 1:
            yield f"header {name}"
    if mail.defects or any(part.defects for part in mail.walk()):
        yield f"defects {mail.defects}"
    if "victim" in (mail["Return-Path"] or "") or mail["Delivered-To"] == "victim@example.test":
        yield "it went to or came from a victim"
    if not mail["To"] or len(mail["To"].addresses) != 1 or mail["To"].addresses[0].addr_spec not in wanted:
        yield f"To: {mail['To']}"
    elif without_blanks(mail["To"].addresses[0].display_name) != without_blanks(wanted[mail["To"].addresses[0].addr_spec]):
        yield f"To: {mail['To'].addresses[0].display_name!r}"
    if mail["From"] != "Hello <hello@example.test>":
        yield f"From: {mail['From']}"


def read(maildir, wanted_file):
    with open(wanted_file, encoding="utf-8") as file:
        wanted = {row["email"]: row["name"] for row in map(json.loads, file)}
    status = 0
    for name in sorted(os.listdir(maildir)):
        with open(f"{maildir}/{name}", "rb") as file:
            mail = email.message_from_binary_file(file, policy=email.policy.default)
        for problem in problems(mail, wanted):
            print(f"{name}: {mail['Subject']!r:.60}: {problem:.100}")
            status = 1
    return status


def smuggle(port):
    """What a sender does that lets a bare LF through: its one mail is two for such a server."""
    with socket.create_connection(("127.0.0.1", int(port))) as server, server.makefile("rwb") as file:
        for line in (b"", b"EHLO x.test", b"MAIL FROM:<hello@example.test>", b"RCPT TO:<plain@example.test>", b"DATA",
                     b"Subject: one\r\n\r\nHello\n.\r\n" + SMUGGLED.format("\r\n").encode(), b"QUIT"):
            file.write(line + b"\r\n" if line else b"")
            file.flush()
            while file.readline()[3:4] == b"-":
                pass
        file.read()


if sys.argv[1] == "write":
    write(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "smuggle":
    smuggle(sys.argv[2])
else:
    sys.exit(read(sys.argv[2], sys.argv[3]))
