"""Commands of every kind on a database in which something of every kind has happened: for rigs that break each of them at
each point.
"""

import getpass
import os
from dataclasses import dataclass

from rig.world import HOUR, MONDAY_9AM

DAY = 24 * HOUR
TICK_AT = MONDAY_9AM + 2 * DAY + 3 * HOUR

DOCUMENTS = """
kind: Team
name: sales
timezone: Europe/Berlin
hours: office
mailbox: hello
alerts: {{to: [ops@example.com]}}
members: {{{me}: {{role: admin, name: Tess, mailbox: hello}}}}
---
kind: Calendar
name: office
open: {{mon-fri: 08:00-18:00}}
closed: [2026-12-24]
---
kind: Mailbox
name: hello
from: Hello <hello@example.com>
maildir: out
---
kind: Mailbox
name: slow
from: Slow <slow@example.com>
maildir: slow
limit: {{per_day: 1}}
---
kind: Mailbox
name: unsure
from: Unsure <unsure@example.com>
sendmail: {folder}/unsure
---
kind: Mailbox
name: away
from: Away <away@example.com>
sendmail: {folder}/away
---
kind: Fields
name: contact
fields: {{plan: {{type: choice, values: [free, pro]}}, employees: number, renewal: date, tools: list}}
events: {{order.placed: {{total: number}}}}
---
kind: Template
name: welcome
subject: "Welcome, {{{{ contact.first_name }}}}"
text: "Hi {{{{ contact.first_name }}}}, from {{{{ sender.name }}}}"
attach: [notes.txt]
---
kind: Template
name: features
subject: Features
text: Look
html: "<p>Look, {{{{ contact.plan | default:'you' }}}}</p>"
---
kind: Pipeline
name: onboarding
mailbox: hello
enroll: {{when: {{tag: trial}}, if: {{not: {{tag: never}}}}}}
stop: [{{event: order.placed}}]
steps:
  - email: welcome
  - email: features
    after: 2 days
    thread: previous
  - tag: onboarded
  - if: {{any: [{{field: {{plan: pro}}}}, {{event: order.placed}}]}}
    then:
      - set: {{employees: "7"}}
      - email: {{subject: "For you", text: "You have {{{{ contact.employees }}}} people"}}
        id: pro-mail
        after: 1 day
    else:
      - note: "{{{{ contact.email }}}} is no pro"
  - wait: {{until: {{field: renewal, before: 3 days}}}}
  - untag: onboarded
  - exit: it is over
---
kind: Pipeline
name: slowly
mailbox: slow
priority: 2
late: {{max: 30 days, then: send}}
enroll: {{new_contacts: false, again: always, while_active: queue, when: {{event: order.placed}}}}
steps: [{{email: {{subject: Slow, text: "{{{{ event.total | default:'x' }}}}"}}}}, {{note: done}}]
---
kind: Pipeline
name: doubtful
mailbox: unsure
steps: [{{email: {{subject: Sure?, text: x}}}}]
---
kind: Pipeline
name: unreachable
mailbox: away
steps: [{{email: {{subject: Away, text: x}}}}]
---
kind: Pipeline
name: calls
stop: [{{event: order.placed}}]
steps:
  - task: "Call {{{{ contact.email }}}}"
    id: call
    type: call
    due: 1 day
    to: {me}
    hold: done
  - if: {{task: {{type: call, outcome: connected}}}}
    then: [{{email: {{subject: Thanks, text: x}}}}]
---
kind: Pipeline
name: owned
mailbox: owner
steps: [{{email: {{subject: Owned, text: x}}}}]
"""

# Steps that change while people stand in them, a mailbox with other limits, a pipeline that goes and one that comes.
CHANGED = """
kind: Mailbox
name: slow
from: Slow <slow@example.com>
maildir: slow
limit: {per_day: 2}
---
kind: Pipeline
name: slowly
mailbox: slow
steps: [{note: first}, {email: {subject: Slow, text: x}}, {tag: slow}]
---
kind: Pipeline
name: brand-new
enroll: {when: {tag: fair}}
steps: [{wait: 1 day}, {email: features}]
"""

