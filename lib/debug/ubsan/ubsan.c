/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What code compiled with -fsanitize=undefined calls. The first argument of
 * each handler starts with the place in the source, which with the kind is all
 * that is shown; the others (operands, type names) are left where they are.
 * Each place reports once: it is marked in its own record, which is writable.
 */
#include <uk/ubsan.h>

#include <stdbool.h>
#include <stdint.h>

#include <uk/crash.h>
#include <uk/print.h>

struct place {
	const char *file;
	uint32_t line;
	uint32_t column;
};

#define COLUMN_SEEN 0xffffffffu

static unsigned int count;

unsigned int uk_ubsan_count(void)
{
	return count;
}

static void report(struct place *at, const char *what, bool is_fatal)
{
	uint32_t column = at->column;

	if (column == COLUMN_SEEN && !is_fatal)
		return;
	at->column = COLUMN_SEEN;
	count++;
	if (is_fatal || IS_ENABLED(CONFIG_LIBUBSAN_STOP))
		uk_crash(NULL, 0, "undefined behaviour: %s:%u:%u: %s", at->file, at->line, column,
			 what);
	uk_pr_err("ubsan: %s:%u:%u: %s\n", at->file, at->line, column, what);
	if (IS_ENABLED(CONFIG_LIBUBSAN_BACKTRACE))
		uk_backtrace();
}

#define HANDLER(name, what)						\
	void __ubsan_handle_##name(struct place *at);			\
	void __ubsan_handle_##name(struct place *at)			\
	{								\
		report(at, what, false);				\
	}

#define FATAL_HANDLER(name, what)					\
	void __ubsan_handle_##name(struct place *at) uk_noreturn;	\
	void __ubsan_handle_##name(struct place *at)			\
	{								\
		report(at, what, true);					\
		__builtin_unreachable();				\
	}

HANDLER(add_overflow, "addition overflows")
HANDLER(sub_overflow, "subtraction overflows")
HANDLER(mul_overflow, "multiplication overflows")
HANDLER(negate_overflow, "negation overflows")
HANDLER(divrem_overflow, "division by zero or overflow")
HANDLER(shift_out_of_bounds, "shift out of range")
HANDLER(out_of_bounds, "index out of bounds")
HANDLER(pointer_overflow, "pointer arithmetic overflows")
HANDLER(type_mismatch_v1, "null or misaligned pointer, or object too small")
HANDLER(vla_bound_not_positive, "array of no positive size")
HANDLER(load_invalid_value, "value that its type does not have")
HANDLER(nonnull_arg, "null for an argument that must not be")
HANDLER(invalid_builtin, "zero for a builtin that does not take it")
FATAL_HANDLER(builtin_unreachable, "unreachable code was reached")
FATAL_HANDLER(missing_return, "end of a function without a return value")

/* The one whose place comes second */
void __ubsan_handle_nonnull_return_v1(void *data, struct place *at);
void __ubsan_handle_nonnull_return_v1(void *data uk_unused, struct place *at)
{
	report(at, "null returned where it must not be", false);
}
