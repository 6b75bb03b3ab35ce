# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nssh, from a shell of the user on the host.

nssh__enters_the_latest_box() {
	log_in one ada
	log_in two ada
	eq "$(as ada nssh -- cat /run/nsbox/name)" "$(box_of two)"
}

nssh__enters_the_box_named() {
	log_in one ada
	log_in two ada
	eq "$(as ada nssh "$(box_of one)" -- cat /run/nsbox/name)" "$(box_of one)"
}

nssh__is_in_all_seven_namespaces_of_the_box() {
	log_in one ada
	eq "$(as ada nssh -- readlink /proc/self/ns/{user,mnt,pid,uts,ipc,net,cgroup})" \
		"$(in_session one 'readlink /proc/self/ns/{user,mnt,pid,uts,ipc,net,cgroup}')"
}

nssh__is_bound_like_a_login() {
	local inside
	log_in one ada
	inside='grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status; id; cat /proc/self/cgroup; pwd; echo $HOME $USER $NSBOX'
	eq "$(as ada nssh -c "$inside")" "$(in_session one "$inside")"
}

nssh__opens_a_box_when_there_is_none() {
	eq "$(as ada nssh -- cat /run/nsbox/name)" ada-1
	wait_gone ada-1
}

nssh__passes_the_exit_status_on() {
	local n
	log_in one ada
	for n in 0 1 2 77 124 125 126 127 128 200 255; do status "$n" as ada nssh -- sh -c "exit $n"; done
	status 127 as ada nssh -- no-such-command 2>/dev/null
	status 126 as ada nssh -- /etc/passwd 2>/dev/null
}

nssh__passes_death_by_signal_on() {
	local signal
	log_in one ada
	for signal in HUP INT TERM KILL; do
		status "$(as ada sh -c "kill -$signal \$\$" 2>/dev/null || echo $?)" as ada nssh -- sh -c "kill -$signal \$\$"
	done
}

nssh__passes_signals_in() {
	log_in one ada
	as ada nssh -- sh -c 'trap "echo got it; exit 5" TERM; echo ready; while :; do sleep 0.1; done' >/tmp/said &
	within 5000 grep -q ready /tmp/said
	pkill -TERM -x -u ada nssh
	status 5 wait $!
	matches "$(cat /tmp/said)" 'got it' 'what it said'
}

nssh__carries_a_pipe_whole_both_ways() {
	local sum
	log_in one ada
	head -c 30M /dev/urandom >/srv/big
	sum=$(sha256sum </srv/big)
	# shellcheck disable=SC2002 # a pipe is meant
	eq "$(cat /srv/big | as ada nssh -- cat | cat | sha256sum)" "$sum"
	rm /srv/big
}

nssh__ends_a_pipe_as_usual() {
	log_in one ada
	eq "$(as ada nssh -- yes | head -n 1)" y
	eq "$(as ada nssh -- sh -c 'echo out; echo err >&2' 2>/dev/null)" out
}

nssh__takes_a_closed_stdin() {
	log_in one ada
	status "$(as ada cat <&- 2>/dev/null || echo $?)" as ada nssh -- cat <&- 2>/dev/null
	status 0 as ada nssh -- true <&- >&- 2>&-
}

nssh__takes_arguments_as_they_are() {
	log_in one ada
	eq "$(as ada nssh -- printf '<%s>' 'a b' '' '*' '$HOME' '"' "'")" "<a b><><*><\$HOME><\"><'>"
	eq "$(as ada nssh -c 'printf "<%s>" "a b" $((1 + 1))')" '<a b><2>'
}

# on_a_terminal EXPECT-LINE...: nssh of ada on a terminal of 33 rows and 101 columns
on_a_terminal() {
	{
		printf '%s\n' 'set timeout 15' 'set stty_init "rows 33 columns 101"' \
			'spawn -noecho setpriv --reuid ada --regid ada --init-groups env -C /home/ada HOME=/home/ada USER=ada nssh'
		printf '%s\n' "$@"
	} >/tmp/terminal.exp
	TERM=xterm expect /tmp/terminal.exp >/tmp/terminal.out 2>&1 || fault "step $?: $(cat /tmp/terminal.out)"
}

# tmux in a box would go by the variable, and refuse or find no directory for its socket.
nssh__leaves_behind_what_names_things_of_the_host() {
	eq "$(as ada env TMUX=/tmp/tmux-2000/other,1,0 TMUX_PANE=%0 STY=x SSH_TTY=/dev/pts/9 KEPT=y nssh -- sh -c \
		'tmux new -d && echo $TMUX $TMUX_PANE $STY $SSH_TTY $KEPT')" y
}

