# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nssh in a box: into another box of the same user, without anything on the host.

# Two boxes, ada-1 of session one and ada-2 of session two.
two_boxes() {
	log_in one ada
	log_in two ada
	eq "$(box_of one) $(box_of two)" 'ada-1 ada-2'
}

# Processes whose command line is that, on the whole host.
running() { pgrep -fx "$1" >/dev/null; }
runs() { within 5000 running "$1" || fault "'$1' does not run"; }
not_running() { ! running "$1"; }
is_over() { within "${2:-3000}" not_running "$1" || fault "'$1' still runs"; }
no_hops() { ! pgrep -x nsbox-hop >/dev/null; }
hops_are_over() { within 3000 no_hops || fault "hops: $(pgrep -xa nsbox-hop)"; }

# --- where it goes ----------------------------------------------------------------------------------------

hop__goes_to_the_latest_other_box() {
	two_boxes
	log_in three ada
	eq "$(in_session one 'nssh -- cat /run/nsbox/name')" ada-3
	eq "$(in_session three 'nssh -- cat /run/nsbox/name')" ada-2
	eq "$(in_session three 'nssh ada-1 -c "cat /run/nsbox/name"')" ada-1
}

hop__is_in_all_seven_namespaces_of_the_box_and_bound_like_a_login_there() {
	local inside='readlink /proc/self/ns/{user,mnt,pid,uts,ipc,net,cgroup}; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status
		id; cat /proc/self/cgroup; hostname; pwd; ulimit -a; umask; echo $HOME $USER $NSBOX $SHELL $XDG_RUNTIME_DIR'
	two_boxes
	in_session two "cat >/tmp/look <<'END'
$inside
END"
	eq "$(in_session one 'nssh -- bash /tmp/look')" "$(in_session two 'bash /tmp/look')"
}

hop__goes_through_boxes_one_after_the_other() {
	two_boxes
	log_in three ada
	eq "$(in_session one 'nssh ada-2 -- nssh ada-3 -- nssh ada-1 -- cat /run/nsbox/name')" ada-1
	status 7 in_session_status one 'nssh ada-2 -- nssh ada-3 -- sh -c "exit 7"'
}
# in_session_status NAME CMD: with CMD's exit status
in_session_status() { return "$(in_session "$1" "( $2 ) >/dev/null 2>&1; echo \$?")"; }

hop__says_in_words_where_it_cannot_go() {
	log_in one ada
	matches "$(in_session one 'nssh; echo $?')" 'no other live box than this one, ada-1; .*125$'
	matches "$(in_session one 'nssh ada-1; echo $?')" 'this is box ada-1 already.*125$'
	matches "$(in_session one 'nssh ada-9; echo $?')" 'no live box ada-9; .*125$'
	log_in bob bob
	matches "$(in_session one 'nssh bob-1; echo $?')" 'no live box bob-1; .*125$'
	matches "$(in_session one 'nssh -n; echo $?')" 'a new box is made on the host.*125$'
	matches "$(in_session one 'nssh --stat; echo $?')" 'this is box ada-1; .* on the host.*125$'
}

hop__keeps_its_box() {
	two_boxes
	in_session one 'nssh ada-2 -- sleep 4711 >/dev/null 2>&1 & sleep 0.1'
	runs 'sleep 4711'
	log_out two
	sleep 1
	running 'sleep 4711' || fault 'the box did not wait for the hop'
	kill "$(pgrep -fx 'sleep 4711')"
	wait_gone ada-2 2000
}

hop__from_the_box_itself_does_not_keep_it() {
	log_in one ada
	in_session one "setsid /srv/nsbox/login/hop ada-1 run sleep 4711 </dev/null >/dev/null 2>&1 &"
	runs 'sleep 4711'
	log_out one
	wait_gone ada-1 3000
	is_over 'sleep 4711'
}

# As a login elsewhere would be over by then, this takes longer than the helper does to find out.
hop__keeps_its_box_while_its_owner_is_logged_in() {
	two_boxes
	in_session one 'nssh ada-2 -- sleep 4711 >/dev/null 2>&1 & sleep 0.1'
	runs 'sleep 4711'
	log_out two
	sleep 4
	running 'sleep 4711' || fault 'the box did not wait for the hop'
}

boxes__do_not_keep_each_other() {
	two_boxes
	in_session one 'setsid nssh ada-2 -- sleep 4711 </dev/null >/dev/null 2>&1 &'
	in_session two 'setsid nssh ada-1 -- sleep 4712 </dev/null >/dev/null 2>&1 &'
	runs 'sleep 4711'
	runs 'sleep 4712'
	log_out one
	log_out two
	wait_gone ada-1 10000
	wait_gone ada-2 10000
}

# --- what goes through ------------------------------------------------------------------------------------

