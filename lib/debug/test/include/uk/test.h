/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Unit tests inside an image.
 *
 * Rules
 * - A test is UK_TEST(suite, test_what_expected) { … }. Its result is the
 *   worst of what it says: success, skip (with a reason), error (the test is
 *   broken), failure (the subject is).
 * - apps/unittest runs all of an image in link order, each in a thread of its
 *   own, and prints TAP version 13; a crash fails the run. `-- suite` or
 *   `-- suite.test` on the command line selects.
 */
#ifndef UK_TEST_H
#define UK_TEST_H

#include <stdbool.h>
#include <stddef.h>

#include <uk/util.h>

struct uk_test {
	const char *suite;
	const char *name;
	void (*fn)(void);
};

#define UK_TEST(tsuite, tname)						\
	static void tname(void);					\
	static const struct uk_test uk_test_##tsuite##_##tname		\
	uk_table_entry(testtab, #tsuite "." #tname) = {			\
		.suite = #tsuite, .name = #tname, .fn = tname };	\
	static void tname(void)

void uk_test_fail(const char *file, int line, const char *fmt, ...)
	uk_printf_like(3, 4);
/** The test could not be done: what it needs could not be had. */
void uk_test_error(const char *fmt, ...) uk_printf_like(1, 2);
void uk_test_skip(const char *fmt, ...) uk_printf_like(1, 2);

/** Check and go on. Value: the condition. */
#define UK_EXPECT(cond)							\
	({								\
		bool ok_ = !!(cond);					\
		if (!ok_)						\
			uk_test_fail(__FILE_NAME__, __LINE__, "%s", #cond); \
		ok_;							\
	})

/** Integers are equal; on failure both are shown. Value: whether. */
#define UK_EXPECT_EQ(a, b)						\
	({								\
		long long va_ = (long long)(a), vb_ = (long long)(b);	\
		if (va_ != vb_)						\
			uk_test_fail(__FILE_NAME__, __LINE__,		\
				     "%s == %s: %lld (0x%llx) != %lld (0x%llx)", \
				     #a, #b, va_, (unsigned long long)va_,	\
				     vb_, (unsigned long long)vb_);	\
		va_ == vb_;						\
	})

#define UK_EXPECT_STR(a, b) \
	uk_test_expect_str(__FILE_NAME__, __LINE__, #a, (a), (b))
bool uk_test_expect_str(const char *file, int line, const char *what,
			const char *got, const char *want);

/** Run tests that match @filter (NULL: all), print TAP.
 *  @return number of failures and errors. */
int uk_test_run(const char *filter);

#endif /* UK_TEST_H */
