# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# With linger = 0 a box is gone, without a trace, within a second of its end, whichever way that came.

# nothing_left BOX NAMESPACE...: as they were noted while the box lived
nothing_left() {
	wait_gone "$1"
	shift
	within 1000 is_empty "$@" || fault "processes in its namespaces: $(inhabitants "$@")"
	eq "$(children_of ada)" '' "sshd's children"
}
is_empty() { [ -z "$(inhabitants "$@")" ]; }

# A box with something running in it that will not go by itself; sets box and spaces.
busy_box() {
	log_in one ada
	box=$(box_of one)
	mapfile -t spaces < <(seven "$(init_of "$box")")
	eq "${#spaces[@]}" 7 'namespaces of init'
	in_session one 'echo kept > ~/kept; (trap "" HUP TERM; setsid sleep 1000 &) >/dev/null 2>&1'
}

home_is_whole_and_mounted_once() {
	eq "$(ssh ada@host 'cat ~/kept; echo more >> ~/kept; cat ~/kept')" $'kept\nkept\nmore'
	eq "$(ssh ada@host 'awk "\$5 == \"/home/ada\"" /proc/self/mountinfo | wc -l')" 1 'mounts of the home'
	log_in two ada
	log_in three ada
	eq "$(in_session two 'stat -c %d ~')" "$(in_session three 'stat -c %d ~')" 'device of the home'
}

box__is_gone_after_logout() {
	busy_box
	log_out one
	nothing_left "$box" "${spaces[@]}"
	home_is_whole_and_mounted_once
}

box__is_gone_after_its_client_is_killed() {
	busy_box
	hang_up one
	nothing_left "$box" "${spaces[@]}"
	home_is_whole_and_mounted_once
}

box__is_gone_after_the_monitor_is_killed() {
	busy_box
	kill -KILL "$(monitors_of ada)"
	nothing_left "$box" "${spaces[@]}"
	home_is_whole_and_mounted_once
}

box__is_gone_after_init_is_killed() {
	busy_box
	kill -KILL "$(init_of "$box")"
	nothing_left "$box" "${spaces[@]}"
	within 1000 is_dead "${client[one]}" || fault 'the client still has its session'
	home_is_whole_and_mounted_once
}
has_no_init() { ! init_of "$1" >/dev/null; }
is_dead() { ! [ -e "/proc/$1" ] || [[ $(ps -o stat= -p "$1") = Z* ]]; }

box__is_gone_after_sshd_s_child_is_killed() {
	busy_box
	kill -KILL "$(children_of ada)"
	nothing_left "$box" "${spaces[@]}"
}

box__is_gone_after_its_sweeper_is_killed() {
	busy_box
	pkill -KILL nsbox-sweep
	log_out one
	within 1000 has_no_init "$box" || fault "its init is still there"
	# Nobody saw it go; what is left is collected by the next login.
	ssh ada@host true
	within 2000 is_gone "$box" || fault 'it was not collected'
	home_is_whole_and_mounted_once
}

box__ends_without_a_command_too() {
	local box
	without_sessions ssh -N ada@host &
	within 5000 pgrep nsbox-init >/dev/null || fault 'no box'
	box=$(cat "/proc/$(pgrep nsbox-init)/root/run/nsbox/name")
	kill -KILL $!
	wait_gone "$box"
}

linger__keeps_a_box_with_processes() {
	local box
	configure 'linger = 1h' 'scope = user'
	log_in one ada
	box=$(box_of one)
	in_session one 'setsid sleep 1000 >/dev/null 2>&1 &'
	log_out one
	sleep 1.5
	eq "$(ssh ada@host 'cat /run/nsbox/name; pgrep -c sleep')" "$box"$'\n1'
}

linger__does_not_keep_an_empty_box() {
	local box
	configure 'linger = 1h'
	log_in one ada
	box=$(box_of one)
	log_out one
	wait_gone "$box" 2000
}

box_names__are_used_again() {
	eq "$(ssh ada@host cat /run/nsbox/name)" ada-1
	wait_gone ada-1
	eq "$(ssh ada@host cat /run/nsbox/name)" ada-1
}