hop__passes_the_exit_status_on() {
	local n
	two_boxes
	for n in 0 1 124 125 126 127 128 255; do eq "$(in_session one "nssh -- sh -c 'exit $n'; echo \$?")" "$n"; done
	eq "$(in_session one 'nssh -- no-such-command 2>/dev/null; nssh -- /etc/passwd 2>/dev/null; echo $?')" 126
	eq "$(in_session one '{ nssh -- sh -c "kill -TERM \$\$"; } 2>/dev/null; echo $?')" 143
}

hop__is_a_part_of_a_pipeline() {
	local sum
	two_boxes
	in_session one 'head -c 30M /dev/urandom >/tmp/big'
	sum=$(in_session one 'sha256sum </tmp/big')
	eq "$(in_session one 'cat /tmp/big | nssh ada-2 -- cat | sha256sum')" "$sum" 'through pipes'
	eq "$(in_session one 'nssh ada-2 -- sha256sum </tmp/big')" "$sum" 'from a file'
	in_session one 'nssh ada-2 -- cat </tmp/big >/tmp/copy'
	eq "$(in_session one 'sha256sum </tmp/copy')" "$sum" 'from file to file'
	eq "$(in_session one 'nssh ada-2 -- yes | head -n 1')" y
	eq "$(in_session one 'nssh ada-2 -- sh -c "echo out; echo err >&2" 2>/dev/null')" out
	eq "$(in_session one 'nssh ada-2 -- printf "<%s>" "a b" "" "*" "\$HOME"')" '<a b><><*><$HOME>'
}

hop__passes_signals_in() {
	two_boxes
	in_session one 'nssh -- sh -c "trap \"echo got it; exit 5\" TERM; echo ready; while :; do sleep 0.1; done" >/tmp/said & echo $! >/tmp/pid'
	within 5000 has_said ready || fault 'it did not start'
	in_session one 'kill $(cat /tmp/pid)'
	within 5000 has_said 'got it' || fault "it said $(in_session one 'cat /tmp/said')"
}
has_said() { [[ $(in_session one 'cat /tmp/said') = *"$1"* ]]; }

hop__takes_no_variables_along_that_name_things_of_the_other_box() {
	two_boxes
	eq "$(in_session one 'export TMUX=x STY=x WINDOW=1 DISPLAY=:9 SSH_AUTH_SOCK=/tmp/x KEPT="a b"
		nssh -- env | grep -E "^(TMUX|STY|WINDOW|DISPLAY|SSH_AUTH_SOCK|SSH_TTY|KEPT|NSBOX)=" | sort')" $'KEPT=a b\nNSBOX=ada-2'
}

# --- on a terminal ----------------------------------------------------------------------------------------

# expecting EXPECT-LINE...: on a terminal of 33 rows and 101 columns; `want TEXT STEP` waits for that.
expecting() {
	printf '%s\n' 'set timeout 20' 'set stty_init "rows 33 columns 101"' \
		'proc want {text step} { expect -re $text {} timeout { exit $step } eof { exit $step } }' "$@" >/tmp/terminal.exp
	TERM=xterm expect /tmp/terminal.exp >/tmp/terminal.out 2>&1 || fault "step $?: $(cat -v /tmp/terminal.out)"
}

# on_a_terminal EXPECT-LINE...: in a shell in ada-1 that prompts with `two> `, called from one in ada-2 that does with `one> `
on_a_terminal() {
	log_in two ada
	in_session two "echo \"PS1='two> '\" >/tmp/rc"
	expecting 'proc resize {rows columns} { global spawn_out; stty rows $rows columns $columns < $spawn_out(slave,name) }' \
		'spawn -noecho ssh -e none -tt ada@host bash --norc --noediting -i' \
		'send "PS1=one\\>\\ ; hop() { nssh ada-1 -- bash --rcfile /tmp/rc --noediting -i; }\r"' \
		'want "one> $" 90' 'send "cat /run/nsbox/name; hop\r"' 'want "ada-2" 91' 'want "two> $" 92' "$@"
}

hop__has_a_terminal_of_that_box() {
	on_a_terminal 'send "cat /run/nsbox/name; ls -1 /dev/pts; tty\r"' 'want "ada-1.*ptmx.*/dev/pts/\[0-9\]+" 1' 'want "two> $" 2' \
		'send "exit 7\r"' 'want "one> $" 3' 'send "echo status \$?; stty -a | grep -c -- -icanon\r"' 'want "status 7\r\n0" 4'
}

hop__follows_the_window_size() {
	on_a_terminal 'send "stty size\r"' 'want "33 101" 1' 'want "two> $" 2' \
		'send "trap \"stty size; echo changed\" WINCH\r"' 'want "two> $" 3' 'resize 40 90' 'sleep 0.5' 'send "\r"' 'want "40 90" 4'
}

