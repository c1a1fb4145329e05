# Two teams in one database that have everything alike: names of pipelines, templates, mailboxes, fields and the
# addresses of their contacts. Loaded by the tests of teams, roles and hostile input.

# run_both COMMAND...: stdout in $output, stderr in $err, the status in $status
run_both() {
	status=0
	output=$("$@" 2>err) || status=$?
	err=$(cat err)
}

# documents TEAM: what both have; the team's name is in every text
documents() {
	cat <<-END
		kind: Mailbox
		name: hello
		from: Team $1 <hello@$1.example>
		maildir: out-$1
		inbox: drop
		inbox_max_age: never
		---
		kind: Mailbox
		name: slow
		from: Team $1 <slow@$1.example>
		maildir: slow-$1
		inbox: drop
		inbox_max_age: never
		limit: {per_day: 1}
		---
		kind: Fields
		name: contact
		fields: {plan: text}
		events: {order.placed: {total: number}}
		---
		kind: Template
		name: hi
		subject: Hi from $1
		text: This is $1 for {{ contact.first_name | default:'you' }}.
		---
		kind: Pipeline
		name: welcome
		mailbox: hello
		enroll: {new_contacts: true}
		steps:
		  - email: hi
		  - tag: welcomed-$1
		  - email: hi
		    id: again
		    after: 2 days
		---
		kind: Pipeline
		name: slowly
		mailbox: slow
		steps: [{email: hi}, {note: done by $1}]
	END
}

# only_alpha: what the other team has not
only_alpha() {
	cat <<-END
		kind: Template
		name: zebra
		subject: Secret of alpha
		text: Secret of alpha.
		---
		kind: Mailbox
		name: zoo
		from: Secret <zoo@alpha.example>
		maildir: zoo-alpha
		---
		kind: Calendar
		name: zodiac
		open: {mon-fri: 09:00-17:00}
		---
		kind: Pipeline
		name: zephyr
		mailbox: zoo
		steps: [{email: zebra}]
	END
}

NINE='2026-06-29T09:00:00Z'

# two_teams: makes t.db in the current folder; the caller is an admin of alpha and of beta
two_teams() {
	export PIPEWRIGHT_DB=$PWD/t.db
	local team
	for team in alpha beta; do
		pipectl init -q --team $team --now "$NINE"
		documents $team | pipectl apply -q --team $team --now "$NINE" -
		pipectl apply -q --team $team --now "$NINE" - <<-END
			kind: Team
			name: $team
			mailbox: hello
			alerts: {to: [ops@$team.example]}
			members: {$(id -un): {role: admin, name: Boss of $team}}
		END
		for person in anna bob; do
			contactctl add -q --team $team --now "$NINE" $person@example.org "first_name=${person^} of $team" --tag fair
		done
	done
}

# ask SQL: rows of t.db, columns divided by '|'
ask() {
	sqlite3 t.db "$1"
}

# dump [TEAM]: all that is stored, or all that one team has
dump() {
	[ $# = 0 ] && { sqlite3 t.db .dump; return; }
	local id sql table
	id=$(ask "SELECT id FROM team WHERE name = '$1'")
	for table in $(ask "SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c ON c.name = 'team' WHERE t.type = 'table'"); do
		sql+="SELECT '$table', * FROM $table WHERE team = $id ORDER BY 1, 2, 3;"
	done
	for table in queue quota; do
		sql+="SELECT '$table', * FROM $table WHERE lane IN (SELECT id FROM lane WHERE team = $id) ORDER BY 1, 2, 3, 4;"
	done
	ask "SELECT * FROM team WHERE id = $id; $sql"
}

# mails FOLDER: how many mails lie in a maildir
mails() {
	find "$1/new" -type f 2>/dev/null | wc -l
}
