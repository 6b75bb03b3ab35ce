# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Ways round: what the host remembers of connections, what it translates for others, and who else is on it.

# shellcheck source=tests/login/world
. ./world

# One datagram from a port of one's own: FROM-PORT ADDRESS PORT; prints the first word of the answer, or -
datagram='
import socket, sys
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.bind(("", int(sys.argv[1])))
own.settimeout(float(sys.argv[4]))
own.sendto(b"?", (sys.argv[2], int(sys.argv[3])))
try:
    print(own.recv(100).split()[0].decode())
except OSError:
    print("-")
'
world_asks() { in_world python3 -c "$datagram" "$@" "$patience"; }
box_asks() { in_session "$1" "python3 -c '$datagram' ${*:2} $patience"; }

connection_of_a_box_that_is_gone__does_not_reach_the_next_one() {
	a_world
	configure '[default]' 'network = nat' '[user:ada]' 'ports_per_user = 10' '[user:bob]' 'egress = none'
	log_in one ada
	serve_in one ada 30001
	eq "$(world_asks 4444 "$host4" 30001)" ada
	# And one that her box has begun.
	box_asks one 5353 "$world4" 7 >/dev/null
	log_out one
	wait_gone ada-1
	log_in two bob
	eq "$(in_session two "ip -4 -o addr show dev eth0 | awk '{ print \$4 }'")" "$(address4 2)/32" 'the address that was hers'
	serve_in two bob 30001 5353
	eq "$(world_asks 4444 "$host4" 30001)" - 'who answers the old connection'
	eq "$(world_asks 7 "$host4" 5353 2>/dev/null || echo -)" - 'who answers the other one'
}

published_port_of_somebody__is_no_source_for_another() {
	a_world
	configure '[default]' 'network = nat' '[user:ada]' 'ports_per_user = 10'
	log_in one ada
	serve_in one ada 30001
	log_in two bob
	# The host would take what the world sends back for an answer to bob.
	eq "$(box_asks two 30001 "$world4" 4445)" -
	serve_in two bob 30001
	eq "$(world_asks 4445 "$host4" 30001)" ada
}

port_among_those_of_sources__cannot_be_published() {
	configure 'network = nat' 'publish = 40000'
	status 1 nssh --check >/tmp/said 2>&1
	matches "$(cat /tmp/said)" 'publish = 40000: has ports from 32768 to 60999'
}

what_others_translate__is_no_way_round_egress() {
	a_world
	configure 'network = nat' 'egress = none'
	nft -f - <<-END
		table ip others {
			chain prerouting {
				type nat hook prerouting priority dstnat; policy accept;
				tcp dport 8088 dnat to $world4:7
			}
		}
	END
	log_in one ada
	closed one "tcp,$gateway4,8088 tcp,$host4,8088"
	nft delete table ip others
}

users_on_the_host__reach_what_is_published() {
	a_world
	configure '[default]' 'network = nat' '[user:ada]' 'ports_per_user = 10' '[user:bob]' 'enable = no'
	log_in one ada
	serve_in one ada 30001 9000
	eq "$(as bob "$here/reach" "$patience" "tcp,$(address4 2),9000" "udp,$(address6 2),9000" | paste -sd' ')" '- -' 'as a user'
	eq "$(as bob "$here/reach" "$patience" "tcp,$host4,30001" | cut -d' ' -f1)" ada 'as a user, what is published'
	eq "$("$here/reach" "$patience" "tcp,$(address4 2),9000" | cut -d' ' -f1)" ada 'as root'
	eq "$(ssh bob@host 'echo outside')" outside
}

# Some groups are never forwarded by a bridge, and come up on the port itself.
frame_to_the_bridge_s_own_group__is_not_heard() {
	local heard='
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 7009))
s.settimeout(2)
try: print(s.recv(100))
except OSError: print("-")'
	local sent='
import socket, struct
def checked(head):
    total = sum(struct.unpack("!10H", head))
    return head[:10] + struct.pack("!H", ~(total % 0xffff) & 0xffff) + head[12:]
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 32, 7, 0, 64, 17, 0, socket.inet_aton("10.189.0.2"), socket.inet_aton("10.189.0.1"))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("eth0", 0))
for group in b"\x00", b"\x0e":
    wire.send(bytes.fromhex("0180c20000") + group + bytes.fromhex("026e73000001") + b"\x08\x00" + checked(ip) +
              struct.pack("!4H", 4000, 7009, 12, 0) + b"who?")'
	configure 'network = nat'
	log_in one ada
	python3 -c "$heard" >/tmp/heard &
	sleep 0.5
	netns_of ada-1 python3 -c "$sent"
	wait $!
	eq "$(cat /tmp/heard)" - 'what the host heard'
}
