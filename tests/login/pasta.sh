# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# network = pasta: a network without a bridge and without rules, by a process of the user's.

# shellcheck source=tests/login/world
. ./world

# It is another name of passt, which goes on as a program for this processor.
pasta_of() { pgrep -x -U "$1" 'pas(ta|st)([.]avx2)?' || true; }
boxed_by_pasta() {
	a_world
	configure 'network = pasta' "$@"
	log_in one ada
}

pasta__reaches_the_world() {
	boxed_by_pasta
	eq "$(asked one "tcp,$world4,7 udp,$world4,7")" "world $host4 world $host4" 'whom the world sees'
	eq "$(asked one "tcp,$world6,7 udp,$world6,7")" "world $host6 world $host6" 'whom the world sees'
	eq "$(in_session one 'getent ahostsv4 www.test' | awk '{ print $1; exit }')" "$world4"
	matches "$(asked one tcp,www.test,7)" '^world '
}

pasta__does_not_reach_the_host_s_loopback() {
	boxed_by_pasta
	serve_as host 7001
	# shellcheck disable=SC2046 # words
	closed one $(all_at 7001 127.0.0.1 ::1 "$world4" "$world6")
	# The host's own addresses are the box's with pasta: what is there is in the box.
	# shellcheck disable=SC2046
	closed one $(all_at 7001 "$host4" "$host6")
}

pasta__does_not_reach_another_box() {
	boxed_by_pasta
	log_in two bob
	serve_in two bob 7001
	# shellcheck disable=SC2046 # words
	closed one $(all_at 7001 127.0.0.1 "$host4" "$host6" "$world4")
}

ports__lead_to_the_box_with_pasta() {
	boxed_by_pasta 'ports_per_user = 10' 'publish = 8080'
	eq "$(in_session one 'echo $NSBOX_PORTS')" 30000-30009,8080
	serve_in one ada 30001 8080
	eq "$(in_world "$here/reach" "$patience" "tcp,$host4,30001" "udp,$host4,30001" "tcp,$host4,8080" "tcp,$host6,8080" "tcp,$host4,30010" |
		cut -d' ' -f1 | paste -sd' ')" 'ada ada ada ada -'
}

pasta__is_a_process_of_the_owner_in_the_box_s_cgroup() {
	local pid
	boxed_by_pasta
	pid=$(pasta_of ada)
	eq "$(wc -w <<<"$pid")" 1 'processes'
	eq "$(ps -o user= -p "$pid")" ada owner
	differs "$(readlink "/proc/$pid/ns/user")" "$(readlink /proc/self/ns/user)" 'its user namespace'
	differs "$(readlink "/proc/$pid/ns/user")" "$(readlink "/proc/$(init_of ada-1)/ns/user")" 'its user namespace'
	matches "$(cat "/proc/$pid/cgroup")" 'nsbox[^/]*/2000/1' 'its cgroup'
	eq "$(in_session one 'pgrep -c "pas(ta|st)"' || true)" 0 'what the box sees of it'
	log_out one
	wait_gone ada-1
	within 1000 eval '[ -z "$(pasta_of ada)" ]' || fault 'it is still there'
}

pasta__goes_with_its_box_however_that_ends() {
	boxed_by_pasta
	kill -KILL "$(init_of ada-1)"
	wait_gone ada-1
	within 1000 eval '[ -z "$(pasta_of ada)" ]' || fault 'it is still there'
	log_in two ada
	kill -KILL "$(monitors_of ada)"
	wait_gone ada-1
	within 1000 eval '[ -z "$(pasta_of ada)" ]' || fault 'it is still there'
}

pasta__needs_no_network_of_boxes() {
	boxed_by_pasta
	log_out one
	wait_gone ada-1
	nssh --net-down
	eq "$(ssh ada@host "$reach tcp,$world4,7")" "world $host4"
}

pasta_with_an_egress__is_a_contradiction() {
	local said
	configure 'network = pasta' 'egress = internet'
	! said=$(ssh ada@host 'echo got in' 2>&1) || fault 'it was let in'
	lacks "$said" 'got in'
	matches "$said" '[A-Z].*administrator' 'what the user is told'
	matches "$(nssh --check 2>&1 || true)" 'egress' 'nssh --check'
}

pasta_that_is_missing__is_told_in_words() {
	local said program
	program=$(readlink -f "$(command -v pasta)")
	configure 'network = pasta'
	: >/tmp/empty
	mount --bind /tmp/empty "$program"
	said=$(ssh ada@host 'echo got in' 2>&1 || echo refused)
	umount "$program"
	matches "$said" refused
	lacks "$said" 'got in'
	matches "$said" '[A-Z].*administrator' 'what the user is told'
	matches "$(the_log)" pasta 'the log'
	wait_gone ada-1
}