hop__leaves_keys_to_that_box() {
	on_a_terminal 'send "sleep 4711; echo status \$?\r"' 'sleep 1' 'send "\003"' 'want "status 130|two> $" 1' \
		'send "sleep 4712\r"' 'sleep 1' 'send "\032"' 'want "Stopped" 2' 'want "two> $" 3' \
		'send "jobs; fg\r"' 'want "sleep 4712\r\nsleep 4712" 4' 'sleep 0.5' 'send "\003"' 'want "two> $" 5' \
		'send "\004"' 'want "one> $" 6'
}

hop__lets_a_program_have_the_whole_screen() {
	on_a_terminal 'send "seq 1000 >/tmp/numbers; export TERM=xterm; busybox vi /tmp/numbers\r"' 'want "1/1000" 1' \
		'send "G"' 'want "1000/1000" 2' 'send "Amore"' 'want "more" 3' 'send "\033"' 'sleep 1' 'send ":wq\r"' \
		'want "two> $" 4' 'send "tail -n 1 /tmp/numbers; echo gr\u00fc\u00dfe\r"' \
		'want "1000more\r\ngr\u00fc\u00dfe\r\n" 5' \
		'send "busybox less /tmp/numbers\r"' 'want "31.*32" 6' 'send " "' 'want "63.*64" 7' 'send "q"' 'want "two> $" 8'
}

# Every byte there is, as fast as it is taken.
hop__takes_ten_megabytes_pasted() {
	two_boxes
	cat >/tmp/paste.py <<-'END'
		import hashlib, os, pty, select, sys, tty
		data = os.urandom(10 << 20)
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp("ssh", ["ssh", "-e", "none", "-tt", "ada@host", "nssh ada-2 -- sh -c "
		              "'stty raw -echo; echo ready; head -c 10485760 | sha256sum'"])
		tty.setraw(fd)
		got, sent = b"", 0
		while b"-" not in got:
		    begun = b"ready" in got
		    r, w, _ = select.select([fd], [fd] if begun and sent < len(data) else [], [], 30)
		    if not r and not w:
		        sys.exit("stuck after %d bytes, at %r" % (sent, got))
		    if r:
		        got += os.read(fd, 65536)
		    if w:
		        sent += os.write(fd, data[sent:sent + 4096])
		sys.exit(0 if hashlib.sha256(data).hexdigest().encode() in got else "other bytes came: %r" % got)
	END
	python3 /tmp/paste.py
}

# --- ends -------------------------------------------------------------------------------------------------

hop__says_that_its_box_is_gone() {
	two_boxes
	in_session one '{ nssh ada-2 -- sleep 4711; echo $?; } >/tmp/said 2>&1 &'
	runs 'sleep 4711'
	kill -KILL "$(init_of ada-2)"
	within 3000 has_said 125 || fault "it said $(in_session one 'cat /tmp/said')"
	matches "$(in_session one 'cat /tmp/said')" 'nssh: the box is gone.*125'
	hops_are_over
}

# A box that is told to end hangs up first: that is then what has ended the command.
hop__ends_with_a_hang_up_where_its_box_does() {
	two_boxes
	in_session one '{ nssh ada-2 -- sleep 4711; echo $?; } >/tmp/said 2>&1 &'
	runs 'sleep 4711'
	as ada nssh -k ada-2
	within 3000 has_said 129 || fault "it said $(in_session one 'cat /tmp/said')"
	is_over 'sleep 4711'
	hops_are_over
}

hop__restores_the_terminal_when_its_box_ends() {
	on_a_terminal 'send "trap : HUP TERM; kill -TERM 1\r"' 'want "one> $" 3' \
		'send "stty -a | grep -o \".icanon\"; cat /run/nsbox/name\r"' 'want " icanon\r\nada-2" 4'
}

# begin: a hop of nssh from ada-1 with a command in ada-2
begin() {
	two_boxes
	in_session one "$1"' nssh ada-2 -- sleep 4711 >/dev/null 2>&1 &'
	runs 'sleep 4711'
}
# ended BOX...: of the hop nothing is left, and these boxes live on
ended() {
	local box
	is_over 'sleep 4711'
	is_over 'nssh ada-2 -- sleep 4711'
	hops_are_over
	for box in "$@"; do [ -n "$(init_of "$box")" ] || fault "$box is gone"; done
}

hop__ends_with_nssh() {
	begin ''
	kill -KILL "$(pgrep -fx 'nssh ada-2 -- sleep 4711')"
	ended ada-1 ada-2
}

hop__ends_with_nsbox_hop() {
	begin ''
	kill -KILL "$(pgrep -x nsbox-hop)"
	ended ada-1 ada-2
}

