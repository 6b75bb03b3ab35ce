/* SPDX-License-Identifier: MIT */
/* runs as: root. The host forwards what boxes send: net.ipv4.ip_forward, net.ipv6.conf.all.forwarding. */
#ifndef NSBOX_NET_FORWARDING_H
#define NSBOX_NET_FORWARDING_H

#include <stdbool.h>

#include "conf/fail.h"

/* Is it off? Asked before the rules are made, which come before it is switched on. */
int forwarding_is_off(int proc, bool *off_4, bool *off_6, struct fail *f);

/*
 * Switches it on. With IPv6 a host that forwards would no longer listen to router
 * advertisements, by which it may have its own address and default route: interfaces that did so are told to go on
 * (accept_ra = 2, ip-sysctl). A host without IPv6 is no failure.
 */
int forwarding_on(int proc, struct fail *f);

/* Switches off what was switched on. accept_ra stays: a host that does not forward takes 2 for 1. */
int forwarding_off(int proc, bool switched_4, bool switched_6, struct fail *f);

/* Has the host IPv6, and has not switched it off? */
bool forwarding_has_6(int proc);

#endif
