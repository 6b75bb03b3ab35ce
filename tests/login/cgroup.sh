# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The box's cgroup as seen from inside, and delegate = yes.

# The disposable host shares a machine that may have its controllers in version 1: then version 2 is there without any.
on_v2() {
	without=()
	[ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ] || return 0
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	trap 'umount -l /sys/fs/cgroup' EXIT
	without=('pids = none')
}

cgroup__of_a_box_is_the_root_of_its_namespace() {
	on_v2
	configure "${without[@]}"
	eq "$(ssh ada@host 'grep ^0:: /proc/self/cgroup')" 0::/
	matches "$(ssh ada@host 'cat /sys/fs/cgroup/cgroup.controllers; ls /sys/fs/cgroup')" cgroup.procs
	matches "$(ssh ada@host 'cat /sys/fs/cgroup/cgroup.procs')" '(^|\s)1(\s|$)' 'processes of the cgroup'
	fails ssh ada@host 'mkdir /sys/fs/cgroup/mine 2>/dev/null'
	fails ssh ada@host 'echo $$ > /sys/fs/cgroup/cgroup.procs' 2>/dev/null
	lacks "$(ssh ada@host 'ls /sys/fs/cgroup')" 'nsbox|keeper'
}

make_child='mkdir /sys/fs/cgroup/mine && echo $$ > /sys/fs/cgroup/mine/cgroup.procs && grep ^0:: /proc/self/cgroup'

delegate__lets_the_owner_make_children() {
	local box
	on_v2
	configure 'delegate = yes' "${without[@]}"
	log_in one ada
	box=$(box_of one)
	eq "$(in_session one 'grep ^0:: /proc/self/cgroup')" 0::/login
	eq "$(in_session one "$make_child")" 0::/mine
	in_session one 'mkdir -p /sys/fs/cgroup/mine/a/b/c; sleep 1000 >/dev/null 2>&1 & echo $! > /sys/fs/cgroup/mine/a/b/c/cgroup.procs'
	log_out one
	wait_gone "$box"
}

delegate__lets_the_owner_pass_controllers_on() {
	on_v2
	grep -q pids /sys/fs/cgroup/cgroup.controllers || {
		# Here only the door matters: version 2 has no controllers on this machine.
		configure 'delegate = yes' 'scope = user' "${without[@]}"
		log_in one ada
		in_session one 'rmdir /sys/fs/cgroup/login 2>/dev/null; mkdir /sys/fs/cgroup/mine'
		eq "$(ssh ada@host 'grep ^0:: /proc/self/cgroup')" 0::/login
		eq "$(as ada nssh ada-1 -- grep ^0:: /proc/self/cgroup)" 0::/login nssh
		return
	}
	configure 'delegate = yes' 'scope = user' 'pids = 300'
	log_in one ada
	eq "$(in_session one "$make_child")" 0::/mine
	in_session one 'rmdir /sys/fs/cgroup/login 2>/dev/null; echo "+pids +memory" > /sys/fs/cgroup/cgroup.subtree_control'
	eq "$(in_session one 'mkdir /sys/fs/cgroup/small && echo 5 > /sys/fs/cgroup/small/pids.max && cat /sys/fs/cgroup/small/pids.max')" 5
	eq "$(ssh ada@host 'grep ^0:: /proc/self/cgroup')" 0::/login 'the next login'
	eq "$(as ada nssh ada-1 -- grep ^0:: /proc/self/cgroup)" 0::/login nssh
	eq "$(nssh -u ada ada-1 -- grep ^0:: /proc/self/cgroup)" 0::/login "root's nssh"
	eq "$(in_session one 'cat /sys/fs/cgroup/pids.max')" 300
}

delegate__gives_no_limit_away() {
	local file
	on_v2
	configure 'delegate = yes' "${without[@]}"
	log_in one ada
	for file in pids.max memory.max cpu.max cgroup.max.depth cgroup.max.descendants cgroup.freeze cgroup.kill; do
		matches "$(in_session one "echo 1 > /sys/fs/cgroup/$file")" 'denied|No such' "$file"
		matches "$(in_session one "echo 1 > /sys/fs/cgroup/login/$file")" 'denied|No such' "login/$file"
	done
	matches "$(in_session one 'for i in {1..400}; do mkdir /sys/fs/cgroup/$i || break; done')" 'cannot create|Resource' children
	log_out one
	within 2000 no_boxes
}

delegate__is_refused_where_it_cannot_be_had() {
	[ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ] || return 0
	configure 'delegate = yes'
	fails ssh ada@host true >/tmp/said 2>&1
	matches "$(cat /tmp/said)" 'delegate = yes does not work on this host'
	the_log | grep -F 'delegate = yes needs cgroup version 2' >/dev/null
}
