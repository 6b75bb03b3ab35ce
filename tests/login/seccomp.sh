# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The system calls that no process of a box may make, by whichever way it came in.

# calls [nested]: prints which of them do not answer as the filter has it (tests/hostile/calls.c)
calls=/srv/nsbox/hostile/calls

calls__are_denied_by_ssh_and_by_nssh_and_by_a_hop() {
	configure 'services = sshd su'
	log_in one ada
	log_in two ada
	eq "$(in_session one "$calls")" '' 'a login by ssh'
	eq "$(as ada nssh ada-1 -- "$calls")" '' 'nssh from outside'
	eq "$(as ada nssh -n -- "$calls")" '' 'nssh with a box of its own'
	eq "$(in_session one "nssh ada-2 -- $calls")" '' 'a hop'
	eq "$(in_session one "script -qec $calls /dev/null")" '' 'on a terminal'
}

calls__are_denied_by_su() {
	configure 'services = su'
	echo 'session required pam_nsbox.so exempt=sudo' >>/etc/pam.d/su
	eq "$(su ada -c "$in_box; $calls")" '' 'what su runs'
}

# That the kernel would let through what is tested above.
calls__are_made_with_seccomp_off() {
	local made name
	configure 'seccomp = off'
	made=$(ssh ada@host "$calls" || true)
	for name in keyctl clone3 io_uring_setup bpf kcmp TIOCSTI TIOCLINUX; do
		grep -q "^native $name " <<<"$made" || fault "$name is still denied"
	done
	eq "$(ssh ada@host "grep Seccomp: /proc/self/status")" "Seccomp:	0"
	eq "$(as ada nssh -n -- grep Seccomp: /proc/self/status)" "Seccomp:	0" 'by nssh'
	# No namespaces, all the same.
	fails ssh ada@host 'unshare --user true 2>/dev/null'
}

# typed USER: what a program is told that types into its own terminal
typed() {
	ssh -tt "$1@host" "python3 -c 'import fcntl, termios; fcntl.ioctl(0, termios.TIOCSTI, b\" \")' 2>&1 | tail -n 1" </dev/null
}

nothing__is_typed_into_the_own_terminal() {
	matches "$(typed ada)" 'Errno 1\]|PermissionError' 'with the filter'
	configure 'seccomp = off'
	# Where the host has dev.tty.legacy_tiocsti = 0 it is EIO.
	lacks "$(typed ada)" 'Errno 1\]|PermissionError' 'without'
}

# in_one_box PID: all processes of its user namespace, one a line
in_one_box() { inhabitants "$(readlink "/proc/$1/ns/user")" | sed -E 's,^/proc/([0-9]+)/.*,\1,' | sort -u; }

each_process__has_the_filter() {
	local pid names='' init
	configure 'scope = user'
	log_in one ada
	log_in two ada
	sftp -q ada@host < <(sleep 20) >/dev/null 2>&1 &
	as ada nssh ada-1 -- sleep 30 &
	init=$(init_of ada-1)
	within 5000 eval "in_one_box $init | xargs ps -o comm= | grep -q sftp-server" || fault 'no sftp-server'
	within 5000 eval "in_one_box $init | xargs ps -o comm= | grep -q sleep" || fault 'no command of nssh'
	for pid in $(in_one_box "$init"); do
		names+=" $(cat "/proc/$pid/comm")"
		eq "$(awk '/^Seccomp:|^NoNewPrivs:/ { printf "%s ", $2 }' "/proc/$pid/status")" '1 2 ' \
			"no_new_privs and seccomp of $(cat "/proc/$pid/comm")"
	done
	for name in nsbox-init sshd bash sftp-server sleep; do matches "$names " " $name" 'processes'; done
}

filter__is_the_box_s_as_long_as_it_lives() {
	configure 'scope = user'
	log_in one ada
	configure 'scope = user' 'seccomp = off'
	eq "$(ssh ada@host "$in_box; $calls")" '' 'a login after the change'
	eq "$(as ada nssh ada-1 -- "$calls")" '' 'nssh after the change'
}

# What users of a machine do all day.
debuggers_threads_and_numa__work_in_a_box() {
	local python='import ctypes, subprocess, threading
done = []
thread = threading.Thread(target=done.append, args=(1,))
thread.start()
thread.join()
subprocess.run(["true"], check=True)
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(239, None, None, 0, None, 0)  # get_mempolicy
denied = ctypes.get_errno() == 1
print(done, libc.personality(0x0040000) >= 0, denied)'
	log_in one ada
	eq "$(in_session one "strace -fo /dev/null sh -c 'true; exit 3'; echo \$?")" 3 'strace'
	# A tracer that answers in the kernel's place.
	eq "$(in_session one "strace -qo /dev/null -e inject=uname:retval=0 uname -s >/dev/null && echo well")" well 'strace that injects'
	eq "$(in_session one "strace -qqo /dev/null -e inject=getppid:retval=77 python3 -c 'import os; print(os.getppid())'")" 77 \
		'a call that strace answers'
	[ "$(uname -m)" != x86_64 ] || eq "$(in_session one "python3 -c '$python'")" '[1] True False' 'python'
}
