/* SPDX-License-Identifier: MIT */
/* runs as: root. For tests: a record as the helper would write it. */
#ifndef NSBOX_UNIT_RECORD_H
#define NSBOX_UNIT_RECORD_H

#include <stdio.h>

#include "helper/record.h"

static inline struct record good_record(unsigned number)
{
	struct record r = {
		.number = number,
		.created = 1700000000,
		.service = "sshd",
		.from = "2001:db8::1",
		.pid = 4321,
		.start = 987654,
		.userns = 4026532001,
		.devpts = 77,
		.home_dev = 78,
		.real_home = "/home/ada",
		.network = "nat",
		.slot = 4,
		.address = "10.189.0.5",
		.ports = "20000-20009,8080",
		.filter = FILTER_DEFAULT,
		.root_uid = 100000,
		.root_gid = 200000,
		.owner = { .uid = 1001, .gid = 1002, .name = "ada", .home = "/home/ada", .shell = "/bin/bash",
			   .groups = { 1002, 27, 4294967294 }, .group_count = 3 },
	};

	(void)snprintf(r.box, sizeof r.box, "ada-%u", number);
	return r;
}

#endif
