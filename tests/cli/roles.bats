#!/usr/bin/env bats
# Who may do what, with real accounts on a database that its group may write to: its owner (games), an admin (daemon) and
# a member (bin) of alpha, an admin of beta (nobody), and one who is in no team (man).

load two_teams

setup_file() {
	[ "$(id -u)" = 0 ] || return 0
	place=$(mktemp -d)
	export place
	mkdir -p "$place/bin" "$place/libexec/pipewright"
	cp "$PW_BUILD"/bin/{pipectl,contactctl,taskctl,pipe-tick} "$place/bin"
	cp "$PW_BUILD/libexec/pipewright/pipe-worker" "$place/libexec/pipewright"
	chmod -R a+rX "$place"
	mkdir "$place/db"
	cd "$place/db" || return
	PATH=$PW_BUILD/bin:$PATH
	two_teams
	documents alpha >alpha.yaml
	members alpha 'daemon: {role: admin, email: daemon@alpha.example, mailbox: hello}, bin: {role: member}'
	members beta 'nobody: {role: admin}'
	chmod 660 t.db*
	chown -R games:games .
	chmod 2770 .
}

teardown_file() {
	[ -z "${place:-}" ] || rm -rf "$place"
}

# members TEAM MEMBERS [MORE]: the Team document
members() {
	pipectl apply -q --team "$1" - <<-END
		kind: Team
		name: $1
		mailbox: hello
		members: {$2}
		${3:-}
	END
}

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root, to be several accounts"
	work=$(mktemp -d "$place/db/XXXXXX")
	cd "$work" || return
	cp -p ../t.db .
	cp ../alpha.yaml .
	chown games:games .
	chmod 2770 .
	export PIPEWRIGHT_DB=$PWD/t.db
	unset PIPEWRIGHT_TEAM
}

# as ACCOUNT COMMAND...: with the rights of the group
as() {
	run_both setpriv --reuid "$1" --regid "$(id -g "$1")" --groups games env PATH="$place/bin:/usr/bin:/bin" "${@:2}"
}

# says STATUS MESSAGE
says() {
	[ "$status" = "$1" ] && [ "$err" = "$2" ] || { echo "$status: $output: $err"; return 1; }
}

run_of() {
	ask "SELECT r.id FROM run r JOIN contact c ON c.id = r.contact JOIN team t ON t.id = r.team
		WHERE c.folded = '$2@example.org' AND t.name = '$1'"
}

@test "B21 an account works in its team, and is in the feed with its name" {
	as bin contactctl set anna@example.org plan=pro
	[ "$status" = 0 ]
	[ "$(ask "SELECT actor FROM event ORDER BY id DESC LIMIT 1")" = bin ]
	[ "$(ask "SELECT t.name FROM contact c JOIN team t ON t.id = c.team JOIN word w ON w.text = 'plan'
		WHERE c.fields LIKE '%' || char(65 + w.id) || 'pro%'")" = alpha ]
	as nobody contactctl enroll slowly anna@example.org
	[ "$(ask "SELECT t.name, r.enroller FROM run r JOIN team t ON t.id = r.team WHERE r.enroller <> ''")" = "beta|nobody" ]
}

@test "B21 who writes to a mailbox and is nobody's answer is shown to admins only" {
	printf 'From: eve@far.example\nTo: hello@alpha.example\nSubject: Private\nMessage-ID: <1@far.example>\n\nHi\n' |
		"$PW_BUILD/bin/pipe-drop" alpha/hello
	"$PW_BUILD/bin/pipe-inbox"
	as daemon pipectl events --type email.unmatched
	[ "$(wc -l <<<"$output")" = 1 ]
	[[ $output == *eve@far.example*Private* ]]
	as bin pipectl events
	[ "$status" = 0 ]
	[[ $output == *contact.created* && $output != *Private* ]]
	as bin pipectl events --type email.unmatched
	says 77 "pipectl: only an admin of team 'alpha' may do this"
	[ "$output" = "" ]
}

