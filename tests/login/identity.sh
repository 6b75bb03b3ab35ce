# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Who one is in a box, and what that is worth.

map() { ssh "$1@host" cat "/proc/self/$2_map" | awk '{ print $1, $2, $3 }'; }

uid_map__keeps_the_user_and_takes_the_rest_from_subuid() {
	local wanted='0 1000000 2000
2000 2000 1
2001 1002001 63535'
	eq "$(map ada uid)" "$wanted" uid_map
	eq "$(map ada gid)" "$wanted" gid_map
}

uid_map__has_an_extent_of_its_own_for_a_large_uid() {
	eq "$(map carl uid)" '0 1131072 65536
70000 70000 1'
}

gid_map__keeps_supplementary_groups() {
	local gid map
	map=$(map dora gid)
	for gid in $(id -G dora); do
		awk -v g="$gid" '$1 <= g && g < $1 + $3 && $1 == $2 { found = 1 } END { exit !found }' <<<"$map" ||
			fault "group $gid is not itself: $map"
	done
}

host_root__is_never_mapped() {
	eq "$(map ada uid | awk '$2 == 0')" '' 'extents with uid 0 of the host'
	eq "$(map ada gid | awk '$2 == 0')" '' 'extents with gid 0 of the host'
}

same_id() { eq "$(ssh "$1@host" "$in_box; id" | tr ", " "\n" | sort)" "$(id "$1" | tr ", " "\n" | sort)" "id of $1"; }
id__is_as_outside() { same_id ada; }
id__is_as_outside_in_twenty_groups() { same_id dora; }
id__is_as_outside_with_a_uid_above_65535() { same_id carl; }
id__is_as_outside_for_a_user_of_another_nss_module() { same_id eve; }

etc_shadow__shows_its_owner_and_nothing_else() {
	eq "$(ssh ada@host "$in_box; stat -c %U:%G /etc/shadow /etc/gshadow" | sort -u)" root:shadow
	eq "$(ssh ada@host 'cat /etc/shadow /etc/gshadow 2>/dev/null' || true)" '' 'what can be read'
}

# Group shadow is what protects the real file, so that even a member must find nothing.
etc_shadow__gives_nothing_to_the_group_shadow() {
	usermod --append --groups shadow bob
	matches "$(ssh bob@host id)" shadow id
	eq "$(ssh bob@host 'cat /etc/shadow /etc/gshadow')" '' 'what can be read'
}

home__belongs_to_the_user() {
	eq "$(ssh ada@host "$in_box;"' touch new; stat -c %U:%G . new .profile' | sort -u)" ada:ada
	eq "$(ssh carl@host "$in_box;"' touch new; stat -c %U:%G . new .profile' | sort -u)" carl:carl
	matches "$(ssh ada@host ls -l .profile)" ' ada +ada ' 'ls -l'
}

system_files__belong_to_root() { eq "$(ssh ada@host "$in_box; stat -c %U:%G / /etc /etc/passwd /usr/bin/ls" | sort -u)" root:root; }

process__has_no_capability_and_can_gain_none() {
	local state
	state=$(ssh ada@host 'grep -E "^(Cap|NoNewPrivs)" /proc/self/status')
	eq "$(awk '/^Cap/ { print $2 }' <<<"$state" | sort -u)" 0000000000000000 'capability sets'
	eq "$(grep -c ^Cap <<<"$state")" 5 'number of sets'
	matches "$state" $'NoNewPrivs:\t1' status
}

setuid_programs__give_nothing() {
	fails ssh ada@host 'sudo -n true 2>/dev/null'
	eq "$(ssh ada@host 'cp /usr/bin/id ~/id; chmod 4755 ~/id; ~/id -u')" 2000
}

secrets_of_the_host__are_not_there() {
	eq "$(ssh ada@host 'cat /etc/ssh/ssh_host_*_key 2>/dev/null' || true)" '' 'host keys'
	eq "$(ssh ada@host 'ls -A /root 2>/dev/null' || true)" '' /root
	eq "$(ssh ada@host 'ls -A /var/lib/nsbox 2>/dev/null' || true)" '' /var/lib/nsbox
	eq "$(ssh ada@host 'ls /home')" ada 'other homes'
}

other_homes__show_with_homes_all() {
	configure 'homes = all'
	ssh ada@host 'ls /home' | grep -qx bob
}

