# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A new home for the boxes of a user.

stored=/var/lib/nsbox/2000
reset() { as ada "$helper" reset - home; }
has_no_trash() { [ -z "$(ls -A "$stored/trash" 2>/dev/null)" ]; }

reset__begins_the_home_anew() {
	ssh ada@host 'echo mine > ~/x; rm ~/.profile'
	wait_gone ada-1
	matches "$(reset)" '^The next box begins with a new home'
	ssh ada@host "$in_box"'; test ! -e ~/x && test -e ~/.profile'
	eq "$(cat "$stored/home.old/upper/x")" mine 'what is kept'
	[ -e /home/ada/.profile ] || fault '.profile is gone from the host'
}

reset__waits_for_the_last_box() {
	log_in one ada
	log_in two ada
	in_session one 'echo mine > ~/x'
	matches "$(reset)" '^There are live boxes'
	log_out one
	wait_gone ada-1
	eq "$(in_session two 'cat ~/x')" mine
	# Whoever comes while one lives has the same home.
	eq "$(ssh ada@host 'cat ~/x')" mine
	matches "$(reset)" '^There are live boxes'
	log_out two
	wait_gone ada-2
	within 2000 test -e "$stored/home.old" || fault 'it was not reset'
	ssh ada@host "$in_box"'; test ! -e ~/x; echo again > ~/y'
	wait_gone ada-1
	eq "$(ssh ada@host 'cat ~/y')" again 'after the one reset that was asked for'
}

reset__is_done_by_the_next_login_too() {
	log_in one ada
	in_session one 'echo mine > ~/x'
	reset >/dev/null
	pkill -KILL nsbox-sweep
	log_out one
	within 1000 eval '! init_of ada-1 >/dev/null'
	[ -e "$stored/home/upper/x" ] || fault 'it was reset already'
	ssh ada@host "$in_box"'; test ! -e ~/x'
	eq "$(cd "$stored" && echo home* reset* home.old/upper/x)" 'home home.old reset* home.old/upper/x' 'what is stored'
}

reset__keeps_one_home_and_removes_the_one_before() {
	local n
	for n in 1 2 3; do
		ssh ada@host "echo $n > ~/x"
		wait_gone ada-1
		reset >/dev/null
	done
	eq "$(cat "$stored/home.old/upper/x")" 3
	within 3000 has_no_trash || fault "left: $(find "$stored/trash")"
	eq "$(find "$stored" -name x | wc -l)" 1 'homes'
}

# Nothing that a user can make in a home keeps it from being removed, or leads out of it.
reset__removes_whatever_a_user_made() {
	echo precious >/srv/precious
	mkdir -p /srv/dir
	echo precious >/srv/dir/file
	ssh ada@host 'ln -s /srv/precious ~/a; ln -s /srv/dir ~/b; ln -s / ~/c; ln -s .. ~/d; mkfifo ~/fifo
		python3 -c "
import os, socket
s = socket.socket(socket.AF_UNIX); s.bind(\"socket\")
os.mkdir(\"closed\"); os.mkdir(\"closed/in\"); os.chmod(\"closed\", 0)
for n in range(2000): os.mkdir(\"deep\"); os.chdir(\"deep\")
"'
	wait_gone ada-1 3000
	reset >/dev/null
	[ -p "$stored/home.old/upper/fifo" ] || fault 'there is no fifo'
	[ -d "$stored/home.old/upper/deep/deep" ] || fault 'it is not deep'
	ssh ada@host true
	wait_gone ada-1
	reset >/dev/null
	within 20000 has_no_trash || fault "left: $(find "$stored/trash" -maxdepth 1 | wc -l)"
	eq "$(cat /srv/precious /srv/dir/file)" $'precious\nprecious'
	rm -r /srv/precious /srv/dir
}

reset__says_in_the_log_what_cannot_be_removed() {
	ssh ada@host 'echo mine > ~/x; echo yours > ~/y'
	wait_gone ada-1
	reset >/dev/null
	chattr +i "$stored/home.old/upper/x"
	ssh ada@host 'echo more > ~/x'
	wait_gone ada-1
	note_log
	matches "$(reset)" '^The next box begins'
	within 2000 eval 'log_since | grep -q "event=reset uid=2000 error="' || fault "$(log_since)"
	eq "$(find "$stored/trash" -type f -printf '%f\n')" x 'what is left'
	ssh ada@host "$in_box"
	wait_gone ada-1
	chattr -R -i "$stored/trash"
	as ada nssh --gc
	has_no_trash || fault "left: $(find "$stored/trash")"
}

reset__is_for_empty_homes_too() {
	configure 'home = empty'
	ssh ada@host 'echo mine > ~/x'
	wait_gone ada-1
	reset >/dev/null
	ssh ada@host "$in_box"'; test ! -e ~/x'
	eq "$(cat "$stored/home.old/empty/x")" mine
}

reset__has_nothing_to_do() {
	matches "$(reset)" 'nothing to reset'
	matches "$(as bob "$helper" reset - root 2>&1)" "root = / is the host's own and has no layer of its own"
	fails as bob "$helper" reset - root 2>/dev/null
	fails as bob "$helper" reset - everything 2>/dev/null
	fails as bob "$helper" reset ada home 2>/dev/null
	fails "$helper" reset - home 2>/dev/null
	[ ! -e "$stored" ] || fault 'there is storage'
}

reset__of_a_user_is_root_s_too() {
	ssh ada@host 'echo mine > ~/x'
	wait_gone ada-1
	matches "$("$helper" reset ada home)" '^The next box begins'
	[ -e "$stored/home.old/upper/x" ] || fault 'it was not reset'
}

# What is said in a box to nsbox-sweep comes here.
news__of_a_wish_for_a_new_home() {
	note_log
	log_in one ada
	in_session one 'echo mine > ~/x'
	"$helper" news 2000 1 3 1 0
	matches "$(log_since)" 'event=hop box=ada-1 user=ada uid=2000 count=3'
	matches "$(log_since)" 'event=reset user=ada uid=2000 when=later'
	log_out one
	wait_gone ada-1
	within 2000 test -e "$stored/home.old/upper/x" || fault 'it was not reset'
	# Of a box that is gone there is no news.
	"$helper" news 2000 1 3 0 0
	eq "$(log_since | grep -c event=hop)" 1 'lines of hops'
	fails as ada "$helper" news 2000 1 3 1 0 2>/dev/null
	fails "$helper" news 2000 1 x 1 0 2>/dev/null
	fails "$helper" news 2000 1 1 2 0 2>/dev/null
	fails "$helper" news 2000 0 1 1 0 2>/dev/null
}
