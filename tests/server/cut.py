#!/usr/bin/env python3
"""Passes one connection after the other on to a server, and closes each when so many bytes came from the server.

cut.py LISTEN-PORT SERVER-PORT BYTES
"""
import select
import socket
import sys

listen, server, left = map(int, sys.argv[1:])
door = socket.create_server(('127.0.0.1', listen))
while True:
    client, _ = door.accept()
    inner = socket.create_connection(('127.0.0.1', server))
    passed = 0
    while passed < left:
        ready, _, _ = select.select([client, inner], [], [])
        data = ready[0].recv(left - passed if ready[0] is inner else 65536)
        if not data:
            break
        if ready[0] is inner:
            passed += len(data)
            client.sendall(data)
        else:
            inner.sendall(data)
    client.close()
    inner.close()
