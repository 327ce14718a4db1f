/* SPDX-License-Identifier: BSD-3-Clause */
/* Nodes of a directory, whoever's it is. */
#include <uk/xen/frontsim.h>

#include <string.h>

#include <uk/print.h>
#include <uk/thread.h>

#define FIRST_POLL_NS (200 * UK_NSEC_PER_USEC)
#define LAST_POLL_NS (5 * UK_NSEC_PER_MSEC)

void uk_frontsim_vwrite(const char *dir, const char *node, const char *fmt, va_list ap)
{
	char path[128], value[192];

	uk_vsnprintf(value, sizeof(value), fmt, ap);
	uk_snprintf(path, sizeof(path), "%s/%s", dir, node);
	uk_xensim_xs_write(path, value);
}

bool uk_frontsim_wait_in(const char *dir, const char *node, const char *value)
{
	uint64_t end = uk_plat_mono_ns() + UK_FRONTSIM_PATIENCE_NS, poll_ns = FIRST_POLL_NS;
	char path[128], got[64];
	int n;

	uk_snprintf(path, sizeof(path), "%s/%s", dir, node);
	do {
		n = uk_xensim_xs_read(path, got, sizeof(got));
		if (value ? n >= 0 && !strcmp(got, value) : n < 0)
			return true;
		uk_thread_sleep_ns(poll_ns);
		poll_ns = UK_MIN(2 * poll_ns, LAST_POLL_NS);
	} while (uk_plat_mono_ns() < end);
	uk_console_printf("# %s is %s, not %s\n", path, n < 0 ? "absent" : got,
			  value ? value : "absent");
	return false;
}
