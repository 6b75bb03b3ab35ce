# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nsbox.service, which has the cgroups of boxes, and limits as systemd's hosts have them.

base() { readlink /run/nsbox/cgroup; }
limit() { cat "$(base)/2000/$1"; }

service__has_the_boxes_and_their_controllers() {
	eq "$(systemctl show -p ControlGroup --value nsbox)" "$(base | sed 's,^/sys/fs/cgroup,,')" 'the cgroup'
	matches "$(cat "$(base)/cgroup.subtree_control")" '(cpu|io|memory|pids).*(cpu|io|memory|pids).*(cpu|io|memory|pids)'
	eq "$(systemctl show -p Delegate -p KillMode -p TasksMax --value nsbox | tr '\n' ' ')" 'yes infinity process '
	log_in one ada
	matches "$(grep ^0:: "/proc/$(init_of ada-1)/cgroup")" '/nsbox.service/2000/1$'
	matches "$(grep ^0:: "/proc/$(children_of ada | tail -n 1)/cgroup")" '/nsbox.service/2000/1$'
}

restart_of_the_service__leaves_boxes_and_limits_alone() {
	configure 'pids = 200' 'memory = 1G' 'cpu = 150'
	log_in one ada
	systemctl restart nsbox
	eq "$(in_session one 'cat /run/nsbox/name')" ada-1 'the session from before'
	eq "$(limit pids.max) $(limit memory.max) $(limit cpu.max)" "200 $((1 << 30)) 150000 100000"
	eq "$(ssh ada@host 'cat /run/nsbox/name')" ada-2 'a new login'
	eq "$(as ada nssh ada-1 -- echo in)" in
	systemctl daemon-reload
	systemctl daemon-reexec
	eq "$(limit pids.max) $(limit memory.max) $(limit cpu.max)" "200 $((1 << 30)) 150000 100000"
	eq "$(ssh bob@host 'cat /run/nsbox/name')" bob-1
	log_out one
	wait_gone ada-1
}

stop_of_the_service__ends_no_login() {
	log_in one ada
	systemctl stop nsbox
	eq "$(in_session one 'cat /run/nsbox/name')" ada-1 'the session from before'
	systemctl start nsbox
	eq "$(in_session one 'cat /run/nsbox/name')" ada-1 'the session from before'
	eq "$(ssh ada@host 'cat /run/nsbox/name')" ada-2 'a new login'
	log_out one
	wait_gone ada-1
}

keeper__that_was_killed_is_replaced() {
	local before
	log_in one ada
	before=$(systemctl show -p MainPID --value nsbox)
	eq "$(cat "/proc/$before/comm")" nsbox-keep
	kill -KILL "$before"
	within 5000 another_keeper "$before" || fault "$(systemctl status nsbox)"
	eq "$(ssh ada@host 'cat /run/nsbox/name')" ada-2
	eq "$(in_session one 'cat /run/nsbox/name')" ada-1
}
another_keeper() {
	[[ $(systemctl show -p MainPID --value nsbox) != @(0|"$1") ]]
}

without_the_service__a_login_is_refused_in_words() {
	local said
	systemctl stop nsbox
	rm -f /run/nsbox/cgroup
	said=$(ssh ada@host 'echo in' 2>&1) && fault 'it went in'
	matches "$said" 'The service nsbox is not running on this host'
	matches "$(the_log)" 'systemctl enable --now nsbox' 'the log'
	matches "$(nssh --check || true)" 'systemctl enable --now nsbox' '--check'
	eq "$(ssh root@host 'echo in')" in root
	eq "$(ssh plain@host 'echo in')" in 'who is not boxed'
	systemctl start nsbox
	eq "$(ssh ada@host 'echo in')" in
}

