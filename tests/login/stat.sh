# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What users and their boxes use, as nssh --stat and nssh -l tell it; and the limits that nssh --reload changes.

is_v2() { [ -e /sys/fs/cgroup/cgroup.controllers ]; }
# base CONTROLLER: the directory of the host's boxes
base() {
	if ! is_v2; then
		echo "/sys/fs/cgroup/$1/nsbox"
	elif [ -L /run/nsbox/cgroup ]; then
		readlink -f /run/nsbox/cgroup
	else
		echo /sys/fs/cgroup/nsbox
	fi
}
# kernel LEVEL CONTROLLER V1-FILE V2-FILE: what the kernel says of UID or UID/N
kernel() { cat "$(base "$2")/$1/$(is_v2 && echo "$4" || echo "$3")"; }
memory_of() { kernel "$1" memory memory.limit_in_bytes memory.max; }
pids_of() { kernel "$1" pids pids.max pids.max; }

# of WHOM KEY <JSON: what is told of a user, or a box; None where it is null
of() {
	python3 -c '
import json, sys
told = [row for row in json.load(sys.stdin) if (row["box"] or row["user"]) == sys.argv[1]]
print(told[0][sys.argv[2]] if told else "nothing")' "$@"
}
stat_of() { nssh --stat --json | of "$@"; }
# between LEAST MOST NUMBER: so that None and the like are not
between() { python3 -c 'import sys; sys.exit(not float(sys.argv[1]) <= float(sys.argv[3]) <= float(sys.argv[2]))' "$@" 2>/dev/null; }
stat_between() { between "$1" "$2" "$(stat_of "$3" "$4")"; }

# In the background of a session: in_background NAME CMD
in_background() { in_session "$1" "{ $2; } >/dev/null 2>&1 </dev/null &" >/dev/null; }

stat__shows_a_busy_processor() {
	log_in one ada
	log_in two bob
	in_background one 'while :; do :; done'
	# The machine may be busy with others, so that it has a part of a processor only.
	within 30000 stat_between 15 130 ada-1 cpu || fault "$(nssh --stat)"
	within 10000 stat_between 15 130 ada cpu || fault "$(nssh --stat)"
	within 10000 stat_between 0 10 bob cpu || fault "$(nssh --stat)"
	matches "$(nssh --stat | sed -n 2p)" '^ada ' 'the heaviest user'
}

stat__shows_memory_that_was_taken() {
	local before
	log_in one ada
	before=$(stat_of ada-1 memory)
	in_background one "python3 -c 'x = bytearray(50 << 20); open(\"/tmp/taken\", \"w\"); import time; time.sleep(100)'"
	in_session one 'until [ -e /tmp/taken ]; do sleep 0.1; done' >/dev/null
	within 5000 stat_between $((before + (48 << 20))) $((before + (90 << 20))) ada-1 memory || fault "$before, $(nssh --stat --json)"
	stat_between $((before + (48 << 20))) $((before + (95 << 20))) ada memory
	in_session one 'head -c 30M /dev/zero >/tmp/file' >/dev/null
	stat_between $((before + (78 << 20))) $((before + (130 << 20))) ada memory || fault "files in memory: $before, $(nssh --stat)"
}

stat__counts_processes() {
	local before
	log_in one ada
	log_in two ada
	before=$(stat_of ada-1 pids)
	in_session one 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 100 >/dev/null 2>&1 </dev/null & done' >/dev/null
	eq "$(stat_of ada-1 pids)" $((before + 10)) 'processes of the box'
	eq "$(stat_of ada pids)" "$(kernel 2000 pids pids.current pids.current)" 'processes of the user'
	eq "$(stat_of ada boxes)" 2 boxes
}

