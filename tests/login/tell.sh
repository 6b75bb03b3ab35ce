# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What a limit did to a user's processes is said on their terminals, and in the log.

small='memory = 100M'
parts=('tmp = 16M' 'shm = 16M' 'run = 8M')
out_of_memory='nsbox: out of memory (memory = 100M): killed'

# It takes the name NAME (a Python literal) before it takes the memory.
eater() {
	cat <<-END
		import ctypes, sys
		name = ${1:-None}
		if name is not None:
		    ctypes.CDLL(None).prctl(15, name)
		x = bytearray(300 << 20)
		print("got it all")
	END
}

refused='
import os, sys, time
n = failed = 0
end = time.time() + float(sys.argv[1])
while time.time() < end:
    try:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    except OSError:
        failed += 1
print("refused", failed, flush=True)
os.kill(0, 9)
'

# A terminal that takes nothing: stopped as ^S does, full since nobody reads it, or with somebody waiting to write.
stubborn='
import os, pty, termios, time, sys
a, b = pty.openpty(); termios.tcflow(b, termios.TCOOFF)
c, d = pty.openpty(); os.set_blocking(d, False)
try:
    while True: os.write(d, b"x" * 1000)
except BlockingIOError: pass
e, f = pty.openpty()
if os.fork() == 0:
    while True: os.write(f, b"x" * 1000)
print("ready", flush=True)
time.sleep(60)
'

log() { log_since; }
log_has() { log | grep -q -- "$1"; }
logged() { within 3000 log_has "$1" || fault "the log has no '$1': $(log)"; }

# shows NAME TEXT CMD...: the command's output, or what comes within three seconds of it, has this text
shows() {
	local name=$1 text=$2 all end=$((SECONDS + 4))
	shift 2
	all=$(in_session "$name" "$*")
	until [[ $all = *"$text"* ]]; do
		[ "$SECONDS" -lt "$end" ] || { fault "the terminal shows '$all', without '$text'"; return; }
		all+=$(in_session "$name" 'sleep 0.1')
	done
	screen=$all
}

# The programs lie where every box has them.
programs() {
	eater >/usr/local/share/eater
	eater 'b"x,pid=1\x1b[31m"' >/usr/local/share/masked
	echo "$refused" >/usr/local/share/refused
	echo "$stubborn" >/usr/local/share/stubborn
	note_log
}

oom_kill__is_told_on_the_terminal_and_in_the_log() {
	configure "$small" "${parts[@]}"
	programs
	log_in one ada -tt
	shows one "$out_of_memory python3" 'python3 /usr/local/share/eater'
	lacks "$screen" 'got it all'
	logged "event=oom box=ada-1 uid=2000 limit=memory=100M count=1 killed=python3\$"
	eq "$(in_session one 'echo still here' | tr -d '\r')" 'still here'
	# Each is told, not the first only.
	shows one "$out_of_memory python3" 'python3 /usr/local/share/eater'
	eq "$(log | grep -c 'event=oom')" 2 'lines in the log'
	hang_up one
	wait_gone ada-1 2000
	[ ! -e /run/nsbox/2000/1.told ] || fault 'what was told is still there'
}

oom_kill__of_a_process_with_a_hostile_name_is_told_in_harmless_bytes() {
	configure "$small" "${parts[@]}"
	programs
	log_in one ada -tt
	shows one "$out_of_memory x,pid=1\\x1b[31m" 'python3 /usr/local/share/masked'
	lacks "$screen" $'\e'
	logged 'killed=x,pid%3D1%1B%5B31m$'
}

oom_kill__is_told_on_all_terminals_of_the_user_s_box_and_no_others() {
	configure "$small" "${parts[@]}" 'scope = user'
	programs
	log_in one ada -tt
	log_in two ada -tt
	log_in other bob -tt
	eq "$(box_of two | tr -d '\r')" ada-1
	shows one "$out_of_memory python3" 'python3 /usr/local/share/eater'
	shows two "$out_of_memory python3" true
	lacks "$(in_session other 'sleep 1')" nsbox:
}

oom_kill__of_a_command_without_a_terminal_is_in_the_log() {
	configure "$small" "${parts[@]}"
	programs
	fails ssh ada@host 'exec python3 /usr/local/share/eater' 2>/dev/null
	logged 'event=oom box=ada-1 uid=2000 limit=memory=100M count=1 killed=python3$'
	wait_gone ada-1 2000
	[ ! -e /run/nsbox/2000/1.told ] || fault 'what was told is still there'
}

stopped_and_full_terminals__hold_up_nothing() {
	configure "$small" "${parts[@]}"
	programs
	log_in one ada -tt
	matches "$(in_session one 'python3 /usr/local/share/stubborn & sleep 1')" ready
	shows one "$out_of_memory python3" 'python3 /usr/local/share/eater'
	within 2000 no_tellers || fault "still there: $(pgrep -af nsbox-helper)"
	hang_up one
	wait_gone ada-1 2000
}
no_tellers() { ! pgrep -f 'nsbox-helper tell' >/dev/null; }

refused_processes__are_told_once() {
	configure 'pids = 60'
	programs
	log_in one ada -tt
	shows one 'nsbox: no more processes (pids = 60)' 'setsid --wait python3 /usr/local/share/refused 6'
	matches "$screen" 'refused [0-9]{3,}'
	screen+=$(in_session one 'sleep 1')
	eq "$(grep -c 'no more processes' <<<"$screen")" 1 'times it was told'
	eq "$(log | grep -c 'event=pids')" 1 'lines in the log'
	logged 'event=pids box=ada-1 uid=2000 limit=pids=60$'
}

what_a_former_box_did__is_not_told_to_the_next() {
	configure "$small" "${parts[@]}"
	programs
	fails ssh ada@host 'exec python3 /usr/local/share/eater' 2>/dev/null
	logged 'event=oom box=ada-1'
	wait_gone ada-1 2000
	log_in one ada -tt
	eq "$(box_of one | tr -d '\r')" ada-1
	lacks "$(in_session one 'sleep 2')" nsbox:
}

nsbox_sweep__keeps_nothing_else_open() {
	local fds
	log_in one ada
	within 2000 pgrep -x nsbox-sweep >/dev/null || fault 'no nsbox-sweep'
	fds=$(find "/proc/$(pgrep -x nsbox-sweep)/fd" -type l -printf '%l\n' | sort | uniq -c)
	[ "$(wc -l <<<"$fds")" -le 6 ] || fault "$fds"
	eq "$(grep -c pipe <<<"$fds")" 1 'pipes: the news'
	lacks "$fds" 'socket|sync|/run|/home'
}
