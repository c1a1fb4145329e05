#!/usr/bin/python3 -B
"""Servers that misbehave, each in its own way and all in one tick: they hang up, refuse, fall silent, never end, let a byte
come now and then, strip TLS, show a wrong certificate. A trial is one such server. Each message has the state that it must
have; the mails of a good mailbox are out while the bad ones still keep the tick waiting; the tick ends in bounded time (its
clock is hastened: preload/haste.c); and when the servers work again everything arrives, nothing lost, nothing twice.
"""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

from rig.ledger import compare
from rig.sink import Sink
from rig.trials import BUILD, Rig, mutant
from rig.world import World

PEOPLE, GOOD_PEOPLE = 2, 20
BOUND_MS = 400 * 1000  # 50 s of claims, 10 s to offer what was begun, 5 minutes for the answer, some for ourselves
REAL_S = 120
BIG = 200_000

QUEUED, SENT, DOUBT, BLOCKED, BOUNCED = {"queued"}, {"sent"}, {"in-doubt"}, {"undeliverable"}, {"bounced"}
OPEN, BACKOFF, AUTH, SETTINGS, RESTS = {""}, {"backoff"}, {"auth"}, {"settings"}, {"", "backoff", "settings"}
BEFORE_DOT = ["mail", "rcpt", "data"]


def cases():
    """name: (options of the sink, what the messages become, why the lane rests, the mailbox's own lines)"""
    all_of = {"good-slow": (["--reply-ms", "3", "--dot-ms", "10"], SENT, OPEN, "")}

    def add(name, options, states, lanes, mailbox=""):
        all_of[name.replace("_", "-")] = (options, states, lanes, mailbox)

    login = "user: anna, password_file: secret, "
    for phase in ["connect", "ehlo"]:
        for how in ["drop", "silent", "drip", "endless"]:
            add(f"{how}_{phase}", [f"--{how}", phase], QUEUED, BACKOFF | SETTINGS)
    for phase in BEFORE_DOT:
        for how in ["drop", "silent", "drip", "endless", "long"]:
            add(f"{how}_{phase}", [f"--{how}", phase], QUEUED | (SENT if how == "long" else set()), RESTS)
        add(f"421_{phase}", ["--refuse", f"{phase}=421 4.3.0 going down"], QUEUED, RESTS)
        add(f"450_{phase}", ["--refuse", f"{phase}=450 4.2.0 not now"], QUEUED, RESTS)
    for how in ["drop", "silent", "drip", "endless"]:
        # One that keeps the first mail waiting until the tick has to end is given no second one.
        add(f"{how}_dot", [f"--{how}", "dot"], DOUBT | (QUEUED if how in ("silent", "drip") else set()), RESTS)
        add(f"{how}_content", [f"--{how}", "content"], DOUBT | QUEUED, RESTS)
        add(f"{how}_quit", [f"--{how}", "quit"], SENT, OPEN)
        add(f"{how}_rset", [f"--{how}", "rset", "--refuse", "rcpt/p0=550 5.1.1 nobody"], BOUNCED | SENT | QUEUED, RESTS)
        add(f"{how}_auth", ["--auth", "anna:right", f"--{how}", "auth"], QUEUED, RESTS, login)
    add("long_dot", ["--long", "dot"], SENT | DOUBT, RESTS)
    add("long_ehlo", ["--long", "ehlo"], SENT | QUEUED, RESTS)
    add("421_dot", ["--refuse", "dot=421 4.3.0 going down"], QUEUED, RESTS)
    add("450_dot", ["--refuse", "dot=451 4.3.0 not now"], QUEUED, RESTS)
    add("450_banner", ["--refuse", "banner=450 4.3.0 not now"], QUEUED, BACKOFF)
    add("421_banner", ["--refuse", "banner=421 4.3.0 not now"], QUEUED, BACKOFF)
    add("554_banner", ["--refuse", "banner=554 5.3.2 not you"], QUEUED, SETTINGS)
    add("421_ehlo", ["--refuse", "ehlo=421 4.3.0 not now"], QUEUED, BACKOFF | SETTINGS)
    add("550_mail", ["--refuse", "mail=550 5.7.1 not you"], QUEUED, SETTINGS)
    add("552_mail", ["--refuse", "mail=552 5.3.4 too big"], BLOCKED, OPEN)
    add("550_rcpt", ["--refuse", "rcpt=550 no"], BLOCKED, OPEN)
    add("511_rcpt", ["--refuse", "rcpt=550 5.1.1 nobody"], BOUNCED, OPEN)
    add("554_data", ["--refuse", "data=554 5.5.0 no"], BLOCKED, OPEN)
    add("554_dot", ["--refuse", "dot=554 5.6.0 no"], BLOCKED, OPEN)
    add("354_anyway", ["--refuse", "rcpt=550 5.1.1 nobody", "--data-anyway"], BOUNCED, OPEN)
    add("no_ehlo", ["--no-ehlo"], SENT, OPEN)
    add("closes_after_1", ["--close-after", "1"], SENT, OPEN)
    add("drops_after_1", ["--drop-after", "1"], SENT, OPEN)
    add("wrong_password", ["--auth", "anna:left"], QUEUED, AUTH, login)
    add("535_auth", ["--auth", "anna:right", "--refuse", "auth=535 5.7.8 no"], QUEUED, AUTH, login)
    add("454_auth", ["--auth", "anna:right", "--refuse", "auth=454 4.7.0 not now"], QUEUED, RESTS, login)
    add("dead_port", None, QUEUED, BACKOFF)
    add("tls_stripped", [], QUEUED, SETTINGS | BACKOFF, "tls: required, ")
    add("tls_unknown_signer", "unknown-signer", QUEUED, SETTINGS, "tls: required, ")
    add("tls_wrong_name", "wrong-name", QUEUED, SETTINGS, "tls: required, ")
    add("tls_right_name", "right-name", QUEUED, BACKOFF, "tls: required, ")  # and then it hangs up
    add("tls_silent", "silent", QUEUED, BACKOFF, "tls: required, ")
    add("tls_garbage", "garbage", QUEUED, SETTINGS | BACKOFF, "tls: required, ")
    return all_of


