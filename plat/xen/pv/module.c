/* SPDX-License-Identifier: BSD-3-Clause */
/* xl's `ramdisk=`: one module, behind the image. */
#include <uk/plat/boot.h>

#include <errno.h>

#include "pv_priv.h"

int uk_plat_boot_module(unsigned int i, void **base, size_t *len_bytes)
{
	const struct start_info *si = xenpv_start_info;

	if (i || !si->mod_start || !si->mod_len)
		return -ENOENT;
	*base = (void *)si->mod_start;
	*len_bytes = si->mod_len;
	return 0;
}
