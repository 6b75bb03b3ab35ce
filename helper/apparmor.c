/* SPDX-License-Identifier: MIT */
/* runs as: root. The AppArmor profile of nsbox-helper, for what must not keep it. */
#include "helper/apparmor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conf/fd.h"

/* As in apparmor/nsbox.in; what follows in the label is the mode, or other profiles that hold too. */
static const char ours[] = "nsbox-helper (";

int apparmor_leave(int proc, struct fail *f)
{
	static const char leave[] = "changeprofile unconfined";
	OWN_FD int fd = openat(proc, "thread-self/attr/apparmor/current", O_RDWR | O_CLOEXEC);
	char label[sizeof ours - 1];
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT ? 0 : fail(f, errno, "open the AppArmor profile");
	got = pread(fd, label, sizeof label, 0);
	if (got < 0 && errno != EINVAL) /* which says that this kernel could, and does not */
		return fail(f, errno, "read the AppArmor profile");
	if (got != (ssize_t)sizeof label || memcmp(label, ours, sizeof label) != 0)
		return 0;
	if (pwrite(fd, leave, sizeof leave - 1, 0) != (ssize_t)sizeof leave - 1)
		return fail(f, errno, "leave the AppArmor profile of nsbox-helper");
	return 0;
}