class TlsServer:
    """Offers STARTTLS and then does it wrong. Nobody gets as far as a mail."""

    def __init__(self, what, folder):
        self.what, self.folder = what, folder
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer):
        try:
            peer.sendall(b"220 tls.test ESMTP\r\n")
            while line := peer.recv(1000):
                if line.upper().startswith(b"STARTTLS"):
                    peer.sendall(b"220 2.0.0 go ahead\r\n")
                    self._betray(peer)
                    return
                peer.sendall(b"250-tls.test\r\n250 STARTTLS\r\n")
        except OSError:
            pass
        finally:
            peer.close()

    def _betray(self, peer):
        if self.what == "silent":
            while peer.recv(1000):
                pass
        elif self.what == "garbage":
            peer.sendall(b"250 what would TLS be?\r\n" * 50)
            peer.recv(1000)
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(f"{self.folder}/{self.what}.pem", f"{self.folder}/{self.what}.key")
            with context.wrap_socket(peer, server_side=True) as encrypted:
                encrypted.recv(1000)

    def accepted(self):
        return []

    def stop(self):
        self.listener.close()


class DeadPort:
    """Nobody listens there: the port is taken, so that nobody else can."""

    def __init__(self):
        self.taken = socket.socket()
        self.taken.bind(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.taken.getsockname()[1]}"

    def accepted(self):
        return []

    def stop(self):
        self.taken.close()


def make_certificates(folder):
    """Of servers that sign for themselves; all but one of them are trusted."""
    trusted = b""
    for what, name in (("unknown-signer", "IP:127.0.0.1"), ("wrong-name", "DNS:elsewhere.test"), ("right-name", "IP:127.0.0.1")):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "30", "-subj", f"/CN={what}", "-addext", f"subjectAltName={name}",
                        "-keyout", f"{folder}/{what}.key", "-out", f"{folder}/{what}.pem"], check=True, capture_output=True)
        if what != "unknown-signer":
            with open(f"{folder}/{what}.pem", "rb") as f:
                trusted += f.read()
    with open(f"{folder}/authority.pem", "wb") as f:
        f.write(trusted)


