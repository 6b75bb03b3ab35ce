# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The other doors of a host: the rows of the table in pam_nsbox(8), one after the other.

where='cat /run/nsbox/name 2>/dev/null || echo outside'
host_s_user_namespace() { readlink /proc/self/ns/user; }

# open_doors SERVICE...: boxed by these besides sshd, as pam_nsbox(8) says. /srv/seen is where jobs leave what they see.
open_doors() {
	local service
	install -d -m 1777 /srv/seen
	rm -rf /srv/seen/*
	configure "services = sshd $*" 'bind = /srv/seen'
	for service; do echo 'session required pam_nsbox.so exempt=sudo' >>"/etc/pam.d/$service"; done
}
is_there() { [ -s "/srv/seen/$1" ]; }
seen() {
	within "${2:-10000}" is_there "$1" || fault "nothing was seen of $1: $(tail -n 5 /var/log/auth.log)"
	cat "/srv/seen/$1"
}

# --- login(1) -----------------------------------------------------------------------------------------------------

# by_login USER LINE: logs in on a terminal, without being asked for a password, and types a line at the prompt.
by_login() {
	expect <<-END | tr -d '\r'
		set timeout 20
		spawn -noecho login -f $1
		expect -re {[\$] \$} {} eof { exit }
		send "$2; exit\r"
		expect eof
	END
}

login__is_outside_with_a_shell_of_the_host() {
	open_doors
	matches "$(by_login ada "$where")" outside 'where ada is'
}

login__is_boxed_with_nssh_as_login_shell() {
	open_doors
	usermod -s /usr/local/bin/nssh ada
	matches "$(by_login ada "$where; tty")" 'ada-1.*/dev/pts/0' 'where ada is'
	wait_gone ada-1 3000
}

login__is_no_service_that_can_be_named() {
	configure 'services = sshd login'
	matches "$(nssh --check 2>&1 || true)" 'services.*not known' 'what nssh --check says'
	# Nor is there a way past: who is to be boxed is refused where the file is wrong, and the line is there.
	echo 'session required pam_nsbox.so exempt=sudo' >>/etc/pam.d/login
	lacks "$(by_login ada "$where")" 'outside|ada-' 'where ada is'
}

# --- su -----------------------------------------------------------------------------------------------------------

su__is_outside_unless_named() {
	open_doors
	echo 'session required pam_nsbox.so exempt=sudo' >>/etc/pam.d/su
	eq "$(su ada -c "$where")" outside
	eq "$(su - ada -c "$where")" outside
	eq "$(su ada -c 'readlink /proc/self/ns/user')" "$(host_s_user_namespace)"
	eq "$(runuser -u ada -- sh -c "$where")" outside 'runuser'
}

su__by_root_is_boxed() {
	open_doors su
	eq "$(su ada -c "$where")" ada-1
	wait_gone ada-1
	eq "$(su - ada -c "$where; pwd; id -un; echo \$NSBOX \$XDG_RUNTIME_DIR")" $'ada-1\n/home/ada\nada\nada-1 /run/user/2000'
	wait_gone ada-1
	the_log | grep -F 'event=open box=ada-1 user=ada uid=2000' >/dev/null
}

su__by_a_user_with_a_password_is_boxed() {
	open_doors su
	eq "$(as bob su ada -c "$where" <<<pw-ada 2>/dev/null)" ada-1
	fails as bob su ada -c "$where" <<<wrong 2>/dev/null
}

su__to_root_or_the_exempt_is_outside() {
	open_doors su
	eq "$(su - root -c "$where")" outside root
	eq "$(su root -c "$where")" outside root
	eq "$(su - sam -c "$where")" outside sam
	eq "$(su - plain -c "$where")" plain-1
}

