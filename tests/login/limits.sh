# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Each limit of nsbox.conf: what the kernel was told, with cgroup version 1 or 2, and what happens when it is reached.

version_2() { [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; }

# cgroup CONTROLLER LEVEL: the directory; a level is UID, or UID/N for a box. Controllers have their v1 names.
cgroup() {
	if ! version_2; then
		echo "/sys/fs/cgroup/$1/nsbox/$2"
	elif [ -e /run/nsbox/cgroup ]; then
		echo "$(readlink /run/nsbox/cgroup)/$2"
	else
		echo "/sys/fs/cgroup/nsbox/$2"
	fi
}

# read_one CONTROLLER LEVEL V1-FILE V2-FILE: "none" for what either version calls no limit
read_one() {
	local file=$3 value
	! version_2 || file=$4
	value=$(cat "$(cgroup "$1" "$2")/$file")
	case $value in
	max* | -1 | 9223372036854771712) echo none ;;
	*) echo "$value" ;;
	esac
}

# kernel KEY LEVEL: the limit as the kernel has it, in the unit of nsbox.conf (bytes for sizes)
kernel() {
	local value
	case $1 in
	pids) read_one pids "$2" pids.max pids.max ;;
	memory) read_one memory "$2" memory.limit_in_bytes memory.max ;;
	memory_high) read_one memory "$2" none memory.high ;;
	swap)
		value=$(read_one memory "$2" memory.memsw.limit_in_bytes memory.swap.max)
		version_2 || [ "$value" = none ] || value=$((value - $(kernel memory "$2")))
		echo "$value"
		;;
	cpu)
		value=$(read_one cpu "$2" cpu.cfs_quota_us cpu.max)
		value=${value% 100000}
		[ "$value" = none ] && echo none || echo $((value / 1000))
		;;
	cpu_weight)
		value=$(read_one cpu "$2" cpu.shares cpu.weight)
		version_2 || value=$(((value * 100 + 1023) / 1024))
		echo "$value"
		;;
	esac
}

memory_of() { read_one memory "$1" memory.usage_in_bytes memory.current; }

# Room for tests of memory: 100M, of which half may be in files.
little='memory = 100M
tmp = 32M
shm = 16M
run = 2M'

# hog MEGABYTES: takes that much memory and says so
hog() { echo "python3 -c 'x = bytearray($1 << 20); print(\"had\", \"it\")'"; }

# burn SECONDS [START [CPU]]: the percentage of a processor that a busy loop got; all end at the same time
burn() {
	cat <<-END
		python3 -c '
		import os, time
		start = float("${2:-0}") or time.time()
		cpu = "${3:-}"
		if cpu: os.sched_setaffinity(0, {int(cpu)})
		time.sleep(max(0, start - time.time()))
		used = time.process_time()
		while time.time() < start + $1: pass
		print(int((time.process_time() - used) * 100 / $1))
		'
	END
}

# refusal: what a login of ada says that must be refused, without the host's banner
refusal() {
	local said
	! said=$(ssh ada@host 'echo got in' 2>&1) || fault 'it was let in'
	tail -n 1 <<<"$said"
}

# --- what the kernel is told --------------------------------------------------------------------------------

limits__are_written_for_the_user() {
	configure 'memory = 1G' 'swap = 512M' 'cpu = 150' 'cpu_weight = 50' 'pids = 333'
	log_in one ada
	eq "$(kernel memory 2000)" $((1 << 30)) memory
	eq "$(kernel swap 2000)" $((512 << 20)) swap
	eq "$(kernel cpu 2000)" 150 cpu
	eq "$(kernel cpu_weight 2000)" 50 cpu_weight
	eq "$(kernel pids 2000)" 333 pids
}

limits__are_written_for_each_box_where_programs_look() {
	local box level
	configure 'memory = 1G' 'swap = 512M' 'cpu = 150' 'cpu_weight = 50' 'pids = 333'
	log_in one ada
	log_in two ada
	for box in one two; do
		level=2000/$(box_of "$box" | sed 's/.*-//')
		eq "$(kernel memory "$level")" $((1 << 30)) "memory of box $box"
		eq "$(kernel pids "$level")" 333 "pids of box $box"
		eq "$(kernel cpu_weight "$level")" 100 "cpu_weight of box $box"
		version_2 || continue
		eq "$(kernel swap "$level")" $((512 << 20)) "swap of box $box"
		eq "$(kernel cpu "$level")" 150 "cpu of box $box"
	done
}