stat__shows_bytes_written() {
	local before
	log_in one ada
	before=$(stat_of ada write_bytes)
	in_session one 'head -c 20M /dev/urandom >~/data; dd if=~/data of=~/big bs=1M conv=fsync' >/dev/null
	stat_between $((before + (20 << 20))) $((before + (200 << 20))) ada write_bytes || fault "$before, $(nssh --stat --json)"
	in_background one 'while :; do dd if=~/data of=~/big bs=1M conv=fsync; done'
	within 20000 stat_between 100000 1e12 ada write_rate || fault "$(nssh --stat --json)"
}

stat__shows_limits_as_configured() {
	configure 'memory = 1G' 'pids = 200' 'cpu = 150' 'cpu_weight = 50' '[user:bob]' 'memory = none' 'pids = none' 'cpu = none'
	log_in one ada
	log_in two bob
	eq "$(stat_of ada memory_max)" $((1 << 30)) memory
	eq "$(stat_of ada pids_max)" 200 pids
	eq "$(stat_of ada cpu_max)" 150 cpu
	eq "$(stat_of ada cpu_weight)" 50 cpu_weight
	eq "$(stat_of ada-1 memory_max)" $((1 << 30)) "the box's memory"
	eq "$(stat_of bob memory_max) $(stat_of bob pids_max) $(stat_of bob cpu_max)" 'None None None' 'no limits'
	matches "$(nssh --stat)" '%/150% .*/1G .*/200 '
}

stat__shows_users_their_own() {
	log_in one ada
	log_in two bob
	lacks "$(as ada nssh --stat)" bob "ada's"
	matches "$(as ada nssh --stat)" '^USER/BOX .*ada .*  ada-1 ' "ada's"
	eq "$(as ada nssh --stat --json | of ada-1 box)" ada-1
	matches "$(nssh --stat | sort)" '  ada-1 .*  bob-1 .*ada .*bob ' "root's"
	lacks "$(nssh --stat -u bob)" ada "root's of bob"
	status 125 as ada nssh --stat -u bob 2>/dev/null
	matches "$(nssh --stat -u nosuch 2>&1 || true)" 'nsbox-helper: there is no user nosuch$'
	matches "$(nssh -l -u nosuch 2>&1 || true)" 'nsbox-helper: there is no user nosuch$'
	fails as ada "$helper" stat bob 2>/dev/null
	eq "$(as carl nssh --stat | wc -l)" 1 'lines without a box'
	eq "$(as carl nssh --stat --json)" '[]'
}

stat_json__agrees_with_the_kernel() {
	local before after
	configure 'memory = 1G' 'pids = 200'
	log_in one ada
	nssh --stat --json | python3 -m json.tool >/dev/null
	before=$(kernel 2000 cpuacct cpuacct.usage cpu.stat)
	nssh --stat --json >/tmp/told
	after=$(kernel 2000 cpuacct cpuacct.usage cpu.stat)
	if is_v2; then
		before=$(awk '/^usage_usec/ { print $2 }' <<<"$before")
		after=$(awk '/^usage_usec/ { print $2 }' <<<"$after")
	else
		before=$((before / 1000)) after=$((after / 1000))
	fi
	between "$before" "$after" "$(of ada cpu_usec </tmp/told)" || fault "cpu_usec: $before, $(cat /tmp/told), $after"
	eq "$(of ada memory_max </tmp/told)" "$(memory_of 2000)" memory_max
	eq "$(of ada-1 memory_max </tmp/told)" "$(memory_of 2000/1)" "the box's memory_max"
	eq "$(of ada pids_max </tmp/told)" "$(pids_of 2000)" pids_max
	after=$(kernel 2000 memory memory.usage_in_bytes memory.current)
	between $((after - (4 << 20))) $((after + (4 << 20))) "$(of ada memory </tmp/told)" || fault "memory: $(cat /tmp/told), $after"
}

# without_pids CMD: on a host that has no controller pids
without_pids() {
	if is_v2; then
		sed 's/ *pids//' "$(base pids)/cgroup.controllers" >/tmp/controllers
		unshare --mount --propagation private sh -c "mount --bind /tmp/controllers $(base pids)/cgroup.controllers && $1"
	else
		unshare --mount --propagation private sh -c "umount -l /sys/fs/cgroup/pids && $1"
	fi
}

