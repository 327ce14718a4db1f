/* SPDX-License-Identifier: BSD-3-Clause */
/* Boot phases and when they were reached. */
#include <uk/boot.h>

#include <stdbool.h>
#include <string.h>

#include <uk/param.h>
#include <uk/plat/boot.h>
#include <uk/plat/time.h>
#include <uk/print.h>

#include "boot_priv.h"

#define MAX_STAMPS 8

static struct {
	const char *name;
	uint64_t ns;
} stamps[MAX_STAMPS];

static unsigned int n_stamps;
static bool is_wanted;
static bool is_showing;

UK_PARAM(bootstamps, "bootstamps", UK_PARAM_BOOL, &is_wanted, "print when each boot phase is reached");

static void show(unsigned int i)
{
	uint64_t entry = uk_plat_entry_ns();
	uint64_t before = i ? stamps[i - 1].ns : entry ? entry : stamps[0].ns;
	uint64_t start = entry ? entry : stamps[0].ns;

	uk_console_printf("boot: %-10s %8u us (+%u us)\n", stamps[i].name,
			  (unsigned int)((stamps[i].ns - start) / UK_NSEC_PER_USEC),
			  (unsigned int)((stamps[i].ns - before) / UK_NSEC_PER_USEC));
}

void uk_boot_stamp(const char *name)
{
	for (unsigned int i = 0; i < n_stamps; i++)
		if (!strcmp(stamps[i].name, name))
			return;
	if (n_stamps == MAX_STAMPS)
		return;
	stamps[n_stamps].name = name;
	stamps[n_stamps].ns = uk_plat_mono_ns();
	n_stamps++;
	if (is_showing)
		show(n_stamps - 1);
}

void boot_stamps_show(void)
{
	is_showing = is_wanted;
	for (unsigned int i = 0; is_showing && i < n_stamps; i++)
		show(i);
}
