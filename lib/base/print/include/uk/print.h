/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages: formatted, levelled, kept in a log ring, written to the console.
 *
 * Rules
 * - Callable from anywhere, also before uk_boot() and in event handlers;
 *   never allocates, never blocks beyond the console's own bound.
 * - A message is one line: "<lib>: <object>: <what> (<errno name>)", with the
 *   newline; what does not fit into 255 bytes is cut and ends in "...". Each
 *   line is stamped "[    0.001234] " when LIBPRINT_TIME is set.
 * - Compiled out above CONFIG_LIBPRINT_LEVEL; below it, shown on the console
 *   up to the run-time level (parameter `loglevel=`), and always kept in the
 *   log ring, whose end the crash screen prints.
 */
#ifndef UK_PRINT_H
#define UK_PRINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <uk/util.h>

#define UK_LVL_ERR 0
#define UK_LVL_WARN 1
#define UK_LVL_INFO 2
#define UK_LVL_DEBUG 3

void uk_print(int level, const char *fmt, ...) uk_printf_like(2, 3);

#define uk_print_if_(lvl, ...)						\
	do {								\
		if ((lvl) <= CONFIG_LIBPRINT_LEVEL)			\
			uk_print((lvl), __VA_ARGS__);			\
	} while (0)

#define uk_pr_err(...) uk_print_if_(UK_LVL_ERR, __VA_ARGS__)
#define uk_pr_warn(...) uk_print_if_(UK_LVL_WARN, __VA_ARGS__)
#define uk_pr_info(...) uk_print_if_(UK_LVL_INFO, __VA_ARGS__)
#define uk_pr_debug(...) uk_print_if_(UK_LVL_DEBUG, __VA_ARGS__)

/** Set what reaches the console from now on (UK_LVL_*; -1: nothing). */
void uk_print_set_level(int level);

/** Format straight to the console: no level, no stamp, no log ring; the same
 *  bound of 255 bytes. */
void uk_console_printf(const char *fmt, ...) uk_printf_like(1, 2);

/**
 * The formatter: as C11 vsnprintf for  - + # 0 space, width, precision, `*`,
 * hh h l ll j z t,  d i u x X o c s p %. No floating point, no %n.
 * @return length without bound, as C11 says.
 */
int uk_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
	uk_printf_like(3, 0);
int uk_snprintf(char *buf, size_t size, const char *fmt, ...)
	uk_printf_like(3, 4);

/** Name of an error number: "ENOENT" for 2 or -2; "E250" when it has none or
 *  LIBPRINT_ERRNAMES is off (then good until the next call). */
const char *uk_errname(int err);

/**
 * Copy the last whole lines of the log ring, at most @size - 1 bytes, into
 * @buf, NUL-terminated. @return length.
 */
size_t uk_log_tail(char *buf, size_t size);

bool uk_log_is_empty(void);

/** Write the last @lines lines of the log ring to the console. */
void uk_log_dump(unsigned int lines);

#endif /* UK_PRINT_H */
