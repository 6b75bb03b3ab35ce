# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The distribution's sshd as it is installed: nothing is configured but what the README says.

# shellcheck source=tests/login/password.sh
. ./password.sh

# On port 22, with the lines of the package's own sshd_config.
as_installed() {
	rm /etc/ssh/sshd_config.d/tests.conf
	systemctl restart ssh
	within 5000 nc -z 127.0.0.1 22
}

distribution_s_sshd__boxes_a_login_with_a_password() {
	as_installed
	is_boxed "$(by password pw-ada -p 22 ada@host "$where" | tail -n 1)"
	is_boxed "$(by password pw-ada -p 22 -tt ada@host "$where" | tr -d '\r' | tail -n 1)"
	fails by password nonsense -o NumberOfPasswordPrompts=1 -p 22 ada@host true 2>/dev/null
}

distribution_s_sshd__boxes_a_login_with_a_key() {
	as_installed
	is_boxed "$(ssh -p 22 ada@host "$where")"
	eq "$(echo 'ls -1 /home' | sftp -q -P 22 -b - ada@host | grep -v '^sftp>')" /home/ada 'what sftp sees'
	eq "$(ssh -p 22 sam@host 'echo in')" in 'the exempt group'
	eq "$(ssh -p 22 root@host 'echo in')" in root
}

socket_activation__boxes_logins() {
	systemctl stop ssh.service
	systemctl start ssh.socket
	log_in one ada -p 22
	eq "$(box_of one)" ada-1
	eq "$(ssh -p 22 -tt bob@host "$where" | tr -d '\r' | tail -n 1)" bob-1
	eq "$(ssh -p 22 root@host 'echo in')" in root
	systemctl stop ssh.socket
	eq "$(in_session one 'echo alive')" alive 'the session when the socket is gone'
	log_out one
	wait_gone ada-1
}

# One sshd for each connection, as inetd has it.
socket_activation_for_each_connection__boxes_logins() {
	systemctl stop ssh.service
	mkdir -p /run/systemd/system
	printf '%s\n' '[Socket]' ListenStream=127.0.0.1:24 Accept=yes >/run/systemd/system/inetd-ssh.socket
	printf '%s\n' '[Service]' 'ExecStart=-/usr/sbin/sshd -i' StandardInput=socket RuntimeDirectory=sshd \
		RuntimeDirectoryPreserve=yes >/run/systemd/system/inetd-ssh@.service
	systemctl daemon-reload
	systemctl start inetd-ssh.socket
	log_in one ada -p 24
	eq "$(box_of one)" ada-1
	eq "$(ssh -p 24 -tt bob@host "$where" | tr -d '\r' | tail -n 1)" bob-1
	log_out one
	wait_gone ada-1
	systemctl stop inetd-ssh.socket
}
