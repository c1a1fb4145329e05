#!/usr/bin/env python3
"""A mail server that knows nobody: it refuses each recipient, full@ because the mailbox is full. refuse.py PORT

On 127.0.0.2: Postfix takes 127.0.0.1 for itself.
"""
import socketserver
import sys


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say('220 far.test ESMTP')
        for line in self.rfile:
            words = line.decode('latin-1').upper()
            if words.startswith('RCPT TO:<FULL@'):
                self.say('552 5.2.2 The mailbox is full')
            elif words.startswith('RCPT'):
                self.say('550 5.1.1 No such user')
            elif words.startswith('DATA'):
                self.say('554 5.5.1 No valid recipients')
            elif words.startswith('QUIT'):
                return self.say('221 2.0.0 Bye')
            else:
                self.say('250 2.0.0 Ok')

    def say(self, text):
        self.wfile.write(text.encode() + b'\r\n')


socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(('127.0.0.2', int(sys.argv[1])), Session).serve_forever()