without_limits__nothing_is_written() {
	configure 'pids = none'
	log_in one ada
	eq "$(kernel memory 2000) $(kernel swap 2000) $(kernel cpu 2000) $(kernel cpu_weight 2000) $(kernel pids 2000)" \
		'none none none 100 none'
}

limits_of_users__are_their_own() {
	configure '[default]' 'pids = 300' '[user:bob]' 'pids = 200'
	log_in one ada
	log_in two bob
	eq "$(kernel pids 2000) $(kernel pids 2001)" '300 200'
}

next_login__brings_the_limits_of_the_file_as_it_is_now() {
	configure 'memory = 1G' 'swap = 0' 'pids = 300'
	log_in one ada
	configure 'memory = 2G' 'swap = 1G' 'pids = 200'
	log_in two ada
	eq "$(kernel memory 2000) $(kernel swap 2000) $(kernel pids 2000)" "$((2 << 30)) $((1 << 30)) 200"
	eq "$(kernel memory 2000/1) $(kernel pids 2000/1)" "$((2 << 30)) 200" 'limits of the first box'
	configure 'pids = none'
	log_in three ada
	eq "$(kernel memory 2000) $(kernel swap 2000) $(kernel pids 2000)" 'none none none'
}

login_that_joins__brings_them_too() {
	configure 'scope = user' 'pids = 300'
	log_in one ada
	configure 'scope = user' 'pids = 200'
	ssh ada@host true
	eq "$(kernel pids 2000) $(kernel pids 2000/1)" '200 200'
}

# outside_of PID: the controllers in whose box cgroup this process of the host is not
outside_of() {
	if version_2; then
		grep -q "/2000/1\(/login\)\?\$" "/proc/$1/cgroup" || echo "all of $(cat "/proc/$1/comm")"
	else
		# All boxes of a user are in one cgroup of blkio, whose limits do not hold for children.
		grep -E ':(pids|memory|cpu|cpuacct|blkio):' "/proc/$1/cgroup" | grep -vE '(/nsbox/2000/1|:blkio:/nsbox/2000)$' || true
	fi
}

has_inhabitants() { [ "$(inhabitants "$2" | wc -l)" -ge "$1" ]; }

all_processes_of_a_box__are_in_its_cgroup() {
	local pid inside
	configure 'scope = user'
	log_in one ada
	log_in two ada -tt
	as ada nssh -- sleep 30 &
	ssh ada@host 'sleep 30 & exec sleep 30' &
	inside=$(readlink "/proc/$(init_of ada-1)/ns/pid")
	within 5000 has_inhabitants 6 "$inside" || fault 'too few processes in the box'
	for pid in $(inhabitants "$inside" | sed -E 's,/proc/([0-9]+)/.*,\1,') $(children_of ada); do
		eq "$(outside_of "$pid")" '' "process $pid ($(tr '\0' ' ' <"/proc/$pid/cmdline")) is outside of"
	done
}

# What is above the box would show as /.. there.
first_process_of_a_login__is_in_the_cgroup_already() {
	local mine
	mine=$(ssh ada@host 'exec cat /proc/self/cgroup')
	lacks "$mine" '/\.\.' 'its cgroups'
	version_2 || mine=$(grep -E ':(pids|memory|cpu|cpuacct|blkio):' <<<"$mine")
	eq "$(cut -d: -f3 <<<"$mine" | sort -u)" / 'its cgroups'
	mine=$(as ada nssh -- cat /proc/self/cgroup)
	lacks "$mine" '/\.\.' 'cgroups of nssh'
}

# --- memory -------------------------------------------------------------------------------------------------

memory__ends_what_takes_too_much_and_nothing_else() {
	configure "$little"
	log_in one ada
	matches "$(in_session one "$(hog 60)")" 'had it'
	lacks "$(in_session one "$(hog 300)")" 'had it'
	eq "$(in_session one 'echo still here')" 'still here'
	matches "$(ssh bob@host "$(hog 60)")" 'had it' bob
}

