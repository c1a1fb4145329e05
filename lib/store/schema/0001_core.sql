-- Conditions are chains of OR, not IN: SQLite builds a table for a list of three or more at each statement. What a mail
-- passes through comes first in them: each is looked at until one is true.
-- Version 1: everything of the core. Only the subset of SQL that PostgreSQL 15 shares; times are UTC seconds.

CREATE TABLE counter (
	name TEXT NOT NULL PRIMARY KEY,
	next BIGINT NOT NULL
);

CREATE TABLE meta (
	name TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

CREATE TABLE team (
	id BIGINT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	generation BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);

CREATE TABLE member (
	team BIGINT NOT NULL REFERENCES team,
	account TEXT NOT NULL,
	role TEXT NOT NULL CHECK (role IN ('member', 'admin')),
	PRIMARY KEY (team, account)
);

-- Documents as applied: the canonical text. Pipelines have their versions of steps besides. paused: since then, or 0.
CREATE TABLE document (
	id BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL REFERENCES team,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	body TEXT NOT NULL,
	folder TEXT NOT NULL,
	source TEXT NOT NULL,
	version BIGINT NOT NULL,
	next_step BIGINT NOT NULL,
	paused BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	UNIQUE (team, kind, name)
);

CREATE TABLE document_version (
	document BIGINT NOT NULL,
	version BIGINT NOT NULL,
	team BIGINT NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	body TEXT NOT NULL,
	steps TEXT NOT NULL,
	actor TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (document, version)
);

CREATE TABLE attachment (
	team BIGINT NOT NULL,
	sha256 TEXT NOT NULL,
	data BYTES NOT NULL,
	PRIMARY KEY (team, sha256)
);

-- Texts that come back in very many rows, which have their number: names of fields.
CREATE TABLE word (
	id BIGINT NOT NULL PRIMARY KEY,
	text TEXT NOT NULL UNIQUE
);

-- email: as it was written, '' when that is `folded`. updated_at: 0 when nothing changed since it was created.
-- fields: a line for each value, the number of its name's word in letters (contact_fields.c) and the value, and for each
-- tag, #TAG. A backslash and a line feed in a value are written as \\ and \n.
CREATE TABLE contact (
	id BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	folded TEXT NOT NULL,
	email TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('lead', 'contact')),
	suppressed BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	began BIGINT NOT NULL,
	fields TEXT NOT NULL,
	UNIQUE (team, folded)
);

-- Who has a tag; a contact's own row has its tags too.
CREATE TABLE tag_contact (
	team BIGINT NOT NULL,
	tag TEXT NOT NULL,
	contact BIGINT NOT NULL,
	PRIMARY KEY (team, tag, contact)
) WITHOUT ROWID;

-- Addresses that must not be written to, whether or not there is a contact; survives deletion.
CREATE TABLE suppression (
	team BIGINT NOT NULL,
	folded TEXT NOT NULL,
	reason BIGINT NOT NULL,
	at BIGINT NOT NULL,
	source TEXT NOT NULL,
	PRIMARY KEY (team, folded, reason)
) WITHOUT ROWID;

-- What very many events have in common.
CREATE TABLE occasion (
	id BIGINT NOT NULL PRIMARY KEY,
	type TEXT NOT NULL,
	actor TEXT NOT NULL,
	source TEXT NOT NULL,
	depth BIGINT NOT NULL,
	UNIQUE (type, actor, source, depth)
);

-- The feed is the view `event`, below. A contact's row is also the event that created it, and a run's row the one that
-- started it, each under its own number: `began` is their occasion, 0 when there was no such event. All other events are
-- here; data '' is an object without members.
CREATE TABLE happened (
	id BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	contact BIGINT NOT NULL,
	run BIGINT NOT NULL,
	step BIGINT NOT NULL,
	message BIGINT NOT NULL,
	occasion BIGINT NOT NULL,
	at BIGINT NOT NULL,
	data TEXT NOT NULL
);
CREATE INDEX happened_contact ON happened (contact);

-- Where a time begins in the feed: what stands before the number `first` happened before `at`. The numbers are those of
-- all teams together; there is no order of time between two marks.
CREATE TABLE feed_mark (
	at BIGINT NOT NULL PRIMARY KEY,
	first BIGINT NOT NULL
);

-- Idempotency keys of events that came with one.
CREATE TABLE event_key (
	team BIGINT NOT NULL,
	idem_key TEXT NOT NULL,
	event BIGINT NOT NULL,
	PRIMARY KEY (team, idem_key)
) WITHOUT ROWID;
CREATE INDEX event_key_event ON event_key (event);

