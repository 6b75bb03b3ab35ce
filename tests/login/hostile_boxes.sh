# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What a user does in a box, and to it, against those who come in: nobody is kept waiting, and nothing of theirs is seen.

programs=/srv/nsbox/hostile

# --- init, killed and stopped -----------------------------------------------------------------------------

init__is_not_ended_from_inside() {
	local signal
	log_in one ada
	for signal in KILL STOP SEGV INT HUP USR1 QUIT ABRT; do in_session one "kill -$signal 1" >/dev/null; done
	matches "$(in_session one "$programs/reach trace_init")" 'trace_init (EPERM|ENOSYS)'
	eq "$(in_session one 'cat /run/nsbox/name')" ada-1
	lacks "$(awk '/^State/ { print $2 }' "/proc/$(init_of ada-1)/status")" '[TtZ]' 'state of init'
}

init__killed_by_its_owner_s_process_ends_the_box() {
	log_in one ada
	as ada kill -KILL "$(init_of ada-1)"
	wait_gone ada-1
	eq "$(ssh ada@host cat /run/nsbox/name)" ada-1 'the next box'
}

# in_time SECONDS CMD...: and with words if it does not do what it is for
in_time() {
	local said got=0
	said=$(timeout "$(($1 * slowness))" "${@:2}" 2>&1 </dev/null) || got=$?
	[ "$got" != 124 ] || fault "'${*:2}' took more than $1 s"
	[ "$got" = 0 ] || matches "$said" '[A-Z][^:]*[a-z]' "what '${*:2}' says"
}
# As ada on the host.
nssh_in_time() { in_time "$1" setpriv --reuid ada --regid ada --init-groups env HOME=/home/ada nssh "${@:2}"; }
stop_one() {
	log_in one ada
	as ada kill -STOP "$(init_of ada-1)"
}

stopped_init__does_not_hold_up_nssh() {
	stop_one
	nssh_in_time 3 -l
	nssh_in_time 3 --stat
	nssh_in_time 12 --gc
	nssh_in_time 12 ada-1 -- true
	nssh_in_time 12 -- true
	nssh_in_time 12 -k ada-1
	wait_gone ada-1
}

stopped_init__does_not_hold_up_a_hop() {
	log_in two ada
	log_in one ada
	as ada kill -STOP "$(init_of ada-2)"
	in_session one 'timeout 20 nssh ada-1 -- true; echo $?' >/tmp/hop
	lacks "$(tail -n 1 /tmp/hop)" 124 'exit status of the hop'
	in_session one 'timeout 20 nssh -k ada-1; echo $?' >/tmp/hop
	lacks "$(tail -n 1 /tmp/hop)" 124 'exit status of the end'
	in_time 12 ssh ada@host true
}

stopped_monitor_s_child__does_not_hold_up_the_end_of_its_box() {
	log_in one ada
	as ada kill -STOP "$(children_of ada)"
	nssh_in_time 12 -k ada-1
	wait_gone ada-1
}

# --- init, flooded ----------------------------------------------------------------------------------------

memory_of() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
fds_of() { find "/proc/$1/fd" -type l | wc -l; }
hop_works() { [ "$(in_session one 'nssh ada-2 -- echo well')" = well ]; }

init__lives_through_a_flood() {
	local init fds memory
	log_in one ada
	log_in two ada
	init=$(init_of ada-2)
	hop_works
	fds=$(fds_of "$init") memory=$(memory_of "$init")
	matches "$(in_session one "$programs/flood ada-2 6000 & $programs/flood ada-2 6000; wait")" '^[1-9][0-9]*' 'connections taken'
	within 10000 hop_works || fault "$(in_session one 'nssh ada-2 -- echo well')"
	eq "$(init_of ada-2)" "$init" 'init of the box'
	eq "$(in_session two 'cat /run/nsbox/name')" ada-2
	within 8000 eval '! pgrep -x nsbox-hop >/dev/null' || fault "hops that stay: $(pgrep -xc nsbox-hop)"
	eq "$(fds_of "$init")" "$fds" 'descriptors of init'
	[ "$(memory_of "$init")" -le $((memory + 64)) ] || fault "init had $memory kB, and has $(memory_of "$init")"
}

