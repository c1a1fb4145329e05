#!/usr/bin/python3
"""mail_headers.py FILE...: each mail as Python's email reads it, one line each: recipient, name, subject and texts, divided
by tabs. Ends with 1 when a mail has a defect, more than one sender or recipient, or a header that pipewright never
writes."""
import email
import email.policy
import sys

OURS = {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Unsubscribe",
        "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Reply-To",
        "Auto-Submitted", "Precedence"}
status = 0
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        data = file.read()
    mail = email.message_from_bytes(data, policy=email.policy.default)
    headers = mail.items()
    for name, value in headers:
        if name not in OURS or value.defects or [n for n, _ in headers].count(name) > 1:
            print(f"{path}: {name}: {value!r} {value.defects}", file=sys.stderr)
            status = 1
    head = data.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    if any(byte < 32 and byte not in (9, 10) or byte > 126 for byte in head):
        print(f"{path}: bytes in the header that are not ASCII", file=sys.stderr)
        status = 1
    if len(mail["To"].addresses) != 1 or len(mail["From"].addresses) != 1:
        print(f"{path}: To: {mail['To']!r} From: {mail['From']!r}", file=sys.stderr)
        status = 1
    texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    if mail.defects or any(part.defects for part in mail.walk()):
        print(f"{path}: {mail.defects}", file=sys.stderr)
        status = 1
    to = mail["To"].addresses[0]
    print(to.addr_spec, to.display_name, mail["Subject"], *[text.replace("\n", " ") for text in texts], sep="\t")
sys.exit(status)
