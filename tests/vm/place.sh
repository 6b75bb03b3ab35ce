# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What login tests need to know of the virtual machine; tests/host/place.sh says the same of the disposable host.
# shellcheck disable=SC2034 # used by tests/login/lib.sh

# Times are multiplied by this: all of the machine is emulated, and another one beside it.
slowness=8

in_place() { [ -e /run/nsbox-tests/agent ]; }

# what nsbox, sshd and the other services that are placed have logged lately
loggers=(-t sshd -t sshd-session -t nsbox -t nsbox-keys -t su -t cron -t CRON -t atd)
the_log() {
	journalctl --sync
	journalctl -q --no-pager -n 200 "${loggers[@]}"
}

# and what since note_log
note_log() {
	journalctl --sync
	log_from=$(journalctl -q --no-pager -n 1 --show-cursor | sed -n 's/^-- cursor: //p')
}
log_since() {
	journalctl --sync
	journalctl -q --no-pager --after-cursor="$log_from" "${loggers[@]}"
}

# The tests' own cgroup has what they started, the sessions' what sshd did.
servers_and_clients() {
	local pid own keep
	own=$(</proc/self/cgroup)
	keep=" $(</run/nsbox-tests/agent) $(</run/nsbox-tests/running) $$ $PPID $BASHPID "
	cat "/sys/fs/cgroup${own#0::}/cgroup.procs" \
		/sys/fs/cgroup/user.slice/user-*.slice/session-*.scope/cgroup.procs 2>/dev/null |
		while read -r pid; do [[ $keep = *" $pid "* ]] || echo "$pid"; done
}

# What else the tests' users run: all but their own managers.
strangers() {
	local pid
	servers_and_clients
	pgrep '^nsbox-[^k]'
	awk -F '[:\t]+' '/^Uid/ && ($2 >= 2000 && $2 < 60000 || $2 == 70000) { split(FILENAME, path, "/"); print path[3] }' \
		/proc/[0-9]*/status 2>/dev/null |
		while read -r pid; do grep -qs '/user@[0-9]*[.]service' "/proc/$pid/cgroup" || echo "$pid"; done
	true
}

# mounts that were made since nsbox was installed; systemd has its own
new_mounts() {
	awk '{ print $5 }' /proc/self/mountinfo | grep -vxFf /srv/nsbox/mounts | grep -vE '^/run/(user|credentials)/'
}

# The server may have been told to listen elsewhere, or not at all.
settle() {
	! nc -z 127.0.0.1 2222 2>/dev/null || return 0
	systemctl stop ssh.socket
	systemctl restart ssh
	within 5000 nc -z 127.0.0.1 2222
}
