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
    leaves: bool = False      # files beside the database

    @property
    def name(self):
        return f"{self.program} {self.words}"

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
        contactctl("add -q new@example.org first_name=Nora plan=pro --tag trial --enroll slowly"),
        contactctl("add anna@example.org first_name=Ann --if-exists update", good=(0, 1)),
        contactctl("add -q -", stdin=LINES, chunks=True),
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
        contactctl("enroll slowly dora@example.org owen@example.org", chunks=True),
        contactctl("enroll -n onboarding --all", good=(0, 1)),
        contactctl("enroll onboarding owen@example.org", good=(0, 1)),
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
