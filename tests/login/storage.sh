# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Where changes go, and how long they stay.

change() { ssh "$1@host" 'touch ~/x; rm ~/.profile; echo y > /tmp/z'; }

host_is_unchanged() {
	[ ! -e /home/ada/x ] || fault 'x is on the host'
	[ -e /home/ada/.profile ] || fault '.profile is gone from the host'
	[ ! -e /tmp/z ] || fault '/tmp/z is on the host'
}

changes__stay_in_the_home_and_off_the_host() {
	change ada
	host_is_unchanged
	ssh ada@host 'test -e ~/x' || fault 'x is not there at the next login'
	ssh ada@host 'test ! -e ~/.profile' || fault '.profile is back'
	ssh ada@host 'test ! -e /tmp/z' || fault '/tmp/z is still there'
}

changes__are_seen_by_another_login_at_once() {
	log_in one ada
	log_in two ada
	in_session one 'echo first > ~/note; rm ~/.profile'
	eq "$(in_session two 'cat ~/note; ls ~/.profile 2>/dev/null')" first
	in_session two 'echo second >> ~/note; mkdir ~/d; echo z > ~/d/z'
	eq "$(in_session one 'cat ~/note ~/d/z')" $'first\nsecond\nz'
	eq "$(in_session one 'mv ~/d ~/e; echo > ~/e/y; ls ~/e')" $'y\nz'
	eq "$(in_session two 'ls ~/e')" $'y\nz'
	[ ! -e /home/ada/e ] || fault 'the directory is on the host'
}

changes__outlive_the_first_of_two_logins() {
	log_in one ada
	log_in two ada
	in_session one 'echo first > ~/note'
	log_out one
	eq "$(in_session two 'cat ~/note; echo second >> ~/note; cat ~/note')" $'first\nfirst\nsecond'
	log_out two
	eq "$(ssh ada@host cat note)" $'first\nsecond'
	[ ! -e /home/ada/note ] || fault 'the note is on the host'
}

home__is_one_file_system_in_two_boxes() {
	log_in one ada
	log_in two ada
	eq "$(in_session one 'stat -c %d ~')" "$(in_session two 'stat -c %d ~')" 'device of the home'
	differs "$(in_session one 'stat -c %d ~')" "$(stat -c %d /home/ada)" 'device of the home on the host'
}

host_s_changes__show_in_the_home() {
	echo hello >/home/ada/from-host
	eq "$(ssh ada@host cat from-host)" hello
}

tmp__is_private_to_each_login() {
	log_in one ada
	in_session one 'echo secret > /tmp/mine; echo secret > /var/tmp/mine'
	fails ssh ada@host 'cat /tmp/mine /var/tmp/mine 2>/dev/null'
	[ ! -e /tmp/mine ] && [ ! -e /var/tmp/mine ]
}

runtime_directory__is_the_user_s() {
	eq "$(ssh ada@host 'echo $XDG_RUNTIME_DIR; touch /run/user/2000/x; stat -c %a:%U $XDG_RUNTIME_DIR')" $'/run/user/2000\n700:ada'
}

home_on_a_file_system_of_its_own__works() {
	cp -a /home /srv/homes
	mount -t tmpfs -o mode=755 homes /home
	cp -a /srv/homes/. /home
	rm -r /srv/homes
	change ada
	host_is_unchanged
	eq "$(ssh ada@host 'ls ~/x; stat -c %U ~/x ~/.bashrc')" $'/home/ada/x\nada\nada'
}

host_upgrade__is_seen_in_a_live_box() {
	printf '#!/bin/sh\necho old\n' >/usr/local/bin/greet
	chmod 755 /usr/local/bin/greet
	log_in one ada
	eq "$(in_session one "greet; $in_box")" old
	# As dpkg does: a new file renamed over the old one.
	sed s/old/new/ /usr/local/bin/greet >/usr/local/bin/greet.dpkg-new
	chmod 755 /usr/local/bin/greet.dpkg-new
	mv /usr/local/bin/greet.dpkg-new /usr/local/bin/greet
	eq "$(in_session one greet)" new
	rm /usr/local/bin/greet
}

home_bind__is_the_real_home() {
	configure 'home = bind'
	ssh ada@host "$in_box; touch ~/x"
	eq "$(stat -c %U:%G /home/ada/x)" ada:ada
}

home_empty__is_private() {
	configure 'home = empty'
	ssh ada@host 'test ! -e ~/.profile && touch ~/x'
	[ ! -e /home/ada/x ] || fault 'x is on the host'
}

storage_ephemeral__forgets() {
	configure 'storage = ephemeral'
	change ada
	host_is_unchanged
	ssh ada@host 'test ! -e ~/x && test -e ~/.profile'
	[ ! -e /var/lib/nsbox/2000/home/upper/x ]
}

storage__is_closed_to_users() {
	ssh ada@host true
	fails as ada ls /var/lib/nsbox/2000 2>/dev/null
	fails as bob ls /var/lib/nsbox/2000 2>/dev/null
}
