/* SPDX-License-Identifier: BSD-3-Clause */
/* Says in the log, once each, which calls a program asks for in vain. */
#include <uk/syscall.h>

#include <errno.h>
#include <stdint.h>

#include <uk/print.h>

static const char *const names[] = {
#include "names.inc"
};

long uk_syscall_missing(long nr)
{
	static uint32_t seen[UK_DIV_ROUND_UP(UK_ARRAY_SIZE(names), 32)];

	if (nr < 0 || (unsigned long)nr >= UK_ARRAY_SIZE(names) || !names[nr]) {
		uk_pr_debug("syscall: number %ld is unknown\n", nr);
		return -ENOSYS;
	}
	if (!(seen[nr / 32] & UINT32_C(1) << nr % 32)) {
		seen[nr / 32] |= UINT32_C(1) << nr % 32;
		uk_pr_warn("syscall: %s is not in this image\n", names[nr]);
	}
	return -ENOSYS;
}
