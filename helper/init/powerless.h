/* SPDX-License-Identifier: MIT */
/* runs as: root. What lives long as root, without what makes root mighty. */
#ifndef NSBOX_INIT_POWERLESS_H
#define NSBOX_INIT_POWERLESS_H

#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "helper/init/sys.h"

/*
 * Gives up all capabilities but the bounding set: as root, an exec of nsbox-helper has those of the bounding set
 * again. With no_new_privs, which a service may have given its logins, an exec has no more than is permitted before
 * (capabilities(7)): then that is kept, and nothing is in effect. Ends the program if it fails.
 */
static inline void become_powerless(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3];
	bool permitted = sys(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;

	if (permitted && sys(SYS_capget, (long)&head, (long)kept, 0, 0, 0) != 0)
		sys_exit(1);
	/* One by one: an initializer may become a call of memset, which is not there. */
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		kept[i].effective = kept[i].inheritable = 0;
		if (!permitted)
			kept[i].permitted = 0;
	}
	if (sys(SYS_capset, (long)&head, (long)kept, 0, 0, 0) != 0)
		sys_exit(1);
}

#endif
