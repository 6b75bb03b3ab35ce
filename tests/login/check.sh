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

check__looks_for_seccomp_where_it_is_needed() {
	says 'ok: seccomp: the kernel has seccomp filters'
	configure 'seccomp = off'
	says_not ': seccomp:'
}

backend__may_be_asked_by_anyone() {
	matches "$(as ada "$helper" backend)" \
		'^version=[12] service=(yes|no) place=/[^ ]+ controllers=[a-z,]+ missing=[a-z_,-]+$'
}

ours() { find /sys/fs/cgroup -depth -type d -regex '.*/nsbox\(/.*\)?'; }
remove_ours() { ours | xargs -r rmdir; }

who_only_asks__makes_no_cgroups() {
	[ ! -e /run/nsbox/cgroup ] || return 0 # systemd's are always there
	within 3000 remove_ours || fault "still there: $(ours)"
	eq "$(as carl nssh -l --json) $(as carl nssh --stat --json)" '[] []'
	nssh -l >/dev/null
	nssh --stat >/dev/null
	backend__may_be_asked_by_anyone
	lacks "$(as ada "$helper" backend | grep -o 'missing=.*')" 'pids|[^_]memory,|cpu|io_max' 'what cannot be enforced'
	eq "$(ours)" '' cgroups
	log_in one ada
	eq "$(nssh -l --json | grep -c ada-1)" 1 'boxes afterwards'
}

check__finds_limits_that_cannot_be_enforced() {
	version_2 && return
	configure '[default]' 'enable = no' '[group:students]' 'enable = yes' 'memory_high = 1G' '[user:ada]' \
		'memory_high = 2G' 'enable = yes' '[user:bob]' 'memory_high = none' 'enable = yes'
	says "error: cgroups: $conf:5: [group:students]: memory_high = 1G cannot be enforced on this host, and logins"
	says "error: cgroups: $conf:7: [user:ada]: memory_high = 2G cannot be enforced on this host, and logins"
	says_not 'none cannot be enforced'
	eq "$(checked | grep -c "$conf:5:")" 1 'how often it says so'
	status 1 nssh --check >/dev/null 2>&1
}

check_of_limits__leaves_alone_who_gets_no_box() {
	configure '[default]' 'enable = no' 'procview = lxcfs' 'io_max = /proc rbps=1M' '[group:students]' \
		'enable = no' 'io_max = /nonexist rbps=1M' '[user:ada]' 'io_max = /nonexist rbps=1M'
	says_not 'logins are refused'
	says_not 'is refused'
	# A member may get a box by another group, and tess does.
	configure '[default]' 'enable = no' '[group:students]' 'io_max = /nonexist rbps=1M'
	says "warning: cgroups: $conf:4: [group:students]: there is no /nonexist, and who gets a box with it is refused"
	configure '[default]' 'enable = no' '[group:students]' 'io_max = /nonexist rbps=1M' '[user:tess]' 'enable = yes'
	says "error: cgroups: $conf:4: [group:students]: there is no /nonexist, and logins are refused"
	eq "$(checked | grep -c "$conf:4:")" 1 'how often it says so'
}

check__finds_swap_that_needs_memory() {
	version_2 && return
	configure '[default]' 'swap = 100M' '[group:students]' 'memory = 1G' 'enable = no'
	says "error: cgroups: $conf:2: [default]: swap = 100M needs memory on cgroup version 1: set memory too"
	configure '[default]' 'swap = 100M' 'memory = 1G'
	says_not 'needs memory'
	configure '[default]' 'swap = 100M' 'memory = 1G' '[user:ada]' 'memory = none'
	says "error: cgroups: $conf:2: [default]: swap = 100M needs memory"
}

check__finds_disks_that_are_none() {
	configure 'io_max = /nonexist rbps=1M' 'io_max = /proc rbps=1M' 'io_max = /home rbps=1M'
	says "error: cgroups: $conf:2: [default]: there is no /nonexist, and logins are refused"
	says "error: cgroups: $conf:3: [default]: /proc lies on no single disk: name a device such as /dev/vda"
	says_not "$conf:4:"
}