nssh__has_a_terminal_of_the_box() {
	log_in one ada
	on_a_terminal 'expect "nssh: box ada-1" {} timeout { exit 2 }' \
		'send "tty; ls -1 /dev/pts\r"' 'expect -re "/dev/pts/\[0-9\]+.*ptmx" {} timeout { exit 1 }' \
		'send "exit 7\r"' 'expect eof' 'exit [expr [lindex [wait] 3] != 7]'
}

nssh__follows_the_window_size() {
	log_in one ada
	on_a_terminal 'send "stty size\r"' 'expect "33 101" {} timeout { exit 1 }' \
		'stty rows 40 columns 90 < $spawn_out(slave,name)' \
		'send "until stty size | grep -q 40.90; do sleep 0.05; done; stty size\r"' 'expect "40 90\r" {} timeout { exit 2 }'
}

nssh__sends_control_c_to_the_command() {
	log_in one ada
	on_a_terminal 'send "sleep 100; echo status \$?\r"' 'sleep 1' 'send "\003"' 'sleep 0.3' 'send "echo status \$?\r"' \
		'expect -re "status 130" {} timeout { exit 1 }'
}

nssh__does_not_survive_its_box() {
	log_in one ada
	as ada nssh ada-1 -- sleep 100 &
	sleep 0.5
	kill -KILL "$(init_of ada-1)"
	within 2000 no_nssh || fault 'nssh is still there'
}
no_nssh() { ! pgrep -x nssh >/dev/null; }

# Else its init could never end: it waits for all of the box, and the command for who waits for it.
nssh__is_not_stopped_by_its_user() {
	local helper
	log_in one ada
	as ada nssh ada-1 -- sleep 100 &
	within 5000 waits_for_ada || fault 'no helper waits'
	helper=$(pgrep -xo nsbox-helper)
	fails as ada kill -STOP "$helper" 2>/dev/null
	fails as ada kill -KILL "$helper" 2>/dev/null
	matches "$(grep -E '^(Uid|CapPrm|CapEff|CapBnd|NoNewPrivs)' "/proc/$helper/status" | tr -s '\t\n' ' ')" \
		'Uid: [0-9]{7} 2000 [0-9]{7} .*CapPrm: 0+ CapEff: 0+ CapBnd: 0+ NoNewPrivs: 1'
	as ada kill -KILL "$(init_of ada-1)"
	wait_gone ada-1
	wait
}
waits_for_ada() {
	grep -qsE '^Uid:\s[0-9]+\s2000\s' "/proc/$(pgrep -xo nsbox-helper)/status"
}

nssh_l__lists_live_boxes() {
	eq "$(as ada nssh -l | wc -l)" 1 'lines without a box'
	log_in one ada
	log_in two bob
	matches "$(as ada nssh -l)" 'ada-1 ' 'nssh -l'
	lacks "$(as ada nssh -l)" bob "ada's list"
	matches "$(nssh -l)" 'bob-1 ' "root's list"
	eq "$(as ada nssh -l --json | python3 -c 'import json, sys; print([b["box"] for b in json.load(sys.stdin)])')" "['ada-1']"
}

nssh_l__fits_a_narrow_terminal() {
	local wide
	log_in one ada
	wide=$(nssh -l)
	matches "$wide" 'SERVICE.*TIME' 'what a file gets'
	TERM=dumb script -qc 'stty cols 80; nssh -l' /dev/null >/tmp/narrow
	matches "$(cat /tmp/narrow)" 'ada-1 ' 'what a terminal gets'
	eq "$(tr -d '\r' </tmp/narrow | awk 'length > 80')" '' 'lines that are too long'
}

nssh_u__is_for_root_only() {
	log_in one bob
	eq "$(nssh -u bob -- cat /run/nsbox/name)" bob-1
	eq "$(nssh -u bob -- id -un)" bob
	fails as ada nssh -u bob -- true 2>/dev/null
	fails as ada nssh bob-1 -- true 2>/dev/null
}

nssh__says_when_there_is_no_such_box() {
	local said
	! said=$(as ada nssh ada-9 -- true 2>&1) || fault 'it went somewhere'
	matches "$said" '^nssh: ' 'what it said'
}

nssh__says_when_there_are_as_many_processes_as_may_be() {
	local said
	configure 'pids = 30'
	log_in one ada
	in_session one 'python3 -c "
import os, time
while True:
    try:
        if os.fork() == 0:
            os.closerange(0, 3)
            time.sleep(100)
    except OSError:
        os._exit(0)
"'
	said=$(as ada nssh -- true 2>&1) && fault 'it went in'
	matches "$said" 'as many processes as you may have'
	said=$(as ada nssh -l)
	matches "$said" ada-1
}

