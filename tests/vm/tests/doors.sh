# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The other doors of a host, as the distribution's services and systemd open them.

# shellcheck source=tests/login/doors.sh
. ./doors.sh

# Newer ones list the user's manager too, which stays for a while.
no_session_of() { ! loginctl --no-legend list-sessions | grep -v ' manager ' | awk '{ print $3 }' | grep -qx "$1"; }

su__from_a_session_of_root_is_boxed() {
	open_doors su
	eq "$(ssh root@host "su - ada -c '$where'" | tail -n 1)" ada-1
	eq "$(ssh root@host "su ada -c '$where'")" ada-1
	wait_gone ada-1
}

# pam_systemd, which opened it on the host, closes it from inside the box.
su__leaves_no_session_behind() {
	open_doors su
	within 5000 no_session_of ada || fault "there is one already: $(loginctl --no-pager)"
	took_less 10 status 3 su - ada -c 'exit 3'
	within 5000 no_session_of ada || fault "left: $(loginctl --no-pager)"
	wait_gone ada-1
}

su__is_not_ended_with_the_session_it_left() {
	open_doors su
	eq "$(ssh -tt root@host "su - ada -c 'sleep 5; $where'" | tr -d '\r' | tail -n 1)" ada-1
}

cron__of_the_distribution_boxes_jobs() {
	open_doors cron
	systemctl restart cron
	echo "* * * * * ($where; id -un) >/srv/seen/job.new; mv /srv/seen/job.new /srv/seen/job" | crontab -u ada -
	# A job comes at the beginning of a minute, whatever the machine's speed.
	matches "$(seen job $((100000 / slowness)))" $'^ada-[0-9]+\nada$' 'what the job sees'
	crontab -u ada -r
	wait_gone ada-1
}

cron__restarted_leaves_jobs_alive() {
	open_doors cron
	echo "* * * * * ($where; sleep 20; echo whole) >/srv/seen/job.new; mv /srv/seen/job.new /srv/seen/job" | crontab -u ada -
	systemctl restart cron
	within $((100000 / slowness)) init_of ada-1 >/dev/null || fault 'cron has not run'
	systemctl restart cron
	crontab -u ada -r
	matches "$(seen job 60000)" $'^ada-1\nwhole$' 'what the job sees'
}

at__of_the_distribution_boxes_jobs() {
	open_doors atd
	systemctl restart atd
	as ada at now <<<"($where; id -un) >/srv/seen/job.new; mv /srv/seen/job.new /srv/seen/job" 2>/dev/null
	matches "$(seen job)" $'^ada-[0-9]+\nada$' 'what the job sees'
	wait_gone ada-1
	within 5000 spool_is_empty || fault "left: $(find /var/spool/cron/at* -type f) $(atq)"
}

user_manager__is_outside() {
	open_doors su cron atd
	systemctl start user@2000
	as ada env XDG_RUNTIME_DIR=/run/user/2000 systemd-run --user --quiet --wait \
		sh -c 'readlink /proc/self/ns/user >/srv/seen/manager'
	eq "$(cat /srv/seen/manager)" "$(host_s_user_namespace)" 'user namespace'
}

user_manager__is_skipped_where_boxes_write_to_the_home() {
	configure 'home = bind'
	systemctl stop user@2000
	systemctl start user@2000 || true
	status 3 systemctl is-active --quiet user@2000
	eq "$(ssh ada@host "$where")" ada-1
	status 3 systemctl is-active --quiet user@2000
	configure 'enable = yes'
	systemctl start user@2000
	systemctl is-active --quiet user@2000
}

units_with_a_user__are_outside() {
	open_doors su cron atd
	systemd-run --quiet --wait --uid=ada sh -c 'readlink /proc/self/ns/user >/srv/seen/unit'
	eq "$(cat /srv/seen/unit)" "$(host_s_user_namespace)" 'user namespace'
}

uninstall__refuses_to_lock_users_out() {
	eq "$(grep -cx /usr/local/bin/nssh /etc/shells)" 1 'lines of nssh in /etc/shells'
	usermod -s /usr/local/bin/nssh bob
	usermod -s /usr/local/bin/nssh ada
	matches "$(make --silent -C /srv/nsbox/src uninstall 2>&1 || true)" 'could not log in any more: ada bob' uninstall
	[ -x /usr/local/bin/nssh ] || fault 'nssh is gone'
	grep -qx /usr/local/bin/nssh /etc/shells || fault 'nssh is not in /etc/shells any more'
	usermod -s /bin/bash bob
	usermod -s /bin/bash ada
	make --silent -C /srv/nsbox/src may-uninstall
}
