/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <uk/print.h>

char *strerror(int err)
{
	return (char *)uk_errname(err);
}
