# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# nssh as a login shell: boxes without the PAM module, and with it.

# given USER [LINE...]: nssh is the login shell of USER, and the lines are the configuration
given() {
	usermod -s /usr/local/bin/nssh "$1"
	configure 'shell = /bin/bash' "${@:2}"
}

# Where somebody is, and by which shell.
where='cat /run/nsbox/name 2>/dev/null || echo outside; echo "$0 $SHELL ${BASH_VERSION:+bash}"'

# An sshd without PAM, on port 2230
without_pam() { serve 2230 'UsePAM no'; }
from_2230() { ssh -p 2230 "$@"; }

login_shell__is_that_of_the_box_with_the_module() {
	given ada
	eq "$(ssh ada@host "$where")" $'ada-1\nbash /bin/bash bash'
	eq "$(ssh -tt ada@host <<<'shopt -q login_shell && echo login=$0=$SHELL; exit 5' 2>/dev/null | grep -c 'login=-bash=/bin/bash')" 1
	status 9 ssh ada@host 'exit 9'
	wait_gone ada-1
	eq "$(ssh ada@host 'id -un; pgrep -c nssh')" $'ada\n0' 'it has become the shell'
}

login_shell__is_sh_where_nothing_else_is_named() {
	usermod -s /usr/local/bin/nssh ada
	eq "$(ssh ada@host "$where")" $'ada-1\nsh /bin/sh '
}

login_shell__leaves_subsystems_and_copies_as_they_are() {
	given ada
	echo content >/tmp/file
	scp -q /tmp/file ada@host:copy
	eq "$(ssh ada@host 'cat copy')" content
	echo 'put /tmp/file second' | sftp -q ada@host >/dev/null
	eq "$(ssh ada@host 'cat second')" content
}

login_shell__opens_a_box_without_the_module() {
	given ada
	without_pam
	eq "$(from_2230 ada@host "$where")" $'ada-1\n/bin/bash /bin/bash bash'
	wait_gone ada-1
	status 9 from_2230 ada@host 'exit 9'
	eq "$(from_2230 ada@host cat <<<'through a pipe')" 'through a pipe'
	eq "$(from_2230 -tt ada@host <<<'shopt -q login_shell && echo login=$0=$SHELL; tty; exit 5' 2>/dev/null | grep -c 'login=-bash=/bin/bash')" 1
	echo content >/tmp/file
	scp -q -P 2230 /tmp/file ada@host:copy
	eq "$(from_2230 ada@host 'cat copy')" content
	wait_gone ada-1
}

# As it would be with the module: a box for each login, or one for all.
login_shell__gives_the_box_that_policy_says() {
	given ada
	without_pam
	log_in one ada -p 2230
	log_in two ada -p 2230
	eq "$(box_of one) $(box_of two)" 'ada-1 ada-2'
	log_out one
	log_out two
	wait_gone ada-1
	wait_gone ada-2
	given ada 'scope = user'
	log_in three ada -p 2230
	log_in four ada -p 2230
	eq "$(box_of three) $(box_of four)" 'ada-1 ada-1'
}

login_shell__is_sh_where_policy_says_that_there_is_no_box() {
	given plain '[user:plain]' 'enable = no'
	without_pam
	eq "$(ssh plain@host "$where")" $'outside\nsh /bin/sh '
	eq "$(from_2230 plain@host "$where")" $'outside\nsh /bin/sh '
	eq "$(su - plain -c "$where")" $'outside\n-sh /bin/sh '
	eq "$(su plain -c "$where")" $'outside\nsh /bin/sh '
	eq "$(su plain <<<"$where")" $'outside\nsh /bin/sh '
}

login_shell__lets_nobody_in_without_the_box_they_are_to_have() {
	given ada
	without_pam
	echo 'colour = blue' >>"$conf"
	status 125 from_2230 ada@host true 2>/dev/null
	status 125 su - ada -c true 2>/dev/null
}

login_shell__is_sh_for_root_whatever_is_wrong() {
	usermod -s /usr/local/bin/nssh root
	echo 'colour = blue' >>"$conf"
	mv "$helper" "$helper.away"
	eq "$(ssh root@host "$where")" $'outside\nsh /bin/sh '
	eq "$(su - root -c "$where")" $'outside\n-sh /bin/sh '
}

login_shell__serves_su() {
	given ada
	eq "$(su - ada -c "$where" | head -n 1)" ada-1
	wait_gone ada-1
	eq "$(su - ada -c 'shopt -q login_shell && echo "$SHELL $HOME"')" '/bin/bash /home/ada'
	wait_gone ada-1
	eq "$(su ada -c "$where")" $'ada-1\n/bin/bash /bin/bash bash'
	wait_gone ada-1
	eq "$(su - ada <<<"$where" 2>/dev/null)" $'ada-1\n-bash /bin/bash bash'
	wait_gone ada-1
	status 6 su - ada -c 'exit 6'
}

login_shell__serves_login() {
	given ada
	printf '%s\n' 'set timeout 15' 'spawn -noecho login -f ada' 'send "cat /run/nsbox/name; echo =\$0=; exit 5\r"' \
		'expect -re "ada-1.*=-bash=" {} timeout { exit 1 }' 'expect eof' >/tmp/login.exp
	TERM=xterm expect /tmp/login.exp >/tmp/login.out 2>&1 || fault "step $?: $(cat -v /tmp/login.out)"
	wait_gone ada-1
}

# What a program starts as "the shell" is one, and nssh by itself still goes from box to box.
login_shell__is_a_shell_to_programs_in_the_box() {
	given ada
	log_in one ada
	log_in two ada
	eq "$(in_session one '/usr/local/bin/nssh -c "echo \$SHELL; cat /run/nsbox/name"')" $'/bin/bash\nada-1'
	eq "$(in_session one 'nssh -- cat /run/nsbox/name')" ada-2
	eq "$(in_session one 'nssh ada-2 -c "cat /run/nsbox/name"')" ada-2
	eq "$(in_session one 'nssh -l' | wc -l)" 3
}
