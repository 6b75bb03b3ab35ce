# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A box speaks for itself only: what has somebody else's address never gets to the world, whoever sent it. Each try is a
# datagram to a port of its own, which the world would have seen.

# shellcheck source=tests/login/world
. ./world

# A whole frame, as root of the box could send it: INTERFACE HARDWARE-SOURCE SOURCE DESTINATION UDP-PORT [VLAN]
frame='
import socket, struct, sys
interface, mac, source, target, port = sys.argv[1:6]
tag = b"\x81\x00\x00\x05" if sys.argv[6:] else b""
def checked(head):
    total = sum(struct.unpack("!10H", head))
    return head[:10] + struct.pack("!H", ~(total % 0xffff) & 0xffff) + head[12:]
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 32, 7, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(target))
udp = struct.pack("!4H", 4000, int(port), 12, 0) + b"who?"
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((interface, 0))
ours = bytes.fromhex(mac.replace(":", ""))
wire.send(bytes.fromhex("026e73000000") + ours + tag + b"\x08\x00" + checked(ip) + udp)
'
sends() { netns_of ada-1 python3 -c "$frame" eth0 "$@"; }

# Whatever was sent has arrived when this has.
sees_nothing_on() {
	eq "$(asked one "udp,$world4,7")" "world $host4" 'its own address'
	eq "$(for port; do seen_on "$port"; done)" '' 'what the world saw'
}

source_of_a_user_s_choice__is_not_let_out() {
	box_and_world
	asked one "udp,$world6,4001,$(address6 77) udp,$world6,4002,2001:db8:1::99 udp,$world4,4003,$(address4 77) udp,$world6,4004,fd99::1" >/dev/null
	sees_nothing_on 4001 4002 4003 4004
	asked one "udp,$world6,4005,$(address6 2)" >/dev/null
	eq "$(seen_on 4005)" "$host6" 'what was sent with its own'
}

source_of_another_box__is_not_let_out() {
	box_and_world
	log_in two bob
	netns_of ada-1 ip addr add "$(address4 3)/32" dev eth0
	netns_of ada-1 ip addr add "$(address6 3)/128" dev eth0 nodad
	asked one "udp,$world4,4011,$(address4 3) udp,$world6,4012,$(address6 3)" >/dev/null
	sees_nothing_on 4011 4012
	eq "$(asked two "udp,$world4,7 udp,$world6,7")" "world $host4 world $host6" "the other box's own"
}

hardware_address__is_not_let_out_if_it_is_not_the_box_s() {
	local mac
	box_and_world
	log_in two bob
	mac=$(in_session one 'cat /sys/class/net/eth0/address')
	sends "$mac" "$(address4 2)" "$world4" 4021
	within 2000 eval '[ "$(seen_on 4021)" = "$host4" ]' || fault 'not even its own'
	sends 02:6e:73:00:00:99 "$(address4 2)" "$world4" 4022
	sends "$(in_session two 'cat /sys/class/net/eth0/address')" "$(address4 3)" "$world4" 4023
	sends 02:6e:73:00:00:00 "$gateway4" "$world4" 4024
	sends "$mac" "$world4" "$world4" 4025
	sends "$mac" "$(address4 2)" "$world4" 4026 tagged
	sees_nothing_on 4022 4023 4024 4025 4026
	netns_of ada-1 ip link set eth0 address 02:6e:73:00:00:99
	netns_of ada-1 python3 "$here/reach" 1 "udp,$world4,4027" >/dev/null
	eq "$(seen_on 4027)" '' 'what the world saw'
	eq "$(asked two "udp,$world4,7 udp,$world6,7")" "world $host4 world $host6" "the other box's own"
}

# A reply to it would lead to whoever claims the address.
address_of_the_gateway__cannot_be_taken() {
	box_and_world
	log_in two bob
	netns_of ada-1 ip addr add "$gateway4/32" dev eth0
	netns_of ada-1 ip addr add "$gateway6/128" dev eth0 nodad
	netns_of ada-1 ip link set eth0 arp on 2>/dev/null || true
	netns_of ada-1 "$here/answer" ada dns &
	sleep 0.5
	eq "$(asked two "udp,$world4,7 udp,$world6,7")" "world $host4 world $host6" 'another box'
	closed two "udp,$gateway4,53 udp,$gateway6,53"
}
