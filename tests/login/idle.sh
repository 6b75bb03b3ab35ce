# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# idle: a box ends when nothing was typed or shown on its terminals for so long. The time counts from the last second in
# which the kernel may have noted nothing, which is up to 7 s later.

lives() { init_of "$1" >/dev/null; }
has_ended() { ! lives "$1"; }
warned() { grep -aq 'it ends in 5 seconds' "$1"; }
seconds_since() { echo $((SECONDS - $1)); }

# A session on a terminal that does nothing and shows what comes in /tmp/shown.
sit() {
	(sleep 100 | exec script -qec "ssh -tt $* ada@host 'echo begun; exec sleep 1000'" /dev/null >/tmp/shown 2>&1) &
	within 5000 grep -qs begun /tmp/shown || fault "no session: $(cat /tmp/shown)"
}

idle__ends_a_box_with_a_terminal_and_warns_before() {
	local start=$SECONDS
	configure 'idle = 10'
	sit
	within 15000 warned /tmp/shown || fault "no warning: $(cat /tmp/shown)"
	matches "$(tr -d '\r' </tmp/shown)" $'nsbox: nothing was typed or shown in this box for 5 seconds; it ends in 5 seconds if nothing is typed\\.'
	lives ada-1 || fault 'it did not end in 5 seconds'
	wait_gone ada-1 6500
	eq "$(grep -ac 'it ends in' /tmp/shown)" 1 'warnings'
	[ "$(seconds_since "$start")" -ge 10 ] || fault "after $(seconds_since "$start") s"
}

idle__does_not_end_a_box_without_terminals() {
	configure 'idle = 10'
	log_in one ada
	sleep 19
	lives ada-1 || fault 'it ended'
}

idle__none_ends_nothing() {
	sit
	sleep 19
	lives ada-1 || fault 'it ended'
}

activity__after_the_warning_keeps_the_box() {
	configure 'idle = 10' 'scope = user'
	sit
	log_in one ada
	within 15000 warned /tmp/shown || fault "no warning: $(cat /tmp/shown)"
	sleep 2
	in_session one 'echo sign of life >/dev/pts/0'
	sleep 4
	lives ada-1 || fault 'it ended'
	eq "$(grep -ac 'it ends in' /tmp/shown)" 1 'warnings'
	within 15000 has_ended ada-1 || fault 'it lives for ever'
	eq "$(grep -ac 'it ends in' /tmp/shown)" 2 'warnings'
}

activity__puts_the_end_off() {
	configure 'idle = 10' 'scope = user'
	sit
	log_in one ada
	for _ in {1..6}; do
		sleep 3
		in_session one 'echo sign of life >/dev/pts/0'
	done
	lives ada-1 || fault 'it ended'
	fails warned /tmp/shown
}

warning__is_no_activity_even_where_it_is_shown_again() {
	configure 'idle = 10' 'scope = user'
	log_in two ada
	sit
	log_in one ada -tt
	in_session one 'TERM=xterm tmux new-session -d "exec sleep 1000"; tmux set -g status off'
	say_to one 'TERM=xterm exec tmux attach'
	# what is shown at first
	within 25000 has_ended ada-1 || fault 'the warning keeps the box alive'
	eq "$(grep -ac 'it ends in' /tmp/shown)" 1 'warnings'
}
say_to() { printf '%s\n' "$2" >&"${say[$1]}"; }

clock__that_is_set_ends_nothing() {
	configure 'idle = 20' 'scope = user'
	sit
	log_in one ada
	# as far as the kernel's notes go: the terminal was last used a day ago, and tomorrow
	in_session one 'touch -d "1 day ago" /dev/pts/0'
	sleep 6
	in_session one 'touch -d "1 day" /dev/pts/0'
	sleep 6
	fails warned /tmp/shown
	lives ada-1 || fault 'it ended'
}