stat_without_a_controller__says_so() {
	log_in one ada
	without_pids 'nssh --stat --json' >/tmp/told
	eq "$(of ada pids </tmp/told) $(of ada pids_max </tmp/told)" 'None None' pids
	differs "$(of ada memory </tmp/told)" None memory
	without_pids 'nssh --stat' >/tmp/told
	matches "$(sed -n 2p /tmp/told)" '^ada +[^ ]+ +[^ ]+ +[^ ]+ +- ' 'the table'
	without_pids 'nssh -l --json' >/tmp/told
	eq "$(of ada-1 pids </tmp/told)" None 'pids in the list'
}

nssh_l__shows_what_boxes_use() {
	configure 'memory = 1G' 'pids = 200'
	log_in one ada
	in_session one 'timeout 2 sh -c "while :; do :; done"' >/dev/null
	matches "$(nssh -l | tail -n 1)" ' [0-9.]+[KM]/1G +[0-9]+/200 +0:0[0-9]( |$)' 'nssh -l'
	as ada nssh -l --json >/tmp/told
	eq "$(of ada-1 memory_max </tmp/told)" $((1 << 30)) memory_max
	eq "$(of ada-1 pids_max </tmp/told)" 200 pids_max
	between 200000 60000000 "$(of ada-1 cpu_usec </tmp/told)" || fault "cpu_usec: $(cat /tmp/told)"
}

tmp_of() { in_session "$1" 'df -B1 --output=size /tmp | tail -n 1' | tr -d ' '; }

reload__changes_the_limits_of_live_boxes() {
	configure 'memory = 1G' 'pids = 200' 'cpu = 150' 'tmp = 20M'
	log_in one ada
	log_in two bob
	eq "$(tmp_of one)" $((20 << 20)) '/tmp before'
	configure 'memory = 800M' 'pids = 100' 'cpu = 50' 'tmp = 40M' '[user:bob]' 'pids = 150'
	eq "$(nssh --reload 2>&1)" '2 users have the limits of nsbox.conf' 'what it says'
	eq "$(memory_of 2000) $(memory_of 2000/1)" "$((800 << 20)) $((800 << 20))" memory
	eq "$(pids_of 2000) $(pids_of 2000/1)" '100 100' pids
	eq "$(pids_of 2001)" 150 "bob's pids"
	eq "$(kernel 2000 cpu cpu.cfs_quota_us cpu.max | cut -d' ' -f1)" 50000 cpu
	eq "$(tmp_of one)" $((40 << 20)) /tmp
	configure 'pids = none' 'tmp = 40M'
	nssh --reload
	eq "$(stat_of ada memory_max) $(stat_of ada pids_max) $(stat_of ada cpu_max)" 'None None None' 'no limits'
	eq "$(pids_of 2000/1)" max 'no limit of the box'
}

reload__refuses_a_size_below_what_is_in_use() {
	local both
	configure 'memory = 1G' 'tmp = 40M'
	log_in one ada
	in_session one 'head -c 30M /dev/zero >/tmp/file' >/dev/null
	configure 'memory = 1G' 'tmp = 10M'
	status 125 nssh --reload 2>/tmp/said
	eq "$(cat /tmp/said)" "nsbox-helper: 1 user did not get the new limits; the log names them. The last: \
ada: box ada-1: tmp = 10M: /tmp holds more; the user has to remove files" 'what it says'
	# Version 2 ends processes instead, until there is less.
	! is_v2 || return 0
	in_background one "python3 -c 'x = bytearray(90 << 20); open(\"/tmp/taken\", \"w\"); import time; time.sleep(100)'"
	in_session one 'until [ -e /tmp/taken ]; do sleep 0.1; done' >/dev/null
	configure 'memory = 1G' 'tmp = 40M' 'swap = 64M'
	nssh --reload
	both=$(kernel 2000 memory memory.memsw.limit_in_bytes none)
	eq "$both" $((1088 << 20)) 'memory and swap'
	configure 'memory = 70M' 'tmp = 40M' 'shm = 10M' 'run = 2M' 'swap = 0'
	status 125 nssh --reload 2>/tmp/said
	matches "$(cat /tmp/said)" 'ada: .*memory.*in use' 'what it says'
	eq "$(kernel 2000 memory memory.memsw.limit_in_bytes none)" "$both" 'memory and swap afterwards'
	eq "$(in_session one 'echo here')" here 'the session'
}