nssh_check__names_the_line_of_each_error() {
	nssh --check >/dev/null 2>&1 || nssh --check 2>&1 | fails grep nsbox.conf
	configure 'enable = yes' 'colour = blue'
	fails nssh --check >/tmp/said 2>&1
	matches "$(cat /tmp/said)" 'nsbox.conf:3: ' 'nssh --check'
}

nssh_check__shows_where_a_value_comes_from() {
	configure 'pids = 100' '[user:ada]' 'pids = 200'
	matches "$(nssh --check ada)" 'pids.*200.*' 'pids of ada'
	matches "$(nssh --check bob)" 'pids.*100.*' 'pids of bob'
}

helper__does_nothing_for_users_who_call_it() {
	fails as ada "$helper" open bob sshd - 2>/dev/null
	fails as ada "$helper" open ada sshd - 2>/dev/null
	fails as ada "$helper" list bob 2>/dev/null
	fails as ada "$helper" gc bob 2>/dev/null
	fails as ada "$helper" 2>/dev/null
	fails as ada bash -c "exec -a '' $helper" 2>/dev/null
}

nssh_in_a_box__says_where_it_is() {
	local said
	said=$(ssh ada@host 'nssh --stat' 2>&1) && fault "it did not fail"
	matches "$said" 'this is box ada-1; '
	status 125 ssh ada@host nssh 2>/dev/null
	status 0 ssh ada@host 'nssh --version >/dev/null'
}

nssh_k__ends_a_box() {
	log_in one ada
	log_in two ada
	eq "$(as ada nssh -k ada-1)" 'Box ada-1 has ended.'
	wait_gone ada-1
	eq "$(box_of two)" ada-2
	status 125 as ada nssh -k ada-1 2>/dev/null
	log_in bob bob
	status 125 as ada nssh -k bob-1 2>/dev/null
	eq "$(nssh -u bob -k bob-1)" 'Box bob-1 has ended.'
}

nssh_n__opens_a_new_box() {
	log_in one ada
	eq "$(as ada nssh -n -- cat /run/nsbox/name)" ada-2
	eq "$(as ada nssh -- cat /run/nsbox/name)" ada-1
}

nssh_reset__asks_first() {
	ssh ada@host 'echo x >~/changed'
	wait_gone ada-1
	status 125 as ada nssh --reset home </dev/null 2>/dev/null
	eq "$(ssh ada@host 'cat ~/changed')" x
	wait_gone ada-1
	matches "$(as ada nssh --reset home -f)" 'new home'
	status 1 ssh ada@host 'test -e ~/changed'
}

name_of_a_box__writes_no_lines_of_its_own_into_the_log() {
	local lines
	lines=$(the_log | grep -c forged || true)
	fails as ada nssh $'x"\nevent=forged' -- true 2>/dev/null
	fails as ada python3 -c '
import os, socket
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
os.dup2(theirs.fileno(), 3)
os.execv("'"$helper"'", ["nsbox-helper", "enter", "-", "x\"\nevent=forged", "0", "true"])'
	sleep 0.3
	eq "$(the_log | grep -c forged || true)" "$lines" 'lines of the log'
}

# completed WORD...: what bash offers for the last of them; bash-completion itself is not there
completed() {
	as ada bash -c '
		_init_completion() { words=("${COMP_WORDS[@]}") cword=$((${#words[@]} - 1)) cur=${words[cword]} prev=${words[cword - 1]}; }
		compopt() { :; }
		COMP_WORDS=("$@")
		. /usr/local/share/bash-completion/completions/nssh
		_nssh && echo "${COMPREPLY[*]}"' completion "$@"
}

completion__offers_boxes_and_words() {
	log_in one ada
	log_in two bob
	eq "$(completed nssh a)" ada-1
	eq "$(completed nssh '')" ada-1
	eq "$(completed nssh -k ada)" ada-1
	eq "$(completed nssh --ki)" --kill=
	eq "$(completed nssh --reset h)" home
	eq "$(completed nssh --check bo)" bob
}

completion__knows_every_option() {
	local option
	for option in $(nssh --help | grep -oE -- '--[a-z][a-z-]+' | sort -u); do
		grep -qF -- "$option" /usr/local/share/bash-completion/completions/nssh || fault "bash does not know $option"
		grep -qF -- "$option" /usr/local/share/zsh/site-functions/_nssh || fault "zsh does not know $option"
	done
}
