# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# SSH's own forwards, with a network: both ends of the tunnel that are not the client's are in the box. More is in inside.sh.

# shellcheck source=tests/login/world
. ./world

local_forward__reaches_a_server_of_the_same_login() {
	configure 'network = nat'
	log_in one ada -L 8888:localhost:8888
	serve_in one ada 8888
	matches "$($reach tcp,127.0.0.1,8888)" '^ada ' 'through the tunnel'
}

local_forward__reaches_a_server_of_another_login_in_the_same_box() {
	configure 'network = nat' 'scope = user'
	log_in one ada
	serve_in one ada 8888
	without_sessions ssh -N -L 8889:localhost:8888 ada@host &
	within 5000 nc -z 127.0.0.1 8889
	matches "$($reach tcp,127.0.0.1,8889)" '^ada ' 'through the tunnel'
}

local_forward__does_not_reach_the_host() {
	local address
	configure 'network = nat'
	serve_as host 7001
	for address in localhost 127.0.0.1 '[::1]' "$gateway4" "[$gateway6]"; do
		eq "$(ssh -W "$address:7001" ada@host </dev/null 2>/dev/null || true)" '' "what answers at $address"
	done
}

local_forward__reaches_the_world_as_the_box_does() {
	a_world
	configure '[default]' 'network = nat' '[user:bob]' 'egress = none'
	eq "$(ssh -W "$world4:7" ada@host </dev/null)" "world $host4"
	eq "$(ssh -W "www.test:7" ada@host </dev/null | cut -d' ' -f1)" world 'by name'
	eq "$(ssh -W "$world4:7" bob@host </dev/null 2>/dev/null || true)" '' 'with egress = none'
}

remote_forward__listens_in_the_box_only() {
	a_world
	configure 'network = nat'
	serve_as client 7002
	log_in one ada -R 7003:127.0.0.1:7002
	eq "$(asked one tcp,127.0.0.1,7003)" 'client 127.0.0.1'
	fails nc -z 127.0.0.1 7003
	eq "$(in_world "$here/reach" "$patience" "tcp,$host4,7003")" -
}
