# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Which namespaces a login is in.

# What a login of a user says it is in, one a line, in the order of all_namespaces
seen_by() { ssh "$@" 'readlink /proc/self/ns/{user,mnt,pid,uts,ipc,net,cgroup}'; }

# common LIST LIST: the lines that are in both
common() { comm -12 <(sort <<<"$1") <(sort <<<"$2"); }

login__differs_from_the_host_in_all_seven() {
	local inside
	inside=$(seen_by ada@host)
	eq "$(wc -l <<<"$inside")" 7 'number of namespaces'
	eq "$(common "$inside" "$(seven self)")" '' 'shared with the host'
}

logins__differ_in_all_seven_with_scope_login() {
	local first
	log_in one ada
	first=$(in_session one "readlink /proc/self/ns/{user,mnt,pid,uts,ipc,net,cgroup}")
	eq "$(wc -l <<<"$first")" 7 'number of namespaces'
	eq "$(common "$first" "$(seen_by ada@host)")" '' 'shared by two logins'
}

logins__share_all_seven_with_scope_user() {
	configure 'scope = user'
	log_in one ada
	eq "$(seen_by ada@host)" "$(in_session one "readlink /proc/self/ns/{user,mnt,pid,uts,ipc,net,cgroup}")" 'second login'
}

users__share_nothing_with_scope_user() {
	configure 'scope = user'
	log_in one ada
	eq "$(common "$(seen_by bob@host)" "$(in_session one "readlink /proc/self/ns/{user,mnt,pid,uts,ipc,net,cgroup}")")" ''
}

scope_user__keeps_the_box_until_the_last_login_ends() {
	local box
	configure 'scope = user'
	log_in one ada
	log_in two ada
	box=$(box_of one)
	eq "$(box_of two)" "$box" 'box of the second'
	log_out one
	sleep 0.5
	eq "$(in_session two 'echo alive')" alive
	log_out two
	wait_gone "$box"
}

root__is_not_boxed() { eq "$(seen_by root@host)" "$(seven self)"; }
exempt_group__is_not_boxed() { eq "$(seen_by sam@host)" "$(seven self)"; }
user_outside_the_policy__is_not_boxed() { eq "$(seen_by plain@host)" "$(seven self)"; }

policy__can_be_tried_on_one_group() {
	configure '[default]' 'enable = no' '[group:students]' 'enable = yes'
	eq "$(seen_by ada@host)" "$(seven self)" 'not in the group'
	eq "$(common "$(seen_by tess@host)" "$(seven self)")" '' 'in the group, shared with the host'
}

ps__shows_only_the_box() {
	local processes
	log_in other bob
	processes=$(ssh ada@host 'sleep 50 >/dev/null 2>&1 & until pgrep -x sleep >/dev/null; do :; done; ps -eo user:12,comm')
	matches "$processes" sleep 'ps in the box'
	eq "$(awk 'NR > 1 && $1 != "ada"' <<<"$processes")" '' 'processes of others'
	lacks "$processes" 'sshd|nsbox-helper' 'ps in the box'
}

hostname__is_the_box_own() {
	eq "$(ssh ada@host hostname)" ada.host
	eq "$(hostname)" host
	ssh ada@host 'getent hosts "$(hostname)"' >/dev/null
}

loopback__is_the_box_own() {
	socat TCP-LISTEN:7001,fork,reuseaddr,bind=127.0.0.1 SYSTEM:'echo host' &
	within 2000 nc -z 127.0.0.1 7001
	fails ssh ada@host 'nc -z 127.0.0.1 7001'
	ssh ada@host 'socat TCP-LISTEN:7001,bind=127.0.0.1 SYSTEM:"echo box" & '"$(until_listening 7001)"'; socat -u TCP:127.0.0.1:7001 -' | grep -qx box
}

network_host__keeps_the_host_s() {
	configure 'network = host'
	eq "$(ssh ada@host readlink /proc/self/ns/net)" "$(readlink /proc/self/ns/net)"
	differs "$(ssh ada@host readlink /proc/self/ns/user)" "$(readlink /proc/self/ns/user)"
}
