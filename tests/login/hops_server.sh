# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Each box lets its owner in from the owner's other boxes, over its socket in /run/nsbox/boxes, and nobody else.
# shellcheck disable=SC2016 # the boxes expand these

hop=/srv/nsbox/login/hop

# Sessions one and two in the boxes ada-1 and ada-2.
two_boxes() {
	log_in one ada
	eq "$(box_of one)" ada-1 'the first box'
	log_in two ada
	eq "$(box_of two)" ada-2 'the second box'
}

# hop_in WHAT...: from one to two; hop_status: its exit status
hop_in() { in_session one "$hop ada-2 $*"; }
hop_status() { in_session one "$hop ada-2 $* >/dev/null 2>&1; echo \$?"; }
hops_of() { pgrep -x nsbox-hop || true; }
no_hops() { [ -z "$(hops_of)" ]; }
wait_no_hops() { within 2000 no_hops || fault "hops left: $(ps -o pid=,args= -p "$(hops_of | paste -sd,)")"; }

socket__is_there_while_its_box_lives() {
	log_in one ada
	eq "$(in_session one 'ls /run/nsbox/boxes')" $'ada-1\nada-1.info'
	log_in two ada
	eq "$(in_session one 'ls /run/nsbox/boxes')" $'ada-1\nada-1.info\nada-2\nada-2.info'
	matches "$(in_session one 'cat /run/nsbox/boxes/ada-2.info')" \
		'^box=ada-2 user=ada pid=[0-9]+ created=[0-9]+ service=sshd from=[0-9.:]+ network=nat address=[^ ]+ ports=- state=live$'
	log_out two
	wait_gone ada-2 2000
	eq "$(in_session one 'ls /run/nsbox/boxes')" $'ada-1\nada-1.info'
}

socket__and_what_is_said_of_it_cannot_be_changed_in_a_box() {
	two_boxes
	lacks "$(in_session one 'rm -f /run/nsbox/boxes/ada-2 && echo removed')" '^removed'
	matches "$(in_session one 'touch /run/nsbox/boxes/x')" 'Read-only file system'
	matches "$(in_session one 'echo x >/run/nsbox/boxes/ada-1.info')" '(Permission denied|Read-only file system)'
	matches "$(in_session one 'findmnt -no OPTIONS /run/nsbox/boxes')" '^ro,nosuid,nodev,noexec'
}

socket__of_a_dead_box_is_replaced() {
	log_in one ada
	kill_all $(pgrep -x nsbox-sweep)
	kill -KILL "$(init_of ada-1)"
	within 1000 is_dead "${client[one]}" || fault 'the client has its session'
	[ -S "/run/nsbox/$(id -u ada)/boxes/ada-1" ] || fault 'collected before its time'
	two_boxes
	eq "$(in_session two "$hop ada-1 run cat /run/nsbox/name")" ada-1
}
is_dead() { ! [ -e "/proc/$1" ] || [[ $(ps -o stat= -p "$1") = Z* ]]; }

box__knows_the_shell_of_its_user() {
	log_in one ada
	eq "$(in_session one 'cat /run/nsbox/shell')" /bin/bash
	eq "$(in_session one 'stat -c "%a %U" /run/user/$(id -u)/nsbox')" '700 ada'
	log_out one
	wait_gone ada-1
	configure 'shell = /bin/dash' 'stable_paths = no'
	log_in one ada
	eq "$(in_session one 'cat /run/nsbox/shell')" /bin/dash
	status 1 ssh ada@host 'test -e /run/user/$(id -u)/nsbox'
}