lease__that_is_written_to_keeps_init_well() {
	local init
	log_in one ada
	init=$(init_of ada-1)
	# Only root can open it; should somebody get hold of one, init drops what it is told.
	timeout 2 sh -c "cat /dev/urandom >/proc/$init/fd/3" || true
	eq "$(in_session one 'echo well')" well
	hang_up one
	wait_gone ada-1
}

# --- those who come in ------------------------------------------------------------------------------------

newcomers__are_closed_until_they_are_the_user_s() {
	local n said
	configure 'scope = user'
	log_in one ada
	in_session one "$programs/pry $((4 * slowness)) >/tmp/pried 2>&1 &"
	for n in {1..8}; do
		as ada nssh -- sh -c 'exec sleep 0.05'
		[ $((n % 4)) != 0 ] || ssh ada@host 'sleep 0.05'
		[ "$n" != 5 ] || ssh -tt ada@host true </dev/null >/dev/null
	done
	in_session one "while pgrep -x pry >/dev/null; do sleep 0.1; done"
	said=$(in_session one 'cat /tmp/pried')
	matches "$said" $'(^|\n)refused [1-9][0-9]+, admitted [1-9]' 'what it met with'
	eq "$(grep -v '^refused' <<<"$said" || true)" '' 'what it got'
}

hops__are_closed_until_they_are_the_user_s() {
	local n said
	log_in one ada
	log_in two ada
	in_session two "$programs/pry $((3 * slowness)) >/tmp/pried 2>&1 &"
	for n in {1..6}; do in_session one "nssh ada-2 -- sh -c 'exec sleep 0.05'" >/dev/null; done
	in_session two "while pgrep -x pry >/dev/null; do sleep 0.1; done"
	said=$(in_session two 'cat /tmp/pried')
	matches "$said" $'(^|\n)refused [1-9][0-9]+, admitted [1-9]' 'what it met with'
	eq "$(grep -v '^refused' <<<"$said" || true)" '' 'what it got'
}

# A working directory of the host, by name or as a descriptor, is no way in for who comes with it.
directory_of_the_host__does_not_come_along() {
	local said
	log_in one ada
	said=$(as ada bash -c "cd /srv/nsbox/kept; exec 7</srv/nsbox; exec nssh ada-1 -- sh -c 'ls -l /proc/self/fd; cat /proc/self/fd/7/mounts; readlink /proc/self/cwd'" 2>&1)
	eq "$(tail -n 1 <<<"$said")" /srv/nsbox/kept 'the directory, which the box has too'
	lacks "$said" ' 7 -> '
	mkdir -p /root/only
	said=$(cd /root/only && nssh -u ada ada-1 -- sh -c 'pwd; ls -l /proc/self/cwd/..' 2>&1)
	eq "$(head -n 1 <<<"$said")" /home/ada 'where root comes from does not matter'
	rmdir /root/only
}

# --- what is loaded, and read -----------------------------------------------------------------------------

# A library that says so where it is loaded: by a constructor, and as a module for names and for PAM.
plant() {
	in_session one 'mkdir -p lib/security ~/.ssh; cd lib; cp /lib/*/libnss_files.so.2 libnss_planted.so.2
		for f in libnss_planted.so.2 libc.so.6 libpam.so.0 libcap.so.2; do printf broken >$f; done
		echo "LD_LIBRARY_PATH=/home/ada/lib
LD_PRELOAD=/home/ada/lib/libc.so.6" | tee ~/.pam_environment >~/.ssh/environment
		echo "echo rc ran in \$(cat /run/nsbox/name) >>~/ran" | tee ~/.ssh/rc ~/.bashrc >~/.profile'
	in_session one 'echo passwd: planted >/etc/nsswitch.conf; echo /home/ada/lib/libc.so.6 >/etc/ld.so.preload'
}

