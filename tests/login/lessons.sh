# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What went wrong in programs like this one, where no other test would show it. SECURITY.md lists the cases.

# A process that looks like an init, in namespaces of its owner's own, and says of itself that it is a box.
box__that_a_user_pretends_is_none() {
	ssh ada@host true
	as ada unshare -Urmpf --mount-proc bash -c 'mount -t tmpfs x /run && mkdir /run/nsbox && echo ada-7 >/run/nsbox/name && exec -a nsbox-init sleep 60' &
	within 3000 pgrep -f '^nsbox-init' >/dev/null || skip 'users cannot make namespaces here'
	eq "$(as ada "$helper" list -)" '' 'what is listed'
	matches "$(as ada nssh ada-7 -- true 2>&1)" 'no live box ada-7' 'what nssh says'
	fails as ada nssh -k ada-7 2>/dev/null
	pgrep -f '^nsbox-init' >/dev/null || fault 'it was ended'
}

# The record of a box names its init by more than a number that is free again one day.
record__of_another_process_is_no_box() {
	local pid
	log_in one ada
	sleep 100 &
	pid=$!
	sed -i -E "s/(^|\n)pid=[0-9]+/\1pid=$pid/" "$(record_of ada-1)"
	matches "$(cat "$(record_of ada-1)")" "pid=$pid" 'the record'
	eq "$(as ada "$helper" list -)" '' 'what is listed'
	fails as ada nssh ada-1 -- true 2>/dev/null
	kill -0 "$pid" || fault 'it was ended'
}

procfs__that_is_none_is_refused() {
	local said
	log_in one ada
	said=$(unshare -m sh -c "mount -t tmpfs none /proc; $helper list -; $helper gc ada; echo done" 2>&1 || true)
	eq "$(grep -c '/proc is not a procfs' <<<"$said")" 2 "what is said ($said)"
	eq "$(in_session one 'echo well')" well
}

# Devices are what they should be, and what is masked is, in each box and however often one is made.
devices_and_masks__are_what_they_should_be() {
	local wanted='/dev/full 1:7
/dev/null 1:3
/dev/random 1:8
/dev/tty 5:0
/dev/urandom 1:9
/dev/zero 1:5'
	log_in one ada
	eq "$(in_session one 'find /dev -xdev -type c -exec stat -c "%n %t:%T" {} + | sort')" "$wanted"
	eq "$(in_session one 'stat -f -c %T /dev/pts /dev/shm /dev/mqueue /proc /sys /run /tmp | paste -sd" "')" \
		'devpts tmpfs mqueue proc sysfs tmpfs tmpfs'
	eq "$(in_session one 'stat -L -c "%t:%T" /dev/ptmx; readlink /dev/ptmx')" $'5:2\npts/ptmx'
	eq "$(in_session one 'cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | head -c 10; ls -A /sys/firmware')" ''
	# None of them is something the owner could have put there.
	eq "$(in_session one 'find /dev /proc/kcore /proc/keys /proc/timer_list -xdev -user ada -not -path "/dev/pts/*" 2>/dev/null')" ''
}

# Names are looked up before, and no library is loaded after, a process is in a box: it would be the box's.
nothing__is_loaded_once_inside() {
	local inside
	log_in one ada
	strace -f -qq -e trace=setns,openat,open,execve -o /tmp/trace nssh -u ada ada-1 -- /bin/true
	inside=$(awk '/setns\(.*CLONE_NEWUSER/ { in_box = 1; entered[$1] = 1 }
		/execve\("\/bin\/true"/ { exit }
		in_box && /open/ && !/\/dev\/pts\/ptmx/ { print }' /tmp/trace)
	matches "$(cat /tmp/trace)" 'setns\(.*CLONE_NEWUSER' 'the trace'
	lacks "$inside" '\.so|nsswitch|/etc/(passwd|group|ld)|/home' 'what is opened in between'
}

# State below a directory that others could have made is none.
state__of_others_is_not_believed() {
	local place
	ssh ada@host true
	for place in /run/nsbox/2000 /run/nsbox /var/lib/nsbox; do
		chown bob "$place"
		fails ssh ada@host true 2>/dev/null
		chown root "$place"
		chmod g+w "$place"
		fails ssh ada@host true 2>/dev/null
		chmod g-w "$place"
		ssh ada@host true
	done
	mv /run/nsbox/2000 /run/elsewhere
	ln -s /run/elsewhere /run/nsbox/2000
	fails ssh ada@host true 2>/dev/null
	rm /run/nsbox/2000
	rm -r /run/elsewhere
	ssh ada@host true
}
