# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Many logins, of which some are killed, and what they leave: nothing. `make soak` does more of them.

# shellcheck source=tests/login/world
. ./world

# furnish: users differ in what their boxes are made of
furnish() {
	echo 'session required pam_nsbox.so exempt=sudo' >>/etc/pam.d/su
	configure '[default]' 'services = sshd su' 'network = nat' 'ports_per_user = 5' 'pids = 500' \
		'[user:u02]' 'scope = user' '[user:u03]' 'scope = user' '[user:u05]' 'scope = user' 'storage = ephemeral' \
		'[user:u06]' 'home = bind' '[user:u07]' 'home = empty' '[user:u08]' 'network = none' \
		'[user:u09]' 'network = pasta' '[user:u12]' 'linger = busy' '[user:u13]' 'storage = ephemeral'
}

logins__killed_at_random_leave_nothing() {
	a_world # without which pasta has no network to show
	furnish
	./soak_logins "${SOAK_LOGINS:-64}" "${SOAK_SEED:-1}" >/tmp/soak 2>&1 || fault "$(cat /tmp/soak)"
	cat /tmp/soak
}