su__shell_is_like_any_in_the_box() {
	local state
	open_doors su
	state=$(su ada -c 'cat /proc/self/status; readlink /proc/self/ns/user; id; ps -e -o comm=')
	eq "$(awk '/^Cap/ { print $2 }' <<<"$state" | sort -u)" 0000000000000000 'capability sets'
	matches "$state" $'NoNewPrivs:\t1' status
	lacks "$state" "$(host_s_user_namespace)" 'namespaces'
	lacks "$state" $'\nsu(\n|$)' 'processes in the box'
	matches "$state" 'uid=2000\(ada\) gid=2000\(ada\) groups=2000\(ada\)' id
	eq "$(su dora -c id)" "$(id dora)" 'id of dora'
	eq "$(python3 -c 'import subprocess
subprocess.run(["su", "ada", "-c", "ls /proc/self/fd"])' | paste -sd ' ')" '0 1 2 3' 'open descriptors'
}

su__stays_where_it_was_called() {
	open_doors su
	as ada mkdir -p /home/ada/papers
	eq "$(cd /home/ada/papers && su ada -c pwd)" /home/ada/papers
	eq "$(cd /srv/nsbox/login && su ada -c pwd)" /srv/nsbox/login
	mkdir -p /tmp/of-the-host
	eq "$(cd /tmp/of-the-host && su ada -c pwd)" /
	mkdir /tmp/gone
	eq "$(cd /tmp/gone && rmdir /tmp/gone && su ada -c pwd)" /
}

# The end of the box is not to overtake su's own.
su__gives_the_exit_status() {
	local n
	open_doors su
	for n in {1..15}; do
		status "$n" su ada -c "exit $n"
	done
	status 0 su - ada -c true
	status 143 su ada -c 'kill $$'
	eq "$(echo a | su ada -c 'tr a b')" b 'what goes through'
}

su__lets_go_of_the_box() {
	open_doors su
	su ada -c true
	wait_gone ada-1
	the_log | grep -F 'pam_unix(su:session): session closed for user ada' >/dev/null
}

su__refused_does_not_run() {
	open_doors su
	configure 'colour = blue'
	status 1 su ada -c 'touch /tmp/in' 2>/tmp/said
	matches "$(cat /tmp/said)" 'not configured correctly.*cannot open session' 'what was said'
	[ ! -e /tmp/in ]
	su root -c true
	su sam -c true
	configure 'services = sshd su'
	rm "$helper"
	fails su ada -c 'touch /tmp/in' 2>/dev/null
	[ ! -e /tmp/in ]
}

