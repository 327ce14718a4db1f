/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For sources from elsewhere; ours have uk_assert() and uk_bug_on().
 *
 * Rules
 * - A failed assert() crashes the image with the crash screen, in any context. Without
 *   NDEBUG it is always on, whatever DEBUG_ASSERT says; with it, the condition is not
 *   evaluated, as in C.
 */
#undef assert

#ifdef NDEBUG
#define assert(cond) ((void)0)
#else
#include <uk/assert.h>
#define assert(cond) \
	((void)((cond) || (uk_bug_at(__FILE_NAME__, __LINE__, #cond), 0)))
#endif

#ifndef static_assert
#define static_assert _Static_assert
#endif
