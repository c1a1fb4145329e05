"""What a mail says to readers that are not ours (Python's email package, GMime, Python's HTML parser), and whether it is
what it has to be for the person that it is to."""

import html.parser
import json
import os
import subprocess
import sys

from rig.trials import BUILD, TOP

HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "MIME-Version"]
PARTS = ["multipart/alternative", "text/plain", "text/html"]
SUBJECT = "Mail {serial}: {company} for {first_name}"
TEXT = "1 {first_name}\n2 {company}\n3 {note}\n"
HTML = '<p title="{company}">{first_name}</p><p>{note}</p>'
SMTPUTF8_DEFECTS = {"local-part contains non-ASCII characters)", "Non-ASCII characters found in header token"}  # RFC 6532 allows them
LINE_MAX = 998  # RFC 5322 2.1.1
READERS = [[sys.executable, "-B", os.path.join(TOP, "tests/tools/mime_read.py")], [os.path.join(BUILD, "tests/mime_gmime")]]


def liquid(pattern):
    for name in ("serial", "company", "first_name", "note"):
        pattern = pattern.replace("{%s}" % name, "{{ contact.%s }}" % name)
    return pattern


def squeezed(text):
    return " ".join(text.split())


def bad_bytes(content):
    """What no server may be given: anything that one of them could take for the end of a mail."""
    rest = content.replace(b"\r\n", b"")
    if b"\r" in rest or b"\n" in rest or b"\0" in rest:
        return "a bare CR, LF or NUL"
    if any(len(line) > LINE_MAX for line in content.split(b"\r\n")):
        return "a line that is too long"
    return None


class Page(html.parser.HTMLParser):
    """Elements with the names of their attributes, and all values and texts."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.shape, self.values = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.shape.append((tag, [name for name, _ in attrs]))
        self.values += [value or "" for _, value in attrs]

    def handle_endtag(self, tag):
        self.shape.append("/" + tag)

    def handle_comment(self, data):
        self.shape.append("comment")

    def handle_decl(self, decl):
        self.shape.append("declaration")

    def handle_data(self, data):
        if self.values and self.shape and self.shape[-1] == "text":
            self.values[-1] += data
        else:
            self.shape.append("text")
            self.values.append(data)


SHAPE = [("p", ["title"]), "text", "/p", ("p", []), "text", "/p"]


def bad_page(text, fields):
    page = Page(text)
    if page.shape != SHAPE:
        return f"HTML that is {page.shape}"
    want = [squeezed(fields[name]) for name in ("company", "first_name", "note")]
    got = [squeezed(value) for value in page.values]
    return None if got == want else f"HTML that says {got}"


def bad_reading(read, rcpt, fields):
    """What is wrong with what a reader said, in words; None: nothing."""
    if not read:
        return "a mail that cannot be read"
    if set(read.get("defects", [])) - (set() if rcpt.isascii() else SMTPUTF8_DEFECTS):
        return f"defects: {read['defects']}"
    if read["headers"] != HEADERS:
        return f"headers {read['headers']}"
    if [part["type"] for part in read["parts"]] != PARTS:
        return f"parts {[part['type'] for part in read['parts']]}"
    if rcpt.startswith('"') and read.get("to") == ["", ""]:
        return None  # what Python says to some quoted addresses; GMime reads them
    if read.get("to", [])[1:] != [rcpt]:
        return f"To {read.get('to')}"
    if squeezed(read["to"][0]) != squeezed(fields["first_name"] + " " + fields["last_name"]):
        return f"To the name {read['to'][0]!r}"
    if squeezed(read["subject"]) != squeezed(SUBJECT.format(**fields)):
        return f"subject {read['subject']!r}"
    text, page = (bytes.fromhex(part["content"]).decode(errors="replace") for part in read["parts"][1:])
    if squeezed(text) != squeezed(TEXT.format(**fields)):
        return f"text {text!r}"
    return bad_page(page, fields)


def ask(reader, paths):
    """What it said of each; None when it failed."""
    got = subprocess.run([*reader, *paths], capture_output=True, text=True, errors="replace", check=False)
    lines = got.stdout.rstrip("\n").split("\n")
    if got.returncode == 0 and len(lines) == len(paths):
        return [json.loads(line) for line in lines]
    print(f"# {reader[-1]}: status {got.returncode}, {len(lines)} lines of {len(paths)} mails: {got.stderr[-300:]}", flush=True)
    return None


def read_back(paths):
    """For each path what each reader said of it; None where it failed."""
    answers = [ask(reader, paths) or [(ask(reader, [path]) or [None])[0] for path in paths] for reader in READERS]
    return list(zip(*answers))