memory__counts_all_boxes_of_a_user() {
	configure "$little"
	log_in one ada
	log_in two ada
	in_session one 'head -c 30M /dev/zero >/tmp/big; head -c 15M /dev/zero >/dev/shm/big'
	lacks "$(in_session two "$(hog 70)")" 'had it'
	in_session one 'rm /tmp/big /dev/shm/big'
	matches "$(in_session two "$(hog 70)")" 'had it' 'with room again'
}

memory__counts_what_is_in_tmp() {
	local before
	log_in one ada
	before=$(memory_of 2000)
	in_session one 'head -c 40M /dev/zero >/tmp/big'
	[ $(($(memory_of 2000) - before)) -ge $((38 << 20)) ] || fault "$before bytes, then $(memory_of 2000)"
	in_session one 'rm /tmp/big'
	[ "$(memory_of 2000)" -lt $((before + (20 << 20))) ] || fault "$(memory_of 2000) bytes afterwards"
}

memory__must_have_room_for_the_file_systems() {
	configure 'memory = 100M' 'tmp = 50M' 'shm = 30M' 'run = 5M'
	matches "$(nssh --check 2>&1 || true)" 'tmp \+ shm \+ run \+ 16M <= memory; set memory = 101M or more' 'nssh --check'
	fails ssh ada@host true 2>/dev/null
	configure 'memory = 101M' 'tmp = 50M' 'shm = 30M' 'run = 5M'
	eq "$(ssh ada@host 'echo in')" in
}

memory_high__is_kept_or_refused() {
	configure 'memory = 200M' 'memory_high = 100M' 'tmp = 16M' 'shm = 16M'
	if version_2; then
		log_in one ada
		eq "$(kernel memory_high 2000)" $((100 << 20))
		in_session one "$(hog 120)" >/dev/null
		[ "$(awk '$1 == "high" { print $2 }' "$(cgroup memory 2000)/memory.events")" -gt 0 ] || fault 'it was not noticed'
	else
		eq "$(refusal)" 'The limit memory_high = 100M cannot be enforced on this host; please tell the administrator.'
		the_log | grep -F 'memory_high = 100M cannot be enforced: cgroup version 1 has nothing like it' >/dev/null
		no_boxes_left
	fi
}

# On a host without swap the sum is what is left to be seen.
swap__is_bounded_with_memory() {
	configure "$little" 'swap = 20M'
	log_in one ada
	eq "$(kernel swap 2000)" $((20 << 20))
	lacks "$(in_session one "$(hog 150)")" 'had it'
	eq "$(in_session one 'echo still here')" 'still here'
}

swap__needs_memory_with_version_1() {
	configure 'swap = 20M'
	if version_2; then
		eq "$(ssh ada@host 'echo in')" in
	else
		eq "$(refusal)" 'The limit swap = 20M cannot be enforced on this host; please tell the administrator.'
		the_log | grep -F 'swap is set without memory' >/dev/null
		no_boxes_left
	fi
}

# A refused login leaves nothing.
no_boxes_left() {
	eq "$(nssh -l 2>/dev/null | grep -c ada-)" 0 'boxes of ada'
	eq "$(find /sys/fs/cgroup -path '*/nsbox*/2000' 2>/dev/null)" '' 'cgroups of ada'
}

# --- processors ---------------------------------------------------------------------------------------------

cpu__is_a_percentage_of_one_processor() {
	local got
	configure 'cpu = 20'
	got=$(ssh ada@host "$(burn 2)")
	[ "$got" -le 30 ] || fault "$got percent"
	[ "$got" -ge 5 ] || fault "only $got percent"
}

cpu__holds_for_all_boxes_together() {
	local start=$((EPOCHSECONDS + 1 + slowness))
	configure 'cpu = 30'
	ssh ada@host "$(burn 2 "$start")" >/tmp/first &
	ssh ada@host "$(burn 2 "$start")" >/tmp/second &
	wait
	[ $(($(cat /tmp/first) + $(cat /tmp/second))) -le 42 ] || fault "$(cat /tmp/first) and $(cat /tmp/second) percent"
}

