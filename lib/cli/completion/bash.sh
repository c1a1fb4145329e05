
_PROGRAM_reply()
{
	local spec
	local -a more
	for spec; do
		case $spec in
		FILE)
			compopt -o filenames 2>/dev/null
			mapfile -t more < <(compgen -f -- "$cur")
			;;
		@kind/name)
			[[ $cur == */* ]] || compopt -o nospace 2>/dev/null
			mapfile -t more < <(compgen -W "$(_PROGRAM_documents)" -- "$cur")
			;;
		@*) mapfile -t more < <(compgen -W "$(_PROGRAM_names "${spec#@}")" -- "$cur") ;;
		*) mapfile -t more < <(compgen -W "$spec" -- "$cur") ;;
		esac
		COMPREPLY+=("${more[@]}")
	done
}

_PROGRAM()
{
	local cur=${COMP_WORDS[COMP_CWORD]} verb='' option='' end='' word i n=1
	local -a specs=() context=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		_PROGRAM_word "$word"
	done
	[[ $cur == = ]] && cur=''
	COMPREPLY=()
	_PROGRAM_choose
	_PROGRAM_reply "${specs[@]}"
}
complete -F _PROGRAM PROGRAM