-- What is nearly always the same is stored as a difference, which is 0 then and takes no room: put_off is how long after
-- due_at it is queued, last_done_after how long after started_at its last step was done, event_ahead by how much the id of
-- the event that started or updated it exceeds since_event. held_since: since when `reason` holds one that is open; else 0.
CREATE TABLE run (
	id BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	contact BIGINT NOT NULL,
	pipeline BIGINT NOT NULL,
	version BIGINT NOT NULL,
	status TEXT NOT NULL CHECK (status = 'running' OR status = 'pending' OR status = 'completed' OR status = 'stopped'
		OR status = 'blocked'),
	reason TEXT NOT NULL,
	reason_text TEXT NOT NULL,
	step BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	lane BIGINT NOT NULL,
	class BIGINT NOT NULL,
	put_off BIGINT NOT NULL,
	started_at BIGINT NOT NULL,
	since_event BIGINT NOT NULL,
	last_step BIGINT NOT NULL,
	last_done_after BIGINT NOT NULL,
	steps_done BIGINT NOT NULL,
	mails_sent BIGINT NOT NULL,
	ended_at BIGINT NOT NULL,
	mailbox TEXT NOT NULL,
	enroller TEXT NOT NULL,
	event_ahead BIGINT NOT NULL,
	held_since BIGINT NOT NULL,
	began BIGINT NOT NULL
);
CREATE INDEX run_contact ON run (contact);
CREATE UNIQUE INDEX run_open ON run (pipeline, contact) WHERE ended_at = 0;
CREATE INDEX run_blocked ON run (team, reason, id) WHERE status = 'blocked';

CREATE VIEW event AS
	SELECT h.id, h.team, h.contact, h.run, h.step, h.message, o.type, h.at, o.actor, o.source, o.depth,
		CASE h.data WHEN '' THEN '{}' ELSE h.data END AS data
	FROM happened h JOIN occasion o ON o.id = h.occasion
	UNION ALL
	SELECT c.id, c.team, c.id, 0, 0, 0, o.type, c.created_at, o.actor, o.source, o.depth, '{}'
	FROM contact c JOIN occasion o ON o.id = c.began
	UNION ALL
	SELECT r.id, r.team, r.contact, r.id, 0, 0, o.type, r.started_at, o.actor, o.source, o.depth,
		COALESCE('{"pipeline":"' || v.name || '"}', '{}')
	FROM run r JOIN occasion o ON o.id = r.began
		LEFT JOIN document_version v ON v.document = r.pipeline AND v.version = r.version;

-- What is due, in order. item: a run, or minus the id of a message that has no run. due is planned; nothing else moves.
CREATE TABLE lane (
	id BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	kind TEXT NOT NULL CHECK (kind = 'local' OR kind = 'mailbox' OR kind = 'parked'),
	name TEXT NOT NULL,
	free_at BIGINT NOT NULL,
	reason TEXT NOT NULL,
	reason_text TEXT NOT NULL,
	failures BIGINT NOT NULL,
	refusals BIGINT NOT NULL,
	failing_since BIGINT NOT NULL,
	closed_since BIGINT NOT NULL,
	paused_at BIGINT NOT NULL,
	UNIQUE (team, kind, name)
);

-- The password file of a mailbox that rests, as it was when the login failed.
CREATE TABLE lane_watch (
	lane BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	path TEXT NOT NULL,
	stamp TEXT NOT NULL
);

CREATE TABLE queue (
	lane BIGINT NOT NULL,
	class BIGINT NOT NULL,
	due BIGINT NOT NULL,
	item BIGINT NOT NULL,
	PRIMARY KEY (lane, class, due, item)
) WITHOUT ROWID;

-- The classes that a queue can have: 2 * priority, one less for follow-ups; 0 for steps without mail.
CREATE TABLE queue_class (
	class BIGINT NOT NULL PRIMARY KEY
);

-- The slots that a limited mailbox has used, for exact limits over ticks and restarts.
CREATE TABLE quota (
	lane BIGINT NOT NULL,
	at BIGINT NOT NULL,
	message BIGINT NOT NULL,
	PRIMARY KEY (lane, at, message)
) WITHOUT ROWID;

-- message_id begins with the id. waits says the same as state: not done, and in no tick's hands, since what is has a claim;
-- so that a mail that comes and goes in one tick need not move a row of message_waits.
CREATE TABLE message (
	id BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	contact BIGINT NOT NULL,
	run BIGINT NOT NULL,
	step BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	state TEXT NOT NULL,
	waits BIGINT NOT NULL,
	token BIGINT NOT NULL,
	lane BIGINT NOT NULL,
	message_id TEXT NOT NULL,
	mail_from TEXT NOT NULL,
	rcpt_to TEXT NOT NULL,
	subject TEXT NOT NULL,
	template TEXT NOT NULL,
	attempts BIGINT NOT NULL,
	crashes BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	first_try_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	reply TEXT NOT NULL,
	CHECK ((waits = 0 AND (state = 'sent' OR state = 'sending' OR state = 'offered' OR state = 'refused' OR state = 'dropped'
		OR state = 'bounced')) OR (waits = 1 AND (state = 'queued' OR state = 'held' OR state = 'in-doubt'
		OR state = 'quarantined')))
);

-- What is kept of a mail for people to read, of attachments their names, a line each; apart, because the row above is written at each change of state.
-- content: text, HTML, headers, attachments, with a NUL behind each, as the difference from a stencil (base/packed.h; 0: from nothing).
CREATE TABLE message_body (
	message BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	stencil BIGINT NOT NULL,
	content BYTES NOT NULL
);

