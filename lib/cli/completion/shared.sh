
_PROGRAM_names()
{
	local before=''
	case $1 in
	kinds) echo "KINDS" ;;
	events) _PROGRAM_events ;;
	*/) before=$1 ;&
	*) pipectl list "${1%/}" "${context[@]}" 2>/dev/null </dev/null | cut -f1 | sed "s|^|$before|" ;;
	esac
}

_PROGRAM_events()
{
	pipectl explain events 2>/dev/null | sed -n 's/^  *\([a-z_.]*\).*/\1/p'
	pipectl show fields/contact "${context[@]}" 2>/dev/null </dev/null |
		sed -n '/^events:/,$s/^  \([a-z][a-z0-9_.]*\):.*/\1/p'
}

_PROGRAM_documents()
{
	local kind=${cur%%/*}
	if [ "$kind" = "$cur" ]; then
		printf '%s/\n' DOC_WORDS
	else
		_PROGRAM_names "$kind/"
	fi
}

_PROGRAM_word()
{
	if [ -n "$option" ]; then
		[ "$1" = = ] && return
		case $option in --db|--team) context+=("$option" "$1") ;; esac
		option=''
	elif [ "$1" = -- ]; then
		end=1
	elif [ -z "$end" ] && [ "${1#-}" != "$1" ] && [ "$1" != - ]; then
		case $1 in
		--db=*|--team=*) context+=("$1") ;;
		*) _PROGRAM_value "$verb" "$1" && option=$1 ;;
		esac
	elif [ -z "$verb" ]; then
		verb=$1
	else
		n=$((n + 1))
	fi
}

_PROGRAM_choose()
{
	specs=()
	if [ -n "$option" ]; then
		_PROGRAM_value "$verb" "$option"
	elif [ -z "$end" ] && [ "${cur#-}" != "$cur" ]; then
		_PROGRAM_options "$verb"
	elif [ -z "$verb" ]; then
		_PROGRAM_verbs
	else
		_PROGRAM_operand "$verb" "$n"
	fi
}