TABLE = "email,first_name,plan\n" + "".join(f"i{n}@example.org,Ina{n},pro\n" for n in range(3)) + "bob@example.org,Bob,free\n"
# What goes wrong with mail, beyond what DOCUMENTS have, and waits of all kinds.
TROUBLE = """
kind: Mailbox
name: nobody
from: Nobody <nobody@example.com>
sendmail: {folder}/nobody
---
kind: Mailbox
name: misset
from: Misset <misset@example.com>
sendmail: {folder}/misset
in_doubt: resend
---
kind: Mailbox
name: dead
from: Dead <dead@example.com>
smtp: {{url: 'smtp://127.0.0.1:1', tls: none}}
limit: {{per_hour: 5, gap: 30 minutes}}
---
kind: Pipeline
name: bouncing
mailbox: nobody
steps: [{{email: {{subject: Bounce, text: x}}}}]
---
kind: Pipeline
name: misset
mailbox: misset
steps: [{{email: {{subject: Misset, text: x}}}}]
---
kind: Pipeline
name: dead
mailbox: dead
late: {{max: 2 days, then: skip}}
steps: [{{email: {{subject: Dead, text: x}}}}, {{note: behind}}]
---
kind: Pipeline
name: waiting
mailbox: hello
steps:
  - wait: {{until: {{field: renewal, before: 1 day, at: 09:00}}}}
  - if: {{tag: vip}}
    then: [{{email: {{subject: VIP, text: x}}, after: 2 business days}}, {{exit: done}}]
    else: [{{wait: {{until: mon 09:00}}}}, {{tag: waited}}]
  - email: {{subject: After, text: x}}
    after: 3 hours
---
kind: Pipeline
name: nightly
mailbox: hello
hours: night
steps: [{{email: {{subject: Night, text: x}}}}]
---
kind: Calendar
name: night
open: {{sat-sun: 01:00-02:00}}
---
kind: Pipeline
name: by-owner
mailbox: owner
steps: [{{wait: 1 day}}, {{email: {{subject: Owner, text: x}}}}]
"""

LINES = "".join(f'{{"email":"j{n}@example.org","first_name":"Jo"}}\n' for n in range(2))



@dataclass
class Command:
    program: str
    words: str                # divided by blanks
    stdin: str = ""
    good: tuple = (0,)        # statuses of a clean run
    chunks: bool = False      # several transactions: a repeat goes on
    repeated: tuple = (0,)    # statuses of that
    monitor: bool = False     # says on stdout how bad it is, and has statuses of its own
    tells_less: bool = False  # when it is done and cannot find out more to tell
    goes_on: bool = False     # has another way when the first one fails
    leaves: bool = False      # files beside the database
    undoes: bool = False      # what it has committed, when it fails behind that

    @property
    def name(self):
        return f"{self.program} {self.words}"

    @property
    def is_tick(self):
        return self.program == "pipe-worker" and "-n" not in self.args and self.good == (0,)

    @property
    def args(self):
        return self.words.split()

def pipectl(words, **how):
    return Command("pipectl", words, **how)


def contactctl(words, **how):
    return Command("contactctl", words, **how)


def taskctl(words, **how):
    return Command("taskctl", words, **how)


