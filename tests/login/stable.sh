# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The agent and the display of the newest login, for shells that stay.

# new_agent NAME: an agent with one key, whose comment is NAME; its socket is /tmp/NAME.agent
new_agent() {
	ssh-agent -a "/tmp/$1.agent" >"/tmp/$1.sh"
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "/tmp/$1.key"
	SSH_AUTH_SOCK=/tmp/$1.agent ssh-add -q "/tmp/$1.key"
}
end_agent() { kill "$(sed -n 's/^SSH_AGENT_PID=\([0-9]*\).*/\1/p' "/tmp/$1.sh")"; }

# robot EXPECT-LINE...: login_with NAME starts a login on a terminal with that agent, asks PATTERN CMD waits for what it prints
robot() {
	{
		cat <<-'END'
			set timeout 20
			proc fault {text} { puts stderr "fault: $text"; exit 1 }
			proc login_with {agent args} {
				global env spawn_id
				set env(SSH_AUTH_SOCK) /tmp/$agent.agent
				eval spawn -noecho ssh -tt $args ada@host
				asks {ready7} {echo ready$((3+4))}
				return $spawn_id
			}
			proc asks {pattern command} {
				global spawn_id
				send -- "$command\r"
				expect -re $pattern {} timeout { fault "no $pattern from: $command" } eof { fault "end of file at: $command" }
			}
		END
		printf '%s\n' "$@"
	} >/tmp/robot.exp
	TERM=xterm expect /tmp/robot.exp >/tmp/robot.out 2>&1 || fault "$(cat /tmp/robot.out)"
}

agent__of_the_newest_login_serves_older_shells() {
	configure 'scope = user'
	new_agent first
	new_agent second
	robot 'set a [login_with first -A]' 'asks {sock=/run/user/2000/nsbox/agent} {echo sock=$SSH_AUTH_SOCK}' \
		'asks {SHA256.* first } {ssh-add -l}' \
		'set b [login_with second -A]' 'asks {SHA256.* second } {ssh-add -l}' \
		'set spawn_id $a' 'asks {SHA256.* second } {ssh-add -l}'
	end_agent first
	end_agent second
}

agent__is_found_by_a_terminal_that_stayed() {
	configure 'scope = user' 'linger = busy'
	new_agent first
	new_agent second
	robot 'set a [login_with first -A]' 'asks {started} {tmux new-session -d && echo start""ed}' \
		'send "exit\r"' 'expect eof' \
		'set b [login_with second -A]' 'asks {sent} {tmux send-keys "ssh-add -l >/tmp/keys; echo done >>/tmp/keys" Enter && echo se""nt}' \
		'asks {SHA256.* second .*done} {until grep -q done /tmp/keys; do sleep 0.1; done; cat /tmp/keys}'
	end_agent first
	end_agent second
}

agent__of_one_s_own_is_left_alone() {
	configure 'scope = user'
	new_agent first
	robot 'set a [login_with first -A]' 'asks {up} {eval $(ssh-agent -a /tmp/own2) >/dev/null; echo u""p}' \
		'asks {sock=/tmp/own2} {bash -lc "echo sock=\$SSH_AUTH_SOCK" </dev/null}'
	end_agent first
}

agent__without_stable_paths_is_where_sshd_puts_it() {
	configure 'stable_paths = no'
	new_agent first
	robot 'set a [login_with first -A]' 'asks {sock=(/tmp/ssh-|/home/ada/.ssh/agent)} {echo sock=$SSH_AUTH_SOCK}' \
		'asks {none} {test -e /run/user/2000/nsbox || echo no""ne}'
	end_agent first
}

display__of_the_newest_login_is_set_in_older_shells() {
	configure 'scope = user'
	new_agent first
	robot 'set env(DISPLAY) 127.0.0.1:5' 'set a [login_with first -Y]' 'asks {display=localhost:10} {echo display=$DISPLAY}' \
		'set b [login_with first -Y]' 'asks {display=localhost:11} {echo display=$DISPLAY}' \
		'set spawn_id $a' 'asks {prompt} {echo prom""pt}' 'asks {display=localhost:11} {echo display=$DISPLAY}' \
		'asks {mine} {DISPLAY=:99; echo mi""ne}' 'asks {display=:99} {echo display=$DISPLAY}'
	end_agent first
}
