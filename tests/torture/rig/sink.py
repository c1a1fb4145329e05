"""The SMTP server that the rigs send to: tests/tools/smtp_sink.c, with its log on the disk before it answers."""

import json
import os
import socket
import subprocess

from rig.trials import BUILD


class Sink:
    """One running server; `options` are its own (see there)."""

    def __init__(self, log, *options):
        self.log = log
        words = [os.path.join(BUILD, "tests/smtp_sink"), "--until-eof", "--sync", "--log", log, *options]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.url = f"smtp://127.0.0.1:{self.port}"

    def forget(self):
        """Begins the log anew."""
        os.truncate(self.log, 0)

    def calm_down(self):
        """Waits until what others sent is in the log, though they be dead: with our second answer a round is over."""
        with socket.create_connection(("127.0.0.1", self.port)) as other, other.makefile("rwb", buffering=0) as talk:
            talk.readline()
            talk.write(b"QUIT\r\n")
            talk.readline()

    def accepted(self):
        """All that was taken: dicts with message_id, rcpt, subject."""
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return [json.loads(line) for line in f]

    def stop(self):
        """Returns what it counted: a dict with mail, rcpt, data, ..."""
        self.process.stdin.close()
        counts = json.loads(self.process.stdout.readline())
        self.process.wait()
        self.process.stdout.close()
        return counts