# su itself is the process on its way into the box, and its shell comes after. Each step fails in turn.
su__ends_half_way() {
	local step call n
	open_doors su
	strace -qq -o /tmp/trace su ada -c true
	wait_gone ada-1
	for step in 'fcntl(.*F_SETOWN' 'write(.*"0", 1)' 'setns(' 'setresuid(0, 0, 0)' 'keyctl(.*JOIN' 'prctl(PR_CAPBSET_DROP' 'capset(' \
		'prctl(PR_SET_NO_NEW_PRIVS' 'prctl(PR_SET_SECCOMP'; do
		call=${step%%(*}
		grep "^$call(" /tmp/trace >/tmp/calls
		n=$(grep -n -m 1 "^$step" /tmp/calls | cut -d: -f1)
		note_log
		fails strace -qq -o /tmp/trace.2 -e inject="$call:error=EPERM:when=$n" su ada -c 'touch /srv/seen/in' 2>/tmp/said ||
			fault "with $step failing"
		[ ! -e /srv/seen/in ] || fault "the command has run, with $step failing"
		matches "$(cat /tmp/said)" 'could not be set up' "what was said, with $step failing"
		matches "$(log_since)" 'session refused.*half way into the box' "the log, with $step failing"
		wait_gone ada-1 3000
	done
}

su__ends_with_the_box() {
	local pid
	open_doors su
	su ada -c 'sleep 100' &
	pid=$!
	within 5000 init_of ada-1 >/dev/null
	within 5000 pgrep -x sleep >/dev/null
	kill -KILL "$(init_of ada-1)"
	status 137 wait "$pid" 2>/dev/null
	wait_gone ada-1
}

# A program in the box types a command for the shell of the host.
typing='
import ctypes, fcntl, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for command in 0x5412, 0x541c:
    for high in 0, 1 << 32, 0xffffffff << 32:
        ctypes.set_errno(0)
        libc.syscall(16 if os.uname().machine == "x86_64" else 29, 0, ctypes.c_ulong(command | high), b"x")
        print(ctypes.get_errno(), end=" ")
try:
    fcntl.ioctl(0, 0x5412, b"x")
except OSError as error:
    print(error.errno)
fcntl.ioctl(0, 0x5413, b" " * 8)
print("size")
'
su__types_nothing_into_the_terminal() {
	open_doors su
	echo "$typing" >/srv/seen/type.py
	matches "$(script -qec 'su ada -c "python3 /srv/seen/type.py"' /dev/null </dev/null | tr -d '\r')" \
		$'1 1 1 1 1 1 1\nsize' 'what its ioctls say'
}

su__with_pty_has_a_terminal_of_the_box() {
	open_doors su
	matches "$(script -qec "su --pty ada -c 'tty; $where; ls /dev/pts'" /dev/null </dev/null | tr -d '\r')" \
		$'/dev/pts/0\nada-1\n0' 'terminal'
	# And without it the caller's, which has no name there.
	matches "$(script -qec "su ada -c 'tty; $where; echo >/dev/tty'" /dev/null </dev/null | tr -d '\r')" \
		$'not a tty\nada-1' 'terminal'
}

su__has_job_control() {
	open_doors su
	cat >/tmp/su.exp <<-'END'
		set timeout 20
		spawn -noecho su - ada
		send "cat /run/nsbox/name; sleep 50\r"
		expect "ada-1" {} timeout { exit 1 }
		sleep 0.5
		send "\x1a"
		expect "Stopped" {} timeout { exit 2 }
		send "jobs; kill %1; fg\r"
		expect "Stopped" {} timeout { exit 3 }
		send "sleep 51\r"
		sleep 0.5
		send "\x03"
		send "echo in\$((1+1)); exit 5\r"
		expect "in2" {} timeout { exit 4 }
		expect eof
		exit [expr [lindex [wait] 3] != 5]
	END
	expect /tmp/su.exp >/tmp/su.out 2>&1 || fault "step $?: $(cat /tmp/su.out)"
	wait_gone ada-1
}

# --- sudo ---------------------------------------------------------------------------------------------------------

sudo__is_outside() {
	open_doors su
	eq "$(sudo -u ada sh -c "$where")" outside
	eq "$(sudo -u ada -i sh -c "$where")" outside
}

# --- cron ---------------------------------------------------------------------------------------------------------

# Where they run already, as in a virtual machine, the tests have their own meanwhile.
as_a_service() { ! [ -e /run/systemd/private ] || systemctl "$1" "$2"; }

# cron_job USER LINE: what is to be done when cron starts, which has PAM open a session as for any other job. cron -f ends
# with the test.
cron_job() {
	echo "@reboot $2" | crontab -u "$1" -
	as_a_service stop cron
	rm -f /run/crond.reboot /run/crond.pid
	cron -f 2>/dev/null &
	echo $! >/tmp/cron.pid
}
end_cron() {
	kill "$(cat /tmp/cron.pid)"
	rm -f /var/spool/cron/crontabs/*
	as_a_service start cron
}

cron__is_outside_unless_named() {
	trap end_cron EXIT
	open_doors
	cron_job ada "($where; readlink /proc/self/ns/user) >/srv/seen/job.new 2>&1; mv /srv/seen/job.new /srv/seen/job"
	eq "$(seen job)" "outside
$(host_s_user_namespace)"
}

cron__job_is_boxed() {
	trap end_cron EXIT
	open_doors cron
	cron_job ada "($where; pwd; id -un; echo \$NSBOX; grep NoNew /proc/self/status; cat) >/srv/seen/job.new 2>&1; mv /srv/seen/job.new /srv/seen/job%input"
	eq "$(seen job)" $'ada-1\n/home/ada\nada\nada-1\nNoNewPrivs:\t1\ninput'
	wait_gone ada-1
	within 1000 log_says 'pam_unix(cron:session): session closed for user ada'
}
log_says() { the_log | grep -F "$1" >/dev/null; }

cron__job_of_root_is_outside() {
	trap end_cron EXIT
	open_doors cron
	cron_job root "($where; id -un) >/srv/seen/job.new; mv /srv/seen/job.new /srv/seen/job"
	eq "$(seen job)" $'outside\nroot'
}

cron__refused_job_does_not_run() {
	trap end_cron EXIT
	open_doors cron
	configure 'colour = blue'
	note_log
	cron_job ada 'touch /srv/seen/job'
	within 10000 refusal_is_logged || fault "no refusal: $(log_since)"
	within 3000 no_job_of_cron
	[ ! -e /srv/seen/job ] || fault 'the job has run'
}
refusal_is_logged() { log_since | grep -F 'session refused: ada' >/dev/null; }
no_job_of_cron() { ! pgrep -P "$(cat /tmp/cron.pid)" >/dev/null; }

cron__mails_what_a_job_prints_from_the_box() {
	trap 'end_cron; rm /usr/sbin/sendmail' EXIT
	open_doors cron
	printf '#!/bin/sh\n%s\n' "{ $where; id -un; cat; } >/srv/seen/mail.new; mv /srv/seen/mail.new /srv/seen/mail" >/usr/sbin/sendmail
	chmod 755 /usr/sbin/sendmail
	cron_job ada 'echo printed'
	matches "$(seen mail)" $'^ada-1\nada\n.*\nprinted$' mail
	wait_gone ada-1
}

# --- at -----------------------------------------------------------------------------------------------------------

# at_job USER LINE: atd ends with the test.
at_job() {
	as_a_service stop atd
	rm -f /run/atd.pid
	atd -f &
	echo $! >/tmp/atd.pid
	within 5000 test -s /run/atd.pid
	as "$1" at now <<<"$2" 2>/dev/null
}
end_at() {
	kill "$(cat /tmp/atd.pid)"
	find /var/spool/cron/at* -type f -name '*0*' -delete
	as_a_service start atd
}
spool_is_empty() { [ -z "$(find /var/spool/cron/at* -type f ! -name '.*')" ] && [ -z "$(atq)" ]; }

at__is_outside_unless_named() {
	trap end_at EXIT
	open_doors
	at_job ada "($where; readlink /proc/self/ns/user) >/srv/seen/job.new 2>&1; mv /srv/seen/job.new /srv/seen/job"
	eq "$(seen job)" "outside
$(host_s_user_namespace)"
}

at__job_is_boxed() {
	trap end_at EXIT
	open_doors atd
	at_job ada "($where; pwd; id; grep NoNew /proc/self/status; ps -e -o comm=) >/srv/seen/job.new 2>&1; mv /srv/seen/job.new /srv/seen/job"
	matches "$(seen job)" "^ada-1"$'\n'"/home/ada"$'\n'"$(id ada | sed 's/[()]/\\&/g')"$'\nNoNewPrivs:\t1\n' 'what the job sees'
	lacks "$(seen job)" 'atd' 'processes in the box'
	wait_gone ada-1
}

# That is atd's, on the host.
at__job_leaves_nothing_and_is_mailed() {
	trap 'end_at; rm /usr/sbin/sendmail' EXIT
	open_doors atd
	printf '#!/bin/sh\n%s\n' "{ $where; id -un; cat; } >/srv/seen/mail.new; mv /srv/seen/mail.new /srv/seen/mail" >/usr/sbin/sendmail
	chmod 755 /usr/sbin/sendmail
	at_job ada 'echo printed; cat /run/nsbox/name; sleep 0.5'
	matches "$(seen mail)" $'^outside\nada\n.*\nprinted\nada-1$' mail
	within 3000 spool_is_empty || fault "left: $(find /var/spool/cron/at* -type f) $(atq)"
	wait_gone ada-1
	within 1000 log_says 'pam_unix(atd:session): session closed for user ada'
}

at__job_of_root_is_outside() {
	trap end_at EXIT
	open_doors atd
	at_job root "($where; id -un) >/srv/seen/job.new; mv /srv/seen/job.new /srv/seen/job"
	eq "$(seen job)" $'outside\nroot'
}

at__refused_job_does_not_run() {
	trap end_at EXIT
	open_doors atd
	configure 'colour = blue'
	note_log
	at_job ada 'touch /srv/seen/job'
	within 10000 refusal_is_logged || fault "no refusal: $(log_since)"
	within 3000 no_job_of_at
	[ ! -e /srv/seen/job ] || fault 'the job has run'
}
no_job_of_at() { ! pgrep -P "$(cat /tmp/atd.pid)" >/dev/null; }

# --- from inside --------------------------------------------------------------------------------------------------

doors_inside__lead_nowhere() {
	local try
	open_doors su cron atd
	echo "ada ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ada
	for try in 'su -c "touch /srv/seen/out" <<<pw-root' 'su bob -c "touch /srv/seen/out" <<<pw-bob' 'sudo -n touch /srv/seen/out' \
		'echo "touch /srv/seen/out" | at now' 'echo "* * * * * touch /srv/seen/out" | crontab -' \
		'nsenter -t 1 -a touch /srv/seen/out' 'runuser -u bob touch /srv/seen/out' 'login -f root' 'newgrp sudo' \
		'pkexec touch /srv/seen/out' "$helper open ada sshd - 3<>/dev/null" "$helper enter - - 0 3<>/dev/null"; do
		fails ssh ada@host "$in_box; $try" >/dev/null 2>&1
	done
	[ ! -e /srv/seen/out ] || fault 'something has run outside'
	eq "$(find /var/spool/cron -type f ! -name '.*')" '' 'spool of the host'
	eq "$(ssh ada@host "$in_box; find /var/spool/cron /var/mail -writable 2>/dev/null" || true)" '' 'what can be written there'
}

doors_inside__show_nothing_of_the_host_s_processes() {
	open_doors su
	log_in one ada
	su ada -c 'sleep 100' &
	within 5000 init_of ada-2 >/dev/null
	eq "$(in_session one 'for p in /proc/[0-9]*; do [ "$(cat $p/root/run/nsbox/name 2>/dev/null || echo ada-1)" = ada-1 ] || echo $p; done')" \
		'' 'roots of other boxes or of the host'
	eq "$(in_session one "find /proc/[0-9]*/root/root -maxdepth 1 2>/dev/null | grep -c /root/root/ || true")" 0 "files of root's"
	lacks "$(nssh -u ada ada-2 -- sh -c 'ps -e -o comm=; true')" '(^|\n)(su|sshd)' 'processes in the box of su'
	kill $!
}

doors_inside__have_no_sockets_of_the_host() {
	local paths abstract
	open_doors su
	python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX); s.bind("\0of-the-host"); s.listen()
t = socket.socket(socket.AF_UNIX); t.bind("/run/of-the-host"); t.listen(); time.sleep(50)' &
	within 5000 test -S /run/of-the-host
	chmod 777 /run/of-the-host
	for abstract in ssh:ada@host su:ada; do
		paths=$(if [ "${abstract%%:*}" = ssh ]; then ssh ada@host 'cat /proc/net/unix'; else su ada -c 'cat /proc/net/unix'; fi)
		lacks "$paths" 'of-the-host' "sockets of $abstract"
	done
	fails su ada -c 'nc -zU /run/of-the-host' 2>/dev/null
	fails su ada -c "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"\\0of-the-host\")'" 2>/dev/null
	eq "$(su ada -c 'find / -xdev -type s 2>/dev/null; find /run /tmp /dev -type s 2>/dev/null' | grep -v '^/run/nsbox/' || true)" '' \
		'sockets in the box'
}