hop__runs_a_command_in_the_other_box() {
	two_boxes
	eq "$(hop_in run cat /run/nsbox/name)" ada-2
	eq "$(hop_in run sh -c "'id -un; echo \$NSBOX \$HOME \$SHELL \$USER \$XDG_RUNTIME_DIR'")" \
		$'ada\nada-2 /home/ada /bin/bash ada /run/user/2000'
	for name in pid mnt net ipc uts user cgroup; do
		eq "$(hop_in run readlink "/proc/self/ns/$name")" "$(in_session two "readlink /proc/self/ns/$name")" "namespace $name"
	done
	eq "$(hop_in run cat /proc/self/cgroup)" "$(in_session two 'cat /proc/self/cgroup')"
	eq "$(hop_in run grep -E "'^(Cap|NoNewPrivs|Groups)'" /proc/self/status)" \
		"$(in_session two "grep -E '^(Cap|NoNewPrivs|Groups)' /proc/self/status")"
	eq "$(hop_in run ls -l /proc/self/fd | wc -l)" 5 'open descriptors'
	wait_no_hops
}

hop__ends_as_its_command_does() {
	two_boxes
	eq "$(hop_status run sh -c "'exit 7'")" 7
	eq "$(hop_status run /nowhere)" 127
	eq "$(hop_status run /etc/passwd)" 126
	eq "$(hop_in run sh -c "'kill -USR1 \$\$'")" 'signal 10'
	eq "$(in_session one "echo text | $hop ada-2 run tr a-z A-Z | cat")" TEXT
	eq "$(in_session one "$hop ada-2 run sh -c 'echo out; echo err >&2' 2>/dev/null")" out
	eq "$(in_session one "head -c 3000000 /dev/zero | $hop ada-2 run wc -c")" 3000000
	eq "$(in_session one "$hop ada-2 run yes 2>/dev/null | head -n 1")" y
}

hop__begins_as_the_asking_side_says() {
	two_boxes
	eq "$(in_session one "cd /usr; $hop ada-2 run pwd")" /usr
	eq "$(in_session one "mkdir /tmp/mine; cd /tmp/mine; $hop ada-2 run pwd")" /home/ada 'a directory that the box does not have'
	eq "$(in_session one "umask 027; $hop ada-2 run sh -c umask")" 0027
	eq "$(in_session one "ulimit -n 321; $hop ada-2 run sh -c 'ulimit -n; ulimit -Hn'")" $'321\n321'
	eq "$(in_session one "MINE=here TMUX=t STY=s DISPLAY=:9 SSH_AUTH_SOCK=/x NSBOX_PORTS=1 $hop ada-2 run \
		sh -c 'echo \$MINE \$TMUX \$STY \$DISPLAY \$SSH_AUTH_SOCK \$SSH_TTY \$NSBOX_PORTS.'")" 'here .'
	# Two that the C library keeps for itself stay ignored if whoever started sshd ignored them (posix_spawn(3) does).
	matches "$(in_session one "(trap '' INT; exec $hop ada-2 run grep -E '^Sig(Blk|Ign)' /proc/self/status)")" \
		$'^SigBlk:\t0000000000000000\nSigIgn:\t0000000[01][08]0000000$'
	in_session two 'echo :7 >/run/user/2000/nsbox/display; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"/run/user/2000/nsbox/agent\")"'
	eq "$(hop_in run sh -c "'echo \$DISPLAY \$SSH_AUTH_SOCK'")" ':7 /run/user/2000/nsbox/agent'
}

hop__has_the_ports_of_its_box() {
	configure 'publish = 8080'
	two_boxes
	eq "$(in_session two "$hop ada-1 run printenv NSBOX_PORTS")" 8080
	eq "$(in_session one "$hop ada-2 run printenv NSBOX_PORTS")" ''
}

hop__has_a_terminal_of_its_box() {
	two_boxes
	matches "$(hop_in tty sh -c "'tty; stty size; echo \$TERM; ps -o stat= -p \$\$'")" \
		$'^/dev/pts/[0-9]+\r?\n33 101\r?\n[^\n]*\n[A-Z]*s'
	# what the login shell is
	eq "$(in_session one "printf 'echo \$0; exit 5\n' | $hop ada-2 tty 2>&1 | tr -d '\r' | grep -c '^-bash'; echo \${PIPESTATUS[1]}")" $'1\n5'
	in_session one "echo typed | $hop ada-2 tty sh -c 'read line </dev/tty; echo \$line >/tmp/read'" >/dev/null
	eq "$(in_session two 'cat /tmp/read')" typed
}

