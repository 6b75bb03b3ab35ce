# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# runs as: the user, in a login shell of theirs (/etc/profile.d). In a box, lets shells that stay find the SSH agent and the
# display of the newest login: nsbox(7), "Agent and display".

# In a box whose stable_paths is no there is no such directory. The environment alone proves nothing: who becomes
# somebody else may have brought it along.
# shellcheck disable=SC3067 # -O: dash, bash and zsh know it
if [ -n "${NSBOX-}" ] && [ -r /run/nsbox/name ] && [ -O "${XDG_RUNTIME_DIR-}/nsbox" ]; then
	_nsbox_paths=$XDG_RUNTIME_DIR/nsbox

	# The shell that sshd started on its terminal speaks for a login; those in tmux do not.
	if [ -n "${SSH_TTY-}" ] && [ "$SSH_TTY" = "$(tty 2>/dev/null)" ]; then
		if [ -S "${SSH_AUTH_SOCK-}" ] && [ "$SSH_AUTH_SOCK" != "$_nsbox_paths/agent" ]; then
			ln -sfn "$SSH_AUTH_SOCK" "$_nsbox_paths/agent"
			unset SSH_AUTH_SOCK
		fi
		# A pipe there would keep every login waiting.
		if [ -n "${DISPLAY-}" ] && { [ ! -e "$_nsbox_paths/display" ] || [ -f "$_nsbox_paths/display" ]; }; then
			printf '%s\n' "$DISPLAY" >"$_nsbox_paths/display"
		fi
	fi
	# Somebody's own agent is left to them.
	if [ -S "$_nsbox_paths/agent" ] && [ ! -S "${SSH_AUTH_SOCK-}" ]; then
		SSH_AUTH_SOCK=$_nsbox_paths/agent
		export SSH_AUTH_SOCK
	fi

	# A display is an address and no file that could be pointed elsewhere, so it is read again before each prompt. One
	# that the user has set meanwhile stays.
	_nsbox_display() {
		[ -f "$_nsbox_paths/display" ] && [ -r "$_nsbox_paths/display" ] || return 0
		[ "${DISPLAY-}" = "${_nsbox_shown-}" ] || return 0
		read -r _nsbox_shown <"$_nsbox_paths/display" && DISPLAY=$_nsbox_shown && export DISPLAY
	}
	_nsbox_shown=${DISPLAY-}
	_nsbox_display
	case $- in
	*i*)
		if [ -n "${BASH_VERSION-}" ]; then
			PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND;} _nsbox_display"
		elif [ -n "${ZSH_VERSION-}" ]; then
			# shellcheck disable=SC3030,SC3024 # arrays, in zsh only
			eval 'precmd_functions+=(_nsbox_display)'
		fi
		;;
	esac
fi
