# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What login tests need to know of the disposable host; tests/vm/place.sh says the same of the virtual machines.
# shellcheck disable=SC2034 # used by tests/login/lib.sh

# Times are multiplied by this.
slowness=1

in_place() { [ -e /run/services ]; }

# what nsbox and sshd have logged lately
the_log() { tail -n 200 /var/log/auth.log; }
# and what since note_log
note_log() { log_from=$(($(wc -l </var/log/auth.log) + 1)); }
log_since() { tail -n "+$log_from" /var/log/auth.log; }

servers_and_clients() { pgrep '^(ssh|expect)' | grep -vxFf <(tr ' ' '\n' </run/services); }

# Every process that is not the host's own.
strangers() {
	local pid keep
	keep=" 1 $(cat /run/services) $$ $PPID $BASHPID "
	for pid in /proc/[0-9]*; do
		pid=${pid#/proc/}
		[[ $keep = *" $pid "* ]] || echo "$pid"
	done
}

# mounts that were made since the host came up
new_mounts() { awk '{ print $5 }' /proc/self/mountinfo | grep -vxFf /srv/nsbox/mounts; }

# nothing to set right
settle() { :; }