files_of_the_home__are_read_in_boxes_only() {
	log_in one ada
	matches "$(plant 2>&1)" 'Read-only file system|Permission denied'
	eq "$(ssh ada@host 'cat /run/nsbox/name; id -un')" $'ada-2\nada' 'another box'
	eq "$(as ada env LD_LIBRARY_PATH=/home/ada/lib nssh ada-1 -- sh -c 'echo in' 2>/dev/null || true)" '' 'what her own variable breaks'
	eq "$(as ada nssh ada-1 -- id -un)" ada 'an entry'
	eq "$(as ada nssh -l | grep -c ada-)" 1 'boxes listed'
	matches "$(in_session one 'sort -u ~/ran')" '^rc ran in ada-2$' 'where they ran'
	eq "$(find /home /root /tmp -name ran)" '' 'what ran on the host'
}

# --- what an admin is shown -------------------------------------------------------------------------------

escape=$'[\x01-\x08\x0b-\x1f\x7f]'

names_of_hostile_bytes__are_shown_harmless() {
	log_in one ada
	in_session one "$(printf 'exec -a "\e]0;owned\a\e[2J" sleep 77 & printf "\e]2;x\a" >/proc/self/comm')" >/dev/null
	as ada "$helper" end - $'\e[2J\e]0;owned\a' >/dev/null 2>&1 || true
	as ada nssh $'\e[2Jbox\a' -- true 2>/tmp/said || true
	ssh ada@host $'printf \'\e[2J\' >&2; exit 3' 2>/dev/null || true
	lacks "$(nssh -l; nssh --stat; nssh -u ada -l; nssh --check)" "$escape" 'what root is shown'
	lacks "$(cat /tmp/said)" "$escape" 'what ada is told of names'
	lacks "$(the_log)" "$escape" 'the log'
}

# --- links, swapped ---------------------------------------------------------------------------------------

# Her home lies below a directory of her own, and that is a directory and a link to somebody else's by turns.
swapping='import ctypes, time
libc = ctypes.CDLL(None)
while True:
    libc.renameat2(-100, b"/srv/hers/x", -100, b"/srv/hers/link", 2)
    time.sleep(0.002)'

links_that_come_and_go__lead_nowhere() {
	local n said=
	install -d -o bob -g bob -m 700 /home/bob
	install -d -o bob -g bob -m 755 /home/bob/y
	echo private >/home/bob/y/file
	rm -rf /srv/hers
	install -d -o ada -g ada /srv/hers /srv/hers/x /srv/hers/x/y
	as ada ln -s x/y /srv/hers/home
	as ada ln -s /home/bob /srv/hers/link
	sed -i 's,^\(ada:.*\):/home/ada:,\1:/srv/hers/home:,' /etc/passwd
	as ada python3 -c "$swapping" &
	for n in {1..30}; do
		said+=$(as ada env HOME=/srv/hers/home timeout $((20 * slowness)) nssh -n -- sh -c 'cat ~/file /srv/hers/x/y/file; touch ~/mine; echo done' 2>&1 || true)
	done
	pkill -f renameat2
	matches "$said" 'done' 'what boxes say'
	lacks "$said" private 'what ada reads'
	eq "$(ls -A /home/bob/y)" file 'the directory of bob'
	eq "$(find /var/lib/nsbox -uid 2001)" '' 'what is of bob in the storage of ada'
	rm -r /srv/hers /home/bob/y
}

links_in_the_layer__lead_nowhere() {
	local n
	ssh ada@host 'mkdir -p .ssh .config; ln -sf /etc/shadow .Xauthority; ln -sf /etc/passwd .hushlogin'
	log_in one ada
	in_session one '(while :; do mv -T .ssh a; ln -s /etc .ssh; rm .ssh; mv -T a .ssh; done) >/dev/null 2>&1 &'
	for n in {1..4}; do eq "$(ssh ada@host 'echo in')" in; done
	eq "$(find /etc -newer /tmp/session.one -type f)" '' 'files that changed in /etc'
}