# With the host's network the host's sshd answers, and gives a box.
doors_inside__ssh_to_the_host_gives_a_box() {
	configure 'network = host'
	cp /root/.ssh/id_ed25519 /home/ada/.ssh/
	chown ada: /home/ada/.ssh/id_ed25519
	matches "$(ssh ada@host "$in_box; ssh -p 2222 -o StrictHostKeyChecking=no -o LogLevel=ERROR 127.0.0.1 cat /run/nsbox/name")" '^ada-[0-9]+$' \
		'where the second login is'
	configure 'enable = yes'
	fails ssh ada@host "$in_box; ssh -p 2222 -o StrictHostKeyChecking=no 127.0.0.1 true" 2>/dev/null
}

# --- nssh --check ---------------------------------------------------------------------------------------------------

checked() { nssh --check 2>&1 || true; }
says() { matches "$(checked)" "$1" 'what nssh --check says'; }

check__says_which_services_are_boxed() {
	configure 'services = sshd su'
	says "error: services: $conf:2: services has su, but the session stack of su lacks its last line"
	says 'error: services: [^ ]* services has su, but the session stack of su-l lacks'
	says 'ok: services: sessions of cron are outside: services does not have cron'
	open_doors su cron
	says 'ok: services: sessions of su are boxed: /etc/pam.d/su:[0-9]+: pam_nsbox.so is the last'
	says 'ok: services: sessions of su-l are boxed: /etc/pam.d/su:'
	says 'ok: services: sessions of cron are boxed'
	configure '[default]' 'enable = yes' '[user:ada]' 'services = atd' '[user:bob]' 'services = cron'
	says "error: services: $conf:4: services has atd, but"
	says 'ok: services: sessions of cron are boxed'
	says 'ok: services: sessions of su are outside'
	echo 'session optional pam_umask.so' >>/etc/pam.d/cron
	says 'error: services: /etc/pam.d/cron:[0-9]+: pam_umask.so comes after pam_nsbox.so'
	status 1 nssh --check >/dev/null 2>&1
}

