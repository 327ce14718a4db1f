/* SPDX-License-Identifier: BSD-3-Clause */
#include <uk/@ident@.h>
#include <uk/test.h>

#include <errno.h>
#include <limits.h>

UK_TEST(@ident@, test_add_sums)
{
	UK_EXPECT_EQ(uk_@ident@_add(2, 3), 5);
}

UK_TEST(@ident@, test_add_overflow_is_refused)
{
	UK_EXPECT_EQ(uk_@ident@_add(INT_MAX, 1), -ERANGE);
}