hop__passes_signals_on() {
	two_boxes
	eq "$(hop_in signal 15 0 sh -c "'echo here; exec sleep 100'")" $'here\nsignal 15'
	eq "$(hop_in signal 10 0 sh -c "'trap \"exit 9\" USR1; echo here; while :; do sleep 0.1; done'" '; echo $?')" $'here\n9'
	# the shell's own job is in the foreground, and ends; the shell says how
	matches "$(hop_in signal 10 1 bash -ic "'sh -c \"echo here; exec sleep 100\"; echo it ended with \$?'")" 'it ended with 138'
	# numbers that are none
	eq "$(hop_in signal 0 0 sh -c "'echo here; sleep 0.3'" '; echo $?')" $'here\n0'
	eq "$(hop_in signal 4000000000 1 sh -c "'echo here; sleep 0.3; echo still'" '; echo $?' | tr -d '\r')" $'here\nstill\n0'
}

hop__hangs_up_when_the_asking_side_is_gone() {
	two_boxes
	eq "$(hop_in leave sh -c "'echo here; exec sleep 1234'")" here
	within 2000 has_none 'sleep 1234' || fault 'the command is still there'
	matches "$(hop_in vanish sh -c "'echo here; exec sleep 1235'")" here
	within 2000 has_none 'sleep 1235' || fault 'the command on a terminal is still there'
	wait_no_hops
	eq "$(in_session two 'ls /dev/pts')" ptmx 'terminals'
}
has_none() { ! pgrep -f "^$1\$" >/dev/null; }

hop__hangs_up_when_nsbox_hop_is_killed() {
	two_boxes
	in_session one "$hop ada-2 run sleep 1234 >/tmp/one 2>&1 &"
	within 2000 pgrep -f '^sleep 1234$' >/dev/null || fault 'no command'
	lacks "$(in_session two 'pkill -TERM nsbox-hop; sleep 0.2; pgrep nsbox-hop >/dev/null || echo gone')" gone
	in_session two 'pkill -KILL nsbox-hop'
	within 2000 has_none 'sleep 1234' || fault 'the command is still there'
	eq "$(in_session one 'wait; cat /tmp/one')" closed
	in_session one "$hop ada-2 run sleep 1235 >/tmp/one 2>&1 &"
	within 2000 pgrep -f '^sleep 1235$' >/dev/null || fault 'no second command'
	in_session two 'pkill -KILL -f "^sleep 1235"'
	eq "$(in_session one 'wait; cat /tmp/one')" 'signal 9'
	wait_no_hops
}

hop__survives_requests_that_are_none() {
	two_boxes
	eq "$(hop_in garbage)" 'refused 0'
	eq "$(hop_in half)" 'refused 0'
	eq "$(hop_in long)" 'refused 0'
	eq "$(hop_in rights)" 'refused 0'
	eq "$(hop_in version)" 'refused 0'
	eq "$(hop_in mismatch)" $'refused 0\nrefused 0\nrefused 0\nrefused 0'
	eq "$(hop_in lie)" $'refused 0\nrefused 0\nrefused 0'
	eq "$(hop_in silence)" 'refused 5'
	eq "$(hop_in run echo well)" well
	wait_no_hops
}

hop__fifty_at_once() {
	two_boxes
	eq "$(hop_in many 50 sh -c "'sleep 0.2'")" '50 0'
	wait_no_hops
}

hop__as_many_as_allowed_and_no_more() {
	two_boxes
	in_session one "mkfifo /tmp/hold; $hop ada-2 hold 140 </tmp/hold >/tmp/held 2>&1 & exec 9>/tmp/hold"
	within 8000 in_session_is one 'cat /tmp/held' 12 || fault "closed: $(in_session one 'cat /tmp/held'), not 12"
	eq "$(hop_in run echo one more)" closed
	in_session one 'exec 9>&-; wait'
	wait_no_hops
	eq "$(hop_in run echo again)" again
}
in_session_is() { [ "$(in_session "$1" "$2")" = "$3" ]; }