-- What the mails of one template have in common, and nothing of a person.
CREATE TABLE stencil (
	id BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	digest TEXT NOT NULL,
	content BYTES NOT NULL,
	UNIQUE (team, digest)
);
CREATE UNIQUE INDEX message_step ON message (run, step, visit) WHERE run > 0;
CREATE INDEX message_loose ON message (contact) WHERE run = 0;
CREATE INDEX message_waits ON message (team, id) WHERE waits = 1;

-- A claim: one row from claim to answer. bytes: what goes out, where message_body does not give it again; else empty.
CREATE TABLE claim (
	message BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	item BIGINT NOT NULL,
	lane BIGINT NOT NULL,
	class BIGINT NOT NULL,
	due BIGINT NOT NULL,
	token BIGINT NOT NULL,
	slot_at BIGINT NOT NULL,
	bytes BYTES NOT NULL
);

INSERT INTO queue_class (class) VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15),
	(16), (17), (18);

-- Mails that came back (kind 0) or were complained about (1), by the mailbox's lane, for the share of the last day.
CREATE TABLE bad_mail (
	lane BIGINT NOT NULL,
	kind BIGINT NOT NULL,
	at BIGINT NOT NULL,
	message BIGINT NOT NULL,
	team BIGINT NOT NULL,
	PRIMARY KEY (lane, kind, at, message)
) WITHOUT ROWID;

-- next_*: below so many there can be nothing wrong, as counted at *_at. reason_text: why the mailbox paused itself, '' it did not.
CREATE TABLE lane_guard (
	lane BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	counted_from BIGINT NOT NULL,
	next_bounces BIGINT NOT NULL,
	next_complaints BIGINT NOT NULL,
	bounces_at BIGINT NOT NULL,
	complaints_at BIGINT NOT NULL,
	reason_text TEXT NOT NULL
);

-- The latest answer from each mail domain that is no public provider's.
CREATE TABLE company_reply (
	team BIGINT NOT NULL,
	domain TEXT NOT NULL,
	event BIGINT NOT NULL,
	PRIMARY KEY (team, domain)
) WITHOUT ROWID;

-- Mails that somebody wrote by hand, and the pipelines that start when one is sent or answered (0: none).
CREATE TABLE letter (
	message BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	author TEXT NOT NULL,
	on_sent BIGINT NOT NULL,
	on_reply BIGINT NOT NULL
);

-- To-dos of members. assignee: '' is nobody's; due_at, done_at: 0 is never. run, step, visit: the step that made it, else 0;
-- hold: its run goes on when it is done. on_done: the pipeline that starts then, or 0. cancelled: it was not done, the run that
-- made it was stopped (done_at: then; outcome: why). taken: somebody put it off, so that it is theirs and outlives its run.
CREATE TABLE task (
	id BIGINT NOT NULL PRIMARY KEY,
	team BIGINT NOT NULL,
	contact BIGINT NOT NULL,
	run BIGINT NOT NULL,
	step BIGINT NOT NULL,
	visit BIGINT NOT NULL,
	hold BIGINT NOT NULL,
	type TEXT NOT NULL,
	title TEXT NOT NULL,
	assignee TEXT NOT NULL,
	due_at BIGINT NOT NULL,
	on_done BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	created_by TEXT NOT NULL,
	done_at BIGINT NOT NULL,
	done_by TEXT NOT NULL,
	outcome TEXT NOT NULL,
	cancelled BIGINT NOT NULL,
	taken BIGINT NOT NULL
);
CREATE UNIQUE INDEX task_step ON task (run, step, visit) WHERE run > 0;
CREATE INDEX task_contact ON task (contact);
CREATE INDEX task_open ON task (team, due_at, id) WHERE done_at = 0;
CREATE INDEX task_done ON task (team, done_at, id) WHERE done_at > 0;

-- Entries that wait for an open run of the same pipeline and contact to end (while_active: queue).
CREATE TABLE entry (
	pipeline BIGINT NOT NULL,
	contact BIGINT NOT NULL,
	event BIGINT NOT NULL,
	team BIGINT NOT NULL,
	PRIMARY KEY (pipeline, contact, event)
) WITHOUT ROWID;

-- How far the inboxes of mailboxes were read: folders of IMAP accounts, Maildirs, files.
CREATE TABLE inbox_place (
	team BIGINT NOT NULL,
	mailbox TEXT NOT NULL,
	place TEXT NOT NULL,
	validity BIGINT NOT NULL,
	last_uid BIGINT NOT NULL,
	stamp TEXT NOT NULL,
	read_at BIGINT NOT NULL,
	failing_since BIGINT NOT NULL,
	problem TEXT NOT NULL,
	PRIMARY KEY (team, mailbox, place)
);

-- Mails that were read of those that have no number, by a name that stays the same.
CREATE TABLE inbox_mail (
	team BIGINT NOT NULL,
	mailbox TEXT NOT NULL,
	name TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (team, mailbox, name)
) WITHOUT ROWID;
