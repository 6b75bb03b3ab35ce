# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Whose user manager systemd may run on the host: nobody's whose boxes write where it looks for units.

runs() { status 0 "$helper" outside "$(id -u "$1")"; }
runs_not() { status 1 "$helper" outside "$(id -u "$1")" 2>/dev/null; }

user_manager__runs_where_boxes_do_not_write() {
	configure 'enable = yes'
	runs ada
	configure 'home = empty'
	runs ada
	configure 'enable = no' 'home = bind'
	runs ada
	configure 'bind = /srv' 'bind = /home2' 'bind_ro = /home'
	runs ada
}

user_manager__does_not_run_with_home_bind() {
	configure '[default]' 'home = bind' '[user:plain]' 'enable = no' '[group:staffers]' 'home = overlay'
	runs_not ada
	runs plain
	runs gina
	runs root
	the_log | grep -F 'event=outside uid=2000 refused="boxes of ada write to their home by home = bind"' >/dev/null
}

user_manager__does_not_run_with_a_bind_that_meets_the_home() {
	local path
	for path in /home /home/ada /home/ada/.config/systemd; do
		configure '[user:ada]' "bind = $path"
		runs_not ada
	done
	configure '[user:ada]' 'bind = /home/adam' 'bind = /hom'
	runs ada
	# The home by another name.
	mkdir -p /srv/elsewhere
	mv /home/ada /srv/elsewhere/ada
	ln -s /srv/elsewhere/ada /home/ada
	configure '[user:ada]' 'bind = /srv/elsewhere'
	runs_not ada
	rm /home/ada
	mv /srv/elsewhere/ada /home/ada
	rmdir /srv/elsewhere
}

what_cannot_be_found_out__means_no() {
	configure 'enable = maybe'
	runs_not ada
	runs_not plain
	runs root
	rm "$conf"
	runs_not ada
	runs root
	configure 'enable = yes'
	status 1 "$helper" outside 4000000000 2>/dev/null
	status 1 "$helper" outside ada 2>/dev/null
	status 1 "$helper" outside -1 2>/dev/null
}

outside__is_for_root_to_ask() {
	matches "$(as ada "$helper" outside 2000 2>&1 || true)" 'only root may ask to outside'
}

drop_in__asks_with_root_rights_and_skips() {
	local unit
	unit=$(find /usr/local/lib/systemd/system /usr/lib/systemd/system -path '*/user@.service.d/nsbox.conf' 2>/dev/null || true)
	grep -qFx "ExecCondition=+$helper outside %i" "$unit"
}
