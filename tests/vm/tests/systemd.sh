# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A box and the host's systemd: sessions, the journal, users' managers, and what runs outside.

# The session that logind has for a user's first login: what its scope is called says it.
session_of() {
	sed -n 's/.*session-\([^/]*\)[.]scope.*/\1/p' "/proc/$(monitors_of "$1" | head -n 1)/cgroup"
}
host_s_user_namespace() { readlink /proc/self/ns/user; }

loginctl__shows_a_boxed_session_and_can_end_it() {
	local session
	log_in one ada
	session=$(session_of ada)
	eq "$(loginctl show-session "$session" -p Name --value)" ada "user of session $session"
	eq "$(loginctl show-session "$session" -p Service --value)" sshd "service of session $session"
	loginctl terminate-session "$session"
	wait_gone ada-1
	eq "$(children_of ada)" '' "sshd's children"
	eq "$(ssh ada@host cat /run/nsbox/name)" ada-1 'the next login'
}

loginctl__can_end_all_of_a_user() {
	log_in one ada
	log_in two ada
	log_in other bob
	loginctl terminate-user ada
	wait_gone ada-1
	wait_gone ada-2
	eq "$(in_session other 'echo alive')" alive "another user's session"
	eq "$(ssh ada@host cat /run/nsbox/name)" ada-1 'the next login'
}

journal__has_who_got_which_box_and_who_did_not() {
	ssh ada@host true
	matches "$(the_log)" 'event=open box=ada-1 user=ada uid=2000' 'the journal'
	configure 'colour = blue'
	fails ssh ada@host true 2>/dev/null
	matches "$(the_log)" 'nsbox.conf:2: .*colour' 'the journal'
}

restart_of_sshd__leaves_boxes_alive() {
	log_in one ada
	systemctl restart ssh
	within 5000 nc -z 127.0.0.1 2222
	eq "$(in_session one 'cat /run/nsbox/name')" ada-1 'the session from before'
	eq "$(ssh bob@host 'cat /run/nsbox/name')" bob-1 'a new login'
	eq "$(ssh ada@host 'cat /run/nsbox/name')" ada-2 'a new login beside the old'
	log_out one
	wait_gone ada-1
}

# Her manager runs on the host, outside of any box, and would do as it is told.
user_manager__is_not_reached_from_a_box() {
	local try
	log_in one ada
	within 5000 test -S /run/user/2000/systemd/private || fault 'ada has no manager'
	as ada env XDG_RUNTIME_DIR=/run/user/2000 systemctl --user show-environment >/dev/null || fault 'it does not even answer on the host'
	rm -rf /srv/seen
	install -d -m 1777 /srv/seen
	for try in 'systemctl --user show-environment' 'systemd-run --user touch /srv/seen/run' 'busctl --user list' \
		'export DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/2000/bus; busctl --user list' \
		'systemctl --user import-environment PATH' 'loginctl --no-pager' 'systemctl start --no-ask-password at.service' \
		'systemd-run touch /srv/seen/system' 'at now <<<"touch /srv/seen/at"' 'echo "* * * * * touch /srv/seen/cron" | crontab -'; do
		fails ssh ada@host "$in_box; $try" >/dev/null 2>&1
	done
	eq "$(ssh ada@host 'ls -A /run/user/2000 /run/systemd /run/dbus 2>/dev/null' | grep -v : || true)" nsbox 'in the box'
	sleep 2
	eq "$(ls -A /srv/seen)" '' 'what was run'
	rm -r /srv/seen
}

# What it wrote into its layer of the home is nothing to the manager on the host.
user_units_of_a_box__are_not_run_outside() {
	ssh ada@host 'mkdir -p ~/.config/systemd/user/default.target.wants
		printf "[Service]\nType=oneshot\nExecStart=touch %s\n" %h/escaped >~/.config/systemd/user/out.service
		ln -s ../out.service ~/.config/systemd/user/default.target.wants/'
	systemctl stop user@2000
	ssh ada@host true
	within 5000 systemctl is-active --quiet user@2000
	sleep 2
	[ ! -e /home/ada/escaped ] || fault 'the unit has run on the host'
	fails as ada env XDG_RUNTIME_DIR=/run/user/2000 systemctl --user cat out.service >/dev/null 2>&1
}

su_by_root__is_outside() {
	eq "$(su - ada -c 'readlink /proc/self/ns/user')" "$(host_s_user_namespace)"
	eq "$(runuser -u ada -- readlink /proc/self/ns/user)" "$(host_s_user_namespace)"
	[ ! -e /run/nsbox/2000/1 ] || fault 'there is a box'
}

cron__runs_outside() {
	ssh ada@host 'touch ~/changed'
	echo '* * * * * { readlink /proc/self/ns/user; ls ~/changed; } >/tmp/cron 2>&1' | crontab -u ada -
	# A job comes at the beginning of a minute, whatever the machine's speed.
	within $((100000 / slowness)) test -s /tmp/cron || fault 'cron has not run'
	sleep 1
	crontab -u ada -r
	eq "$(head -n 1 /tmp/cron)" "$(host_s_user_namespace)"
	matches "$(cat /tmp/cron)" 'No such file' "the home without the box's changes"
}

upgrade__leaves_boxes_alive() {
	log_in one ada
	make --silent -C /srv/nsbox/src install >/dev/null
	eq "$(in_session one 'cat /run/nsbox/name; touch ~/after')" ada-1
	eq "$(ssh ada@host 'cat /run/nsbox/name; ls after')" $'ada-2\nafter' 'a new login'
	eq "$(as ada nssh ada-1 -- cat /run/nsbox/name)" ada-1 'nssh into the old box'
	log_out one
	wait_gone ada-1
}
