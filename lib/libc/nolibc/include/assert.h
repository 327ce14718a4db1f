/* SPDX-License-Identifier: BSD-3-Clause */
/* A failed assert() crashes the image with the crash screen. NDEBUG as in C. */
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