check__finds_contradictions_in_the_section_of_a_user() {
	configure '[default]' 'enable = yes' '[user:ada]' 'memory = 64M'
	says "$conf:4: memory = 64M (line 4) has no room for"
	says 'set memory = 816M or more, or lower tmp, shm or run'
	status 1 nssh --check >/dev/null 2>&1
	fails ssh ada@host true 2>/dev/null
	configure '[default]' '[group:students]' 'tmp = 8M' 'shm = 8M' 'run = 8M' '[user:tess]' 'memory = 64M'
	says_not 'has no room'
}

check_user__says_who_is_exempt() {
	sed -i 's/pam_nsbox.so.*/pam_nsbox.so exempt=students/' /etc/pam.d/sshd
	matches "$(nssh --check tess)" 'never boxed by sshd: a member of students'
	lacks "$(nssh --check ada)" 'never boxed'
	matches "$(nssh --check root)" 'root is never boxed'
}

check_user__says_who_has_no_subordinate_ids() {
	local group
	sed -i '/^ada:/d' /etc/subuid /etc/subgid
	for group in students nosuch; do
		sed -i "s/pam_nsbox.so.*/pam_nsbox.so exempt=$group/" /etc/pam.d/sshd
		matches "$(nssh --check ada)" 'error: ada: no subordinate ids' "with exempt=$group"
		matches "$(nssh --check bob)" 'ok: bob: subordinate uids [0-9]+ to' "with exempt=$group"
	done
	status 1 nssh --check ada >/dev/null
}

