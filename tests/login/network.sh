# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# network = nat: what a box reaches, and what it does not. What its policy lets it reach is in egress.sh.

# shellcheck source=tests/login/world
. ./world

nat__reaches_the_world_by_tcp_and_udp() {
	box_and_world
	eq "$(asked one "tcp,$world4,7 udp,$world4,7")" "world $host4 world $host4" 'whom the world sees'
	eq "$(asked one "tcp,$world6,7 udp,$world6,7")" "world $host6 world $host6" 'whom the world sees'
	eq "$(asked one "tcp,$internet4,80 udp,$private6,7")" "world $host4 world $host6"
}

nat__pings_without_privilege() {
	box_and_world
	eq "$(pings one "$world4") $(pings one "$world6") $(pings one 127.0.0.1)" 'answered answered answered'
	eq "$(pings one "$gateway4") $(pings one "$gateway6")" 'answered answered' 'the gateway'
}

nat__resolves_names() {
	box_and_world
	eq "$(in_session one 'getent ahostsv4 www.test' | awk '{ print $1; exit }')" "$world4"
	eq "$(in_session one 'getent ahostsv6 www.test' | awk '{ print $1; exit }')" "$world6"
	status 2 ssh ada@host 'getent hosts nowhere.test'
	matches "$(asked one tcp,www.test,7)" '^world '
	eq "$(pings one www.test)" answered
}

nat__has_an_address_a_route_and_the_name_server_of_the_host() {
	box_and_world
	eq "$(in_session one "ip -o addr show dev eth0 scope global | awk '{ print \$4 }' | sort")" "$(address4 2)/32"$'\n'"$(address6 2)/128"
	matches "$(in_session one 'ip route')" "default via $gateway4 dev eth0"
	matches "$(in_session one 'ip -6 route')" "default via $gateway6 dev eth0"
	eq "$(in_session one 'grep ^nameserver /etc/resolv.conf')" "nameserver $world4"
	eq "$(in_session one 'ls /sys/class/net' | paste -sd' ')" 'eth0 lo'
}

port_80__is_for_the_user_to_serve_on() {
	configure 'network = nat'
	log_in one ada
	serve_in one ada 80
}

boxes__do_not_reach_each_other() {
	a_world
	configure 'network = nat'
	log_in one ada
	log_in two bob
	log_in three ada
	serve_in two bob 7
	# shellcheck disable=SC2046 # words
	closed one $(all_at 7 "$(address4 3)" "$(address6 3)")
	eq "$(pings one "$(address4 3)")$(pings one "$(address6 3)")" '' 'ping'
	serve_in one ada 7
	# shellcheck disable=SC2046
	closed three $(all_at 7 "$(address4 2)" "$(address6 2)")
}

# Also if it had a route of its own to it, and knew its hardware address.
boxes__do_not_reach_each_other_on_the_bridge() {
	local mac
	configure 'network = nat'
	log_in one ada
	log_in two bob
	serve_in two bob 7
	mac=$(in_session two 'cat /sys/class/net/eth0/address')
	netns_of ada-1 ip route add "$(address4 3)" dev eth0
	netns_of ada-1 ip neigh replace "$(address4 3)" lladdr "$mac" dev eth0 nud permanent
	netns_of ada-1 ip -6 route add "$(address6 3)" dev eth0
	netns_of ada-1 ip -6 neigh replace "$(address6 3)" lladdr "$mac" dev eth0 nud permanent
	# shellcheck disable=SC2046 # words
	closed one $(all_at 7 "$(address4 3)" "$(address6 3)")
}

host__is_closed_to_a_box() {
	box_and_world
	serve_as host 7001
	eq "$($reach "tcp,127.0.0.1,7001" "udp,$host6,7001" | cut -d' ' -f1 | paste -sd' ')" 'host host' 'on the host itself'
	# shellcheck disable=SC2046 # words
	closed one $(all_at 7001 127.0.0.1 ::1 "$gateway4" "$gateway6" "$host4" "$host6") "tcp,$gateway4,2222" "tcp,$gateway4,22"
	eq "$(asked one "tcp,$world4,7")" "world $host4" 'the world beyond'
}

host_ports__are_open_to_a_box() {
	box_and_world 'host_ports = 7001 7002/udp 7003-7004/tcp'
	nssh --net-up
	serve_as host 7001 7002 7003 7004 7005
	eq "$(asked one "tcp,$gateway4,7001 udp,$gateway4,7001 tcp,$gateway6,7001 udp,$gateway6,7002 tcp,$gateway4,7004" | wc -w)" 10
	closed one "tcp,$gateway4,7002 udp,$gateway4,7003 tcp,$gateway6,7005 udp,$gateway6,7005"
}

name_server_of_the_host__answers_at_the_gateway() {
	box_and_world 'host_ports = 53'
	nssh --net-up
	echo 'nameserver 127.0.0.1' >/etc/resolv.conf
	"$here/answer" host dns &
	within 5000 getent hosts www.test >/dev/null
	log_in two bob
	eq "$(in_session two 'grep ^nameserver /etc/resolv.conf')" "nameserver $gateway4"
	eq "$(in_session two 'getent ahostsv4 www.test' | awk '{ print $1; exit }')" "$world4"
}

systemd_resolved__is_passed_by() {
	a_world
	configure 'network = nat'
	mkdir -p /run/systemd/resolve
	echo "nameserver $world4" >/run/systemd/resolve/resolv.conf
	echo 'nameserver 127.0.0.53' >/etc/resolv.conf
	eq "$(ssh ada@host 'grep ^nameserver /etc/resolv.conf')" "nameserver $world4"
	eq "$(ssh ada@host 'getent ahostsv4 www.test' | awk '{ print $1; exit }')" "$world4"
}

mtu__is_that_of_the_way_out() {
	a_world 1400
	configure 'network = nat'
	nssh --net-up
	eq "$(ssh ada@host cat /sys/class/net/eth0/mtu)" 1400
	eq "$(ssh ada@host "$reach tcp,$world4,7")" "world $host4"
}

network_of_the_box__is_not_for_its_user_to_change() {
	local try
	box_and_world
	for try in "ip addr add $(address4 77)/32 dev eth0" 'ip link set eth0 address 02:6e:73:00:00:99' 'ip route add 10.0.0.0/8 dev lo' \
		'ip link del eth0' 'nft add table inet mine' 'sysctl -q net.ipv4.ip_forward=1' \
		'python3 -c "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"' \
		'python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 17)"'; do
		eq "$(in_session one "$try && echo 'it works'" | grep -x 'it works' || true)" '' "$try"
	done
	eq "$(asked one "tcp,$world4,7")" "world $host4"
}
