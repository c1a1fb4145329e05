#!/usr/bin/env python3
"""Submits one small mail by Python's smtplib: a client that is not ours, to try the servers of the tests.

usage: submit.py PORT [CA_FILE USER PASSWORD]
Prints the extensions that the server offers. Exit 0: accepted; 67: AUTH refused; 1: anything else.
"""
import smtplib
import ssl
import sys

MAIL = "From: a@example.test\nTo: b@example.test\nSubject: harness\n\nhello\n"


def main(port, ca_file=None, user=None, password=None):
    server = smtplib.SMTP(timeout=20)
    server.connect("127.0.0.1", int(port))
    server.ehlo("client.test")
    if ca_file:
        server._host = "mx.test"  # the name that the certificate must have
        server.starttls(context=ssl.create_default_context(cafile=ca_file))
        server.ehlo("client.test")
        server.login(user, password)
    print(*server.esmtp_features)
    server.sendmail("a@example.test", ["b@example.test"], MAIL)
    server.quit()


try:
    main(*sys.argv[1:])
except smtplib.SMTPAuthenticationError as why:
    print(why, file=sys.stderr)
    sys.exit(67)
except (OSError, smtplib.SMTPException) as why:
    print(type(why).__name__, why, file=sys.stderr)
    sys.exit(1)