reload__leaves_the_host_s_own_file_systems_alone() {
	local before
	before=$(df -k --output=size /dev/shm | tail -n 1)
	configure 'bind = /dev/shm' 'shm = 64M' 'tmp = 16M'
	log_in one ada
	configure 'bind = /dev/shm' 'shm = 8M' 'tmp = 8M'
	nssh --reload
	eq "$(df -k --output=size /dev/shm | tail -n 1)" "$before" "the host's /dev/shm"
	eq "$(in_session one 'df -k --output=size /tmp | tail -n 1' | tr -d ' ')" 8192 "the box's /tmp"
}

reload_of_a_broken_file__changes_nothing() {
	configure 'pids = 200'
	log_in one ada
	configure 'pids = 100' 'colour = blue'
	status 125 nssh --reload 2>/tmp/said
	matches "$(cat /tmp/said)" 'nsbox.conf:3: ' 'what it says'
	eq "$(pids_of 2000)" 200 pids
}

reload__is_for_root_only() {
	configure 'pids = 200'
	log_in one ada
	configure 'pids = 4000'
	status 125 as ada nssh --reload 2>/tmp/said
	matches "$(cat /tmp/said)" '^nssh: only root' 'what it says'
	fails as ada "$helper" reload 2>/dev/null
	eq "$(pids_of 2000)" 200 pids
	status 125 nssh --reload -u ada 2>/dev/null
}

reload_without_boxes__is_fine() {
	eq "$(nssh --reload)" 'nobody has a box now: the limits of nsbox.conf come with the next login'
}

# One box that is too full, and one user with settings that contradict each other.
reload__goes_on_with_other_boxes_and_users() {
	local before log
	configure 'tmp = 40M'
	log_in one ada
	log_in two ada
	log_in three bob
	log_in four carl
	in_session one 'head -c 30M /dev/zero >/tmp/file' >/dev/null
	configure '[default]' 'tmp = 10M' '[user:bob]' 'memory = 64M' '[user:carl]' 'pids = 77'
	note_log
	status 125 nssh --reload >/tmp/told 2>/tmp/said
	matches "$(cat /tmp/said)" '2 users did not get the new limits; the log names them. The last: (ada|bob): ' 'what it says'
	eq "$(cat /tmp/told)" '' 'that all is well'
	eq "$(tmp_of one) $(tmp_of two) $(tmp_of four)" "$((40 << 20)) $((10 << 20)) $((10 << 20))" 'sizes of /tmp'
	log=$(log_since)
	eq "$(pids_of 70000)" 77 "carl's pids"
	eq "$(grep -c 'event=reload uid=2000 error="ada: box ada-1: tmp = 10M' <<<"$log")" 1 "ada's lines in the log"
	eq "$(grep -c 'event=reload uid=2001 error="bob: .*memory = 64M' <<<"$log")" 1 "bob's lines in the log"
	eq "$(grep -c 'event=reload .*error' <<<"$log")" 2 'lines in the log'
	in_session one 'rm /tmp/file'
	configure 'tmp = 10M' '[user:bob]' 'enable = no'
	log_out four
	wait_gone carl-1
	eq "$(nssh --reload)" '2 users have the limits of nsbox.conf' 'afterwards'
}
