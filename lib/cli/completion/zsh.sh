
_PROGRAM()
{
	local cur=${words[CURRENT]} verb='' option='' end='' spec i n=1
	local -a specs context
	for ((i = 2; i < CURRENT; i++)); do
		_PROGRAM_word "${words[i]}"
	done
	if [[ $cur == --*=* ]]; then
		option=${cur%%=*}
		compset -P '*='
	fi
	_PROGRAM_choose
	for spec in $specs; do
		case $spec in
		FILE) _files ;;
		@kind/name)
			if [[ $cur == */* ]]; then
				compadd -- ${="$(_PROGRAM_documents)"}
			else
				compadd -S '' -- ${="$(_PROGRAM_documents)"}
			fi
			;;
		@*) compadd -- ${="$(_PROGRAM_names "${spec#@}")"} ;;
		*) compadd -- $spec ;;
		esac
	done
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
	_PROGRAM "$@"
else
	compdef _PROGRAM PROGRAM
fi