check__finds_delegate_on_version_1() {
	version_2 && return
	configure 'delegate = yes'
	says "error: cgroups: $conf:2: [default]: delegate = yes needs cgroup version 2"
	says 'ok: cgroups: keys that cannot be enforced on this host: memory_high'
	matches "$(checked | grep 'keys that cannot')" ',delegate$'
	configure 'delegate = no'
	says_not 'delegate = no'
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

check__finds_lxcfs_that_is_not_there() {
	configure '[user:ada]' 'procview = lxcfs' 'network = none'
	[ -e /var/lib/lxcfs/proc ] && return
	says "error: cgroups: $conf:2: [user:ada]: procview = lxcfs needs lxcfs: install and start it, and logins are refused"
	status 1 nssh --check >/dev/null 2>&1
	fails ssh ada@host true 2>/dev/null
	the_log | grep -F 'procview = lxcfs needs lxcfs: cannot read /var/lib/lxcfs/proc/meminfo: No such file' >/dev/null
}

# warns FILE:LINE: SETTING ADVICE, of a file in $where
warns() { says "warning: slices: $where/$1 $2 does not hold for boxed users: $3"; }

check__warns_of_limits_that_slices_had() {
	local where=/etc/systemd/system
	mkdir -p $where/user-1000.slice.d $where/user-.slice.d $where/user.slice.d $where.control/user-1001.slice.d
	printf '%s\n' '[Slice]' '# MemoryMax=1G' 'MemoryMax = 2G' 'CPUAccounting=yes' 'IOReadBandwidthMax=/dev/sda 1M' \
		>$where/user-1000.slice.d/50-limits.conf
	printf '%s\n' '[Slice]' 'CPUQuota=20%' 'TasksMax=' 'MemoryLow=1G' 'Description=TasksMax=7' >$where/user-.slice.d/a.conf
	printf '%s\n' '[Slice]' 'TasksMax=100' >$where.control/user-1001.slice.d/50-TasksMax.conf
	printf '%s\n' '[Slice]' 'IOWeight=10' >$where/user-1002.slice
	printf '%s\n' '[Slice]' 'MemoryHigh=3G' >$where/user.slice.d/a.conf
	printf '%s\n' '[Slice]' 'CPUWeight=7' >$where/user.slice
	warns user-1000.slice.d/50-limits.conf:3: 'MemoryMax=2G' 'use memory in nsbox.conf'
	warns user-1000.slice.d/50-limits.conf:5: 'IOReadBandwidthMax=/dev/sda 1M' 'use io_max in nsbox.conf'
	warns user-.slice.d/a.conf:2: 'CPUQuota=20%' 'use cpu in nsbox.conf'
	says "warning: slices: $where/user-.slice.d/a.conf:4: MemoryLow=1G does not hold for boxed users, and nsbox.conf has"
	where=$where.control
	warns user-1001.slice.d/50-TasksMax.conf:2: 'TasksMax=100' 'use pids in nsbox.conf'
	where=/etc/systemd/system
	warns user-1002.slice:2: 'IOWeight=10' 'use io_weight in nsbox.conf'
	warns user.slice.d/a.conf:2: 'MemoryHigh=3G' 'use memory_high in nsbox.conf'
	warns user.slice:2: 'CPUWeight=7' 'use cpu_weight in nsbox.conf'
	eq "$(checked | grep -c '^warning: slices: ')" 8 warnings
}

check__finds_a_network_that_is_not_up() {
	if [ -e /run/nsbox/net/up ]; then
		trap 'mv /run/nsbox/net/up.was /run/nsbox/net/up' EXIT
		mv /run/nsbox/net/up /run/nsbox/net/up.was
	fi
	configure 'network = none'
	says_not ': network: '
	configure '[default]' 'network = nat' 'enable = no' '[group:students]' 'pids = 50'
	says_not ': network: '
	configure '[default]' 'network = host' '[user:ada]' 'network = nat'
	says 'error: network: the network of boxes is not up: run `nssh --net-up`, or `systemctl enable --now nsbox-net`'
	status 1 nssh --check >/dev/null 2>&1
	[ -x /usr/sbin/nft ] || says 'error: network: network = nat needs nft: install the package nftables'
}

# as_resolv_conf LINE...: the host's, once it is mounted there
as_resolv_conf() { printf '%s\n' "$@" >/tmp/resolv.conf; }

check__finds_name_servers_out_of_reach() {
	local none='have no name server, since that of the host is on its loopback interface'
	trap 'umount /etc/resolv.conf' EXIT
	as_resolv_conf
	mount --bind /tmp/resolv.conf /etc/resolv.conf
	as_resolv_conf 'nameserver 127.0.0.1' 'nameserver ::1'
	configure 'network = nat' 'subnet = 10.7.0.0/24'
	says "warning: network: boxes with network = nat $none: let it listen at 10.7.0.1 too and set host_ports = 53"
	configure 'network = nat' 'host_ports = 53'
	says_not "$none"
	configure 'network = pasta'
	says "warning: network: boxes with network = pasta $none: name another in /etc/resolv.conf"
	as_resolv_conf 'nameserver 127.0.0.1' 'nameserver 192.0.2.53'
	says_not "$none"
	configure 'network = nat'
	says_not "$none"
}

check__finds_pasta_that_is_not_there() {
	configure '[user:ada]' 'network = pasta'
	if [ -x /usr/bin/pasta ]; then
		says 'ok: network: pasta is /usr/bin/pasta'
	else
		says 'error: network: network = pasta needs pasta: install the package passt'
	fi
}

check_user__says_which_ports_lead_to_the_box() {
	local uid
	uid=$(id -u ada)
	configure 'network = nat' 'ports_per_user = 10' 'ports_from = 15000' 'publish = 8080'
	matches "$(nssh --check ada)" "ok: ada: ports that lead to the box: $((15000 + 10 * (uid - 1000)))-[0-9]+,8080"
	configure 'network = nat' 'ports_per_user = 1000' 'ports_from = 65000'
	matches "$(nssh --check ada)" 'error: ada: ports_per_user = 1000 from ports_from = 65000 has no ports for uid'
	status 1 nssh --check ada >/dev/null
	configure 'ports_per_user = 1000' 'ports_from = 65000' 'network = none'
	lacks "$(nssh --check ada)" 'ports that lead|has no ports'
}

list__says_what_network_a_box_has() {
	configure 'network = none'
	log_in one ada
	matches "$(nssh -l --json)" '"address": "-", "ports": "-", .*"network": "none"'
	lacks "$(nssh -l)" 'ADDRESS|PORTS'
}