check__says_whose_login_shell_is_nssh() {
	sed -i '/nssh/d' /etc/shells
	says 'ok: shells: nobody has nssh as login shell'
	usermod -s /usr/local/bin/nssh ada
	usermod -s /usr/local/bin/nssh bob
	says 'ok: shells: 2 users have nssh as login shell \(ada, bob\) and cannot log in when it is gone.*usermod -s'
	says 'error: shells: /usr/local/bin/nssh is not in /etc/shells'
	add-shell /usr/local/bin/nssh
	lacks "$(checked)" 'error: shells'
	usermod -s /usr/bin/nssh ada
	usermod -s /usr/bin/nssh bob
	says 'error: shells: /usr/bin/nssh is their login shell and cannot be executed'
}

# --- those who look -----------------------------------------------------------------------------------------------

who__shows_the_remote_host_and_the_time() {
	log_in one ada
	matches "$(who)" "ada +(ada-1[.0-9]*|sshd) +$(date +%F) [0-9:]{5} \\(127\\.0\\.0\\.1\\)" who
}

# There is no terminal of that name on the host: nobody is told that a message has arrived.
write__says_that_a_boxed_user_takes_no_messages() {
	log_in one ada -tt
	matches "$(write ada <<<hello 2>&1 || true)" 'ada has messages disabled' write
	fails write ada <<<hello 2>/dev/null
	fails write ada "$(who | awk '/^ada / { print $2 }')" <<<hello 2>/dev/null
	matches "$(write bob <<<hello 2>&1 || true)" 'bob is not logged in' write
}
