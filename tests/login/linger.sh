# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# linger: what goes on in a box when nobody is logged in to it, and for how long.

# left_job HOW: a job in the background of a shell on a terminal, begun in this way; the client then dies.
left_job() {
	local user=$1 how=$2
	log_in one "$user" -tt
	in_session one "$how sleep 4321 >/dev/null 2>&1 &"
	within 2000 pgrep -f '^sleep 4321$' >/dev/null || fault 'no job'
	hang_up one
}
runs() { pgrep -u "$1" -f "^sleep $2\$" >/dev/null; }
runs_not() { ! runs "$@"; }
no_clients_of() { [ -z "$(children_of "$1")" ]; }

# As many of each as on a host without boxes: plain has none.
busy__hangs_up_the_jobs_that_would_be_hung_up_without_a_box() {
	local user
	configure '[default]' 'linger = busy' '[user:plain]' 'enable = no'
	for user in plain ada; do
		left_job "$user" ''
		within 3000 runs_not "$user" 4321 || fault "$user's job survived its terminal"
		left_job "$user" nohup
		within 3000 no_clients_of "$user" || fault "sshd still serves $user"
		runs "$user" 4321 || fault "$user's job did not survive with nohup"
		pkill -u "$user" -f '^sleep 4321$'
		left_job "$user" setsid
		within 3000 no_clients_of "$user" || fault "sshd still serves $user"
		runs "$user" 4321 || fault "$user's job did not survive in a session of its own"
		pkill -u "$user" -f '^sleep 4321$'
	done
	wait_gone ada-1 2000
}

busy__keeps_a_box_for_as_long_as_it_has_processes() {
	configure 'linger = busy' 'scope = user'
	log_in one ada
	in_session one 'setsid sleep 4 >/dev/null 2>&1 &'
	log_out one
	sleep 2
	init_of ada-1 >/dev/null || fault 'the box is gone, and a process was in it'
	log_in one ada
	eq "$(box_of one)" ada-1
	eq "$(in_session one 'pgrep -xc sleep')" 1
	log_out one
	wait_gone ada-1 4000
}

busy__does_not_keep_an_empty_box() {
	configure 'linger = busy'
	log_in one ada
	log_out one
	wait_gone ada-1 2000
}

busy__keeps_a_multiplexer_of_terminals() {
	configure 'linger = busy' 'scope = user'
	log_in one ada -tt
	in_session one 'TERM=xterm tmux new-session -d "echo kept; exec sleep 1000"'
	hang_up one
	within 3000 no_clients_of ada || fault 'sshd still serves ada'
	eq "$(ssh ada@host 'tmux capture-pane -p | head -n 1; tmux kill-server')" kept
	wait_gone ada-1 2000
}

linger_max__ends_what_would_stay() {
	configure 'linger = busy' 'linger_max = 2' 'scope = user'
	log_in one ada
	in_session one '(trap "" HUP TERM; setsid sleep 4322 >/dev/null 2>&1 &)'
	log_out one
	sleep 1
	runs ada 4322 || fault 'it ended before its time'
	# the time begins anew with each login
	log_in one ada
	sleep 2.5
	log_out one
	sleep 1
	runs ada 4322 || fault 'a login in between was not counted'
	wait_gone ada-1 3000
	runs_not ada 4322 || fault 'it stayed'
}

linger_max__of_none_is_for_ever() {
	configure 'linger = busy' 'linger_max = none'
	log_in one ada
	in_session one 'setsid sleep 4323 >/dev/null 2>&1 &'
	eq "$(tr '\0' ' ' <"/proc/$(init_of ada-1)/cmdline" | cut -d' ' -f1-3)" 'nsbox-init 2147483647 0'
	log_out one
	sleep 1.5
	runs ada 4323 || fault 'the box is gone'
}