# What others' init systems have: version 2 with all controllers, and nobody who owns a subtree for us.
without_systemd__boxes_are_below_the_root_and_have_their_limits() {
	local crowd='
import os, time
try:
    while os.fork() != 0: pass
    os.closerange(0, 3)
    time.sleep(100)
except OSError:
    os._exit(0)
'
	rm -f /run/nsbox/cgroup
	mv /run/systemd/system /run/systemd/system.away
	trap 'mv /run/systemd/system.away /run/systemd/system; systemctl restart nsbox' EXIT
	configure 'pids = 50' 'memory = 300M' 'tmp = 64M' 'shm = 64M' 'cpu = 50'
	log_in one ada
	eq "$(cat /sys/fs/cgroup/nsbox/2000/{pids.max,memory.max,cpu.max} | tr '\n' ' ')" "50 $((300 << 20)) 50000 100000 "
	matches "$(grep ^0:: "/proc/$(init_of ada-1)/cgroup")" '0::/nsbox/2000/1$'
	in_session one "python3 -c '$crowd'" >/dev/null
	matches "$(cat /sys/fs/cgroup/nsbox/2000/1/pids.events)" 'max [1-9]' 'refusals'
	eq "$(nssh -u ada -- cat /proc/self/cgroup 2>/dev/null || echo full)" full 'a full box'
	matches "$(nssh --check || true)" 'version 2, in /sys/fs/cgroup/nsbox' '--check'
	kill -KILL "$(init_of ada-1)"
	wait_gone ada-1
	[ ! -e /sys/fs/cgroup/nsbox/2000 ] || fault 'her cgroup is left'
}

upgrade_and_restart__under_live_boxes() {
	log_in one ada -tt
	make --silent -C /srv/nsbox/src install >/dev/null
	systemctl daemon-reload
	systemctl restart nsbox ssh
	within 5000 nc -z 127.0.0.1 2222
	eq "$(in_session one 'cat /run/nsbox/name')" ada-1
	eq "$(ssh ada@host 'cat /run/nsbox/name')" ada-2
}

# The manager would run on the host what a box can write to the home.
user_manager__is_not_started_where_boxes_write_to_the_home() {
	configure 'home = bind'
	systemctl stop user@2000 || true
	ssh ada@host 'mkdir -p ~/.config/systemd/user/default.target.wants
		printf "[Service]\nType=oneshot\nExecStart=touch %s\n" %h/escaped >~/.config/systemd/user/out.service
		ln -sf ../out.service ~/.config/systemd/user/default.target.wants/'
	within 5000 eval '! systemctl is-active --quiet user@2000'
	ssh ada@host true
	sleep 2
	eq "$(systemctl is-active user@2000 || true)" inactive
	eq "$(systemctl is-failed user@2000 || true)" inactive
	[ ! -e /home/ada/escaped ] || fault 'the unit has run on the host'
	configure 'home = overlay'
	ssh ada@host true
	within 5000 systemctl is-active --quiet user@2000 || fault 'ada has no manager'
}

# --- one user takes all there is ------------------------------------------------------------------------------

# login_time USER: milliseconds
login_time() {
	local start=${EPOCHREALTIME/./}
	ssh "$1@host" true || fault "$1 cannot log in: $?, $(the_log | tail -n 5)"
	echo $(((${EPOCHREALTIME/./} - start) / 1000))
}
# least_login_time USER...: of each one's; what a moment's business of the machine adds is no matter. No user comes twice, for
# whoever has just gone waits until the file system is written out, with all that a greedy user has put there.
least_login_time() { for user; do login_time "$user"; done | sort -n | head -n 1; }

greedy='[default]
tmp = 64M
shm = 32M
run = 8M
memory = 256M
swap = 0
[user:ada]
pids = 200
cpu = 25
cpu_weight = 10
io_max = / wbps=4M wiops=200'

# beside_ada SHELL-COMMAND TRY: what others' logins take without and with it, "IDLE BUSY" in $times; ada's box ends again
beside_ada() {
	local idle
	idle=$(least_login_time "u0$2" "u1$((2 * $2 - 2))" "u1$((2 * $2 - 1))")
	log_in one ada
	printf '( %s ) >/dev/null 2>&1 </dev/null &\n' "$1" >&"${say[one]}"
	sleep 3
	times="$idle $(least_login_time "u0$((3 + $2))" "u0$((6 + $2))" "u1$((5 + $2))")"
	(cd "$(base)/2000" && grep . ./{,1/}{pids,memory}.events {cpu,io}.stat) >/tmp/counted
	kill -KILL "$(init_of ada-1)"
	# What waits in a write that io_max holds back is gone only when that is done.
	wait_gone ada-1 20000
}

