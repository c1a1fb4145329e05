#!/usr/bin/python3
"""terminal.py COLUMNS ANSWER COMMAND: runs a shell command on a terminal of its own, which is this wide and does not
echo; ANSWER and a newline are typed. Prints what the terminal gets; the status is the command's."""
import fcntl
import os
import struct
import sys
import termios

columns, answer, command = sys.argv[1:]
ours, theirs = os.openpty()
settings = termios.tcgetattr(theirs)
settings[1] &= ~termios.OPOST
settings[3] &= ~termios.ECHO
termios.tcsetattr(theirs, termios.TCSANOW, settings)
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
pid = os.fork()
if pid == 0:
    os.close(ours)
    os.setsid()
    fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(theirs, fd)
    os.execvp("bash", ["bash", "-c", command])
os.close(theirs)
os.write(ours, answer.encode() + b"\n")
while True:
    try:
        data = os.read(ours, 65536)
    except OSError:
        break
    if not data:
        break
    os.write(1, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
