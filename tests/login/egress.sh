# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# egress: what of the world a user's boxes may reach, while others may reach something else.

# shellcheck source=tests/login/world
. ./world

everywhere="tcp,$internet4,7 udp,$internet4,7 tcp,$internet6,7 udp,$internet6,7 \
	tcp,$private4,7 udp,$private4,7 tcp,$private6,7 udp,$private6,7"
# What of everywhere answered, as a word of y and n
map() { in_session "$1" "$reach $everywhere" | sed 's/^world.*/y/; s/^-$/n/' | paste -sd ''; }
pinged() { for address in "$internet4" "$internet6" "$private4" "$private6"; do [ -n "$(pings "$1" "$address")" ] && echo y || echo n; done | paste -sd ''; }

egress__holds_for_each_user() {
	a_world
	configure '[default]' 'network = nat' '[user:bob]' 'egress = internet' '[user:carl]' 'egress = none'
	log_in all ada
	log_in internet bob
	log_in none carl
	eq "$(map all) $(map internet) $(map none)" 'yyyyyyyy yyyynnnn nnnnnnnn'
	eq "$(pinged all) $(pinged internet) $(pinged none)" 'yyyy yynn nnnn' ping
	# The bits of the other families of private addresses, which nobody routes here.
	closed internet tcp,10.1.2.3,7 tcp,172.16.1.1,7 tcp,169.254.169.254,80 "udp,$(address4 2),7" tcp,fe80::1,7
	eq "$(map all)" yyyyyyyy 'when the others have been refused'
}

egress__refuses_at_once() {
	a_world
	configure 'network = nat' 'egress = none'
	log_in one ada
	took_less 1 in_session one "nc -w 20 -z $world4 7; nc -w 20 -z $world6 7"
}

egress_of_a_name__is_what_the_admin_s_chain_says() {
	a_world
	cat >/etc/nsbox.nft <<-END
		table inet nsbox {
			chain lab {
				ip daddr $private4 accept
				ip6 daddr $internet6 tcp dport 7 accept
			}
			chain web2 { tcp dport 7 accept; drop; }
		}
	END
	configure '[default]' 'network = nat' '[user:bob]' 'egress = lab' '[user:carl]' 'egress = web2'
	nssh --net-up
	log_in all ada
	log_in lab bob
	log_in web2 carl
	eq "$(map all) $(map lab) $(map web2)" 'yyyyyyyy nnynyynn ynynynyn'
	closed lab "tcp,$(address4 2),7"
}

egress_of_a_name_without_a_chain__is_refused_in_words() {
	local said
	a_world
	configure '[default]' 'network = nat' '[user:bob]' 'egress = nowhere'
	nssh --net-up || true
	! said=$(ssh bob@host 'echo got in' 2>&1) || fault 'it was let in'
	lacks "$said" 'got in'
	matches "$said" '[A-Z].*administrator' 'what the user is told'
	matches "$(the_log)" 'nowhere' 'the log'
	eq "$(ssh ada@host 'echo in')" in 'others'
}

egress_of_a_chain_that_nft_does_not_take__leaves_all_as_it_was() {
	local before said
	a_world
	configure 'network = nat'
	before=$(/srv/nsbox/host/network)
	echo 'table inet nsbox { chain lab { nonsense } }' >/etc/nsbox.nft
	! said=$(nssh --net-up 2>&1) || fault 'it was taken'
	matches "$said" 'nsbox.nft|nonsense' 'what the admin is told'
	eq "$(/srv/nsbox/host/network)" "$before"
	eq "$(ssh ada@host "$reach tcp,$world4,7")" "world $host4"
}
