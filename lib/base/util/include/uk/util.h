/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Small macros that everybody needs.
 *
 * Rules
 * - Constants and expressions only: any context, before main() too, no errors.
 * - UK_MIN() and UK_MAX() evaluate each argument once, and compare them in their own
 *   types: signed and unsigned together are warned of. The others may evaluate theirs
 *   more than once: nothing with an effect.
 */
#ifndef UK_UTIL_H
#define UK_UTIL_H

#include <stddef.h>
#include <stdint.h>

#define UK_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define UK_MIN(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b);	\
			a_ < b_ ? a_ : b_; })
#define UK_MAX(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b);	\
			a_ > b_ ? a_ : b_; })
/* @align: a power of two */
#define UK_ALIGN_UP(x, align) \
	(((x) + ((__typeof__(x))(align) - 1)) & ~((__typeof__(x))(align) - 1))
#define UK_ALIGN_DOWN(x, align) ((x) & ~((__typeof__(x))(align) - 1))
#define UK_DIV_ROUND_UP(x, y) (((x) + (y) - 1) / (y))
#define UK_CONTAINER_OF(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define UK_STRINGIFY_(x) #x
#define UK_STRINGIFY(x) UK_STRINGIFY_(x)

/* Places an object in table @name of the image, sorted by @key; the linker
 * script makes an array of it. The alignment is said because the compiler
 * would choose a larger one for speed, and leave gaps in the array; clang's
 * address sanitizer would leave some too (GCC's keeps off such sections). */
#ifdef __clang__
#define uk_no_red_zone_ __attribute__((no_sanitize("address")))
#else
#define uk_no_red_zone_
#endif
#define uk_table_entry(name, key) uk_no_red_zone_ \
	__attribute__((used, aligned(sizeof(void *)), section(".uk_" #name "." key)))

#define uk_noreturn __attribute__((noreturn))
#define uk_packed __attribute__((packed))
#define uk_aligned(n) __attribute__((aligned(n)))
#define uk_printf_like(f, a) __attribute__((format(printf, f, a)))
#define uk_unused __attribute__((unused))
#define uk_weak __attribute__((weak))
#define uk_warn_unused __attribute__((warn_unused_result))
#define uk_likely(x) __builtin_expect(!!(x), 1)
#define uk_unlikely(x) __builtin_expect(!!(x), 0)

/* IS_ENABLED(CONFIG_X): 1 when X is y, else 0, in C expressions. */
#define UK_CFG_PLACE_1 0,
#define UK_CFG_SECOND_(ignored, val, ...) val
#define UK_CFG_IS_(arg1_or_junk) UK_CFG_SECOND_(arg1_or_junk 1, 0)
#define UK_CFG_IS(val) UK_CFG_IS_(UK_CFG_PLACE_##val)
#define IS_ENABLED(option) UK_CFG_IS(option)

#define UK_NSEC_PER_SEC 1000000000ULL
#define UK_NSEC_PER_MSEC 1000000ULL
#define UK_NSEC_PER_USEC 1000ULL

#endif /* UK_UTIL_H */