hop__leads_into_no_box_of_others() {
	two_boxes
	log_in three bob
	eq "$(in_session three 'ls /run/nsbox/boxes')" $'bob-1\nbob-1.info'
	# in ada's box, as somebody else, whether the host knows them or not, and as root of the host
	matches "$(nsenter -t "$(init_of ada-2)" -m setpriv --reuid bob --clear-groups $hop ada-2 run id 2>&1)" 'Permission denied'
	matches "$(nsenter -t "$(init_of ada-2)" -m setpriv --reuid 1000000 --clear-groups $hop ada-2 run id 2>&1)" 'Permission denied'
	eq "$(nsenter -t "$(init_of ada-2)" -m $hop ada-2 run id 2>&1)" closed
	# and from outside nobody gets so far
	fails as ada ls "/run/nsbox/$(id -u ada)"
}

hop__keeps_its_box() {
	two_boxes
	in_session one "$hop ada-2 run sh -c 'sleep 1.5; cat /run/nsbox/name' >/tmp/one 2>&1 &"
	within 2000 pgrep -x nsbox-hop >/dev/null || fault 'no hop'
	log_out two
	sleep 1
	init_of ada-2 >/dev/null || fault 'the box is gone'
	# a login to it counts again, with the hop there and without it
	eq "$(in_session one 'wait; cat /tmp/one')" ada-2
	wait_gone ada-2 2000
}

hop__leads_into_a_box_that_lingers() {
	configure 'linger = 1h'
	two_boxes
	in_session two 'setsid sleep 1236 >/dev/null 2>&1 &'
	log_out two
	within 3000 lingers || fault 'somebody is still logged in'
	eq "$(hop_in run pgrep -c sleep)" 1
	eq "$(hop_in tty tty | tr -d '\r')" /dev/pts/0
	eq "$(hop_in run pkill -f 1236)" ''
	wait_gone ada-2 2000
}
lingers() {
	local lease
	lease=$(readlink "/proc/$(init_of ada-2)/fd/3")
	[ "$(find /proc/[0-9]*/fd -type l -printf '%l\n' 2>/dev/null | grep -cxF "$lease")" = 1 ]
}

hop__can_end_the_box() {
	two_boxes
	in_session two '(trap "" HUP TERM; setsid sleep 1237 >/dev/null 2>&1 &)'
	eq "$(hop_in end)" 'True True'
	wait_gone ada-2 2000
	within 1000 is_dead "${client[two]}" || fault 'its client has a session'
	eq "$(in_session one "$hop ada-1 end")" ''
	wait_gone ada-1 2000
}

hop__asks_for_a_new_home() {
	two_boxes
	eq "$(hop_in reset)" True
}

init__ends_its_box_when_it_is_told_to() {
	two_boxes
	in_session two 'kill -TERM 1' || true
	wait_gone ada-2 2000
	in_session one '(trap "echo kind >/tmp/kind; exit" TERM; touch /tmp/set; while :; do sleep 0.1; done) &
		until [ -e /tmp/set ]; do sleep 0.05; done'
	kill -TERM "$(init_of ada-1)"
	wait_gone ada-1 2000
}

init__shows_its_descriptors_to_nobody() {
	two_boxes
	in_session one "$hop ada-2 run sleep 1238 >/dev/null 2>&1 &"
	within 2000 pgrep -x nsbox-hop >/dev/null || fault 'no hop'
	lacks "$(in_session two 'ls /proc/1/fd /proc/1/exe /proc/$(pgrep -x nsbox-hop)/fd 2>/dev/null')" '[0-9]'
	matches "$(find "/proc/$(hops_of)/fd" -type l -printf '%f ' | sort)" '^[0-9 ]*$'
	# nothing of init's but what a hop needs: 0-2, the connection, the news, the command's pidfd
	eq "$(find "/proc/$(hops_of)/fd" -type l | wc -l)" 7 'descriptors of nsbox-hop'
	eq "$(in_session two 'find /proc/$(pgrep -f "^sleep 1238")/fd -type l | wc -l')" 3 'descriptors of the command'
}