hop__ends_with_its_init() {
	begin ''
	kill -KILL "$(init_of ada-2)"
	ended ada-1
	wait_gone ada-2
}

hop__ends_with_the_box_it_comes_from() {
	begin ''
	kill -KILL "$(init_of ada-1)"
	ended ada-2
	wait_gone ada-1
}

hop__ends_with_the_login_it_comes_from() {
	begin ''
	hang_up one
	ended ada-2
	wait_gone ada-1
}

hop__ends_with_the_monitor_it_comes_from() {
	local monitor
	log_in one ada
	monitor=$(monitors_of ada)
	log_in two ada
	in_session one 'nssh ada-2 -- sleep 4711 >/dev/null 2>&1 &'
	runs 'sleep 4711'
	kill -KILL "$monitor"
	ended ada-2
	wait_gone ada-1
}

hop__ends_with_sshd_s_child_it_comes_from() {
	local child
	log_in one ada
	child=$(children_of ada)
	log_in two ada
	in_session one 'nssh ada-2 -- sleep 4711 >/dev/null 2>&1 &'
	runs 'sleep 4711'
	kill -KILL "$child"
	ended ada-2
	wait_gone ada-1
}

hop__comes_in_fifties() {
	two_boxes
	eq "$(in_session one 'for i in $(seq 50); do nssh ada-2 -- sh -c "echo \$NSBOX; sleep 2" & done; wait' | sort | uniq -c | tr -s ' ')" \
		' 50 ada-2'
	hops_are_over
	eq "$(in_session one 'nssh ada-2 -- cat /run/nsbox/name')" ada-2
}

# --- lists, ends, new beginnings --------------------------------------------------------------------------

nssh_in_a_box__lists_the_live_ones() {
	two_boxes
	matches "$(in_session one 'nssh -l')" $'ada-1 .*\n.*ada-2 ' 'nssh -l'
	eq "$(in_session one 'nssh -l --json' | python3 -c 'import json, sys; print([b["box"] for b in json.load(sys.stdin)])')" \
		"['ada-1', 'ada-2']"
	log_out two
	wait_gone ada-2
	lacks "$(in_session one 'nssh -l')" 'ada-2' 'nssh -l'
}

nssh_in_a_box__ends_another() {
	two_boxes
	eq "$(in_session one 'nssh -k ada-2; echo $?')" $'Box ada-2 has ended.\n0'
	wait_gone ada-2
	matches "$(in_session one 'nssh -k ada-2; echo $?')" 'no live box ada-2.*125$'
}

nssh_in_a_box__begins_the_home_anew() {
	two_boxes
	in_session one 'echo x >~/changed'
	matches "$(in_session one 'nssh --reset home; echo $?')" 'there is no terminal to ask on.*125$'
	matches "$(in_session one 'nssh --reset home -f; echo $?')" 'begins anew .*0$'
	eq "$(in_session two 'cat ~/changed')" x
	log_out one
	log_out two
	wait_gone ada-1
	wait_gone ada-2
	within 5000 has_new_home || fault 'the home is the old one'
}
has_new_home() { eq "$(ssh ada@host 'ls ~')" '' 2>/dev/null; }

# --- what hops are for ------------------------------------------------------------------------------------

# A connection breaks; the next login has a box of its own, and the work is a hop away.
nssh_in_a_box__does_not_end_that_one_by_mistake() {
	log_in one ada
	matches "$(in_session one 'nssh -k ada-1; echo $?')" 'this is box ada-1 itself.*125$'
	printf 'nssh -f -k ada-1\n' >&"${say[one]}"
	wait_gone ada-1 5000
}

work__is_found_again_after_a_broken_connection() {
	configure 'linger = busy'
	log_in one ada -tt
	# Keys that come within a millisecond of one another, or of the attaching, tmux takes for pasted text.
	in_session one 'tmux -f /dev/null new-session -d -s work "echo still here; exec sleep 4711" \; set -g assume-paste-time 0'
	runs 'sleep 4711'
	hang_up one
	within 3000 lingers ada-1 || fault "$(as ada nssh -l)"
	expecting 'spawn -noecho ssh -e none -tt ada@host bash --norc --noediting -i' 'want "bash.*\\$ $" 1' \
		'send "cat /run/nsbox/name\r"' 'want "ada-2" 2' 'send "nssh -- tmux attach\r"' 'want "still here" 3' \
		'send "\002d"' 'want "detached.*\\$ $" 4' 'send "exit\r"' 'expect eof'
	wait_gone ada-2
	running 'sleep 4711' || fault 'the work has ended'
	kill "$(pgrep -fx 'sleep 4711')"
	wait_gone ada-1 2000
}
lingers() { as ada nssh -l --json | grep -q "\"box\": \"$1\".*\"state\": \"lingers\""; }