@test "B21 a team that one is not in is refused by every verb, 77, as one that does not exist" {
	dump >before
	for verb in "pipectl apply alpha.yaml" "pipectl diff alpha.yaml" "pipectl list" "pipectl show welcome" "pipectl export" \
		"pipectl delete pipeline/slowly" "pipectl migrate welcome" "pipectl graph welcome" "pipectl history welcome" \
		"pipectl runs" "pipectl why anna@example.org" "pipectl stats" "pipectl stop 1" "pipectl goto 1 again" "pipectl retry 1" \
		"pipectl settle 1 sent" "pipectl pause welcome" "pipectl resume welcome" "pipectl queue" "pipectl queue flush" \
		"pipectl hold 1" "pipectl release 1" "pipectl drop 1" "pipectl send-test hi --to x@example.org" "pipectl events" \
		"pipectl simulate welcome" "contactctl add x@example.org" "contactctl import x.csv" "contactctl list" \
		"contactctl show anna@example.org" "contactctl set anna@example.org plan=x" "contactctl tag x anna@example.org" \
		"contactctl untag fair anna@example.org" "contactctl convert anna@example.org" \
		"contactctl merge anna@example.org bob@example.org" "contactctl delete anna@example.org" "contactctl export" \
		"contactctl enroll slowly anna@example.org" "contactctl stop welcome anna@example.org" \
		"contactctl unsubscribe anna@example.org" "contactctl resubscribe anna@example.org --source x" \
		"contactctl event anna@example.org order.placed" "contactctl activity anna@example.org" "contactctl message 1" \
		"contactctl mail anna@example.org --template hi" "contactctl record anna@example.org call" "taskctl list" \
		"taskctl show 1" "taskctl add x" "taskctl done 1" "taskctl snooze 1 +1d"; do
		read -ra words <<<"$verb"
		for team in alpha gamma; do
			as nobody "${words[@]}" --team "$team"
			says 77 "${words[0]}: 'nobody' is in no team '$team'"
		done
		as man "${words[@]}"
		says 77 "${words[0]}: 'man' is in no team; an admin adds members to the Team document"
		[ "$output" = "" ]
	done
	PIPEWRIGHT_TEAM=alpha as nobody contactctl list
	says 77 "contactctl: 'nobody' is in no team 'alpha'"
	dump | diff before -
}

