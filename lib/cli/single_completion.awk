# Completion of a program without verbs, which is not linked with what writes completions: from its --dump-options.
#	pipe-tick --dump-options | awk -v program=pipe-tick -v shell=bash -f single_completion.awk

# What the value of an option is: files, a kind of documents, "any", or "" when it has none.
function kind_of(name, value)
{
	if (value == "-")
		return ""
	if (name == "team")
		return "teams"
	if (value == "MAILBOX")
		return "mailboxes"
	return value == "FILE" ? "files" : "any"
}

function names(kind)
{
	return "pipectl list " kind " 2>/dev/null </dev/null | cut -f1"
}

function bash_option(letter, name, kind,   action)
{
	options = options (letter == "-" ? "" : " -" letter) " --" name
	if (kind == "")
		return
	action = ""
	if (kind == "files")
		action = "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"
	else if (kind != "any")
		action = "mapfile -t COMPREPLY < <(compgen -W \"$(" names(kind) ")\" -- \"$cur\")"
	cases = cases "\t" (letter == "-" ? "" : "-" letter "|") "--" name ") " action " ;;\n"
}

function zsh_option(letter, name, kind, help,   action, both)
{
	gsub("\\[", "(", help)
	gsub("]", ")", help)
	gsub(":", ",", help)
	action = ""
	if (kind == "files")
		action = ":file:_files"
	else if (kind == "any")
		action = ":value:"
	else if (kind != "")
		action = ":name:{compadd -- ${(f)\"$(" names(kind) ")\"}}"
	both = letter == "-" ? "" : "(-" letter " --" name ")"
	if (letter != "-")
		options = options " \\\n\t'" both "-" letter "[" help "]" action "'"
	options = options " \\\n\t'" both "--" name "[" help "]" action "'"
}

function fish_option(letter, name, kind, help)
{
	gsub("'", "\\'", help)
	options = options "complete -c " program (letter == "-" ? "" : " -s " letter) " -l " name
	if (kind == "files")
		options = options " -rF"
	else if (kind != "")
		options = options " -r" (kind == "any" ? "" : " -a '(" names(kind) ")'")
	options = options " -d '" help "'\n"
}

BEGIN { FS = "\t" }

$1 == "opt" {
	kind = kind_of($4, $5)
	if (shell == "bash")
		bash_option($3, $4, kind)
	else if (shell == "zsh")
		zsh_option($3, $4, kind, $7)
	else
		fish_option($3, $4, kind, $7)
}

END {
	word = program
	gsub("[^a-z]", "_", word)
	if (shell == "bash") {
		printf "_%s()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n\tCOMPREPLY=()\n", word
		printf "\tcase ${COMP_WORDS[COMP_CWORD - 1]} in\n%s", cases
		printf "\t*) mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$cur\") ;;\n\tesac\n}\n", substr(options, 2)
		printf "complete -F _%s %s\n", word, program
	} else if (shell == "zsh") {
		printf "#compdef %s\n\n_arguments%s\n", program, options
	} else {
		printf "complete -c %s -f\n%s", program, options
	}
}
