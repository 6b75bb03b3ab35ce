# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nested = yes: containers in a box.

unshare__is_denied_unless_nested() {
	fails ssh ada@host 'unshare --user --map-root-user true 2>/dev/null'
	fails as ada nssh -n -- unshare --user true 2>/dev/null
	configure 'nested = yes'
	eq "$(ssh ada@host 'unshare --user --map-root-user --mount --pid --fork --mount-proc sh -c "id -u; ps -e | wc -l"')" $'0\n4' 'ssh'
	eq "$(as ada nssh -n -- unshare --user --map-root-user id -u)" 0 'nssh'
}

nested__opens_nothing_but_containers() {
	local box
	configure 'nested = yes'
	log_in one ada
	box=$(box_of one)
	eq "$(in_session one '/srv/nsbox/hostile/calls nested')" '' 'calls that are denied all the same'
	eq "$(in_session one 'awk "/^Seccomp:|^NoNewPrivs:/ { printf \"%s \", \$2 }" /proc/self/status')" '1 2 ' 'no_new_privs and seccomp'
	eq "$(in_session one 'cat /etc/subuid /etc/subgid')" '' 'subordinate ids'
	eq "$(in_session one 'grep -v nosuid /proc/self/mounts')" '' 'mounts that are not nosuid'
	eq "$(in_session one "unshare -Ur --mount --pid --fork sh -c 'mount -t tmpfs none /mnt && umount /mnt && mount -t proc none /proc' && echo done")" 'done' \
		'what a root of their own can do'
	# What was masked is kept by its modes, also from a root of their own.
	for try in 'echo x >/proc/sys/kernel/core_pattern' 'echo b >/proc/sysrq-trigger' 'head -c 1 /proc/kcore' \
		'echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start' 'echo 5 >/proc/sys/user/max_user_namespaces' \
		'umount /root' 'cat /etc/shadow | grep .' 'mount -o remount,bind,rw /usr' 'mount -o remount,bind,suid /usr' \
		'hostname stolen' 'ip link set lo down'; do
		eq "$(in_session one "{ $try; } >/dev/null 2>&1 && echo done")" '' "$try"
		[[ $try = *max_user_namespaces* ]] ||
			eq "$(in_session one "unshare -Ur --mount sh -c '{ $try; }' >/dev/null 2>&1 && echo done")" '' "$try, as a root of their own"
	done
	# What runs in a container ends with the box.
	in_session one 'setsid unshare -Ur --mount --pid --fork sleep 1000 >/dev/null 2>&1 &' >/dev/null
	log_out one
	wait_gone "$box"
}

# With a mount namespace of one's own, in which nothing lies on it, a directory can be renamed and its cover with it.
cover_in_the_home__is_refused_in_a_nested_box() {
	local key
	ssh ada@host 'mkdir secret; echo here >secret/file'
	for key in hide bind_ro; do
		configure "$key = /home/ada/secret"
		mkdir -p /home/ada/secret
		ssh ada@host true
		configure "$key = /home/ada/secret" 'nested = yes'
		note_log
		matches "$(ssh ada@host echo got in 2>&1 || true)" 'cannot be made as it is configured' "with $key"
		within 3000 eval 'log_since | grep -q "$key = /home/ada/secret does not hold with nested = yes"' || fault "$(log_since)"
	done
	configure 'hide = /srv' 'nested = yes'
	eq "$(ssh ada@host 'ls /srv')" '' 'elsewhere'
}

namespaces__of_a_nested_box_are_limited() {
	configure 'nested = yes'
	eq "$(ssh ada@host 'cat /proc/sys/user/max_*_namespaces | sort -u')" 128
	log_in one ada
	in_session one 'for i in {1..128}; do unshare --user sleep 30 >/dev/null 2>&1 & done' >/dev/null
	within 10000 has_sleepers 128 || fault "$(in_session one 'pgrep -xc sleep') have one of 128"
	eq "$(in_session one 'unshare --user true 2>/dev/null || echo none')" none 'one more'
	eq "$(in_session one 'pgrep -xc sleep')" 128 'namespaces at a time'
}
has_sleepers() { [ "$(in_session one 'pgrep -xc sleep')" = "$1" ]; }

bubblewrap__runs_in_a_nested_box() {
	local bwrap='bwrap --ro-bind / / --proc /proc --dev /dev --unshare-all'
	fails ssh ada@host "$bwrap true 2>/dev/null"
	configure 'nested = yes'
	eq "$(ssh ada@host "$bwrap sh -c 'echo \$\$; ls /proc | grep -c \"^[0-9]\"'")" $'2\n4'
}

# With a single id, and the layers as plain directories; nothing is fetched.
podman__runs_in_a_nested_box() {
	local podman='podman --log-level error --storage-driver vfs'
	command -v podman >/dev/null || skip 'podman is in the disposable host only'
	configure 'nested = yes' 'network = none'
	log_in one ada
	in_session one 'mkdir -p image/bin image/etc && cp /bin/busybox image/bin/ && ln -s busybox image/bin/sh &&
		cp --parents $(ldd /bin/busybox | grep -o "/lib[^ ]*") image && echo "a small image" >image/etc/issue' >/dev/null
	in_session one "tar --owner=0 --group=0 -C image -c . | $podman import - small" >/tmp/imported
	eq "$(in_session one "$podman run --rm --network=none --cgroups=disabled small /bin/sh -c 'busybox cat /etc/issue; echo \$\$' 2>&1")" \
		$'a small image\n1' "a container of $(tail -n 1 /tmp/imported)"
}
