# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the kernel counts for one box is not taken from another user or from root.

hoard='
import ctypes, sys, time
libc = ctypes.CDLL(None)
got = 0
while got < 5000 and libc.inotify_init1(0) >= 0:
    got += 1
print(got, flush=True)
time.sleep(100)
'
one_instance='
import ctypes, sys
sys.exit(ctypes.CDLL(None).inotify_init1(0) < 0)
'
crowd='
import os, time
n = 0
try:
    while n < 100:
        if os.fork() == 0:
            os.close(1); os.close(2)
            time.sleep(100)
        n += 1
except OSError:
    pass
print(n, flush=True)
os._exit(0)
'

inotify_instances__run_out_for_their_user_only() {
	local got
	log_in one ada
	in_session one "ulimit -n 6000 2>/dev/null; python3 -c '$hoard' > ~/got & while ! [ -s ~/got ]; do sleep 0.1; done"
	got=$(in_session one 'cat ~/got')
	# Either the box's own limit or its open files stopped it.
	[ "$got" -gt 10 ] || fault "only $got instances"
	ssh bob@host "python3 -c '$one_instance'" || fault 'bob gets no instance'
	python3 -c "$one_instance" || fault 'root gets no instance'
	as ada python3 -c "$one_instance" || fault 'ada gets none outside of the box'
}

namespaces__cannot_be_made_in_a_box() {
	local kind
	for kind in --user --mount --pid --net --uts --ipc --cgroup; do
		fails ssh ada@host "unshare --map-root-user $kind true 2>/dev/null"
	done
	ssh bob@host true
	unshare --user true
}

namespaces_of_many_boxes__are_not_taken_from_root() {
	local n
	for n in {1..10}; do log_in "$n" ada; done
	unshare --user --mount --pid --net --uts --ipc --cgroup --fork true
	eq "$(ssh bob@host 'echo in')" in
}

processes__are_limited_for_all_boxes_of_a_user() {
	configure 'pids = 60'
	log_in one ada
	log_in two ada
	in_session one "python3 -c '$crowd'" >/tmp/first
	in_session two "python3 -c '$crowd'" >/tmp/second
	[ "$(($(cat /tmp/first) + $(cat /tmp/second)))" -lt 60 ] || fault "$(cat /tmp/first) and $(cat /tmp/second) processes"
	[ "$(cat /tmp/first)" -gt 40 ] || fault "only $(cat /tmp/first) processes"
	eq "$(ssh bob@host 'echo in')" in
}

memory__is_limited() {
	[ -e /sys/fs/cgroup/memory ] || grep -q memory /sys/fs/cgroup/cgroup.controllers
	configure 'memory = 100M' 'tmp = 16M' 'shm = 16M'
	fails ssh ada@host "python3 -c 'x = bytearray(300 << 20)'" 2>/dev/null
	eq "$(ssh ada@host 'echo in')" in 'the next login'
}

tmp__is_limited() {
	configure 'tmp = 2M'
	fails ssh ada@host 'head -c 4M /dev/zero > /tmp/big' 2>/dev/null
}

terminals_of_the_host__are_not_used_up_by_one_box() {
	local got
	got=$(ssh ada@host 'ulimit -Sn 4000; n=0; while { exec {fd}<>/dev/ptmx; } 2>/dev/null; do n=$((n + 1)); done; echo "$n"')
	[ "$got" -ge 64 ] || fault "only $got terminals in a box"
	[ "$got" -le 256 ] || fault "$got terminals in one box"
}
