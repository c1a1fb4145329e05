#!/usr/bin/python3
"""Prints how Python's email package reads e-mails: for each file named a line of JSON, as mime_gmime does."""
import email
import email.header
import email.policy
import email.utils
import json
import sys

POLICY = email.policy.default


def mailboxes(message, name):
    """Names by the older interface: the newer one leaves a blank between two encoded words of a name."""
    result = []
    for display_name, address in email.utils.getaddresses([raw_header(message, name)]):
        result += [str(email.header.make_header(email.header.decode_header(display_name))), address]
    return result


def raw_header(message, name):
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            return "".join(value.splitlines()).strip()
    return None


def read_part(part):
    result = {"type": part.get_content_type()}
    if not part.is_multipart():
        result["charset"] = part.get_param("charset")
        result["filename"] = part.get_filename()
        result["content"] = part.get_payload(decode=True).hex()
    return result


def read_message(path):
    with open(path, "rb") as f:
        message = email.message_from_bytes(f.read(), policy=POLICY)
    result = {}
    for key, name in (("from", "From"), ("to", "To"), ("reply_to", "Reply-To")):
        if name in message:
            result[key] = mailboxes(message, name)
    result["subject"] = str(message["Subject"])
    date = message["Date"].datetime
    result["date"] = int(date.timestamp())
    result["zone"] = int(date.utcoffset().total_seconds()) // 60
    result["message_id"] = str(message["Message-ID"]).strip("<>")
    for key, name in (("in_reply_to", "In-Reply-To"), ("references", "References"), ("unsubscribe", "List-Unsubscribe")):
        if name in message:
            result[key] = raw_header(message, name)
    result["headers"] = [name for name in message.keys() if not name.lower().startswith("content-")]
    result["parts"] = [read_part(part) for part in message.walk()]
    defects = [str(d) for part in message.walk() for d in part.defects]
    defects += [str(d) for name in message.keys() for d in message[name].defects]
    if defects:
        result["defects"] = defects
    return result


for path in sys.argv[1:]:
    print(json.dumps(read_message(path), ensure_ascii=False))
