/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our own mistakes.
 *
 * Rules
 * - uk_bug_on(): always checked: a broken invariant of ours. Crashes the
 *   image with the crash screen.
 * - uk_assert(): the same in debug builds (CONFIG_DEBUG_ASSERT), nothing in
 *   others: its condition must have no side effects.
 * - Data of a peer, a user or a device never reaches either of them.
 */
#ifndef UK_ASSERT_H
#define UK_ASSERT_H

#include <uk/util.h>

/** Implemented by lib/base/crash. */
void uk_bug_at(const char *file, int line, const char *what) uk_noreturn;

#define uk_bug(what) uk_bug_at(__FILE_NAME__, __LINE__, (what))
#define uk_bug_on(cond)							\
	do {								\
		if (uk_unlikely(cond))					\
			uk_bug(#cond);					\
	} while (0)

#ifdef CONFIG_DEBUG_ASSERT
#define uk_assert(cond) uk_bug_on(!(cond))
#else
#define uk_assert(cond) ((void)sizeof((cond) ? 1 : 0))
#endif

#endif /* UK_ASSERT_H */
