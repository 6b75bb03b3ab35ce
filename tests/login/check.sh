# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nssh --check: what it says of control groups, and of limits that do not reach boxes.

version_2() { [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; }
# what is said: all lines; on this host there may be other errors too
checked() { nssh --check 2>&1 || true; }
says() { grep -F -- "$1" <<<"$(checked)" >/dev/null || fault "no '$1' in: $(checked)"; }
says_not() { ! grep -F -- "$1" <<<"$(checked)" || fault "it says '$1'"; }

check__names_the_backend_and_its_controllers() {
	if version_2; then
		says 'ok: cgroups: version 2, '
		says 'ok: cgroups: controllers: pids,memory,cpu'
	else
		says 'ok: cgroups: version 1, in /sys/fs/cgroup/CONTROLLER/nsbox'
		says 'ok: cgroups: controllers: pids,memory,cpu,cpuacct,blkio'
		says 'ok: cgroups: keys that cannot be enforced on this host: memory_high'
	fi
	says_not 'error: cgroups'
}

backend__may_be_asked_by_anyone() {
	matches "$(as ada "$helper" backend)" \
		'^version=[12] service=(yes|no) place=/[^ ]+ controllers=[a-z,]+ missing=[a-z_,-]+$'
}

check__finds_limits_that_cannot_be_enforced() {
	version_2 && return
	configure '[default]' 'enable = no' '[group:students]' 'enable = yes' 'memory_high = 1G' '[user:ada]' \
		'memory_high = 2G' '[user:bob]' 'memory_high = none'
	says "error: cgroups: $conf:5: [group:students]: memory_high = 1G cannot be enforced on this host"
	says "error: cgroups: $conf:7: [user:ada]: memory_high = 2G cannot be enforced on this host"
	says_not 'none cannot be enforced'
	eq "$(checked | grep -c "$conf:5:")" 1 'how often it says so'
	status 1 nssh --check >/dev/null 2>&1
}

check__finds_delegate_on_version_1() {
	version_2 && return
	configure 'delegate = yes'
	says "error: cgroups: $conf:2: [default]: delegate = yes needs cgroup version 2"
}

# A version 2 without controllers, until the test ends.
check__finds_what_a_host_without_controllers_cannot_do() {
	version_2 && return
	trap 'umount -l /sys/fs/cgroup' EXIT
	mount -t cgroup2 bare /sys/fs/cgroup
	says 'ok: cgroups: version 2, in /sys/fs/cgroup/nsbox'
	says 'ok: cgroups: controllers: -'
	says 'error: cgroups: the built-in default: pids = 4096 cannot be enforced on this host'
	configure 'pids = none' 'io_max = / rbps=1M'
	says_not 'pids = '
	says "error: cgroups: $conf:3: [default]: io_max = / rbps=1M cannot be enforced on this host"
}

# systemd is there when this directory is (sd_booted(3)).
check__says_how_to_start_the_service() {
	version_2 && [ -d /run/systemd/system ] && return
	version_2 || trap 'umount -l /sys/fs/cgroup; rm -r /run/systemd/system' EXIT
	version_2 || mount -t cgroup2 bare /sys/fs/cgroup
	mkdir -p /run/systemd/system
	says 'error: cgroups: nsbox-helper: nsbox.service has no cgroup: start it with `systemctl enable --now nsbox`'
	fails ssh ada@host true 2>/dev/null
	matches "$(ssh ada@host true 2>&1 || true)" \
		'The service nsbox is not running on this host; please tell the administrator.'
}

check__warns_of_weights_that_no_disk_keeps() {
	grep -qsF '[bfq]' /sys/block/*/queue/scheduler && return
	grep -qs enable=1 /sys/fs/cgroup/io.cost.qos && return
	says_not 'io_weight is set'
	configure '[user:ada]' 'io_weight = 10'
	says 'warning: cgroups: io_weight is set, but no disk has the scheduler bfq or io.cost: it has no effect'
}

check__warns_of_lxcfs_that_is_not_there() {
	configure '[user:ada]' 'procview = lxcfs'
	[ -e /var/lib/lxcfs/proc ] && return
	says 'warning: cgroups: procview = lxcfs is set, but there is no /var/lib/lxcfs/proc'
}

# warns FILE:LINE: SETTING ADVICE, of a file in $where
warns() { says "warning: slices: $where/$1 $2 does not hold for boxed users: $3"; }

check__warns_of_limits_that_slices_had() {
	local where=/etc/systemd/system
	mkdir -p $where/user-1000.slice.d $where/user-.slice.d $where.control/user-1001.slice.d
	printf '%s\n' '[Slice]' '# MemoryMax=1G' 'MemoryMax = 2G' 'CPUAccounting=yes' 'IOReadBandwidthMax=/dev/sda 1M' \
		>$where/user-1000.slice.d/50-limits.conf
	printf '%s\n' '[Slice]' 'CPUQuota=20%' 'TasksMax=' 'MemoryLow=1G' 'Description=TasksMax=7' >$where/user-.slice.d/a.conf
	printf '%s\n' '[Slice]' 'TasksMax=100' >$where.control/user-1001.slice.d/50-TasksMax.conf
	printf '%s\n' '[Slice]' 'IOWeight=10' >$where/user-1002.slice
	warns user-1000.slice.d/50-limits.conf:3: 'MemoryMax=2G' 'use memory in nsbox.conf'
	warns user-1000.slice.d/50-limits.conf:5: 'IOReadBandwidthMax=/dev/sda 1M' 'use io_max in nsbox.conf'
	warns user-.slice.d/a.conf:2: 'CPUQuota=20%' 'use cpu in nsbox.conf'
	says "warning: slices: $where/user-.slice.d/a.conf:4: MemoryLow=1G does not hold for boxed users, and nsbox.conf has"
	where=$where.control
	warns user-1001.slice.d/50-TasksMax.conf:2: 'TasksMax=100' 'use pids in nsbox.conf'
	where=/etc/systemd/system
	warns user-1002.slice:2: 'IOWeight=10' 'use io_weight in nsbox.conf'
	eq "$(checked | grep -c '^warning: slices: ')" 6 warnings
}
