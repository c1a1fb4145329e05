#!/usr/bin/python3
"""terminal.py COLUMNS ANSWER COMMAND: runs a shell command on a terminal of its own, which is this wide and does not
echo; ANSWER and a newline are typed. Prints what the terminal gets; the status is the command's.

The command is not the leader of its session: when a leader ends, the kernel hangs its terminal up, and what nobody
has read yet may be gone. The leader lives until all is read."""
import fcntl
import os
import select
import struct
import sys
import termios


def open_terminal(columns):
    """Both ends: ours, theirs."""
    ours, theirs = os.openpty()
    settings = termios.tcgetattr(theirs)
    settings[1] &= ~termios.OPOST
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    return ours, theirs


def lead(theirs, ended, command):
    """The leader: says on `ended` how the command ended, and waits to be ended itself."""
    os.setsid()
    fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
    pid = os.fork()
    if pid == 0:
        for fd in range(3):
            os.dup2(theirs, fd)
        os.execvp("bash", ["bash", "-c", command])
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(ended, struct.pack("i", status))
    os.read(0, 1)


def copy_until(ours, ended):
    """What the terminal gets goes to standard output until the command has ended; its status."""
    while True:
        ready = select.select([ours, ended], [], [])[0]
        if ours in ready:
            os.write(1, os.read(ours, 65536))
        elif ended in ready:
            return struct.unpack("i", os.read(ended, 4))[0]


def main():
    columns, answer, command = sys.argv[1:]
    ours, theirs = open_terminal(int(columns))
    stay, leave = os.pipe()
    ended, say = os.pipe()
    leader = os.fork()
    if leader == 0:
        os.close(ours)
        os.close(leave)
        os.dup2(stay, 0)
        lead(theirs, say, command)
        os._exit(0)
    os.write(ours, answer.encode() + b"\n")
    status = copy_until(ours, ended)
    os.set_blocking(ours, False)
    try:
        while True:
            os.write(1, os.read(ours, 65536))
    except BlockingIOError:
        pass
    os.close(leave)
    os.waitpid(leader, 0)
    sys.exit(status)


main()
