function __pipewright_names
	set -l context
	set -l words (commandline -opc)
	for i in (seq (count $words))
		if contains -- $words[$i] --db --team; and test $i -lt (count $words)
			set -a context $words[$i] $words[(math $i + 1)]
		end
	end
	if test $argv[1] = events
		pipectl explain events 2>/dev/null | string match -rg '^  +([a-z_.]+)'
		pipectl show fields/contact $context 2>/dev/null </dev/null | sed -n '/^events:/,$s/^  \([a-z][a-z0-9_.]*\):.*/\1/p'
		return
	end
	pipectl list $argv[1] $context 2>/dev/null </dev/null | cut -f1 | string replace -r '^' "$argv[2]"
end
function __pipewright_documents
	set -l parts (string split -m 1 / -- (commandline -ct))
	if test (count $parts) -lt 2
		printf '%s/\n' $argv
	else
		__pipewright_names $parts[1] $parts[1]/
	end
end
