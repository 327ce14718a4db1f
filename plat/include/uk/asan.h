/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What allocators and the scheduler tell the address sanitizer.
 *
 * Rules
 * - Without CONFIG_SAN_ADDRESS all of it is empty.
 * - An allocator poisons what it holds and unpoisons what it hands out; bytes
 *   that it touches itself (headers, free lists) must be unpoisoned then. The
 *   sanitizer's granule is 8 bytes: a poisoned range grows to no neighbour,
 *   so start red zones on a multiple of 8.
 * - Around each context switch the scheduler calls uk_asan_switch() and, as
 *   the first thing on the other stack (also on a new one),
 *   uk_asan_switched().
 */
#ifndef UK_ASAN_H
#define UK_ASAN_H

#include <stddef.h>

#ifdef CONFIG_SAN_ADDRESS

void __asan_poison_memory_region(const volatile void *p, size_t len);
void __asan_unpoison_memory_region(const volatile void *p, size_t len);
void __sanitizer_start_switch_fiber(void **fake_stack, const void *bottom,
				    size_t len);
void __sanitizer_finish_switch_fiber(void *fake_stack, const void **bottom,
				     size_t *len);

/** [@p, @p + @len_bytes) must not be touched until it is unpoisoned. */
static inline void uk_asan_poison(const volatile void *p, size_t len_bytes)
{
	__asan_poison_memory_region(p, len_bytes);
}

/** [@p, @p + @len_bytes) may be touched, also where a dead stack frame left
 *  its marks: call it for all memory that changes its user. */
static inline void uk_asan_unpoison(const volatile void *p, size_t len_bytes)
{
	__asan_unpoison_memory_region(p, len_bytes);
}

/**
 * Next comes uk_arch_ctx_switch() to the stack [@bottom, @bottom + @len_bytes).
 * @fake_stack: set to what uk_asan_switched() wants when the calling context
 *	goes on; NULL when it never does.
 */
static inline void uk_asan_switch(void **fake_stack, const void *bottom,
				  size_t len_bytes)
{
	__sanitizer_start_switch_fiber(fake_stack, bottom, len_bytes);
}

/** @fake_stack: as saved when this context was left; NULL on a new stack.
 *  @bottom, @len_bytes: set to the stack that was left; may be NULL. */
static inline void uk_asan_switched_from(void *fake_stack, const void **bottom,
					 size_t *len_bytes)
{
	__sanitizer_finish_switch_fiber(fake_stack, bottom, len_bytes);
}

#else

static inline void uk_asan_poison(const volatile void *p, size_t len_bytes)
{
	(void)p;
	(void)len_bytes;
}

static inline void uk_asan_unpoison(const volatile void *p, size_t len_bytes)
{
	(void)p;
	(void)len_bytes;
}

static inline void uk_asan_switch(void **fake_stack, const void *bottom,
				  size_t len_bytes)
{
	(void)fake_stack;
	(void)bottom;
	(void)len_bytes;
}

static inline void uk_asan_switched_from(void *fake_stack, const void **bottom,
					 size_t *len_bytes)
{
	(void)fake_stack;
	(void)bottom;
	(void)len_bytes;
}

#endif

static inline void uk_asan_switched(void *fake_stack)
{
	uk_asan_switched_from(fake_stack, NULL, NULL);
}

#endif /* UK_ASAN_H */
