# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Everything a client asks for happens in the box: terminals, transfers, forwards, the agent, X11.

sftp_server_internal() { serve 2223 'Subsystem sftp internal-sftp'; }

# The file went to the home's upper layer: the next login has it, the host does not.
arrived_inside() {
	[ ! -e "/home/ada/$1" ] || fault "$1 is on the host"
	eq "$(ssh ada@host cat "$1")" "$2" "$1 in the box"
}

# transfer UPLOAD-CMD... -- DOWNLOAD-CMD...: of up.txt from here, and of it again to down.txt
transfer() {
	local upload=()
	while [ "$1" != -- ]; do upload+=("$1"); shift; done
	shift
	cd "$(mktemp -d)" || return
	echo hello >up.txt
	"${upload[@]}"
	arrived_inside up.txt hello
	"$@"
	eq "$(cat down.txt)" hello 'what came back'
}

shell__runs_inside() { eq "$(printf 'cat /run/nsbox/name\nexit\n' | ssh -T ada@host 2>/dev/null | tail -n 1)" ada-1; }
command__runs_inside() { eq "$(ssh ada@host 'cat /run/nsbox/name; echo $NSBOX')" $'ada-1\nada-1'; }
interactive_shell__runs_inside() {
	printf 'cat /run/nsbox/name\nexit\n' | ssh -tt ada@host | grep ada-1 >/dev/null
}
environment__is_the_user_s() {
	eq "$(ssh ada@host 'echo $HOME $USER $LOGNAME $SHELL; pwd')" $'/home/ada ada ada /bin/bash\n/home/ada'
	eq "$(ssh ada@host "$in_box; umask")" "$(ssh plain@host umask)" umask
	eq "$(ssh ada@host 'ulimit -n')" "$(ssh plain@host 'ulimit -n')" 'ulimit -n'
}

scp__goes_inside() { transfer scp -q up.txt ada@host: -- scp -q ada@host:up.txt down.txt; }
scp_with_the_old_protocol__goes_inside() { transfer scp -q -O up.txt ada@host: -- scp -q -O ada@host:up.txt down.txt; }
rsync__goes_inside() { transfer rsync -a up.txt ada@host: -- rsync -a ada@host:up.txt down.txt; }
sftp_with_sftp_server__goes_inside() {
	transfer sftp -q -b - ada@host <<<'put up.txt' -- sftp -q ada@host:up.txt down.txt
}
sftp_with_internal_sftp__goes_inside() {
	sftp_server_internal
	transfer sftp -q -P 2223 -b - ada@host <<<'put up.txt' -- sftp -q -P 2223 ada@host:up.txt down.txt
}

internal_sftp__sees_only_the_box() {
	sftp_server_internal
	eq "$(echo 'ls -1 /home' | sftp -q -P 2223 -b - ada@host | grep -v '^sftp>')" /home/ada
	sftp -q -P 2223 ada@host:/etc/shadow /tmp/shadow 2>/dev/null || true
	eq "$(cat /tmp/shadow 2>/dev/null || true)" '' /etc/shadow
}

internal_sftp_with_chroot__is_inside() {
	local child
	mkdir -p /srv/jail/in
	serve 2223 'Subsystem sftp internal-sftp' 'Match User ada' 'ChrootDirectory /srv/jail' 'ForceCommand internal-sftp'
	{ echo 'ls -1 /'; sleep $((2 + slowness)); } | sftp -q -P 2223 -b - ada@host >/tmp/listing &
	within 3000 grep -q in /tmp/listing || fault "listing: $(cat /tmp/listing)"
	eq "$(grep -v '^sftp>' /tmp/listing)" /in
	child=$(children_of ada | head -n 1)
	differs "$(readlink "/proc/$child/ns/mnt")" "$(readlink /proc/self/ns/mnt)" 'mount namespace'
	eq "$(stat -c %u "/proc/$child/task")" "$(id -u ada)" 'its owner'
	eq "$(awk '/^CapEff/ { print $2 }' "/proc/$child/status")" 0000000000000000
}

# answer PORT WORD: a server on the host's loopback; the same in a box is in_session NAME "$(answering PORT WORD)"
answering() { echo "socat TCP-LISTEN:$1,fork,reuseaddr,bind=127.0.0.1 SYSTEM:\"echo $2\" >/dev/null 2>&1 & $(until_listening "$1")"; }
answer() {
	socat "TCP-LISTEN:$1,fork,reuseaddr,bind=127.0.0.1" SYSTEM:"echo $2" &
	within 3000 nc -z 127.0.0.1 "$1"
}
heard_at() { socat -u "TCP:127.0.0.1:$1" -; }

local_forward__ends_in_the_box() {
	answer 7001 host
	log_in one ada -L 7000:127.0.0.1:7001
	in_session one "$(answering 7001 box)"
	eq "$(heard_at 7000)" box
}

remote_forward__starts_in_the_box() {
	answer 7002 client
	log_in one ada -R 7003:127.0.0.1:7002
	eq "$(in_session one 'socat -u TCP:127.0.0.1:7003 -')" client
	fails nc -z 127.0.0.1 7003
}

dynamic_forward__ends_in_the_box() {
	answer 7001 host
	log_in one ada -D 7004
	in_session one "$(answering 7001 box)"
	eq "$(nc -w 5 -X 5 -x 127.0.0.1:7004 127.0.0.1 7001)" box
}

stdio_forward__ends_in_the_box() {
	configure 'scope = user'
	answer 7001 host
	log_in one ada
	in_session one "$(answering 7001 box)"
	eq "$(ssh -W 127.0.0.1:7001 ada@host </dev/null)" box
}