root_of_the_host__cannot_be_written() {
	local path
	for path in /new /etc/new /usr/new /var/new /opt/new; do
		fails ssh ada@host "touch $path 2>/dev/null"
		[ ! -e "$path" ] || fault "$path is on the host"
	done
}

hide__empties_a_path() {
	mkdir -p /srv/secret
	echo plans >/srv/secret/plans
	ssh ada@host cat /srv/secret/plans >/dev/null
	configure 'hide = /srv/secret'
	eq "$(ssh ada@host ls -A /srv/secret)" ''
}

bind__is_writable_for_a_group_that_shares() {
	install -d -m 2775 -g staffers /srv/shared
	rm -rf /srv/shared/*
	configure 'bind = /srv/shared'
	ssh gina@host 'umask 002; echo gina > /srv/shared/list'
	ssh hugo@host 'echo hugo >> /srv/shared/list'
	eq "$(cat /srv/shared/list)" $'gina\nhugo' 'file on the host'
	eq "$(stat -c %U:%G /srv/shared/list)" gina:staffers 'its owner on the host'
	eq "$(ssh gina@host stat -c %U:%G /srv/shared/list)" gina:staffers 'its owner in her box'
	eq "$(ssh hugo@host stat -c %G /srv/shared/list)" staffers 'its group in his'
	fails ssh ada@host 'echo ada >> /srv/shared/list 2>/dev/null'
}

bind_ro__cannot_be_written() {
	install -d -m 1777 /srv/readonly
	configure 'bind_ro = /srv/readonly'
	fails ssh ada@host 'touch /srv/readonly/x 2>/dev/null'
	[ ! -e /srv/readonly/x ]
}

hide__also_holds_below_a_bind_and_in_the_home() {
	mkdir -p /srv/shared/secret
	echo hidden | tee /srv/shared/secret/file >/home/ada/licence
	configure 'bind = /srv/shared' 'hide = /srv/shared/secret' 'hide = /home/ada/licence'
	eq "$(ssh ada@host 'ls /srv/shared/secret; cat ~/licence 2>&1')" '' 'what is hidden'
	rm /home/ada/licence
	as ada ln -s / /home/ada/licence
	eq "$(ssh ada@host cat /run/nsbox/name)" ada-1 'box with a link where something was to be hidden'
	rm -r /srv/shared
}

hide__follows_no_links_of_users() {
	install -d -m 1777 /srv/shared
	configure 'hide = /srv/shared/secret'
	as ada ln -s / /srv/shared/secret
	eq "$(ssh bob@host cat /run/nsbox/name)" bob-1 'box of another user'
	rm /srv/shared/secret
	mkdir -p /srv/plans
	touch /srv/plans/file
	ln -s /srv/plans /srv/shared/secret
	eq "$(ssh bob@host ls -A /srv/plans /srv/shared/secret/)" $'/srv/plans:\n\n/srv/shared/secret/:' 'what a link of root leads to'
	rm -r /srv/shared /srv/plans
}

home_that_is_a_link__leads_only_where_its_owner_may_go() {
	local as_ada=(setpriv --reuid ada --regid ada --init-groups)
	install -d -o bob -g bob -m 700 /home/bob
	install -d -o bob -g bob -m 755 /home/bob/papers
	echo private >/home/bob/papers/file
	rm -rf /srv/ada
	install -d -o ada -g ada /srv/ada /srv/ada/home
	sed -i "s,^\\(ada:.*\\):/home/ada:,\\1:/srv/ada/home:," /etc/passwd # usermod refuses while her user manager runs
	eq "$("${as_ada[@]}" env HOME=/srv/ada/home nssh -- sh -c 'echo mine > ~/file; cat /srv/ada/home/file')" mine 'a file in the home'
	within 2000 no_boxes
	rm -rf /srv/ada/home /var/lib/nsbox
	"${as_ada[@]}" ln -s /home/bob/papers /srv/ada/home
	fails "${as_ada[@]}" cat /srv/ada/home/file 2>/dev/null
	lacks "$("${as_ada[@]}" env HOME=/srv/ada/home nssh -- sh -c 'cat /srv/ada/home/file /home/bob/papers/file ~/file' 2>&1)" private 'what ada reads'
	rm -r /srv/ada
}
