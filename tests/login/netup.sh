# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nssh --net-up and --net-down: what they change on a host, what they leave alone, and logins on a host where they were not run.

# shellcheck source=tests/login/world
. ./world

# is_network FILE [WHEN]: it is as it was, but for what boxes that live have, and for lines that match $but
network() { /srv/nsbox/host/network | grep -vE 'nsbox-[0-9]|/net/[0-9]|^/proc.*/uplink'; }
is_network() {
	network >/tmp/network
	diff <(grep -vE "${but:-^$}" "$1") <(grep -vE "${but:-^$}" /tmp/network) || fault "the network is another one${2:+, $2}"
}
refusal() { ssh ada@host 'echo got in' 2>&1 | tail -n 1; }

# What a user with a network is told; one without gets in. Then it is put right, for a box that lives too.
refused_until_net_up() {
	note_log
	eq "$(refusal)" 'The network of boxes is not up on this host; please tell the administrator.'
	matches "$(log_since)" 'nssh --net-up' 'the log'
	eq "$(ssh bob@host 'echo in; ls /sys/class/net')" $'in\nlo' 'network = none'
	eq "$(ssh carl@host 'echo in')" in 'network = host'
	nssh --net-up
	eq "$(ssh ada@host "$reach tcp,$world4,7")" "world $host4" 'after nssh --net-up'
	is_network /tmp/up
	eq "$(asked live "tcp,$world4,7 udp,$world6,7")" "world $host4 world $host6" 'a box from before'
	in_world "$here/reach" "$patience" "tcp,$host4,31005" "udp,$host6,31005" | grep -c '^live 203.0.113.1$\|^live 2001:db8:1::1$' | grep -qx 2 ||
		fault "its ports: $(nft list maps)"
}
# A world, and a box of eve that serves it on one of her ports.
live_box() {
	a_world
	configure '[default]' 'network = nat' 'ports_per_user = 10' '[user:bob]' 'network = none' '[user:carl]' 'network = host'
	# The world has brought a name server.
	nssh --net-up
	network >/tmp/up
	log_in live eve
	serve_in live live 31005
}

without_the_bridge__a_login_is_refused_until_net_up() {
	live_box
	ip link del nsbox0
	refused_until_net_up
}
without_the_table__a_login_is_refused_until_net_up() {
	live_box
	nft delete table inet nsbox
	refused_until_net_up
}
without_the_table_of_the_bridge__a_login_is_refused_until_net_up() {
	live_box
	nft delete table bridge nsbox
	refused_until_net_up
}
without_any_table__a_login_is_refused_until_net_up() {
	live_box
	nft flush ruleset
	refused_until_net_up
}
without_the_note_that_it_is_up__a_login_is_refused_until_net_up() {
	# Whether it was nsbox that switched forwarding on stands in the note alone.
	local but='meta nfproto ipv[46] drop|meta iifkind|^forwarding_'
	live_box
	rm /run/nsbox/net/up
	refused_until_net_up
}
with_a_bridge_that_is_down__a_login_is_refused_until_net_up() {
	live_box
	ip link set nsbox0 down
	refused_until_net_up
}

net_up__can_be_run_again() {
	live_box
	nssh --net-up
	nssh --net-up
	is_network /tmp/up
	eq "$(asked live "tcp,$world4,7 udp,$world6,7")" "world $host4 world $host6" 'a box that lives'
	matches "$(in_world "$here/reach" "$patience" "tcp,$host4,31005")" '^live ' 'its ports'
}

# An established connection lives through it, too.
net_up__cuts_no_connection() {
	a_world
	configure 'network = nat'
	log_in one ada
	in_world socat TCP-LISTEN:9,reuseaddr,fork EXEC:cat &
	within 5000 in_world nc -z 127.0.0.1 9
	in_session one "mkfifo /tmp/to; (nc $world4 9 <>/tmp/to >/tmp/from 2>&1 </tmp/to &); exec 8>/tmp/to; echo before >&8"
	within 5000 eval '[ "$(in_session one "cat /tmp/from")" = before ]' || fault 'no connection'
	nssh --net-up
	in_session one 'echo after >&8'
	within 5000 eval '[ "$(in_session one "tail -n 1 /tmp/from")" = after ]' || fault 'the connection is cut'
}

# Others' tables are theirs, whatever is in them.
tables_of_the_admin__stay_as_they_are() {
	local before
	nft -f - <<-END
		table inet filter {
			set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 198.51.100.7 }; }
			chain input { type filter hook input priority filter; policy accept; ip saddr @blocked drop; tcp dport 25 reject; }
			chain forward { type filter hook forward priority filter; policy accept; }
		}
		table ip nat {
			chain postrouting { type nat hook postrouting priority srcnat; oifname "nothing" masquerade; }
		}
		table bridge filter {
			chain forward { type filter hook forward priority 0; }
		}
		table inet nsbox2 {
			chain mine { ip daddr 192.0.2.1 counter packets 7 bytes 77; }
		}
	END
	admins() { nft list table inet filter; nft list table ip nat; nft list table bridge filter; nft list table inet nsbox2; }
	before=$(admins)
	nssh --net-up
	eq "$(admins)" "$before" 'after net-up'
	configure 'network = nat' 'ports_per_user = 10'
	log_in one ada
	log_in two bob
	log_out one
	wait_gone ada-1
	eq "$(admins)" "$before" 'after logins'
	log_out two
	wait_gone bob-1
	nssh --net-down
	eq "$(admins)" "$before" 'after net-down'
	nssh --net-up
	eq "$(ssh ada@host 'echo in')" in
	eq "$(admins)" "$before" 'after net-up again'
	nft flush ruleset
}