cpu_weight__shares_a_busy_processor() {
	local start=$((EPOCHSECONDS + 1 + slowness)) cpu
	cpu=$(taskset -cp $$ | sed -E 's/.*: ([0-9]+).*/\1/')
	configure '[default]' 'cpu_weight = 1' '[user:ada]' 'cpu_weight = 10000'
	ssh ada@host "$(burn 3 "$start" "$cpu")" >/tmp/much &
	ssh bob@host "$(burn 3 "$start" "$cpu")" >/tmp/little &
	wait
	[ "$(cat /tmp/much)" -gt $((2 * $(cat /tmp/little))) ] || fault "$(cat /tmp/much) and $(cat /tmp/little) percent"
}

# --- processes ----------------------------------------------------------------------------------------------

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

pids__hold_for_all_boxes_of_a_user() {
	configure 'pids = 60'
	log_in one ada
	log_in two ada
	in_session one "python3 -c '$crowd'" >/tmp/first
	in_session two "python3 -c '$crowd'" >/tmp/second
	[ "$(($(cat /tmp/first) + $(cat /tmp/second)))" -lt 60 ] || fault "$(cat /tmp/first) and $(cat /tmp/second) processes"
	[ "$(cat /tmp/first)" -gt 40 ] || fault "only $(cat /tmp/first) processes"
	eq "$(ssh bob@host 'echo in')" in
}

# --- disks --------------------------------------------------------------------------------------------------

io_weight__is_written_or_refused() {
	local file names='blkio.bfq.weight' dir
	configure 'io_weight = 200'
	! version_2 || names='io.weight io.bfq.weight'
	if log_in one ada 2>/dev/null; then
		dir=$(cgroup blkio 2000)
		for file in $names; do
			[ -e "$dir/$file" ] || continue
			eq "$(sed 's/default //' "$dir/$file" | head -n 1)" "$([ "$file" = io.weight ] && echo 200 || echo 109)" "$file"
			return
		done
		fault 'a login without the limit'
	fi
	eq "$(refusal)" 'The limit io_weight = 200 cannot be enforced on this host; please tell the administrator.'
}

# milliseconds of a command in the box of ada, which writes or reads past the cache; the login itself is not counted, for
# on an emulated machine it takes seconds
timed() {
	ssh ada@host "began=\${EPOCHREALTIME/./}; $1 && echo \$(((\${EPOCHREALTIME/./} - began) / 1000))" 2>/tmp/dd ||
		fault "$(cat /tmp/dd)"
}

io_max__holds_writing_back() {
	local wrote read
	configure 'io_max = /home wbps=2M'
	wrote=$(timed 'dd if=/dev/zero of=big bs=1M count=6 oflag=direct conv=fsync')
	read=$(timed 'dd if=big of=/dev/null bs=1M iflag=direct')
	[ "$wrote" -ge 2000 ] || fault "6M in $wrote ms"
	[ "$read" -le $((wrote / 2)) ] || fault "reading is held back too: $read ms, where writing took $wrote"
}

io_max__holds_requests_back() {
	local took
	configure 'io_max = /home riops=20'
	ssh ada@host 'head -c 1M /dev/zero >big; sync big'
	took=$(timed 'dd if=big of=/dev/null bs=8K count=60 iflag=direct')
	[ "$took" -ge 2000 ] || fault "60 requests in $took ms"
}

io_max__goes_with_the_line() {
	local dir file=blkio.throttle.write_bps_device
	! version_2 || file=io.max
	configure 'io_max = /home wbps=2M'
	log_in one ada
	dir=$(cgroup blkio 2000)
	matches "$(cat "$dir/$file")" '2097152' "$file"
	configure 'pids = 100'
	log_in two ada
	lacks "$(cat "$dir/$file")" '2097152' "$file afterwards"
}

io_max__of_no_disk__is_refused() {
	configure 'io_max = /proc wbps=2M'
	eq "$(refusal)" 'The limit io_max = /proc wbps=2M cannot be enforced on this host; please tell the administrator.'
	the_log | grep -F 'io_max: /proc does not lie on one disk' >/dev/null
	no_boxes_left
}

