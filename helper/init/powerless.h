/* SPDX-License-Identifier: MIT */
/* runs as: root. What lives long as root, without what makes root mighty. */
#ifndef NSBOX_INIT_POWERLESS_H
#define NSBOX_INIT_POWERLESS_H

#include <linux/capability.h>

#include "helper/init/sys.h"

/*
 * Gives up all capabilities but the bounding set: as root, an exec of nsbox-helper has those of the bounding set
 * again. Ends the program if that fails.
 */
static inline void become_powerless(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

	/* One by one: an initializer may become a call of memset, which is not there. */
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		none[i].effective = none[i].permitted = none[i].inheritable = 0;
	if (sys(SYS_capset, (long)&head, (long)none, 0, 0, 0) != 0)
		sys_exit(1);
}

#endif