def commands(ids):
    run, mail, task = ids["run"], ids["message"], ids["task"]
    return [
        pipectl("init -q --team second"),
        pipectl("apply -q changed.yaml --keep", chunks=True),
        pipectl("apply -y changed.yaml --migrate --enroll-existing", chunks=True),
        pipectl("apply -n changed.yaml --keep --enroll-existing"),
        pipectl("apply changed.yaml", good=(1,)),
        pipectl("diff changed.yaml", good=(1,)),
        pipectl("migrate -n onboarding"),
        pipectl("export"),
        pipectl("export pipeline/onboarding"),
        pipectl("delete -q template/unused", good=(67,)),
        pipectl("delete -q pipeline/owned", chunks=True, repeated=(0, 67)),
        pipectl("list"),
        pipectl("list pipeline"),
        pipectl("list mailbox"),
        pipectl("show onboarding"),
        pipectl("show pipeline/onboarding@1"),
        pipectl("show mailbox/hello"),
        pipectl("graph onboarding"),
        pipectl("history onboarding"),
        pipectl("runs"),
        pipectl("runs --pipeline onboarding --status blocked --contact held@example.org"),
        *[pipectl(f"why {run[who]}") for who in ("anna", "bob", "carl", "cleo", "dora", "emil", "erna", "owen", "late")],
        pipectl("why anna@example.org"),
        pipectl(f"stop {run['dora']}"),
        pipectl(f"goto {run['dora']} welcome"),
        pipectl(f"goto -n {run['dora']} welcome"),
        pipectl("retry --reason in-doubt", good=(0, 1)),
        pipectl("retry --pipeline onboarding --reason missing", good=(0, 1)),
        pipectl("retry -n --mailbox unsure", good=(0, 1)),
        pipectl(f"settle {mail['in-doubt']} sent"),
        pipectl(f"settle {mail['in-doubt']} resend"),
        pipectl("pause onboarding"),
        pipectl("pause mailbox/hello"),
        pipectl("pause --all"),
        pipectl("resume --all", chunks=True),
        pipectl("queue"),
        pipectl("queue -a --mailbox slow"),
        pipectl("queue flush --mailbox slow"),
        pipectl(f"hold {mail['queued']}"),
        pipectl(f"release {mail['held']}"),
        pipectl(f"drop {mail['held']}"),
        pipectl("send-test welcome --to me@example.com --as anna@example.org"),
        pipectl("send-test onboarding --to me@example.com"),
        pipectl("events -a"),
        pipectl("events --contact anna@example.org --type email.*"),
        pipectl("check", good=(0, 1, 2), monitor=True),
        pipectl("clock"),
        pipectl("backup new.db", leaves=True),
        pipectl("simulate onboarding --contact anna@example.org --days 40"),
        pipectl("simulate onboarding --event order.placed@+3d"),
        contactctl("add -q new@example.org first_name=Nora plan=pro --tag trial --enroll slowly", tells_less=True),
        contactctl("add anna@example.org first_name=Ann --if-exists update", good=(0, 1), tells_less=True),
        contactctl("add -q -", stdin=LINES, chunks=True, tells_less=True),
        contactctl("import -q --auto-enroll --tag trial -", stdin=TABLE, chunks=True, good=(0, 1)),
        contactctl("import -n --auto-enroll --enroll slowly -", stdin=TABLE, good=(0, 1)),
        contactctl("list"),
        contactctl("list tag=fair plan=pro enrolled=onboarding"),
        contactctl("list never-enrolled anna"),
        contactctl("list blocked"),
        contactctl("show anna@example.org"),
        contactctl("set anna@example.org first_name=Anke plan=free email=anke@example.org"),
        contactctl("set held@example.org first_name=Hella"),
        contactctl("set owen@example.org owner="),
        contactctl("tag vip --where plan=pro", chunks=True),
        contactctl("untag trial anna@example.org"),
        contactctl("convert anna@example.org"),
        contactctl("merge anna@example.org dora@example.org"),
        contactctl("delete -y dora@example.org"),
        contactctl("delete -q -y --erase anna@example.org", chunks=True),
        contactctl("export"),
        contactctl("export anna@example.org"),
        contactctl("enroll slowly dora@example.org owen@example.org", chunks=True, tells_less=True),
        contactctl("enroll -n onboarding --all", good=(0, 1), tells_less=True),
        contactctl("enroll onboarding owen@example.org", good=(0, 1), tells_less=True),
        contactctl("stop onboarding anna@example.org"),
        contactctl("stop --all anna@example.org dora@example.org", chunks=True),
        contactctl("unsubscribe dora@example.org"),
        contactctl("resubscribe gone@example.org --source phone"),
        contactctl("event anna@example.org order.placed total=3 --id two"),
        contactctl("activity anna@example.org"),
        contactctl(f"message {mail['sent']}"),
        contactctl("record anna@example.org meeting --at +1d --outcome completed"),
        contactctl(f"record {ids['event']} --outcome connected"),
        taskctl("list --json"),
        taskctl(f"show {task['Call']}"),
        taskctl("add Write --contact anna@example.org --on-created slowly"),
        taskctl(f"done {task['Call']} {task['Prepare']} --outcome connected"),
        taskctl(f"snooze {task['Prepare']} +3d"),
    ]


def spool(world, name, text):
    os.makedirs(world.db + ".spool", exist_ok=True)
    with open(os.path.join(world.db + ".spool", name), "w", encoding="utf-8") as f:
        f.write(text)


