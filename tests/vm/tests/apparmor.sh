# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The profiles of apparmor/nsbox, enforced by the distribution's kernel. They stay loaded for the tests that follow.

# shellcheck source=tests/login/world
. ./world

profiles=/sys/kernel/security/apparmor/profiles

load() { apparmor_parser -r /etc/apparmor.d/nsbox; }
label() { cat "/proc/$1/attr/apparmor/current"; }
# within PROFILE CMD...: as the profile lets it
confined() {
	local profile=$1
	shift
	aa-exec -p "$profile" -- "$@" 2>&1
}
sweep_of() { awk '/^PPid:/ { print $2 }' "/proc/$(init_of "$1")/status"; }

profiles__are_enforced() {
	apparmor_parser -R /etc/apparmor.d/nsbox 2>/dev/null || true
	matches "$(nssh --check || true)" 'warning: apparmor: the profiles of /etc/apparmor.d/nsbox are not loaded: apparmor_parser -r'
	load
	matches "$(nssh --check || true)" 'ok: apparmor: the profiles of /etc/apparmor.d/nsbox are loaded'
	eq "$(grep -E '^nsbox-(helper|keys|subid) ' "$profiles" | sort)" \
		$'nsbox-helper (enforce)\nnsbox-keys (enforce)\nnsbox-subid (enforce)'
}

confined_helper__opens_boxes_that_are_not_confined() {
	load
	log_in one ada
	eq "$(label "$(sweep_of ada-1)")" 'nsbox-helper (enforce)' 'the label of nsbox-sweep'
	eq "$(label "$(init_of ada-1)")" unconfined 'the label of init'
	eq "$(in_session one 'cat /proc/self/attr/apparmor/current')" unconfined 'the label of a login'
	eq "$(as ada nssh ada-1 -- cat /proc/self/attr/apparmor/current /run/nsbox/name)" $'unconfined\nada-1' 'a command of nssh'
	# The names are those that the profile forbids, in the layer of the home.
	eq "$(in_session one 'mkdir -p etc usr boot && echo 1 >etc/shadow && echo 2 >usr/x && echo 3 >boot/x && cat etc/shadow usr/x boot/x')" \
		$'1\n2\n3' 'files in the home'
	log_out one
	wait_gone ada-1
}

confined_helper__does_all_that_it_is_asked_for() {
	local home
	load
	a_world
	for home in overlay bind empty; do
		configure "home = $home" 'network = nat' 'pids = 500' 'ports_per_user = 10'
		eq "$(ssh ada@host 'touch here; cat /run/nsbox/name')" ada-1 "a login with home = $home"
		wait_gone ada-1
	done
	configure 'network = pasta'
	eq "$(as ada nssh -- cat /proc/self/attr/apparmor/current)" unconfined 'a command with network = pasta'
	wait_gone ada-1
	log_in one ada -tt
	matches "$(nssh --list)" 'ada-1'
	matches "$(nssh --stat)" 'ada-1'
	nssh --reload
	as ada nssh -k ada-1
	wait_gone ada-1
	nssh --net-up
	matches "$(as ada "$helper" reset - home)" "new home"
}

confined_helper__writes_where_its_caller_says() {
	load
	as ada sh -c 'nssh --list >~/boxes'
	nssh --list >/root/boxes
	eq "$(wc -l </home/ada/boxes) $(wc -l </root/boxes)" '1 1' 'lines written'
}

profile__keeps_the_helper_from_the_host() {
	load
	eq "$(confined nsbox-helper cat /etc/hostname)" host 'what it may read'
	matches "$(confined nsbox-helper cat /etc/shadow || true)" 'Permission denied' 'reading /etc/shadow'
	matches "$(confined nsbox-helper cat /etc/ssh/ssh_host_ed25519_key || true)" 'Permission denied' 'reading a host key'
	matches "$(confined nsbox-helper touch /etc/new || true)" 'Permission denied' 'writing to /etc'
	matches "$(confined nsbox-helper touch /usr/bin/new || true)" 'Permission denied' 'writing to /usr'
	matches "$(confined nsbox-helper env true || true)" 'Permission denied' 'another program'
	fails confined nsbox-helper mount -t tmpfs tmpfs /mnt
	fails confined nsbox-helper chroot --groups=0 / true
	matches "$(confined nsbox-keys touch /tmp/new || true)" 'Permission denied' 'writing, for nsbox-keys'
	matches "$(confined nsbox-subid cat /etc/shadow || true)" 'Permission denied' 'reading /etc/shadow, for nsbox-subid'
}

keys__come_from_a_confined_program() {
	load
	serve 2300 'AuthorizedKeysCommand /usr/local/libexec/nsbox/nsbox-keys %u' 'AuthorizedKeysCommandUser root' 'AuthorizedKeysFile none'
	eq "$(ssh -p 2300 ada@host 'cat /run/nsbox/name')" ada-1
}
