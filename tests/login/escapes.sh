# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Ways out of containers that are known, each tried in a box: system calls, and files of the kernel.

reach_calls=/srv/nsbox/hostile/reach

# refused CALL...: each of them in a box, with an error that means no
refused() {
	local call said
	said=$(ssh ada@host "$in_box; $reach_calls")
	for call in "$@"; do
		matches "$said" "(^|"$'\n'")$call (EPERM|EACCES|ENOSYS|ENOSPC|EAFNOSUPPORT)("$'\n'"|$)" "what came of $call"
	done
}

open_by_handle__reaches_no_file_of_the_host() { refused shocker; }
mounts__cannot_be_made_or_changed() { refused mount_proc bind_over unmount_proc remount_root pivot file_system; }
namespaces__cannot_be_made_or_entered() { refused new_user new_mount enter_init; }
root_directory__cannot_be_changed() { refused change_root; }
device_nodes__cannot_be_made() { refused node; }
packets__cannot_be_made_by_hand() { refused packet raw; }
host__cannot_be_steered_by_system_calls() { refused host_name clock_set module kexec restart swap ports priority; }
file_systems__cannot_be_watched_as_a_whole() { refused fanotify; }
groups__cannot_be_shed() { refused groups_shed; }
root__cannot_be_become() { refused root_become; }

# writes_nothing FILE...: none of them can be opened for writing in a box, but one of its own; what is not there cannot either
writes_nothing() {
	local said
	said=$(ssh ada@host "$in_box; for f in $* /tmp/own; do (: >\"\$f\") 2>/dev/null && echo \"\$f\"; done")
	eq "$said" /tmp/own 'what can be written'
}
# reads_nothing FILE...: none of them gives a byte, but one that everybody reads
reads_nothing() {
	local said
	said=$(ssh ada@host "$in_box; for f in $* /etc/passwd; do [ -z \"\$(timeout 2 head -c 1 \"\$f\" 2>/dev/null | tr '\\0' x)\" ] || echo \"\$f\"; done")
	eq "$said" /etc/passwd 'what can be read'
}