def trouble(world, claims):
    """What comes after build(): mails that bounce, mailboxes that are down, a pipeline that was paused over what was due, and
    mails in the hands of a tick that failed (claims: lets one fail)."""
    sendmail(world, "nobody", "exit 67")
    sendmail(world, "misset", "exit 78")
    world.must("pipectl", "apply", "-q", "-", stdin=TROUBLE.format(folder=world.folder))
    for n, pipeline in enumerate(["bouncing", "misset", "misset", "dead", "dead", "waiting", "waiting", "nightly", "by-owner"]):
        world.run("contactctl", "add", "-q", f"t{n}@example.org", "first_name=T", f"renewal=2026-07-{n + 1:02}", "--enroll", pipeline)
    world.must("pipectl", "send-test", "-q", "features", "--to", "me@example.com", "--mailbox", "dead")
    world.must("pipectl", "pause", "-q", "onboarding")
    world.must("pipe-tick")
    world.now += 2 * HOUR
    world.must("contactctl", "set", "-q", "t6@example.org", "renewal=2026-10-01")
    world.must("pipectl", "pause", "-q", "mailbox/unsure")
    world.must("contactctl", "enroll", "-q", "doubtful", "t1@example.org")
    world.must("contactctl", "set", "-q", "anna@example.org", f"owner={getpass.getuser()}")
    world.must("contactctl", "set", "-q", "bob@example.org", f"owner={getpass.getuser()}")
    world.must("contactctl", "enroll", "-q", "owned", "anna@example.org", "bob@example.org")
    world.must("pipectl", "resume", "-q", "mailbox/unsure")
    world.must("contactctl", "add", "-q", "new@example.org", "first_name=New", f"owner={getpass.getuser()}", "--enroll", "owned")
    claims(world)


def troubled_commands(world):
    """On what trouble() leaves; a run and a mail of each kind."""
    runs = [str(n) for n, in world.rows("SELECT min(id) FROM run GROUP BY pipeline, status, reason, step")]
    mails = dict(world.rows("SELECT state, CAST(min(id) AS TEXT) FROM message GROUP BY state"))
    people = [email for email, in world.rows("SELECT folded FROM contact WHERE folded LIKE 't%' ORDER BY id")]
    return [
        *[pipectl(f"why {run}") for run in runs],
        *[contactctl(f"message {mail}") for mail in mails.values()],
        *[pipectl(f"{verb} {mails[state]}", good=(0, 1)) for verb in ("hold", "release", "drop") for state in mails],
        *[contactctl(f"{verb} {people[n]}") for verb in ("show", "activity", "export") for n in (0, 3, 5)],
        *[pipectl(f"retry --reason {reason}", good=(0, 1)) for reason in ("in-doubt", "settings", "undeliverable", "quota", "late")],
        *[pipectl(f"retry {run}", good=(0, 1)) for run in runs[:6]],
        pipectl("runs --status open"), pipectl("queue -a --json"), pipectl("list mailbox --json"), pipectl("list pipeline --json"),
        pipectl("check --full", monitor=True, good=(0, 1, 2)), pipectl("show waiting"), pipectl("show mailbox/misset"),
        pipectl("queue flush", good=(0, 1)), pipectl("queue flush --mailbox dead", good=(0, 1)),
        pipectl("resume onboarding mailbox/hello", chunks=True), pipectl("pause mailbox/misset mailbox/dead"),
        pipectl("delete -y pipeline/dead", chunks=True, repeated=(0, 67)), pipectl("simulate waiting --contact t6@example.org"),
        pipectl("simulate waiting"), pipectl("goto -n " + runs[0] + " welcome", good=(0, 1, 67)),
        contactctl("merge t5@example.org t6@example.org"), contactctl("set t6@example.org renewal=2026-07-03"),
        contactctl("set t8@example.org owner=" + getpass.getuser()), contactctl("delete -y t0@example.org t3@example.org", chunks=True),
        contactctl("list next", good=(0, 1)), contactctl("convert t7@example.org"),
        pipectl("backup --final final.db", leaves=True, undoes=True), pipectl("restore -y old.db", leaves=True, goes_on=True),
        Command("pipe-worker", "-n"), pipectl("upgrade"),
    ]


