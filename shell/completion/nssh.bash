# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# runs as: the user. Completion of nssh(1) for bash; it needs bash-completion.

# Those that begin with the first word. Not by compgen -W, which would take a name for something to expand.
_nssh_boxes() {
	local begin=$1 box
	shift
	nssh -l "$@" 2>/dev/null | while read -r box _; do
		[ "$box" = BOX ] || [[ $box != "$begin"* ]] || printf '%q\n' "$box"
	done
}

_nssh() {
	local cur prev words cword split i user=()
	_init_completion -s || return

	# What stands behind -- is a command, and that of -c its text.
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		--)
			_command_offset $((i + 1))
			return
			;;
		-u | --user) user=(-u "${words[i + 1]-}") ;;
		esac
	done
	case $prev in
	-u | --user | --check) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
	-k | --kill) mapfile -t COMPREPLY < <(_nssh_boxes "$cur" "${user[@]}") ;;
	--reset) mapfile -t COMPREPLY < <(compgen -W 'root home' -- "$cur") ;;
	-c | --command) ;;
	*)
		"${split:-false}" && return
		if [[ $cur = -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W '-n --new -c --command= -u --user= -l --list -k --kill= --reset=
				-f --force --stat --json --check --edit --reload --net-up --net-down --gc --help --version
				--' -- "$cur")
			[[ ${COMPREPLY-} != *= ]] || compopt -o nospace
		else
			mapfile -t COMPREPLY < <(_nssh_boxes "$cur" "${user[@]}")
		fi
		;;
	esac
} && complete -F _nssh nssh
