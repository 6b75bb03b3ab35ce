# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What users, and their boxes, have to themselves: processes, sockets, keys, memory, queues, files; and what a login brings.

two_users() {
	log_in one ada
	log_in two bob
}

processes_of_others__are_not_seen() {
	two_users
	in_session two '(exec -a bobs sleep 1000) &' >/dev/null
	lacks "$(in_session one 'ps -eo args=; ls /proc')" 'bobs' 'processes'
	eq "$(in_session one 'ps -eo user= | sort -u')" ada 'whose processes there are'
	matches "$(in_session one "kill -0 $(pgrep -x bobs || pgrep -f '^bobs')")" 'No such process'
}

sockets_of_others__are_not_seen() {
	two_users
	python3 -c 'import socket, time; s = socket.socket(socket.AF_UNIX); s.bind("\0of-the-host"); s.listen(); time.sleep(100)' &
	in_session two "python3 -c 'import socket, time; s = socket.socket(socket.AF_UNIX); s.bind(\"\\0of-bob\"); s.listen(); time.sleep(100)' >/dev/null 2>&1 &"
	within 3000 grep -q @of-the-host /proc/net/unix
	lacks "$(in_session one 'cat /proc/net/unix')" '@of-' 'abstract sockets'
	matches "$(in_session one "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"\\0of-the-host\")'")" ConnectionRefused
	lacks "$(in_session one 'ss -Hltn; cat /proc/net/tcp')" ':2222|:08AE' 'servers of the host'
}

sockets_of_the_host__lie_where_no_box_looks() {
	local socket
	python3 -c 'import os, socket, time
all = []
for path in "/run/docker.sock", "/run/hostile/api", "/tmp/host.sock", "/var/tmp/host.sock", "/dev/shm/host.sock":
    os.makedirs(os.path.dirname(path), exist_ok=True)
    s = socket.socket(socket.AF_UNIX); s.bind(path); os.chmod(path, 0o777); s.listen(); all.append(s)
time.sleep(100)' &
	within 3000 test -S /dev/shm/host.sock
	for socket in /run/docker.sock /var/run/docker.sock /run/hostile/api /tmp/host.sock /var/tmp/host.sock /dev/shm/host.sock; do
		[ -S "$socket" ] || fault "$socket is not on the host"
	done
	eq "$(ssh ada@host "$in_box; find /run /var/run/ /tmp /var/tmp /dev/shm -type s -not -path '*/nsbox/boxes/*' 2>/dev/null")" '' sockets
	rm -r /run/docker.sock /run/hostile /var/tmp/host.sock /dev/shm/host.sock
}

keys_of_others__are_not_seen() {
	local reach=/srv/nsbox/hostile/reach
	two_users
	eq "$("$reach" key_add; as ada "$reach" key_add)" $'key_add done\nkey_add done' 'keys of the host'
	eq "$(as ada "$reach" key_find)" 'key_find done' 'the key of her own on the host'
	in_session two "$reach key_add" >/dev/null
	eq "$(in_session one 'cat /proc/keys')" '' /proc/keys
	matches "$(in_session one "$reach key_find")" 'key_find E' 'keys in her box'
}

memory_and_queues_of_others__are_not_seen() {
	two_users
	ipcmk -M 4096 -p 666 >/dev/null
	ipcmk -S 3 -p 666 >/dev/null
	ipcmk -Q -p 666 >/dev/null
	in_session two 'ipcmk -M 4096 -p 666; ipcmk -S 3 -p 666; ipcmk -Q -p 666; echo x >/dev/shm/of-bob; echo x >/tmp/of-bob; echo x >/var/tmp/of-bob' >/dev/null
	in_session two "python3 -c 'import ctypes; ctypes.CDLL(None).mq_open(b\"/of-bob\", 66, 0o666, None)'" >/dev/null
	eq "$(in_session two 'ls /dev/mqueue')" of-bob 'the queue of bob'
	echo x >/dev/shm/of-the-host
	eq "$(in_session one 'ipcs | grep -c 0x')" 0 'what ipcs lists'
	eq "$(in_session one 'ls -A /dev/mqueue /dev/shm /tmp /var/tmp' | grep of- || true)" '' 'files of others'
	ipcrm --all
	rm /dev/shm/of-the-host
}

# What sshd, and nssh, have open when the command begins.
descriptors_of_a_login__are_three() {
	local list='for f in /proc/self/fd/*; do echo "${f##*/}"; done'
	eq "$(ssh ada@host "exec 3>&1; /bin/sh -c 'exec 3>&-; $list'" | grep -vc '^[0123]$' || true)" 0 'more descriptors'
	# One is that of the listing itself.
	eq "$(ssh ada@host 'ls /proc/self/fd' | paste -sd' ')" '0 1 2 3'
	eq "$(exec 8</etc/shadow 9</root; nssh -u ada -- ls /proc/self/fd | paste -sd' ')" '0 1 2 3'
	eq "$(as ada nssh -- ls /proc/self/fd 9</etc/passwd | paste -sd' ')" '0 1 2 3'
}

# Given from outside by the owner, and as far as the owner may go there.
descriptor_from_the_owner__gives_what_the_owner_has() {
	mkdir -p /srv/given
	echo text >/srv/given/file
	eq "$(as ada bash -c 'exec nssh -- cat </srv/given/file')" text
	matches "$(as ada bash -c 'exec nssh -- sh -c "ls /proc/self/fd/0/../; cat /proc/self/fd/0/../../etc/shadow" </srv/given' 2>&1)" 'denied|No such|Permission' 'what /etc/shadow gives'
	rm -r /srv/given
}
