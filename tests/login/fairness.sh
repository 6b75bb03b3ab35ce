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

terminals_of_the_host__are_not_used_up_by_one_box() {
	local got
	got=$(ssh ada@host 'ulimit -Sn 4000; n=0; while { exec {fd}<>/dev/ptmx; } 2>/dev/null; do n=$((n + 1)); done; echo "$n"')
	[ "$got" -ge 64 ] || fault "only $got terminals in a box"
	[ "$got" -le 256 ] || fault "$got terminals in one box"
}
