/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/@ident@.h>

#include <errno.h>

int uk_@ident@_add(int a, int b)
{
	int sum;

	return __builtin_add_overflow(a, b, &sum) ? -ERANGE : sum;
}