# others_stay_within_twice SHELL-COMMAND: the machine is emulated, by one that has other business too, hence the tries
others_stay_within_twice() {
	local try
	configure "$greedy"
	ssh bob@host true
	for try in 1 2 3; do
		beside_ada "$1" "$try"
		echo "try $try: a login takes ${times% *} ms, beside ada ${times#* } ms"
		[ "${times#* }" -gt $((2 * ${times% *})) ] || return 0
	done
	fault 'a login takes more than twice its time beside ada'
}

fork_bomb__leaves_others_their_time() {
	others_stay_within_twice 'f() { f | f & }; f'
	matches "$(cat /tmp/counted)" 'pids.events:max [1-9]' 'refusals'
}

memory_hog__leaves_others_their_time() {
	others_stay_within_twice 'while :; do python3 -c "x = bytearray(1 << 30)"; done'
	matches "$(cat /tmp/counted)" 'memory.events:oom_kill [1-9]' 'kills'
}

cpu_hog__leaves_others_their_time() {
	others_stay_within_twice 'for i in 1 2 3 4 5 6 7 8; do while :; do :; done & done; wait'
	matches "$(cat /tmp/counted)" 'cpu.stat:nr_throttled [1-9]' 'throttled'
}

disk_hog__leaves_others_their_time() {
	others_stay_within_twice 'while :; do dd if=/dev/zero of=~/big bs=1M count=64 conv=fsync; done'
	matches "$(cat /tmp/counted)" 'io.stat:.*wbytes=[1-9]' 'bytes written'
}

# --- lxcfs ----------------------------------------------------------------------------------------------------

procview__shows_the_limits() {
	configure 'procview = lxcfs' 'memory = 300M' 'tmp = 64M' 'shm = 64M' 'cpu = 100'
	systemctl start lxcfs
	within 3000 test -r /var/lib/lxcfs/proc/meminfo
	eq "$(ssh ada@host 'awk "/^MemTotal/ { print \$2 }" /proc/meminfo')" $((300 << 10))
	matches "$(ssh ada@host free -m)" 'Mem: +300 '
	eq "$(ssh ada@host 'grep -c ^processor /proc/cpuinfo')" 1
	[ "$(ssh ada@host 'cut -d. -f1 /proc/uptime')" -lt "$(cut -d. -f1 /proc/uptime)" ] || fault 'uptime is the host'"'"'s'
}

procview__without_lxcfs_is_refused_in_words() {
	local said
	configure 'procview = lxcfs'
	systemctl stop lxcfs
	said=$(ssh ada@host 'echo in' 2>&1) && fault 'it went in'
	matches "$said" 'lxcfs is not running on this host'
	matches "$(nssh --check || true)" lxcfs '--check'
	systemctl start lxcfs
}

# --- what this machine alone may do ---------------------------------------------------------------------------

# The tests' own machine may be without CAP_SYS_RESOURCE, so raising is shown here.
rlimits_of_pam_limits__may_be_raised() {
	printf '%s\n' 'ada hard memlock 9000000' 'ada soft memlock 9000000' 'ada hard nofile 1048000' 'ada soft nofile 1048000' \
		'ada - nice -15' 'ada - nproc 7777' >/etc/security/limits.d/tests.conf
	eq "$(ssh ada@host "$in_box; ulimit -l; ulimit -n; ulimit -u; ulimit -e" | tr '\n' ' ')" '9000000 1048000 7777 35 '
}

out_of_memory__is_told_with_name_and_limit() {
	configure 'memory = 100M' 'tmp = 16M' 'shm = 16M' 'run = 8M' 'swap = 0'
	log_in one ada -tt
	in_session one 'python3 -c "x = bytearray(300 << 20)"' >/tmp/said || true
	within 5000 log_has 'event=oom box=ada-1 uid=2000 limit=memory=100M' || fault "$(the_log | tail -n 5)"
	in_session one 'echo alive' >>/tmp/said
	matches "$(cat /tmp/said)" 'nsbox: out of memory \(memory = 100M\): killed python3'
	matches "$(cat /tmp/said)" alive 'the session'
}
log_has() { the_log | grep -qF "$1"; }