def open_server(folder, name, options, more):
    if options is None:
        return DeadPort()
    if isinstance(options, str):
        return TlsServer(options, folder)
    return Sink(os.path.join(folder, name + ".log"), *options, *more)


class Round:
    """One world with a mailbox for each case, and a good one."""

    def __init__(self, rig, folder, chosen, programs, shape):
        self.rig, self.cases, self.shape = rig, {n: cases()[n] for n in chosen}, shape
        os.makedirs(folder)
        make_certificates(folder)
        self.servers = {n: open_server(folder, n, case[0], shape["sink"]) for n, case in self.cases.items()}
        self.servers["good"] = Sink(os.path.join(folder, "good.log"))
        self.world = World(folder, programs)
        with open(os.path.join(folder, "secret"), "w", encoding="utf-8") as f:
            f.write("right\n")
        os.chmod(f.name, 0o600)
        self.world.must("pipectl", "init", "-q", "--team", "sales")
        self.world.must("pipectl", "apply", "-q", "-", stdin=self._documents())
        for name in self.servers:
            people = GOOD_PEOPLE if name == "good" else PEOPLE
            table = "email\n" + "".join(f"p{i}@{name}.example.org\n" for i in range(people))
            self.world.must("contactctl", "import", "-q", "--no-auto-enroll", "--enroll", f"to-{name}", "-", stdin=table)

    def _documents(self, healed=None):
        text = "word " * (self.shape["bytes"] // 5)
        parts = [f"kind: Template\nname: body\nsubject: One\ntext: '{text}'\n"]
        for name, server in self.servers.items():
            own = self.cases[name][3] if name != "good" and not healed else ""
            tls = "" if "tls:" in own else ", tls: none"
            parts.append(f"kind: Mailbox\nname: {name}\nfrom: Hello <hello@example.com>\n"
                         f"smtp: {{{own}url: '{(healed or server).url}'{tls}}}\n"
                         f"limit: {{connections: {self.shape['connections']}}}\nguard: {{bounces: 100%}}\n---\nkind: Pipeline\nname: to-{name}\n"
                         f"mailbox: {name}\nsteps: [{{email: body}}]\n")
        return "\n---\n".join(parts)

    def tick(self):
        """The tick among all these servers: (how long it took on its own clock, in ms; problems)."""
        problems, log = [], os.path.join(self.world.folder, "haste")
        tick = subprocess.Popen(self.world.words("pipe-tick"), cwd=self.world.folder, stderr=subprocess.PIPE, text=True,
                                env={**self.world.env, "PW_HASTE_LOG": log,
                                     "LD_PRELOAD": f"{BUILD}/preload/haste.so {BUILD}/preload/authority.so",
                                     "PW_AUTHORITY": os.path.join(self.world.folder, "authority.pem")})
        good_first, until = False, time.monotonic() + REAL_S
        while tick.poll() is None and time.monotonic() < until:
            good_first = good_first or len(self.servers["good"].accepted()) == GOOD_PEOPLE
            time.sleep(0.01)
        if tick.poll() is None:
            tick.kill()
            problems.append("the tick does not end")
        said = tick.communicate()[1]
        if tick.returncode not in (0, -9) or said:
            problems.append(f"the tick ended with {tick.returncode}: {said}")
        if not good_first and "silent-dot" in self.cases:
            problems.append("the good mailbox had to wait for the bad ones")
        if not os.path.exists(log):
            return None, problems
        with open(log, encoding="utf-8") as f:
            lived = int(f.read())
        return lived, problems + ([f"the tick took {lived / 1000:.0f} s"] if lived > BOUND_MS else [])

    def states(self, name):
        """What became of the messages of a mailbox, and why its lane rests."""
        rows = self.world.rows(
            "SELECT m.state, r.status, r.reason FROM run r JOIN document d ON d.id = r.pipeline"
            " LEFT JOIN message m ON m.run = r.id WHERE d.name = ?", "to-" + name)
        found = {reason if state == "refused" else state or "queued" for state, _, reason in rows}
        lane = self.world.rows("SELECT reason FROM lane WHERE kind = 'mailbox' AND name = ?", name)
        return found, lane[0][0] if lane else ""

    def judge(self):
        problems = []
        for name, (_, states, lanes, _) in self.cases.items():
            found, lane = self.states(name)
            if not found <= states or lane not in lanes:
                problems.append(f"{name}: {sorted(found)}, the mailbox rests because of '{lane}';"
                                f" expected {sorted(states)} and {sorted(lanes)}")
        found, lane = self.states("good")
        return problems + ([f"good: {sorted(found)}, '{lane}'"] if (found, lane) != (SENT, "") else [])

    def heal(self):
        """All servers work again: everything that waits arrives."""
        healed = Sink(os.path.join(self.world.folder, "healed.log"))
        self.world.programs = BUILD
        self.world.must("pipectl", "apply", "-q", "-", stdin=self._documents(healed))
        problem = self.world.settle()
        verdict = compare(self.world, [*self.servers.values(), healed], 1)
        verdict.problems += [problem] if problem else []
        for server in [*self.servers.values(), healed]:
            server.stop()
        shutil.rmtree(self.world.folder)
        return verdict


def one_round(rig, name, chosen, programs, shape):
    """Problems, the verdict, and how long the tick took."""
    world = Round(rig, os.path.join(rig.folder, name), chosen, programs, shape)
    lived, problems = world.tick()
    problems += world.judge()
    verdict = world.heal()
    return problems + verdict.problems, verdict, lived


def shape_of(rig, n):
    """The first rounds are fixed, further ones are chosen by chance."""
    fixed = [([], 1000, 1), (["--no-pipelining"], 1000, 2), ([], BIG, 1)]
    choose = rig.random.choice
    sink, size, connections = fixed[n] if n < len(fixed) else (
        choose([[], ["--no-pipelining"], ["--no-8bit"], ["--reply-ms", "1"]]), choose([10, 1000, 20000, BIG]), choose([1, 2, 5]))
    return {"sink": sink, "bytes": size, "connections": connections}


def the_product(rig):
    names = list(cases())
    longest = 0
    while rig.more():
        shape = shape_of(rig, rig.counts.get("rounds", 0))
        problems, v, lived = one_round(rig, "product", names[:rig.dose - rig.counts["trials"]], BUILD, shape)
        for problem in problems:
            rig.fault(f"{problem} ({shape})")
        longest = max(longest, lived or 0)
        rig.add(trials=min(len(names), rig.dose - rig.counts["trials"]), lost=v.lost, twice=v.twice,
                in_doubt=v.in_doubt, rounds=1)
    rig.say(f"the longest tick took {longest / 1000:.0f} s on its clock")
    rig.ok(not rig.faults, f"{rig.counts['trials']} bad servers: each message has its state, nothing lost, nothing twice")


def hunt(rig, name, chosen, bug):
    problems, _, _ = one_round(rig, name, chosen, mutant(name), shape_of(rig, 0))
    rig.say(f"{name}: {problems[0] if problems else 'not found'}")
    rig.ok(problems, f"a seeded bug is found: {bug}")


def main():
    with Rig(small=len(cases()), full=40 * len(cases())) as rig:
        the_product(rig)
        hunt(rig, "sanguine_relay", ["drop-dot", "450-dot"], "a connection that is lost after the dot is tried again")
        hunt(rig, "plain_text", ["tls-stripped"], "where TLS is stripped the mail goes in the clear")
        hunt(rig, "endless_patience", ["drip-dot"], "no deadline for a transfer")
        return rig.end()


if __name__ == "__main__":
    sys.exit(main())
