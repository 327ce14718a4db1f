/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Intel SDM volume 3, "Memory Ordering": among ordinary write-back accesses
 * only a store followed by a load of another address may be reordered, so two
 * of the three need to restrain the compiler alone.
 *
 * Rules: those of <uk/arch/barrier.h>, by which it is included.
 */
#ifndef UK_ARCH_BARRIER_DEF_H
#define UK_ARCH_BARRIER_DEF_H

/* A locked operation on the stack is cheaper than mfence and as strong for
 * write-back memory. Below the stack pointer would be free of a false
 * dependency, but checkers take that for a bug. */
#define uk_arch_mb() \
	__asm__ __volatile__("lock; addl $0, (%%rsp)" ::: "memory", "cc")
#define uk_arch_rmb() __asm__ __volatile__("" ::: "memory")
#define uk_arch_wmb() __asm__ __volatile__("" ::: "memory")

/* In a loop that waits for another CPU */
#define uk_arch_relax() __asm__ __volatile__("pause" ::: "memory")

#endif /* UK_ARCH_BARRIER_DEF_H */
