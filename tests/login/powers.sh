# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The capabilities of nsbox's processes: those that nsbox(7) lists, while the helper works, and none afterwards.

# shellcheck source=tests/login/world
. ./world

the_list() { sed -n 's/^\.It Dv \(CAP_[A-Z_]*\)$/\1/p' /usr/local/share/man/man7/nsbox.7 | paste -sd ,; }
# An emulated processor is too slow for a stop at each system call: what is watched runs into its deadlines.
not_emulated() { [ "$slowness" = 1 ] || skip 'the machine is emulated'; }
watched() { ./watch_powers "$(the_list)" "$@" 2>>/tmp/looks; }
# of_user CMD...: words for a command of ada's
of_user=(setpriv --reuid ada --regid ada --init-groups env HOME=/home/ada USER=ada SHELL=/bin/bash)

# The programs are those it has to have seen, but nsbox-subid, which is run when nobody has asked for a user's range before, so that
# looking at nothing is no success.
no_power_but_the_list() {
	local programs=$1
	shift
	eq "$(watched "$@" </dev/null | grep -E '^(wrong|seen):' | sed 's/ nsbox-subid//')" "seen: $programs" "what '$*' had"
}

helper__has_no_power_but_the_list_while_it_opens_enters_and_ends() {
	local home
	not_emulated
	for home in overlay bind empty; do
		configure "home = $home" 'network = nat' 'pids = 500'
		no_power_but_the_list 'nsbox-helper nsbox-init nsbox-sweep true' "${of_user[@]}" nssh -- true
	done
	configure 'network = none'
	no_power_but_the_list 'nsbox-helper nsbox-init nsbox-sweep true' "${of_user[@]}" nssh -- true
}

helper__has_no_power_but_the_list_with_pasta() {
	not_emulated
	a_world
	configure 'network = pasta'
	matches "$(watched "${of_user[@]}" nssh -- true </dev/null)" '^seen: nsbox-helper nsbox-init nsbox-subid nsbox-sweep pas.* true$'
}

helper__has_no_power_but_the_list_whatever_it_is_asked_for() {
	local words
	not_emulated
	log_in one ada
	for words in --list --stat --reload; do no_power_but_the_list nsbox-helper nssh "$words"; done
	no_power_but_the_list 'nft nsbox-helper' nssh --net-up
	no_power_but_the_list nsbox-helper "$helper" gc -
	no_power_but_the_list 'nsbox-helper true' "${of_user[@]}" nssh ada-1 -- true
	no_power_but_the_list nsbox-helper "${of_user[@]}" nssh -k ada-1
}

# powerless PID...: nothing held; and with it what may be gained by an execution, unless it is root's own
powerless() {
	local pid
	for pid in "$@"; do
		eq "$(awk '/^Cap(Inh|Prm|Eff|Amb)/ { print $2 }' "/proc/$pid/status" | sort -u)" 0000000000000000 \
			"what $(cat "/proc/$pid/comm") has"
	done
}
gains_nothing() {
	powerless "$1"
	eq "$(awk '/^CapBnd/ { print $2 }' "/proc/$1/status")" 0000000000000000 "what $(cat "/proc/$1/comm") may gain"
}

what_lives_on__has_no_power() {
	local init
	log_in one ada
	log_in two ada
	init=$(init_of ada-1)
	as ada nssh ada-1 -- sleep 1000 &
	within 3000 pgrep -u ada -x sleep >/dev/null
	in_session two 'nssh ada-1 -- sleep 1001 >/dev/null 2>&1 & disown' >/dev/null
	within 3000 pgrep -x nsbox-hop >/dev/null
	gains_nothing "$init"
	# shellcheck disable=SC2046 # pids
	for pid in $(pgrep -x nsbox-hop) $(pgrep -x sleep); do gains_nothing "$pid"; done
	# shellcheck disable=SC2046 # pids
	powerless $(pgrep -x nsbox-sweep) $(pgrep -x nsbox-helper) $(pgrep -x nsbox-keep) $(pgrep -x nssh)
	eq "$(pgrep -xc nsbox-sweep) $(pgrep -xc nsbox-helper)" '2 1' 'sweeps and waiting helpers'
}

# What CAP_FSETID is for, which nothing else needs.
layer__has_the_set_group_id_bit_of_its_home() {
	chgrp team1 /home/ada
	chmod 2755 /home/ada
	eq "$(ssh ada@host 'stat -c "%a %G" ~; mkdir ~/below; stat -c "%a %G" ~/below')" $'2755 nogroup\n2755 nogroup' 'the home in the box'
	eq "$(stat -c '%a %G' /var/lib/nsbox/2000/home/upper)" '2755 team1' 'its layer'
	wait_gone ada-1
}