# --- the file systems in memory -----------------------------------------------------------------------------

# full FILE: what a command says that writes 4M there
full() { ssh ada@host "head -c 4M /dev/zero >$1" 2>&1 || true; }

tmp_shm_and_run__are_limited() {
	configure 'tmp = 2M' 'shm = 3M' 'run = 1M'
	matches "$(full /tmp/big)" 'No space left'
	matches "$(full /var/tmp/big)" 'No space left'
	matches "$(full /dev/shm/big)" 'No space left'
	# shellcheck disable=SC2016 # the box's
	matches "$(full '$XDG_RUNTIME_DIR/big')" 'No space left'
	eq "$(ssh ada@host 'df --output=size /tmp /dev/shm /run | tail -n +2' | tr -s ' \n' ' ')" ' 2048 3072 1024 '
}

tmp_and_var_tmp__share_their_size() {
	configure 'tmp = 4M'
	matches "$(ssh ada@host 'head -c 3M /dev/zero >/tmp/a; head -c 3M /dev/zero >/var/tmp/b' 2>&1 || true)" 'No space left'
}

# --- limits of processes, which pam_limits sets ---------------------------------------------------------------

rlimits_of_pam_limits__are_there_in_the_box() {
	printf '%s\n' 'ada hard memlock 32' 'ada hard nproc 777' 'ada hard nofile 333' 'ada soft nofile 222' \
		'ada hard cpu 600' 'ada - priority 5' >/etc/security/limits.d/tests.conf
	eq "$(ssh ada@host "$in_box; ulimit -Hl; ulimit -Hu; ulimit -Hn; ulimit -Sn; ulimit -Ht; nice" | tr '\n' ' ')" \
		'32 777 333 222 36000 5 '
}

# --- a host that cannot -------------------------------------------------------------------------------------

# From here to the end of the test this host has a cgroup version 2 that has no controllers.
without_controllers() {
	local service
	if [ -e /run/nsbox/cgroup ]; then
		# A child of nsbox.service whose parent passes nothing on takes its place.
		service=$(readlink /run/nsbox/cgroup)
		mkdir -p "$service/bare/nsbox"
		ln -sfn "$service/bare/nsbox" /run/nsbox/cgroup
		# shellcheck disable=SC2064 # as it is now
		trap "ln -sfn $service /run/nsbox/cgroup" EXIT
		lacks " $(cat "$service/bare/nsbox/cgroup.controllers") " ' (pids|memory|cpu|io) ' 'controllers'
		return
	fi
	trap 'umount -l /sys/fs/cgroup' EXIT
	if version_2; then
		mkdir -p /sys/fs/cgroup/bare/nsbox-test
		mount --bind /sys/fs/cgroup/bare/nsbox-test /sys/fs/cgroup
	else
		mount -t cgroup2 bare /sys/fs/cgroup
	fi
	lacks " $(cat /sys/fs/cgroup/cgroup.controllers) " ' (pids|memory|cpu|io) ' 'controllers'
}

without_controllers__a_limit_refuses_the_login() {
	without_controllers
	configure '[default]' 'pids = 100' '[user:plain]' 'enable = no'
	eq "$(refusal)" 'The limit pids = 100 cannot be enforced on this host; please tell the administrator.'
	# The built-in limit is one, too.
	configure '[default]' 'boxes = 3' '[user:plain]' 'enable = no'
	eq "$(refusal)" 'The limit pids = 4096 cannot be enforced on this host; please tell the administrator.'
	eq "$(find /sys/fs/cgroup -path '*/nsbox*/2000' 2>/dev/null)" '' 'cgroups of ada'
	eq "$(ssh root@host 'echo in')" in root
	eq "$(ssh plain@host 'echo in')" in 'who is not boxed'
}

without_controllers_and_limits__there_are_boxes() {
	without_controllers
	configure 'pids = none'
	eq "$(ssh ada@host "$in_box; echo in")" in
	log_in one ada
	eq "$(box_of one)" ada-1
	eq "$(as ada nssh -- echo in)" in
	log_out one
	wait_gone ada-1
}