core_pattern__cannot_be_set() {
	writes_nothing /proc/sys/kernel/core_pattern /proc/sys/kernel/core_uses_pid /proc/sys/fs/suid_dumpable
	eq "$(ssh ada@host 'cat /proc/sys/kernel/core_pattern')" "$(cat /proc/sys/kernel/core_pattern)"
}
modprobe__cannot_be_set() { writes_nothing /proc/sys/kernel/modprobe /proc/sys/kernel/hotplug /proc/sys/kernel/usermodehelper/bset; }
uevent_helper__cannot_be_set() { writes_nothing /sys/kernel/uevent_helper /sys/class/mem/null/uevent /sys/block/*/uevent; }
sysrq__cannot_be_triggered() { writes_nothing /proc/sysrq-trigger /proc/sys/kernel/sysrq; }
binfmt_misc__cannot_be_registered() { writes_nothing /proc/sys/fs/binfmt_misc/register /proc/sys/fs/binfmt_misc/status; }
kernel_settings__cannot_be_set() {
	writes_nothing /proc/sys/vm/panic_on_oom /proc/sys/vm/overcommit_memory /proc/sys/vm/drop_caches /proc/sys/kernel/panic \
		/proc/sys/kernel/hostname /proc/sys/kernel/domainname /proc/sys/kernel/yama/ptrace_scope /proc/sys/kernel/pid_max \
		/proc/sys/kernel/ns_last_pid /proc/sys/fs/protected_'*' /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ping_group_range
}
user_max__cannot_be_raised() {
	writes_nothing '/proc/sys/user/*'
	eq "$(ssh ada@host 'cat /proc/sys/user/max_user_namespaces')" 0
	eq "$(ssh ada@host "$in_box; cat /proc/sys/fs/protected_*")" "$(cat /proc/sys/fs/protected_*)" 'protected links, fifos and files'
}

# With version 1 what runs when a cgroup is empty, as root of the host; with version 2 its own cgroup, to look at.
release_agent__cannot_be_set() {
	local found
	found=$(ssh ada@host 'find / -xdev \( -name release_agent -o -name notify_on_release \) 2>/dev/null; find /sys/fs/cgroup -writable 2>/dev/null')
	eq "$found" '' 'what is there to write to'
	refused mount_proc
	[ -z "$(ssh ada@host 'find /sys/fs/cgroup -name cgroup.procs 2>/dev/null | head -n 1')" ] ||
		writes_nothing '/sys/fs/cgroup/cgroup.procs' '/sys/fs/cgroup/cgroup.kill'
}

init__shows_no_root_and_no_directory() {
	eq "$(ssh ada@host "$in_box; ls /proc/1/root/ /proc/1/cwd/ /proc/1/fd/ /proc/1/map_files 2>/dev/null; cat /proc/1/environ 2>/dev/null; readlink /proc/1/exe || echo none")" none
}

memory_of_the_machine__is_not_there() { reads_nothing /dev/mem /dev/kmem /dev/port /proc/kcore /proc/vmcore /dev/nvram '/dev/cpu/*/msr'; }
log_of_the_kernel__cannot_be_written() { writes_nothing /dev/kmsg /proc/kmsg; }
disks__are_not_there() {
	eq "$(ssh ada@host "$in_box; find /dev -type b; ls -d /dev/loop* /dev/sd* /dev/vd* /dev/dm-* /dev/mapper /dev/fuse /dev/kvm /dev/vhost* /dev/net 2>/dev/null" || true)" '' 'devices'
}
tracing__is_not_there() { reads_nothing '/sys/kernel/debug/*' '/sys/kernel/tracing/*' '/sys/fs/bpf/*' '/sys/kernel/security/*' /proc/sched_debug; }
firmware__is_not_shown() { eq "$(ssh ada@host "$in_box; find /sys/firmware /proc/acpi /proc/scsi /sys/devices/virtual/powercap -mindepth 1 2>/dev/null | head" || true)" ''; }
buses__cannot_be_written() { writes_nothing '/proc/bus/pci/*/*' '/proc/irq/*/smp_affinity' /proc/irq/default_smp_affinity '/sys/bus/pci/drivers_probe' /sys/bus/pci/rescan; }
sysfs__cannot_be_written() {
	eq "$(ssh ada@host "$in_box; find /sys -writable -not -type l 2>/dev/null | head -n 5; findmnt -no OPTIONS /sys | grep -o '^r[ow]'")" ro
}

# A program of nsbox that a process of the box overwrites, through /proc, as it comes in.
programs_of_nsbox__cannot_be_overwritten() {
	local before
	before=$(sha256sum /usr/local/libexec/nsbox/* /usr/local/bin/nssh)
	log_in one ada
	in_session one '(while :; do for e in /proc/[0-9]*/exe /usr/local/libexec/nsbox/*; do (echo x >$e) 2>/dev/null && echo $e >>/tmp/written; done; done) >/dev/null 2>&1 &'
	for _ in {1..8}; do as ada nssh ada-1 -- true; done
	eq "$(in_session one 'cat /tmp/written 2>/dev/null | grep -v "^/proc"')" '' 'what was written'
	eq "$(sha256sum /usr/local/libexec/nsbox/* /usr/local/bin/nssh)" "$before" 'the programs'
}

setuid_and_capable_files__give_nothing() {
	cp /bin/cat /usr/local/bin/capable
	setcap cap_dac_override,cap_sys_admin,cap_net_raw=ep /usr/local/bin/capable
	install -m 6755 /usr/bin/id /usr/local/bin/setuid-id
	log_in one ada
	eq "$(in_session one '/usr/local/bin/setuid-id -u; /usr/local/bin/setuid-id -g')" $'2000\n2000'
	eq "$(in_session one "/usr/local/bin/capable /proc/self/status | awk '/^CapEff/ { print \$2 }'")" 0000000000000000
	matches "$(in_session one 'cp /bin/cat c; /usr/sbin/setcap cap_net_raw=ep c; getcap c')" 'not permitted|unable|Invalid'
	matches "$(in_session one 'sudo -n id; su -c id </dev/null; mount /tmp /mnt; newuidmap 1 0 0 1; crontab -l')" 'no new privileges|must be setuid|permi'
	rm /usr/local/bin/capable /usr/local/bin/setuid-id
}

device_nodes_of_a_shared_directory__do_nothing() {
	install -d -m 1777 /srv/shared
	mknod -m 666 /srv/shared/zero c 1 5
	mknod -m 666 /home/ada/zero c 1 5
	configure 'bind = /srv/shared'
	reads_nothing /srv/shared/zero /home/ada/zero
	rm -r /srv/shared /home/ada/zero
}

# Root may list the device; to mount with it takes a program with power, and there is none.
fuse__mounts_nothing() {
	[ -e /dev/fuse ] || mknod -m 666 /dev/fuse c 10 229
	configure 'devices = /dev/fuse'
	eq "$(ssh ada@host "$in_box; mkdir -p m; fusermount3 m 2>/dev/null || fusermount m 2>/dev/null || exec 9<>/dev/fuse; grep -c fuse /proc/self/mounts" || true)" 0
	refused mount_proc bind_over
}
