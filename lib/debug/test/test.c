/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs the tests of an image one after the other, each in a thread, and prints
 * TAP version 13. What goes wrong is said in a comment before the test's line.
 * A test that blocks past its time is abandoned with its thread.
 */
#include <uk/test.h>

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <uk/plat/time.h>
#include <uk/print.h>
#include <uk/thread.h>
#include <uk/wait.h>

extern const struct uk_test uk_testtab_start[], uk_testtab_end[];

/* Worst last */
enum result {
	RESULT_OK,
	RESULT_SKIP,
	RESULT_ERROR,
	RESULT_FAILED,
};

static enum result result;
static char skip_reason[80];
static bool is_done;
static struct uk_wait_queue done_wq;

static void say(const char *file, int line, const char *fmt, va_list ap)
{
	char msg[200];

	uk_vsnprintf(msg, sizeof(msg), fmt, ap);
	if (file)
		uk_console_printf("# %s:%d: %s\n", file, line, msg);
	else
		uk_console_printf("# %s\n", msg);
}

static void worsen(enum result r)
{
	result = UK_MAX(result, r);
}

void uk_test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(file, line, fmt, ap);
	va_end(ap);
	worsen(RESULT_FAILED);
}

void uk_test_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(NULL, 0, fmt, ap);
	va_end(ap);
	worsen(RESULT_ERROR);
}

void uk_test_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	uk_vsnprintf(skip_reason, sizeof(skip_reason), fmt, ap);
	va_end(ap);
	worsen(RESULT_SKIP);
}

bool uk_test_expect_str(const char *file, int line, const char *what, const char *got,
			const char *want)
{
	if (got && !strcmp(got, want))
		return true;
	uk_test_fail(file, line, "%s: \"%s\", expected \"%s\"", what, got ? got : "(null)", want);
	return false;
}

/* "suite" or "suite.name" */
static bool is_selected(const struct uk_test *t, const char *filter)
{
	size_t n = strlen(t->suite);

	if (!filter)
		return true;
	if (strncmp(filter, t->suite, n))
		return false;
	return !filter[n] || (filter[n] == '.' && !strcmp(filter + n + 1, t->name));
}

static void test_thread(void *arg)
{
	const struct uk_test *t = arg;

	t->fn();
	is_done = true;
	uk_wait_wake_one(&done_wq);
}

static void run(const struct uk_test *t)
{
	uint64_t deadline = uk_plat_mono_ns() + CONFIG_LIBTEST_TIMEOUT_S * UK_NSEC_PER_SEC;

	result = RESULT_OK;
	is_done = false;
	if (!uk_thread_create(t->name, test_thread, (void *)(uintptr_t)t,
			      CONFIG_LIBTEST_STACK_KB * (size_t)1024)) {
		uk_test_error("no memory for a thread");
		return;
	}
	if (uk_wait_event_until(&done_wq, is_done, deadline))
		uk_test_fail(__FILE_NAME__, __LINE__, "blocked for more than %d s",
			     CONFIG_LIBTEST_TIMEOUT_S);
}

static void report(unsigned int n, const struct uk_test *t)
{
	uk_console_printf("%sok %u - %s.%s%s%s\n", result >= RESULT_ERROR ? "not " : "", n,
			  t->suite, t->name,
			  result == RESULT_SKIP	   ? " # SKIP "
			  : result == RESULT_ERROR ? " # error in the test"
						   : "",
			  result == RESULT_SKIP ? skip_reason : "");
}

int uk_test_run(const char *filter)
{
	unsigned int total = 0, n = 0;
	int failures = 0;

	uk_wait_init(&done_wq);
	for (const struct uk_test *t = uk_testtab_start; t < uk_testtab_end; t++)
		total += is_selected(t, filter);
	uk_console_printf("TAP version 13\n1..%u\n", total);
	if (!total) {
		uk_console_printf("Bail out! no test matches %s\n", filter ? filter : "");
		return 1;
	}
	for (const struct uk_test *t = uk_testtab_start; t < uk_testtab_end; t++) {
		if (!is_selected(t, filter))
			continue;
		run(t);
		report(++n, t);
		failures += result >= RESULT_ERROR;
	}
	return failures;
}
