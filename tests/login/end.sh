# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A box ends when its owner says so, whatever is in it and whoever is logged in to it.

is_dead() { ! [ -e "/proc/$1" ] || [[ $(ps -o stat= -p "$1") = Z* ]]; }

end__takes_the_box_with_its_logins_and_no_other() {
	log_in one ada
	log_in two ada
	in_session one '(trap "" HUP TERM; setsid sleep 1000 &) >/dev/null 2>&1'
	as ada nssh ada-1 -- sleep 1000 &
	matches "$(as ada "$helper" end - ada-1)" '^Box ada-1 '
	is_gone ada-1 || fault "left: $(ls /run/nsbox/2000) $(cgroups_of ada-1)"
	within 2000 is_dead "${client[one]}" || fault 'the client still has its session'
	within 2000 is_dead $! || fault 'nssh is still there'
	eq "$(box_of two)" ada-2
}

end__lets_what_is_in_the_box_come_to_an_end() {
	log_in one ada
	in_session one 'setsid bash -c "trap \"\" HUP; trap \"echo saved > ~/saved; exit\" TERM; touch ~/ready; while :; do sleep 0.05; done" >/dev/null 2>&1 &'
	within 5000 test -e /var/lib/nsbox/2000/home/upper/ready
	eq "$(as ada "$helper" end - ada-1)" 'Box ada-1 has ended.'
	eq "$(ssh ada@host 'cat ~/saved')" saved
}

end__of_a_stopped_box() {
	local init
	log_in one ada
	init=$(init_of ada-1)
	in_session one 'setsid sleep 1000 >/dev/null 2>&1 &'
	kill -STOP "$init" "$(children_of ada)" "$(pgrep -x sleep)"
	took_less 8 as ada "$helper" end - ada-1 >/tmp/said
	matches "$(cat /tmp/said)" '^Box ada-1 '
	is_gone ada-1 || fault "left: $(ls /run/nsbox/2000) $(cgroups_of ada-1)"
	eq "$(ssh ada@host cat /run/nsbox/name)" ada-1
}

end__is_the_owner_s_and_root_s() {
	log_in one ada
	log_in two bob
	matches "$(as bob "$helper" end - ada-1 2>&1)" 'You have no live box ada-1'
	fails as bob "$helper" end - ada-1 2>/dev/null
	matches "$(as bob "$helper" end ada ada-1 2>&1)" 'only root may name a user'
	matches "$("$helper" end bob ada-1 2>&1)" 'no live box'
	matches "$("$helper" end - ada-1 2>&1)" 'root has no box'
	eq "$(box_of one)" ada-1
	matches "$("$helper" end ada ada-1)" '^Box ada-1 '
	is_gone ada-1 || fault 'it is still there'
	eq "$(box_of two)" bob-1
}

end__of_what_is_no_box_says_so() {
	local lines
	lines=$(the_log | grep -c forged || true)
	matches "$(as ada "$helper" end - ada-1 2>&1)" 'You have no live box ada-1'
	ssh ada@host true
	matches "$(as ada "$helper" end - ada-7 2>&1)" 'You have no live box ada-7'
	matches "$(as ada "$helper" end - $'x"\nevent=forged\e[2J' 2>&1)" '^nssh: no box has such a name$'
	fails as ada "$helper" end - '' 2>/dev/null
	fails as ada "$helper" end - 2>/dev/null
	eq "$(the_log | grep -c forged || true)" "$lines" 'lines of the log'
}

end__of_the_shared_box_makes_room_for_a_new_one() {
	configure 'scope = user' 'linger = 1h'
	log_in one ada
	in_session one 'echo kept > ~/kept; echo lost > /tmp/lost; setsid sleep 1000 >/dev/null 2>&1 &'
	as ada "$helper" end - ada-1 >/dev/null
	eq "$(ssh ada@host 'cat ~/kept; ls /tmp/lost 2>/dev/null; cat /run/nsbox/name')" $'kept\nada-1'
}

# It answers in time, and what it could not do is done later.
held_lock__does_not_hold_up_an_end() {
	log_in one ada
	flock /run/nsbox/2000/lock sleep 20 &
	within 3000 fails flock -n /run/nsbox/2000/lock true 2>/dev/null
	took_less 14 as ada "$helper" end - ada-1 >/tmp/said 2>&1
	matches "$(cat /tmp/said)" '^nssh: [A-Z].*\.$' 'what was said'
	took_less 8 as ada "$helper" reset - home >/tmp/said 2>&1
	matches "$(cat /tmp/said)" '^nssh: [A-Z].*\.$' 'what was said'
	kill "$(pgrep -x sleep)"
	as ada "$helper" end - ada-1 >/dev/null 2>&1 || true
	wait_gone ada-1 2000
}
