/* SPDX-License-Identifier: BSD-3-Clause */
/* What can be tested without ending the image; the rest is in support/test. */
#include <uk/crash.h>
#include <uk/test.h>

#include <uk/arch/page.h>

#include "../crash_priv.h"

extern uintptr_t __stack_chk_guard;

UK_TEST(crash, test_walk_survives_bad_frames)
{
	uintptr_t loop[2];

	loop[0] = (uintptr_t)loop;
	loop[1] = 0x1234;
	crash_walk(0, 0);
	crash_walk(0, 1);
	crash_walk(0, ~(uintptr_t)0 & ~(sizeof(uintptr_t) - 1));
	crash_walk(0, UK_PAGE_SIZE - sizeof(uintptr_t));
	crash_walk(0, (uintptr_t)loop);
}

UK_TEST(crash, test_backtrace_returns)
{
	uk_backtrace();
}

UK_TEST(crash, test_stack_guard_is_seeded)
{
	UK_EXPECT_EQ(__stack_chk_guard & 0xff, 0);
	UK_EXPECT(__stack_chk_guard != (uintptr_t)0x9d1c6b5ae3f27400);
}
