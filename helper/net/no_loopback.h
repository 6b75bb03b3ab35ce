/* SPDX-License-Identifier: MIT */
/* runs as: root. A network namespace from which no packet for a loopback address leaves. */
#ifndef NSBOX_NO_LOOPBACK_H
#define NSBOX_NO_LOOPBACK_H

#include "conf/fail.h"

/*
 * A socket that was bound to another interface (SO_BINDTODEVICE, which anyone may) sends packets for 127.0.0.1 and
 * ::1 out there, whatever the routes say, and the pasta of 2023 connects to where it reads that they go: to the
 * host's own loopback. So they are dropped before they leave, by a table of nftables, which nothing in the box can
 * take away. The caller has one thread and goes there and back: should this fail, it may not be where it was, and is
 * to end.
 */
int no_loopback(int netns, struct fail *f);

#endif