forward_without_a_session__ends_in_the_box() {
	answer 7001 host
	without_sessions ssh -N -L 7000:127.0.0.1:7001 ada@host &
	within 5000 nc -z 127.0.0.1 7000
	eq "$(heard_at 7000 2>/dev/null || true)" '' 'what the host answers through it'
}

socket_forward__ends_in_the_box() {
	log_in one ada -L /tmp/here:/tmp/there
	in_session one 'socat UNIX-LISTEN:/tmp/there,fork SYSTEM:"echo box" >/dev/null 2>&1 & until [ -S /tmp/there ]; do sleep 0.05; done'
	eq "$(socat -u UNIX:/tmp/here -)" box
	[ ! -e /tmp/there ] || fault 'the socket is on the host'
}

agent__is_reached_from_the_box_only() {
	local socket
	eval "$(ssh-agent -s)" >/dev/null
	ssh-add -q /root/.ssh/id_ed25519
	log_in one ada -A
	matches "$(in_session one 'ssh-add -l')" ED25519 'ssh-add -l'
	socket=$(in_session one 'echo $SSH_AUTH_SOCK')
	matches "$socket" ^/ "agent's socket"
	[ ! -e "$socket" ] || fault "agent's socket $socket is on the host"
}

x11_listener__is_in_the_box() {
	DISPLAY=127.0.0.1:5 log_in one ada -Y
	matches "$(in_session one 'echo $DISPLAY')" '^localhost:10' DISPLAY
	matches "$(in_session one 'ss -Hltn')" 127.0.0.1:6010 'listeners in the box'
	lacks "$(ss -Hltn)" :6010 'listeners on the host'
	matches "$(in_session one 'xauth list')" MIT-MAGIC-COOKIE 'xauth list'
}

tty__is_one_of_the_box() {
	eq "$(ssh -tt ada@host 'tty; test -w $(tty) && stat -c %U $(tty)' | tr -d '\r')" $'/dev/pts/0\nada'
	log_in one bob -tt
	eq "$(ssh -tt ada@host 'tty; ls /dev/pts' | tr -d '\r')" $'/dev/pts/0\n0  ptmx'
}

tty__has_the_client_s_window_size() {
	expect <<-'END' >/tmp/out || fault "$(cat /tmp/out)"
		set timeout 20
		set stty_init "rows 33 columns 101"
		spawn ssh -tt ada@host
		send "stty size\r"
		expect "33 101" {} timeout { exit 1 }
	END
}

tty__hangs_up_what_runs_on_it() {
	local box
	log_in one ada -tt
	box=$(box_of one)
	in_session one 'sleep 1000 &' >/dev/null
	hang_up one
	wait_gone "$box"
}

tmux__works() {
	TERM=xterm ssh -tt ada@host 'tmux new-session "tty >seen; cat /run/nsbox/name >>seen; sleep 0.3"' >/dev/null
	matches "$(ssh ada@host cat seen)" $'^/dev/pts/[0-9]+\nada-1$' 'terminal and box in tmux'
	matches "$(ssh ada@host 'tmux new-session -d "sleep 50" && tmux ls')" '1 windows' 'tmux ls'
}

screen__works() {
	TERM=xterm ssh -tt ada@host 'screen sh -c "tty >seen; cat /run/nsbox/name >>seen; sleep 0.3"' >/dev/null
	matches "$(ssh ada@host cat seen)" $'^/dev/pts/[0-9]+\nada-1$' 'terminal and box in screen'
	matches "$(ssh ada@host 'screen -dm sleep 50; for i in {1..100}; do ! screen -ls || break; sleep 0.1; done' || true)" Detached 'screen -ls'
}

who__is_right_with_ten_boxes() {
	local n seen
	for n in {1..10}; do log_in "$n" ada -tt; done
	seen=$(who)
	eq "$(grep -c '^ada ' <<<"$seen")" 10 'lines of ada'
	# Debian 13 has no utmp: there who(1) asks logind, which knows no boxes.
	if [ -e /run/utmp ]; then
		eq "$(awk '{ print $2 }' <<<"$seen" | sort -u | wc -l)" 10 'different lines'
		for n in {1..10}; do matches "$seen" "ada-$n\b" who; done
	fi
	for n in {1..5}; do hang_up "$n"; done
	within 2000 ada_is_listed 5 || fault "after five left: $(who)"
}

ada_is_listed() { [ "$(who | grep -c '^ada ')" = "$1" ]; }

# wtmp as "came USER LINE" and "went LINE": Debian 13 has no last(1) for it any more
came_and_went='
import struct
with open("/var/log/wtmp", "rb") as wtmp:
    while entry := wtmp.read(384):
        kind, pid, line, name, user = struct.unpack_from("hxxi32s4s32s", entry)
        line, user = (field.split(b"\0")[0].decode() for field in (line, user))
        if kind == 7: print("came", user, line)
        if kind == 8: print("went", line)
'
ada_has_left() { python3 -c "$came_and_went" | grep -qE '^went ada-[0-9]+'; }

wtmp__tells_who_came_and_went() {
	: >/var/log/wtmp
	ssh -tt ada@host true
	log_in one bob -tt
	within 3000 ada_has_left || fault "wtmp is '$(python3 -c "$came_and_went")', without ada's logout"
	matches "$(python3 -c "$came_and_went")" 'came ada ada-[0-9]+' wtmp
	matches "$(python3 -c "$came_and_went")" 'came bob bob-[0-9]+' wtmp
	lacks "$(python3 -c "$came_and_went")" 'went bob-' wtmp
	# What people look at, where there is such a program.
	! command -v last >/dev/null || matches "$(last -w)" 'bob +bob-[0-9]+.*still logged in' last
}
