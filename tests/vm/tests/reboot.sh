# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A test that exits with 85 is gone on with, after a reboot of the machine, as its name with _rebooted.

reboot_with_live_boxes__leaves_nothing_stale() {
	log_in one ada
	log_in two ada -tt
	log_in other bob
	in_session one 'echo kept >~/kept; sync ~/kept; setsid sleep 1000 >/dev/null 2>&1 &'
	exit 85
}
reboot_with_live_boxes__leaves_nothing_stale_rebooted() {
	eq "$(find /run/nsbox -mindepth 1 ! -name cgroup ! -path '*/net' ! -path '*/net/[a-z]*' 2>/dev/null)" '' 'records'
	eq "$(cgroups_of ada-1)" '' cgroups
	no_boxes || fault "processes: $(pgrep -a '^nsbox-[^k]')"
	eq "$(nssh -l | wc -l)" 1 'lines of nssh -l'
	lacks "$(who)" 'ada|bob' who
	eq "$(ssh ada@host 'cat /run/nsbox/name ~/kept')" $'ada-1\nkept' 'the next login'
	eq "$(ssh bob@host 'cat /run/nsbox/name')" bob-1
	wait_gone ada-1
}