def restored_commands():
    """On a backup that was put back, and not accepted yet."""
    return [
        pipectl("restore --accept", chunks=True), pipectl("restore -n --accept"), pipectl("runs"), pipectl("list mailbox"),
        pipectl("check", monitor=True, good=(2,)), pipectl("why anna@example.org"), Command("pipe-worker", "", good=(78, 75)),
        contactctl("list"), pipectl("queue -a"),
    ]


def sendmail(world, name, text):
    path = os.path.join(world.folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write("#!/bin/sh\ncat >/dev/null\n" + text + "\n")
    os.chmod(path, 0o755)


def build(world):
    """Returns the ids that commands need: of runs by address, of mails by state."""
    with open(os.path.join(world.folder, "notes.txt"), "w", encoding="utf-8") as f:
        f.write("Notes.\n")
    sendmail(world, "unsure", "kill -9 $$")
    sendmail(world, "away", "exit 75")
    me = getpass.getuser()
    for name, text in (("all", DOCUMENTS.format(me=me, folder=world.folder)), ("changed", CHANGED)):
        with open(os.path.join(world.folder, name + ".yaml"), "w", encoding="utf-8") as f:
            f.write(text)
    world.must("pipectl", "init", "-q", "--team", "sales")
    world.must("pipectl", "apply", "-q", "all.yaml")
    for words in (["anna", "first_name=Anna", "plan=pro", "tools=a", "--tag", "trial", "--tag", "fair"],
                  ["bob", "--enroll", "onboarding"],
                  ["carl", "first_name=Carl", "--enroll", "slowly"], ["cleo", "--enroll", "slowly"],
                  ["dora", "first_name=Dora", "renewal=2026-09-01", "--enroll", "onboarding"],
                  ["emil", "--enroll", "doubtful"], ["erna", "--enroll", "unreachable"],
                  ["owen", f"owner={me}", "--enroll", "owned"], ["gone", "first_name=Gone", "--tag", "trial"]):
        world.run("contactctl", "add", "-q", words[0] + "@example.org", *words[1:])
    world.must("pipe-tick")
    world.now += HOUR
    world.must("contactctl", "enroll", "-q", "unreachable", "anna@example.org")
    world.must("contactctl", "unsubscribe", "-q", "gone@example.org")
    world.must("contactctl", "event", "-q", "carl@example.org", "order.placed", "total=7", "--id", "one")
    world.must("contactctl", "add", "-q", "held@example.org", "--enroll", "slowly")
    world.must("contactctl", "enroll", "-q", "calls", "anna@example.org", "dora@example.org")
    world.must("taskctl", "add", "-q", "Prepare", "--due", "+2d", "--contact", "anna@example.org", "--on-done", "slowly")
    world.must("contactctl", "record", "-q", "anna@example.org", "call", "hello")
    world.must("pipe-tick")
    world.run("pipectl", "hold", "-q", *[str(n) for n, in world.rows("SELECT m.id FROM message m WHERE m.state = 'queued' LIMIT 1")])
    world.must("pipe-tick")
    world.now = TICK_AT - HOUR
    world.must("contactctl", "add", "-q", "late@example.org", "first_name=Lara", "--enroll", "onboarding")
    world.must("contactctl", "set", "-q", "bob@example.org", "first_name=Bob")
    world.must("contactctl", "tag", "-q", "trial", "held@example.org", "emil@example.org")
    world.must("pipectl", "backup", "-q", "old.db")
    spool(world, "one.json", '{"team": "sales", "contact": "dora@example.org", "type": "order.placed", "data": {"total": 1}}')
    spool(world, "two.json", "no JSON")
    world.now = TICK_AT
    ids = {"run": {}, "message": {}}
    for run, email in world.rows("SELECT r.id, c.folded FROM run r JOIN contact c ON c.id = r.contact ORDER BY r.id"):
        ids["run"].setdefault(email.split("@")[0], str(run))
    for message, state in world.rows("SELECT id, state FROM message ORDER BY id"):
        ids["message"].setdefault(state, str(message))
    ids["task"] = {title.split()[0]: str(task) for task, title in world.rows("SELECT id, title FROM task ORDER BY id")}
    ids["event"] = str(world.rows("SELECT id FROM event WHERE type = 'call.made'")[0][0])
    return ids