net_down__is_refused_while_boxes_live() {
	local said
	network >/tmp/up
	configure 'network = nat'
	log_in one ada
	! said=$(nssh --net-down 2>&1) || fault 'it was done'
	matches "$said" '[Bb]ox|slot' 'what the admin is told'

	eq "$(ssh bob@host 'echo in')" in 'others'
	log_out one
	wait_gone ada-1
	nssh --net-down
}

net_down__leaves_nothing() {
	local but
	configure 'network = nat' 'ports_per_user = 10' 'host_ports = 53'
	nssh --net-up
	ssh ada@host true
	wait_gone ada-1
	nssh --net-down
	# Without forwarding 2 is no other than 1 (ip-sysctl).
	but='accept_ra:'
	is_network /srv/nsbox/network.before
	nssh --net-down
	is_network /srv/nsbox/network.before 'when there was nothing'
	note_log
	matches "$(refusal)" 'The network of boxes is not up' 'a login'
}

net_up__is_for_root() {
	matches "$(as ada nssh --net-up 2>&1 || true)" 'only root'
	matches "$(as ada nssh --net-down 2>&1 || true)" 'only root'
	matches "$(as ada "$helper" net-down 2>&1 || true)" 'only root'
}

# --- a host between two networks --------------------------------------------------------------------------

# Another network namespace on the other side of the host, whose way to the world leads through it.
a_lan() {
	unshare --net "$here/answer" lan 7 &
	local lan=$!
	within 5000 eval '[ "$(readlink /proc/'"$lan"'/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
	ip link add uplink2 type veth peer name inside netns "$lan"
	nsenter --target "$lan" --net ip link set inside up
	nsenter --target "$lan" --net ip addr add 198.18.0.2/24 dev inside
	nsenter --target "$lan" --net ip addr add 2001:db8:18::2/64 dev inside nodad
	nsenter --target "$lan" --net ip route add default via 198.18.0.1
	nsenter --target "$lan" --net ip -6 route add default via 2001:db8:18::1
	sysctl -qw net.ipv6.conf.uplink2.dad_transmits=0
	ip addr add 198.18.0.1/24 dev uplink2
	ip addr add 2001:db8:18::1/64 dev uplink2 nodad
	ip link set uplink2 up
	within 5000 answers 198.18.0.2
}
through() { in_world "$here/reach" "$patience" tcp,198.18.0.2,7 tcp,2001:db8:18::2,7 udp,198.18.0.2,7 | cut -d' ' -f1 | paste -sd' '; }

host_that_forwarded_nothing__forwards_nothing_else() {
	a_world
	a_lan
	configure 'network = nat' 'ports_per_user = 10'
	nssh --net-up
	log_in one ada
	serve_in one ada 30000
	eq "$(through)" '- - -' 'from network to network'
	# Nor to a box, other than where ports lead.
	eq "$(in_world "$here/reach" "$patience" "tcp,$(address4 2),30000" "udp,$(address4 2),30000" "tcp,$(address6 2),30000" | paste -sd' ')" '- - -' 'to a box'
	eq "$(asked one tcp,198.18.0.2,7)" 'lan 198.18.0.1' 'a box, to both'
	log_out one
	wait_gone ada-1
	nssh --net-down
	eq "$(through)" '- - -' 'after net-down'
	sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	eq "$(through)" 'lan lan lan' 'if the host is told to'
	sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
}

host_that_forwarded__goes_on() {
	a_world
	a_lan
	nssh --net-down
	sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	nssh --net-up
	eq "$(through)" 'lan lan lan'
	nssh --net-down
	eq "$(through)" 'lan lan lan' 'after net-down'
	eq "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | paste -sd' ')" '1 1'
	sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
}

# What only goes from port to port of somebody's bridge is not forwarded, though the kernel may show it to the same rules.
bridge_of_others__is_left_alone() {
	local n end
	ip link add uplinkb type bridge
	ip link set uplinkb up
	for n in 1 2; do
		unshare --net "$here/answer" "end$n" 7 &
		end=$!
		within 5000 eval '[ "$(readlink /proc/$end/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
		ip link add "uplink$n" type veth peer name inside netns "$end"
		ip link set "uplink$n" master uplinkb up
		nsenter --target "$end" --net ip link set inside up
		nsenter --target "$end" --net ip addr add "192.168.9.$n/24" dev inside
		nsenter --target "$end" --net ip addr add "fd99::$n/64" dev inside nodad
	done
	nssh --net-up
	eq "$(nsenter --target "$end" --net "$here/reach" "$patience" tcp,192.168.9.1,7 udp,fd99::1,7 | cut -d' ' -f1 | paste -sd' ')" 'end1 end1'
}

interface_of_somebody_else__is_left_alone() {
	local before
	configure 'network = nat'
	nssh --net-down
	ip link add nsbox0 type bridge
	before=$(ip -o link show nsbox0)
	fails nssh --net-up 2>/tmp/said
	matches "$(cat /tmp/said)" 'there is an interface nsbox0 already'
	eq "$(ip -o link show nsbox0)" "$before" 'the interface'
	lacks "$(nft list tables)" nsbox 'tables'
	ip link del nsbox0
	nssh --net-up
	ssh ada@host true
}

host_that_forwarded__hears_no_more_advertisements_than_before() {
	configure 'network = nat'
	nssh --net-down
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	echo 1 >/proc/sys/net/ipv6/conf/default/accept_ra
	nssh --net-up
	eq "$(cat /proc/sys/net/ipv6/conf/default/accept_ra)" 1
	nssh --net-down
	eq "$(cat /proc/sys/net/ipv6/conf/all/forwarding)" 1
	echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
	nssh --net-up
	eq "$(cat /proc/sys/net/ipv6/conf/default/accept_ra)" 2
}
