# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# publish and ports_per_user: ports of the host that lead to the same ports of a user's box.

# shellcheck source=tests/login/world
. ./world

# from_world TARGET...: the answers, on one line
from_world() { in_world "$here/reach" "$patience" "$@" | paste -sd' '; }
# What nssh tells of a box: told BOX KEY
told() {
	nssh -l --json | python3 -c 'import json, sys
print(*[box[sys.argv[2]] for box in json.load(sys.stdin) if box["box"] == sys.argv[1]])' "$@"
}

ports_of_a_user__lead_from_the_world_to_the_box() {
	a_world
	configure 'network = nat' 'ports_per_user = 10'
	log_in one ada
	serve_in one ada 30000 30003
	eq "$(from_world "tcp,$host4,30000" "udp,$host4,30000" "tcp,$host4,30003")" "ada $world4 ada $world4 ada $world4" 'IPv4'
	eq "$(from_world "tcp,$host6,30000" "udp,$host6,30000" "udp,$host6,30003")" "ada $world6 ada $world6 ada $world6" 'IPv6'
	log_out one
	wait_gone ada-1
	eq "$(from_world "tcp,$host4,30000" "udp,$host6,30000")" '- -' 'when the box is gone'
}

ports_that_are_not_published__are_closed() {
	a_world
	configure 'network = nat' 'ports_per_user = 10'
	log_in one ada
	log_in two bob
	serve_in one ada 29999 30010 8080 7
	eq "$(from_world "tcp,$host4,29999" "udp,$host4,29999" "tcp,$host6,29999" "tcp,$host4,30010" "tcp,$host4,8080" "udp,$host6,7")" '- - - - - -'
}

publish__leads_to_the_box_of_whom_it_is_given() {
	a_world
	configure '[default]' 'network = nat' '[user:ada]' 'publish = 8080 9000-9002'
	log_in one ada
	log_in two bob
	serve_in one ada 8080 9002
	serve_in two bob 8080
	eq "$(in_session one 'echo $NSBOX_PORTS')" '8080,9000-9002'
	eq "$(in_session two 'echo ${NSBOX_PORTS-unset}')" unset
	eq "$(from_world "tcp,$host4,8080" "udp,$host6,9002" "tcp,$host4,9003")" "ada $world4 ada $world6 -"
}

same_port_inside__is_no_clash() {
	a_world
	configure 'network = nat' 'ports_per_user = 10'
	log_in one ada
	log_in two bob
	serve_in one ada 8080 30000
	serve_in two bob 8080 30010
	eq "$(asked one tcp,127.0.0.1,8080) $(asked two tcp,127.0.0.1,8080)" 'ada 127.0.0.1 bob 127.0.0.1'
	eq "$(from_world "tcp,$host4,30000" "tcp,$host4,30010")" "ada $world4 bob $world4"
}

ports__are_named_in_ssh_and_nssh() {
	configure 'network = nat' 'ports_per_user = 10'
	eq "$(ssh ada@host 'echo $NSBOX_PORTS')" 30000-30009 ssh
	eq "$(ssh -tt ada@host 'echo $NSBOX_PORTS' | tr -d '\r')" 30000-30009 'ssh on a terminal'
	eq "$(as ada nssh -- sh -c 'echo $NSBOX_PORTS')" 30000-30009 'nssh, a new box'
	wait_gone ada-1
	log_in one ada
	eq "$(as ada nssh -- sh -c 'echo $NSBOX_PORTS')" 30000-30009 'nssh'
	eq "$(told ada-1 ports)" 30000-30009 'nssh -l --json'
	matches "$(nssh -l | sed -n 1p)" 'PORTS' 'nssh -l'
	matches "$(nssh -l | sed -n 2p)" '30000-30009' 'nssh -l'
	configure 'network = nat'
	eq "$(ssh bob@host 'echo ${NSBOX_PORTS-unset}')" unset 'without ports'
	configure 'network = none' 'ports_per_user = 10'
	eq "$(ssh bob@host 'echo ${NSBOX_PORTS-unset}')" unset 'without a network'
}

second_box__has_the_ports_when_the_first_is_gone() {
	a_world
	configure 'network = nat' 'ports_per_user = 10'
	log_in one ada
	log_in two ada
	serve_in one first 30000
	serve_in two second 30000
	eq "$(in_session two 'echo ${NSBOX_PORTS-unset}')" unset 'the second'
	eq "$(from_world "tcp,$host4,30000")" "first $world4"
	log_out one
	wait_gone ada-1
	log_in three ada
	eq "$(in_session three 'echo $NSBOX_PORTS')" 30000-30009 'the third'
	serve_in three third 30000
	eq "$(from_world "tcp,$host4,30000")" "third $world4"
}

second_login_into_the_same_box__has_its_ports() {
	configure 'network = nat' 'ports_per_user = 10' 'scope = user'
	log_in one ada
	eq "$(ssh ada@host 'cat /run/nsbox/name; echo $NSBOX_PORTS')" $'ada-1\n30000-30009'
}

user_whose_block_does_not_fit__gets_none_and_the_log_says_so() {
	note_log
	configure 'network = nat' 'ports_per_user = 10'
	eq "$(ssh carl@host 'echo ${NSBOX_PORTS-unset}')" unset
	matches "$(log_since)" 'carl.*port|port.*carl|uid=70000.*port' 'the log'
	matches "$(nssh --check carl 2>&1 || true)" 'port' 'nssh --check'
}

# A port that a service of the host has is not taken from it on the loopback interface.
published_port__leaves_the_host_s_loopback_alone() {
	a_world
	configure '[default]' 'network = nat' '[user:ada]' 'publish = 2222'
	log_in one ada
	serve_in one ada 2222
	eq "$(ssh root@host 'echo in')" in
	eq "$(ssh bob@host 'echo in')" in
}

# Whom egress keeps from the world may be reached from it all the same.
published_port__answers_with_egress_none() {
	a_world
	configure 'network = nat' 'ports_per_user = 10' 'egress = none'
	log_in one ada
	serve_in one ada 30000
	eq "$(from_world "tcp,$host4,30000" "udp,$host6,30000")" "ada $world4 ada $world6"
	closed one "tcp,$world4,7 udp,$world6,7"
}

published_port__is_closed_to_other_boxes() {
	a_world
	configure 'network = nat' 'ports_per_user = 10'
	log_in one ada
	log_in two bob
	serve_in one ada 30000
	closed two "tcp,$host4,30000 udp,$host4,30000 tcp,$gateway4,30000 tcp,$gateway6,30000 tcp,$host6,30000"
}