@test "B21 the list of verbs that are tried is whole" {
	tried=$(sed -n '/refused by every verb/,/^}/p' "$BATS_TEST_FILENAME")
	for program in pipectl contactctl taskctl; do
		for verb in $("$place/bin/$program" --dump-options | awk -F'\t' '$1 == "cmd" { print $2 }'); do
			case $verb in
			help | completion | init | validate | explain | schema | render) continue ;; # no team
			check | clock | backup | restore | upgrade | prune) continue ;;                      # of the database
			esac
			[[ $tried == *"\"$program $verb"[\ \"]* ]] || { echo "$program $verb is not tried"; false; }
		done
	done
}

@test "S0.22 a member makes, changes and deletes pipelines and templates" {
	as bin pipectl apply - <<<$'kind: Template\nname: mine\nsubject: Mine\ntext: Mine.\n---\nkind: Pipeline\nname: mine\nmailbox: hello\nsteps: [{email: mine}]'
	[ "$output" = $'template/mine created\npipeline/mine created' ]
	as bin pipectl apply - <<<$'kind: Pipeline\nname: mine\nmailbox: hello\nsteps: [{email: mine}, {tag: done}]'
	[ "$output" = 'pipeline/mine configured' ]
	as bin pipectl delete pipeline/mine
	[ "$status" = 0 ]
	as bin pipectl delete template/mine
	[ "$status" = 0 ]
	[ "$(ask "SELECT DISTINCT actor FROM document_version WHERE name = 'mine'")" = bin ]
}

@test "B21 a member does what has to do with people and runs" {
	run=$(run_of alpha anna)
	while read -r line; do
		read -ra words <<<"$line"
		as bin "${words[@]}"
		[ "$status" = 0 ] || { echo "$line: $status: $output: $err"; false; }
	done <<-END
		contactctl add carl@example.org first_name=Carl
		contactctl set carl@example.org plan=pro
		contactctl tag hot carl@example.org
		contactctl enroll slowly carl@example.org
		contactctl stop slowly carl@example.org
		contactctl unsubscribe carl@example.org
		contactctl resubscribe carl@example.org --source phone
		contactctl convert carl@example.org
		contactctl delete carl@example.org
		contactctl export
		pipectl hold $run
		pipectl release $run
		pipectl goto $run again
		pipectl pause welcome
		pipectl resume welcome
		pipectl stop $run
		pipectl queue flush
		pipectl send-test hi --to bin@alpha.example
		pipectl migrate welcome
		pipectl events
	END
}

@test "B21 S0.22 a member may not change what the team sends with, 77, nor rehearse it; nothing of the file is stored" {
	dump >before
	for document in $'kind: Mailbox\nname: hello\nfrom: <evil@alpha.example>\nmaildir: evil' \
		$'kind: Mailbox\nname: more\nfrom: <evil@alpha.example>\nmaildir: evil' \
		$'kind: Calendar\nname: office\nopen: {mon-fri: 09:00-17:00}' \
		$'kind: Fields\nname: contact\nfields: {plan: text, more: text}\nevents: {order.placed: {total: number}}'; do
		name=$(awk '/^kind/ { kind = tolower($2) } /^name/ { print kind "/" $2 }' <<<"$document")
		for option in "" -n; do
			# shellcheck disable=SC2086 # no word when there is none
			as bin pipectl apply $option - <<<$'kind: Template\nname: hi\nsubject: New\ntext: New.\n---\n'"$document"
			says 77 "pipectl: only an admin of team 'alpha' may change $name"
		done
		as bin pipectl diff - <<<"$document"
		[ "$status" = 1 ]
	done
	for name in mailbox/slow fields/contact; do
		as bin pipectl delete $name
		[ "$status" = 77 ] || [ "$status" = 1 ]
	done
	as bin pipectl apply - <<<$'kind: Team\nname: alpha\nmembers: {bin: {role: admin}}'
	[ "$status" = 77 ]
	dump | diff before -
}

@test "B21 a file with documents of admins that stay as they are is no matter for a member" {
	sed -i 's/text: This is/text: Now this is/' alpha.yaml
	as bin pipectl apply alpha.yaml
	[ "$status" = 0 ]
	[ "$(grep -v unchanged <<<"$output")" = "template/hi configured" ]
}

@test "S0.22 pipelines: admin leaves people and runs to members, documents to admins" {
	setpriv --reuid games --regid games --clear-groups env PATH="$place/bin:$PATH" pipectl apply -q --team alpha - <<-END
		kind: Team
		name: alpha
		mailbox: hello
		pipelines: admin
		members: {daemon: {role: admin}, bin: {role: member}}
	END
	dump >before
	as bin pipectl apply - <<<$'kind: Template\nname: hi\nsubject: New\ntext: New.'
	says 77 "pipectl: only an admin of team 'alpha' may change template/hi"
	as bin pipectl apply - <<<$'kind: Pipeline\nname: mine\nmailbox: hello\nsteps: [{email: hi}]'
	says 77 "pipectl: only an admin of team 'alpha' may change pipeline/mine"
	as bin pipectl delete pipeline/slowly
	says 77 "pipectl: only an admin of team 'alpha' may change pipeline/slowly"
	as bin pipectl delete template/hi # that it is used is nobody else's business
	says 77 "pipectl: only an admin of team 'alpha' may change template/hi"
	as bin pipectl migrate welcome
	says 77 "pipectl: only an admin of team 'alpha' may do this"
	dump | diff before -
	as bin contactctl enroll slowly anna@example.org
	[ "$status" = 0 ]
	as bin pipectl stop "$(ask "SELECT max(id) FROM run")"
	[ "$status" = 0 ]
	as daemon pipectl apply - <<<$'kind: Pipeline\nname: mine\nmailbox: hello\nsteps: [{email: hi}]'
	[ "$output" = "pipeline/mine created" ]
}

@test "B21 in a folder that the group may not write to, the log stays; without it the owner's tick is waited for" {
	as games contactctl show --team alpha anna@example.org
	chmod 750 .
	as bin contactctl set anna@example.org plan=pro
	[ "$status" = 0 ]
	[ "$(stat -c '%U %a %s' t.db-wal)" = "games 660 0" ]
	rm t.db-wal t.db-shm
	as bin contactctl set anna@example.org plan=free
	says 75 "contactctl: $work/t.db-wal is missing, and only the owner's next tick can make it again"
	as games pipe-tick
	[ "$status" = 0 ]
	as bin contactctl set anna@example.org plan=free
	[ "$status" = 0 ]
}

@test "B21 an admin changes everything of the team but, in a shared database, the Team" {
	as daemon pipectl apply - <<<$'kind: Calendar\nname: office\nopen: {mon-fri: 09:00-17:00}'
	[ "$output" = "calendar/office created" ]
	as daemon pipectl delete calendar/office
	[ "$status" = 0 ]
	dump >before
	as daemon pipectl apply - <<<$'kind: Team\nname: alpha\nmailbox: hello\nmembers: {daemon: {role: admin}, man: {role: member}}'
	says 77 "pipectl: only the owner of a shared database may change team/alpha"
	dump | diff before -
	as games pipectl apply --team alpha - <<<$'kind: Team\nname: alpha\nmailbox: hello\nmembers: {daemon: {role: admin}, man: {role: member}}'
	[ "$output" = "team/alpha configured" ]
	as man contactctl show anna@example.org
	[ "$status" = 0 ]
	as bin contactctl show anna@example.org
	[ "$status" = 77 ]
}

@test "B21 what is done to the database is its owner's: init, upgrade, backup, restore, clock, ticks" {
	pipectl backup -q copy.db
	chmod 644 copy.db
	dump >before
	for account in daemon man; do
		for words in "pipectl init --team gamma" "pipectl upgrade" "pipectl upgrade -n" "pipectl backup stolen.db" \
			"pipectl backup --final stolen.db" "pipectl restore -y copy.db" "pipectl restore -n copy.db" \
			"pipectl restore --accept" "pipectl clock" "pipectl clock accept" "pipe-tick" "pipe-tick -n" \
			"pipe-tick --team alpha"; do
			read -ra line <<<"$words"
			as "$account" "${line[@]}"
			says 77 "${line[0]}: only the owner of '$PIPEWRIGHT_DB' or root may do this"
		done
	done
	[ ! -e stolen.db ]
	[ ! -e t.db.lock ]
	dump | diff before -
	as games pipectl clock
	[ "$status" = 0 ]
	as games pipectl init -q --team gamma
	[ "$status" = 0 ]
	[ "$(ask "SELECT account, role FROM member JOIN team ON team.id = member.team WHERE team.name = 'gamma'")" = "games|admin" ]
}

@test "B21 the owner and root choose any team by name, and none by guess" {
	for account in games root; do
		for team in alpha beta; do
			as "$account" contactctl show anna@example.org --team "$team"
			[[ $output == *"of $team"* ]]
		done
		as "$account" contactctl list
		says 64 "contactctl: there are several teams (alpha, beta): say --team NAME or set PIPEWRIGHT_TEAM"
		as "$account" contactctl list --team gamma
		[ "$status" = 67 ]
		[[ $err == "contactctl: no team 'gamma'"* ]]
	done
}

@test "B21 without the rights of the group the database cannot be looked at" {
	run_both setpriv --reuid daemon --regid daemon --clear-groups env PATH="$place/bin:/usr/bin:/bin" contactctl list
	[ "$status" = 77 ]
	[ "$output" = "" ]
	chmod 750 .
	chmod 640 t.db
	as bin contactctl set anna@example.org plan=pro
	[ "$status" = 77 ]
}
