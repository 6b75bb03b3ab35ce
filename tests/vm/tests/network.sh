# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nsbox-net.service, which brings the network of boxes up, next to the distribution's own nftables.service.

# shellcheck source=tests/login/world
. ./world

network() { /srv/nsbox/host/network; }
gets_in() { eq "$(ssh ada@host 'echo in; ip -4 -o addr show dev eth0 | grep -c 10.189')" $'in\n1' "a login with network = nat"; }

service__has_the_network_up_from_boot_on() {
	eq "$(systemctl is-enabled nsbox-net) $(systemctl is-active nsbox-net)" 'enabled active'
	eq "$(network)" "$(cat /srv/nsbox/network.up)"
	configure 'network = nat'
	gets_in
}

network__is_up_again_after_a_reboot() {
	configure 'network = nat'
	log_in one ada
	exit 85
}
network__is_up_again_after_a_reboot_rebooted() {
	eq "$(systemctl is-active nsbox-net)" active
	eq "$(find /run/nsbox/net -name '[0-9]*')" '' 'claims of boxes from before'
	eq "$(network)" "$(cat /srv/nsbox/network.up)"
	a_world
	eq "$(ssh ada@host "$reach tcp,$world4,7 udp,$world6,7")" "world $host4"$'\n'"world $host6"
	wait_gone ada-1
}

have_rules() { nft list tables | grep -q 'inet nsbox'; }
rules_are_there() {
	within 3000 have_rules || fault "no rules after $1: $(systemctl status nsbox-net)"
	eq "$(asked one "tcp,$world4,7 udp,$world6,7")" "world $host4 world $host6" "a box after $1"
}

# The distribution's file begins with `flush ruleset`.
rules_of_the_host__are_loaded_anew_and_ours_with_them() {
	a_world
	configure 'network = nat' 'ports_per_user = 10'
	log_in one ada
	serve_in one ada 30001
	systemctl start nftables
	rules_are_there 'a start of nftables'
	systemctl restart nftables
	rules_are_there 'a restart of nftables'
	systemctl reload nftables
	rules_are_there 'a reload of nftables'
	nft flush ruleset
	systemctl reload nsbox-net
	rules_are_there 'a reload of nsbox-net'
	matches "$(in_world "$here/reach" "$patience" "tcp,$host4,30001")" '^ada ' 'its ports'
	gets_in
	systemctl stop nftables
}

restart_of_the_service__leaves_boxes_alone() {
	a_world
	configure 'network = nat'
	log_in one ada
	systemctl restart nsbox-net || true
	systemctl start nsbox-net
	eq "$(asked one "tcp,$world4,7 udp,$world6,7")" "world $host4 world $host6" 'a box from before'
	gets_in
}

stop_of_the_service__does_not_cut_boxes_off() {
	a_world
	configure 'network = nat'
	log_in one ada
	systemctl stop nsbox-net || true
	eq "$(asked one "tcp,$world4,7")" "world $host4" 'a box from before'
	systemctl start nsbox-net
	gets_in
}
